//! Messages on a byte stream.
//!
//! TCP keeps the order of the bytes and forgets where each write ended, so a program that wants
//! messages has to mark their ends itself. There are two ways. A **delimiter**: a byte that ends a
//! message and cannot stand inside one ([`Framing::Lines`]). A **length prefix**: the number of
//! bytes goes ahead of them, and they may be any bytes at all ([`Framing::Frames`]). [`encode`]
//! writes either, [`Decoder`] reads either from pieces of any size.
//!
//! ```text
//!  Lines     body … 0a
//!
//!  Frames    0        1        2        3        4
//!            +--------+--------+--------+--------+------
//!            |    length of the body, u32, big   | body …
//!            +--------+--------+--------+--------+------
//! ```
//!
//! [`Framing::ShortFrames`] are the same with a length of two bytes, as DNS has them on TCP.
//!
//! What holds, whatever bytes arrive and however they are cut:
//!
//! * A message comes out exactly as it went in, or an error is returned; the pieces make no
//!   difference.
//! * A message over the limit is refused when its length is known, before memory is allocated for
//!   it.
//! * The buffer grows only as bytes arrive, and never beyond one message of the limit and its
//!   marking.
//! * After an error the position in the stream is lost: the same error is returned again, and the
//!   connection must end.
//!
//! Left out: a checksum. TCP has one of 16 bits, and what must not be altered on purpose needs TLS
//! anyway.

use std::io::{self, Read};
use std::ops::Range;

/// The limit on a message unless another is set, in bytes.
pub const DEFAULT_MAX_MESSAGE: usize = 64 * 1024;

/// Bytes of the length ahead of a frame.
pub const HEADER: usize = 4;

/// Bytes of the length ahead of a short frame.
const SHORT_HEADER: usize = 2;

/// What a decoder's buffer starts with, in bytes, where the limit allows as much.
const INITIAL_BUFFER: usize = 8 * 1024;

/// The longest beginning of a message that moves into a borrowed buffer, in bytes.
const MAX_MOVED: usize = 4 * 1024;

/// How messages are marked on a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Each message ends with a newline (`0a`) and holds none. People can type it, and `nc` speaks
    /// it.
    Lines,
    /// Each message follows its length, four bytes, most significant first. It may hold any bytes,
    /// or none.
    Frames,
    /// The same with a length of two bytes, so up to 65,535 bytes: messages of DNS on TCP (RFC
    /// 1035, section 4.2.2).
    ShortFrames,
}

impl Framing {
    /// The bytes that mark a message, beside its body.
    fn marking(self) -> usize {
        match self {
            Framing::Lines => 1,
            Framing::Frames => HEADER,
            Framing::ShortFrames => SHORT_HEADER,
        }
    }
}

/// Why bytes are an invalid message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The message is longer than the limit of this side.
    #[error("a message of {claimed} bytes is over the limit of {limit}")]
    TooLong {
        /// What its length says, or for a line the bytes seen so far.
        claimed: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The stream ended inside a message. Its beginning is not a message.
    #[error("the stream ended inside a message, after {have} bytes of it")]
    CutShort {
        /// The bytes of the unfinished message that came, its marking counted.
        have: usize,
    },
    /// A message that holds a newline cannot be sent as one line.
    #[error("a message that holds a newline cannot be sent as one line")]
    NewlineInLine,
}

/// Finds the messages in a stream that arrives in pieces, and lends each without copying it.
///
/// ```
/// use common::frame::{Decoder, Framing};
///
/// let mut decoder = Decoder::new(Framing::Frames, 100);
/// let mut first_piece: &[u8] = &[0, 0, 0, 3, b'o'];
/// let mut second_piece: &[u8] = &[b'n', b'e', 0, 0];
///
/// decoder.read_from(&mut first_piece)?;
/// assert_eq!(decoder.decode()?, None); // not all of it is there yet
/// decoder.read_from(&mut second_piece)?;
/// assert_eq!(decoder.decode()?, Some(&b"one"[..]));
/// assert_eq!(decoder.decode()?, None);
/// assert!(decoder.finish().is_err()); // two bytes of a header are not a message
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    limit: usize,
    /// The bytes received and not yet decoded are `buffer[start..end]`; the rest is room to read
    /// into.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// How many bytes from `start` on are known to hold no newline, so that a long line is searched
    /// once.
    searched: usize,
    /// Whether the buffer is one that many decoders share.
    is_borrowing: bool,
}

