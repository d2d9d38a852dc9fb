//! Lesson 01: a CRC-8, a byte with its start, parity and stop, and the frames of a pulse train.
//!
//! Modbus RTU has this form: bytes of 11 bits (8E1, but with the least significant bit first), an
//! address, a CRC, a silence that no frame has inside.
//!
//! | argument | range | special |
//! |---|---|---|
//! | `bytes` | any | every byte; all rows of up to 4 of 4 bytes; 257, 258, 2^16 of them |
//! | `looks` of a byte | begin with a lit one, or none | all 2,048 rows of slots; every end |
//! | the sender's slots | 98 to 102 % of the watcher's | each phase; all ignored looks inverted |
//! | `looks` of frames | any | none; dark; cut at each look; each slot and each two bits flipped |
//! | an address | any | each, for a watcher and for frames; everyone |
//! | a payload | 0 to 255 bytes | 0, 1, 255; a frame within; 00 and ff |
//! | a CRC | any | each wrong one |
//! | dark looks | any | around 88, inside a frame and after a damaged one |
//!
//! Compared is what the three functions return. Left out is a `read_byte` whose first look is dark.
//!
//! What is right is found by powers of x, by weights, and by a watcher that sees one look at a
//! time.

mod bugs;
mod cases;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod right;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;
mod train;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers};
use crate::{Screen, Stopped, grouped, hex, plural};
use cases::{Case, LONG};
use right::{End, Frame};
use train::Train;

/// Looks of a slot.
pub const SLOT: usize = 4;

/// The look of a slot that counts, from 0.
pub const MIDDLE: usize = 2;

/// Dark looks in a row after which a frame is over.
pub const SILENCE: usize = 88;

/// The address of everyone.
pub const BROADCAST: u8 = 0xff;

/// Slots of a byte.
const SLOTS: usize = 11;

/// Why there is no byte, what is looked for first at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ByteError {
    /// The looks end before the middle of its stop slot.
    CutShort,
    /// Its start slot is dark in the middle.
    FalseStart,
    /// The number of lit slots among its bits and its parity slot is odd.
    Parity,
    /// Its stop slot is lit.
    Framing,
}

/// The program of the exercise.
pub fn main(
    crc8: fn(&[u8]) -> u8,
    read_byte: fn(&[bool]) -> Result<u8, ByteError>,
    read_frames: fn(&[bool], u8) -> Vec<Vec<u8>>,
) -> ExitCode {
    crate::program::main::<Signals>(solution(crc8, read_byte, read_frames))
}

/// The reader's functions, or those that have bugs: a case is for one of them.
type Solution = Arc<dyn Fn(&Case) -> Answer + Send + Sync>;

fn solution(
    crc8: impl Fn(&[u8]) -> u8 + Send + Sync + 'static,
    read_byte: impl Fn(&[bool]) -> Result<u8, ByteError> + Send + Sync + 'static,
    read_frames: impl Fn(&[bool], u8) -> Vec<Vec<u8>> + Send + Sync + 'static,
) -> Solution {
    Arc::new(move |case| match case {
        Case::Crc(bytes) => Answer::Crc(crc8(bytes)),
        Case::Byte(train) => Answer::Byte(read_byte(train.lit())),
        Case::Frames(train, address) => Answer::Frames(read_frames(&train.looks, *address)),
    })
}

/// What a function returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Crc(u8),
    Byte(Result<u8, ByteError>),
    Frames(Vec<Vec<u8>>),
}

/// The exercise of lesson 01.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signals;

impl Exercise for Signals {
    const ABOUT: About = About {
        name: "signals",
        functions: 3,
        hints: include_str!("hints.txt"),
        why: "Each start slot sets the count anew, so two clocks need to agree for 11 slots only. \
              The parity and the CRC find what was damaged, and the silence finds where the next \
              frame begins, whatever came before it.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Solution;
    type Case = Case;
    type Answer = Answer;
    type Observation = ();
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all().into_iter()
    }

    fn scope() -> String {
        format!(
            "the CRC of every byte, of small rows and of up to {} bytes; every row of slots of a \
             byte; frames with every address, payloads of up to 255 bytes, two frames in a row; \
             senders up to 2 % slower or faster; every flipped slot, two flipped bits, wrong CRC, \
             and end; and darkness inside and between frames",
            grouped(LONG),
        )
    }

    fn call(solution: &Solution, case: &Case, (): &mut ()) -> Answer {
        solution(case)
    }

    fn expected(case: &Case) -> Answer {
        let payloads = |looks: &[bool], address| {
            let mine = right::frames(looks, address).into_iter().filter(|it| it.end == End::Mine);
            mine.map(|frame| frame.payload().to_vec()).collect()
        };
        solution(right::crc8, |looks| right::byte(&right::slots(looks)), payloads)(case)
    }

    fn rule(case: &Case, got: &Answer, (): &()) -> Rule {
        rules::broken(case, &Self::expected(case), got)
    }

    fn rule_of_stop(case: &Case, stopped: &Stopped, (): &()) -> Rule {
        rules::of_stop(case, stopped)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        solution(
            right::crc8,
            move |looks| bugs::read_byte(bugs, looks),
            move |looks, address| bugs::read_frames(bugs, looks, address),
        )
    }

    fn reference() -> Solution {
        solution(reference::crc8, reference::read_byte, reference::read_frames)
    }

