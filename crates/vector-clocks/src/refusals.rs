//! Stamps from peers, valid and invalid.

use common::clock::{ClockError, DEFAULT_MAX_JUMP, VectorClock};

/// A stamp that arrived, and the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The stamp.
    pub stamp: Vec<u64>,
    /// The clock after it, or why it refuses.
    pub outcome: Result<Vec<u64>, ClockError>,
    /// The clock's vector afterwards.
    pub afterwards: Vec<u64>,
}

/// Node 1 of three, at `[5,3,7]`, receives two valid stamps and some invalid ones, each time from
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
        vec![8, 2, 9],
        vec![4, 3, 9],
        vec![6, 2],
        vec![6, 4, 9],
        vec![6, 2, u64::MAX],
        vec![6, 2, 7 + DEFAULT_MAX_JUMP + 1],
    ];
    let arrived = stamps.into_iter().map(|stamp| {
        let mut clock = clock.clone();
        let outcome = clock.receive(&stamp).map(<[u64]>::to_vec);
        let afterwards = clock.current().to_vec();
        Arrived { stamp, outcome, afterwards }
    });
    Ok(arrived.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_stamp_does_not_move_the_clock() {
        let tried = tried().unwrap();
        let outcomes: Vec<_> = tried.iter().map(|arrived| arrived.outcome.clone()).collect();
        let too_far = |stamp, now| {
            Err(ClockError::TooFarAhead { stamp, now, latest: now + DEFAULT_MAX_JUMP })
        };
        let expected = [
            Ok(vec![8, 4, 9]),
            Ok(vec![5, 4, 9]),
            Err(ClockError::WrongLength { got: 2, expected: 3 }),
            Err(ClockError::OwnEntryAhead { node: 1, claimed: 4, own: 3 }),
            too_far(u64::MAX, 7),
            too_far(8 + DEFAULT_MAX_JUMP, 7),
        ];
        assert_eq!(outcomes, expected);
        for Arrived { stamp, outcome, afterwards } in tried {
            assert_eq!(afterwards, outcome.unwrap_or(vec![5, 3, 7]), "{stamp:?}");
        }
    }
}
