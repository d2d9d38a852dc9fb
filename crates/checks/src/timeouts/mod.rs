//! Lesson 07: a whole reply before a deadline, and what it proves that none came.
//!
//! A case is what a server does, step by step, each after a delay: it accepts, refuses or says
//! nothing; it sends a part of its reply in pieces; it ends, resets or falls silent. [`Net`] plays
//! it in virtual time, which passes only while a call waits. So a wait for ever is known as one,
//! and a delay costs the judge nothing.
//!
//! What is right is worked out from the moments of all steps at once (`Case::right`), so the judge
//! does not lean on any code that waits. The moment of the answer is part of it: who answers late,
//! or gives up early, is wrong.
//!
//! Left out: a write that fails or waits, and the name look-up.

mod cases;
mod code;
mod mistakes;
mod net;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
mod screen;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;

use crate::{Exercise, Mistake, Screen, Unsolved};
use cases::{Case, Measure};
pub use net::Net;
use net::Seen;

/// What the caller learns of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed: this is the reply, up to its newline and with it.
    Executed(Vec<u8>),
    /// It was never sent, and so it was not executed.
    NotExecuted,
    /// It may have been sent: whether it was executed cannot be known.
    Unknown,
}

/// What the reader writes: it takes the deadline as a moment of [`Net::now`].
pub type Call = fn(&mut Net, u64) -> Outcome;

/// The exercise of lesson 07.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts;

impl Exercise for Timeouts {
    const NAME: &'static str = "timeouts";
    const STUB: &'static str = include_str!("stub.rs");
    const REFERENCE: &'static str = include_str!("reference.rs");
    const HINTS: [&'static str; 3] = [
        "How long may each single wait be, so that all of them together end at the deadline? And \
         up to which moment are you sure that nothing was sent?",
        "A deadline is a moment, and each wait gets what is left until then. What decides about \
         the outcome is not the name of an error but how far the client got. The page has both \
         under \"Why\".",
        "Before each wait compute `deadline.saturating_sub(net.now())`, for `connect` and for each \
         `read`. An error of `connect` is NotExecuted; afterwards an error of `read`, or 0 bytes \
         before the newline, is Unknown.",
    ];
    const WHY: &'static str = "Each wait gets what is left of one account, so however the server \
                               drips, the last one ends at the deadline. And only before there was \
                               a connection does a failure prove that nothing was done.";
    const ORDER: &'static str = "servers that do little first, then those with short delays";

    type Solution = Call;
    type Case = Case;
    type Seen = Seen;
    type Measure = Measure;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn is_dangerous(_: &Case) -> bool {
        false
    }

    fn scope() -> String {
        cases::scope()
    }

    fn size(case: &Case) -> String {
        case.size()
    }

    fn measure(case: &Case) -> Measure {
        case.measure()
    }

    fn observe(solution: Call, case: &Case) -> Result<Seen, Unsolved> {
        net::observe(solution, case)
    }

    fn broken_rule(case: &Case, seen: &Seen) -> Option<&'static str> {
        (!seen.is_right(case)).then(|| rules::rule(case, seen))
    }

    fn same_answers(one: &Seen, other: &Seen) -> bool {
        one.is_like(other)
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

    fn mistakes() -> &'static [Mistake<Call>] {
        mistakes::ALL
    }
}

#[cfg(test)]
mod tests;
