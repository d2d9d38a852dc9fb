//! Four counters under every small schedule that loses, duplicates and reorders messages.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::ControlFlow::{self, Continue};

use common::crdt::GCounter;
use explore::messages::Messages;
use trace::{Event, Kind, Trace};

use crate::runs;

/// The replicas of every schedule here.
pub const REPLICAS: usize = 2;

/// The actions of the longest schedules.
pub const LONGEST: usize = 5;

/// A replica of some counter.
pub trait Replica {
    /// What it pushes to another.
    type Message: Clone;

    /// Replica `number` of `replicas`.
    fn new(number: usize, replicas: usize) -> Self;

    /// Counts one more.
    fn increment(&mut self);

    /// What it pushes to another now.
    fn push(&mut self) -> Self::Message;

    /// Receives what another pushed, now or earlier.
    fn receive(&mut self, message: &Self::Message);

    /// What has been counted, as far as it knows.
    fn value(&self) -> u128;
}

/// A number. It pushes what it has counted since its last push, and adds what it receives.
pub struct Increments {
    value: u128,
    unpushed: u128,
}

impl Replica for Increments {
    type Message = u128;

    fn new(_: usize, _: usize) -> Self {
        Increments { value: 0, unpushed: 0 }
    }

    fn increment(&mut self) {
        self.value += 1;
        self.unpushed += 1;
    }

    fn push(&mut self) -> u128 {
        std::mem::take(&mut self.unpushed)
    }

    fn receive(&mut self, news: &u128) {
        self.value += news;
    }

    fn value(&self) -> u128 {
        self.value
    }
}

/// A number. It pushes its value, and adds what it receives.
pub struct AddsValues(u128);

impl Replica for AddsValues {
    type Message = u128;

    fn new(_: usize, _: usize) -> Self {
        AddsValues(0)
    }

    fn increment(&mut self) {
        self.0 += 1;
    }

    fn push(&mut self) -> u128 {
        self.0
    }

    fn receive(&mut self, value: &u128) {
        self.0 += value;
    }

    fn value(&self) -> u128 {
        self.0
    }
}

/// A number. It pushes its value, and takes the larger.
pub struct LargerValue(u128);

impl Replica for LargerValue {
    type Message = u128;

    fn new(_: usize, _: usize) -> Self {
        LargerValue(0)
    }

    fn increment(&mut self) {
        self.0 += 1;
    }

    fn push(&mut self) -> u128 {
        self.0
    }

    fn receive(&mut self, value: &u128) {
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

    fn push(&mut self) -> Vec<u64> {
        self.entries().to_vec()
    }

    fn receive(&mut self, entries: &Vec<u64>) {
        // A refusal leaves the counter as it was; whether that is right shows in the value.
        let _ = self.merge(entries);
    }

    fn value(&self) -> u128 {
        GCounter::value(self)
    }
}

/// The result of one counter over all schedules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// How many schedules there were.
    pub schedules: u64,
    /// After how many of them the replicas had a wrong value.
    pub wrong: u64,
    /// The smallest after which an increment was lost.
    pub loses: Option<Found>,
    /// The smallest after which one was counted twice.
    pub double_counts: Option<Found>,
}

/// A schedule after which a counter is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its schedule string.
    pub schedule: String,
    /// What happened. Beside each event stands the value then.
    pub trace: Trace,
    /// The values at the replicas in the end, when everything is delivered.
    pub values: Vec<u128>,
    /// What was counted.
    pub counted: u128,
}

/// Tries a counter on every schedule of [`REPLICAS`] replicas and up to [`LONGEST`] actions: a
/// replica counts, or pushes to the other; a message arrives, arrives and stays in flight, or is
/// lost. In the end the network is healed: what is in flight arrives, and each replica pushes what
/// it knows to the other.
pub fn tried<R: Replica>() -> Tried {
    tried_on::<R>(Messages::between(REPLICAS).losing().duplicating())
}

