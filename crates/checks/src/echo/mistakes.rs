//! How people get it wrong: each misunderstanding as the code that it leads to.
//!
//! All but what it touches is as in a right solution, so that each is known by its own answers.

use std::io::{self, ErrorKind, Read};

use super::{FrameError, HEADER, MAX_BODY, ReadFrame};
use crate::Mistake;

pub(super) const ALL: &[Mistake<ReadFrame>] = &[
    Mistake {
        name: "one read is one message",
        misunderstanding: "It takes what one read returns for one message, but TCP keeps no such \
                           boundaries: a read takes what is there, half a frame or three.",
        hint: "Count what each read returns. Until four bytes of length are there, and then until \
               the body is whole, read again.",
        solution: one_read_is_one_message,
    },
    Mistake {
        name: "ignores a short read",
        misunderstanding: "It trusts a read to fill the buffer, but a read may return after one \
                           byte, and the rest of the buffer still holds zeros.",
        hint: "Use the number that `read` returns: loop until the buffer is full or a read returns \
               0.",
        solution: ignores_a_short_read,
    },
    Mistake {
        name: "drops what follows the frame",
        misunderstanding: "It reads past the frame and forgets the rest, but those bytes are out \
                           of the stream now, and they are how the next frame begins.",
        hint: "Read into a buffer of exactly the bytes that are still missing: four for the \
               length, then as many as it says.",
        solution: drops_what_follows,
    },
    Mistake {
        name: "wrong byte order",
        misunderstanding: "It takes the first byte for the least significant, as this machine's \
                           memory does, but on the wire the most significant comes first.",
        hint: "`u32::from_be_bytes` takes the most significant byte first.",
        solution: wrong_byte_order,
    },
    Mistake {
        name: "the length counts the header",
        misunderstanding: "It takes the length for that of header and body together, but here it \
                           is the length of the body alone.",
        hint: "After the length read that many bytes, and do not take four off.",
        solution: length_counts_the_header,
    },
    Mistake {
        name: "no limit",
        misunderstanding: "It believes every length, but a peer that sends four bytes can claim 4 \
                           GiB, and you would take the memory and wait.",
        hint: "Compare the length with MAX_BODY before you take memory for the body.",
        solution: no_limit,
    },
    Mistake {
        name: "the limit is checked too late",
        misunderstanding: "It reads on before it refuses a long frame, but a peer that claims 4 \
                           GiB would have you take the memory and wait, which the limit is there \
                           to prevent.",
        hint: "Put the comparison with MAX_BODY right after the four bytes, before any further \
               read.",
        solution: limit_checked_too_late,
    },
    Mistake {
        name: "the limit itself is refused",
        misunderstanding: "It takes MAX_BODY for the first length that is too long, but it is the \
                           last that is allowed.",
        hint: "Refuse where the length is greater than MAX_BODY, not where it is equal.",
        solution: limit_itself_refused,
    },
    Mistake {
        name: "an end inside the body makes a message",
        misunderstanding: "It takes what came before the end for the message, but the length \
                           promised more: half an order would be carried out.",
        hint: "Where a read returns 0 before the body is whole, the answer is CutShort.",
        solution: end_inside_the_body_makes_a_message,
    },
    Mistake {
        name: "an end inside the length is a good end",
        misunderstanding: "It stops well whenever the length cannot be read, but if one to three \
                           of its bytes came, the sender stopped in the middle of a frame.",
        hint: "How many bytes of the length had come when the read returned 0? Only with none of \
               them is it Ok(None).",
        solution: end_inside_the_length_is_good,
    },
    Mistake {
        name: "a good end is an error",
        misunderstanding: "It calls every end an error, but a peer has to stop some time, and \
                           between two frames is the place to.",
        hint: "Where the first read of the length returns 0, answer Ok(None).",
        solution: good_end_is_an_error,
    },
    Mistake {
        name: "an empty frame is the end",
        misunderstanding: "It takes a frame of no bytes for the end of the stream, but only a read \
                           of no bytes means that.",
        hint: "Let only a read into a buffer that is not empty tell you of the end; a length of 0 \
               asks for no read.",
        solution: empty_frame_is_the_end,
    },
    Mistake {
        name: "every failure is cut short",
        misunderstanding: "It calls every error of the stream an end inside a frame, but a \
                           connection that was reset has not ended, and callers treat the two \
                           differently.",
        hint: "Hand on the errors of `read` with `?`; CutShort is for a read that returns 0.",
        solution: every_failure_is_cut_short,
    },
    Mistake {
        name: "an end inside a frame is passed on as it is",
        misunderstanding: "It passes on the UnexpectedEof of read_exact, but the answer promised \
                           for that is CutShort; an Io error says that the stream itself failed.",
        hint: "Turn the ErrorKind::UnexpectedEof of read_exact into CutShort, or read in a loop \
               and see the 0 yourself.",
        solution: end_passed_on_as_it_is,
    },
    Mistake {
        name: "a short read of the body is ignored",
        misunderstanding: "It reads the length with care and the body with one read, but that may \
                           return after one byte, and the rest of the body still holds zeros.",
        hint: "Read the body with the same loop as the length.",
        solution: ignores_a_short_read_of_the_body,
    },
    Mistake {
        name: "a short read of the body is a cut",
        misunderstanding: "It takes a read that returns less than the body for the end of the \
                           stream, but the rest may be on its way: only a read of no bytes is the \
                           end.",
        hint: "Only a read that returns 0 is a cut. After any other, read again for what is \
               missing.",
        solution: short_read_of_the_body_is_a_cut,
    },
    Mistake {
        name: "reads to the end of the stream",
        misunderstanding: "It waits for the end of the stream before it looks, but a peer may keep \
                           the connection open for hours, and the frames after the first are lost.",
        hint: "Ask only for the bytes that this frame still needs, and answer as soon as they are \
               there.",
        solution: reads_to_the_end,
    },
    Mistake {
        name: "the limit counts the header",
        misunderstanding: "It compares the limit with header and body together, but MAX_BODY \
                           bounds the body alone.",
        hint: "Compare MAX_BODY with the length as it was sent; add nothing to it.",
        solution: limit_counts_the_header,
    },
    Mistake {
        name: "the end is an empty frame",
        misunderstanding: "It takes the end of the stream for a frame of no bytes, but such a \
                           frame is sent, as a length of 0; its caller would be handed frames for \
                           ever.",
        hint: "Where the first read of the length returns 0, answer Ok(None) before you look at a \
               length.",
        solution: end_is_an_empty_frame,
    },
    Mistake {
        name: "every end is passed on as it is",
        misunderstanding: "It leaves every end to read_exact and `?`, but UnexpectedEof is an Io \
                           error to them: a good end is Ok(None), and an end inside a frame is \
                           CutShort.",
        hint: "read_exact cannot tell a good end from a cut. Read the length in a loop of your \
               own, and count.",
        solution: every_end_passed_on_as_it_is,
    },
    Mistake {
        name: "every end is a good end",
        misunderstanding: "It takes every UnexpectedEof for a good end, but read_exact says the \
                           same between two frames and inside one, and only the first is good.",
        hint: "read_exact cannot tell a good end from a cut. Read the length in a loop of your \
               own, and count.",
        solution: every_end_is_good,
    },
    Mistake {
        name: "an end inside the body is passed on as it is",
        misunderstanding: "It takes care of the end in the length, but reads the body with \
                           read_exact and `?`, and there an end comes out as Io and not as \
                           CutShort.",
        hint: "Read the body with the same loop as the length, and answer CutShort where it ends \
               early.",
        solution: end_inside_the_body_passed_on,
    },
    Mistake {
        name: "read_exact says where the stream ended",
        misunderstanding: "It takes UnexpectedEof in the length for a good end and passes it on \
                           from the body, but read_exact does not say how many bytes came: after \
                           one to three of a length, or in a body, the frame is cut short.",
        hint: "Read the length in a loop of your own: an end after no byte is Ok(None), one after \
               one to three is CutShort.",
        solution: read_exact_says_where,
    },
];

