//! An increment that is retried: at the same replica, and at another.
//!
//! A client asks for one increment, and gets no answer. Was the request lost, or the answer? It
//! retries, with the same request id. We search for a state in which the increment is counted
//! twice, whatever disks, crashes and messages do.

use explore::{SearchResult, search};
use trace::Trace;
use worlds::node::{Client, NodeEvent};
use worlds::nodes::{Nodes, Schedule, State};

use crate::replica::{Record, Replica, Request, RequestId};

/// How many states a search visits before it gives up.
const MOST_STATES: usize = 200_000;

/// The client's first request. Its retries have larger numbers.
const FIRST: Client = Client(0);

/// A schedule in which one increment is counted twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedTwice {
    /// Its schedule string. No shorter one leads there.
    pub schedule: String,
    /// What happens in it.
    pub trace: Trace,
}

/// The result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// It can happen.
    Found(CountedTwice),
    /// It cannot, in any of this many states.
    Never(usize),
    /// Nothing was found before the search gave up.
    Unknown,
}

/// The client asks replica a, and retries twice there; a crashes up to twice.
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

/// Searches for a state in which a replica has more than the 1 that was asked for.
fn searched(nodes: Nodes<Replica>, also: impl Fn(&State<Replica>) -> bool) -> Searched {
    let has_more = |state: &State<Replica>| {
        let mut replicas = state.nodes();
        replicas.any(|(_, replica)| replica.counter().value() > 1) && also(state)
    };
    match search(&nodes, MOST_STATES, has_more) {
        SearchResult::Found { schedule, .. } => Searched::Found(CountedTwice {
            schedule: schedule.to_string(),
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
    trace.expect("a schedule that a search found can happen")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../lessons/19-g-counter/README.md");

    #[test]
    fn the_same_replica_never_counts_a_retry() {
        assert_eq!(of_the_same(), Searched::Never(1_109));
        assert!(PAGE.contains("in none of 1,109 states"));
    }

    #[test]
    fn another_replica_counts_a_retry_again() {
        let Searched::Found(found) = of_another() else {
            panic!("another replica does not know the request id");
        };
        assert_eq!(found.schedule, "a.b.bw.bt.1", "the page says so, too");
        let diagram = format!("```\n{}```\n", found.trace.ladder(76));
        assert!(PAGE.contains(&diagram), "the page lacks\n{diagram}");
    }
}
