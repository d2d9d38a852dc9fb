//! What a solution does with a schedule.

use super::cases::{Case, Step, amount};
use super::{GCounter, Solution};
use crate::{Stopped, Unsolved, answer};

/// What a replica is at after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its entries, as many as there are replicas, and its value.
    Counter(Vec<u64>, u64),
    /// So many entries where there should be another number. Nothing is tried after that.
    Entries(usize),
    /// What stopped it, and with it the schedule.
    Stopped(Stopped),
}

/// Plays a schedule: an answer for each step, up to one after which nothing can be asked.
pub(super) fn observe(solution: Solution, case: &Case) -> Result<Vec<Answer>, Unsolved> {
    let start = vec![0; case.replicas()];
    let mut last_steps = vec![None; case.replicas()];
    let mut answers = Vec::with_capacity(case.steps.len());
    for (number, &step) in case.steps.iter().enumerate() {
        let entries_after = |step: Option<usize>| match step.map(|step| &answers[step]) {
            Some(Answer::Counter(entries, _)) => &entries[..],
            _ => &start[..],
        };
        let node = step.at();
        // The number is handed over anew each time, whatever a solution made of it before.
        let counter = GCounter { node, entries: entries_after(last_steps[node]).to_vec() };
        let answer = match step {
            Step::Count { at } => {
                answer_after(solution, counter, |it| (solution.increment)(it, amount(at)))
            }
            Step::Merge { from, late, .. } => {
                let told = entries_after(late.or(last_steps[from]));
                answer_after(solution, counter, |it| (solution.merge)(it, told))
            }
        }?;
        let is_counter = matches!(answer, Answer::Counter(..));
        answers.push(answer);
        if !is_counter {
            break;
        }
        last_steps[node] = Some(number);
    }
    Ok(answers)
}

fn answer_after(
    solution: Solution,
    mut counter: GCounter,
    act: impl FnOnce(&mut GCounter),
) -> Result<Answer, Unsolved> {
    let replicas = counter.entries.len();
    let outcome = answer(|| {
        act(&mut counter);
        // A row of another length has no value to ask for.
        let is_whole = counter.entries.len() == replicas;
        is_whole.then(|| (solution.value)(&counter))
    })?;
    Ok(match outcome {
        Ok(Some(value)) => Answer::Counter(counter.entries, value),
        Ok(None) => Answer::Entries(counter.entries.len()),
        Err(stopped) => Answer::Stopped(stopped),
    })
}
