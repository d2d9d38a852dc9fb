//! The simulator: messages delivered a second.
//!
//! Every node keeps one message under way: whoever receives one sends another, to a node that a small calculation picks. So
//! there are always as many messages in the queue as there are nodes, which is what the queue's price depends on.

use std::time::Duration;

use worlds::node::{Node, Outbox};
use worlds::sim::{Delay, Scenario, Sim};

use crate::{median, timed};

/// How many messages a measurement delivers, about.
const MESSAGES: u64 = 2_000_000;

/// Times that each is measured.
const ROUNDS: usize = 5;

/// Passes on what it receives.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Relay {
    number: usize,
    nodes: usize,
    received: u64,
}

impl Relay {
    fn next(&self) -> usize {
        let step = 1 + (self.received as usize * 7919 + self.number) % (self.nodes - 1);
        (self.number + step) % self.nodes
    }
}

impl Node for Relay {
    type Message = u64;
    type Timer = ();
    type Record = ();
    type Request = ();
    type Reply = ();

    fn start(&mut self, out: &mut Outbox<Self>) {
        out.send(self.next(), 0);
    }

    fn receive(&mut self, _from: usize, hops: u64, out: &mut Outbox<Self>) {
        self.received += 1;
        out.send(self.next(), hops + 1);
    }
}

/// Prints how many messages are delivered a second.
pub(crate) fn measure() -> anyhow::Result<()> {
    println!(
        "{:<24} {:>14} {:>14}",
        "nodes", "no trace", "with a trace"
    );
    for nodes in [10, 1_000, 100_000] {
        let plain = rate(nodes, false)?;
        let traced = rate(nodes, true)?;
        println!("{nodes:<24} {plain:>14.0} {traced:>14.0}");
    }
    Ok(())
}

fn rate(nodes: usize, is_traced: bool) -> anyhow::Result<f64> {
    // A trace of all these would fill the memory.
    let messages = if is_traced { MESSAGES / 10 } else { MESSAGES }.max(3 * nodes as u64);
    let mut rates = Vec::new();
    for seed in 0..ROUNDS as u64 {
        let (delivered, seconds) = timed(|| run(nodes, messages, seed, is_traced));
        rates.push(delivered? as f64 / seconds);
    }
    Ok(median(&rates))
}

fn run(nodes: usize, messages: u64, seed: u64, is_traced: bool) -> anyhow::Result<u64> {
    let mut scenario = Scenario::new(nodes, seed);
    let millis = Duration::from_millis;
    scenario.link.delay = Delay::Between(millis(1), millis(3));
    // A message takes 2 ms on average.
    scenario.until = millis(2 * messages / nodes as u64);
    scenario.max_steps = 2 * messages + nodes as u64;
    let make = |number, _: &[()]| Relay {
        number,
        nodes,
        received: 0,
    };
    let mut sim = Sim::new(scenario, make)?;
    if is_traced {
        sim = sim.traced();
    }
    sim.run()?;
    Ok(sim.counts().delivered)
}
