//! Exercise: decide after a failed attempt whether to try again, and after which wait.
//!
//! | the type | what it has |
//! |---|---|
//! | `Failure` | is `NotSent`, `Unanswered`, `Rejected` or `Busy { retry_after: Option<u64> }` |
//! | `Policy` | `attempts: u32`, `base: u64`, `cap: u64`, `deadline: u64`, `idempotent: bool` |
//! | `Rng` | `within(&mut self, range: RangeInclusive<u64>) -> u64` |
//!
//! All times are milliseconds; `elapsed` and `deadline` count from when the first attempt began.
//!
//! The answer is `Decision::GiveUp` where any of these holds, and else `Decision::Wait(wait)`:
//!
//! | give up where | because |
//! |---|---|
//! | the failure is `Rejected` | the request itself is wrong: no retry can repair that |
//! | it is `Unanswered`, the operation not `idempotent` | it may have been executed already |
//! | `attempt` has reached `policy.attempts` | no attempt is left: nothing to wait for |
//! | `elapsed + wait` has reached `policy.deadline` | the next attempt would begin too late |
//!
//! `NotSent` and `Busy` say that the request was not executed: those are tried again whatever the
//! operation is.
//!
//! The wait, in this order:
//!
//! 1. The longest wait is `base` after attempt 1, twice as long after each further one, and at most
//!    `cap`. Where the doubling would pass `u64::MAX`, it stays at that.
//! 2. Full jitter: `rng.within(0..=longest)` draws the wait, from nothing up to that longest one.
//!    Draw it once: each further number is another one.
//! 3. A server that is `Busy` may ask for at least a wait (`retry_after`). Where it is longer than
//!    the drawn one it is the wait, unchanged, even over `cap`; the deadline is its only bound.
//!
//! `attempt` is at least 1 and at most `u32::MAX`: a loop over all attempts takes too long. All
//! other numbers go from 0 to the largest of their types, also those of the policy and of the
//! server: there may be 0 attempts, a `base` of 0 or over the `cap`, a deadline that has passed.
//!
//! The judge calls `after` with one failure at a time: the first attempts first, of each the
//! plainest failures, and then the large numbers. You see the first case that is wrong.
//!
//! To check it: `cargo run -- check retry`

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
    checks::unsolved!(
        "whether to try again, and the wait before it",
        failure,
        attempt,
        elapsed,
        policy,
        rng,
    )
}
