//! The numbers and the bytes that are tried, and what is right for each.

use std::iter;

use super::VarintError;
use super::observe::Answer;
use crate::{hex, plural};

/// Every number up to this is encoded.
pub(super) const SMALL: u64 = 300;

/// Bytes of the longest varint there is.
const LONGEST_VARINT: usize = 10;

/// Every row of so many bytes that are in [`BYTES`] is decoded.
pub(super) const SHORT: usize = 4;

/// Bytes of the longest row that is decoded.
pub(super) const LONGEST: usize = LONGEST_VARINT + 1;

/// With the eighth bit and without: no other bit, the lowest, all of them; and the first that is
/// too much for a tenth byte.
const BYTES: [u8; 7] = [0x00, 0x01, 0x02, 0x7f, 0x80, 0x81, 0xff];

/// What a longer row begins with, again and again.
const FILLERS: [u8; 3] = [0x80, 0x81, 0xff];

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Case {
    /// Encode this number.
    Encode(u64),
    /// Decode these bytes.
    Decode(Vec<u8>),
}

/// Which of the two functions is tried. Reading is harder than writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// `encode`.
    Encode,
    /// `decode`.
    Decode,
}

/// All cases: encoding before decoding, and the fewest bytes first.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let decoded = (0..=SHORT).flat_map(short).chain((SHORT + 1..=LONGEST).flat_map(long));
    let encoded = numbers().into_iter().map(Case::Encode);
    encoded.chain(decoded.map(Case::Decode))
}

/// The small numbers, those around each at which a varint grows, those around 2^32, one whose
/// groups all differ, and the largest.
fn numbers() -> Vec<u64> {
    let growing = (2..LONGEST_VARINT).map(|groups| 1 << (7 * groups));
    let edges = growing.chain(iter::once(1 << 32));
    let around = edges.flat_map(|edge: u64| [edge - 1, edge, edge + 1]);
    let groups = (0..9).fold(0, |number, group| number << 7 | (9 - group));
    let mut numbers: Vec<u64> = (0..=SMALL).chain(around).collect();
    numbers.extend([groups, u64::MAX - 1, u64::MAX]);
    numbers.sort_unstable();
    numbers
}

/// Every row of so many bytes.
fn short(length: usize) -> Vec<Vec<u8>> {
    (0..length).fold(vec![Vec::new()], |rows, _| append_each(&rows))
}

/// Every row of so many bytes that begins with one byte over and over, and ends with any two.
fn long(length: usize) -> Vec<Vec<u8>> {
    let fillers = FILLERS.map(|filler| vec![filler; length - 2]);
    append_each(&append_each(&fillers))
}

fn append_each(rows: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let longer = |row: &Vec<u8>| BYTES.map(|byte| [&row[..], &[byte]].concat());
    rows.iter().flat_map(longer).collect()
}

/// The varint of a number: its digits to the base of 128, each but the last with 128 added.
pub(super) fn varint(number: u64) -> Vec<u8> {
    let digits = (1..LONGEST_VARINT).take_while(|digit| number >> (7 * digit) > 0).count();
    let digit = |at: usize| (number / 128_u64.pow(at as u32) % 128) as u8;
    let all_but_the_last = (0..digits).map(|at| digit(at) + 128);
    all_but_the_last.chain([digit(digits)]).collect()
}

/// What is right to answer to bytes. That a number is not padded is seen by encoding it again.
fn decoded(bytes: &[u8]) -> Result<(u64, usize), VarintError> {
    let start = &bytes[..bytes.len().min(LONGEST_VARINT)];
    let Some(last) = start.iter().position(|byte| *byte < 128) else {
        let is_whole = start.len() == LONGEST_VARINT;
        return Err(if is_whole { VarintError::Overflow } else { VarintError::CutShort });
    };
    let digits = start[..=last].iter().rev();
    let number = digits.fold(0, |number: u128, byte| number * 128 + u128::from(byte % 128));
    let number = u64::try_from(number).map_err(|_| VarintError::Overflow)?;
    if varint(number) == start[..=last] { Ok((number, last + 1)) } else { Err(VarintError::Padded) }
}

impl Case {
    /// The answer that is right.
    pub(super) fn answer(&self) -> Answer {
        match self {
            Case::Encode(number) => Answer::bytes(varint(*number)),
            Case::Decode(bytes) => Answer::Decoded(decoded(bytes)),
        }
    }

    pub(super) fn measure(&self) -> (Function, usize) {
        match self {
            Case::Encode(number) => (Function::Encode, varint(*number).len()),
            Case::Decode(bytes) => (Function::Decode, bytes.len()),
        }
    }

    pub(super) fn size(&self) -> String {
        match self {
            Case::Encode(number) => {
                let bytes = plural(varint(*number).len(), "byte");
                format!("encode a number of {bytes}")
            }
            Case::Decode(bytes) if bytes.is_empty() => "decode no bytes".to_owned(),
            Case::Decode(bytes) => format!("decode {}", plural(bytes.len(), "byte")),
        }
    }

