//! Replicated data that can be merged in any order: conflict-free replicated data types.
//!
//! Replicas that each accept writes and exchange them later need a **merge** with the same result
//! whatever the network does: messages reordered (commutative), merged on the way (associative),
//! delivered twice (idempotent). With these three laws, and a state that only grows, replicas that
//! have heard of the same updates are equal (M. Shapiro, N. Preguiça, C. Baquero, M. Zawirski,
//! "Conflict-free Replicated Data Types", 2011).
//!
//! Here is the smallest of them, a counter that only grows: [`GCounter`]. Left out: counters that
//! also fall (a pair of these), sets, and replicas that join and leave.

use serde::{Deserialize, Serialize};

/// A counter with an entry for each replica, of which each increments only its own.
///
/// The [value](Self::value) is the sum of the entries. A [merge](Self::merge) takes the larger of
/// each two entries: of what one replica counted, the larger number knows of the smaller, so taking
/// it forgets nothing and counts nothing twice. A replica sends its [`entries`](Self::entries), or
/// only those that the receiver is missing ([`delta_since`](Self::delta_since)).
///
/// * An entry never falls.
/// * No other replica increments this replica's entry, and none knows more of it than this one.
/// * A refused operation leaves the counter unchanged.
///
/// ```
/// use common::crdt::GCounter;
///
/// let (mut a, mut b) = (GCounter::new(0, 3)?, GCounter::new(1, 3)?);
/// a.increment(2)?;
/// b.increment(3)?;
/// a.merge(b.entries())?;
/// b.merge(a.entries())?;
/// b.merge(a.entries())?; // once more changes nothing
/// assert_eq!(a.entries(), [2, 3, 0]);
/// assert_eq!((a.value(), b.value()), (5, 5));
/// # Ok::<(), common::crdt::CounterError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct GCounter {
    node: usize,
    entries: Vec<u64>,
}

/// The entries that a replica is missing, each with the number of the replica that counted it.
pub type Delta = Vec<(usize, u64)>;

/// Why a counter refuses an operation. The counter is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CounterError {
    /// An entry would be larger than any real count.
    #[error(
        "entry {node} would be {entry}, and an entry is at most {max}",
        max = GCounter::MAX_ENTRY
    )]
    TooLarge {
        /// The replica whose entry it is.
        node: usize,
        /// The value it would have, saturated.
        entry: u64,
    },
    /// A peer claims that this replica has counted more than it has. Two replicas with one id look
    /// like this, and a replica that has forgotten its past.
    #[error(
        "a peer knows of {claimed} counted by this replica, which has counted {own}: is there \
         another replica {node}?"
    )]
    OwnEntryAhead {
        /// This replica.
        node: usize,
        /// The peer's claim.
        claimed: u64,
        /// The true number.
        own: u64,
    },
    /// Counters of different numbers of replicas.
    #[error("a counter of {got} entries where each has {expected}")]
    WrongLength {
        /// The entries of the counter that was given.
        got: usize,
        /// The entries that it should have.
        expected: usize,
    },
    /// The counter has no entry for this replica.
    #[error("there is no replica {node}: there are {nodes}, counted from 0")]
    NoSuchNode {
        /// The replica asked for.
        node: usize,
        /// The number of replicas.
        nodes: usize,
    },
}

impl GCounter {
    /// The largest entry, 2^53: the largest to which every whole number is read back exactly from
    /// JSON by languages whose numbers are floating-point (RFC 8259, section 6).
    pub const MAX_ENTRY: u64 = 1 << 53;

    /// The counter of replica `node_id` of `num_nodes`, at 0.
    ///
    /// # Errors
    /// [`CounterError::NoSuchNode`] unless `node_id` is below `num_nodes`.
    pub fn new(node_id: usize, num_nodes: usize) -> Result<GCounter, CounterError> {
        if node_id >= num_nodes {
            return Err(CounterError::NoSuchNode { node: node_id, nodes: num_nodes });
        }
        Ok(GCounter { node: node_id, entries: vec![0; num_nodes] })
    }

    /// The counter of replica `node_id`, with the entries it had when they were stored.
    ///
    /// # Errors
    /// [`CounterError::NoSuchNode`] unless it has an entry of its own, [`CounterError::TooLarge`].
    pub fn restored(node_id: usize, entries: Vec<u64>) -> Result<GCounter, CounterError> {
        let counter = GCounter::new(node_id, entries.len())?;
        let mut numbered = entries.iter().enumerate();
        numbered.try_for_each(|(node, &entry)| within_bound(node, entry))?;
        Ok(GCounter { entries, ..counter })
    }

