//! Lesson 21: recover a counter from the bytes of its log.
//!
//! | argument | range | special |
//! |---|---|---|
//! | a log | any bytes | all logs of up to 3 of 4 records; cut anywhere; each bit flipped |
//! | what is wrong | header, length, body, another log | each at the end, and before each other |
//! | `length` | any `u32` | 0 to 20; 1,023 to 1,025; around 2^8 to 2^32, with 2 bytes behind it |
//! | `log`, `amount` | any `u32` | around 2^8 to 2^32; numbers of logs that differ in one bit |
//! | `request` | 0 to 1,016 bytes | not UTF-8, zeros, one the beginning of another |
//! | records | fewer than 2^32 | none; 600, where the second half are requests sent again |
//!
//! Compared is the total and how much is good, or where the damage begins. Left out is the memory
//! that is reserved, which the judge does not see.
//!
//! What a crash leaves is simpler here than on a disk, which may also lose the header of the last
//! record, or leave zeros in its place. The answer to both is damage: it costs a person's look, and
//! loses no add. Group commit is left out, too: a crash then tears several records at once.
//!
//! What is right is known from the pieces of which a log is made. So the judge reads no log.

mod bugs;
mod cases;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Bugs, Exercise, Mistake, Rule};
use crate::{Stopped, hex, plural};
use cases::{Case, Is, LONG, Piece, SMALL};

/// The most bytes of the body of a record.
pub const MAX_BODY: usize = 1024;

/// What was counted, and what of the log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The sum of the amounts, of which each request's is added once.
    pub total: u64,
    /// The number of bytes of all right records. What follows is torn, and to be cut off.
    pub good: usize,
}

/// A record is damaged: a person should look at the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The byte at which the first damaged record begins, counted from 0.
    pub at: usize,
}

/// The checksum of bytes: the CRC-32 of Ethernet and zip.
///
/// ```
/// assert_eq!(checks::durable_counter::checksum(b"123456789"), 0xcbf4_3926);
/// ```
pub fn checksum(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum % 2 == 1 { sum >> 1 ^ POLYNOMIAL } else { sum >> 1 };
        }
    }
    !sum
}

/// The program of the exercise.
pub fn main(recover: fn(&[u8], u32) -> Result<Recovered, Damage>) -> ExitCode {
    crate::program::main::<DurableCounter>(Arc::new(recover))
}

/// What the reader writes.
type Recover = Arc<dyn Fn(&[u8], u32) -> Result<Recovered, Damage> + Send + Sync>;

/// The exercise of lesson 21.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DurableCounter;

impl Exercise for DurableCounter {
    const ABOUT: About = About {
        name: "durable-counter",
        functions: 1,
        hints: include_str!("hints.txt"),
        why: "A checked header says where a record ends, so whether anything follows is known. \
              Only what nothing follows may be a crash's; anything else was acknowledged, and is \
              not dropped without a word. A request id makes a retried add one add.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Recover;
    type Case = Case;
    type Answer = Result<Recovered, Damage>;
    type Observation = ();
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn scope() -> String {
        format!(
            "all logs of up to {SMALL} of four records, each cut at every byte; every flipped bit \
             of logs of up to {SMALL} records; what is wrong in each way, at the end and before \
             everything else; lengths, amounts and logs up to 2^32 - 1; and up to {} records",
            2 * LONG,
        )
    }

    fn call(solution: &Recover, case: &Case, (): &mut ()) -> Self::Answer {
        solution(&case.bytes(), case.log)
    }

    fn expected(case: &Case) -> Self::Answer {
        case.recovered()
    }

    fn rule(case: &Case, got: &Self::Answer, (): &()) -> Rule {
        rules::broken(case, &case.recovered(), got)
    }

    fn rule_of_stop(case: &Case, stopped: &Stopped, (): &()) -> Rule {
        rules::of_stop(case, stopped)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Recover {
        Arc::new(move |bytes, log| bugs::recover(bugs, bytes, log))
    }

    fn reference() -> Recover {
        Arc::new(reference::recover)
    }

    fn title(case: &Case) -> String {
        format!("a log of {}", plural(case.bytes().len(), "byte"))
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        /// Of a longer log the first pieces are shown, and the last.
        const SHOWN: usize = 3;
        let count = case.pieces.len();
        let legend = "a record is length, checksum, log, amount, request, checksum";
        let mut lines = vec![("log", format!("{}; {legend}", case.log))];
        let mut at = 0;
        for (place, piece) in case.pieces.iter().enumerate() {
            if place < SHOWN || place + SHOWN >= count {
                lines.extend(describe_piece(at, piece));
            } else if place == SHOWN {
                lines.push(("", format!(".. of {}", plural(count, "record"))));
            }
            at += piece.bytes.len();
        }
        lines
    }

    fn words(answer: &Self::Answer) -> String {
        match answer {
            Ok(Recovered { total, good }) => format!("total {total}, good {good}"),
            Err(Damage { at }) => format!("Damage {{ at: {at} }}"),
        }
    }
}

/// Where a piece begins, its bytes, and what it is.
fn describe_piece(at: usize, piece: &Piece) -> [(&'static str, String); 2] {
    let (label, words) = match &piece.is {
        Is::Right(_, amount) => ("right", format!("it adds {amount}")),
        Is::Cut => ("cut", "bytes are missing".to_owned()),
        Is::BadHeader => ("wrong", "the checksum of the header is wrong".to_owned()),
        Is::BadLength(length) => ("wrong", format!("no body has {length} bytes")),
        Is::BadBody => ("wrong", "the checksum of the body is wrong".to_owned()),
        Is::Foreign(log) => ("foreign", format!("it was written to log {log}")),
    };
    let flipped = if piece.flipped.is_some() { ": a bit in [ ] is flipped" } else { "" };
    [(label, format!("at {at}: {}", fields(piece))), ("", words + flipped)]
}

/// The bytes of a piece by fields, one with a flipped bit in brackets.
fn fields(piece: &Piece) -> String {
    // What is whole has its checksum at the end.
    let request = match (&piece.is, piece.bytes.first_chunk()) {
        (Is::Cut, Some(length)) => (u32::from_be_bytes(*length) as usize).saturating_sub(8),
        _ => piece.bytes.len().saturating_sub(20),
    };
    let mut rest = &piece.bytes[..];
    let field = |length: usize| {
        let field = rest.split_off(..length.min(rest.len())).unwrap_or_default();
        let end = piece.bytes.len() - rest.len();
        match piece.flipped {
            Some(byte) if (end - field.len()..end).contains(&byte) => format!("[{}]", dense(field)),
            _ => dense(field),
        }
    };
    let fields = [4, 4, 4, 4, request, 4].map(field);
    fields.into_iter().filter(|field| !field.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The bytes with nothing between them; of many the first, and how many there are.
fn dense(bytes: &[u8]) -> String {
    match bytes.len() {
        ..=8 => hex::dense(bytes),
        length => format!("{}.. ({})", hex::dense(&bytes[..3]), plural(length, "byte")),
    }
}

#[cfg(test)]
mod tests;
