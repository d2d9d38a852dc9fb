//! One TCP connection that carries messages.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use super::{Deadline, Reason, TransportError};
use crate::frame::{self, Decoder, Framing};

/// A TCP connection that carries messages, each call bounded by a [`Deadline`].
///
/// ```
/// use common::frame::Framing;
/// use common::transport::{Connection, Deadline, Limits, Server};
/// use std::time::Duration;
///
/// let server = Server::bind("127.0.0.1:0", Limits::default())?
///     .spawn(Framing::Lines, |request, reply| reply.extend(request.iter().rev()));
///
/// let deadline = Deadline::after(Duration::from_secs(2));
/// let to = server.addr().to_string();
/// let mut connection = Connection::connect(&to, Framing::Lines, 1024, deadline)?;
/// assert_eq!(connection.exchange(b"drawer", deadline)?, b"reward");
/// # Ok::<(), common::transport::TransportError>(())
/// ```
#[derive(Debug)]
pub struct Connection {
    socket: TimedSocket,
    framing: Framing,
    decoder: Decoder,
    /// Encoded messages on their way out; kept, so that sending allocates no memory.
    outgoing: Vec<u8>,
    /// A message was sent in part: the next bytes would be taken for the rest of it.
    broken: bool,
    /// An exchange had no answer: a late one must not be taken for that of the next.
    unanswered: bool,
}

impl Connection {
    /// Looks up `to` (`host:port`) and connects to the first of its addresses that answers.
    /// Messages from there may be up to `max_message` bytes long.
    ///
    /// # Errors
    /// [`TransportError::Resolve`], [`TransportError::Connect`] with the last address tried, or
    /// [`TransportError::TimedOut`] if the deadline passed on the way.
    pub fn connect(
        to: &str,
        framing: Framing,
        max_message: usize,
        deadline: Deadline,
    ) -> Result<Connection, TransportError> {
        let addrs = resolve(to, deadline)?;
        let stream = connect_first(to, &addrs, deadline)?;
        Ok(Connection::from_stream(stream, framing, max_message))
    }

    /// Takes over a connected stream, whose messages may be up to `max_message` bytes long.
    pub fn from_stream(stream: TcpStream, framing: Framing, max_message: usize) -> Connection {
        Connection::from_shared(Arc::new(stream), framing, max_message)
    }

    /// Takes over a stream that the server also holds, to be able to end it.
    pub(super) fn from_shared(
        stream: Arc<TcpStream>,
        framing: Framing,
        max_message: usize,
    ) -> Connection {
        Connection {
            socket: TimedSocket::new(stream),
            framing,
            decoder: Decoder::new(framing, max_message),
            outgoing: Vec::new(),
            broken: false,
            unanswered: false,
        }
    }

    /// Sends one message.
    ///
    /// # Errors
    /// [`TransportError::Frame`] if the framing cannot carry it (nothing is sent then),
    /// [`TransportError::TimedOut`] if the peer does not receive it in time,
    /// [`TransportError::Io`]; after one of the last two [`TransportError::OutOfStep`], since a
    /// part of the message may have been sent.
    pub fn send(&mut self, message: &[u8], deadline: Deadline) -> Result<(), TransportError> {
        self.queue(message)?;
        self.flush(deadline)
    }

