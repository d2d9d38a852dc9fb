//! Virtual time: a clock that stands still until something happens, and a queue of what will.
//!
//! A minute of waiting costs nothing here, and it is the same minute in every run: what happens at
//! one moment happens in the order in which it was scheduled, whatever the machine does.
//!
//! What holds:
//!
//! * Time never goes back: an event is scheduled for now or later.
//! * Events come out in the order of their times, and at equal times in the order of scheduling.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::Duration;

/// A clock and the events ahead of it. It is an iterator that moves the clock on: the next event
/// and its time.
///
/// ```
/// use common::timeline::Timeline;
/// use std::time::Duration;
///
/// let seconds = Duration::from_secs;
/// let mut timeline = Timeline::new();
/// timeline.at(seconds(5), "bake");
/// timeline.after(seconds(2), "knead");
///
/// while let Some((time, event)) = timeline.next() {
///     assert_eq!(time, timeline.now());
///     if event == "bake" {
///         timeline.after(seconds(40), "eat");
///     }
/// }
/// assert_eq!(timeline.now(), seconds(45));
/// ```
#[derive(Clone, Debug)]
pub struct Timeline<E> {
    now: Duration,
    /// The earliest on top.
    ahead: BinaryHeap<Reverse<Ahead<E>>>,
    scheduled: u64,
}

/// An event and its place: by time, then by how many were scheduled before.
#[derive(Clone, Debug)]
struct Ahead<E> {
    time: Duration,
    place: u64,
    event: E,
}

impl<E> Ord for Ahead<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.time, self.place).cmp(&(other.time, other.place))
    }
}

impl<E> PartialOrd for Ahead<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Ahead<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<E> Eq for Ahead<E> {}

impl<E> Timeline<E> {
    /// A clock at zero, with no events ahead.
    pub fn new() -> Timeline<E> {
        Timeline { now: Duration::ZERO, ahead: BinaryHeap::new(), scheduled: 0 }
    }

    /// The time since the start.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// Schedules `event` for the moment `time`.
    ///
    /// # Panics
    /// If that moment has passed.
    pub fn at(&mut self, time: Duration, event: E) {
        assert!(time >= self.now, "an event is scheduled for now or later");
        let place = self.scheduled;
        self.ahead.push(Reverse(Ahead { time, place, event }));
        self.scheduled += 1;
    }

    /// Schedules `event` for `delay` from now; a sum that overflows `Duration` is its maximum.
    pub fn after(&mut self, delay: Duration, event: E) {
        self.at(self.now.saturating_add(delay), event);
    }

    /// When the next event happens.
    pub fn next_time(&self) -> Option<Duration> {
        self.ahead.peek().map(|Reverse(ahead)| ahead.time)
    }

    /// The next event, if it happens by the moment `limit`. `None`: the clock has moved to `limit`,
    /// unless it was later already.
    pub fn next_until(&mut self, limit: Duration) -> Option<(Duration, E)> {
        match self.next_time() {
            Some(time) if time <= limit => self.next(),
            _ => {
                self.now = self.now.max(limit);
                None
            }
        }
    }
}

impl<E> Iterator for Timeline<E> {
    type Item = (Duration, E);

    /// Moves the clock to the next event. `None`: nothing is ahead, and the clock stays where it
    /// is.
    fn next(&mut self) -> Option<(Duration, E)> {
        let Reverse(Ahead { time, event, .. }) = self.ahead.pop()?;
        self.now = time;
        Some((time, event))
    }
}

impl<E> Default for Timeline<E> {
    fn default() -> Timeline<E> {
        Timeline::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn events_come_in_order_of_time_then_of_scheduling(
            times in proptest::collection::vec(0..5_u64, 0..50),
        ) {
            let mut timeline = Timeline::new();
            for (index, time) in times.iter().enumerate() {
                timeline.at(Duration::from_secs(*time), index);
            }
            let times = times.into_iter().map(Duration::from_secs);
            let mut expected: Vec<_> = times.zip(0..).collect();
            expected.sort();
            prop_assert_eq!(timeline.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn an_event_for_this_moment_comes_after_earlier_ones() {
        let mut timeline = Timeline::new();
        timeline.after(Duration::ZERO, 'a');
        timeline.after(Duration::ZERO, 'b');
        assert_eq!(timeline.next(), Some((Duration::ZERO, 'a')));
        timeline.after(Duration::ZERO, 'c');
        assert_eq!(timeline.map(|(_, event)| event).collect::<String>(), "bc");
    }

    #[test]
    fn the_clock_moves_to_a_limit_and_no_event_is_lost() {
        let seconds = Duration::from_secs;
        let mut timeline = Timeline::new();
        timeline.at(seconds(2), 'a');
        assert_eq!(timeline.next_until(seconds(1)), None);
        assert_eq!((timeline.now(), timeline.next_time()), (seconds(1), Some(seconds(2))));
        assert_eq!(timeline.next_until(seconds(2)), Some((seconds(2), 'a')));
        assert_eq!(timeline.next_until(seconds(1)), None);
        assert_eq!((timeline.now(), timeline.next_time()), (seconds(2), None));
    }

    #[test]
    #[should_panic(expected = "now or later")]
    fn time_does_not_go_back() {
        let mut timeline = Timeline::new();
        timeline.at(Duration::from_secs(1), ());
        timeline.next();
        timeline.at(Duration::ZERO, ());
    }

    #[test]
    fn a_delay_that_overflows_saturates() {
        let mut timeline = Timeline::new();
        timeline.at(Duration::from_secs(1), ());
        timeline.next();
        timeline.after(Duration::MAX, ());
        assert_eq!(timeline.next(), Some((Duration::MAX, ())));
    }
}
