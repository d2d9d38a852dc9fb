//! The counter's messages: how many the replicas send each other, and how many bytes those are.
//!
//! Counted in a simulated network on which nothing is lost, so the numbers are the same on every
//! machine. The bytes are those of a message as JSON, without what carries it.

use std::time::Duration;

use common::frame::{Framing, encode};
use g_counter::replica::{Replica, Request};
use runtime::HEARTBEAT;
use worlds::node::{Client, Effect, Node, Outbox};
use worlds::sim::{Scenario, Sim};

/// How long replicas are asked under load, in seconds.
const LOADED: u64 = 10;

/// When all that they had to push is pushed, in seconds.
const AT_REST: u64 = 15;

/// How long they are observed, in seconds.
const OBSERVED: u64 = 60;

/// Prints what is sent for one increment alone; while and after a hundred a second are asked for at
/// each replica; and at rest.
pub(crate) fn measure() -> anyhow::Result<()> {
    println!(
        "{:<10} {:>6} {:>9} {:>14} {:>16} {:>16} {:>9}",
        "", "alone", "", "100/s at each", "", "", "at rest"
    );
    println!(
        "{:<10} {:>6} {:>9} {:>14} {:>16} {:>16} {:>9}",
        "replicas", "sent", "bytes", "an increment", "sent a second", "bytes a second", "sent"
    );
    for replicas in [3, 10, 50] {
        let [alone, after_alone] = sent(replicas, 1, &[0])?;
        let each: Vec<u64> = (0..100 * LOADED).map(|number| 10 * number).collect();
        let [loaded, at_rest] = sent(replicas, replicas, &each)?;
        let increments = 100 * LOADED * replicas as u64;
        println!(
            "{replicas:<10} {:>6} {:>9} {:>14.2} {:>16} {:>16} {:>9}",
            alone.messages,
            alone.bytes,
            loaded.messages as f64 / increments as f64,
            loaded.messages / LOADED,
            loaded.bytes / LOADED,
            after_alone.messages + at_rest.messages,
        );
    }
    println!("\nat rest as real processes, an empty line for each link and HEARTBEAT:");
    for replicas in [3, 10, 50] {
        let bytes = heartbeat_bytes(replicas)?;
        println!("{replicas:<10} {bytes:>6} bytes a second, without what TCP and IP add");
    }
    Ok(())
}

/// How many bytes a second `replicas` idle processes send each other. Each connects to each other
/// one.
fn heartbeat_bytes(replicas: usize) -> anyhow::Result<f64> {
    let mut line = Vec::new();
    encode(Framing::Lines, b"", &mut line)?;
    let links = replicas * (replicas - 1);
    Ok((links * line.len()) as f64 / HEARTBEAT.as_secs_f64())
}

/// What was sent until [`AT_REST`], and after that, where increments come at these times in ms at
/// the first of the replicas.
fn sent(replicas: usize, asked: usize, at_ms: &[u64]) -> anyhow::Result<[Sent; 2]> {
    let make = |number, records: &[<Replica as Node>::Record]| Weighed {
        replica: Replica::new(number, replicas, records),
        sent: Default::default(),
    };
    let mut scenario = Scenario::new(replicas, 1);
    scenario.until = Duration::from_secs(OBSERVED);
    let mut sim = Sim::new(scenario, make)?;
    for replica in 0..asked {
        for &at in at_ms {
            sim.ask(Duration::from_millis(at), replica, Request::Add { delta: 1 });
        }
    }
    sim.run()?;
    let mut all = [Sent::default(); 2];
    for node in (0..replicas).filter_map(|number| sim.node(number)) {
        for (all, sent) in all.iter_mut().zip(node.sent) {
            all.messages += sent.messages;
            all.bytes += sent.bytes;
        }
    }
    Ok(all)
}

/// Messages, and their bytes as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Sent {
    messages: u64,
    bytes: u64,
}

/// A replica that weighs what it sends.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Weighed {
    replica: Replica,
    /// Until [`AT_REST`], and after that.
    sent: [Sent; 2],
}

impl Weighed {
    fn handle(
        &mut self,
        handler: impl FnOnce(&mut Replica, &mut Outbox<Replica>),
        out: &mut Outbox<Self>,
    ) {
        let mut inner = Outbox::default();
        inner.set_now(out.now());
        handler(&mut self.replica, &mut inner);
        let is_at_rest = out.now() >= Duration::from_secs(AT_REST);
        let sent = &mut self.sent[usize::from(is_at_rest)];
        for effect in inner.take() {
            match effect {
                Effect::Send { to, message } => {
                    let json = serde_json::to_vec(&message).expect("a message is JSON");
                    sent.messages += 1;
                    sent.bytes += json.len() as u64;
                    out.send(to, message);
                }
                Effect::SetTimer { timer, after } => out.set_timer(timer, after),
                Effect::CancelTimer(timer) => out.cancel_timer(timer),
                Effect::Append(record) => out.append(record),
                Effect::Answer { client, reply } => out.answer(client, reply),
                Effect::Warn(what) => out.warn(what),
            }
        }
    }
}

impl Node for Weighed {
    type Message = <Replica as Node>::Message;
    type Timer = <Replica as Node>::Timer;
    type Record = <Replica as Node>::Record;
    type Request = Request;
    type Reply = <Replica as Node>::Reply;

    fn start(&mut self, out: &mut Outbox<Self>) {
        self.handle(|replica, out| replica.start(out), out);
    }

    fn receive(&mut self, from: usize, message: Self::Message, out: &mut Outbox<Self>) {
        self.handle(|replica, out| replica.receive(from, message, out), out);
    }

    fn wake(&mut self, timer: Self::Timer, out: &mut Outbox<Self>) {
        self.handle(|replica, out| replica.wake(timer, out), out);
    }

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        self.handle(|replica, out| replica.ask(client, request, out), out);
    }
}
