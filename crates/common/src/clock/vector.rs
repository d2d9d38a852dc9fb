//! A number for each node.

use serde::{Deserialize, Serialize};

use super::{ClockError, DEFAULT_MAX_JUMP, LAST_STAMP, latest, next};

/// A clock whose stamps tell cause and effect from coincidence: `a → b` exactly if V(a) is before V(b) (Fidge 1988,
/// Mattern 1989).
///
/// Entry *i* of a stamp counts the events of node *i* that the stamped event knows of: its own, and those that it has
/// heard of, directly or over others. A stamp is a slice of as many entries as there are nodes, and costs 8 bytes for
/// each of them in every message.
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

/// How two events, seen through their stamps, stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CausalOrdering {
    /// The first happened before the second: it may have caused it.
    Before,
    /// The second happened before the first.
    After,
    /// Neither knows of the other.
    Concurrent,
    /// They are the same event.
    Equal,
}

impl VectorClock {
    /// The clock of node `node_id` of `num_nodes`, all entries 0. It takes entries up to [`DEFAULT_MAX_JUMP`] ahead.
    ///
    /// # Errors
    /// [`ClockError::NoSuchNode`] unless `node_id` is below `num_nodes`.
    pub fn new(node_id: usize, num_nodes: usize) -> Result<VectorClock, ClockError> {
        VectorClock::with_max_jump(node_id, num_nodes, DEFAULT_MAX_JUMP)
    }

    /// The same, taking entries up to `max_jump` ahead of what is known, and never one above [`LAST_STAMP`].
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_max_jump(
        node_id: usize,
        num_nodes: usize,
        max_jump: u64,
    ) -> Result<VectorClock, ClockError> {
        if node_id >= num_nodes {
            return Err(ClockError::NoSuchNode {
                node: node_id,
                nodes: num_nodes,
            });
        }
        Ok(VectorClock {
            node: node_id,
            entries: vec![0; num_nodes],
            max_jump,
        })
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

    /// The stamp of receiving a message that was sent at `stamp`: of each node the most that either knows, and one
    /// more event of this one.
    ///
    /// # Errors
    /// [`ClockError::WrongLength`], [`ClockError::OwnEntryAhead`], [`ClockError::TooFarAhead`] for an entry. The clock is
    /// as it was.
    pub fn receive(&mut self, stamp: &[u64]) -> Result<&[u64], ClockError> {
        self.check(stamp)?;
        for (mine, theirs) in self.entries.iter_mut().zip(stamp) {
            *mine = (*mine).max(*theirs);
        }
        Ok(self.tick())
    }

    /// The stamp of the latest event, all 0 before the first.
    pub fn current(&self) -> &[u64] {
        &self.entries
    }

    /// How the event stamped `v1` stands to the one stamped `v2`. Takes no memory, and reads no further than it has
    /// to.
    ///
    /// # Errors
    /// [`ClockError::WrongLength`]: stamps of different systems have no order.
    pub fn compare(v1: &[u64], v2: &[u64]) -> Result<CausalOrdering, ClockError> {
        same_length(v2, v1.len())?;
        // Up to here they are equal; the first difference leaves one of the two orders, or none.
        let Some(first) = v1.iter().zip(v2).position(|(a, b)| a != b) else {
            return Ok(CausalOrdering::Equal);
        };
        let mut rest = v1[first..].iter().zip(&v2[first..]);
        Ok(if v1[first] < v2[first] {
            match rest.all(|(a, b)| a <= b) {
                true => CausalOrdering::Before,
                false => CausalOrdering::Concurrent,
            }
        } else {
            match rest.all(|(a, b)| a >= b) {
                true => CausalOrdering::After,
                false => CausalOrdering::Concurrent,
            }
        })
    }

    fn check(&self, stamp: &[u64]) -> Result<(), ClockError> {
        same_length(stamp, self.entries.len())?;
        let (claimed, own) = (stamp[self.node], self.entries[self.node]);
        if claimed > own {
            return Err(ClockError::OwnEntryAhead {
                node: self.node,
                claimed,
                own,
            });
        }
        let mut entries = self.entries.iter().zip(stamp);
        match entries.find(|(mine, theirs)| **theirs > latest(**mine, self.max_jump)) {
            None => Ok(()),
            Some((&now, &stamp)) => Err(ClockError::TooFarAhead {
                stamp,
                now,
                latest: latest(now, self.max_jump),
            }),
        }
    }
}

fn same_length(vector: &[u64], expected: usize) -> Result<(), ClockError> {
    match vector.len() {
        got if got == expected => Ok(()),
        got => Err(ClockError::WrongLength { got, expected }),
    }
}

/// A clock as it was written down.
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
        let Unchecked {
            node,
            entries,
            max_jump,
        } = written;
        let clock = VectorClock::with_max_jump(node, entries.len(), max_jump)?;
        if let Some(&stamp) = entries.iter().find(|entry| **entry > LAST_STAMP) {
            return Err(ClockError::TooFarAhead {
                stamp,
                now: 0,
                latest: LAST_STAMP,
            });
        }
        Ok(VectorClock { entries, ..clock })
    }
}
