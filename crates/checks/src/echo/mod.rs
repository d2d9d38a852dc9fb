//! Lesson 06: read one frame from a stream, however its bytes are cut.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | frames | every row of them of up to 9 bytes, broken off anywhere | two at once, 300 |
//! | a length | 0 to 6; others up to 2^32 - 1 | around 2^7, 2^8, 2^16, 2^24, 2^31 |
//! | a body | any bytes | 00, ff, what is not UTF-8; each byte there is |
//! | cuts | every cutting of up to 9 bytes that end | else: none, one anywhere, everywhere |
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
use std::iter;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers, draw_end};
use crate::hex::{dense, spaced};
use crate::{Screen, grouped, plural};
use cases::{Case, Ending, LONG_RUN, OTHER_FAILURES, RESET, SMALL, TOO_LONG};
use stream::{Pieces, Seen, is_own};

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
            FrameError::Io(_) => f.write_str("the stream failed"),
        }
    }
}

impl std::error::Error for FrameError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            FrameError::Io(error) => Some(error),
            FrameError::TooLong | FrameError::CutShort => None,
        }
    }
}

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

/// Bytes in a row that are shown.
const MOST_SHOWN: usize = 20;

/// Bytes of the longest stream whose replay string is its pieces; a longer one has its number.
const MOST_REPLAYED: usize = 20;

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    outcome: Outcome,
    /// Whether it read more than it needed.
    is_past: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Frame(Body),
    End,
    TooLong,
    CutShort,
    /// With this kind, and whether it is the stream's own error.
    Failed(ErrorKind, bool),
}

/// A body: no more of it than is shown, for a hostile one may take gigabytes that were never
/// touched.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Body {
    start: Vec<u8>,
    length: usize,
}

impl Body {
    fn of(bytes: &[u8]) -> Body {
        Body { start: bytes[..bytes.len().min(MOST_SHOWN)].to_vec(), length: bytes.len() }
    }

    fn words(&self) -> String {
        match self.length {
            0 => "no bytes".to_owned(),
            length if length <= MOST_SHOWN => spaced(&self.start),
            length => format!("{} .., {}", spaced(&self.start[..3]), grouped(length)),
        }
    }
}

impl Outcome {
    fn of(result: Result<Option<Vec<u8>>, FrameError>) -> Outcome {
        match result {
            Ok(Some(body)) => Outcome::Frame(Body::of(&body)),
            Ok(None) => Outcome::End,
            Err(FrameError::TooLong) => Outcome::TooLong,
            Err(FrameError::CutShort) => Outcome::CutShort,
            Err(FrameError::Io(error)) => Outcome::Failed(error.kind(), is_own(&error)),
        }
    }
}

/// The exercise of lesson 06.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Echo;

