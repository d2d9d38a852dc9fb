//! A disk that forgets whatever it may.
//!
//! A process that is killed shows no missing sync: what it wrote stays in the memory of the system.
//! Here a power failure leaves of every file any length that it had since it was last synced, each
//! sector of it as it was at any of those times, zeros included; and of the changes of names that
//! were not synced, any. Who chooses may draw, or try everything.
//!
//! Left out: bytes that nobody has written, and changes to what is safe.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use runtime::disk::Disk;

/// How much a disk writes at once, in bytes: few, so that a short line has many.
const SECTOR: usize = 8;

/// Chooses a number below the one that it is told.
pub(crate) trait Choose {
    fn choose(&mut self, below: usize) -> usize;
}

/// Draws.
impl Choose for common::random::Rng {
    fn choose(&mut self, below: usize) -> usize {
        self.below(below as u64) as usize
    }
}

/// Chooses everything, one combination after the other.
#[derive(Default)]
pub(crate) struct Every {
    /// What is chosen, and below what.
    path: Vec<(usize, usize)>,
    at: usize,
}

impl Every {
    /// Goes on to the next combination. `false` when there is none.
    pub(crate) fn next(&mut self) -> bool {
        self.at = 0;
        while let Some((chosen, below)) = self.path.pop() {
            if chosen + 1 < below {
                self.path.push((chosen + 1, below));
                return true;
            }
        }
        false
    }
}

impl Choose for Every {
    fn choose(&mut self, below: usize) -> usize {
        assert!(below > 0, "there is something to choose");
        if self.at == self.path.len() {
            self.path.push((0, below));
        }
        self.at += 1;
        self.path[self.at - 1].0
    }
}

/// What goes wrong with one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process ends in it: it has had its effect, nobody hears of it, and nothing happens any
    /// more.
    End,
    /// The disk is full. Of what is to be written, so many bytes still find room.
    Full(usize),
    /// The disk fails. A sync that fails loses what was not safe, and the next one says nothing of
    /// it.
    Io,
    /// Nothing may be written.
    ReadOnly,
}

impl Fault {
    fn error(self) -> io::Error {
        match self {
            Fault::End => io::Error::other("the process has ended"),
            Fault::Full(_) => ErrorKind::StorageFull.into(),
            Fault::Io => io::Error::other("the disk fails"),
            Fault::ReadOnly => ErrorKind::ReadOnlyFilesystem.into(),
        }
    }
}

/// A disk. Its clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Forgetful(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    safe_names: BTreeMap<String, usize>,
    /// Changes of names that are not safe, each of which happens as a whole.
    changes: Vec<Vec<(String, Option<usize>)>>,
    operations: usize,
    faults: BTreeMap<usize, Fault>,
    ended: bool,
}

impl Forgetful {
    /// A disk with one file, which is safe.
    pub(crate) fn holding(name: &str, bytes: impl Into<Vec<u8>>) -> Forgetful {
        let disk = Forgetful::default();
        let mut state = disk.state();
        state.files.push(File::safe(bytes.into()));
        state.names.insert(name.to_owned(), 0);
        state.safe_names.insert(name.to_owned(), 0);
        drop(state);
        disk
    }

    /// What the system shows of a file.
    pub(crate) fn shown(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        let number = state.names.get(name)?;
        Some(state.files[*number].now().clone())
    }

    /// Lets an operation go wrong, `after` so many others from now.
    pub(crate) fn fault(&self, after: usize, fault: Fault) {
        let mut state = self.state();
        let at = state.operations + after;
        state.faults.insert(at, fault);
    }

    /// Whether an operation has ended the process.
    pub(crate) fn has_ended(&self) -> bool {
        self.state().ended
    }

    /// A new process, on the same machine: the system has forgotten nothing. Faults to come are
    /// gone.
    pub(crate) fn restart(&self) {
        let mut state = self.state();
        state.ended = false;
        state.faults.clear();
    }

    /// The power fails and comes back, and there is a new process. What is there now is safe.
    pub(crate) fn crash(&self, choose: &mut impl Choose) {
        self.restart();
        let state = &mut *self.state();
        for change in std::mem::take(&mut state.changes) {
            if choose.choose(2) == 1 {
                rename(&mut state.safe_names, change);
            }
        }
        state.names = state.safe_names.clone();
        for number in state.names.values() {
            let file = &mut state.files[*number];
            *file = File::safe(file.left(choose));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds a disk")
    }

    /// An operation begins: what it works on, and what goes wrong with it.
    fn begin(&self) -> io::Result<(MutexGuard<'_, State>, Option<Fault>)> {
        let mut state = self.state();
        if state.ended {
            return Err(Fault::End.error());
        }
        let fault = state.faults.get(&state.operations).copied();
        state.operations += 1;
        state.ended = fault == Some(Fault::End);
        Ok((state, fault))
    }

    /// An operation that happens or does not.
    fn operate<T>(&self, operation: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let (mut state, fault) = self.begin()?;
        match fault {
            None => operation(&mut state),
            Some(Fault::End) => operation(&mut state).and(Err(Fault::End.error())),
            Some(fault) => Err(fault.error()),
        }
    }
}

impl Disk for Forgetful {
    fn path(&self, name: &str) -> PathBuf {
        Path::new("data").join(name)
    }