    /// `encode.300`, `decode.ac02` or `decode.none`.
    pub(super) fn code(&self) -> String {
        match self {
            Case::Encode(number) => format!("encode.{number}"),
            Case::Decode(bytes) if bytes.is_empty() => "decode.none".to_owned(),
            Case::Decode(bytes) => format!("decode.{}", hex::dense(bytes)),
        }
    }

    /// What [`code`](Case::code) wrote, for any number and any bytes that are not too many.
    pub(super) fn parse(code: &str) -> Result<Case, String> {
        match code.split_once('.') {
            Some(("encode", digits)) => match digits.parse::<u64>() {
                // One code for each number: neither +1 nor 01.
                Ok(number) if number.to_string() == digits => Ok(Case::Encode(number)),
                _ => Err(format!("after encode. comes a number up to {}", u64::MAX)),
            },
            Some(("decode", "none")) => Ok(Case::Decode(Vec::new())),
            Some(("decode", bytes)) if bytes.len() > 2 * LONGEST => {
                Err(format!("it has more than {LONGEST} bytes"))
            }
            Some(("decode", bytes)) => hex::parse(bytes)
                .map(Case::Decode)
                .ok_or_else(|| format!("\"{bytes}\" is not pairs of hex digits")),
            _ => Err("it begins with neither encode. nor decode.".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_are_those_of_the_page() {
        assert_eq!(varint(7), [7]);
        assert_eq!(varint(127), [0x7f]);
        assert_eq!(varint(128), [0x80, 1]);
        assert_eq!(varint(300), [0xac, 2]);
        let largest = [[0xff; 9].as_slice(), &[1]].concat();
        assert_eq!(varint(u64::MAX), largest);
        assert_eq!(decoded(&largest), Ok((u64::MAX, 10)));
    }

    #[test]
    fn each_error_has_its_bytes() {
        let error = |code: &str| match Case::parse(code).unwrap() {
            Case::Decode(bytes) => decoded(&bytes).unwrap_err(),
            Case::Encode(_) => panic!("{code} is no decode"),
        };
        for code in ["none", "80", "ffff", "808080808080808080"] {
            assert_eq!(error(&format!("decode.{code}")), VarintError::CutShort);
        }
        for code in ["8000", "ff00", "80808080808080808000"] {
            assert_eq!(error(&format!("decode.{code}")), VarintError::Padded);
        }
        for code in ["02", "7f", "80", "ff", "8000", "8100", "ff01", "0200"] {
            let code = format!("decode.{}{code}", "80".repeat(9));
            assert_eq!(error(&code), VarintError::Overflow, "{code}");
        }
    }

    #[test]
    fn what_follows_is_not_looked_at() {
        assert_eq!(decoded(&[0]), Ok((0, 1)));
        assert_eq!(decoded(&[5, 0xff]), Ok((5, 1)));
        assert_eq!(decoded(&[0x81, 1, 0]), Ok((129, 2)));
        assert_eq!(decoded(&[[0x80; 9].as_slice(), &[1, 0]].concat()), Ok((1 << 63, 10)));
    }

    #[test]
    fn the_numbers_are_those_where_something_changes() {
        let numbers = numbers();
        for number in [0, 127, 128, 300, 16_383, 16_384, 1 << 32, 1 << 63, u64::MAX] {
            assert!(numbers.contains(&number), "{number}");
        }
        let in_order = numbers.is_sorted_by(|one, next| one < next);
        assert!(in_order, "{numbers:?}");
        // Each length there is, and a number with a group of every value up to 9.
        let lengths: Vec<usize> = numbers.iter().map(|number| varint(*number).len()).collect();
        assert!((1..=LONGEST_VARINT).all(|length| lengths.contains(&length)));
        assert!(
            numbers
                .iter()
                .any(|number| varint(*number) == [129, 130, 131, 132, 133, 134, 135, 136, 9])
        );
    }

    #[test]
    fn bad_codes_are_refused_with_the_reason() {
        let error = |code: &str| Case::parse(code).unwrap_err();
        let neither = "it begins with neither encode. nor decode.";
        for code in ["", "encode", "300", "DECODE.00"] {
            assert_eq!(error(code), neither);
        }
        for number in ["", "-1", "+1", "1.5", "18446744073709551616", "01"] {
            let reason = "after encode. comes a number up to 18446744073709551615";
            assert_eq!(error(&format!("encode.{number}")), reason);
        }
        assert_eq!(error("decode."), "\"\" is not pairs of hex digits");
        assert_eq!(error("decode.0"), "\"0\" is not pairs of hex digits");
        assert_eq!(error("decode.ü"), "\"ü\" is not pairs of hex digits");
        let long = format!("decode.{}", "00".repeat(99_999));
        assert_eq!(error(&long), "it has more than 11 bytes");
    }
}
