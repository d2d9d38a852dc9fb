//! One silent client against a server that serves one at a time, a thread each, and with limits.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use common::frame::{DEFAULT_MAX_MESSAGE, Framing};
use common::transport::{Connection, Deadline, Limits, Running, Server, TransportError};

use crate::sides::echo;
use crate::{PATIENCE, connected_pair};

/// How long a client waits that nobody answers before it calls the server blocked.
pub const SHORT_PATIENCE: Duration = Duration::from_millis(200);

/// What a client saw that came after one or more silent ones.
#[derive(Debug)]
pub struct Behind {
    /// How many clients had connected before it and said nothing.
    pub silent: usize,
    /// Whether it was answered while all of them were there.
    pub at_once: bool,
    /// Whether it was answered once a silent client had closed.
    pub after_one_left: bool,
}

/// Connects `silent` clients that say nothing and then one that speaks, to a server of
/// `max_connections`.
///
/// # Errors
/// If a connection fails in a way that the experiment is not about.
pub fn behind_silence(silent: usize, max_connections: usize) -> Result<Behind, TransportError> {
    let server = start(max_connections, PATIENCE)?;
    let mut quiet = connect_silent(&server, silent)?;
    let mut speaking = connect(&server)?;
    // Where there is a place left, only a busy machine makes the answer late.
    let patience = if silent < max_connections { PATIENCE } else { SHORT_PATIENCE };
    let at_once = is_answered(speaking.exchange(b"hello", Deadline::after(patience)))?;
    quiet.pop();
    let after_one_left = at_once || speaking.receive(Deadline::after(PATIENCE))?.is_some();
    Ok(Behind { silent, at_once, after_one_left })
}

/// What became of silent clients, and of the one behind them, under an idle limit.
#[derive(Debug)]
pub struct Freed {
    /// How many said nothing.
    pub silent: usize,
    /// How many of them the server had closed in the end.
    pub closed: usize,
    /// Whether the client behind them was answered, without any of them leaving.
    pub answered: bool,
}

/// Fills a server of `max_connections` with silent clients; the server waits for each no longer
/// than `idle`.
///
/// # Errors
/// If a connection fails in a way that the experiment is not about.
pub fn freed_by_idle_limit(
    max_connections: usize,
    idle: Duration,
) -> Result<Freed, TransportError> {
    let server = start(max_connections, idle)?;
    let mut quiet = connect_silent(&server, max_connections)?;
    let answered = is_answered_in_the_end(&server)?;
    let mut closed = 0;
    for client in &mut quiet {
        closed += usize::from(client.receive(Deadline::after(PATIENCE))?.is_none());
    }
    Ok(Freed { silent: max_connections, closed, answered })
}

/// What a client saw that was turned away with the word "busy" while it was still sending its
/// request.
#[derive(Debug)]
pub struct TurnedAway {
    /// How its second write went.
    pub write: Result<(), io::ErrorKind>,
    /// What it read afterwards, up to the end of the stream or an error.
    pub read: Result<Vec<u8>, io::ErrorKind>,
}

/// A server says "busy" to a client that has sent half of its request, and closes.
///
/// With `lingering` it first says that it will send no more, and takes what the client still sends,
/// as RFC 9112, section 9.6, asks of HTTP servers. Without, the half request lies unread in its
/// socket, and closing a socket with unread bytes is a reset (RFC 1122, section 4.2.2.13).
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
        Some(thread::spawn(move || take_the_rest(server)))
    } else {
        drop(server);
        None
    };
    let write = client.write_all(b"lo\n").map_err(|error| error.kind());
    let _ = client.shutdown(Shutdown::Write);
    let mut word = Vec::new();
    let read = client.read_to_end(&mut word).map(|_| word);
    if let Some(closing) = closing {
        closing.join().expect("taking the rest does not panic");
    }
    Ok(TurnedAway { write, read: read.map_err(|error| error.kind()) })
}

/// Reads to the end of the stream, or until the peer falls silent.
fn take_the_rest(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    // What comes is of no interest, and an error ends it as well as an end does.
    while matches!(stream.read(&mut buffer), Ok(count) if count > 0) {}
}

fn start(max_connections: usize, idle: Duration) -> Result<Running, TransportError> {
    let limits = Limits { max_connections, idle, ..Limits::default() };
    Ok(Server::bind("127.0.0.1:0", limits)?.spawn(Framing::Lines, echo))
}

fn connect(server: &Running) -> Result<Connection, TransportError> {
    let deadline = Deadline::after(PATIENCE);
    Connection::connect(&server.addr().to_string(), Framing::Lines, DEFAULT_MAX_MESSAGE, deadline)
}

fn connect_silent(server: &Running, count: usize) -> Result<Vec<Connection>, TransportError> {
    (0..count).map(|_| connect(server)).collect()
}

/// Whether a client that speaks is answered. Where the machine holds it up for longer than the idle
/// limit, the server takes it for a silent one; so then it comes again.
fn is_answered_in_the_end(server: &Running) -> Result<bool, TransportError> {
    let deadline = Deadline::after(PATIENCE);
    loop {
        let mut speaking = connect(server)?;
        let answered = is_answered(speaking.exchange(b"hello", deadline));
        if answered.is_ok() || deadline.remaining().is_none() {
            return answered;
        }
    }
}

/// Whether an answer came in time; anything but a time-out is an error here too.
fn is_answered(reply: Result<&[u8], TransportError>) -> Result<bool, TransportError> {
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
    fn silence_blocks_a_server_that_serves_one_at_a_time() {
        let one_at_a_time = behind_silence(1, 1).unwrap();
        assert!(!one_at_a_time.at_once && one_at_a_time.after_one_left);
        assert!(behind_silence(1, 2).unwrap().at_once);
        assert!(!behind_silence(4, 4).unwrap().at_once, "threads only move the limit");
    }

    #[test]
    fn an_idle_limit_frees_the_places_of_the_silent() {
        let freed = freed_by_idle_limit(4, Duration::from_millis(50)).unwrap();
        assert!(freed.answered);
        assert_eq!(freed.closed, freed.silent);
    }

    #[test]
    fn busy_arrives_only_if_the_server_takes_what_the_client_sends() {
        let hasty = turned_away(false).unwrap();
        assert!(hasty.write.is_err() || hasty.read.is_err(), "{hasty:?}");
        let polite = turned_away(true).unwrap();
        assert_eq!(polite.write, Ok(()));
        assert_eq!(polite.read.unwrap(), b"busy\n");
    }
}
