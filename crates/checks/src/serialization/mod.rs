//! Lesson 11: numbers as varints, there and back, from whatever bytes.
//!
//! The format is that of postcard and of Protocol Buffers, unsigned LEB128: seven bits a byte, the
//! least significant first, and an eighth that says whether another byte follows. Here a number has
//! one varint, the shortest. Both of these readers accept longer ones, which is of no use to anyone
//! and lets equal values differ as bytes.
//!
//! The cases are numbers to encode, the smallest and those around which a varint grows, and bytes
//! to decode: all short rows of bytes that stand for their kind, and rows about as long as the
//! longest varint. What is right is worked out from the digits of the number to the base of 128,
//! and what is padded by encoding it again (`Case::answer`).
//!
//! Left out: bytes that come one by one. Lesson 06 has the frames for that.

mod cases;
mod mistakes;
mod observe;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod screen;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::fmt;
use std::io;

use crate::{Exercise, Mistake, Screen, Unsolved};
use cases::{Case, Function, LONGEST, SHORT, SMALL};
use observe::Answer;

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

/// What the reader writes.
#[derive(Clone, Copy, Debug)]
pub struct Solution {
    /// The varint of a number.
    pub encode: fn(u64) -> Vec<u8>,
    /// The number that bytes begin with, and how many of them it takes.
    pub decode: fn(&[u8]) -> Decoded,
}

/// The exercise of lesson 11.
#[derive(Clone, Copy, Debug)]
pub struct Varints;

impl Exercise for Varints {
    const NAME: &'static str = "serialization";
    const STUB: &'static str = include_str!("stub.rs");
    const REFERENCE: &'static str = include_str!("reference.rs");
    const HINTS: [&'static str; 3] = [
        "Cut 300 into sevens of bits on paper. Which seven does the first byte have, and how does \
         a reader know that a second follows? And what may the bytes look like if somebody else \
         wrote them?",
        "Each byte has seven bits of the number and one that says whether another byte follows. A \
         reader must stop by itself: where the bytes end, and where a u64 has no more room. The \
         page has the format under step 3.",
        "encode: while the number is 0x80 or more, push its lowest seven bits with 0x80 set and \
         shift it right by 7; then push the rest. decode: for byte i add (byte & 0x7f) << (7 * i), \
         as a u64; refuse a tenth byte over 1 before that; stop at the first byte below 0x80.",
    ];
    const WHY: &'static str = "Each byte says by itself whether another follows, so a number needs \
                               no length. The reader believes it only as far as the bytes are \
                               there and a u64 has room.";
    const ORDER: &'static str = "encoding, then decoding, each the fewest bytes first";
    const NOT_COMPARED: Option<&str> = Some("those of the other function");

    type Solution = Solution;
    type Case = Case;
    type Seen = Answer;
    type Measure = (Function, usize);

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn is_dangerous(_case: &Case) -> bool {
        false
    }

    fn part(case: &Case) -> usize {
        match case {
            Case::Encode(_) => 0,
            Case::Decode(_) => 1,
        }
    }

    fn scope() -> String {
        format!(
            "numbers up to {SMALL} and those around which a varint grows, encoded; and rows of \
             bytes of each kind decoded: all of up to {SHORT}, and of up to {LONGEST} those that \
             repeat one byte until the last two"
        )
    }

    fn size(case: &Case) -> String {
        case.size()
    }

    fn measure(case: &Case) -> Self::Measure {
        case.measure()
    }

    fn observe(solution: Solution, case: &Case) -> Result<Answer, Unsolved> {
        observe::observe(solution, case)
    }

    fn broken_rule(case: &Case, seen: &Answer) -> Option<&'static str> {
        let want = case.answer();
        (*seen != want).then(|| rule(&want, seen))
    }

    fn same_answers(one: &Answer, other: &Answer) -> bool {
        one.is_like(other)
    }

    fn draw(case: &Case, seen: &Answer, screen: &mut Screen<'_>) -> io::Result<()> {
        screen::draw(case, seen, screen)
    }

    fn code(case: &Case) -> String {
        case.code()
    }

    fn parse(code: &str) -> Result<Case, String> {
        Case::parse(code)
    }

    fn mistakes() -> &'static [Mistake<Solution>] {
        mistakes::ALL
    }
}

