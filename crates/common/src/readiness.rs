//! Many sockets in one thread: wait until the system reports that some are ready, and serve those.
//!
//! A thread for each connection waits where it reads, and the system switches between threads. Here
//! one thread waits for all sockets at once ([`Sockets::wait`]), by `epoll` on Linux, `kqueue` on
//! macOS and IOCP on Windows, which the crate mio makes look alike. A socket that is ready is read
//! until it would block, and never waited for. What a socket does not take at once is kept, and
//! written when it is ready again. A turn of the loop has this order:
//!
//! 1. [`wait`](Sockets::wait) until something is ready;
//! 2. [`accept`](Sockets::accept) connections, and [`read`](Sockets::read) those that
//!    [`next_ready`](Sockets::next_ready) returns, which hands over whole messages;
//! 3. [`flush`](Sockets::flush): write what was [sent](Sockets::send) in this turn.
//!
//! What holds:
//!
//! * Only `flush` writes. What must happen before an answer leaves happens before it.
//! * A connection is not read while something is unsent on it, so a peer that sends and does not
//!   read takes the memory of one turn's answers, and no more.
//! * Each connection is read at most once a turn, for [`TURN`] bytes at most, so none starves the
//!   others, and a flush comes after a bounded time.
//! * An idle connection takes no buffer: all decoders share one, and keep unfinished messages.
//! * Every connection has a deadline, which a whole message or a whole flush moves: a peer that
//!   drips bytes is not kept.
//! * The memory that peers can take is bounded by the number of connections and the longest
//!   message.
//!
//! Traps that the code has a comment for: readiness is reported when it begins and not while it
//! lasts, so what was not finished has to be remembered here; a descriptor that is missing at an
//! `accept` is never reported again; and a connection closed over unread bytes resets.
//!
//! Left out: more than one thread. Ping-pong is bound by the kernel, and one loop takes a few
//! hundred thousand small messages a second.

mod connection;
mod listener;

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token, Waker};

use crate::frame::Framing;
use crate::transport::{Limits, TransportError};
use connection::{Connection, Turn};
use listener::Listener;

pub use connection::{Outgoing, Progress};

/// How many bytes are read from a connection in one turn, about: the size of the buffer that all
/// share.
pub const TURN: usize = 64 * 1024;

/// How many reports of the system are taken at a time. The rest come with the next wait.
const MAX_EVENTS: usize = 1024;

const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);

/// Which connection. After that is closed, the same slot gets another generation, so that no late
/// use of an id reaches the next connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId {
    slot: usize,
    generation: u64,
}

/// The sockets of one loop: one that listens, and its connections.
///
/// An echo server, in one thread:
///
/// ```
/// use common::frame::Framing;
/// use common::readiness::{Progress, Sockets};
/// use common::transport::{Connection, Deadline, Limits, TransportError};
/// use std::ops::ControlFlow;
/// use std::time::Duration;
///
/// fn serve(mut sockets: Sockets) -> Result<(), TransportError> {
///     while sockets.wait(None)? {
///         while let Some(accepted) = sockets.accept() {
///             accepted?;
///         }
///         while let Some(id) = sockets.next_ready() {
///             let read = sockets.read(id, |message, out| {
///                 out.send(message);
///                 ControlFlow::Continue(())
///             });
///             match read {
///                 Ok(Progress::Open) => {}
///                 Err(TransportError::TimedOut { .. }) => sockets.close(id),
///                 // Its last answers leave first.
///                 Ok(Progress::Ended) | Err(_) => sockets.finish(id),
///             }
///         }
///         sockets.flush();
///     }
///     Ok(())
/// }
///
/// let sockets = Sockets::bind("127.0.0.1:0", Framing::Lines, Limits::default())?;
/// let (addr, stopper) = (sockets.local_addr().to_string(), sockets.stopper());
/// let serving = std::thread::spawn(move || serve(sockets));
/// let deadline = Deadline::after(Duration::from_secs(10));
/// let mut client = Connection::connect(&addr, Framing::Lines, 100, deadline)?;
/// assert_eq!(client.exchange(b"hello", deadline)?, b"hello");
/// stopper.stop();
/// serving.join().expect("it does not panic")?;
/// # Ok::<(), TransportError>(())
/// ```
pub struct Sockets {
    poll: Poll,
    events: Events,
    signal: Arc<Signal>,
    listener: Listener,
    limits: Limits,
    framing: Framing,
    slots: Vec<Slot>,
    /// Slots without a connection.
    free: Vec<usize>,
    /// Connections that may have something to read, each once.
    ready: VecDeque<ConnectionId>,
    /// How many of those belong to this turn. What becomes ready in a turn is read in the next.
    left_in_turn: usize,
    /// Connections that may have something to write.
    unflushed: Vec<ConnectionId>,
    /// An entry for each connection. It does not move with every message: when it is due, the
    /// connection's own deadline counts.
    deadlines: BTreeSet<(Instant, ConnectionId)>,
    /// What is read goes here first.
    shared: Vec<u8>,
    /// When the last wait ended. All of a turn happens at this time.
    now: Instant,
}