impl Exercise for Echo {
    const ABOUT: About = About {
        name: "echo",
        stub: include_str!("stub.rs"),
        reference: include_str!("reference.rs"),
        functions: 1,
        hints: [
            "How many bytes does one read return, at least and at most? What in your code depends \
             on it?",
            "TCP is a byte stream: it keeps the order of the bytes and forgets where each write \
             ended. So the frame has to say where it ends, and the reader has to count. The page \
             has this under \"Why\".",
            "Write a function that reads until a buffer is full or a read returns 0, and says how \
             many bytes came. Fill four bytes with it, compare the length with MAX_BODY, then fill \
             the body.",
        ],
        why: "The length says where the frame ends, and you read on until you are there, however \
              many reads it takes and never past it. So the cuts no longer matter, and neither \
              does what follows.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Solution;
    type Case = Case;
    type Answer = Vec<Call>;
    type Observation = Vec<Seen>;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn scope() -> String {
        format!(
            "every stream of up to {SMALL} bytes, of frames that claim 0 to {} bytes or 2^32 - 1, \
             broken off anywhere and cut in every way; streams that fail, with errors of {} kinds; \
             and longer ones, of two frames and of {LONG_RUN}, with {} lengths that are too long \
             and every byte in a body",
            MAX_BODY + 1,
            OTHER_FAILURES.len() + 1,
            TOO_LONG.len(),
        )
    }

    fn call(solution: &Solution, case: &Case, seen: &mut Vec<Seen>) -> Vec<Call> {
        let mut stream = Pieces::new(case, seen);
        // So many frames fit at the most. Who finds more of them need not be asked for ever.
        for _ in 0..=case.bytes.len() / HEADER {
            let needed = case.right(stream.at).1;
            stream.seen.push(Seen::default());
            let outcome = Outcome::of(solution(&mut stream));
            let is_last = !matches!(outcome, Outcome::Frame(_));
            if let Some(seen) = stream.seen.last_mut() {
                let is_past = seen.reads.iter().any(|read| read.is_past(needed));
                seen.call = Some(Call { outcome, is_past });
            }
            if is_last {
                break;
            }
        }
        seen.iter().filter_map(|seen| seen.call.clone()).collect()
    }

    fn expected(case: &Case) -> Vec<Call> {
        case.starts().map(|start| Call { outcome: case.right(start).0, is_past: false }).collect()
    }

    fn rule(case: &Case, got: &Vec<Call>, _: &Vec<Seen>) -> Rule {
        let want = Self::expected(case);
        let calls = case.starts().zip(want.iter().zip(got));
        let mut wrong = calls.filter(|(_, (want, got))| want != got);
        let (start, (want, got)) = wrong.next().expect("a wrong answer has a wrong call");
        rules::broken(case, start, want, got)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        Arc::new(move |stream| bugs::read_frame(bugs, stream))
    }

    fn reference() -> Solution {
        Arc::new(reference::read_frame)
    }

    fn title(case: &Case) -> String {
        let bytes = match case.bytes.len() {
            0 => "no bytes".to_owned(),
            count => plural(count, "byte"),
        };
        let pieces = match case.ends.len() {
            1 => String::new(),
            count => format!(" in {} pieces", grouped(count)),
        };
        let ending = match case.ending {
            Ending::End => "",
            Ending::Failure(_) => ", then an error",
        };
        format!("{bytes}{pieces}{ending}")
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        const MOST: usize = 20;
        let mut pieces: Vec<String> =
            case.pieces().take(MOST).map(|piece| Body::of(piece).words()).collect();
        if case.ends.len() > MOST {
            pieces.push("..".to_owned());
        }
        pieces.push(ending(case));
        vec![("stream", pieces.join(" | "))]
    }

    fn words(calls: &Vec<Call>) -> String {
        const MOST: usize = 3;
        let mut words: Vec<String> = calls.iter().take(MOST).map(call_words).collect();
        if calls.len() > MOST {
            words.push(format!(".. {} calls", grouped(calls.len())));
        }
        words.join(", ")
    }

    fn is_compared(case: &Case) -> bool {
        // Code that believes a length may take 16 MiB or more for it.
        case.starts().all(|start| case.bytes.get(start).is_none_or(|&first| first == 0))
    }

    fn draw(
        case: &Case,
        want: &Vec<Call>,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        for (label, text) in Self::describe(case) {
            screen.labelled(label, &text)?;
        }
        let Some(seen) = seen else {
            screen.line("")?;
            return draw_answers::<Self>(want, None, screen);
        };
        let wants = want.iter().map(Some).chain(iter::repeat(None));
        let calls: Vec<_> = seen.observation.iter().zip(wants).collect();
        let is_wrong = |(seen, want): &(&Seen, Option<&Call>)| seen.call.as_ref() != *want;
        let shown = calls.iter().position(is_wrong).map_or(calls.len(), |place| place + 1);
        let before = shown.saturating_sub(3);
        if before > 0 {
            screen.line("")?;
            screen.row("before", &format!("{} right", plural(before, "call")), "")?;
        }
        for (place, call) in calls[..shown].iter().enumerate().skip(before) {
            screen.line("")?;
            draw_reads(case, place + 1, call.0, screen)?;
            let want = call.1.map_or("no call".to_owned(), call_words);
            let got = call.0.call.as_ref().map(call_words);
            match is_wrong(call) {
                true => draw_end(&want, got, Some(seen), "answer", screen)?,
                false => screen.row("", "answers", &want)?,
            }
        }
        Ok(())
    }

    fn replay_string(case: &Case) -> Option<String> {
        let mut pieces: Vec<String> = case.pieces().map(dense).collect();
        pieces.push(match case.ending {
            Ending::End => "end".to_owned(),
            Ending::Failure(RESET) => "error".to_owned(),
            Ending::Failure(kind) => format!("{kind:?}"),
        });
        (case.bytes.len() <= MOST_REPLAYED).then(|| pieces.join("."))
    }
}

fn draw_reads(case: &Case, call: usize, seen: &Seen, screen: &mut Screen<'_>) -> io::Result<()> {
    /// Reads of one call that are shown. One that asks for ever has more.
    const MOST: usize = 12;
    let call = format!("call {call}");
    if seen.reads.is_empty() {
        screen.row(&call, "reads nothing", "")?;
    }
    for (number, read) in seen.reads.iter().take(MOST).enumerate() {
        let label = if number == 0 { &call } else { "" };
        let gets = match &case.bytes[read.at..read.at + read.count] {
            [] if read.room > 0 => ending(case),
            bytes => Body::of(bytes).words(),
        };
        screen.row(label, &format!("reads up to {}", read.room), &gets)?;
    }
    match seen.reads.len().saturating_sub(MOST) {
        0 => Ok(()),
        more => screen.row("", &format!("and {more} times more"), ""),
    }
}

fn call_words(call: &Call) -> String {
    let outcome = match &call.outcome {
        Outcome::Frame(body) => format!("Some({})", body.words()),
        Outcome::End => "None".to_owned(),
        Outcome::TooLong => format!("TooLong: over MAX_BODY, {MAX_BODY}"),
        Outcome::CutShort => "CutShort".to_owned(),
        Outcome::Failed(kind, true) => format!("Io({kind:?})"),
        Outcome::Failed(kind, false) => format!("another Io({kind:?})"),
    };
    match (&call.outcome, call.is_past) {
        (_, false) => outcome,
        (Outcome::TooLong, true) => "TooLong, but too late".to_owned(),
        (_, true) => format!("{outcome}, reads past it"),
    }
}

fn ending(case: &Case) -> String {
    match case.ending {
        Ending::End => "end".to_owned(),
        Ending::Failure(kind) => format!("{kind:?}"),
    }
}

#[cfg(test)]
mod tests;
