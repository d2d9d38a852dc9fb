//! Exercise: ask a server, wait for its whole reply no longer than until a deadline, and say what
//! the wait proves. One way to write it.

use checks::timeouts::{Net, Outcome};

/// Asks, and answers no later than at the deadline.
pub fn call(net: &mut Net, deadline: u64) -> Outcome {
    if net.connect(Some(left(net, deadline))).is_err() {
        return Outcome::NotExecuted;
    }
    let mut reply = Vec::new();
    let mut buffer = [0; 64];
    while !reply.ends_with(b"\n") {
        net.set_read_timeout(Some(left(net, deadline)));
        match net.read(&mut buffer) {
            Ok(0) | Err(_) => return Outcome::Unknown,
            Ok(count) => reply.extend_from_slice(&buffer[..count]),
        }
    }
    Outcome::Executed(reply)
}

/// The time until the deadline: each wait gets what those before it have left.
fn left(net: &Net, deadline: u64) -> u64 {
    deadline.saturating_sub(net.now())
}
