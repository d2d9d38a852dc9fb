//! Lesson 16: receive a vector stamp, and compare two.
//!
//! | argument | range | special |
//! |---|---|---|
//! | nodes | 1 to 1,000, for `receive` from 2 | all small vectors of up to 3; then 4 to 1,000 |
//! | `own` | any node | the first, the last, beyond 2^8 |
//! | `mine`, `theirs` | those of a run, `mine[own]` below 2^64 - 1 | around 2^8 to 2^64; old news |
//! | `a`, `b` | any two of one length | the same; around 2^8 to 2^64 |
//!
//! Compared is the whole of `mine` after a receipt, and the answer to a comparison. Left out are
//! stamps that no run gives, which the lesson's clock refuses: above all a message that counts more
//! events of its receiver than the receiver does.
//!
//! What is right is counted in what the vectors stand for, sets of events: to receive is to add the
//! events that are news, and before is "knows nothing that the other does not".

mod bugs;
mod cases;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers};
use crate::numbers::row;
use crate::{Screen, grouped, plural};
use cases::{Case, FEW, MANY, SMALL, boundaries, small};

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

/// The program of the exercise.
pub fn main(
    receive: fn(usize, &mut [u64], &[u64]),
    compare: fn(&[u64], &[u64]) -> CausalOrdering,
) -> ExitCode {
    crate::program::main::<VectorClocks>(solution(receive, compare))
}

/// The reader's functions, or those that have bugs: a case is for one of them.
type Solution = Arc<dyn Fn(&Case) -> Answer + Send + Sync>;

fn solution(
    receive: impl Fn(usize, &mut [u64], &[u64]) + Send + Sync + 'static,
    compare: impl Fn(&[u64], &[u64]) -> CausalOrdering + Send + Sync + 'static,
) -> Solution {
    Arc::new(move |Case { own, vectors: [one, other] }| {
        let Some(own) = *own else {
            return Answer::Ordering(compare(one, other));
        };
        let mut mine = one.clone();
        receive(own, &mut mine, other);
        Answer::Vector(mine)
    })
}

/// What a call came to: the vector after a receipt, or how two stamps stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Vector(Vec<u64>),
    Ordering(CausalOrdering),
}

/// The exercise of lesson 16.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VectorClocks;

impl Exercise for VectorClocks {
    const ABOUT: About = About {
        name: "vector-clocks",
        functions: 2,
        hints: include_str!("hints.txt"),
        why: "An entry says how far into a node's line the known events reach, so the larger of \
              two entries is their union, and an event knows all that another does if no entry of \
              it is smaller. Of concurrent events each knows its own.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Solution;
    type Case = Case;
    type Answer = Answer;
    type Observation = ();
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        [small(), boundaries()].into_iter().flat_map(|pairs| {
            let receipts = pairs.clone().into_iter().flat_map(Case::receipts);
            receipts.chain(pairs.into_iter().map(|vectors| Case { own: None, vectors }))
        })
    }

    fn scope() -> String {
        format!(
            "all vectors of up to {FEW} nodes with entries of 0 to {SMALL}, every receipt among \
             them that can be and every pair to compare; entries up to 2^64 - 1; and up to {} \
             nodes",
            grouped(MANY[MANY.len() - 1]),
        )
    }

    fn call(solution: &Solution, case: &Case, (): &mut ()) -> Answer {
        solution(case)
    }

    fn expected(case: &Case) -> Answer {
        // Of each node the number of events that `one` knows of and `other` does not.
        let [one, other] = &case.vectors;
        let news = |one: &[u64], other: &[u64]| -> Vec<u64> {
            one.iter().zip(other).map(|(one, other)| one.saturating_sub(*other)).collect()
        };
        let (in_one, mut in_other) = (news(one, other), news(other, one));
        if let Some(own) = case.own {
            in_other[own] += 1;
            return Answer::Vector(one.iter().zip(in_other).map(|(one, new)| one + new).collect());
        }
        let knows_more = |news: Vec<u64>| news.iter().any(|events| *events > 0);
        Answer::Ordering(match (knows_more(in_one), knows_more(in_other)) {
            (false, false) => CausalOrdering::Equal,
            (false, true) => CausalOrdering::Before,
            (true, false) => CausalOrdering::After,
            (true, true) => CausalOrdering::Concurrent,
        })
    }

    fn rule(case: &Case, got: &Answer, (): &()) -> Rule {
        rules::broken(case, &Self::expected(case), got)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        solution(
            move |own, mine, theirs| bugs::receive(bugs, own, mine, theirs),
            move |a, b| bugs::compare(bugs, a, b),
        )
    }

    fn reference() -> Solution {
        solution(reference::receive, reference::compare)
    }

    fn part(case: &Case) -> usize {
        usize::from(case.own.is_none())
    }

    fn title(case: &Case) -> String {
        format!("{}, {}", case.function(), plural(case.vectors[0].len(), "node"))
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let [one, other] = case.vectors.each_ref().map(|vector| row(vector));
        let (does, names) = match case.own {
            Some(own) => (format!("n{own} receives a message"), ["mine", "theirs"]),
            None => ("two stamps".to_owned(), ["a", "b"]),
        };
        vec![(case.function(), does), (names[0], one), (names[1], other)]
    }

    fn words(answer: &Answer) -> String {
        match answer {
            Answer::Vector(entries) => row(entries),
            Answer::Ordering(ordering) => format!("{ordering:?}"),
        }
    }

    /// The vectors below each other, and the first wrong entry named.
    fn draw(
        case: &Case,
        want: &Answer,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        let lines = Self::describe(case);
        screen.labelled(lines[0].0, &lines[0].1)?;
        for (label, vector) in &lines[1..] {
            screen.row("", label, vector)?;
        }
        match (want, seen.map(|seen| &seen.end)) {
            (Answer::Vector(wanted), Some(Ok(Answer::Vector(got)))) if got != wanted => {
                let kind = format!("entry: n{}'s", first_difference(wanted, got));
                screen.difference(&row(wanted), &row(got), &kind)
            }
            _ => draw_answers(want, seen, screen),
        }
    }

    /// Each entry as a digit, where the entries are few and small: `receive-0-10-01` for n0 at
    /// [1,0] and a message stamped [0,1], `compare-10-01`.
    fn replay_string(case: &Case) -> Option<String> {
        let digits = |vector: &Vec<u64>| vector.iter().map(u64::to_string).collect::<String>();
        let [one, other] = case.vectors.each_ref().map(digits);
        let own = case.own.map_or(String::new(), |own| format!("{own}-"));
        let [entries, _] = &case.vectors;
        let is_short =
            entries.len() <= FEW && case.vectors.iter().flatten().all(|entry| *entry < 10);
        is_short.then(|| format!("{}-{own}{one}-{other}", case.function()))
    }
}

/// The first node whose entry differs.
fn first_difference(want: &[u64], got: &[u64]) -> usize {
    let node = want.iter().zip(got).position(|(want, got)| want != got);
    node.expect("an answer that is wrong differs in an entry")
}

#[cfg(test)]
mod tests;
