//! Schedules, and what is right after each of their steps.

use super::{After, GCounter};
use crate::numbers::EDGES;

/// The replicas of the small schedules, and the most steps with so many.
pub(super) const LONGEST_OF: [(usize, usize); 2] = [(2, 5), (3, 4)];
const LONGEST: usize = 5;

/// The replicas of the others: one, and more than there are digits, bits in a word, numbers in a
/// byte.
pub(super) const MANY: [usize; 6] = [1, 4, 10, 65, 257, 1_000];

/// Of the long schedule: four steps each.
pub(super) const ROUNDS: usize = 24;

/// A schedule. In the small ones a counts 1, b 2 and c 3 each time, so that one can tell them
/// apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(super) replicas: usize,
    pub(super) steps: Vec<Step>,
}

/// What happens, one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The value is read, and nothing else happens: the first of all cases.
    Read {
        at: usize,
    },
    Count {
        at: usize,
        by: u64,
    },
    /// A replica merges what another has pushed: all that it knew when this happened, or what it
    /// had known after an earlier step of its own, counted from 0.
    Merge {
        at: usize,
        from: usize,
        late: Option<usize>,
    },
}

/// Which counts a replica knows of: bit i is set where it knows of the one in step i.
type Known = u128;

/// A step with what is right before and after it, at the replica that acts.
#[derive(Clone, Debug)]
pub(super) struct Right {
    pub(super) step: Step,
    pub(super) before: Vec<u64>,
    /// What is merged, if anything is.
    pub(super) message: Option<Vec<u64>>,
    /// Whether this replica has merged the same before.
    pub(super) is_again: bool,
    pub(super) after: After,
}

/// All cases: a fresh counter; the small schedules, the fewest steps first and then the fewest
/// replicas; and then the boundaries.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let small = (1..=LONGEST).flat_map(|steps| {
        let sizes = LONGEST_OF.into_iter().filter(move |(_, longest)| steps <= *longest);
        sizes.flat_map(move |(replicas, _)| small(steps, replicas))
    });
    let limit = EDGES.map(|number| two(number, u64::MAX - number));
    let large = EDGES.into_iter().flat_map(large).chain(limit);
    let fresh = Case { replicas: 2, steps: vec![Step::Read { at: 0 }] };
    [fresh].into_iter().chain(small).chain(large).chain(MANY.map(many)).chain([long()])
}

/// Every schedule of so many steps of this many replicas; of 3, those in which the third has a
/// part.
fn small(steps: usize, replicas: usize) -> impl Iterator<Item = Case> {
    let none = Case { replicas, steps: Vec::new() };
    let all = (0..steps).fold(vec![none], |shorter, _| {
        let longer = |case: Case| case.next_steps().into_iter().map(move |step| case.with(step));
        shorter.into_iter().flat_map(longer).collect()
    });
    all.into_iter().filter(move |case| replicas == 2 || case.names(replicas - 1))
}

/// A large number after a small one, before it, and beside it.
fn large(number: u64) -> [Case; 3] {
    let one = |first, second| {
        let steps = [count(0, first), push(0, 1), count(0, second), push(0, 1), late(0, 1, 0)];
        Case { replicas: 2, steps: steps.to_vec() }
    };
    [one(1, number - 1), one(number - 1, 1), two(number - 1, 1)]
}

/// Each of two replicas counts once, and hears of the other.
fn two(first: u64, second: u64) -> Case {
    let steps = [count(0, first), count(1, second), push(0, 1), push(1, 0)];
    Case { replicas: 2, steps: steps.to_vec() }
}

/// The first, the last and one in the middle of many replicas; or the only one.
fn many(replicas: usize) -> Case {
    let (middle, last) = (replicas / 2, replicas - 1);
    let steps = match replicas {
        1 => vec![count(0, 1), count(0, 1)],
        _ => vec![
            count(last, 7),
            push(last, 0),
            count(0, 5),
            count(middle, 3),
            push(middle, 0),
            count(last, 7),
            push(last, 0),
            push(0, middle),
            late(last, 0, 0),
        ],
    };
    Case { replicas, steps }
}

/// a and b count on and on, and what a pushes arrives twice.
fn long() -> Case {
    let round = |round| {
        let first = 4 * round;
        [count(0, amount(0)), push(0, 1), count(1, amount(1)), late(0, 1, first)]
    };
    Case { replicas: 2, steps: (0..ROUNDS).flat_map(round).collect() }
}

