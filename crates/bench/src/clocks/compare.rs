//! Comparing two stamps, in each of the ways in which they can stand to each other.

use std::cmp::Ordering;
use std::hint::black_box;

use common::clock::{CausalOrdering, VectorClock};
use crdts::VClock;
use vec_clock::{CompareState, VecTime};

use super::{SIZES, beside, entries, plain, subjects};
use crate::heading;

const UNIT: &str = "stamps of N compared a second";

pub(super) fn tables() -> anyhow::Result<()> {
    heading(UNIT, ["ours", "vec_clock"]);
    table(
        |entries| VecTime::new(entries.to_vec()),
        |one, other| one.compare(other).ok(),
        |ordering| match ordering {
            CausalOrdering::Equal => Some(CompareState::Same),
            CausalOrdering::Before => Some(CompareState::Before),
            CausalOrdering::After => Some(CompareState::After),
            CausalOrdering::Concurrent => Some(CompareState::Concurrent),
        },
    )?;
    heading(UNIT, ["ours", "crdts"]);
    table(subjects::map, VClock::partial_cmp, |ordering| match ordering {
        CausalOrdering::Equal => Some(Ordering::Equal),
        CausalOrdering::Before => Some(Ordering::Less),
        CausalOrdering::After => Some(Ordering::Greater),
        CausalOrdering::Concurrent => None,
    })?;
    heading(UNIT, ["ours", "plain, early"]);
    let early = |one: &Vec<_>, other: &Vec<_>| plain::compare(one, other).ok();
    table(<[u64]>::to_vec, early, Some)?;
    heading(UNIT, ["ours", "plain, whole"]);
    let whole = |one: &Vec<_>, other: &Vec<_>| plain::compare_whole(one, other).ok();
    table(<[u64]>::to_vec, whole, Some)
}

/// `answer` is how they compare what they made with `stamp`; `meaning` says what they call an
/// ordering.
fn table<S, A: PartialEq>(
    stamp: impl Fn(&[u64]) -> S,
    answer: impl Fn(&S, &S) -> Option<A>,
    meaning: impl Fn(CausalOrdering) -> Option<A>,
) -> anyhow::Result<()> {
    for pair in pairs() {
        let [v1, v2] = &pair.stamps;
        let [one, other] = [stamp(v1), stamp(v2)];
        let ours = || VectorClock::compare(black_box(v1), black_box(v2)).ok();
        let theirs = || answer(black_box(&one), black_box(&other));
        anyhow::ensure!(ours() == Some(pair.ordering), "{}: ours", pair.name);
        anyhow::ensure!(theirs() == meaning(pair.ordering), "{}: theirs", pair.name);
        beside(&pair.name, 1, ours, theirs)?;
    }
    Ok(())
}

/// Two stamps, and how they stand to each other.
struct Pair {
    name: String,
    stamps: [Vec<u64>; 2],
    ordering: CausalOrdering,
}

fn pairs() -> impl Iterator<Item = Pair> {
    use CausalOrdering::{After, Before, Concurrent, Equal};
    SIZES.into_iter().flat_map(|size| {
        let base = entries(size, 0);
        // Every other node has done more.
        let later: Vec<_> = base.iter().zip(0..).map(|(e, i)| e + i % 2).collect();
        let one_more_at = |node| {
            let mut stamp = base.clone();
            stamp[node] += 1;
            stamp
        };
        let first = one_more_at(0);
        [
            ("equal", [base.clone(), base.clone()], Equal),
            ("before", [base.clone(), later.clone()], Before),
            ("after", [later, base.clone()], After),
            ("concurrent at the first", [first.clone(), one_more_at(1)], Concurrent),
            ("concurrent at the last", [first, one_more_at(size - 1)], Concurrent),
        ]
        .map(|(name, stamps, ordering)| Pair {
            name: format!("{size:>4} {name}"),
            stamps,
            ordering,
        })
    })
}
