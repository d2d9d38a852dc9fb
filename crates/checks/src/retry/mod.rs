//! Lesson 08: after a failed attempt, whether to try again, and after which wait.
//!
//! A case is one failure: its kind, the attempt, the time that has passed, the policy, and where in
//! its range a random number falls. The cases are all combinations of a few values each, chosen
//! around the places where an answer changes: the last attempt, the cap, the deadline, the numbers
//! at which powers of two leave 32 and 64 bits, and those at which a narrower type loses the
//! attempt.
//!
//! What is right is worked out in 128 bits (`Case::answer`), where nothing saturates, so the judge
//! does not lean on the arithmetic that is the exercise.
//!
//! Left out: a policy without a deadline, other factors than 2, and the retry budget that many
//! calls share.

mod cases;
mod code;
mod mistaken;
mod mistakes;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rng;
mod rules;
mod screen;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;

use crate::{Exercise, Mistake, Screen, Unsolved};
use cases::Case;
pub use rng::Rng;
use rng::Seen;

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

/// What the reader writes: the failure, the number of the attempt from 1, the milliseconds since
/// the first one began.
pub type After = fn(Failure, u32, u64, &Policy, &mut Rng) -> Decision;

/// The exercise of lesson 08.
#[derive(Clone, Copy, Debug)]
pub struct Retry;

impl Exercise for Retry {
    const NAME: &'static str = "retry";
    const STUB: &'static str = include_str!("stub.rs");
    const REFERENCE: &'static str = include_str!("reference.rs");
    const HINTS: [&'static str; 3] = [
        "For each kind of failure: was the request executed? For each wait: what is the longest, \
         and who says so?",
        "Reasons to give up come in an order, and so do the steps of the wait: growth, cap, \
         jitter, then what the server asks for. The page has both under \"Why\", as wait and \
         after_failure.",
        "`policy.base.saturating_mul(2_u64.saturating_pow(attempt - 1)).min(policy.cap)` is the \
         longest wait. Draw from 0 up to it, take the larger of that and retry_after, and give up \
         where `elapsed.saturating_add(wait)` is not below the deadline.",
    ];
    const WHY: &'static str = "Only what may be executed again is tried again, and only while \
                               attempts and time are left. The waits grow, so that a long outage \
                               sees few attempts, and the jitter spreads clients that failed \
                               together.";
    const ORDER: &'static str = "the first attempts first, and of each the plainest failures";
    const NOT_COMPARED: Option<&str> = Some("those of attempts from 65536 on");

    type Solution = After;
    type Case = Case;
    type Seen = Seen;
    type Measure = Case;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn is_dangerous(case: &Case) -> bool {
        case.is_dangerous()
    }

    fn scope() -> String {
        cases::scope()
    }

    fn size(case: &Case) -> String {
        case.size()
    }

    fn measure(case: &Case) -> Case {
        *case
    }

    fn observe(solution: After, case: &Case) -> Result<Seen, Unsolved> {
        rng::observe(solution, case)
    }

    fn broken_rule(case: &Case, seen: &Seen) -> Option<&'static str> {
        let right = case.answer();
        (seen.answer != right.answer()).then(|| rules::rule(case, right, &seen.answer))
    }

    fn same_answers(one: &Seen, other: &Seen) -> bool {
        one.answer.is_like(&other.answer)
    }

    fn draw(case: &Case, seen: &Seen, screen: &mut Screen<'_>) -> io::Result<()> {
        screen::draw(case, seen, screen)
    }

    fn code(case: &Case) -> String {
        case.code()
    }

    fn parse(code: &str) -> Result<Case, String> {
        Case::parse(code)
    }

    fn mistakes() -> &'static [Mistake<After>] {
        mistakes::ALL
    }
}

#[cfg(test)]
mod tests;
