//! Ten requests, one at a time and with a thread each. The waiting in it is real.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many requests there are.
pub const REQUESTS: u32 = 10;

/// How long each of them waits: for a disk, a database, another server.
pub const WORK: Duration = Duration::from_millis(20);

/// How often the comparison is made on a busy machine. Each takes about half a second, for which a
/// reader waits.
pub const TRIES: u32 = 3;

/// How long [`REQUESTS`] took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// One after the other.
    pub one_at_a_time: Duration,
    /// With a thread for each.
    pub threads: Duration,
    /// With a thread for each, and one lock that each holds while it works.
    pub under_a_lock: Duration,
}

impl Took {
    /// Whether threads were at least twice as fast as one at a time. On a machine that is busy
    /// enough they are not.
    pub fn threads_are_faster(&self) -> bool {
        self.threads * 2 < self.one_at_a_time
    }

    /// Whether threads were at least twice as fast although they shared a lock.
    pub fn locked_threads_are_faster(&self) -> bool {
        self.under_a_lock * 2 < self.one_at_a_time
    }
}

/// Serves the requests in each of the three ways.
///
/// A busy machine may delay one of them. That is not what is measured here, so the comparison is
/// then repeated, at most [`TRIES`] times in all.
///
/// # Errors
/// If a thread cannot be started.
pub fn compare() -> io::Result<Took> {
    let mut took = compare_once()?;
    for _ in 1..TRIES {
        if took.threads_are_faster() && !took.locked_threads_are_faster() {
            break;
        }
        took = compare_once()?;
    }
    Ok(took)
}

fn compare_once() -> io::Result<Took> {
    let lock = Mutex::new(());
    Ok(Took {
        one_at_a_time: timed(|| {
            (0..REQUESTS).for_each(|_| work());
            Ok(())
        })?,
        threads: timed(|| in_threads(work))?,
        under_a_lock: timed(|| {
            in_threads(|| {
                let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
                work();
            })
        })?,
    })
}

/// How many requests a second one worker does, if each takes this long.
pub fn a_second(each: Duration) -> f64 {
    1.0 / each.as_secs_f64()
}

fn in_threads(serve: impl Fn() + Sync) -> io::Result<()> {
    thread::scope(|scope| {
        for _ in 0..REQUESTS {
            thread::Builder::new().spawn_scoped(scope, &serve)?;
        }
        Ok(())
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "stands for work elsewhere, which takes its time in any case"
)]
fn work() {
    thread::sleep(WORK);
}

#[expect(clippy::disallowed_methods, reason = "how long it really takes is the question")]
fn timed(serve: impl FnOnce() -> io::Result<()>) -> io::Result<Duration> {
    let start = Instant::now();
    serve()?;
    Ok(start.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other_adds_up_and_so_does_a_lock() {
        let took = compare().unwrap();
        assert!(took.one_at_a_time >= WORK * REQUESTS);
        assert!(took.under_a_lock >= WORK * REQUESTS);
        assert!(took.threads >= WORK);
    }

    #[test]
    fn a_hundred_milliseconds_each_are_ten_a_second() {
        assert_eq!(a_second(Duration::from_millis(100)), 10.0);
    }
}
