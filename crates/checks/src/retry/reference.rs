//! Exercise: decide after a failed attempt whether to try again, and after which wait. One way to
//! write it.

use checks::retry::{Decision, Failure, Policy, Rng};

/// What follows on the failure of this attempt, counted from 1, `elapsed` after the first attempt
/// began.
pub fn after(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    let asked = match failure {
        Failure::Rejected => return Decision::GiveUp,
        Failure::Unanswered if !policy.idempotent => return Decision::GiveUp,
        Failure::Busy { retry_after } => retry_after.unwrap_or(0),
        Failure::NotSent | Failure::Unanswered => 0,
    };
    if attempt >= policy.attempts {
        return Decision::GiveUp;
    }
    let wait = rng.within(0..=longest_wait(attempt, policy)).max(asked);
    if elapsed.saturating_add(wait) >= policy.deadline {
        return Decision::GiveUp;
    }
    Decision::Wait(wait)
}

/// The wait after this attempt, before the jitter.
fn longest_wait(attempt: u32, policy: &Policy) -> u64 {
    let growth = 2_u64.saturating_pow(attempt - 1);
    policy.base.saturating_mul(growth).min(policy.cap)
}
