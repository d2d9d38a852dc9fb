//! Each kind of error made for real, and whether the work may have been done.
//!
//! Every error that can come after the request was sent is made twice: by a server that had done
//! the work, and by one that had not. Where both end in the same error, that error proves nothing
//! about the work.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::bank::{Ledger, REQUEST};
use crate::{EXPERIMENT_TIMEOUT, connected_pair, timed, wait_for_end};

/// The timeout of a read, a write or a connect that cannot complete.
pub const TIMEOUT: Duration = Duration::from_millis(50);

/// A way to cause an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Connect to a port on which no server listens.
    NoListener,
    /// Connect to a server that does not accept, and whose queue is full.
    FullQueue,
    /// Read from a socket that was never connected.
    NeverConnected,
    /// Write to a server that does not read.
    NothingTaken,
    /// Write on, to a server that has read the request and closed.
    WriteAfterClose,
    /// Read from a server that sends nothing.
    NoReply,
    /// Read from a server that has closed, and had bytes of ours unread.
    UnreadBytes,
    /// Read a reply that breaks off.
    CutReply,
}

impl Way {
    /// Those that come before a byte of the request has left.
    pub const BEFORE: [Way; 3] = [Way::NoListener, Way::FullQueue, Way::NeverConnected];

    /// Those that come after it.
    pub const AFTER: [Way; 5] =
        [Way::NothingTaken, Way::WriteAfterClose, Way::NoReply, Way::UnreadBytes, Way::CutReply];

    /// The error, and the payments in the server's ledger, where the server `works` before the
    /// error and where it does not.
    fn cause(self, works: bool) -> io::Result<(io::ErrorKind, u64)> {
        match self {
            Way::NoListener => Ok((no_listener()?, 0)),
            Way::FullQueue => Ok((full_queue()?.error, 0)),
            Way::NeverConnected => Ok((never_connected()?, 0)),
            Way::NothingTaken => nothing_taken(works),
            Way::WriteAfterClose => write_after_close(works),
            Way::NoReply => no_reply(works),
            Way::UnreadBytes => unread_bytes(works),
            Way::CutReply => cut_reply(works),
        }
    }
}

/// An error, and the payments in the servers' ledgers when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// How it was caused.
    pub way: Way,
    /// The kinds that were seen, each once.
    pub errors: Vec<io::ErrorKind>,
    /// The numbers of payments that were seen, each once.
    pub ledgers: Vec<u64>,
}

/// Causes the error of each of the `ways` with a server that does the work and with one that does
/// not.
///
/// # Errors
/// If something fails that should not have.
pub fn meet<const N: usize>(ways: [Way; N]) -> io::Result<Vec<Met>> {
    ways.into_iter().map(meet_one).collect()
}

fn meet_one(way: Way) -> io::Result<Met> {
    let seen = [way.cause(false)?, way.cause(true)?];
    let mut errors = seen.map(|(error, _)| error).to_vec();
    let mut ledgers = seen.map(|(_, payments)| payments).to_vec();
    errors.dedup();
    ledgers.dedup();
    Ok(Met { way, errors, ledgers })
}

/// What became of a connect to a server whose accept queue was full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullQueue {
    /// The connections that the server's system took.
    pub taken: usize,
    /// The error of the next connect.
    pub error: io::ErrorKind,
    /// How long it waited.
    pub after: Duration,
}

/// The length of the queue that the server of [`full_queue`] asks for.
const BACKLOG: u32 = 1;

/// Connects to a server that never accepts, until a connect fails.
///
/// Linux takes one connection more than the backlog and lets the next wait. macOS takes half as
/// many again, and lets it wait too; Windows refuses it. So the experiment counts instead of
/// assuming.
///
/// # Errors
/// If no connect fails.
pub fn full_queue() -> io::Result<FullQueue> {
    let listener = listen(BACKLOG)?;
    let addr = address(&listener)?;
    let mut waiting = Vec::new();
    for _ in 0..=8 * BACKLOG {
        match timed(|| TcpStream::connect_timeout(&addr, TIMEOUT)) {
            (Ok(stream), _) => waiting.push(stream),
            (Err(error), after) => {
                return Ok(FullQueue { taken: waiting.len(), error: error.kind(), after });
            }
        }
    }
    Err(io::Error::other("the accept queue took every connection"))
}

fn no_listener() -> io::Result<io::ErrorKind> {
    // Bound, so that no other process gets the port, and not listening.
    let bound = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    bound.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    error_of(TcpStream::connect_timeout(&address(&bound)?, EXPERIMENT_TIMEOUT))
}

fn never_connected() -> io::Result<io::ErrorKind> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    error_of(TcpStream::from(socket).read(&mut [0; 1]))
}

