//! One sample, and five rules that name its percentiles.
//!
//! All agree that 99 of 100 requests were at most the 99th percentile. They differ in which value
//! of all those that fit they return, or between which two they draw a line.

use hdrhistogram::Histogram;

/// How a percentile of a sample is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The smallest value of the sample that at least this share of it does not exceed.
    NearestRank,
    /// The same, in a histogram that keeps three digits of each value.
    Histogram,
    /// On the line between the values around rank 1 + (n − 1) · p: type 7 of Hyndman and Fan.
    Line,
    /// On the line between the values around rank (n + 1) · p: type 6.
    OuterLine,
    /// What stands at index n · p of the sorted sample, counted from 0.
    Index,
}

impl Rule {
    /// All of them.
    pub const ALL: [Rule; 5] =
        [Rule::NearestRank, Rule::Histogram, Rule::Line, Rule::OuterLine, Rule::Index];

    /// The percentile of `sorted`, in the unit of the sample; what lies between two of its values
    /// is rounded down. `tenths` are tenths of a percent: 999 is p99.9.
    ///
    /// # Panics
    /// If the sample is empty.
    pub fn percentile(self, sorted: &[u64], tenths: u64) -> u64 {
        let n = sorted.len() as u64;
        match self {
            Rule::NearestRank => at(sorted, (n * tenths).div_ceil(1000)),
            Rule::Histogram => in_a_histogram(sorted, tenths),
            Rule::Line => between(sorted, 1000 + (n - 1) * tenths),
            Rule::OuterLine => between(sorted, (n + 1) * tenths),
            Rule::Index => at(sorted, n * tenths / 1000 + 1),
        }
    }
}

/// The value of this rank: 1 is the smallest. A rank beyond the sample is that of its end.
fn at(sorted: &[u64], rank: u64) -> u64 {
    sorted[rank.clamp(1, sorted.len() as u64) as usize - 1]
}

/// The value at a rank in thousandths, on the line between its two neighbours.
fn between(sorted: &[u64], rank: u64) -> u64 {
    let (below, above) = (at(sorted, rank / 1000), at(sorted, rank / 1000 + 1));
    below + (above - below) * (rank % 1000) / 1000
}

/// A histogram does not know a value to its last digit, and returns the largest that falls into the
/// same bucket.
fn in_a_histogram(sorted: &[u64], tenths: u64) -> u64 {
    let mut histogram = Histogram::<u64>::new(3).expect("three digits are allowed");
    for value in sorted {
        // It grows to hold whatever is recorded.
        histogram.record(*value).expect("a histogram of this size fits into memory");
    }
    histogram.value_at_quantile(tenths as f64 / 1000.0)
}

/// 99 requests that took 10 ms, and one that took 10,000, in milliseconds.
pub fn one_slow_in_a_hundred() -> Vec<u64> {
    [vec![10; 99], vec![10_000]].concat()
}

/// The sum of all, divided by their number. Rounded down.
pub fn mean(sample: &[u64]) -> u64 {
    sample.iter().sum::<u64>() / sample.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In hundredths of a millisecond, so that nothing is rounded.
    fn percentiles(tenths: u64) -> [u64; 5] {
        let sample = one_slow_in_a_hundred().into_iter().map(|ms| 100 * ms).collect::<Vec<_>>();
        Rule::ALL.map(|rule| match rule {
            Rule::Histogram => 100 * rule.percentile(&one_slow_in_a_hundred(), tenths),
            _ => rule.percentile(&sample, tenths),
        })
    }

    #[test]
    fn the_five_rules_disagree_at_p99() {
        assert_eq!(percentiles(500), [1_000; 5]);
        assert_eq!(percentiles(990), [1_000, 1_000, 10_990, 990_010, 1_000_000]);
        assert_eq!(percentiles(999), [1_000_000, 1_000_700, 901_099, 1_000_000, 1_000_000]);
        assert_eq!(percentiles(1000), [1_000_000, 1_000_700, 1_000_000, 1_000_000, 1_000_000]);
        assert_eq!(mean(&[1, 2, 4]), 2);
    }

    #[test]
    fn the_nearest_rank_has_at_least_its_share_below_it() {
        for sample in [vec![7], vec![3, 3], vec![1, 2, 3], (0..1_003).collect()] {
            for tenths in 0..=1000 {
                let found = Rule::NearestRank.percentile(&sample, tenths);
                let share = |of: &dyn Fn(&u64) -> bool| {
                    1000 * sample.iter().filter(|value| of(value)).count() as u64
                };
                let wanted = tenths * sample.len() as u64;
                assert!(share(&|value| *value <= found) >= wanted);
                assert!(share(&|value| *value < found) < wanted.max(1));
            }
        }
    }
}