fn tried_on<R: Replica>(network: Messages) -> Tried {
    let mut tried = Tried::default();
    let all: ControlFlow<Infallible> = network.each_trace(LONGEST, |schedule, trace| {
        let (mut replicas, seen) = run::<R>(trace);
        let counts = |event: &&Event| event.kind == Kind::Local;
        let counted = trace.events().iter().filter(counts).count() as u128;
        push_all(&mut replicas);
        let values: Vec<u128> = replicas.iter().map(R::value).collect();
        tried.schedules += 1;
        let is_wrong =
            |wrong: fn(&u128, &u128) -> bool| values.iter().any(|value| wrong(value, &counted));
        tried.wrong += u64::from(is_wrong(|value, counted| value != counted));
        let found = || Found {
            schedule: schedule.to_string(),
            trace: labelled(trace, &seen),
            values: values.clone(),
            counted,
        };
        if is_wrong(|value, counted| value < counted) {
            tried.loses.get_or_insert_with(found);
        }
        if is_wrong(|value, counted| value > counted) {
            tried.double_counts.get_or_insert_with(found);
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
    let (mut pushed, mut seen) = (BTreeMap::new(), Vec::new());
    for event in trace.events() {
        let replica = &mut replicas[event.node];
        match &event.kind {
            Kind::Local => replica.increment(),
            Kind::Send { message, .. } => {
                pushed.insert(message.clone(), replica.push());
            }
            Kind::Receive { message } => {
                if let Some(message) = pushed.get(message) {
                    replica.receive(message);
                }
            }
        }
        seen.push(replica.value());
    }
    for event in trace.events() {
        if let Kind::Send { message, to: Some(to) } = &event.kind
            && trace.in_flight().any(|name| name == message)
        {
            replicas[*to].receive(&pushed[message]);
        }
    }
    (replicas, seen)
}

/// The network is healed: each replica pushes what it knows to each other one.
fn push_all<R: Replica>(replicas: &mut [R]) {
    for from in 0..replicas.len() {
        for to in (0..replicas.len()).filter(|to| *to != from) {
            let message = replicas[from].push();
            replicas[to].receive(&message);
        }
    }
}

/// The same trace, of A and B; beside an event stands the value that its replica had after it.
fn labelled(trace: &Trace, seen: &[u128]) -> Trace {
    let labels = trace.events().iter().zip(seen).map(|(event, value)| match event.kind {
        Kind::Local => format!("+1 = {value}"),
        _ => format!("= {value}"),
    });
    runs::named(trace).with_labels(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smallest(found: Option<Found>) -> Option<String> {
        found.map(|found| found.schedule)
    }

    #[test]
    fn a_g_counter_is_right_after_every_schedule() {
        let tried = tried::<GCounter>();
        assert_eq!(tried.schedules, 9_681);
        assert_eq!((tried.wrong, tried.loses, tried.double_counts), (0, None, None));
    }

    #[test]
    fn pushed_increments_are_lost_and_duplicated_with_messages() {
        let tried = tried::<Increments>();
        assert_eq!(smallest(tried.loses).as_deref(), Some("a.ab.1x"));
        assert_eq!(smallest(tried.double_counts).as_deref(), Some("a.ab.1c.1"));
    }

    #[test]
    fn pushed_increments_need_each_message_exactly_once() {
        assert_eq!(tried_on::<Increments>(Messages::between(2)).wrong, 0);
    }

    #[test]
    fn pushed_values_fail_without_any_fault() {
        assert_eq!(smallest(tried::<LargerValue>().loses).as_deref(), Some("a.b"));
        assert_eq!(smallest(tried::<LargerValue>().double_counts), None);
        let twice = tried::<AddsValues>().double_counts.unwrap();
        assert_eq!((&*twice.schedule, twice.values), ("a", vec![2, 1]));
    }
}