impl Decoder {
    /// A decoder of messages of at most `limit` bytes each, marking not counted.
    pub fn new(framing: Framing, limit: usize) -> Decoder {
        let buffer = Vec::new();
        Decoder { framing, limit, buffer, start: 0, end: 0, searched: 0, is_borrowing: false }
    }

    /// Reads once from `reader` and returns how many bytes came; 0 means the end of the stream.
    ///
    /// # Errors
    /// Those of `reader`.
    ///
    /// # Panics
    /// If the buffer is full because [`decode`](Decoder::decode) was not called until it returned
    /// `None`, or was ignored when it failed.
    pub fn read_from(&mut self, reader: &mut impl Read) -> io::Result<usize> {
        self.make_room();
        let count = reader.read(&mut self.buffer[self.end..])?;
        self.end += count;
        Ok(count)
    }

    /// The next message, if all its bytes have come. `None`: more are needed.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] as soon as the length is known to be over the limit.
    pub fn decode(&mut self) -> Result<Option<&[u8]>, FrameError> {
        let body = self.advance()?;
        Ok(body.map(|body| self.lend(body)))
    }

    /// Checks whether the stream may end here.
    ///
    /// # Errors
    /// [`FrameError::CutShort`] if bytes of an unfinished message are left.
    pub fn finish(&self) -> Result<(), FrameError> {
        match self.end - self.start {
            0 => Ok(()),
            have => Err(FrameError::CutShort { have }),
        }
    }

    /// The memory of the buffer, in bytes.
    pub fn memory(&self) -> usize {
        self.buffer.capacity()
    }

    /// Reads into this buffer from now on, until [`give_back`](Decoder::give_back). The bytes of an
    /// unfinished message move into it if they are few. A longer one keeps the buffer that it has,
    /// so that its bytes are not copied before each read.
    pub(crate) fn borrow(&mut self, shared: &mut Vec<u8>) {
        let have = self.end - self.start;
        if have > MAX_MOVED || have >= shared.len() {
            return;
        }
        shared[..have].copy_from_slice(&self.buffer[self.start..self.end]);
        std::mem::swap(&mut self.buffer, shared);
        (self.start, self.end) = (0, have);
        self.is_borrowing = true;
    }

    /// Gives a borrowed buffer back, and keeps the bytes of an unfinished message: a connection
    /// between two messages takes no memory here.
    pub(crate) fn give_back(&mut self, shared: &mut Vec<u8>) {
        if std::mem::take(&mut self.is_borrowing) {
            let rest = self.buffer[self.start..self.end].to_vec();
            *shared = std::mem::replace(&mut self.buffer, rest);
            (self.start, self.end) = (0, self.buffer.len());
        } else if self.start == self.end {
            (self.buffer, self.start, self.end) = (Vec::new(), 0, 0);
        }
    }

    /// Whether no received byte waits to be decoded.
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Whether the last read could have returned more bytes than it did.
    pub(crate) fn has_room(&self) -> bool {
        self.end < self.buffer.len()
    }

    /// Steps over the next whole message and returns where its body lies, until the next read.
    pub(crate) fn advance(&mut self) -> Result<Option<Range<usize>>, FrameError> {
        let received = &self.buffer[self.start..self.end];
        let found = match self.framing {
            Framing::Lines => find_line(received, self.searched, self.limit)?,
            Framing::Frames => find_frame(received, self.limit)?,
            Framing::ShortFrames => find_short_frame(received, self.limit)?,
        };
        let Some(Found { body, size }) = found else {
            self.searched = received.len();
            return Ok(None);
        };
        let body = self.start + body.start..self.start + body.end;
        self.start += size;
        self.searched = 0;
        Ok(Some(body))
    }

