//! How people get it wrong, and one reader that has the bugs that it is asked to have.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use super::{FrameError, HEADER, MAX_BODY};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    OneReadIsAll, "one read is one message":
        "It takes what one read returns for one message, but TCP keeps no such boundaries: that \
         may be half a frame or three.";
    | ReadsAhead, "drops what follows the frame":
        "It reads past the frame, as a BufReader does, and forgets the rest, but that is how the \
         next frame begins.";
    | IgnoresShortReads, "ignores a short read":
        "It trusts a read to fill the buffer, but a read may return after one byte, and the rest \
         still holds zeros.";
    ShortLengthIsCut, "a short read of the length is a cut":
        "It takes a read of fewer than four bytes for the end of the stream, but the rest may be \
         on its way: only a read of 0 bytes is the end.";
    | ShortBodyIsAll, "one read is the body":
        "It takes what one read returns for the whole body, but a read may return after one byte.";
    | EndMakesBody, "an end inside the body makes a message":
        "It takes what came before the end for the message, but the length promised more.";
    | BodyEndIsIo, "an end inside the body is passed on as it is":
        "It passes the UnexpectedEof of read_exact on, but an Io error says that the stream itself \
         failed: this is CutShort.";
    EmptyIsCut, "an empty body is cut short":
        "It takes the 0 that a read of an empty body returns for the end of the stream, but a read \
         into an empty buffer always returns 0.";
    | LittleEndian, "wrong byte order":
        "It takes the first byte for the least significant, but on the wire the most significant \
         comes first.";
    | CountsHeader, "the length counts the header":
        "It takes the length for that of header and body together, but it is that of the body.";
    NoLimit, "no limit":
        "It believes every length, but a peer that sends four bytes can claim 4 GiB.";
    | LateLimit, "the limit is checked too late":
        "It reads the body before it refuses a long frame, but a peer that claims 4 GiB would have \
         you take the memory and wait.";
    | LimitRefused, "the limit itself is refused":
        "It takes MAX_BODY for the first length that is too long, but it is the last allowed.";
    LengthEndIsGood, "an end inside the length is a good end":
        "It takes every end in the length for one between frames, but after one to three bytes a \
         frame has begun.";
    FailureIsCut, "every failure is cut short":
        "It takes every error of the stream for an end inside a frame, but a connection that was \
         reset has not ended.";
    | FailureInsideIsCut, "a failure inside a frame is cut short":
        "It takes an error inside a frame for the end of the stream, but a connection that was \
         reset has not ended.";
}

type Frame = Result<Option<Vec<u8>>, FrameError>;

/// What is right, but for the bugs.
pub(super) fn read_frame(bugs: Bugs<Bug>, stream: &mut dyn Read) -> Frame {
    let mut buffered = BufReader::with_capacity(HEADER + MAX_BODY, stream);
    let frame = if bugs.has(Bug::OneReadIsAll) {
        let message = buffered.fill_buf().map_err(FrameError::from);
        message.and_then(|mut message| frame(bugs, &mut message))
    } else if bugs.has(Bug::ReadsAhead) {
        frame(bugs, &mut buffered)
    } else if bugs.has(Bug::FailureInsideIsCut) {
        let (stream, mut first) = (buffered.into_inner(), [0]);
        if stream.read(&mut first)? == 0 {
            return Ok(None);
        }
        frame(bugs, &mut first.chain(stream))
    } else {
        frame(bugs, buffered.into_inner())
    };
    match frame {
        Err(FrameError::Io(_))
            if bugs.has(Bug::FailureIsCut) || bugs.has(Bug::FailureInsideIsCut) =>
        {
            Err(FrameError::CutShort)
        }
        frame => frame,
    }
}

fn frame(bugs: Bugs<Bug>, stream: &mut dyn Read) -> Frame {
    let header = fill(bugs, Bug::ShortLengthIsCut, HEADER, stream)?;
    let Some(&header) = header.first_chunk::<HEADER>() else {
        return match header.len() {
            1.. if !bugs.has(Bug::LengthEndIsGood) => Err(FrameError::CutShort),
            _ => Ok(None),
        };
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
    let body = fill(bugs, Bug::ShortBodyIsAll, length, stream)?;
    match body.len() < length {
        true if bugs.has(Bug::BodyEndIsIo) => Err(io::Error::from(ErrorKind::UnexpectedEof).into()),
        _ if is_refused => Err(FrameError::TooLong),
        true if !body.is_empty() && bugs.has(Bug::ShortBodyIsAll) => Ok(Some(body)),
        true if !bugs.has(Bug::EndMakesBody) => Err(FrameError::CutShort),
        false if length == 0 && bugs.has(Bug::EmptyIsCut) => Err(FrameError::CutShort),
        _ => Ok(Some(body)),
    }
}

/// `count` bytes, or fewer where the stream ends: or what one read returns, for a solution that
/// takes less than all for an end, or that leaves the rest of its buffer as it was.
fn fill(bugs: Bugs<Bug>, is_cut: Bug, count: usize, stream: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut stream = stream.take(count as u64);
    if !bugs.has(is_cut) && !bugs.has(Bug::IgnoresShortReads) {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    // More than there is, but no gigabytes for a length that is believed.
    let mut bytes = vec![0; count.min(1 << 20)];
    let came = stream.read(&mut bytes)?;
    let sees_the_end = is_cut == Bug::ShortLengthIsCut || !bugs.has(Bug::EndMakesBody);
    if bugs.has(is_cut) || came == 0 && sees_the_end {
        bytes.truncate(came);
    }
    Ok(bytes)
}
