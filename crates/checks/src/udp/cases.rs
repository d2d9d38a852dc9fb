//! The cases: numbers to compare, a few datagrams in small windows, then boundaries and long runs.

use std::collections::BTreeSet;

use super::Payload;
use super::right::Right;
use crate::numbers::every_row;

/// The most datagrams that come in every order, and the largest window that they come in.
pub(super) const SMALL: usize = 4;

/// Half of all numbers: what is this far away, or farther, looks to be on the other side.
pub(super) const HALF: i64 = 1 << 15;

/// The first numbers of the small cases: they wrap ahead, behind, and where a sign would.
const WRAPS: u16 = 65_534;
const FIRSTS: [u16; 3] = [0, WRAPS, 32_766];

/// The datagrams of a long run.
pub(super) const LONG: i64 = 500;

/// One call of `is_newer`, or one receiver.
#[derive(Clone, Debug)]
pub(crate) enum Case {
    Newer(u16, u16),
    Receive(Arrivals),
}

/// A receiver, and the datagrams that reach it.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals {
    pub(super) first: u16,
    pub(super) window: u16,
    /// Their places in the stream, which do not wrap: 0 is the one that has the first number.
    pub(super) datagrams: Vec<i64>,
}

impl Arrivals {
    /// The number that this datagram carries.
    pub(super) fn number(&self, at: i64) -> u16 {
        self.first.wrapping_add(at as u16)
    }

    /// A letter, or for those farther away their place, as in `+30000`.
    pub(super) fn payload(at: i64) -> Payload {
        match at {
            0..26 => vec![b'a' + at as u8],
            _ => format!("{at:+}").into_bytes(),
        }
    }

    /// Whether one datagram comes, from half of all numbers away: it may be on either side.
    pub(super) fn is_half_away(&self) -> bool {
        self.datagrams == [-HALF]
    }

    /// Whether each datagram is nearer than that when it arrives.
    pub(super) fn is_near(&self) -> bool {
        let mut right = Right::after(self, 0);
        self.datagrams.iter().all(|&at| {
            let is_near = (1 - HALF..HALF).contains(&(at - right.next));
            right.push(at);
            is_near
        })
    }
}

/// What is short first, for each of the two.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let compared = compared().into_iter().map(|(a, b)| Case::Newer(a, b));
    let received = small().into_iter().chain(boundaries()).chain(long());
    compared.chain(received.map(Case::Receive))
}

/// Distances around each power of two, the nearest first, from numbers on both sides of a wrap.
fn compared() -> Vec<(u16, u16)> {
    let powers = (0..15).flat_map(|bit| [-1, 0, 1].map(|more| (1_i64 << bit) + more));
    let places = powers.chain([HALF - 1, HALF]).flat_map(|far| [far, -far]);
    let mut distances: Vec<u16> = places.map(|place| place as u16).collect();
    distances.sort_by_key(|&by| (by.min(by.wrapping_neg()), by));
    distances.dedup();
    let from = [0_u16, 1, 32_767, 32_768, 65_535];
    distances.iter().flat_map(|&by| from.map(|b| (b.wrapping_add(by), b))).collect()
}

/// Every few datagrams: one before the window, all in it, the next one, and one that moves it so
/// far that all kept ones fall out. The most of them only where they wrap.
fn small() -> Vec<Arrivals> {
    let mut cases = Vec::new();
    for length in 0..=SMALL {
        for first in FIRSTS.into_iter().filter(|&first| length < SMALL || first == WRAPS) {
            for window in 1..=SMALL as u16 {
                let end = i64::from(window);
                let places: Vec<i64> = (-1..=end).chain([2 * end]).collect();
                let rows = every_row(&places, length).into_iter();
                cases.extend(rows.map(|datagrams| Arrivals { first, window, datagrams }));
            }
        }
    }
    cases
}

/// Each end of the window and of half the numbers, with what shows which window is next.
fn boundaries() -> Vec<Arrivals> {
    let mut cases = Vec::new();
    for window in [1, 2, 32, 255, 256, 257, 32_767, 32_768] {
        let end = i64::from(window);
        let ends = [end - 1, end, end + 1, HALF - 2, HALF - 1, -1, -end, 1 - HALF, -HALF];
        for at in BTreeSet::from(ends) {
            for datagrams in [vec![at], vec![at, 1, at, 0, at - 1, at + 1]] {
                cases.push(Arrivals { first: 40_000, window, datagrams });
            }
        }
    }
    cases.retain(|case| case.is_half_away() || case.is_near());
    cases
}

fn long() -> Vec<Arrivals> {
    // So far apart that each number comes again after four.
    let leaps = (0..=4).map(|leap| leap * HALF / 2);
    let copies = leaps.clone().flat_map(|leap| [leap, leap - 1, leap]);
    let again = [(1, leaps.collect()), (4, copies.collect())];
    let backwards = [32, 300].map(|window| (window, (0..300).rev().collect()));
    // Some in another order, one twice, one lost of each ten; and then half of each hundred.
    let tens = (0..2 * LONG).step_by(10);
    let run = tens.flat_map(|ten| [0, 2, 1, 3, 3, 4, 6, 5, 9, 8].map(|more| ten + more));
    let run = run.filter(|at| at % 100 < 50);
    let runs = [4, 32].map(|window| (window, run.clone().collect()));
    let all = [again, backwards, runs].into_iter().flatten();
    all.map(|(window, datagrams)| Arrivals { first: 65_400, window, datagrams }).collect()
}
