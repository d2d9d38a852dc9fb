//! How people get it wrong: each misunderstanding as the code that it leads to.
//!
//! All but what it touches is as in a right solution, so that each is known by its own answers.

use super::{GCounter, Solution};
use crate::Mistake;

pub(super) const ALL: &[Mistake<Solution>] = &[
    Mistake {
        name: "merge adds",
        misunderstanding: "It takes two readings of an entry for two counts, but they are readings \
                           of one: the larger contains the smaller, and adding them counts it \
                           twice.",
        hint: "Where both have a number for the same replica, keep the larger: u64::max.",
        solution: merging(merge_adds),
    },
    Mistake {
        name: "merge adds the others' entries",
        misunderstanding: "It keeps its own entry and adds what it hears of the others, but a \
                           message holds all that they have counted and not what is new: the \
                           second message counts the first once more.",
        hint: "Do for every entry what is right for one: keep the larger of what is known and what \
               is told.",
        solution: merging(merge_adds_the_others),
    },
    Mistake {
        name: "merge keeps the smaller",
        misunderstanding: "It takes the smaller reading for the safe one, but an entry only grows: \
                           the smaller is the older, and what was counted since is forgotten.",
        hint: "Turn the comparison round: of each pair the larger stays.",
        solution: merging(merge_keeps_the_smaller),
    },
    Mistake {
        name: "merge takes nothing in",
        misunderstanding: "It leaves the entries as they were: either it does nothing, or it looks \
                           only at the own entry, the one which nobody knows better. What it has \
                           to hear of are the others.",
        hint: "Change the entries of the counter, and those of all replicas: not only the one at \
               `node`.",
        solution: merging(merge_own_only),
    },
    Mistake {
        name: "merge takes the other's entries",
        misunderstanding: "It takes the sender's entries for newer than its own, but each of the \
                           two knows something that the other does not.",
        hint: "Do not assign; compare entry by entry and keep the larger.",
        solution: merging(merge_takes_the_others),
    },
    Mistake {
        name: "merge keeps its own and takes the rest",
        misunderstanding: "It protects its own entry and believes the sender in all others, but a \
                           message may come late, or from one who has heard less of a third \
                           replica.",
        hint: "The other entries are compared as well: the larger stays.",
        solution: merging(merge_keeps_own),
    },
    Mistake {
        name: "merge replaces its own entry",
        misunderstanding: "It lets the sender say what this replica has counted, but nobody knows \
                           more of that than the replica itself, and most know less.",
        hint: "Treat the own entry as all others: the larger of the two stays.",
        solution: merging(merge_replaces_own),
    },
    Mistake {
        name: "merge keeps the row with the larger sum",
        misunderstanding: "It takes the row of entries with the larger sum for the newer, but of \
                           two rows neither need be: each may be ahead in another entry.",
        hint: "Compare entry with entry, not sum with sum, and keep the larger of each pair.",
        solution: merging(merge_larger_sum),
    },
    Mistake {
        name: "merge keeps the larger row",
        misunderstanding: "It takes the larger of two rows as Rust compares slices, but that looks \
                           at the first difference alone and drops the other row whole.",
        hint: "Compare within each pair: zip the two rows and use u64::max on the numbers.",
        solution: merging(merge_larger_row),
    },
    Mistake {
        name: "merge believes the first news only",
        misunderstanding: "It takes an entry in only where it knows nothing, but the entry grows \
                           on, and later messages say how far.",
        hint: "Do not ask whether an entry is 0, but whether what is told is larger.",
        solution: merging(merge_first_news),
    },
    Mistake {
        name: "merge takes every entry that is not 0",
        misunderstanding: "It takes every number but 0 for news, but a message may come late, and \
                           then its numbers are the older and the smaller.",
        hint: "Do not ask whether what is told is 0, but whether it is larger than what is known.",
        solution: merging(merge_takes_all_but_0),
    },
    Mistake {
        name: "merge adds what is told to its own entry",
        misunderstanding: "It counts what others have counted as if it had been counted here, but \
                           entry i is replica i's alone: once told on, it comes back and is \
                           counted twice.",
        hint: "Put what is told of replica i into entry i, as the larger of the two.",
        solution: merging(merge_into_own),
    },
    Mistake {
        name: "merge counts the message as well",
        misunderstanding: "It takes a receipt for an event to be counted, as clocks do, but here \
                           only increments count: what was told is all that changes.",
        hint: "Leave the own entry as it is once the larger of each pair stays: nothing is added.",
        solution: merging(merge_counts_the_message),
    },
    Mistake {
        name: "merge stops after the first entry",
        misunderstanding: "It merges entry 0 and leaves the rest, but a message has news of every \
                           replica.",
        hint: "Go through all pairs of entries: nothing in the loop may end it early.",
        solution: merging(merge_first_only),
    },
    Mistake {
        name: "increments entry 0",
        misunderstanding: "It counts in entry 0 at every replica, but entry 0 is replica 0's \
                           alone: of two that write it, the larger hides the smaller.",
        hint: "The entry to increment is the one at `counter.node`.",
        solution: incrementing(increment_entry_0),
    },
    Mistake {
        name: "increments every entry",
        misunderstanding: "It counts in every entry, but each says what one replica has counted, \
                           and the sum has the increment once for each.",
        hint: "Increment the one entry at `counter.node`.",
        solution: incrementing(increment_every),
    },
    Mistake {
        name: "increments by one",
        misunderstanding: "It counts one each time, but an increment says how much.",
        hint: "Add `by`.",
        solution: incrementing(increment_by_one),
    },
    Mistake {
        name: "an increment replaces the entry",
        misunderstanding: "It makes the entry what was counted last, but the entry is what the \
                           replica has counted in all, and never falls.",
        hint: "Add `by` to what stands in the entry: += and not =.",
        solution: incrementing(increment_replaces),
    },
    Mistake {
        name: "the own entry is the total",
        misunderstanding: "It keeps the value in its own entry, but that has to hold what this \
                           replica counted itself: what others counted is in their entries \
                           already.",
        hint: "Add `by` to the own entry, not to the value.",
        solution: incrementing(increment_total),
    },
    Mistake {
        name: "the value is the largest entry",
        misunderstanding: "It takes the largest entry for the value, as merging takes the larger \
                           of two, but different entries count different things, and all of them \
                           count.",
        hint: "Add the entries up.",
        solution: valued(value_is_the_largest),
    },
    Mistake {
        name: "the value is the own entry",
        misunderstanding: "It says what this replica has counted, but it was asked what all have, \
                           as far as it has heard.",
        hint: "Add up all entries, not the one at `node`.",
        solution: valued(value_is_own),
    },
];

