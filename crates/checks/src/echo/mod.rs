//! Lesson 06: read one frame from a stream, however its bytes are cut.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | frames | every row of them of up to 9 bytes, broken off anywhere | two at once, 300 |
//! | a length | 0 to 6; others up to 2^32 - 1 | around 2^7, 2^8, 2^16, 2^24, 2^31 |
//! | a body | any bytes | 00, ff, what is not UTF-8; each byte there is |
//! | cuts | every cutting of up to 9 bytes that end | else: none; one anywhere; everywhere |
//! | the end | the stream ends, or fails | errors of five kinds |
//!
//! Compared is what each call returns, with an error's kind and words, and whether it read past
//! what it needed: the rest of the stream belongs to the next call, and after a length that is too
//! long nothing may be waited for. The memory taken is left out, for the judge cannot see it; and
//! so are streams that fail with `UnexpectedEof`, which read_exact uses for an end, and with
//! `Interrupted`, which it hides.
//!
//! What is right is found by slicing the whole stream. So the judge does not lean on code that
//! reads.

mod bugs;
mod cases;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
mod stream;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_stopped};
use crate::{Screen, grouped, hex, plural};
use cases::{Case, FAILURES, LONG_RUN, SMALL, TOO_LONG};
use stream::{Failure, SeenRead, Stream};

/// The longest body that a frame of this exercise may have, in bytes.
pub const MAX_BODY: usize = 5;

/// Why there is no frame.
#[derive(Debug)]
pub enum FrameError {
    /// Its length is over [`MAX_BODY`].
    TooLong,
    /// The stream ended inside it.
    CutShort,
    /// The stream failed.
    Io(io::Error),
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> FrameError {
        FrameError::Io(error)
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::TooLong => write!(f, "a frame is longer than {MAX_BODY} bytes"),
            FrameError::CutShort => f.write_str("the stream ended inside a frame"),
            FrameError::Io(error) => write!(f, "the stream failed: {error}"),
        }
    }
}

impl std::error::Error for FrameError {}

/// What the reader writes.
pub type ReadFrame = fn(&mut dyn Read) -> Result<Option<Vec<u8>>, FrameError>;

/// The program of the exercise.
pub fn main(read_frame: ReadFrame) -> ExitCode {
    crate::program::main::<Echo>(Arc::new(read_frame))
}

/// The same, or what has bugs.
type Solution = Arc<dyn Fn(&mut dyn Read) -> Result<Option<Vec<u8>>, FrameError> + Send + Sync>;

/// Bytes of the length ahead of a body.
const HEADER: usize = 4;

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With what is shown of the body, for a hostile one may take gigabytes that were never
    /// touched, and its length.
    Frame(Vec<u8>, usize),
    End,
    TooLong,
    CutShort,
    /// With this kind, and whether it is the stream's own error.
    Failed(ErrorKind, bool),
    /// The right one, but more was read than it takes.
    ReadsPast,
}

impl Outcome {
    fn frame(body: &[u8]) -> Outcome {
        Outcome::Frame(body.iter().copied().take(hex::LONGEST).collect(), body.len())
    }

    fn of(result: Result<Option<Vec<u8>>, FrameError>) -> Outcome {
        match result {
            Ok(Some(body)) => Outcome::frame(&body),
            Ok(None) => Outcome::End,
            Err(FrameError::TooLong) => Outcome::TooLong,
            Err(FrameError::CutShort) => Outcome::CutShort,
            Err(FrameError::Io(error)) => {
                let is_own = error.get_ref().is_some_and(|inner| inner.is::<Failure>());
                Outcome::Failed(error.kind(), is_own)
            }
        }
    }
}

/// The exercise of lesson 06.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Echo;

impl Exercise for Echo {
    const ABOUT: About = About {
        name: "echo",
        functions: 1,
        hints: include_str!("hints.txt"),
        why: "The length says where the frame ends, and you read on until you are there, however \
              many reads it takes and never past it. So the cuts no longer matter, and neither \
              does what follows.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Solution;
    type Case = Case;
    type Answer = Vec<Outcome>;
    type Observation = Vec<Vec<SeenRead>>;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all().into_iter()
    }

    fn scope() -> String {
        format!(
            "every stream of up to {SMALL} bytes, of frames that claim 0 to {} bytes or 2^32 - 1, \
             broken off anywhere and cut in every way; streams that fail, with errors of {} kinds; \
             and longer ones, of two frames and of {LONG_RUN}, with {} lengths that are too long \
             and every byte in a body",
            MAX_BODY + 1,
            FAILURES.len(),
            TOO_LONG.len(),
        )
    }

