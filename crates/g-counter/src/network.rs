//! Four counters under every small schedule of a network that loses, doubles and reorders messages.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::ControlFlow::{self, Continue};

use common::crdt::GCounter;
use explore::messages::Messages;
use trace::{Event, Kind, Trace};

/// The replicas of every schedule here.
pub const REPLICAS: usize = 2;

/// The actions of the longest schedules.
pub const LONGEST: usize = 5;

/// A replica of some counter.
pub trait Replica {
    /// What it tells another.
    type Message: Clone;

    /// The replica of this number, of so many.
    fn new(number: usize, replicas: usize) -> Self;

    /// Counts one more.
    fn increment(&mut self);

    /// What it says to another now.
    fn tell(&mut self) -> Self::Message;

    /// Hears what another said, now or earlier.
    fn hear(&mut self, message: &Self::Message);

    /// What has been counted, as far as it knows.
    fn value(&self) -> u128;
}

/// A number. It tells what it has counted since it last told, and adds what it hears.
pub struct Increments {
    value: u128,
    untold: u128,
}

impl Replica for Increments {
    type Message = u128;

    fn new(_: usize, _: usize) -> Self {
        Increments { value: 0, untold: 0 }
    }

    fn increment(&mut self) {
        self.value += 1;
        self.untold += 1;
    }

    fn tell(&mut self) -> u128 {
        std::mem::take(&mut self.untold)
    }

    fn hear(&mut self, news: &u128) {
        self.value += news;
    }

    fn value(&self) -> u128 {
        self.value
    }
}

/// A number. It tells its value, and adds what it hears.
pub struct AddsValues(u128);

impl Replica for AddsValues {
    type Message = u128;

    fn new(_: usize, _: usize) -> Self {
        AddsValues(0)
    }

    fn increment(&mut self) {
        self.0 += 1;
    }

    fn tell(&mut self) -> u128 {
        self.0
    }

    fn hear(&mut self, value: &u128) {
        self.0 += value;
    }

    fn value(&self) -> u128 {
        self.0
    }
}

/// A number. It tells its value, and takes the larger.
pub struct LargerValue(u128);

impl Replica for LargerValue {
    type Message = u128;

    fn new(_: usize, _: usize) -> Self {
        LargerValue(0)
    }

    fn increment(&mut self) {
        self.0 += 1;
    }

    fn tell(&mut self) -> u128 {
        self.0
    }

    fn hear(&mut self, value: &u128) {
        self.0 = self.0.max(*value);
    }

    fn value(&self) -> u128 {
        self.0
    }
}

impl Replica for GCounter {
    type Message = Vec<u64>;

    fn new(number: usize, replicas: usize) -> Self {
        GCounter::new(number, replicas).expect("each replica is one of them")
    }

    fn increment(&mut self) {
        GCounter::increment(self, 1).expect("a small schedule counts to a small number");
    }

    fn tell(&mut self) -> Vec<u64> {
        self.entries().to_vec()
    }

    fn hear(&mut self, entries: &Vec<u64>) {
        // A refusal leaves the counter as it was; whether that is right shows in the value.
        let _ = self.merge(entries);
    }

    fn value(&self) -> u128 {
        GCounter::value(self)
    }
}

/// What came of one counter over all schedules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// How many schedules there were.
    pub schedules: u64,
    /// After how many of them the replicas had a wrong value.
    pub wrong: u64,
    /// The smallest after which an increment was lost.
    pub loses: Option<Found>,
    /// The smallest after which one was counted twice.
    pub doubles: Option<Found>,
}

/// A schedule after which a counter is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its code.
    pub code: String,
    /// What happened. Beside each event stands the value then.
    pub trace: Trace,
    /// What the replicas say in the end, when all has been heard.
    pub values: Vec<u128>,
    /// What was counted.
    pub counted: u128,
}

/// Tries a counter on every schedule of [`REPLICAS`] replicas and up to [`LONGEST`] actions: a
/// replica counts, or tells the other; a message arrives, arrives and stays in flight, or is lost.
/// In the end the network is well again: what is in flight arrives, and each replica tells the
/// other what it knows.
pub fn tried<R: Replica>() -> Tried {
    tried_on::<R>(Messages::between(REPLICAS).losing().duplicating())
}

