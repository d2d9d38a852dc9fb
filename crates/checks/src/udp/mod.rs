//! Lesson 04: give out numbered datagrams in order and once, with a bounded window.
//!
//! The numbers are compared as RFC 1982 does (serial number arithmetic). What it leaves open, two
//! that are half of all numbers apart, is decided here. RTP (RFC 3550) has numbers of this size.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | `a`, `b` | any | distances around each power of two, 0, half and its neighbours |
//! | `first` | any | 0; so that a few datagrams wrap, or cross 2^15 |
//! | `window` | 1 to 2^15 | 1 to 4 for every few datagrams; around 2^8; the largest two |
//! | datagrams | up to 4, in every order | late, twice, lost, beyond the window |
//! | `number` | any | both ends of the window and their neighbours; half of all numbers away |
//! | a run | up to 500 datagrams | across the wrap; backwards; numbers that come again |
//!
//! Compared is what each `push` gives out, and what is kept after it. Left out are payloads that
//! differ from their copies, and datagrams more than half of all numbers away, which no receiver
//! can tell from others. What a receiver keeps beside the payloads is not measured; a memory of
//! numbers shows where they come again.
//!
//! What is right is found by numbers that do not wrap.

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

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers};
use crate::{Screen, Stopped, grouped, plural};
use cases::{Arrivals, Case, HALF, LONG, SMALL};
use draw::SHOWN;
use right::Right;

/// What a datagram carries.
pub type Payload = Vec<u8>;

/// What the reader writes beside `is_newer`.
pub trait Receiver {
    /// A receiver that has got nothing, and expects this number; its window has this many.
    fn new(first: u16, window: u16) -> Self
    where
        Self: Sized;

    /// Takes in a datagram, and returns the payloads that it gives out, in order.
    fn push(&mut self, number: u16, payload: Payload) -> Vec<Payload>;

    /// How many payloads are kept.
    fn kept(&self) -> usize;
}

/// The program of the exercise.
pub fn main<R: Receiver + 'static>(is_newer: fn(u16, u16) -> bool) -> ExitCode {
    judge(Solution::new::<R>(is_newer))
}

/// Not generic, so that the judge is compiled here, and not with each save of the reader's file.
fn judge(solution: Solution) -> ExitCode {
    crate::program::main::<Udp>(solution)
}

/// The reader's function, and what makes a receiver.
#[derive(Clone)]
pub(crate) struct Solution {
    is_newer: Arc<dyn Fn(u16, u16) -> bool + Send + Sync>,
    new: Arc<dyn Fn(u16, u16) -> Box<dyn Receiver> + Send + Sync>,
}

impl Solution {
    fn new<R: Receiver + 'static>(is_newer: fn(u16, u16) -> bool) -> Solution {
        let new = |first, window| -> Box<dyn Receiver> { Box::new(R::new(first, window)) };
        Solution { is_newer: Arc::new(is_newer), new: Arc::new(new) }
    }
}

/// What a `push` gives out, and what is kept after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct After {
    given: Vec<Payload>,
    kept: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Newer(bool),
    /// After each datagram; or, where there are none, of a new receiver.
    Receive(Vec<After>),
}

/// The exercise of lesson 04.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Udp;

