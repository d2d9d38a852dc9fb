//! A TCP server with a thread for each connection.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{Connection, Deadline, Reason, TransportError};
use crate::frame::{DEFAULT_MAX_MESSAGE, Framing};

/// What a careless or hostile peer can make a server spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest message it takes, in bytes.
    pub max_message: usize,
    /// Connections at a time; more of them wait in the system's accept queue. With 1 it serves one
    /// after the other.
    pub max_connections: usize,
    /// How long it waits for a whole request, and for an answer to be taken.
    pub idle: Duration,
}

impl Default for Limits {
    /// 64 KiB, 512 connections (half of the file descriptors that a process has on many systems),
    /// 30 s.
    fn default() -> Limits {
        Limits {
            max_message: DEFAULT_MAX_MESSAGE,
            max_connections: 512,
            idle: Duration::from_secs(30),
        }
    }
}

/// What a server reports of a connection.
#[derive(Debug)]
pub enum Event<'a> {
    /// It was accepted.
    Opened,
    /// It ended between two messages.
    Closed,
    /// It ended because of this.
    Failed(&'a TransportError),
    /// The next one cannot be accepted for the moment: this process has no descriptors left, for
    /// example. The address is the server's own. Reported once, until one is accepted.
    NotAccepted(&'a TransportError),
}

/// A bound socket, and how it is to be served.
pub struct Server {
    listener: Arc<TcpListener>,
    addr: SocketAddr,
    limits: Limits,
    /// How long it waits, once it is stopped, for exchanges in progress.
    grace: Duration,
    /// Called with every event of a connection; does nothing unless set.
    observer: Observer,
    shared: Arc<Shared>,
}

type Observer = Arc<dyn Fn(SocketAddr, Event<'_>) + Send + Sync>;

impl Server {
    /// Listens on `addr` (`host:port`; port 0 takes a free one). A name, unlike an address, is
    /// looked up, for as long as the system takes.
    ///
    /// # Errors
    /// [`TransportError::Bind`].
    pub fn bind(addr: &str, limits: Limits) -> Result<Server, TransportError> {
        let bound =
            TcpListener::bind(addr).and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (addr, listener) = bound.map_err(|error| TransportError::Bind {
            addr: addr.to_owned(),
            source: Reason(error),
        })?;
        let shared = Arc::new(Shared::default());
        Ok(Server {
            listener: Arc::new(listener),
            addr,
            limits,
            grace: Duration::from_secs(2),
            observer: Arc::new(|_, _| {}),
            shared,
        })
    }

    /// The address that it listens on, with the real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Calls `observer` with every event of a connection, in the thread of that connection.
    pub fn on_event(
        mut self,
        observer: impl Fn(SocketAddr, Event<'_>) + Send + Sync + 'static,
    ) -> Server {
        self.observer = Arc::new(observer);
        self
    }

    /// How long a stopped server waits for exchanges in progress, 2 s unless set here. Then it
    /// closes their connections: a client that does not read its answer must not keep the process
    /// from ending.
    pub fn with_grace(mut self, grace: Duration) -> Server {
        self.grace = grace;
        self
    }

    /// A handle to end this server from another thread, such as one that waits for signals.
    pub fn stopper(&self) -> Stopper {
        Stopper {
            addr: self.addr,
            listener: Arc::downgrade(&self.listener),
            shared: Arc::clone(&self.shared),
        }
    }

    /// Answers each request with what `answer` writes into its second argument, until the server is
    /// stopped.
    ///
    /// # Errors
    /// If the listening socket fails. The failure of one connection is an [`Event`].
    pub fn serve<A>(self, framing: Framing, answer: A) -> Result<(), TransportError>
    where
        A: Fn(&[u8], &mut Vec<u8>) + Send + Sync + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let idle = self.limits.idle;
        self.serve_connections(framing, move |connection| {
            let answered = answer_all(connection, idle, &answer, &shared);
            drop_unread(connection.stream());
            answered
        })
    }

    /// Hands each connection to `handle`, in a thread of its own, until the server is stopped. The
    /// handler is not notified of that: it ends with its connection, after the
    /// [grace time](Server::with_grace).
    ///
    /// # Errors
    /// As [`serve`](Server::serve).
    pub fn serve_connections<H>(self, framing: Framing, handle: H) -> Result<(), TransportError>
    where
        H: Fn(&mut Connection) -> Result<(), TransportError> + Send + Sync + 'static,
    {
        let handle = Arc::new(handle);
        let mut is_reported = false;
        while self.shared.wait_for_slot(self.limits.max_connections) {
            let (stream, peer) = match self.listener.accept() {
                Ok(accepted) => accepted,
                Err(_) if self.shared.is_stopping() => break,
                Err(error) if is_passing(&error) => {
                    if !std::mem::replace(&mut is_reported, true) {
                        let error = TransportError::io("accepting a connection", error);
                        (self.observer)(self.addr, Event::NotAccepted(&error));
                    }
                    self.shared.pause();
                    continue;
                }
                Err(error) => return Err(TransportError::io("accepting a connection", error)),
            };
            is_reported = false;
            let stream = Arc::new(stream);
            let Some(slot) = Slot::take(&self.shared, &stream) else {
                break;
            };
            self.start(peer, slot, stream, framing, Arc::clone(&handle));
        }
        let (shared, grace) = (Arc::clone(&self.shared), self.grace);
        // Closes the listening socket: a client that connects now is refused and need not wait for
        // the end.
        drop(self);
        shared.drain(grace);
        Ok(())
    }

    /// [`serve`](Server::serve) in a thread of its own.
    pub fn spawn<A>(self, framing: Framing, answer: A) -> Running
    where
        A: Fn(&[u8], &mut Vec<u8>) + Send + Sync + 'static,
    {
        Running::start(self.stopper(), move || self.serve(framing, answer))
    }

    /// [`serve_connections`](Server::serve_connections) in a thread of its own.
    pub fn spawn_connections<H>(self, framing: Framing, handle: H) -> Running
    where
        H: Fn(&mut Connection) -> Result<(), TransportError> + Send + Sync + 'static,
    {
        Running::start(self.stopper(), move || self.serve_connections(framing, handle))
    }

    fn start<H>(
        &self,
        peer: SocketAddr,
        slot: Slot,
        stream: Arc<TcpStream>,
        framing: Framing,
        handle: Arc<H>,
    ) where
        H: Fn(&mut Connection) -> Result<(), TransportError> + Send + Sync + 'static,
    {
        let max_message = self.limits.max_message;
        let observer = Arc::clone(&self.observer);
        let serve_one = move || {
            observer(peer, Event::Opened);
            let mut connection = Connection::from_shared(stream, framing, max_message);
            let result = handle(&mut connection);
            observer(peer, result.as_ref().map_or_else(Event::Failed, |()| Event::Closed));
            // Last, so that the next user of the slot finds the work done.
            drop(connection);
            drop(slot);
        };
        if let Err(error) = thread::Builder::new().spawn(serve_one) {
            let error = TransportError::io("starting a thread for the connection", error);
            (self.observer)(peer, Event::Failed(&error));
        }
    }
}

/// Ends a server: it accepts no more, answers the requests that it has read, and closes.
#[derive(Clone)]
pub struct Stopper {
    addr: SocketAddr,
    /// Weak, so that a stopper that is kept does not keep the port.
    listener: Weak<TcpListener>,
    shared: Arc<Shared>,
}

impl Stopper {
    /// Ends the server, and returns at once.
    pub fn stop(&self) {
        self.shared.stop();
        // On Linux this ends `accept`, with no need of a descriptor or of a way to reach ourselves.
        if let Some(listener) = self.listener.upgrade() {
            let _ = socket2::SockRef::from(&*listener).shutdown(Shutdown::Both);
        }
        // Elsewhere `accept` returns when a client connects.
        let _ = TcpStream::connect_timeout(&reachable(self.addr), Duration::from_secs(1));
    }
}

/// A server in a thread of its own; dropping it stops it.
pub struct Running {
    stopper: Stopper,
    thread: Option<JoinHandle<Result<(), TransportError>>>,
}

impl Running {
    fn start(
        stopper: Stopper,
        serve: impl FnOnce() -> Result<(), TransportError> + Send + 'static,
    ) -> Running {
        Running { stopper, thread: Some(thread::spawn(serve)) }
    }

    /// The address that the server listens on.
    pub fn addr(&self) -> SocketAddr {
        self.stopper.addr
    }

    /// Stops the server and waits for the exchanges in progress.
    ///
    /// # Errors
    /// What [`Server::serve`] returned.
    pub fn stop(mut self) -> Result<(), TransportError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), TransportError> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        self.stopper.stop();
        thread.join().expect("the accepting thread does not panic")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A caller that wants the result calls `stop`.
        let _ = self.end();
    }
}

