//! Three replicas on a network with every fault, in virtual time.

use std::time::Duration;

use common::crdt::{CounterError, GCounter};
use common::random::Rng;
use worlds::node::Client;
use worlds::sim::{Counts, Delay, Fault, Scenario, Sim, Stopped};

use crate::replica::{Record, Replica, Reply, Request, RequestId};

/// The replicas of every run here.
pub const REPLICAS: usize = 3;

/// How many increments clients ask for, one at a time, of the replicas in turn.
pub const ASKED: u32 = 120;

/// How long from one to the next.
pub const EVERY: Duration = Duration::from_millis(50);

/// How long a client waits for an answer before it retries.
pub const REPLY_TIMEOUT: Duration = Duration::from_secs(1);

/// When the faults are over.
const HEALED_AT: Duration = Duration::from_secs(8);

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How many increments were acknowledged. Whether the others are counted is not known.
    pub acknowledged: u128,
    /// The values at the replicas in the end.
    pub values: Vec<u128>,
    /// The counts of messages and records.
    pub counts: Counts,
}

/// What a counter must not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The replicas have different values, long after the faults are over.
    #[error("the replicas disagree: {0:?}")]
    Disagree(Vec<u128>),
    /// Something acknowledged is gone.
    #[error("{acknowledged} were acknowledged, and {value} are left")]
    Lost {
        /// What was acknowledged.
        acknowledged: u128,
        /// The value at the replicas.
        value: u128,
    },
    /// More is counted than was asked for.
    #[error("{asked} were asked for, and {value} are counted")]
    TooMany {
        /// What was asked for.
        asked: u32,
        /// The value at the replicas.
        value: u128,
    },
}

impl Outcome {
    /// Whether the counter has kept its promises.
    ///
    /// # Errors
    /// [`Broken`] says which it has not.
    pub fn verdict(&self) -> Result<(), Broken> {
        let value = self.values[0];
        if self.values.iter().any(|other| *other != value) {
            return Err(Broken::Disagree(self.values.clone()));
        }
        let acknowledged = self.acknowledged;
        if value < acknowledged {
            return Err(Broken::Lost { acknowledged, value });
        }
        if value > u128::from(ASKED) {
            let asked = ASKED;
            return Err(Broken::TooMany { asked, value });
        }
        Ok(())
    }
}

/// The world that the lesson narrates: one in five messages is lost and one in ten is duplicated;
/// from 2 to 4 s replica 0 is cut off from the others; at 3 s replica 1 crashes, and at 5 s it
/// restarts.
pub fn narrated(seed: u64) -> Scenario {
    let seconds = Duration::from_secs;
    let mut scenario = with_bad_links(seed);
    scenario.faults = vec![
        (seconds(2), Fault::Split(vec![0])),
        (seconds(3), Fault::Crash(1)),
        (seconds(4), Fault::Heal),
        (seconds(5), Fault::Restart(1)),
    ];
    scenario
}

/// A world whose faults are drawn, too: splits, cuts one way, and crashes of any replicas, several
/// at a time.
pub fn drawn(seed: u64) -> Scenario {
    let mut rng = Rng::from_seed(seed);
    let mut scenario = with_bad_links(seed);
    scenario.link.lost = rng.below(500) as u16;
    scenario.link.duplicated = rng.below(500) as u16;
    scenario.sync = Duration::from_millis(rng.below(100));
    let mut is_down = [false; REPLICAS];
    let mut at = Duration::ZERO;
    loop {
        at += Duration::from_millis(rng.within(1..=1000));
        if at >= HEALED_AT {
            break;
        }
        let node = rng.below(REPLICAS as u64) as usize;
        let other = (node + 1 + rng.below(REPLICAS as u64 - 1) as usize) % REPLICAS;
        let fault = match rng.below(5) {
            0 => Fault::Split(vec![node]),
            1 => Fault::Cut { from: vec![node], to: vec![other] },
            2 => Fault::Heal,
            _ if is_down[node] => Fault::Restart(node),
            _ => Fault::Crash(node),
        };
        match fault {
            Fault::Crash(node) => is_down[node] = true,
            Fault::Restart(node) => is_down[node] = false,
            _ => {}
        }
        scenario.faults.push((at, fault));
    }
    scenario.faults.push((HEALED_AT, Fault::Heal));
    let down = (0..REPLICAS).filter(|node| is_down[*node]);
    let restarts = down.map(|node| (HEALED_AT, Fault::Restart(node)));
    scenario.faults.extend(restarts);
    scenario
}

fn with_bad_links(seed: u64) -> Scenario {
    let millis = Duration::from_millis;
    let mut scenario = Scenario::new(REPLICAS, seed);
    scenario.link.delay = Delay::Between(millis(1), millis(50));
    scenario.link.lost = 200;
    scenario.link.duplicated = 100;
    scenario.sync = millis(5);
    scenario.until = Duration::from_secs(30);
    scenario
}

/// Runs the counter in a world.
///
/// # Errors
/// [`Stopped`] at one of the world's limits.
pub fn run(scenario: Scenario) -> Result<Outcome, Stopped> {
    run_made(scenario, false, |number, records| Replica::new(number, REPLICAS, records))
}

