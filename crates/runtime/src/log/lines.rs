//! The text of a log, written and read. No disk is touched here.

use std::io::Write;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::ser::Error;
use serde::{Deserialize, Serialize};

use super::{Identity, LogError, Torn, VERSION};
use crate::disk::without_zeros;

/// A checksum, as it is written: eight digits.
type Sum = [u8; 8];

/// Where a line stands in its batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Mark {
    /// It is the first: all lines before it were synced before it was written.
    Head = b' ',
    /// It was written together with the line before.
    Together = b'+',
}

/// Lines that are to be written one after the other.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
    /// The checksum of the last line, which the next one names.
    last: Sum,
}

impl Lines {
    /// A log with no records.
    pub(super) fn begin(identity: &Identity) -> Lines {
        #[derive(Serialize)]
        struct Header<'a> {
            log: u64,
            #[serde(flatten)]
            identity: &'a Identity,
        }
        let json = serde_json::to_vec(&Header { log: VERSION, identity });
        let json = json.expect("numbers and a string are JSON");
        // No line before it, and so no checksum of one.
        let mut lines = Lines::after([0; 8]);
        lines.write(&[&json]);
        lines
    }

    /// Lines for the end of a log whose last line has this checksum.
    pub(super) fn after(last: Sum) -> Lines {
        Lines { bytes: Vec::new(), last }
    }

    /// Adds the line of a record. One that could not be read again is not added.
    pub(super) fn push<R>(&mut self, mark: Mark, record: &R) -> serde_json::Result<()>
    where
        R: Serialize + DeserializeOwned,
    {
        let json = serde_json::to_vec(record)?;
        // JSON that is passed on as it came may have line ends in it, and may be nested as deeply
        // as can be read where it stands alone.
        if json.contains(&b'\n') {
            return Err(serde_json::Error::custom("its JSON has a line end in it"));
        }
        serde_json::from_slice::<R>(&json)?;
        let last = self.last;
        self.write(&[&last, &[mark as u8], &json]);
        Ok(())
    }

    /// A line is the checksum of what follows it, and that.
    fn write(&mut self, rest: &[&[u8]]) {
        self.last = sum(rest);
        self.bytes.extend_from_slice(&self.last);
        self.bytes.push(b' ');
        rest.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.bytes.push(b'\n');
    }
}

fn sum(parts: &[&[u8]]) -> Sum {
    let mut crc = crc32fast::Hasher::new();
    parts.iter().for_each(|part| crc.update(part));
    let mut digits = [0; 8];
    write!(&mut digits[..], "{:08x}", crc.finalize()).expect("32 bits are 8 digits");
    digits
}

/// What stands in a log.
#[derive(Debug)]
pub(super) struct Content<R> {
    pub(super) records: Vec<R>,
    /// Where the last batch begins.
    pub(super) batch: usize,
    /// Where the last line ends.
    pub(super) end: usize,
    /// The checksum of that line.
    pub(super) last: Sum,
    /// What follows it, but for zeros.
    pub(super) torn: Option<Torn>,
}

/// Reads a whole log.
///
/// # Errors
/// [`LogError::Damaged`], [`LogError::OtherFormat`], [`LogError::Foreign`], [`LogError::Strange`];
/// `file` is what they call it.
pub(super) fn read<R: DeserializeOwned>(
    bytes: &[u8],
    file: &Path,
    asked: &Identity,
) -> Result<Content<R>, LogError> {
    let text = without_zeros(bytes);
    let mut at = Place { file, offset: 0, line: 1 };
    let header = lines(text).next().unwrap_or_default();
    // Before the records: those of another node may look different.
    let last = at.check_header(header, asked)?;
    let (records, end) = (Vec::new(), header.len());
    let mut content = Content { records, batch: 0, end, last, torn: None };
    for line in lines(&text[header.len()..]) {
        at = Place { file, offset: content.end, line: at.line + 1 };
        match parse(line) {
            Some(line) => at.take(&line, &mut content)?,
            None if is_torn(&text[at.offset..]) => break,
            None => return Err(at.damaged("is not as it was written")),
        }
        content.end += line.len();
    }
    let (offset, bytes) = (content.end as u64, (text.len() - content.end) as u64);
    content.torn = (bytes > 0).then_some(Torn { offset, bytes });
    Ok(content)
}

