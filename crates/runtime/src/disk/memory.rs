//! A disk in memory that loses power.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Disk, without_zeros};

/// How many bytes a system writes or loses together, unless told otherwise.
pub const PAGE: usize = 4096;

/// A disk in memory, which forgets what was not synced when it [loses power](Memory::lose_power).
///
/// A process that is killed does not show a sync that is missing: what it wrote stays in the memory
/// of the system. This disk shows it. A clone is the same disk, as seen by another process.
///
/// ```
/// use runtime::disk::{Disk, Memory};
///
/// let disk = Memory::default();
/// let mut process = disk.clone();
/// process.write_at("log", 0, b"one")?;
/// process.sync("log")?;
/// process.sync_folder()?;
/// process.write_at("log", 3, b", two")?;
/// assert_eq!(disk.shown("log").unwrap(), b"one, two");
///
/// disk.lose_power(|_| false);
/// assert_eq!(disk.shown("log").unwrap(), b"one");
/// assert_eq!((disk.writes(), disk.syncs()), (2, 1));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// * What was synced, and in which folder entries that were synced, is never lost.
/// * Of the rest the caller decides, piece by piece, what a power failure leaves.
/// * A sync that [fails](Fault::Io) forgets that its pages are to be written, and goes on showing
///   them, as Linux does: A. Rebello et al., "Can Applications Recover from fsync Failures?",
///   USENIX ATC 2020.
///
/// Left out: what a page held between two writes of which neither was synced, and bytes that were
/// never written.
#[derive(Clone, Debug)]
pub struct Memory {
    page: usize,
    state: Arc<Mutex<State>>,
}

