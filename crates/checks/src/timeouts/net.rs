//! A connection in virtual time to a server that does what a case says.

use std::cell::Cell;
use std::io::ErrorKind;

use super::case::{Case, Connect, Ending, Server};
use crate::did_not_terminate;

/// Calls after which a solution is taken to go on for ever: this many, and some for each byte of
/// the reply and each millisecond of the server, for a solution that goes by those. Others make a
/// handful.
const CALLS: u64 = 1_000;
const CALLS_FOR_EACH: u64 = 4;

/// After how many milliseconds the system itself ends a connect that nobody answers: on Linux.
const SYSTEM: u64 = 131_000;

/// A connection to one server, and a clock, in milliseconds.
#[derive(Debug, Default)]
pub struct Net {
    pub(super) now: u64,
    server: Server,
    /// When the server did its last step; `None` before there is a connection.
    last_step: Option<u64>,
    /// The piece that is next, and how much of it was read.
    piece: usize,
    offset: usize,
    failure_is_told: bool,
    read_timeout: Option<u64>,
    pub(super) waits: Vec<Wait>,
    calls_left: Cell<u64>,
}

/// One wait, as the net saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub(super) call: &'static str,
    pub(super) from: u64,
    pub(super) timeout: Option<u64>,
    pub(super) until: u64,
    pub(super) end: WaitEnd,
}

/// How a wait ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WaitEnd {
    Connected,
    /// None are the end of the stream.
    Bytes(Vec<u8>),
    /// At once, since the buffer had room for none.
    NoRoom,
    Failed(ErrorKind),
    Never,
}

impl Net {
    pub(super) fn new(case: &Case) -> Net {
        let (_, time) = case.server.size();
        let pieces = case.server.pieces.iter().map(|(_, piece)| piece.len() as u64);
        let calls = CALLS + CALLS_FOR_EACH * (pieces.sum::<u64>() + time);
        Net {
            now: case.start,
            server: case.server.clone(),
            calls_left: Cell::new(calls),
            ..Net::default()
        }
    }

    /// What the clock shows, in milliseconds. It does not begin at 0.
    pub fn now(&self) -> u64 {
        self.count();
        self.now
    }

    /// Connects to the server, and sends the request as soon as there is a connection. That ends
    /// after `timeout` milliseconds at the latest, a timeout of 0 at once; without one the system
    /// gives up after 131 s.
    ///
    /// # Errors
    /// [`ErrorKind::ConnectionRefused`] if nobody listens; [`ErrorKind::TimedOut`] if the time is
    /// over; [`ErrorKind::InvalidInput`] if there is a connection already.
    pub fn connect(&mut self, timeout: Option<u64>) -> Result<(), ErrorKind> {
        self.count();
        let from = self.now;
        let result = self.try_to_connect(timeout.unwrap_or(SYSTEM));
        let end = result.map_or_else(WaitEnd::Failed, |()| WaitEnd::Connected);
        self.note("connect", from, timeout, end);
        result
    }

    /// Bounds each further read to so many milliseconds. `None`, as at the beginning: a read waits
    /// for as long as it takes.
    pub fn set_read_timeout(&mut self, timeout: Option<u64>) {
        self.count();
        self.read_timeout = timeout;
    }

