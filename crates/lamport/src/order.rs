//! One order of all events, on which all nodes agree.

use common::clock::Timestamp;
use trace::Trace;
use worlds::stamps::lamport;

use crate::schedules::for_each_trace;

/// The events of a trace in the total order: by Lamport time, and at one time by node.
///
/// # Panics
/// If an event has no Lamport stamp.
pub fn in_total_order(trace: &Trace) -> Vec<(Timestamp, usize)> {
    let events = trace.events().iter().enumerate();
    let stamped = events.map(|(place, event)| {
        let time = event.lamport.expect("the events are stamped");
        let node = event.node;
        (Timestamp { time, node }, place)
    });
    let mut order: Vec<_> = stamped.collect();
    order.sort_unstable();
    order
}

/// What was observed of the total order over every small schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Pairs of events.
    pub pairs: u64,
    /// Pairs that the total order leaves undecided.
    pub undecided: u64,
    /// Pairs in which it puts an effect before its cause.
    pub against_cause: u64,
}

/// Compares the total order with cause and effect.
pub fn agreement() -> Agreement {
    let mut seen = Agreement::default();
    for_each_trace(|trace| {
        let (order, times) = (trace.happened_before(), lamport(trace));
        let stamp =
            |place: usize| Timestamp { time: times[place], node: trace.events()[place].node };
        for (a, b) in order.pairs() {
            seen.pairs += 1;
            seen.undecided += u64::from(stamp(a) == stamp(b));
            seen.against_cause += u64::from(order.holds(a, b) && stamp(b) < stamp(a));
        }
    });
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::two_nodes;

    #[test]
    fn the_order_is_total_and_respects_causes() {
        let expected = Agreement { pairs: 1_136_760, undecided: 0, against_cause: 0 };
        assert_eq!(agreement(), expected);
    }

    #[test]
    fn at_one_time_the_first_node_comes_first() {
        let order = in_total_order(&two_nodes().unwrap());
        let places: Vec<_> = order.iter().map(|(_, place)| *place).collect();
        // Both R and T have time 3; T is a's.
        assert_eq!(places, [0, 1, 4, 2, 3, 5, 6]);
    }
}
