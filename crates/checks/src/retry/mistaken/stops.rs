//! Trying again where there is nothing to win, and giving up where there is.

use super::{Given, Right, Steps};
use crate::retry::{Failure, Rng};

pub(in crate::retry) struct OverTheCapIsTooMuch;

impl Steps for OverTheCapIsTooMuch {
    fn may_retry(given: &Given<'_>) -> bool {
        Right::may_retry(given) && Self::asked(given) <= given.policy.cap
    }
}

pub(in crate::retry) struct RetriesTheRejected;

impl Steps for RetriesTheRejected {
    fn is_mendable(given: &Given<'_>) -> bool {
        given.failure != Failure::Unanswered || given.policy.idempotent
    }
}

pub(in crate::retry) struct ExecutesItTwice;

impl Steps for ExecutesItTwice {
    fn is_mendable(given: &Given<'_>) -> bool {
        given.failure != Failure::Rejected
    }
}

pub(in crate::retry) struct NoReplyIsFinal;

impl Steps for NoReplyIsFinal {
    fn is_mendable(given: &Given<'_>) -> bool {
        Right::is_mendable(given) && given.failure != Failure::Unanswered
    }
}

pub(in crate::retry) struct OnlyTheIdempotent;

impl Steps for OnlyTheIdempotent {
    fn is_mendable(given: &Given<'_>) -> bool {
        Right::is_mendable(given) && given.policy.idempotent
    }
}

pub(in crate::retry) struct SleepsAfterTheLast;

impl Steps for SleepsAfterTheLast {
    fn may_retry(given: &Given<'_>) -> bool {
        Self::is_mendable(given) && given.attempt <= given.policy.attempts
    }
}

pub(in crate::retry) struct OneAttemptTooFew;

impl Steps for OneAttemptTooFew {
    fn may_retry(given: &Given<'_>) -> bool {
        Self::is_mendable(given) && given.attempt < given.policy.attempts - 1
    }
}

pub(in crate::retry) struct NoLimitOnAttempts;

impl Steps for NoLimitOnAttempts {
    fn may_retry(given: &Given<'_>) -> bool {
        Self::is_mendable(given)
    }
}

pub(in crate::retry) struct IgnoresTheDeadline;

impl Steps for IgnoresTheDeadline {
    fn is_over(_given: &Given<'_>, _wait: u64) -> bool {
        false
    }
}

pub(in crate::retry) struct WaitDoesNotCount;

impl Steps for WaitDoesNotCount {
    fn is_over(given: &Given<'_>, _wait: u64) -> bool {
        given.elapsed >= given.policy.deadline
    }
}

pub(in crate::retry) struct ElapsedDoesNotCount;

impl Steps for ElapsedDoesNotCount {
    fn is_over(given: &Given<'_>, wait: u64) -> bool {
        wait >= given.policy.deadline
    }
}

pub(in crate::retry) struct SleepsUntilTheDeadline;

impl Steps for SleepsUntilTheDeadline {
    fn wait(given: &Given<'_>, rng: &mut Rng) -> u64 {
        let left = given.policy.deadline.saturating_sub(given.elapsed);
        Right::wait(given, rng).min(left)
    }

    fn is_over(given: &Given<'_>, _wait: u64) -> bool {
        given.elapsed >= given.policy.deadline
    }
}

pub(in crate::retry) struct BeginsAtTheDeadline;

impl Steps for BeginsAtTheDeadline {
    fn is_over(given: &Given<'_>, wait: u64) -> bool {
        given.elapsed.saturating_add(wait) > given.policy.deadline
    }
}

pub(in crate::retry) struct LongestWaitDecides;

impl Steps for LongestWaitDecides {
    fn is_over(given: &Given<'_>, _wait: u64) -> bool {
        let longest = Self::longest(given).max(Self::asked(given));
        Right::is_over(given, longest)
    }
}

pub(in crate::retry) struct ServersWaitOverflows;

impl Steps for ServersWaitOverflows {
    fn is_over(given: &Given<'_>, wait: u64) -> bool {
        given.elapsed + wait >= given.policy.deadline
    }
}

pub(in crate::retry) struct RetriesTheRejectedIfIdempotent;

impl Steps for RetriesTheRejectedIfIdempotent {
    fn is_mendable(given: &Given<'_>) -> bool {
        let rejected = given.failure == Failure::Rejected;
        Right::is_mendable(given) || rejected && given.policy.idempotent
    }
}

pub(in crate::retry) struct BusyMayBeTwice;

impl Steps for BusyMayBeTwice {
    fn is_mendable(given: &Given<'_>) -> bool {
        let busy = matches!(given.failure, Failure::Busy { .. });
        Right::is_mendable(given) && (given.policy.idempotent || !busy)
    }
}
