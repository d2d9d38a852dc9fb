//! The timers that a node has set, in a world that runs in real time.

use std::time::Duration;

/// Each timer once, by the time at which it runs out, then in the order of setting.
#[derive(Debug)]
pub(crate) struct Timers<T>(Vec<(Duration, T)>);

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Timers(Vec::new())
    }
}

impl<T: PartialEq> Timers<T> {
    /// Sets one for this moment, or moves it there.
    pub(crate) fn set(&mut self, timer: T, at: Duration) {
        self.cancel(&timer);
        let place = self.0.partition_point(|(earlier, _)| *earlier <= at);
        self.0.insert(place, (at, timer));
    }

    pub(crate) fn cancel(&mut self, timer: &T) {
        self.0.retain(|(_, set)| set != timer);
    }

    /// When the next one runs out.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.0.first().map(|(at, _)| *at)
    }

    /// How many have run out.
    pub(crate) fn due(&self, now: Duration) -> usize {
        self.0.partition_point(|(at, _)| *at <= now)
    }

    /// Takes the first, if it has run out.
    pub(crate) fn take_due(&mut self, now: Duration) -> Option<T> {
        let is_due = self.next().is_some_and(|at| at <= now);
        is_due.then(|| self.0.remove(0).1)
    }
}
