//! What is wrong with an answer, and what helps: said of this case alone.

use super::case::{Case, Ending};
use super::net::{Net, Wait, WaitEnd};
use super::{Answer, Outcome};
use crate::Stopped;
use crate::exercise::Rule;

/// The rule that `got` breaks.
pub(super) fn broken(case: &Case, got: &Answer, net: &Net) -> Rule {
    let (right, right_at) = case.right();
    match (&right, &got.outcome) {
        _ if case.has_passed() => Rule::new(
            "If the deadline has passed before you begin, or is right then, the answer is \
             NotExecuted, at once: nothing is sent any more.",
            "Where `net.now() >= deadline`, return `Outcome::NotExecuted` before you connect. \
             Compare the two as they are, in a u64.",
        ),
        _ if got.at > case.deadline => too_late(case, net),
        _ if has_no_room(net.waits.last()) => no_room(),
        (want, got_outcome) if want == got_outcome && got.at < right_at => Rule::new(
            "As long as time remains and nothing has failed, the server may still answer.",
            "The timeout of each wait is `deadline.saturating_sub(net.now())`, all of it, in a \
             u64.",
        ),
        (want, got_outcome) if want == got_outcome => known_earlier(want),
        (Outcome::NotExecuted, _) => Rule::new(
            "Without a connection nothing was sent, and what was not sent was not executed.",
            "Return `Outcome::NotExecuted` for every error of `connect`, whatever its kind, and \
             give it `Some(deadline.saturating_sub(net.now()))`: a connection at the deadline or \
             after it is none.",
        ),
        (Outcome::Executed(want), Outcome::Executed(got)) => other_bytes(want, got),
        (Outcome::Executed(_), _) => Rule::new(
            "A whole reply before the deadline proves that the request was executed. It is whole \
             as soon as its newline came, in however many pieces, whatever its bytes, however \
             long.",
            "Append what each read returns to a Vec, look for the newline after each, and return \
             there. A buffer of fixed size is for one read, not for the reply.",
        ),
        (Outcome::Unknown, Outcome::Executed(_)) => not_whole(case),
        (Outcome::Unknown, _) => not_executed(case),
    }
}

/// The rule that is broken by not coming to an end.
pub(super) fn of_stop(stopped: &Stopped, net: &Net) -> Rule {
    match (stopped, net.waits.last().map(|wait| &wait.end)) {
        (Stopped::DidNotTerminate, Some(WaitEnd::Never)) => Rule::new(
            "A read without a timeout does not end while the server says nothing, and it may say \
             nothing for ever.",
            "Before each read: `net.set_read_timeout(Some(deadline.saturating_sub(net.now())))`.",
        ),
        (Stopped::DidNotTerminate, Some(WaitEnd::NoRoom)) => no_room(),
        (Stopped::DidNotTerminate, Some(WaitEnd::Bytes(_))) => Rule::new(
            "A read of 0 bytes is the end of the stream: however often you ask, no more comes.",
            "Match on `Ok(0)`, before `Ok(count)`, and return there.",
        ),
        _ => Rule { text: stopped.rule(), hint: stopped.hint() },
    }
}

fn too_late(case: &Case, net: &Net) -> Rule {
    const TEXT: &str = "At the deadline it is over, connecting and all reads together, and what \
                        comes at that moment or later does not count.";
    let late = net.waits.iter().find(|wait| wait.until > case.deadline);
    match late.map(|wait| wait.call) {
        Some("connect") => {
            Rule::new(TEXT, "`net.connect(Some(deadline.saturating_sub(net.now())))`.")
        }
        _ => Rule::new(
            TEXT,
            "Before each read, in the loop: \
             `net.set_read_timeout(Some(deadline.saturating_sub(net.now())))`, with the deadline \
             that you were given.",
        ),
    }
}

fn has_no_room(last: Option<&Wait>) -> bool {
    last.is_some_and(|wait| wait.end == WaitEnd::NoRoom)
}

fn no_room() -> Rule {
    Rule::new(
        "A read into a buffer without room returns 0 at once: it waits for nothing, and that is no \
         end of the stream.",
        "Read into an array such as `[0; 64]`, the whole of it each time, and append what came to \
         a Vec.",
    )
}

fn known_earlier(outcome: &Outcome) -> Rule {
    let hint = match outcome {
        Outcome::Executed(_) => "Return as soon as the newline is there, before another read.",
        Outcome::NotExecuted => "Return where `connect` fails, and do not try it again.",
        Outcome::Unknown => "Return where `read` fails or returns 0, and do not read on.",
    };
    Rule::new("The answer is known earlier than that: do not wait on once it is.", hint)
}

fn other_bytes(want: &[u8], got: &[u8]) -> Rule {
    const TEXT: &str = "The reply is every byte that came, in its order, up to the newline and \
                        with it, and no other byte.";
    match want.strip_suffix(b"\n") == Some(got) {
        true => Rule::new(TEXT, "Return the bytes with the newline that ended them."),
        false => Rule::new(
            TEXT,
            "After each read `reply.extend_from_slice(&buffer[..count])`: to one Vec, and only as \
             many bytes as this read returned.",
        ),
    }
}

fn not_whole(case: &Case) -> Rule {
    match case.server.reply().ends_with(b"\n") {
        true => Rule::new(
            "What comes at the deadline comes too late: the answer is Unknown by then.",
            "The timeout of each read is `deadline.saturating_sub(net.now())`, and no longer. At \
             the deadline return `Outcome::Unknown`, without a last look.",
        ),
        false => Rule::new(
            "A reply without its newline is not whole: what is missing might have said anything.",
            "Return `Outcome::Executed` only where the reply ends with the newline; an end or an \
             error before that is `Outcome::Unknown`.",
        ),
    }
}

/// The rule that is broken by "not executed", where it is unknown.
fn not_executed(case: &Case) -> Rule {
    match case.ending_in_time() {
        Ending::Silence => Rule::new(
            "There was a connection, so the request was sent. That you have stopped waiting says \
             nothing about the work.",
            "After `connect` went well, a read that times out is `Outcome::Unknown`.",
        ),
        Ending::End => Rule::new(
            "There was a connection, so the request was sent. A server that closes without a whole \
             reply may have done the work before.",
            "After `connect` went well, a read of 0 bytes is `Outcome::Unknown`.",
        ),
        Ending::Fail(_) => Rule::new(
            "There was a connection, so the request was sent. A reset or another error says that \
             the connection is gone, and nothing about the work.",
            "After `connect` went well, every error of a read is `Outcome::Unknown`, whatever its \
             kind.",
        ),
    }
}
