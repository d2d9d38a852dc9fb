//! A generator whose numbers fall where a case says.

use std::ops::RangeInclusive;

use crate::did_not_terminate;

/// Draws after which a solution is taken to wait for a number that never comes.
const MOST_DRAWS: usize = 100;

/// How much further on in its range each number falls than the one before it: a quarter.
const STEP: u64 = 1 << 62;

/// Draws numbers that the judge chooses: the first of the range, the middle or the last.
#[derive(Debug, Default)]
pub struct Rng {
    /// Where the next number falls: see [`number`].
    pub(super) draw: u64,
    /// The range and the number of each draw.
    pub(super) draws: Vec<(RangeInclusive<u64>, u64)>,
}

impl Rng {
    /// A number in `range`, both ends included.
    ///
    /// # Panics
    /// If `range` is empty.
    #[track_caller]
    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        assert!(!range.is_empty(), "a number is drawn from at least one");
        if self.draws.len() == MOST_DRAWS {
            did_not_terminate();
        }
        let number = range.start() + number(range.end() - range.start(), self.draw);
        self.draw = self.draw.wrapping_add(STEP);
        self.draws.push((range, number));
        number
    }
}

/// The number from 0 to `most` that lies as far on as `draw` does from 0 to the largest.
pub(super) fn number(most: u64, draw: u64) -> u64 {
    let number = u128::from(most) * u128::from(draw) / u128::from(u64::MAX);
    u64::try_from(number).expect("it is at most `most`")
}
