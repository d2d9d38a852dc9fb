//! A scenario of the simulator that happens in a world of real processes.

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};

use crate::simulated::{ASKED, EVERY, REPLICAS};
use common::transport::Deadline;
use durable_counter::cluster::OPERATION_TIMEOUT;
use durable_counter::replica::{Request, RequestId};
use runtime::client::{Client, RequestError};
use serde_json::Value;
use worlds::sim::{Fault, Scenario};

use super::world::{World, client, status};

/// How many times faster than in the simulator everything happens: 8 s of faults take 1 s.
const FASTER: u32 = 8;

/// The outcome of a scenario.
pub(crate) struct Outcome {
    /// How many increments were requested of a replica that ran.
    pub(crate) asked: u128,
    /// How many were acknowledged.
    pub(crate) acknowledged: u128,
    /// The values at the replicas when all is healed.
    pub(crate) values: Vec<u128>,
    /// And when each increment that was acknowledged has been retried.
    pub(crate) after_retries: Vec<u128>,
    /// The entries of each in the end.
    pub(crate) entries: Vec<Vec<u64>>,
    /// What the replicas have logged on their standard error.
    pub(crate) logs: String,
}

/// Something that happens at a moment of a scenario.
enum Step<'a> {
    Strike(&'a Fault),
    /// The client with this number asks.
    Ask(u64),
}

/// Lets a scenario happen, as far as it can (see [`network`](super::network)), while clients count
/// as they do in [`simulated`](crate::simulated). Its moments are the earliest ones, and its
/// order is kept: where the machine is slow, everything is later, and nothing is left out. But an
/// ask that has begun does not hold up the faults.
pub(crate) fn play(scenario: &Scenario) -> Outcome {
    let mut world = World::start();
    let clients: Vec<_> =
        (0..REPLICAS).map(|replica| Clients::start(world.cluster.addr(replica))).collect();
    let mut asked = 0;
    for (moment, step) in steps(scenario) {
        wait_for(moment);
        match step {
            Step::Strike(fault) => world.strike(fault),
            Step::Ask(number) => {
                let replica = number as usize % REPLICAS;
                clients[replica].ask(number);
                asked += u128::from(world.cluster.runs(replica));
            }
        }
    }
    world.recover();
    let counted: Vec<Vec<u64>> = clients.into_iter().map(Clients::counted).collect();
    let acknowledged = counted.iter().map(|numbers| numbers.len() as u128).sum();
    let values = world.cluster.agreed(acknowledged).unwrap();
    for (replica, numbers) in counted.iter().enumerate() {
        let addr = world.cluster.addr(replica);
        numbers.iter().for_each(|number| retry(addr, *number));
    }
    let logs = (0..REPLICAS).map(|replica| {
        let log = world.cluster.log(replica).unwrap();
        format!("replica {replica}:\n{log}")
    });
    Outcome {
        asked,
        acknowledged,
        values,
        after_retries: world.cluster.agreed(acknowledged).unwrap(),
        entries: (0..REPLICAS).map(|replica| status(&world.cluster, replica).entries).collect(),
        logs: logs.collect(),
    }
}

/// What happens, in order, and when. At one moment the faults come first.
fn steps(scenario: &Scenario) -> Vec<(Deadline, Step<'_>)> {
    let faults = scenario.faults.iter();
    let faults = faults.map(|(at, fault)| (*at, Step::Strike(fault)));
    let asks = (0..ASKED).map(|number| (EVERY * number, Step::Ask(number.into())));
    let mut steps: Vec<_> = faults.chain(asks).collect();
    steps.sort_by_key(|(at, _)| *at);
    let steps = steps.into_iter();
    steps.map(|(at, step)| (Deadline::after(at / FASTER), step)).collect()
}

/// Waits for a moment of a scenario.
#[expect(
    clippy::disallowed_methods,
    reason = "a scenario says when its faults strike, and there is no event to wait for"
)]
fn wait_for(moment: Deadline) {
    if let Some(left) = moment.remaining() {
        thread::sleep(left);
    }
}

/// The clients of one replica, each of which counts 1. One asks when the one before it is done.
struct Clients {
    ask: SyncSender<u64>,
    asking: JoinHandle<Asked>,
    addr: String,
}

/// Their answers. A client that did not reach the replica is in neither.
#[derive(Default)]
struct Asked {
    /// The numbers of those that are counted.
    counted: Vec<u64>,
    /// And of those that may be.
    unknown: Vec<u64>,
}

impl Clients {
    fn start(addr: &str) -> Clients {
        // Without room, so that none asks after a fault that follows it.
        let (ask, numbers) = mpsc::sync_channel(0);
        let addr = addr.to_owned();
        let to = addr.clone();
        let asking = thread::spawn(move || ask_all(&to, &numbers));
        Clients { ask, asking, addr }
    }

    /// Returns when the client begins.
    fn ask(&self, number: u64) {
        let asked = self.ask.send(number);
        asked.expect("clients ask until the channel is closed");
    }

    /// The numbers of those that are acknowledged, once that is known of each. The replica runs.
    fn counted(self) -> Vec<u64> {
        drop(self.ask);
        let asked = self.asking.join().expect("clients do not panic");
        let Asked { mut counted, unknown } = asked;
        unknown.iter().for_each(|number| retry(&self.addr, *number));
        counted.extend(unknown);
        counted
    }
}

fn ask_all(addr: &str, numbers: &Receiver<u64>) -> Asked {
    let mut asked = Asked::default();
    for number in numbers {
        match ask_once(addr, number) {
            Ok(()) => asked.counted.push(number),
            Err(error) if error.may_have_been_done() => asked.unknown.push(number),
            Err(_) => {}
        }
    }
    asked
}

/// A replica that is killed resets its connections, so no client waits for it.
fn ask_once(addr: &str, client: u64) -> Result<(), RequestError> {
    let add = Request::add_once(1, RequestId { client, seq: 1 });
    let mut connection = Client::connect(addr, OPERATION_TIMEOUT)?;
    connection.ask::<Value>(&add, OPERATION_TIMEOUT).map(drop)
}

fn retry(addr: &str, number: u64) {
    client(addr, number).add(1).unwrap();
}
