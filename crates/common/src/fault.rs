//! Faults made on purpose, on real sockets: a proxy that stands between a client and a server.
//!
//! Two processes on one machine are hardly ever slow, unresponsive or cut off from each other, so
//! what a program does then goes unseen until it runs somewhere else. A [`Proxy`] is what the
//! network between them would be. The client connects to the proxy, the proxy connects to the
//! server, and each direction is read and passed on by a thread of its own, with one [`Fault`].
//! Neither side knows of it, and neither has to be changed.
//!
//! What holds:
//!
//! * [`Fault::Pass`] changes nothing: bytes, the end of each direction by itself, and a reset all
//!   come through.
//! * At most one piece is held back in each direction; a sender that is faster has to wait.
//! * At most [`MAX_LINKS`] connections are open. For one more, the connection that was idle for the
//!   longest time is reset: idle clients keep no other client out.
//! * No thread and no connection outlives its [`Proxy`], however long the wait that a fault has put
//!   it in.
//!
//! Left out: faults of packets. TCP retransmits a lost packet, which shows as a delay; and the
//! proxy does not decide whether a connection can be made at all, since it has accepted before it
//! knows.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use crate::frame::Framing;
use crate::transport::{Limits, Running, Server, TransportError};

/// What happens to the bytes in one direction. The bytes are counted from 0, from the start of each
/// connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    Pass,
    /// Each piece, and the end of the stream, is held back for this long. The next piece is read
    /// after that, so the delays of several pieces add up.
    Delay(Duration),
    /// One byte comes through each time this interval has passed.
    Drip(Duration),
    /// One byte is altered: its bits that are set in `xor` are flipped.
    Alter {
        /// Which byte.
        at: u64,
        /// Which of its bits.
        xor: u8,
    },
    /// *n* bytes come through, and instead of the next the receiver finds the end of the stream.
    /// The sender notices nothing.
    CutAfter(u64),
    /// *n* bytes come through, and then nothing more, not even the end of the stream or a reset.
    /// Neither side notices while the client stays. When the client has left, or has ended its own
    /// stream, which looks the same, the server finds the end of the stream: the link must not
    /// outlive its client.
    BlackHole {
        /// The number of bytes, *n*.
        after: u64,
    },
    /// *n* bytes come through, and instead of the next the connection is reset, in both directions.
    /// A reset may overtake bytes that the receiver has not read.
    ResetAfter(u64),
}

impl Fault {
    /// How many bytes come through, where not all do.
    fn passes(&self) -> Option<u64> {
        match *self {
            Fault::CutAfter(last) | Fault::BlackHole { after: last } | Fault::ResetAfter(last) => {
                Some(last)
            }
            Fault::Pass | Fault::Delay(_) | Fault::Drip(_) | Fault::Alter { .. } => None,
        }
    }
}

/// A proxy for one server, in threads of its own; dropping it resets its connections and waits for
/// its threads.
///
/// ```
/// use common::fault::{Fault, Proxy};
/// use common::frame::Framing;
/// use common::transport::{Connection, Deadline, Limits, Server};
/// use std::time::Duration;
///
/// let server = Server::bind("127.0.0.1:0", Limits::default())?
///     .spawn(Framing::Lines, |request, reply| reply.extend(request));
/// let proxy = Proxy::start(server.addr(), Fault::Pass, Fault::Alter { at: 0, xor: 0x20 })?;
///
/// let deadline = Deadline::after(Duration::from_secs(2));
/// let to = proxy.addr().to_string();
/// let mut connection = Connection::connect(&to, Framing::Lines, 1024, deadline)?;
/// assert_eq!(connection.exchange(b"hello", deadline)?, b"Hello");
/// # Ok::<(), common::transport::TransportError>(())
/// ```
pub struct Proxy {
    links: Arc<Mutex<Links>>,
    /// Waits for the threads when it is dropped.
    accepting: Running,
}

impl Proxy {
    /// Stands before `server`, on a free port of this machine, with one fault for the bytes in each
    /// direction.
    ///
    /// # Errors
    /// [`TransportError::Bind`].
    pub fn start(
        server: SocketAddr,
        to_server: Fault,
        to_client: Fault,
    ) -> Result<Proxy, TransportError> {
        Proxy::listen("127.0.0.1:0", server, to_server, to_client)
    }

    /// As [`start`](Proxy::start), on an address of the caller's choice (`host:port`).
    ///
    /// # Errors
    /// [`TransportError::Bind`].
    pub fn listen(
        addr: &str,
        server: SocketAddr,
        to_server: Fault,
        to_client: Fault,
    ) -> Result<Proxy, TransportError> {
        let links = Arc::new(Mutex::new(Links::default()));
        let open = Arc::clone(&links);
        // The proxy looks at bytes and not at messages, so the framing makes no difference.
        let accepting = Server::bind(addr, LIMITS)?.with_grace(Duration::MAX).spawn_connections(
            Framing::Lines,
            move |client| {
                // An error on a link resets both sides; there is no other place to report it.
                let _ = Link::open(client.stream(), server, &open)
                    .and_then(|link| link.carry(to_server, to_client));
                Ok(())
            },
        );
        Ok(Proxy { links, accepting })
    }

