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
//! What is right is read from a [table](right::may_be_sent_again) and computed in 128 bits, where
//! nothing saturates. So the judge does not lean on the arithmetic that is the exercise.

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

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers};
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
        stub: include_str!("stub.rs"),
        reference: include_str!("reference.rs"),
        functions: 1,
        hints: [
            "For each kind of failure: was the request executed? For each wait: what is the \
             longest, and who says so?",
            "Reasons to give up come in an order, and so do the steps of the wait: growth, cap, \
             jitter, then what the server asks for. The page has both under \"Why\", as wait and \
             after_failure.",
            "`policy.base.saturating_mul(2_u64.saturating_pow(attempt - 1)).min(policy.cap)` is \
             the longest wait. Draw from 0 up to it, take the larger of that and retry_after, and \
             give up where `elapsed.saturating_add(wait)` is not below the deadline.",
        ],
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
        cases::scope()
    }

    fn call(after: &After, case: &Case, rng: &mut Rng) -> Decision {
        *rng = Rng::drawing(case.draw);
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
        let kind = match case.failure {
            Failure::Busy { retry_after: Some(_) } => "Busy with retry_after".to_owned(),
            Failure::Busy { retry_after: None } => "Busy".to_owned(),
            failure => format!("{failure:?}"),
        };
        format!("attempt {}, {kind}", number(case.attempt.into()))
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let Policy { attempts, base, cap, deadline, idempotent } = case.policy;
        let [base, cap, deadline] = [base, cap, deadline].map(number);
        let not = if idempotent { "" } else { "not " };
        let failure = match case.failure {
            Failure::Busy { retry_after: Some(asked) } => {
                format!("Busy, retry_after {}", number(asked))
            }
            Failure::Busy { retry_after: None } => "Busy, retry_after None".to_owned(),
            failure => format!("{failure:?}"),
        };
        let attempts = number(attempts.into());
        let [longest, drawn] = [right::longest(case), right::drawn(case)].map(number);
        let place = match case.draw {
            0 => "the first",
            u64::MAX => "the last",
            _ => "the middle",
        };
        vec![
            (
                "policy",
                format!(
                    "attempts {attempts}, base {base}, cap {cap}, deadline {deadline}; \
                     {not}idempotent"
                ),
            ),
            ("attempt", format!("{} fails: {failure}", number(case.attempt.into()))),
            ("elapsed", format!("{} ms", number(case.elapsed))),
            ("chance", format!("{place} of the range; of 0..={longest} that is {drawn}")),
        ]
    }

    fn words(decision: &Decision) -> String {
        match decision {
            Decision::GiveUp => "GiveUp".to_owned(),
            Decision::Wait(wait) => format!("Wait({})", number(*wait)),
        }
    }

    fn draw(
        case: &Case,
        want: &Decision,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        for (label, text) in Self::describe(case) {
            screen.labelled(label, &text)?;
        }
        screen.line("")?;
        if let Some(seen) = seen {
            draw_draws(&seen.observation.draws, screen)?;
        }
        draw_answers(want, seen, screen)
    }

    /// A loop over so many attempts, in each of these cases, takes longer than there is time.
    fn is_compared(case: &Case) -> bool {
        !cases::MANY_ATTEMPTS.contains(&case.attempt)
    }
}

/// What a solution drew. One draw is enough for a right answer.
fn draw_draws(draws: &[rng::Draw], screen: &mut Screen<'_>) -> io::Result<()> {
    const SHOWN: usize = 3;
    for draw in draws.iter().take(SHOWN) {
        let [first, last, drawn] = [draw.first, draw.last, draw.number].map(number);
        screen.row("", "draws within", &format!("{first}..={last} and gets {drawn}"))?;
    }
    match draws.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => screen.row("", "and again", &plural(more, "time")),
    }
}

/// A number as the reader would write it.
fn number(number: u64) -> String {
    const GREATEST: u64 = u32::MAX as u64;
    const BEFORE_IT: u64 = GREATEST - 1;
    match number {
        u64::MAX => "u64::MAX".to_owned(),
        GREATEST => "u32::MAX".to_owned(),
        BEFORE_IT => "u32::MAX - 1".to_owned(),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests;