struct Slot {
    generation: u64,
    connection: Option<Connection>,
}

/// Ends the waiting from another thread.
#[derive(Clone)]
pub struct Stopper(Arc<Signal>);

struct Signal {
    waker: Waker,
    is_stopping: AtomicBool,
}

impl Stopper {
    /// Makes the next [`wait`](Sockets::wait), or the one in progress, return `false`.
    pub fn stop(&self) {
        self.0.is_stopping.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// Whether the loop is to end. A loop whose turns are long asks between two messages.
    pub fn is_stopping(&self) -> bool {
        self.0.is_stopping.load(Ordering::SeqCst)
    }

    /// Makes a wait end, for what another thread has done.
    pub fn wake(&self) {
        // It fails where the poll is gone, and then nothing waits.
        let _ = self.0.waker.wake();
    }
}

impl Sockets {
    /// Listens on `addr` (`host:port`; port 0 takes a free one). Each connection gets these limits.
    ///
    /// # Errors
    /// [`TransportError::Bind`]; [`TransportError::Io`] if the system has no descriptors left.
    pub fn bind(addr: &str, framing: Framing, limits: Limits) -> Result<Sockets, TransportError> {
        let io = |error| TransportError::io("preparing to wait for sockets", error);
        let poll = Poll::new().map_err(io)?;
        let waker = Waker::new(poll.registry(), WAKER).map_err(io)?;
        let mut listener = Listener::bind(addr)?;
        listener.register(poll.registry(), LISTENER).map_err(io)?;
        Ok(Sockets {
            poll,
            events: Events::with_capacity(MAX_EVENTS),
            signal: Arc::new(Signal { waker, is_stopping: AtomicBool::new(false) }),
            listener,
            limits,
            framing,
            slots: Vec::new(),
            free: Vec::new(),
            ready: VecDeque::new(),
            left_in_turn: 0,
            unflushed: Vec::new(),
            deadlines: BTreeSet::new(),
            shared: vec![0; TURN],
            now: now(),
        })
    }

    /// The address that it listens on, with the real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.addr
    }

