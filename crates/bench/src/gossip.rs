//! The counter's messages: how many the replicas send each other for an increment that was acknowledged.
//!
//! Counted in a simulated network on which nothing is lost, so the numbers are the same on every machine.

use std::time::Duration;

use common::crdt::Delta;
use g_counter::replica::{Replica, Request};
use worlds::sim::{Scenario, Sim};

/// Prints messages an increment: for one alone, and for a hundred a second at each replica, for ten seconds.
pub(crate) fn measure() -> anyhow::Result<()> {
    println!("messages an acknowledged increment");
    println!(
        "{:<12} {:>12} {:>20}",
        "replicas", "one alone", "100 a second at each"
    );
    for replicas in [3, 10, 50] {
        let alone = messages(replicas, &[0])?;
        let steady: Vec<u64> = (0..1_000).map(|number| 10 * number).collect();
        let under_load = messages(replicas, &steady)? / (steady.len() * replicas) as f64;
        println!("{replicas:<12} {alone:>12.0} {under_load:>20.2}");
    }
    Ok(())
}

/// The messages of a run in which increments come at these times in ms: one alone at replica 0, several at each.
fn messages(replicas: usize, at_ms: &[u64]) -> anyhow::Result<f64> {
    let make = |number, records: &[Delta]| Replica::new(number, replicas, records);
    let mut scenario = Scenario::new(replicas, 1);
    scenario.until = Duration::from_secs(20);
    let mut sim = Sim::new(scenario, make)?;
    let asked = if at_ms.len() == 1 { 1 } else { replicas };
    for &at in at_ms {
        for replica in 0..asked {
            sim.ask(Duration::from_millis(at), replica, Request::Add(1));
        }
    }
    sim.run()?;
    Ok(sim.counts().sent as f64)
}
