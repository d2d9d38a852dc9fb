//! What is wrong with a decision, and what helps: said of this case alone.

use std::ops::RangeInclusive;

use super::right::{asked, longest, wait};
use super::{Case, Decision, Failure};
use crate::exercise::Rule;

/// The first rule by which there is no further attempt after this wait, if there is one.
pub(super) fn to_give_up(case: &Case, wait: u64) -> Option<Rule> {
    let policy = &case.policy;
    let begins = u128::from(case.elapsed) + u128::from(wait);
    let rules = [
        (
            case.failure == Failure::Rejected,
            "What no retry can fix is not tried again.",
            "Give up where the failure is `Failure::Rejected`, whatever the policy says.",
        ),
        (
            case.failure == Failure::Unanswered && !policy.idempotent,
            "Without a reply the request may have been executed. What must not be executed twice \
             is not tried again.",
            "Give up where the failure is `Failure::Unanswered` and `policy.idempotent` is false.",
        ),
        (
            case.attempt >= policy.attempts,
            "policy.attempts counts all attempts, the first included. After the last there is \
             nothing to wait for.",
            "Give up where `attempt >= policy.attempts`: both as they are, in a u32.",
        ),
        (
            begins >= u128::from(policy.deadline),
            "A wait that would end at the deadline or after it is not begun: elapsed counts, and \
             so does the wait.",
            "With the wait in your hands, give up where `elapsed.saturating_add(wait) >= \
             policy.deadline`: the sum of both, in a u64, compared with >=.",
        ),
    ];
    rules.into_iter().find_map(|(holds, text, hint)| holds.then_some(Rule { text, hint }))
}

/// The rule that `got` breaks.
pub(super) fn broken(case: &Case, got: Decision, draws: &[(RangeInclusive<u64>, u64)]) -> Rule {
    let late = match got {
        Decision::Wait(got) => to_give_up(case, wait(case)).and_then(|_| to_give_up(case, got)),
        Decision::GiveUp => None,
    };
    if let Some(rule) = late {
        return rule;
    }
    match (got, asked(case)) {
        _ if draws.first().is_some_and(|(range, _)| *range != (0..=longest(case))) => Rule::new(
            "Full jitter is drawn from 0 up to the longest wait: base * 2^(attempt - 1), or the \
             cap where that is less. A number that would pass the largest of a u64 stays there.",
            "`policy.base.saturating_mul(2_u64.saturating_pow(attempt - 1)).min(policy.cap)` is \
             the longest, and the draw is from `0..=longest`: all in u64, no float, no shift.",
        ),
        (Decision::GiveUp, _) => Rule::new(
            "While attempts are left and the wait ends before the deadline, a request is tried \
             again: whatever the operation is where nothing was executed, after NotSent and Busy, \
             and what is idempotent also without a reply.",
            "Hold your conditions for giving up against the numbers of this case: one of them \
             holds, and should not. Neither `attempt >= policy.attempts` nor \
             `elapsed.saturating_add(wait) >= policy.deadline` does, with the wait that is drawn \
             here.",
        ),
        _ if draws.len() > 1 => Rule::new(
            "The wait is drawn once: a second number is another one.",
            "Keep what `rng.within(0..=longest)` returns in a variable, and use that from there \
             on.",
        ),
        (Decision::Wait(got), Some(asked)) if got < asked => Rule::new(
            "A wait that the server asks for is never cut short: either it is kept, or there is no \
             further attempt.",
            "After the draw take `drawn.max(retry_after)`, and apply no cap and no jitter to that.",
        ),
        (_, Some(_)) => Rule::new(
            "With a retry_after the wait is the longer one of two, unchanged: the one that is \
             drawn from 0 up to the longest, and the one that the server asks for.",
            "Draw whatever the failure is, and then take `drawn.max(retry_after)`: nothing is \
             added.",
        ),
        (_, None) => Rule::new(
            "What is drawn from 0 up to the longest wait is the whole wait, so that clients that \
             failed together do not come back together: nothing is added to it, and nothing cut \
             from it.",
            "Answer `Decision::Wait(drawn)` with what `rng.within(0..=longest)` returned.",
        ),
    }
}
