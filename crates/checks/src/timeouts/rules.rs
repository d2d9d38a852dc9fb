//! The rule that an answer breaks, never blaming more than was seen.

use std::io::ErrorKind;

use super::Outcome;
use super::cases::{Case, Ending, NOW};
use super::net::{Answer, Seen, Wait, WaitEnd};

/// What is broken by what was seen, where something else is right.
pub(super) fn rule(case: &Case, seen: &Seen) -> &'static str {
    let right = case.right();
    let got = match &seen.answer {
        Answer::Outcome(got) => got,
        Answer::Panicked(panic) => return panic.rule(),
        Answer::GoesOnForEver => return for_ever(seen.waits.last()),
    };
    if seen.at > case.deadline.max(NOW) {
        return "At the deadline it is over, connecting and all reads together, and what comes at \
                that moment or later does not count.";
    }
    let last = seen.waits.last();
    if last.is_some_and(|wait| wait.end == WaitEnd::NoRoom) {
        return "A read into a buffer without room returns 0 at once, and that is no end of the \
                stream.";
    }
    match (&right.outcome, got) {
        (want, got) if want == got && seen.at < right.at => {
            "As long as there is time left and nothing has failed, the server may still answer."
        }
        (want, got) if want == got => {
            "The answer is known earlier than that: do not wait on once it is."
        }
        (Outcome::NotExecuted, _) => {
            "Without a connection nothing was sent, and what was not sent was not executed."
        }
        (Outcome::Executed(_), Outcome::Executed(_)) => {
            "The reply is every byte that came, in its order, up to the newline."
        }
        (Outcome::Executed(_), _) => {
            "A whole reply before the deadline proves that the request was executed. It comes in \
             as many pieces as the server likes."
        }
        (Outcome::Unknown, Outcome::Executed(reply)) if reply.ends_with(b"\n") => {
            "A reply is what came over the connection, and a whole one did not come."
        }
        (Outcome::Unknown, Outcome::Executed(_)) => {
            "A reply without its newline is not whole: what is missing might have said anything."
        }
        (Outcome::Unknown, _) => not_executed(case),
    }
}

/// The rule that is broken by going on for ever, after this wait.
fn for_ever(last: Option<&Wait>) -> &'static str {
    match last.map(|wait| &wait.end) {
        Some(WaitEnd::Never) => {
            "A read without a timeout does not end while the server says nothing, and it may say \
             nothing for ever."
        }
        Some(WaitEnd::Bytes(_)) => {
            "A read of 0 bytes is the end of the stream: however often you ask, no more comes."
        }
        Some(WaitEnd::Failed(ErrorKind::WouldBlock | ErrorKind::TimedOut)) => {
            "At the deadline it is over: there is an answer then, whatever has come."
        }
        Some(WaitEnd::Failed(_)) => {
            "A failure is final: nothing has to be tried again here, and there is an answer at \
             once."
        }
        Some(WaitEnd::NoRoom) => {
            "A read into a buffer without room returns 0 at once and waits for nothing."
        }
        Some(WaitEnd::Connected) | None => {
            "Time passes only while connect or read waits: to ask for it again does not move the \
             clock."
        }
    }
}

/// The rule that is broken by "not executed", where it is unknown.
fn not_executed(case: &Case) -> &'static str {
    match case.ending_before_the_deadline() {
        Ending::Silence => {
            "There was a connection, so the request was sent. That you have stopped waiting says \
             nothing about the work."
        }
        Ending::End => {
            "There was a connection, so the request was sent. A server that closes without a reply \
             may have done the work before."
        }
        Ending::Reset => {
            "There was a connection, so the request was sent. A reset says that the connection is \
             gone, and nothing about the work."
        }
    }
}
