//! Exercise: read one frame from a stream.
//!
//! A frame is a length, four bytes with the most significant first, and then that many bytes: the
//! body. The length counts the body alone, and the body may hold any bytes. The judge calls
//! `read_frame` again and again on one stream, until it answers with anything but a frame.
//!
//! | the answer | when |
//! |---|---|
//! | `Ok(Some(body))` | a frame; its body may be empty, and what follows stays in the stream |
//! | `Ok(None)` | the stream ended where a frame would have begun |
//! | `Err(FrameError::CutShort)` | the stream ended inside a frame, in its length or in its body |
//! | `Err(FrameError::TooLong)` | the length is over `MAX_BODY`, 5, once its four bytes came |
//! | `Err(FrameError::Io(error))` | the stream failed: its own error, passed on as it is |
//!
//! The stream comes in pieces, cut anywhere. A read returns at least one byte and at most the rest
//! of one piece; at the end of the stream it returns 0 bytes, and then always. A stream that fails
//! does so after its last piece, and then always, with any error but `UnexpectedEof` and
//! `Interrupted`.
//!
//! Once a frame is whole, or its length is too long, nothing more is read. Take no memory for a
//! length that is too long: four bytes can claim 4 GiB. (The judge cannot see whether you do.)
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
