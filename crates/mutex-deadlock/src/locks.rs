//! Locks with names, and a book of which thread holds and wants which, and where in the source.
//!
//! A detector of deadlocks knows threads by their ids and locks by their addresses. To fix the
//! program you need names and lines. So each lock writes into a [`Book`] what its callers are about
//! to do, before they can block.

use std::panic::Location;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use parking_lot::MutexGuard;

/// A lock with a name, around a `T`.
#[derive(Debug)]
pub struct Lock<T> {
    name: &'static str,
    value: parking_lot::Mutex<T>,
    book: Arc<Book>,
}

/// A lock, and the line of the source that takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The lock's name.
    pub lock: &'static str,
    /// Where [`Lock::lock`] is called.
    pub at: &'static Location<'static>,
}

impl<T> Lock<T> {
    /// A free lock, whose callers are noted in `book`.
    pub fn new(name: &'static str, value: T, book: &Arc<Book>) -> Lock<T> {
        Lock { name, value: parking_lot::Mutex::new(value), book: Arc::clone(book) }
    }

    /// Waits until the lock is free, without a timeout, and takes it.
    #[track_caller]
    pub fn lock(&self) -> Guard<'_, T> {
        let taken = self.taken_here();
        self.book.note(|entry| entry.wants = Some(taken));
        let value = self.value.lock();
        self.book.note(|entry| {
            entry.wants = None;
            entry.holds.push(taken);
        });
        Guard { lock: self, value }
    }

    /// Takes the lock if it is free within `timeout`.
    #[track_caller]
    pub fn try_lock_for(&self, timeout: Duration) -> Option<Guard<'_, T>> {
        let taken = self.taken_here();
        let value = self.value.try_lock_for(timeout)?;
        self.book.note(|entry| entry.holds.push(taken));
        Some(Guard { lock: self, value })
    }

    #[track_caller]
    fn taken_here(&self) -> Taken {
        Taken { lock: self.name, at: Location::caller() }
    }
}

/// A lock that is held, with access to its value; dropping this releases it.
#[derive(Debug)]
pub struct Guard<'a, T> {
    lock: &'a Lock<T>,
    value: MutexGuard<'a, T>,
}

impl<T> Guard<'_, T> {
    /// The value.
    pub fn value(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        let name = self.lock.name;
        let book = &self.lock.book;
        book.note(|entry| entry.holds.retain(|taken| taken.lock != name));
    }
}

impl Entry {
    /// Whether the thread waits for a lock that another thread holds.
    pub fn is_blocked(&self, all: &[Entry]) -> bool {
        let holder = |wanted: &Taken| {
            let others = all.iter().filter(|other| other.id != self.id);
            others.flat_map(|other| &other.holds).any(|held| held.lock == wanted.lock)
        };
        self.wants.as_ref().is_some_and(holder)
    }

    /// Whether the thread has freed its locks and wants none. Its entry begins with the first lock
    /// that it wants.
    pub fn is_done(&self) -> bool {
        self.holds.is_empty() && self.wants.is_none()
    }
}

/// Which thread holds which locks, and which lock it waits for.
#[derive(Debug, Default)]
pub struct Book {
    entries: Mutex<Vec<Entry>>,
    changed: Condvar,
}

/// What one thread holds, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The thread.
    pub id: ThreadId,
    /// Its name, or nothing.
    pub name: String,
    /// The locks that it has, in the order in which it took them.
    pub holds: Vec<Taken>,
    /// The lock that it is about to take.
    pub wants: Option<Taken>,
}

impl Book {
    /// The entry of this thread.
    pub fn entry(&self, id: ThreadId) -> Option<Entry> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().find(|entry| entry.id == id).cloned()
    }

    /// Waits until the entries are such that `condition` holds. Returns `false` if that does not
    /// happen within `timeout`.
    pub fn wait_until(&self, timeout: Duration, condition: impl Fn(&[Entry]) -> bool) -> bool {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (_entries, waited) = self
            .changed
            .wait_timeout_while(entries, timeout, |entries| !condition(entries))
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// Changes the entry of the thread that calls.
    fn note(&self, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = thread::current();
        let known = entries.iter().position(|entry| entry.id == thread.id());
        let at = known.unwrap_or_else(|| {
            entries.push(Entry {
                id: thread.id(),
                name: thread.name().unwrap_or_default().to_owned(),
                holds: Vec::new(),
                wants: None,
            });
            entries.len() - 1
        });
        change(&mut entries[at]);
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_knows_what_is_held_and_from_which_line() {
        let book = Arc::default();
        let lock = Lock::new("safe", 1, &book);
        let me = thread::current().id();
        let (line, mut guard) = (line!(), lock.lock());
        *guard.value() += 1;
        let held = book.entry(me).unwrap();
        assert_eq!((held.wants, held.holds.len()), (None, 1));
        assert_eq!((held.holds[0].lock, held.holds[0].at.line()), ("safe", line));
        assert!(held.holds[0].at.file().ends_with("locks.rs"));
        drop(guard);
        assert_eq!(book.entry(me).unwrap().holds, []);
        assert_eq!(*lock.lock().value(), 2);
    }

    #[test]
    fn a_lock_that_stays_taken_times_out() {
        let book = Arc::default();
        let lock = Lock::new("safe", (), &book);
        let guard = lock.lock();
        assert!(lock.try_lock_for(Duration::ZERO).is_none());
        drop(guard);
        assert!(lock.try_lock_for(Duration::ZERO).is_some());
        let is_done = |entries: &[Entry]| entries.iter().all(Entry::is_done);
        assert!(book.wait_until(Duration::ZERO, is_done));
        assert!(!book.wait_until(Duration::ZERO, |entries| !is_done(entries)));
    }
}
