//! How far a clock drifts, and how long a job seems to take by a clock that is set meanwhile.

use std::time::Duration;

use common::timeline::Timeline;

use crate::machine::Machine;

/// How many nanoseconds a clock that was right is ahead after this time.
pub fn drifted(ppm: i32, time: Duration) -> i64 {
    Machine::new(0, ppm).ahead(time)
}

/// How a clock that is ahead is set right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// At once.
    Step,
    /// By running slower for a while.
    Slew,
}

/// A job, as the clocks of its machine saw it begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// The wall clock, in nanoseconds since 1970.
    pub wall: [i64; 2],
    /// The monotonic clock.
    pub monotonic: [Duration; 2],
}

impl Job {
    /// How long it took by the wall clock, in nanoseconds.
    pub fn by_wall(&self) -> i64 {
        self.wall[1] - self.wall[0]
    }

    /// How long it took by the monotonic clock.
    pub fn by_monotonic(&self) -> Duration {
        self.monotonic[1] - self.monotonic[0]
    }
}

enum Event {
    Begins,
    IsSet,
    Ends,
}

/// A job that takes `takes`, on a machine whose clock is `ahead` nanoseconds ahead and is set right
/// in the middle of it.
pub fn job(takes: Duration, ahead: i64, set: Set) -> Job {
    let mut timeline = Timeline::new();
    timeline.at(Duration::ZERO, Event::Begins);
    timeline.at(takes / 2, Event::IsSet);
    timeline.at(takes, Event::Ends);
    let mut machine = Machine::new(ahead, 0);
    let mut job = Job { wall: [0; 2], monotonic: [Duration::ZERO; 2] };
    for (now, event) in timeline {
        match event {
            Event::Begins => (job.wall[0], job.monotonic[0]) = read(&machine, now),
            Event::IsSet if set == Set::Step => machine.step(now, -ahead),
            Event::IsSet => machine.slew(now, -ahead),
            Event::Ends => (job.wall[1], job.monotonic[1]) = read(&machine, now),
        }
    }
    job
}

fn read(machine: &Machine, now: Duration) -> (i64, Duration) {
    (machine.wall(now), machine.monotonic(now))
}

/// How far ahead a clock is, second by second, which is `ahead` nanoseconds ahead and is set right
/// `from` seconds later: up to the first second at which it is right, that one included, and for a
/// day at most.
pub fn correction(ahead: i64, from: u64, set: Set) -> Vec<i64> {
    let mut machine = Machine::new(ahead, 0);
    let mut course = Vec::new();
    for second in 0..86_400 {
        let now = Duration::from_secs(second);
        if second == from {
            match set {
                Set::Step => machine.step(now, -ahead),
                Set::Slew => machine.slew(now, -ahead),
            }
        }
        course.push(machine.ahead(now));
        if course.last() == Some(&0) {
            break;
        }
    }
    course
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{MILLISECOND, SECOND};

    #[test]
    fn twenty_ppm_are_fifty_two_seconds_a_month() {
        let day = Duration::from_secs(86_400);
        assert_eq!(drifted(20, day), 1_728 * MILLISECOND);
        assert_eq!(drifted(20, 30 * day), 51_840 * MILLISECOND);
        assert_eq!(drifted(-50, 30 * day), -129_600 * MILLISECOND);
    }

    #[test]
    fn a_step_back_makes_an_interval_negative_by_the_wall_clock_alone() {
        let takes = Duration::from_secs(2);
        let job = job(takes, 5 * SECOND, Set::Step);
        assert_eq!((job.by_wall(), job.by_monotonic()), (-3 * SECOND, takes));
    }

    #[test]
    fn slewing_keeps_it_positive() {
        let takes = Duration::from_millis(50);
        let step = job(takes, 100 * MILLISECOND, Set::Step);
        let slew = job(takes, 100 * MILLISECOND, Set::Slew);
        assert_eq!(step.by_wall(), -50 * MILLISECOND);
        assert_eq!(slew.by_wall(), 50 * MILLISECOND - 12_500);
    }

    #[test]
    fn a_hundred_milliseconds_take_two_hundred_seconds() {
        let slew = correction(100 * MILLISECOND, 10, Set::Slew);
        assert_eq!((slew.len(), slew[10], slew[11]), (211, 100_000_000, 99_500_000));
        let step = correction(100 * MILLISECOND, 10, Set::Step);
        assert_eq!((step.len(), step[9], step[10]), (11, 100_000_000, 0));
        let too_long = correction(60 * SECOND, 0, Set::Slew);
        assert_eq!((too_long.len(), too_long.last()), (86_400, Some(&16_800_500_000)));
    }
}
