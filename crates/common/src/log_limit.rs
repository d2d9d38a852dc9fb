//! A bound on the log lines that peers can cause.
//!
//! A server that writes a line for each connection or request lets its clients decide how fast its
//! log grows. [`LogLimit`] writes a number of lines in each second and counts the rest; the next
//! line that is written comes after one that reports the count. A second begins with the first line
//! after the end of the one before, so the limit keeps no history.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lines of a log, up to a number in each second. Threads can share it.
///
/// ```
/// use common::log_limit::LogLimit;
///
/// let limit = LogLimit::default();
/// limit.write("127.0.0.1:40000 connected", |line| eprintln!("{line}"));
/// ```
#[derive(Debug)]
pub struct LogLimit {
    lines_per_second: u32,
    second: Mutex<Second>,
}

#[derive(Debug)]
struct Second {
    /// `None` before the first line.
    began: Option<Instant>,
    written: u32,
    left_out: u64,
}

impl Default for LogLimit {
    /// 20 lines in each second: more than an operator reads, and some hundred MB in a day.
    fn default() -> LogLimit {
        LogLimit::per_second(20)
    }
}

impl LogLimit {
    /// Writes `lines` lines in each second, not counting the line that says how many were left out.
    pub const fn per_second(lines: u32) -> LogLimit {
        let second = Mutex::new(Second { began: None, written: 0, left_out: 0 });
        LogLimit { lines_per_second: lines, second }
    }

    /// Passes `line` to `log`, unless this second has had its lines. If some were left out since
    /// the last line that was written, `log` first gets one that says how many.
    #[expect(clippy::disallowed_methods, reason = "a log is read in real time")]
    pub fn write(&self, line: impl Display, log: impl FnMut(String)) {
        self.write_at(Instant::now(), line, log);
    }

    /// As [`write`](LogLimit::write), at the moment `now`.
    pub fn write_at(&self, now: Instant, line: impl Display, mut log: impl FnMut(String)) {
        // The lock is not held while `log` writes: a slow log must not block other threads.
        let Some(left_out) = self.admit(now) else {
            return;
        };
        if left_out > 0 {
            log(format!("{left_out} more lines were left out"));
        }
        log(line.to_string());
    }

    /// Whether one more line may be written at `now`, and how many were left out before it.
    fn admit(&self, now: Instant) -> Option<u64> {
        const SECOND: Duration = Duration::from_secs(1);
        // The counts are consistent after every statement, so a panic elsewhere does no harm.
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        // Saturating: another thread may have come here first, with a later `now`.
        if second.began.is_none_or(|began| now.saturating_duration_since(began) >= SECOND) {
            (second.began, second.written) = (Some(now), 0);
        }
        if second.written == self.lines_per_second {
            second.left_out += 1;
            return None;
        }
        second.written += 1;
        Some(std::mem::take(&mut second.left_out))
    }
}