/// A piece that was not synced, and that a power failure may take, with a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsynced<'a> {
    /// The file was created, removed, or given this name.
    Entry(&'a str),
    /// The file has another length. Without it, the file still reaches to the end of the last page
    /// that is left.
    Length(&'a str),
    /// A page of the file, counted from 0. Without it, the old bytes stand there, or zeros where
    /// there were none.
    Page(&'a str, usize),
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full. Of what is to be written, this many bytes find room.
    Full(usize),
    /// The disk does not do it. What a sync should have made durable is lost.
    Io,
    /// The process is killed in it: the operation has its effect, and every later one fails until
    /// there is a [new process](Memory::restart).
    Killed,
}

impl Fault {
    fn error(self) -> io::Error {
        match self {
            Fault::Full(_) => ErrorKind::StorageFull.into(),
            Fault::Io => io::Error::other("the disk fails"),
            Fault::Killed => io::Error::other("the process was killed"),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    /// All that were ever created; the names say which are left.
    files: Vec<File>,
    names: Names,
    durable_names: Names,
    /// Changes of names that were not synced. Each happens as a whole or not at all.
    changes: Vec<Vec<(String, Option<usize>)>>,
    operations: u64,
    /// The number of the operation that fails.
    fault: Option<(u64, Fault)>,
    is_killed: bool,
    writes: u64,
    syncs: u64,
}

type Names = BTreeMap<String, usize>;

#[derive(Debug, Default)]
struct File {
    /// What a process reads.
    shown: Vec<u8>,
    /// What is on the disk.
    durable: Vec<u8>,
    /// The pages that the next sync writes.
    dirty: BTreeSet<usize>,
    /// Whether it writes the length.
    is_length_dirty: bool,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::with_pages_of(PAGE)
    }
}

impl Memory {
    /// A disk that keeps or loses so many bytes together, in place of [`PAGE`]: few, so that a
    /// short line of text is in several.
    ///
    /// # Panics
    /// If a page has no bytes.
    pub fn with_pages_of(bytes: usize) -> Memory {
        assert!(bytes > 0, "a page has bytes");
        Memory { page: bytes, state: Arc::default() }
    }

    /// Puts a file on the disk, durable, in place of one of that name.
    pub fn put(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        let mut state = self.state();
        let number = state.files.len();
        let bytes = bytes.into();
        state.files.push(File { shown: bytes.clone(), durable: bytes, ..File::default() });
        state.names.insert(name.to_owned(), number);
        state.durable_names.insert(name.to_owned(), number);
    }

    /// What a process reads, if there is such a file.
    pub fn shown(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        let number = state.names.get(name)?;
        Some(state.files[*number].shown.clone())
    }

    /// How many writes there were, [`Disk::write_at`] alone.
    pub fn writes(&self) -> u64 {
        self.state().writes
    }

    /// How many syncs of a file there were.
    pub fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// Makes an operation fail, the next one if `after` is 0. There is one fault at a time.
    pub fn fail(&self, after: u64, fault: Fault) {
        let mut state = self.state();
        state.fault = Some((state.operations + after, fault));
    }

    /// Whether a [`Fault::Killed`] has come.
    pub fn is_killed(&self) -> bool {
        self.state().is_killed
    }

    /// A new process on the same machine: nothing is forgotten, and nothing fails any more.
    pub fn restart(&self) {
        let mut state = self.state();
        state.fault = None;
        state.is_killed = false;
    }

    /// The power fails and comes back, and there is a new process. Of what was not synced,
    /// `survives` says for each piece whether it is left; what is left is durable.
    ///
    /// Folder entries are asked for first, in the order of the changes, then each file's length and
    /// pages.
    pub fn lose_power(&self, mut survives: impl FnMut(Unsynced<'_>) -> bool) {
        self.restart();
        let state = &mut *self.state();
        for change in std::mem::take(&mut state.changes) {
            let (name, _) = change.last().expect("a change changes something");
            if survives(Unsynced::Entry(name)) {
                apply(&mut state.durable_names, change);
            }
        }
        state.names = state.durable_names.clone();
        for (name, number) in &state.names {
            let file = &mut state.files[*number];
            file.persist(self.page, |page| {
                survives(match page {
                    Some(page) => Unsynced::Page(name, page),
                    None => Unsynced::Length(name),
                })
            });
            file.shown = file.durable.clone();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds a disk")
    }

    /// An operation begins: what it works on, and how it fails.
    fn begin(&self) -> io::Result<(MutexGuard<'_, State>, Option<Fault>)> {
        let mut state = self.state();
        if state.is_killed {
            return Err(Fault::Killed.error());
        }
        let fault = state.fault.filter(|(at, _)| *at == state.operations).map(|(_, fault)| fault);
        state.operations += 1;
        state.is_killed = fault == Some(Fault::Killed);
        Ok((state, fault))
    }

    /// An operation that happens as a whole or not at all.
    fn operate<T>(&self, operation: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let (mut state, fault) = self.begin()?;
        match fault {
            None => operation(&mut state),
            Some(Fault::Killed) => operation(&mut state).and(Err(Fault::Killed.error())),
            Some(fault) => Err(fault.error()),
        }
    }
}

impl Disk for Memory {
    fn path(&self, name: &str) -> PathBuf {
        Path::new("data").join(name)
    }

    fn read(&mut self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        self.operate(|state| {
            let bytes = &state.file(name)?.shown;
            match bytes.len() as u64 > limit {
                true => Err(ErrorKind::FileTooLarge.into()),
                false => Ok(bytes.clone()),
            }
        })
    }

    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let (mut state, fault) = self.begin()?;
        state.writes += 1;
        let room = match fault {
            None | Some(Fault::Killed) => bytes.len(),
            Some(Fault::Full(room)) => room.min(bytes.len()),
            Some(Fault::Io) => 0,
        };
        state.file_or_new(name).write(self.page, position(offset), &bytes[..room]);
        fault.map_or(Ok(()), |fault| Err(fault.error()))
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        let (mut state, fault) = self.begin()?;
        state.syncs += 1;
        let file = state.file(name)?;
        match fault {
            None | Some(Fault::Killed) => file.persist(self.page, |_| true),
            // The length is in the journal of the file system, which is not so forgetful.
            Some(_) => file.dirty.clear(),
        }
        fault.map_or(Ok(()), |fault| Err(fault.error()))
    }

    fn cut(&mut self, name: &str, length: u64) -> io::Result<()> {
        let page = self.page;
        self.operate(|state| {
            state.file(name)?.cut(page, position(length));
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
        self.operate(|state| {
            state.changes.clear();
            state.durable_names = state.names.clone();
            Ok(())
        })
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
            self.files.push(File::default());
            self.change(vec![(name.to_owned(), Some(number))]);
            number
        });
        &mut self.files[number]
    }

    fn change(&mut self, change: Vec<(String, Option<usize>)>) {
        apply(&mut self.names, change.clone());
        self.changes.push(change);
    }
}

impl File {
    fn write(&mut self, page: usize, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        let used = self.used().max(offset + without_zeros(bytes).len());
        self.touch(page, offset, end.min(used));
        if end > self.shown.len() {
            set_length(&mut self.shown, end);
            self.is_length_dirty = true;
        }
        self.shown[offset..end].copy_from_slice(bytes);
    }

    fn cut(&mut self, page: usize, length: usize) {
        self.touch(page, length, self.used());
        set_length(&mut self.shown, length);
        self.is_length_dirty = true;
    }

    /// Where the zeros begin, with which every version of the file ends: they are the same whether
    /// they were written or not.
    fn used(&self) -> usize {
        without_zeros(&self.shown).len().max(without_zeros(&self.durable).len())
    }

    fn touch(&mut self, page: usize, from: usize, to: usize) {
        if from < to {
            self.dirty.extend(from / page..to.div_ceil(page));
        }
    }

    /// What is to be written, the length and then the dirty pages, reaches the disk if `survives`
    /// says so of it, and is in either case no longer to be written.
    fn persist(&mut self, page: usize, mut survives: impl FnMut(Option<usize>) -> bool) {
        if std::mem::take(&mut self.is_length_dirty) && survives(None) {
            set_length(&mut self.durable, self.shown.len());
        }
        for dirty in std::mem::take(&mut self.dirty) {
            let to = self.shown.len().min((dirty + 1) * page);
            let new = self.shown.get(dirty * page..to).unwrap_or(&[]);
            let is_there = self.durable.get(dirty * page..to) == Some(new);
            if new.is_empty() || is_there || !survives(Some(dirty)) {
                continue;
            }
            let length = self.durable.len().max(to);
            set_length(&mut self.durable, length);
            self.durable[dirty * page..to].copy_from_slice(new);
        }
    }
}

fn apply(names: &mut Names, change: Vec<(String, Option<usize>)>) {
    for (name, number) in change {
        match number {
            Some(number) => names.insert(name, number),
            None => names.remove(&name),
        };
    }
}

fn set_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.truncate(length);
    bytes.extend(vec![0; length - bytes.len()]);
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).expect("a file in memory is short")
}
