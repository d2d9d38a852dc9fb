//! A steady stream of calls, a server that fails for two seconds, and what retries make of it.
//!
//! The server takes 50 requests a second and 40 come. Requests that failed come back on top of the
//! new ones. Its queue has no bound. Once a request waits longer in it than its client does, the
//! server works in vain: every answer is late, every late answer is a retry, and the retries keep
//! the queue long after their cause has gone. Such a failure that holds itself up is called
//! metastable (Bronson and others, "Metastable Failures in Distributed Systems", HotOS 2021).

use std::num::NonZeroU32;
use std::ops::Range;
use std::time::Duration;

use common::retry::{Jitter, Policy};

use crate::herd::{Behaviour, Outcome, Scenario, run_over};
use crate::synchrony::Compared;

/// 40 calls a second for 20 s; a server of 50 a second that is down from 5 to 7 s and refuses no
/// request when it is up.
pub const SCENARIO: Scenario = Scenario {
    calls: 800,
    every: Duration::from_millis(25),
    one_way: Duration::from_millis(5),
    attempt_timeout: Duration::from_secs(1),
    down: Duration::from_secs(5)..Duration::from_secs(7),
    work: Duration::from_millis(20),
    queue: usize::MAX,
    refusal: Duration::ZERO,
    drops_stale: false,
};

/// The deadline of a call, for all its attempts and waits together.
pub const CALL_DEADLINE: Duration = Duration::from_secs(10);

/// What a server does in a second: that of [`SCENARIO`], and two with more room.
pub const RATES: [u32; 3] = [50, 52, 60];

/// The length of an outage that retries bridge.
pub const SHORT: Duration = Duration::from_millis(100);

/// What retries may add to the traffic, in percent.
pub const BUDGET_PERCENT: u32 = 10;

/// How many retries a budget holds.
const RESERVE: u32 = 10;

/// A way of retrying, in a short outage and in a long one.
#[derive(Clone, Debug)]
pub struct Overload {
    /// The server is down for [`SHORT`]: one run, with the first seed.
    pub short: Compared,
    /// The server is down for 2 s.
    pub long: Compared,
}

/// Five ways of retrying or not, then two cures.
#[derive(Debug)]
pub struct Overloads {
    /// One attempt, no more.
    pub never: Overload,
    /// As soon as an attempt has failed.
    pub at_once: Overload,
    /// Each time after 1 s.
    pub fixed: Overload,
    /// After 1 s, then twice as long each time, up to 10 s.
    pub exponential: Overload,
    /// The same, but a moment drawn at random within each of those waits.
    pub jittered: Overload,
    /// The same, with a budget of [`BUDGET_PERCENT`] that all calls share.
    pub budget: Overload,
    /// Full jitter without a budget, at a server that drops what it cannot answer in time.
    pub stale_dropped: Overload,
}

impl Overloads {
    /// All of them, in the order of the story; the last two have a cure.
    pub fn all(&self) -> [&Overload; 7] {
        [
            &self.never,
            &self.at_once,
            &self.fixed,
            &self.exponential,
            &self.jittered,
            &self.budget,
            &self.stale_dropped,
        ]
    }
}

/// Runs each of them over `seeds`.
pub fn compare(seeds: &Range<u64>) -> Overloads {
    let first_seed = seeds.start..seeds.start + 1;
    let with = |name, behaviour: &Behaviour, drops_stale| {
        let down_for = |outage, seeds| {
            let start = SCENARIO.down.start;
            let scenario = Scenario { down: start..start + outage, drops_stale, ..SCENARIO };
            Compared { name, runs: run_over(&scenario, behaviour, seeds) }
        };
        Overload {
            short: down_for(SHORT, &first_seed),
            long: down_for(SCENARIO.down.end - SCENARIO.down.start, seeds),
        }
    };
    let [never, at_once, fixed, exponential, jittered] =
        without_a_cure().map(|(name, behaviour)| with(name, &behaviour, false));
    let [.., (_, full_jitter)] = without_a_cure();
    let budget = Some((BUDGET_PERCENT, RESERVE));
    let bounded = Behaviour { budget, policy: full_jitter.policy.clone() };
    Overloads {
        never,
        at_once,
        fixed,
        exponential,
        jittered,
        budget: with("jitter and budget", &bounded, false),
        stale_dropped: with("jitter, stale dropped", &full_jitter, true),
    }
}

/// The outage of 2 s at servers that do so many requests a second, without a cure: a row for each
/// way of retrying.
pub fn at_rates<const N: usize>(rates: [u32; N], seeds: &Range<u64>) -> [[Compared; N]; 5] {
    without_a_cure().map(|(name, behaviour)| {
        rates.map(|rate| {
            let scenario = Scenario { work: Duration::from_secs(1) / rate, ..SCENARIO };
            Compared { name, runs: run_over(&scenario, &behaviour, seeds) }
        })
    })
}

/// Full jitter with twice the waits: on average its clients wait as long as those with exponential
/// backoff, so what differs is that they do not come back together.
pub fn jitter_of_equal_waits(seeds: &Range<u64>) -> Compared {
    let behaviour = Behaviour { policy: policy(2, 2, Jitter::Full), budget: None };
    Compared { name: "full jitter", runs: run_over(&SCENARIO, &behaviour, seeds) }
}

