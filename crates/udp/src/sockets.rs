//! Real UDP sockets on this machine: what one send and one receive are, and what a sender hears.
//!
//! What differs from system to system is observed and returned, not assumed. On Linux and macOS a
//! datagram that is longer than the buffer is cut, and the call succeeds; Windows cuts it, too, and
//! returns an error (WSAEMSGSIZE). Of a port without a program a connected socket hears
//! `ConnectionRefused` on Linux and macOS; on Windows it is `ConnectionReset`, and a socket that is
//! not connected hears it as well. macOS sends datagrams of up to 9,216 bytes by default.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use common::datagram::is_silence;
use socket2::SockRef;

/// Every wait for a datagram that is to come ends after this.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a datagram or an error is waited for that is not to come. On loopback what comes is
/// there at once.
pub const SILENCE: Duration = Duration::from_millis(50);

/// The largest payload of a datagram over IPv4: what the length field of IP can say, without both
/// headers.
pub const LARGEST: usize = 65_535 - 20 - 8;

/// Two sockets, each bound to a port of its own. The receiver is connected: what comes late for a
/// program that had its port before is not taken for a part of the experiment.
struct Pair {
    sender: UdpSocket,
    receiver: UdpSocket,
    to: SocketAddr,
}

impl Pair {
    fn new() -> io::Result<Pair> {
        let (sender, receiver) = (socket()?, socket()?);
        receiver.connect(sender.local_addr()?)?;
        let to = receiver.local_addr()?;
        Ok(Pair { sender, receiver, to })
    }
}

/// The next datagram. A receive with a timeout ends early when the process was stopped for a while,
/// by a debugger for example; that is not what is looked at here.
fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match socket.recv(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            received => return received,
        }
    }
}

fn socket() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(EXPERIMENT_TIMEOUT))?;
    Ok(socket)
}

/// Sends each of these payloads, and then receives as often as something comes.
///
/// # Errors
/// Those of the system.
pub fn boundaries(payloads: &[&str]) -> io::Result<Vec<String>> {
    let Pair { sender, receiver, to } = Pair::new()?;
    for payload in payloads {
        sender.send_to(payload.as_bytes(), to)?;
    }
    let mut buffer = [0; 1024];
    let mut received = Vec::new();
    while received.len() < payloads.len() {
        let length = receive(&receiver, &mut buffer)?;
        received.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
    }
    Ok(received)
}

/// What receiving into a small buffer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// What the first receive returned; `None` where the system reports an error.
    pub first: Option<usize>,
    /// How many bytes the next one returned.
    pub next: usize,
}

/// Sends `long` bytes and then `short` bytes to a program whose buffer has room for `room`.
///
/// # Errors
/// Those of the system.
pub fn cut(long: usize, short: usize, room: usize) -> io::Result<Cut> {
    let Pair { sender, receiver, to } = Pair::new()?;
    for length in [long, short] {
        sender.send_to(&vec![b'x'; length], to)?;
    }
    let mut buffer = vec![0; room];
    let first = match receive(&receiver, &mut buffer) {
        Ok(length) => Some(length),
        Err(error) if is_silence(&error) => return Err(error),
        // Windows: the rest is gone there, too.
        Err(_) => None,
    };
    let next = receive(&receiver, &mut buffer)?;
    Ok(Cut { first, next })
}

/// The largest payload that this system sends in one datagram: all up to there arrive, and one byte
/// more is refused by the call that sends it.
///
/// # Errors
/// Those of the system.
pub fn largest() -> io::Result<usize> {
    let Pair { sender, receiver, to } = Pair::new()?;
    let (payload, mut buffer) = (vec![0; LARGEST + 1], vec![0; LARGEST + 1]);
    let (mut sent, mut refused) = (0, LARGEST + 2);
    while sent + 1 < refused {
        let length = sent.midpoint(refused);
        match sender.send_to(&payload[..length], to) {
            // Taken out, so that the next one finds room.
            Ok(_) if receive(&receiver, &mut buffer)? == length => sent = length,
            _ => refused = length,
        }
    }
    Ok(sent)
}

