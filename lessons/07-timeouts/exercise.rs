//! Exercise: ask a server, wait for its whole reply no longer than until a deadline, and say what
//! the wait proves.
//!
//! The net is simulated, and so is its clock: time passes only while `connect` or `read` waits. All
//! times are milliseconds, and the deadline is a moment of the clock, which does not begin at 0.
//! Both go up to `u64::MAX`. A timeout is `Some(milliseconds)`, where 0 ends at once, or `None` for
//! as long as it takes.
//!
//! | the net | what it does |
//! |---|---|
//! | `net.now()` | tells the time |
//! | `net.connect(timeout)` | connects and sends the request: `Ok(())`, or `Err(kind)` |
//! | `net.set_read_timeout(timeout)` | bounds each read from then on |
//! | `net.read(&mut buffer)` | `Ok(count)` bytes, 0 at the end; or `Err(kind)` |
//!
//! The kinds are those of `std::io`: `ConnectionRefused` or `TimedOut` from a connect,
//! `ConnectionReset` or, timed out, `WouldBlock` from a read, and others, except `Interrupted`.
//!
//! The server's reply is a line: bytes of any value, as many as it likes or none, then a newline,
//! and nothing after that. It comes in as many pieces as the server likes.
//!
//! The judge tries many servers: they accept, refuse, or say nothing; they send the whole reply or
//! a part of it, with delays; then they end, reset the connection, or fall silent. Those that do
//! little come first, and you see the first that is answered wrongly.
//!
//! | the answer | when | said |
//! |---|---|---|
//! | `Outcome::Executed(reply)` | the reply is whole, newline included | as soon as it is |
//! | `Outcome::NotExecuted` | no connection: nothing was sent | when refused, or at the deadline |
//! | `Outcome::Unknown` | a connection, no whole reply | at its end, its error, or the deadline |
//!
//! What comes at the deadline comes too late. If the deadline has passed before you begin, or is
//! right then, the answer is `NotExecuted`, at once.
//!
//! To check it: `cargo run -- check timeouts`

use checks::timeouts::{Net, Outcome};

/// Asks, and answers no later than at the deadline.
pub fn call(net: &mut Net, deadline: u64) -> Outcome {
    checks::unsolved!("connect, then read until the newline", net, deadline)
}
