//! One order of all events, on which all nodes agree.

use common::clock::Timestamp;
use trace::{Event, Trace};
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

/// One node acts `times` times, then another acts once, and no message is sent: how many events
/// come before that last one in the total order.
pub fn before_a_late_event(times: usize) -> Option<usize> {
    let mut trace = Trace::new(["a", "b"]);
    for node in (0..times).map(|_| 0).chain([1]) {
        trace.push(Event::local(node)).expect("an event without a message contradicts nothing");
    }
    let stamps = lamport(&trace);
    let order = in_total_order(&trace.with_lamport(stamps));
    order.iter().position(|(_, place)| *place == times)
}

/// What was observed of the total order over every small schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Pairs of events.
    pub pairs: u64,
    /// Pairs that the total order leaves undecided.
    pub undecided: u64,
    /// Pairs in which it puts an event before one that happened before it.
    pub reversed: u64,
}

/// Compares the total order with what happened before what.
pub fn agreement() -> Agreement {
    let mut seen = Agreement::default();
    for_each_trace(|trace| {
        let (order, times) = (trace.happened_before(), lamport(trace));
        let stamp =
            |place: usize| Timestamp { time: times[place], node: trace.events()[place].node };
        for (a, b) in order.pairs() {
            seen.pairs += 1;
            seen.undecided += u64::from(stamp(a) == stamp(b));
            seen.reversed += u64::from(order.holds(a, b) && stamp(b) < stamp(a));
        }
    });
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::two_nodes;

    #[test]
    fn the_order_is_total_and_respects_happened_before() {
        let expected = Agreement { pairs: 1_136_760, undecided: 0, reversed: 0 };
        assert_eq!(agreement(), expected);
    }

    #[test]
    fn a_late_event_may_come_early_in_the_order() {
        assert_eq!(before_a_late_event(4), Some(1));
    }

    #[test]
    fn at_one_time_the_first_node_comes_first() {
        let order = in_total_order(&two_nodes().unwrap());
        let places: Vec<_> = order.iter().map(|(_, place)| *place).collect();
        // Both R and T have time 3; T is a's.
        assert_eq!(places, [0, 1, 4, 2, 3, 5, 6]);
    }
}
