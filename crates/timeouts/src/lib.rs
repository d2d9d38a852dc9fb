//! No answer came. What happened?
//!
//! A client sends a request and waits. Silence is all that it gets, and five different stories end
//! in that silence: the request was lost, the server crashed before the work or after it, the reply
//! was lost, or everything is well and slow. No waiting tells them apart, so a client can only
//! decide how long it waits, and then say what it knows: *not executed*, because nothing was sent,
//! or *unknown*. What an error proves depends on when it came and far less on its name.
//!
//! | module | experiment |
//! |---|---|
//! | [`five_stories`] | five failures through a proxy: what the client saw, what the ledger says |
//! | [`errors`] | each kind of error, by servers that did the work and by servers that did not |
//! | [`told_once`] | what a connection says after it has ended, call by call |
//! | [`drip`] | a reply byte by byte, against a timeout per read and against a deadline |
//! | [`how_long`] | false alarms against time to notice, over a sweep of timeouts |
//! | [`defaults`] | what systems and libraries wait if nobody says anything |
//! | [`sides`] | the server with its faults and the client as real processes |
//!
//! The lines that are the idea stand in [`client`]. The impossibility is older than TCP: J. Gray
//! told it as the two generals (Notes on Data Base Operating Systems, 1978). Left out: what to do
//! after a timeout. That is the next lesson's.

pub mod bank;
pub mod client;
pub mod defaults;
pub mod drip;
pub mod errors;
pub mod five_stories;
pub mod how_long;
pub mod sides;
pub mod story;
pub mod told_once;

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// How long an experiment waits for what is certain to come, before it reports an error instead.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connected client and server socket on this machine, neither of which waits for ever.
fn connected_pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
    let (server, _) = listener.accept()?;
    for end in [&client, &server] {
        end.set_read_timeout(Some(PATIENCE))?;
        end.set_write_timeout(Some(PATIENCE))?;
    }
    Ok((client, server))
}

/// What `operation` returned, and how long it took.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a real wait took is what these experiments are about"
)]
fn timed<T>(operation: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = operation();
    (value, start.elapsed())
}