/// Answers the requests on one connection. All that have come at once are answered with one write.
fn answer_all(
    connection: &mut Connection,
    idle: Duration,
    answer: impl Fn(&[u8], &mut Vec<u8>),
    shared: &Shared,
) -> Result<(), TransportError> {
    let mut reply = Vec::new();
    while let Some(request) = next_request(connection, idle, shared)? {
        reply.clear();
        answer(request, &mut reply);
        connection.queue(&reply)?;
        let others = answer_received(connection, &answer, &mut reply);
        // The answers are sent even if the bytes after them are an invalid request: how the bytes
        // were cut makes no difference.
        connection.flush(Deadline::after(idle))?;
        others?;
    }
    Ok(())
}

/// Waits for a request; once the server is stopping, only those that have been read already are
/// returned.
fn next_request<'a>(
    connection: &'a mut Connection,
    idle: Duration,
    shared: &Shared,
) -> Result<Option<&'a [u8]>, TransportError> {
    if shared.is_stopping() {
        connection.received_last()
    } else {
        connection.receive(Deadline::after(idle))
    }
}

/// Ends the answers and reads what has come since, without waiting: closing over unread bytes is a
/// reset (RFC 1122, section 4.2.2.13), which discards answers that are still in flight.
fn drop_unread(mut stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_nonblocking(true);
    let mut rest = [0; 4096];
    for _ in 0..256 {
        if !matches!(stream.read(&mut rest), Ok(count) if count > 0) {
            break;
        }
    }
}