fn rule(want: &Answer, got: &Answer) -> &'static str {
    match (want, got) {
        (_, Answer::Stopped(stopped)) => stopped.rule(),
        (Answer::Encoded { start: want, .. }, Answer::Encoded { start, count }) => {
            rule_of_encoding(want, start, *count)
        }
        (Answer::Decoded(want), Answer::Decoded(got)) => rule_of_decoding(*want, *got),
        _ => unreachable!("a case is for one function, and what is right is no stop"),
    }
}

/// The rule that the bytes break, where they are not those wanted.
fn rule_of_encoding(want: &[u8], got: &[u8], count: usize) -> &'static str {
    let sevens = |bytes: &[u8]| -> Vec<u8> { bytes.iter().map(|byte| byte & 0x7f).collect() };
    let (want_sevens, got_sevens) = (sevens(want), sevens(got));
    let is_padded = got_sevens.starts_with(&want_sevens)
        && got_sevens[want.len()..].iter().all(|seven| *seven == 0);
    if count == 0 {
        "Every number takes one byte at least: a reader waits for a last one. 0 is the byte 00."
    } else if got_sevens == want_sevens {
        "The eighth bit says whether another byte follows: it is 1 in all bytes but the last, and \
         there it is 0."
    } else if is_padded {
        "A number takes as few bytes as it can: the last byte is the one after which nothing is \
         left of it."
    } else if got_sevens.iter().rev().eq(&want_sevens) {
        "The least significant seven bits come first."
    } else if want_sevens.starts_with(&got_sevens) {
        "All bits of the number are written: as many bytes as it has sevens, the last with what is \
         left."
    } else {
        "Each byte has the next seven bits of the number, from the least significant on, and in \
         the eighth whether another byte follows."
    }
}

/// The rule that an answer breaks, where it is not the one wanted.
fn rule_of_decoding(want: Decoded, got: Decoded) -> &'static str {
    use VarintError::{CutShort, Overflow, Padded};
    match (want, got) {
        (Ok((number, _)), Ok((other, _))) if number == other => {
            "The count is of the bytes that the number takes, its last one included, and none of \
             those that follow."
        }
        (Ok(_), Ok(_)) => {
            "Each byte has seven bits of the number, seven places further up than those of the \
             byte before. The eighth bit is no part of the number."
        }
        (Ok(_), Err(CutShort)) => {
            "The number ends with the first byte whose eighth bit is 0. Here that one is there, \
             and whatever follows is not looked at."
        }
        (Ok(_), Err(Overflow)) => {
            "Every number up to u64::MAX can be read: it takes ten bytes at most, and the tenth \
             may be 01."
        }
        (Ok((0, _)), Err(Padded)) => {
            "One byte 00 is the number 0, and there is no shorter way to write it. What follows it \
             is not looked at."
        }
        (Ok(_), Err(Padded)) => {
            "A number is padded where its last byte is 00 and not its first. Other bytes may be \
             what they like, and what follows is not looked at."
        }
        (Err(CutShort), Ok(_)) => {
            "A number is whole when a byte came whose eighth bit is 0. Until then it is cut short, \
             and what came is no number."
        }
        (Err(CutShort), _) => {
            "Where there are fewer than ten bytes, and none whose eighth bit is 0, nothing is \
             wrong but that they end: CutShort."
        }
        (Err(Overflow), Ok(_)) => {
            "Nine bytes have 63 bits, and the tenth has room for one. Where it is over 01, the \
             number does not fit in a u64, and to drop bits makes another number of it."
        }
        (Err(Overflow), _) => {
            "A tenth byte over 01 is an overflow as soon as it is there, whatever follows it, and \
             even if nothing does."
        }
        (Err(Padded), Ok(_)) => {
            "A number has one varint, the shortest. A last byte 00 after others adds nothing, and \
             is refused."
        }
        (Err(Padded), _) => {
            "Here the number is whole, and fits in a u64. What is wrong is that its last byte is \
             00, and not its first: Padded."
        }
    }
}

#[cfg(test)]
mod tests;