    fn read(&mut self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        self.operate(|state| {
            let bytes = state.file(name)?.now().clone();
            match bytes.len() as u64 > limit {
                true => Err(ErrorKind::FileTooLarge.into()),
                false => Ok(bytes),
            }
        })
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (mut state, fault) = self.begin()?;
        let room = match fault {
            None | Some(Fault::End) => bytes.len(),
            Some(Fault::Full(room)) => room.min(bytes.len()),
            Some(fault) => return Err(fault.error()),
        };
        let file = state.file_or_new(name);
        let mut longer = file.now().clone();
        longer.extend(&bytes[..room]);
        file.versions.push(longer);
        fault.map_or(Ok(()), |fault| Err(fault.error()))
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        let (mut state, fault) = self.begin()?;
        let file = state.file(name)?;
        match fault {
            None => file.sync(),
            Some(Fault::Io) => file.lost = Some(file.now().clone()),
            Some(_) => {}
        }
        fault.map_or(Ok(()), |fault| Err(fault.error()))
    }

    fn cut(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.operate(|state| {
            let file = state.file(name)?;
            let mut cut = file.now().clone();
            cut.resize(usize::try_from(length).expect("a test's file is short"), 0);
            file.versions.push(cut);
            Ok(())
        })
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.operate(|state| {
            let number = state.number(from)?;
            state.change(vec![(from.to_owned(), None), (to.to_owned(), Some(number))]);
            Ok(())
        })
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.operate(|state| {
            state.number(name)?;
            state.change(vec![(name.to_owned(), None)]);
            Ok(())
        })
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        let (mut state, fault) = self.begin()?;
        if let Some(fault) = fault {
            return Err(fault.error());
        }
        state.changes.clear();
        state.safe_names = state.names.clone();
        Ok(())
    }
}

impl State {
    fn number(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or(ErrorKind::NotFound.into())
    }

    fn file(&mut self, name: &str) -> io::Result<&mut File> {
        let number = self.number(name)?;
        Ok(&mut self.files[number])
    }

    fn file_or_new(&mut self, name: &str) -> &mut File {
        let number = self.number(name).unwrap_or_else(|_| {
            let number = self.files.len();
            self.files.push(File::safe(Vec::new()));
            self.change(vec![(name.to_owned(), Some(number))]);
            number
        });
        &mut self.files[number]
    }

    fn change(&mut self, change: Vec<(String, Option<usize>)>) {
        rename(&mut self.names, change.clone());
        self.changes.push(change);
    }
}

fn rename(names: &mut BTreeMap<String, usize>, change: Vec<(String, Option<usize>)>) {
    for (name, number) in change {
        match number {
            Some(number) => names.insert(name, number),
            None => names.remove(&name),
        };
    }
}

/// What a file was since it was last safe. The last is what the system shows.
struct File {
    versions: Vec<Vec<u8>>,
    /// What it was when a sync failed: the system believes that all this is on the disk.
    lost: Option<Vec<u8>>,
}

impl File {
    fn safe(bytes: Vec<u8>) -> File {
        File { versions: vec![bytes], lost: None }
    }

    fn now(&self) -> &Vec<u8> {
        self.versions.last().expect("a file is something")
    }

    /// All is safe, but what the system believes to be so already.
    fn sync(&mut self) {
        let mut bytes = self.now().clone();
        if let Some(lost) = &self.lost {
            for at in sectors(bytes.len()) {
                if sector(&bytes, at) == sector(lost, at) {
                    let old = sector(&self.versions[0], at);
                    let end = bytes.len().min(at + SECTOR);
                    bytes[at..end].copy_from_slice(&old[..end - at]);
                }
            }
        }
        let shown = self.now().clone();
        let lost = self.lost.take();
        *self = File::safe(bytes);
        // It is shown as it was written, until the power fails.
        if lost.is_some() {
            self.versions.push(shown);
            self.lost = lost;
        }
    }

    /// What a power failure leaves.
    fn left(&self, choose: &mut impl Choose) -> Vec<u8> {
        let lengths = || self.versions.iter().map(Vec::len);
        let (shortest, longest) = (lengths().min(), lengths().max());
        let (shortest, longest) = (shortest.expect("one"), longest.expect("one"));
        let span = longest - shortest;
        // Who draws should often draw the whole length, with which zeros come.
        let cut = match span > 0 && choose.choose(2) == 1 {
            true => 1 + choose.choose(span),
            false => 0,
        };
        let length = longest - cut;
        let mut left = Vec::new();
        for at in sectors(length) {
            let kinds = self.versions.iter().map(|version| sector(version, at));
            let mut kinds: Vec<_> = kinds.collect();
            kinds.sort();
            kinds.dedup();
            left.extend(kinds[choose.choose(kinds.len())]);
        }
        left.truncate(length);
        left
    }
}

fn sectors(length: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by(SECTOR)
}

/// The sector that begins at a byte; zeros where the file has none.
fn sector(bytes: &[u8], at: usize) -> [u8; SECTOR] {
    let mut sector = [0; SECTOR];
    let bytes = bytes.get(at..).unwrap_or(&[]);
    let length = bytes.len().min(SECTOR);
    sector[..length].copy_from_slice(&bytes[..length]);
    sector
}
