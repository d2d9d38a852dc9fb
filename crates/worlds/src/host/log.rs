//! What a node has written down, in a file that outlives it.
//!
//! A node says "it is written", and others build on that. So its record must be there after whatever may happen to the
//! process and to the machine, while the disk does what it may: forget what was not synced, keep a part of it, be full, fail.
//! A [`Log`] is one text file, named `log`, to be opened in an editor:
//!
//! ```text
//! 6c1fea74 {"log":1,"cluster":"counter","node":0,"nodes":3}
//! 04a2985f {"add":3}
//! 4be30e98+{"add":4}
//! ```
//!
//! A line is the checksum (CRC-32) of its JSON, a mark, and the JSON: first whose log it is, then the records. The mark is a
//! `+` where a record was written together with the one before. [`append`](Log::append) only collects lines;
//! [`sync`](Log::sync) writes them at once and waits for the disk once, so that records share what is slow. When a log
//! is opened, what a crash has left of the last write is cut off and told as [`Torn`]; anything else that is not right is
//! [damage](LogError::Damaged), which no crash explains and nobody but a human should mend. [`replace`](Log::replace) keeps the
//! file from growing for ever: a new file gets fewer records that stand for all, and then takes the old one's name.
//!
//! The sources: T. S. Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014, for what a crash leaves; A. Rebello
//! et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020, for why a sync is never tried a second time: the
//! system may have dropped what it could not write, and report the next sync as a success.
//!
//! What holds:
//!
//! * Records whose sync returned are there whenever the log is opened again, in their order, and what follows them is a
//!   beginning of what was appended afterwards.
//! * What [`open`](Log::open) returns is as safe as that: it may have come from memory, and is synced before anybody hears it.
//! * What was [certainly not written](LogError::is_certainly_not_written) never turns up.
//! * After a sync that failed the log takes nothing more.
//! * A crash while records are replaced leaves the old ones or the new ones, all of them.
//! * One flipped bit, anywhere, is refused or changes no record.
//!
//! Left out: reading without holding all in memory, of which [`MAX_LOG`] bounds the text and a small factor more the records;
//! mending damage from a second copy; and, where a sync has failed, the doubt whether a new process reads back what the disk
//! holds or what the system still has in memory and believes to be there. A restart of the machine settles that one.

mod error;
mod lines;

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::disk::Disk;
use lines::Mark;

pub use error::LogError;

/// The longest log that is read or written, in bytes.
pub const MAX_LOG: u64 = 256 << 20;

/// The format that is written, and the only one that is read.
pub const VERSION: u64 = 1;

const LOG: &str = "log";

/// Becomes the log when it is whole.
const NEW: &str = "log.new";

/// A file of records.
#[derive(Debug)]
pub struct Log<D> {
    disk: D,
    header: Vec<u8>,
    /// So long is the file, and all of it is safe.
    length: u64,
    /// The lines that the next sync writes.
    waiting: Vec<u8>,
    /// Why it will not write them.
    refused: Option<LogError>,
    /// Whether a sync has failed.
    unsure: bool,
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
    /// use worlds::host::disk::Folder;
    /// use worlds::host::log::{Identity, Log};
    ///
    /// let path = std::env::temp_dir().join(format!("log-{}", std::process::id()));
    /// let me = Identity { cluster: "counter".into(), node: 0, nodes: 3 };
    ///
    /// let (mut log, records, _) = Log::open::<u64>(Folder::open(&path)?, &me)?;
    /// assert!(records.is_empty());
    /// log.append(&3_u64);
    /// log.append(&4_u64);
    /// log.sync()?;
    /// // Whatever happens to this process now:
    /// drop(log);
    ///
    /// let (_, records, torn) = Log::open::<u64>(Folder::open(&path)?, &me)?;
    /// assert_eq!((records, torn), (vec![3, 4], None));
    /// # std::fs::remove_dir_all(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`LogError::Foreign`], [`Newer`](LogError::Newer), [`Damaged`](LogError::Damaged), [`Strange`](LogError::Strange),
    /// after which the file is what it was; [`Failed`](LogError::Failed) and [`Unknown`](LogError::Unknown) if the disk does
    /// not do something.
    pub fn open<R: DeserializeOwned>(
        disk: D,
        identity: &Identity,
    ) -> Result<Opened<D, R>, LogError> {
        let mut log = Log {
            disk,
            header: lines::header(identity),
            length: 0,
            waiting: Vec::new(),
            refused: None,
            unsure: false,
        };
        let bytes = log.read()?;
        if lines::never_began(&bytes, &log.header) {
            log.put_in_place(log.header.clone())?;
            return Ok((log, Vec::new(), None));
        }
        let content = lines::read(&bytes, &log.disk.path(LOG))?;
        if content.owner != *identity {
            return Err(log.foreign(content.owner, identity));
        }
        let torn = log.mend(&bytes, content.right)?;
        Ok((log, content.records, torn))
    }

