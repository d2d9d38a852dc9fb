//! Lesson 07: a whole reply before a deadline, and what it proves that none came.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | the server | accepts, refuses, says nothing; ends, resets, falls silent | every small one |
//! | each delay | 0 to 20 ms; 140 s | right before the deadline, at it and after it |
//! | the reply | a line, its beginnings | in every cut, 201 pieces; 1 to 8,193 bytes, 00 and ff |
//! | an error | any kind but `Interrupted` | nine besides those that the stub names |
//! | the clock | 1 to `u64::MAX - 100` | around 2^8, 2^16, 2^31, 2^32, 2^53 and 2^63 |
//! | `deadline` | any `u64` | passed, right now, in 1 ms; 2^8 to 2^63 ms away; the largest |
//!
//! Compared is the outcome, with the reply in it, and the moment at which it is returned. What is
//! called, and how often, is shown and not compared, so that a caller may wait in slices. A name
//! look-up, a write that fails or waits, and bytes after the newline are left out.
//!
//! [`Net`] plays the server in virtual time, which passes only while a call waits. So a wait for
//! ever is known as one, and a delay costs the judge nothing. What is right is computed from the
//! moments of all steps at once (`Case::right`), without any code that waits.

mod bugs;
mod case;
mod cases;
mod net;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;
use std::iter::once;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers};
use crate::{Screen, Stopped, grouped, plural};
use case::{Case, Connect, Ending};
pub use net::Net;
use net::{Wait, WaitEnd};

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

/// The program of the exercise.
pub fn main(call: fn(&mut Net, u64) -> Outcome) -> ExitCode {
    crate::program::main::<Timeouts>(Arc::new(call))
}

/// What the reader writes: it takes the deadline as a moment of [`Net::now`].
pub(crate) type Call = Arc<dyn Fn(&mut Net, u64) -> Outcome + Send + Sync>;

/// What is answered, and at which moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    outcome: Outcome,
    at: u64,
}

/// The exercise of lesson 07.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts;

