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
use cases::{Case, Does, MANY, ROUNDS, SMALL, Step, amount, boundaries, small};

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
    crate::program::main::<Counter>(solution(increment, merge, value))
}

/// The reader's functions, or those that have bugs, on a schedule.
type Solution = Arc<dyn Fn(&Case, &mut Vec<After>) + Send + Sync>;

fn solution(
    increment: impl Fn(&mut GCounter, u64) + Send + Sync + 'static,
    merge: impl Fn(&mut GCounter, &[u64]) + Send + Sync + 'static,
    value: impl Fn(&GCounter) -> u64 + Send + Sync + 'static,
) -> Solution {
    Arc::new(move |case, seen| {
        for (number, &step) in case.steps.iter().enumerate() {
            let [entries, message] = case.before(number, seen);
            let mut counter = GCounter { node: step.at, entries };
            match step.does {
                Does::Read => {}
                Does::Count(by) => increment(&mut counter, by),
                Does::Merge { .. } => merge(&mut counter, &message),
            }
            let fits = counter.node == step.at && counter.entries.len() == case.replicas;
            let value = fits.then(|| value(&counter));
            seen.push(After { counter, value });
            if !fits {
                break;
            }
        }
    })
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
        functions: 3,
        hints: include_str!("hints.txt"),
        why: "Entry i has one writer and only grows, so the larger of two readings contains the \
              other. To take it is harmless in any order and however often, and the sum has every \
              increment once.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Solution;
    type Case = Case;
    type Answer = Vec<After>;
    /// The steps so far.
    type Observation = Vec<After>;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        let fresh = Case { replicas: 2, steps: vec![Step { at: 0, does: Does::Read }] };
        [fresh].into_iter().chain(small()).chain(boundaries())
    }

    fn scope() -> String {
        let sizes = SMALL.map(|(replicas, most)| format!("{most} steps of {replicas}"));
        format!(
            "all schedules of up to {} replicas, in which they count and push to each other what \
             they know, or knew; counts up to 2^64 - 1; 1 to {} replicas; and {} steps in a row",
            sizes.join(" or "),
            grouped(MANY[MANY.len() - 1]),
            4 * ROUNDS,
        )
    }

    fn call(solution: &Solution, case: &Case, seen: &mut Vec<After>) -> Vec<After> {
        solution(case, seen);
        seen.clone()
    }

    fn expected(case: &Case) -> Vec<After> {
        let mut known: Vec<u128> = Vec::new();
        let right = |number: usize| {
            let [own, sent] = case.causes(number).map(|step| step.map_or(0, |step| known[step]));
            known.push(own | sent | 1 << number);
            let entries = case.entries(known[number]);
            let value = Some(entries.iter().sum());
            After { counter: GCounter { node: case.steps[number].at, entries }, value }
        };
        (0..case.steps.len()).map(right).collect()
    }

    fn rule(case: &Case, got: &Vec<After>, _: &Vec<After>) -> Rule {
        let want = Self::expected(case);
        let wrong = (0..got.len()).find(|&step| got[step] != want[step]);
        rules::broken(case, &want, got, wrong.expect("a wrong answer has a wrong step"))
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        solution(
            move |counter, by| bugs::increment(bugs, counter, by),
            move |counter, entries| bugs::merge(bugs, counter, entries),
            move |counter| bugs::value(bugs, counter),
        )
    }

    fn reference() -> Solution {
        solution(reference::increment, reference::merge, reference::value)
    }

    fn title(case: &Case) -> String {
        format!("{}, {}", plural(case.steps.len(), "step"), plural(case.replicas, "replica"))
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let shown = case.steps.iter().take(SHOWN);
        let mut steps: Vec<String> = shown.map(|&step| step_words(case, step).concat()).collect();
        if case.steps.len() > SHOWN {
            steps.push(format!("{} more", case.steps.len() - SHOWN));
        }
        let last = case.name(case.replicas - 1);
        let entries = format!("of {} to {last}, in this order", case.name(0));
        vec![("entries", entries), ("steps", steps.join("; "))]
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
        screen.labelled("entries", &Self::describe(case)[0].1)?;
        screen.line("")?;
        let got = seen.map_or(&want[..want.len() - 1], |seen| &seen.observation);
        let wrong = (0..want.len()).find(|&step| got.get(step) != Some(&want[step]));
        let end = wrong.map_or(want.len(), |wrong| wrong + 1);
        let first = end.saturating_sub(SHOWN);
        if first > 0 {
            screen.row(&format!("to {first}"), "all is right", "")?;
        }
        for number in first..end {
            let (step, is_wrong) = (case.steps[number], wrong == Some(number));
            let [before, message] = case.before(number, want);
            let [does, late] = step_words(case, step);
            let after = after_words(&want[number]);
            let (what, is_merge) = match step.does {
                Does::Merge { .. } => (row(&message) + &late, true),
                _ if is_wrong => (String::new(), false),
                _ => (after.clone(), false),
            };
            screen.row(&format!("step {}", number + 1), &does, &what)?;
            let name = case.name(step.at);
            if is_wrong {
                screen.row("", &format!("{name} was at"), &row(&before))?;
            } else if is_merge {
                screen.row("", &format!("{name} is at"), &after)?;
            }
        }
        let Some(wrong) = wrong else { return Ok(()) };
        let got = got.get(wrong).map(after_words);
        draw_end(&after_words(&want[wrong]), got, seen, "step", screen)
    }

    /// The steps of a small schedule with dots between them: `a` where a counts, `ab` where a
    /// pushes to b, `ab:1` where that comes as a knew it after step 1.
    fn replay_string(case: &Case) -> Option<String> {
        let step = |&Step { at, does }: &Step| match does {
            Does::Read => None,
            Does::Count(by) => (by == amount(at)).then(|| case.name(at)),
            Does::Merge { from, late } => {
                let late = late.map_or(String::new(), |late| format!(":{}", late + 1));
                Some(case.name(from) + &case.name(at) + &late)
            }
        };
        let length = |&(replicas, most)| case.replicas == replicas && case.steps.len() <= most;
        let steps = case.steps.iter().map(step).collect::<Option<Vec<String>>>()?;
        SMALL.iter().any(length).then(|| steps.join("."))
    }
}

/// What happens in a step, as in "a pushes to b", and which message that is, if it is late.
fn step_words(case: &Case, step: Step) -> [String; 2] {
    let name = case.name(step.at);
    match step.does {
        Does::Read => [format!("{name} is read"), String::new()],
        Does::Count(by) => [format!("{name} counts {by}"), String::new()],
        Does::Merge { from, late } => {
            let late = late.map_or(String::new(), |step| format!(" as of step {}, late", step + 1));
            [format!("{} pushes to {name}", case.name(from)), late]
        }
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
