//! Invalid entries, and some that only look so.

use common::crdt::{CounterError, GCounter};

/// What arrived at a replica, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// What is odd about it.
    pub what: &'static str,
    /// Why it was refused, if it was.
    pub refusal: Option<CounterError>,
    /// The entries afterwards.
    pub afterwards: Vec<u64>,
}

/// Replica 1 of three, at `[2,3,0]`, receives valid and invalid entries, each time from that state.
///
/// # Errors
/// If it cannot be brought to that state.
pub fn tried() -> Result<Vec<Arrived>, CounterError> {
    let mut counter = GCounter::new(1, 3)?;
    counter.increment(3)?;
    counter.merge(&[2, 0, 0])?;
    let arrivals = [
        ("newer entries", vec![4, 3, 1]),
        ("older entries", vec![1, 0, 0]),
        ("2^53 counted by C", vec![2, 3, GCounter::MAX_ENTRY]),
        ("a row of only two entries", vec![4, 3]),
        ("4 counted by B", vec![4, 4, 1]),
        ("2^53 + 1 counted by C", vec![2, 3, GCounter::MAX_ENTRY + 1]),
    ];
    let arrived = arrivals.into_iter().map(|(what, entries)| {
        let mut counter = counter.clone();
        let refusal = counter.merge(&entries).err();
        let afterwards = counter.entries().to_vec();
        Arrived { what, refusal, afterwards }
    });
    Ok(arrived.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_entries_change_nothing_and_invalid_ones_are_refused() {
        let tried = tried().unwrap();
        assert_eq!((&tried[0].refusal, &*tried[0].afterwards), (&None, &[4, 3, 1][..]));
        assert_eq!((&tried[1].refusal, &*tried[1].afterwards), (&None, &[2, 3, 0][..]));
        let absurd = &tried[2].afterwards;
        assert_eq!((&tried[2].refusal, absurd[2]), (&None, GCounter::MAX_ENTRY));
        let mut owner = GCounter::new(2, 3).unwrap();
        let refused = owner.merge(absurd);
        assert!(matches!(refused, Err(CounterError::OwnEntryAhead { .. })), "{refused:?}");
        for refused in &tried[3..] {
            assert!(refused.refusal.is_some(), "{}", refused.what);
            assert_eq!(refused.afterwards, [2, 3, 0], "{}", refused.what);
        }
    }
}
