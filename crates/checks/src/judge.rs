//! From a solution to a judgement, and from a wrong solution to the mistakes in it.

use std::collections::BTreeMap;

use crate::catch::{catch, catch_with_backtrace};
use crate::exercise::{Attempt, Bugs, Exercise, Mistake};
use crate::{Stopped, Unsolved, Verdict};

/// The cases of an exercise in their order, each with its right answer.
pub(crate) struct Cases<E: Exercise>(pub(crate) Vec<(E::Case, E::Answer)>);

impl<E: Exercise> Cases<E> {
    pub(crate) fn all() -> Cases<E> {
        Cases(E::cases().map(|case| (case.clone(), E::expected(&case))).collect())
    }

    /// The text that replays the case at this place.
    pub(crate) fn replay_string(&self, place: usize) -> String {
        let (case, _) = &self.0[place];
        E::replay_string(case).unwrap_or_else(|| (place + 1).to_string())
    }

    /// The case of a replay string, or at a place, as in `@17`: one of these, with its place, or
    /// another that the exercise can read.
    pub(crate) fn find(&self, text: &str) -> Result<(Option<usize>, E::Case), String> {
        let mut places = 0..self.0.len();
        let found = match text.strip_prefix('@') {
            Some(place) => place.parse().ok().filter(|place| places.contains(place)),
            None => places.find(|&place| self.replay_string(place) == text),
        };
        match found {
            Some(place) => Ok((Some(place), self.0[place].0.clone())),
            None => E::parse(text).map(|case| (None, case)),
        }
    }
}

/// What came of trying a solution on the cases, in their order.
pub(crate) enum Judgement<E: Exercise> {
    /// Every case was right, and right again in the reverse order.
    Pass,
    /// The case at this place was wrong, and every case before it right: of those that call only
    /// what is written, where some functions are missing.
    Wrong { place: usize, attempt: Attempt<E>, missing: usize, diagnosis: Diagnosis<E> },
    /// The case at this place got two answers.
    KeepsState { place: usize, first: Attempt<E>, again: Attempt<E> },
    /// Something is still to be written, and this many cases are right without it.
    Unfinished { missing: Vec<Unsolved>, passed: usize },
    /// The case that was tried when the time was up, and whether it alone took most of it.
    TimedOut { place: usize, seconds: f64, is_alone: bool },
}

impl<E: Exercise> Judgement<E> {
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Judgement::Pass => Verdict::Pass,
            Judgement::Wrong { .. } => Verdict::Wrong,
            Judgement::KeepsState { .. } => Verdict::KeepsState,
            Judgement::Unfinished { .. } => Verdict::NotStarted,
            Judgement::TimedOut { .. } => Verdict::TimedOut,
        }
    }

    /// The case that is shown.
    pub(crate) fn place(&self) -> Option<usize> {
        match *self {
            Judgement::Wrong { place, .. }
            | Judgement::KeepsState { place, .. }
            | Judgement::TimedOut { place, .. } => Some(place),
            Judgement::Pass | Judgement::Unfinished { .. } => None,
        }
    }
}

/// Runs a solution on one case.
pub(crate) fn attempt<E: Exercise>(solution: &E::Solution, case: &E::Case) -> Attempt<E> {
    let mut observation = E::Observation::default();
    let end = catch(|| E::call(solution, case, &mut observation));
    Attempt { end, observation }
}

/// Runs a solution on the one case that is shown: a panic is traced to the reader's own line.
pub(crate) fn attempt_to_show<E: Exercise>(solution: &E::Solution, case: &E::Case) -> Attempt<E> {
    let mut observation = E::Observation::default();
    let end = catch_with_backtrace(|| E::call(solution, case, &mut observation));
    Attempt { end, observation }
}

impl<E: Exercise> Attempt<E> {
    pub(crate) fn is_right(&self, want: &E::Answer) -> bool {
        self.end.as_ref().is_ok_and(|got| got == want)
    }

    /// Whether it ended because a number left its type.
    pub(crate) fn has_overflowed(&self) -> bool {
        matches!(&self.end, Err(Stopped::Panicked(panic)) if panic.overflowed_operation().is_some())
    }

    /// Whether two solutions gave the same answer. Two panics have two messages, and are the same.
    pub(crate) fn is_like(&self, other: &Attempt<E>) -> bool {
        match (&self.end, &other.end) {
            (Ok(one), Ok(other)) => one == other,
            (Err(one), Err(other)) => one.is_like(other),
            _ => false,
        }
    }
}