fn write_after_close(works: bool) -> io::Result<(io::ErrorKind, u64)> {
    let (mut client, mut server) = connected_pair()?;
    client.write_all(&request())?;
    let payments = work(works, &mut server)?;
    if !works {
        server.read_exact(&mut request())?;
    }
    drop(server);
    // This write succeeds, and the closed socket answers it with a reset.
    client.write_all(&request())?;
    wait_for_end(&client);
    Ok((error_of(client.write(&request()))?, payments))
}

/// Writes to a server that reads one request or none, until a write times out.
fn nothing_taken(works: bool) -> io::Result<(io::ErrorKind, u64)> {
    let (mut client, mut server) = connected_pair()?;
    client.set_write_timeout(Some(TIMEOUT))?;
    client.write_all(&request())?;
    let payments = work(works, &mut server)?;
    let many = request().repeat(8 * 1024);
    let error = loop {
        if let Err(error) = client.write(&many) {
            break error.kind();
        }
    };
    Ok((error, payments))
}

fn no_reply(works: bool) -> io::Result<(io::ErrorKind, u64)> {
    let (mut client, mut server) = connected_pair()?;
    client.set_read_timeout(Some(TIMEOUT))?;
    client.write_all(&request())?;
    let payments = work(works, &mut server)?;
    Ok((error_of(client.read(&mut [0; 1]))?, payments))
}

fn unread_bytes(works: bool) -> io::Result<(io::ErrorKind, u64)> {
    let (mut client, mut server) = connected_pair()?;
    client.write_all(&request().repeat(2))?;
    let payments = work(works, &mut server)?;
    server.peek(&mut [0; 1])?;
    drop(server);
    Ok((error_of(client.read(&mut [0; 1]))?, payments))
}

fn cut_reply(works: bool) -> io::Result<(io::ErrorKind, u64)> {
    let (mut client, mut server) = connected_pair()?;
    client.write_all(&request())?;
    let payments = work(works, &mut server)?;
    if !works {
        server.read_exact(&mut request())?;
    }
    server.write_all(b"paid")?;
    drop(server);
    Ok((error_of(client.read_exact(&mut [0; 9]))?, payments))
}

/// The server's part: it reads one request and does it, or it does nothing. Returns the payments in
/// its ledger.
fn work(works: bool, server: &mut TcpStream) -> io::Result<u64> {
    let ledger = Ledger::default();
    if works {
        server.read_exact(&mut request())?;
        ledger.answer(REQUEST, &mut Vec::new());
    }
    Ok(ledger.payments())
}

fn request() -> Vec<u8> {
    [REQUEST, b"\n"].concat()
}

fn listen(backlog: u32) -> io::Result<Socket> {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    listener.listen(backlog as i32)?;
    Ok(listener)
}

fn address(socket: &Socket) -> io::Result<SocketAddr> {
    let addr = socket.local_addr()?.as_socket();
    addr.ok_or_else(|| io::Error::other("an IPv4 socket has an IPv4 address"))
}

fn error_of<T>(result: io::Result<T>) -> io::Result<io::ErrorKind> {
    match result {
        Ok(_) => Err(io::Error::other("a call succeeded that should have failed")),
        Err(error) => Ok(error.kind()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    /// The error of a read or write that times out. Unix reports it as if the socket did not block
    /// at all; Windows has a code of its own.
    const TIMED_OUT: ErrorKind =
        if cfg!(windows) { ErrorKind::TimedOut } else { ErrorKind::WouldBlock };

    /// The error of a write to a connection that has ended: Windows has one code for that and for a
    /// reset.
    const WRITE_AFTER_END: ErrorKind =
        if cfg!(windows) { ErrorKind::ConnectionAborted } else { ErrorKind::BrokenPipe };

    fn assert_met<const N: usize>(ways: [Way; N], errors: [ErrorKind; N], ledgers: &[u64]) {
        let expected = ways.into_iter().zip(errors).map(|(way, error)| Met {
            way,
            errors: vec![error],
            ledgers: ledgers.to_vec(),
        });
        assert_eq!(meet(ways).unwrap(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn before_a_byte_has_left_every_error_means_unpaid() {
        let errors = [ErrorKind::ConnectionRefused, ErrorKind::TimedOut, ErrorKind::NotConnected];
        assert_met(Way::BEFORE, errors, &[0]);
    }

    #[test]
    fn after_it_each_error_comes_from_servers_that_paid_and_that_did_not() {
        let errors = [
            TIMED_OUT,
            WRITE_AFTER_END,
            TIMED_OUT,
            ErrorKind::ConnectionReset,
            ErrorKind::UnexpectedEof,
        ];
        assert_met(Way::AFTER, errors, &[0, 1]);
    }

    #[test]
    fn the_connect_beyond_the_queue_times_out() {
        let full = full_queue().unwrap();
        if cfg!(target_os = "linux") {
            assert_eq!(full.taken, BACKLOG as usize + 1);
        }
        assert!(full.after >= TIMEOUT, "{full:?}");
    }
}
