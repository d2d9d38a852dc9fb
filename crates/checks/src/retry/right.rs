//! What is right after a failure, in 128 bits, where nothing saturates.

use super::cases::Case;
use super::{Decision, Failure, Policy, rng, rules};

/// What is right after the failure of this attempt, counted from 1, `elapsed` milliseconds after
/// the first attempt began.
///
/// `draw` says where the random number falls in its range: 0 is the first of the range, `u64::MAX`
/// the last, and the numbers between them are as far on in it.
///
/// ```
/// use checks::retry::{Decision, Failure, Policy, expected};
///
/// let policy = Policy { attempts: 4, base: 100, cap: 300, deadline: 1000, idempotent: false };
/// let after = |failure, attempt, draw| expected(failure, attempt, 0, &policy, draw);
/// let waits = [1, 2, 3].map(|attempt| after(Failure::NotSent, attempt, u64::MAX));
/// assert_eq!(waits, [100, 200, 300].map(Decision::Wait));
/// assert_eq!(after(Failure::NotSent, 4, 0), Decision::GiveUp);
/// assert_eq!(after(Failure::Unanswered, 1, 0), Decision::GiveUp);
/// ```
pub fn expected(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    draw: u64,
) -> Decision {
    let case = Case { failure, attempt, elapsed, policy: *policy, draw };
    let wait = wait(&case);
    match rules::to_give_up(&case, wait) {
        Some(_) => Decision::GiveUp,
        None => Decision::Wait(wait),
    }
}

/// The wait where there is one.
pub(super) fn wait(case: &Case) -> u64 {
    drawn(case).max(asked(case).unwrap_or(0))
}

/// The longest wait, before the jitter.
pub(super) fn longest(case: &Case) -> u64 {
    // After 64 doublings all but nothing is over the largest.
    let doublings = case.attempt.saturating_sub(1).min(64);
    let grown = u128::from(case.policy.base) << doublings;
    u64::try_from(grown).unwrap_or(u64::MAX).min(case.policy.cap)
}

pub(super) fn drawn(case: &Case) -> u64 {
    rng::number(longest(case), case.draw)
}

/// What the server asks for.
pub(super) fn asked(case: &Case) -> Option<u64> {
    match case.failure {
        Failure::Busy { retry_after } => retry_after,
        _ => None,
    }
}
