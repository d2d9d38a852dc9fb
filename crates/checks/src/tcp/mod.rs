//! Lesson 03: put the segments of a TCP stream in order, in a buffer of fixed size.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | `capacity` | 0 to 65,535 | 0 to 4 for every small stream; around 2^8 and 2^16 |
//! | segments | every two of up to 4 bytes, every three of up to 3 | empty, twice, overlapping |
//! | `first_index` | any `u64` | around 2^8 to 2^64, even past it: far beyond the window |
//! | `is_last` | with any segment that ends where the stream does | no bytes, before a hole, cut |
//! | `at_most` | any `usize` | 0, 1, what is ready and its neighbours, the largest |
//! | a stream | up to 65,538 bytes | backwards, every second byte; every value of a byte |
//! | memory | at most 100 bytes for each of the capacity, and 4,096 | in three long cases |
//!
//! Compared is, after each action, all that the buffer answers: the bytes of a read, the ack, the
//! window, whether the stream is complete. Left out are senders that contradict themselves, and
//! indexes that only a stream of gigabytes would reach.
//!
//! What is right is found by a map from index to byte that only grows, so the judge does not lean
//! on any buffer. Memory is counted by the allocator of the exercise's program.

mod bugs;
mod cases;
mod draw;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod right;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::hint::black_box;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule};
use crate::{Screen, grouped, plural};
use cases::{Action, Case, MEASURED, MOST, READ_ALL, SMALL, THIRDS, byte};
use right::Right;

/// What the reader writes: the receiving side of one connection.
pub trait Receiver {
    /// An empty buffer, with room for this many bytes.
    fn new(capacity: usize) -> Self
    where
        Self: Sized;

    /// Takes in a segment: the bytes of the stream from this index on. The last one ends the
    /// stream.
    fn push(&mut self, first_index: u64, bytes: &[u8], is_last: bool);

    /// Takes out the next bytes that are ready, at most this many.
    fn read(&mut self, at_most: usize) -> Vec<u8>;

    /// The next index expected.
    fn ack(&self) -> u64;

    /// The room that is left, in bytes.
    fn window(&self) -> usize;

    /// Whether every byte up to the end has arrived.
    fn is_complete(&self) -> bool;
}

/// The program of the exercise, which counts the bytes that are `allocated`.
///
/// # Panics
/// If it does not count those of this program.
pub fn main<R: Receiver + 'static>(allocated: fn() -> usize) -> ExitCode {
    let before = allocated();
    let _some = black_box(Box::new(0_u64));
    assert!(allocated() > before, "it counts the allocations of this program");
    judge(Solution {
        new: Arc::new(|capacity| Box::new(R::new(capacity))),
        allocated: Arc::new(allocated),
    })
}

/// Not generic, so that the judge is compiled here, and not with each save of the reader's file.
fn judge(solution: Solution) -> ExitCode {
    crate::program::main::<Tcp>(solution)
}

/// What makes a buffer, and what counts the memory that it takes.
#[derive(Clone)]
pub(crate) struct Solution {
    new: Arc<dyn Fn(usize) -> Box<dyn Receiver> + Send + Sync>,
    allocated: Arc<dyn Fn() -> usize + Send + Sync>,
}

impl Solution {
    /// One whose memory is not measured.
    fn new(new: impl Fn(usize) -> Box<dyn Receiver> + Send + Sync + 'static) -> Solution {
        Solution { new: Arc::new(new), allocated: Arc::new(|| 0) }
    }
}

/// What a buffer answers after an action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct After {
    /// What a read has returned.
    read: Option<Vec<u8>>,
    ack: u64,
    window: usize,
    is_complete: bool,
    takes_too_much: bool,
}

/// The answers so far, and the bytes of memory that are taken: if at some time too many, those.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    steps: Vec<After>,
    taken: usize,
}

/// The exercise of lesson 03.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tcp;

impl Exercise for Tcp {
    const ABOUT: About = About {
        name: "tcp",
        functions: 5,
        hints: include_str!("hints.txt"),
        why: "The index says where a byte belongs, so order, repeats and overlaps do not matter. \
              The ack stops at the first hole, so the sender knows what to send again; and the \
              window ends `capacity` bytes after the last one read, so no more comes than fits.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Solution;
    type Case = Case;
    type Answer = Vec<After>;
    type Observation = Seen;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all().into_iter()
    }

    fn scope() -> String {
        format!(
            "every two segments of streams of up to {SMALL} bytes in buffers of 0 to {SMALL}, \
             with reads between; every three of up to {THIRDS}; indexes up to 2^64 - 1; buffers of \
             up to {} bytes; streams in order, backwards and with many holes; and how much memory \
             is taken",
            grouped(MOST),
        )
    }

