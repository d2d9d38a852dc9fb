//! Exercise: percentiles by nearest rank, of samples and of histograms. One way to write it.

use checks::latency::Histogram;

/// The percentile of the samples.
pub fn percentile(samples: &[u64], tenths: u16) -> Option<u64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    // More than 1,000 tenths ask for a rank beyond the last.
    let rank = rank(sorted.len() as u64, tenths);
    sorted.get(rank as usize - 1).copied()
}

/// Adds the samples of another histogram to this one.
pub fn merge(into: &mut Histogram, from: &Histogram) {
    let buckets = into.counts.len().max(from.counts.len());
    into.counts.resize(buckets, 0);
    for (count, more) in into.counts.iter_mut().zip(&from.counts) {
        *count += more;
    }
}

/// The percentile of the samples of all servers together.
pub fn percentile_of_all(servers: &[Histogram], tenths: u16) -> Option<u64> {
    let mut all = Histogram::default();
    for server in servers {
        merge(&mut all, server);
    }
    let rank = rank(all.counts.iter().sum(), tenths);
    let mut seen = 0;
    for (bucket, count) in all.counts.iter().enumerate() {
        seen += count;
        if seen >= rank {
            return Some(upper_end(bucket));
        }
    }
    None
}

/// Counted from 1.
fn rank(samples: u64, tenths: u16) -> u64 {
    (samples * u64::from(tenths)).div_ceil(1000).max(1)
}

/// The largest number with this many binary digits.
fn upper_end(digits: usize) -> u64 {
    match digits {
        0 => 0,
        _ => u64::MAX >> (64 - digits),
    }
}
