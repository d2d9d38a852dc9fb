//! A reply that comes a byte at a time, against a timeout for each read and against one deadline.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use common::fault::{Fault, Proxy};
use common::frame::Framing;
use common::transport::{Deadline, Limits, Server, TransportError};

use crate::bank::{Ledger, REQUEST};
use crate::client::{RequestError, ask, timed_out_after_sending};
use crate::{EXPERIMENT_TIMEOUT, timed};

/// How often a byte of the reply comes.
pub const EVERY: Duration = Duration::from_millis(50);
/// How long the first client waits in each read.
pub const READ_TIMEOUT: Duration = Duration::from_millis(100);
/// How long the second client waits in all.
pub const DEADLINE: Duration = Duration::from_millis(300);

/// The reply that they wait for, as it is sent.
pub const REPLY: &[u8] = b"paid 100\n";

/// How two clients fared with the same dripping server.
#[derive(Debug)]
pub struct Dripped {
    /// What the client with a timeout for each read had in the end.
    pub reply: Vec<u8>,
    /// The timeout, if it passed.
    pub tripped: Option<io::ErrorKind>,
    /// How long that client took.
    pub took: Duration,
    /// What the client with the deadline got.
    pub by_deadline: Result<Vec<u8>, RequestError>,
    /// How long that one took.
    pub deadline_took: Duration,
}

/// Sends the request to a dripping server from two clients at the same time.
///
/// A busy machine may delay a byte for longer than the timeout, or the request until the deadline.
/// That is not what this experiment is about, so then it is repeated, for a while.
///
/// # Errors
/// If the system refuses a socket.
pub fn drip() -> Result<Dripped, TransportError> {
    let tries = Deadline::after(EXPERIMENT_TIMEOUT);
    loop {
        let saw = drip_once()?;
        let as_paced = saw.tripped.is_none() && timed_out_after_sending(&saw.by_deadline);
        if as_paced || tries.remaining().is_none() {
            return Ok(saw);
        }
    }
}

fn drip_once() -> Result<Dripped, TransportError> {
    let ledger = Ledger::default();
    let server = Server::bind("127.0.0.1:0", Limits::default())?.spawn(
        Framing::Lines,
        move |request, reply| {
            ledger.answer(request, reply);
        },
    );
    let proxy = Proxy::start(server.addr(), Fault::Pass, Fault::Drip(EVERY))?;
    let addr = proxy.addr();
    thread::scope(|scope| {
        let per_read = scope.spawn(|| timed(|| read_with_timeouts(addr)));
        let deadline = || ask(&addr.to_string(), REQUEST, DEADLINE, Deadline::after(DEADLINE));
        let (by_deadline, deadline_took) = timed(deadline);
        let (read, took) = per_read.join().expect("reading does not panic");
        let doing = "reading with a timeout for each read";
        let (reply, tripped) = read.map_err(|error| TransportError::Io {
            doing,
            source: common::transport::Reason(error),
        })?;
        Ok(Dripped { reply, tripped, took, by_deadline, deadline_took })
    })
}

/// The mistake: every read that returns a byte restarts the timeout.
fn read_with_timeouts(addr: SocketAddr) -> io::Result<(Vec<u8>, Option<io::ErrorKind>)> {
    let mut stream = TcpStream::connect_timeout(&addr, EXPERIMENT_TIMEOUT)?;
    stream.write_all(&[REQUEST, b"\n"].concat())?;
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let mut reply = Vec::new();
    let mut buffer = [0; 64];
    while !reply.ends_with(b"\n") {
        match stream.read(&mut buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => reply.extend_from_slice(&buffer[..count]),
            Err(error) => return Ok((reply, Some(error.kind()))),
        }
    }
    Ok((reply, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_ends_a_drip_and_a_timeout_for_each_read_does_not() {
        let saw = drip().unwrap();
        assert_eq!(saw.tripped, None);
        assert_eq!(saw.reply, REPLY);
        assert!(saw.took >= EVERY * REPLY.len() as u32, "{saw:?}");
        assert!(saw.took > READ_TIMEOUT * 4, "{saw:?}");
        assert!(matches!(saw.by_deadline, Err(RequestError::Unanswered(_))));
        assert!(saw.deadline_took >= DEADLINE, "{saw:?}");
    }
}
