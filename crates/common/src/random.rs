//! The one source of randomness: seeded, and the same on every platform and in every version.
//!
//! A run that draws random numbers can be repeated only if the numbers can: so each run prints its
//! seed, and a seed always gives the same stream of numbers (a recorded test checks the generator).
//! Everything drawn is an integer; `ln` and `exp` differ between platforms in their last bits.
//!
//! Not for secrets: an observer of a few numbers can predict the next.

use std::hash::{BuildHasher, RandomState};
use std::ops::RangeInclusive;

use rand_core::{Rng as _, SeedableRng};
use rand_pcg::Pcg32;

/// A stream of random integers that its seed determines.
///
/// ```
/// use common::random::Rng;
///
/// let mut dice = Rng::from_seed(7);
/// let mut same_dice = Rng::from_seed(7);
/// for _ in 0..100 {
///     let rolled = dice.within(1..=6);
///     assert!((1..=6).contains(&rolled));
///     assert_eq!(rolled, same_dice.within(1..=6));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng(Pcg32);

impl Rng {
    /// The stream of this seed. Neighbouring seeds have unrelated streams.
    pub fn from_seed(seed: u64) -> Rng {
        Rng(Pcg32::seed_from_u64(seed))
    }

    /// A number below `bound`, each equally likely.
    ///
    /// # Panics
    /// If `bound` is 0: no number is below it.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "a number is drawn below at least 1");
        self.within(0..=bound - 1)
    }

    /// A number in `range`, both ends included, each equally likely.
    ///
    /// # Panics
    /// If `range` is empty.
    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (first, last) = range.into_inner();
        assert!(first <= last, "a number is drawn from at least one");
        // The product's upper half lies in the range, its lower half says how it got there (Lemire,
        // "Fast Random Integer Generation in an Interval", 2019): a few lower halves are drawn
        // again, as they would come once too often.
        let count = u128::from(last - first) + 1;
        loop {
            let product = u128::from(self.0.next_u64()) * count;
            let lower = product & u128::from(u64::MAX);
            // The number of those drawn again is below the count, so that the division is seldom
            // needed.
            if lower >= count || lower >= (1 << 64) % count {
                return first + (product >> 64) as u64;
            }
        }
    }
}

/// A random seed, for a program that was given none. Print it, so that the run can be repeated.
pub fn fresh_seed() -> u64 {
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lessons print what these numbers lead to, and their pages quote it.
    #[test]
    fn the_stream_of_a_seed_never_changes() {
        let mut rng = Rng::from_seed(1);
        let drawn: Vec<u64> = (0..8).map(|_| rng.below(1000)).collect();
        assert_eq!(drawn, [491, 69, 160, 102, 51, 296, 8, 840]);
        assert_eq!(rng.within(0..=u64::MAX), 4_409_822_293_624_448_590);
    }

    #[test]
    fn the_ends_of_a_range_are_drawn_and_nothing_beyond() {
        let mut rng = Rng::from_seed(1);
        let mut seen = [0; 3];
        for _ in 0..3000 {
            seen[rng.within(10..=12) as usize - 10] += 1;
        }
        assert!(seen.iter().all(|count| (900..1100).contains(count)), "{seen:?}");
        assert_eq!(rng.within(5..=5), 5);
        assert_eq!(rng.within(u64::MAX..=u64::MAX), u64::MAX);
        assert_eq!(rng.below(1), 0);
    }

    /// 2^64 draws do not divide into 3 * 2^62 numbers. Without drawing some again, those that 3
    /// divides would come twice as often as the others.
    #[test]
    fn no_number_of_a_huge_range_comes_too_often() {
        let mut rng = Rng::from_seed(1);
        let divisible = (0..3000).filter(|_| rng.below(3 << 62).is_multiple_of(3)).count();
        assert!((900..1100).contains(&divisible), "{divisible}");
    }

    #[test]
    fn neighbouring_seeds_have_unrelated_streams() {
        let firsts: Vec<u64> = (0..1000).map(|seed| Rng::from_seed(seed).below(10)).collect();
        for digit in 0..10 {
            let count = firsts.iter().filter(|first| **first == digit).count();
            assert!((70..130).contains(&count), "{digit}: {count}");
        }
    }

    #[test]
    fn fresh_seeds_differ() {
        assert_ne!(fresh_seed(), fresh_seed());
    }
}
