//! A clock of a number for each node.

use serde::{Deserialize, Serialize};

use super::{ClockError, DEFAULT_MAX_JUMP, LAST_STAMP, latest, next};

/// A clock whose stamps distinguish cause and effect from concurrency: `a → b` exactly if V(a) is
/// before V(b) (Fidge 1988, Mattern 1989).
///
/// Entry *i* of a stamp counts the events of node *i* that the stamped event knows of: its own, and
/// those that it has heard of, directly or over others. A stamp is a slice of as many entries as
/// there are nodes, and costs 8 bytes for each of them in every message.
///
/// ```
/// use common::clock::{CausalOrdering, VectorClock};
///
/// let mut n0 = VectorClock::new(0, 3)?;
/// let mut n1 = VectorClock::new(1, 3)?;
/// let mut n2 = VectorClock::new(2, 3)?;
///
/// let a = n0.tick().to_vec();
/// assert_eq!(n0.send_timestamp(), [2, 0, 0]);
/// let b = n1.receive(n0.current())?;
/// assert_eq!(b, [2, 1, 0]);
/// let c = n2.tick();
///
/// assert_eq!(VectorClock::compare(&a, b)?, CausalOrdering::Before);
/// assert_eq!(VectorClock::compare(b, c)?, CausalOrdering::Concurrent);
/// # Ok::<(), common::clock::ClockError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct VectorClock {
    node: usize,
    entries: Vec<u64>,
    max_jump: u64,
}

/// The causal relation of two events, by their stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CausalOrdering {
    /// The first happened before the second: it may have caused it.
    Before,
    /// The second happened before the first.
    After,
    /// Neither happened before the other.
    Concurrent,
    /// They are the same event.
    Equal,
}

impl VectorClock {
    /// The clock of node `node_id` of `num_nodes`, all entries 0. It accepts entries up to
    /// [`DEFAULT_MAX_JUMP`] ahead.
    ///
    /// # Errors
    /// [`ClockError::NoSuchNode`] unless `node_id` is below `num_nodes`.
    pub fn new(node_id: usize, num_nodes: usize) -> Result<VectorClock, ClockError> {
        VectorClock::with_max_jump(node_id, num_nodes, DEFAULT_MAX_JUMP)
    }

    /// The same, accepting entries up to `max_jump` ahead of what is known, and never one above
    /// [`LAST_STAMP`].
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_max_jump(
        node_id: usize,
        num_nodes: usize,
        max_jump: u64,
    ) -> Result<VectorClock, ClockError> {
        if node_id >= num_nodes {
            return Err(ClockError::NoSuchNode { node: node_id, nodes: num_nodes });
        }
        Ok(VectorClock { node: node_id, entries: vec![0; num_nodes], max_jump })
    }

    /// The stamp of an event that concerns this node alone.
    pub fn tick(&mut self) -> &[u64] {
        self.entries[self.node] = next(self.entries[self.node]);
        &self.entries
    }

    /// The stamp of sending a message, which travels with it. Sending is an event, so this ticks.
    pub fn send_timestamp(&mut self) -> &[u64] {
        self.tick()
    }

    /// The stamp of receiving a message that was sent at `stamp`: of each node the most that either
    /// knows, and one more event of this one.
    ///
    /// # Errors
    /// [`ClockError::WrongLength`], [`ClockError::OwnEntryAhead`], [`ClockError::TooFarAhead`] for
    /// an entry. The clock is unchanged.
    // In other crates, too: for a few entries a call costs as much as the work.
    #[inline]
    pub fn receive(&mut self, stamp: &[u64]) -> Result<&[u64], ClockError> {
        same_length(stamp, self.entries.len())?;
        if !self.surely_takes(stamp) {
            self.check(stamp)?;
        }
        let own = next(self.entries[self.node]);
        for (mine, theirs) in self.entries.iter_mut().zip(stamp) {
            *mine = larger(*mine, *theirs);
        }
        // Of its own events a node knows more than any other.
        self.entries[self.node] = own;
        Ok(&self.entries)
    }

    /// The stamp of the latest event, all 0 before the first.
    pub fn current(&self) -> &[u64] {
        &self.entries
    }

    /// The causal relation of the event stamped `v1` to the one stamped `v2`. Allocates no memory,
    /// and stops reading as soon as the result is known.
    ///
    /// # Errors
    /// [`ClockError::WrongLength`]: stamps of different systems have no order.
    #[inline]
    pub fn compare(v1: &[u64], v2: &[u64]) -> Result<CausalOrdering, ClockError> {
        same_length(v2, v1.len())?;
        let mut entries = v1.iter().zip(v2);
        // Up to the first difference they are equal. It leaves one of the two orders, or none.
        let (order, holds) = match entries.find(|(a, b)| a != b) {
            None => return Ok(CausalOrdering::Equal),
            Some((a, b)) if a < b => (CausalOrdering::Before, entries.all(|(a, b)| a <= b)),
            Some(_) => (CausalOrdering::After, entries.all(|(a, b)| a >= b)),
        };
        Ok(match holds {
            true => order,
            false => CausalOrdering::Concurrent,
        })
    }

    /// Whether a stamp is certainly valid: checked for every message, and so without a branch for
    /// each entry. An entry of theirs is at most mine plus the bits in which the two differ.
    #[inline]
    fn surely_takes(&self, stamp: &[u64]) -> bool {
        let entries = self.entries.iter().zip(stamp);
        let bits = entries.fold(0, |bits, (mine, theirs)| bits | (mine ^ theirs));
        bits <= latest(0, self.max_jump) && stamp[self.node] <= latest(self.entries[self.node], 0)
    }

    /// The error of an invalid stamp.
    #[cold]
    fn check(&self, stamp: &[u64]) -> Result<(), ClockError> {
        let (claimed, own) = (stamp[self.node], self.entries[self.node]);
        if claimed > own {
            return Err(ClockError::OwnEntryAhead { node: self.node, claimed, own });
        }
        let mut entries = self.entries.iter().zip(stamp);
        match entries.find(|(mine, theirs)| **theirs > latest(**mine, self.max_jump)) {
            None => Ok(()),
            Some((&now, &stamp)) => {
                Err(ClockError::TooFarAhead { stamp, now, latest: latest(now, self.max_jump) })
            }
        }
    }
}

/// The larger of two entries up to [`LAST_STAMP`], chosen by the sign of their difference. The
/// vector instructions that every x86-64 has subtract numbers of 64 bits but cannot compare them;
/// `max` takes 1.7 times as long.
#[inline]
fn larger(mine: u64, theirs: u64) -> u64 {
    match (mine.wrapping_sub(theirs) as i64) < 0 {
        true => theirs,
        false => mine,
    }
}

#[inline]
fn same_length(vector: &[u64], expected: usize) -> Result<(), ClockError> {
    match vector.len() {
        got if got == expected => Ok(()),
        got => Err(ClockError::WrongLength { got, expected }),
    }
}

/// A clock as it was serialized, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    node: usize,
    entries: Vec<u64>,
    max_jump: u64,
}

impl TryFrom<Unchecked> for VectorClock {
    type Error = ClockError;

    fn try_from(written: Unchecked) -> Result<VectorClock, ClockError> {
        let Unchecked { node, entries, max_jump } = written;
        let clock = VectorClock::with_max_jump(node, entries.len(), max_jump)?;
        if let Some(&stamp) = entries.iter().find(|entry| **entry > LAST_STAMP) {
            return Err(ClockError::TooFarAhead { stamp, now: 0, latest: LAST_STAMP });
        }
        Ok(VectorClock { entries, ..clock })
    }
}
