//! Waits that are too long, too short, or the same for everybody.

use super::{asked, decide, drawn, grown, is_over, longest, may_retry};
use crate::retry::{Decision, Failure, Policy, Rng};

pub(in crate::retry) fn exponent_is_the_attempt(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let longest = grown(attempt + 1, policy).min(policy.cap);
            rng.within(0..=longest).max(asked(failure))
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn grows_evenly(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let grown = policy.base.saturating_mul(attempt.into());
            rng.within(0..=grown.min(policy.cap)).max(asked(failure))
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn does_not_grow(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            rng.within(0..=policy.base.min(policy.cap))
                .max(asked(failure))
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn no_cap(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || rng.within(0..=grown(attempt, policy)).max(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn cap_after_jitter(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let drawn = rng.within(0..=grown(attempt, policy));
            drawn.min(policy.cap).max(asked(failure))
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn product_overflows(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let grown = policy.base * 2_u64.pow(attempt - 1);
            rng.within(0..=grown.min(policy.cap)).max(asked(failure))
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn power_is_a_u32(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let grown = policy.base.saturating_mul(2_u32.pow(attempt - 1).into());
            rng.within(0..=grown.min(policy.cap)).max(asked(failure))
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn shifts_the_bits_out(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let grown = policy.base << (attempt - 1);
            rng.within(0..=grown.min(policy.cap)).max(asked(failure))
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn no_jitter(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    _rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || longest(attempt, policy).max(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn jitter_lengthens(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let wait = longest(attempt, policy).saturating_add(drawn(attempt, policy, rng));
            wait.max(asked(failure))
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn half_is_fixed(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let longest = longest(attempt, policy);
            rng.within(longest / 2..=longest).max(asked(failure))
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn base_is_the_shortest(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let longest = longest(attempt, policy);
            rng.within(policy.base.min(longest)..=longest)
                .max(asked(failure))
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn ignores_the_server(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || drawn(attempt, policy, rng),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn servers_wait_replaces(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || match failure {
            Failure::Busy {
                retry_after: Some(asked),
            } => asked,
            _ => drawn(attempt, policy, rng),
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn adds_the_servers_wait(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || drawn(attempt, policy, rng).saturating_add(asked(failure)),
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn cap_cuts_the_servers_wait(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let asked = asked(failure).min(policy.cap);
            drawn(attempt, policy, rng).max(asked)
        },
        |wait| is_over(elapsed, wait, policy),
    )
}

pub(in crate::retry) fn jitter_cuts_the_servers_wait(
    failure: Failure,
    attempt: u32,
    elapsed: u64,
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    decide(
        may_retry(failure, attempt, policy),
        || {
            let longest = longest(attempt, policy).max(asked(failure));
            rng.within(0..=longest)
        },
        |wait| is_over(elapsed, wait, policy),
    )
}
