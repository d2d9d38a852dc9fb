//! The server and the client as real processes.

use std::io::{self, BufRead, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};
use common::frame::{DEFAULT_MAX_MESSAGE, Framing};
use common::log_limit::LogLimit;
use common::readiness::Sockets;
use common::transport::{Connection, Deadline, Event, Limits, Server, TransportError};
use narration::WithHint;

use crate::events;

/// The prefix of every reply.
const PREFIX: &[u8] = b"Echo: ";

/// How long the client waits for a connection, and for the reply to each message.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(5);

/// How a server waits for its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// A thread for each waits in a read.
    Threads,
    /// One thread waits for all of them.
    Events,
}

/// The whole service: the reply is the message, with a prefix.
pub fn echo(request: &[u8], reply: &mut Vec<u8>) {
    reply.extend_from_slice(PREFIX);
    reply.extend_from_slice(request);
}

/// Serves until a signal stops the process.
///
/// # Errors
/// If the address cannot be bound.
pub fn serve(listen: &str, wire: Framing, model: Model, limits: Limits) -> anyhow::Result<()> {
    allow_descriptors_for(limits.max_connections);
    let limit = LogLimit::default();
    let log = move |peer, event: Event<'_>| limit.write(line(peer, event), narration::log);
    match model {
        Model::Threads => {
            let server = Server::bind(listen, limits).hint_from(TransportError::advice)?;
            let stopper = server.stopper();
            announce(server.local_addr(), move || stopper.stop())?;
            server.on_event(log).serve(wire, echo)?;
        }
        Model::Events => {
            let sockets = Sockets::bind(listen, wire, limits).hint_from(TransportError::advice)?;
            let stopper = sockets.stopper();
            announce(sockets.local_addr(), move || stopper.stop())?;
            events::serve(sockets, echo, log)?;
        }
    }
    Ok(())
}

fn announce(addr: SocketAddr, stop: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    ctrlc::set_handler(stop).context("cannot listen for signals")?;
    Ok(narration::listening(addr)?)
}

/// Each connection takes a file descriptor, and a process may have a limited number of them, often
/// 1,024. It may raise that itself, up to another limit.
#[cfg(unix)]
fn allow_descriptors_for(connections: usize) {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    /// For all but connections: the standard streams, the socket that listens, the loop's own.
    const OTHERS: u64 = 16;
    let needed = (connections as u64).saturating_add(OTHERS);
    let raise = || {
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, soft.max(needed.min(hard)), hard)?;
        Ok::<_, nix::Error>(soft.max(hard))
    };
    let allowed = raise();
    if !allowed.is_ok_and(|allowed| allowed >= needed) {
        narration::log(format!(
            "{connections} connections take {needed} file descriptors, more than the system \
             allows this process; see `ulimit -Hn`"
        ));
    }
}

#[cfg(not(unix))]
fn allow_descriptors_for(_connections: usize) {}

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
        let message = message.context("cannot read standard input")?;
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

fn line(peer: SocketAddr, event: Event<'_>) -> String {
    match event {
        Event::Opened => format!("{peer} connected"),
        Event::Closed => format!("{peer} closed"),
        Event::Failed(error) => format!("{peer} dropped: {error}"),
        Event::NotAccepted(error) => format!("cannot accept connections for the moment: {error}"),
    }
}