    /// Sends several messages, with one system call if the system accepts them all.
    ///
    /// # Errors
    /// As [`send`](Connection::send). If one of them cannot be carried, none is sent.
    pub fn send_all<'a>(
        &mut self,
        messages: impl IntoIterator<Item = &'a [u8]>,
        deadline: Deadline,
    ) -> Result<(), TransportError> {
        let queued = messages.into_iter().try_for_each(|message| self.queue(message));
        if let Err(error) = queued {
            self.outgoing.clear();
            return Err(error);
        }
        self.flush(deadline)
    }

    /// Waits for the next message. `None`: the peer ended the stream after a whole message.
    ///
    /// # Errors
    /// [`TransportError::Frame`] for an invalid message or an end of stream inside a message,
    /// [`TransportError::TimedOut`], [`TransportError::Io`].
    pub fn receive(&mut self, deadline: Deadline) -> Result<Option<&[u8]>, TransportError> {
        self.read_message("waiting for a message", deadline)
    }

    /// Sends one message and waits for the answer.
    ///
    /// # Errors
    /// Those of [`send`](Connection::send) and [`receive`](Connection::receive), and
    /// [`TransportError::Closed`] if the peer ends the stream instead of answering. After an
    /// exchange without an answer the next is [`TransportError::OutOfStep`]; `receive` still
    /// returns the late answer.
    pub fn exchange(
        &mut self,
        message: &[u8],
        deadline: Deadline,
    ) -> Result<&[u8], TransportError> {
        if self.unanswered {
            let since = "an earlier request has had no answer";
            return Err(TransportError::OutOfStep { since });
        }
        self.send(message, deadline)?;
        self.unanswered = true;
        self.read_message("waiting for a reply", deadline)?.ok_or(TransportError::Closed)
    }

    /// Has the system give the connection up once sent data has not been acknowledged for `time`
    /// (RFC 5482). Without it that takes a quarter of an hour. On a system without this option it
    /// changes nothing.
    pub fn give_up_after(&self, time: Duration) {
        #[cfg(target_os = "linux")]
        let _ = socket2::SockRef::from(self.stream()).set_tcp_user_timeout(Some(time));
        #[cfg(not(target_os = "linux"))]
        let _ = time;
    }

    /// The socket itself, for what messages cannot express.
    pub fn stream(&self) -> &TcpStream {
        &self.socket.stream
    }

    /// This side's address.
    ///
    /// # Errors
    /// If the system no longer knows it.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream().local_addr()
    }

    /// The other side's address.
    ///
    /// # Errors
    /// If the system no longer knows it: the connection is gone.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream().peer_addr()
    }

    /// The place of the body is found first and lent afterwards: while it is lent, nothing more can
    /// be read.
    fn read_message(
        &mut self,
        doing: &'static str,
        deadline: Deadline,
    ) -> Result<Option<&[u8]>, TransportError> {
        let body = loop {
            if let Some(body) = self.decoder.advance()? {
                break body;
            }
            let count = self
                .socket
                .wait(Wait::Read, deadline, |mut stream| self.decoder.read_from(&mut stream))
                .map_err(|error| TransportError::io(doing, error))?;
            if count == 0 {
                self.decoder.finish()?;
                return Ok(None);
            }
        };
        self.unanswered = false;
        Ok(Some(self.decoder.lend(body)))
    }

    /// The next message if it has already come, without waiting.
    pub(super) fn received(&mut self) -> Result<Option<&[u8]>, TransportError> {
        Ok(self.decoder.decode()?)
    }

    /// The same where nothing more is read: the beginning of a message is an error.
    pub(super) fn received_last(&mut self) -> Result<Option<&[u8]>, TransportError> {
        let Some(body) = self.decoder.advance()? else {
            self.decoder.finish()?;
            return Ok(None);
        };
        Ok(Some(self.decoder.lend(body)))
    }

    /// Encodes a message, to be sent with the next [`flush`](Connection::flush).
    pub(super) fn queue(&mut self, message: &[u8]) -> Result<(), TransportError> {
        frame::encode(self.framing, message, &mut self.outgoing)?;
        Ok(())
    }

    /// How many bytes wait for the next [`flush`](Connection::flush).
    pub(super) fn queued(&self) -> usize {
        self.outgoing.len()
    }

    /// Writes everything that is queued, in one system call if the system accepts it.
    pub(super) fn flush(&mut self, deadline: Deadline) -> Result<(), TransportError> {
        if self.broken {
            self.outgoing.clear();
            let since = "an earlier message was sent in part";
            return Err(TransportError::OutOfStep { since });
        }
        let written = self.socket.write_all(&self.outgoing, deadline);
        self.broken = written.is_err();
        self.outgoing.clear();
        written.map_err(|error| TransportError::io("sending a message", error))
    }
}

/// The addresses of `name`, which is `HOST:PORT`, as the system's resolver finds them.
fn resolve(name: &str, deadline: Deadline) -> Result<Vec<SocketAddr>, TransportError> {
    resolve_with(name, deadline, |name| Ok(name.to_socket_addrs()?.collect()))
}

/// The address of `name` to use where only one is tried: one of IPv4, if there is one. A server
/// that listens at 127.0.0.1 is not found at ::1, and a datagram to where no program is may just be
/// gone.
///
/// # Errors
/// [`TransportError::Resolve`] for a name that has no address or no port, and
/// [`TransportError::TimedOut`]. A `HOST` that is an address is not looked up, whatever the
/// deadline.
pub fn resolve_one(name: &str, deadline: Deadline) -> Result<SocketAddr, TransportError> {
    preferred(&resolve(name, deadline)?).ok_or_else(|| no_address(name))
}

fn preferred(addrs: &[SocketAddr]) -> Option<SocketAddr> {
    addrs.iter().find(|addr| addr.is_ipv4()).or(addrs.first()).copied()
}

fn no_address(name: &str) -> TransportError {
    let source = Reason(io::Error::new(io::ErrorKind::NotFound, "it has no address"));
    TransportError::Resolve { name: name.to_owned(), source }
}

/// The system's resolver cannot be interrupted, so it runs in a thread of its own, and one that
/// does not answer in time is abandoned: it holds a few KiB until the system gives up, and its
/// answer is dropped.
fn resolve_with<F>(
    name: &str,
    deadline: Deadline,
    look_up: F,
) -> Result<Vec<SocketAddr>, TransportError>
where
    F: FnOnce(&str) -> io::Result<Vec<SocketAddr>> + Send + 'static,
{
    if let Ok(addr) = name.parse() {
        return Ok(vec![addr]);
    }
    let doing = "looking up the name";
    let remaining = deadline.remaining().ok_or(TransportError::TimedOut { doing })?;
    let failed = |error| TransportError::Resolve { name: name.to_owned(), source: Reason(error) };
    let (answer, answered) = mpsc::sync_channel(1);
    let owned = name.to_owned();
    thread::Builder::new()
        .name("look-up".to_owned())
        .spawn(move || answer.send(look_up(&owned)))
        .map_err(failed)?;
    answered
        .recv_timeout(remaining)
        .map_err(|_| TransportError::TimedOut { doing })?
        .map_err(failed)
}