    fn call(solution: &Solution, case: &Case, seen: &mut Seen) -> Vec<After> {
        // Where some are still to be written, each is the first to be called in some case.
        let mut asks: [fn(&dyn Receiver, &mut After); 3] = [
            |buffer, after| after.ack = buffer.ack(),
            |buffer, after| after.window = buffer.window(),
            |buffer, after| after.is_complete = buffer.is_complete(),
        ];
        asks.rotate_left(case.capacity % 3);
        seen.steps.reserve_exact(case.actions.len());
        let before = (solution.allocated)();
        let mut buffer = (solution.new)(case.capacity);
        let mut own = 0;
        for &action in &case.actions {
            let mut after = After::default();
            match action {
                Action::New => {}
                Action::Push { first, count, is_last } => {
                    let indexes = (0..count as u64).map(|offset| first.wrapping_add(offset));
                    let bytes: Vec<u8> = indexes.map(byte).collect();
                    buffer.push(first, &bytes, is_last);
                }
                Action::Read(at_most) => {
                    let bytes = buffer.read(at_most);
                    own += bytes.capacity();
                    after.read = Some(bytes);
                }
            }
            asks.iter().for_each(|ask| ask(&*buffer, &mut after));
            if case.capacity == MEASURED && seen.taken <= case.allowed() {
                seen.taken = (solution.allocated)().saturating_sub(before + own);
            }
            after.takes_too_much = seen.taken > case.allowed();
            seen.steps.push(after);
        }
        seen.steps.clone()
    }

    fn expected(case: &Case) -> Vec<After> {
        let mut right = Right::new(case.capacity);
        case.actions.iter().map(|&action| right.act(action)).collect()
    }

    fn rule(case: &Case, got: &Vec<After>, _: &Seen) -> Rule {
        let want = Self::expected(case);
        let wrong = (0..want.len()).find(|&place| got[place] != want[place]);
        let wrong = wrong.expect("a wrong answer is wrong after some action");
        rules::broken(case, wrong, &want[wrong], &got[wrong])
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        Solution::new(move |capacity| Box::new(bugs::Buggy::new(bugs, capacity)))
    }

    fn reference() -> Solution {
        Solution::new(|capacity| Box::new(reference::ReceiveBuffer::new(capacity)))
    }

    fn title(case: &Case) -> String {
        let is_segment = |action: &&Action| matches!(action, Action::Push { .. });
        let segments = case.actions.iter().filter(is_segment).count();
        format!("{}, capacity {}", plural(segments, "segment"), grouped(case.capacity))
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let shown = case.actions.iter().take(draw::SHOWN);
        let mut actions: Vec<String> = shown.map(|action| action.words()).collect();
        if case.actions.len() > draw::SHOWN {
            actions.push(format!("{} more", case.actions.len() - draw::SHOWN));
        }
        let capacity = format!("capacity {}", grouped(case.capacity));
        vec![("buffer", capacity), ("actions", actions.join("; "))]
    }

    fn words(answers: &Vec<After>) -> String {
        const MOST: usize = 3;
        let last = &answers[answers.len().saturating_sub(MOST)..];
        last.iter().map(After::words).collect::<Vec<_>>().join("; ")
    }

    /// The memory of a mistake is not that of the reader's code.
    fn is_compared(case: &Case) -> bool {
        case.capacity != MEASURED
    }

    fn draw(
        case: &Case,
        want: &Vec<After>,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        draw::draw(case, want, seen, screen)
    }

    /// The capacity and the actions of a small case: `cap4.2cd.r1.0abF.r`, where `2cd` is a segment
    /// from index 2 on, F the end, and `r` reads all.
    fn replay_string(case: &Case) -> Option<String> {
        let action = |&action: &Action| match action {
            Action::New => Some("new".to_owned()),
            READ_ALL => Some("r".to_owned()),
            Action::Read(at_most) => Some(format!("r{at_most}")),
            Action::Push { first, count, is_last } => {
                let end = first.checked_add(count as u64).filter(|&end| end <= SMALL)?;
                let bytes: String = (first..end).map(|index| char::from(byte(index))).collect();
                Some(format!("{first}{bytes}{}", if is_last { "F" } else { "" }))
            }
        };
        let actions = case.actions.iter().map(action).collect::<Option<Vec<String>>>()?;
        Some(format!("cap{}.{}", case.capacity, actions.join(".")))
    }
}

#[cfg(test)]
mod tests;
