//! Messages come out as they went in, however the stream is cut; everything else is an error and
//! allocates no memory.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{self, Read};

use common::frame::{Decoder, FrameError, Framing, HEADER, encode};
use proptest::prelude::*;

const LIMIT: usize = 16;

/// Returns `bytes` in pieces of at most the given sizes, repeated.
struct Pieces<'a> {
    bytes: &'a [u8],
    sizes: std::iter::Cycle<std::slice::Iter<'a, usize>>,
}

impl<'a> Pieces<'a> {
    fn new(bytes: &'a [u8], sizes: &'a [usize]) -> Pieces<'a> {
        let sizes = sizes.iter().cycle();
        Pieces { bytes, sizes }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = *self.sizes.next().unwrap();
        let count = size.min(buffer.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.bytes = later;
        Ok(count)
    }
}

/// Everything that a decoder returns for a stream: its messages, and how it ended.
fn decode_all(
    framing: Framing,
    bytes: &[u8],
    sizes: &[usize],
) -> (Vec<Vec<u8>>, Result<(), FrameError>) {
    let mut stream = Pieces::new(bytes, sizes);
    let mut decoder = Decoder::new(framing, LIMIT);
    let mut messages = Vec::new();
    loop {
        loop {
            match decoder.decode() {
                Ok(Some(body)) => messages.push(body.to_vec()),
                Ok(None) => break,
                Err(error) => return (messages, Err(error)),
            }
        }
        if decoder.read_from(&mut stream).unwrap() == 0 {
            return (messages, decoder.finish());
        }
    }
}

fn encode_all(framing: Framing, bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for body in bodies {
        encode(framing, body, &mut bytes).unwrap();
    }
    bytes
}

fn framings() -> impl Strategy<Value = Framing> {
    prop_oneof![Just(Framing::Lines), Just(Framing::Frames), Just(Framing::ShortFrames)]
}

/// Bodies that all framings can carry: with NUL and invalid UTF-8, without newlines.
fn bodies() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let byte = any::<u8>().prop_map(|byte| if byte == b'\n' { 0 } else { byte });
    prop::collection::vec(prop::collection::vec(byte, 0..=LIMIT), 0..8)
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..40_usize, 1..8)
}

proptest! {
    #[test]
    fn messages_survive_any_cutting(framing in framings(), bodies in bodies(), cuts in cuts()) {
        let bytes = encode_all(framing, &bodies);
        prop_assert_eq!(decode_all(framing, &bytes, &cuts), (bodies, Ok(())));
    }

    #[test]
    fn any_bytes_decode_the_same_however_they_are_cut(
        framing in framings(), bytes in prop::collection::vec(any::<u8>(), 0..200), cuts in cuts(),
    ) {
        prop_assert_eq!(decode_all(framing, &bytes, &cuts), decode_all(framing, &bytes, &[1]));
    }

    #[test]
    fn an_end_inside_a_message_is_an_error(
        framing in framings(),
        bodies in bodies(),
        short in 1..4_usize,
    ) {
        let mut bytes = encode_all(framing, &bodies);
        bytes.extend(&encode_all(framing, &[b"last".to_vec()])[..short]);
        prop_assert_eq!(
            decode_all(framing, &bytes, &[7]),
            (bodies, Err(FrameError::CutShort { have: short })),
        );
    }
}

#[test]
fn every_cutting_of_a_short_stream_decodes_the_same() {
    for framing in [Framing::Lines, Framing::Frames, Framing::ShortFrames] {
        let bodies = [b"a".to_vec(), Vec::new(), b"b\xff".to_vec()];
        let bytes = encode_all(framing, &bodies);
        for cutting in 0..1_u32 << (bytes.len() - 1) {
            let mut sizes = vec![1];
            for gap in 0..bytes.len() - 1 {
                match cutting >> gap & 1 {
                    0 => *sizes.last_mut().unwrap() += 1,
                    _ => sizes.push(1),
                }
            }
            let (messages, end) = decode_all(framing, &bytes, &sizes);
            assert_eq!((messages.as_slice(), end), (&bodies[..], Ok(())), "{sizes:?}");
        }
    }
}

#[test]
fn a_length_over_the_limit_is_refused_before_its_body_comes() {
    let claimed = u32::MAX as usize;
    let refused = Err(FrameError::TooLong { claimed, limit: LIMIT });
    assert_eq!(decode_all(Framing::Frames, &[0xff; HEADER], &[1]), (vec![], refused));
    let just_over = [0, 0, 0, LIMIT as u8 + 1];
    assert!(decode_all(Framing::Frames, &just_over, &[4]).1.is_err());
    assert!(decode_all(Framing::ShortFrames, &just_over[2..], &[2]).1.is_err());
}

#[test]
fn a_body_beyond_a_short_header_is_refused() {
    let (mut out, limit) = (Vec::new(), 65_535);
    assert!(encode(Framing::ShortFrames, &vec![7; limit], &mut out).is_ok());
    assert_eq!(out[..3], [0xff, 0xff, 7]);
    let refused = Err(FrameError::TooLong { claimed: limit + 1, limit });
    assert_eq!(encode(Framing::ShortFrames, &vec![7; limit + 1], &mut Vec::new()), refused);
}

#[test]
fn a_line_without_end_is_refused_at_the_limit() {
    let longest = [b"0123456789abcdef\n".as_slice(), b"x"].concat();
    let (lines, end) = decode_all(Framing::Lines, &longest, &[5]);
    assert_eq!(lines, [b"0123456789abcdef"]);
    assert_eq!(end, Err(FrameError::CutShort { have: 1 }));

    let limit = LIMIT;
    let refused = Err(FrameError::TooLong { claimed: 17, limit });
    assert_eq!(decode_all(Framing::Lines, &[b'x'; 1000], &[5]).1, refused);
}

#[test]
fn the_buffer_holds_one_message_of_the_limit_and_no_more() {
    for limit in [10, 10_000, 65_536] {
        let mut bytes = Vec::new();
        encode(Framing::Frames, &vec![7; limit], &mut bytes).unwrap();
        let mut decoder = Decoder::new(Framing::Frames, limit);
        for piece in bytes.chunks(100) {
            let mut piece = piece;
            while !piece.is_empty() {
                decoder.read_from(&mut piece).unwrap();
            }
        }
        assert_eq!(decoder.decode().unwrap().map(<[u8]>::len), Some(limit));
        assert!(decoder.memory() <= HEADER + limit, "{}", decoder.memory());
    }
}

#[test]
fn a_line_that_would_be_two_is_refused_and_leaves_no_bytes() {
    let mut out = b"kept".to_vec();
    assert_eq!(encode(Framing::Lines, b"a\nb", &mut out), Err(FrameError::NewlineInLine));
    assert_eq!(out, b"kept");
}
