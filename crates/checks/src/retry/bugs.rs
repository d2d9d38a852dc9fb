//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use super::{Decision, Failure, Policy, Rng};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    ExponentIsAttempt, "the exponent is the attempt":
        "It doubles the first wait already, but before attempt 1 nothing had failed: the exponent \
         is one less than the attempt.";
    | ProductOverflows, "the product overflows":
        "It trusts the power and the product to fit, but 10 * 2^63 is over the largest u64, and a \
         client that tries for long gets there.";
    | ShiftsBitsOut, "shifts the bits out":
        "It takes a shift for a product, but the bits that a shift moves over the edge are lost: \
         from there on the longest wait is too short, or none.";
    NoCap, "no cap": "It lets the wait grow on, but ten doublings make 1 s into 17 minutes.";
    | CapAfterJitter, "the cap comes after the jitter":
        "It cuts what was drawn, but then most of the long waits are the cap itself, and the \
         clients are together again.";
    JitterLengthens, "the jitter only lengthens":
        "It adds a random time to the wait, but full jitter is drawn from 0 on: the time before \
         the longest wait is room to spread, too.";
    | ServersWaitReplaces, "the server's wait replaces the drawn one":
        "It waits for what the server asks and no longer, but that is the least it asks for, and \
         the same for every client.";
    | CapCutsServersWait, "the cap cuts the server's wait":
        "It bounds the server's wait by the cap, but the cap is for its own waits: an attempt \
         before the server's time is in vain.";
    RetriesRejected, "retries what cannot be fixed":
        "It tries again whatever failed, but a wrong request is as wrong the next time.";
    | ExecutesTwice, "executes it twice":
        "It takes a missing reply for a request that was not executed, but the reply may be what \
         was lost, and a payment would be made twice.";
    | OnlyIdempotent, "only what is idempotent is tried again":
        "It asks of every failure whether the operation is idempotent, but after NotSent and Busy \
         nothing was executed that could be done twice.";
    OneAttemptTooMany, "sleeps after the last attempt":
        "It takes attempts for the number of retries, but the first attempt counts, too.";
    | IgnoresDeadline, "ignores the deadline":
        "It counts attempts alone, but the caller waits no longer than until the deadline.";
    | WaitDoesNotCount, "the wait does not count":
        "It compares the deadline with the time that has passed, but the next attempt begins after \
         the wait, and that may be too late.";
    | SumOverflows, "the moment of the next attempt overflows":
        "It trusts elapsed and the wait to fit into one u64, but what a server asks for can be any \
         number, and the sum panics.";
    BeginsAtDeadline, "an attempt may begin at the deadline":
        "It allows a wait that ends right at the deadline, but then no time is left for the \
         attempt.";
}

/// What is right, but for the bugs.
pub(super) fn after(
    bugs: Bugs<Bug>,
    (failure, attempt, elapsed): (Failure, u32, u64),
    policy: &Policy,
    rng: &mut Rng,
) -> Decision {
    let may_be_sent_again = match failure {
        Failure::Rejected => bugs.has(Bug::RetriesRejected),
        Failure::Unanswered => policy.idempotent || bugs.has(Bug::ExecutesTwice),
        _ => policy.idempotent || !bugs.has(Bug::OnlyIdempotent),
    };
    let is_last = match bugs.has(Bug::OneAttemptTooMany) {
        true => attempt > policy.attempts,
        false => attempt >= policy.attempts,
    };
    if is_last || !may_be_sent_again {
        return Decision::GiveUp;
    }
    let drawn = draw(bugs, attempt, policy, rng);
    let wait = match failure {
        Failure::Busy { retry_after: Some(asked) } => match () {
            () if bugs.has(Bug::ServersWaitReplaces) => asked,
            () if bugs.has(Bug::CapCutsServersWait) => drawn.max(asked).min(policy.cap),
            () => drawn.max(asked),
        },
        _ => drawn,
    };
    let begins = match () {
        () if bugs.has(Bug::IgnoresDeadline) => return Decision::Wait(wait),
        () if bugs.has(Bug::WaitDoesNotCount) => elapsed,
        () if bugs.has(Bug::SumOverflows) => elapsed + wait,
        () => elapsed.saturating_add(wait),
    };
    match bugs.has(Bug::BeginsAtDeadline) {
        true if begins == policy.deadline => Decision::Wait(wait),
        _ if begins >= policy.deadline => Decision::GiveUp,
        _ => Decision::Wait(wait),
    }
}

fn draw(bugs: Bugs<Bug>, attempt: u32, policy: &Policy, rng: &mut Rng) -> u64 {
    let exponent = if bugs.has(Bug::ExponentIsAttempt) { attempt } else { attempt - 1 };
    let grown = match () {
        () if bugs.has(Bug::ProductOverflows) => policy.base * 2_u64.pow(exponent),
        () if bugs.has(Bug::ShiftsBitsOut) => policy.base.checked_shl(exponent).unwrap_or(u64::MAX),
        () => policy.base.saturating_mul(2_u64.saturating_pow(exponent)),
    };
    let has_early_cap = !bugs.has(Bug::NoCap) && !bugs.has(Bug::CapAfterJitter);
    let longest = if has_early_cap { grown.min(policy.cap) } else { grown };
    let drawn = rng.within(0..=longest);
    let wait = if bugs.has(Bug::JitterLengthens) { longest.saturating_add(drawn) } else { drawn };
    if bugs.has(Bug::CapAfterJitter) { wait.min(policy.cap) } else { wait }
}
