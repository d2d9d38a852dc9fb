//! What a node has written down, in a file that outlives it.
//!
//! A node answers "counted", and its client builds on that. So the record must be there after a
//! crash of the process and of the machine, on a disk that may forget what was not synced, be full,
//! or fail. A [`Log`] is one file, named `log`, to be opened in an editor:
//!
//! ```text
//! d5e57164 {"log":2,"cluster":"counter","node":0,"nodes":3}
//! 8dd83b8a d5e57164 {"add":3}
//! 0d4d1dd5 8dd83b8a+{"add":4}
//! 9b7e7a1b 0d4d1dd5 {"add":5}
//! ```
//!
//! A line begins with the **checksum** (CRC-32) of all that follows it in the line. The first line
//! says whose log it is, and each other line holds a record. Between the two stand
//!
//! * the checksum of the line before, so that the lines are a **chain**: a line that was deleted,
//!   duplicated or moved breaks it; and
//! * a mark. Lines that were written together are a **batch**, and share one sync, which is slow:
//!   [`append`](Log::append) collects them, [`sync`](Log::sync) writes them. The first has a space,
//!   the others have a `+`. A batch is written when the one before is synced. So a space says: *all
//!   that is above this line was on the disk before this line was written*.
//!
//! After the last line come **zeros**, which an editor shows as `^@` or not at all. They are the
//! room for the next lines: a sync that makes a file no longer is faster. When they are used up,
//! the next batch brings [`AHEAD`] bytes more. [`close`](Log::close) cuts them off.
//!
//! **Recovery.** [`open`](Log::open) reads lines as long as each is right and follows the one
//! before. At the first that is not, it asks two questions. Does bytes lack there: has the line no
//! end, or zeros in it, as where pages of the disk were not written yet? And is no line with a space
//! to be found below, wherever it stands? If both are so, a crash has left a part of the last batch,
//! which was not acknowledged: it is **torn**, is cut off, and is reported as [`Torn`]. Otherwise
//! the file is [damaged](LogError::Damaged): no crash explains it, a record that was acknowledged
//! may be gone, and a human has to decide.
//!
//! [`replace`](Log::replace) keeps the file from growing without end: a new file gets fewer records
//! that stand for all, is synced, and then takes the old one's name. There each line has a space.
//!
//! The sources: T. S. Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014, for what
//! a crash leaves; A. Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
//! 2020, for why a sync is not tried a second time: the system may have dropped what it could not
//! write, and report the next sync as a success. So after an error the log takes nothing more, the
//! process ends, and the next one writes the last batch again before it relies on it.
//!
//! What holds:
//!
//! * Records whose sync returned `Ok` are there whenever the log is opened again, in their order.
//!   What follows them is a beginning of what was appended afterwards.
//! * What [`open`](Log::open) returns is durable. What it read may have been in the memory of the
//!   system only, so it is written again and synced first.
//! * After an error the log takes nothing more.
//! * A crash while records are replaced leaves the old ones or the new ones, all of them.
//! * A flipped bit is refused, with its line, or changes no record.
//! * A whole line that was deleted, moved or duplicated is refused.
//!
//! What cannot be known: lines that were deleted from the end, and zeros over the last batch, look
//! as if they had not been written. The next batch would show it; while there is none, only another
//! node can. Left out: reading without holding all in memory, of which [`MAX_LOG`] bounds the text
//! and a small factor more the records; repairing damage from a second copy; and file systems that
//! show bytes of other files where they have not written yet, such as ext4 with `data=writeback`.
//! What they leave is damage here.

mod error;
mod lines;

use std::io::{self, ErrorKind};
use std::{fmt, mem};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::disk::Disk;
use lines::{Lines, Mark};

pub use error::LogError;

/// The longest log that is read or written, in bytes.
pub const MAX_LOG: u64 = 256 << 20;

/// How many bytes the file grows by: with zeros, over which records are then written.
pub const AHEAD: u64 = 256 << 10;

