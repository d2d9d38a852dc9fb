//! Lesson 16: receive a vector stamp, and compare two.
//!
//! The cases are all small vectors of two and three nodes, `receive` first and then `compare`. Each
//! is a call by itself: what a function of vectors does depends on nothing else.
//!
//! What is right is worked out from what the vectors stand for, sets of events: to receive is to
//! unite two of them and count what is in the union, and before is "part of" (`Case::answer`). So
//! the judge compares no entries.
//!
//! * A receipt is one that can be: the message was sent by another node, and nobody knows more of a
//!   node than itself.
//! * Of a vector after a receipt every entry is judged, and the first that is wrong is told with
//!   what is wrong in it.
//!
//! Left out: vectors of other lengths and stamps that cannot be, which the lesson's clock refuses.

mod cases;
mod mistakes;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod screen;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;

use crate::{Exercise, Mistake, Screen, Stopped, Unsolved, answer};
use cases::{Answer, Case, LARGEST, NODES};

/// How two events, seen through their stamps, stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CausalOrdering {
    /// The first happened before the second: it may have caused it.
    Before,
    /// The second happened before the first.
    After,
    /// Neither knows of the other.
    Concurrent,
    /// They are the same event.
    Equal,
}

/// What the reader writes.
#[derive(Clone, Copy, Debug)]
pub struct Functions {
    /// Has a node receive a message.
    pub receive: Receive,
    /// Compares two stamps.
    pub compare: Compare,
}

/// Takes the number of a node, its vector, which becomes the stamp of the receipt, and the stamp of
/// the message.
pub type Receive = fn(usize, &mut [u64], &[u64]);

/// Takes two stamps of one length, and says how the first stands to the second.
pub type Compare = fn(&[u64], &[u64]) -> CausalOrdering;

/// What a call came to, or what stopped it.
type Seen = Result<Answer, Stopped>;

/// The exercise of lesson 16.
#[derive(Clone, Copy, Debug)]
pub struct VectorClocks;

impl Exercise for VectorClocks {
    const NAME: &'static str = "vector-clocks";
    const STUB: &'static str = include_str!("stub.rs");
    const REFERENCE: &'static str = include_str!("reference.rs");
    const HINTS: [&'static str; 3] = [
        "An entry counts events of one node. Which of them does a receipt know of? And what would \
         it mean that one event knows all that another does?",
        "A past is a set of events. To receive is to unite two pasts, and then there is one event \
         more, of the receiver. Before is \"part of\": nowhere larger and somewhere smaller. The \
         page has this under \"An entry is a count\" and \"Before is \"part of\"\".",
        "In receive set each entry to the larger of the two, and then add 1 to mine[own]. In \
         compare find out whether some entry of a is smaller, and whether some entry of a is \
         larger: the two answers together are the result.",
    ];
    const WHY: &'static str = "An entry says how far into a node's line the known events reach, so \
                               the larger of two entries is their union, and an event knows all \
                               that another does if no entry of it is smaller. Of concurrent \
                               events each knows its own.";
    const ORDER: &'static str = "receive before compare, the smallest vectors first";
    const NOT_COMPARED: Option<&str> = Some("those of the other function");

    type Solution = Functions;
    type Case = Case;
    type Seen = Seen;
    type Measure = (usize, usize, u64);

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn is_dangerous(_: &Case) -> bool {
        false
    }

    fn part(case: &Case) -> usize {
        case.part()
    }

    fn scope() -> String {
        let [few, many] = NODES;
        format!(
            "vectors of {few} and {many} nodes with entries of 0 to {LARGEST}, every receipt among \
             them that can be, and every pair to compare"
        )
    }

    fn size(case: &Case) -> String {
        case.size()
    }

    fn measure(case: &Case) -> Self::Measure {
        case.measure()
    }

    fn observe(solution: Functions, case: &Case) -> Result<Seen, Unsolved> {
        match case {
            Case::Receive { own, mine, theirs } => answer(|| {
                let mut mine = mine.clone();
                (solution.receive)(*own, &mut mine, theirs);
                Answer::Vector(mine)
            }),
            Case::Compare { a, b } => answer(|| Answer::Ordering((solution.compare)(a, b))),
        }
    }

    fn broken_rule(case: &Case, seen: &Seen) -> Option<&'static str> {
        let want = case.answer();
        (seen.as_ref() != Ok(&want)).then(|| rule(case, &want, seen))
    }

    fn same_answers(one: &Seen, other: &Seen) -> bool {
        one == other
    }

    fn draw(case: &Case, seen: &Seen, screen: &mut Screen<'_>) -> io::Result<()> {
        screen::draw(case, seen, screen)
    }

    fn code(case: &Case) -> String {
        case.code()
    }

    fn parse(code: &str) -> Result<Case, String> {
        Case::parse(code)
    }

    fn mistakes() -> &'static [Mistake<Functions>] {
        mistakes::ALL
    }
}

/// Which entry is the first that should be another, after a receipt that came to its end.
fn first_wrong_entry(want: &Answer, seen: &Seen) -> Option<usize> {
    match (want, seen) {
        (Answer::Vector(want), Ok(Answer::Vector(got))) => {
            want.iter().zip(got).position(|(want, got)| want != got)
        }
        _ => None,
    }
}

fn rule(case: &Case, want: &Answer, seen: &Seen) -> &'static str {
    match (case, want, seen) {
        (_, _, Err(stopped)) => stopped.rule(),
        (Case::Receive { own, mine, .. }, Answer::Vector(want), Ok(Answer::Vector(got))) => {
            let wrong = (0..want.len()).find(|&node| want[node] != got[node]);
            let node = wrong.expect("an answer that is wrong differs in some entry");
            rule_of_entry(node == *own, mine[node], want[node], got[node])
        }
        (_, Answer::Ordering(want), _) => rule_of_ordering(*want),
        _ => unreachable!("a receipt is answered by a vector, a comparison by an ordering"),
    }
}

/// What is wrong with an entry after a receipt, before which it was `mine`.
fn rule_of_entry(is_own: bool, mine: u64, want: u64, got: u64) -> &'static str {
    if is_own {
        "A receipt is one event of the node that receives: its own entry is one more than before, \
         whatever the message says."
    } else if got > want {
        "Of another node the receipt knows what the node and the message knew, and no more. An \
         entry above both counts events that nobody has told of."
    } else if want == mine {
        "To receive a message is to forget nothing: an entry that was larger than the message's \
         stays."
    } else {
        "What the sender knew has come with the message: an entry of it that is larger is taken \
         over."
    }
}

fn rule_of_ordering(want: CausalOrdering) -> &'static str {
    match want {
        CausalOrdering::Equal => "Stamps that are the same in every entry are of the same event.",
        CausalOrdering::Before => {
            "a is before b if b knows all that a does, and more: no entry of a is larger, and some \
             is smaller. Entries that are the same do not matter."
        }
        CausalOrdering::After => {
            "a is after b if a knows all that b does, and more: no entry of a is smaller, and some \
             is larger. Entries that are the same do not matter."
        }
        CausalOrdering::Concurrent => {
            "If each knows of an event that the other does not, neither was before the other: some \
             entry of a is larger, and some is smaller."
        }
    }
}

#[cfg(test)]
mod tests;
