//! Exercise: receive a vector stamp, and compare two.
//!
//! A stamp has an entry for each node, which counts the events of that node, from its first on,
//! that the stamped event knows of. There are up to 1,000 nodes, n0, n1 and so on.
//!
//! `receive`: a message stamped `theirs` arrives at node number `own`, whose latest stamp is
//! `mine`. Change `mine` to the stamp of the receipt. The receipt knows of itself, and of all that
//! its node or the sending knew of.
//!
//! | argument | range |
//! |---|---|
//! | `own` | a node |
//! | `mine` | an entry for each node; `mine[own]` is below `u64::MAX`; where it is 0, all are 0 |
//! | `theirs` | an entry for each node; `theirs[own]` at most `mine[own]`; the sender's above 0 |
//!
//! `compare`: how the event stamped `a` stands to the one stamped `b`. Both have an entry for
//! each node, any `u64`.
//!
//! | the answer | when |
//! |---|---|
//! | `Equal` | they know of the same events |
//! | `Before` | `b` knows of all that `a` knows of, and of more |
//! | `After` | `a` knows of all that `b` knows of, and of more |
//! | `Concurrent` | each knows of an event that the other does not know of |
//!
//! Neither returns an error.
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