fn connect_first(
    name: &str,
    addrs: &[SocketAddr],
    deadline: Deadline,
) -> Result<TcpStream, TransportError> {
    let doing = "connecting";
    let mut last = no_address(name);
    for (&addr, untried) in addrs.iter().zip((1..=addrs.len() as u32).rev()) {
        let remaining = deadline.remaining().ok_or(TransportError::TimedOut { doing })?;
        // An address that does not answer leaves the others their share.
        let share = (remaining / untried).max(Duration::from_nanos(1));
        match TcpStream::connect_timeout(&addr, share) {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                last = TransportError::TimedOut { doing };
            }
            Err(error) => {
                let source = Reason(error);
                last = TransportError::Connect { addr, source };
            }
        }
    }
    Err(last)
}

/// Which of a socket's two timeouts.
#[derive(Clone, Copy)]
enum Wait {
    Read,
    Write,
}

/// A socket whose reads and writes end at a deadline.
#[derive(Debug)]
struct TimedSocket {
    stream: Arc<TcpStream>,
    /// What the socket's timeouts are set to, so that they need not be set again for each message.
    read_timeout: Duration,
    write_timeout: Duration,
}

/// A timeout may be this much too long before it is set anew, which saves a system call a message.
const SLACK: Duration = Duration::from_millis(1);

impl TimedSocket {
    fn new(stream: Arc<TcpStream>) -> TimedSocket {
        // Messages leave whole, so holding small ones back for more to come (Nagle, RFC 896) only
        // adds delay. A system that refuses this is slower, not wrong.
        let _ = stream.set_nodelay(true);
        TimedSocket { stream, read_timeout: Duration::MAX, write_timeout: Duration::MAX }
    }

    fn write_all(&mut self, mut bytes: &[u8], deadline: Deadline) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = self.wait(Wait::Write, deadline, |mut stream| stream.write(bytes))?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            bytes = &bytes[count..];
        }
        Ok(())
    }

    /// Performs one read or write, retried if a signal interrupts it, until the deadline.
    fn wait(
        &mut self,
        wait: Wait,
        deadline: Deadline,
        mut operation: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            let remaining = deadline.remaining().ok_or(io::ErrorKind::TimedOut)?;
            self.bound(wait, remaining)?;
            match operation(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_own_timeout(&error) => self.forget(wait),
                result => return result,
            }
        }
    }

    /// Makes sure that the socket times out after `remaining`, or a little before or after.
    fn bound(&mut self, wait: Wait, remaining: Duration) -> io::Result<()> {
        let current = match wait {
            Wait::Read => &mut self.read_timeout,
            Wait::Write => &mut self.write_timeout,
        };
        if *current > remaining.saturating_add(SLACK) {
            match wait {
                Wait::Read => self.stream.set_read_timeout(Some(remaining))?,
                Wait::Write => self.stream.set_write_timeout(Some(remaining))?,
            }
            *current = remaining;
        }
        Ok(())
    }

    /// The socket timed out before the deadline: its timeout was that of a shorter one.
    fn forget(&mut self, wait: Wait) {
        match wait {
            Wait::Read => self.read_timeout = Duration::MAX,
            Wait::Write => self.write_timeout = Duration::MAX,
        }
    }
}

/// Whether the socket's own timeout ended a read or write. On Windows that is `TimedOut`; elsewhere
/// it is `WouldBlock`, and `TimedOut` means that the system has given the connection up, which it
/// reports only once.
fn is_own_timeout(error: &io::Error) -> bool {
    error.kind() == if cfg!(windows) { io::ErrorKind::TimedOut } else { io::ErrorKind::WouldBlock }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_up_that_hangs_ends_at_the_deadline() {
        let (release, hang) = mpsc::channel::<()>();
        let deadline = Deadline::after(Duration::from_millis(20));
        let addrs = resolve_with("slow.example:80", deadline, move |_| {
            let _ = hang.recv();
            Ok(Vec::new())
        });
        let doing = "looking up the name";
        assert!(matches!(addrs, Err(TransportError::TimedOut { doing: what }) if what == doing));
        drop(release);
    }

    #[test]
    fn of_several_addresses_the_first_of_ipv4_is_preferred() {
        let [six, four, other] = ["[::1]:7", "127.0.0.1:7", "127.0.0.2:7"]
            .map(|addr| addr.parse::<SocketAddr>().expect("an address"));
        assert_eq!(preferred(&[six, four, other]), Some(four));
        assert_eq!(preferred(&[six]), Some(six));
        assert_eq!(preferred(&[]), None);
    }

    #[test]
    fn a_name_without_addresses_is_reported() {
        let error =
            connect_first("empty.example:80", &[], Deadline::after(Duration::MAX)).unwrap_err();
        assert_eq!(error.to_string(), "cannot find the address of empty.example:80");
    }
}
