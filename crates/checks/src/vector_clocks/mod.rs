//! Lesson 16: receive a vector stamp, and compare two.
//!
//! The cases are all small vectors of two and three nodes, `receive` first and then `compare`. Each is a call by itself:
//! what a function of vectors does depends on nothing else.
//!
//! What is right is worked out from what the vectors stand for, sets of events: to receive is to unite two of them and
//! count what is in the union, and before is "part of" (`Case::answer`). So the judge compares no entries.
//!
//! * A receipt is one that can be: the message was sent by another node, and nobody knows more of a node than itself.
//! * Of a vector after a receipt every entry is judged, and the first that is wrong is told with what is wrong in it.
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

/// Takes the number of a node, its vector, which becomes the stamp of the receipt, and the stamp of the message.
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
        "An entry counts events of one node. Which of them does a receipt know of? And what would it mean that one event \
            knows all that another does?",
        "A past is a set of events. To receive is to unite two pasts, and then there is one event more, of the receiver. \
            Before is \"part of\": nowhere larger and somewhere smaller. The page has this under \"An entry is a count\" \
            and \"Before is \"part of\"\".",
        "In receive set each entry to the larger of the two, and then add 1 to mine[own]. In compare find out whether \
            some entry of a is smaller, and whether some entry of a is larger: the two answers together are the result.",
    ];
    const WHY: &'static str = "An entry says how far into a node's line the known events reach, so the larger of two entries is \
        their union, and an event knows all that another does if no entry of it is smaller. Of concurrent events each knows \
        its own.";
    const ORDER: &'static str = "receive before compare, the smallest vectors first";

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
            "vectors of {few} and {many} nodes with entries of 0 to {LARGEST}, every receipt among them that can be, and \
             every pair to compare"
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
        (_, _, Err(_)) => {
            "Any two vectors of the same length can be merged and compared: there is no reason to stop."
        }
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
        "A receipt is one event of the node that receives: its own entry is one more than before, whatever the message \
         says."
    } else if got > want {
        "Of another node the receipt knows what the node and the message knew, and no more. An entry above both counts \
         events that nobody has told of."
    } else if want == mine {
        "To receive a message is to forget nothing: an entry that was larger than the message's stays."
    } else {
        "What the sender knew has come with the message: an entry of it that is larger is taken over."
    }
}

