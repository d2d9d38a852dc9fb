//! Noticing that a file was saved.
//!
//! The files are polled, which works on every system and in every container. An editor may write a
//! file in several steps, or put a new one in its place, so that it is gone for a moment; so a file
//! counts as saved when it is another than before and the same at two polls.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

/// Between two polls.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// What a poll of a file sees: when it was written and how long it is, if it is there.
type Sight = Option<(SystemTime, u64)>;

/// Files whose saves are noticed, from the first poll on.
pub struct Saves {
    files: Vec<(PathBuf, Seen)>,
}

impl Saves {
    /// Polls the files for the first time.
    pub fn of(files: impl IntoIterator<Item = PathBuf>) -> Saves {
        let looked_at = |file: PathBuf| {
            let seen = Seen::new(look(&file));
            (file, seen)
        };
        Saves { files: files.into_iter().map(looked_at).collect() }
    }

    /// Calls `saved` with the place of each file that was saved, until that returns `false`.
    pub fn watch(mut self, mut saved: impl FnMut(usize) -> bool) {
        loop {
            wait();
            for (at, (file, seen)) in self.files.iter_mut().enumerate() {
                if seen.is_new(look(file)) && !saved(at) {
                    return;
                }
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a file that another program writes can only be polled"
)]
fn wait() {
    thread::sleep(POLL_INTERVAL);
}

fn look(file: &Path) -> Sight {
    let metadata = fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// What was seen of one file.
struct Seen {
    reported: Sight,
    last: Sight,
}

impl Seen {
    fn new(sight: Sight) -> Seen {
        Seen { reported: sight, last: sight }
    }

    /// Takes one more poll into account: whether there is a save to report.
    fn is_new(&mut self, sight: Sight) -> bool {
        let settled = sight == self.last;
        self.last = sight;
        let new = settled && sight != self.reported;
        if new {
            self.reported = sight;
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(second: u64) -> Sight {
        Some((SystemTime::UNIX_EPOCH + Duration::from_secs(second), 10))
    }

    #[test]
    fn a_save_is_reported_once_when_it_has_settled() {
        let mut seen = Seen::new(written(1));
        let looks = [1, 2, 3, 3, 3, 3].map(|second| seen.is_new(written(second)));
        assert_eq!(looks, [false, false, false, true, false, false]);
    }

    #[test]
    fn a_file_that_is_gone_for_a_moment_is_one_save() {
        let mut seen = Seen::new(written(1));
        let looks = [None, written(2), written(2)].map(|sight| seen.is_new(sight));
        assert_eq!(looks, [false, false, true]);
        assert!(!seen.is_new(None));
        assert!(seen.is_new(None), "a file that stays away is reported too");
    }

    #[test]
    fn a_file_that_is_as_it_was_is_not_a_save() {
        let mut seen = Seen::new(written(1));
        let looks = [None, written(1), written(1)].map(|sight| seen.is_new(sight));
        assert_eq!(looks, [false, false, false]);
    }
}
