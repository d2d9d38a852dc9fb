//! Exercise: percentiles by nearest rank, of samples and of histograms.
//!
//! A percentile is given in tenths of a percent: `tenths` is 500 for p50 and 999 for p99.9. Sorted
//! from the smallest to the largest, n samples have the ranks 1 to n, equal ones a rank each. The
//! percentile is the sample with the rank n × `tenths` / 1,000, rounded up to a whole number, but
//! at least 1. So 0 asks for the smallest sample, and 1,000 for the largest.
//!
//! | `percentile` returns | when |
//! |---|---|
//! | `None` | there are no samples, or `tenths` is more than 1,000 |
//! | `Some(sample)` | in all other cases |
//!
//! The samples are any `u64`, in any order.
//!
//! A `Histogram` keeps no samples. It has `counts: Vec<u64>`: the number of samples in each bucket.
//! A value is in the bucket that is the number of its binary digits:
//!
//! | bucket | values |
//! |---|---|
//! | 0 | 0 |
//! | 1 | 1 |
//! | 2 | 2 and 3 |
//! | 3 | 4 to 7 |
//! | i | 2^(i - 1) to 2^i - 1 |
//! | 64 | 2^63 to 2^64 - 1, the largest `u64` |
//!
//! `counts` has 0 to 65 entries, and the last ones may be 0. A bucket without an entry has no
//! samples.
//!
//! `merge` makes `into` the histogram of the samples of both. The judge ignores zeros at the end of
//! its `counts`.
//!
//! `percentile_of_all` returns the percentile of the samples of all servers together, as closely as
//! histograms have it: the upper end of the bucket of the sample with that rank. It returns `None`
//! when `percentile` would: where no server has a sample, or there is no server, or `tenths` is
//! more than 1,000.
//!
//! The histograms of one call have up to 10^14 samples together, so their number times any `tenths`
//! fits into a `u64`.
//!
//! The judge tries `percentile` first, then `merge`, then `percentile_of_all`.
//!
//! To check it: `cargo run -- check latency`

use checks::latency::Histogram;

/// The percentile of the samples.
pub fn percentile(samples: &[u64], tenths: u16) -> Option<u64> {
    checks::unsolved!("the percentile of samples", samples, tenths)
}

/// Adds the samples of another histogram to this one.
pub fn merge(into: &mut Histogram, from: &Histogram) {
    checks::unsolved!("one histogram of two", into, from)
}

/// The percentile of the samples of all servers together.
pub fn percentile_of_all(servers: &[Histogram], tenths: u16) -> Option<u64> {
    checks::unsolved!("the percentile of many histograms", servers, tenths)
}
