//! Lesson 11: numbers as varints, there and back, and a record made of them.
//!
//! The formats are those of Protocol Buffers: unsigned LEB128, and fields by number. Here a number
//! has one varint, the shortest; the readers of Protocol Buffers accept longer ones, which is of no
//! use to anyone and lets equal values differ as bytes. They also refuse a field number 0.
//!
//! | argument | range | special |
//! |---|---|---|
//! | `number` of `encode` | any `u64` | 0 to 300; around each power of two |
//! | `bytes` of `decode` | any | all short rows of 7 bytes; each tenth byte; 70,000 bytes |
//! | `bytes` of `read_record` | any | all records of 3 of 13 fields; cut anywhere; 10,000 fields |
//! | the number of a field | any up to 2^61 - 1 | 0 to 16 with each kind; 1 to 3 after a cast |
//! | a value, a length | any `u64` | around each power of two; lengths over what is left |
//!
//! Compared is all that each function returns. The memory taken for a length is left out, for the
//! judge cannot see it; and so are bytes that come one by one, for which lesson 06 has frames.
//!
//! What is right is found from the digits of a number to the base of 128, and from the fields of
//! which a record is made. So the judge reads no record.

mod bugs;
mod cases;
mod record;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::fmt;
use std::iter;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Bugs, Exercise, Mistake, Rule};
use crate::{Stopped, grouped, hex, plural, short};
use cases::{Case, LONG_RUNS, LONGEST, SHORT, SMALL};
use record::{Field, Means};

/// How many characters of a text one line shows.
const SHOWN: usize = 8;

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VarintError {
    /// The bytes ended inside it.
    CutShort,
    /// It is over [`u64::MAX`].
    Overflow,
    /// It is written longer than it has to be.
    Padded,
}

impl fmt::Display for VarintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            VarintError::CutShort => "the bytes ended inside a varint",
            VarintError::Overflow => "a varint is over the largest u64",
            VarintError::Padded => "a varint is longer than it has to be",
        })
    }
}

impl std::error::Error for VarintError {}

/// The number that bytes begin with, and how many of them it takes.
pub type Decoded = Result<(u64, usize), VarintError>;

/// What this year's program knows of a record. Next year's may write further fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Field 1, of kind 0; where it is absent, 0.
    pub id: u64,
    /// Field 2, of kind 2; where it is absent, empty.
    pub text: String,
    /// Field 3, of kind 0; where it is absent, 1.
    pub copies: u64,
}

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// A tag, a number or a length is not a varint, also in an unknown field.
    Varint(VarintError),
    /// A field of a [`Record`] has another kind than it is written with, or an unknown field one
    /// that is neither 0 nor 2.
    WrongKind,
    /// The bytes ended before there were as many as a length says, also in an unknown field.
    CutShort,
    /// A text is not UTF-8.
    NotUtf8,
}

impl From<VarintError> for RecordError {
    fn from(error: VarintError) -> RecordError {
        RecordError::Varint(error)
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordError::Varint(error) => write!(f, "{error}"),
            RecordError::WrongKind => f.write_str("the kind is not one of this number"),
            RecordError::CutShort => f.write_str("the bytes ended inside a field"),
            RecordError::NotUtf8 => f.write_str("a text is not UTF-8"),
        }
    }
}

impl std::error::Error for RecordError {}

/// The program of the exercise.
pub fn main(
    encode: fn(u64) -> Vec<u8>,
    decode: fn(&[u8]) -> Decoded,
    read_record: fn(&[u8]) -> Result<Record, RecordError>,
) -> ExitCode {
    crate::program::main::<Serialization>(solution(encode, decode, read_record))
}

/// The reader's functions, or those that have bugs: a case is for one of them.
type Solution = Arc<dyn Fn(&Case) -> Answer + Send + Sync>;

fn solution(
    encode: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
    decode: impl Fn(&[u8]) -> Decoded + Send + Sync + 'static,
    read_record: impl Fn(&[u8]) -> Result<Record, RecordError> + Send + Sync + 'static,
) -> Solution {
    Arc::new(move |case| match case {
        Case::Encode(number) => Answer::Encoded(encode(*number)),
        Case::Decode(bytes) => Answer::Decoded(decode(bytes)),
        Case::ReadRecord(fields) => Answer::Read(read_record(&record::bytes(fields))),
    })
}

/// What a function returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Encoded(Vec<u8>),
    Decoded(Decoded),
    Read(Result<Record, RecordError>),
}

/// The exercise of lesson 11.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Serialization;

