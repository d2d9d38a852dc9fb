//! What a node has written down, in a file that outlives it.
//!
//! A node says "it is written", and others build on that. So its record must be there after
//! whatever may happen to the process and to the machine, while the disk does what it may: forget
//! what was not synced, keep a part of it, be full, fail. A [`Log`] is one text file, named `log`,
//! to be opened in an editor:
//!
//! ```text
//! 6c1fea74 {"log":1,"cluster":"counter","node":0,"nodes":3}
//! 04a2985f {"add":3}
//! 4be30e98+{"add":4}
//! ```
//!
//! A line is the checksum (CRC-32) of its JSON, a mark, and the JSON: first whose log it is, then
//! the records. The mark is a `+` where a record was written together with the one before.
//! [`append`](Log::append) only collects lines; [`sync`](Log::sync) writes them at once and waits
//! for the disk once, so that records share what is slow. When a log is opened, what a crash has
//! left of the last write is cut off and told as [`Torn`]; anything else that is not right is
//! [damage](LogError::Damaged), which no crash explains and only a human should repair.
//! [`replace`](Log::replace) keeps the file from growing for ever: a new file gets fewer records
//! that stand for all, and then takes the old one's name.
//!
//! The sources: T. S. Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014, for what
//! a crash leaves; A. Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
//! 2020, for why a sync is never tried a second time: the system may have dropped what it could not
//! write, and report the next sync as a success.
//!
//! What holds:
//!
//! * Records whose sync returned are there whenever the log is opened again, in their order, and
//!   what follows them is a beginning of what was appended afterwards.
//! * What [`open`](Log::open) returns is as safe as that: it may have come from memory, and is
//!   synced before anybody hears it.
//! * What was [certainly not written](LogError::is_certainly_not_written) never turns up.
//! * After a sync that failed the log takes nothing more.
//! * A crash while records are replaced leaves the old ones or the new ones, all of them.
//! * One flipped bit, anywhere, is refused or changes no record.
//!
//! Left out: reading without holding all in memory, of which [`MAX_LOG`] bounds the text and a
//! small factor more the records; repairing damage from a second copy; and, where a sync has
//! failed, the doubt whether a new process reads back what the disk holds or what the system still
//! has in memory and believes to be there. A restart of the machine settles that one.

mod error;
mod file;
mod lines;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::disk::Disk;
use file::SafeFile;
use lines::Mark;

pub use error::LogError;

/// The longest log that is read or written, in bytes.
pub const MAX_LOG: u64 = 256 << 20;

/// The format that is written, and the only one that is read.
pub const VERSION: u64 = 1;

/// A file of records.
#[derive(Debug)]
pub struct Log<D> {
    file: SafeFile<D>,
    header: Vec<u8>,
    /// The lines that the next sync writes.
    waiting: Vec<u8>,
    /// Why it will not write them.
    refused: Option<LogError>,
}

/// Whose log it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// What the nodes are together, as in "counter".
    pub cluster: String,
    /// The node's number, counted from 0.
    pub node: usize,
    /// How many nodes there are.
    pub nodes: usize,
}

/// What an interrupted write had left, and was cut off. Nobody was told that it was safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Where it began, in bytes from the beginning of the file.
    pub offset: u64,
    /// How many bytes it had.
    pub bytes: u64,
}

/// A log, the records that are in it, and what was cut off.
pub type Opened<D, R> = (Log<D>, Vec<R>, Option<Torn>);

impl<D: Disk> Log<D> {
    /// Opens the log of a node, or begins it, and returns the records that are in it.
    ///
    /// ```
    /// use runtime::disk::Folder;
    /// use runtime::log::{Identity, Log};
    ///
    /// # let scratch = tempfile::tempdir()?;
    /// # let path = scratch.path();
    /// let me = Identity { cluster: "counter".into(), node: 0, nodes: 3 };
    ///
    /// let (mut log, records, _) = Log::open::<u64>(Folder::open(path)?, &me)?;
    /// assert!(records.is_empty());
    /// log.append(&3_u64);
    /// log.append(&4_u64);
    /// log.sync()?;
    /// // Whatever happens to this process now:
    /// drop(log);
    ///
    /// let (_, records, torn) = Log::open::<u64>(Folder::open(path)?, &me)?;
    /// assert_eq!((records, torn), (vec![3, 4], None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`LogError::Foreign`], [`Newer`](LogError::Newer), [`Damaged`](LogError::Damaged),
    /// [`Strange`](LogError::Strange), after which the file is what it was;
    /// [`Failed`](LogError::Failed) and [`Unknown`](LogError::Unknown) if the disk does not do
    /// something.
    pub fn open<R: DeserializeOwned>(
        disk: D,
        identity: &Identity,
    ) -> Result<Opened<D, R>, LogError> {
        let mut log = Log {
            file: SafeFile::new(disk),
            header: lines::header(identity),
            waiting: Vec::new(),
            refused: None,
        };
        // A crash while it is begun leaves no file, or the whole first line: anything less was
        // whole once.
        let Some(bytes) = log.file.read()? else {
            log.file.replace(&log.header)?;
            return Ok((log, Vec::new(), None));
        };
        let owner = lines::owner(&bytes, &log.file.path())?;
        if owner != *identity {
            return Err(log.foreign(owner, identity));
        }
        let content = lines::read(&bytes, &log.file.path())?;
        let torn = log.file.make_safe(&bytes, content.right)?;
        Ok((log, content.records, torn))
    }

