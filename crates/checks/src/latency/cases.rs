//! Samples, and servers that have them, with the percentiles that are asked for.

use std::collections::BTreeMap;

use super::Histogram;
use crate::numbers::{EDGES, every_row};

/// The most samples of the small cases.
pub(super) const SMALL: usize = 5;

/// Three values, which would have another order as texts, and no two of which have a third as mean.
const VALUES: [u64; 3] = [10, 30, 200];

/// A value of each of the first buckets, the last two not an end of theirs where there is one.
const BUCKETS: [u64; 4] = [0, 1, 2, 6];

/// What small samples are asked for: each end, what is a whole rank of 4 or 5 samples, what rounds
/// down and what rounds up, and what does not exist.
const TENTHS: [u16; 11] = [500, 0, 1000, 1, 200, 201, 250, 750, 900, 999, 1001];

/// What longer ones are asked for.
const FEW: [u16; 6] = [0, 70, 500, 990, 999, 1000];

/// Lengths of longer rows: around those where a rank changes, and where a number leaves its type.
const LENGTHS: [usize; 20] =
    [6, 7, 8, 9, 10, 11, 20, 65, 66, 99, 100, 101, 127, 128, 255, 256, 257, 999, 1000, 1001];

/// The longest row.
pub(super) const LONG: usize = 65_537;

/// The samples that are asked for every tenth of a percent: the fewest of which 0.28 in floating
/// point has a wrong rank.
const EVERY: usize = 25;

/// The most samples of all servers together.
const MOST: u64 = 100_000_000_000_000;

/// The most servers.
pub(super) const MANY: usize = 300;

/// The values of a server, each with how often it came: never, where it only makes the histogram
/// longer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Server(pub(super) Vec<(u64, u64)>);

/// One call.
#[derive(Clone, Debug)]
pub(crate) enum Case {
    Percentile(Vec<u64>, u16),
    Merge([Server; 2]),
    OfAll(Vec<Server>, u16),
}

/// The number of binary digits of a value.
pub(super) fn bucket(value: u64) -> usize {
    (u64::BITS - value.leading_zeros()) as usize
}

/// The largest value of a bucket.
pub(super) fn upper_end(bucket: usize) -> u64 {
    ((1_u128 << bucket) - 1) as u64
}

impl Server {
    pub(super) fn histogram(&self) -> Histogram {
        let mut counts = Vec::new();
        for &(value, count) in &self.0 {
            let bucket = bucket(value);
            counts.resize(counts.len().max(bucket + 1), 0);
            counts[bucket] += count;
        }
        Histogram { counts }
    }

    /// One server that has had the samples of all.
    pub(super) fn together(servers: &[Server]) -> Server {
        Server(servers.iter().flat_map(|server| server.0.iter().copied()).collect())
    }

