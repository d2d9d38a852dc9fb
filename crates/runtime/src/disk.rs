//! What a log needs of a disk.
//!
//! A file that was written is not yet **durable**. Until it is synced it lives in the memory of the
//! system, and a power failure leaves any part of it: some of its pages as they were written, zeros
//! or older bytes in place of the others, and any length. A name is not durable either: a file that
//! was created, renamed or removed is so in its folder, and a folder is synced by itself. The
//! source: T. S. Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014, section 2.
//!
//! [`Disk`] names the few operations of which a log is made. [`Folder`] is a real one; [`Memory`]
//! stands in for it in tests and lessons, and loses power when it is asked to.
//!
//! What holds for a [`Folder`]:
//!
//! * One process at a time has it: its lock is held until it is dropped, or until the process ends.
//! * Its own name is durable, and so are those of the folders that were made for it.
//! * Each operation takes place in the folder that was locked, even where that was renamed and
//!   another folder has taken its path.
//! * Its files stay open from their first use. So a sync reports on what was written here, and a
//!   lack of descriptors cannot come between a rename and the sync of the folder.
//! * Its files are regular ones. A pipe or a device of such a name is refused, and opening it does
//!   not block.
//! * A write to a file that was removed meanwhile fails: nothing would find those bytes again.
//!
//! Left out: the sync of a folder on Windows, where a folder cannot be opened as a file. A power
//! failure there may undo the rename of a file.

mod directory;
mod memory;

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use directory::Directory;

pub use memory::{Fault, Memory, PAGE, Unsynced};

/// The file whose lock says that the folder is in use. It is empty, and stays. Removing it removes
/// the lock, so where the system can lock a folder, that is locked, too.
const LOCK: &str = "lock";

/// A folder of files, flat, in which nothing is durable until it is synced.
///
/// Each operation returns the error that the system reports, and has then had no effect, but for
/// two: after [`write_at`](Disk::write_at) a part may be there, and after [`sync`](Disk::sync) what
/// was not durable before may be lost, and the next sync may succeed all the same.
pub trait Disk {
    /// The file's path, for an error message.
    fn path(&self, name: &str) -> PathBuf;

    /// All bytes of the file.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such file, [`ErrorKind::FileTooLarge`] if it has more
    /// than `limit` bytes, of which no more are then held.
    fn read(&mut self, name: &str, limit: u64) -> io::Result<Vec<u8>>;

    /// Writes over the bytes that begin at `offset`, and makes the file, or makes it longer, where
    /// they are not there yet.
    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes the file's bytes and its length durable; its name is the folder's matter.
    fn sync(&mut self, name: &str) -> io::Result<()>;

    /// Cuts the file to `length` bytes. Not durable until it is synced.
    fn cut(&mut self, name: &str, length: u64) -> io::Result<()>;

    /// Gives a file another name, and removes the file that had it, if there was one. At any time
    /// the new name means one of the two.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none.
    fn remove(&mut self, name: &str) -> io::Result<()>;

    /// Makes durable which files there are.
    fn sync_folder(&mut self) -> io::Result<()>;
}

/// A folder of the file system, which no other process has.
#[derive(Debug)]
pub struct Folder {
    /// Where it was when it was opened, for messages.
    path: PathBuf,
    /// The folder itself, locked.
    directory: Directory,
    files: BTreeMap<String, File>,
    /// Locked for as long as it is open.
    _lock: File,
}

impl Folder {
    /// Takes a folder, and makes it if there is none.
    ///
    /// ```
    /// use runtime::disk::{Folder, FolderError};
    ///
    /// # let scratch = tempfile::tempdir()?;
    /// # let path = scratch.path();
    /// let first = Folder::open(path)?;
    /// let second = Folder::open(path);
    /// assert!(matches!(second, Err(FolderError::InUse { .. })));
    /// drop(first);
    /// assert!(Folder::open(path).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`FolderError::InUse`] if another process has it, or another value of this one;
    /// [`FolderError::Unusable`] if it cannot be made, read or written.
    pub fn open(path: impl Into<PathBuf>) -> Result<Folder, FolderError> {
        let path = path.into();
        match Folder::take(&path) {
            Ok(Some(folder)) => Ok(folder),
            Ok(None) => Err(FolderError::InUse { path }),
            Err(source) => Err(FolderError::Unusable { path, source }),
        }
    }

