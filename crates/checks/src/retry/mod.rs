//! Lesson 08: after a failed attempt, whether to try again, and after which wait.
//!
//! | argument | range | special |
//! |---|---|---|
//! | `failure` | all kinds | no `retry_after`, one of 0, shorter and longer than other waits |
//! | `attempt` | 1 to `u32::MAX` | every one up to 66; around 2^8, 2^16 and 2^31; the largest |
//! | `elapsed` | any `u64` | before the deadline, at it and after it |
//! | `policy` | any | no attempts, no base, a cap under the base, a deadline of 0 |
//! | times and waits | any `u64` | around 2^8, 2^16, 2^31, 2^32, 2^53 and 2^63; the largest |
//! | `rng` | where its number falls | first in the range, in the middle, last |
//!
//! Compared is the decision, with the wait in it. A second draw gets another number; how many there
//! are, and from which ranges, is shown and not compared. An attempt 0 is left out: attempts are
//! counted from 1.
//!
//! What is right is read from a table (`rules::to_give_up`) and computed in 128 bits, where nothing
//! saturates. So the judge does not lean on the arithmetic that is the exercise.

mod bugs;
mod cases;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod right;
mod rng;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::fmt::Debug;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Bugs, Exercise, Mistake, Rule};
use crate::{Screen, plural};
use cases::Case;
pub use right::expected;
pub use rng::Rng;

/// Why an attempt failed, by what that says of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// No connection came about: the request never left, and was not executed.
    NotSent,
    /// The server has too much to do, and did not execute the request.
    Busy {
        /// The wait that it asks for at least, in milliseconds, if it asks for one.
        retry_after: Option<u64>,
    },
    /// No reply came: whether the request was executed is unknown.
    Unanswered,
    /// The server says that the request is wrong, or not allowed.
    Rejected,
}

/// When to try again. Times are milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Policy {
    /// How often the operation is tried, the first attempt included.
    pub attempts: u32,
    /// The longest wait after the first attempt.
    pub base: u64,
    /// The longest wait of all.
    pub cap: u64,
    /// The moment from which on no attempt may begin, counted from when the first one began.
    pub deadline: u64,
    /// Whether executing the request twice leaves what executing it once leaves.
    pub idempotent: bool,
}

/// What follows on a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// No further attempt.
    GiveUp,
    /// Another attempt, after this many milliseconds.
    Wait(u64),
}

/// The program of the exercise.
pub fn main(after: fn(Failure, u32, u64, &Policy, &mut Rng) -> Decision) -> ExitCode {
    crate::program::main::<Retry>(Arc::new(after))
}

/// What the reader writes.
pub(crate) type After = Arc<dyn Fn(Failure, u32, u64, &Policy, &mut Rng) -> Decision + Send + Sync>;

/// The exercise of lesson 08.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry;

impl Exercise for Retry {
    const ABOUT: About = About {
        name: "retry",
        functions: 1,
        hints: include_str!("hints.txt"),
        why: "Only what may be executed again is tried again, and only while attempts and time are \
              left. The waits grow, so that a long outage sees few attempts, and the jitter \
              spreads clients that failed together.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = After;
    type Case = Case;
    type Answer = Decision;
    /// With what was drawn.
    type Observation = Rng;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn scope() -> String {
        format!(
            "the first attempts under several policies, after every failure, before the deadline, \
             at it and after it; every attempt up to {} and more up to the largest; waits, times \
             and limits from 0 to the largest, and at the edges of every type; with random numbers \
             at both ends and in the middle",
            cases::DOUBLED_OUT
        )
    }

    fn call(after: &After, case: &Case, rng: &mut Rng) -> Decision {
        rng.draw = case.draw;
        after(case.failure, case.attempt, case.elapsed, &case.policy, rng)
    }

    fn expected(case: &Case) -> Decision {
        expected(case.failure, case.attempt, case.elapsed, &case.policy, case.draw)
    }

    fn rule(case: &Case, got: &Decision, rng: &Rng) -> Rule {
        rules::broken(case, *got, &rng.draws)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> After {
        Arc::new(move |failure, attempt, elapsed, policy, rng| {
            bugs::after(bugs, (failure, attempt, elapsed), policy, rng)
        })
    }

    fn reference() -> After {
        Arc::new(reference::after)
    }

    fn title(case: &Case) -> String {
        format!("attempt {}, {}", case.attempt, named(case.failure))
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let policy = named(case.policy).replace("Policy { ", "").replace(" }", "");
        let place = match case.draw {
            0 => "first",
            u64::MAX => "last",
            _ => "middle",
        };
        let (longest, drawn) = (named(right::longest(case)), named(right::drawn(case)));
        vec![
            ("policy", policy),
            ("attempt", format!("{} fails: {}", case.attempt, named(case.failure))),
            ("elapsed", format!("{} ms", named(case.elapsed))),
            ("chance", format!("the {place} of the range; of 0..={longest} that is {drawn}")),
        ]
    }

    fn words(decision: &Decision) -> String {
        named(decision)
    }

    /// What was drawn. One draw is enough for a right answer.
    fn draw_observation(rng: &Rng, screen: &mut Screen<'_>) -> io::Result<()> {
        const SHOWN: usize = 3;
        for (range, number) in rng.draws.iter().take(SHOWN) {
            let gets = format!("{} and gets {}", named(range), named(number));
            screen.row("", "draws within", &gets)?;
        }
        match rng.draws.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => screen.row("", "and again", &plural(more, "time")),
        }
    }

    /// A loop over so many attempts, in each of these cases, takes longer than there is time.
    fn is_compared(case: &Case) -> bool {
        !cases::MANY_ATTEMPTS.contains(&case.attempt)
    }
}

/// A value as the reader would write it.
fn named(value: impl Debug) -> String {
    format!("{value:?}").replace("18446744073709551615", "u64::MAX")
}

#[cfg(test)]
mod tests;
