//! Exercise: receive a vector stamp, and compare two.
//!
//! A vector has an entry for each node: how many of that node's events are known. There are up to
//! 1,000 nodes, n0, n1 and so on. Both vectors of a call have an entry for each of them, and any
//! entry may be any `u64`, but for what is said of `receive`.
//!
//! `receive`: a message that was stamped `theirs` arrives at node number `own`, whose vector is
//! `mine`. Change `mine` to the stamp of the receipt:
//!
//! | its entry | is |
//! |---|---|
//! | of node `own` | one more than before: the receipt is an event of this node |
//! | of each other node | the larger of the entries in `mine` and in `theirs` |
//!
//! The vectors are those of a run. Another node has sent the message: its stamp counts an event of
//! another node, and never more events of node `own` than `mine` does. A node that has had no event
//! knows of none. `mine[own]` is less than `u64::MAX`.
//!
//! `compare`: how the event stamped `a` stands to the one stamped `b`.
//!
//! | the answer | when |
//! |---|---|
//! | `Equal` | every entry is the same |
//! | `Before` | no entry of `a` is larger than that of `b`, and at least one is smaller |
//! | `After` | no entry of `a` is smaller than that of `b`, and at least one is larger |
//! | `Concurrent` | some entry of `a` is larger, and some entry of `a` is smaller |
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
