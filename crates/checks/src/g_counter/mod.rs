//! Lesson 19: a counter with an entry for each replica, whatever the network does to what they push
//! to each other.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | steps | all schedules: 5 steps of 2 replicas, 4 of 3 | messages late, again, or never |
//! | `by` | any `u64` | 0; around 2^8 to 2^64; all counts together up to 2^64 - 1 |
//! | replicas | 1 to 1,000 | the first, the last, the only one, beyond 2^8 |
//! | length of a schedule | up to 5 steps | one of 96 |
//!
//! Compared are, after each step, the whole counter of the replica that acted and its value: two
//! wrong entries can have a right sum, and be wrong in the next step. Left out are messages that no
//! run gives, which the lesson's own counter refuses: of another length, or with more in an entry
//! than the replica whose entry it is has counted.
//!
//! What is right is counted by which counts a replica has heard of, on whatever way. No entries are
//! compared for it, so the judge does not lean on any merge.

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

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_end};
use crate::numbers::row;
use crate::{Screen, grouped, plural};
use cases::{Case, LONGEST_OF, MANY, ROUNDS, Right, Step};

/// What one replica knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GCounter {
    /// The number of this replica, counted from 0. It is below the number of entries.
    pub node: usize,
    /// An entry for each replica: what it has counted, as far as this one has heard.
    pub entries: Vec<u64>,
}

/// The program of the exercise.
pub fn main(
    increment: fn(&mut GCounter, u64),
    merge: fn(&mut GCounter, &[u64]),
    value: fn(&GCounter) -> u64,
) -> ExitCode {
    crate::program::main::<Counter>(Functions::new(increment, merge, value))
}

/// What the reader writes.
#[derive(Clone)]
pub(crate) struct Functions {
    increment: Arc<Increment>,
    merge: Arc<Merge>,
    value: Arc<Value>,
}

type Increment = dyn Fn(&mut GCounter, u64) + Send + Sync;
type Merge = dyn Fn(&mut GCounter, &[u64]) + Send + Sync;
type Value = dyn Fn(&GCounter) -> u64 + Send + Sync;

impl Functions {
    fn new(
        increment: impl Fn(&mut GCounter, u64) + Send + Sync + 'static,
        merge: impl Fn(&mut GCounter, &[u64]) + Send + Sync + 'static,
        value: impl Fn(&GCounter) -> u64 + Send + Sync + 'static,
    ) -> Functions {
        Functions { increment: Arc::new(increment), merge: Arc::new(merge), value: Arc::new(value) }
    }
}

/// What a replica is at after a step. Where the counter does not fit any more, it has no value, and
/// no further step is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct After {
    counter: GCounter,
    value: Option<u64>,
}

/// The most steps that are shown before a wrong one, or listed.
const SHOWN: usize = 6;

/// The exercise of lesson 19.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter;

