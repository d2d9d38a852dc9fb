//! Two runs of three nodes, with the stamps of their clocks.

use trace::{Contradiction, Event, Trace};
use worlds::stamps::vectors;

/// A run with four events that have names: P at a, after which a sends to b; Q, when b receives
/// that; R at c; and S, when c receives from b.
///
/// # Errors
/// None, as long as its events stand in a possible order.
pub fn short() -> Result<Trace, Contradiction> {
    stamped([
        Event::local(0).label("P"),
        Event::send(0, 1, "m1"),
        Event::receive(1, "m1").label("Q"),
        Event::local(2).label("R"),
        Event::send(1, 2, "m2"),
        Event::receive(2, "m2").label("S"),
    ])
}

/// A longer run, in which receipts are events of their own and the names are given to what comes
/// after them.
///
/// # Errors
/// As [`short`].
pub fn long() -> Result<Trace, Contradiction> {
    stamped([
        Event::local(0).label("T"),
        Event::send(0, 1, "m1"),
        Event::receive(1, "m1"),
        Event::local(1).label("U"),
        Event::send(1, 2, "m2"),
        Event::receive(2, "m2"),
        Event::local(2).label("V"),
        Event::local(0).label("W"),
    ])
}

/// The run that these events make, stamped by a vector clock for each of three nodes.
fn stamped(events: impl IntoIterator<Item = Event>) -> Result<Trace, Contradiction> {
    let mut trace = Trace::new(["a", "b", "c"]);
    events.into_iter().try_for_each(|event| trace.push(event))?;
    let stamps = vectors(&trace);
    Ok(trace.with_vectors(stamps))
}

/// The events of a trace that have names, with their stamps.
pub fn named(trace: &Trace) -> Vec<(&str, &[u64])> {
    let named = trace.events().iter().filter(|event| !event.label.is_empty());
    named.filter_map(|event| Some((&*event.label, event.vector.as_deref()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamps(trace: &Trace) -> Vec<&[u64]> {
        let events = trace.events().iter();
        events.filter_map(|event| event.vector.as_deref()).collect()
    }

    #[test]
    fn the_short_run_has_the_stamps_that_it_should() {
        let expected = [[1, 0, 0], [2, 0, 0], [2, 1, 0], [0, 0, 1], [2, 2, 0], [2, 2, 2]];
        assert_eq!(stamps(&short().unwrap()), expected);
    }

    #[test]
    fn the_long_run_has_the_stamps_that_it_should() {
        let expected = [
            [1, 0, 0],
            [2, 0, 0],
            [2, 1, 0],
            [2, 2, 0],
            [2, 3, 0],
            [2, 3, 1],
            [2, 3, 2],
            [3, 0, 0],
        ];
        let trace = long().unwrap();
        assert_eq!(stamps(&trace), expected);
        let names: Vec<_> = named(&trace).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["T", "U", "V", "W"]);
    }
}
