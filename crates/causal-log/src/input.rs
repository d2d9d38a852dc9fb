//! Lines of a file, one at a time and none too long.

use std::io::{self, BufRead, Read};

use crate::line::LineError;

/// The longest line that is read, in bytes. One that is longer is skipped, without being held.
pub const MAX_LINE: usize = 1 << 20;

/// What some programs put in front of a text, to say that it is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A file, or anything else that has lines. A byte order mark in front of the first is not part of
/// it.
#[derive(Debug)]
pub struct Input<R> {
    /// What it is called.
    pub name: String,
    reader: R,
    line: u64,
    bytes: u64,
}

/// A line that is not an event: the file, the line's number from 1, and why.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {why}")]
pub struct BadLine {
    /// The file.
    pub file: String,
    /// The line's number.
    pub line: u64,
    /// Why.
    pub why: Why,
}

/// Why a line is bad.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// It is longer than [`MAX_LINE`].
    #[error("it is longer than {MAX_LINE} bytes")]
    Long,
    /// Its bytes are not text.
    #[error("it is not UTF-8, from byte {} on", .0 + 1)]
    NotText(usize),
    /// It is not an event.
    #[error(transparent)]
    Line(#[from] LineError),
    /// It cannot be put in order.
    #[error("it has neither `{0}` nor `{1}`, and so no place in the order")]
    NoStamp(String, String),
    /// Others are put in order by another stamp, and the two do not mix.
    #[error("it has no `{0}`, by which the lines are put in order since the first one has it")]
    OtherStamp(String),
    /// The vector's sum overflows.
    #[error("the entries of its vector have no sum below 2^64")]
    Sum,
    /// It names a service twice in its vector.
    #[error("its vector names the service `{0}` twice")]
    NamedTwice(String),
}

/// What happens to bad lines.
pub trait Complain {
    /// Takes note of one.
    ///
    /// # Errors
    /// The line, if reading is to stop at it.
    fn bad(&mut self, line: BadLine) -> Result<(), BadLine>;
}

/// Reading stops at the first bad line.
#[derive(Clone, Copy, Debug)]
pub struct Strict;

impl Complain for Strict {
    fn bad(&mut self, line: BadLine) -> Result<(), BadLine> {
        Err(line)
    }
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A line, which may be too long or not text.
    Line,
    /// Nothing: this is the end.
    End,
}

impl<R: BufRead> Input<R> {
    /// Lines from the first on.
    pub fn new(name: impl Into<String>, reader: R) -> Input<R> {
        Input { name: name.into(), reader, line: 0, bytes: 0 }
    }

    /// The number of the line that was read last, from 1; 0 before.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// How many bytes were read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The bad line that was read last.
    pub fn bad(&self, why: impl Into<Why>) -> BadLine {
        BadLine { file: self.name.clone(), line: self.line, why: why.into() }
    }

    /// Reads the next line into `text`, without its newline. Returns whether there is one; blank
    /// lines are skipped, and bad ones reported.
    ///
    /// # Errors
    /// If the system cannot read, or reading is to stop at a bad line: an [`InputError`].
    pub fn next(
        &mut self,
        text: &mut Vec<u8>,
        complain: &mut impl Complain,
    ) -> Result<Next, InputError> {
        loop {
            text.clear();
            let mut limited = self.reader.by_ref().take(MAX_LINE as u64 + 1);
            let read = limited.read_until(b'\n', text);
            let read = read.map_err(|source| self.unreadable(source))?;
            if read == 0 {
                return Ok(Next::End);
            }
            (self.line, self.bytes) = (self.line + 1, self.bytes + read as u64);
            if text.last() == Some(&b'\n') {
                text.pop();
            } else if read > MAX_LINE {
                self.skip_rest()?;
                complain.bad(self.bad(Why::Long))?;
                continue;
            }
            if self.line == 1 && text.starts_with(BYTE_ORDER_MARK) {
                text.drain(..BYTE_ORDER_MARK.len());
            }
            if !text.trim_ascii().is_empty() {
                return Ok(Next::Line);
            }
        }
    }

    /// Reads the rest of a line, and keeps nothing of it.
    fn skip_rest(&mut self) -> Result<(), InputError> {
        loop {
            let piece = match self.reader.fill_buf() {
                Ok(piece) => piece,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => return Err(self.unreadable(source)),
            };
            let end = piece.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(piece.len(), |end| end + 1);
            self.reader.consume(taken);
            self.bytes += taken as u64;
            if end.is_some() || taken == 0 {
                return Ok(());
            }
        }
    }

    fn unreadable(&self, source: io::Error) -> InputError {
        let file = self.name.clone();
        InputError::Io { file, source }
    }
}

/// Why reading has ended before the end.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The system cannot read it.
    #[error("cannot read {file}")]
    Io {
        /// The file.
        file: String,
        /// Why not.
        source: io::Error,
    },
    /// Reading was to stop at a bad line.
    #[error(transparent)]
    Bad(#[from] BadLine),
}

/// The text of a line.
///
/// # Errors
/// [`Why::NotText`].
pub fn text(bytes: &[u8]) -> Result<&str, Why> {
    std::str::from_utf8(bytes).map_err(|error| Why::NotText(error.valid_up_to()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Counted(Vec<String>);

    impl Complain for Counted {
        fn bad(&mut self, line: BadLine) -> Result<(), BadLine> {
            self.0.push(line.to_string());
            Ok(())
        }
    }

    fn lines(text: &[u8]) -> (Vec<(u64, Vec<u8>)>, Vec<String>) {
        let (mut input, mut reported) = (Input::new("x", text), Counted::default());
        let (mut lines, mut line) = (Vec::new(), Vec::new());
        while input.next(&mut line, &mut reported).unwrap() == Next::Line {
            lines.push((input.line(), line.clone()));
        }
        assert_eq!(input.bytes(), text.len() as u64);
        (lines, reported.0)
    }

    #[test]
    fn lines_come_as_they_are_and_the_last_needs_no_newline() {
        let (lines, reported) = lines(b"a \r\n\n \xff\n  \nb");
        let expected = [(1, &b"a \r"[..]), (3, b" \xff"), (5, b"b")];
        assert_eq!(lines, expected.map(|(line, text)| (line, text.to_vec())));
        assert_eq!(reported, [""; 0]);
    }

    #[test]
    fn a_byte_order_mark_is_skipped_before_the_first_line_only() {
        let mark = "\u{feff}";
        let (found, reported) = lines(format!("{mark}a\n{mark}b").as_bytes());
        let expected = [(1, b"a".to_vec()), (2, [mark.as_bytes(), b"b"].concat())];
        assert_eq!(found, expected);
        assert_eq!(reported, [""; 0]);
        assert_eq!(lines(mark.as_bytes()).0, []);
    }

    #[test]
    fn the_longest_line_is_taken_and_one_byte_more_is_skipped() {
        let longest = vec![b'x'; MAX_LINE];
        let text = [&longest[..], b"\n", &longest, b"y\nz"].concat();
        let (lines, reported) = lines(&text);
        assert_eq!(lines, [(1, longest), (3, b"z".to_vec())]);
        assert_eq!(reported, ["x:2: it is longer than 1048576 bytes"]);
    }
}
