//! One connection of a loop: what of it is unread, and what is unsent.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use mio::net::TcpStream;

use super::TURN;
use crate::frame::{self, Decoder, Framing};
use crate::transport::{Limits, Reason, TransportError};

/// A buffer of answers that has grown beyond this is given back when they are sent.
const MAX_KEPT: usize = 1024;

/// Longer than any process runs, and not beyond the end of the clock.
const NEVER: Duration = Duration::from_secs(u32::MAX as u64);

/// Whether more can come from a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is open.
    Open,
    /// The peer has ended its stream, after a whole message. It may still read.
    Ended,
}

impl Progress {
    /// Whether it is open.
    pub fn is_open(self) -> bool {
        self == Progress::Open
    }
}

/// How a connection's turn went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// All that can be read for now is read.
    Over,
    /// There may be more, for its next turn.
    NotOver,
    /// The stream has ended.
    Ended,
}

/// Where the answers of a connection go, until they are flushed.
pub struct Outgoing<'a> {
    framing: Framing,
    unsent: &'a mut Vec<u8>,
}

impl Outgoing<'_> {
    /// Adds a message.
    ///
    /// # Panics
    /// If the framing cannot carry it, such as a line with a newline in it.
    pub fn send(&mut self, message: &[u8]) {
        let encoded = frame::encode(self.framing, message, self.unsent);
        encoded.expect("the caller sends what its framing can carry");
    }
}

pub(super) struct Connection {
    stream: TcpStream,
    /// Where a connection that is being made leads.
    connecting_to: Option<SocketAddr>,
    framing: Framing,
    pub(super) decoder: Decoder,
    /// Encoded messages, of which the first `sent` bytes have left.
    unsent: Vec<u8>,
    sent: usize,
    /// Why nothing more can be sent. The next read returns it.
    broken: Option<io::Error>,
    /// Whether it stands in the queue of those to be read, and of those to be flushed.
    pub(super) is_queued: bool,
    pub(super) is_unflushed: bool,
    /// Whether its next message waits for the answer to the last.
    pub(super) is_paused: bool,
    /// Whether it was to be read while something was unsent.
    was_held_back: bool,
    /// Whether it ends when all is sent.
    pub(super) is_finishing: bool,
    pub(super) timeout: Duration,
    pub(super) deadline: Instant,
    /// When the loop looks at the deadline next. Not later than the deadline.
    pub(super) entry: Instant,
    /// Whether a deadline has passed. The next read returns that, unless it finds a whole message.
    pub(super) is_late: bool,
    /// Whether all is read that the system has reported.
    pub(super) is_drained: bool,
    /// Whether the system has reported the end of the stream, which it does once.
    pub(super) is_end_reported: bool,
}

impl Connection {
    pub(super) fn accepted(stream: TcpStream, framing: Framing, limits: &Limits) -> Connection {
        // An answer is small and complete: it does not wait for more to fill a packet.
        let _ = stream.set_nodelay(true);
        Connection {
            stream,
            connecting_to: None,
            framing,
            decoder: Decoder::new(framing, limits.max_message),
            unsent: Vec::new(),
            sent: 0,
            broken: None,
            is_queued: false,
            is_unflushed: false,
            is_paused: false,
            was_held_back: false,
            is_finishing: false,
            timeout: limits.idle,
            deadline: super::now(),
            entry: super::now(),
            is_late: false,
            is_drained: false,
            is_end_reported: false,
        }
    }

    pub(super) fn connect(
        addr: SocketAddr,
        framing: Framing,
        limits: &Limits,
    ) -> io::Result<Connection> {
        let stream = TcpStream::connect(addr)?;
        let connecting_to = Some(addr);
        Ok(Connection { connecting_to, ..Connection::accepted(stream, framing, limits) })
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    pub(super) fn outgoing(&mut self) -> Outgoing<'_> {
        Outgoing { framing: self.framing, unsent: &mut self.unsent }
    }

    pub(super) fn unsent(&self) -> usize {
        self.unsent.len() - self.sent
    }

    pub(super) fn has_unsent(&self) -> bool {
        self.unsent() > 0
    }

    pub(super) fn extend_deadline(&mut self, now: Instant) {
        // A timeout of zero would pass again and again within one turn, and one beyond the end of
        // the clock never passes.
        let timeout = self.timeout.clamp(Duration::from_millis(1), NEVER);
        self.deadline = now + timeout;
        self.is_late = false;
    }