type Frame = Result<Option<Vec<u8>>, FrameError>;

fn one_read_is_one_message(stream: &mut dyn Read) -> Frame {
    let mut message = [0; HEADER + MAX_BODY];
    let count = stream.read(&mut message)?;
    if count == 0 {
        return Ok(None);
    }
    let Some((header, body)) = message[..count].split_first_chunk() else {
        return Err(FrameError::CutShort);
    };
    let length = allowed(u32::from_be_bytes(*header))?;
    let body = body.get(..length).ok_or(FrameError::CutShort)?;
    Ok(Some(body.to_vec()))
}

fn ignores_a_short_read(stream: &mut dyn Read) -> Frame {
    let mut header = [0; HEADER];
    if stream.read(&mut header)? == 0 {
        return Ok(None);
    }
    let mut body = vec![0; allowed(u32::from_be_bytes(header))?];
    if !body.is_empty() && stream.read(&mut body)? == 0 {
        return Err(FrameError::CutShort);
    }
    Ok(Some(body))
}

fn drops_what_follows(stream: &mut dyn Read) -> Frame {
    let mut received = Vec::new();
    loop {
        if let Some((header, body)) = received.split_first_chunk() {
            let length = allowed(u32::from_be_bytes(*header))?;
            if let Some(body) = body.get(..length) {
                return Ok(Some(body.to_vec()));
            }
        }
        let mut chunk = [0; HEADER + MAX_BODY];
        match stream.read(&mut chunk)? {
            0 if received.is_empty() => return Ok(None),
            0 => return Err(FrameError::CutShort),
            count => received.extend_from_slice(&chunk[..count]),
        }
    }
}

