//! Decoding frames from memory, in pieces as large as a socket's read.

use std::hint::black_box;
use std::io::Read;

use anyhow::Context;
use bytes::BytesMut;
use common::frame::{Decoder, Framing, HEADER, encode};
use tokio_util::codec::{Decoder as _, LengthDelimitedCodec};

use crate::{compare as in_turn, heading};

/// Bytes that one read hands out.
const PIECE: usize = 8 * 1024;
/// Bytes decoded in one round.
const ROUND: usize = 256 << 20;

#[derive(Clone, Copy)]
enum By {
    Ours,
    Theirs,
}

pub(crate) fn compare() -> anyhow::Result<()> {
    heading("frames decoded a second", ["ours", "tokio's"]);
    for size in [64, 64 * 1024] {
        let mut stream = Vec::new();
        while stream.len() < 4 << 20 {
            encode(Framing::Frames, &vec![7; size], &mut stream)?;
        }
        let frames = (stream.len() / (HEADER + size)) as u64;
        let passes = (ROUND / stream.len()) as u64;
        in_turn(11, [By::Ours, By::Theirs], |by| {
            for _ in 0..passes {
                let decoded = match by {
                    By::Ours => ours(&stream, size)?,
                    By::Theirs => theirs(&stream, size)?,
                };
                anyhow::ensure!(decoded == frames, "{decoded} of {frames} frames");
            }
            Ok(passes * frames)
        })?
        .print(&format!("bodies of {size} bytes"));
    }
    Ok(())
}

fn ours(stream: &[u8], limit: usize) -> anyhow::Result<u64> {
    let mut decoder = Decoder::new(Framing::Frames, limit);
    let mut frames = 0;
    for mut piece in stream.chunks(PIECE) {
        while !piece.is_empty() {
            decoder.read_from(piece.by_ref())?;
            while let Some(body) = decoder.decode()? {
                black_box(body);
                frames += 1;
            }
        }
    }
    Ok(frames)
}

/// As a framed reader does it: bytes go into one buffer, frames are split off it.
fn theirs(stream: &[u8], limit: usize) -> anyhow::Result<u64> {
    let mut codec = LengthDelimitedCodec::builder().max_frame_length(limit).new_codec();
    let mut buffer = BytesMut::with_capacity(PIECE);
    let mut frames = 0;
    for piece in stream.chunks(PIECE) {
        buffer.extend_from_slice(piece);
        while let Some(body) = codec.decode(&mut buffer).context("a frame")? {
            black_box(&body);
            frames += 1;
        }
    }
    Ok(frames)
}
