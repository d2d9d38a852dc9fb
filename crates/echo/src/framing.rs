//! Two ways to mark a message, every way to cut them, and lengths that lie.

use std::io::{self, Read};

use common::frame::{Decoder, FrameError, Framing, HEADER, encode};

/// The messages that every cutting is tried with.
pub const MESSAGES: [&[u8]; 2] = [b"one", b"two"];

/// A limit that is large enough for them.
const LIMIT: usize = 1024;

/// Two messages on the wire, and how two readers fare when the stream is cut in every possible way.
#[derive(Debug, PartialEq, Eq)]
pub struct EveryCutting {
    /// The messages as they travel.
    pub bytes: Vec<u8>,
    /// The ways to cut that stream into reads: each gap between two bytes is a cut or is not.
    pub cuttings: u32,
    /// Cuttings for which a reader that takes every read for a message has the messages right.
    pub right_read_by_read: u32,
    /// Cuttings for which the decoder has them right.
    pub right_decoded: u32,
}

/// Marks [`MESSAGES`] as `wire` does, and reads them back from every cutting of their bytes.
///
/// # Errors
/// Never, unless the decoder is broken.
pub fn every_cutting(wire: Framing) -> Result<EveryCutting, FrameError> {
    let mut bytes = Vec::new();
    for message in MESSAGES {
        encode(wire, message, &mut bytes)?;
    }
    let cuttings = 1 << (bytes.len() - 1);
    let mut right_read_by_read = 0;
    let mut right_decoded = 0;
    for cutting in 0..cuttings {
        let pieces = cut(&bytes, cutting);
        right_read_by_read += u32::from(read_by_read(wire, &pieces) == MESSAGES);
        right_decoded += u32::from(decode_all(wire, &pieces)? == MESSAGES);
    }
    Ok(EveryCutting { bytes, cuttings, right_read_by_read, right_decoded })
}

/// What a reader makes of a stream whose first four bytes claim more than there is, or more than
/// its limit.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim {
    /// The bytes that arrived before the peer closed.
    pub arrived: Vec<u8>,
    /// The length that their header claims.
    pub claimed: u32,
    /// The bytes of memory that the decoder held in the end.
    pub memory: usize,
    /// The error that the decoder returned.
    pub verdict: FrameError,
}

/// A frame that claims 4 GiB less one byte, an HTTP request sent to the wrong port, and a frame
/// that breaks off.
///
/// # Errors
/// If a stream was accepted that should not have been.
pub fn claims() -> io::Result<[Claim; 3]> {
    Ok([claim(&[0xff; HEADER])?, claim(b"GET / HTTP/1.1\r\n")?, claim(b"\x00\x00\x00\x09hel")?])
}

fn claim(arrived: &[u8]) -> io::Result<Claim> {
    let mut decoder = Decoder::new(Framing::Frames, common::frame::DEFAULT_MAX_MESSAGE);
    let mut stream = arrived;
    let verdict = loop {
        match decoder.decode() {
            Err(error) => break error,
            Ok(Some(_)) => {
                return Err(io::Error::other("a message came from a stream without one"));
            }
            Ok(None) => {}
        }
        if decoder.read_from(&mut stream)? == 0 {
            match decoder.finish() {
                Err(error) => break error,
                Ok(()) => return Err(io::Error::other("a truncated frame was accepted")),
            }
        }
    };
    let header = arrived.first_chunk().copied().unwrap_or_default();
    Ok(Claim {
        arrived: arrived.to_vec(),
        claimed: u32::from_be_bytes(header),
        memory: decoder.memory(),
        verdict,
    })
}

/// Cuts `bytes` after each byte whose bit is set in `cutting`.
fn cut(bytes: &[u8], cutting: u32) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in 1..=bytes.len() {
        if end == bytes.len() || cutting >> (end - 1) & 1 == 1 {
            pieces.push(&bytes[start..end]);
            start = end;
        }
    }
    pieces
}

/// The mistake: what one read returns is one message, once its marking is taken off.
fn read_by_read<'a>(wire: Framing, pieces: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let strip = |piece: &&'a [u8]| match wire {
        Framing::Lines => piece.strip_suffix(b"\n").unwrap_or(piece),
        // The lesson has no short frames.
        Framing::Frames | Framing::ShortFrames => piece.get(HEADER..).unwrap_or(piece),
    };
    pieces.iter().map(strip).collect()
}

fn decode_all(wire: Framing, pieces: &[&[u8]]) -> Result<Vec<Vec<u8>>, FrameError> {
    let mut decoder = Decoder::new(wire, LIMIT);
    let mut messages = Vec::new();
    for mut piece in pieces.iter().copied() {
        while !piece.is_empty() {
            decoder.read_from(piece.by_ref()).expect("memory can be read");
            while let Some(message) = decoder.decode()? {
                messages.push(message.to_vec());
            }
        }
    }
    decoder.finish()?;
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_messages_survive_every_cutting_and_reads_do_not() {
        for (wire, cuttings) in [(Framing::Lines, 128), (Framing::Frames, 8192)] {
            let seen = every_cutting(wire).unwrap();
            assert_eq!(seen.cuttings, cuttings);
            assert_eq!(seen.right_decoded, cuttings);
            assert_eq!(seen.right_read_by_read, 1, "only the cut between the messages");
        }
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let [huge, http, broken] = claims().unwrap();
        let limit = common::frame::DEFAULT_MAX_MESSAGE;
        for claim in [huge, http] {
            let claimed = claim.claimed as usize;
            assert_eq!(claim.verdict, FrameError::TooLong { claimed, limit });
            assert!(claim.memory <= limit);
        }
        assert_eq!(broken.verdict, FrameError::CutShort { have: 7 });
    }
}