/// The format that is written, and the only one that is read.
pub const VERSION: u64 = 2;

const LOG: &str = "log";

/// Becomes the log when it is whole.
const NEW: &str = "log.new";

/// A file of records.
///
/// * Its first [`len`](Log::len) bytes are lines, and durable. What follows them is zeros.
/// * It holds no more memory than [`AHEAD`] bytes and what the largest batch since the last sync
///   needs.
#[derive(Debug)]
pub struct Log<D> {
    disk: D,
    identity: Identity,
    length: u64,
    /// The length with the zeros.
    allocated: u64,
    /// The lines that the next sync writes.
    batch: Lines,
    /// Why it will not write them.
    refused: Option<LogError>,
    is_stopped: bool,
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

/// What an interrupted write had left, and was cut off. It was not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Where it began, in bytes from the beginning of the file.
    pub offset: u64,
    /// How many bytes it had, without the zeros at its end.
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
    /// [`LogError::Foreign`], [`OtherFormat`](LogError::OtherFormat),
    /// [`Damaged`](LogError::Damaged), [`Strange`](LogError::Strange), after which the file is what
    /// it was; [`Failed`](LogError::Failed) if the disk does not do something.
    pub fn open<R: DeserializeOwned>(
        disk: D,
        identity: &Identity,
    ) -> Result<Opened<D, R>, LogError> {
        let mut log = Log {
            disk,
            identity: identity.clone(),
            length: 0,
            allocated: 0,
            batch: Lines::begin(identity),
            refused: None,
            is_stopped: false,
        };
        let bytes = match log.disk.read(LOG, MAX_LOG) {
            Ok(bytes) => bytes,
            // A crash while a log is begun leaves no file, or the whole first line.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                log.become_new(Lines::begin(identity))?;
                return Ok((log, Vec::new(), None));
            }
            Err(source) => return Err(log.failed("read", LOG, source)),
        };
        let content = lines::read(&bytes, &log.disk.path(LOG), identity)?;
        log.length = content.end as u64;
        log.allocated = content.torn.map_or(bytes.len() as u64, |torn| torn.offset);
        log.batch = Lines::after(content.last);
        log.make_durable(content.torn, content.batch, &bytes[content.batch..content.end])
            .map_err(|source| log.failed("sync", LOG, source))?;
        Ok((log, content.records, content.torn))
    }

    /// Adds a record to the batch that the next [`sync`](Log::sync) writes. That call reports what
    /// is wrong with it.
    pub fn append<R: Serialize + DeserializeOwned>(&mut self, record: &R) {
        if self.refused.is_some() || self.is_stopped {
            return;
        }
        let mark = match self.batch.bytes.is_empty() {
            true => Mark::Head,
            false => Mark::Together,
        };
        let pushed = self.batch.push(mark, record);
        let length = self.length + self.batch.bytes.len() as u64;
        self.refused = self.check(pushed, length).err();
    }

    /// Writes the batch, and returns when it is durable. Costs one write and one sync of the disk,
    /// or nothing if the batch is empty.
    ///
    /// # Errors
    /// [`LogError::Failed`] if the disk does not do it: what is left of the batch is found out when
    /// the log is opened again. [`LogError::Record`] if a record could not be read again, and
    /// [`LogError::Full`]: then nothing was written. After any of these, [`LogError::Stopped`].
    pub fn sync(&mut self) -> Result<(), LogError> {
        self.unless_stopped(|log| {
            log.refused.take().map_or(Ok(()), Err)?;
            match log.batch.bytes.is_empty() {
                true => Ok(()),
                false => log.write_batch(),
            }
        })
    }

    /// Puts these records in the place of all that are in the log, and of those that wait for a
    /// sync.
    ///
    /// # Errors
    /// As those of [`sync`](Log::sync), but that after [`LogError::Failed`] the records are the old
    /// ones or the new ones.
    pub fn replace<R: Serialize + DeserializeOwned>(
        &mut self,
        records: &[R],
    ) -> Result<(), LogError> {
        self.unless_stopped(|log| {
            let mut lines = Lines::begin(&log.identity);
            for record in records {
                let pushed = lines.push(Mark::Head, record);
                log.check(pushed, lines.bytes.len() as u64)?;
            }
            log.become_new(lines)
        })
    }

    /// [Syncs](Log::sync), and cuts off the zeros, so that what is left is a text file. A log that
    /// is dropped instead loses nothing.
    ///
    /// # Errors
    /// As those of [`sync`](Log::sync).
    pub fn close(mut self) -> Result<(), LogError> {
        self.sync()?;
        if self.allocated > self.length {
            let cut = self.disk.cut(LOG, self.length).and_then(|()| self.disk.sync(LOG));
            cut.map_err(|source| self.failed("cut", LOG, source))?;
        }
        Ok(())
    }

    /// How long the log is, in bytes, without what waits for a sync and without the zeros.
    #[expect(clippy::len_without_is_empty, reason = "whose log it is stands in every log")]
    pub fn len(&self) -> u64 {
        self.length
    }

    fn unless_stopped(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        if self.is_stopped {
            return Err(LogError::Stopped { file: self.disk.path(LOG) });
        }
        let done = act(self);
        self.is_stopped = done.is_err();
        done
    }

    fn write_batch(&mut self) -> Result<(), LogError> {
        let bytes = &mut self.batch.bytes;
        let end = self.length + bytes.len() as u64;
        if end > self.allocated {
            self.allocated = end.next_multiple_of(AHEAD);
            bytes.resize((self.allocated - self.length) as usize, 0);
        }
        let written = self.disk.write_at(LOG, self.length, bytes);
        bytes.clear();
        bytes.shrink_to(AHEAD as usize);
        written.map_err(|source| self.failed("write", LOG, source))?;
        self.disk.sync(LOG).map_err(|source| self.failed("sync", LOG, source))?;
        self.length = end;
        Ok(())
    }

    /// Makes durable what was read, but for what is torn. Its last batch may be in the memory of
    /// the system only, and where a sync has failed, the system takes it for written: so it is
    /// written again.
    fn make_durable(&mut self, torn: Option<Torn>, offset: usize, batch: &[u8]) -> io::Result<()> {
        if let Some(torn) = torn {
            self.disk.cut(LOG, torn.offset)?;
        }
        self.disk.write_at(LOG, offset as u64, batch)?;
        self.disk.sync(LOG)?;
        self.disk.sync_folder()?;
        self.remove_new()
    }

    /// Puts a new file in the place of this one, or of none.
    fn become_new(&mut self, mut lines: Lines) -> Result<(), LogError> {
        self.remove_new()
            .and_then(|()| self.disk.write_at(NEW, 0, &lines.bytes))
            // Before it has the name: a crash must not leave the name and not the bytes.
            .and_then(|()| self.disk.sync(NEW))
            .and_then(|()| self.disk.rename(NEW, LOG))
            // What is added from here on is in the new file, so its name has to last.
            .and_then(|()| self.disk.sync_folder())
            .map_err(|source| self.failed("write", NEW, source))?;
        self.length = mem::take(&mut lines.bytes).len() as u64;
        self.allocated = self.length;
        self.batch = lines;
        self.refused = None;
        Ok(())
    }

    fn remove_new(&mut self) -> io::Result<()> {
        match self.disk.remove(NEW) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Whether a line that makes the log so long is to be written.
    fn check(&self, pushed: serde_json::Result<()>, length: u64) -> Result<(), LogError> {
        let file = || self.disk.path(LOG);
        pushed.map_err(|source| LogError::Record { file: file(), source })?;
        match length > MAX_LOG {
            true => Err(LogError::Full { file: file(), limit: MAX_LOG }),
            false => Ok(()),
        }
    }

    fn failed(&self, doing: &'static str, name: &str, source: io::Error) -> LogError {
        LogError::Failed { doing, file: self.disk.path(name), source }
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