    /// Counts `by` more at this replica, and returns what it has counted in all.
    ///
    /// # Errors
    /// [`CounterError::TooLarge`].
    pub fn increment(&mut self, by: u64) -> Result<u64, CounterError> {
        let own = self.entries[self.node].saturating_add(by);
        within_bound(self.node, own)?;
        self.entries[self.node] = own;
        Ok(own)
    }

    /// What all replicas have counted, as far as this one has heard. No number of entries makes it
    /// overflow.
    // In other crates, too: for a few entries a call costs as much as the work.
    #[inline]
    pub fn value(&self) -> u128 {
        self.entries.iter().map(|&entry| u128::from(entry)).sum()
    }

    /// Merges another replica's [`entries`](Self::entries). Entries that are older than this
    /// replica's change nothing.
    ///
    /// # Errors
    /// [`CounterError::WrongLength`], [`CounterError::TooLarge`], [`CounterError::OwnEntryAhead`].
    #[inline]
    pub fn merge(&mut self, entries: &[u64]) -> Result<(), CounterError> {
        self.same_length(entries)?;
        if !self.surely_takes(entries) {
            self.check(entries.iter().copied().enumerate())?;
        }
        for (mine, theirs) in self.entries.iter_mut().zip(entries) {
            *mine = (*mine).max(*theirs);
        }
        Ok(())
    }

    /// What this replica knows: what each has counted.
    pub fn entries(&self) -> &[u64] {
        &self.entries
    }

    /// The entries that a replica with `known` is missing. Merging them there has the same result
    /// as merging all entries.
    ///
    /// # Errors
    /// [`CounterError::WrongLength`].
    pub fn delta_since(&self, known: &[u64]) -> Result<Delta, CounterError> {
        self.same_length(known)?;
        let entries = self.entries.iter().copied().enumerate();
        let news = entries.zip(known).filter(|((_, mine), known)| mine > known);
        Ok(news.map(|(entry, _)| entry).collect())
    }

    /// Merges what [`delta_since`](Self::delta_since) returned.
    ///
    /// # Errors
    /// [`CounterError::NoSuchNode`], [`CounterError::TooLarge`], [`CounterError::OwnEntryAhead`].
    pub fn merge_delta(&mut self, delta: &[(usize, u64)]) -> Result<(), CounterError> {
        let nodes = self.entries.len();
        if let Some(&(node, _)) = delta.iter().find(|(node, _)| *node >= nodes) {
            return Err(CounterError::NoSuchNode { node, nodes });
        }
        self.check(delta.iter().copied())?;
        for &(node, theirs) in delta {
            self.entries[node] = self.entries[node].max(theirs);
        }
        Ok(())
    }

    /// Whether these entries are certainly valid: checked for every merge, and so without a branch
    /// for each. No entry is larger than all their bits together.
    #[inline]
    fn surely_takes(&self, entries: &[u64]) -> bool {
        let bits = entries.iter().fold(0, |bits, entry| bits | entry);
        bits <= GCounter::MAX_ENTRY && entries[self.node] <= self.entries[self.node]
    }

    /// Not inlined, so that [`merge`](Self::merge) can be.
    #[inline(never)]
    fn check(&self, entries: impl Iterator<Item = (usize, u64)>) -> Result<(), CounterError> {
        for (node, claimed) in entries {
            within_bound(node, claimed)?;
            let own = self.entries[self.node];
            if node == self.node && claimed > own {
                return Err(CounterError::OwnEntryAhead { node, claimed, own });
            }
        }
        Ok(())
    }

    #[inline]
    fn same_length(&self, entries: &[u64]) -> Result<(), CounterError> {
        let (got, expected) = (entries.len(), self.entries.len());
        match got == expected {
            true => Ok(()),
            false => Err(CounterError::WrongLength { got, expected }),
        }
    }
}

fn within_bound(node: usize, entry: u64) -> Result<(), CounterError> {
    match entry <= GCounter::MAX_ENTRY {
        true => Ok(()),
        false => Err(CounterError::TooLarge { node, entry }),
    }
}

/// A counter as it was serialized, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    node: usize,
    entries: Vec<u64>,
}

impl TryFrom<Unchecked> for GCounter {
    type Error = CounterError;

    fn try_from(Unchecked { node, entries }: Unchecked) -> Result<GCounter, CounterError> {
        GCounter::restored(node, entries)
    }
}
