//! The simulator: messages delivered a second.
//!
//! Every node keeps one message in flight: a node that receives one sends another, to a node that a
//! small calculation picks. So there are always as many messages in the queue as there are nodes,
//! which is what the queue's price depends on.

use std::time::Duration;

use worlds::node::{Node, Outbox};
use worlds::sim::{Delay, Scenario, Sim};

use crate::{compare, heading, median, resident_kib, timed};

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
    // First, while the process is small.
    println!("bytes of memory a node, of 100,000: {:.0}", memory_a_node()?);
    println!("{:<24} {:>14} {:>14}", "nodes", "no trace", "with a trace");
    for nodes in [10, 1_000, 100_000] {
        let plain = rate(nodes, false)?;
        let traced = rate(nodes, true)?;
        println!("{nodes:<24} {plain:>14.0} {traced:>14.0}");
    }
    compare_with_turmoil()
}

/// What a node takes, with the message that it has in flight.
fn memory_a_node() -> anyhow::Result<f64> {
    let nodes = 100_000;
    let before = resident_kib("self")?;
    let mut sim = Sim::new(scenario(nodes, nodes as u64, 1), relays(nodes))?;
    sim.run()?;
    Ok((resident_kib("self")? - before) * 1024.0 / nodes as f64)
}

/// The two in turn, each for a number of messages that takes it about as long. With a thousand
/// hosts turmoil takes minutes.
fn compare_with_turmoil() -> anyhow::Result<()> {
    heading("messages delivered a second", ["ours", "turmoil's"]);
    for nodes in [10, 100] {
        let messages = 20_000;
        let until = Duration::from_millis(2 * messages / nodes as u64);
        compare(ROUNDS, [true, false], |&is_ours| match is_ours {
            true => run(nodes, 50 * messages, 1, false),
            false => with_turmoil::run(nodes, until, 1),
        })?
        .print(&format!("{nodes} nodes"));
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
    let mut sim = Sim::new(scenario(nodes, messages, seed), relays(nodes))?;
    if is_traced {
        sim = sim.traced();
    }
    sim.run()?;
    Ok(sim.counts().delivered)
}

fn scenario(nodes: usize, messages: u64, seed: u64) -> Scenario {
    let mut scenario = Scenario::new(nodes, seed);
    let millis = Duration::from_millis;
    scenario.link.delay = Delay::Between(millis(1), millis(3));
    // A message takes 2 ms on average.
    scenario.until = millis(2 * messages / nodes as u64);
    scenario.max_steps = 2 * messages + nodes as u64;
    scenario
}

fn relays(nodes: usize) -> impl Fn(usize, &[()]) -> Relay {
    move |number, _| Relay { number, nodes, received: 0 }
}

/// The same exchange in turmoil: a UDP socket a host, datagrams of 8 bytes, latency from 1 to 3 ms.
mod with_turmoil {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use super::Relay;

    const PORT: u16 = 9000;

    /// Messages delivered in simulated time up to `until`.
    pub(super) fn run(nodes: usize, until: Duration, seed: u64) -> anyhow::Result<u64> {
        let delivered = Arc::new(AtomicU64::new(0));
        let mut sim = turmoil::Builder::new()
            .rng_seed(seed)
            .simulation_duration(until + Duration::from_secs(1))
            .min_message_latency(Duration::from_millis(1))
            .max_message_latency(Duration::from_millis(3))
            .udp_capacity(1024)
            .build();
        for number in 0..nodes {
            let delivered = Arc::clone(&delivered);
            sim.host(name(number), move || relay(number, nodes, Arc::clone(&delivered)));
        }
        sim.client("end", async move {
            tokio::time::sleep(until).await;
            Ok(())
        });
        sim.run().map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(delivered.load(Ordering::Relaxed))
    }

    async fn relay(number: usize, nodes: usize, delivered: Arc<AtomicU64>) -> turmoil::Result {
        let socket =
            turmoil::net::UdpSocket::bind((IpAddr::from(Ipv4Addr::UNSPECIFIED), PORT)).await?;
        let mut relay = Relay { number, nodes, received: 0 };
        // All hosts are bound before the first datagram leaves.
        tokio::time::sleep(Duration::from_millis(5)).await;
        socket.send_to(&[0; 8], (name(relay.next()), PORT)).await?;
        let mut datagram = [0; 8];
        loop {
            socket.recv_from(&mut datagram).await?;
            delivered.fetch_add(1, Ordering::Relaxed);
            relay.received += 1;
            let hops = u64::from_be_bytes(datagram) + 1;
            socket.send_to(&hops.to_be_bytes(), (name(relay.next()), PORT)).await?;
        }
    }

    fn name(number: usize) -> String {
        format!("n{number}")
    }
}
