//! Three replicas in virtual time, on a network, disks and machines whose faults a seed draws.
//!
//! Clients give their adds request ids and send each three times, answered or not. So in the end
//! every add is acknowledged, and the counter has to be their sum: less, and something acknowledged
//! was lost; more, and a retry was counted twice.

use std::time::Duration;

use common::random::Rng;
use worlds::node::Client;
use worlds::sim::{Delay, Fault, Scenario, Sim, Stopped};

use durable_counter::replica::{Record, Replica, Reply, Request, RequestId};

/// The replicas of every run here.
pub(crate) const REPLICAS: usize = 3;

/// How many increments clients ask for, one at a time, of the replicas in turn.
pub(crate) const ASKED: u32 = 120;

/// How long from one to the next.
pub(crate) const EVERY: Duration = Duration::from_millis(50);

/// How long a client waits for an answer before it retries.
const REPLY_TIMEOUT: Duration = Duration::from_secs(2);

/// When the faults are over.
const HEALED_AT: Duration = Duration::from_secs(8);

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// How many increments were acknowledged.
    pub(crate) acknowledged: u128,
    /// The values at the replicas in the end.
    pub(crate) values: Vec<u128>,
}

impl Outcome {
    /// Whether each increment was acknowledged, and each replica has counted it once.
    pub(crate) fn is_right(&self) -> bool {
        let all = u128::from(ASKED);
        self.acknowledged == all && self.values == [all; REPLICAS]
    }
}

/// A world whose faults are drawn: losses and duplicates, slow disks, splits, cuts one way, and
/// crashes of any replicas, several at a time.
pub(crate) fn drawn(seed: u64) -> Scenario {
    let mut rng = Rng::from_seed(seed);
    let millis = Duration::from_millis;
    let mut scenario = Scenario::new(REPLICAS, seed);
    scenario.link.delay = Delay::Between(millis(1), millis(50));
    scenario.link.lost = rng.below(500) as u16;
    scenario.link.duplicated = rng.below(500) as u16;
    scenario.sync = millis(rng.below(100));
    scenario.until = Duration::from_secs(30);
    let mut is_down = [false; REPLICAS];
    let mut at = millis(rng.within(1..=1000));
    while at < HEALED_AT {
        let fault = draw_fault(&mut rng, &mut is_down);
        scenario.faults.push((at, fault));
        at += millis(rng.within(1..=1000));
    }
    scenario.faults.push((HEALED_AT, Fault::Heal));
    let down = (0..REPLICAS).filter(|replica| is_down[*replica]);
    scenario.faults.extend(down.map(|replica| (HEALED_AT, Fault::Restart(replica))));
    scenario
}

fn draw_fault(rng: &mut Rng, is_down: &mut [bool; REPLICAS]) -> Fault {
    let replica = rng.below(REPLICAS as u64) as usize;
    let other = (replica + 1 + rng.below(REPLICAS as u64 - 1) as usize) % REPLICAS;
    match rng.below(5) {
        0 => Fault::Split(vec![replica]),
        1 => Fault::Cut { from: vec![replica], to: vec![other] },
        2 => Fault::Heal,
        _ => {
            is_down[replica] = !is_down[replica];
            match is_down[replica] {
                true => Fault::Crash(replica),
                false => Fault::Restart(replica),
            }
        }
    }
}

/// Runs the counter in a world. `make` makes a replica from its number and what stands on its disk.
///
/// # Errors
/// [`Stopped`] at one of the world's limits.
pub(crate) fn run(
    scenario: Scenario,
    make: impl Fn(usize, &[Record]) -> Replica,
) -> Result<Outcome, Stopped> {
    let last_moment = scenario.until - Duration::from_millis(1);
    let mut sim = Sim::new(scenario, make).expect("a drawn scenario is valid");
    let asked: Vec<[Client; 3]> = (0..ASKED)
        .map(|number| {
            let replica = number as usize % REPLICAS;
            let once = RequestId { client: number.into(), seq: 1 };
            let at = EVERY * number;
            let tries = [at, at + REPLY_TIMEOUT, at + REPLY_TIMEOUT + HEALED_AT];
            tries.map(|at| sim.ask(at, replica, Request::add_once(1, once)))
        })
        .collect();
    let read = [0, 1, 2].map(|replica| sim.ask(last_moment, replica, Request::Read));
    sim.run()?;
    let is_added = |client: &Client| matches!(sim.answer(*client), Some((_, Reply::Added)));
    let value = |client: &Client| match sim.answer(*client) {
        Some((_, Reply::Value(value))) => *value,
        other => unreachable!("a replica that runs answers with its value at once, not {other:?}"),
    };
    Ok(Outcome {
        acknowledged: asked.iter().filter(|tries| tries.iter().any(is_added)).count() as u128,
        values: read.iter().map(value).collect(),
    })
}

fn remembering(number: usize, records: &[Record]) -> Replica {
    Replica::new(number, REPLICAS, records)
}

#[test]
fn hundreds_of_drawn_worlds_lose_nothing_and_count_nothing_twice() {
    for seed in 0..300 {
        let outcome = run(drawn(seed), remembering).unwrap();
        assert!(outcome.is_right(), "seed {seed}: {outcome:?}");
    }
}

#[test]
fn a_world_that_is_run_twice_ends_the_same() {
    for seed in 0..20 {
        assert_eq!(run(drawn(seed), remembering), run(drawn(seed), remembering));
    }
}

#[test]
fn replicas_that_forget_are_caught() {
    let forgetful = |number, _: &[Record]| Replica::new(number, REPLICAS, &[]);
    let caught = (0..50).filter(|seed| !run(drawn(*seed), forgetful).unwrap().is_right());
    let caught = caught.count();
    // In others each client that was forgotten has retried after the crash, and was counted anew.
    assert!(caught > 15, "half of the worlds show it: {caught}");
}
