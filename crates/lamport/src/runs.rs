//! A run of two nodes, and two clocks that receive.

use common::clock::{ClockError, DEFAULT_MAX_JUMP, LamportClock};
use trace::{Event, Trace};

/// The run that the lesson begins with: a sends b a message, b answers, and both do something in
/// between.
///
/// The stamps are those of two real clocks.
///
/// # Errors
/// If a clock refuses the other's stamp.
pub fn two_nodes() -> Result<Trace, ClockError> {
    let (mut a, mut b) = (LamportClock::new(), LamportClock::new());
    let mut events = Vec::new();
    events.push(Event::local(0).lamport(a.tick()).label("P"));
    let request = a.send_timestamp();
    events.push(Event::send(0, 1, "m1").lamport(request).label("Q send"));
    events.push(Event::receive(1, "m1").lamport(b.receive(request)?).label("R receive"));
    events.push(Event::local(1).lamport(b.tick()).label("S"));
    events.push(Event::local(0).lamport(a.tick()).label("T"));
    let answer = b.send_timestamp();
    events.push(Event::send(1, 0, "m2").lamport(answer).label("U send"));
    events.push(Event::receive(0, "m2").lamport(a.receive(answer)?).label("V receive"));
    Ok(traced(events))
}

fn traced(events: Vec<Event>) -> Trace {
    let mut trace = Trace::new(["a", "b"]);
    for event in events {
        let pushed = trace.push(event);
        pushed.expect("this run does not contradict itself");
    }
    trace
}

/// The name of an event: the first word of its label.
pub fn name(trace: &Trace, place: usize) -> &str {
    trace.events()[place].label.split(' ').next().unwrap_or_default()
}

/// The time of a clock at `time` after it has received a message of `stamp`.
///
/// # Errors
/// If it refuses it.
pub fn received(time: u64, stamp: u64) -> Result<u64, ClockError> {
    at(time, DEFAULT_MAX_JUMP).receive(stamp)
}

/// A clock that has counted `time` events, and takes stamps up to `max_jump` ahead.
pub(crate) fn at(time: u64, max_jump: u64) -> LamportClock {
    let mut clock = LamportClock::with_max_jump(max_jump);
    for _ in 0..time {
        clock.tick();
    }
    clock
}

/// How each two events of a trace stand to each other, the earlier in the trace first.
pub fn pairs(trace: &Trace) -> Vec<Pair> {
    let order = trace.happened_before();
    let pairs = order.pairs().map(|(first, second)| Pair {
        first,
        second,
        is_ordered: order.holds(first, second),
    });
    pairs.collect()
}

/// Two events of a trace, by their places in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The one that stands first in the trace.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// Whether the first happened before the second. If not they are concurrent: the trace has no
    /// other order.
    pub is_ordered: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stamps_of_the_run_are_1_2_3_4_3_5_6() {
        let trace = two_nodes().unwrap();
        let stamps: Vec<_> = trace.events().iter().filter_map(|event| event.lamport).collect();
        assert_eq!(stamps, [1, 2, 3, 4, 3, 5, 6]);
    }

    #[test]
    fn a_receipt_goes_past_both_the_clock_and_the_stamp() {
        assert_eq!(received(2, 5), Ok(6));
        assert_eq!(received(5, 2), Ok(6));
    }

    #[test]
    fn three_of_21_pairs_are_concurrent() {
        let trace = two_nodes().unwrap();
        let pairs = pairs(&trace);
        assert_eq!(pairs.len(), 21);
        let concurrent: Vec<_> = pairs.iter().filter(|pair| !pair.is_ordered).collect();
        let named: Vec<_> = concurrent.iter().map(|pair| (pair.first, pair.second)).collect();
        // T of a with R, S and U of b.
        assert_eq!(named, [(2, 4), (3, 4), (4, 5)]);
    }
}
