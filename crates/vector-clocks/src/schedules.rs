//! Every small run: the order of the vectors is that of cause and effect.

use std::convert::Infallible;
use std::ops::ControlFlow::{self, Break, Continue};

use common::clock::{CausalOrdering, VectorClock};
use explore::messages::Messages;
use trace::{HappenedBefore, Trace};
use worlds::stamps::{Clock, lamport, stamps, vectors};

/// The nodes of every schedule here.
pub const NODES: usize = 3;

/// The events of the longest schedules.
pub const LONGEST: usize = 5;

/// What was counted over every schedule of [`NODES`] nodes with up to [`LONGEST`] events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// How many schedules there are, the empty one not counted.
    pub schedules: u64,
    /// Pairs of two events in them.
    pub pairs: u64,
    /// Pairs that the Lamport stamps order otherwise than cause and effect do, if the smaller one
    /// is taken for the earlier event, and equal ones for concurrent.
    pub wrong_by_lamport: u64,
    /// The same for the vectors.
    pub wrong_by_vectors: u64,
    /// The same for a single entry of the vectors: that of the node of the event which may have
    /// been first.
    pub wrong_by_one_entry: u64,
    /// Entries of stamps.
    pub entries: u64,
    /// Entries that are not the number of events of their node in the past of the stamped event,
    /// itself included.
    pub not_the_past: u64,
}

/// Counts.
pub fn census() -> Census {
    let mut census = Census::default();
    let network = Messages::between(NODES);
    let all: ControlFlow<Infallible> = network.each_trace(LONGEST, |schedule, trace| {
        census.schedules += u64::from(!schedule.is_empty());
        census.add(trace);
        Continue(())
    });
    let Continue(()) = all;
    census
}

impl Census {
    fn add(&mut self, trace: &Trace) {
        let order = trace.happened_before();
        let (times, vectors) = (lamport(trace), vectors(trace));
        for (a, b) in order.pairs() {
            // The other way round is excluded: a stands before b in the trace.
            let is_before = order.holds(a, b);
            self.pairs += 1;
            self.wrong_by_lamport += u64::from((times[a] != times[b]) != is_before);
            self.wrong_by_vectors += u64::from(!agrees(&vectors[a], &vectors[b], is_before));
            let node = trace.events()[a].node;
            self.wrong_by_one_entry +=
                u64::from((vectors[a][node] <= vectors[b][node]) != is_before);
        }
        for (event, vector) in vectors.iter().enumerate() {
            let past = past_by_node(trace, &order, event);
            self.entries += vector.len() as u64;
            let wrong = vector.iter().zip(&past).filter(|(entry, past)| entry != past);
            self.not_the_past += wrong.count() as u64;
        }
    }
}

/// Whether two stamps are before, if their events are so, and concurrent otherwise.
pub(crate) fn agrees(a: &[u64], b: &[u64], is_before: bool) -> bool {
    let expected = match is_before {
        true => CausalOrdering::Before,
        false => CausalOrdering::Concurrent,
    };
    VectorClock::compare(a, b) == Ok(expected)
}

/// How many events of each node an event knows of, itself included.
fn past_by_node(trace: &Trace, order: &HappenedBefore, event: usize) -> Vec<u64> {
    let mut past = vec![0; trace.nodes().len()];
    for (other, happened) in trace.events()[..=event].iter().enumerate() {
        past[happened.node] += u64::from(other == event || order.holds(other, event));
    }
    past
}

/// A schedule in which clocks went wrong, with two events of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The schedule as text, to draw it again.
    pub schedule: String,
    /// What happened, with the stamps of the wrong clocks.
    pub trace: Trace,
    /// The places of two events whose stamps say the wrong thing.
    pub pair: (usize, usize),
    /// What they say.
    pub said: Option<CausalOrdering>,
}

/// The smallest schedule that shows clocks to be wrong which take over a message's vector instead
/// of merging it.
pub fn overwriting_clocks_fail() -> Option<Found> {
    let found = Messages::between(NODES).each_trace(LONGEST, |schedule, trace| {
        let clocks = (0..NODES).map(|node| Overwriting { node, entries: vec![0; NODES] });
        let (order, vectors) = (trace.happened_before(), stamps(trace, clocks.collect()));
        let mut pairs = order.pairs();
        match pairs.find(|&(a, b)| !agrees(&vectors[a], &vectors[b], order.holds(a, b))) {
            None => Continue(()),
            Some(pair) => Break(Found {
                schedule: schedule.to_string(),
                said: VectorClock::compare(&vectors[pair.0], &vectors[pair.1]).ok(),
                trace: trace.clone().with_vectors(vectors),
                pair,
            }),
        }
    });
    found.break_value()
}

/// A vector clock with one thing wrong: it forgets what it knew when it hears something.
struct Overwriting {
    node: usize,
    entries: Vec<u64>,
}

impl Clock for Overwriting {
    type Stamp = Vec<u64>;

    fn local(&mut self) -> Vec<u64> {
        self.entries[self.node] += 1;
        self.entries.clone()
    }

    fn send(&mut self) -> Vec<u64> {
        self.local()
    }

    fn receive(&mut self, stamp: &Vec<u64>) -> Vec<u64> {
        self.entries.clone_from(stamp);
        self.local()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_right_of_every_pair_and_lamport_stamps_are_not() {
        let expected = Census {
            schedules: 118_221,
            pairs: 1_136_760,
            wrong_by_lamport: 377_310,
            wrong_by_vectors: 0,
            wrong_by_one_entry: 0,
            entries: 1_738_323,
            not_the_past: 0,
        };
        assert_eq!(census(), expected);
    }

    #[test]
    fn a_clock_that_overwrites_is_caught() {
        let found = overwriting_clocks_fail().unwrap();
        assert_eq!((&*found.schedule, found.pair), ("a.a.ba.1", (1, 3)));
        assert_eq!(found.said, Some(CausalOrdering::Concurrent));
    }
}
