//! What is wrong with a step, and what helps: said of this step alone.

use super::cases::{Case, Does};
use super::{After, Counter};
use crate::exercise::{Exercise, Rule};

/// The rule that is broken by what a replica is at after this step, the first wrong one.
pub(super) fn broken(case: &Case, want: &[After], got: &[After], step: usize) -> Rule {
    let [before, message] = case.before(step, want);
    let (want, got) = (&want[step].counter, &got[step]);
    if got.value.is_none() {
        return Rule::new(
            "A replica keeps its number, which says which entry is its own; and a counter has an \
             entry for each replica, from the beginning to the end.",
            "Read counter.node, and change the numbers in counter.entries where they stand: \
             nothing is pushed, extended or cleared.",
        );
    }
    let rule = match case.steps[step].does {
        _ if got.counter == *want => Rule::new(
            "The value is the sum of all entries: each increment is in exactly one of them.",
            "In value, add all of counter.entries up: each of them once, the own one among them.",
        ),
        Does::Merge { .. } => merging(&before, &message, &want.entries, &got.counter.entries),
        Does::Read | Does::Count(_) => Rule::new(
            "A count is added to the own entry, as much as was counted, on top of all that this \
             replica has counted before; and to no other: every entry has one writer.",
            "In increment, counter.entries[counter.node] += by: += and not =, whatever number the \
             node has, and added to what this one entry was, not to the value.",
        ),
    };
    Rule { hint: hint_for_size(case).unwrap_or(rule.hint), ..rule }
}

/// What helps where the numbers are large, or the replicas many.
fn hint_for_size(case: &Case) -> Option<&'static str> {
    let entries = Counter::expected(case).into_iter().flat_map(|after| after.counter.entries);
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

fn merging(before: &[u64], message: &[u64], want: &[u64], got: &[u64]) -> Rule {
    if got.iter().zip(before).any(|(got, mine)| got < mine) {
        Rule::new(
            "Merging only grows: an entry that was known never falls, whatever a message says or \
             does not know.",
            "In merge, set each entry to the larger of the two, with u64::max, the own entry as \
             well: where that of the message is smaller, nothing changes.",
        )
    } else if got.iter().zip(want).any(|(got, want)| got > want) {
        Rule::new(
            "Merging counts nothing: no entry comes out above the larger of the two readings, \
             which contains the other. So it is idempotent: the same message once more changes \
             nothing.",
            "In merge, set entry i to the larger of entry i here and entry i of the message. \
             Nothing is added, neither what the message says nor 1 for the message itself.",
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
