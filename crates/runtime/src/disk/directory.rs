//! The files of a folder, found from the folder itself and not by its path.
//!
//! While a process works in a folder, the folder may be renamed, and another one made under the old
//! path. By path it would from then on rename and remove files that belong to another process. So
//! each operation starts at the open folder.

#[cfg(unix)]
pub(super) use relative::Directory;

#[cfg(not(unix))]
pub(super) use by_path::Directory;

#[cfg(unix)]
mod relative {
    use std::fs::{File, TryLockError};
    use std::io;
    use std::path::Path;

    use nix::fcntl::{OFlag, openat, renameat};
    use nix::sys::stat::Mode;
    use nix::unistd::{UnlinkatFlags, unlinkat};

    /// A folder, open.
    #[derive(Debug)]
    pub(in super::super) struct Directory(File);

    impl Directory {
        pub(in super::super) fn open(path: &Path) -> io::Result<Directory> {
            File::open(path).map(Directory)
        }

        pub(in super::super) fn try_lock(&self) -> Result<(), TryLockError> {
            self.0.try_lock()
        }

        pub(in super::super) fn sync(&self) -> io::Result<()> {
            self.0.sync_all()
        }

        /// Opens a file to read and to write it. Without `O_NONBLOCK` a pipe would wait for its
        /// other end.
        pub(in super::super) fn file(&self, name: &str, create: bool) -> io::Result<File> {
            let mut how = OFlag::O_RDWR | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
            how.set(OFlag::O_CREAT, create);
            // The umask takes away what it takes from every new file.
            let all_may = Mode::from_bits_truncate(0o666);
            Ok(openat(&self.0, name, how, all_may).map(File::from)?)
        }

        pub(in super::super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            Ok(renameat(&self.0, from, &self.0, to)?)
        }

        pub(in super::super) fn remove(&self, name: &str) -> io::Result<()> {
            Ok(unlinkat(&self.0, name, UnlinkatFlags::NoRemoveDir)?)
        }
    }
}

#[cfg(not(unix))]
mod by_path {
    use std::fs::{self, File, OpenOptions, TryLockError};
    use std::io;
    use std::path::{Path, PathBuf};

    /// The path of a folder. Windows renames no folder in which a file is open, and one is: the
    /// lock.
    #[derive(Debug)]
    pub(in super::super) struct Directory(PathBuf);

    impl Directory {
        pub(in super::super) fn open(path: &Path) -> io::Result<Directory> {
            std::path::absolute(path).map(Directory)
        }

        /// A folder cannot be opened as a file, nor locked: the lock file has to do.
        pub(in super::super) fn try_lock(&self) -> Result<(), TryLockError> {
            Ok(())
        }

        /// See what the module above leaves out.
        pub(in super::super) fn sync(&self) -> io::Result<()> {
            Ok(())
        }

        /// Opens a file to read and to write it.
        pub(in super::super) fn file(&self, name: &str, create: bool) -> io::Result<File> {
            let mut how = OpenOptions::new();
            how.read(true).write(true).create(create).open(self.0.join(name))
        }

        pub(in super::super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            fs::rename(self.0.join(from), self.0.join(to))
        }

        pub(in super::super) fn remove(&self, name: &str) -> io::Result<()> {
            fs::remove_file(self.0.join(name))
        }
    }
}
