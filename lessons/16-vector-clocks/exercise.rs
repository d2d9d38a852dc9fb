//! Exercise: receive a vector stamp, and compare two.
//!
//! A vector has an entry for each node: how many of that node's events are known. There are two or
//! three nodes, n0, n1 and n2, and every vector here is of that length.
//!
//! `receive`: a message that was stamped `theirs` arrives at node number `own`, whose vector is
//! `mine`. Change `mine` to the stamp of the receipt:
//!
//! | its entry | is |
//! |---|---|
//! | of node `own` | one more than before: the receipt is an event of this node |
//! | of each other node | the larger of the entries in `mine` and in `theirs` |
//!
//! The message never knows more of node `own` than `mine` does.
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
//! The judge tries `receive` on all small vectors, then `compare`, the smallest first, and shows
//! the first case that is wrong. You can write and check `receive` alone at first.
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
