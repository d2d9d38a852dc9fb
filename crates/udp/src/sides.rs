//! An echo server over UDP and its client, as real processes.
//!
//! Each datagram is a line, as `nc -u` sends it. What holds of the server: it keeps nothing of a
//! client, its memory is a buffer of one message, and its log has a limit; a reply is at most six
//! bytes longer than the request. The source address of a datagram is what its sender claims, so a
//! server that answered a little with a lot would multiply an attack on the claimed address. (RFC
//! 9000, section 8, sets such a limit for QUIC.)

use std::fmt::Display;
use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use common::transport::{Deadline, Reason, TransportError, resolve};
use narration::{WithHint, exact, number, printable};

use crate::attempts::Attempts;
use crate::sockets::{is_refusal, is_silence};

/// The longest message, its newline included. With its headers it fits into a packet of nearly
/// every path, so that it is not cut into fragments (RFC 8085, section 3.2).
pub const MAX_MESSAGE: usize = 1_200;

/// What stands before each echo.
const PREFIX: &[u8] = b"Echo: ";

/// How often an idle server looks whether it is to end.
const IDLE: Duration = Duration::from_millis(100);

/// How many datagrams a server logs: every sender can make it write.
const LOGGED: u64 = 1_000;

/// How much of a datagram its line in the log shows, in bytes.
const SHOWN: usize = 60;

/// How long the look-up of a name may take.
const LOOK_UP: Duration = Duration::from_secs(5);

/// Serves until a signal stops the process.
///
/// # Errors
/// If the address cannot be bound, or the socket fails.
pub fn serve(listen: &str) -> anyhow::Result<()> {
    let bound = UdpSocket::bind(listen)
        .map_err(|error| TransportError::Bind { addr: listen.to_owned(), source: Reason(error) });
    let socket = bound.hint_from(TransportError::advice)?;
    let is_stopped = Arc::new(AtomicBool::new(false));
    let stopper = Arc::clone(&is_stopped);
    // Relaxed: the flag stands for nothing but itself.
    ctrlc::set_handler(move || stopper.store(true, Ordering::Relaxed))
        .context("cannot listen for signals")?;
    socket.set_read_timeout(Some(IDLE)).context("cannot set a timeout")?;
    socket.set_write_timeout(Some(IDLE)).context("cannot set a timeout")?;
    narration::listening(socket.local_addr()?)?;
    let (mut log, mut buffer) = (Log::default(), [0; MAX_MESSAGE + 1]);
    while !is_stopped.load(Ordering::Relaxed) {
        match socket.recv_from(&mut buffer) {
            Ok((length, from)) => {
                log.line(format_args!("{from} {}", answer(&socket, &buffer[..length], from)))
            }
            Err(error) if is_passing(&error) => {}
            Err(error) => return Err(error).context("cannot receive"),
        }
    }
    Ok(())
}

/// Whether the next datagram can be received after this error: none came, a signal did, an earlier
/// reply was refused, or the datagram was longer than the buffer and the system is Windows.
fn is_passing(error: &io::Error) -> bool {
    const WSAEMSGSIZE: i32 = 10_040;
    is_silence(error)
        || is_refusal(error)
        || error.kind() == io::ErrorKind::Interrupted
        || cfg!(windows) && error.raw_os_error() == Some(WSAEMSGSIZE)
}

/// Answers a datagram, and returns the line about it.
fn answer(socket: &UdpSocket, message: &[u8], from: SocketAddr) -> String {
    let shown = shown(message);
    match echo(message) {
        None if message.starts_with(PREFIX) => format!("dropped: an echo: {shown}"),
        None => format!("dropped: longer than {} bytes: {shown}", number(MAX_MESSAGE)),
        // A reply that cannot be sent is as good as one that is lost.
        Some(reply) => match socket.send_to(&reply, from) {
            Ok(_) => shown,
            Err(error) => format!("not answered: {}: {shown}", Reason(error)),
        },
    }
}

