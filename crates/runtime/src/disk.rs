//! What a log needs of a disk.
//!
//! A file that was written is not a file that is safe. Until it is synced it lives in the memory of
//! the system, and a power failure leaves any part of it: a beginning, or its length with zeros
//! where bytes should be. Nor is a name safe: a file that was created, renamed or removed is so in
//! the folder, which is synced by itself. The source: T. S. Pillai et al., "All File Systems Are
//! Not Created Equal", OSDI 2014, section 2.
//!
//! [`Disk`] names the few operations of which a log is made. [`Folder`] is a real one; tests have
//! one that forgets whatever it is allowed to.
//!
//! What holds for a [`Folder`]:
//!
//! * One process at a time has it: its lock is held until it is dropped, or the process ends in
//!   whatever way.
//! * Its own name is safe, and those of the folders that were made for it.
//! * All that is done, is done in the folder that was locked, wherever it is by now and whatever
//!   has taken its path.
//! * Its files stay open from their first use. What a sync reports is then about what was written
//!   here, and no lack of descriptors comes between a rename and the sync of its folder.
//! * Nothing is written to a file that somebody has removed meanwhile: nobody would find it again.
//!
//! Left out: the sync of a folder on Windows, where a folder cannot be opened as a file. A power
//! failure there may undo the rename of a file.

mod directory;

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use directory::Directory;

/// The file that says, by being locked, that the folder is in use. It is empty, and stays. Who
/// removes it removes its lock, so where the system can lock a folder, that is locked, too.
const LOCK: &str = "lock";

/// A folder of files, flat, in which nothing is safe until it is synced.
///
/// An operation that fails has had no effect, but for two: after [`append`](Disk::append) a part
/// may be there, and after [`sync`](Disk::sync) nobody knows what is.
pub trait Disk {
    /// What to call a file in an error.
    fn path(&self, name: &str) -> PathBuf;

    /// All that the file holds.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such file, [`ErrorKind::FileTooLarge`] if it has more
    /// than `limit` bytes, of which no more are then held; and whatever the system reports.
    fn read(&mut self, name: &str, limit: u64) -> io::Result<Vec<u8>>;

    /// Writes at the end of the file, which is made if there is none.
    ///
    /// # Errors
    /// Whatever the system reports. A part may have been written.
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Makes the file's bytes and its length safe; its name is the folder's matter.
    ///
    /// # Errors
    /// Whatever the system reports. What was not safe before may be lost, and the next sync may
    /// know nothing of it.
    fn sync(&mut self, name: &str) -> io::Result<()>;

    /// Cuts the file to `length` bytes. Not safe until it is synced.
    ///
    /// # Errors
    /// Whatever the system reports.
    fn cut(&mut self, name: &str, length: u64) -> io::Result<()>;

    /// Gives a file another name, whose file, if there is one, is gone. At any time the new name
    /// means one of the two.
    ///
    /// # Errors
    /// Whatever the system reports.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none; and whatever the system reports.
    fn remove(&mut self, name: &str) -> io::Result<()>;

    /// Makes safe which files there are.
    ///
    /// # Errors
    /// Whatever the system reports.
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

    /// `None` if somebody has it.
    fn take(path: &Path) -> io::Result<Option<Folder>> {
        make(path)?;
        let directory = Directory::open(path)?;
        let lock = directory.file(LOCK, true)?;
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
            let file = self.directory.file(name, create)?;
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
        // Somebody may be writing to it, and a device has no length.
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(too_large(limit));
        }
        Ok(bytes)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let file = self.file(name, true)?;
        if is_removed(file)? {
            let what = "it was removed while it was in use";
            return Err(io::Error::new(ErrorKind::NotFound, what));
        }
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

/// Whether a folder is, or was, the data folder of a node.
pub(super) fn is_data_folder(path: &Path) -> bool {
    path.join(LOCK).is_file()
}

/// Whether an open file has no name any more.
#[cfg(unix)]
fn is_removed(file: &File) -> io::Result<bool> {
    Ok(std::os::unix::fs::MetadataExt::nlink(&file.metadata()?) == 0)
}

/// Whether an open file has no name any more: elsewhere nobody can say, or an open file cannot be
/// removed.
#[cfg(not(unix))]
fn is_removed(_: &File) -> io::Result<bool> {
    Ok(false)
}

/// Makes a folder and those it stands in, each safe in the one above.
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

/// Why a folder is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Its lock is held.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The system does not let us.
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
