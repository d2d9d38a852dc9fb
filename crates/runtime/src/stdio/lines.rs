//! Lines, read ahead by a thread, so that a wait for the next one can end when a timer runs out.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// The longest line that is taken, in bytes, its end not counted.
pub const MAX_LINE: usize = 1 << 20;

/// How many lines are read ahead. With more of them waiting, the sender's pipe fills, and the
/// sender waits.
const AHEAD: usize = 16;

/// What stood between two newlines.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// All of it.
    Whole(Vec<u8>),
    /// It was longer than [`MAX_LINE`]: so many bytes. They are gone.
    TooLong(usize),
}

/// The lines of `input`; the channel closes at its end. The last may lack its newline.
pub(super) fn ahead(input: impl Read + Send + 'static) -> Receiver<io::Result<Line>> {
    let (sender, receiver) = mpsc::sync_channel(AHEAD);
    // It is not joined: it may wait for a line without end, and ends with the process.
    thread::spawn(move || {
        let mut input = BufReader::new(input);
        while let Some(line) = next(&mut input, MAX_LINE).transpose() {
            let is_last = line.is_err();
            if sender.send(line).is_err() || is_last {
                return;
            }
        }
    });
    receiver
}

/// The next line. Of one that is too long no more than `limit` bytes are held at any time.
fn next(input: &mut impl BufRead, limit: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let with_its_end = limit as u64 + 1;
    input.take(with_its_end).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop_if(|last| *last == b'\n').is_some() || line.len() <= limit {
        return Ok(Some(Line::Whole(line)));
    }
    let (held, rest) = (line.len(), drop_rest(input)?);
    Ok(Some(Line::TooLong(held + rest)))
}

/// Reads up to the next newline and beyond it, keeping nothing. How many bytes that were, without
/// it.
fn drop_rest(input: &mut impl BufRead) -> io::Result<usize> {
    let mut dropped = 0;
    loop {
        let piece = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            piece => piece?,
        };
        let end = piece.iter().position(|byte| *byte == b'\n');
        let (length, is_end) = (end.unwrap_or(piece.len()), end.is_some() || piece.is_empty());
        input.consume(length + usize::from(end.is_some()));
        dropped += length;
        if is_end {
            return Ok(dropped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of `bytes`, of at most 4 bytes each, read through a buffer of `size` bytes.
    fn lines(bytes: &[u8], size: usize) -> Vec<Line> {
        let mut input = BufReader::with_capacity(size, bytes);
        let next = || next(&mut input, 4).unwrap();
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn lines_end_with_a_newline_or_the_input_whatever_the_pieces() {
        let whole = |line: &str| Line::Whole(line.into());
        for size in [1, 2, 3, 5, 64] {
            for (bytes, expected) in [
                ("", vec![]),
                ("\n", vec![whole("")]),
                ("ab\n\ncd", vec![whole("ab"), whole(""), whole("cd")]),
                ("1234\n12345\n1", vec![whole("1234"), Line::TooLong(5), whole("1")]),
                ("1234", vec![whole("1234")]),
                ("12345", vec![Line::TooLong(5)]),
                ("1234567890\n\n", vec![Line::TooLong(10), whole("")]),
            ] {
                assert_eq!(lines(bytes.as_bytes(), size), expected, "{bytes:?} by {size}");
            }
        }
    }
}
