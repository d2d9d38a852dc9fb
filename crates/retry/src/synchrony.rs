//! A hundred clients call at the same moment, and the server is down: what they do next decides
//! when it is over.

use std::num::NonZeroU32;
use std::ops::Range;
use std::time::Duration;

use common::retry::{Jitter, Policy};

use crate::herd::{Behaviour, Outcome, Scenario, run_over};

/// 100 calls at once; a server of 50 requests a second that is down for the first 2 s, lets 25 wait
/// and needs 0.1 ms to refuse one more.
pub const SCENARIO: Scenario = Scenario {
    calls: 100,
    every: Duration::ZERO,
    one_way: Duration::from_millis(5),
    attempt_timeout: Duration::from_secs(1),
    down: Duration::ZERO..Duration::from_secs(2),
    work: Duration::from_millis(20),
    queue: 25,
    refusal: Duration::from_micros(100),
    drops_stale: false,
};

/// The deadline of a call, for all its attempts and waits together.
pub const CALL_DEADLINE: Duration = Duration::from_secs(20);

/// A way of retrying, and the outcomes of the herd with it.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Its name.
    pub name: &'static str,
    /// One run for each seed, or one alone where nothing is drawn at random.
    pub runs: Vec<Outcome>,
}

/// Four ways of retrying.
#[derive(Debug)]
pub struct Synchrony {
    /// As soon as an attempt has failed.
    pub at_once: Compared,
    /// Each time after 1 s.
    pub fixed: Compared,
    /// After 0.1 s, then twice as long each time, up to 2 s.
    pub exponential: Compared,
    /// The same, but a moment drawn at random within each of those waits.
    pub jittered: Compared,
    /// As soon as an attempt has failed, at a server whose refusals cost nothing.
    pub at_once_if_free: Compared,
}

/// Runs each of them over `seeds`.
pub fn compare(seeds: &Range<u64>) -> Synchrony {
    let with = |name, base, factor, jitter, scenario| Compared {
        name,
        runs: run_over(scenario, &retrying(base, factor, jitter), seeds),
    };
    let free = Scenario { refusal: Duration::ZERO, ..SCENARIO };
    Synchrony {
        at_once: with("at once", 0, 1, Jitter::None, &SCENARIO),
        fixed: with("fixed, 1 s", 1000, 1, Jitter::None, &SCENARIO),
        exponential: with("exponential", 100, 2, Jitter::None, &SCENARIO),
        jittered: with("full jitter", 100, 2, Jitter::Full, &SCENARIO),
        at_once_if_free: with("at once", 0, 1, Jitter::None, &free),
    }
}

fn retrying(base_ms: u64, factor: u32, jitter: Jitter) -> Behaviour {
    Behaviour {
        policy: Policy {
            base: Duration::from_millis(base_ms),
            factor,
            cap: Duration::from_secs(2),
            jitter,
            attempts: NonZeroU32::MAX,
            deadline: Some(CALL_DEADLINE),
            idempotent: true,
        },
        budget: None,
    }
}

/// When the last call was answered, counted from the moment when the server was up again. `None`:
/// some were not.
pub fn recovery(outcome: &Outcome) -> Option<Duration> {
    (outcome.succeeded == SCENARIO.calls)
        .then(|| outcome.last_success.saturating_sub(SCENARIO.down.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::herd::{Spread, run};

    const SEEDS: Range<u64> = 1..201;

    fn seconds(time: f64) -> Duration {
        Duration::from_secs_f64(time)
    }

    /// What the page says of the herd.
    #[test]
    fn jitter_breaks_the_herd_up_and_nothing_else_does() {
        let herd = compare(&SEEDS);
        let one = |compared: &Compared| compared.runs[0].clone();
        let peak = |outcome: &Outcome| outcome.peak(SCENARIO.down.end);

        let at_once = one(&herd.at_once);
        assert_eq!(recovery(&at_once), None);
        assert!(at_once.attempts > 100_000 && at_once.succeeded < 25, "{at_once:?}");

        // 100 come together, 26 find a place; so do the 74, the 48 and the 22 that are left.
        let fixed = one(&herd.fixed);
        assert_eq!((fixed.attempts, peak(&fixed)), (100 + 100 + 100 + 74 + 48 + 22, 100));
        assert_eq!(recovery(&fixed), Some(seconds(3.5055)));

        let exponential = one(&herd.exponential);
        assert_eq!((exponential.attempts, peak(&exponential)), (5 * 100 + 100 + 74 + 48 + 22, 100));
        assert_eq!(recovery(&exponential), Some(seconds(7.6355)));

        let jittered = &herd.jittered.runs;
        assert_eq!(jittered.len(), 200);
        let recovered = Spread::over(jittered, |outcome| recovery(outcome).unwrap());
        assert!(recovered.least >= seconds(2.0), "no server is faster than its work");
        assert!(
            recovered.median < seconds(2.5) && recovered.most < recovery(&fixed).unwrap(),
            "{recovered:?}"
        );
        assert!(Spread::over(jittered, peak).most < 50);
    }

    #[test]
    fn trying_at_once_wins_where_a_refusal_costs_nothing() {
        let herd = compare(&(1..2));
        let free = recovery(&herd.at_once_if_free.runs[0]).unwrap();
        assert!(free < recovery(&herd.jittered.runs[0]).unwrap());
    }

    #[test]
    fn the_same_seed_is_the_same_run() {
        let jittered = retrying(100, 2, Jitter::Full);
        assert_eq!(run(&SCENARIO, &jittered, 7), run(&SCENARIO, &jittered, 7));
        assert_ne!(run(&SCENARIO, &jittered, 7), run(&SCENARIO, &jittered, 8));
    }
}
