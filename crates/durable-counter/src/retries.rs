//! An increment that is retried: at the same replica, and at another.
//!
//! A client asks for one increment, and gets no answer. Was the request lost, or the answer? It
//! retries, with the same request id. We search for a state in which the increment is counted
//! twice, whatever disks, crashes and messages do.

use explore::{SearchResult, search};
use worlds::node::Client;
use worlds::nodes::{Nodes, State};

use crate::replica::{Record, Replica, Request, RequestId};

/// How many states a search visits before it gives up.
const MOST_STATES: usize = 200_000;

/// The client's first request. Its retries have larger numbers.
const FIRST: Client = Client(0);

/// The result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// It can happen: the schedule string. No shorter one leads there.
    Found(String),
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
        SearchResult::Found { schedule, .. } => Searched::Found(schedule.to_string()),
        SearchResult::Never { states } => Searched::Never(states),
        SearchResult::Unknown { .. } => Searched::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../lessons/19-durable-counter/README.md");

    #[test]
    fn the_same_replica_never_counts_a_retry() {
        assert_eq!(of_the_same(), Searched::Never(1_109));
        assert!(PAGE.contains("in none of 1,109 states"));
    }

    #[test]
    fn another_replica_counts_a_retry_again() {
        assert_eq!(of_another(), Searched::Found("a.b.bw.bt.1".to_owned()));
        assert!(PAGE.contains("draw a.b.bw.bt.1\n"));
    }
}
