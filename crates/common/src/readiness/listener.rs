//! The socket that listens, and when to accept again.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use socket2::{Domain, Socket, Type};

use crate::transport::{Reason, TransportError};

/// How many connections may wait to be accepted. The system may allow fewer
/// (`/proc/sys/net/core/somaxconn`).
const BACKLOG: i32 = 4096;

/// After a failed `accept`: how long until the next. The system does not report again what it has
/// reported, and descriptors may become free meanwhile.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) struct Listener {
    /// None once it is closed.
    socket: Option<TcpListener>,
    pub(super) addr: SocketAddr,
    /// Whether a connection may wait. Reported once, and so remembered until there is none.
    pub(super) is_ready: bool,
    pub(super) retry_at: Option<Instant>,
    /// Whether a failure was returned, and nothing accepted since.
    is_reported: bool,
}

impl Listener {
    /// Looks up `addr`, and listens on the first of its addresses that can be had.
    pub(super) fn bind(addr: &str) -> Result<Listener, TransportError> {
        let cannot = |error| TransportError::Bind { addr: addr.to_owned(), source: Reason(error) };
        let mut last = io::Error::new(ErrorKind::InvalidInput, "the name has no address");
        for candidate in addr.to_socket_addrs().map_err(cannot)? {
            match listen(candidate) {
                Ok((socket, addr)) => {
                    let (is_ready, retry_at, is_reported) = (false, None, false);
                    let socket = Some(socket);
                    return Ok(Listener { socket, addr, is_ready, retry_at, is_reported });
                }
                Err(error) => last = error,
            }
        }
        Err(cannot(last))
    }

    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        match &mut self.socket {
            Some(socket) => registry.register(socket, token, Interest::READABLE),
            None => Ok(()),
        }
    }

    /// The next connection that waits. `None` if there is none, or `accept` is to be left alone.
    pub(super) fn accept(
        &mut self,
        now: Instant,
    ) -> Option<Result<(TcpStream, SocketAddr), TransportError>> {
        loop {
            match self.socket.as_ref()?.accept() {
                Ok(accepted) => {
                    self.is_reported = false;
                    return Some(Ok(accepted));
                }
                // The second: a peer that has gone before its turn.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::Interrupted | ErrorKind::ConnectionAborted
                    ) => {}
                Err(error) => {
                    self.is_ready = false;
                    return self.failed(error, now);
                }
            }
        }
    }

    fn failed<T>(&mut self, error: io::Error, now: Instant) -> Option<Result<T, TransportError>> {
        if error.kind() == ErrorKind::WouldBlock {
            return None;
        }
        self.retry_at = Some(now + PAUSE);
        let is_news = !std::mem::replace(&mut self.is_reported, true);
        is_news.then(|| Err(TransportError::io("accepting a connection", error)))
    }

    /// Closes the socket: a client that connects from now on is refused, and does not wait.
    pub(super) fn close(&mut self) {
        (self.socket, self.is_ready, self.retry_at) = (None, false, None);
    }

    /// Has a failed `accept` tried again, when it is time.
    pub(super) fn retry(&mut self, now: Instant) {
        if self.retry_at.take_if(|at| *at <= now).is_some() {
            self.is_ready = true;
        }
    }
}

fn listen(addr: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    // As std does: on Unix a port can be taken again at once. On Windows the option would let two
    // processes take one port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    let listener = std::net::TcpListener::from(socket);
    let addr = listener.local_addr()?;
    Ok((TcpListener::from_std(listener), addr))
}
