//! One idle client against a server that serves one at a time, a thread each, and with limits.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use common::frame::{DEFAULT_MAX_MESSAGE, Framing};
use common::transport::{Connection, Deadline, Limits, Running, Server, TransportError};

use crate::sides::echo;
use crate::{ANY_PORT, EXPERIMENT_TIMEOUT, connected_pair};

/// How long a client waits for a reply before it considers the server blocked.
pub const REPLY_TIMEOUT: Duration = Duration::from_millis(200);

/// What a client observed that connected after one or more idle ones.
#[derive(Debug)]
pub struct Behind {
    /// How many clients had connected before it and sent nothing.
    pub idle: usize,
    /// Whether it was answered while all of them were connected.
    pub at_once: bool,
    /// Whether it was answered once an idle client had closed.
    pub after_one_left: bool,
}

/// Connects `idle` clients that send nothing and then one that sends a request, to a server of
/// `max_connections`.
///
/// # Errors
/// If a connection fails in a way that the experiment is not about.
pub fn behind_idle_clients(idle: usize, max_connections: usize) -> Result<Behind, TransportError> {
    let server = start(max_connections, EXPERIMENT_TIMEOUT)?;
    let mut idle_clients = connect_idle(&server, idle)?;
    let mut client = connect(&server)?;
    // Where there is a place left, only a busy machine makes the answer late.
    let timeout = if idle < max_connections { EXPERIMENT_TIMEOUT } else { REPLY_TIMEOUT };
    let at_once = is_answered(client.exchange(b"hello", Deadline::after(timeout)))?;
    idle_clients.pop();
    let after_one_left = at_once || client.receive(Deadline::after(EXPERIMENT_TIMEOUT))?.is_some();
    Ok(Behind { idle, at_once, after_one_left })
}

/// What became of idle clients, and of the one behind them, under an idle timeout.
#[derive(Debug)]
pub struct Freed {
    /// How many sent nothing.
    pub idle: usize,
    /// How many of them the server had closed in the end.
    pub closed: usize,
    /// Whether the client behind them was answered, without any of them leaving.
    pub answered: bool,
}

/// Fills a server of `max_connections` with idle clients; the server waits for each no longer than
/// `idle_timeout`.
///
/// # Errors
/// If a connection fails in a way that the experiment is not about.
pub fn freed_by_idle_timeout(
    max_connections: usize,
    idle_timeout: Duration,
) -> Result<Freed, TransportError> {
    let server = start(max_connections, idle_timeout)?;
    let mut idle_clients = connect_idle(&server, max_connections)?;
    let answered = is_answered_in_the_end(&server)?;
    let mut closed = 0;
    for client in &mut idle_clients {
        closed += usize::from(client.receive(Deadline::after(EXPERIMENT_TIMEOUT))?.is_none());
    }
    Ok(Freed { idle: max_connections, closed, answered })
}

/// What a client observed that was turned away with the word "busy" while it was still sending its
/// request.
#[derive(Debug)]
pub struct TurnedAway {
    /// How its second write went.
    pub write: Result<(), io::ErrorKind>,
    /// What it read afterwards, up to the end of the stream or an error.
    pub read: Result<Vec<u8>, io::ErrorKind>,
}

/// A server sends "busy" to a client that has sent half of its request, and closes.
///
/// With `lingering` it first ends its own stream, and reads what the client still sends, as RFC
/// 9112, section 9.6, asks of HTTP servers. Without, the half request lies unread in its socket,
/// and closing a socket with unread bytes is a reset (RFC 1122, section 4.2.2.13).
///
/// # Errors
/// If a step fails before the server closes.
pub fn turned_away(lingering: bool) -> io::Result<TurnedAway> {
    let (mut client, server) = connected_pair()?;
    client.write_all(b"hel")?;
    server.peek(&mut [0; 1])?;
    (&server).write_all(b"busy\n")?;
    let closing = if lingering {
        server.shutdown(Shutdown::Write)?;
        Some(thread::spawn(move || drain(server)))
    } else {
        drop(server);
        None
    };
    let write = client.write_all(b"lo\n").map_err(|error| error.kind());
    let _ = client.shutdown(Shutdown::Write);
    let mut word = Vec::new();
    let read = client.read_to_end(&mut word).map(|_| word);
    if let Some(closing) = closing {
        closing.join().expect("draining does not panic");
    }
    Ok(TurnedAway { write, read: read.map_err(|error| error.kind()) })
}

/// Reads to the end of the stream, or until the read times out.
fn drain(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    // What comes is of no interest, and an error ends it as well as an end does.
    while matches!(stream.read(&mut buffer), Ok(count) if count > 0) {}
}

fn start(max_connections: usize, idle_timeout: Duration) -> Result<Running, TransportError> {
    let limits = Limits { max_connections, idle: idle_timeout, ..Limits::default() };
    Ok(Server::bind(ANY_PORT, limits)?.spawn(Framing::Lines, echo))
}

fn connect(server: &Running) -> Result<Connection, TransportError> {
    let deadline = Deadline::after(EXPERIMENT_TIMEOUT);
    Connection::connect(&server.addr().to_string(), Framing::Lines, DEFAULT_MAX_MESSAGE, deadline)
}

fn connect_idle(server: &Running, count: usize) -> Result<Vec<Connection>, TransportError> {
    (0..count).map(|_| connect(server)).collect()
}

/// Whether a client that sends a request is answered. Where the machine delays it for longer than
/// the idle timeout, the server takes it for an idle one; so then it retries.
fn is_answered_in_the_end(server: &Running) -> Result<bool, TransportError> {
    let deadline = Deadline::after(EXPERIMENT_TIMEOUT);
    loop {
        let mut client = connect(server)?;
        let answered = is_answered(client.exchange(b"hello", deadline));
        if answered.is_ok() || deadline.remaining().is_none() {
            return answered;
        }
    }
}

/// Whether an answer came in time; any error but a timeout is an error here, too.
pub(crate) fn is_answered(reply: Result<&[u8], TransportError>) -> Result<bool, TransportError> {
    match reply {
        Ok(_) => Ok(true),
        Err(TransportError::TimedOut { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_client_blocks_a_server_that_serves_one_at_a_time() {
        let one_at_a_time = behind_idle_clients(1, 1).unwrap();
        assert!(!one_at_a_time.at_once && one_at_a_time.after_one_left);
        assert!(behind_idle_clients(1, 2).unwrap().at_once);
        assert!(!behind_idle_clients(4, 4).unwrap().at_once, "threads only move the limit");
    }

    #[test]
    fn an_idle_timeout_frees_the_places_of_idle_clients() {
        let freed = freed_by_idle_timeout(4, Duration::from_millis(50)).unwrap();
        assert!(freed.answered);
        assert_eq!(freed.closed, freed.idle);
    }

    #[test]
    fn busy_arrives_only_if_the_server_reads_the_rest() {
        let hasty = turned_away(false).unwrap();
        assert!(hasty.write.is_err() || hasty.read.is_err(), "{hasty:?}");
        let polite = turned_away(true).unwrap();
        assert_eq!(polite.write, Ok(()));
        assert_eq!(polite.read.unwrap(), b"busy\n");
    }
}