/// How many datagrams were sent to a program that did not read, and how many it found afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow {
    /// Each of these calls succeeded.
    pub sent: usize,
    /// How many were there. It depends on how a system counts memory.
    pub found: usize,
}

/// Sends 200 datagrams of 1,000 bytes to a socket whose system has room for a few.
///
/// # Errors
/// Those of the system.
pub fn overflow() -> io::Result<Overflow> {
    let Pair { sender, receiver, to } = Pair::new()?;
    SockRef::from(&receiver).set_recv_buffer_size(16_384)?;
    let sent = 200;
    for _ in 0..sent {
        sender.send_to(&[b'x'; 1000], to)?;
    }
    receiver.set_read_timeout(Some(SILENCE))?;
    let mut found = 0;
    loop {
        match receive(&receiver, &mut [0; 1000]) {
            Ok(_) => found += 1,
            Err(error) if is_silence(&error) => return Ok(Overflow { sent, found }),
            Err(error) => return Err(error),
        }
    }
}

/// What a sender hears after it has sent to a port without a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What the call that sent reported.
    pub by_send: Option<ErrorKind>,
    /// What the next call, a receive, reported; `None` where nothing came for a while.
    pub by_receive: Option<ErrorKind>,
}

/// Sends to a port at which no program receives.
///
/// # Errors
/// Those of the system that have nothing to do with it.
pub fn no_receiver(connected: bool) -> io::Result<Heard> {
    let Pair { sender, receiver, to } = Pair::new()?;
    // It takes datagrams from itself alone, so for the sender there is no program at its port; and
    // the system gives the port to no other while it is bound.
    receiver.connect(to)?;
    let sent = match connected {
        true => sender.connect(to).and_then(|()| sender.send(b"hello")),
        false => sender.send_to(b"hello", to),
    };
    sender.set_read_timeout(Some(if connected { EXPERIMENT_TIMEOUT } else { SILENCE }))?;
    let received = receive(&sender, &mut [0; 100]);
    let by_receive = received.err().filter(|error| !is_silence(error));
    let [by_send, by_receive] =
        [sent.err(), by_receive].map(|error| error.map(|error| error.kind()));
    Ok(Heard { by_send, by_receive })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_send_is_one_receive() -> io::Result<()> {
        let payloads = ["one", "", "three"];
        assert_eq!(boundaries(&payloads)?, payloads);
        Ok(())
    }

    #[test]
    fn what_does_not_fit_is_gone() -> io::Result<()> {
        let cut = cut(2000, 4, 1024)?;
        assert_eq!(cut.next, 4);
        if cfg!(target_os = "linux") {
            assert_eq!(cut.first, Some(1024));
        }
        Ok(())
    }

    #[test]
    fn the_largest_datagram_fills_a_packet() -> io::Result<()> {
        let largest = largest()?;
        assert!(largest <= LARGEST, "{largest}");
        if cfg!(target_os = "linux") {
            assert_eq!(largest, LARGEST);
        }
        Ok(())
    }

    #[test]
    fn a_full_receiver_drops_and_the_sender_hears_nothing() -> io::Result<()> {
        let Overflow { sent, found } = overflow()?;
        assert!((1..sent).contains(&found), "{found}");
        Ok(())
    }

    #[test]
    fn only_a_connected_sender_hears_of_a_port_without_a_program() -> io::Result<()> {
        let [unconnected, connected] = [false, true].map(no_receiver);
        let (unconnected, connected) = (unconnected?, connected?);
        assert_eq!((unconnected.by_send, connected.by_send), (None, None));
        if cfg!(target_os = "linux") {
            assert_eq!(unconnected.by_receive, None);
            assert_eq!(connected.by_receive, Some(ErrorKind::ConnectionRefused));
        }
        Ok(())
    }
}
