//! Real sockets.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use common::frame::Framing;
use common::transport::{Connection, Deadline, TransportError};

use super::{Network, NetworkError};
use crate::message::{Over, TCP_SIZE};

/// The room for a datagram, more than we ask for. A longer one is cut, and then not a message.
const ROOM: usize = 4096;

/// Where the servers of the tree are reached.
///
/// On Linux every address of 127.0.0.0/8 is this machine, so each server has its own, and all have
/// one port. Elsewhere only 127.0.0.1 is there without settings, so 127.1.0.2 is reached there at
/// the port after that of the root, 127.1.0.3 at the next, and so on.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    root: (Ipv4Addr, u16),
    by_port: bool,
}

impl Places {
    /// The servers below a root at this address, as the system has them.
    pub fn new(root: Ipv4Addr, port: u16) -> Places {
        Places { root: (root, port), by_port: !cfg!(target_os = "linux") }
    }

    /// The same, all at 127.0.0.1, each at a port of its own.
    #[must_use]
    pub fn by_port(self) -> Places {
        Places { by_port: true, ..self }
    }

    /// The address of the root server.
    pub fn root(&self) -> Ipv4Addr {
        self.root.0
    }

    /// Where the server with this address is reached.
    pub fn of(&self, server: Ipv4Addr) -> SocketAddr {
        let (root, port) = self.root;
        match server.octets() {
            _ if !self.by_port => (server, port).into(),
            _ if server == root && root.is_loopback() => (Ipv4Addr::LOCALHOST, port).into(),
            [127, 1, 0, place] if place > 0 => {
                (Ipv4Addr::LOCALHOST, port.wrapping_add(u16::from(place) - 1)).into()
            }
            _ => (server, port).into(),
        }
    }
}

/// The network of this machine.
pub struct Sockets {
    places: Places,
    start: Instant,
}

impl Sockets {
    /// To the servers at these places.
    pub fn new(places: Places) -> Sockets {
        Sockets { places, start: now() }
    }
}

impl Network for Sockets {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn exchange(
        &mut self,
        server: Ipv4Addr,
        message: &[u8],
        over: Over,
        timeout: Duration,
        is_answer: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Vec<u8>, NetworkError> {
        // A wrong address in a made zone would send requests to another's machine.
        if self.places.root.0.is_loopback() && !server.is_loopback() {
            let why = format!("the root is on this machine, and {server} is not");
            return Err(NetworkError::Other(why));
        }
        exchange(self.places.of(server), message, over, timeout, is_answer)
    }
}

/// Sends a message to a server, and hands what comes back to `is_answer` until it accepts one.
///
/// # Errors
/// [`NetworkError`]: nothing was accepted.
pub fn exchange(
    server: SocketAddr,
    message: &[u8],
    over: Over,
    timeout: Duration,
    is_answer: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<Vec<u8>, NetworkError> {
    match over {
        Over::Udp => over_udp(server, message, timeout, is_answer).map_err(|error| {
            match error.kind() {
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                    NetworkError::TimedOut(timeout)
                }
                // The system passes on an ICMP error. Windows calls it a reset.
                io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => {
                    NetworkError::Refused
                }
                _ => NetworkError::Other(error.to_string()),
            }
        }),
        Over::Tcp => over_tcp(server, message, timeout, is_answer),
    }
}

fn over_udp(
    server: SocketAddr,
    message: &[u8],
    timeout: Duration,
    is_answer: &mut dyn FnMut(&[u8]) -> bool,
) -> io::Result<Vec<u8>> {
    let deadline = Deadline::after(timeout);
    let own: IpAddr = match server.ip() {
        IpAddr::V4(ip) if ip.is_loopback() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // A new socket for each request, so that the system draws its port anew. Connected, it takes
    // datagrams from that address and port alone.
    let socket = UdpSocket::bind((own, 0))?;
    socket.connect(server)?;
    socket.send(message)?;
    let mut buffer = [0; ROOM];
    loop {
        let remaining = deadline.remaining().ok_or(io::ErrorKind::TimedOut)?;
        socket.set_read_timeout(Some(remaining))?;
        match socket.recv(&mut buffer) {
            Ok(length) if is_answer(&buffer[..length]) => return Ok(buffer[..length].to_vec()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn over_tcp(
    server: SocketAddr,
    message: &[u8],
    timeout: Duration,
    is_answer: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<Vec<u8>, NetworkError> {
    let deadline = Deadline::after(timeout);
    let to = server.to_string();
    let answer = Connection::connect(&to, Framing::ShortFrames, TCP_SIZE, deadline)
        .and_then(|mut connection| Ok(connection.exchange(message, deadline)?.to_vec()));
    match answer {
        Ok(answer) if is_answer(&answer) => Ok(answer),
        Ok(_) => Err(NetworkError::Other("what it answers over TCP is not an answer".to_owned())),
        Err(TransportError::TimedOut { .. }) => Err(NetworkError::TimedOut(timeout)),
        Err(error) if error.kind() == Some(io::ErrorKind::ConnectionRefused) => {
            Err(NetworkError::Refused)
        }
        Err(error) => Err(NetworkError::Other(common::error_chain(&error))),
    }
}

#[expect(clippy::disallowed_methods, reason = "on real sockets TTLs and limits are real time")]
fn now() -> Instant {
    Instant::now()
}
