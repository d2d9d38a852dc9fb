//! What is wrong with an answer, and what helps: said of this case alone.

use super::{Answer, Case, CausalOrdering, cases::FEW, first_difference};
use crate::exercise::Rule;

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(case: &Case, want: &Answer, got: &Answer) -> Rule {
    let rule = match (case, want, got) {
        (Case::Receive { own, mine, .. }, Answer::Vector(want), Answer::Vector(got)) => {
            let wrong = first_difference(want, got);
            let node = wrong.expect("an answer that is wrong differs in some entry");
            entry(node == *own, mine[node], want[node], got[node])
        }
        (_, Answer::Ordering(want), Answer::Ordering(got)) => ordering(*want, *got),
        _ => unreachable!("a receipt is answered by a vector, a comparison by an ordering"),
    };
    Rule { hint: hint_for_size(case).unwrap_or(rule.hint), ..rule }
}

/// What helps where the numbers are large, or the nodes many.
fn hint_for_size(case: &Case) -> Option<&'static str> {
    let (_, one, other) = case.call();
    let is_large = one.iter().chain(other).any(|&entry| entry >= u64::from(u8::MAX));
    match case {
        _ if is_large => Some(
            "An entry is a whole u64: compare the two numbers themselves, and keep them as they \
             are. A cast with `as`, a difference or a sum of them may not fit.",
        ),
        _ if one.len() <= FEW => None,
        Case::Receive { .. } => Some(
            "However many nodes there are, set every entry, from 0 to the last, to the larger of \
             the two; and add 1 to mine[own], with `own` as it came.",
        ),
        Case::Compare { .. } => Some(
            "However many nodes there are, look at every entry, from 0 to the last, before you \
             answer.",
        ),
    }
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

fn ordering(want: CausalOrdering, got: CausalOrdering) -> Rule {
    use CausalOrdering::{After, Before, Concurrent, Equal};
    const BEFORE: &str = "a is before b if b knows all that a does, and more: no entry of a is \
                          larger, and some is smaller. Entries that are the same do not matter.";
    const AFTER: &str = "a is after b if a knows all that b does, and more: no entry of a is \
                         smaller, and some is larger. Entries that are the same do not matter.";
    match (want, got) {
        (Equal, _) => Rule::new(
            "Stamps that are the same in every entry are of the same event.",
            "Answer Equal where no entry of a is smaller and none is larger, before you decide on \
             any other answer.",
        ),
        (Before, After) => Rule::new(
            BEFORE,
            "The question is whether a, the first argument, was before: answer Before where the \
             smaller entries are those of a.",
        ),
        (After, Before) => Rule::new(
            AFTER,
            "The question is whether a, the first argument, was before: answer After where the \
             larger entries are those of a.",
        ),
        (Before, _) => Rule::new(
            BEFORE,
            "Answer Before where *some* entry of a is smaller (any, not all) and none is larger.",
        ),
        (After, _) => Rule::new(
            AFTER,
            "Answer After where *some* entry of a is larger (any, not all) and none is smaller.",
        ),
        (Concurrent, _) => Rule::new(
            "If each knows of an event that the other does not, neither was before the other: some \
             entry of a is larger, and some is smaller.",
            "Look at every entry before you answer. Note whether some entry of a is smaller and \
             whether some is larger; if both, it is Concurrent.",
        ),
    }
}
