//! The text of a log, and what a crash makes of it. No disk is touched here.
//!
//! Between two syncs there is one write. A crash may keep any of its sectors from the disk: the
//! file is then shorter than it would be, or has zeros in their place, and what follows them may be
//! whole. So a line says by its mark whether it was written together with the line before. A line
//! that is not right is **torn**, and was never safe, if
//!
//! * bytes are missing: it has no end, or it has zeros in it, and
//! * no later write follows, for that would have waited until this one was safe.
//!
//! Anything else is damage. One bit that has flipped is never taken for a torn line: it puts no two
//! zeros side by side, and where it took the end from the last line, all that it left before its
//! own byte is right.
//!
//! What cannot be told apart: a last write that was torn, and one that was safe and whose sectors
//! were later overwritten with zeros, or cut off. Left out: file systems that show bytes of other
//! files where they have not written yet, such as ext4 with `data=writeback`. What they leave is
//! damage here.

use std::io::Write;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::ser::Error;
use serde::{Deserialize, Serialize};

use super::{Identity, LogError, VERSION};

/// How a line is related to the one before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Mark {
    /// It was written when that one was safe.
    Later = b' ',
    /// It was written together with that one.
    Together = b'+',
}

/// What stands in a log.
#[derive(Debug)]
pub(super) struct Content<R> {
    pub(super) records: Vec<R>,
    /// So many bytes at the beginning are right; what follows them is torn.
    pub(super) right: usize,
}

#[derive(Serialize)]
struct Header<'a> {
    log: u64,
    #[serde(flatten)]
    identity: &'a Identity,
}

/// The first line.
pub(super) fn header(identity: &Identity) -> Vec<u8> {
    let log = VERSION;
    let json = serde_json::to_vec(&Header { log, identity });
    let mut line = Vec::new();
    push_json(&mut line, Mark::Later, &json.expect("numbers and a string are JSON"));
    line
}

/// Adds the line of a record. What could not be read again is not added.
pub(super) fn push<R>(lines: &mut Vec<u8>, mark: Mark, record: &R) -> serde_json::Result<()>
where
    R: Serialize + DeserializeOwned,
{
    let json = serde_json::to_vec(record)?;
    // Text that is passed on as it came may have line ends in it, and be nested as deeply as can be
    // read, alone.
    if json.contains(&b'\n') {
        return Err(serde_json::Error::custom("its JSON has a line end in it"));
    }
    serde_json::from_slice::<R>(&json)?;
    push_json(lines, mark, &json);
    Ok(())
}

fn push_json(lines: &mut Vec<u8>, mark: Mark, json: &[u8]) {
    lines.extend_from_slice(&sum(json));
    lines.push(mark as u8);
    lines.extend_from_slice(json);
    lines.push(b'\n');
}

/// The checksum, as it is written.
fn sum(json: &[u8]) -> [u8; 8] {
    let mut digits = [0; 8];
    write!(&mut digits[..], "{:08x}", crc32fast::hash(json)).expect("32 bits are 8 digits");
    digits
}

/// Whose log it is. It has to be known before the records are read: those of others may look
/// different.
///
/// # Errors
/// [`LogError::Damaged`], [`LogError::Newer`], [`LogError::Strange`]; `file` is what they call it.
pub(super) fn owner(bytes: &[u8], file: &Path) -> Result<Identity, LogError> {
    Lines::new(bytes, file).header()
}

/// Reads a whole log.
///
/// # Errors
/// As [`owner`].
pub(super) fn read<R: DeserializeOwned>(bytes: &[u8], file: &Path) -> Result<Content<R>, LogError> {
    let mut lines = Lines::new(bytes, file);
    lines.header()?;
    let mut records = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(json) = right(line) {
            let record = serde_json::from_slice(json).map_err(|source| lines.strange(source))?;
            records.push(record);
        } else if lines.rest_is_torn() {
            break;
        } else {
            return Err(lines.damaged("is not as it was written"));
        }
    }
    let right = lines.offset;
    Ok(Content { records, right })
}

/// Goes through the lines, and knows where it is.
struct Lines<'a> {
    bytes: &'a [u8],
    file: &'a Path,
    /// Where the current line begins.
    offset: usize,
    /// Where the next one does.
    end: usize,
    /// The number of the current line, counted from 1; 0 before the first.
    number: u64,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8], file: &'a Path) -> Lines<'a> {
        Lines { bytes, file, offset: 0, end: 0, number: 0 }
    }

    /// The next line, with its end. The last may lack it.
    fn next(&mut self) -> Option<&'a [u8]> {
        self.offset = self.end;
        let line = lines(&self.bytes[self.end..]).next()?;
        self.end += line.len();
        self.number += 1;
        Some(line)
    }

    /// What the first line says.
    fn header(&mut self) -> Result<Identity, LogError> {
        #[derive(Deserialize)]
        struct Format {
            log: u64,
        }
        let Some(json) = self.next().and_then(right) else {
            return Err(self.damaged("is not the first line of a log"));
        };
        // By itself, since a later version may say other things.
        let format: Format = serde_json::from_slice(json).map_err(|source| self.strange(source))?;
        match format.log {
            VERSION => serde_json::from_slice(json).map_err(|source| self.strange(source)),
            version if version > VERSION => {
                Err(LogError::Newer { file: self.file.to_owned(), version })
            }
            _ => Err(self.damaged("names a format that never was")),
        }
    }

    /// Whether the current line, which is not right, and all that follows is what a crash leaves of
    /// one write.
    fn rest_is_torn(&self) -> bool {
        lines(&self.bytes[self.offset..]).all(|line| match checked(line) {
            Some((mark, _)) => mark == Mark::Together,
            None => lacks_bytes(line) && !ends_with_later(line),
        })
    }

    fn damaged(&self, what: &'static str) -> LogError {
        LogError::Damaged {
            file: self.file.to_owned(),
            offset: self.offset as u64,
            line: self.number.max(1),
            what,
        }
    }

    fn strange(&self, source: serde_json::Error) -> LogError {
        LogError::Strange {
            file: self.file.to_owned(),
            offset: self.offset as u64,
            line: self.number,
            source,
        }
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// What a line says, if its checksum is right. It may lack its end.
fn right(line: &[u8]) -> Option<&[u8]> {
    checked(line).map(|(_, json)| json)
}

fn checked(line: &[u8]) -> Option<(Mark, &[u8])> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let (digits, rest) = line.split_first_chunk::<8>()?;
    let (mark, json) = rest.split_first()?;
    let mark = match mark {
        b' ' => Mark::Later,
        b'+' => Mark::Together,
        _ => return None,
    };
    (sum(json) == *digits).then_some((mark, json))
}

/// Whether zeros have taken the end of the line before this one, which is of a later write.
fn ends_with_later(line: &[u8]) -> bool {
    let last = line.rsplit(|byte| *byte == 0).next().and_then(checked);
    last.is_some_and(|(mark, _)| mark == Mark::Later)
}

/// Whether a line that is not right may be so because bytes of it never reached the disk.
fn lacks_bytes(line: &[u8]) -> bool {
    let Some((last, before)) = line.split_last() else {
        return false;
    };
    match last {
        // A flipped bit makes a zero of a space, but not of two bytes, nor of the first, which is a
        // digit.
        b'\n' => line[0] == 0 || line.windows(2).any(|two| two == [0, 0]),
        0 => true,
        // Where all but the last byte is right, that was the line's end, and has been altered.
        _ => right(before).is_none(),
    }
}
