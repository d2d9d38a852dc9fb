//! Exercise: a counter that replicas share, with an entry for each of them.
//!
//! A replica has a `GCounter`: `node: usize`, its own number, counted from 0, and `entries:
//! Vec<u64>`. Entry i is what replica i has counted in all, as far as this one has heard; in the
//! beginning all are 0. There are up to 1,000 replicas. A message holds all entries that its sender
//! has.
//!
//! | the function | what it does |
//! |---|---|
//! | `increment` | counts `by` more at this replica |
//! | `merge` | takes a message in: keeps the newest of every entry that it had or was sent |
//! | `value` | returns what all replicas have counted together, as far as this one has heard |
//!
//! `by` may be any `u64`, 0 as well; what all replicas count together fits into a `u64`. Neither
//! `node` nor the number of entries changes.
//!
//! A message has as many entries as the counter, and no replica knows more of an entry than the
//! replica whose entry it is. A message may come late, so that some or all of its entries may be
//! out of date; and it may come again. Nothing is forgotten for that, and nothing counted twice.
//!
//! The judge plays small schedules on 2 or 3 replicas, a, b and c, the shortest first; then large
//! numbers, one replica and many, and a long schedule. After each step it compares the counter and
//! the value of the replica that acted. You see the first schedule in which one is wrong.
//!
//! To check it: `cargo run -- check g-counter`

use checks::g_counter::GCounter;

/// Counts `by` more at this replica.
pub fn increment(counter: &mut GCounter, by: u64) {
    checks::unsolved!("count at this replica", counter, by)
}

/// Takes in the entries that another replica has sent.
pub fn merge(counter: &mut GCounter, entries: &[u64]) {
    checks::unsolved!("take in what another has sent", counter, entries)
}

/// What all replicas have counted, as far as this one has heard.
pub fn value(counter: &GCounter) -> u64 {
    checks::unsolved!("what all have counted", counter)
}
