//! Real threads that count: an atomic used in two calls and in one, and ten threads with a mutex.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crate::meeting::Meeting;

/// Two real threads load, meet, and store 1 more than they loaded. Returns the counter.
///
/// The meeting is where a scheduler may stop any thread at any time; here it does so each time.
///
/// # Errors
/// If a thread cannot be started, or the other thread does not arrive in time.
pub fn load_then_store() -> io::Result<u64> {
    let counter = Arc::new(AtomicU64::new(0));
    let meeting = Arc::new(Meeting::of(2));
    by_two(&counter, move |counter| {
        let seen = counter.load(Ordering::SeqCst);
        meeting.arrive()?;
        counter.store(seen + 1, Ordering::SeqCst);
        Ok(())
    })
}

/// Two real threads meet and then add 1 in one call. Returns the counter.
///
/// # Errors
/// As [`load_then_store`].
pub fn fetch_add() -> io::Result<u64> {
    let counter = Arc::new(AtomicU64::new(0));
    let meeting = Arc::new(Meeting::of(2));
    by_two(&counter, move |counter| {
        meeting.arrive()?;
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(())
    })
}

fn by_two(
    counter: &Arc<AtomicU64>,
    add: impl Fn(&AtomicU64) -> io::Result<()> + Send + Sync + 'static,
) -> io::Result<u64> {
    let add = Arc::new(add);
    let start = || {
        let (counter, add) = (Arc::clone(counter), Arc::clone(&add));
        thread::Builder::new().spawn(move || add(&counter))
    };
    let threads = [start()?, start()?];
    for thread in threads {
        joined(thread)?;
    }
    Ok(counter.load(Ordering::SeqCst))
}

/// How many threads share the number.
pub const THREADS: u64 = 10;

/// [`THREADS`] threads add 1 to a number in an `Arc<Mutex<_>>`. Returns the number when they are
/// done.
///
/// # Errors
/// If a thread cannot be started.
pub fn ten_threads() -> io::Result<u64> {
    let counter = Arc::new(Mutex::new(0));
    let mut threads = Vec::new();
    for _ in 0..THREADS {
        let counter = Arc::clone(&counter);
        threads.push(thread::Builder::new().spawn(move || {
            *counter.lock().expect("no thread panics with the lock") += 1;
            Ok(())
        })?);
    }
    for thread in threads {
        joined(thread)?;
    }
    let counter = counter.lock().expect("no thread panicked with the lock");
    Ok(*counter)
}

fn joined(thread: JoinHandle<io::Result<()>>) -> io::Result<()> {
    thread.join().expect("a counting thread does not panic")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_atomic_in_two_calls_loses_and_in_one_does_not() {
        assert_eq!(load_then_store().unwrap(), 1);
        assert_eq!(fetch_add().unwrap(), 2);
    }

    #[test]
    fn ten_threads_and_a_mutex_make_ten() {
        assert_eq!(ten_threads().unwrap(), 10);
    }
}