/// Answers the requests that have already been received.
fn answer_received(
    connection: &mut Connection,
    answer: impl Fn(&[u8], &mut Vec<u8>),
    reply: &mut Vec<u8>,
) -> Result<(), TransportError> {
    while connection.queued() < WRITE_AT
        && let Some(request) = connection.received()?
    {
        reply.clear();
        answer(request, reply);
        connection.queue(reply)?;
    }
    Ok(())
}

/// Answers are written when they add up to this many bytes, however many requests are waiting.
const WRITE_AT: usize = 64 * 1024;

/// What the accepting thread, the connections' threads and the stopper share.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// A connection ended, or the server is to stop.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    next_id: u64,
    /// The connections that are open, each in a slot.
    open: BTreeMap<u64, Arc<TcpStream>>,
}

impl Shared {
    /// Waits until a connection may be accepted. `false`: the server is to stop.
    fn wait_for_slot(&self, max_connections: usize) -> bool {
        let state = self
            .changed
            .wait_while(self.lock(), |state| !state.stopping && state.open.len() >= max_connections)
            .unwrap_or_else(PoisonError::into_inner);
        !state.stopping
    }

    /// After a failed `accept`: waits for a moment, or until a connection ends, before the next.
    fn pause(&self) {
        let moment = Duration::from_millis(50);
        let state = self.lock();
        if !state.stopping {
            let _ = self.changed.wait_timeout(state, moment);
        }
    }

    fn is_stopping(&self) -> bool {
        self.lock().stopping
    }

    fn stop(&self) {
        let mut state = self.lock();
        state.stopping = true;
        for stream in state.open.values() {
            // Wakes a thread that waits for a request; one that is answering can still write. A
            // connection that is already gone needs neither.
            let _ = stream.shutdown(Shutdown::Read);
        }
        self.changed.notify_all();
    }

    /// Waits until every connection has ended; those that take longer than `grace` are shut down,
    /// and their threads get a moment to notice.
    fn drain(&self, grace: Duration) {
        if !self.wait_for_all(grace) {
            for stream in self.lock().open.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
            self.wait_for_all(Duration::from_secs(1));
        }
    }

    /// Whether every connection ends within `timeout`.
    fn wait_for_all(&self, timeout: Duration) -> bool {
        let busy = |state: &mut State| !state.open.is_empty();
        let waited = self.changed.wait_timeout_while(self.lock(), timeout, busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// The state is consistent between any two statements that hold the lock, so a panic elsewhere
    /// does no harm.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A slot of an open connection; dropping it makes room for another.
struct Slot {
    id: u64,
    shared: Arc<Shared>,
}

impl Slot {
    /// Enters a connection, or returns `None` if the server is stopping.
    fn take(shared: &Arc<Shared>, stream: &Arc<TcpStream>) -> Option<Slot> {
        let mut state = shared.lock();
        if state.stopping {
            return None;
        }
        let id = state.next_id;
        state.next_id += 1;
        state.open.insert(id, Arc::clone(stream));
        Some(Slot { id, shared: Arc::clone(shared) })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.shared.lock().open.remove(&self.id);
        self.shared.changed.notify_all();
    }
}

/// Whether the next `accept` can succeed after this failure: the peer has gone already, or this
/// process has no file descriptors or memory left for the moment.
fn is_passing(error: &io::Error) -> bool {
    !matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotConnected)
}

/// The address at which a server that listens on `addr` can be reached from this machine.
fn reachable(mut addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() {
        addr.set_ip(match addr {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    addr
}
