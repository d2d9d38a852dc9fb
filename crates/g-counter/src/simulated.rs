//! Three replicas on a network with every fault, in virtual time.

use std::time::Duration;

use common::random::Rng;
use worlds::node::Client;
use worlds::sim::{Counts, Delay, Fault, Scenario, Sim, Stopped};

use crate::replica::{Record, Replica, Reply, Request};

/// The replicas of every run here.
pub const REPLICAS: usize = 3;

/// How many increments clients ask for, one at a time, of the replicas in turn.
pub const ASKED: u32 = 120;

/// How long from one to the next.
pub const EVERY: Duration = Duration::from_millis(50);

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
    run_made(scenario, |number, records| Replica::new(number, REPLICAS, records))
}

fn run_made(
    scenario: Scenario,
    make: impl Fn(usize, &[Record]) -> Replica,
) -> Result<Outcome, Stopped> {
    let ends = scenario.until;
    let mut sim = Sim::new(scenario, make).expect("the scenarios here are valid");
    let ask = |number| {
        let replica = number as usize % REPLICAS;
        sim.ask(EVERY * number, replica, Request::Add { delta: 1 })
    };
    let asked: Vec<Client> = (0..ASKED).map(ask).collect();
    let last_moment = ends - Duration::from_millis(1);
    let read: Vec<Client> =
        (0..REPLICAS).map(|number| sim.ask(last_moment, number, Request::Read)).collect();
    sim.run()?;
    let is_added = |client: &&Client| matches!(sim.answer(**client), Some((_, Reply::Added)));
    let value = |client: &Client| match sim.answer(*client) {
        Some((_, Reply::Value(value))) => *value,
        other => unreachable!("a replica that runs answers with its value at once, not {other:?}"),
    };
    Ok(Outcome {
        acknowledged: asked.iter().filter(is_added).count() as u128,
        values: read.iter().map(value).collect(),
        counts: sim.counts(),
    })
}

/// How many messages are sent until none is due, when one of `replicas` counts once and no message
/// is lost.
///
/// # Errors
/// As [`run`].
pub fn messages_for_one(replicas: usize) -> Result<u64, Stopped> {
    messages_in_a_minute(replicas, vec![])
}

/// How many messages one of two replicas sends in a minute when it counts once and the other is
/// down.
///
/// # Errors
/// As [`run`].
pub fn pushes_to_a_peer_that_is_down() -> Result<u64, Stopped> {
    messages_in_a_minute(2, vec![(Duration::ZERO, Fault::Crash(1))])
}

fn messages_in_a_minute(replicas: usize, faults: Vec<(Duration, Fault)>) -> Result<u64, Stopped> {
    let mut scenario = Scenario::new(replicas, 1);
    scenario.faults = faults;
    scenario.until = Duration::from_secs(60);
    let make = |number, records: &[Record]| Replica::new(number, replicas, records);
    let mut sim = Sim::new(scenario, make).expect("the scenario is valid");
    sim.ask(Duration::from_millis(1), 0, Request::Add { delta: 1 });
    sim.run()?;
    Ok(sim.counts().sent)
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
    fn a_world_that_is_run_twice_ends_the_same() {
        for scenario in (0..100).map(drawn).chain((0..10).map(narrated)) {
            assert_eq!(run(scenario.clone()), run(scenario));
        }
    }

    #[test]
    fn each_pair_of_replicas_costs_a_push_and_an_ack() {
        for replicas in [1, 2, 3, 10] {
            let pairs = (replicas * (replicas - 1) / 2) as u64;
            assert_eq!(messages_for_one(replicas), Ok(2 * pairs));
        }
    }

    /// A replica that forgets what it wrote when it crashes: the verdicts can fail.
    #[test]
    fn replicas_that_forget_are_caught() {
        let run_forgetful =
            |scenario| run_made(scenario, |number, _| Replica::new(number, REPLICAS, &[])).unwrap();
        let forgetful = run_forgetful(narrated(1));
        assert!(forgetful.verdict().is_err(), "{forgetful:?}");
        let caught = (0..200).filter(|seed| run_forgetful(drawn(*seed)).verdict().is_err());
        assert!(caught.count() > 100, "most worlds have a crash");
    }
}
