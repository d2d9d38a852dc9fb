//! A case as a table: the failure, the policy, what was drawn, and what was decided.

use std::io;

use super::Failure;
use super::cases::{Case, Reason, Right, number};
use super::rng::{Answer, Draw, Seen};
use crate::{Screen, plural};

/// Draws that are shown. One is enough for a right answer.
const MOST_DRAWS: usize = 3;

pub(super) fn draw(case: &Case, seen: &Seen, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.labelled("policy", &policy(case))?;
    screen.line("")?;
    let attempt = number(case.attempt.into());
    screen.row("attempt", &attempt, &failure(case.failure))?;
    screen.row("", "elapsed", &format!("{} ms", number(case.elapsed)))?;
    screen.row("", "chance", &format!("{} of the range", case.share.words()))?;
    draw_draws(&seen.draws, screen)?;
    let right = case.answer();
    if seen.answer == right.answer() {
        return screen.row("", "answers", &words(&seen.answer));
    }
    let want = format!("{}{}", words(&right.answer()), origin(case, right));
    screen.difference(&want, &words(&seen.answer), "answer")?;
    match &seen.answer {
        Answer::Panicked(panic) => screen.panic(panic),
        _ => Ok(()),
    }
}

fn draw_draws(draws: &[Draw], screen: &mut Screen<'_>) -> io::Result<()> {
    for draw in draws.iter().take(MOST_DRAWS) {
        let range = format!("{}..={}", number(draw.first), number(draw.last));
        screen.row("", "draws within", &format!("{range} and gets {}", number(draw.number)))?;
    }
    match draws.len().saturating_sub(MOST_DRAWS) {
        0 => Ok(()),
        more => screen.row("", "and again", &plural(more, "time")),
    }
}

/// Where the right answer comes from, if a wait is in it: what was to be drawn, and what the server
/// asks for.
fn origin(case: &Case, right: Right) -> String {
    let longest = case.longest();
    let drawn = case.share.of(longest);
    let from = format!("{} of 0..={}", case.share.words(), number(longest));
    match right {
        Right::Wait { wait, .. } if wait == drawn => format!(", {from}"),
        Right::Wait { .. } => format!(", as asked for; {from} is {}", number(drawn)),
        Right::GiveUp(Reason::Deadline) => format!("; {from} is {}", number(drawn)),
        Right::GiveUp(_) => String::new(),
    }
}

fn policy(case: &Case) -> String {
    let policy = &case.policy;
    let not = if policy.idempotent { "" } else { "not " };
    format!(
        "attempts {}, base {}, cap {}, deadline {}; {not}idempotent",
        number(policy.attempts.into()),
        number(policy.base),
        number(policy.cap),
        number(policy.deadline)
    )
}

fn failure(failure: Failure) -> String {
    match failure {
        Failure::Busy { retry_after: Some(asked) } => {
            format!("fails: Busy, retry_after {}", number(asked))
        }
        Failure::Busy { retry_after: None } => "fails: Busy, retry_after None".to_owned(),
        Failure::NotSent => "fails: NotSent".to_owned(),
        Failure::Unanswered => "fails: Unanswered".to_owned(),
        Failure::Rejected => "fails: Rejected".to_owned(),
    }
}

fn words(answer: &Answer) -> String {
    match answer {
        Answer::GiveUp => "GiveUp".to_owned(),
        Answer::Wait(wait) => format!("Wait({})", number(*wait)),
        Answer::Panicked(_) => "a panic".to_owned(),
        Answer::DrawsForEver => "draws on for ever".to_owned(),
    }
}
