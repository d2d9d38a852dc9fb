//! What is wrong with an answer, and what helps: said of this case alone.

use super::cases::{Case, Server, bucket, upper_end};
use super::{Answer, Histogram};
use crate::Stopped;
use crate::exercise::Rule;

const NONE: Rule = Rule::new(
    "Without a sample there is no percentile, nor is there one over 100 %: for both the answer is \
     None.",
    "A rank over the number of samples has no sample. `sorted.get(rank - 1).copied()` returns None \
     there, and so does a walk through the counts that ends before the rank.",
);

const FIRST: Rule = Rule::new(
    "The smallest rank is 1, so p0 is the smallest sample.",
    "Put `.max(1)` behind the rank, before you take 1 off for the index or look for its bucket.",
);

const UPPER: Rule = Rule::new(
    "A bucket has two ends, and the answer is the upper one: no sample of the bucket is above it. \
     Bucket i ends at 2^i - 1, bucket 64 at the largest u64.",
    "The number of i binary digits 1 is u64::MAX >> (64 - i) for i from 1 to 64, and 0 for i = 0: \
     a u64 cannot be shifted by 64.",
);

const WHOLE: Rule = Rule::new(
    "A percentile over all servers is that of all their samples together. There may be 10^14 of \
     them, and their number times any `tenths` fits into a u64.",
    "Add and multiply counts as u64, multiply by `u64::from(tenths)` before you divide by 1,000, \
     and round up with div_ceil.",
);

const TOGETHER: Rule = Rule::new(
    "The percentile of all servers has its rank among the samples of all. The percentiles of the \
     servers do not say how many samples each has, so they give it neither as their mean nor as \
     their largest.",
    "Merge all histograms into an empty one. Then compute the rank from the sum of its counts, and \
     add the counts up from bucket 0: the first bucket where that reaches the rank has it.",
);

const WALK: Rule = Rule::new(
    "Samples are counted from bucket 0 on, and the bucket where their number reaches the rank has \
     the sample with that rank. The rank is n × p, rounded up.",
    "Add the counts up from bucket 0, and stop at the first sum that is at least the rank, \
     (n * u64::from(tenths)).div_ceil(1000).",
);

/// The rule that is broken where there is no answer.
pub(super) fn of_stop(case: &Case, want: &Answer, stopped: &Stopped) -> Rule {
    let operation = match stopped {
        Stopped::Panicked(panic) => panic.overflowed_operation(),
        _ => None,
    };
    match (case, want, operation) {
        (_, Answer::Percentile(None), _) => NONE,
        (Case::Percentile(_, 0) | Case::OfAll(_, 0), _, Some("subtract")) => FIRST,
        (Case::OfAll(..), _, Some("multiply" | "add")) => WHOLE,
        (Case::OfAll(..), _, Some(_)) => UPPER,
        _ => stopped.rule(),
    }
}

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(case: &Case, want: &Answer, got: &Answer) -> Rule {
    match (case, want, got) {
        (_, Answer::Percentile(None), _) => NONE,
        (_, _, Answer::Percentile(None)) => Rule::new(
            "Where there is a sample, there is a percentile, from p0 to p100: one sample alone is \
             all of them.",
            "Return None only for no samples and for `tenths` over 1,000.",
        ),
        (
            Case::Percentile(samples, tenths),
            Answer::Percentile(Some(want)),
            Answer::Percentile(Some(got)),
        ) => of_samples(samples, *tenths, *want, *got),
        (
            Case::OfAll(servers, tenths),
            Answer::Percentile(Some(want)),
            Answer::Percentile(Some(got)),
        ) => of_servers(servers, *tenths, *want, *got),
        (Case::Merge([into, _]), Answer::Merged(counts), Answer::Merged(got)) => {
            merging(&into.histogram(), counts, got)
        }
        _ => unreachable!("a case and its answers are of one function"),
    }
}

fn of_samples(samples: &[u64], tenths: u16, want: u64, got: u64) -> Rule {
    let rank = (samples.len() * usize::from(tenths)).div_ceil(1000).max(1);
    match () {
        () if !samples.contains(&got) => Rule::new(
            "By nearest rank a percentile is one of the samples. Nothing is computed from two of \
             them, and nothing is returned that was never measured.",
            "Return `sorted[rank - 1]` as it is, a whole u64.",
        ),
        () if samples[rank - 1] == got || samples.contains(&u64::MAX) => Rule::new(
            "A rank is a place in sorted order, from the smallest sample to the largest. The \
             samples come in any order.",
            "Copy the samples with to_vec, and sort the copy: whole u64, from the smallest on.",
        ),
        () if tenths == 0 => FIRST,
        () if got < want => Rule::new(
            "At least p % of the samples are at or below the percentile, so the rank is rounded \
             up: 1.5 samples are not reached before the second. Equal samples have a rank each.",
            "Multiply first, then divide: (n * tenths).div_ceil(1000), in usize or u64. Keep \
             equal samples.",
        ),
        () => Rule::new(
            "The percentile is the smallest sample that has p % at or below it. So a product that \
             is whole is the rank: p99 of 100 samples is rank 99. Equal samples have a rank each.",
            "Ranks count from 1, so the index is rank - 1. Compute the rank in integers, \
             (n * tenths).div_ceil(1000): 0.28 × 25 as f64 is over 7. Keep equal samples.",
        ),
    }
}

fn of_servers(servers: &[Server], tenths: u16, want: u64, got: u64) -> Rule {
    let is_end = got == upper_end(bucket(got));
    let have_samples = servers.iter().filter(|server| server.samples() > 0).count();
    match () {
        () if tenths == 0 && got < want && is_end => FIRST,
        // The product with `tenths` may leave 32 bits.
        () if Server::together(servers).samples() > 65_536 => WHOLE,
        () if have_samples > 1 && (is_end || !got.is_power_of_two()) => TOGETHER,
        () if is_end => WALK,
        () => UPPER,
    }
}

fn merging(into: &Histogram, want: &[u64], got: &[u64]) -> Rule {
    let count = |counts: &[u64], bucket| counts.get(bucket).copied().unwrap_or(0);
    let mut beyond = into.counts.len()..want.len();
    if beyond.any(|bucket| count(got, bucket) < count(want, bucket)) {
        Rule::new(
            "`from` may have more buckets than `into`, and their samples are to be in `into` \
             afterwards: they are the largest.",
            "Before you add, let `into.counts` have at least as many entries as `from.counts`: \
             resize it with zeros. zip ends with the shorter of the two.",
        )
    } else {
        Rule::new(
            "After a merge each bucket has the samples of both histograms: nothing is lost, and \
             nothing is counted twice.",
            "Add each count of `from` to the count of the same bucket of `into`. A count that \
             `from` does not have leaves that of `into` as it is.",
        )
    }
}
