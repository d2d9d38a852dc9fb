//! Exercise: read one frame from a stream.
//!
//! A frame is a length, four bytes with the most significant first, and then that many bytes: the
//! body. The length counts the body alone. The judge calls `read_frame` again and again on one
//! stream, until it answers with anything but a frame. It tries many small streams and cuts each in
//! every way: a read hands out one piece at most. Streams that end come first, then streams that
//! fail, each the shortest first; you see the first case that is wrong.
//!
//! | the answer | when |
//! |---|---|
//! | `Ok(Some(body))` | a frame; its body may be empty, and what follows stays in the stream |
//! | `Ok(None)` | the stream ended where a frame would have begun |
//! | `Err(FrameError::CutShort)` | the stream ended inside a frame, in its length or in its body |
//! | `Err(FrameError::TooLong)` | the length is over `MAX_BODY`, 5; as soon as it is known |
//! | `Err(FrameError::Io(error))` | the stream failed: its own error, passed on as it is |
//!
//! Once a length is too long, nothing more is read. Take no memory for it either, which the judge
//! cannot see: four bytes can claim 4 GiB.
//!
//! The `?` operator turns every `io::Error` into `FrameError::Io`, the `UnexpectedEof` of
//! `read_exact` included.
//!
//! To check it: `cargo run -- check echo`

use std::io::Read;

use checks::echo::{FrameError, MAX_BODY};

/// Reads the next frame.
pub fn read_frame(stream: &mut dyn Read) -> Result<Option<Vec<u8>>, FrameError> {
    checks::unsolved!("read the length, then the body", stream, MAX_BODY)
}
