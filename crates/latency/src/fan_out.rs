//! Several calls at once: a page that waits for all, and a write that waits for some.

use common::random::Rng;

/// How many pages are simulated.
pub const PAGES: u64 = 10_000;
/// How many writes.
pub const WRITES: u64 = 100_000;

/// How many of [`PAGES`] pages wait for a slow call, if each makes `calls` calls, of which `slow`
/// in 1,000 are slow.
pub fn slow_pages(calls: u64, slow: u64, seed: u64) -> u64 {
    let mut rng = Rng::from_seed(seed);
    let mut has_slow_call = || (0..calls).fold(false, |any, _| rng.below(1000) < slow || any);
    (0..PAGES).filter(|_| has_slow_call()).count() as u64
}

/// The share of such pages by formula, 1 − (1 − p)^calls.
pub fn expected_share(calls: u32, slow: u64) -> f64 {
    1.0 - (1.0 - slow as f64 / 1000.0).powi(calls.try_into().unwrap_or(i32::MAX))
}

/// How long one of three replicas takes for a write, in milliseconds: mostly 2 to 10, and one write
/// in a hundred 100 to 200.
fn replica(rng: &mut Rng) -> u64 {
    match rng.below(100) {
        0 => rng.within(100..=200),
        _ => rng.within(2..=10),
    }
}

/// How long writes take which wait for some of three replicas, in milliseconds, sorted: for one
/// replica alone, for the second of three to answer, and for the third.
pub fn writes(seed: u64) -> [Vec<u64>; 3] {
    let mut rng = Rng::from_seed(seed);
    let mut waits = [const { Vec::new() }; 3];
    for _ in 0..WRITES {
        let mut answers = [(); 3].map(|()| replica(&mut rng));
        let [one, ..] = answers;
        answers.sort_unstable();
        for (wait, answer) in waits.iter_mut().zip([one, answers[1], answers[2]]) {
            wait.push(answer);
        }
    }
    waits.iter_mut().for_each(|wait| wait.sort_unstable());
    waits
}

/// Of sorted waits, how many are at least `limit`.
pub fn at_least(sorted: &[u64], limit: u64) -> u64 {
    (sorted.len() - sorted.partition_point(|wait| *wait < limit)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulation_agrees_with_the_formula() {
        for (calls, slow) in [(1, 10), (10, 10), (100, 10), (10, 1)] {
            let expected = expected_share(calls, slow) * PAGES as f64;
            let deviation = (expected * (1.0 - expected / PAGES as f64)).sqrt();
            for seed in 0..5 {
                let simulated = slow_pages(calls.into(), slow, seed) as f64;
                assert!((simulated - expected).abs() < 5.0 * deviation, "{simulated} {expected}");
            }
        }
        assert!((expected_share(10, 10) - 0.0956).abs() < 0.0001);
    }

    #[test]
    fn two_of_three_hide_one_slow_replica() {
        let slow = writes(1).map(|waits| at_least(&waits, 100));
        let [one, second, third] = slow;
        assert!(second < one / 10 && one < third, "{slow:?}");
        // 1 in a hundred; two of three at once, 3 · 0.01²; at least one of three.
        assert_eq!([1, 2, 3, 4].map(|limit| at_least(&[1, 2, 2, 3], limit)), [4, 3, 1, 0]);
        assert!((900..1_100).contains(&one), "{slow:?}");
        assert!((10..60).contains(&second), "{slow:?}");
        assert!((2_800..3_200).contains(&third), "{slow:?}");
    }
}