fn tried_on<R: Replica>(network: Messages) -> Tried {
    let mut tried = Tried::default();
    let all: ControlFlow<Infallible> = network.each_trace(LONGEST, |schedule, trace| {
        let (mut replicas, seen) = run::<R>(trace);
        let counts = |event: &&Event| event.kind == Kind::Local;
        let counted = trace.events().iter().filter(counts).count() as u128;
        tell_all(&mut replicas);
        let values: Vec<u128> = replicas.iter().map(R::value).collect();
        tried.schedules += 1;
        let is_wrong =
            |wrong: fn(&u128, &u128) -> bool| values.iter().any(|value| wrong(value, &counted));
        tried.wrong += u64::from(is_wrong(|value, counted| value != counted));
        let found = || Found {
            code: schedule.to_string(),
            trace: labelled(trace, &seen),
            values: values.clone(),
            counted,
        };
        if is_wrong(|value, counted| value < counted) {
            tried.loses.get_or_insert_with(found);
        }
        if is_wrong(|value, counted| value > counted) {
            tried.doubles.get_or_insert_with(found);
        }
        Continue(())
    });
    let Continue(()) = all;
    tried
}

/// The replicas after a run, when what was still in flight has arrived, too; and the value at each
/// event.
fn run<R: Replica>(trace: &Trace) -> (Vec<R>, Vec<u128>) {
    let nodes = trace.nodes().len();
    let mut replicas: Vec<R> = (0..nodes).map(|number| R::new(number, nodes)).collect();
    let (mut said, mut seen) = (BTreeMap::new(), Vec::new());
    for event in trace.events() {
        let replica = &mut replicas[event.node];
        match &event.kind {
            Kind::Local => replica.increment(),
            Kind::Send { message, .. } => {
                said.insert(message.clone(), replica.tell());
            }
            Kind::Receive { message } => {
                if let Some(message) = said.get(message) {
                    replica.hear(message);
                }
            }
        }
        seen.push(replica.value());
    }
    for event in trace.events() {
        if let Kind::Send { message, to: Some(to) } = &event.kind
            && trace.in_flight().any(|name| name == message)
        {
            replicas[*to].hear(&said[message]);
        }
    }
    (replicas, seen)
}

/// The network is well again: each replica tells each other one what it knows.
fn tell_all<R: Replica>(replicas: &mut [R]) {
    for from in 0..replicas.len() {
        for to in (0..replicas.len()).filter(|to| *to != from) {
            let message = replicas[from].tell();
            replicas[to].hear(&message);
        }
    }
}

/// The same trace; beside an event stands the value that its replica had after it.
fn labelled(trace: &Trace, seen: &[u128]) -> Trace {
    let labels = trace.events().iter().zip(seen).map(|(event, value)| match event.kind {
        Kind::Local => format!("+1 = {value}"),
        _ => format!("= {value}"),
    });
    trace.clone().with_labels(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smallest(found: Option<Found>) -> Option<String> {
        found.map(|found| found.code)
    }

    #[test]
    fn a_g_counter_is_right_after_every_schedule() {
        let tried = tried::<GCounter>();
        assert_eq!(tried.schedules, 9_681);
        assert_eq!((tried.wrong, tried.loses, tried.doubles), (0, None, None));
    }

    #[test]
    fn told_increments_are_lost_and_doubled_with_their_messages() {
        let tried = tried::<Increments>();
        assert_eq!(smallest(tried.loses).as_deref(), Some("a.ab.1x"));
        assert_eq!(smallest(tried.doubles).as_deref(), Some("a.ab.1c.1"));
    }

    #[test]
    fn told_increments_are_right_between_two_replicas_if_each_message_arrives_once() {
        assert_eq!(tried_on::<Increments>(Messages::between(2)).wrong, 0);
    }

    #[test]
    fn values_are_lost_or_doubled_without_any_fault() {
        assert_eq!(smallest(tried::<LargerValue>().loses).as_deref(), Some("a.b"));
        assert_eq!(smallest(tried::<LargerValue>().doubles), None);
        assert_eq!(smallest(tried::<AddsValues>().doubles).as_deref(), Some("a"));
    }
}