fn without_a_cure() -> [(&'static str, Behaviour); 5] {
    let once = Policy { attempts: NonZeroU32::MIN, ..policy(0, 1, Jitter::None) };
    [
        ("never", once),
        ("at once", policy(0, 1, Jitter::None)),
        ("fixed, 1 s", policy(1, 1, Jitter::None)),
        ("exponential", policy(1, 2, Jitter::None)),
        ("full jitter", policy(1, 2, Jitter::Full)),
    ]
    .map(|(name, policy)| (name, Behaviour { policy, budget: None }))
}

/// How long the client had waited for half of the calls that failed, or less.
pub fn typical_failure(outcome: &Outcome) -> Duration {
    let mut waited = outcome.failed_after.clone();
    waited.sort();
    waited.get(waited.len() / 2).copied().unwrap_or_default()
}

fn policy(base_secs: u64, factor: u32, jitter: Jitter) -> Policy {
    Policy {
        base: Duration::from_secs(base_secs),
        factor,
        cap: Duration::from_secs(10 * base_secs),
        jitter,
        attempts: NonZeroU32::MAX,
        deadline: Some(CALL_DEADLINE),
        idempotent: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::herd::Spread;

    const SEEDS: Range<u64> = 1..201;

    fn succeeded(compared: &Compared) -> Spread<u32> {
        Spread::over(&compared.runs, |outcome| outcome.succeeded)
    }

    /// What the page says of the overload.
    #[test]
    fn retries_keep_an_overload_up() {
        let overloads = compare(&SEEDS);
        let without = succeeded(&overloads.never.long).median;
        assert_eq!(without, 719, "the 81 calls of two seconds are lost");
        for retried in
            [&overloads.at_once, &overloads.fixed, &overloads.exponential, &overloads.jittered]
        {
            let median = succeeded(&retried.long).median;
            assert!(median < without / 2, "{}: {median}", retried.long.name);
            assert!(retried.long.runs[0].wasted() > 1000);
        }
        let jittered = succeeded(&overloads.jittered.long);
        assert!(jittered.least < without / 2 && jittered.most == SCENARIO.calls, "{jittered:?}");

        let budget = &overloads.budget.long;
        assert!(succeeded(budget).least >= without);
        let attempts = Spread::over(&budget.runs, |outcome| outcome.attempts);
        assert!(attempts.most <= u64::from(SCENARIO.calls + SCENARIO.calls / 10 + RESERVE));
        let failed_fast = Spread::over(&budget.runs, typical_failure);
        assert_eq!(failed_fast.most, SCENARIO.one_way * 2);

        let stale_dropped = succeeded(&overloads.stale_dropped.long);
        assert!(stale_dropped.least > SCENARIO.calls - 10, "{stale_dropped:?}");
        assert_eq!(Spread::over(&overloads.stale_dropped.long.runs, Outcome::wasted).most, 0);
    }

    /// What the screen says of a server that is nearly full, and of those with more room.
    #[test]
    fn never_trying_again_is_best_only_at_a_server_nearly_full() {
        let rows = at_rates(RATES, &SEEDS);
        let medians = rows.each_ref().map(|row| row.each_ref().map(|c| succeeded(c).median));
        assert_eq!(
            medians,
            [[719, 720, 720], [248, 251, 259], [282, 306, 800], [350, 800, 800], [325, 800, 800],]
        );
        // At the edge the median says little.
        let [.., jittered] = &rows;
        let [_, edge, beyond] = jittered.each_ref().map(succeeded);
        assert!(edge.least < 400 && edge.most == 800, "{edge:?}");
        assert!(beyond.least > 790, "{beyond:?}");
    }

    /// The calls of the outage come back as a block as long as the outage, and what was late comes
    /// back as a block again. Of two clients that wait equally long on average, the one with jitter
    /// is answered.
    #[test]
    fn jitter_spreads_what_an_outage_has_brought_together() {
        let per_second = |run: &Outcome, from: usize, to: usize| -> Vec<u32> {
            run.arrivals.chunks(10).map(|second| second.iter().sum()).collect::<Vec<_>>()[from..to]
                .to_vec()
        };
        let overloads = compare(&(1..26));
        let exponential = &overloads.exponential.long.runs[0];
        assert_eq!(per_second(exponential, 5, 12), [40, 81, 80, 80, 41, 56, 80]);

        let jittered = jitter_of_equal_waits(&SEEDS);
        for run in jittered.runs.iter().filter(|run| run.succeeded == SCENARIO.calls) {
            let load = per_second(run, 8, 12);
            assert!(load.iter().all(|requests| *requests < 80), "{load:?}");
        }
        assert_eq!((exponential.succeeded, succeeded(&jittered).median), (350, 800));
        let recovered = jittered.runs.iter().filter(|run| run.succeeded > 790).count();
        assert!(recovered > 180, "{recovered} of {}", jittered.runs.len());

        // Without the longer waits there are more attempts.
        let attempts = Spread::over(&overloads.jittered.long.runs, |run| run.attempts);
        assert!(attempts.median > exponential.attempts, "{attempts:?}");
    }

    /// What a task of the page finds.
    #[test]
    fn at_51_a_second_exponential_backoff_is_still_worse_than_never() {
        let rows = at_rates([51, 53], &(1..26));
        let [never, .., exponential, jittered] =
            rows.each_ref().map(|row| row.each_ref().map(succeeded));
        assert_eq!((never[0].median, exponential[0].median, jittered[0].median), (720, 405, 800));
        assert_eq!(jittered[0].least, 309);
        assert_eq!((exponential[1].median, jittered[1].median), (800, 800));
    }

    #[test]
    fn with_retries_every_call_survives_a_short_outage() {
        for seed in 1..11 {
            let overloads = compare(&(seed..seed + 1));
            let [never, retried @ ..] = overloads.all();
            assert!(never.short.runs[0].succeeded < SCENARIO.calls);
            for Overload { short, .. } in retried {
                assert_eq!(short.runs[0].succeeded, SCENARIO.calls, "{}", short.name);
            }
        }
    }
}
