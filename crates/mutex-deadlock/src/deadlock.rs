//! Two threads that take two locks in opposite orders: real ones lock up, and a detector finds
//! them.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use common::transport::Deadline;
use parking_lot::deadlock::check_deadlock;

use crate::EXPERIMENT_TIMEOUT;
use crate::locks::{Book, Entry, Lock};
use crate::meeting::Meeting;

/// What each account holds at the start, in dollars.
pub const BALANCE: u64 = 100;

/// Threads in a deadlock, as the detector found them.
#[derive(Debug, Default)]
pub struct LockedUp {
    /// The threads of the circle, by name: what each holds, and what it waits for.
    pub circle: Vec<Entry>,
    /// How long the detector took from the moment in which both waited.
    pub found_after: Duration,
}

impl LockedUp {
    /// The lines of the source at which the threads wait, each once.
    pub fn waiting_at(&self) -> BTreeSet<(&'static str, u32)> {
        let wanted = self.circle.iter().filter_map(|entry| entry.wants);
        wanted.map(|taken| (taken.at.file(), taken.at.line())).collect()
    }
}

/// Takes `amount` from one account and gives it to another. It takes the two locks in the order of
/// its arguments, which is the mistake. `between` happens between the two.
fn transfer(from: &Lock<u64>, to: &Lock<u64>, amount: u64, between: impl FnOnce()) {
    let mut from = from.lock();
    between();
    let mut to = to.lock();
    *from.value() -= amount;
    *to.value() += amount;
}

/// One thread pays from Alice to Bob, another from Bob to Alice. Each waits for the other between
/// its two locks, so they deadlock each time, and not once in a thousand.
///
/// Threads in a deadlock and their two locks are never freed: nothing can wake them. They end with
/// the process. The circle is empty if both transfers were completed instead.
///
/// # Errors
/// If a thread cannot be started, or neither happens in time.
pub fn lock_up() -> io::Result<LockedUp> {
    let book = Arc::new(Book::default());
    let [alice, bob] = ["alice", "bob"].map(|name| Arc::new(Lock::new(name, BALANCE, &book)));
    for (name, from, to) in [("thread a", &alice, &bob), ("thread b", &bob, &alice)] {
        let (from, to, book) = (Arc::clone(from), Arc::clone(to), Arc::clone(&book));
        // If the other thread does not come, the transfer is completed and no circle is found.
        let meet = move || _ = book.wait_until(EXPERIMENT_TIMEOUT, both_came);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || transfer(&from, &to, 10, meet))?;
    }
    if !book.wait_until(EXPERIMENT_TIMEOUT, |entries| are_blocked(entries) || are_done(entries)) {
        let neither = "the two threads neither wait for each other nor are done";
        return Err(io::Error::new(io::ErrorKind::TimedOut, neither));
    }
    let is_deadlock = book.wait_until(Duration::ZERO, are_blocked);
    if is_deadlock { detect(&book) } else { Ok(LockedUp::default()) }
}

/// Whether both threads hold a lock, or cannot get one because the other does not wait for them.
fn both_came(entries: &[Entry]) -> bool {
    let came =
        |entry: &Entry| !entry.holds.is_empty() || entry.is_blocked(entries) || entry.is_done();
    entries.len() == 2 && entries.iter().all(came)
}

fn are_blocked(entries: &[Entry]) -> bool {
    entries.len() == 2 && entries.iter().all(|entry| entry.is_blocked(entries))
}

fn are_done(entries: &[Entry]) -> bool {
    entries.len() == 2 && entries.iter().all(Entry::is_done)
}

