//! What is wrong with an answer, and what helps: said of this case alone.

use super::{Answer, Case, CausalOrdering, cases::FEW, first_difference};
use crate::exercise::Rule;

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(case: &Case, want: &Answer, got: &Answer) -> Rule {
    let rule = match (want, got) {
        (Answer::Ordering(want), _) => ordering(*want),
        (Answer::Vector(want), Answer::Vector(got)) => {
            let node = first_difference(want, got);
            entry(case.own == Some(node), case.vectors[0][node], want[node], got[node])
        }
        _ => unreachable!("a receipt is answered by a vector"),
    };
    Rule { hint: hint_for_size(case).unwrap_or(rule.hint), ..rule }
}

/// What helps where the numbers are large, or the nodes many.
fn hint_for_size(case: &Case) -> Option<&'static str> {
    if case.vectors.iter().flatten().any(|&entry| entry >= u64::from(u8::MAX)) {
        return Some(
            "An entry is a whole u64: compare the two numbers themselves, and keep them as they \
             are. A cast with `as`, a difference or a sum of them may not fit.",
        );
    }
    (case.vectors[0].len() > FEW).then_some(
        "However many nodes there are, go through every entry, from 0 to the last; and use `own` \
         as it came.",
    )
}

/// What is wrong with an entry after a receipt, before which it was `mine`.
fn entry(is_own: bool, mine: u64, want: u64, got: u64) -> Rule {
    if is_own {
        Rule::new(
            "A receipt is one event of the node that receives: its own entry is one more than \
             before, whatever the message says.",
            "Add 1 to mine[own] as it was: once, in any case, and whatever stands in the other \
             entries and in theirs[own].",
        )
    } else if got > want {
        Rule::new(
            "Of another node the receipt knows what the node and the message knew, and no more. An \
             entry above both counts events that never happened.",
            "Leave the larger of mine[i] and theirs[i] as it is: the two are not added, and 1 is \
             added to mine[own] alone.",
        )
    } else if want == mine {
        Rule::new(
            "To receive a message is to forget nothing: an entry that the message does not know \
             more of stays.",
            "Set mine[i] to the larger of mine[i] and theirs[i], with u64::max: where theirs[i] is \
             not larger, nothing changes.",
        )
    } else {
        Rule::new(
            "What the sender knew has come with the message: an entry of it that is larger is \
             taken over.",
            "Set mine[i] to the larger of mine[i] and theirs[i], with u64::max, for every node i \
             from 0 on.",
        )
    }
}

/// What is wrong with an answer in place of this one.
fn ordering(want: CausalOrdering) -> Rule {
    match want {
        CausalOrdering::Equal => Rule::new(
            "Stamps that are the same in every entry are of the same event.",
            "Answer Equal where no entry of a is smaller and none is larger, before you decide on \
             any other answer.",
        ),
        CausalOrdering::Before | CausalOrdering::After => Rule::new(
            "a is before b if b knows all that a does, and more: no entry of a is larger, and some \
             is smaller. After is the reverse. Entries that are the same do not matter.",
            "Answer Before where *some* entry of a, the first argument, is smaller (any, not all) \
             and none is larger; After where some is larger and none is smaller.",
        ),
        CausalOrdering::Concurrent => Rule::new(
            "If each knows of an event that the other does not, neither was before the other: some \
             entry of a is larger, and some is smaller.",
            "Look at every entry before you answer. Note whether some entry of a is smaller and \
             whether some is larger; if both, it is Concurrent.",
        ),
    }
}
