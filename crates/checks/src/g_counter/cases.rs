//! Schedules.

use super::After;
use crate::numbers::EDGES;

/// The replicas of the small schedules, and the most steps with so many.
pub(super) const SMALL: [(usize, usize); 2] = [(2, 5), (3, 4)];

/// The replicas of others: more than there are digits, bits in a word, numbers in a byte.
pub(super) const MANY: [usize; 5] = [4, 10, 65, 257, 1_000];

/// Of the long schedule: four steps each.
pub(super) const ROUNDS: usize = 24;

/// A schedule. In the small ones a counts 1, b 2 and c 3 each time, so that one can tell them
/// apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(super) replicas: usize,
    pub(super) steps: Vec<Step>,
}

/// What happens at a replica, one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) at: usize,
    pub(super) does: Does,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// The value is read, and nothing else happens: the first of all cases.
    Read,
    Count(u64),
    /// It merges what another has pushed: all that it knew when this happened, or what it had known
    /// after an earlier step of its own, counted from 0.
    Merge {
        from: usize,
        late: Option<usize>,
    },
}

/// Every small schedule; of those with 3 replicas, the ones in which the third has a part.
pub(super) fn small() -> impl Iterator<Item = Case> {
    let mut cases = SMALL.map(|(replicas, _)| Case { replicas, steps: Vec::new() }).to_vec();
    let mut place = 0;
    while place < cases.len() {
        cases.extend(cases[place].longer());
        place += 1;
    }
    let is_third = |step: &Step| step.at == 2 || matches!(step.does, Does::Merge { from: 2, .. });
    let has_all = move |case: &Case| case.replicas == 2 || case.steps.iter().any(is_third);
    cases.into_iter().filter(move |case| !case.steps.is_empty() && has_all(case))
}

/// One replica; large numbers; many replicas; and many steps.
pub(super) fn boundaries() -> impl Iterator<Item = Case> {
    let alone = Case { replicas: 1, steps: vec![count(0, 1), count(0, 1)] };
    // a and b count on and on, and what a pushes arrives twice.
    let round = |round| [count(0, 1), push(0, 1), count(1, 2), late(0, 1, 4 * round)];
    let long = Case { replicas: 2, steps: (0..ROUNDS).flat_map(round).collect() };
    let large = EDGES.into_iter().flat_map(large);
    [alone].into_iter().chain(large).chain(MANY.map(many)).chain([long])
}

/// A large number after a small one, before it, and beside it; and two that only just fit.
fn large(number: u64) -> [Case; 4] {
    let one = |first, second| {
        vec![count(0, first), push(0, 1), count(0, second), push(0, 1), late(0, 1, 0)]
    };
    let two = |first, second| vec![count(0, first), count(1, second), push(0, 1), push(1, 0)];
    let rest = u64::MAX - number;
    [one(1, number - 1), one(number - 1, 1), two(number - 1, 1), two(number, rest)]
        .map(|steps| Case { replicas: 2, steps })
}

/// The first, the last and one in the middle of many replicas.
fn many(replicas: usize) -> Case {
    let (middle, last) = (replicas / 2, replicas - 1);
    let first_hears = [count(last, 7), push(last, 0), count(0, 5), count(middle, 3)];
    let all_hear = [push(middle, 0), count(last, 7), push(last, 0), push(0, middle)];
    Case { replicas, steps: [&first_hears[..], &all_hear, &[late(last, 0, 0)]].concat() }
}

fn count(at: usize, by: u64) -> Step {
    Step { at, does: Does::Count(by) }
}

fn push(from: usize, at: usize) -> Step {
    Step { at, does: Does::Merge { from, late: None } }
}

fn late(from: usize, at: usize, step: usize) -> Step {
    Step { at, does: Does::Merge { from, late: Some(step) } }
}

/// How much a replica counts each time in a small schedule.
pub(super) fn amount(replica: usize) -> u64 {
    replica as u64 + 1
}

impl Case {
    /// The small schedules that go on from this one by a step. What was pushed before there was
    /// anything to push changes nothing, and is left out where it is late.
    fn longer(&self) -> Vec<Case> {
        if SMALL.contains(&(self.replicas, self.steps.len())) {
            return Vec::new();
        }
        let mut next: Vec<Step> = (0..self.replicas).map(|at| count(at, amount(at))).collect();
        for from in 0..self.replicas {
            let own = |&step: &usize| self.steps[step].at == from;
            let mut earlier: Vec<usize> = (0..self.steps.len()).filter(own).collect();
            // After its last step is now.
            earlier.pop();
            for at in (0..self.replicas).filter(|at| *at != from) {
                next.push(push(from, at));
                next.extend(earlier.iter().map(|&step| late(from, at, step)));
            }
        }
        let with = |step| Case { steps: [&self.steps[..], &[step]].concat(), ..*self };
        next.into_iter().map(with).collect()
    }

    /// The step before this one of the replica that acts, and the one after which the sender knew
    /// what is merged: none where nothing has happened yet, or nothing is merged.
    pub(super) fn causes(&self, number: usize) -> [Option<usize>; 2] {
        let last = |replica| (0..number).rfind(|&step| self.steps[step].at == replica);
        let Step { at, does } = self.steps[number];
        match does {
            Does::Merge { from, late } => [last(at), late.or_else(|| last(from))],
            Does::Read | Does::Count(_) => [last(at), None],
        }
    }

    /// The entries of the replica that acts in a step, before it, and those that it merges: given
    /// what was there after each step before.
    pub(super) fn before(&self, number: usize, after: &[After]) -> [Vec<u64>; 2] {
        let entries = |step: usize| after[step].counter.entries.clone();
        self.causes(number).map(|step| step.map_or(vec![0; self.replicas], entries))
    }

    /// For each replica the sum of its counts in the steps that are known: bit i stands for step i.
    pub(super) fn entries(&self, known: u128) -> Vec<u64> {
        let mut entries = vec![0; self.replicas];
        for (number, step) in self.steps.iter().enumerate() {
            match step.does {
                Does::Count(by) if known >> number & 1 == 1 => entries[step.at] += by,
                _ => {}
            }
        }
        entries
    }

    /// What a replica is called.
    pub(super) fn name(&self, replica: usize) -> String {
        match self.replicas {
            ..=3 => char::from(b'a' + replica as u8).to_string(),
            _ => format!("r{replica}"),
        }
    }
}
