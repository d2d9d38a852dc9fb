//! Reading a file, and replacing it whole: written beside, brought to the disk, renamed. So at any
//! moment it is either the old one or the new one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process;

/// What the file at `path` holds.
///
/// # Errors
/// If it cannot be read. A pipe or a device in its place is refused, since reading it may not end.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    match fs::metadata(path)?.is_file() {
        true => fs::read(path),
        false => Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")),
    }
}

/// Has the file at `path` hold `bytes`, whether it was there before or not.
///
/// # Errors
/// If it cannot be written; it is as it was then.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // The process's number keeps two of us from writing into one file.
    let mut beside = path.file_name().map_or_else(OsString::new, OsString::from);
    beside.push(format!(".{}", process::id()));
    let beside = path.with_file_name(beside);
    let written =
        write_through(File::create(&beside), bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The error of the write says more than one of tidying up.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Has a file that was not there before hold `bytes`.
///
/// # Errors
/// If there is such a file, or it cannot be written.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_through(File::create_new(path), bytes)
}

fn write_through(file: io::Result<File>, bytes: &[u8]) -> io::Result<()> {
    let mut file = file?;
    file.write_all(bytes)?;
    file.sync_all()
}