/// Runs the counter in a world where clients give their increments request ids and send each three
/// times, answered or not: at first, [`REPLY_TIMEOUT`] later, and when the faults are over.
///
/// # Errors
/// As [`run`].
pub fn run_with_retries(scenario: Scenario) -> Result<Outcome, Stopped> {
    run_made(scenario, true, |number, records| Replica::new(number, REPLICAS, records))
}

/// Runs a counter whose replicas forget what they wrote when they crash.
///
/// # Errors
/// As [`run`].
pub fn run_forgetful(scenario: Scenario) -> Result<Outcome, Stopped> {
    run_made(scenario, false, |number, _| Replica::new(number, REPLICAS, &[]))
}

fn run_made(
    scenario: Scenario,
    is_retried: bool,
    make: impl Fn(usize, &[Record]) -> Replica,
) -> Result<Outcome, Stopped> {
    let ends = scenario.until;
    let mut sim = Sim::new(scenario, make).expect("the scenarios here are valid");
    let asked: Vec<Vec<Client>> = (0..ASKED)
        .map(|number| {
            let replica = number as usize % REPLICAS;
            let asks = asks_for(number, is_retried).into_iter();
            asks.map(|(at, add)| sim.ask(at, replica, add)).collect()
        })
        .collect();
    let last_moment = ends - Duration::from_millis(1);
    let read: Vec<Client> =
        (0..REPLICAS).map(|number| sim.ask(last_moment, number, Request::Read)).collect();
    sim.run()?;
    let is_added = |client: &Client| matches!(sim.answer(*client), Some((_, Reply::Added)));
    let value = |client: &Client| match sim.answer(*client) {
        Some((_, Reply::Value(value))) => *value,
        other => unreachable!("a replica that runs answers with its value at once, not {other:?}"),
    };
    Ok(Outcome {
        acknowledged: asked.iter().filter(|asks| asks.iter().any(is_added)).count() as u128,
        values: read.iter().map(value).collect(),
        counts: sim.counts(),
    })
}

/// When an increment is asked for, and how. Each is of a client of its own.
fn asks_for(number: u32, is_retried: bool) -> Vec<(Duration, Request)> {
    let at = EVERY * number;
    if !is_retried {
        return vec![(at, Request::add(1))];
    }
    let client = u64::from(number);
    let add = Request::add_once(1, RequestId { client, seq: 1 });
    [at, at + REPLY_TIMEOUT, at + HEALED_AT].map(|at| (at, add.clone())).to_vec()
}

/// The result of two replicas that share one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedNumber {
    /// What the two have counted.
    pub counted: [u64; 2],
    /// The value at a third when it has merged both.
    pub third: u128,
    /// The error of the one that has counted less when it merges the entries of the third.
    pub refusal: Option<CounterError>,
}

/// Two replicas count 3 and 2 under the number 1, and replica 0 merges both.
///
/// # Errors
/// If a counter refuses what is done before that.
pub fn share_a_number() -> Result<SharedNumber, CounterError> {
    let counted = [3, 2];
    let mut third = GCounter::new(0, 2)?;
    let mut last = GCounter::new(1, 2)?;
    for by in counted {
        last = GCounter::new(1, 2)?;
        last.increment(by)?;
        third.merge(last.entries())?;
    }
    Ok(SharedNumber { counted, third: third.value(), refusal: last.merge(third.entries()).err() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrated_run_meets_every_fault_and_ends_well() {
        let outcome = run(narrated(1)).unwrap();
        assert_eq!(outcome.verdict(), Ok(()));
        let Counts { lost, duplicated, .. } = outcome.counts;
        assert!(lost > 0 && duplicated > 0, "{outcome:?}");
        assert!((80..120).contains(&outcome.acknowledged), "a crash leaves some unanswered");
    }

    #[test]
    fn thousands_of_drawn_worlds_end_well() {
        for seed in 0..2000 {
            let verdict = run(drawn(seed)).unwrap().verdict();
            assert_eq!(verdict, Ok(()), "cargo run -p g-counter -- simulate --seed {seed}");
        }
    }

    #[test]
    fn retried_increments_are_counted_once() {
        for seed in 0..150 {
            let outcome = run_with_retries(drawn(seed)).unwrap();
            assert_eq!(outcome.acknowledged, u128::from(ASKED), "seed {seed}");
            assert_eq!(outcome.values, [outcome.acknowledged; REPLICAS], "seed {seed}");
        }
    }

    #[test]
    fn a_world_that_is_run_twice_ends_the_same() {
        for scenario in (0..100).map(drawn).chain((0..10).map(narrated)) {
            assert_eq!(run(scenario.clone()), run(scenario));
        }
    }

    #[test]
    fn replicas_that_forget_are_caught() {
        let forgetful = run_forgetful(narrated(1)).unwrap();
        assert!(forgetful.verdict().is_err(), "{forgetful:?}");
        let caught =
            (0..200).filter(|seed| run_forgetful(drawn(*seed)).unwrap().verdict().is_err());
        assert!(caught.count() > 100, "most worlds have a crash");
    }

    #[test]
    fn two_replicas_of_one_number_hide_what_the_other_counts() {
        let shared = share_a_number().unwrap();
        assert_eq!(shared.third, 3);
        assert!(matches!(
            shared.refusal,
            Some(CounterError::OwnEntryAhead { claimed: 3, own: 2, .. })
        ));
    }
}
