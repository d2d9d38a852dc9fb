//! A generator whose numbers fall where a case says, and what a solution does with it.

use std::ops::RangeInclusive;

use super::cases::{Case, Share};
use super::{After, Decision};
use crate::{Panic, Stopped, Unsolved, answer, did_not_terminate};

/// Draws after which a solution is taken to wait for a number that never comes.
const MOST_DRAWS: usize = 100;

/// Draws numbers that the judge chooses: the first of the range, the middle or the last.
#[derive(Debug)]
pub struct Rng {
    share: Share,
    draws: Vec<Draw>,
}

/// One number, as it was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Draw {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) number: u64,
}

/// What a solution answered, and what it drew before.
#[derive(Clone, Debug)]
pub struct Seen {
    pub(super) draws: Vec<Draw>,
    pub(super) answer: Answer,
}

/// What a call answers, and what the judge makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    GiveUp,
    Wait(u64),
    Panicked(Panic),
    DrawsForEver,
}

impl Rng {
    /// A number in `range`, both ends included.
    ///
    /// # Panics
    /// If `range` is empty.
    #[track_caller]
    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (first, last) = range.into_inner();
        assert!(first <= last, "a number is drawn from at least one");
        if self.draws.len() == MOST_DRAWS {
            did_not_terminate();
        }
        let number = first + self.share.of(last - first);
        self.draws.push(Draw { first, last, number });
        number
    }
}

impl Answer {
    /// Whether it is the same answer. A panic is one wherever and with whatever words it comes.
    pub(super) fn is_like(&self, other: &Answer) -> bool {
        match (self, other) {
            (Answer::Panicked(_), Answer::Panicked(_)) => true,
            (one, other) => one == other,
        }
    }
}

impl From<Decision> for Answer {
    fn from(decision: Decision) -> Answer {
        match decision {
            Decision::GiveUp => Answer::GiveUp,
            Decision::Wait(wait) => Answer::Wait(wait),
        }
    }
}

pub(super) fn observe(solution: After, case: &Case) -> Result<Seen, Unsolved> {
    let mut rng = Rng { share: case.share, draws: Vec::new() };
    let decision = answer(|| {
        let (failure, attempt, elapsed) = (case.failure, case.attempt, case.elapsed);
        solution(failure, attempt, elapsed, &case.policy, &mut rng)
    })?;
    let answer = match decision {
        Ok(decision) => decision.into(),
        Err(Stopped::Panicked(panic)) => Answer::Panicked(panic),
        Err(Stopped::DidNotTerminate) => Answer::DrawsForEver,
        Err(Stopped::Unsolved(_)) => unreachable!("what is unsolved is no answer"),
    };
    let draws = rng.draws;
    Ok(Seen { draws, answer })
}
