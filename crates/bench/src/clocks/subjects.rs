//! The clocks and counters that take in what others know, behind one trait.

use anyhow::Context;
use common::clock::{DEFAULT_MAX_JUMP, VectorClock};
use common::crdt;
use crdts::{CmRDT, Dot, GCounter, VClock};
use serde_json::json;
use vec_clock::{VecClock, VecTime};

use super::plain;

/// The clock or the counter of node 0.
pub(super) trait Subject: Sized {
    /// What travels, in the form in which it is taken in.
    type State;
    /// One that knows of these entries; that of node 0 is 0.
    fn at(entries: &[u64]) -> anyhow::Result<Self>;
    fn again(&self) -> Self;
    fn state(entries: &[u64]) -> Self::State;
    /// Whether it was taken.
    fn merge(&mut self, state: &Self::State) -> bool;
    /// Of all entries, to see that all subjects come to the same.
    fn sum(&self) -> u128;
}

impl Subject for VectorClock {
    type State = Vec<u64>;

    fn at(entries: &[u64]) -> anyhow::Result<Self> {
        // As it would be written down: no stamp brings it so far at once.
        let written = json!({ "node": 0, "entries": entries, "max_jump": DEFAULT_MAX_JUMP });
        Ok(serde_json::from_value(written)?)
    }

    fn again(&self) -> Self {
        self.clone()
    }

    fn state(entries: &[u64]) -> Vec<u64> {
        entries.to_vec()
    }

    #[inline]
    fn merge(&mut self, stamp: &Vec<u64>) -> bool {
        self.receive(stamp).is_ok()
    }

    fn sum(&self) -> u128 {
        sum(self.current())
    }
}

impl Subject for plain::Clock {
    type State = Vec<u64>;

    fn at(entries: &[u64]) -> anyhow::Result<Self> {
        let entries = entries.to_vec();
        Ok(plain::Clock { node: 0, entries })
    }

    fn again(&self) -> Self {
        self.clone()
    }

    fn state(entries: &[u64]) -> Vec<u64> {
        entries.to_vec()
    }

    #[inline]
    fn merge(&mut self, stamp: &Vec<u64>) -> bool {
        self.receive(stamp).is_ok()
    }

    fn sum(&self) -> u128 {
        sum(&self.entries)
    }
}

impl Subject for VecClock<u64> {
    type State = VecTime<u64>;

    fn at(entries: &[u64]) -> anyhow::Result<Self> {
        vec_clock::new(entries.to_vec(), 0).context("node 0")
    }

    fn again(&self) -> Self {
        vec_clock::new(self.as_slice().to_vec(), 0).expect("as this one")
    }

    fn state(entries: &[u64]) -> VecTime<u64> {
        VecTime::new(entries.to_vec())
    }

    #[inline]
    fn merge(&mut self, stamp: &VecTime<u64>) -> bool {
        self.time_by(stamp).is_ok()
    }

    fn sum(&self) -> u128 {
        sum(self.as_slice())
    }
}

/// `CvRDT::merge` consumes what it merges, and applies one dot of it after the other. Here they are
/// applied without the copy that this would take.
impl Subject for VClock<usize> {
    type State = VClock<usize>;

    fn at(entries: &[u64]) -> anyhow::Result<Self> {
        Ok(map(entries))
    }

    fn again(&self) -> Self {
        self.clone()
    }

    fn state(entries: &[u64]) -> VClock<usize> {
        map(entries)
    }

    #[inline]
    fn merge(&mut self, stamp: &VClock<usize>) -> bool {
        for dot in stamp.iter() {
            self.apply(Dot::new(*dot.actor, dot.counter));
        }
        self.apply(self.inc(0));
        true
    }

    fn sum(&self) -> u128 {
        self.iter().map(|dot| u128::from(dot.counter)).sum()
    }
}

impl Subject for crdt::GCounter {
    type State = Vec<u64>;

    fn at(entries: &[u64]) -> anyhow::Result<Self> {
        let mut counter = crdt::GCounter::new(0, entries.len())?;
        counter.merge(entries)?;
        Ok(counter)
    }

    fn again(&self) -> Self {
        self.clone()
    }

    fn state(entries: &[u64]) -> Vec<u64> {
        entries.to_vec()
    }

    #[inline]
    fn merge(&mut self, entries: &Vec<u64>) -> bool {
        self.merge(entries).is_ok()
    }

    fn sum(&self) -> u128 {
        self.value()
    }
}

impl Subject for plain::Counter {
    type State = Vec<u64>;

    fn at(entries: &[u64]) -> anyhow::Result<Self> {
        let entries = entries.to_vec();
        Ok(plain::Counter { node: 0, entries })
    }

    fn again(&self) -> Self {
        self.clone()
    }

    fn state(entries: &[u64]) -> Vec<u64> {
        entries.to_vec()
    }

    #[inline]
    fn merge(&mut self, entries: &Vec<u64>) -> bool {
        self.merge(entries).is_ok()
    }

    fn sum(&self) -> u128 {
        self.value()
    }
}

/// Merges as its clock does; its dots are a list here, since they cannot be read from a counter.
impl Subject for GCounter<usize> {
    type State = Vec<Dot<usize>>;

    fn at(entries: &[u64]) -> anyhow::Result<Self> {
        let mut counter = GCounter::new();
        map(entries).into_iter().for_each(|dot| counter.apply(dot));
        Ok(counter)
    }

    fn again(&self) -> Self {
        self.clone()
    }

    fn state(entries: &[u64]) -> Vec<Dot<usize>> {
        map(entries).into_iter().collect()
    }

    #[inline]
    fn merge(&mut self, dots: &Vec<Dot<usize>>) -> bool {
        dots.iter().for_each(|dot| self.apply(*dot));
        true
    }

    fn sum(&self) -> u128 {
        self.read().try_into().unwrap_or(u128::MAX)
    }
}

pub(crate) fn map(entries: &[u64]) -> VClock<usize> {
    let numbered = entries.iter().enumerate();
    numbered.map(|(node, &entry)| Dot::new(node, entry)).collect()
}

fn sum(entries: &[u64]) -> u128 {
    entries.iter().map(|&entry| u128::from(entry)).sum()
}