    fn call(solution: &Solution, case: &Case, seen: &mut Vec<Vec<SeenRead>>) -> Vec<Outcome> {
        let mut calls = Vec::new();
        let mut at = 0;
        for (place, start) in case.starts().enumerate() {
            seen.push(Vec::new());
            let mut stream = Stream { case, at, reads: &mut seen[place] };
            let got = Outcome::of(solution(&mut stream));
            at = stream.at;
            let (want, needed) = case.right(start);
            let is_right = got == want;
            let is_past = seen[place].iter().any(|read| read.is_past(needed));
            calls.push(if is_right && is_past { Outcome::ReadsPast } else { got });
            // What comes of the calls after a wrong one is not their fault.
            if !is_right || is_past {
                break;
            }
        }
        calls
    }

    fn expected(case: &Case) -> Vec<Outcome> {
        case.starts().map(|start| case.right(start).0).collect()
    }

    fn rule(case: &Case, got: &Vec<Outcome>, _: &Vec<Vec<SeenRead>>) -> Rule {
        let (start, wrong) = case.starts().zip(got).last().expect("the last call is wrong");
        rules::broken(case, start, wrong)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        Arc::new(move |stream| bugs::read_frame(bugs, stream))
    }

    fn reference() -> Solution {
        Arc::new(reference::read_frame)
    }

    fn title(case: &Case) -> String {
        let bytes = plural(case.bytes.len(), "byte");
        let pieces = match case.ends.len() {
            0 | 1 => String::new(),
            count => format!(" in {} pieces", grouped(count)),
        };
        let failure = if case.failure.is_some() { ", then an error" } else { "" };
        format!("{bytes}{pieces}{failure}")
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        const MOST: usize = 20;
        let pieces = case.pieces().take(MOST).map(|piece| hex::row(piece, piece.len()));
        let more = (case.ends.len() > MOST).then(|| "..".to_owned());
        let all: Vec<String> = pieces.chain(more).chain([ending(case)]).collect();
        vec![("stream", all.join(" | "))]
    }

    fn words(calls: &Vec<Outcome>) -> String {
        const MOST: usize = 3;
        let more = (calls.len() > MOST).then(|| format!(".. {} calls", grouped(calls.len())));
        let all: Vec<String> = calls.iter().take(MOST).map(outcome_words).chain(more).collect();
        all.join(", ")
    }

    fn is_compared(case: &Case) -> bool {
        // Code that believes a length may take 16 MiB or more for it.
        case.starts().all(|start| case.bytes.get(start).is_none_or(|&first| first == 0))
    }

    fn draw(
        case: &Case,
        want: &Vec<Outcome>,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        screen.all_labelled(&Self::describe(case))?;
        let Some(Attempt { end, observation: calls }) = seen else {
            screen.line("")?;
            return screen.row("", "want", &Self::words(want));
        };
        for (place, reads) in calls.iter().enumerate().skip(calls.len().saturating_sub(3)) {
            screen.line("")?;
            draw_reads(case, place + 1, reads, screen)?;
            let words = outcome_words(&want[place]);
            match end {
                Ok(got) if got[place] != want[place] => {
                    screen.difference(&words, &outcome_words(&got[place]), "answer")?;
                }
                Err(stopped) if place == calls.len() - 1 => {
                    draw_stopped(&words, stopped, "answer", screen)?;
                }
                _ => screen.row("", "answers", &words)?,
            }
        }
        Ok(())
    }

    fn replay_string(case: &Case) -> Option<String> {
        let pieces: Vec<String> = case.pieces().map(hex::dense).chain([ending(case)]).collect();
        (case.bytes.len() <= hex::LONGEST).then(|| pieces.join("."))
    }
}

fn draw_reads(
    case: &Case,
    call: usize,
    reads: &[SeenRead],
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let call = format!("call {call}");
    if reads.is_empty() {
        screen.row(&call, "reads nothing", "")?;
    }
    for (number, read) in reads.iter().enumerate() {
        let label = if number == 0 { &call } else { "" };
        let gets = match &case.bytes[read.at..read.at + read.count] {
            [] if read.room > 0 => ending(case),
            bytes => hex::row(bytes, bytes.len()),
        };
        screen.row(label, &format!("reads up to {}", read.room), &gets)?;
    }
    Ok(())
}

fn outcome_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Frame(start, length) => format!("Some({})", hex::row(start, *length)),
        Outcome::End => "None".to_owned(),
        Outcome::TooLong | Outcome::CutShort => format!("{outcome:?}"),
        Outcome::Failed(kind, true) => format!("Io({kind:?})"),
        Outcome::Failed(kind, false) => format!("another Io({kind:?})"),
        Outcome::ReadsPast => "the same, but reads past it".to_owned(),
    }
}

fn ending(case: &Case) -> String {
    case.failure.map_or("end".to_owned(), |kind| format!("{kind:?}"))
}

#[cfg(test)]
mod tests;
