//! Trying again where there is nothing to win, and giving up where there is.

use super::{asked, decide, drawn, is_mendable, is_over, longest, may_retry};
use crate::retry::{Decision, Failure, Policy, Rng};

pub(in crate::retry) fn over_the_cap_is_too_much(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy) && asked(failure) <= policy.cap,
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn retries_the_rejected(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    let may_be_twice = failure == Failure::Unanswered && !policy.idempotent;
    decide(
        attempt < policy.attempts && !may_be_twice,
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn executes_it_twice(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        attempt < policy.attempts && failure != Failure::Rejected,
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn no_reply_is_final(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy) && failure != Failure::Unanswered,
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn only_the_idempotent(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy) && policy.idempotent,
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn sleeps_after_the_last(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        is_mendable(failure, policy) && attempt <= policy.attempts,
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn one_attempt_too_few(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        is_mendable(failure, policy) && attempt < policy.attempts - 1,
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn no_limit_on_attempts(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        is_mendable(failure, policy),
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn ignores_the_deadline(
    failure: Failure,
    attempt: u32,
    _elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || drawn(attempt, policy, rng).max(asked(failure)),
        |_| false,
    )
}

pub(in crate::retry) fn wait_does_not_count(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || drawn(attempt, policy, rng).max(asked(failure)),
        |_| elapsed >= policy.deadline,
    )
}

pub(in crate::retry) fn elapsed_does_not_count(
    failure: Failure,
    attempt: u32,
    _elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| wait >= policy.deadline,
    )
}

pub(in crate::retry) fn sleeps_until_the_deadline(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let left = policy.deadline.saturating_sub(elapsed);
            drawn(attempt, policy, rng).max(asked(failure)).min(left)
        },
        |_| elapsed >= policy.deadline,
    )
}

pub(in crate::retry) fn begins_at_the_deadline(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| elapsed.saturating_add(wait) > policy.deadline,
    )
}

pub(in crate::retry) fn longest_wait_decides(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || drawn(attempt, policy, rng).max(asked(failure)),
        |_| {
            let longest = longest(attempt, policy).max(asked(failure));
            is_over(elapsed, longest, policy)
        },
    )
}

pub(in crate::retry) fn servers_wait_overflows(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || drawn(attempt, policy, rng).max(asked(failure)),
        |wait| elapsed + wait >= policy.deadline,
    )
}
