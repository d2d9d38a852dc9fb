//! The numbers and the bytes that are tried, and what is right for each.

use std::collections::BTreeSet;

use super::record::{self, Field};
use super::{Decoded, VarintError};

/// Every number up to this is encoded.
pub(super) const SMALL: u64 = 300;

/// Bytes of the longest varint there is.
const LONGEST_VARINT: usize = 10;

/// Every row of so many bytes that are in [`BYTES`] is decoded.
pub(super) const SHORT: usize = 4;

/// Bytes of the longest row of those that repeat a byte until the last two.
pub(super) const LONGEST: usize = LONGEST_VARINT + 1;

/// With the eighth bit and without: no other bit, the lowest, all of them; and the first that is
/// too much for a tenth byte.
const BYTES: [u8; 7] = [0x00, 0x01, 0x02, 0x7f, 0x80, 0x81, 0xff];

/// What a longer row begins with, again and again.
const FILLERS: [u8; 3] = [0x80, 0x81, 0xff];

/// Bytes of rows that are far too long.
pub(super) const LONG_RUNS: [usize; 2] = [300, 70_000];

/// One thing to do.
#[derive(Clone, Debug)]
pub(crate) enum Case {
    Encode(u64),
    Decode(Vec<u8>),
    ReadRecord(Vec<Field>),
}

/// All cases: what is short first, for each of the functions.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let encoded = numbers().into_iter().map(Case::Encode);
    let decoded = only_once(rows(), |row| row.clone()).map(Case::Decode);
    let records = only_once(record::all(), |fields| record::bytes(fields)).map(Case::ReadRecord);
    encoded.chain(decoded).chain(records)
}

/// Those whose bytes have not come before.
fn only_once<T>(all: Vec<T>, bytes: fn(&T) -> Vec<u8>) -> impl Iterator<Item = T> {
    let mut seen = BTreeSet::new();
    all.into_iter().filter(move |one| seen.insert(bytes(one)))
}

/// The small numbers, those around each power of two, one whose groups all differ, and the largest.
pub(super) fn numbers() -> Vec<u64> {
    let around = (1..u64::BITS).map(|bit| 1 << bit).flat_map(|power| [power - 1, power, power + 1]);
    let groups = (0..9).fold(0, |number, group| number << 7 | (9 - group));
    let all = (0..=SMALL).chain(around).chain([groups, u64::MAX - 1, u64::MAX]);
    all.collect::<BTreeSet<u64>>().into_iter().collect()
}

/// The bytes that are decoded.
fn rows() -> Vec<Vec<u8>> {
    let mut rows = vec![Vec::new()];
    let mut at = 0;
    while rows[at].len() < SHORT {
        rows.extend(append_each(&rows[at]));
        at += 1;
    }
    for length in SHORT + 1..=LONGEST {
        let fillers = FILLERS.map(|filler| append_each(&vec![filler; length - 2]));
        rows.extend(fillers.iter().flatten().flat_map(|row| append_each(row)));
    }
    for number in numbers() {
        let row = varint(number);
        rows.extend([[&row[..], &[0x80]].concat(), row]);
    }
    for byte in 0..=u8::MAX {
        let before: [&[u8]; 4] = [&[], &[0x80], &[0x80; 9], &[0xff; 9]];
        rows.extend(before.map(|before| [before, &[byte]].concat()));
    }
    for length in LONG_RUNS {
        rows.extend(BYTES.map(|byte| vec![byte; length]));
        rows.extend(BYTES.map(|byte| [vec![byte], vec![0; length]].concat()));
    }
    rows
}

/// A row with each of [`BYTES`] after it.
fn append_each(row: &[u8]) -> [Vec<u8>; 7] {
    BYTES.map(|byte| [row, &[byte]].concat())
}

/// The varint of a number: its digits to the base of 128, each but the last with 128 added.
pub(super) fn varint(number: u64) -> Vec<u8> {
    let digits = (1..LONGEST_VARINT).take_while(|digit| number >> (7 * digit) > 0).count();
    let digit = |at: usize| (number / 128_u64.pow(at as u32) % 128) as u8;
    let all_but_the_last = (0..digits).map(|at| digit(at) + 128);
    all_but_the_last.chain([digit(digits)]).collect()
}

/// What is right to answer to bytes. That a number is not padded is seen by encoding it again.
pub(super) fn decoded(bytes: &[u8]) -> Decoded {
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
