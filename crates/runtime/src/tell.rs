//! What is told to whoever reads the process's log.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::body::clipped;

/// How many lines are told in a second of what peers can cause, who can cause it without end.
pub const MAX_LINES_A_SECOND: u32 = 20;

const SECOND: Duration = Duration::from_secs(1);

/// What is so again and again is told once in this time.
const AGAIN: Duration = Duration::from_secs(60);

/// So many of those lines are remembered.
const MAX_REMEMBERED: usize = 100;

/// Passes lines on, at most [`MAX_LINES_A_SECOND`]; of the others it says how many they were. What
/// of a line is too long is cut off.
#[derive(Clone)]
pub(super) struct Tell(Arc<Inner>);

struct Inner {
    log: Box<dyn Fn(String) + Send + Sync>,
    second: Mutex<Second>,
    lately: Mutex<Lately>,
}

/// What was told lately and may be so again, the oldest first.
#[derive(Default)]
struct Lately(VecDeque<(Instant, String)>);

struct Second {
    began: Instant,
    told: u32,
    kept_back: u64,
}

impl Tell {
    pub(super) fn new(log: impl Fn(String) + Send + Sync + 'static) -> Tell {
        let second = Mutex::new(Second { began: now(), told: 0, kept_back: 0 });
        let log = Box::new(log);
        let lately = Mutex::default();
        Tell(Arc::new(Inner { log, second, lately }))
    }

    /// Tells what others can cause again and again.
    pub(super) fn again(&self, line: impl Into<String>) {
        self.again_at(now(), line);
    }

    fn again_at(&self, now: Instant, line: impl Into<String>) {
        let line = clipped(line.into());
        let mut lately = self.0.lately.lock().unwrap_or_else(PoisonError::into_inner);
        if !lately.is_news(&line, now) {
            return;
        }
        let (may_tell, kept_back) = self.count(now);
        if kept_back > 0 {
            self.line(format!("{kept_back} more lines were kept back"));
        }
        if may_tell {
            lately.remember(line.clone(), now);
            self.line(line);
        }
    }

    /// Tells what this process itself has come to.
    pub(super) fn line(&self, line: impl Into<String>) {
        (self.0.log)(clipped(line.into()));
    }

    /// Whether one more line may be told, and how many were kept back before it.
    fn count(&self, now: Instant) -> (bool, u64) {
        let second = &self.0.second;
        let mut second = second.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept_back = 0;
        if now.duration_since(second.began) >= SECOND {
            kept_back = std::mem::take(&mut second.kept_back);
            (second.began, second.told) = (now, 0);
        }
        let may_tell = second.told < MAX_LINES_A_SECOND;
        match may_tell {
            true => second.told += 1,
            false => second.kept_back += 1,
        }
        (may_tell, kept_back)
    }
}

impl Lately {
    /// Whether this was not told lately.
    fn is_news(&mut self, line: &str, now: Instant) -> bool {
        self.0.retain(|(told, _)| now.duration_since(*told) < AGAIN);
        !self.0.iter().any(|(_, told)| told == line)
    }

    fn remember(&mut self, line: String, now: Instant) {
        if self.0.len() == MAX_REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back((now, line));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "lines are told to a person, who reads so many in a second"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_so_again_and_again_is_told_once_a_minute() {
        let (mut lately, start) = (Lately::default(), now());
        let mut is_news = |line: &str, after| {
            let is_news = lately.is_news(line, start + after);
            if is_news {
                lately.remember(line.to_owned(), start + after);
            }
            is_news
        };
        assert!(is_news("refused", Duration::ZERO));
        assert!(!is_news("refused", AGAIN / 2));
        assert!(is_news("dropped", AGAIN / 2));
        assert!(is_news("refused", AGAIN));
        assert!(!is_news("dropped", AGAIN));
        for line in 0..2 * MAX_REMEMBERED {
            assert!(is_news(&line.to_string(), AGAIN));
        }
        assert_eq!(lately.0.len(), MAX_REMEMBERED);
    }

    #[test]
    fn a_flood_of_lines_is_counted_and_not_told() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&told);
        let tell = Tell::new(move |line| sink.lock().unwrap().push(line));
        let (start, limit) = (now(), MAX_LINES_A_SECOND as usize);
        let say_many = |after| {
            for number in 0..5 * limit {
                tell.again_at(start + after, format!("line {number} after {after:?}"));
            }
            told.lock().unwrap().len()
        };
        // Which begins a second.
        assert_eq!(say_many(AGAIN), limit);
        assert_eq!(say_many(AGAIN + SECOND / 2), limit);
        assert_eq!(say_many(AGAIN + SECOND), 2 * limit + 1);
        let kept_back = format!("{} more lines were kept back", 9 * limit);
        assert_eq!(told.lock().unwrap()[limit], kept_back);
    }
}