    /// Reads a piece of the reply, or what fits of it into `buffer`, and returns how many bytes
    /// that is: 0 at the end of the stream. It waits until something comes, or until the read
    /// timeout is over.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`] if that time is over, as on Unix; [`ErrorKind::ConnectionReset`]
    /// if the connection was thrown away, which is told once: after that it looks ended;
    /// [`ErrorKind::NotConnected`] without a connection.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.count();
        let from = self.now;
        let result = self.try_to_read(buffer);
        let end = match result {
            Ok(_) if buffer.is_empty() => WaitEnd::NoRoom,
            Ok(count) => WaitEnd::Bytes(buffer[..count].to_vec()),
            Err(kind) => WaitEnd::Failed(kind),
        };
        self.note("read", from, self.read_timeout, end);
        result
    }

    fn try_to_connect(&mut self, timeout: u64) -> Result<(), ErrorKind> {
        if self.last_step.is_some() {
            return Err(ErrorKind::InvalidInput);
        }
        let (delay, result) = match self.server.connect {
            Connect::Accept(delay) => (delay, Ok(())),
            Connect::Refuse(delay, kind) => (delay, Err(kind)),
            Connect::Silence => (u64::MAX, Err(ErrorKind::TimedOut)),
        };
        if delay >= timeout {
            self.now = self.now.saturating_add(timeout);
            return Err(ErrorKind::TimedOut);
        }
        self.now = self.now.saturating_add(delay);
        self.last_step = result.is_ok().then_some(self.now);
        result
    }

    fn try_to_read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let last_step = self.last_step.ok_or(ErrorKind::NotConnected)?;
        if buffer.is_empty() {
            return Ok(0);
        }
        let delay = match (self.server.pieces.get(self.piece), self.server.ending) {
            (Some((delay, _)), _) => Some(*delay),
            (None, (_, Ending::Silence)) => None,
            (None, (delay, _)) => Some(delay),
        };
        self.wait_until(delay.map(|delay| last_step.saturating_add(delay)))?;
        self.hand_out(buffer)
    }

    /// Waits for a step of the server, if it will do one.
    fn wait_until(&mut self, step: Option<u64>) -> Result<(), ErrorKind> {
        let over = self.read_timeout.map(|timeout| self.now.saturating_add(timeout));
        match (step, over) {
            (Some(step), _) if step <= self.now => Ok(()),
            (Some(step), over) if over.is_none_or(|over| step < over) => {
                self.now = step;
                Ok(())
            }
            (_, Some(over)) => {
                self.now = over;
                Err(ErrorKind::WouldBlock)
            }
            (_, None) => {
                self.note("read", self.now, None, WaitEnd::Never);
                did_not_terminate()
            }
        }
    }

    /// Hands out what the step brought, as far as there is room.
    fn hand_out(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let Some((delay, piece)) = self.server.pieces.get(self.piece) else {
            return match self.server.ending {
                (_, Ending::Fail(kind)) if !self.failure_is_told => {
                    self.failure_is_told = true;
                    Err(kind)
                }
                _ => Ok(0),
            };
        };
        let rest = &piece[self.offset..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.offset += count;
        if count == rest.len() {
            self.last_step = self.last_step.map(|last| last.saturating_add(*delay));
            self.piece += 1;
            self.offset = 0;
        }
        Ok(count)
    }

    fn count(&self) {
        match self.calls_left.get() {
            0 => did_not_terminate(),
            left => self.calls_left.set(left - 1),
        }
    }

    fn note(&mut self, call: &'static str, from: u64, timeout: Option<u64>, end: WaitEnd) {
        let until = self.now;
        self.waits.push(Wait { call, from, timeout, until, end });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(server: Server) -> Net {
        Net::new(&Case { start: 100, deadline: 130, server })
    }

    #[test]
    fn a_wait_takes_until_the_step_or_until_its_time_is_over() {
        let server = Server::accepting(10).sending(20, b"ok").ending(5, Ending::End);
        let mut net = net(server);
        assert_eq!(net.connect(Some(10)), Err(ErrorKind::TimedOut));
        assert_eq!((net.connect(Some(11)), net.now()), (Ok(()), 120));
        net.set_read_timeout(Some(20));
        let mut byte = [0];
        assert_eq!((net.read(&mut byte), net.now()), (Err(ErrorKind::WouldBlock), 140));
        assert_eq!((net.read(&mut byte), byte, net.now()), (Ok(1), *b"o", 140));
        assert_eq!((net.read(&mut byte), byte, net.now()), (Ok(1), *b"k", 140));
        assert_eq!((net.read(&mut byte), net.now()), (Ok(0), 145));
        assert_eq!((net.read(&mut byte), net.now()), (Ok(0), 145));
    }

    #[test]
    fn each_error_has_the_name_that_it_has_on_a_socket() {
        let mut silent = net(Server::default());
        assert_eq!((silent.connect(None), silent.now()), (Err(ErrorKind::TimedOut), 100 + SYSTEM));
        assert_eq!(silent.read(&mut [0]), Err(ErrorKind::NotConnected));
        let mut refusing = net(Server::refusing(5, ErrorKind::ConnectionRefused));
        assert_eq!(refusing.connect(None), Err(ErrorKind::ConnectionRefused));
        let reset = Ending::Fail(ErrorKind::ConnectionReset);
        let mut resetting = net(Server::accepting(0).ending(0, reset));
        assert_eq!(resetting.connect(None), Ok(()));
        assert_eq!(resetting.connect(None), Err(ErrorKind::InvalidInput));
        assert_eq!(resetting.read(&mut [0]), Err(ErrorKind::ConnectionReset));
        assert_eq!(resetting.read(&mut [0]), Ok(0));
    }
}
