//! A clock that admits its error, and writes that wait it out.
//!
//! The clock returns two times instead of one, and true time is between them. A write takes the
//! later of them for its stamp. Before it is answered, it waits until the earlier one has passed
//! that stamp (Corbett and others, "Spanner: Google's Globally-Distributed Database", OSDI 2012,
//! section 4.1.2: commit wait). Then the stamp is surely in the past, so whatever begins after the
//! answer gets a larger one, on any machine.
//!
//! What holds, as long as no clock is off by more than its bound:
//!
//! * *In the past*: when a write is answered, its stamp is before true time.

use std::time::Duration;

use common::random::Rng;

use crate::machine::{MILLISECOND, Machine, TEN, nanos, true_wall};
use crate::sample::{Path, Sample, SampleError, exchange};

/// Two times, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// It is not earlier than this.
    pub earliest: i64,
    /// It is not later than this.
    pub latest: i64,
}

/// A machine's wall clock with a bound of its error.
#[derive(Clone, Debug)]
pub struct IntervalClock {
    machine: Machine,
    bound: i64,
}

impl IntervalClock {
    /// The clock of a machine that is off by at most `bound` nanoseconds, either way.
    ///
    /// # Panics
    /// If `bound` is negative.
    pub fn new(machine: Machine, bound: i64) -> IntervalClock {
        assert!(bound >= 0, "a clock is not off by less than nothing");
        IntervalClock { machine, bound }
    }

    /// What it says at a true time.
    pub fn now(&self, now: Duration) -> Interval {
        let wall = self.machine.wall(now);
        let (earliest, latest) = (wall.saturating_sub(self.bound), wall.saturating_add(self.bound));
        Interval { earliest, latest }
    }

    /// The true time at which a stamp has surely passed, if the wait begins at `now`.
    ///
    /// # Panics
    /// If that is after 2262, or 292 years away.
    pub fn passed(&self, stamp: i64, mut now: Duration) -> Duration {
        loop {
            match stamp.saturating_sub(self.now(now).earliest) {
                left @ 0.. => now += Duration::from_nanos(left as u64 + 1),
                _ => return now,
            }
        }
    }
}

/// When a write is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// At once.
    AtOnce,
    /// When its stamp has surely passed.
    AfterWaiting,
}

/// A write: its stamp, and when it was answered.
struct Write {
    stamp: i64,
    answered: Duration,
}

fn write(clock: &IntervalClock, now: Duration, answered: Answered) -> Write {
    let stamp = clock.now(now).latest;
    let answered = match answered {
        Answered::AtOnce => now,
        Answered::AfterWaiting => clock.passed(stamp, now),
    };
    Write { stamp, answered }
}

/// By how many nanoseconds a clock of these experiments admits to be off, either way.
pub const BOUND: i64 = 4 * MILLISECOND;

/// How many pairs of writes an experiment makes.
pub const PAIRS: u64 = 10_000;

/// The second write of a pair begins at most this long after the answer of the first.
pub const GAP: Duration = Duration::from_millis(10);

/// What became of pairs of writes at two machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// Those whose second write, begun after the first was answered, got no larger stamp.
    pub wrong: u64,
    /// How long a write took to its answer, at most.
    pub waited: Duration,
}

/// Makes pairs of writes, one after the other, at machines whose clocks are really off by up to
/// `off` nanoseconds either way, and admit [`BOUND`].
pub fn pairs(seed: u64, off: i64, answered: Answered) -> Pairs {
    let mut rng = Rng::from_seed(seed);
    let mut pairs = Pairs::default();
    for _ in 0..PAIRS {
        let [first, second] = [0; 2].map(|_| {
            let ahead = rng.within(0..=2 * off as u64) as i64 - off;
            IntervalClock::new(Machine::new(ahead, 0), BOUND)
        });
        let one = write(&first, TEN, answered);
        if off <= BOUND && answered == Answered::AfterWaiting {
            assert!(one.stamp < true_wall(one.answered), "in the past: the wait is over");
        }
        let gap = Duration::from_nanos(rng.within(0..=GAP.as_nanos() as u64));
        let other = write(&second, one.answered + gap, answered);
        pairs.wrong += u64::from(other.stamp <= one.stamp);
        pairs.waited = pairs.waited.max(one.answered - TEN);
    }
    pairs
}

/// The bound of a clock that was set with a bound of `at_first` nanoseconds, and drifts at most
/// `ppm` microseconds a second since then.
pub fn bound_after(at_first: i64, ppm: i64, since: Duration) -> i64 {
    at_first + nanos(since) * ppm / 1_000_000
}

/// What a clock admits, and what is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// By how many nanoseconds it may be off.
    pub bound: i64,
    /// By how many it is.
    pub error: i64,
}

