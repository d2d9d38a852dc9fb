//! Every small exchange and every few samples, the boundaries, and what is right for each.

use std::collections::BTreeSet;

use super::{BadSample, Exchange, Sample, Sampled};
use crate::numbers::{EDGES, every_row};

/// The largest offset and the longest delay, in nanoseconds, that are tried with all others.
pub(super) const SMALL: i64 = 4;

/// What the client's clock shows at first in a small exchange.
const START: i64 = 100;

/// The ends of an `i64`, and what is near to them and to 0.
pub(super) const EXTREMES: [i64; 7] = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];

/// In 2026, and after 2106, where the seconds leave 32 bits.
const DATES: [i64; 2] = [1_790_000_000_123_456_789, 4_300_000_000_987_654_321];

/// The most samples of which every row is tried, and those of the longest row.
pub(super) const FEW: usize = 3;
pub(super) const MANY: usize = 300;

/// What a solution is called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Sample(Exchange),
    Best(Vec<Sampled>),
}

/// All cases: exchanges, the simplest first, and then samples.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let mut seen = BTreeSet::new();
    let exchanges = small().into_iter().chain(far_apart()).chain(long()).chain(extreme());
    let exchanges = exchanges.filter(move |&exchange| seen.insert(exchange));
    exchanges.map(Case::Sample).chain(samples().map(Case::Best))
}

/// Each exchange in which no part takes longer than [`SMALL`] and the clocks are no further apart,
/// and each in which a clock is set back by as much: first those that need no rounding, then those
/// that do, then those that are refused.
fn small() -> Vec<Exchange> {
    let mut all = Vec::new();
    for request in -SMALL..=2 * SMALL {
        for own in -SMALL..=SMALL {
            for round_trip in -SMALL..=3 * SMALL {
                all.push(exchange(START, START + request, own, round_trip));
            }
        }
    }
    all.sort_by_key(|&exchange| {
        let [t1, t2, t3, t4] = exchange;
        let parts = [t2 - t1, t3 - t2, t4 - t1];
        let is_odd = (t1 + t2 + t3 + t4) % 2 != 0;
        let size: i64 = parts.iter().map(|part| part.abs()).sum();
        // The server ahead before the server behind.
        (right(exchange).is_err(), is_odd, size, t2 < t1)
    });
    all
}

fn exchange(client: i64, server: i64, own: i64, round_trip: i64) -> Exchange {
    [client, server, server + own, client + round_trip]
}

/// A few short exchanges, of a client and a server that each live in any time.
fn far_apart() -> impl Iterator<Item = Exchange> {
    const LAST: i64 = i64::MAX - 3;
    let edges =
        EDGES.into_iter().map(|edge| i64::try_from(edge).map_or(LAST, |edge| edge.min(LAST)));
    let edges: Vec<i64> = edges.chain(DATES).collect();
    let clocks: Vec<i64> =
        [0, i64::MIN].into_iter().chain(edges.into_iter().flat_map(|edge| [edge, -edge])).collect();
    let pairs = every_row(&clocks, 2);
    let parts = [(0, 0), (0, 3), (1, 3), (2, 1)];
    pairs.into_iter().flat_map(move |pair| {
        parts.map(|(own, round_trip)| exchange(pair[0], pair[1], own, round_trip))
    })
}

/// One part takes long: the request, the server's own time, or the reply.
fn long() -> impl Iterator<Item = Exchange> {
    let times = EDGES.into_iter().filter_map(|edge| i64::try_from(edge).ok());
    times.filter_map(|time| START.checked_add(time)).flat_map(|end| {
        [[START, end, end, end], [START, START, end, end], [START, START, START, end]]
    })
}

fn extreme() -> impl Iterator<Item = Exchange> {
    every_row(&EXTREMES, 4).into_iter().filter_map(|row| row.try_into().ok())
}

fn samples() -> impl Iterator<Item = Vec<Sampled>> {
    use BadSample::{ClockSetBack, NegativeDelay, OffsetTooLarge};
    let refused = [ClockSetBack, NegativeDelay, OffsetTooLarge].map(Err);
    let good = [0, 1, 2].into_iter().flat_map(|bound| [0, 3, -3].map(|at| sample(at, bound)));
    let kinds: Vec<Sampled> = good.chain(refused).collect();
    let few = (0..=FEW).flat_map(move |length| {
        let mut rows = every_row(&kinds, length);
        rows.sort_by_key(|row| has_equals(row));
        rows
    });
    let large = EDGES.into_iter().flat_map(|edge| {
        let [one, other] = [sample(i64::MIN, edge), sample(i64::MAX, edge - 1)];
        [vec![one, other], vec![other, one]]
    });
    let many = [0, 1, 255, 256, MANY - 1].into_iter().map(|best| {
        let bound = |place: usize| 1_000 + place.abs_diff(best) as u64;
        (0..MANY).map(|place| sample(place as i64 - 150, bound(place))).collect()
    });
    few.chain(large).chain(many)
}

/// Whether two samples have the same bound: which one to trust is then a question of its own.
fn has_equals(row: &[Sampled]) -> bool {
    let bounds: Vec<u64> = row.iter().flatten().map(|sample| sample.bound).collect();
    bounds.iter().enumerate().any(|(place, bound)| bounds[..place].contains(bound))
}

fn sample(offset: i64, bound: u64) -> Sampled {
    Ok(Sample { offset, bound })
}

/// The lowest and the highest offset that an exchange allows: the one where the reply took no time,
/// and the one where the request took none.
pub(super) fn allowed([t1, t2, t3, t4]: Exchange) -> (i128, i128) {
    let ahead = |server: i64, client: i64| i128::from(server) - i128::from(client);
    (ahead(t3, t4), ahead(t2, t1))
}

/// What is right, from both ends of the range: neither the sum of the formula nor the delay.
pub(super) fn right(exchange: Exchange) -> Sampled {
    let [t1, t2, t3, t4] = exchange;
    if t1 > t4 || t2 > t3 {
        return Err(BadSample::ClockSetBack);
    }
    let (low, high) = allowed(exchange);
    if low > high {
        return Err(BadSample::NegativeDelay);
    }
    // An even number of offsets has two in the middle.
    let half = (high - low) / 2;
    let (lower, upper) = (low + half, high - half);
    let middle = if lower.abs() < upper.abs() { lower } else { upper };
    let bound = (high - middle).max(middle - low);
    let bound = u64::try_from(bound).expect("half of what two differences of i64 span");
    match i64::try_from(middle) {
        Ok(offset) => Ok(Sample { offset, bound }),
        Err(_) => Err(BadSample::OffsetTooLarge),
    }
}
