//! The rule that an answer breaks, never blaming more than was seen.

use super::Failure;
use super::cases::{Case, Reason, Right};
use super::rng::Answer;

/// What is broken by `got`, where something else is right.
pub(super) fn rule(case: &Case, right: Right, got: &Answer) -> &'static str {
    match (right, got) {
        (_, Answer::Panicked(panic)) => panic.rule(),
        (_, Answer::DrawsForEver) => {
            "One draw is enough, and the judge's generator may give the same number each time."
        }
        (Right::GiveUp(reason), _) => too_long(reason),
        (Right::Wait { .. }, Answer::GiveUp) => too_early(case.failure),
        (Right::Wait { asked, .. }, Answer::Wait(got)) if *got < asked => {
            "A wait that the server asks for is never cut short: either it is kept, or there is no \
             further attempt."
        }
        (Right::Wait { wait, asked }, _) if asked > 0 && wait == asked => {
            "Where the server asks for a longer wait than the drawn one, that is the wait: not \
             more, and no jitter changes it."
        }
        (Right::Wait { .. }, Answer::Wait(got)) if *got > case.longest() => {
            "No wait is longer than base * 2^(attempt - 1), nor than the cap, unless the server \
             asks for it."
        }
        (Right::Wait { .. }, _) if case.server_names_a_wait() => {
            "With a retry_after the wait is the longer one of two: the one that is drawn from 0 up \
             to the longest, and the one that the server asks for."
        }
        (Right::Wait { .. }, _) => {
            "The wait is drawn from 0 up to the longest, both included, and not changed after \
             that. The longest is base * 2^(attempt - 1), or the cap where that is less."
        }
    }
}

/// The rule that a further attempt breaks.
fn too_long(reason: Reason) -> &'static str {
    match reason {
        Reason::Rejected => "What no retry can mend is not tried again.",
        Reason::MayBeTwice => {
            "Without a reply the request may have been executed. What must not be executed twice \
             is not tried again."
        }
        Reason::NoAttempt => {
            "policy.attempts counts all attempts, the first included. After the last there is \
             nothing to wait for."
        }
        Reason::Deadline => {
            "A wait that would end at the deadline or after it is not begun: elapsed counts, and \
             so does the wait."
        }
    }
}

/// The rule that giving up breaks.
fn too_early(failure: Failure) -> &'static str {
    match failure {
        Failure::NotSent => {
            "What was never sent was not executed: while attempts are left and the wait ends \
             before the deadline, it is tried again, whatever the operation is."
        }
        Failure::Busy { .. } => {
            "A busy server has not executed the request: while attempts are left and the wait ends \
             before the deadline, it is tried again, whatever the operation is."
        }
        Failure::Unanswered | Failure::Rejected => {
            "What leaves the same when it is executed twice may be tried again without a reply, \
             while attempts are left and the wait ends before the deadline."
        }
    }
}
