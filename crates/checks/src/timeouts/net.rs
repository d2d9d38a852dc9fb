//! A connection in virtual time to a server that does what a case says, and what a solution does
//! with it.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::ErrorKind;

use super::cases::{Case, Connect, Ending, NOW};
use super::{Call, Outcome};
use crate::{Panic, Stopped, Unsolved, answer, did_not_terminate};

/// Calls after which a solution is taken to go on for ever. A sound one makes a handful.
const MOST_CALLS: usize = 1_000;

/// The system's own patience with a connect that nobody answers, in milliseconds: that of Linux.
const SYSTEM: u64 = 131_000;

/// A connection to one server, and a clock, in milliseconds.
#[derive(Debug)]
pub struct Net {
    now: u64,
    server: Server,
    read_timeout: Option<u64>,
    waits: Vec<Wait>,
    calls: Cell<usize>,
}

#[derive(Debug)]
struct Server {
    connect: Connect,
    /// The pieces of the reply and their delays, each counted from the step before.
    pieces: VecDeque<(u64, Vec<u8>)>,
    ending: (u64, Ending),
    /// When it did its last step; `None` before there is a connection.
    last_step: Option<u64>,
    reset_is_told: bool,
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

/// What a solution did, and what it answered when.
#[derive(Clone, Debug)]
pub struct Seen {
    pub(super) waits: Vec<Wait>,
    pub(super) answer: Answer,
    pub(super) at: u64,
}

/// What a call answers, and what the judge makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Outcome(Outcome),
    Panicked(Panic),
    GoesOnForEver,
}

impl Net {
    fn new(case: &Case) -> Net {
        Net {
            now: NOW,
            server: Server {
                connect: case.connect,
                pieces: case.pieces.iter().cloned().collect(),
                ending: case.ends,
                last_step: None,
                reset_is_told: false,
            },
            read_timeout: None,
            waits: Vec::new(),
            calls: Cell::new(0),
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
        if self.server.last_step.is_some() {
            return Err(ErrorKind::InvalidInput);
        }
        let (delay, result) = match self.server.connect {
            Connect::Accept(delay) => (delay, Ok(())),
            Connect::Refuse(delay) => (delay, Err(ErrorKind::ConnectionRefused)),
            Connect::Silence => (u64::MAX, Err(ErrorKind::TimedOut)),
        };
        if delay >= timeout {
            self.now = self.now.saturating_add(timeout);
            return Err(ErrorKind::TimedOut);
        }
        self.now = self.now.saturating_add(delay);
        self.server.last_step = result.is_ok().then_some(self.now);
        result
    }

    fn try_to_read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let last_step = self.server.last_step.ok_or(ErrorKind::NotConnected)?;
        if buffer.is_empty() {
            return Ok(0);
        }
        let delay = self.server.next_delay();
        self.wait_until(delay.map(|delay| last_step.saturating_add(delay)))?;
        self.server.hand_out(buffer)
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

    fn count(&self) {
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() > MOST_CALLS {
            did_not_terminate();
        }
    }

    fn note(&mut self, call: &'static str, from: u64, timeout: Option<u64>, end: WaitEnd) {
        let until = self.now;
        self.waits.push(Wait { call, from, timeout, until, end });
    }
}

impl Server {
    /// The delay of its next step, if there is one.
    fn next_delay(&self) -> Option<u64> {
        match (self.pieces.front(), self.ending) {
            (Some((delay, _)), _) => Some(*delay),
            (None, (_, Ending::Silence)) => None,
            (None, (delay, _)) => Some(delay),
        }
    }

    /// Hands out what that step brought, as far as there is room.
    fn hand_out(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let Some((delay, piece)) = self.pieces.front_mut() else {
            return match self.ending {
                (_, Ending::Reset) if !self.reset_is_told => {
                    self.reset_is_told = true;
                    Err(ErrorKind::ConnectionReset)
                }
                _ => Ok(0),
            };
        };
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        piece.drain(..count);
        if piece.is_empty() {
            self.last_step = self.last_step.map(|last| last.saturating_add(*delay));
            self.pieces.pop_front();
        }
        Ok(count)
    }
}

impl Seen {
    /// Whether it is what the case asks for, at the moment at which it does.
    pub(super) fn is_right(&self, case: &Case) -> bool {
        let right = case.right();
        let Answer::Outcome(outcome) = &self.answer else {
            return false;
        };
        *outcome == right.outcome && self.at == right.at
    }

    /// Whether it is the same answer. A panic is one whenever, wherever and with whatever words it
    /// comes.
    pub(super) fn is_like(&self, other: &Seen) -> bool {
        match (&self.answer, &other.answer) {
            (Answer::Panicked(_), Answer::Panicked(_))
            | (Answer::GoesOnForEver, Answer::GoesOnForEver) => true,
            (one, answer) => one == answer && self.at == other.at,
        }
    }
}

pub(super) fn observe(solution: Call, case: &Case) -> Result<Seen, Unsolved> {
    let mut net = Net::new(case);
    let answer = match answer(|| solution(&mut net, case.deadline))? {
        Ok(outcome) => Answer::Outcome(outcome),
        Err(Stopped::Panicked(panic)) => Answer::Panicked(panic),
        Err(Stopped::DidNotTerminate) => Answer::GoesOnForEver,
        Err(Stopped::Unsolved(_)) => unreachable!("what is unsolved is no answer"),
    };
    Ok(Seen { waits: net.waits, answer, at: net.now })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(code: &str) -> Net {
        Net::new(&Case::parse(code).unwrap())
    }

    #[test]
    fn a_wait_takes_until_the_step_or_until_its_time_is_over() {
        let mut net = net("130.accept-10.2-20.end-5");
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
        let mut silent = net("130.silence");
        assert_eq!((silent.connect(None), silent.now()), (Err(ErrorKind::TimedOut), NOW + SYSTEM));
        assert_eq!(silent.read(&mut [0]), Err(ErrorKind::NotConnected));
        let mut refusing = net("130.refuse-5");
        assert_eq!(refusing.connect(None), Err(ErrorKind::ConnectionRefused));
        let mut resetting = net("130.accept-0.reset-0");
        assert_eq!(resetting.connect(None), Ok(()));
        assert_eq!(resetting.connect(None), Err(ErrorKind::InvalidInput));
        assert_eq!(resetting.read(&mut [0]), Err(ErrorKind::ConnectionReset));
        assert_eq!(resetting.read(&mut [0]), Ok(0));
    }
}
