//! How long to wait: false alarms against time to notice.
//!
//! A server that is alive answers most requests soon and a few very late. A client that gives up
//! earlier than such an answer raises a **false alarm**; one that waits longer is held up longer by
//! a server that is dead. The latencies are drawn from a distribution whose tail is as long as real
//! ones are: a request takes more than x times the shortest time with probability 1/x² (Pareto's,
//! with an index of 2), which integers and a square root can draw.

use std::time::Duration;

use common::random::Rng;

/// Requests in the sample.
pub const REQUESTS: usize = 100_000;
/// The latency of the fastest request.
pub const SHORTEST: Duration = Duration::from_millis(10);
/// How many times slower everything is on a bad day.
pub const BAD_DAY: u32 = 3;
/// Requests a second, for how many callers a dead server holds up.
pub const RATE: u32 = 100;
/// The accepted rate of false alarms: one in this many requests.
pub const ACCEPTED: usize = 1_000;

/// The timeouts that are compared.
pub const TIMEOUTS: [Duration; 8] = [
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(350),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// The latencies of a server that is alive, shortest first.
#[derive(Clone, Debug)]
pub struct Sample(Vec<Duration>);

impl Sample {
    /// Draws [`REQUESTS`] of them.
    pub fn draw(rng: &mut Rng) -> Sample {
        let mut latencies: Vec<_> = (0..REQUESTS).map(|_| latency(rng)).collect();
        latencies.sort_unstable();
        Sample(latencies)
    }

    /// The latency that `permille` of a thousand requests do not exceed (nearest rank).
    ///
    /// # Panics
    /// If `permille` is not in `1..=1000`.
    pub fn percentile(&self, permille: usize) -> Duration {
        assert!((1..=1000).contains(&permille), "permille is in 1..=1000");
        self.0[(self.0.len() * permille).div_ceil(1000) - 1]
    }

    /// How many of the requests are answered too late for `timeout`, on a day on which everything
    /// is `slower` times slower.
    pub fn false_alarms(&self, timeout: Duration, slower: u32) -> usize {
        self.0.len() - self.0.partition_point(|latency| *latency * slower <= timeout)
    }

    /// The sum of all latencies.
    pub fn total(&self) -> Duration {
        self.0.iter().sum()
    }
}

/// What one timeout costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The timeout. It is also what a caller of a dead server waits.
    pub timeout: Duration,
    /// False alarms among [`REQUESTS`].
    pub false_alarms: usize,
    /// The same on a bad day.
    pub on_a_bad_day: usize,
    /// Callers that a dead server holds up at a time, at [`RATE`] requests a second (Little's law).
    pub held_up: u128,
}

/// A row for each of the [`TIMEOUTS`].
pub fn sweep(sample: &Sample) -> Vec<Row> {
    let row = |timeout: Duration| Row {
        timeout,
        false_alarms: sample.false_alarms(timeout, 1),
        on_a_bad_day: sample.false_alarms(timeout, BAD_DAY),
        held_up: u128::from(RATE) * timeout.as_millis() / 1000,
    };
    TIMEOUTS.into_iter().map(row).collect()
}

/// The shortest of the timeouts whose false alarms are few enough.
pub fn shortest_accepted(rows: &[Row]) -> Option<&Row> {
    rows.iter().find(|row| row.false_alarms * ACCEPTED <= REQUESTS)
}

/// What [`times_as_many`] chooses from.
const FACTORS: [usize; 4] = [1, 3, 10, 100];

/// How many times as many false alarms a bad day raises: the nearest of 1, 3, 10
/// and 100.
pub fn times_as_many(row: &Row) -> usize {
    // Nearest by ratio, without logarithms: 5 is nearer to 3 than to 10, and 6 nearer to 10.
    let reaches =
        |low: usize, high: usize| row.on_a_bad_day.pow(2) >= row.false_alarms.pow(2) * low * high;
    let steps = FACTORS.windows(2).take_while(|pair| reaches(pair[0], pair[1])).count();
    FACTORS[steps]
}

fn latency(rng: &mut Rng) -> Duration {
    const ONE: u64 = 1_000_000;
    let share = rng.within(1..=ONE * ONE);
    let micros = SHORTEST.as_micros() as u64 * ONE / share.isqrt();
    Duration::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        Sample::draw(&mut Rng::from_seed(1))
    }

    #[test]
    fn the_sample_has_the_tail_that_it_claims() {
        let sample = sample();
        // At x times the shortest time, one of x² requests is later.
        for (times, expected) in [(2, 25_000), (5, 4_000), (10, 1_000)] {
            let late = sample.false_alarms(SHORTEST * times, 1);
            let tolerated = expected / 10;
            assert!(late.abs_diff(expected) < tolerated, "{times}: {late}");
        }
        assert!(sample.percentile(1) >= SHORTEST);
        assert_eq!(sample.percentile(1000), *sample.0.last().unwrap());
    }

    #[test]
    fn a_longer_timeout_trades_false_alarms_for_time() {
        let rows = sweep(&sample());
        assert!(rows.is_sorted_by(|a, b| a.timeout < b.timeout && a.held_up < b.held_up));
        assert!(rows.is_sorted_by(|a, b| a.false_alarms >= b.false_alarms));
        assert!(rows.iter().all(|row| row.on_a_bad_day >= row.false_alarms));
    }

    /// The tail is x⁻², so it is 9 times as high where all is 3 times slower.
    #[test]
    fn a_bad_day_raises_ten_times_as_many_whatever_the_seed() {
        for seed in 0..20 {
            let rows = sweep(&Sample::draw(&mut Rng::from_seed(seed)));
            assert_eq!(times_as_many(shortest_accepted(&rows).unwrap()), 10, "seed {seed}");
        }
    }

    #[test]
    fn the_nearest_factor_is_nearest_by_ratio() {
        let row = |false_alarms, on_a_bad_day| Row {
            timeout: SHORTEST,
            false_alarms,
            on_a_bad_day,
            held_up: 1,
        };
        let nearest = [(10, 10), (10, 17), (10, 18), (10, 54), (10, 55), (10, 999)];
        let nearest = nearest.map(|(usual, bad)| times_as_many(&row(usual, bad)));
        assert_eq!(nearest, [1, 1, 3, 3, 10, 100]);
    }

    #[test]
    fn the_accepted_timeout_is_next_to_the_percentile() {
        let sample = sample();
        let rows = sweep(&sample);
        let accepted = shortest_accepted(&rows).unwrap().timeout;
        assert!(accepted >= sample.percentile(999), "{accepted:?}");
        assert_eq!(sample.false_alarms(sample.percentile(999), 1), 100);
    }
}
