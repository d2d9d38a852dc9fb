//! How long replicas take to agree after a partition has healed.
//!
//! In the simulator, in virtual time: half of them are cut off from the others for three seconds,
//! and each counts once meanwhile, at a moment that the seed draws. From the end of the cut all are
//! read every millisecond, so the numbers are exact to that, and the same on every machine. Then
//! with [real processes](real).

mod real;

use std::time::Duration;

use anyhow::Context;
use common::random::Rng;
use g_counter::replica::{Replica, Reply, Request};
use worlds::node::Client;
use worlds::sim::{Fault, Scenario, Sim};

/// When the cut begins and ends, in ms.
const CUT: u64 = 1_000;
const HEALED: u64 = 4_000;

/// How long they are observed then, in ms.
const OBSERVED: u64 = 1_000;

const SEEDS: u64 = 101;

pub(crate) fn measure() -> anyhow::Result<()> {
    println!("{:<42} {:>10} {:>10}", "until all agree, ms", "median", "worst");
    for replicas in [3, 10, 50] {
        for lost in [0, 100] {
            let agreed = (0..SEEDS).map(|seed| agreed_after(replicas, lost, seed));
            let agreed: Vec<f64> = agreed.collect::<anyhow::Result<_>>()?;
            let percent = lost / 10;
            print(&format!("simulated, {replicas} replicas, {percent} % lost"), &agreed);
        }
    }
    real::measure()
}

fn print(what: &str, ms: &[f64]) {
    let worst = ms.iter().copied().fold(0.0, f64::max);
    println!("{what:<42} {:>10.0} {worst:>10.0}", crate::median(ms));
}

/// After how many ms all say what all have counted, where `lost` of 1,000 messages are lost.
fn agreed_after(replicas: usize, lost: u16, seed: u64) -> anyhow::Result<f64> {
    let mut scenario = Scenario::new(replicas, seed);
    let ms = Duration::from_millis;
    scenario.link.lost = lost;
    scenario.faults =
        vec![(ms(CUT), Fault::Split((0..replicas / 2).collect())), (ms(HEALED), Fault::Heal)];
    scenario.until = ms(HEALED + OBSERVED);
    let make = |number, records: &[_]| Replica::new(number, replicas, records);
    let mut sim = Sim::new(scenario, make)?;
    let mut rng = Rng::from_seed(seed);
    for replica in 0..replicas {
        let at = rng.within(CUT + 1..=HEALED - 1);
        sim.ask(ms(at), replica, Request::Add { delta: 1 });
    }
    let mut read_all = |after| -> Vec<Client> {
        let at = ms(HEALED + after);
        (0..replicas).map(|replica| sim.ask(at, replica, Request::Read)).collect()
    };
    let reads: Vec<Vec<Client>> = (0..OBSERVED).map(&mut read_all).collect();
    sim.run()?;
    let all = Reply::Value(replicas as u128);
    let says_all = |client: &Client| sim.answer(*client).is_some_and(|(_, reply)| *reply == all);
    let agreed = reads.iter().position(|reads| reads.iter().all(says_all));
    Ok(agreed.with_context(|| format!("seed {seed}: they do not agree"))? as f64)
}
