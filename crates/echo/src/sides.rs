//! The server and the client as real processes.

use std::io::{self, BufRead, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};
use common::frame::{DEFAULT_MAX_MESSAGE, Framing};
use common::transport::{Connection, Deadline, Event, Limits, Server, TransportError};
use narration::WithHint;

/// The prefix of every reply.
const PREFIX: &[u8] = b"Echo: ";

/// How long the client waits for a connection, and for the reply to each message.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(5);

/// The whole service: the reply is the message, with a prefix.
pub fn echo(request: &[u8], reply: &mut Vec<u8>) {
    reply.extend_from_slice(PREFIX);
    reply.extend_from_slice(request);
}

/// Serves until a signal stops the process.
///
/// # Errors
/// If the address cannot be bound.
pub fn serve(listen: &str, wire: Framing, limits: Limits) -> anyhow::Result<()> {
    let server = Server::bind(listen, limits).hint_from(TransportError::advice)?.on_event(log);
    let stopper = server.stopper();
    ctrlc::set_handler(move || stopper.stop()).context("cannot listen for signals")?;
    narration::listening(server.local_addr())?;
    Ok(server.serve(wire, echo)?)
}

/// Sends each message over one connection and writes each answer to `out`, one a line.
///
/// # Errors
/// If there is no server, or an answer does not come in time, or a message cannot be sent as one.
pub fn send(
    to: &str,
    wire: Framing,
    messages: impl Iterator<Item = io::Result<Vec<u8>>>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let longest_reply = DEFAULT_MAX_MESSAGE + PREFIX.len();
    let mut server =
        Connection::connect(to, wire, longest_reply, Deadline::after(EXCHANGE_TIMEOUT))
            .hint_from(TransportError::advice)?;
    for message in messages {
        let message = message.context("cannot read the next message")?;
        ensure!(
            message.len() <= DEFAULT_MAX_MESSAGE,
            "a message is longer than the server takes, {DEFAULT_MAX_MESSAGE} bytes"
        );
        let reply = server.exchange(&message, Deadline::after(EXCHANGE_TIMEOUT))?;
        writeln!(out, "{}", narration::printable(reply))?;
        out.flush()?;
    }
    Ok(())
}

/// The lines of `input` as messages. A line over the limit is cut after one byte too many, for
/// [`send`] to refuse.
pub fn lines(mut input: impl BufRead) -> impl Iterator<Item = io::Result<Vec<u8>>> {
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        let longest = DEFAULT_MAX_MESSAGE as u64 + 1;
        match input.by_ref().take(longest).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => {
                line.pop_if(|last| *last == b'\n');
                Some(Ok(line))
            }
            Err(error) => Some(Err(error)),
        }
    })
}

fn log(peer: SocketAddr, event: Event<'_>) {
    narration::log(match event {
        Event::Opened => format!("{peer} connected"),
        Event::Closed => format!("{peer} closed"),
        Event::Failed(error) => format!("{peer} dropped: {error}"),
        Event::NotAccepted(error) => format!("cannot accept connections for the moment: {error}"),
    });
}