    /// Adds a record to those that wait for the next [`sync`](Log::sync). What is wrong with it,
    /// that sync tells.
    pub fn append<R: Serialize + DeserializeOwned>(&mut self, record: &R) {
        if self.refused.is_some() {
            return;
        }
        let mark = match self.waiting.is_empty() {
            true => Mark::Later,
            false => Mark::Together,
        };
        let pushed = lines::push(&mut self.waiting, mark, record);
        let length = self.file.length + self.waiting.len() as u64;
        self.refused = self.refusal(pushed, length).err();
    }

    /// Writes the records that wait, and returns when they are safe. If it fails, none of them
    /// waits any longer.
    ///
    /// # Errors
    /// [`LogError::Failed`] if the disk did not take them, [`LogError::Record`] if one of them
    /// could not be read again, [`LogError::Full`]: then the log is what it was, and `reread` says
    /// what that is. [`LogError::Unknown`] if nobody knows, and from then on [`LogError::Unsure`].
    pub fn sync(&mut self) -> Result<(), LogError> {
        let waiting = std::mem::take(&mut self.waiting);
        let refused = self.refused.take();
        self.file.be_sure()?;
        refused.map_or(Ok(()), Err)?;
        match waiting.is_empty() {
            true => Ok(()),
            false => self.file.add(&waiting),
        }
    }

    /// Puts these records in the place of all that are in the log, and of those that wait.
    ///
    /// # Errors
    /// [`LogError::Failed`], [`LogError::Record`] and [`LogError::Full`] leave the log as it was,
    /// and those waiting that wait. [`LogError::Unknown`] if nobody knows which of the two a crash
    /// would leave, and from then on [`LogError::Unsure`].
    pub fn replace<R: Serialize + DeserializeOwned>(
        &mut self,
        records: &[R],
    ) -> Result<(), LogError> {
        let mut bytes = self.header.clone();
        for record in records {
            let pushed = lines::push(&mut bytes, Mark::Later, record);
            self.refusal(pushed, bytes.len() as u64)?;
        }
        self.file.replace(&bytes)?;
        self.waiting.clear();
        self.refused = None;
        Ok(())
    }

    /// The records that are safe, to bring a node back to them after a sync that failed.
    ///
    /// # Errors
    /// [`LogError::Unsure`] after an [`Unknown`](LogError::Unknown); [`LogError::Failed`] if the
    /// file cannot be read, and [`LogError::Damaged`] if it is not what this log has written.
    pub fn reread<R: DeserializeOwned>(&mut self) -> Result<Vec<R>, LogError> {
        self.file.be_sure()?;
        let bytes = self.file.read()?.unwrap_or_default();
        let file = self.file.path();
        let content = lines::read(&bytes, &file)?;
        if content.right != bytes.len() || bytes.len() as u64 != self.file.length {
            return Err(LogError::Damaged {
                file,
                offset: self.file.length.min(content.right as u64),
                line: content.records.len() as u64 + 2,
                what: "was not left so by this process",
            });
        }
        Ok(content.records)
    }

    /// How long the file is, in bytes, without what waits.
    #[expect(clippy::len_without_is_empty, reason = "whose log it is stands in every log")]
    pub fn len(&self) -> u64 {
        self.file.length
    }

    /// Whether a sync has failed, so that nobody knows what is on disk, and nothing more is taken.
    pub fn is_unsure(&self) -> bool {
        self.file.is_unsure()
    }

    /// Why a line is not to be written, if it is not.
    fn refusal(&self, pushed: serde_json::Result<()>, length: u64) -> Result<(), LogError> {
        let file = || self.file.path();
        pushed.map_err(|source| LogError::Record { file: file(), source })?;
        match length > MAX_LOG {
            true => Err(LogError::Full { file: file(), limit: MAX_LOG }),
            false => Ok(()),
        }
    }

    fn foreign(&self, owner: Identity, asked: &Identity) -> LogError {
        let log = self.file.path();
        LogError::Foreign {
            folder: log.parent().map_or(PathBuf::new(), Path::to_owned),
            owner,
            asked: asked.clone(),
        }
    }
}

impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Torn { offset, bytes } = self;
        write!(
            f,
            "{bytes} bytes at byte {offset} were left by an interrupted write, and are cut off"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Folder;

    #[test]
    fn a_log_that_is_full_takes_nothing_and_stays_of_use() {
        let scratch = tempfile::tempdir().unwrap();
        let me = Identity { cluster: "counter".to_owned(), node: 0, nodes: 1 };
        let (mut log, _, _) = Log::open::<u64>(Folder::open(scratch.path()).unwrap(), &me).unwrap();
        let length = log.file.length;
        // As if it were: there is room for one more line, `xxxxxxxx 1` and its end.
        log.file.length = MAX_LOG - 11;
        log.append(&1_u64);
        log.append(&2_u64);
        let error = log.sync().unwrap_err();
        assert!(matches!(error, LogError::Full { .. }), "{error}");
        assert!(error.is_certainly_not_written());
        log.append(&3_u64);
        log.sync().unwrap();
        assert_eq!(log.file.length, MAX_LOG);
        log.file.length = length + 11;
        assert_eq!(log.reread::<u64>().unwrap(), [3]);
    }
}
