//! An echo server over UDP and its client, as real processes.
//!
//! Each datagram is a line, as `nc -u` sends it. What holds of the server: it keeps nothing of a
//! client, its memory is a buffer of one message, and its log has a limit; a reply is at most six
//! bytes longer than the request. The source address of a datagram is what its sender claims, so a
//! server that answered a little with a lot would multiply an attack on the claimed address. (RFC
//! 9000, section 8, sets such a limit for QUIC.)

use std::io::{self, Write};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use common::datagram::{self, is_refusal, is_silence};
use common::transport::{Deadline, Reason, TransportError, resolve_one};
use narration::{Log, WithHint, exact, number, printable};

use crate::attempts::Attempts;

/// The longest message, its newline included. With its headers it fits into a packet of nearly
/// every path, so that it is not cut into fragments (RFC 8085, section 3.2).
pub const MAX_MESSAGE: usize = 1_200;

/// What stands before each echo.
const PREFIX: &[u8] = b"Echo: ";

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
    let socket = datagram::bind(listen).hint_from(TransportError::advice)?;
    let is_stopped = Arc::new(AtomicBool::new(false));
    let stopper = Arc::clone(&is_stopped);
    // Relaxed: the flag stands for nothing but itself.
    ctrlc::set_handler(move || stopper.store(true, Ordering::Relaxed))
        .context("cannot listen for signals")?;
    let addr = socket.local_addr()?;
    narration::listening(addr)?;
    let mut log = Log::up_to(LOGGED);
    let served = datagram::serve(&socket, MAX_MESSAGE, &is_stopped, |datagram, from| {
        log.line(format_args!("{from} {}", answer(&socket, datagram, from)));
    });
    served.with_context(|| format!("cannot receive on {addr}"))
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
    let address = resolve_one(to, Deadline::after(LOOK_UP)).hint_from(TransportError::advice)?;
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
    let socket = datagram::connect(to).map_err(io)?;
    let (mut refusals, mut within) = (0, Duration::ZERO);
    for (timeout, attempt) in attempts.timeouts().zip(1..) {
        datagram::send(&socket, message).map_err(io)?;
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
}
