//! Each kind of error made for real, and whether the work may have been done.
//!
//! Every error that can come after the request was sent is made twice: by a server that had done
//! the work, and by one that had not. Where both end in the same error, that error says nothing
//! about the work.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::bank::{Ledger, REQUEST};
use crate::{PATIENCE, connected_pair, timed};

/// How long a read, a write or a connect waits here for what never comes.
pub const TIMEOUT: Duration = Duration::from_millis(50);

/// A way to come by an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Connect to a port on which nobody listens.
    NobodyListens,
    /// Connect to a server that does not accept, and whose queue is full.
    FullQueue,
    /// Read from a socket that was never connected.
    NeverConnected,
    /// Write to a connection that a reset has ended.
    WriteAfterEnd,
    /// Write to a server that does not read.
    NothingTaken,
    /// Read from a server that says nothing.
    Silence,
    /// Read from a server that has closed, and had bytes of ours unread.
    UnreadBytes,
    /// Read a reply that breaks off.
    CutReply,
}

impl Way {
    /// All of them, those that come before the request is sent first.
    pub const ALL: [Way; 8] = [
        Way::NobodyListens,
        Way::FullQueue,
        Way::NeverConnected,
        Way::WriteAfterEnd,
        Way::NothingTaken,
        Way::Silence,
        Way::UnreadBytes,
        Way::CutReply,
    ];

    /// The error, and the payments in the server's ledger, where the server `works` before the
    /// error and where it does not.
    fn go(self, works: bool) -> io::Result<(io::ErrorKind, u64)> {
        match self {
            Way::NobodyListens => Ok((nobody_listens()?, 0)),
            Way::FullQueue => Ok((full_queue()?.error, 0)),
            Way::NeverConnected => Ok((never_connected()?, 0)),
            Way::WriteAfterEnd => Ok((write_after_end()?, 0)),
            Way::NothingTaken => nothing_taken(works).map(|stuck| (stuck.error, stuck.payments)),
            Way::Silence => silence(works),
            Way::UnreadBytes => unread_bytes(works),
            Way::CutReply => cut_reply(works),
        }
    }
}

/// An error, and what the servers' ledgers said when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// How we came by it.
    pub way: Way,
    /// Its kind, each that was seen once.
    pub errors: Vec<io::ErrorKind>,
    /// Payments in the ledgers, each number that was seen once.
    pub ledgers: Vec<u64>,
}

/// Goes every [`Way`] with a server that works first and with one that does not.
///
/// # Errors
/// If something fails that should not have.
pub fn meet_all() -> io::Result<Vec<Met>> {
    Way::ALL.into_iter().map(meet).collect()
}

fn meet(way: Way) -> io::Result<Met> {
    let seen = [way.go(false)?, way.go(true)?];
    let mut errors = seen.map(|(error, _)| error).to_vec();
    let mut ledgers = seen.map(|(_, payments)| payments).to_vec();
    errors.dedup();
    ledgers.dedup();
    Ok(Met { way, errors, ledgers })
}

/// What a connect met that found the accept queue full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullQueue {
    /// The length of the queue that the server asked for.
    pub backlog: u32,
    /// The connections that its system took all the same.
    pub taken: usize,
    /// What the next connect met.
    pub error: io::ErrorKind,
    /// How long it waited.
    pub after: Duration,
}

/// The length of the queue in [`full_queue`].
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
                return Ok(FullQueue {
                    backlog: BACKLOG,
                    taken: waiting.len(),
                    error: error.kind(),
                    after,
                });
            }
        }
    }
    Err(io::Error::other("an accept queue that takes everything"))
}

/// What became of writes that nobody read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Bytes that the writes were told they had written.
    pub written: usize,
    /// Bytes that the server's program had read.
    pub read: usize,
    /// What ended it.
    pub error: io::ErrorKind,
    /// Payments in the server's ledger.
    pub payments: u64,
}

/// Writes requests to a server that reads at most one of them, until a write times out.
///
/// # Errors
/// If a socket cannot be had.
pub fn nothing_taken(works: bool) -> io::Result<Stuck> {
    let (mut client, mut server) = connected_pair()?;
    client.set_write_timeout(Some(TIMEOUT))?;
    client.write_all(&request())?;
    let payments = work(works, &mut server)?;
    let many = request().repeat(8 * 1024);
    let mut written = request().len();
    let error = loop {
        match client.write(&many) {
            Ok(count) => written += count,
            Err(error) => break error.kind(),
        }
    };
    Ok(Stuck { written, read: if works { request().len() } else { 0 }, error, payments })
}

fn nobody_listens() -> io::Result<io::ErrorKind> {
    // Bound, so that nobody else gets the port, and not listening.
    let bound = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    bound.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    error_of(TcpStream::connect_timeout(&address(&bound)?, PATIENCE))
}

fn never_connected() -> io::Result<io::ErrorKind> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    error_of(TcpStream::from(socket).read(&mut [0; 1]))
}

fn write_after_end() -> io::Result<io::ErrorKind> {
    let (mut client, server) = connected_pair()?;
    client.write_all(b"x")?;
    server.peek(&mut [0; 1])?;
    drop(server);
    // The first call meets the reset.
    let _ = client.read(&mut [0; 1]);
    error_of(client.write(&request()))
}

fn silence(works: bool) -> io::Result<(io::ErrorKind, u64)> {
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
        Ok(_) => Err(io::Error::other("a call went well that should have failed")),
        Err(error) => Ok(error.kind()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    /// What a read or write that waits in vain fails with. Unix reports it as if the socket did not
    /// block at all; Windows has a code of its own.
    const WAITED_IN_VAIN: ErrorKind =
        if cfg!(windows) { ErrorKind::TimedOut } else { ErrorKind::WouldBlock };

    /// A connection that meets its end in a write: Windows has one code for that and for a reset.
    const WRITE_AFTER_END: ErrorKind =
        if cfg!(windows) { ErrorKind::ConnectionAborted } else { ErrorKind::BrokenPipe };

    #[test]
    fn each_way_leads_to_its_error_whatever_the_server_has_done() {
        let expected = [
            (Way::NobodyListens, ErrorKind::ConnectionRefused, &[0][..]),
            (Way::FullQueue, ErrorKind::TimedOut, &[0]),
            (Way::NeverConnected, ErrorKind::NotConnected, &[0]),
            (Way::WriteAfterEnd, WRITE_AFTER_END, &[0]),
            (Way::NothingTaken, WAITED_IN_VAIN, &[0, 1]),
            (Way::Silence, WAITED_IN_VAIN, &[0, 1]),
            (Way::UnreadBytes, ErrorKind::ConnectionReset, &[0, 1]),
            (Way::CutReply, ErrorKind::UnexpectedEof, &[0, 1]),
        ];
        let expected = expected.map(|(way, error, ledgers)| Met {
            way,
            errors: vec![error],
            ledgers: ledgers.to_vec(),
        });
        assert_eq!(meet_all().unwrap(), expected);
    }

    #[test]
    fn the_connect_beyond_the_queue_times_out() {
        let full = full_queue().unwrap();
        if cfg!(target_os = "linux") {
            assert_eq!(full.taken, BACKLOG as usize + 1);
        }
        assert!(full.after >= TIMEOUT, "{full:?}");
    }

    #[test]
    fn a_write_that_went_well_says_nothing_about_the_reader() {
        let stuck = nothing_taken(false).unwrap();
        assert!(stuck.written > 100_000, "{stuck:?}");
        assert_eq!((stuck.read, stuck.payments), (0, 0));
    }
}
