//! Exercise: read one frame from a stream. One way to write it.

use std::io::Read;

use checks::echo::{FrameError, MAX_BODY};

/// Reads the next frame.
pub fn read_frame(stream: &mut dyn Read) -> Result<Option<Vec<u8>>, FrameError> {
    let mut header = [0; 4];
    match fill(stream, &mut header)? {
        0 => return Ok(None),
        4 => {}
        _ => return Err(FrameError::CutShort),
    }
    let length = u32::from_be_bytes(header) as usize;
    if length > MAX_BODY {
        return Err(FrameError::TooLong);
    }
    let mut body = vec![0; length];
    if fill(stream, &mut body)? < length {
        return Err(FrameError::CutShort);
    }
    Ok(Some(body))
}

/// Reads until the buffer is full or the stream ends, and returns how many bytes came.
fn fill(stream: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, FrameError> {
    let mut have = 0;
    while have < buffer.len() {
        match stream.read(&mut buffer[have..])? {
            0 => break,
            count => have += count,
        }
    }
    Ok(have)
}