    /// Hands over what can be read in this turn.
    pub(super) fn read(
        &mut self,
        now: Instant,
        take: impl FnMut(&[u8], &mut Outgoing<'_>) -> ControlFlow<()>,
    ) -> Result<Turn, TransportError> {
        let turn = self.receive(now, take)?;
        // Asked last: a message that came in time may have waited for this loop.
        if std::mem::take(&mut self.is_late) && turn != Turn::Ended {
            return Err(self.timed_out());
        }
        Ok(turn)
    }

    pub(super) fn timed_out(&self) -> TransportError {
        let doing = match (self.connecting_to, self.has_unsent()) {
            (Some(_), _) => "connecting",
            (None, true) => "sending",
            (None, false) => "waiting for a message",
        };
        TransportError::TimedOut { doing }
    }

    /// How it ends if it is not read any more. Whole messages that were not handed over are left
    /// out: the loop is not to take them.
    pub(super) fn end(&mut self) -> Result<(), TransportError> {
        if let Some(error) = self.broken.take() {
            return Err(TransportError::io("sending", error));
        }
        while self.decoder.advance()?.is_some() {}
        Ok(self.decoder.finish()?)
    }

    fn receive(
        &mut self,
        now: Instant,
        mut take: impl FnMut(&[u8], &mut Outgoing<'_>) -> ControlFlow<()>,
    ) -> Result<Turn, TransportError> {
        if let Some(error) = self.broken.take() {
            return Err(TransportError::io("sending", error));
        }
        if !self.is_connected()? || self.is_paused || self.is_finishing {
            return Ok(Turn::Over);
        }
        self.was_held_back = self.has_unsent();
        if self.was_held_back {
            return Ok(Turn::Over);
        }
        let mut taken = 0;
        loop {
            if let Some(turn) = self.hand_over(now, &mut take)? {
                return Ok(turn);
            }
            if self.is_drained {
                return Ok(Turn::Over);
            }
            if taken >= TURN {
                return Ok(Turn::NotOver);
            }
            match self.decoder.read_from(&mut self.stream) {
                Ok(0) => {
                    self.decoder.finish()?;
                    return Ok(Turn::Ended);
                }
                Ok(count) => {
                    taken += count;
                    self.is_drained = self.took_all();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Turn::Over),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(TransportError::io("receiving", error)),
            }
        }
    }

    /// Whether the read that has just returned took all there was: then the next report of the
    /// system says that more has come, and a second read for each message is saved.
    fn took_all(&self) -> bool {
        // On Windows there is no report before a read has failed. And an end that was reported with
        // the last bytes is not reported again.
        cfg!(unix) && self.decoder.has_room() && !self.is_end_reported
    }

    /// Whether a read may find something, though the system reports nothing new.
    pub(super) fn may_have_more(&self) -> bool {
        !self.is_drained || !self.decoder.is_empty()
    }

    /// Hands over the messages that are there. Says how the turn went, if it ends with them.
    fn hand_over(
        &mut self,
        now: Instant,
        take: &mut impl FnMut(&[u8], &mut Outgoing<'_>) -> ControlFlow<()>,
    ) -> Result<Option<Turn>, TransportError> {
        while let Some(body) = self.decoder.advance()? {
            self.extend_deadline(now);
            let mut out = Outgoing { framing: self.framing, unsent: &mut self.unsent };
            if take(self.decoder.lend(body), &mut out).is_break() {
                self.is_paused = true;
                return Ok(Some(Turn::Over));
            }
            if self.unsent() >= TURN {
                return Ok(Some(Turn::NotOver));
            }
        }
        Ok(None)
    }

    /// Whether a connection that was begun is there.
    fn is_connected(&mut self) -> Result<bool, TransportError> {
        let Some(addr) = self.connecting_to else {
            return Ok(true);
        };
        match connected(&self.stream) {
            Ok(true) => self.connecting_to = None,
            Ok(false) => {}
            Err(error) => return Err(cannot_connect(addr, error)),
        }
        Ok(self.connecting_to.is_none())
    }

    /// Writes as much as the socket takes.
    pub(super) fn flush(&mut self, now: Instant) {
        if !self.has_unsent() || self.connecting_to.is_some() {
            return;
        }
        match write_all(&mut self.stream, &self.unsent, &mut self.sent) {
            Ok(()) if self.has_unsent() => return,
            Ok(()) => self.extend_deadline(now),
            Err(error) => self.broken = Some(error),
        }
        (self.sent, self.unsent) = match self.unsent.capacity() {
            0..=MAX_KEPT => {
                self.unsent.clear();
                (0, std::mem::take(&mut self.unsent))
            }
            _ => (0, Vec::new()),
        };
    }

    /// Whether it is to be read again after a flush, though the system reports nothing.
    pub(super) fn wants_turn(&self) -> bool {
        self.broken.is_some() || (self.was_held_back && !self.has_unsent())
    }

    /// Reads what has come and was never asked for, without waiting: closing over unread bytes is
    /// a reset (RFC 1122, section 4.2.2.13), which discards answers that are still in flight.
    pub(super) fn discard_unread(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        let mut rest = [0; 4096];
        // So many and no more: a peer may send without end.
        for _ in 0..256 {
            if !matches!(self.stream.read(&mut rest), Ok(count) if count > 0) {
                break;
            }
        }
    }
}

/// Writes the bytes from `sent` on until they are written, or the writer would block.
fn write_all(writer: &mut impl Write, bytes: &[u8], sent: &mut usize) -> io::Result<()> {
    while *sent < bytes.len() {
        match writer.write(&bytes[*sent..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => *sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether a connection that is being made is there by now.
fn connected(stream: &TcpStream) -> io::Result<bool> {
    if let Some(error) = stream.take_error()? {
        return Err(error);
    }
    match stream.peer_addr() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn cannot_connect(addr: SocketAddr, error: io::Error) -> TransportError {
    TransportError::Connect { addr, source: Reason(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes one byte, then would block, and so on.
    #[derive(Default)]
    struct Narrow {
        taken: Vec<u8>,
        is_full: bool,
    }

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.is_full = !self.is_full;
            if self.is_full {
                return Err(ErrorKind::WouldBlock.into());
            }
            self.taken.push(bytes[0]);
            Ok(1)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_socket_that_takes_one_byte_at_a_time_gets_all() {
        let (mut narrow, mut sent) = (Narrow::default(), 0);
        let mut turns = 0;
        while sent < 5 {
            write_all(&mut narrow, b"hello", &mut sent).unwrap();
            turns += 1;
        }
        assert_eq!((&*narrow.taken, turns), (&b"hello"[..], 6));
    }

    #[test]
    fn a_socket_that_takes_nothing_is_an_error() {
        let mut full: &mut [u8] = &mut [];
        let error = write_all(&mut full, b"hello", &mut 0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WriteZero);
    }
}
