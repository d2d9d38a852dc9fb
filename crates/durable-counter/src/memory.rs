//! Provisional.
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use runtime::disk::Disk;

/// Provisional.
#[derive(Clone, Default, Debug)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Default, Debug)]
struct State {
    shown: BTreeMap<String, Vec<u8>>,
    synced: BTreeMap<String, Vec<u8>>,
    durable: BTreeMap<String, Vec<u8>>,
    syncs: u64,
}

impl Memory {
    /// Puts a file.
    pub fn put(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        let mut state = self.state();
        state.shown.insert(name.to_owned(), bytes.clone());
        state.synced.insert(name.to_owned(), bytes.clone());
        state.durable.insert(name.to_owned(), bytes);
    }
    /// Writes.
    pub fn write_at(&mut self, name: &str, _: u64, bytes: &[u8]) -> io::Result<()> {
        self.append(name, bytes)
    }
    /// What the system shows of a file.
    pub fn shown(&self, name: &str) -> Option<Vec<u8>> {
        self.state().shown.get(name).cloned()
    }
    /// Power loss.
    pub fn lose_power(&self, _: impl FnMut(()) -> bool) {
        let mut state = self.state();
        state.shown = state.durable.clone();
        state.synced = state.durable.clone();
    }
    /// Syncs so far.
    pub fn syncs(&self) -> u64 {
        self.state().syncs
    }
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds a disk")
    }
}

impl Disk for Memory {
    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from("data").join(name)
    }
    fn read(&mut self, name: &str, _limit: u64) -> io::Result<Vec<u8>> {
        self.shown(name).ok_or(ErrorKind::NotFound.into())
    }
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.state().shown.entry(name.to_owned()).or_default().extend(bytes);
        Ok(())
    }
    fn sync(&mut self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.syncs += 1;
        let bytes = state.shown[name].clone();
        state.synced.insert(name.to_owned(), bytes.clone());
        if let Some(durable) = state.durable.get_mut(name) {
            *durable = bytes;
        }
        Ok(())
    }
    fn cut(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.state().shown.get_mut(name).ok_or(ErrorKind::NotFound)?.truncate(length as usize);
        Ok(())
    }
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        let bytes = state.shown.remove(from).ok_or(ErrorKind::NotFound)?;
        state.shown.insert(to.to_owned(), bytes);
        if let Some(bytes) = state.synced.remove(from) {
            state.synced.insert(to.to_owned(), bytes);
        }
        Ok(())
    }
    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.state().shown.remove(name).map(drop).ok_or(ErrorKind::NotFound.into())
    }
    fn sync_folder(&mut self) -> io::Result<()> {
        let mut state = self.state();
        state.durable = state.synced.clone();
        Ok(())
    }
}
