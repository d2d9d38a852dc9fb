//! A file all of whose bytes are safe, or nobody knows.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::{LogError, MAX_LOG, Torn};
use crate::disk::Disk;

const LOG: &str = "log";

/// Becomes the log when it is whole.
const NEW: &str = "log.new";

/// The file of a log, as bytes.
///
/// * Its first [`length`](SafeFile::length) bytes are safe, and there are no others.
/// * Where that cannot be said any more it is [`unsure`](SafeFile::be_sure), for good.
#[derive(Debug)]
pub(super) struct SafeFile<D> {
    disk: D,
    pub(super) length: u64,
    unsure: bool,
}

impl<D: Disk> SafeFile<D> {
    /// What there is has to be read and made safe, or put in place, before anything is added.
    pub(super) fn new(disk: D) -> SafeFile<D> {
        SafeFile { disk, length: 0, unsure: false }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.disk.path(LOG)
    }

    pub(super) fn is_unsure(&self) -> bool {
        self.unsure
    }

    pub(super) fn be_sure(&self) -> Result<(), LogError> {
        match self.unsure {
            true => Err(LogError::Unsure { file: self.path() }),
            false => Ok(()),
        }
    }

    /// The file's bytes, if there is a file.
    pub(super) fn read(&mut self) -> Result<Option<Vec<u8>>, LogError> {
        match self.disk.read(LOG, MAX_LOG) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|source| self.failed("read", LOG, source)),
        }
    }

    /// Makes safe what was read, but for what is torn. It may be there only because this machine
    /// has not crashed yet.
    pub(super) fn make_safe(
        &mut self,
        bytes: &[u8],
        right: usize,
    ) -> Result<Option<Torn>, LogError> {
        let (all, right) = (bytes.len() as u64, right as u64);
        let torn = (right < all).then_some(Torn { offset: right, bytes: all - right });
        // Of a line that is right, nothing but its end can be missing.
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

    /// Adds bytes, with one write and one sync.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        self.be_sure()?;
        if let Err(source) = self.disk.append(LOG, bytes) {
            return Err(self.cut_back(source));
        }
        self.disk.sync(LOG).map_err(|source| self.unknown(source))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// After a write that failed, and may have left a part: cuts it off. The cut is synced, or a
    /// crash could undo it.
    fn cut_back(&mut self, source: io::Error) -> LogError {
        let cut = self.disk.cut(LOG, self.length);
        match cut.and_then(|()| self.disk.sync(LOG)) {
            Ok(()) => self.failed("write", LOG, source),
            Err(_) => self.unknown(source),
        }
    }

    /// Puts a new file with these bytes in the place of this one, or of none.
    pub(super) fn replace(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        self.be_sure()?;
        let written = self
            .remove_new()
            .and_then(|()| self.disk.append(NEW, bytes))
            // Before it has the name: a crash must not leave the name and not the bytes.
            .and_then(|()| self.disk.sync(NEW))
            .and_then(|()| self.disk.rename(NEW, LOG));
        if let Err(source) = written {
            // It takes room, perhaps the last there is. If it stays, the next one removes it.
            let _ = self.remove_new();
            return Err(self.failed("write", NEW, source));
        }
        // What is added from here on is in the new file, so its name has to last.
        self.disk.sync_folder().map_err(|source| self.unknown(source))?;
        self.length = bytes.len() as u64;
        Ok(())
    }

    fn remove_new(&mut self) -> io::Result<()> {
        match self.disk.remove(NEW) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    fn failed(&self, doing: &'static str, name: &str, source: io::Error) -> LogError {
        LogError::Failed { doing, file: self.disk.path(name), source }
    }

    fn unknown(&mut self, source: io::Error) -> LogError {
        self.unsure = true;
        let file = self.path();
        LogError::Unknown { file, source }
    }
}
