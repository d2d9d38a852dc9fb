//! The plain loops: the same work with the same checks, as one writes it without a thought for
//! speed but with none for waste either.

use common::clock::{CausalOrdering, ClockError, DEFAULT_MAX_JUMP, LAST_STAMP};
use common::crdt::{CounterError, GCounter};

/// Leaves as soon as the answer is known.
pub(super) fn compare(v1: &[u64], v2: &[u64]) -> Result<CausalOrdering, ClockError> {
    same_length(v2, v1.len())?;
    let (mut earlier, mut later) = (false, false);
    for (a, b) in v1.iter().zip(v2) {
        earlier |= a < b;
        later |= a > b;
        if earlier && later {
            return Ok(CausalOrdering::Concurrent);
        }
    }
    Ok(ordering(earlier, later))
}

/// Always reads to the end, which leaves the loop without a branch.
pub(super) fn compare_whole(v1: &[u64], v2: &[u64]) -> Result<CausalOrdering, ClockError> {
    same_length(v2, v1.len())?;
    let (mut earlier, mut later) = (false, false);
    for (a, b) in v1.iter().zip(v2) {
        earlier |= a < b;
        later |= a > b;
    }
    Ok(ordering(earlier, later))
}

fn ordering(earlier: bool, later: bool) -> CausalOrdering {
    match (earlier, later) {
        (false, false) => CausalOrdering::Equal,
        (true, false) => CausalOrdering::Before,
        (false, true) => CausalOrdering::After,
        (true, true) => CausalOrdering::Concurrent,
    }
}

fn same_length(vector: &[u64], expected: usize) -> Result<(), ClockError> {
    if vector.len() != expected {
        let got = vector.len();
        return Err(ClockError::WrongLength { got, expected });
    }
    Ok(())
}

#[derive(Clone)]
pub(super) struct Clock {
    pub(super) node: usize,
    pub(super) entries: Vec<u64>,
}

impl Clock {
    pub(super) fn receive(&mut self, stamp: &[u64]) -> Result<&[u64], ClockError> {
        same_length(stamp, self.entries.len())?;
        let (claimed, own) = (stamp[self.node], self.entries[self.node]);
        if claimed > own {
            return Err(ClockError::OwnEntryAhead { node: self.node, claimed, own });
        }
        for (&now, &stamp) in self.entries.iter().zip(stamp) {
            let latest = now.saturating_add(DEFAULT_MAX_JUMP).min(LAST_STAMP);
            if stamp > latest {
                return Err(ClockError::TooFarAhead { stamp, now, latest });
            }
        }
        for (mine, theirs) in self.entries.iter_mut().zip(stamp) {
            *mine = (*mine).max(*theirs);
        }
        let own = self.entries[self.node].checked_add(1);
        self.entries[self.node] = own.expect("a node has fewer than 2^63 events of its own");
        Ok(&self.entries)
    }
}

#[derive(Clone)]
pub(super) struct Counter {
    pub(super) node: usize,
    pub(super) entries: Vec<u64>,
}

impl Counter {
    pub(super) fn value(&self) -> u128 {
        let mut value = 0;
        for entry in &self.entries {
            value += u128::from(*entry);
        }
        value
    }

    pub(super) fn merge(&mut self, entries: &[u64]) -> Result<(), CounterError> {
        let (got, expected) = (entries.len(), self.entries.len());
        if got != expected {
            return Err(CounterError::WrongLength { got, expected });
        }
        let (node, claimed, own) = (self.node, entries[self.node], self.entries[self.node]);
        if claimed > own {
            return Err(CounterError::OwnEntryAhead { node, claimed, own });
        }
        for (node, &entry) in entries.iter().enumerate() {
            if entry > GCounter::MAX_ENTRY {
                return Err(CounterError::TooLarge { node, entry });
            }
        }
        for (mine, theirs) in self.entries.iter_mut().zip(entries) {
            *mine = (*mine).max(*theirs);
        }
        Ok(())
    }
}
