//! No answer came. What happened?
//!
//! A client sends a request and waits, and no reply comes. Five different stories end like that:
//! the request was lost, the server crashed before the work or after it, the reply was lost, or
//! nothing failed and the server is slow. No timeout distinguishes them, so a client can only
//! decide how long it waits, and then report what it knows: *not executed*, because nothing was
//! sent, or *unknown*. What an error proves depends on when it came and far less on its name.
//!
//! | module | experiment |
//! |---|---|
//! | [`five_stories`] | five failures through a proxy: what the client saw, what the ledger says |
//! | [`errors`] | each kind of error, by servers that did the work and by servers that did not |
//! | [`reported_once`] | what a connection reports after it has ended, call by call |
//! | [`drip`] | a reply byte by byte, against a timeout per read and against a deadline |
//! | [`how_long`] | false alarms against time to notice, over a sweep of timeouts |
//! | [`sides`] | the server with its faults and the client as real processes |
//!
//! The lines that are the idea stand in [`client`]. That two parties can never both be certain over
//! such a network was published by Akkoyunlu, Ekanadham and Huber (1975), and J. Gray named it the
//! two generals (Notes on Data Base Operating Systems, 1978). Left out: what to do after a timeout;
//! the next lesson has that.

pub mod bank;
pub mod client;
pub mod drip;
pub mod errors;
pub mod five_stories;
pub mod how_long;
pub mod reported_once;
pub mod sides;
pub mod story;

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use common::transport::Deadline;

/// How long an experiment waits for an event that is certain to come before it reports an error.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_secs(20);

/// A connected client and server socket on this machine, both with timeouts.
fn connected_pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = TcpStream::connect_timeout(&listener.local_addr()?, EXPERIMENT_TIMEOUT)?;
    let (server, _) = listener.accept()?;
    for end in [&client, &server] {
        end.set_read_timeout(Some(EXPERIMENT_TIMEOUT))?;
        end.set_write_timeout(Some(EXPERIMENT_TIMEOUT))?;
    }
    Ok((client, server))
}

/// Waits until a connection whose peer has closed is reset in answer to a write. The reset is in
/// flight already, so this is short.
fn wait_for_end(client: &TcpStream) {
    let deadline = Deadline::after(EXPERIMENT_TIMEOUT);
    while client.peer_addr().is_ok() && deadline.remaining().is_some() {
        thread::yield_now();
    }
}

/// The result of `operation`, and how long it took.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a real wait took is what these experiments are about"
)]
fn timed<T>(operation: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = operation();
    (value, start.elapsed())
}
