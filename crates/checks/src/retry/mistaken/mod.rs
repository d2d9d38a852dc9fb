//! How people get it wrong: each misunderstanding as what it puts in the place of a step of a right
//! solution.
//!
//! All other steps stay right, so that each is known by its own answers.

pub(super) mod stops;
pub(super) mod waits;

use super::{Decision, Failure, Policy, Rng};

/// What a solution is given, but for the random numbers.
pub(super) struct Given<'a> {
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &'a Policy,
}

/// The steps of a solution. Each is right where a mistake does not replace it.
pub(super) trait Steps {
    fn may_retry(given: &Given<'_>) -> bool {
        Self::is_mendable(given) && given.attempt < given.policy.attempts
    }

    fn is_mendable(given: &Given<'_>) -> bool {
        match given.failure {
            Failure::NotSent | Failure::Busy { .. } => true,
            Failure::Unanswered => given.policy.idempotent,
            Failure::Rejected => false,
        }
    }

    fn wait(given: &Given<'_>, rng: &mut Rng) -> u64 {
        Self::drawn(given, rng).max(Self::asked(given))
    }

    fn drawn(given: &Given<'_>, rng: &mut Rng) -> u64 {
        rng.within(0..=Self::longest(given))
    }

    fn longest(given: &Given<'_>) -> u64 {
        Self::grown(given).min(given.policy.cap)
    }

    fn grown(given: &Given<'_>) -> u64 {
        let growth = 2_u64.saturating_pow(given.attempt - 1);
        given.policy.base.saturating_mul(growth)
    }

    fn asked(given: &Given<'_>) -> u64 {
        match given.failure {
            Failure::Busy { retry_after } => retry_after.unwrap_or(0),
            Failure::NotSent | Failure::Unanswered | Failure::Rejected => 0,
        }
    }

    fn is_over(given: &Given<'_>, wait: u64) -> bool {
        given.elapsed.saturating_add(wait) >= given.policy.deadline
    }

    fn answered(_given: &Given<'_>, wait: u64) -> u64 {
        wait
    }
}

/// Every step as it should be, for the mistakes that go on from a right answer.
struct Right;

impl Steps for Right {}

/// The solution that takes these steps.
pub(super) fn after<S: Steps>(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    let given = Given { failure, attempt, elapsed, policy };
    if !S::may_retry(&given) {
        return Decision::GiveUp;
    }
    let wait = S::wait(&given, rng);
    if S::is_over(&given, wait) {
        return Decision::GiveUp;
    }
    Decision::Wait(S::answered(&given, wait))
}
