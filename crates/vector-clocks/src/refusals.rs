//! Invalid stamps.

use common::clock::{ClockError, DEFAULT_MAX_JUMP, VectorClock};

/// A stamp that arrived, and the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// What is odd about it.
    pub what: &'static str,
    /// The stamp.
    pub stamp: Vec<u64>,
    /// The clock after it, or why it refuses.
    pub outcome: Result<Vec<u64>, ClockError>,
    /// The clock's vector afterwards.
    pub afterwards: Vec<u64>,
}

/// Node 1 of three, at `[5,3,7]`, receives one valid stamp and some invalid ones, each time from
/// where it was.
///
/// # Errors
/// If the clock cannot be brought there.
pub fn tried() -> Result<Vec<Arrived>, ClockError> {
    let mut clock = VectorClock::new(1, 3)?;
    clock.receive(&[5, 0, 7])?;
    clock.tick();
    clock.tick();
    let stamps = [
        ("an honest one", vec![8, 2, 9]),
        ("two entries", vec![6, 2]),
        ("four entries", vec![6, 2, 9, 1]),
        ("knows 4 events of b", vec![6, 4, 9]),
        ("an entry of 2^64 - 1", vec![u64::MAX, 2, 9]),
        ("an entry beyond the bound", vec![6, 2, 7 + DEFAULT_MAX_JUMP + 1]),
    ];
    let arrived = stamps.into_iter().map(|(what, stamp)| {
        let mut clock = clock.clone();
        let outcome = clock.receive(&stamp).map(<[u64]>::to_vec);
        let afterwards = clock.current().to_vec();
        Arrived { what, stamp, outcome, afterwards }
    });
    Ok(arrived.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_honest_one_moves_the_clock() {
        let tried = tried().unwrap();
        assert_eq!(tried[0].outcome, Ok(vec![8, 4, 9]));
        for refused in &tried[1..] {
            assert!(refused.outcome.is_err(), "{}", refused.what);
            assert_eq!(refused.afterwards, [5, 3, 7], "{}", refused.what);
        }
    }
}
