//! Exercise: receive a vector stamp, and compare two.
//!
//! A stamp has an entry for each node, and an entry is a count: of that node's events, how many,
//! from its first on, the stamped event knows of. There are up to 1,000 nodes, n0, n1 and so on.
//!
//! `receive`: a message stamped `theirs` arrives at node number `own`, whose latest stamp is
//! `mine`. Change `mine` to the stamp of the receipt. A receipt knows of itself, and of all that its
//! node or the sending knew of.
//!
//! | argument | range |
//! |---|---|
//! | `own` | a node |
//! | `mine` | as many entries as there are nodes; `mine[own]` is less than `u64::MAX` |
//! | `theirs` | as many entries; `theirs[own]` is at most `mine[own]`; that of the sender is not 0 |
//!
//! `compare`: how the event stamped `a` stands to the one stamped `b`. Both have as many entries as
//! there are nodes, and any entry may be any `u64`.
//!
//! | the answer | when |
//! |---|---|
//! | `Equal` | they know of the same events |
//! | `Before` | `b` knows of all that `a` knows of, and of more |
//! | `After` | `a` knows of all that `b` knows of, and of more |
//! | `Concurrent` | each knows of an event that the other does not know of |
//!
//! No call is an error.
//!
//! The judge tries both functions on all small vectors, the smallest first, then on large numbers
//! and on many nodes, and shows the first case that is wrong. You can write and check `receive`
//! alone at first.
//!
//! To check it: `cargo run -- check vector-clocks`

use checks::vector_clocks::CausalOrdering;

/// Has node `own` receive a message.
pub fn receive(own: usize, mine: &mut [u64], theirs: &[u64]) {
    checks::unsolved!("receive", own, mine, theirs)
}

/// Compares two stamps.
pub fn compare(a: &[u64], b: &[u64]) -> CausalOrdering {
    checks::unsolved!("compare", a, b)
}