/// The reply to a message; `None` where there is none: to a message that is too long, and to an
/// echo, since two such servers would answer each other for ever, if a datagram claims to come from
/// the other.
pub fn echo(message: &[u8]) -> Option<Vec<u8>> {
    let is_answered = message.len() <= MAX_MESSAGE && !message.starts_with(PREFIX);
    is_answered.then(|| [PREFIX, message].concat())
}

/// The beginning of a datagram, in quotes.
fn shown(message: &[u8]) -> String {
    let line = message.strip_suffix(b"\n").unwrap_or(message);
    match line.len() {
        ..=SHOWN => format!("\"{}\"", printable(line)),
        _ => format!("\"{} …\"", printable(&line[..SHOWN])),
    }
}

/// Lines to stderr, up to a limit.
#[derive(Default)]
struct Log {
    lines: u64,
}

impl Log {
    fn line(&mut self, line: impl Display) {
        self.lines = self.lines.saturating_add(1);
        match self.lines {
            ..=LOGGED => narration::log(line),
            after if after == LOGGED + 1 => narration::log("what follows is not logged"),
            _ => {}
        }
    }
}

/// Sends each message, and writes each answer to `out`, one a line.
///
/// # Errors
/// If the name has no address, a message is too long, or no answer comes.
pub fn send(
    to: &str,
    attempts: Attempts,
    messages: &[String],
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let addresses = resolve(to, Deadline::after(LOOK_UP)).hint_from(TransportError::advice)?;
    // A server that listens at 127.0.0.1 is not found at ::1, and a datagram to where no program is
    // may just be gone.
    let address = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
    let address = *address.with_context(|| format!("{to} has no address"))?;
    for message in messages {
        let line = format!("{message}\n");
        ensure!(
            line.len() <= MAX_MESSAGE,
            "the message has {} bytes, and a datagram here carries up to {}",
            number(message.len() as u64),
            number(MAX_MESSAGE as u64 - 1)
        );
        let answer = ask(address, line.as_bytes(), attempts).hint_from(AskError::advice)?;
        let answer = answer.strip_suffix(b"\n").unwrap_or(&answer);
        writeln!(out, "{}", printable(answer))?;
        out.flush()?;
    }
    Ok(())
}

/// Why a message was not answered.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Each attempt was refused.
    #[error("{to} refuses datagrams: no program has that port")]
    Refused {
        /// Who was asked.
        to: SocketAddr,
    },
    /// The last timeout ended.
    #[error("no answer from {to} in {} (attempts: {attempts})", exact(*within))]
    NoAnswer {
        /// Who was asked.
        to: SocketAddr,
        /// How often.
        attempts: u32,
        /// All timeouts together.
        within: Duration,
    },
    /// The socket failed.
    #[error("cannot exchange datagrams with {to}")]
    Io {
        /// Who was asked.
        to: SocketAddr,
        /// The system's reason.
        source: Reason,
    },
}

impl AskError {
    fn advice(&self) -> Option<&'static str> {
        match self {
            AskError::Refused { .. } => Some("start the server first, in another terminal"),
            AskError::NoAnswer { .. } => {
                Some("the server may have received it: the answer can be what was lost")
            }
            AskError::Io { .. } => None,
        }
    }
}

