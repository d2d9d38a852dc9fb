//! Lesson 06: read one frame from a stream, however its bytes are cut.
//!
//! The cases are small streams of bytes, each cut into pieces in every way: a read hands out what is left of one piece
//! and never more, which is all that TCP promises. So that every stream of interest fits into few bytes, a body has at
//! most [`MAX_BODY`] of them.
//!
//! What is right is worked out from the whole stream at once, by slicing (`Case::answers`), so the judge
//! does not lean on any code that reads.
//!
//! Left out: [`ErrorKind::Interrupted`](io::ErrorKind::Interrupted). `read_exact` tries again by itself where a signal
//! cut a read short; a loop around `read` that does not is no misunderstanding of frames.

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
        "How many bytes does one read return, at least and at most? What in your code depends on it?",
        "TCP is a byte stream: it keeps the order of the bytes and forgets where each write ended. So the frame has to say \
            where it ends, and the reader has to count. The page has this under \"Why\".",
        "Write a function that reads until a buffer is full or a read returns 0, and says how many bytes came. Fill four \
            bytes with it, compare the length with MAX_BODY, then fill the body.",
    ];
    const WHY: &'static str = "The length says where the frame ends, and you read on until you are there, however \
        many reads it takes and never past it. So the cuts no longer matter, and neither does what follows.";
    const ORDER: &'static str = "streams that end, then streams that fail, each the shortest first";

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
            "streams of up to {LONGEST_STREAM} bytes, of frames that claim 0 to {} bytes, 2^8, 2^16, 2^24 or 2^32 - 1, \
             broken off anywhere and cut in every way, that end or fail",
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
/// A right answer that ends the reading is the last there is, and a wrong one comes before it or in its place: so
/// comparing the answers in pairs misses none.
fn first_difference<'a>(case: &Case, seen: &'a [Call]) -> Option<(Answer, &'a Answer)> {
    let got = seen.iter().map(|call| &call.answer);
    case.answers()
        .into_iter()
        .zip(got)
        .find(|(want, got)| want != *got)
}

