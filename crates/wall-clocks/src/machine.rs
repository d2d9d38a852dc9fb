//! A virtual machine's clocks, in integers of nanoseconds.
//!
//! True time is what the experiment counts, from 0 on; no machine can read it. A machine has two
//! clocks: the wall clock, which can be set, and the monotonic one, which counts since the
//! machine was started and is never set.
//!
//! What holds:
//!
//! * A clock is a function of true time: it can be read at any moment, and reading changes nothing.
//! * The monotonic clock never goes back.
//! * While it slews, the wall clock does not go back either: it is at most [`SLEW_PPM`] slower.
//!
//! Left out: a rate that changes with the temperature, and the corrections of the rate by which a
//! time service makes a clock drift less. (Linux applies those to its monotonic clock, too.)

use std::time::Duration;

/// True time 0 in nanoseconds since 1970: a second before [`TEN`].
pub const START: i64 = (20_000 * 86_400 + 10 * 3_600 - 1) * SECOND;

/// The true time at which it is ten o'clock, on a day of 2024.
pub const TEN: Duration = Duration::from_secs(1);

/// Nanoseconds of a second.
pub const SECOND: i64 = 1_000_000_000;

/// Nanoseconds of a millisecond.
pub const MILLISECOND: i64 = 1_000_000;

/// How much faster or slower a slewing clock runs, in millionths: what `adjtime` does on Linux.
pub const SLEW_PPM: i64 = 500;

const MILLION: i64 = 1_000_000;

/// A machine, by its clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// How many millionths its crystal is too fast.
    ppm: i32,
    /// The true time at which the wall clock was last set.
    since: Duration,
    /// What the wall clock said then.
    then: i64,
    /// What slewing adds since then, and how long that takes.
    slew: i64,
    lasts: Duration,
}

impl Machine {
    /// One whose wall clock is `ahead` nanoseconds ahead of true time 0, and gains `ppm`
    /// microseconds each second.
    ///
    /// # Panics
    /// If it loses a second each second, or more: then it does not run forward.
    pub fn new(ahead: i64, ppm: i32) -> Machine {
        assert!(i64::from(ppm) > -MILLION, "a clock runs forward, if slowly");
        let (since, lasts) = (Duration::ZERO, Duration::ZERO);
        Machine { ppm, since, then: START + ahead, slew: 0, lasts }
    }

    /// What the wall clock says at a true time: nanoseconds since 1970.
    ///
    /// # Panics
    /// If it has been set after that time, or says a time after 2262.
    pub fn wall(&self, now: Duration) -> i64 {
        let passed = now.checked_sub(self.since).expect("a clock is read after it was set");
        let moved = self.counted(passed) + self.slewed(passed);
        self.then.checked_add(moved).expect("a wall clock says times up to 2262")
    }

    /// What the monotonic clock says at a true time.
    pub fn monotonic(&self, now: Duration) -> Duration {
        Duration::from_nanos(self.counted(now).unsigned_abs())
    }

    /// How many nanoseconds the wall clock is ahead of true time; negative if it is behind.
    pub fn ahead(&self, now: Duration) -> i64 {
        self.wall(now) - true_wall(now)
    }

    /// Sets the wall clock by `by` nanoseconds at once.
    pub fn step(&mut self, now: Duration, by: i64) {
        (self.then, self.since) = (self.wall(now) + by, now);
        (self.slew, self.lasts) = (0, Duration::ZERO);
    }

    /// Has the wall clock run faster or slower until it has moved by `by` nanoseconds.
    pub fn slew(&mut self, now: Duration, by: i64) {
        self.step(now, 0);
        let lasts = by.unsigned_abs() * (MILLION / SLEW_PPM) as u64;
        (self.slew, self.lasts) = (by, Duration::from_nanos(lasts));
    }

    /// What the crystal counts in that time.
    fn counted(&self, passed: Duration) -> i64 {
        let passed = nanos(passed);
        // A product of nanoseconds and millionths can be larger than 64 bits.
        let gained = i128::from(passed) * i128::from(self.ppm) / i128::from(MILLION);
        passed + gained as i64
    }

    fn slewed(&self, passed: Duration) -> i64 {
        if passed >= self.lasts {
            return self.slew;
        }
        let part = i128::from(self.slew) * i128::from(nanos(passed));
        (part / i128::from(nanos(self.lasts))) as i64
    }
}

/// What a wall clock without any error says.
pub fn true_wall(now: Duration) -> i64 {
    START + nanos(now)
}

/// The nanoseconds of a duration of up to 292 years.
///
/// # Panics
/// If it is longer: no experiment is.
pub fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).expect("an experiment takes less than 292 years")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_fast_clock_gains_its_ppm() {
        assert_eq!(Machine::new(0, 20).ahead(seconds(1)), 20_000);
        assert_eq!(Machine::new(0, -20).ahead(seconds(1)), -20_000);
        assert_eq!(Machine::new(5, 0).ahead(seconds(1_000)), 5);
        let machine = Machine::new(-3, 50);
        assert_eq!(machine.monotonic(seconds(1)), Duration::from_micros(1_000_050));
    }

    #[test]
    fn true_time_begins_in_2024() {
        const YEAR: i64 = 31_556_952 * SECOND;
        assert_eq!(1970 + START / YEAR, 2024);
        assert_eq!(true_wall(TEN) % (86_400 * SECOND), 36_000 * SECOND, "ten o'clock");
    }

    #[test]
    fn a_step_moves_the_wall_clock_alone() {
        let mut machine = Machine::new(0, 10);
        machine.step(seconds(10), -SECOND);
        assert_eq!(machine.ahead(seconds(10)), 100_000 - SECOND);
        assert_eq!(machine.ahead(seconds(20)), 200_000 - SECOND);
        assert_eq!(machine.monotonic(seconds(20)), Duration::from_micros(20_000_200));
    }

    #[test]
    fn a_slew_takes_two_thousand_times_as_long_as_it_corrects() {
        let mut machine = Machine::new(MILLISECOND, 0);
        machine.slew(seconds(7), -MILLISECOND);
        let ahead = [7, 8, 9, 10].map(|at| machine.ahead(seconds(at)));
        assert_eq!(ahead, [1_000_000, 500_000, 0, 0]);
        machine.slew(seconds(10), MILLISECOND);
        machine.step(seconds(11), 0);
        assert_eq!(machine.ahead(seconds(99)), 500_000, "a step ends a slew");
    }

    #[test]
    #[should_panic(expected = "a clock runs forward")]
    fn a_clock_that_stands_is_refused() {
        assert_eq!(Machine::new(0, -999_999).monotonic(seconds(1)), Duration::from_micros(1));
        Machine::new(0, -1_000_000);
    }

    proptest! {
        // Readers break this on purpose, and the failures they find are not to be kept.
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn a_slewing_clock_never_goes_back(
            ppm in -1_000..1_000_i32,
            by in -10 * SECOND..10 * SECOND,
            (first, later) in (0..30_000_u64, 1..1_000_u64),
        ) {
            let mut machine = Machine::new(0, ppm);
            machine.slew(Duration::ZERO, by);
            let first = seconds(first);
            let [one, other] = [first, first + Duration::from_micros(later)];
            prop_assert!(machine.wall(one) < machine.wall(other));
            prop_assert!(machine.monotonic(one) <= machine.monotonic(other));
        }
    }
}