impl Exercise for Serialization {
    const ABOUT: About = About {
        name: "serialization",
        functions: 3,
        hints: include_str!("hints.txt"),
        why: "Each byte says by itself whether another follows, so a number needs no length. And \
              each field says its number and its kind, so that a reader can pass over one that it \
              does not know. It believes the bytes only as far as they are there.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Solution;
    type Case = Case;
    type Answer = Answer;
    type Observation = ();
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn scope() -> String {
        format!(
            "numbers up to {SMALL} and around every power of two; all rows of up to {SHORT} bytes \
             of each kind, of up to {LONGEST} those that repeat a byte until the last two, and of \
             {} bytes; and all records of up to {} fields of {} kinds, cut or wrong in one place, \
             with numbers, values and lengths up to the largest, and with {} fields",
            grouped(LONG_RUNS[1]),
            record::SMALL,
            record::simple().len(),
            grouped(record::LONG),
        )
    }

    fn call(solution: &Solution, case: &Case, (): &mut ()) -> Answer {
        solution(case)
    }

    fn expected(case: &Case) -> Answer {
        match case {
            Case::Encode(number) => Answer::Encoded(cases::varint(*number)),
            Case::Decode(bytes) => Answer::Decoded(cases::decoded(bytes)),
            Case::ReadRecord(fields) => Answer::Read(record::read(fields)),
        }
    }

    fn rule(case: &Case, got: &Answer, (): &()) -> Rule {
        rules::broken(case, &Self::expected(case), got)
    }

    fn rule_of_stop(case: &Case, stopped: &Stopped, (): &()) -> Rule {
        rules::of_error(&Self::expected(case)).unwrap_or_else(|| stopped.rule())
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        solution(
            move |number| bugs::encode(bugs, number),
            move |bytes| bugs::decode(bugs, bytes),
            move |bytes| bugs::read_record(bugs, bytes),
        )
    }

    fn reference() -> Solution {
        solution(reference::encode, reference::decode, reference::read_record)
    }

    fn title(case: &Case) -> String {
        match case {
            Case::Encode(number) => format!("encode {number}"),
            Case::Decode(bytes) => format!("decode {}", plural(bytes.len(), "byte")),
            Case::ReadRecord(fields) => {
                format!("read a record of {}", plural(record::bytes(fields).len(), "byte"))
            }
        }
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        const MOST: usize = 8;
        match case {
            Case::Encode(number) => vec![("encode", number.to_string()), ("bits", sevens(*number))],
            Case::Decode(bytes) => vec![("decode", hex_row(bytes)), ("bits", bits(bytes))],
            Case::ReadRecord(fields) => {
                let field = |field: &Field| ("field", describe_field(field));
                let more = format!(".. {} in all", plural(fields.len(), "field"));
                let more = (fields.len() > MOST).then_some(("", more));
                let record = ("record", hex_row(&record::bytes(fields)));
                iter::once(record).chain(fields.iter().take(MOST).map(field)).chain(more).collect()
            }
        }
    }

    fn words(answer: &Answer) -> String {
        match answer {
            Answer::Encoded(bytes) => hex_row(bytes),
            Answer::Decoded(decoded) => format!("{decoded:?}"),
            Answer::Read(Ok(Record { id, text, copies })) => {
                format!("id {id}, text {}, copies {copies}", short(text, SHOWN))
            }
            Answer::Read(Err(error)) => format!("Err({error:?})"),
        }
    }

    fn part(case: &Case) -> usize {
        match case {
            Case::Encode(_) => 0,
            Case::Decode(_) => 1,
            Case::ReadRecord(_) => 2,
        }
    }

    fn replay_string(case: &Case) -> Option<String> {
        let (function, bytes) = match case {
            Case::Encode(number) => return Some(format!("encode.{number}")),
            Case::Decode(bytes) => ("decode", bytes.clone()),
            Case::ReadRecord(fields) => ("record", record::bytes(fields)),
        };
        let bytes = (bytes.len() <= hex::LONGEST).then(|| hex::dense(&bytes))?;
        Some(format!("{function}.{}", if bytes.is_empty() { "none" } else { &bytes }))
    }
}

fn describe_field(Field { bytes, means, .. }: &Field) -> String {
    let tag = cases::decoded(bytes)
        .map_or(String::new(), |(tag, _)| format!("number {}, kind {}, ", tag / 8, tag % 8));
    let means = match means {
        Means::Id(id) => format!("id {id}"),
        Means::Text(text) => format!("text {}", short(text, SHOWN)),
        Means::Copies(copies) => format!("copies {copies}"),
        Means::Unknown => "unknown".to_owned(),
        Means::Wrong(error) => error.to_string(),
    };
    format!("{}: {tag}{means}", hex_row(bytes))
}

fn hex_row(bytes: &[u8]) -> String {
    hex::row(bytes, bytes.len())
}

/// A number in sevens of bits, as in `0000010 0101100`: as one would write it, the most significant
/// first.
fn sevens(number: u64) -> String {
    let sevens = cases::varint(number).into_iter().rev();
    let sevens: Vec<String> = sevens.map(|byte| format!("{:07b}", byte % 128)).collect();
    sevens.join(" ")
}

/// Bytes in bits, the eighth apart, as in `1_0101100`.
fn bits(bytes: &[u8]) -> String {
    const MOST: usize = 11;
    let bits = bytes.iter().take(MOST).map(|byte| format!("{}_{:07b}", byte / 128, byte % 128));
    let more = if bytes.len() > MOST { ".." } else { "" };
    bits.chain([more.to_owned()]).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
