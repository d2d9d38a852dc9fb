//! How do two programs talk, and what is one message?
//!
//! Two programs on a network share nothing but a connection, and a TCP connection is a stream of
//! bytes: it keeps their order, and it forgets where each write ended. So a program that wants to
//! say "this is one message" has to mark its end itself, has to expect every piece of the stream to
//! come late, in part or never, and has to decide how many peers it serves at a time and how long
//! it waits for each. An echo server (RFC 862: it sends back what it gets) is the smallest program
//! that meets all of this.
//!
//! | module | experiment |
//! |---|---|
//! | [`sockets`] | one exchange, call by call, and which address a server answers on |
//! | [`stream`] | writes glued into one read, one write split over several, a letter cut in half |
//! | [`framing`] | two ways to mark a message, every way to cut them, lengths that lie |
//! | [`serving`] | an idle client: served one at a time, by a thread each, and with limits |
//! | [`models`] | many clients and a handler that waits: a thread for each, or one event loop |
//! | [`events`] | that loop |
//! | [`sides`] | the server and the client as real processes |
//!
//! The lines that are the idea stand in [`common::frame`]: where a message begins and ends. How one
//! thread waits for many sockets is in [`common::readiness`]. Left out: encryption.

pub mod events;
pub mod framing;
pub mod models;
pub mod serving;
pub mod sides;
pub mod sockets;
pub mod story;
pub mod stream;

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

/// A free port of this machine.
const ANY_PORT: &str = "127.0.0.1:0";

/// How long an experiment waits for an event that is certain to come before it reports an error.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_secs(20);

/// A connected client and server socket on this machine, both with timeouts.
fn connected_pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = TcpStream::connect_timeout(&listener.local_addr()?, EXPERIMENT_TIMEOUT)?;
    let (server, _) = listener.accept()?;
    for end in [&client, &server] {
        end.set_nodelay(true)?;
        end.set_read_timeout(Some(EXPERIMENT_TIMEOUT))?;
        end.set_write_timeout(Some(EXPERIMENT_TIMEOUT))?;
    }
    Ok((client, server))
}
