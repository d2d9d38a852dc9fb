//! Two replicas count and merge.

use common::crdt::{CounterError, GCounter};
use trace::{Event, Trace, vector_text};

/// What two of three replicas did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The run. Beside each event stand the entries and their sum.
    pub trace: Trace,
    /// The value at A and at B in the end.
    pub values: [u128; 2],
    /// How many pushes C needs, from one after the other, until it has that value, too.
    pub pushes_to_c: usize,
    /// The value at A when it has counted 1 more and then received B's push a second time.
    pub once_more: u128,
}

/// A counts 2 and B counts 3, and each merges the entries of the other.
///
/// # Errors
/// If a counter refuses what the other knows.
pub fn two_of_three() -> Result<Merged, CounterError> {
    let (mut a, mut b) = (GCounter::new(0, 3)?, GCounter::new(1, 3)?);
    let mut events = Vec::new();
    a.increment(2)?;
    events.push(showing(Event::local(0), &a));
    b.increment(3)?;
    events.push(showing(Event::local(1), &b));
    let from_b = b.entries().to_vec();
    events.push(showing(Event::send(1, 0, "m1"), &b));
    a.merge(&from_b)?;
    events.push(showing(Event::receive(0, "m1"), &a));
    let from_a = a.entries().to_vec();
    events.push(showing(Event::send(0, 1, "m2"), &a));
    b.merge(&from_a)?;
    events.push(showing(Event::receive(1, "m2"), &b));
    let values = [a.value(), b.value()];
    let mut c = GCounter::new(2, 3)?;
    let mut pushes_to_c = 0;
    for from in [&a, &b] {
        if c.value() != values[0] {
            c.merge(from.entries())?;
            pushes_to_c += 1;
        }
    }
    a.increment(1)?;
    a.merge(&from_b)?;
    Ok(Merged { trace: traced(events), values, pushes_to_c, once_more: a.value() })
}

/// The values that a reader gets who asks first one replica and then another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reads {
    /// What each of the two has counted itself.
    pub counted: [u64; 2],
    /// The value at the first, which has merged the entries of the second.
    pub first: u128,
    /// The value at the second, which has heard nothing yet.
    pub second: u128,
    /// The value at the second when it has merged those of the first.
    pub later: u128,
}

/// A counts 3 and B counts 4, and A merges the entries of B. A reader asks A, and then B.
///
/// # Errors
/// If a counter refuses what the other knows.
pub fn read_at_both() -> Result<Reads, CounterError> {
    let counted = [3, 4];
    let (mut a, mut b) = (GCounter::new(0, 2)?, GCounter::new(1, 2)?);
    a.increment(counted[0])?;
    b.increment(counted[1])?;
    a.merge(b.entries())?;
    let (first, second) = (a.value(), b.value());
    b.merge(a.entries())?;
    Ok(Reads { counted, first, second, later: b.value() })
}

fn showing(event: Event, counter: &GCounter) -> Event {
    // The entries are not stamps of the event, and so stand in its label.
    let entries = vector_text(counter.entries());
    event.label(format!("{entries} = {}", counter.value()))
}

fn traced(events: Vec<Event>) -> Trace {
    let mut trace = Trace::new(["A", "B", "C"]);
    for event in events {
        let pushed = trace.push(event);
        pushed.expect("this run does not contradict itself");
    }
    trace
}

/// The same trace with the names of this lesson: A, where a schedule has a.
pub(crate) fn named(trace: &Trace) -> Trace {
    let mut named = Trace::new(trace.nodes().iter().map(|node| node.to_uppercase()));
    for event in trace.events() {
        let pushed = named.push(event.clone());
        pushed.expect("it happened in this order before");
    }
    for (name, message) in trace.messages() {
        if message.is_lost {
            named.lose(name).expect("it was sent");
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_reach_5_one_push_brings_it_and_a_duplicate_changes_nothing() {
        let merged = two_of_three().unwrap();
        assert_eq!((merged.values, merged.pushes_to_c), ([5, 5], 1));
        assert_eq!(merged.once_more, 6);
        let labels = merged.trace.events().iter();
        let labels: Vec<_> = labels.map(|event| &*event.label).collect();
        assert_eq!(labels[0], "[2,0,0] = 2");
        assert_eq!(labels[1], "[0,3,0] = 3");
        assert_eq!(labels[5], "[2,3,0] = 5");
    }

    #[test]
    fn a_value_falls_when_a_reader_moves_and_only_then() {
        let reads = read_at_both().unwrap();
        assert_eq!((reads.first, reads.second, reads.later), (7, 4, 7));
    }
}