fn rule_of_ordering(want: CausalOrdering) -> &'static str {
    match want {
        CausalOrdering::Equal => "Stamps that are the same in every entry are of the same event.",
        CausalOrdering::Before => {
            "a is before b if b knows all that a does, and more: no entry of a is larger, and some is smaller. Entries \
             that are the same do not matter."
        }
        CausalOrdering::After => {
            "a is after b if a knows all that b does, and more: no entry of a is smaller, and some is larger. Entries \
             that are the same do not matter."
        }
        CausalOrdering::Concurrent => {
            "If each knows of an event that the other does not, neither was before the other: some entry of a is larger, \
             and some is smaller."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;
    use crate::proofs::{assert_fits, prove, screen_of};

    const STUB: Functions = Functions {
        receive: stub::receive,
        compare: stub::compare,
    };

    const REFERENCE: Functions = Functions {
        receive: reference::receive,
        compare: reference::compare,
    };

    #[test]
    fn it_is_sound() {
        prove::<VectorClocks>(STUB, REFERENCE);
    }

    #[test]
    fn the_screen_shows_the_vectors_and_the_first_wrong_entry() {
        let (_, screen) = screen_of::<VectorClocks>(known("overwrites all entries but its own"));
        let expected = "\
vector-clocks   WRONG   first failure: receive, 2 nodes; every case before it
          passes: receive before compare, the smallest vectors first

  receive n0 receives a message
          mine              [1,2]
          theirs            [0,1]
          want              [2,2]
          got               [2,1]                     ◀ first wrong entry: n1's

  rule    To receive a message is to forget nothing: an entry that was larger
          than the message's stays.
  looks   like \"overwrites all entries but its own\": your answers equal this
          mistake's on all 1,168 cases compared.
          It believes the message about all nodes but itself, but the sender may
          know less of a third node, or an older message may arrive late.
  next    cargo run -- hint vector-clocks
          cargo run -- replay vector-clocks:receive-0-12-01
          shows this one case again, with your code as it is then
";
        assert_eq!(screen, expected);
    }

    #[test]
    fn a_comparison_is_shown_with_the_entries_that_differ() {
        for (name, entries) in [
            ("compares the first entry", "smaller in a: n1's"),
            ("equal called concurrent", "all are the same"),
            ("Before and After swapped", "smaller in a: n1's"),
            (
                "compares as words are sorted",
                "smaller in a: n0's; larger in a: n1's",
            ),
        ] {
            let (_, screen) = screen_of::<VectorClocks>(known(name));
            assert!(
                screen.contains(&format!("  entries {entries}\n")),
                "{screen}"
            );
        }
    }

    fn known(name: &str) -> Functions {
        let known = mistakes::ALL.iter().find(|mistake| mistake.name == name);
        known.expect("it is on the list").solution
    }

    #[test]
    fn one_function_is_diagnosed_whatever_the_other_does() {
        let name = "min for max";
        let receive = known(name).receive;
        let others: [Compare; 3] = [stub::compare, known("compares the sums").compare, |_, _| {
            panic!("not yet")
        }];
        for compare in others {
            let (_, screen) = screen_of::<VectorClocks>(Functions { receive, compare });
            assert!(screen.contains(&format!("like \"{name}\"")), "{screen}");
        }
        let (verdict, screen) = screen_of::<VectorClocks>(Functions {
            compare: stub::compare,
            ..REFERENCE
        });
        assert_eq!(verdict, Verdict::NotStarted);
        assert!(screen.contains("so far  1,168 cases right"), "{screen}");
    }

    #[test]
    fn every_rule_is_said_of_the_entry_or_the_answer_that_breaks_it() {
        use CausalOrdering::{After, Before, Concurrent, Equal};
        let vector = |entries: &[u64]| Answer::Vector(entries.to_vec());
        for (code, answer, words) in [
            ("receive-0-12-01", vector(&[1, 2]), "A receipt is one event"),
            ("receive-0-12-01", vector(&[3, 1]), "A receipt is one event"),
            (
                "receive-0-12-01",
                vector(&[2, 1]),
                "To receive a message is to forget",
            ),
            (
                "receive-0-11-02",
                vector(&[2, 1]),
                "What the sender knew has come",
            ),
            (
                "receive-0-11-02",
                vector(&[2, 3]),
                "Of another node the receipt knows",
            ),
            (
                "compare-11-11",
                Answer::Ordering(Before),
                "Stamps that are the same",
            ),
            ("compare-10-11", Answer::Ordering(Equal), "a is before b if"),
            ("compare-11-10", Answer::Ordering(Before), "a is after b if"),
            (
                "compare-10-01",
                Answer::Ordering(After),
                "If each knows of an event",
            ),
            (
                "compare-10-01",
                Answer::Ordering(Concurrent),
                "nothing is broken",
            ),
        ] {
            let case = Case::parse(code).expect("it is a code");
            let said = VectorClocks::broken_rule(&case, &Ok(answer));
            let said = said.unwrap_or("nothing is broken");
            assert!(said.starts_with(words), "{code}: {said}");
        }
    }

    #[test]
    fn whatever_a_function_does_is_told_as_what_it_is() {
        let right = REFERENCE;
        let panics = "got               a panic ";
        for (solution, words) in [
            (
                Functions {
                    receive: |_, mine, _| mine.fill(u64::MAX),
                    ..right
                },
                "[18446744073709551615, 18446744073709551615]",
            ),
            (
                Functions {
                    receive: |own, mine, theirs| match mine.len() {
                        2 => reference::receive(own, mine, theirs),
                        _ => mine.fill(u64::MAX),
                    },
                    ..right
                },
                "[18446744073709551615, 18446744073709551615,\n",
            ),
            (
                Functions {
                    receive: |own, mine, _| mine[own + 2] += 1,
                    ..right
                },
                panics,
            ),
            (
                Functions {
                    receive: |_, _, _| panic!("{}", "x".repeat(999)),
                    ..right
                },
                panics,
            ),
            (
                Functions {
                    receive: |_, mine, theirs| mine[0] = theirs[0] - theirs[1],
                    ..right
                },
                panics,
            ),
            (
                Functions {
                    compare: |_, _| crate::runs_for_ever(),
                    ..right
                },
                "got               goes on for ever ",
            ),
            (
                Functions {
                    compare: |_, _| panic!("no {}", "order ".repeat(99)),
                    ..right
                },
                panics,
            ),
        ] {
            let (verdict, screen) = screen_of::<VectorClocks>(solution);
            assert_eq!(verdict, Verdict::Wrong, "{screen}");
            assert!(screen.contains(words), "{words} is missing:\n{screen}");
            assert!(!screen.contains("looks"), "{screen}");
            assert_fits(&screen, 80);
        }
    }
}
