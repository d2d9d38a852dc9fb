//! How people get it wrong: each misunderstanding as the code that it leads to.
//!
//! All but what it touches is as in a right solution, so that each is known by its own answers.

pub(super) mod stops;
pub(super) mod waits;

use super::{Decision, Failure, Policy, Rng};

/// What every solution does, in three steps: whether the failure allows a retry, the wait, and whether that is too long.
fn decide(
    may_retry: bool,
    wait: impl FnOnce() -> u64,
    is_over: impl FnOnce(u64) -> bool,
) -> Decision {
    if !may_retry {
        return Decision::GiveUp;
    }
    let wait = wait();
    if is_over(wait) {
        return Decision::GiveUp;
    }
    Decision::Wait(wait)
}

fn may_retry(failure: Failure, attempt: u32, policy: &Policy) -> bool {
    is_mendable(failure, policy) && attempt < policy.attempts
}

fn is_mendable(failure: Failure, policy: &Policy) -> bool {
    match failure {
        Failure::NotSent | Failure::Busy { .. } => true,
        Failure::Unanswered => policy.idempotent,
        Failure::Rejected => false,
    }
}

fn asked(failure: Failure) -> u64 {
    match failure {
        Failure::Busy { retry_after } => retry_after.unwrap_or(0),
        Failure::NotSent | Failure::Unanswered | Failure::Rejected => 0,
    }
}

fn grown(attempt: u32, policy: &Policy) -> u64 {
    let growth = 2_u64.saturating_pow(attempt - 1);
    policy.base.saturating_mul(growth)
}

fn longest(attempt: u32, policy: &Policy) -> u64 {
    grown(attempt, policy).min(policy.cap)
}

fn drawn(attempt: u32, policy: &Policy, rng: &mut Rng) -> u64 {
    rng.within(0..=longest(attempt, policy))
}

fn is_over(elapsed: u64, wait: u64, policy: &Policy) -> bool {
    elapsed.saturating_add(wait) >= policy.deadline
}