/// Sends a message until an answer comes.
///
/// Each message has a socket of its own, and so a port: an answer to an earlier message, or a copy
/// of one, finds that port closed. And the socket is connected: it takes datagrams from the server
/// alone, and hears of a port without a program.
///
/// # Errors
/// [`AskError`].
pub fn ask(to: SocketAddr, message: &[u8], attempts: Attempts) -> Result<Vec<u8>, AskError> {
    let io = |error| AskError::Io { to, source: Reason(error) };
    let socket = connected(to).map_err(io)?;
    let (mut refusals, mut within) = (0, Duration::ZERO);
    for (timeout, attempt) in attempts.timeouts().zip(1..) {
        send_datagram(&socket, message).map_err(io)?;
        let outcome = match receive(&socket, Deadline::after(timeout)).map_err(io)? {
            Outcome::Answered(answer) => return Ok(answer),
            Outcome::Unanswered => format!("no answer within {}", exact(timeout)),
            Outcome::Refused => {
                refusals += 1;
                "refused".to_owned()
            }
        };
        within = within.saturating_add(timeout);
        if attempt < attempts.limit.get() {
            narration::log(format!("attempt {attempt}: {outcome}; trying again"));
        }
    }
    let attempts = attempts.limit.get();
    Err(match refusals == attempts {
        true => AskError::Refused { to },
        false => AskError::NoAnswer { to, attempts, within },
    })
}

/// Sends a datagram. Where the system reports only that an earlier one was refused, this one was
/// not sent, and a second call sends it.
fn send_datagram(socket: &UdpSocket, message: &[u8]) -> io::Result<()> {
    for _ in 0..2 {
        match socket.send(message) {
            Err(error) if is_refusal(&error) => {}
            sent => return sent.map(drop),
        }
    }
    Ok(())
}

fn connected(to: SocketAddr) -> io::Result<UdpSocket> {
    let socket = match to {
        SocketAddr::V4(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?,
        SocketAddr::V6(_) => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?,
    };
    socket.connect(to)?;
    Ok(socket)
}

/// What came of an attempt.
enum Outcome {
    Answered(Vec<u8>),
    Unanswered,
    Refused,
}

/// Waits for the next datagram. A refusal does not end the wait: the server may be starting, and
/// the attempts are to have their time between them.
fn receive(socket: &UdpSocket, deadline: Deadline) -> io::Result<Outcome> {
    // The largest that there is, so that no answer is cut.
    let mut buffer = vec![0; 1 << 16];
    let mut outcome = Outcome::Unanswered;
    while let Some(remaining) = deadline.remaining() {
        socket.set_read_timeout(Some(remaining))?;
        match socket.recv(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(Outcome::Answered(buffer));
            }
            Err(error) if is_refusal(&error) => outcome = Outcome::Refused,
            Err(error) if is_silence(&error) || error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_shows_the_beginning_of_a_datagram() {
        let x = "x".repeat(SHOWN);
        assert_eq!(shown(b"\xffhello\n"), "\"\\xffhello\"");
        assert_eq!(shown(x.as_bytes()), format!("\"{x}\""));
        assert_eq!(shown(format!("{x}y").as_bytes()), format!("\"{x} …\""));
    }

    #[test]
    fn what_says_nothing_of_the_socket_itself_is_passing() {
        use io::ErrorKind::{self, *};
        let is_passing = |kind: ErrorKind| is_passing(&kind.into());
        assert!([WouldBlock, TimedOut, Interrupted, ConnectionRefused].into_iter().all(is_passing));
        assert!(![NotConnected, PermissionDenied].into_iter().any(is_passing));
    }

    /// On Linux the call that sends the second datagram reports the refusal of the first.
    #[test]
    fn a_datagram_is_sent_though_an_earlier_one_was_refused() -> io::Result<()> {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        server.set_read_timeout(Some(Duration::from_secs(20)))?;
        // Connected to itself, it takes nothing from others.
        server.connect(server.local_addr()?)?;
        let client = connected(server.local_addr()?)?;
        client.send(b"first")?;
        server.connect(client.local_addr()?)?;
        send_datagram(&client, b"second")?;
        let mut buffer = [0; 10];
        let received = std::iter::repeat_with(|| server.recv(&mut buffer));
        let mut lengths = received.filter(|length| !matches!(length, Ok(5)));
        assert_eq!(lengths.next().transpose()?, Some(b"second".len()));
        Ok(())
    }
}
