//! How people get it wrong, and functions that are right but for the bugs that they are asked to
//! have.

use super::GCounter;
use crate::exercise::{Bugs, mistakes};

mistakes! {
    IncrementsFirst, "increments entry 0":
        "It counts in entry 0 at every replica, but that is replica 0's alone: of two that write \
         it, the larger hides the smaller.";
    | IncrementsByOne, "increments by one":
        "It counts one each time, but an increment says how much.";
    | Replaces, "an increment replaces the entry":
        "It keeps what was counted last, but an entry is all that the replica has counted.";
    | OwnIsTotal, "the own entry is the total":
        "It keeps the value in its own entry, but what others counted is in theirs already.";
    Adds, "merge adds":
        "It takes two readings of an entry for two counts, but the larger contains the smaller, \
         and adding them counts it twice.";
    | Smaller, "merge keeps the smaller":
        "It takes the smaller reading for the safe one, but an entry only grows: the smaller is \
         the older.";
    | OwnOnly, "merge takes nothing in":
        "It does nothing, or looks only at its own entry, but the others are what it has to hear \
         of.";
    | TakesAll, "merge takes the other's entries":
        "It takes the sender's entries for newer than its own, but each of the two knows something \
         that the other does not.";
    | TakesOthers, "merge keeps its own and takes the rest":
        "It protects its own entry and believes the sender in all others, but a message may come \
         late, or from one who has heard less of a third replica.";
    | TakesOwn, "merge replaces its own entry":
        "It lets the sender say what this replica has counted, but no other knows more of it.";
    | LargerSum, "merge keeps the row with the larger sum":
        "It takes the row with the larger sum for the newer, but each may be ahead in another \
         entry.";
    | CountsMessage, "merge counts the message as well":
        "It counts a receipt as an event, as clocks do, but here only increments count.";
    | LeavesOutFirst, "merge leaves out entry 0":
        "It begins with entry 1, but entries are counted from 0.";
    | StopsEarly, "merge stops at the first entry without news":
        "It ends the loop where the message knows no more of an entry, but it may know more of the \
         next.";
    Largest, "the value is the largest entry":
        "It takes the larger, as merging does, but different entries count different things.";
    | OwnValue, "the value is the own entry":
        "It returns what this replica has counted, but the value is what all have.";
}

pub(super) fn increment(bugs: Bugs<Bug>, counter: &mut GCounter, by: u64) {
    let total: u64 = counter.entries.iter().sum();
    let own = &mut counter.entries[counter.node];
    match () {
        () if bugs.has(Bug::IncrementsFirst) => counter.entries[0] += by,
        () if bugs.has(Bug::IncrementsByOne) => *own += 1,
        () if bugs.has(Bug::Replaces) => *own = by,
        () if bugs.has(Bug::OwnIsTotal) => *own = total + by,
        () => *own += by,
    }
}

pub(super) fn merge(bugs: Bugs<Bug>, counter: &mut GCounter, entries: &[u64]) {
    let own = counter.node;
    if bugs.has(Bug::LargerSum) {
        if entries.iter().sum::<u64>() > counter.entries.iter().sum() {
            counter.entries = entries.to_vec();
        }
        return;
    }
    for (node, (mine, &theirs)) in counter.entries.iter_mut().zip(entries).enumerate() {
        let is_own = node == own;
        *mine = match () {
            () if bugs.has(Bug::Adds) => *mine + theirs,
            () if bugs.has(Bug::Smaller) => theirs.min(*mine),
            () if bugs.has(Bug::OwnOnly) && !is_own => *mine,
            () if bugs.has(Bug::TakesAll) => theirs,
            () if bugs.has(Bug::TakesOthers) && !is_own => theirs,
            () if bugs.has(Bug::TakesOwn) && is_own => theirs,
            () if bugs.has(Bug::LeavesOutFirst) && node == 0 => *mine,
            () if bugs.has(Bug::StopsEarly) && theirs <= *mine => break,
            () => theirs.max(*mine),
        };
    }
    counter.entries[own] += u64::from(bugs.has(Bug::CountsMessage));
}

pub(super) fn value(bugs: Bugs<Bug>, counter: &GCounter) -> u64 {
    match () {
        () if bugs.has(Bug::Largest) => counter.entries.iter().copied().max().unwrap_or(0),
        () if bugs.has(Bug::OwnValue) => counter.entries[counter.node],
        () => counter.entries.iter().sum(),
    }
}
