//! Lesson 06: read one frame from a stream, however its bytes are cut.
//!
//! The cases are small streams of bytes, each cut into pieces in every way: a read hands out what
//! is left of one piece and never more, which is all that TCP promises. So that every stream of
//! interest fits into few bytes, a body has at most [`MAX_BODY`] of them.
//!
//! What is right is worked out from the whole stream at once, by slicing (`Case::answers`), so the
//! judge does not lean on any code that reads.
//!
//! Left out: [`ErrorKind::Interrupted`](io::ErrorKind::Interrupted). `read_exact` tries again by
//! itself where a signal cut a read short; a loop around `read` that does not is no
//! misunderstanding of frames.

mod cases;
mod mistakes;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod screen;
mod stream;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::fmt;
use std::io::{self, Read};

use crate::{Exercise, Mistake, Screen, Unsolved};
use cases::{Answer, Case, Ending, LONGEST_STREAM};
use stream::Call;

/// The longest body that a frame of this exercise may have, in bytes.
pub const MAX_BODY: usize = 5;

/// Bytes of the length ahead of a body.
const HEADER: usize = 4;

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

/// The exercise of lesson 06.
#[derive(Clone, Copy, Debug)]
pub struct Echo;

impl Exercise for Echo {
    const NAME: &'static str = "echo";
    const STUB: &'static str = include_str!("stub.rs");
    const REFERENCE: &'static str = include_str!("reference.rs");
    const HINTS: [&'static str; 3] = [
        "How many bytes does one read return, at least and at most? What in your code depends on \
         it?",
        "TCP is a byte stream: it keeps the order of the bytes and forgets where each write ended. \
         So the frame has to say where it ends, and the reader has to count. The page has this \
         under \"Why\".",
        "Write a function that reads until a buffer is full or a read returns 0, and says how many \
         bytes came. Fill four bytes with it, compare the length with MAX_BODY, then fill the \
         body.",
    ];
    const WHY: &'static str = "The length says where the frame ends, and you read on until you are \
                               there, however many reads it takes and never past it. So the cuts \
                               no longer matter, and neither does what follows.";
    const ORDER: &'static str = "streams that end, then streams that fail, each the shortest first";
    const NOT_COMPARED: Option<&str> = Some("those with a length whose first byte is not 0");

    type Solution = ReadFrame;
    type Case = Case;
    type Seen = Vec<Call>;
    type Measure = (Ending, usize, u32);

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn is_dangerous(case: &Case) -> bool {
        case.is_dangerous()
    }

    fn scope() -> String {
        format!(
            "streams of up to {LONGEST_STREAM} bytes, of frames that claim 0 to {} bytes, 2^8, \
             2^16, 2^24 or 2^32 - 1, broken off anywhere and cut in every way, that end or fail",
            MAX_BODY + 1
        )
    }

    fn size(case: &Case) -> String {
        case.size()
    }

    fn measure(case: &Case) -> Self::Measure {
        case.measure()
    }

    fn observe(solution: ReadFrame, case: &Case) -> Result<Vec<Call>, Unsolved> {
        stream::observe(solution, case)
    }

    fn broken_rule(case: &Case, seen: &Vec<Call>) -> Option<&'static str> {
        let (want, got) = first_difference(case, seen)?;
        Some(rule(&want, got))
    }

    fn same_answers(one: &Vec<Call>, other: &Vec<Call>) -> bool {
        let one = one.iter().map(|call| &call.answer);
        one.eq(other.iter().map(|call| &call.answer))
    }

    fn draw(case: &Case, seen: &Vec<Call>, screen: &mut Screen<'_>) -> io::Result<()> {
        screen::draw(case, seen, screen)
    }

    fn code(case: &Case) -> String {
        case.code()
    }

    fn parse(code: &str) -> Result<Case, String> {
        Case::parse(code)
    }

    fn mistakes() -> &'static [Mistake<ReadFrame>] {
        mistakes::ALL
    }
}

/// The first answer that should have been another.
///
/// A right answer that ends the reading is the last there is, and a wrong one comes before it or in
/// its place: so comparing the answers in pairs misses none.
fn first_difference<'a>(case: &Case, seen: &'a [Call]) -> Option<(Answer, &'a Answer)> {
    let got = seen.iter().map(|call| &call.answer);
    case.answers().into_iter().zip(got).find(|(want, got)| want != *got)
}

fn rule(want: &Answer, got: &Answer) -> &'static str {
    match (want, got) {
        (_, Answer::Panicked(panic)) => panic.rule(),
        (_, Answer::ReadsForEver) => {
            "A read of 0 bytes is the end of the stream, and an error is final: however often you \
             ask, no more comes."
        }
        (Answer::TooLong, _) => {
            "A length over MAX_BODY is refused as soon as it is known, and nothing more is read: a \
             peer that sends four bytes can claim 4 GiB."
        }
        (_, Answer::TooLong | Answer::TooLongTooLate) => {
            "A length of up to MAX_BODY, 5, is allowed. It is in four bytes, the most significant \
             first."
        }
        (Answer::Failed(_), _) => {
            "A stream that fails has not ended: its error is passed on as it is."
        }
        (Answer::CutShort, _) => {
            "A stream that ends inside a frame, in its length or in its body, has cut it short. \
             What came is no frame, and the end is not a good one."
        }
        (Answer::End, _) => {
            "Between two frames the stream may end. That is no error: the answer is Ok(None)."
        }
        (Answer::Frame(body), _) if body.is_empty() => {
            "A length of 0 is a frame too, one with nothing in it. It takes four bytes, in however \
             many reads."
        }
        (Answer::Frame(_), _) => {
            "A frame is a length in four bytes, the most significant first, and then that many \
             bytes, in however many reads. What follows them stays in the stream."
        }
        (Answer::TooLongTooLate | Answer::Panicked(_) | Answer::ReadsForEver, _) => {
            unreachable!("no stream asks for this answer")
        }
    }
}

#[cfg(test)]
mod tests;
