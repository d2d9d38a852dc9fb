//! Exercise: receive a vector stamp, and compare two. One way to write it.

use checks::vector_clocks::CausalOrdering;

/// Has node `own` receive a message.
pub fn receive(own: usize, mine: &mut [u64], theirs: &[u64]) {
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine = (*mine).max(*theirs);
    }
    mine[own] += 1;
}

/// Compares two stamps.
pub fn compare(a: &[u64], b: &[u64]) -> CausalOrdering {
    let smaller = a.iter().zip(b).any(|(a, b)| a < b);
    let larger = a.iter().zip(b).any(|(a, b)| a > b);
    match (smaller, larger) {
        (false, false) => CausalOrdering::Equal,
        (true, false) => CausalOrdering::Before,
        (false, true) => CausalOrdering::After,
        (true, true) => CausalOrdering::Concurrent,
    }
}
