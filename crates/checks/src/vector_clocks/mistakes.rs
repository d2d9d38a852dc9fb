//! How people get it wrong: each misunderstanding as the function that it leads to.
//!
//! The other function is right, and a diagnosis does not look at it.

use std::cmp::Ordering;

use super::{CausalOrdering, Compare, Functions, Receive};
use crate::Mistake;

pub(super) const ALL: &[Mistake<Functions>] = &[
    Mistake {
        name: "a receipt is no event",
        misunderstanding: "It unites what the two knew and leaves it at that, but the receipt is \
                           an event of its node, and without a count of its own it has the stamp \
                           of another.",
        hint: "In receive, add 1 to mine[own] at the end.",
        solution: receives(|_, mine, theirs| merge(mine, theirs)),
    },
    Mistake {
        name: "min for max",
        misunderstanding: "It keeps what both knew, but the receipt knows what either did.",
        hint: "In receive, take the larger of each two entries.",
        solution: receives(|own, mine, theirs| {
            let tick = mine[own] + 1;
            each(mine, theirs, |mine, theirs| mine.min(theirs));
            mine[own] = tick;
        }),
    },
    Mistake {
        name: "overwrites its vector",
        misunderstanding: "It takes the message's stamp for news of everything, but the sender may \
                           not have heard what this node knows.",
        hint: "In receive, take the larger of each two entries instead of the message's.",
        solution: receives(|own, mine, theirs| {
            mine.copy_from_slice(theirs);
            mine[own] += 1;
        }),
    },
    Mistake {
        name: "overwrites all entries but its own",
        misunderstanding: "It believes the message about all nodes but itself, but the sender may \
                           know less of a third node, or an older message may arrive late.",
        hint: "In receive, take the larger of each two entries, for the other nodes, too.",
        solution: receives(|own, mine, theirs| {
            let tick = mine[own] + 1;
            mine.copy_from_slice(theirs);
            mine[own] = tick;
        }),
    },
    Mistake {
        name: "ticks every entry",
        misunderstanding: "It adds 1 to all entries, as a Lamport clock does to its one, but only \
                           one node had an event: the others' entries would count events that \
                           never happened.",
        hint: "In receive, add 1 to mine[own] alone.",
        solution: receives(|_, mine, theirs| {
            each(mine, theirs, |mine, theirs| mine.max(theirs) + 1)
        }),
    },
    Mistake {
        name: "ticks every entry that it raises",
        misunderstanding: "It goes one past each entry that is news, but the sender counted that \
                           node's events already, and only the receiver had another.",
        hint: "In receive, take over a larger entry as it is, and add 1 to mine[own] alone.",
        solution: receives(|own, mine, theirs| {
            each(mine, theirs, |mine, theirs| match theirs > mine {
                true => theirs + 1,
                false => mine,
            });
            mine[own] += 1;
        }),
    },
    Mistake {
        name: "adds the vectors",
        misunderstanding: "It adds what the two knew, but most of that may be the same events, \
                           which are counted twice then.",
        hint: "In receive, take the larger of each two entries instead of their sum.",
        solution: receives(|own, mine, theirs| {
            each(mine, theirs, |mine, theirs| mine + theirs);
            mine[own] += 1;
        }),
    },
    Mistake {
        name: "receive ignores the stamp",
        misunderstanding: "It counts the receipt and leaves the stamp aside, but what the sender \
                           knew has come with the message.",
        hint: "In receive, take the larger of each two entries before you add 1 to mine[own].",
        solution: receives(|own, mine, _| mine[own] += 1),
    },
    Mistake {
        name: "its own entry is a Lamport clock",
        misunderstanding: "It puts its own entry above all numbers that it sees, but an entry \
                           counts the events of one node, and this node had one more.",
        hint: "In receive, add 1 to mine[own] as it was, however large the other entries are.",
        solution: receives(|own, mine, theirs| {
            merge(mine, theirs);
            mine[own] = mine.iter().max().map_or(1, |largest| largest + 1);
        }),
    },
    Mistake {
        name: "an old message is no event",
        misunderstanding: "It passes over a message that tells it nothing new, but the receipt \
                           happens all the same, and gets a stamp of its own.",
        hint: "In receive, add 1 to mine[own] in any case.",
        solution: receives(|own, mine, theirs| {
            if mine.iter().zip(theirs).any(|(mine, theirs)| theirs > mine) {
                merge(mine, theirs);
                mine[own] += 1;
            }
        }),
    },
    Mistake {
        name: "takes the later of the two vectors",
        misunderstanding: "It takes one of the two vectors whole, but of two that are concurrent \
                           each knows something that the other does not.",
        hint: "In receive, decide for each entry by itself which is the larger.",
        solution: receives(|own, mine, theirs| {
            if *theirs > *mine {
                mine.copy_from_slice(theirs);
            }
            mine[own] += 1;
        }),
    },
    Mistake {
        name: "compares the first entry",
        misunderstanding: "It takes the first entry for the stamp, but that is what is known of \
                           one node, and the others may say the reverse.",
        hint: "In compare, look at all entries: is some smaller, and is some larger?",
        solution: compares(|a, b| total(a[0].cmp(&b[0]))),
    },
    Mistake {
        name: "compares as words are sorted",
        misunderstanding: "It lets the first difference decide, as `<` does for slices, but a \
                           later entry may differ the other way, and then the stamps are \
                           concurrent.",
        hint: "In compare, go on after the first difference: is some entry smaller, and is some \
               larger?",
        solution: compares(|a, b| total(a.cmp(b))),
    },
    Mistake {
        name: "compares the sums",
        misunderstanding: "It compares how many events are known, but not which: to know more is \
                           not to know all that the other knows.",
        hint: "In compare, compare entry with entry; a sum forgets whose events they are.",
        solution: compares(|a, b| total(a.iter().sum::<u64>().cmp(&b.iter().sum()))),
    },
    Mistake {
        name: "compares the largest entries",
        misunderstanding: "It takes the largest entry for the time of the event, but entries of \
                           two nodes count different events, and no clock is common to them.",
        hint: "In compare, compare each entry with that of the same node.",
        solution: compares(|a, b| total(a.iter().max().cmp(&b.iter().max()))),
    },
    Mistake {
        name: "equal called concurrent",
        misunderstanding: "It calls everything concurrent that is neither before nor after, but a \
                           stamp that is the same in every entry is that of the same event.",
        hint: "In compare, answer Equal where no entry differs.",
        solution: compares(|a, b| match (smaller(a, b), smaller(b, a)) {
            (true, false) => CausalOrdering::Before,
            (false, true) => CausalOrdering::After,
            _ => CausalOrdering::Concurrent,
        }),
    },
    Mistake {
        name: "concurrent called equal",
        misunderstanding: "It calls everything equal that is neither before nor after, but two \
                           stamps of which each is somewhere larger are of two events that know \
                           nothing of each other.",
        hint: "In compare, answer Concurrent where some entry is smaller and some is larger.",
        solution: compares(|a, b| match (smaller(a, b), smaller(b, a)) {
            (true, false) => CausalOrdering::Before,
            (false, true) => CausalOrdering::After,
            _ => CausalOrdering::Equal,
        }),
    },
    Mistake {
        name: "equal called before",
        misunderstanding: "It takes \"nowhere larger\" for enough, but before asks for \"somewhere \
                           smaller\" as well: nothing happened before itself.",
        hint: "In compare, answer Equal before you ask whether no entry is larger.",
        solution: compares(|a, b| match (smaller(a, b), smaller(b, a)) {
            (_, false) => CausalOrdering::Before,
            (false, true) => CausalOrdering::After,
            (true, true) => CausalOrdering::Concurrent,
        }),
    },
    Mistake {
        name: "Before and After swapped",
        misunderstanding: "It answers for the second stamp, or takes the larger for the earlier, \
                           but the question is whether a was before b: whether b knows all that a \
                           knew, and more.",
        hint: "In compare, answer Before where the entries of a are the smaller ones.",
        solution: compares(|a, b| match (smaller(a, b), smaller(b, a)) {
            (false, false) => CausalOrdering::Equal,
            (true, false) => CausalOrdering::After,
            (false, true) => CausalOrdering::Before,
            (true, true) => CausalOrdering::Concurrent,
        }),
    },
    Mistake {
        name: "before is smaller everywhere",
        misunderstanding: "It asks for every entry to be smaller, but where no news of a node came \
                           between the two events, its entry is the same in both.",
        hint: "In compare, let entries that are equal pass: none may be larger, and one has to be \
               smaller.",
        solution: compares(|a, b| {
            let everywhere = |a: &[u64], b: &[u64]| a.iter().zip(b).all(|(a, b)| a < b);
            match (everywhere(a, b), everywhere(b, a)) {
                (true, _) => CausalOrdering::Before,
                (_, true) => CausalOrdering::After,
                _ if a == b => CausalOrdering::Equal,
                _ => CausalOrdering::Concurrent,
            }
        }),
    },
    Mistake {
        name: "before is smaller somewhere",
        misunderstanding: "It takes one smaller entry for enough, but then the first may still \
                           know of events that the second does not.",
        hint: "In compare, before you answer Before, see that no entry of a is larger.",
        solution: compares(|a, b| match (smaller(a, b), smaller(b, a)) {
            (true, _) => CausalOrdering::Before,
            (_, true) => CausalOrdering::After,
            _ => CausalOrdering::Equal,
        }),
    },
];