fn wrong_byte_order(stream: &mut dyn Read) -> Frame {
    let Some(header) = header(stream)? else {
        return Ok(None);
    };
    body(stream, allowed(u32::from_le_bytes(header))?)
}

fn length_counts_the_header(stream: &mut dyn Read) -> Frame {
    let Some(header) = header(stream)? else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(header).saturating_sub(HEADER as u32);
    body(stream, allowed(length)?)
}

fn no_limit(stream: &mut dyn Read) -> Frame {
    match claim(stream)? {
        Some(length) => body(stream, length as usize),
        None => Ok(None),
    }
}

fn limit_checked_too_late(stream: &mut dyn Read) -> Frame {
    let Some(length) = claim(stream)? else {
        return Ok(None);
    };
    let body = body(stream, length as usize);
    allowed(length)?;
    body
}

fn limit_itself_refused(stream: &mut dyn Read) -> Frame {
    match claim(stream)? {
        Some(length) if length as usize >= MAX_BODY => Err(FrameError::TooLong),
        Some(length) => body(stream, length as usize),
        None => Ok(None),
    }
}

fn end_inside_the_body_makes_a_message(stream: &mut dyn Read) -> Frame {
    let Some(length) = claim(stream)? else {
        return Ok(None);
    };
    let mut body = Vec::new();
    let mut rest = stream.take(allowed(length)? as u64);
    rest.read_to_end(&mut body)?;
    Ok(Some(body))
}

