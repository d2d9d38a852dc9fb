//! How people get it wrong, and one reader that has the bugs that it is asked to have.

use std::io::{self, BufReader, ErrorKind, Read};

use super::{FrameError, HEADER, MAX_BODY};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    [
        OneReadIsAll, "one read is one message":
            "It takes what one read returns for one message, but TCP keeps no such boundaries: a \
             read takes what is there, half a frame or three.";
        ReadsAhead, "drops what follows the frame":
            "It reads past the frame, as a BufReader does, and forgets the rest, but those bytes \
             are out of the stream now, and they are how the next frame begins.";
        IgnoresShortReads, "ignores a short read":
            "It trusts a read to fill the buffer, but a read may return after one byte, and the \
             rest of the buffer still holds zeros.";
    ]
    [
        ShortLengthIsCut, "a short read of the length is a cut":
            "It takes a read that returns fewer than four bytes for the end of the stream, but the \
             rest may be on its way: only a read of no bytes is the end.";
        ShortBodyIsCut, "a short read of the body is a cut":
            "It takes a read that returns less than the body for the end of the stream, but the \
             rest may be on its way: only a read of no bytes is the end.";
        EndMakesBody, "an end inside the body makes a message":
            "It takes what came before the end for the message, but the length promised more: half \
             an order would be carried out.";
        BodyEndIsIo, "an end inside the body is passed on as it is":
            "It reads the body with read_exact and passes its UnexpectedEof on, but the answer to \
             that is CutShort; an Io error says that the stream itself failed.";
    ]
    [
        EmptyIsCut, "an empty body is cut short":
            "It reads an empty body like any other and takes the 0 for the end of the stream, but \
             a read into an empty buffer always returns 0.";
        LittleEndian, "wrong byte order":
            "It takes the first byte for the least significant, as this machine's memory does, but \
             on the wire the most significant comes first.";
        CountsHeader, "the length counts the header":
            "It takes the length for that of header and body together, but here it is the length \
             of the body alone.";
    ]
    [
        NoLimit, "no limit":
            "It believes every length, but a peer that sends four bytes can claim 4 GiB, and you \
             would take the memory and wait.";
        LateLimit, "the limit is checked too late":
            "It reads the body before it refuses a long frame, but a peer that claims 4 GiB would \
             have you take the memory and wait, which the limit is there to prevent.";
        LimitRefused, "the limit itself is refused":
            "It takes MAX_BODY for the first length that is too long, but it is the last that is \
             allowed.";
    ]
    [
        LengthEndIsGood, "an end inside the length is a good end":
            "It stops well whenever the length cannot be read, but if one to three of its bytes \
             came, the sender stopped in the middle of a frame.";
        LengthEndIsIo, "every end in the length is passed on as it is":
            "It leaves every end in the length to read_exact and `?`, but that makes it an Io \
             error: between two frames it is Ok(None), and after one to three bytes CutShort.";
    ]
    [
        FailureIsCut, "every failure is cut short":
            "It calls every error of the stream an end inside a frame, but a connection that was \
             reset has not ended, and callers treat the two differently.";
    ]
}

type Frame = Result<Option<Vec<u8>>, FrameError>;

/// What is right, but for the bugs.
pub(super) fn read_frame(bugs: Bugs<Bug>, stream: &mut dyn Read) -> Frame {
    const LARGEST: usize = HEADER + MAX_BODY;
    let frame = if bugs.has(Bug::OneReadIsAll) {
        let mut message = [0; LARGEST];
        let count = stream.read(&mut message);
        count.map_err(FrameError::from).and_then(|count| frame(bugs, &mut &message[..count]))
    } else if bugs.has(Bug::ReadsAhead) {
        frame(bugs, &mut BufReader::with_capacity(LARGEST, stream))
    } else {
        frame(bugs, stream)
    };
    match frame {
        Err(FrameError::Io(_)) if bugs.has(Bug::FailureIsCut) => Err(FrameError::CutShort),
        frame => frame,
    }
}