impl Exercise for Counter {
    const ABOUT: About = About {
        name: "g-counter",
        stub: include_str!("stub.rs"),
        reference: include_str!("reference.rs"),
        functions: 3,
        hints: [
            "Who may change entry i, and who only repeats it? Of two numbers that you hear for it, \
             what does the smaller tell you that the larger does not?",
            "An entry has one writer and only grows. So of two readings of it the larger is the \
             newer, and contains the other; and no increment is in two entries. The page has this \
             under \"Why the larger, and why not the sum\".",
            "increment: add `by` to counter.entries[counter.node]. merge: go through both rows \
             side by side (zip), and let each entry be the larger of the two. value: add all \
             entries up.",
        ],
        why: "Entry i has one writer and only grows, so the larger of two readings contains the \
              other. To take it is harmless in any order and however often, and the sum has every \
              increment once.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Functions;
    type Case = Case;
    type Answer = Vec<After>;
    /// The steps so far.
    type Observation = Vec<After>;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn scope() -> String {
        let sizes = LONGEST_OF.map(|(replicas, longest)| format!("{longest} steps of {replicas}"));
        format!(
            "all schedules of up to {} replicas, in which they count and push to each other what \
             they know, or knew; counts up to 2^64 - 1; 1 to {} replicas; and {} steps in a row",
            sizes.join(" or "),
            grouped(MANY[MANY.len() - 1]),
            4 * ROUNDS,
        )
    }

    fn call(solution: &Functions, case: &Case, seen: &mut Vec<After>) -> Vec<After> {
        let start = |node| GCounter { node, entries: vec![0; case.replicas] };
        let mut counters: Vec<GCounter> = (0..case.replicas).map(start).collect();
        for &step in &case.steps {
            let at = step.at();
            match step {
                Step::Read { .. } => {}
                Step::Count { by, .. } => (solution.increment)(&mut counters[at], by),
                Step::Merge { from, late, .. } => {
                    let sender = late.map_or(&counters[from], |step| &seen[step].counter);
                    let message = sender.entries.clone();
                    (solution.merge)(&mut counters[at], &message);
                }
            }
            let counter = &counters[at];
            let fits = counter.node == at && counter.entries.len() == case.replicas;
            let value = fits.then(|| (solution.value)(counter));
            seen.push(After { counter: counter.clone(), value });
            if !fits {
                break;
            }
        }
        seen.clone()
    }

    fn expected(case: &Case) -> Vec<After> {
        case.right().into_iter().map(|right| right.after).collect()
    }

    fn rule(case: &Case, got: &Vec<After>, _: &Vec<After>) -> Rule {
        let right = case.right();
        let mut steps = right.iter().zip(got);
        let (right, got) = steps
            .find(|(right, got)| right.after != **got)
            .expect("a wrong answer has a wrong step");
        rules::broken(case, right, got)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Functions {
        Functions::new(
            move |counter, by| bugs::increment(bugs, counter, by),
            move |counter, entries| bugs::merge(bugs, counter, entries),
            move |counter| bugs::value(bugs, counter),
        )
    }

    fn reference() -> Functions {
        Functions::new(reference::increment, reference::merge, reference::value)
    }

    fn title(case: &Case) -> String {
        format!("{}, {}", plural(case.steps.len(), "step"), plural(case.replicas, "replica"))
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let steps = case.steps.iter().take(SHOWN).map(|&step| step_words(case, step));
        let mut steps: Vec<String> = steps.collect();
        if case.steps.len() > SHOWN {
            steps.push(format!("{} more", case.steps.len() - SHOWN));
        }
        vec![("entries", entries_words(case)), ("steps", steps.join("; "))]
    }

    fn words(steps: &Vec<After>) -> String {
        let last = &steps[steps.len().saturating_sub(SHOWN)..];
        last.iter().map(after_words).collect::<Vec<_>>().join("; ")
    }

    /// Each step and what its replica is at, up to the first wrong one.
    fn draw(
        case: &Case,
        want: &Vec<After>,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        screen.labelled("entries", &entries_words(case))?;
        screen.line("")?;
        let got = seen.map_or(&[][..], |seen| &seen.observation);
        let is_right = |step: &usize| got.get(*step) == Some(&want[*step]);
        let wrong = match seen {
            Some(_) => (0..want.len()).find(|step| !is_right(step)),
            None => Some(want.len() - 1),
        };
        let end = wrong.map_or(want.len(), |wrong| wrong + 1);
        let first = end.saturating_sub(SHOWN);
        if first > 0 {
            screen.row(&format!("to {first}"), "all is right", "")?;
        }
        for (number, right) in case.right().iter().enumerate().take(end).skip(first) {
            draw_step(case, number, right, wrong == Some(number), screen)?;
        }
        let Some(wrong) = wrong else { return Ok(()) };
        let got = got.get(wrong).map(after_words);
        draw_end(&after_words(&want[wrong]), got, seen, "step", screen)
    }

    fn replay_string(case: &Case) -> Option<String> {
        case.string()
    }
}

/// A step, and what its replica is at after it; or before it, where that is wrong.
fn draw_step(
    case: &Case,
    number: usize,
    right: &Right,
    is_wrong: bool,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let name = case.name(right.step.at());
    let label = format!("step {}", number + 1);
    let (does, what) = match (&right.message, right.step) {
        (Some(message), Step::Merge { from, late, .. }) => {
            let late = late.map_or(String::new(), |step| format!(" of step {}, late", step + 1));
            (format!("{} pushes to {name}", case.name(from)), row(message) + &late)
        }
        (_, step) => (step_words(case, step), String::new()),
    };
    let what = if what.is_empty() && !is_wrong { after_words(&right.after) } else { what };
    screen.row(&label, &does, &what)?;
    match (is_wrong, &right.message) {
        (true, _) => screen.row("", &format!("{name} was at"), &row(&right.before)),
        (false, Some(_)) => screen.row("", &format!("{name} is at"), &after_words(&right.after)),
        (false, None) => Ok(()),
    }
}

/// What happens in a step, as in "a counts 1" and "a pushes to b".
fn step_words(case: &Case, step: Step) -> String {
    match step {
        Step::Read { at } => format!("{} is read", case.name(at)),
        Step::Count { at, by } => format!("{} counts {by}", case.name(at)),
        Step::Merge { at, from, late } => {
            let late = late.map_or(String::new(), |step| format!(" what it knew in {}", step + 1));
            format!("{} pushes to {}{late}", case.name(from), case.name(at))
        }
    }
}

fn entries_words(case: &Case) -> String {
    match case.replicas {
        replicas @ ..=3 => {
            let replicas = (0..replicas).map(|one| format!("{} has entry {one}", case.name(one)));
            replicas.collect::<Vec<_>>().join(", ")
        }
        replicas => format!("r0 has entry 0, and so on up to r{}", replicas - 1),
    }
}

fn after_words(After { counter, value }: &After) -> String {
    match value {
        Some(value) => format!("{}, value {value}", row(&counter.entries)),
        None => format!("{}, node {}", row(&counter.entries), counter.node),
    }
}

#[cfg(test)]
mod tests;
