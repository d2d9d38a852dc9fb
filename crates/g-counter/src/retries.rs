//! An increment that is asked for again: of the same replica, and of another.
//!
//! A client asks for one increment, and hears nothing. Was the request lost, or the answer? It asks
//! again, with the same number. We look for a state in which the increment is counted twice,
//! whatever disks, crashes and messages do.

use explore::{SearchResult, search};
use trace::Trace;
use worlds::node::{Client, NodeEvent};
use worlds::nodes::{Nodes, Schedule, State};

use crate::replica::{Record, Replica, Request, RequestId};

/// How many states are looked at before a search gives up.
const MOST_STATES: usize = 200_000;

/// The client's first question. Its others have larger numbers.
const FIRST: Client = Client(0);

/// A run in which one increment is counted twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedTwice {
    /// The code of its schedule. No shorter one leads there.
    pub code: String,
    /// What happens in it.
    pub trace: Trace,
}

/// What came of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// It can happen.
    Found(CountedTwice),
    /// It cannot, in so many states.
    Never(usize),
    /// Nothing was found by the time that the search gave up.
    Unknown,
}

/// The client asks replica a twice more, which crashes up to twice.
pub fn of_the_same() -> Searched {
    let asked_thrice = replicas().asking(0, (0..3).map(|_| add()));
    searched(asked_thrice.crashing(2), |_| true)
}

/// The client asks replica a, which does not answer, and replica b.
pub fn of_another() -> Searched {
    let asked_both = replicas().asking(0, [add()]).asking(1, [add()]);
    searched(asked_both.crashing(1), |state| state.answer(FIRST).is_none())
}

fn add() -> Request {
    Request::add_once(1, RequestId { client: 7, seq: 1 })
}

fn replicas() -> Nodes<Replica> {
    let make = |number, records: &[Record]| Replica::new(number, 2, records);
    Nodes::new(2, make).losing().duplicating().with_slow_disks().with_room_for(2)
}

/// Looks for a state in which a replica says more than the 1 that was asked for.
fn searched(nodes: Nodes<Replica>, also: impl Fn(&State<Replica>) -> bool) -> Searched {
    let says_more = |state: &State<Replica>| {
        let mut replicas = state.nodes();
        replicas.any(|(_, replica)| replica.counter().value() > 1) && also(state)
    };
    match search(&nodes, MOST_STATES, says_more) {
        SearchResult::Found { schedule, .. } => Searched::Found(CountedTwice {
            code: schedule.to_string(),
            trace: traced(&nodes, &schedule),
        }),
        SearchResult::Never { states } => Searched::Never(states),
        SearchResult::Unknown { .. } => Searched::Unknown,
    }
}

fn traced(nodes: &Nodes<Replica>, schedule: &Schedule) -> Trace {
    let label = |event: &NodeEvent<'_, Replica>| match event {
        NodeEvent::Asked { .. } => Some("asked to add 1, once".to_owned()),
        NodeEvent::Wrote { .. } => Some("on disk".to_owned()),
        event => Some(event.to_string()),
    };
    let trace = nodes.trace(schedule, label);
    trace.expect("what a search found can happen")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../lessons/19-g-counter/README.md");

    #[test]
    fn the_same_replica_never_counts_a_retry() {
        assert_eq!(of_the_same(), Searched::Never(902));
        assert!(PAGE.contains("in none of 902 states"));
    }

    #[test]
    fn another_replica_counts_a_retry_again() {
        let Searched::Found(found) = of_another() else {
            panic!("another replica has not heard of the number");
        };
        assert_eq!(found.code, "a.b.bw.bt.1", "the page says so, too");
        let picture = format!("```\n{}```\n", found.trace.ladder(76));
        assert!(PAGE.contains(&picture), "the page lacks\n{picture}");
    }
}
