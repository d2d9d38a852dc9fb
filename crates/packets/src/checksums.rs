//! What the Internet checksum notices, and what gets past it: every small change is tried.

use internet::packet::{self, IPV4_HEADER, datagram};

use crate::world::{LAPTOP, SERVER};

/// The message whose packet is changed: from account 10 to account 99.
pub const MESSAGE: &str = "from10to99";

/// Where the message begins in the packet.
const START: usize = IPV4_HEADER + 8;

/// How many changes of a kind were tried, and how many the checksums noticed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// How many.
    pub tried: usize,
    /// How many were noticed.
    pub noticed: usize,
    /// A message that the receiver took for right, though it is another.
    pub believed: Option<String>,
}

impl Tried {
    /// How many got past.
    pub fn missed(&self) -> usize {
        self.tried - self.noticed
    }

    fn with(mut self, changed: &[u8]) -> Tried {
        self.tried += 1;
        if packet::transport_checksum_holds(changed) {
            let message = String::from_utf8_lossy(&changed[START..]).into_owned();
            self.believed = self.believed.or(Some(message));
        } else {
            self.noticed += 1;
        }
        self
    }
}

fn sent() -> Vec<u8> {
    datagram(LAPTOP, SERVER, 64, (50_000, 7), MESSAGE.as_bytes())
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 0x80 >> (bit % 8);
}

/// Every bit of the packet, flipped alone.
pub fn one_bit() -> Tried {
    let sent = sent();
    (0..8 * sent.len()).fold(Tried::default(), |tried, bit| {
        let mut changed = sent.clone();
        flip(&mut changed, bit);
        tried.with(&changed)
    })
}

/// Every two bits of the message, flipped together.
pub fn two_bits() -> Tried {
    let sent = sent();
    let bits = 8 * START..8 * sent.len();
    let pairs =
        bits.clone().flat_map(|first| (first + 1..bits.end).map(move |second| (first, second)));
    pairs.fold(Tried::default(), |tried, (first, second)| {
        let mut changed = sent.clone();
        flip(&mut changed, first);
        flip(&mut changed, second);
        tried.with(&changed)
    })
}

/// Every two 16-bit words of the message, swapped. The message has no two that are equal.
pub fn swapped_words() -> Tried {
    let sent = sent();
    let words = MESSAGE.len() / 2;
    let pairs = (0..words).flat_map(|first| (first + 1..words).map(move |second| (first, second)));
    // The one that a reader understands best comes first: the two account numbers.
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by_key(|pair| *pair != (2, 4));
    pairs.into_iter().fold(Tried::default(), |tried, (first, second)| {
        let mut changed = sent.clone();
        for byte in 0..2 {
            changed.swap(START + 2 * first + byte, START + 2 * second + byte);
        }
        tried.with(&changed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_single_bit_gets_past() {
        let tried = one_bit();
        assert_eq!((tried.tried, tried.noticed), (8 * 38, 8 * 38));
        assert_eq!(tried.believed, None);
    }

    #[test]
    fn two_bits_in_one_column_get_past_where_one_rises_and_one_falls() {
        let tried = two_bits();
        assert_eq!(tried.tried, 80 * 79 / 2);
        // Counted another way: two words, a column of theirs, and different bits in it.
        let words: Vec<u16> = MESSAGE
            .as_bytes()
            .chunks(2)
            .map(|word| u16::from_be_bytes([word[0], word[1]]))
            .collect();
        let mut expected = 0;
        for (place, first) in words.iter().enumerate() {
            for second in &words[place + 1..] {
                expected += (first ^ second).count_ones() as usize;
            }
        }
        assert_eq!(tried.missed(), expected);
    }

    #[test]
    fn every_swap_of_two_words_gets_past() {
        let tried = swapped_words();
        assert_eq!((tried.tried, tried.noticed), (10, 0));
        assert_eq!(tried.believed.as_deref(), Some("from99to10"));
    }
}
