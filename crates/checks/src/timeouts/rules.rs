//! What is wrong with an answer, and what helps: said of this case alone.

use super::case::Case;
use super::net::{Net, WaitEnd};
use super::{Answer, Outcome};
use crate::Stopped;
use crate::exercise::Rule;

const NO_ROOM: Rule = Rule::new(
    "A read into a buffer without room returns 0 at once: it waits for nothing, and that is not \
     the end of the stream.",
    "Read into an array such as `[0; 64]`, the whole of it each time, and append what came to a \
     Vec.",
);

/// The rule that `got` breaks.
pub(super) fn broken(case: &Case, got: &Answer, net: &Net) -> Rule {
    let right = case.right();
    match (&right.outcome, &got.outcome) {
        _ if case.has_passed() => Rule::new(
            "If the deadline has passed before you begin, or is right then, the answer is \
             NotExecuted, at once: nothing is sent any more.",
            "Where `net.now() >= deadline`, return `Outcome::NotExecuted` before you connect. \
             Compare the two as they are, in a u64.",
        ),
        _ if got.at > case.deadline => Rule::new(
            "At the deadline it is over, connecting and all reads together, and what comes at that \
             moment or later does not count.",
            "Give `connect`, and before each read `net.set_read_timeout`, \
             `Some(deadline.saturating_sub(net.now()))`, with the deadline that you were given.",
        ),
        _ if matches!(last_end(net), Some(WaitEnd::NoRoom)) => NO_ROOM,
        (want, outcome) if want == outcome && got.at < right.at => Rule::new(
            "As long as time remains and nothing has failed, the server may still answer.",
            "Read on in a loop until the newline, an end, an error or the deadline. The timeout of \
             each wait is all that is left: `deadline.saturating_sub(net.now())`, in a u64.",
        ),
        (want, outcome) if want == outcome => Rule::new(
            "The answer is known earlier than that: do not wait on once it is.",
            "Return where `connect` fails, where `read` fails or returns 0, and as soon as the \
             newline is there.",
        ),
        (Outcome::NotExecuted, _) => Rule::new(
            "Without a connection nothing was sent, and what was not sent was not executed.",
            "Return `Outcome::NotExecuted` for every error of `connect`, whatever its kind, and \
             give it `Some(deadline.saturating_sub(net.now()))`: a connection at the deadline or \
             after it is none.",
        ),
        (Outcome::Executed(_), Outcome::Executed(_)) => Rule::new(
            "The reply is every byte that came, in its order, up to the newline and with it, and \
             no other byte.",
            "After each read `reply.extend_from_slice(&buffer[..count])`: to one Vec, and only as \
             many bytes as this read returned. The newline stays.",
        ),
        (Outcome::Executed(_), _) => Rule::new(
            "A whole reply before the deadline proves that the request was executed. It is whole \
             as soon as its newline came, in however many pieces, whatever its bytes, however \
             long.",
            "Append what each read returns to a Vec, look for the newline after each, and return \
             there. A buffer of fixed size is for one read, not for the reply.",
        ),
        (Outcome::Unknown, Outcome::Executed(_)) if case.reply().ends_with(b"\n") => Rule::new(
            "What comes at the deadline comes too late: the answer is Unknown by then.",
            "The timeout of each read is `deadline.saturating_sub(net.now())`, and no longer. At \
             the deadline return `Outcome::Unknown`, without a last look.",
        ),
        (Outcome::Unknown, Outcome::Executed(_)) => Rule::new(
            "A reply without its newline is not whole: what is missing might have said anything.",
            "Return `Outcome::Executed` only where the reply ends with the newline; an end or an \
             error before that is `Outcome::Unknown`.",
        ),
        (Outcome::Unknown, _) => Rule::new(
            "There was a connection, so the request was sent. Neither silence, nor an end, nor a \
             reset or another error says anything about the work.",
            "After `connect` went well, every error of a read is `Outcome::Unknown`, whatever its \
             kind, and so are 0 bytes.",
        ),
    }
}

/// The rule that is broken by not coming to an end.
pub(super) fn of_stop(stopped: &Stopped, net: &Net) -> Rule {
    match (stopped, last_end(net)) {
        (Stopped::DidNotTerminate, Some(WaitEnd::Never)) => Rule::new(
            "A read without a timeout does not end while the server says nothing, and it may say \
             nothing for ever.",
            "Before each read: `net.set_read_timeout(Some(deadline.saturating_sub(net.now())))`.",
        ),
        (Stopped::DidNotTerminate, Some(WaitEnd::NoRoom)) => NO_ROOM,
        (Stopped::DidNotTerminate, Some(WaitEnd::Bytes(_))) => Rule::new(
            "A read of 0 bytes is the end of the stream: however often you ask, no more comes.",
            "Match on `Ok(0)`, before `Ok(count)`, and return there.",
        ),
        _ => stopped.rule(),
    }
}

fn last_end(net: &Net) -> Option<&WaitEnd> {
    net.waits.last().map(|wait| &wait.end)
}
