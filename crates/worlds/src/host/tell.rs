//! What is told to whoever reads the process's log.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many lines are told in a second. What peers can cause, they can cause without end.
pub const MAX_LINES_A_SECOND: u32 = 20;

/// Passes lines on, at most [`MAX_LINES_A_SECOND`]; of the others it says how many they were.
#[derive(Clone)]
pub(super) struct Tell(Arc<Inner>);

struct Inner {
    log: Box<dyn Fn(String) + Send + Sync>,
    second: Mutex<Second>,
}

struct Second {
    began: Instant,
    told: u32,
    kept_back: u64,
}

impl Tell {
    pub(super) fn new(log: impl Fn(String) + Send + Sync + 'static) -> Tell {
        let second = Mutex::new(Second {
            began: now(),
            told: 0,
            kept_back: 0,
        });
        let log = Box::new(log);
        Tell(Arc::new(Inner { log, second }))
    }

    pub(super) fn line(&self, line: impl Into<String>) {
        let (may_tell, kept_back) = self.count();
        if kept_back > 0 {
            (self.0.log)(format!("{kept_back} more lines were kept back"));
        }
        if may_tell {
            (self.0.log)(line.into());
        }
    }

    /// Whether one more line may be told, and how many were kept back before it.
    fn count(&self) -> (bool, u64) {
        let second = &self.0.second;
        let mut second = second.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept_back = 0;
        if second.began.elapsed() >= Duration::from_secs(1) {
            kept_back = std::mem::take(&mut second.kept_back);
            (second.began, second.told) = (now(), 0);
        }
        let may_tell = second.told < MAX_LINES_A_SECOND;
        match may_tell {
            true => second.told += 1,
            false => second.kept_back += 1,
        }
        (may_tell, kept_back)
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
    fn a_flood_of_lines_is_counted_and_not_told() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&told);
        let tell = Tell::new(move |line| sink.lock().unwrap().push(line));
        let began = now();
        let mut said = 0;
        while began.elapsed() < Duration::from_millis(1100) {
            tell.line("again");
            said += 1;
        }
        let told = told.lock().unwrap();
        assert!(said > 100, "{said}");
        assert!(
            told.len() <= 3 * MAX_LINES_A_SECOND as usize,
            "{}",
            told.len()
        );
        assert!(told.iter().any(|line| line.ends_with("kept back")));
    }
}
