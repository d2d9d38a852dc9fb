//! A schedule as a table: what each step does, and what its replica is at after it.

use std::io;

use super::cases::{Case, Right, Step, amount, name};
use super::observe::Answer;
use crate::{Screen, Stopped, plural};

pub(super) fn draw(case: &Case, seen: &[Answer], screen: &mut Screen<'_>) -> io::Result<()> {
    let replicas: Vec<String> = (0..case.replicas())
        .map(|replica| format!("{} has entry {replica}", name(replica)))
        .collect();
    screen.labelled("entries", &replicas.join(", "))?;
    screen.line("")?;
    for (number, (right, got)) in case.right().iter().zip(seen).enumerate() {
        let label = format!("step {}", number + 1);
        let want = right.answer();
        let is_right = *got == want;
        match &right.told {
            Some(told) => {
                let told = told_words(right.step, &told.entries);
                screen.row(&label, &does(right.step), &told)?;
                if is_right {
                    let merges = format!("{} is at", name(right.step.at()));
                    screen.row("", &merges, &words(got))?;
                }
            }
            None if is_right => screen.row(&label, &does(right.step), &words(got))?,
            None => screen.row(&label, &does(right.step), "")?,
        }
        if !is_right {
            let was = format!("{} was at", name(right.step.at()));
            screen.row("", &was, &format!("{:?}", right.before))?;
            screen.difference(&words(&want), &words(got), "step")?;
            return match got {
                Answer::Stopped(Stopped::Panicked(panic)) => screen.panic(panic),
                _ => Ok(()),
            };
        }
    }
    Ok(())
}

impl Right {
    /// The answer that is right after this step.
    pub(super) fn answer(&self) -> Answer {
        Answer::Counter(self.after.clone(), self.after.iter().sum())
    }
}

fn does(step: Step) -> String {
    match step {
        Step::Count { at } => format!("{} counts {}", name(at), amount(at)),
        Step::Merge { at, from, .. } => format!("{} tells {}", name(from), name(at)),
    }
}

fn told_words(step: Step, entries: &[u64]) -> String {
    match step {
        Step::Merge { late: Some(step), .. } => format!("{entries:?} of step {}, late", step + 1),
        _ => format!("{entries:?}"),
    }
}

fn words(answer: &Answer) -> String {
    match answer {
        Answer::Counter(entries, value) => format!("{entries:?}, value {value}"),
        Answer::Entries(0) => "no numbers".to_owned(),
        Answer::Entries(count) => plural(*count, "number"),
        Answer::Stopped(Stopped::Panicked(_)) => "a panic".to_owned(),
        Answer::Stopped(_) => "no end".to_owned(),
    }
}
