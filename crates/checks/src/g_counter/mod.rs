//! Lesson 19: a counter with an entry for each replica, whatever the network does to what they tell
//! each other.
//!
//! The cases are small schedules: a replica counts, or merges what another has told, now or in a
//! message that comes late or again. After each step the entries are compared and not only their
//! sum, since two wrong entries can make a right value, and be wrong in the next step.
//!
//! What is right is worked out from which counts a replica has heard of, on whatever way
//! (`Case::right`). No entries are compared for it, so the judge does not lean on any merge. A
//! step's answer follows from its past alone, so the first wrong one is to blame for itself.
//!
//! Left out: messages that do not fit (another length, a replica's own entry ahead of it) and
//! entries near the largest number. The lesson's own counter refuses both.

mod cases;
mod mistakes;
mod observe;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod screen;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;

use crate::{Exercise, Mistake, Screen, Unsolved};
use cases::{Case, LONGEST_OF, Right};
use observe::Answer;

/// What one replica knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GCounter {
    /// The number of this replica, counted from 0. It is below the number of entries.
    pub node: usize,
    /// An entry for each replica: what it has counted, as far as this one has heard.
    pub entries: Vec<u64>,
}

/// What the reader writes.
#[derive(Clone, Copy, Debug)]
pub struct Solution {
    /// Counts so many more at this replica.
    pub increment: fn(&mut GCounter, u64),
    /// Takes in the entries that another replica told.
    pub merge: fn(&mut GCounter, &[u64]),
    /// What all replicas have counted, as far as this one has heard.
    pub value: fn(&GCounter) -> u64,
}

/// The exercise of lesson 19.
#[derive(Clone, Copy, Debug)]
pub struct Counter;

impl Exercise for Counter {
    const NAME: &'static str = "g-counter";
    const STUB: &'static str = include_str!("stub.rs");
    const REFERENCE: &'static str = include_str!("reference.rs");
    const HINTS: [&'static str; 3] = [
        "Who may change entry i, and who only repeats it? Of two numbers that you hear for it, \
         what does the smaller tell you that the larger does not?",
        "An entry has one writer and only grows. So of two readings of it the larger is the newer, \
         and contains the other; and no increment is in two entries. The page has this under \"Why \
         the larger, and why not the sum\".",
        "increment: add `by` to counter.entries[counter.node]. merge: go through both rows side by \
         side (zip), and let each entry be the larger of the two. value: add all entries up.",
    ];
    const WHY: &'static str = "Entry i has one writer and only grows, so the larger of two \
                               readings contains the other. To take it is harmless in any order \
                               and however often, and the sum has every increment once.";
    const ORDER: &'static str = "the fewest steps first, then the fewest replicas";

    type Solution = Solution;
    type Case = Case;
    type Seen = Vec<Answer>;
    type Measure = (usize, usize);

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn is_dangerous(_case: &Case) -> bool {
        false
    }

    fn scope() -> String {
        let sizes = LONGEST_OF.map(|(replicas, longest)| format!("{longest} steps of {replicas}"));
        format!(
            "all schedules of up to {} replicas, in which they count and tell each other what they \
             know, or knew",
            sizes.join(" or ")
        )
    }

    fn size(case: &Case) -> String {
        case.size()
    }

    fn measure(case: &Case) -> Self::Measure {
        case.measure()
    }

    fn observe(solution: Solution, case: &Case) -> Result<Vec<Answer>, Unsolved> {
        observe::observe(solution, case)
    }

    fn broken_rule(case: &Case, seen: &Vec<Answer>) -> Option<&'static str> {
        let right = case.right();
        let mut steps = right.iter().zip(seen);
        let (right, got) = steps.find(|(right, got)| right.answer() != **got)?;
        Some(rule(right, got))
    }

    fn same_answers(one: &Vec<Answer>, other: &Vec<Answer>) -> bool {
        one == other
    }

    fn draw(case: &Case, seen: &Vec<Answer>, screen: &mut Screen<'_>) -> io::Result<()> {
        screen::draw(case, seen, screen)
    }

    fn code(case: &Case) -> String {
        case.code()
    }

    fn parse(code: &str) -> Result<Case, String> {
        Case::parse(code)
    }

    fn mistakes() -> &'static [Mistake<Solution>] {
        mistakes::ALL
    }
}

fn rule(right: &Right, got: &Answer) -> &'static str {
    match got {
        Answer::Stopped(stopped) => stopped.rule(),
        Answer::Entries(_) => {
            "A counter has an entry for each replica, from the beginning to the end: none is added \
             and none is removed."
        }
        Answer::Counter(entries, _) if *entries == right.after => {
            "The value is the sum of all entries: each increment is in exactly one of them."
        }
        Answer::Counter(entries, _) => match &right.told {
            None => rule_of_counting(right, entries),
            Some(told) => rule_of_merging(right, &told.entries, told.again, entries),
        },
    }
}

fn rule_of_counting(right: &Right, got: &[u64]) -> &'static str {
    let own = right.step.at();
    if got[own] == right.after[own] {
        "A replica increments its own entry alone: every entry has one writer."
    } else if got[own] == right.before[own] {
        "A replica counts in its own entry: after it, this entry is larger by as much as was \
         counted."
    } else {
        "A count is added to the own entry, as much as was counted, on top of all that this \
         replica has counted before."
    }
}

fn rule_of_merging(right: &Right, told: &[u64], again: bool, got: &[u64]) -> &'static str {
    let fell = got.iter().zip(&right.before).any(|(got, mine)| got < mine);
    let rose = got.iter().zip(&right.after).any(|(got, want)| got > want);
    if fell {
        "Merging only grows: an entry that was known never falls, whatever a message says or does \
         not know."
    } else if rose && again {
        "Merging is idempotent: the same message once more changes nothing. What it tells is \
         counted already."
    } else if rose {
        "Merging counts nothing: no entry comes out larger than the larger of the two readings, \
         which contains the other."
    } else if told == right.after {
        "Where a message knows at least as much of every entry, all that it knows is taken over."
    } else {
        "Each knows something that the other does not, and merging keeps both: of each pair of \
         entries the larger."
    }
}

#[cfg(test)]
mod tests;
