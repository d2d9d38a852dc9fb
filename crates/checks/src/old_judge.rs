//! From a solution to a verdict.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Exercise, Mistake, Unsolved, Verdict};

/// What came of trying a solution on the cases, in their order.
pub enum Judgement<E: Exercise> {
    /// Every case was right.
    Pass {
        /// How many there are.
        cases: usize,
    },
    /// This case was wrong, and every case before it right.
    Wrong {
        /// The first case that fails.
        case: E::Case,
        /// What was seen on it.
        seen: E::Seen,
        /// The rule that it breaks.
        rule: &'static str,
        /// How many cases came before it.
        passed: usize,
    },
    /// Something is still to be written.
    NotStarted {
        /// What that is.
        missing: Unsolved,
        /// How many cases came out right without it.
        passed: usize,
    },
}

impl<E: Exercise> Judgement<E> {
    /// The judgement in a word.
    pub fn verdict(&self) -> Verdict {
        match self {
            Judgement::Pass { .. } => Verdict::Pass,
            Judgement::Wrong { .. } => Verdict::Wrong,
            Judgement::NotStarted { .. } => Verdict::NotStarted,
        }
    }
}

/// Tries a solution on every case, until one fails.
pub fn judge<E: Exercise>(solution: E::Solution) -> Judgement<E> {
    judge_telling(solution, &AtomicUsize::new(0))
}

/// Like [`judge`]; `at` tells other threads meanwhile how many cases are behind it.
pub(crate) fn judge_telling<E: Exercise>(solution: E::Solution, at: &AtomicUsize) -> Judgement<E> {
    let mut passed = 0;
    for case in E::cases() {
        at.store(passed, Ordering::Relaxed);
        let seen = match E::observe(solution, &case) {
            Ok(seen) => seen,
            Err(missing) => return Judgement::NotStarted { missing, passed },
        };
        if let Some(rule) = E::broken_rule(&case, &seen) {
            return Judgement::Wrong { case, seen, rule, passed };
        }
        passed += 1;
    }
    Judgement::Pass { cases: passed }
}

/// What a wrong solution looks like.
pub struct Diagnosis<E: Exercise> {
    /// The known mistakes that give its answers on every case compared; mostly one or none.
    pub mistakes: Vec<&'static Mistake<E::Solution>>,
    /// How many cases were compared: all of one [part](Exercise::part) that are not
    /// [dangerous](Exercise::is_dangerous), unless every mistake was ruled out before.
    pub cases: usize,
}

/// Compares a solution with each known mistake on the cases of this [part](Exercise::part) that are
/// not [dangerous](Exercise::is_dangerous).
pub fn diagnose<E: Exercise>(solution: E::Solution, part: usize) -> Diagnosis<E> {
    let mut mistakes: Vec<_> = E::mistakes().iter().collect();
    let mut cases = 0;
    for case in harmless::<E>(part) {
        let Ok(seen) = E::observe(solution, &case) else {
            mistakes.clear();
            break;
        };
        mistakes.retain(|mistake| {
            E::observe(mistake.solution, &case).is_ok_and(|other| E::same_answers(&seen, &other))
        });
        cases += 1;
        if mistakes.is_empty() {
            break;
        }
    }
    Diagnosis { mistakes, cases }
}

/// The cases of a part that a wrong solution can be tried on, in their order.
pub(crate) fn harmless<E: Exercise>(part: usize) -> impl Iterator<Item = E::Case> {
    E::cases().filter(move |case| E::part(case) == part && !E::is_dangerous(case))
}
