//! Exercise: read one frame from a stream.
//!
//! A frame is a length, four bytes with the most significant first, and then that many bytes: the body. The length
//! counts the body alone. The judge calls `read_frame` again and again on one stream, until it answers with anything
//! but a frame. It tries many small streams and cuts each in every way: a read hands out one piece at most.
//!
//! | the answer | when |
//! |---|---|
//! | `Ok(Some(body))` | here is a frame; the body may be empty, and what follows it stays in the stream |
//! | `Ok(None)` | the stream ended where a frame would have begun |
//! | `Err(FrameError::CutShort)` | the stream ended inside a frame, in its length or in its body |
//! | `Err(FrameError::TooLong)` | the length is over `MAX_BODY`; said before any memory is taken for the body |
//! | `Err(FrameError::Io(error))` | the stream failed: its own error, passed on as it is |
//!
//! To check it: `cargo run -- check echo`

use std::io::Read;

use checks::echo::{FrameError, MAX_BODY};

/// Reads the next frame.
pub fn read_frame(stream: &mut dyn Read) -> Result<Option<Vec<u8>>, FrameError> {
    checks::unsolved!("read the length, then the body", stream, MAX_BODY)
}
