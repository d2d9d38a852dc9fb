//! What a node has written down, in a file that outlives it.
//!
//! A node answers "counted", and its client builds on that. So the record has to be there after a
//! crash of the process or of the machine, on a disk that may forget what was not synced, be full,
//! or fail. A [`Log`] is one file, named `log`, to be opened in an editor:
//!
//! ```text
//! 8f565dd6 {"log":2,"cluster":"counter","node":0,"nodes":3}
//! 15204ba1 8f565dd6 {"add":3}
//! 107ee9ce 15204ba1+{"add":4}
//! b277da5b 107ee9ce {"add":5}
//! ```
//!
//! A line begins with a **checksum** (CRC-32) of all that follows in it. The first line says whose
//! log it is; each other line has a record at its end. In between stand
//!
//! * the checksum of the line before. So the lines are a **chain**, and a line that was deleted,
//!   moved or duplicated breaks it.
//! * a mark. A sync is slow, so the records that wait for one share it: [`append`](Log::append)
//!   collects them, and [`sync`](Log::sync) writes them together, as a **batch**, and syncs once.
//!   The first line of a batch has a space, the others have a `+`. Since a batch is written only
//!   when the one before is synced, a space says: *every line above was durable before this one was
//!   written*. And it says so whatever has become of those, since a checksum covers its own line
//!   alone.
//!
//! After the last line there are **zeros**, which an editor shows as `^@` or not at all. The next
//! batch is written over them: a sync is faster where the file does not become longer. When they
//! are used up, a batch brings more, up to a multiple of [`AHEAD`] bytes. [`close`](Log::close)
//! cuts them off, and leaves a plain text file.
//!
//! **Recovery.** [`open`](Log::open) takes lines as long as each one's checksum is right and it
//! follows the one before. Where a checksum is wrong, there are two questions. Are bytes missing:
//! does the line lack its end, or are there zeros in it, as where a page had not reached the disk?
//! And is there no line with a space below it? If both are so, then it belongs to the last batch, a
//! crash came before that was synced, and nothing of it was acknowledged: the rest is **torn**, is
//! cut off, and is reported as [`Torn`], even where a later page of that batch has survived. In all
//! other cases the file is [damaged](LogError::Damaged): a crash does not explain it, an
//! acknowledged record may be gone, and a human has to decide.
//!
//! [`replace`](Log::replace) keeps the file from growing without end: a new file gets fewer records
//! that stand for all, is synced, and takes the old one's name. There each line has a space.
//!
//! The sources: T. S. Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014, for what
//! a crash leaves; A. Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
//! 2020, for why a sync is not tried a second time: the system may have dropped what it could not
//! write, and report the next sync as a success. So the process ends after an error, and the next
//! one writes the last batch again before it relies on it.
//!
//! What holds:
//!
//! * Records whose sync returned `Ok` are there whenever the log is opened again, in their order.
//!   What follows them is a beginning of what was appended afterwards.
//! * The records that [`open`](Log::open) returns are durable.
//! * After an error the log takes nothing more.
//! * A crash while records are replaced leaves the old ones or the new ones, all of them.
//! * A flipped bit is refused, with its place, or is in the zeros and changes no record.
//! * A whole line that was deleted, moved or duplicated is refused.
//!
//! What no file can show by itself: where the last lines were deleted, or zeros stand in the place
//! of the last batch, it looks as if that had not been written. As soon as there is a next batch,
//! its space shows it; until then only another node can know. Left out: reading without holding all
//! in memory, of which [`MAX_LOG`] bounds the text and a small factor more the records; repairing
//! damage from a second copy; and file systems that show bytes of other files where they have not
//! written yet, such as ext4 with `data=writeback`: what they leave is damage here.

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

/// The file grows to a multiple of so many bytes: with zeros, over which batches are then written.
pub const AHEAD: u64 = 64 << 10;

// Or the zeros would make a log longer than is read.
const _: () = assert!(MAX_LOG.is_multiple_of(AHEAD));

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
    /// The length with the zeros that are certain to be there.
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
        // There may be zeros, which the first batch then writes once more.
        log.allocated = log.length;
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
        let cut = self.disk.cut(LOG, self.length).and_then(|()| self.disk.sync(LOG));
        cut.map_err(|source| self.failed("cut", LOG, source))
    }

    /// Whether records wait for a sync.
    pub fn has_unsynced(&self) -> bool {
        !self.batch.bytes.is_empty()
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
            bytes.extend(vec![0; (self.allocated - end) as usize]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    fn begun(disk: &Memory) -> Log<Memory> {
        let me = Identity { cluster: "counter".to_owned(), node: 0, nodes: 1 };
        Log::open::<u64>(disk.clone(), &me).unwrap().0
    }

    #[test]
    fn a_large_batch_leaves_no_large_buffer() {
        let mut log = begun(&Memory::default());
        log.append(&"x".repeat(1 << 20));
        log.sync().unwrap();
        assert!(log.batch.bytes.capacity() as u64 <= AHEAD);
    }

    #[test]
    fn a_log_that_is_full_takes_nothing() {
        let disk = Memory::default();
        let mut log = begun(&disk);
        // As if there were room for one more line, `xxxxxxxx xxxxxxxx 1` and its end.
        log.length = MAX_LOG - 20;
        log.append(&1_u64);
        assert!(log.refused.is_none());
        log.append(&2_u64);
        let (before, error) = (disk.writes(), log.sync().unwrap_err());
        assert!(matches!(error, LogError::Full { .. }), "{error}");
        assert!(matches!(log.sync(), Err(LogError::Stopped { .. })));
        assert_eq!(disk.writes(), before);
    }
}
