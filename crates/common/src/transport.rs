//! Messages between processes: a blocking TCP [`Connection`] and a [`Server`] with a thread for
//! each.
//!
//! Everything that waits has a bound. A client passes a [`Deadline`], one moment for a whole
//! exchange: the look-up of the name, the connect, the write, and every read share it, so that no
//! dripping peer can stretch it. A server has [`Limits`]: how large a message may be, how many
//! connections it holds, and how long it waits for one.
//!
//! What holds:
//!
//! * No call here waits longer than its deadline, or than the server's idle limit (but for the
//!   delay of the system's timers, some milliseconds).
//! * A connection beyond the limit waits in the system's accept queue; a slot that becomes free is
//!   used at once.
//! * A stopped server answers the requests that it has read, and no more, and ends within its grace
//!   time, whether its clients read the answers or not.
//! * What a timeout interrupted is never mistaken for something else: neither the rest of a message
//!   nor a late answer.
//!
//! Left out: TLS. A thread is a few lines of code and some tens of KiB for each connection; the
//! page of the lesson echo says when that price is too high, and [`readiness`](crate::readiness)
//! waits for many connections with one thread. Also left out is trying IPv6 and IPv4 at once (RFC
//! 8305): the addresses of a name are tried one after the other.

mod connection;
mod free;
mod server;

pub use connection::{Connection, resolve_one};
pub use free::free_addrs;
pub use server::{Event, Limits, Running, Server, Stopper};

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::frame::FrameError;

/// The moment by which a whole exchange must be over.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// The moment `wait` from now. A wait that overflows the clock never ends.
    pub fn after(wait: Duration) -> Deadline {
        Deadline(now().checked_add(wait))
    }

    /// The remaining time, never zero; `None` once the moment has passed.
    pub fn remaining(&self) -> Option<Duration> {
        match self.0 {
            None => Some(Duration::MAX),
            Some(moment) => {
                moment.checked_duration_since(now()).filter(|remaining| !remaining.is_zero())
            }
        }
    }

    /// Sleeps for some milliseconds, before polling again where no notification exists. Returns
    /// `false`, at once, when the deadline has passed.
    ///
    /// ```
    /// use common::transport::Deadline;
    /// use std::time::Duration;
    ///
    /// let deadline = Deadline::after(Duration::from_millis(20));
    /// let mut polls = 1;
    /// while deadline.pause() {
    ///     polls += 1;
    /// }
    /// assert!(polls > 1);
    /// ```
    #[expect(clippy::disallowed_methods, reason = "a poller lets others do something in between")]
    pub fn pause(&self) -> bool {
        const POLL_INTERVAL: Duration = Duration::from_millis(5);
        let remaining = self.remaining();
        remaining.is_some_and(|remaining| {
            thread::sleep(POLL_INTERVAL.min(remaining));
            true
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "deadlines on real sockets are measured with the real clock, and only here"
)]
fn now() -> Instant {
    Instant::now()
}

/// What can go wrong between two processes.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The name has no address, or its look-up failed.
    #[error("cannot find the address of {name}")]
    Resolve {
        /// What was to be looked up, `host:port`.
        name: String,
        /// The system's reason.
        source: Reason,
    },
    /// The connection failed.
    #[error("cannot connect to {addr}")]
    Connect {
        /// The address that was tried last.
        addr: SocketAddr,
        /// The system's reason.
        source: Reason,
    },
    /// The server cannot bind this address.
    #[error("cannot listen on {addr}")]
    Bind {
        /// The address as it was given.
        addr: String,
        /// The system's reason.
        source: Reason,
    },
    /// The deadline passed, or the idle limit.
    #[error("timed out while {doing}")]
    TimedOut {
        /// What was in progress, as in "waiting for a reply".
        doing: &'static str,
    },
    /// The peer ended the stream where it should have replied.
    #[error("the peer closed the connection without a reply")]
    Closed,
    /// The bytes are an invalid message.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// After an earlier failure, what follows would be mistaken for something else.
    #[error("the connection is unusable: {since}")]
    OutOfStep {
        /// The earlier failure.
        since: &'static str,
    },
    /// Anything else that the system reports.
    #[error("failed while {doing}")]
    Io {
        /// What was in progress.
        doing: &'static str,
        /// The system's reason.
        source: Reason,
    },
}

impl TransportError {
    /// The system's error kind, where there is one.
    pub fn kind(&self) -> Option<io::ErrorKind> {
        match self {
            TransportError::Resolve { source, .. }
            | TransportError::Connect { source, .. }
            | TransportError::Bind { source, .. }
            | TransportError::Io { source, .. } => Some(source.0.kind()),
            TransportError::TimedOut { .. } => Some(io::ErrorKind::TimedOut),
            TransportError::Closed => Some(io::ErrorKind::UnexpectedEof),
            TransportError::Frame(_) | TransportError::OutOfStep { .. } => None,
        }
    }

    /// What the user of a program can do about it, where something can be done.
    pub fn advice(&self) -> Option<&'static str> {
        match (self, self.kind()?) {
            (TransportError::Bind { .. }, io::ErrorKind::AddrInUse) => {
                Some("another copy may be running; port 0 takes a free one")
            }
            (TransportError::Connect { .. }, io::ErrorKind::ConnectionRefused) => {
                Some("start the server first, in another terminal")
            }
            (
                TransportError::Resolve { .. } | TransportError::Bind { .. },
                io::ErrorKind::InvalidInput,
            ) => Some("an address is HOST:PORT, for example 127.0.0.1:8888"),
            _ => None,
        }
    }

    pub(crate) fn io(doing: &'static str, error: io::Error) -> TransportError {
        // A timeout with an error number of the system is not ours: the connection is dead.
        if error.kind() == io::ErrorKind::TimedOut && error.raw_os_error().is_none() {
            return TransportError::TimedOut { doing };
        }
        let source = Reason(error);
        TransportError::Io { doing, source }
    }
}

/// An [`io::Error`] whose message is in plain words.
#[derive(Debug)]
pub struct Reason(pub io::Error);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use io::ErrorKind as Kind;
        f.write_str(match self.0.kind() {
            Kind::AddrInUse => "the port is in use",
            Kind::AddrNotAvailable => "this machine does not have that address",
            Kind::ConnectionRefused => "connection refused, nothing listens there",
            Kind::ConnectionReset => "the peer reset the connection",
            Kind::BrokenPipe => "the connection is already closed",
            Kind::PermissionDenied => "the system does not permit it",
            Kind::TimedOut => "the system has given the connection up",
            _ => return self.0.fmt(f),
        })
    }
}

impl std::error::Error for Reason {}