fn end_inside_the_length_is_good(stream: &mut dyn Read) -> Frame {
    let mut header = [0; HEADER];
    match stream.read_exact(&mut header) {
        Ok(()) => body(stream, allowed(u32::from_be_bytes(header))?),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn good_end_is_an_error(stream: &mut dyn Read) -> Frame {
    let mut header = [0; HEADER];
    stream.read_exact(&mut header).map_err(cut_short)?;
    body(stream, allowed(u32::from_be_bytes(header))?)
}

fn empty_frame_is_the_end(stream: &mut dyn Read) -> Frame {
    match claim(stream)? {
        Some(0) | None => Ok(None),
        Some(length) => body(stream, allowed(length)?),
    }
}

fn every_failure_is_cut_short(stream: &mut dyn Read) -> Frame {
    let mut header = [0; HEADER];
    if stream.read(&mut header[..1]).map_err(|_| FrameError::CutShort)? == 0 {
        return Ok(None);
    }
    let cut_short = |_| FrameError::CutShort;
    stream.read_exact(&mut header[1..]).map_err(cut_short)?;
    let mut body = vec![0; allowed(u32::from_be_bytes(header))?];
    stream.read_exact(&mut body).map_err(cut_short)?;
    Ok(Some(body))
}

fn end_passed_on_as_it_is(stream: &mut dyn Read) -> Frame {
    let mut header = [0; HEADER];
    if stream.read(&mut header[..1])? == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut header[1..])?;
    let mut body = vec![0; allowed(u32::from_be_bytes(header))?];
    stream.read_exact(&mut body)?;
    Ok(Some(body))
}

fn ignores_a_short_read_of_the_body(stream: &mut dyn Read) -> Frame {
    let Some(length) = claim(stream)? else {
        return Ok(None);
    };
    let mut body = vec![0; allowed(length)?];
    if !body.is_empty() && stream.read(&mut body)? == 0 {
        return Err(FrameError::CutShort);
    }
    Ok(Some(body))
}

fn short_read_of_the_body_is_a_cut(stream: &mut dyn Read) -> Frame {
    let Some(length) = claim(stream)? else {
        return Ok(None);
    };
    let mut body = vec![0; allowed(length)?];
    if !body.is_empty() && stream.read(&mut body)? < body.len() {
        return Err(FrameError::CutShort);
    }
    Ok(Some(body))
}

fn reads_to_the_end(stream: &mut dyn Read) -> Frame {
    let mut received = Vec::new();
    if stream.read_to_end(&mut received)? == 0 {
        return Ok(None);
    }
    let (header, body) = received.split_first_chunk().ok_or(FrameError::CutShort)?;
    let length = allowed(u32::from_be_bytes(*header))?;
    let body = body.get(..length).ok_or(FrameError::CutShort)?;
    Ok(Some(body.to_vec()))
}

fn limit_counts_the_header(stream: &mut dyn Read) -> Frame {
    match claim(stream)? {
        Some(length) if length as usize > MAX_BODY - HEADER => Err(FrameError::TooLong),
        Some(length) => body(stream, length as usize),
        None => Ok(None),
    }
}

fn end_is_an_empty_frame(stream: &mut dyn Read) -> Frame {
    match claim(stream)? {
        Some(length) => body(stream, allowed(length)?),
        None => Ok(Some(Vec::new())),
    }
}

fn every_end_passed_on_as_it_is(stream: &mut dyn Read) -> Frame {
    let mut header = [0; HEADER];
    stream.read_exact(&mut header)?;
    let mut body = vec![0; allowed(u32::from_be_bytes(header))?];
    stream.read_exact(&mut body)?;
    Ok(Some(body))
}

fn every_end_is_good(stream: &mut dyn Read) -> Frame {
    match every_end_passed_on_as_it_is(stream) {
        Err(FrameError::Io(error)) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        answer => answer,
    }
}

fn end_inside_the_body_passed_on(stream: &mut dyn Read) -> Frame {
    let Some(length) = claim(stream)? else {
        return Ok(None);
    };
    let mut body = vec![0; allowed(length)?];
    stream.read_exact(&mut body)?;
    Ok(Some(body))
}

fn read_exact_says_where(stream: &mut dyn Read) -> Frame {
    let mut header = [0; HEADER];
    match stream.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let mut body = vec![0; allowed(u32::from_be_bytes(header))?];
    stream.read_exact(&mut body)?;
    Ok(Some(body))
}

/// What a right solution does, in parts.
fn claim(stream: &mut dyn Read) -> Result<Option<u32>, FrameError> {
    Ok(header(stream)?.map(u32::from_be_bytes))
}

fn header(stream: &mut dyn Read) -> Result<Option<[u8; HEADER]>, FrameError> {
    let mut header = [0; HEADER];
    if stream.read(&mut header[..1])? == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut header[1..]).map_err(cut_short)?;
    Ok(Some(header))
}

fn allowed(length: u32) -> Result<usize, FrameError> {
    let length = length as usize;
    if length <= MAX_BODY { Ok(length) } else { Err(FrameError::TooLong) }
}

fn body(stream: &mut dyn Read, length: usize) -> Frame {
    let mut body = vec![0; length];
    stream.read_exact(&mut body).map_err(cut_short)?;
    Ok(Some(body))
}

fn cut_short(error: io::Error) -> FrameError {
    match error.kind() {
        ErrorKind::UnexpectedEof => FrameError::CutShort,
        _ => error.into(),
    }
}
