//! A start for each letter, so that the watcher's clock has to be right for one letter only.
//!
//! A byte takes eleven slots: a start slot, lit; eight bits; a parity slot; a stop slot, dark. This
//! is how serial lines have sent bytes since the teleprinters, there with the least significant bit
//! first.

use std::fmt;
use std::time::Duration;

use crate::lamp::{Pulses, Watcher, bits, byte};

/// How many slots a byte takes.
pub const SLOTS: usize = 11;

/// The place of the parity slot among them.
const PARITY: usize = 9;

/// The place of the stop slot.
const STOP: usize = 10;

/// The slots of one byte.
pub fn letter(byte: u8) -> [bool; SLOTS] {
    let mut slots = [false; SLOTS];
    slots[0] = true;
    slots[1..PARITY].copy_from_slice(&bits(byte));
    slots[PARITY] = parity(byte);
    slots
}

/// Lit where the number of lit bits is odd, so that together with it the number is even.
pub fn parity(byte: u8) -> bool {
    byte.count_ones() % 2 == 1
}

/// Bytes as letters, one directly after the other.
pub fn letters(bytes: &[u8]) -> Pulses {
    Pulses(bytes.iter().copied().flat_map(letter).collect())
}

/// What is wrong with a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The light at its start was gone in the middle of the slot.
    Start,
    /// The number of lit slots is odd.
    Parity,
    /// The stop slot is lit.
    Stop,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Damage::Start => "no start slot",
            Damage::Parity => "wrong parity",
            Damage::Stop => "no stop slot",
        })
    }
}

/// A letter as a watcher sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When its light began.
    pub start: Duration,
    /// What was seen in the middle of each slot.
    pub slots: [bool; SLOTS],
}

impl Seen {
    /// The eight bits, whatever the other slots say.
    pub fn bits(&self) -> u8 {
        byte(std::array::from_fn(|bit| self.slots[1 + bit]))
    }

    /// The byte.
    ///
    /// # Errors
    /// What is wrong with it: the start slot, or else the stop slot, or else the parity.
    pub fn byte(&self) -> Result<u8, Damage> {
        let byte = self.bits();
        match self.slots {
            [false, ..] => Err(Damage::Start),
            [.., true] => Err(Damage::Stop),
            [.., check, _] if check != parity(byte) => Err(Damage::Parity),
            _ => Ok(byte),
        }
    }

    /// When the watcher looked at the stop slot: from then on it waits for the next letter.
    pub fn end(&self, watcher: Watcher) -> Duration {
        watcher.middle(self.start, STOP)
    }
}

impl Watcher {
    /// The next letter from the moment `from` on. The watcher counts its slots anew from there.
    pub fn next_letter(self, pulses: &Pulses, from: Duration) -> Option<Seen> {
        let start = pulses.next_lit(from)?;
        let slots = std::array::from_fn(|nth| pulses.is_lit(self.middle(start, nth)));
        Some(Seen { start, slots })
    }

    /// Every letter, damaged or not.
    pub fn read_letters(self, pulses: &Pulses) -> Vec<Seen> {
        let first = self.next_letter(pulses, Duration::ZERO);
        std::iter::successors(first, |seen| self.next_letter(pulses, seen.end(self))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(percent_fast: i32, bytes: &[u8]) -> Vec<Result<u8, Damage>> {
        let seen = Watcher::new(percent_fast).read_letters(&letters(bytes));
        seen.iter().map(Seen::byte).collect()
    }

    #[test]
    fn every_byte_is_read_by_clocks_up_to_four_percent_wrong() {
        let every_byte: Vec<u8> = (0..=255).collect();
        for percent in -4..=4 {
            let all: Result<Vec<u8>, Damage> = read(percent, &every_byte).into_iter().collect();
            assert_eq!(all.as_ref(), Ok(&every_byte), "{percent} %");
        }
        // Half a slot of eleven: the stop slot is not where the watcher looks.
        for percent in [-6, 6] {
            assert!(read(percent, &every_byte).iter().any(Result::is_err), "{percent} %");
        }
    }

    #[test]
    fn one_flipped_slot_of_the_nine_is_noticed() {
        for flipped in 1..=PARITY {
            let mut slots = letter(b'H');
            slots[flipped] ^= true;
            let seen = Seen { start: Duration::ZERO, slots };
            assert_eq!(seen.byte(), Err(Damage::Parity), "slot {flipped}");
        }
    }

    #[test]
    fn of_several_damages_the_start_and_then_the_stop_is_named() {
        let damaged = |flipped: &[usize]| {
            let mut slots = letter(b'H');
            flipped.iter().for_each(|slot| slots[*slot] ^= true);
            Seen { start: Duration::ZERO, slots }.byte()
        };
        assert_eq!(damaged(&[]), Ok(b'H'));
        assert_eq!(damaged(&[0, PARITY, STOP]), Err(Damage::Start));
        assert_eq!(damaged(&[PARITY, STOP]), Err(Damage::Stop));
        assert_eq!(damaged(&[0]), Err(Damage::Start));
    }

    #[test]
    fn the_dark_between_letters_may_have_any_length() {
        for gap in 0..30 {
            let slots = [&letter(b'H')[..], &vec![false; gap], &letter(b'i')].concat();
            let seen = Watcher::new(3).read_letters(&Pulses(slots));
            assert_eq!(seen.iter().map(Seen::byte).collect::<Vec<_>>(), [Ok(b'H'), Ok(b'i')]);
        }
    }
}
