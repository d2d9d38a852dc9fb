//! Stamps against stamps.

use common::clock::{CausalOrdering, ClockError, VectorClock};

/// Two stamps, and how the events that they belong to stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// One stamp, and the name of its event if it has one.
    pub one: Named,
    /// The other.
    pub other: Named,
    /// How the first stands to the second.
    pub ordering: CausalOrdering,
    /// In how many entries the first is smaller, and in how many it is larger.
    pub smaller_and_larger: (usize, usize),
}

/// A stamp, and the name of its event.
pub type Named = (String, Vec<u64>);

/// Every two of these events, in their order.
///
/// # Errors
/// If they are of systems of different sizes.
pub fn all_pairs(events: &[(&str, &[u64])]) -> Result<Vec<Compared>, ClockError> {
    let mut compared = Vec::new();
    for (place, one) in events.iter().enumerate() {
        for other in &events[place + 1..] {
            compared.push(compare(*one, *other)?);
        }
    }
    Ok(compared)
}

/// Pairs of stamps that do not belong to a run of this lesson: one that is before the other, two
/// that are concurrent, one and itself, and two pairs more.
///
/// # Errors
/// None.
pub fn examples() -> Result<Vec<Compared>, ClockError> {
    let pairs: [([u64; 3], [u64; 3]); 5] = [
        ([1, 2, 0], [1, 3, 1]),
        ([2, 0, 0], [1, 2, 1]),
        ([1, 2, 3], [1, 2, 3]),
        ([2, 1, 0], [3, 2, 0]),
        ([2, 1, 0], [1, 3, 0]),
    ];
    let pairs = pairs.iter();
    pairs.map(|(one, other)| compare(("", one), ("", other))).collect()
}

fn compare(one: (&str, &[u64]), other: (&str, &[u64])) -> Result<Compared, ClockError> {
    let entries = || one.1.iter().zip(other.1);
    let smaller = entries().filter(|(one, other)| one < other).count();
    let larger = entries().filter(|(one, other)| one > other).count();
    Ok(Compared {
        one: (one.0.to_owned(), one.1.to_vec()),
        other: (other.0.to_owned(), other.1.to_vec()),
        ordering: VectorClock::compare(one.1, other.1)?,
        smaller_and_larger: (smaller, larger),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::{long, named, short};
    use CausalOrdering::{After, Before, Concurrent, Equal};

    #[test]
    fn the_short_runs_events_stand_as_they_should() {
        let trace = short().unwrap();
        let compared = all_pairs(&named(&trace)).unwrap();
        let orderings: Vec<_> = compared
            .iter()
            .map(|pair| (format!("{}{}", pair.one.0, pair.other.0), pair.ordering))
            .collect();
        let expected = [
            ("PQ", Before),
            ("PR", Concurrent),
            ("PS", Before),
            ("QR", Concurrent),
            ("QS", Before),
            ("RS", Before),
        ];
        assert_eq!(orderings, expected.map(|(pair, ordering)| (pair.to_owned(), ordering)));
    }

    #[test]
    fn in_the_long_run_w_is_concurrent_with_u_and_v() {
        let trace = long().unwrap();
        let compared = all_pairs(&named(&trace)).unwrap();
        let of = |pair: &str| {
            let found = compared.iter().find(|it| format!("{}{}", it.one.0, it.other.0) == pair);
            found.map(|pair| pair.ordering)
        };
        assert_eq!((of("UW"), of("VW")), (Some(Concurrent), Some(Concurrent)));
        assert_eq!((of("TW"), of("UV")), (Some(Before), Some(Before)));
        assert!(compared.iter().all(|pair| pair.ordering != After));
    }

    #[test]
    fn the_examples_stand_as_they_should() {
        let orderings: Vec<_> = examples().unwrap().iter().map(|pair| pair.ordering).collect();
        assert_eq!(orderings, [Before, Concurrent, Equal, Before, Concurrent]);
    }
}
