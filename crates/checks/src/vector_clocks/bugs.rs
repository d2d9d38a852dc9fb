//! How people get it wrong, and functions that are right but for the bugs that they are asked to
//! have.

use super::CausalOrdering;
use crate::exercise::{Bugs, mistakes};

mistakes! {
    Min, "min for max": "It keeps what both knew, but the receipt knows what either did.";
    | Overwrites, "overwrites the entries of the others":
        "It believes the message about all nodes but itself, but the sender may know less of a \
         third node, or an older message may arrive late.";
    | Adds, "adds the vectors":
        "It adds what the two knew, but most of that may be the same events.";
    NoTick, "a receipt is not an event":
        "It only unites what the two knew, but the receipt is an event of its node, and without a \
         count of its own it has the stamp of another.";
    | TicksEvery, "ticks every entry":
        "It adds 1 to all entries, as a Lamport clock does to its one, but only one node had an \
         event.";
    | LamportEntry, "its own entry is a Lamport clock":
        "It puts its own entry above all numbers that it sees, but an entry counts the events of \
         one node, and this node had one more.";
    | TicksForNews, "an old message is not an event":
        "It counts only a message that brings something new, but the receipt happens all the same.";
    | TicksTheMessages, "counts on from the message's entry for itself":
        "It adds 1 to what the message says of this node, but no other knows more of it than it \
         does.";
    FirstEntry, "compares the first entry":
        "It takes the first entry for the stamp, but the others may say the reverse.";
    | SliceOrder, "compares as words are sorted":
        "It lets the first difference decide, as `<` does for slices, but a later entry may differ \
         the other way.";
    | Sums, "compares the sums":
        "It compares how many events are known, but to know more is not to know all that the other \
         knows.";
    | SmallerEverywhere, "before is smaller everywhere":
        "It asks for every entry to be smaller, but where no news of a node came between the two \
         events, its entry is the same in both.";
    | SmallerSomewhere, "before is smaller somewhere":
        "It takes one smaller entry for enough, but the first may still know of events that the \
         second does not.";
    EqualIsConcurrent, "equal called concurrent":
        "It calls all concurrent that is neither before nor after, but a stamp that is the same in \
         every entry is that of the same event.";
    | EqualIsBefore, "equal called before":
        "It takes \"nowhere larger\" for enough, but no event happened before itself.";
    | Swapped, "Before and After swapped":
        "It answers for the second stamp, or takes the larger for the earlier, but a was before b \
         if b knows all that a knew, and more.";
}

pub(super) fn receive(bugs: Bugs<Bug>, own: usize, mine: &mut [u64], theirs: &[u64]) {
    let before = mine.to_vec();
    for (node, (mine, &theirs)) in mine.iter_mut().zip(theirs).enumerate() {
        *mine = match () {
            () if bugs.has(Bug::Adds) => *mine + theirs,
            () if node == own => *mine,
            () if bugs.has(Bug::Min) => theirs.min(*mine),
            () if bugs.has(Bug::Overwrites) => theirs,
            () => theirs.max(*mine),
        };
    }
    match () {
        () if bugs.has(Bug::NoTick) => {}
        () if bugs.has(Bug::TicksForNews) && *mine == *before => {}
        () if bugs.has(Bug::TicksEvery) => mine.iter_mut().for_each(|entry| *entry += 1),
        () if bugs.has(Bug::LamportEntry) => {
            mine[own] = 1 + mine.iter().max().expect("it has an entry of its own");
        }
        () if bugs.has(Bug::TicksTheMessages) => mine[own] = theirs[own] + 1,
        () => mine[own] += 1,
    }
}

pub(super) fn compare(bugs: Bugs<Bug>, a: &[u64], b: &[u64]) -> CausalOrdering {
    let (smaller, larger) = evidence(bugs, a, b);
    let swapped = bugs.has(Bug::Swapped);
    match if swapped { (larger, smaller) } else { (smaller, larger) } {
        (false, false) if bugs.has(Bug::EqualIsConcurrent) => CausalOrdering::Concurrent,
        (false, false) if bugs.has(Bug::EqualIsBefore) => CausalOrdering::Before,
        (false, false) => CausalOrdering::Equal,
        (true, false) => CausalOrdering::Before,
        (false, true) => CausalOrdering::After,
        (true, true) => CausalOrdering::Concurrent,
    }
}

/// Whether `a` is smaller, and whether it is larger.
fn evidence(bugs: Bugs<Bug>, a: &[u64], b: &[u64]) -> (bool, bool) {
    let pairs = || a.iter().zip(b);
    let smaller = pairs().any(|(a, b)| a < b);
    let larger = pairs().any(|(a, b)| a > b);
    let differ = smaller || larger;
    match () {
        () if bugs.has(Bug::FirstEntry) => (a[0] < b[0], a[0] > b[0]),
        () if bugs.has(Bug::SliceOrder) => (a < b, a > b),
        () if bugs.has(Bug::Sums) => {
            let [a, b] = [a, b].map(|entries| entries.iter().sum::<u64>());
            (differ && a <= b, differ && a >= b)
        }
        () if bugs.has(Bug::SmallerEverywhere) => {
            let (below, above) = (pairs().all(|(a, b)| a < b), pairs().all(|(a, b)| a > b));
            (differ && !above, differ && !below)
        }
        () if bugs.has(Bug::SmallerSomewhere) => (smaller, larger && !smaller),
        () => (smaller, larger),
    }
}
