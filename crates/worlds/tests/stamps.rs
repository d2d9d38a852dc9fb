//! What the clocks promise, on every small schedule and on large random ones; and clocks that are
//! wrong in one thing, each caught by the same test.

use std::fmt;
use std::ops::ControlFlow::{self, Break, Continue};

use common::clock::{CausalOrdering, VectorClock};
use explore::Model;
use explore::messages::{Action, Messages, Schedule};
use proptest::prelude::*;
use trace::Trace;
use worlds::stamps::{Clock, lamport, stamps, vectors};

/// The first schedule of three nodes and up to `longest` events whose trace breaks the promise.
fn first_broken(longest: usize, keeps: impl Fn(&Trace) -> bool) -> Option<String> {
    let found = Messages::between(3).each_trace(longest, |schedule, trace| match keeps(trace) {
        true => Continue(()),
        false => Break(schedule.to_string()),
    });
    match found {
        Continue(()) => None,
        Break(schedule) => Some(schedule),
    }
}

/// Whether a → b implies L(a) < L(b), for all pairs.
fn is_guaranteed(trace: &Trace, stamps: &[u64]) -> bool {
    let order = trace.happened_before();
    order.pairs().all(|(a, b)| !order.holds(a, b) || stamps[a] < stamps[b])
}

/// Whether the vectors are ordered exactly as the events are, for all pairs.
fn is_equivalent(trace: &Trace, stamps: &[Vec<u64>]) -> bool {
    let order = trace.happened_before();
    order.pairs().all(|(a, b)| {
        let expected = match order.holds(a, b) {
            true => CausalOrdering::Before,
            false => CausalOrdering::Concurrent,
        };
        VectorClock::compare(&stamps[a], &stamps[b]) == Ok(expected)
    })
}

#[test]
fn both_clock_promises_hold_on_every_small_schedule() {
    let (mut schedules, mut pairs, mut ordered) = (0, 0, 0);
    let (mut differ, mut concurrent_but_differ) = (0, 0);
    let all: ControlFlow<()> = Messages::between(3).each_trace(5, |schedule, trace| {
        let (times, vectors) = (lamport(trace), vectors(trace));
        assert!(is_guaranteed(trace, &times), "{schedule}");
        assert!(is_equivalent(trace, &vectors), "{schedule}");
        let order = trace.happened_before();
        for (a, b) in order.pairs() {
            pairs += 1;
            ordered += usize::from(order.holds(a, b));
            let times_differ = times[a] != times[b];
            differ += usize::from(times_differ);
            concurrent_but_differ += usize::from(times_differ && order.are_concurrent(a, b));
        }
        schedules += 1;
        Continue(())
    });
    assert_eq!(all, Continue(()));
    assert_eq!(schedules - 1, 118_221, "beside the empty one");
    assert_eq!((pairs, ordered), (1_136_760, 456_324));
    assert_eq!((differ, concurrent_but_differ), (833_634, 377_310));
}

/// A Lamport clock that is wrong in one thing.
#[derive(Clone)]
struct Wrong {
    time: u64,
    send_ticks: bool,
    receive: fn(u64, u64) -> u64,
}

impl Clock for Wrong {
    type Stamp = u64;

    fn local(&mut self) -> u64 {
        self.time += 1;
        self.time
    }

    fn send(&mut self) -> u64 {
        self.time += u64::from(self.send_ticks);
        self.time
    }

    fn receive(&mut self, stamp: &u64) -> u64 {
        self.time = (self.receive)(self.time, *stamp);
        self.time
    }
}

#[test]
fn a_lamport_clock_that_is_wrong_is_caught() {
    let receive: fn(u64, u64) -> u64 = |mine, theirs| mine.max(theirs) + 1;
    let caught = |send_ticks, receive| {
        let clock = Wrong { time: 0, send_ticks, receive };
        first_broken(4, |trace| is_guaranteed(trace, &stamps(trace, vec![clock.clone(); 3])))
    };
    assert_eq!(caught(true, receive), None, "this one is right");
    for (what, send_ticks, receive, smallest) in [
        ("ignores the stamp", true, (|mine, _| mine + 1) as fn(u64, u64) -> u64, "ab.1"),
        ("does not add 1", true, |mine, theirs| mine.max(theirs), "ab.1"),
        ("takes the stamp for its own time", true, |_, theirs| theirs + 1, "a.a.ba.1"),
        ("takes the smaller", true, |mine, theirs| mine.min(theirs) + 1, "ab.1"),
        (
            "adds 1 only if it was behind",
            true,
            |mine, theirs| match mine < theirs {
                true => theirs + 1,
                false => mine,
            },
            "a.ba.1",
        ),
        (
            "adds 1 to the message's stamp before it takes the larger",
            true,
            |mine, theirs| mine.max(theirs + 1),
            "a.a.ba.1",
        ),
        ("does not tick when it sends", false, receive, "a.ab"),
    ] {
        assert_eq!(caught(send_ticks, receive).as_deref(), Some(smallest), "{what}");
    }
}

