//! Lesson 07: a whole reply before a deadline, and what it proves that none came.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | the server | accepts, refuses, says nothing; ends, resets, falls silent | every small one |
//! | each delay | 0 to 20 ms; 140 s | right before the deadline, at it and after it |
//! | the reply | a line, its beginnings | in every cut, 201 pieces; 1 to 8,193 bytes, 00 and ff |
//! | an error | any kind but `Interrupted` | five besides those that the stub names |
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
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Bugs, Exercise, Mistake, Rule};
use crate::{Screen, Stopped, grouped, plural};
use case::{Case, Step};
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
        functions: 1,
        hints: include_str!("hints.txt"),
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
        let (reply, longest) = (cases::REPLY.escape_ascii(), cases::LONGEST);
        format!(
            "servers that accept, refuse or say nothing, that send any part of \"{reply}\", cut in \
             every way, and that end, reset or fall silent, with delays of 0 to 20 ms before each \
             step, and deadlines that come soon, late, or have passed; and each step right before \
             the deadline, at it and after it, lines of up to {longest} bytes, other errors, and \
             clocks and deadlines up to the largest number"
        )
    }

    fn call(call: &Call, case: &Case, net: &mut Net) -> Answer {
        *net = Net::new(case);
        let outcome = call(net, case.deadline);
        Answer { outcome, at: net.now }
    }

    fn expected(case: &Case) -> Answer {
        case.right()
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
        let when = if case.has_passed() { ", after the deadline" } else { "" };
        match case.steps.len() {
            0 => format!("a server that does nothing{when}"),
            steps => format!("a server of {}{when}", plural(steps, "step")),
        }
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

    /// The waits as the rows of a ladder. A right solution needs few, unless it waits in slices.
    fn draw_observation(net: &Net, screen: &mut Screen<'_>) -> io::Result<()> {
        const SHOWN: usize = 6;
        for wait in net.waits.iter().take(SHOWN) {
            let timeout = wait.timeout.map_or("no limit".to_owned(), ms);
            screen.row(&ms(wait.from), &format!("{}, {timeout}", wait.call), &end(wait))?;
        }
        match net.waits.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => screen.row("", "and then", &plural(more, "more wait")),
        }
    }

    fn replay_string(case: &Case) -> Option<String> {
        cases::text(case)
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

/// The steps of the server with their delays, as in `accepts after 10 ms, "ok" after 0 ms, ends
/// after 20 ms`.
fn server(case: &Case) -> String {
    const SHOWN: usize = 5;
    let steps = case.steps.iter().take(SHOWN).map(|(delay, step)| match step {
        Step::Accept => format!("accepts after {delay} ms"),
        Step::Send(piece) => format!("{} after {delay} ms", quoted(piece)),
        Step::End => format!("ends after {delay} ms"),
        Step::Fail(kind) => format!("fails with {kind:?} after {delay} ms"),
    });
    let mut steps: Vec<String> = steps.collect();
    if case.steps.len() > SHOWN {
        steps.push(format!("{} the like", plural(case.steps.len() - SHOWN, "step")));
    }
    if !case.has_an_end() {
        steps.push("then says nothing".to_owned());
    }
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