/// How often the clock of [`admitted`] is set.
pub const EVERY: Duration = Duration::from_secs(30);

/// The drift for which it allows, and its real one, in ppm. It gains more than most crystals do.
pub const ALLOWED_PPM: i64 = 200;
const REAL_PPM: i32 = 120;

/// A clock, second by second, that is set by the offset of a sample, as often as [`EVERY`] says.
/// Its bound is that of the sample, and grows until it is set again.
///
/// # Errors
/// None: the timestamps are of an exchange.
pub fn admitted(seed: u64, seconds: u64) -> Result<Vec<Admitted>, SampleError> {
    let mut rng = Rng::from_seed(seed);
    let (server, mut machine) = (Machine::new(0, 0), Machine::new(0, REAL_PPM));
    let (mut at_first, mut course) = (0, Vec::new());
    for second in 0..seconds {
        let now = TEN + Duration::from_secs(second);
        let since = Duration::from_secs(second % EVERY.as_secs());
        if since.is_zero() {
            let mut way = || Duration::from_micros(rng.within(200..=1_500));
            let path = Path { out: way(), serves: Duration::from_micros(50), back: way() };
            // The exchange has ended by now.
            let begins = now - path.out - path.serves - path.back;
            let sample = Sample::new(exchange(&machine, &server, begins, path))?;
            machine.step(now, sample.offset);
            at_first = sample.bound() as i64;
        }
        let bound = bound_after(at_first, ALLOWED_PPM, since);
        course.push(Admitted { bound, error: machine.ahead(now).abs() });
    }
    Ok(course)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_orders_every_pair_and_not_waiting_does_not() {
        for seed in 0..20 {
            let waited = pairs(seed, BOUND, Answered::AfterWaiting);
            assert_eq!(waited.wrong, 0, "seed {seed}");
            assert_eq!(waited.waited, Duration::from_nanos(2 * BOUND as u64 + 1));
            let at_once = pairs(seed, BOUND, Answered::AtOnce);
            assert!(at_once.wrong > 1_000 && at_once.waited.is_zero(), "seed {seed}");
            // A bound that is too small promises nothing.
            assert!(pairs(seed, 2 * BOUND, Answered::AfterWaiting).wrong > 0, "seed {seed}");
        }
    }

    #[test]
    fn a_slow_clock_is_waited_for_too() {
        let clock = IntervalClock::new(Machine::new(0, -100_000), BOUND);
        let stamp = clock.now(TEN).latest;
        let passed = clock.passed(stamp, TEN);
        assert!(clock.now(passed).earliest > stamp);
        assert!(passed - TEN > Duration::from_nanos(2 * BOUND as u64 * 11 / 10));
        // A stamp that may be this very moment has not passed.
        let earliest = clock.now(TEN).earliest;
        assert!(clock.passed(earliest, TEN) > TEN);
        assert_eq!(clock.passed(earliest - 1, TEN), TEN);
    }

    #[test]
    fn a_clock_that_is_set_every_30_s_is_never_off_by_more_than_it_admits()
    -> Result<(), SampleError> {
        for seed in 0..50 {
            let course = admitted(seed, 120)?;
            // What it drifts during the exchange, of at most 3 ms, is less than a microsecond.
            assert!(course.iter().all(|at| at.error <= at.bound + 1_000), "seed {seed}");
            assert_eq!(course[29].bound - course[0].bound, 29 * 200_000);
            // Each time that it is set, half of an exchange of 0.4 to 3 ms is left.
            for set in course.iter().step_by(EVERY.as_secs() as usize) {
                assert!((200_000..=1_500_000).contains(&set.bound), "seed {seed}: {set:?}");
            }
        }
        Ok(())
    }

    #[test]
    #[should_panic(expected = "up to 2262")]
    fn a_stamp_that_no_clock_reaches_is_not_waited_for() {
        IntervalClock::new(Machine::new(0, 0), 0).passed(i64::MAX, TEN);
    }

    #[test]
    #[should_panic(expected = "less than 292 years")]
    fn a_wait_of_centuries_is_refused() {
        let clock = IntervalClock::new(Machine::new(0, 0), i64::MAX);
        clock.passed(clock.now(TEN).latest, TEN);
    }

    #[test]
    fn the_largest_bound_says_nothing_and_does_not_overflow() {
        let clock = IntervalClock::new(Machine::new(0, 0), i64::MAX);
        let Interval { earliest, latest } = clock.now(TEN);
        assert_eq!((earliest, latest), (true_wall(TEN) - i64::MAX, i64::MAX));
    }

    #[test]
    fn the_bound_grows_as_the_clock_may_drift() {
        let half_a_minute = Duration::from_secs(30);
        assert_eq!(bound_after(MILLISECOND, 200, half_a_minute), 7 * MILLISECOND);
    }
}