fn rule(want: &Answer, got: &Answer) -> &'static str {
    match (want, got) {
        (_, Answer::Panicked(_)) => "No bytes from outside make the code panic.",
        (_, Answer::ReadsForEver) => {
            "A read of 0 bytes is the end of the stream, and an error is final: however often you ask, no more comes."
        }
        (Answer::TooLong, _) => {
            "A length over MAX_BODY is refused as soon as it is known, and nothing more is read: a peer that sends \
             four bytes can claim 4 GiB."
        }
        (_, Answer::TooLong | Answer::TooLongTooLate) => {
            "A length of up to MAX_BODY, 5, is allowed. It is in four bytes, the most significant first."
        }
        (Answer::Failed(_), _) => {
            "A stream that fails has not ended: its error is passed on as it is."
        }
        (Answer::CutShort, _) => {
            "A stream that ends inside a frame, in its length or in its body, has cut it short. What came is no \
             frame, and the end is not a good one."
        }
        (Answer::End, _) => {
            "Between two frames the stream may end. That is no error: the answer is Ok(None)."
        }
        (Answer::Frame(body), _) if body.is_empty() => {
            "A length of 0 is a frame too, one with nothing in it. It takes four bytes, in however many reads."
        }
        (Answer::Frame(_), _) => {
            "A frame is a length in four bytes, the most significant first, and then that many bytes, in however \
             many reads. What follows them stays in the stream."
        }
        (Answer::TooLongTooLate | Answer::Panicked(_) | Answer::ReadsForEver, _) => {
            unreachable!("no stream asks for this answer")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Verdict;
    use crate::program::Patience;
    use crate::proofs::{prove, screen_of, screen_within};

    #[test]
    fn it_is_sound() {
        prove::<Echo>(stub::read_frame, reference::read_frame);
    }

    #[test]
    fn the_screen_shows_every_read_and_the_first_wrong_answer() {
        let drops = mistakes::ALL
            .iter()
            .find(|mistake| mistake.name.starts_with("drops"));
        let (_, screen) = screen_of::<Echo>(drops.unwrap().solution);
        let expected = "\
echo   WRONG   first failure: 5 bytes; every case before it passes: streams that
          end, then streams that fail, each the shortest first

  stream  00 00 00 00 00 | end

  call 1  reads up to 9     00 00 00 00 00
          answers           Some(no bytes)

  call 2  reads up to 9     end
          want              CutShort
          got               None                      ◀ first wrong answer

  rule    A stream that ends inside a frame, in its length or in its body, has
          cut it short. What came is no frame, and the end is not a good one.
  looks   like \"drops what follows the frame\": your answers equal this mistake's
          on all 22,100 cases compared.
          It reads past the frame and forgets the rest, but those bytes are out
          of the stream now, and they are how the next frame begins.
  next    cargo run -- hint echo
          cargo run -- replay echo:0000000000.end
          shows this one case again, with your code as it is then
";
        assert_eq!(screen, expected);
    }

    #[test]
    fn a_panic_is_wrong_and_told_with_its_words_and_place() {
        let (verdict, screen) = screen_of::<Echo>(|stream| {
            let mut header = [0; 4];
            stream
                .read_exact(&mut header)
                .expect("four bytes\nat least");
            Ok(None)
        });
        assert_eq!(verdict, Verdict::Wrong);
        assert!(screen.contains("got               a panic "), "{screen}");
        assert!(
            screen.contains("it says           four bytes at least: Error"),
            "{screen}"
        );
        assert!(screen.contains("mod.rs:"), "{screen}");
        assert!(!screen.contains("looks"), "{screen}");
    }

    #[test]
    fn reading_on_for_ever_is_wrong_and_soon_over() {
        let (verdict, screen) = screen_of::<Echo>(|stream| {
            let mut header = [0; 4];
            let mut have = 0;
            while have < 4 {
                have += stream.read(&mut header[have..]).unwrap_or(0);
            }
            Ok(None)
        });
        assert_eq!(verdict, Verdict::Wrong);
        assert!(screen.contains("and 89 times more"), "{screen}");
        assert!(
            screen.contains("got               reads on for ever "),
            "{screen}"
        );
    }

    #[test]
    fn a_solution_that_does_not_return_from_later_cases_is_shown_at_the_first() {
        let patience = Patience {
            judge: Duration::from_secs(60),
            diagnosis: Duration::from_millis(50),
        };
        let (verdict, screen) = screen_within::<Echo>(patience, |stream| {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes)?;
            while bytes.len() > 1 {
                std::thread::park();
            }
            Ok(None)
        });
        assert_eq!(verdict, Verdict::Wrong);
        assert!(screen.contains("first failure: 1 byte;"), "{screen}");
        assert!(!screen.contains("looks"), "{screen}");
    }

    #[test]
    fn a_solution_that_does_not_return_is_shown_where_it_does_not() {
        let patience = Patience {
            judge: Duration::from_secs(1),
            diagnosis: Duration::from_secs(60),
        };
        let (verdict, screen) = screen_within::<Echo>(patience, |stream| {
            if stream.read(&mut [0])? == 1 {
                std::thread::park();
                unreachable!("nobody wakes it");
            }
            Ok(None)
        });
        assert_eq!(verdict, Verdict::TimedOut);
        assert!(
            screen.starts_with(
                "echo   TIMED OUT   after 1 s your code has not come back from this case: 1"
            ),
            "{screen}"
        );
        assert!(screen.contains("replay echo:00.end\n"), "{screen}");
    }

    #[test]
    fn every_byte_of_the_length_counts_and_nothing_can_be_added_to_the_greatest() {
        let ignores_the_first_byte = |stream: &mut dyn Read| {
            length_by(stream, |[_, rest @ ..]| {
                rest.into_iter()
                    .fold(0, |length, byte| length << 8 | usize::from(byte))
            })
        };
        assert_wrong_at(ignores_the_first_byte, "01000000.end");
        let overflows = |stream: &mut dyn Read| {
            length_by(stream, |header| {
                let whole = u32::from_be_bytes(header).wrapping_add(HEADER as u32);
                whole.saturating_sub(HEADER as u32) as usize
            })
        };
        assert_wrong_at(overflows, "ffffffff.end");
    }

    /// Right but for what it takes for the length.
    fn length_by(
        stream: &mut dyn Read,
        length: fn([u8; HEADER]) -> usize,
    ) -> Result<Option<Vec<u8>>, FrameError> {
        let mut first = [0; HEADER];
        let mut have = 0;
        while have < HEADER {
            match stream.read(&mut first[have..])? {
                0 if have == 0 => return Ok(None),
                0 => return Err(FrameError::CutShort),
                count => have += count,
            }
        }
        let length = u32::try_from(length(first)).expect("it came from four bytes");
        reference::read_frame(&mut length.to_be_bytes().chain(stream))
    }

    fn assert_wrong_at(solution: ReadFrame, code: &str) {
        let (verdict, screen) = screen_of::<Echo>(solution);
        assert_eq!(verdict, Verdict::Wrong, "{screen}");
        assert!(
            screen.contains(&format!("replay echo:{code}\n")),
            "{screen}"
        );
        assert!(!screen.contains("looks"), "{screen}");
    }

    #[test]
    fn where_a_length_is_too_long_the_screen_says_what_the_limit_is() {
        for (name, words) in [
            ("no limit", "want              TooLong: over MAX_BODY, 5"),
            (
                "the limit itself is refused",
                "A length of up to MAX_BODY, 5, is allowed.",
            ),
        ] {
            let known = mistakes::ALL.iter().find(|mistake| mistake.name == name);
            let (_, screen) = screen_of::<Echo>(known.unwrap().solution);
            assert!(screen.contains(words), "{screen}");
        }
    }

    #[test]
    fn frames_without_end_and_without_bound_are_wrong_and_shown_in_short() {
        let (verdict, screen) = screen_of::<Echo>(|_| Ok(Some(vec![7; 100_000])));
        assert_eq!(verdict, Verdict::Wrong);
        assert!(screen.contains("call 1  reads nothing"), "{screen}");
        assert!(screen.contains("Some(07 07 07 .., 100,000)"), "{screen}");
    }

    #[test]
    fn what_is_solved_in_part_is_not_started_but_counted() {
        let (verdict, screen) = screen_of::<Echo>(|stream| match stream.read(&mut [0])? {
            0 => Ok(None),
            _ => crate::unsolved!("the frame", stream),
        });
        assert_eq!(verdict, Verdict::NotStarted);
        assert!(
            screen.contains("still to be written: the frame"),
            "{screen}"
        );
        assert!(
            screen.contains("so far  1 case right without it"),
            "{screen}"
        );
    }
}
