//! How people get it wrong, and functions that are right but for the bugs that they are asked to
//! have.

use super::cases::upper_end;
use super::{Histogram, reference};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    RoundsDown, "the rank is rounded down":
        "It drops the part after the point, but then fewer samples than were asked for are at or \
         below the answer: the rank is rounded up.";
    | RoundsToNearest, "the rank is rounded to the nearest":
        "It rounds down where the part after the point is under a half, but a rank of 1.25 needs \
         two samples: it is rounded up.";
    | RankIsIndex, "the rank is an index":
        "It takes n × p for a place counted from 0, but a rank is counted from 1: p99 of a hundred \
         samples is the 99th, which is in place 98.";
    | DividesFirst, "divides before it multiplies":
        "It divides `tenths` by 1,000 first, but in integers that is 0 for all but the largest: \
         multiply first.";
    | Float, "the rank is computed in floating point":
        "It takes 0.28 for a number that an f64 has, but 0.28 × 25 comes out a little over 7, and \
         rounded up that is 8.";
    | Interpolates, "computes a value between two samples":
        "It takes a point between two samples, as some libraries do, but by nearest rank the \
         answer is one of the samples.";
    RankZero, "p0 has rank 0":
        "It takes n × 0 for a rank, but the first rank is 1: p0 is the smallest sample.";
    Unsorted, "the samples are not sorted":
        "It takes the samples in the order in which they came, but a rank is a place in sorted \
         order.";
    | DropsDuplicates, "equal samples count once":
        "It drops equal samples, as a set does, but each of them has a rank: ninety-nine requests \
         of 10 ms are ninety-nine samples.";
    NotOfOne, "one sample is too few":
        "It returns None for one sample, but that one has rank 1 of 1, and is each of the \
         percentiles.";
    MergesByMean, "merge takes the mean of the counts":
        "It takes the mean of two counts, but the samples of one server do not replace those of \
         the other: counts are added.";
    | MergesByMax, "merge takes the larger count":
        "It takes two counts for two readings of one, but they count different samples, and are \
         added.";
    DropsTail, "merge ends with the shorter of the two":
        "It stops where `into` ends, as zip does, but the buckets of `from` beyond that have \
         samples too, and the slowest ones.";
    Averages, "averages the percentiles of the servers":
        "It takes the mean of the servers' percentiles, but these have lost how many samples each \
         server has, and where they are: add the counts, then ask once.";
    | Largest, "the largest percentile of the servers":
        "It takes the worst server's percentile for that of all, but where another has most of the \
         samples, the rank is elsewhere: add the counts, then ask once.";
    LowerEnd, "the lower end of a bucket":
        "It returns the smallest value of the bucket, but the sample may be larger: only the upper \
         end is sure not to be exceeded by it.";
}

fn rank(bugs: Bugs<Bug>, samples: u64, tenths: u16) -> u64 {
    let product = samples * u64::from(tenths);
    let rank = match () {
        () if bugs.has(Bug::RoundsDown) => product / 1000,
        () if bugs.has(Bug::RoundsToNearest) => (product + 500) / 1000,
        () if bugs.has(Bug::RankIsIndex) => (product / 1000 + 1).min(samples),
        () if bugs.has(Bug::DividesFirst) => u64::from(tenths / 1000) * samples,
        () if bugs.has(Bug::Float) => (f64::from(tenths) / 1000.0 * samples as f64).ceil() as u64,
        () => product.div_ceil(1000),
    };
    if bugs.has(Bug::RankZero) { rank } else { rank.max(1) }
}

pub(super) fn percentile(bugs: Bugs<Bug>, samples: &[u64], tenths: u16) -> Option<u64> {
    if samples.is_empty() || tenths > 1000 || samples.len() == 1 && bugs.has(Bug::NotOfOne) {
        return None;
    }
    let mut sorted = samples.to_vec();
    if !bugs.has(Bug::Unsorted) {
        sorted.sort_unstable();
    }
    if bugs.has(Bug::DropsDuplicates) {
        sorted.dedup();
    }
    if bugs.has(Bug::Interpolates) {
        let thousandths = (sorted.len() - 1) * usize::from(tenths);
        let [low, high] = [thousandths / 1000, thousandths.div_ceil(1000)].map(|at| sorted[at]);
        let (low, high) = (i128::from(low), i128::from(high));
        return Some((low + (high - low) * (thousandths % 1000) as i128 / 1000) as u64);
    }
    let rank = rank(bugs, sorted.len() as u64, tenths) as usize;
    sorted.get(rank - 1).copied()
}

pub(super) fn merge(bugs: Bugs<Bug>, into: &mut Histogram, from: &Histogram) {
    if !bugs.has(Bug::DropsTail) {
        into.counts.resize(into.counts.len().max(from.counts.len()), 0);
    }
    for (place, count) in into.counts.iter_mut().enumerate() {
        // Where `zip` has come to its end, the count stays.
        let Some(more) = from.counts.get(place).copied() else {
            if bugs.has(Bug::MergesByMean) && !bugs.has(Bug::DropsTail) {
                *count /= 2;
            }
            continue;
        };
        *count = match () {
            () if bugs.has(Bug::MergesByMean) => (*count + more) / 2,
            () if bugs.has(Bug::MergesByMax) => (*count).max(more),
            () => *count + more,
        };
    }
}

pub(super) fn percentile_of_all(
    bugs: Bugs<Bug>,
    servers: &[Histogram],
    tenths: u16,
) -> Option<u64> {
    if bugs.has(Bug::Averages) || bugs.has(Bug::Largest) {
        let percentiles = servers.iter().filter_map(|server| of_one(bugs, server, tenths));
        let percentiles: Vec<u64> = percentiles.collect();
        let largest = percentiles.iter().max().copied();
        let sum: u128 = percentiles.iter().map(|&one| u128::from(one)).sum();
        let mean = sum.checked_div(percentiles.len() as u128).map(|mean| mean as u64);
        return if bugs.has(Bug::Averages) { mean } else { largest };
    }
    let mut all = Histogram::default();
    for server in servers {
        // Where `merge` is wrong, its own cases fail first.
        reference::merge(&mut all, server);
    }
    of_one(bugs, &all, tenths)
}

fn of_one(bugs: Bugs<Bug>, histogram: &Histogram, tenths: u16) -> Option<u64> {
    let samples: u64 = histogram.counts.iter().sum();
    if samples == 0 || tenths > 1000 || samples == 1 && bugs.has(Bug::NotOfOne) {
        return None;
    }
    let rank = rank(bugs, samples, tenths);
    let mut seen = 0;
    let bucket = histogram.counts.iter().position(|count| {
        seen += count;
        seen >= rank
    })?;
    match bucket {
        1.. if bugs.has(Bug::LowerEnd) => Some(upper_end(bucket - 1) + 1),
        _ => Some(upper_end(bucket)),
    }
}