impl Exercise for Udp {
    const ABOUT: About = About {
        name: "udp",
        functions: 3,
        hints: include_str!("hints.txt"),
        why: "One distance, with wrapping, decides all: what is late is dropped, what is early \
              waits, and what is too far ahead moves the window, so that a lost datagram holds up \
              at most a window of others. TCP would hold up all of them until it comes again.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Solution;
    type Case = Case;
    type Answer = Answer;
    /// The answers so far.
    type Observation = Vec<After>;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn scope() -> String {
        format!(
            "distances around every power of two; every row of up to {SMALL} datagrams, late, \
             early, twice and lost, in windows of 1 to {SMALL}, with numbers that wrap or cross \
             32,768; both ends of windows of up to 32,768; runs of up to {} datagrams; and numbers \
             that come again",
            grouped(LONG as usize),
        )
    }

    fn call(solution: &Solution, case: &Case, seen: &mut Vec<After>) -> Answer {
        let case = match case {
            Case::Newer(a, b) => return Answer::Newer((solution.is_newer)(*a, *b)),
            Case::Receive(case) => case,
        };
        let mut receiver = (solution.new)(case.first, case.window);
        if case.datagrams.is_empty() {
            seen.push(After { given: Vec::new(), kept: receiver.kept() });
        }
        for &at in &case.datagrams {
            let given = receiver.push(case.number(at), Arrivals::payload(at));
            seen.push(After { given, kept: receiver.kept() });
        }
        Answer::Receive(seen.clone())
    }

    fn expected(case: &Case) -> Answer {
        match case {
            Case::Newer(a, b) => {
                let ahead = [0, 2 * HALF].map(|wraps| i64::from(*a) + wraps - i64::from(*b));
                Answer::Newer(ahead.iter().any(|steps| (1..HALF).contains(steps)))
            }
            Case::Receive(case) if case.datagrams.is_empty() => {
                Answer::Receive(vec![After::default()])
            }
            Case::Receive(case) => {
                let mut right = Right::after(case, 0);
                Answer::Receive(case.datagrams.iter().map(|&at| right.push(at)).collect())
            }
        }
    }

    fn rule(case: &Case, got: &Answer, _: &Vec<After>) -> Rule {
        match (case, Self::expected(case), got) {
            (Case::Receive(case), Answer::Receive(want), Answer::Receive(got)) => {
                let wrong = (0..want.len()).find(|&place| got[place] != want[place]);
                let wrong = wrong.expect("a wrong answer is wrong after some datagram");
                rules::broken(case, wrong, &want[wrong], &got[wrong])
            }
            (&Case::Newer(a, b), ..) => rules::comparing(a, b),
            _ => unreachable!("each case is for one function"),
        }
    }

    fn rule_of_stop(_: &Case, stopped: &Stopped, _: &Vec<After>) -> Rule {
        match stopped {
            Stopped::Panicked(panic) if panic.overflowed_operation().is_some() => rules::OVERFLOW,
            _ => stopped.rule(),
        }
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        let new = move |first, window| -> Box<dyn Receiver> {
            Box::new(bugs::Buggy::new(bugs, first, window))
        };
        let is_newer = move |a, b| bugs::is_newer(bugs, a, b);
        Solution { is_newer: Arc::new(is_newer), new: Arc::new(new) }
    }

    fn reference() -> Solution {
        Solution::new::<reference::ReorderBuffer>(reference::is_newer)
    }

    fn title(case: &Case) -> String {
        match case {
            Case::Newer(a, b) => format!("is_newer({a}, {b})"),
            Case::Receive(case) => {
                let datagrams = plural(case.datagrams.len(), "datagram");
                format!("{datagrams}, window {}", grouped(case.window.into()))
            }
        }
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let case = match case {
            Case::Newer(a, b) => {
                let after = |one: u16, other: u16| grouped(one.wrapping_sub(other).into());
                return vec![
                    ("a", format!("{a}, which is {} after b", after(*a, *b))),
                    ("b", format!("{b}, which is {} after a", after(*b, *a))),
                ];
            }
            Case::Receive(case) => case,
        };
        let shown = case.datagrams.iter().take(SHOWN);
        let mut arrivals: Vec<String> = shown.map(|&at| case.words(at)).collect();
        if case.datagrams.len() > SHOWN {
            arrivals.push(format!("{} more", case.datagrams.len() - SHOWN));
        }
        let receiver = format!("first {}, window {}", case.first, case.window);
        vec![("receiver", receiver), ("arrive", arrivals.join(", "))]
    }

    fn words(answer: &Answer) -> String {
        match answer {
            Answer::Newer(is_newer) => is_newer.to_string(),
            Answer::Receive(steps) => steps.last().map_or(String::new(), After::words),
        }
    }

    fn part(case: &Case) -> usize {
        usize::from(matches!(case, Case::Receive(_)))
    }

    /// To take half of all numbers for ahead is a mistake of its own, beside any other.
    fn is_compared(case: &Case) -> bool {
        !matches!(case, Case::Receive(case) if case.is_half_away())
    }

    fn draw(
        case: &Case,
        want: &Answer,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        match (case, want) {
            (Case::Receive(case), Answer::Receive(want)) => draw::draw(case, want, seen, screen),
            _ => {
                screen.all_labelled(&Self::describe(case))?;
                screen.line("")?;
                draw_answers(want, seen, screen)
            }
        }
    }

    /// The numbers of a few: `newer.0.65535`, and `first0.window2.1.0` where 1 and 0 arrive.
    fn replay_string(case: &Case) -> Option<String> {
        let case = match case {
            Case::Newer(a, b) => return Some(format!("newer.{a}.{b}")),
            Case::Receive(case) => case,
        };
        let numbers: String =
            case.datagrams.iter().map(|&at| format!(".{}", case.number(at))).collect();
        let is_short = case.datagrams.len() <= SMALL;
        is_short.then(|| format!("first{}.window{}{numbers}", case.first, case.window))
    }
}

#[cfg(test)]
mod tests;