    /// `None` if it is in use.
    fn take(path: &Path) -> io::Result<Option<Folder>> {
        make(path)?;
        let directory = Directory::open(path)?;
        let lock = regular_file(&directory, LOCK, true)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {}
        }
        // Some systems lock no folders, such as those on a network; there the file has to do.
        if matches!(directory.try_lock(), Err(TryLockError::WouldBlock)) {
            return Ok(None);
        }
        Ok(Some(Folder { path: path.to_owned(), directory, files: BTreeMap::new(), _lock: lock }))
    }

    fn file(&mut self, name: &str, create: bool) -> io::Result<&mut File> {
        if !self.files.contains_key(name) {
            let file = regular_file(&self.directory, name, create)?;
            self.files.insert(name.to_owned(), file);
        }
        Ok(self.files.get_mut(name).expect("it is open by now"))
    }
}

impl Disk for Folder {
    fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn read(&mut self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        let file = self.file(name, false)?;
        let length = file.metadata()?.len();
        if length > limit {
            return Err(too_large(limit));
        }
        file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        // Another process may be writing to it.
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(too_large(limit));
        }
        Ok(bytes)
    }

    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let file = self.file(name, true)?;
        if is_removed(file)? {
            let what = "it was removed while it was in use";
            return Err(io::Error::new(ErrorKind::NotFound, what));
        }
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.file(name, false)?.sync_data()
    }

    fn cut(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.file(name, false)?.set_len(length)
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.directory.rename(from, to)?;
        self.files.remove(to);
        if let Some(file) = self.files.remove(from) {
            self.files.insert(to.to_owned(), file);
        }
        Ok(())
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.directory.remove(name)?;
        self.files.remove(name);
        Ok(())
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        self.directory.sync()
    }
}

/// The bytes, without the zeros at their end. There may be many: many are compared at once.
pub(super) fn without_zeros(bytes: &[u8]) -> &[u8] {
    let is_zero = |chunk: &&[u8]| **chunk == [0; 512][..chunk.len()];
    let zeros: usize = bytes.rchunks(512).take_while(is_zero).map(<[u8]>::len).sum();
    let rest = &bytes[..bytes.len() - zeros];
    let used = rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &rest[..used]
}

/// Whether a folder is, or was, the data folder of a node.
pub(super) fn is_data_folder(path: &Path) -> bool {
    path.join(LOCK).is_file()
}

fn regular_file(directory: &Directory, name: &str, create: bool) -> io::Result<File> {
    let file = directory.file(name, create)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other(format!("{name} is not a regular file"))),
    }
}

/// Whether an open file has lost its name.
#[cfg(unix)]
fn is_removed(file: &File) -> io::Result<bool> {
    Ok(std::os::unix::fs::MetadataExt::nlink(&file.metadata()?) == 0)
}

/// Whether an open file has lost its name: elsewhere the system does not say, or does not remove
/// an open file.
#[cfg(not(unix))]
fn is_removed(_: &File) -> io::Result<bool> {
    Ok(false)
}

/// Makes a folder and those it stands in, each durable in the one above.
fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    make(above)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
        made => made?,
    }
    Directory::open(above)?.sync()
}

fn too_large(limit: u64) -> io::Error {
    let what = format!("it is longer than {limit} bytes");
    io::Error::new(ErrorKind::FileTooLarge, what)
}

/// Why a folder cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Its lock is held.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The system refuses it.
    #[error("cannot use the folder {}", path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl FolderError {
    /// What the user of a program can do about it, where something can be done.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            FolderError::InUse { .. } => Some("end that process first, or take another --data"),
            FolderError::Unusable { source, .. } => match source.kind() {
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    Some("--data takes a folder that you may write to")
                }
                ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                    Some("--data takes a folder, and there is a file of that name")
                }
                _ => None,
            },
        }
    }
}
