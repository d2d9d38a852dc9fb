//! A disk whose faults a test decides.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use runtime::disk::{Disk, Folder};

use super::{PATIENCE, WORKS};

/// A folder whose faults the test decides.
pub(crate) struct Faulty {
    folder: Folder,
    faults: Arc<Faults>,
}

#[derive(Default)]
pub(crate) struct Faults {
    pub(crate) is_full: Mutex<bool>,
    pub(crate) cannot_sync: Mutex<bool>,
    /// Whether a sync waits at the gate, or the gate is open.
    gate: Mutex<Gate>,
    changed: Condvar,
    pub(crate) syncs: AtomicUsize,
}

#[derive(Default, PartialEq)]
pub(crate) enum Gate {
    #[default]
    Open,
    Closed,
    Waiting,
}

impl Faults {
    pub(crate) fn set_gate(&self, gate: Gate) {
        *self.gate.lock().expect(WORKS) = gate;
        self.changed.notify_all();
    }

    pub(crate) fn wait_for(&self, is_it: impl Fn(&Gate) -> bool) {
        let gate = self.gate.lock().expect(WORKS);
        // A test that has failed opens no gate.
        let waited = self.changed.wait_timeout_while(gate, PATIENCE, |gate| !is_it(gate));
        drop(waited.expect(WORKS));
    }

    fn pass_gate(&self) {
        let mut gate = self.gate.lock().expect(WORKS);
        if *gate == Gate::Closed {
            *gate = Gate::Waiting;
            self.changed.notify_all();
        }
        drop(gate);
        self.wait_for(|gate| *gate == Gate::Open);
    }
}

impl Disk for Faulty {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path(name)
    }

    fn read(&mut self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        self.folder.read(name, limit)
    }

    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if *self.faults.is_full.lock().expect(WORKS) {
            self.folder.write_at(name, offset, &bytes[..bytes.len() / 2])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.folder.write_at(name, offset, bytes)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.faults.pass_gate();
        if *self.faults.cannot_sync.lock().expect(WORKS) {
            return Err(io::Error::other("the disk is gone"));
        }
        self.faults.syncs.fetch_add(1, Ordering::SeqCst);
        self.folder.sync(name)
    }

    fn cut(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.folder.cut(name, length)
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.folder.rename(from, to)
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.folder.remove(name)
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        self.folder.sync_folder()
    }
}

pub(crate) fn faulty(scratch: &tempfile::TempDir) -> (Faulty, Arc<Faults>) {
    let folder = Folder::open(scratch.path()).expect(WORKS);
    let faults = Arc::new(Faults::default());
    let disk = Faulty { folder, faults: Arc::clone(&faults) };
    (disk, faults)
}
