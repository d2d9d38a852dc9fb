//! The loop of `common::readiness` on real sockets, turned by hand, so that a test knows what the
//! loop has seen.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod connections;
mod hostile;
mod messages;
mod timing;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::time::Duration;

use common::frame::{Framing, encode};
use common::readiness::{ConnectionId, Progress, Sockets};
use common::transport::{Deadline, Limits, TransportError};

/// The longest wait for anything that is going to happen.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);
/// A message that is more than all buffers of the system hold, in bytes.
const LARGE: usize = 32 << 20;
/// Short enough to wait for its end.
const MOMENT: Duration = Duration::from_millis(50);

/// An echo server in one loop.
struct Echo {
    sockets: Sockets,
    /// Every connection that was accepted, in order.
    accepted: Vec<ConnectionId>,
    /// How many messages were handed over.
    messages: usize,
    /// How connections ended: "ended", or the error.
    ends: Vec<(ConnectionId, String)>,
    /// Every connection that was ready, in order.
    turns: Vec<ConnectionId>,
}

fn soon() -> Deadline {
    Deadline::after(TEST_TIMEOUT)
}

fn limits(max_connections: usize, idle: Duration) -> Limits {
    Limits { max_message: 1024, max_connections, idle }
}

impl Echo {
    fn with(framing: Framing, limits: Limits) -> Echo {
        let sockets = Sockets::bind("127.0.0.1:0", framing, limits).unwrap();
        let (accepted, ends, turns) = (vec![], vec![], vec![]);
        Echo { sockets, accepted, messages: 0, ends, turns }
    }

    fn frames() -> Echo {
        Echo::with(Framing::Frames, limits(100, TEST_TIMEOUT))
    }

    fn client(&self) -> TcpStream {
        let stream = TcpStream::connect(self.sockets.local_addr()).unwrap();
        stream.set_read_timeout(Some(TEST_TIMEOUT)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// A client, and its connection here.
    fn accept(&mut self) -> (TcpStream, ConnectionId) {
        let (client, accepted) = (self.client(), self.accepted.len());
        self.until(|echo| echo.accepted.len() > accepted);
        (client, self.accepted[accepted])
    }

    /// Waits for at most `longest`, then accepts, reads, and flushes.
    fn turn(&mut self, longest: Duration) {
        assert!(self.sockets.wait(Some(longest)).unwrap());
        while let Some(accepted) = self.sockets.accept() {
            self.accepted.push(accepted.unwrap().0);
        }
        while let Some(id) = self.sockets.next_ready() {
            self.turns.push(id);
            self.read(id);
        }
        self.sockets.flush();
    }

    fn read(&mut self, id: ConnectionId) {
        let read = self.sockets.read(id, |message, out| {
            self.messages += 1;
            out.send(message);
            ControlFlow::Continue(())
        });
        let end = match &read {
            Ok(Progress::Open) => return,
            Ok(Progress::Ended) => "ended".to_owned(),
            Err(error) => error.to_string(),
        };
        match read {
            Err(TransportError::TimedOut { .. }) => self.sockets.close(id),
            _ => self.sockets.finish(id),
        }
        self.ends.push((id, end));
    }

    /// Turns until something has happened that is going to happen, without the end of a wait.
    fn until(&mut self, mut is_done: impl FnMut(&Echo) -> bool) {
        let deadline = soon();
        loop {
            let remaining = deadline.remaining().expect("it happens in time");
            if is_done(self) {
                break;
            }
            self.turn(remaining);
        }
    }

    /// Turns until nothing is ready any more, for a moment at least.
    fn settle(&mut self) {
        let mut turns = usize::MAX;
        while turns != self.turns.len() {
            turns = self.turns.len();
            self.turn(MOMENT);
        }
    }

    /// Turns until the connection has ended, and says how.
    fn end_of(&mut self, id: ConnectionId) -> String {
        let of = |echo: &Echo| echo.ends.iter().find(|(ended, _)| *ended == id).cloned();
        self.until(|echo| of(echo).is_some());
        of(self).unwrap().1
    }

    /// Turns until the client has got these bytes, and no others.
    fn answers(&mut self, client: &mut TcpStream, want: &[u8]) {
        assert_eq!(self.receive(client, want.len()), want);
    }

    /// Turns until the client has got so many bytes, or all to the end of its stream.
    fn receive(&mut self, client: &mut TcpStream, count: usize) -> Vec<u8> {
        client.set_nonblocking(true).unwrap();
        let deadline = soon();
        let (mut got, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
        while got.len() < count {
            let most = buffer.len().min(count - got.len());
            match client.read(&mut buffer[..most]) {
                Ok(0) => break,
                Ok(read) => got.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.turn(MOMENT.min(deadline.remaining().expect("it comes in time")));
                }
                Err(error) => panic!("{error}"),
            }
        }
        client.set_nonblocking(false).unwrap();
        got
    }
}

fn frame(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(Framing::Frames, body, &mut bytes).unwrap();
    bytes
}

/// Writes these bytes again and again until the system takes no more, where so many are written
/// already. Returns how many are written then.
fn write_what_fits(client: &mut TcpStream, bytes: &[u8], mut written: usize) -> usize {
    client.set_nonblocking(true).unwrap();
    loop {
        match client.write(&bytes[written % bytes.len()..]) {
            Ok(count) => written += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error}"),
        }
    }
    client.set_nonblocking(false).unwrap();
    written
}