/// Tries a solution on every case until one fails, and then those that it was right on once more,
/// the last one first. `tries` hears the place of each case before it is tried.
pub(crate) fn judge<E: Exercise>(
    solution: &E::Solution,
    Cases(cases): &Cases<E>,
    mut tries: impl FnMut(usize),
) -> Judgement<E> {
    let mut missing = BTreeMap::new();
    let mut passed = Vec::new();
    let mut wrong = None;
    for (place, (case, want)) in cases.iter().enumerate() {
        tries(place);
        let attempt = attempt::<E>(solution, case);
        if let Err(Stopped::Unsolved(unsolved)) = attempt.end {
            missing.entry(unsolved.place.clone()).or_insert(unsolved);
        } else if attempt.is_right(want) {
            passed.push(place);
        } else {
            wrong = Some((place, attempt));
            break;
        }
    }
    // The wrong case comes first: an answer that was left over from the case before is now gone.
    let mut judgement = None;
    if let Some((place, first)) = wrong {
        tries(place);
        let again = attempt_to_show::<E>(solution, &cases[place].0);
        if !again.is_like(&first) {
            return Judgement::KeepsState { place, first, again };
        }
        let diagnosis = Diagnosis::none();
        let missing = missing.len();
        judgement = Some(Judgement::Wrong { place, attempt: again, missing, diagnosis });
    }
    for &place in passed.iter().rev() {
        tries(place);
        let (case, want) = &cases[place];
        let again = attempt::<E>(solution, case);
        if !again.is_right(want) {
            let first = Attempt { end: Ok(want.clone()), observation: E::Observation::default() };
            return Judgement::KeepsState { place, first, again };
        }
    }
    match judgement {
        Some(wrong) => wrong,
        None if missing.is_empty() => Judgement::Pass,
        None => {
            let missing = missing.into_values().collect();
            Judgement::Unfinished { missing, passed: passed.len() }
        }
    }
}

/// What a wrong solution looks like.
pub(crate) struct Diagnosis<E: Exercise> {
    /// The mistakes whose answers it gives: none, one, or two that were made together.
    pub(crate) mistakes: Vec<&'static Mistake<E::Bug>>,
    /// The number of cases compared.
    pub(crate) cases: usize,
}

/// One mistake, or two at once, that may explain a solution.
struct Suspect<E: Exercise> {
    mistakes: Vec<&'static Mistake<E::Bug>>,
    solution: E::Solution,
    /// The number of cases that it has explained.
    explains: usize,
}

/// How far apart two cases are that are compared one after the other: a prime, as cases repeat what
/// they vary in twos, threes and fives.
const APART: usize = 97;

/// Looks for the one mistake, or else the one pair of mistakes, that gives the same answers as a
/// solution on every case of the failing one's [part](Exercise::part) that [is
/// compared](Exercise::is_compared), the failing one included. `answer_to` has the solution's.
///
/// Where a number of a mistake overflows, it has no answer to compare: its author may have let it
/// saturate or wrap.
pub(crate) fn diagnose<E: Exercise>(
    Cases(cases): &Cases<E>,
    failing: usize,
    mut answer_to: impl FnMut(usize) -> Attempt<E>,
) -> Diagnosis<E> {
    let part = E::part(&cases[failing].0);
    let is_compared = |place: &usize| {
        let case = &cases[*place].0;
        E::part(case) == part && E::is_compared(case)
    };
    if !is_compared(&failing) {
        return Diagnosis::none();
    }
    let retain = |suspects: &mut Vec<Suspect<E>>, place: usize, seen: &Attempt<E>| {
        suspects.retain_mut(|suspect| {
            let theirs = attempt::<E>(&suspect.solution, &cases[place].0);
            let is_like = theirs.is_like(seen);
            suspect.explains += usize::from(is_like);
            is_like || place != failing && theirs.has_overflowed()
        });
    };
    // The failing case first: it rules out nearly all.
    let (mut suspects, shown) = (suspects::<E>(), answer_to(failing));
    retain(&mut suspects, failing, &shown);
    // Then those far apart: neighbours rule out the same suspects, and each one left costs a call.
    let places = (0..APART).flat_map(|first| (first..cases.len()).step_by(APART));
    for place in places.filter(|&place| place != failing).filter(is_compared) {
        if suspects.is_empty() {
            break;
        }
        retain(&mut suspects, place, &answer_to(place));
    }
    // Of two mistakes one may hide the other, so a single one is the better explanation.
    let singles = suspects.iter().filter(|suspect| suspect.mistakes.len() == 1).count();
    match (singles, suspects.len()) {
        (1, _) | (0, 1) => {
            let Suspect { mut mistakes, explains, .. } = suspects.swap_remove(0);
            // The one that the failing case shows comes first.
            mistakes.sort_by_key(|mistake| {
                let alone = E::with_bugs(Bugs::one(mistake.bug));
                !attempt::<E>(&alone, &cases[failing].0).is_like(&shown)
            });
            Diagnosis { mistakes, cases: explains }
        }
        _ => Diagnosis::none(),
    }
}

impl<E: Exercise> Diagnosis<E> {
    pub(crate) fn none() -> Diagnosis<E> {
        Diagnosis { mistakes: Vec::new(), cases: 0 }
    }
}

/// Every mistake alone, and then every two that do not exclude each other.
fn suspects<E: Exercise>() -> Vec<Suspect<E>> {
    let suspect = |mistakes: Vec<&'static Mistake<E::Bug>>, bugs| {
        let solution = E::with_bugs(bugs);
        Suspect { mistakes, solution, explains: 0 }
    };
    let singles = E::MISTAKES.iter().copied().flatten();
    let singles = singles.map(|one| suspect(vec![one], Bugs::one(one.bug)));
    let pairs = pairs::<E>().map(|pair| suspect(pair.to_vec(), Bugs::two(pair.map(|one| one.bug))));
    singles.chain(pairs).collect()
}

/// Every two mistakes that do not exclude each other.
pub(crate) fn pairs<E: Exercise>() -> impl Iterator<Item = [&'static Mistake<E::Bug>; 2]> {
    E::MISTAKES.iter().enumerate().flat_map(|(place, choice)| {
        let later = E::MISTAKES[place + 1..].iter().copied().flatten();
        choice.iter().flat_map(move |one| later.clone().map(move |other| [one, other]))
    })
}