/// A line that is as it was written, whether or not it stands where it was written.
struct Line<'a> {
    sum: Sum,
    /// The checksum of the line that was before it.
    follows: Sum,
    mark: Mark,
    json: &'a [u8],
}

fn parse(line: &[u8]) -> Option<Line<'_>> {
    let (sum, rest) = checked(line.strip_suffix(b"\n")?)?;
    let (follows, rest) = rest.split_first_chunk::<8>()?;
    let (mark, json) = rest.split_first()?;
    let mark = match mark {
        b' ' => Mark::Head,
        b'+' => Mark::Together,
        _ => return None,
    };
    Some(Line { sum, follows: *follows, mark, json })
}

/// A line's checksum and what it covers, if the two agree.
fn checked(line: &[u8]) -> Option<(Sum, &[u8])> {
    let (digits, rest) = line.split_first_chunk::<8>()?;
    let rest = rest.strip_prefix(b" ")?;
    (sum(&[rest]) == *digits).then_some((*digits, rest))
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// Whether all of `rest`, the first line of which is not right, is what a crash left of one batch.
fn is_torn(rest: &[u8]) -> bool {
    lines(rest).next().is_some_and(lacks_bytes) && !lines(rest).any(ends_with_head)
}

/// Whether the text is the first line of a batch, or zeros reach up to one.
fn ends_with_head(text: &[u8]) -> bool {
    let line = text.rsplit(|byte| *byte == 0).next().and_then(parse);
    line.is_some_and(|line| line.mark == Mark::Head)
}

/// Whether a line that is not right may be so because bytes of it never reached the disk. One
/// flipped bit does not look like that: it makes a zero of a space, but not of two bytes side by
/// side, nor of a digit; and where it took the end from the last line, the rest of that is right.
fn lacks_bytes(line: &[u8]) -> bool {
    match line.strip_suffix(b"\n") {
        Some(body) => body.starts_with(&[0]) || body.windows(2).any(|two| two == [0, 0]),
        None => line.split_last().is_none_or(|(_, before)| checked(before).is_none()),
    }
}

/// Where the current line is.
struct Place<'a> {
    file: &'a Path,
    offset: usize,
    /// Counted from 1.
    line: u64,
}

impl Place<'_> {
    /// Checks whose log it is, and returns the checksum of that line.
    fn check_header(&self, header: &[u8], asked: &Identity) -> Result<Sum, LogError> {
        #[derive(Deserialize)]
        struct Format {
            log: u64,
        }
        let damaged = || self.damaged("is not the first line of a log");
        let body = header.strip_suffix(b"\n").ok_or_else(damaged)?;
        let (sum, json) = checked(body).ok_or_else(damaged)?;
        // By itself, since another version may say other things.
        let Format { log: version } = serde_json::from_slice(json).map_err(|_| damaged())?;
        if version != VERSION {
            return Err(LogError::OtherFormat { file: self.file.to_owned(), version });
        }
        let owner: Identity = serde_json::from_slice(json).map_err(|_| damaged())?;
        match owner == *asked {
            true => Ok(sum),
            false => Err(LogError::Foreign {
                folder: self.file.parent().map_or_else(Default::default, Path::to_owned),
                owner,
                asked: asked.clone(),
            }),
        }
    }

    fn take<R: DeserializeOwned>(
        &self,
        line: &Line<'_>,
        content: &mut Content<R>,
    ) -> Result<(), LogError> {
        // A crash takes bytes away, and does not put a right line in another place.
        if line.follows != content.last {
            return Err(self.damaged("does not follow the line before it"));
        }
        if line.mark == Mark::Head {
            content.batch = self.offset;
        }
        let record = serde_json::from_slice(line.json).map_err(|source| self.strange(source))?;
        content.records.push(record);
        content.last = line.sum;
        Ok(())
    }

    fn damaged(&self, what: &'static str) -> LogError {
        LogError::Damaged {
            file: self.file.to_owned(),
            offset: self.offset as u64,
            line: self.line,
            what,
        }
    }

    fn strange(&self, source: serde_json::Error) -> LogError {
        LogError::Strange {
            file: self.file.to_owned(),
            offset: self.offset as u64,
            line: self.line,
            source,
        }
    }
}
