//! Traces of simulated runs, taken apart as processes would write them, and merged.

use std::time::Duration;

use common::random::Rng;
use trace::{Event, Trace};
use views::merge::merge;
use worlds::node::{Node, Outbox};
use worlds::sim::{Delay, Scenario, Sim};
use worlds::stamps::{lamport, vectors};

const NODES: usize = 4;

/// Sends to each of the others, in turn.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Chatter {
    number: usize,
    sent: usize,
}

impl Node for Chatter {
    type Message = ();
    type Timer = ();
    type Record = ();
    type Request = ();
    type Reply = ();

    fn start(&mut self, out: &mut Outbox<Self>) {
        out.set_timer((), Duration::from_millis(7 * (self.number as u64 + 1)));
    }

    fn wake(&mut self, (): (), out: &mut Outbox<Self>) {
        let step = 1 + self.sent % (NODES - 1);
        self.sent += 1;
        out.send((self.number + step) % NODES, ());
        out.set_timer((), Duration::from_millis(40));
    }

    fn receive(&mut self, _from: usize, (): (), _out: &mut Outbox<Self>) {}
}

/// What happened on a bad network, with its stamps.
fn run(seed: u64) -> Trace {
    let millis = Duration::from_millis;
    let mut scenario = Scenario::new(NODES, seed);
    scenario.link.delay = Delay::OneOf(vec![millis(1), millis(20), millis(300)]);
    (scenario.link.lost, scenario.link.duplicated) = (100, 100);
    scenario.until = Duration::from_secs(1);
    let make = |number, _: &[()]| Chatter { number, sent: 0 };
    let mut sim = Sim::new(scenario, make).expect("the scenario is valid").traced();
    sim.run().expect("it ends");
    let trace = sim.trace().expect("it is traced").clone();
    let (times, stamps) = (lamport(&trace), vectors(&trace));
    trace.with_lamport(times).with_vectors(stamps)
}

/// The trace in parts, in any order: each node is in one of them, which has the services in an
/// order of its own.
fn in_parts(whole: &Trace, rng: &mut Rng) -> Vec<Trace> {
    let parts = rng.within(1..=NODES as u64);
    let part_of: Vec<u64> = (0..NODES).map(|_| rng.below(parts)).collect();
    let part = |part: u64, shift: usize| {
        let place = |node: usize| (node + shift) % NODES;
        let mut names = vec![""; NODES];
        for (node, name) in whole.nodes().iter().enumerate() {
            names[place(node)] = name;
        }
        let mut trace = Trace::new(names);
        for event in whole.events() {
            if part_of[event.node] == part {
                let pushed = trace.push(moved(event, place));
                pushed.expect("a part of a trace does not contradict itself");
            }
        }
        trace
    };
    (0..parts).map(|number| part(number, rng.below(NODES as u64) as usize)).collect()
}

/// The event among nodes that stand in other places.
fn moved(event: &Event, place: impl Fn(usize) -> usize) -> Event {
    let mut event = event.clone();
    event.node = place(event.node);
    if let trace::Kind::Send { to: Some(to), .. } = &mut event.kind {
        *to = place(*to);
    }
    if let Some(vector) = &mut event.vector {
        let before = vector.clone();
        for (node, entry) in before.into_iter().enumerate() {
            vector[place(node)] = entry;
        }
    }
    event
}

/// The places of the events of each node, by the names of the nodes.
fn places(trace: &Trace) -> Vec<usize> {
    let mut names: Vec<_> = trace.nodes().iter().zip(0..).collect();
    names.sort();
    let of = |node: usize| {
        let events = trace.events().iter().enumerate();
        events.filter_map(move |(place, event)| (event.node == node).then_some(place))
    };
    names.into_iter().flat_map(|(_, node)| of(node)).collect()
}

#[test]
fn a_run_that_was_taken_apart_merges_into_itself() {
    for seed in 0..60 {
        let whole = run(seed);
        assert!(whole.events().len() > 150);
        let parts = in_parts(&whole, &mut Rng::from_seed(seed));
        let merged = merge(parts).unwrap();
        // Event by event of each node: what it is, its stamps, and what was before it.
        let (these, those) = (places(&whole), places(&merged));
        assert_eq!(these.len(), whole.events().len());
        assert_eq!(those.len(), these.len());
        let names = merged.nodes().iter();
        let back: Vec<usize> = names
            .map(|name| whole.nodes().iter().position(|other| other == name).unwrap())
            .collect();
        let (before, after) = (whole.happened_before(), merged.happened_before());
        for (&this, &that) in these.iter().zip(&those) {
            let again = moved(&merged.events()[that], |node| back[node]);
            assert_eq!(whole.events()[this], again, "seed {seed}");
            for (&cause, &same) in these.iter().zip(&those) {
                assert_eq!(before.holds(cause, this), after.holds(same, that), "seed {seed}");
            }
        }
        // And clocks that run along with it give the same stamps.
        let times: Vec<_> = merged.events().iter().map(|event| event.lamport).collect();
        let again: Vec<_> = lamport(&merged).into_iter().map(Some).collect();
        assert_eq!(again, times);
    }
}