fn frame(bugs: Bugs<Bug>, stream: &mut dyn Read) -> Frame {
    let Some(header) = header(bugs, stream)? else {
        return Ok(None);
    };
    let length = match bugs.has(Bug::LittleEndian) {
        true => u32::from_le_bytes(header),
        false => u32::from_be_bytes(header),
    };
    let counted = if bugs.has(Bug::CountsHeader) { HEADER as u32 } else { 0 };
    let length = length.saturating_sub(counted) as usize;
    let most = if bugs.has(Bug::LimitRefused) { MAX_BODY - 1 } else { MAX_BODY };
    let is_refused = length > most && !bugs.has(Bug::NoLimit);
    if is_refused && !bugs.has(Bug::LateLimit) {
        return Err(FrameError::TooLong);
    }
    match body(bugs, stream, length) {
        Ok(_) | Err(FrameError::CutShort) if is_refused => Err(FrameError::TooLong),
        body => body.map(Some),
    }
}

fn header(bugs: Bugs<Bug>, stream: &mut dyn Read) -> Result<Option<[u8; HEADER]>, FrameError> {
    let is_filled = bugs.has(Bug::IgnoresShortReads) && !bugs.has(Bug::ShortLengthIsCut);
    let header = match is_filled || bugs.has(Bug::ShortLengthIsCut) {
        true => one_read(HEADER, stream)?,
        false => up_to(HEADER, stream)?,
    };
    match header.len() {
        0 if bugs.has(Bug::LengthEndIsIo) => return Err(unexpected_end()),
        0 => return Ok(None),
        1..HEADER if is_filled => return Ok(filled(header, HEADER).try_into().ok()),
        1..HEADER if bugs.has(Bug::LengthEndIsGood) => return Ok(None),
        1..HEADER if bugs.has(Bug::LengthEndIsIo) => return Err(unexpected_end()),
        1..HEADER => return Err(FrameError::CutShort),
        _ => {}
    }
    header.try_into().map(Some).map_err(|_| FrameError::CutShort)
}

fn body(bugs: Bugs<Bug>, stream: &mut dyn Read, length: usize) -> Result<Vec<u8>, FrameError> {
    let is_filled = bugs.has(Bug::IgnoresShortReads) && !bugs.has(Bug::ShortBodyIsCut);
    let body = match is_filled || bugs.has(Bug::ShortBodyIsCut) {
        true => one_read(length, stream)?,
        false => up_to(length, stream)?,
    };
    let count = body.len();
    match count < length {
        false if length == 0 && bugs.has(Bug::EmptyIsCut) => Err(FrameError::CutShort),
        true if is_filled && (count > 0 || bugs.has(Bug::EndMakesBody)) => Ok(filled(body, length)),
        true if bugs.has(Bug::EndMakesBody) => Ok(body),
        true if bugs.has(Bug::BodyEndIsIo) => Err(unexpected_end()),
        true => Err(FrameError::CutShort),
        false => Ok(body),
    }
}

/// The bytes with zeros after them, but no megabytes of these for a length that is believed.
fn filled(mut bytes: Vec<u8>, length: usize) -> Vec<u8> {
    bytes.resize(length.min(1 << 20), 0);
    bytes
}

/// What comes in one read; of a stream, no piece is longer than this.
fn one_read(most: usize, stream: &mut dyn Read) -> io::Result<Vec<u8>> {
    const LONGEST_PIECE: usize = 4_000;
    let mut bytes = vec![0; most.min(LONGEST_PIECE)];
    let count = if most == 0 { 0 } else { stream.read(&mut bytes)? };
    bytes.truncate(count);
    Ok(bytes)
}

/// What comes until there are so many bytes or the stream ends.
fn up_to(most: usize, stream: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unexpected_end() -> FrameError {
    FrameError::Io(ErrorKind::UnexpectedEof.into())
}
