//! A connection in virtual time to a server that does what a case says.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::ErrorKind;

use super::case::{Case, Step};
use crate::did_not_terminate;

/// Calls after which a solution is taken to go on for ever: this many, and some for each byte of
/// the reply and each millisecond of the server, for a solution that goes by those. Others make a
/// handful.
const CALLS: u64 = 1_000;
const CALLS_FOR_EACH: u64 = 4;

/// After how many milliseconds the system itself ends a connect that no server answers: on Linux.
const SYSTEM: u64 = 131_000;

/// A connection to one server, and a clock, in milliseconds.
#[derive(Debug, Default)]
pub struct Net {
    pub(super) now: u64,
    /// What the server has still to do. A piece of which a part was read is one with the rest.
    steps: VecDeque<(u64, Step)>,
    /// When the server did its last step; `None` before there is a connection.
    last_step: Option<u64>,
    read_timeout: Option<u64>,
    pub(super) waits: Vec<Wait>,
    calls_left: Cell<u64>,
}

/// One wait, as the net saw it.
#[derive(Clone, Debug)]
pub(super) struct Wait {
    pub(super) call: &'static str,
    pub(super) from: u64,
    pub(super) timeout: Option<u64>,
    pub(super) until: u64,
    pub(super) end: WaitEnd,
}

/// How a wait ended.
#[derive(Clone, Debug)]
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
        let calls = CALLS + CALLS_FOR_EACH * (case.reply().len() as u64 + case.time());
        Net {
            now: case.start,
            steps: case.steps.clone().into(),
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
        let in_time = self.steps.front().filter(|(delay, _)| *delay < timeout);
        let Some((delay, step)) = in_time else {
            self.now = self.now.saturating_add(timeout);
            return Err(ErrorKind::TimedOut);
        };
        self.now = self.now.saturating_add(*delay);
        if let Step::Fail(kind) = step {
            return Err(*kind);
        }
        self.last_step = Some(self.now);
        self.steps.pop_front();
        Ok(())
    }

    fn try_to_read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let last_step = self.last_step.ok_or(ErrorKind::NotConnected)?;
        if buffer.is_empty() {
            return Ok(0);
        }
        let over = self.read_timeout.map(|timeout| self.now.saturating_add(timeout));
        let next = self.steps.front().map(|(delay, _)| last_step.saturating_add(*delay));
        let in_time = next.filter(|&at| at <= self.now || over.is_none_or(|over| at < over));
        match (in_time, over) {
            (Some(at), _) => {
                self.now = self.now.max(at);
                self.hand_out(buffer, at)
            }
            (None, Some(over)) => {
                self.now = over;
                Err(ErrorKind::WouldBlock)
            }
            (None, None) => {
                self.note("read", self.now, None, WaitEnd::Never);
                did_not_terminate()
            }
        }
    }

    /// Hands out what the step at this moment brings, as far as there is room.
    fn hand_out(&mut self, buffer: &mut [u8], at: u64) -> Result<usize, ErrorKind> {
        let Some((_, step)) = self.steps.front_mut() else { return Ok(0) };
        match step {
            Step::Send(piece) => {
                let count = piece.len().min(buffer.len());
                buffer[..count].copy_from_slice(&piece[..count]);
                piece.drain(..count);
                if piece.is_empty() {
                    self.last_step = Some(at);
                    self.steps.pop_front();
                }
                Ok(count)
            }
            Step::Fail(kind) => {
                let kind = *kind;
                *step = Step::End;
                Err(kind)
            }
            Step::Accept | Step::End => Ok(0),
        }
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