/// Asks parking_lot's detector until it finds a circle, and looks its threads up in the book.
///
/// There is one detector for the whole process, and it reports each circle once.
#[expect(clippy::disallowed_methods, reason = "how long the detector takes is measured")]
fn detect(book: &Book) -> io::Result<LockedUp> {
    let start = Instant::now();
    let deadline = Deadline::after(EXPERIMENT_TIMEOUT);
    loop {
        let found = check_deadlock();
        let found_after = start.elapsed();
        let ids = found.iter().flatten().map(|thread| thread.thread_id());
        let mut circle: Vec<_> = ids.filter_map(|id| book.entry(id)).collect();
        if !circle.is_empty() {
            circle.sort_by(|one, other| one.name.cmp(&other.name));
            return Ok(LockedUp { circle, found_after });
        }
        if deadline.remaining().is_none() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "no circle was found"));
        }
        // Both threads are a few instructions away from waiting.
        thread::yield_now();
    }
}

/// How long a thread waits for its second lock before it frees its first one.
pub const LOCK_TIMEOUT: Duration = Duration::from_millis(20);

/// The same two threads, but each gives up if its second lock is not free within [`LOCK_TIMEOUT`].
/// Returns how many of them gave up.
///
/// They meet again before they free what they hold, so neither gets the second lock because the
/// other was quick.
///
/// # Errors
/// If a thread cannot be started, or the other thread does not arrive in time.
pub fn give_up_after_timeout() -> io::Result<usize> {
    let book = Arc::new(Book::default());
    let [alice, bob] = ["alice", "bob"].map(|name| Lock::new(name, BALANCE, &book));
    let [both_hold, both_tried] = [Meeting::of(2), Meeting::of(2)];
    let gives_up = |first: &Lock<u64>, second: &Lock<u64>| -> io::Result<bool> {
        let _first = first.lock();
        both_hold.arrive()?;
        let second = second.try_lock_for(LOCK_TIMEOUT);
        both_tried.arrive()?;
        Ok(second.is_none())
    };
    let (one, other) = thread::scope(|scope| {
        let one = scope.spawn(|| gives_up(&alice, &bob));
        let other = gives_up(&bob, &alice);
        (one.join().expect("giving up does not panic"), other)
    });
    Ok([one?, other?].into_iter().filter(|gave_up| *gave_up).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_deadlock_is_found_with_names_locks_and_lines() {
        let found = lock_up().unwrap();
        let threads: Vec<_> = found
            .circle
            .iter()
            .map(|entry| {
                let holds: Vec<_> = entry.holds.iter().map(|taken| taken.lock).collect();
                (&*entry.name, holds, entry.wants.unwrap().lock)
            })
            .collect();
        assert_eq!(
            threads,
            [("thread a", vec!["alice"], "bob"), ("thread b", vec!["bob"], "alice")]
        );
        for entry in &found.circle {
            let (held, wanted) = (entry.holds[0].at, entry.wants.unwrap().at);
            assert!(held.file().ends_with("deadlock.rs"));
            assert_eq!(held.line() + 2, wanted.line(), "the two locks of transfer");
        }
        assert_eq!(found.waiting_at().len(), 1);
    }

    #[test]
    fn threads_with_one_order_do_not_wait_for_each_other() {
        let book = Arc::new(Book::default());
        let [alice, bob] = ["alice", "bob"].map(|name| Lock::new(name, BALANCE, &book));
        let pay = || {
            transfer(&alice, &bob, 10, || assert!(book.wait_until(EXPERIMENT_TIMEOUT, both_came)));
        };
        thread::scope(|scope| {
            scope.spawn(pay);
            scope.spawn(pay);
        });
        assert!(book.wait_until(Duration::ZERO, are_done));
        assert_eq!((*alice.lock().value(), *bob.lock().value()), (80, 120));
    }

    #[test]
    fn a_thread_whose_lock_times_out_gives_up() {
        assert_eq!(give_up_after_timeout().unwrap(), 2);
    }

    #[test]
    fn a_transfer_alone_moves_the_money() {
        let book = Arc::default();
        let [alice, bob] = ["alice", "bob"].map(|name| Lock::new(name, BALANCE, &book));
        transfer(&alice, &bob, 10, || {});
        assert_eq!((*alice.lock().value(), *bob.lock().value()), (90, 110));
    }
}