    /// The address that clients connect to.
    pub fn addr(&self) -> SocketAddr {
        self.accepting.addr()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        lock(&self.links).end();
    }
}

const LIMITS: Limits = Limits {
    // The proxy has no messages.
    max_message: 0,
    // Those that are open, and some that are being opened or reset.
    max_connections: MAX_LINKS + 32,
    // It waits for no message.
    idle: Duration::MAX,
};

/// The most connections that are open. Each takes two threads, so they are fewer than a server has.
pub const MAX_LINKS: usize = 128;

/// How long the server may take to accept.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The most bytes that are held back in one direction.
const PIECE: usize = 16 * 1024;

/// How often a write that is blocked by its receiver checks whether the link is over. A read or a
/// wait is woken; a write could be woken only by shutting it down, and the receiver would take that
/// for the end of the stream.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// The links that are open.
#[derive(Default)]
struct Links {
    ended: bool,
    open: Vec<Weak<Link>>,
    /// Counts what is read and written on all links, in place of a clock.
    moves: Arc<AtomicU64>,
}

impl Links {
    fn enter(&mut self, link: &Arc<Link>) -> io::Result<()> {
        if self.ended {
            return Err(over());
        }
        self.open.retain(|link| link.upgrade().is_some_and(|link| link.go_on().is_ok()));
        if self.open.len() >= MAX_LINKS {
            let links = self.open.iter().filter_map(Weak::upgrade);
            let idlest = links.min_by_key(|link| link.moved.load(Ordering::Relaxed));
            // None: all have ended meanwhile.
            idlest.iter().for_each(|link| link.reset());
        }
        self.open.push(Arc::downgrade(link));
        Ok(())
    }

    fn end(&mut self) {
        self.ended = true;
        for link in self.open.drain(..).filter_map(|link| link.upgrade()) {
            link.reset();
        }
    }
}

/// A connection from end to end: the client's to the proxy, and the proxy's to the server.
struct Link {
    client: TcpStream,
    server: TcpStream,
    over: Mutex<bool>,
    /// The link is over.
    ended: Condvar,
    /// The count of all links, and its value when a byte last moved on this one. Relaxed: the
    /// counts order nothing but themselves.
    moves: Arc<AtomicU64>,
    moved: AtomicU64,
}

impl Link {
    fn open(client: &TcpStream, server: SocketAddr, links: &Mutex<Links>) -> io::Result<Arc<Link>> {
        // A client whose server cannot be reached is reset, too.
        reset_when_closed(client, true)?;
        let link = Arc::new(Link {
            client: client.try_clone()?,
            server: TcpStream::connect_timeout(&server, CONNECT_TIMEOUT)?,
            over: Mutex::new(false),
            ended: Condvar::new(),
            moves: Arc::clone(&lock(links).moves),
            moved: AtomicU64::new(0),
        });
        link.note_move();
        reset_when_closed(&link.server, true)?;
        link.server.set_nodelay(true)?;
        link.server.set_write_timeout(Some(CHECK_INTERVAL))?;
        link.client.set_write_timeout(Some(CHECK_INTERVAL))?;
        lock(links).enter(&link)?;
        Ok(link)
    }

    /// Passes bytes on, both ways, until both streams have ended or the link is over.
    fn carry(&self, to_server: Fault, to_client: Fault) -> io::Result<()> {
        let (client, server) = (&self.client, &self.server);
        thread::scope(|scope| {
            let replies = thread::Builder::new()
                .spawn_scoped(scope, || self.carry_one_way(server, client, to_client))?;
            let requests = self.carry_one_way(client, server, to_server);
            requests.and(replies.join().expect("passing bytes on does not panic"))
        })?;
        reset_when_closed(client, false)?;
        reset_when_closed(server, false)
    }

    fn carry_one_way(&self, from: &TcpStream, to: &TcpStream, fault: Fault) -> io::Result<()> {
        let carried = self.pass_on(from, to, fault);
        if carried.is_err() {
            self.reset();
        }
        carried
    }