    /// Adds a record to those that wait for the next [`sync`](Log::sync). What is wrong with it, that sync tells.
    pub fn append<R: Serialize + DeserializeOwned>(&mut self, record: &R) {
        if self.refused.is_some() {
            return;
        }
        let mark = match self.waiting.is_empty() {
            true => Mark::Later,
            false => Mark::Together,
        };
        let pushed = lines::push(&mut self.waiting, mark, record);
        let length = self.length + self.waiting.len() as u64;
        self.refused = self.refusal(pushed, length).err();
    }

    /// Writes the records that wait, and returns when they are safe. If it fails, none of them waits any longer.
    ///
    /// # Errors
    /// [`LogError::Failed`] if the disk did not take them, [`LogError::Record`] if one of them could not be read again,
    /// [`LogError::Full`]: then the log is what it was, and `reread` says what that is. [`LogError::Unknown`] if nobody
    /// knows, and from then on [`LogError::Unsure`].
    pub fn sync(&mut self) -> Result<(), LogError> {
        let waiting = std::mem::take(&mut self.waiting);
        let refused = self.refused.take();
        self.be_sure()?;
        refused.map_or(Ok(()), Err)?;
        if waiting.is_empty() {
            return Ok(());
        }
        if let Err(source) = self.disk.append(LOG, &waiting) {
            return Err(self.cut_back(source));
        }
        self.disk.sync(LOG).map_err(|source| self.unknown(source))?;
        self.length += waiting.len() as u64;
        Ok(())
    }

    /// Puts these records in the place of all that are in the log, and of those that wait.
    ///
    /// # Errors
    /// [`LogError::Failed`], [`LogError::Record`] and [`LogError::Full`] leave the log as it was, and those waiting that
    /// wait. [`LogError::Unknown`] if nobody knows which of the two a crash would leave, and from then on
    /// [`LogError::Unsure`].
    pub fn replace<R: Serialize + DeserializeOwned>(
        &mut self,
        records: &[R],
    ) -> Result<(), LogError> {
        self.be_sure()?;
        let mut bytes = self.header.clone();
        for record in records {
            let pushed = lines::push(&mut bytes, Mark::Later, record);
            self.refusal(pushed, bytes.len() as u64)?;
        }
        self.put_in_place(bytes)?;
        self.waiting.clear();
        self.refused = None;
        Ok(())
    }

    /// The records that are safe, to bring a node back to them after a sync that failed.
    ///
    /// # Errors
    /// [`LogError::Unsure`] after an [`Unknown`](LogError::Unknown); [`LogError::Failed`] if the file cannot be read, and
    /// [`LogError::Damaged`] if it is not what this log has written.
    pub fn reread<R: DeserializeOwned>(&mut self) -> Result<Vec<R>, LogError> {
        self.be_sure()?;
        let bytes = self.read()?;
        let file = self.disk.path(LOG);
        let content = lines::read(&bytes, &file)?;
        if content.right != bytes.len() || bytes.len() as u64 != self.length {
            return Err(LogError::Damaged {
                file,
                offset: self.length.min(content.right as u64),
                line: content.records.len() as u64 + 2,
                what: "was not left so by this process",
            });
        }
        Ok(content.records)
    }

