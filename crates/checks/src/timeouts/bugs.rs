//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use std::io::ErrorKind;

use super::{Net, Outcome};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    TimeoutForEachRead, "a timeout for each read":
        "It gives each read all the time that was left after connecting, but a server that drips \
         starts that anew with each piece.";
    | ClockRestarts, "the clock starts at the connection":
        "It counts from the connection on, but the deadline is a moment, and connecting has used \
         some of the time until then.";
    | DeadlineIsDuration, "the deadline is a duration":
        "It waits for as many milliseconds as the deadline says, but that is a moment of the \
         clock, which did not begin at 0.";
    NoConnectTimeout, "no timeout to connect":
        "It lets connecting take as long as it does, but the system gives up on a server that does \
         not answer only after two minutes.";
    | LeftUnderflows, "the remaining time is below nothing":
        "It takes the deadline for a moment to come, but it may have passed before the call, and \
         the subtraction panics.";
    | AtLeastOne, "at least 1 ms remains":
        "It waits for 1 ms where no time remains, as a socket refuses a timeout of 0, but at the \
         deadline there is nothing to wait for.";
    ConnectTimeoutUnknown, "a connect that times out is unknown":
        "It takes a timeout of the connect for one of the reply, but a client that was never \
         connected has not sent a request.";
    ResetNotExecuted, "a reset is not executed":
        "It takes a reset for the news that nothing was done, but the connection may have been \
         thrown away after the work.";
    | TimeoutNotExecuted, "a timeout is not executed":
        "It takes silence for the news that nothing was done, but the server may be slow, or its \
         reply lost: a payment would be made twice.";
    EndNotExecuted, "an end without a reply is not executed":
        "It takes an end without a reply for work that was not done, but a server that crashes \
         after the work looks the same.";
    | EndMakesWhole, "the end makes a reply whole":
        "It takes the end of the stream for the end of the reply, but a server that crashes in the \
         middle ends the stream as well.";
    | EndIsReply, "the end makes any reply, even none":
        "It takes the end of the stream for the end of the reply, but a server that crashes ends \
         the stream as well, before the first byte or in the middle.";
    OneReadIsReply, "one read is the reply":
        "It takes what one read returns for all that comes, but a reply comes in as many pieces as \
         the server likes.";
    | LosesBytes, "loses bytes already read":
        "It keeps only what the last read returned, but the bytes from before were part of the \
         reply.";
    WaitsForEnd, "waits for the end of the stream":
        "It reads on behind the newline until the server closes, but a server may keep the \
         connection open for hours.";
    NewlineDropped, "the reply has no newline":
        "It takes the newline off, but the reply is asked for as it came, newline included.";
}

/// What is right, but for the bugs.
pub(super) fn call(bugs: Bugs<Bug>, net: &mut Net, deadline: u64) -> Outcome {
    match connect(bugs, net, deadline) {
        Ok(deadline) => read(bugs, net, deadline),
        Err(outcome) => outcome,
    }
}

/// Connects, and returns the moment that it takes for the deadline from then on. Code that first
/// asks whether the deadline has passed cannot have three of the bugs.
fn connect(bugs: Bugs<Bug>, net: &mut Net, deadline: u64) -> Result<u64, Outcome> {
    let unasked = [Bug::LeftUnderflows, Bug::AtLeastOne, Bug::DeadlineIsDuration];
    if net.now() >= deadline && !unasked.into_iter().any(|bug| bugs.has(bug)) {
        return Err(Outcome::NotExecuted);
    }
    let deadline = match bugs.has(Bug::DeadlineIsDuration) {
        true => net.now().saturating_add(deadline),
        false => deadline,
    };
    let budget = left(bugs, net, deadline);
    match net.connect((!bugs.has(Bug::NoConnectTimeout)).then_some(budget)) {
        Ok(()) if bugs.has(Bug::ClockRestarts) => Ok(net.now().saturating_add(budget)),
        Ok(()) => Ok(deadline),
        Err(ErrorKind::TimedOut) if bugs.has(Bug::ConnectTimeoutUnknown) => Err(Outcome::Unknown),
        Err(_) => Err(Outcome::NotExecuted),
    }
}

/// Reads the reply.
fn read(bugs: Bugs<Bug>, net: &mut Net, deadline: u64) -> Outcome {
    let first_left = left(bugs, net, deadline);
    let mut reply = Vec::new();
    let mut buffer = [0; 64];
    while !reply.ends_with(b"\n") || bugs.has(Bug::WaitsForEnd) {
        let left = match bugs.has(Bug::TimeoutForEachRead) {
            true => first_left,
            false => left(bugs, net, deadline),
        };
        if left == 0 {
            return Outcome::Unknown;
        }
        net.set_read_timeout(Some(left));
        match net.read(&mut buffer) {
            Ok(0) if reply.ends_with(b"\n") => break,
            Ok(0) if bugs.has(Bug::EndMakesWhole) && !reply.is_empty() => break,
            Ok(0) if bugs.has(Bug::EndIsReply) => break,
            Ok(count) if count > 0 => {
                if bugs.has(Bug::LosesBytes) {
                    reply.clear();
                }
                reply.extend_from_slice(&buffer[..count]);
                if bugs.has(Bug::OneReadIsReply) && !reply.ends_with(b"\n") {
                    return Outcome::Unknown;
                }
            }
            failed if is_proof(bugs, failed) => return Outcome::NotExecuted,
            _ => return Outcome::Unknown,
        }
    }
    if bugs.has(Bug::NewlineDropped) && reply.ends_with(b"\n") {
        reply.pop();
    }
    Outcome::Executed(reply)
}

/// Whether it takes an end or an error of a read for a proof that nothing was done.
fn is_proof(bugs: Bugs<Bug>, read: Result<usize, ErrorKind>) -> bool {
    match read {
        Ok(_) => bugs.has(Bug::EndNotExecuted),
        Err(ErrorKind::ConnectionReset) => bugs.has(Bug::ResetNotExecuted),
        Err(ErrorKind::WouldBlock) => bugs.has(Bug::TimeoutNotExecuted),
        Err(_) => false,
    }
}

fn left(bugs: Bugs<Bug>, net: &Net, deadline: u64) -> u64 {
    match () {
        () if bugs.has(Bug::LeftUnderflows) => deadline - net.now(),
        () if bugs.has(Bug::AtLeastOne) => deadline.saturating_sub(net.now()).max(1),
        () => deadline.saturating_sub(net.now()),
    }
}