    /// The bytes at a place that [`advance`](Decoder::advance) returned.
    pub(crate) fn lend(&self, body: Range<usize>) -> &[u8] {
        &self.buffer[body]
    }

    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.start > self.buffer.len() - self.end {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.buffer.len() {
            let most = self.limit.saturating_add(self.framing.marking());
            let doubled = INITIAL_BUFFER.max(2 * self.buffer.len()).min(most);
            // `resize` alone would take up to twice as much.
            self.buffer.reserve_exact(doubled - self.end);
            self.buffer.resize(doubled, 0);
        }
        assert!(self.end < self.buffer.len(), "decode until it returns None before reading more");
    }
}

/// Appends `body`, with the marking of `framing`, to `out`.
///
/// # Errors
/// [`FrameError::NewlineInLine`] for a line that would be two, and [`FrameError::TooLong`] for a
/// frame over what its header can express: 4 GiB, or 65,535 bytes. `out` is unchanged then. The
/// limit of the receiver is checked by the receiver.
///
/// ```
/// use common::frame::{Framing, encode};
///
/// let mut out = Vec::new();
/// encode(Framing::Frames, b"one", &mut out)?;
/// encode(Framing::Lines, b"two", &mut out)?;
/// assert_eq!(out, b"\x00\x00\x00\x03onetwo\n");
/// # Ok::<(), common::frame::FrameError>(())
/// ```
pub fn encode(framing: Framing, body: &[u8], out: &mut Vec<u8>) -> Result<(), FrameError> {
    match framing {
        Framing::Lines => {
            if body.contains(&b'\n') {
                return Err(FrameError::NewlineInLine);
            }
            out.extend_from_slice(body);
            out.push(b'\n');
        }
        Framing::Frames => {
            let length = u32::try_from(body.len()).map_err(|_| FrameError::TooLong {
                claimed: body.len(),
                limit: u32::MAX as usize,
            })?;
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(body);
        }
        Framing::ShortFrames => {
            let length = u16::try_from(body.len()).map_err(|_| FrameError::TooLong {
                claimed: body.len(),
                limit: u16::MAX as usize,
            })?;
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(body);
        }
    }
    Ok(())
}

/// Where a whole message lies in the bytes received.
struct Found {
    body: Range<usize>,
    /// The bytes it takes, its marking counted.
    size: usize,
}

fn find_line(received: &[u8], searched: usize, limit: usize) -> Result<Option<Found>, FrameError> {
    let newline = received[searched..].iter().position(|&byte| byte == b'\n');
    let length = newline.map_or(received.len(), |at| searched + at);
    if length > limit {
        let claimed = length;
        return Err(FrameError::TooLong { claimed, limit });
    }
    Ok(newline.map(|_| Found { body: 0..length, size: length + 1 }))
}

fn find_frame(received: &[u8], limit: usize) -> Result<Option<Found>, FrameError> {
    let Some((header, rest)) = received.split_first_chunk::<HEADER>() else {
        return Ok(None);
    };
    let claimed = u32::from_be_bytes(*header) as usize;
    if claimed > limit {
        return Err(FrameError::TooLong { claimed, limit });
    }
    if rest.len() < claimed {
        return Ok(None);
    }
    let size = HEADER + claimed;
    Ok(Some(Found { body: HEADER..size, size }))
}

fn find_short_frame(received: &[u8], limit: usize) -> Result<Option<Found>, FrameError> {
    let Some((header, rest)) = received.split_first_chunk::<SHORT_HEADER>() else {
        return Ok(None);
    };
    let claimed = usize::from(u16::from_be_bytes(*header));
    if claimed > limit {
        return Err(FrameError::TooLong { claimed, limit });
    }
    if rest.len() < claimed {
        return Ok(None);
    }
    let size = SHORT_HEADER + claimed;
    Ok(Some(Found { body: SHORT_HEADER..size, size }))
}