const fn receives(receive: Receive) -> Functions {
    Functions { receive, ..RIGHT }
}

const fn compares(compare: Compare) -> Functions {
    Functions { compare, ..RIGHT }
}

const RIGHT: Functions = Functions {
    receive: |own, mine, theirs| {
        merge(mine, theirs);
        mine[own] += 1;
    },
    compare: |a, b| match (smaller(a, b), smaller(b, a)) {
        (false, false) => CausalOrdering::Equal,
        (true, false) => CausalOrdering::Before,
        (false, true) => CausalOrdering::After,
        (true, true) => CausalOrdering::Concurrent,
    },
};

fn merge(mine: &mut [u64], theirs: &[u64]) {
    each(mine, theirs, |mine, theirs| mine.max(theirs));
}

fn each(mine: &mut [u64], theirs: &[u64], of: fn(u64, u64) -> u64) {
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine = of(*mine, *theirs);
    }
}

/// Whether some entry of `a` is smaller.
fn smaller(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).any(|(a, b)| a < b)
}

/// What becomes of two stamps where one number is compared, which knows no "concurrent".
fn total(order: Ordering) -> CausalOrdering {
    match order {
        Ordering::Less => CausalOrdering::Before,
        Ordering::Equal => CausalOrdering::Equal,
        Ordering::Greater => CausalOrdering::After,
    }
}