    fn pass_on(&self, from: &TcpStream, to: &TcpStream, fault: Fault) -> io::Result<()> {
        let mut buffer = vec![0; PIECE];
        let mut passed = 0;
        loop {
            let count = match self.read(from, &mut buffer) {
                // A black hole takes a reset as it takes everything else.
                Err(_) if matches!(fault, Fault::BlackHole { .. }) && self.go_on().is_ok() => 0,
                read => read?,
            };
            let piece = &mut buffer[..count];
            // The end of the stream has a place of its own after the last byte: a fault can strike
            // there, too.
            let end = passed + count.max(1) as u64;
            if let Some(last) = fault.passes().filter(|&last| last < end) {
                self.write(to, &piece[..(last - passed) as usize])?;
                return self.break_off(from, to, fault);
            }
            match fault {
                Fault::Delay(time) => {
                    self.wait(time)?;
                    self.write(to, piece)?;
                }
                Fault::Drip(every) => self.drip(to, piece, every)?,
                Fault::Alter { at, xor } => {
                    let places = piece.iter_mut().zip(passed..);
                    for (byte, _) in places.filter(|(_, place)| *place == at) {
                        *byte ^= xor;
                    }
                    self.write(to, piece)?;
                }
                _ => self.write(to, piece)?,
            }
            if count == 0 {
                return to.shutdown(Shutdown::Write);
            }
            passed = end;
        }
    }

    /// What happens instead of the next byte.
    fn break_off(&self, from: &TcpStream, to: &TcpStream, fault: Fault) -> io::Result<()> {
        match fault {
            Fault::ResetAfter(_) => Err(over()),
            Fault::BlackHole { .. } => {
                let _ = self.discard(from);
                if !ptr::eq(from, &self.client) {
                    // The other direction notices when the client leaves.
                    return self.go_on();
                }
                // The end and not a reset, which could overtake bytes that came through.
                reset_when_closed(to, false)?;
                Err(over())
            }
            _ => {
                to.shutdown(Shutdown::Write)?;
                self.discard(from)
            }
        }
    }

    /// Reads and drops the rest, so that the sender notices nothing.
    fn discard(&self, from: &TcpStream) -> io::Result<()> {
        let mut buffer = vec![0; PIECE];
        while self.read(from, &mut buffer)? > 0 {}
        Ok(())
    }

    fn drip(&self, to: &TcpStream, piece: &[u8], every: Duration) -> io::Result<()> {
        piece.chunks(1).try_for_each(|byte| {
            self.wait(every)?;
            self.write(to, byte)
        })
    }

    fn read(&self, mut from: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
        let count = from.read(buffer)?;
        self.go_on()?;
        self.note_move();
        Ok(count)
    }

    fn write(&self, mut to: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match to.write(bytes) {
                Ok(count) => {
                    bytes = &bytes[count..];
                    self.note_move();
                }
                Err(error) if is_passing(&error) => self.go_on()?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn note_move(&self) {
        self.moved.store(self.moves.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Lets time pass.
    fn wait(&self, time: Duration) -> io::Result<()> {
        let on = |over: &mut bool| !*over;
        drop(self.ended.wait_timeout_while(lock(&self.over), time, on));
        self.go_on()
    }

    /// An error if the link is over.
    fn go_on(&self) -> io::Result<()> {
        if *lock(&self.over) { Err(over()) } else { Ok(()) }
    }

    /// Ends the link: both threads stop reading, writing or waiting, and then closing resets both
    /// connections.
    fn reset(&self) {
        *lock(&self.over) = true;
        self.ended.notify_all();
        for end in [&self.client, &self.server] {
            // A connection that is already gone needs no waking.
            let _ = end.shutdown(Shutdown::Read);
        }
    }
}

/// With a linger time of zero, closing discards unsent bytes and sends a reset.
fn reset_when_closed(stream: &TcpStream, reset: bool) -> io::Result<()> {
    SockRef::from(stream).set_linger(reset.then_some(Duration::ZERO))
}

/// The error of a thread whose link is over.
fn over() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}

/// Whether a failed write only means that nothing was written yet.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}

/// The data behind these locks is consistent after every statement, so a panic elsewhere does no
/// harm.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::transport::Deadline;

    #[test]
    fn a_black_hole_is_freed_when_its_client_has_left() -> io::Result<()> {
        let hole = Fault::BlackHole { after: 3 };
        for (to_server, to_client) in [(hole, Fault::Pass), (Fault::Pass, hole), (hole, hole)] {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            let proxy =
                Proxy::start(listener.local_addr()?, to_server, to_client).expect("a port is free");
            let mut client = TcpStream::connect(proxy.addr())?;
            let mut server = listener.accept()?.0;
            server.set_read_timeout(Some(Duration::from_secs(20)))?;
            client.write_all(b"one and two")?;
            server.write_all(b"one")?;
            client.read_exact(&mut [0; 3])?;
            drop(client);
            let mut received = Vec::new();
            server.read_to_end(&mut received)?;
            assert!(received.starts_with(b"one"));
            drop(server);
            let deadline = Deadline::after(Duration::from_secs(20));
            while lock(&proxy.links).open.iter().any(|link| link.strong_count() > 0) {
                assert!(deadline.pause(), "{to_server:?}, {to_client:?}");
            }
        }
        Ok(())
    }
}
