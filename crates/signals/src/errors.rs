//! Which changes of a message a check notices: every one is made, and counted.

use crate::frame::crc8;
use crate::lamp::bits;
use crate::letters::parity;

/// The message.
pub const MESSAGE: [u8; 5] = *b"Hello";

/// How many bits a letter has with its parity.
const LETTER: usize = 9;

/// Ways to change a message, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// How many there are.
    pub tried: u64,
    /// How many the check took for a good message.
    pub got_past: u64,
}

/// Flips `flips` of the message's 45 bits, in every way, when each letter has a parity bit.
///
/// # Panics
/// If `flips` is not from 1 to 45.
pub fn with_parity(flips: u32) -> Tried {
    let with_parity = |letter| bits(letter).into_iter().chain([parity(letter)]);
    let message = binary(MESSAGE.into_iter().flat_map(with_parity));
    let is_even = |bits: u64, letter: usize| {
        (bits >> (LETTER * letter) & ((1 << LETTER) - 1)).count_ones().is_multiple_of(2)
    };
    let believes = |bits| (0..MESSAGE.len()).all(|letter| is_even(bits, letter));
    try_all(message, LETTER * MESSAGE.len(), flips, believes)
}

/// Flips `flips` of the message's 48 bits, in every way, when a CRC of eight bits follows the last
/// letter.
///
/// # Panics
/// If `flips` is not from 1 to 48.
pub fn with_crc(flips: u32) -> Tried {
    let message = binary(MESSAGE.into_iter().chain([crc8(&MESSAGE)]).flat_map(bits));
    // The zeros before the message leave its remainder as it is.
    let believes = |bits: u64| crc8(&bits.to_be_bytes()) == 0;
    try_all(message, 8 * (MESSAGE.len() + 1), flips, believes)
}

/// The number that is written with these bits.
fn binary(bits: impl Iterator<Item = bool>) -> u64 {
    bits.fold(0, |number, bit| 2 * number + u64::from(bit))
}

/// Flips `flips` of the lowest `length` bits of the message in every way.
fn try_all(message: u64, length: usize, flips: u32, believes: impl Fn(u64) -> bool) -> Tried {
    assert!((1..=length as u32).contains(&flips), "1 to {length} bits can be flipped");
    assert!(believes(message), "the check accepts what was sent");
    let mut tried = Tried::default();
    let mut flipped = (1_u64 << flips) - 1;
    while flipped < 1 << length {
        tried.tried += 1;
        tried.got_past += u64::from(believes(message ^ flipped));
        flipped = next_with_as_many_ones(flipped);
    }
    tried
}

/// The next larger number with as many bits set, of one that is not 0 (R. W. Gosper, in Beeler,
/// Gosper, Schroeppel, HAKMEM, 1972, item 175).
fn next_with_as_many_ones(number: u64) -> u64 {
    let lowest = number & number.wrapping_neg();
    let carried = number + lowest;
    carried + ((number ^ carried) >> (2 + lowest.trailing_zeros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_of_bits_is_tried_once() {
        // 45 and 48 bits: one of them, two of them.
        assert_eq!([1, 2].map(|flips| with_parity(flips).tried), [45, 45 * 44 / 2]);
        assert_eq!([1, 2].map(|flips| with_crc(flips).tried), [48, 48 * 47 / 2]);
        assert_eq!(with_crc(4).tried, 48 * 47 * 46 * 45 / 24);
        assert_eq!((with_parity(45).tried, with_crc(48).tried), (1, 1));
    }

    #[test]
    fn bits_are_written_as_a_number() {
        assert_eq!(binary([true, false, true, true].into_iter()), 0b1011);
    }

    #[test]
    fn a_number_of_flips_that_is_impossible_is_refused() {
        for (check, flips) in [(with_parity as fn(u32) -> Tried, 46), (with_crc, 49)] {
            for flips in [0, flips, 64, u32::MAX] {
                let refused = std::panic::catch_unwind(|| check(flips)).expect_err("it panics");
                assert!(refused.is::<String>(), "{flips}: the message names the range");
            }
        }
    }

    /// Two flips in one letter of nine bits: 36 pairs, in five letters.
    #[test]
    fn parity_misses_two_flips_of_one_letter_and_no_others() {
        assert_eq!(with_parity(1).got_past, 0);
        assert_eq!(with_parity(2).got_past, 5 * 36);
    }

    /// The polynomial has an even number of terms, so every odd number of flips is noticed; two are
    /// while they are less than 127 bits apart.
    #[test]
    fn a_crc_notices_up_to_three_flips() {
        assert_eq!([1, 2, 3].map(|flips| with_crc(flips).got_past), [0, 0, 0]);
        let four = with_crc(4);
        assert!(four.got_past > 0 && four.got_past < four.tried / 100, "{four:?}");
    }
}
