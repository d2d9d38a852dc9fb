//! What is wrong with a decision, and what helps: said of this case alone.

use super::right::{Reason, asked, drawn, longest, reason_to_give_up};
use super::rng::Draw;
use super::{Case, Decision, Failure};
use crate::exercise::Rule;

/// The rule that `got` breaks.
pub(super) fn broken(case: &Case, got: Decision, draws: &[Draw]) -> Rule {
    match (reason_to_give_up(case), got) {
        (Some(Reason::Rejected), _) => Rule::new(
            "What no retry can fix is not tried again.",
            "Give up where the failure is `Failure::Rejected`, whatever the policy says.",
        ),
        (Some(Reason::MayBeTwice), _) => Rule::new(
            "Without a reply the request may have been executed. What must not be executed twice \
             is not tried again.",
            "Give up where the failure is `Failure::Unanswered` and `policy.idempotent` is false.",
        ),
        (Some(Reason::NoAttempt), _) => Rule::new(
            "policy.attempts counts all attempts, the first included. After the last there is \
             nothing to wait for.",
            "Give up where `attempt >= policy.attempts`: both as they are, in a u32.",
        ),
        (Some(Reason::Deadline), Decision::Wait(got)) if is_too_late(case, got) => Rule::new(
            "A wait that would end at the deadline or after it is not begun: elapsed counts, and \
             so does the wait.",
            "With the wait in your hands, give up where `elapsed.saturating_add(wait) >= \
             policy.deadline`: the sum of both, in a u64, compared with >=.",
        ),
        (_, got) => range(case, draws).unwrap_or_else(|| after_the_draw(case, got, draws)),
    }
}

fn is_too_late(case: &Case, wait: u64) -> bool {
    u128::from(case.elapsed) + u128::from(wait) >= u128::from(case.policy.deadline)
}

/// What is wrong with the range of the first draw.
fn range(case: &Case, draws: &[Draw]) -> Option<Rule> {
    let longest = longest(case);
    let draw = draws.first()?;
    match draw {
        _ if draw.first != 0 => Some(Rule::new(
            "Full jitter is drawn from 0 on: the shortest wait is none, the longest is base * \
             2^(attempt - 1), or the cap where that is less.",
            "`rng.within(0..=longest)`: the range begins at 0, and its end is the longest wait.",
        )),
        _ if draw.last > longest && longest == case.policy.cap => Some(Rule::new(
            "The wait is drawn from 0 up to the longest one, and no longest wait is over the cap.",
            "Put `.min(policy.cap)` behind the grown wait, before you draw up to it.",
        )),
        _ if draw.last != longest => Some(Rule::new(
            "The wait is drawn from 0 up to the longest: base * 2^(attempt - 1), or the cap where \
             that is less. A number that would pass the largest of a u64 stays there.",
            "`policy.base.saturating_mul(2_u64.saturating_pow(attempt - 1)).min(policy.cap)` is \
             the longest, and the draw is from `0..=longest`: all in u64, no float, no shift.",
        )),
        _ => None,
    }
}

/// What is wrong where nothing was drawn, or from the right range.
fn after_the_draw(case: &Case, got: Decision, draws: &[Draw]) -> Rule {
    let got = match got {
        Decision::Wait(got) => got,
        Decision::GiveUp => return gave_up(case),
    };
    match asked(case) {
        _ if draws.len() > 1 => Rule::new(
            "The wait is drawn once: a second number is another one.",
            "Keep what `rng.within(0..=longest)` returns in a variable, and use that from there \
             on.",
        ),
        Some(asked) if got < asked => Rule::new(
            "A wait that the server asks for is never cut short: either it is kept, or there is no \
             further attempt.",
            "After the draw take `drawn.max(retry_after)`, and apply no cap and no jitter to that.",
        ),
        Some(asked) if asked > drawn(case) && got > asked => Rule::new(
            "Where the server asks for a longer wait than the drawn one, that is the wait, \
             unchanged: neither is added to the other.",
            "The wait is `drawn.max(retry_after)`: one of the two, with nothing added.",
        ),
        Some(_) => Rule::new(
            "With a retry_after the wait is the longer one of two: the one that is drawn from 0 up \
             to the longest, and the one that the server asks for.",
            "Draw whatever the failure is, and then take `drawn.max(retry_after)`.",
        ),
        None if draws.is_empty() => Rule::new(
            "The wait is drawn, so that clients that failed together do not come back together.",
            "Let `rng.within(0..=longest)` draw the wait.",
        ),
        None => Rule::new(
            "What is drawn from 0 up to the longest wait is the whole wait, from now on until the \
             next attempt: nothing is added to it, and nothing cut from it.",
            "Answer `Decision::Wait(drawn)` with what `rng.within(0..=longest)` returned.",
        ),
    }
}

/// The rule that giving up breaks.
fn gave_up(case: &Case) -> Rule {
    const HINT: &str = "Hold your conditions for giving up against the numbers of this case: one \
                        of them holds, and should not. Neither `attempt >= policy.attempts` nor \
                        `elapsed.saturating_add(wait) >= policy.deadline` does, with the wait that \
                        is drawn here.";
    match case.failure {
        Failure::NotSent => Rule::new(
            "What was never sent was not executed: while attempts are left and the wait ends \
             before the deadline, it is tried again, whatever the operation is.",
            HINT,
        ),
        Failure::Busy { .. } => Rule::new(
            "A busy server has not executed the request: while attempts are left and the wait ends \
             before the deadline, it is tried again, whatever the operation is.",
            HINT,
        ),
        Failure::Unanswered | Failure::Rejected => Rule::new(
            "What leaves the same when it is executed twice may be tried again without a reply, \
             while attempts are left and the wait ends before the deadline.",
            HINT,
        ),
    }
}