/// A vector clock that is wrong in how it receives: a function of its own vector, the stamp, and
/// its node.
struct WrongVector {
    node: usize,
    entries: Vec<u64>,
    receive: Receive,
}

type Receive = fn(&mut [u64], &[u64], usize);

impl Clock for WrongVector {
    type Stamp = Vec<u64>;

    fn local(&mut self) -> Vec<u64> {
        self.entries[self.node] += 1;
        self.entries.clone()
    }

    fn send(&mut self) -> Vec<u64> {
        self.local()
    }

    fn receive(&mut self, stamp: &Vec<u64>) -> Vec<u64> {
        (self.receive)(&mut self.entries, stamp, self.node);
        self.entries.clone()
    }
}

fn merge(mine: &mut [u64], theirs: &[u64]) {
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine = (*mine).max(*theirs);
    }
}

#[test]
fn a_vector_clock_that_is_wrong_is_caught() {
    let caught = |receive: Receive| {
        first_broken(5, |trace| {
            let clocks = (0..3).map(|node| WrongVector { node, entries: vec![0; 3], receive });
            is_equivalent(trace, &stamps(trace, clocks.collect()))
        })
    };
    let right: Receive = |mine, theirs, node| {
        merge(mine, theirs);
        mine[node] += 1;
    };
    assert_eq!(caught(right), None);
    for (what, receive, smallest) in [
        ("no own tick", (|mine, theirs, _| merge(mine, theirs)) as Receive, "ab.1"),
        ("no merge", |mine, _, node| mine[node] += 1, "ab.1"),
        (
            "overwrites",
            |mine, theirs, node| {
                mine.copy_from_slice(theirs);
                mine[node] += 1;
            },
            "a.a.ba.1",
        ),
        (
            "ticks every entry",
            |mine, theirs, _| {
                merge(mine, theirs);
                mine.iter_mut().for_each(|entry| *entry += 1);
            },
            "a.bc.1",
        ),
        (
            "adds",
            |mine, theirs, node| {
                for (mine, theirs) in mine.iter_mut().zip(theirs) {
                    *mine += theirs;
                }
                mine[node] += 1;
            },
            "ab.ab.a.1.2",
        ),
    ] {
        assert_eq!(caught(receive).as_deref(), Some(smallest), "{what}");
    }
}

/// A schedule that is shown as its schedule string where a property fails.
struct Shown(Schedule);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A schedule of up to 200 events between up to 8 nodes that lose and duplicate messages.
fn any_schedule() -> impl Strategy<Value = (Messages, Shown)> {
    let picks = prop::collection::vec(any::<prop::sample::Index>(), 0..200);
    (1..=8_usize, picks).prop_map(|(nodes, picks)| {
        let model = Messages::between(nodes).losing().duplicating();
        let mut state = model.start();
        let mut actions: Vec<Action> = Vec::new();
        for pick in picks {
            let possible: Vec<_> = model.actions(&state).collect();
            let action = *pick.get(&possible);
            model.apply(&mut state, &action);
            actions.push(action);
        }
        (model, Shown(actions.into()))
    })
}

proptest! {
    // Readers break the clocks on purpose, and what they find is not to be kept.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_promises_hold_on_random_schedules((model, Shown(schedule)) in any_schedule()) {
        let trace = model.trace(&schedule).expect("it was made of what can happen");
        prop_assert!(is_guaranteed(&trace, &lamport(&trace)));
        prop_assert!(is_equivalent(&trace, &vectors(&trace)));
    }
}

#[test]
fn a_lamport_clock_says_nothing_about_concurrent_events() {
    // The converse of the guarantee: smaller stamps without a cause.
    let converse = first_broken(3, |trace| {
        let (order, times) = (trace.happened_before(), lamport(trace));
        let mut pairs = order.pairs();
        pairs.all(|(a, b)| {
            let (a, b) = if times[a] < times[b] { (a, b) } else { (b, a) };
            times[a] == times[b] || order.holds(a, b)
        })
    });
    assert_eq!(converse.as_deref(), Some("a.a.b"));
}
