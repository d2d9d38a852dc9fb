//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use super::GCounter;
use crate::exercise::{Bugs, mistakes};

mistakes! {
    [
        IncrementsFirst, "increments entry 0":
            "It counts in entry 0 at every replica, but entry 0 is replica 0's alone: of two that \
             write it, the larger hides the smaller.";
        IncrementsByOne, "increments by one":
            "It counts one each time, but an increment says how much.";
        Replaces, "an increment replaces the entry":
            "It makes the entry what was counted last, but the entry is what the replica has \
             counted in all, and never falls.";
        OwnIsTotal, "the own entry is the total":
            "It keeps the value in its own entry, but that has to hold what this replica counted \
             itself: what others counted is in their entries already.";
    ]
    [
        Adds, "merge adds":
            "It takes two readings of an entry for two counts, but they are readings of one: the \
             larger contains the smaller, and adding them counts it twice.";
        Smaller, "merge keeps the smaller":
            "It takes the smaller reading for the safe one, but an entry only grows: the smaller \
             is the older, and what was counted since is forgotten.";
        OwnOnly, "merge takes nothing in":
            "It leaves the entries as they were: either it does nothing, or it looks only at the \
             own entry, which no other replica knows better. The others are what it has to hear \
             of.";
        TakesAll, "merge takes the other's entries":
            "It takes the sender's entries for newer than its own, but each of the two knows \
             something that the other does not.";
        TakesOthers, "merge keeps its own and takes the rest":
            "It protects its own entry and believes the sender in all others, but a message may \
             come late, or from one who has heard less of a third replica.";
        TakesOwn, "merge replaces its own entry":
            "It lets the sender say what this replica has counted, but no other replica knows more \
             of that, and most know less.";
        LargerSum, "merge keeps the row with the larger sum":
            "It takes the row of entries with the larger sum for the newer, but of two rows \
             neither need be: each may be ahead in another entry.";
        CountsMessage, "merge counts the message as well":
            "It takes a receipt for an event to be counted, as clocks do, but here only increments \
             count: what was sent is all that changes.";
        LeavesOutFirst, "merge leaves out entry 0":
            "It begins with entry 1, but entries are counted from 0: what replica 0 has counted \
             never arrives.";
        StopsEarly, "merge stops at the first entry without news":
            "It ends the loop where the message knows no more of an entry, but it may know more of \
             the next.";
    ]
    [
        Largest, "the value is the largest entry":
            "It takes the largest entry for the value, as merging takes the larger of two, but \
             different entries count different things, and all of them count.";
        OwnValue, "the value is the own entry":
            "It says what this replica has counted, but it was asked what all have, as far as it \
             has heard.";
    ]
}

/// What is right, but for the bugs.
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

/// What is right, but for the bugs.
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

/// What is right, but for the bugs.
pub(super) fn value(bugs: Bugs<Bug>, counter: &GCounter) -> u64 {
    match () {
        () if bugs.has(Bug::Largest) => counter.entries.iter().copied().max().unwrap_or(0),
        () if bugs.has(Bug::OwnValue) => counter.entries[counter.node],
        () => counter.entries.iter().sum(),
    }
}