fn count(at: usize, by: u64) -> Step {
    Step::Count { at, by }
}

fn push(from: usize, at: usize) -> Step {
    Step::Merge { at, from, late: None }
}

fn late(from: usize, at: usize, step: usize) -> Step {
    Step::Merge { at, from, late: Some(step) }
}

/// How much a replica counts each time in a small schedule.
fn amount(replica: usize) -> u64 {
    replica as u64 + 1
}

impl Step {
    /// The replica that acts.
    pub(super) fn at(self) -> usize {
        match self {
            Step::Read { at } | Step::Count { at, .. } | Step::Merge { at, .. } => at,
        }
    }
}

impl Case {
    fn with(&self, step: Step) -> Case {
        Case { steps: [&self.steps[..], &[step]].concat(), ..*self }
    }

    fn names(&self, replica: usize) -> bool {
        self.steps.iter().any(|&step| match step {
            Step::Merge { from, .. } if from == replica => true,
            step => step.at() == replica,
        })
    }

    /// All that can happen now in a small schedule. What was pushed before there was anything to
    /// push changes nothing, and is left out where it is late.
    fn next_steps(&self) -> Vec<Step> {
        let mut next: Vec<Step> = (0..self.replicas).map(|at| count(at, amount(at))).collect();
        for from in 0..self.replicas {
            let steps = self.steps.iter().enumerate();
            let own = steps.filter(|(_, step)| step.at() == from).map(|(number, _)| number);
            // After its last step is now.
            let earlier: Vec<usize> = own.rev().skip(1).collect();
            for at in (0..self.replicas).filter(|at| *at != from) {
                next.push(push(from, at));
                next.extend(earlier.iter().rev().map(|&step| late(from, at, step)));
            }
        }
        next
    }

    /// What is right, step by step.
    ///
    /// It is found without comparing entries: by which counts a replica has heard of, on whatever
    /// way.
    pub(super) fn right(&self) -> Vec<Right> {
        let mut known: Vec<Known> = vec![0; self.replicas];
        let mut after: Vec<Known> = Vec::new();
        let mut merged = Vec::new();
        let step = |(number, &step): (usize, &Step)| {
            let at = step.at();
            let before = known[at];
            let message = match step {
                Step::Read { .. } | Step::Count { .. } => None,
                Step::Merge { from, late, .. } => {
                    Some(late.map_or(known[from], |late| after[late]))
                }
            };
            known[at] |= message.unwrap_or(1 << number);
            after.push(known[at]);
            merged.push((at, message));
            let entries = self.entries(known[at]);
            let value = Some(entries.iter().sum());
            Right {
                step,
                before: self.entries(before),
                message: message.map(|known| self.entries(known)),
                is_again: merged[..number].contains(&(at, message)),
                after: After { counter: GCounter { node: at, entries }, value },
            }
        };
        self.steps.iter().enumerate().map(step).collect()
    }

    /// For each replica the sum of those of its counts that are known.
    fn entries(&self, known: Known) -> Vec<u64> {
        let mut entries = vec![0; self.replicas];
        for (number, step) in self.steps.iter().enumerate() {
            match *step {
                Step::Count { at, by } if known >> number & 1 == 1 => entries[at] += by,
                _ => {}
            }
        }
        entries
    }

    /// The steps of a small schedule with dots between them: `a` where a counts, `ab` where a
    /// pushes to b, `ab:1` where that comes as a knew it after step 1.
    pub(super) fn string(&self) -> Option<String> {
        let is_usual = |step: &Step| match *step {
            Step::Count { at, by } => by == amount(at),
            Step::Merge { .. } => true,
            Step::Read { .. } => false,
        };
        let is_small = (2..=3).contains(&self.replicas) && self.steps.len() <= LONGEST;
        let step = |step: &Step| match *step {
            Step::Read { at } | Step::Count { at, .. } => self.name(at),
            Step::Merge { at, from, late } => {
                let late = late.map_or(String::new(), |late| format!(":{}", late + 1));
                format!("{}{}{late}", self.name(from), self.name(at))
            }
        };
        (is_small && self.steps.iter().all(is_usual))
            .then(|| self.steps.iter().map(step).collect::<Vec<_>>().join("."))
    }

    /// What a replica is called.
    pub(super) fn name(&self, replica: usize) -> String {
        match self.replicas {
            ..=3 => char::from(b'a' + replica as u8).to_string(),
            _ => format!("r{replica}"),
        }
    }
}