    /// How long the file is, in bytes, without what waits.
    #[expect(
        clippy::len_without_is_empty,
        reason = "whose log it is stands in every log"
    )]
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether a sync has failed, so that nobody knows what is on disk, and nothing more is taken.
    pub fn is_unsure(&self) -> bool {
        self.unsure
    }

    fn be_sure(&self) -> Result<(), LogError> {
        match self.unsure {
            true => Err(LogError::Unsure {
                file: self.disk.path(LOG),
            }),
            false => Ok(()),
        }
    }

    /// The file's bytes; none if there is no file.
    fn read(&mut self) -> Result<Vec<u8>, LogError> {
        match self.disk.read(LOG, MAX_LOG) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|source| self.failed("read", LOG, source)),
        }
    }

    /// Makes safe what was read, without what is torn. It may be there only because this machine has not crashed yet.
    fn mend(&mut self, bytes: &[u8], right: usize) -> Result<Option<Torn>, LogError> {
        let (all, right) = (bytes.len() as u64, right as u64);
        let torn = (right < all).then_some(Torn {
            offset: right,
            bytes: all - right,
        });
        let lacks_end = torn.is_none() && !bytes.ends_with(b"\n");
        let mended = match torn {
            Some(torn) => self.disk.cut(LOG, torn.offset),
            None if lacks_end => self.disk.append(LOG, b"\n"),
            None => Ok(()),
        };
        mended
            .and_then(|()| self.disk.sync(LOG))
            .and_then(|()| self.disk.sync_folder())
            .and_then(|()| self.remove_new())
            .map_err(|source| self.failed("sync", LOG, source))?;
        self.length = right + u64::from(lacks_end);
        Ok(torn)
    }

    /// After a write that failed, and may have left a part: cuts it off. The cut is synced, or a crash could undo it.
    fn cut_back(&mut self, source: io::Error) -> LogError {
        let cut = self.disk.cut(LOG, self.length);
        match cut.and_then(|()| self.disk.sync(LOG)) {
            Ok(()) => self.failed("write", LOG, source),
            Err(_) => self.unknown(source),
        }
    }

    /// Makes a new file with these bytes the log.
    fn put_in_place(&mut self, bytes: Vec<u8>) -> Result<(), LogError> {
        let written = self
            .remove_new()
            .and_then(|()| self.disk.append(NEW, &bytes))
            // Before it has the name: a crash must not leave the name and not the bytes.
            .and_then(|()| self.disk.sync(NEW))
            .and_then(|()| self.disk.rename(NEW, LOG));
        if let Err(source) = written {
            // It takes room, perhaps the last there is. If it stays, the next one removes it.
            let _ = self.remove_new();
            return Err(self.failed("write", NEW, source));
        }
        // What is appended from here on is in the new file, so its name has to last.
        self.disk
            .sync_folder()
            .map_err(|source| self.unknown(source))?;
        self.length = bytes.len() as u64;
        Ok(())
    }

    fn remove_new(&mut self) -> io::Result<()> {
        match self.disk.remove(NEW) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Why a line is not to be written, if it is not.
    fn refusal(&self, pushed: serde_json::Result<()>, length: u64) -> Result<(), LogError> {
        let file = || self.disk.path(LOG);
        pushed.map_err(|source| LogError::Record {
            file: file(),
            source,
        })?;
        match length > MAX_LOG {
            true => Err(LogError::Full {
                file: file(),
                limit: MAX_LOG,
            }),
            false => Ok(()),
        }
    }

    fn failed(&self, doing: &'static str, name: &str, source: io::Error) -> LogError {
        LogError::Failed {
            doing,
            file: self.disk.path(name),
            source,
        }
    }

    fn unknown(&mut self, source: io::Error) -> LogError {
        self.unsure = true;
        LogError::Unknown {
            file: self.disk.path(LOG),
            source,
        }
    }

    fn foreign(&self, owner: Identity, asked: &Identity) -> LogError {
        let log = self.disk.path(LOG);
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
    use crate::host::disk::Folder;

    #[test]
    fn a_log_that_is_full_takes_nothing_and_stays_of_use() {
        let path = std::env::temp_dir().join(format!("full-{}", std::process::id()));
        let me = Identity {
            cluster: "counter".to_owned(),
            node: 0,
            nodes: 1,
        };
        let (mut log, _, _) = Log::open::<u64>(Folder::open(&path).unwrap(), &me).unwrap();
        let length = log.length;
        // As if it were: there is room for one more line, `xxxxxxxx 1` and its end.
        log.length = MAX_LOG - 11;
        log.append(&1_u64);
        log.append(&2_u64);
        let error = log.sync().unwrap_err();
        assert!(matches!(error, LogError::Full { .. }), "{error}");
        assert!(error.is_certainly_not_written());
        log.append(&3_u64);
        log.sync().unwrap();
        assert_eq!(log.length, MAX_LOG);
        log.length = length + 11;
        assert_eq!(log.reread::<u64>().unwrap(), [3]);
        std::fs::remove_dir_all(&path).unwrap();
    }
}
