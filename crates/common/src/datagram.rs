//! UDP sockets of real programs: a client's, a server's, and which of their errors pass.
//!
//! What differs from TCP: a socket hears of an earlier datagram's fate in a later call, or never,
//! and a sender can name any address as its own. So a server here goes on after
//! whatever an earlier reply met, and keeps nothing of a sender.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::transport::{Reason, TransportError};

/// How often an idle server looks whether it is to end, and how long a reply may take to leave.
const IDLE: Duration = Duration::from_millis(100);

/// A socket with a port of its own, which takes datagrams from `to` alone, and reports where the
/// system says that no program has that port.
///
/// # Errors
/// If the system has no socket or port left, or no way to that address.
pub fn connect(to: SocketAddr) -> io::Result<UdpSocket> {
    let socket = match to {
        SocketAddr::V4(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?,
        SocketAddr::V6(_) => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?,
    };
    socket.connect(to)?;
    Ok(socket)
}

/// Sends a datagram from a connected socket. A system may report only that an earlier one was
/// refused: then this one was not sent, and a second call sends it.
///
/// # Errors
/// Those of the socket. A refusal is an error only if the second call reports one, too.
pub fn send(socket: &UdpSocket, datagram: &[u8]) -> io::Result<()> {
    match socket.send(datagram) {
        Err(error) if is_refusal(&error) => socket.send(datagram),
        sent => sent,
    }
    .map(drop)
}

/// A server's socket.
///
/// # Errors
/// [`TransportError::Bind`].
pub fn bind(addr: &str) -> Result<UdpSocket, TransportError> {
    let failed = |error| TransportError::Bind { addr: addr.to_owned(), source: Reason(error) };
    let socket = UdpSocket::bind(addr).map_err(failed)?;
    socket.set_read_timeout(Some(IDLE)).map_err(failed)?;
    socket.set_write_timeout(Some(IDLE)).map_err(failed)?;
    Ok(socket)
}

/// Calls `handle` with each datagram and the address that it claims to come from, until
/// `is_stopped`. A datagram of more than `longest` bytes is cut to one byte more than that, so that
/// `handle` can see it; Windows drops it.
///
/// ```
/// use common::datagram;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// let server = datagram::bind("127.0.0.1:0")?;
/// let client = datagram::connect(server.local_addr()?)?;
/// datagram::send(&client, b"hello")?;
///
/// let (is_stopped, mut seen) = (AtomicBool::new(false), Vec::new());
/// datagram::serve(&server, 3, &is_stopped, |datagram, _from| {
///     seen.push(datagram.to_vec());
///     is_stopped.store(true, Ordering::Relaxed);
/// })?;
/// assert_eq!(seen, [b"hell"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the socket fails. What passes is not an error: that an earlier reply was refused, a signal.
pub fn serve(
    socket: &UdpSocket,
    longest: usize,
    is_stopped: &AtomicBool,
    mut handle: impl FnMut(&[u8], SocketAddr),
) -> io::Result<()> {
    let mut buffer = vec![0; longest + 1];
    // Relaxed: the flag stands for nothing but itself.
    while !is_stopped.load(Ordering::Relaxed) {
        match socket.recv_from(&mut buffer) {
            Ok((length, from)) => handle(&buffer[..length], from),
            Err(error) if is_passing(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether a receive ended because nothing came in time. Unix systems call that `WouldBlock`,
/// Windows `TimedOut`.
pub fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Whether an error says that an earlier datagram found no program at its port.
pub fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset)
}

/// Whether the next datagram can be received after this error: none came, a signal did, or an
/// earlier one was refused. On Windows also: one was longer than the buffer, or an earlier one went
/// in circles until it was dropped.
pub fn is_passing(error: &io::Error) -> bool {
    const WSAEMSGSIZE: i32 = 10_040;
    const WSAENETRESET: i32 = 10_052;
    is_silence(error)
        || is_refusal(error)
        || error.kind() == ErrorKind::Interrupted
        || cfg!(windows) && matches!(error.raw_os_error(), Some(WSAEMSGSIZE | WSAENETRESET))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Deadline;

    #[test]
    fn what_says_nothing_of_the_socket_itself_is_passing() {
        use ErrorKind::*;
        let is_passing = |kind: ErrorKind| is_passing(&kind.into());
        assert!([WouldBlock, TimedOut, Interrupted, ConnectionRefused].into_iter().all(is_passing));
        assert!(![NotConnected, PermissionDenied].into_iter().any(is_passing));
    }

    #[test]
    fn an_idle_server_goes_on_until_it_is_stopped() {
        let server = bind("127.0.0.1:0").unwrap();
        server.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let client = connect(server.local_addr().unwrap()).unwrap();
        let (is_stopped, mut lengths) = (AtomicBool::new(false), Vec::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for datagram in [&b"one"[..], b"three"] {
                    // Some timeouts of the server.
                    let deadline = Deadline::after(Duration::from_millis(20));
                    while deadline.pause() {}
                    send(&client, datagram).unwrap();
                }
            });
            let handle = |datagram: &[u8], from| {
                assert_eq!(Some(from), client.local_addr().ok());
                lengths.push(datagram.len());
                is_stopped.store(lengths.len() == 2, Ordering::Relaxed);
            };
            serve(&server, 3, &is_stopped, handle).unwrap();
        });
        assert_eq!(lengths, [3, 4], "the second one is too long, and that shows");
    }

    /// On Linux the call that sends the second datagram reports the refusal of the first.
    #[test]
    fn a_datagram_is_sent_though_an_earlier_one_was_refused() -> io::Result<()> {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        server.set_read_timeout(Some(Duration::from_secs(20)))?;
        // Connected to itself, it takes nothing from others.
        server.connect(server.local_addr()?)?;
        let client = connect(server.local_addr()?)?;
        client.send(b"first")?;
        server.connect(client.local_addr()?)?;
        send(&client, b"second")?;
        let mut buffer = [0; 10];
        let received = std::iter::repeat_with(|| server.recv(&mut buffer));
        let mut lengths = received.filter(|length| !matches!(length, Ok(5)));
        assert_eq!(lengths.next().transpose()?, Some(b"second".len()));
        Ok(())
    }
}
