//! A folder that is removed when the experiment is over.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use common::random::fresh_seed;

/// A new folder among the system's temporary files; dropping it removes it with all that is in it.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> io::Result<Scratch> {
        let path = env::temp_dir().join(format!("retry-{:016x}", fresh_seed()));
        // Fails if the name is taken.
        fs::create_dir(&path)?;
        Ok(Scratch(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left for the system to clean up.
        let _ = fs::remove_dir_all(&self.0);
    }
}
