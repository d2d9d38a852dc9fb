//! Taking in what another node knows: a stamp that is received, a counter's entries that are
//! merged. And reading the counter.
//!
//! A clock only grows, so that it cannot take the same stamp as news twice. What is repeated is
//! therefore a row of stamps, and a copy of the clock as it was before; there are so many stamps
//! that the copy hardly counts. How much of a stamp is news decides how well a processor guesses
//! branches: all of it, none of it, or every entry by the toss of a coin. Entries are small, but
//! for the last case, where they are further from 0 than a stamp may jump.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::hint::black_box;

use common::clock::VectorClock;
use common::crdt;
use crdts::{GCounter, VClock};
use vec_clock::VecClock;

use super::subjects::Subject;
use super::{SIZES, beside, entries, plain};
use crate::heading;

pub(super) fn tables() -> anyhow::Result<()> {
    let received = "stamps of N received a second";
    heading(received, ["ours", "vec_clock"]);
    merge_table::<VectorClock, VecClock<u64>>()?;
    heading(received, ["ours", "crdts"]);
    merge_table::<VectorClock, VClock<usize>>()?;
    heading(received, ["ours", "plain"]);
    merge_table::<VectorClock, plain::Clock>()?;

    let merged = "counters of N merged a second";
    heading(merged, ["ours", "crdts"]);
    merge_table::<crdt::GCounter, GCounter<usize>>()?;
    heading(merged, ["ours", "plain"]);
    merge_table::<crdt::GCounter, plain::Counter>()?;

    let read = "counters of N read a second";
    heading(read, ["ours", "crdts"]);
    value_table(|counter: &GCounter<usize>| counter.read())?;
    heading(read, ["ours", "plain"]);
    value_table(plain::Counter::value)
}

fn merge_table<Ours: Subject, Theirs: Subject>() -> anyhow::Result<()> {
    for size in SIZES {
        for (name, first, is_news) in [
            ("all news", 0, (|_, _| true) as fn(u64, u64) -> bool),
            ("half news", 0, coin),
            ("no news", 0, |_, _| false),
            ("all news, at 10^12", 1_000_000_000_000, |_, _| true),
        ] {
            let name = format!("{size:>4} {name}");
            let row = Row::new(size, first, is_news);
            let (mut ours, mut theirs) = (row.pass::<Ours>()?, row.pass::<Theirs>()?);
            anyhow::ensure!(ours().sum() == theirs().sum(), "{name}: they differ");
            beside(&name, row.states.len() as u64, ours, theirs)?;
        }
    }
    Ok(())
}

/// What node 0 knows, and what it then takes in. No other node knows of an event of node 0.
struct Row {
    before: Vec<u64>,
    states: Vec<Vec<u64>>,
}

impl Row {
    fn new(size: usize, first: u64, is_news: fn(u64, u64) -> bool) -> Row {
        let length = (64 * 1024 / size as u64).clamp(8, 256);
        let mut known = entries(size, first);
        known[0] = 0;
        let before = known.clone();
        let next = |n| {
            for (entry, i) in known.iter_mut().zip(0..).skip(1) {
                *entry += u64::from(is_news(n, i));
            }
            known.clone()
        };
        let states = (0..length).map(next).collect();
        Row { before, states }
    }

    fn pass<S: Subject>(&self) -> anyhow::Result<impl FnMut() -> S + use<S>> {
        let before = S::at(&self.before)?;
        let states: Vec<_> = self.states.iter().map(|state| S::state(state)).collect();
        Ok(move || {
            let mut subject = before.again();
            for state in &states {
                black_box(subject.merge(black_box(state)));
            }
            subject
        })
    }
}

fn coin(n: u64, i: u64) -> bool {
    let mut hasher = DefaultHasher::new();
    (n, i).hash(&mut hasher);
    hasher.finish().is_multiple_of(2)
}

fn value_table<Theirs: Subject, Sum>(value: impl Fn(&Theirs) -> Sum) -> anyhow::Result<()> {
    for size in SIZES {
        let mut entries = entries(size, 0);
        entries[0] = 0;
        let (ours, theirs) = (crdt::GCounter::at(&entries)?, Theirs::at(&entries)?);
        anyhow::ensure!(ours.value() == theirs.sum(), "{size}: they differ");
        let ours = || black_box(&ours).value();
        let theirs = || value(black_box(&theirs));
        beside(&format!("{size:>4}"), 1, ours, theirs)?;
    }
    Ok(())
}