    fn title(case: &Case) -> String {
        match case {
            Case::Crc(bytes) => format!("crc8 of {}", plural(bytes.len(), "byte")),
            Case::Byte(train) => format!("read_byte of {}", plural(train.lit().len(), "look")),
            Case::Frames(train, _) => {
                format!("read_frames of {}", plural(train.looks.len(), "look"))
            }
        }
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let (train, address) = match case {
            Case::Crc(bytes) => return vec![("bytes", hex::row(bytes, bytes.len()))],
            Case::Byte(train) => (train, None),
            Case::Frames(train, address) => (train, Some(address)),
        };
        let watcher = address.map(|address| ("watcher", format!("address {address:02x}")));
        let seen = train.view.clone().map(|view| ("seen", view));
        watcher.into_iter().chain(seen).chain([("lamp", train.words())]).collect()
    }

    fn words(answer: &Answer) -> String {
        const MOST: usize = 4;
        match answer {
            Answer::Crc(crc) => format!("{crc:02x}"),
            Answer::Byte(Ok(byte)) => format!("Ok({byte:02x})"),
            Answer::Byte(Err(error)) => format!("Err({error:?})"),
            Answer::Frames(payloads) => {
                let words = |payload: &Vec<u8>| match payload.len() {
                    0 => "[]".to_owned(),
                    length => format!("[{}]", hex::row(payload, length)),
                };
                let none = payloads.is_empty().then(|| "no payload".to_owned());
                let more = (payloads.len() > MOST).then(|| format!(".. {} in all", payloads.len()));
                let words = payloads.iter().take(MOST).map(words).chain(none).chain(more);
                words.collect::<Vec<_>>().join(", ")
            }
        }
    }

    fn draw(
        case: &Case,
        want: &Answer,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        let got = seen.and_then(|seen| seen.end.as_ref().ok()).filter(|&got| got != want);
        let mut lines = Self::describe(case);
        match case {
            Case::Crc(_) => screen.all_labelled(&lines)?,
            Case::Byte(train) | Case::Frames(train, _) => {
                // The lamp is drawn.
                lines.pop();
                if !lines.is_empty() {
                    screen.all_labelled(&lines)?;
                    screen.line("")?;
                }
                train.draw(got.and_then(|got| first_wrong(case, want, got)), screen)?;
            }
        }
        screen.line("")?;
        draw_answers(want, seen, screen)
    }

    fn part(case: &Case) -> usize {
        match case {
            Case::Crc(_) => 0,
            Case::Byte(_) => 1,
            Case::Frames(..) => 2,
        }
    }

    fn replay_string(case: &Case) -> Option<String> {
        let Case::Crc(bytes) = case else { return None };
        let bytes = (bytes.len() <= hex::LONGEST).then(|| hex::dense(bytes))?;
        Some(format!("crc8.{}", if bytes.is_empty() { "none" } else { &bytes }))
    }
}

/// The piece of a train, and its slot, that decides between two answers.
fn first_wrong(case: &Case, want: &Answer, got: &Answer) -> Option<(usize, usize)> {
    match (case, want, got) {
        (_, Answer::Byte(want), Answer::Byte(got)) => Some((0, wrong_slot(*want, *got)?)),
        (Case::Frames(train, address), _, Answer::Frames(got)) => {
            let Wrong { frame, byte, .. } = Wrong::new(train, *address, got)?;
            Some((train.piece_at(*frame.starts.get(byte)?), 0))
        }
        _ => None,
    }
}

/// The slot that decides between two results. There is none where looks are missing.
fn wrong_slot(want: Result<u8, ByteError>, got: Result<u8, ByteError>) -> Option<usize> {
    // Of two errors, the one that is looked for first.
    match [want.err(), got.err()].into_iter().flatten().min() {
        Some(ByteError::CutShort) => None,
        Some(ByteError::FalseStart) => Some(0),
        Some(ByteError::Parity) => Some(9),
        Some(ByteError::Framing) => Some(10),
        None => Some(1 + (want.ok()? ^ got.ok()?).leading_zeros() as usize),
    }
}

/// The first thing that an answer has wrong: a frame, and which of its bytes decides.
struct Wrong {
    is: Is,
    frame: Frame,
    byte: usize,
}

/// What is wrong with a frame.
enum Is {
    /// And what became of the frame before it.
    Missing(Option<End>),
    Changed,
    /// The right watcher drops it, or leaves it to others.
    Extra,
}

impl Wrong {
    fn new(train: &Train, address: u8, got: &[Vec<u8>]) -> Option<Wrong> {
        let frames = right::frames(&train.looks, address);
        let is_mine = |&place: &usize| frames[place].end == End::Mine;
        let mine: Vec<usize> = (0..frames.len()).filter(is_mine).collect();
        let same = |pair: &(&usize, &Vec<u8>)| frames[*pair.0].payload() == pair.1;
        let right = mine.iter().zip(got).take_while(same).count();
        match mine.get(right).map(|&place| (place, frames[place].clone())) {
            Some((place, frame)) if got.len() < mine.len() => {
                let before = place.checked_sub(1).map(|before| frames[before].end);
                Some(Wrong { is: Is::Missing(before), frame, byte: 0 })
            }
            Some((_, frame)) if got.len() == mine.len() && mine.len() == frames.len() => {
                let same = frame.payload().iter().zip(&got[right]).take_while(|(a, b)| a == b);
                let byte = 2 + same.count();
                Some(Wrong { is: Is::Changed, frame, byte })
            }
            _ => {
                let extra = got.get(right)?;
                let from = right.checked_sub(1).map_or(0, |last| mine[last] + 1);
                let mut others = frames[from..].iter().filter(|frame| frame.end != End::Mine);
                let same = others.clone().find(|frame| frame.payload() == extra);
                let frame = same.or_else(|| others.next())?.clone();
                let byte = if frame.end == End::NotMine { 0 } else { frame.starts.len() - 1 };
                Some(Wrong { is: Is::Extra, frame, byte })
            }
        }
    }
}

#[cfg(test)]
mod tests;