const RIGHT: Solution = Solution {
    increment: |counter, by| counter.entries[counter.node] += by,
    merge: |counter, entries| each(counter, entries, |_, mine, theirs| mine.max(theirs)),
    value: |counter| counter.entries.iter().sum(),
};

const fn incrementing(increment: fn(&mut GCounter, u64)) -> Solution {
    Solution { increment, ..RIGHT }
}

const fn merging(merge: fn(&mut GCounter, &[u64])) -> Solution {
    Solution { merge, ..RIGHT }
}

const fn valued(value: fn(&GCounter) -> u64) -> Solution {
    Solution { value, ..RIGHT }
}

/// Makes each entry what `of` says, given whether it is the own one, and both readings.
fn each(counter: &mut GCounter, entries: &[u64], of: fn(bool, u64, u64) -> u64) {
    let own = counter.node;
    for (node, (mine, theirs)) in counter.entries.iter_mut().zip(entries).enumerate() {
        *mine = of(node == own, *mine, *theirs);
    }
}

fn merge_adds(counter: &mut GCounter, entries: &[u64]) {
    each(counter, entries, |_, mine, theirs| mine + theirs);
}

fn merge_adds_the_others(counter: &mut GCounter, entries: &[u64]) {
    each(counter, entries, |own, mine, theirs| if own { mine } else { mine + theirs });
}

fn merge_keeps_the_smaller(counter: &mut GCounter, entries: &[u64]) {
    each(counter, entries, |_, mine, theirs| mine.min(theirs));
}

fn merge_own_only(counter: &mut GCounter, entries: &[u64]) {
    each(counter, entries, |own, mine, theirs| if own { mine.max(theirs) } else { mine });
}

fn merge_takes_the_others(counter: &mut GCounter, entries: &[u64]) {
    counter.entries = entries.to_vec();
}

fn merge_keeps_own(counter: &mut GCounter, entries: &[u64]) {
    each(counter, entries, |own, mine, theirs| if own { mine } else { theirs });
}

fn merge_replaces_own(counter: &mut GCounter, entries: &[u64]) {
    each(counter, entries, |own, mine, theirs| if own { theirs } else { mine.max(theirs) });
}

fn merge_larger_sum(counter: &mut GCounter, entries: &[u64]) {
    if entries.iter().sum::<u64>() > counter.entries.iter().sum() {
        counter.entries = entries.to_vec();
    }
}

fn merge_larger_row(counter: &mut GCounter, entries: &[u64]) {
    if *entries > counter.entries[..] {
        counter.entries = entries.to_vec();
    }
}

fn merge_first_news(counter: &mut GCounter, entries: &[u64]) {
    each(counter, entries, |_, mine, theirs| if mine == 0 { theirs } else { mine });
}

fn merge_takes_all_but_0(counter: &mut GCounter, entries: &[u64]) {
    each(counter, entries, |_, mine, theirs| if theirs == 0 { mine } else { theirs });
}

fn merge_into_own(counter: &mut GCounter, entries: &[u64]) {
    counter.entries[counter.node] += entries.iter().sum::<u64>();
}

fn merge_counts_the_message(counter: &mut GCounter, entries: &[u64]) {
    (RIGHT.merge)(counter, entries);
    counter.entries[counter.node] += 1;
}

fn merge_first_only(counter: &mut GCounter, entries: &[u64]) {
    counter.entries[0] = counter.entries[0].max(entries[0]);
}

fn increment_entry_0(counter: &mut GCounter, by: u64) {
    counter.entries[0] += by;
}

fn increment_every(counter: &mut GCounter, by: u64) {
    counter.entries.iter_mut().for_each(|entry| *entry += by);
}

fn increment_by_one(counter: &mut GCounter, _by: u64) {
    counter.entries[counter.node] += 1;
}

fn increment_replaces(counter: &mut GCounter, by: u64) {
    counter.entries[counter.node] = by;
}

fn increment_total(counter: &mut GCounter, by: u64) {
    counter.entries[counter.node] = counter.entries.iter().sum::<u64>() + by;
}

fn value_is_the_largest(counter: &GCounter) -> u64 {
    counter.entries.iter().copied().max().unwrap_or(0)
}

fn value_is_own(counter: &GCounter) -> u64 {
    counter.entries[counter.node]
}