    pub(super) fn samples(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

/// Samples, each value once.
pub(super) fn counted(samples: &[u64]) -> Server {
    let mut counts = BTreeMap::new();
    for &sample in samples {
        *counts.entry(sample).or_default() += 1;
    }
    Server(counts.into_iter().collect())
}

/// The smallest sample of which enough samples are at or below it. More than all of them never are.
pub(super) fn right(Server(samples): &Server, tenths: u16) -> Option<u64> {
    let up_to = |limit: u64| {
        let below = samples.iter().filter(|(value, _)| *value <= limit);
        below.map(|(_, count)| u128::from(*count)).sum::<u128>()
    };
    let enough = up_to(u64::MAX) * u128::from(tenths);
    let values = samples.iter().filter(|(_, count)| *count > 0).map(|(value, _)| *value);
    values.filter(|&value| up_to(value) * 1000 >= enough).min()
}

/// All cases: what is short first, for each of the functions.
pub(super) fn all() -> impl Iterator<Item = Case> {
    percentiles().chain(merges().into_iter().map(Case::Merge)).chain(of_all())
}

fn percentiles() -> impl Iterator<Item = Case> {
    let small = (0..=SMALL).flat_map(|length| every_row(&VALUES, length));
    let small = small.flat_map(|row| TENTHS.map(|tenths| (row.clone(), tenths)));
    // The page's: one in a hundred is slow.
    let page = [&[10; 99][..], &[10_000]].concat();
    let page = [500, 900, 989, 990, 991, 999, 1000].map(|tenths| (page.clone(), tenths));
    let every = (0..=1001).chain([u16::MAX]).map(|tenths| (scattered(EVERY), tenths));
    let lengths =
        LENGTHS.into_iter().flat_map(|length| FEW.map(|tenths| (scattered(length), tenths)));
    let edges = EDGES.into_iter().flat_map(|edge| {
        let row = [edge, u64::MAX - edge, 0, edge - 1, edge / 2, u64::MAX];
        [0, 330, 500, 660, 830, 1000].map(|tenths| (row.to_vec(), tenths))
    });
    let long: Vec<u64> = (0..LONG as u64).map(|place| place / 1000).collect();
    let long = [500, 999].map(|tenths| (long.clone(), tenths));
    let all = small.chain(page).chain(every).chain(lengths).chain(long).chain(edges);
    all.map(|(row, tenths)| Case::Percentile(row, tenths))
}

/// A row in no order, without equal values up to 101.
fn scattered(length: usize) -> Vec<u64> {
    (1..=length as u64).map(|place| place * 37 % 101).collect()
}

/// Every way to split up to `most` samples between two servers, fewer samples first.
fn splits(most: usize) -> Vec<[Server; 2]> {
    let kinds = 2 * BUCKETS.len();
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    let mut place = 0;
    while let Some(row) = all.get(place).cloned() {
        let first = row.last().copied().unwrap_or(0);
        if row.len() < most {
            all.extend((first..kinds).map(|kind| [&row[..], &[kind]].concat()));
        }
        place += 1;
    }
    let of = |row: &[usize], server| {
        let own = row.iter().filter(|&&kind| kind % 2 == server);
        Server(own.map(|kind| (BUCKETS[kind / 2], 1)).collect())
    };
    all.iter().map(|row| [0, 1].map(|server| of(row, server))).collect()
}

fn merges() -> Vec<[Server; 2]> {
    let mut all = splits(SMALL);
    // Zeros at the end, one bucket and its neighbour, all buckets, and large counts.
    let zeros = Server(vec![(1, 1), (7, 0)]);
    let full = Server((0..=64).map(|bucket| (upper_end(bucket), bucket as u64 + 1)).collect());
    for server in [Server::default(), Server(vec![(7, 0)]), Server(vec![(2, 3)]), full.clone()] {
        all.extend([[zeros.clone(), server.clone()], [server, zeros.clone()]]);
    }
    for bucket in 0..64 {
        let [one, next] = [bucket, bucket + 1].map(|bucket| Server(vec![(upper_end(bucket), 2)]));
        all.extend([[one.clone(), next.clone()], [next, one]]);
    }
    all.push([full.clone(), full]);
    for count in counts() {
        all.extend(
            [[count - 1, 1], [1, count - 1]].map(|each| each.map(|count| Server(vec![(6, count)]))),
        );
    }
    all
}

/// Numbers of samples at which code goes wrong, up to the most.
fn counts() -> impl Iterator<Item = u64> {
    EDGES.into_iter().filter(|&edge| edge < MOST).chain([MOST - 1, MOST])
}

fn of_all() -> impl Iterator<Item = Case> {
    let zeros = Server(vec![(7, 0)]);
    let none = [vec![], vec![Server::default()], vec![zeros.clone(), zeros]];
    let none = none.into_iter().flat_map(|servers| [0, 500, 1000].map(|it| (servers.clone(), it)));
    let one = BUCKETS
        .into_iter()
        .flat_map(|value| TENTHS.map(|tenths| (vec![Server(vec![(value, 1)])], tenths)));
    let small = splits(SMALL)
        .into_iter()
        .flat_map(|servers| [500, 0, 1000, 250, 900].map(|tenths| (servers.to_vec(), tenths)));
    let all = none.chain(one).chain(small).chain(boundaries());
    all.map(|(servers, tenths)| Case::OfAll(servers, tenths))
}

fn boundaries() -> Vec<(Vec<Server>, u16)> {
    let server = |value, count| Server(vec![(value, count)]);
    let mut all = Vec::new();
    let mut add = |servers: &[Server], tenths: &[u16]| {
        all.extend(tenths.iter().map(|&tenths| (servers.to_vec(), tenths)));
    };
    // The page's, on one server and on two; a server with most of the samples; three.
    add(&[Server(vec![(10, 99), (10_000, 1)])], &FEW);
    add(&[server(10, 99), server(10_000, 1)], &FEW);
    add(&[server(10, 990), Server(vec![(10, 5), (10_000, 5)])], &[500, 990, 995, 996, 1000, 1001]);
    add(&[server(10, 3), Server::default(), Server(vec![(300, 2), (1, 1)])], &TENTHS);
    // Every tenth of a percent.
    let each = Server((0..EVERY).map(|bucket| (upper_end(bucket), 1)).collect());
    add(&[each], &(0..=1001).chain([u16::MAX]).collect::<Vec<_>>());
    // Every bucket, by its lower end and beside its neighbour; and all at once, in another order.
    for bucket in 1..=64 {
        let lower = 1 << (bucket - 1);
        add(&[server(lower, 1)], &[500]);
        add(&[server(lower, 1), server(lower - 1, 1)], &[500, 501]);
    }
    let full: Vec<Server> = (0..=64).map(|bucket| server(upper_end(64 - bucket), 1)).collect();
    add(&full, &TENTHS);
    add(&[Server(vec![(6, 2), (20, 0)]), Server(vec![(1, 0)])], &[0, 500, 1000]);
    // Counts of which half the samples are just in the lower bucket, or just not.
    for count in counts() {
        let half = count / 2;
        let rest = count - half;
        add(
            &[server(6, half), server(20, rest)],
            &[0, 1, 499, 500, 501, 999, 1000, 1001, u16::MAX],
        );
        add(&[server(20, half), server(6, rest)], &[500]);
    }
    let many: Vec<Server> = (0..MANY as u64).map(|place| server(place, 1 + place % 2)).collect();
    add(&many, &[500, 999]);
    all
}
