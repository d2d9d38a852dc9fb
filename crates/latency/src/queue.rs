//! Latency against load: one server, requests that come at random, and their queue.
//!
//! Each request takes [`SERVICE`]. The **load** is the work that comes, as a share of what the
//! server can do. Requests of many independent clients come at random times, so now and then
//! several come at once, and the later ones wait.

use std::time::Duration;

use common::random::Rng;

/// How long the server works for a request.
pub const SERVICE: Duration = Duration::from_millis(1);
/// How long requests come.
pub const RUN: Duration = Duration::from_secs(200);

/// Latencies in microseconds, sorted.
pub type Latencies = Vec<u64>;

/// Requests that come at random times, at a load in percent.
pub fn at_random(load: u64, seed: u64) -> Latencies {
    let mut rng = Rng::from_seed(seed);
    let end = RUN.as_micros() as u64;
    let mut arrivals: Vec<u64> = (0..requests(load)).map(|_| rng.below(end)).collect();
    arrivals.sort_unstable();
    serve(arrivals)
}

/// As many requests, at equal distances.
pub fn evenly(load: u64) -> Latencies {
    let (count, end) = (requests(load), RUN.as_micros() as u64);
    serve((0..count).map(|request| request * end / count))
}

fn requests(load: u64) -> u64 {
    (RUN.as_micros() / SERVICE.as_micros()) as u64 * load / 100
}

/// Serves requests in the order in which they come.
fn serve(arrivals: impl IntoIterator<Item = u64>) -> Latencies {
    let mut free_at = 0;
    let latency = |arrival: u64| {
        free_at = free_at.max(arrival) + SERVICE.as_micros() as u64;
        free_at - arrival
    };
    let mut latencies: Vec<u64> = arrivals.into_iter().map(latency).collect();
    latencies.sort_unstable();
    latencies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::percentiles::mean;

    /// The mean wait is ρ/(2(1 − ρ)) services, by Pollaczek and Khinchine, where the server always
    /// takes the same time. Three minutes are not endless, so near full load it is compared
    /// roughly.
    #[test]
    fn the_mean_follows_the_formula() {
        for (load, tolerance) in [(10, 0.05), (50, 0.05), (80, 0.1), (90, 0.25)] {
            let share = load as f64 / 100.0;
            let expected = 1000.0 * (1.0 + share / (2.0 * (1.0 - share)));
            let means: u64 = (0..3).map(|seed| mean(&at_random(load, seed))).sum();
            let ratio = means as f64 / 3.0 / expected;
            assert!((ratio - 1.0).abs() < tolerance, "{load} %: {ratio}");
        }
    }

    #[test]
    fn evenly_spaced_requests_wait_only_beyond_full_load() {
        for load in [10, 50, 100] {
            assert_eq!(evenly(load).last(), Some(&1000), "{load}");
        }
        // A tenth more than it can serve: the last one waits for all that is left over.
        let worst = evenly(110).last().copied().unwrap();
        assert!((19_900_000..20_100_000).contains(&worst), "{worst}");
    }
}
