//! What is wrong with a step, and what helps: said of this step alone.

use super::After;
use super::cases::{Case, Right};
use crate::exercise::Rule;

/// The rule that is broken by what a replica is at after a step.
pub(super) fn broken(case: &Case, right: &Right, got: &After) -> Rule {
    let (want, entries) = (&right.after.counter, &got.counter.entries);
    if entries.len() != want.entries.len() {
        return Rule::new(
            "A counter has an entry for each replica, from the beginning to the end: none is added \
             and none is removed.",
            "Change the numbers in counter.entries where they stand, entry by entry: nothing is \
             pushed, extended or cleared.",
        );
    }
    if got.counter.node != want.node {
        return Rule::new(
            "A replica keeps its number: it says which of the entries is its own.",
            "Read counter.node, and change nothing but counter.entries.",
        );
    }
    let rule = match &right.message {
        _ if *entries == want.entries => Rule::new(
            "The value is the sum of all entries: each increment is in exactly one of them.",
            "In value, add all of counter.entries up: each of them once, the own one among them.",
        ),
        None => counting(right, entries),
        Some(message) => merging(right, message, entries),
    };
    Rule { hint: hint_for_size(case).unwrap_or(rule.hint), ..rule }
}

/// What helps where the numbers are large, or the replicas many.
fn hint_for_size(case: &Case) -> Option<&'static str> {
    let entries = case.right().into_iter().flat_map(|right| right.after.counter.entries);
    if entries.max() >= Some(u64::from(u8::MAX)) {
        return Some(
            "Entries, counts and the value are whole u64: add and compare them as they are. A cast \
             with `as`, or a difference of two, may not fit.",
        );
    }
    (case.replicas > 3).then_some(
        "However many replicas there are, go through every entry, from 0 to the last; and use \
         counter.node as it is.",
    )
}

fn counting(right: &Right, got: &[u64]) -> Rule {
    let own = right.step.at();
    if got[own] == right.after.counter.entries[own] {
        Rule::new(
            "A replica increments its own entry alone: every entry has one writer.",
            "In increment, change counter.entries[counter.node] and no other entry.",
        )
    } else if got[own] == right.before[own] {
        Rule::new(
            "A replica counts in its own entry: after it, this entry is larger by as much as was \
             counted.",
            "In increment, add `by` to what counter.entries[counter.node] was (+= and not =), \
             whatever number the node has.",
        )
    } else {
        Rule::new(
            "A count is added to the own entry, as much as was counted, on top of all that this \
             replica has counted before.",
            "In increment, counter.entries[counter.node] += by: as much as `by` says, added to \
             what this one entry was, and not to the value.",
        )
    }
}

fn merging(right: &Right, message: &[u64], got: &[u64]) -> Rule {
    let want = &right.after.counter.entries;
    let fell = got.iter().zip(&right.before).any(|(got, mine)| got < mine);
    let rose = got.iter().zip(want).any(|(got, want)| got > want);
    if fell {
        Rule::new(
            "Merging only grows: an entry that was known never falls, whatever a message says or \
             does not know.",
            "In merge, set each entry to the larger of the two, with u64::max, the own entry as \
             well: where that of the message is smaller, nothing changes.",
        )
    } else if rose && right.is_again {
        Rule::new(
            "Merging is idempotent: the same message once more changes nothing. What it says is \
             counted already.",
            "In merge, set each entry to the larger of the two, with u64::max. Nothing is added, \
             neither what the message says nor 1 for the message itself.",
        )
    } else if rose {
        Rule::new(
            "Merging counts nothing: no entry comes out larger than the larger of the two \
             readings, which contains the other.",
            "In merge, set entry i to the larger of entry i here and entry i of the message. \
             Nothing is added, and no entry goes into another.",
        )
    } else if message == want {
        Rule::new(
            "Where a message knows at least as much of every entry, all that it knows is taken \
             over.",
            "In merge, set each entry to the larger of the two, with u64::max: every entry, from 0 \
             to the last, whether it was 0 or not.",
        )
    } else {
        Rule::new(
            "Each knows something that the other does not, and merging keeps both: of each pair of \
             entries the larger.",
            "In merge, decide for each entry by itself, with u64::max, and go on to the next \
             whatever came out. The message is never taken or left as a whole.",
        )
    }
}