    /// What ends the loop, from a signal handler or another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.signal))
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether there is no connection.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When the last wait ended.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Waits until something is ready, at most for `longest`. A connection whose deadline has
    /// passed is ready, too. `false` when the loop is to end. It may return for no reason; then
    /// nothing is ready.
    ///
    /// # Errors
    /// [`TransportError::Io`] if the system cannot wait.
    pub fn wait(&mut self, longest: Option<Duration>) -> Result<bool, TransportError> {
        let timeout = self.timeout(longest);
        match self.poll.poll(&mut self.events, timeout) {
            // By a signal. What is ready is reported with the next wait.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            polled => polled.map_err(|error| TransportError::io("waiting for sockets", error))?,
        }
        self.now = now();
        self.listener.retry(self.now);
        self.expire();
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            match event.token() {
                LISTENER => self.listener.is_ready = true,
                WAKER => {}
                Token(slot) => self.mark(slot, event.is_read_closed() || event.is_error()),
            }
        }
        self.events = events;
        self.left_in_turn = self.ready.len();
        Ok(!self.signal.is_stopping.load(Ordering::SeqCst))
    }

    /// How long to wait: not at all, if something is known to be ready.
    fn timeout(&self, longest: Option<Duration>) -> Option<Duration> {
        if !self.ready.is_empty() || !self.unflushed.is_empty() || self.can_accept() {
            return Some(Duration::ZERO);
        }
        let first = self.deadlines.first().map(|(at, _)| *at);
        let next = first.into_iter().chain(self.listener.retry_at).min();
        let until = next.map(|at| at.saturating_duration_since(now()));
        longest.into_iter().chain(until).min()
    }

    /// Has the connections read whose deadline has passed.
    fn expire(&mut self) {
        while let Some(&(at, id)) = self.deadlines.first()
            && at <= self.now
        {
            self.deadlines.pop_first();
            let now = self.now;
            let connection = self.get(id).expect("an entry goes with its connection");
            let is_late = connection.deadline <= now;
            if is_late {
                connection.extend_deadline(now);
                connection.is_late = true;
            }
            connection.entry = connection.deadline;
            let entry = connection.entry;
            self.deadlines.insert((entry, id));
            if is_late {
                self.make_ready(id);
            }
        }
    }

    /// A slot is reported: what can be read or written is found out by trying.
    fn mark(&mut self, slot: usize, is_end: bool) {
        // The connection may have been closed since, and its slot be empty or taken by the next
        // one, which is then tried for nothing.
        let Some(generation) = self.slots.get(slot).map(|slot| slot.generation) else {
            return;
        };
        let id = ConnectionId { slot, generation };
        if let Some(connection) = self.get(id) {
            connection.is_drained = false;
            connection.is_end_reported |= is_end;
        }
        self.make_ready(id);
        self.will_flush(id);
    }

    fn make_ready(&mut self, id: ConnectionId) {
        if let Some(connection) = self.get(id)
            && !std::mem::replace(&mut connection.is_queued, true)
        {
            self.ready.push_back(id);
        }
    }

    fn will_flush(&mut self, id: ConnectionId) {
        if let Some(connection) = self.get(id)
            && (connection.has_unsent() || connection.is_finishing)
            && !std::mem::replace(&mut connection.is_unflushed, true)
        {
            self.unflushed.push(id);
        }
    }

    fn can_accept(&self) -> bool {
        self.listener.is_ready && self.len() < self.limits.max_connections
    }

    /// The next connection that waits to be accepted, if there is room for it. One beyond the limit
    /// stays in the system's queue.
    ///
    /// After an error, such as a lack of descriptors, it is tried again a moment later. The error
    /// is returned once, until a connection is accepted.
    pub fn accept(&mut self) -> Option<Result<(ConnectionId, SocketAddr), TransportError>> {
        while self.can_accept() {
            match self.listener.accept(self.now)? {
                Ok((stream, peer)) => {
                    let connection = Connection::accepted(stream, self.framing, &self.limits);
                    // A connection that has broken already is not one to report.
                    if let Ok(id) = self.insert(connection) {
                        return Some(Ok((id, peer)));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }

    /// Begins to connect to `addr`. What is sent leaves when the connection is there; that it
    /// failed is an error of [`read`](Sockets::read).
    ///
    /// # Errors
    /// [`TransportError::Connect`] if the system cannot even begin.
    pub fn connect(&mut self, addr: SocketAddr) -> Result<ConnectionId, TransportError> {
        let connection = Connection::connect(addr, self.framing, &self.limits);
        let connected = connection.and_then(|connection| self.insert(connection));
        connected.map_err(|error| connection::cannot_connect(addr, error))
    }

    fn insert(&mut self, mut connection: Connection) -> io::Result<ConnectionId> {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, connection: None });
            self.slots.len() - 1
        });
        let both = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.poll.registry().register(connection.stream(), Token(slot), both) {
            self.free.push(slot);
            return Err(error);
        }
        connection.extend_deadline(self.now);
        connection.entry = connection.deadline;
        let id = self.id(slot);
        self.deadlines.insert((connection.entry, id));
        self.slots[slot].connection = Some(connection);
        Ok(id)
    }

    /// The next connection of this turn that may have something to read.
    pub fn next_ready(&mut self) -> Option<ConnectionId> {
        while self.left_in_turn > 0
            && let Some(id) = self.ready.pop_front()
        {
            self.left_in_turn -= 1;
            if let Some(connection) = self.get(id) {
                connection.is_queued = false;
                return Some(id);
            }
        }
        None
    }

    /// Reads what has come and hands each whole message to `take`, until the socket would block,
    /// its turn is over, or `take` breaks off. A connection that was broken off is not read before
    /// [`resume`](Sockets::resume), so that its next message waits for the answer to this one.
    ///
    /// Nothing is read while something is unsent. A connection that is closed already is
    /// [`Progress::Open`] without a message.
    ///
    /// # Errors
    /// [`TransportError::TimedOut`] when the deadline has passed, after which there is a new one.
    /// [`TransportError::Frame`] for an invalid message or an end inside a message,
    /// [`TransportError::Connect`], [`TransportError::Io`]: the connection is of no more use.
    /// [`close`](Sockets::close) it, or [`finish`](Sockets::finish) it, so that the answers to
    /// earlier messages leave.
    pub fn read(
        &mut self,
        id: ConnectionId,
        take: impl FnMut(&[u8], &mut Outgoing<'_>) -> ControlFlow<()>,
    ) -> Result<Progress, TransportError> {
        let Some(connection) = find(&mut self.slots, id) else {
            return Ok(Progress::Open);
        };
        connection.decoder.borrow(&mut self.shared);
        let read = connection.read(self.now, take);
        connection.decoder.give_back(&mut self.shared);
        self.will_flush(id);
        // The rest of a full turn is not reported by the system, which has reported it before.
        let read = read?;
        if read == Turn::NotOver {
            self.make_ready(id);
        }
        Ok(if read == Turn::Ended { Progress::Ended } else { Progress::Open })
    }

    /// Reads a connection again that was broken off.
    pub fn resume(&mut self, id: ConnectionId) {
        if let Some(connection) = self.get(id) {
            connection.is_paused = false;
            if connection.may_have_more() {
                self.make_ready(id);
            }
        }
    }

    /// Has a message sent by the next flush. To a closed connection nothing is sent.
    ///
    /// # Panics
    /// If the framing cannot carry the message, such as a line with a newline in it.
    pub fn send(&mut self, id: ConnectionId, message: &[u8]) {
        if let Some(connection) = find(&mut self.slots, id) {
            connection.outgoing().send(message);
            self.will_flush(id);
        }
    }

    /// How many bytes the connection has not sent yet.
    pub fn unsent(&self, id: ConnectionId) -> usize {
        self.peek(id).map_or(0, Connection::unsent)
    }

    /// Writes what is unsent. What a socket does not take is written by a flush of a later turn,
    /// when it is ready. A connection that breaks is ready, and its [`read`](Sockets::read) returns
    /// the error.
    pub fn flush(&mut self) {
        self.flush_reporting(|_, _| {});
    }

    /// Reports each connection that is finished and closed, and how it ended.
    fn flush_reporting(&mut self, mut ended: impl FnMut(ConnectionId, Result<(), TransportError>)) {
        for id in std::mem::take(&mut self.unflushed) {
            let Some(connection) = find(&mut self.slots, id) else {
                continue;
            };
            connection.is_unflushed = false;
            connection.flush(self.now);
            if connection.is_finishing && !connection.has_unsent() {
                ended(id, connection.end());
                self.close(id);
            } else if connection.wants_turn() {
                self.make_ready(id);
            }
        }
    }

    /// Gives a connection this long for its next whole message or flush, from now on.
    pub fn set_timeout(&mut self, id: ConnectionId, timeout: Duration) {
        let now = self.now;
        if let Some(connection) = find(&mut self.slots, id) {
            connection.timeout = timeout;
            connection.extend_deadline(now);
            // An entry that is early is looked at when it is due. This one would be late.
            if connection.deadline < connection.entry {
                self.deadlines.remove(&(connection.entry, id));
                connection.entry = connection.deadline;
                self.deadlines.insert((connection.entry, id));
            }
        }
    }

    /// Gives a connection up whose peer does not acknowledge what was sent to it for this long,
    /// since its machine is gone or unreachable. On Linux; elsewhere the system takes its own time.
    pub fn give_up_after(&mut self, id: ConnectionId, time: Duration) {
        #[cfg(target_os = "linux")]
        if let Some(connection) = self.get(id) {
            let socket = socket2::SockRef::from(&*connection.stream());
            let _ = socket.set_tcp_user_timeout(Some(time));
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (id, time);
    }

    /// Closes a connection when all is sent; it is not read any more.
    pub fn finish(&mut self, id: ConnectionId) {
        if let Some(connection) = find(&mut self.slots, id) {
            connection.is_finishing = true;
            self.will_flush(id);
        }
    }

    /// Closes a connection at once.
    pub fn close(&mut self, id: ConnectionId) {
        let slot = self.slots.get_mut(id.slot).filter(|slot| slot.generation == id.generation);
        if let Some(slot) = slot
            && let Some(mut connection) = slot.connection.take()
        {
            slot.generation += 1;
            self.free.push(id.slot);
            self.deadlines.remove(&(connection.entry, id));
            // The descriptor's end takes it out of the poll, too.
            let _ = self.poll.registry().deregister(connection.stream());
            connection.discard_unread();
        }
    }

    /// Ends the loop: accepts no more, writes what is unsent for at most this long, and closes.
    /// Calls `ended` with each connection as it closes: with [`TransportError::Frame`] where the
    /// beginning of a message had come, [`TransportError::TimedOut`] where something stays unsent,
    /// [`TransportError::Io`] where it broke.
    ///
    /// # Errors
    /// As [`wait`](Sockets::wait).
    pub fn drain(
        mut self,
        longest: Duration,
        mut ended: impl FnMut(ConnectionId, Result<(), TransportError>),
    ) -> Result<(), TransportError> {
        self.listener.close();
        let end = self.now + longest;
        let ids: Vec<_> = (0..self.slots.len()).map(|slot| self.id(slot)).collect();
        ids.iter().for_each(|id| self.finish(*id));
        self.flush_reporting(&mut ended);
        while !self.is_empty()
            && let Some(left) = end.checked_duration_since(self.now)
        {
            self.wait(Some(left))?;
            self.ready.clear();
            self.flush_reporting(&mut ended);
        }
        for id in ids {
            if let Some(connection) = self.get(id) {
                ended(id, Err(connection.timed_out()));
                self.close(id);
            }
        }
        Ok(())
    }

    fn id(&self, slot: usize) -> ConnectionId {
        ConnectionId { slot, generation: self.slots[slot].generation }
    }

    fn get(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        find(&mut self.slots, id)
    }

    fn peek(&self, id: ConnectionId) -> Option<&Connection> {
        let slot = self.slots.get(id.slot).filter(|slot| slot.generation == id.generation);
        slot.and_then(|slot| slot.connection.as_ref())
    }
}

fn find(slots: &mut [Slot], id: ConnectionId) -> Option<&mut Connection> {
    let slot = slots.get_mut(id.slot).filter(|slot| slot.generation == id.generation);
    slot.and_then(|slot| slot.connection.as_mut())
}

#[expect(
    clippy::disallowed_methods,
    reason = "deadlines of real sockets are measured with the real clock, once a turn"
)]
fn now() -> Instant {
    Instant::now()
}