impl Exercise for Timeouts {
    const ABOUT: About = About {
        name: "timeouts",
        stub: include_str!("stub.rs"),
        reference: include_str!("reference.rs"),
        functions: 1,
        hints: [
            "How long may each single wait be, so that all of them together end at the deadline? \
             And up to which moment are you sure that nothing was sent?",
            "A deadline is a moment, and each wait gets what is left until then. What decides \
             about the outcome is not the name of an error but how far the client got. The page \
             has both under \"Why\".",
            "Before each wait compute `deadline.saturating_sub(net.now())`, for `connect` and for \
             each `read`. An error of `connect` is NotExecuted; afterwards an error of `read`, or \
             0 bytes before the newline, is Unknown.",
        ],
        why: "Each wait gets what is left of one account, so however the server drips, the last \
              one ends at the deadline. And only before there was a connection does a failure \
              prove that nothing was done.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Call;
    type Case = Case;
    type Answer = Answer;
    /// With the waits that it has seen.
    type Observation = Net;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn scope() -> String {
        cases::scope()
    }

    fn call(call: &Call, case: &Case, net: &mut Net) -> Answer {
        *net = Net::new(case);
        let outcome = call(net, case.deadline);
        Answer { outcome, at: net.now }
    }

    fn expected(case: &Case) -> Answer {
        let (outcome, at) = case.right();
        Answer { outcome, at }
    }

    fn rule(case: &Case, got: &Answer, net: &Net) -> Rule {
        rules::broken(case, got, net)
    }

    fn rule_of_stop(_: &Case, stopped: &Stopped, net: &Net) -> Rule {
        rules::of_stop(stopped, net)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Call {
        Arc::new(move |net, deadline| bugs::call(bugs, net, deadline))
    }

    fn reference() -> Call {
        Arc::new(reference::call)
    }

    fn title(case: &Case) -> String {
        let what = match case.server.connect {
            Connect::Silence => "a server that does nothing".to_owned(),
            Connect::Accept(_) | Connect::Refuse(..) => {
                format!("a server of {}", plural(case.server.size().0, "step"))
            }
        };
        let when = if case.has_passed() { ", after the deadline" } else { "" };
        format!("{what}{when}")
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let clock = format!("at {} ms; the deadline is at {} ms", case.start, case.deadline);
        vec![("server", server(case)), ("clock", clock)]
    }

    fn words(answer: &Answer) -> String {
        let outcome = match &answer.outcome {
            Outcome::Executed(reply) => format!("Executed({})", quoted(reply)),
            outcome => format!("{outcome:?}"),
        };
        format!("{outcome} at {} ms", answer.at)
    }

    fn draw(
        case: &Case,
        want: &Answer,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        for (label, text) in Self::describe(case) {
            screen.labelled(label, &text)?;
        }
        screen.line("")?;
        if let Some(seen) = seen {
            draw_waits(&seen.observation.waits, screen)?;
        }
        draw_answers(want, seen, screen)
    }

    fn replay_string(case: &Case) -> Option<String> {
        cases::text(case)
    }
}

/// The waits as the rows of a ladder. A right solution needs few, unless it waits in slices.
fn draw_waits(waits: &[Wait], screen: &mut Screen<'_>) -> io::Result<()> {
    const SHOWN: usize = 6;
    for wait in waits.iter().take(SHOWN) {
        let timeout = wait.timeout.map_or("no limit".to_owned(), ms);
        screen.row(&ms(wait.from), &format!("{}, {timeout}", wait.call), &end(wait))?;
    }
    match waits.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => screen.row("", "and then", &plural(more, "more wait")),
    }
}

fn end(wait: &Wait) -> String {
    let what = match &wait.end {
        WaitEnd::Connected => "connected".to_owned(),
        WaitEnd::Bytes(bytes) if bytes.is_empty() => "0 bytes, the end".to_owned(),
        WaitEnd::Bytes(bytes) => quoted(bytes),
        WaitEnd::NoRoom => "0 bytes, the buffer has no room".to_owned(),
        WaitEnd::Failed(kind) => format!("{kind:?}"),
        WaitEnd::Never => return "never ends".to_owned(),
    };
    format!("{what} at {} ms", wait.until)
}

/// The steps of the server with their delays, as in `accepts after 10 ms, "ok" after 0 ms, resets
/// after 20 ms`.
fn server(case: &Case) -> String {
    const SHOWN: usize = 4;
    let accepts = match case.server.connect {
        Connect::Accept(delay) => format!("accepts after {delay} ms"),
        Connect::Refuse(delay, kind) => return format!("fails with {kind:?} after {delay} ms"),
        Connect::Silence => return "says nothing".to_owned(),
    };
    let pieces = case.server.pieces.iter();
    let pieces =
        pieces.take(SHOWN).map(|(delay, piece)| format!("{} after {delay} ms", quoted(piece)));
    let more = match case.server.pieces.len().saturating_sub(SHOWN) {
        0 => None,
        more => Some(format!("{} the like", plural(more, "piece"))),
    };
    let ending = match case.server.ending {
        (_, Ending::Silence) => "then says nothing".to_owned(),
        (delay, Ending::End) => format!("ends after {delay} ms"),
        (delay, Ending::Fail(io::ErrorKind::ConnectionReset)) => format!("resets after {delay} ms"),
        (delay, Ending::Fail(kind)) => format!("fails with {kind:?} after {delay} ms"),
    };
    let steps: Vec<String> = once(accepts).chain(pieces).chain(more).chain([ending]).collect();
    steps.join(", ")
}

/// The first bytes, as many as the small reply has.
fn quoted(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(cases::REPLY.len())];
    let text = format!("\"{}\"", shown.escape_ascii());
    match bytes.len() - shown.len() {
        0 => text,
        _ => format!("{text} .., {}", grouped(bytes.len())),
    }
}

/// So many milliseconds in at most eight characters, however many they are.
fn ms(time: u64) -> String {
    match time {
        0..10_000 => format!("{time} ms"),
        10_000..1_000_000 => format!("{}.{} s", time / 1_000, time % 1_000 / 100),
        _ => "> 999 s".to_owned(),
    }
}

#[cfg(test)]
mod tests;
