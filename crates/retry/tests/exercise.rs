//! The exercise and the code that runs between machines decide alike.

use std::num::NonZeroU32;
use std::time::Duration;

use checks::retry::{self, Decision, expected};
use common::random::Rng;
use common::retry::{Failure, Jitter, Policy};

/// Every status and every other failure, and what the exercise calls it.
fn failures() -> impl Iterator<Item = (Failure, retry::Failure)> {
    let statuses = (0..=u16::MAX).flat_map(|code| {
        let name = move |milliseconds: Option<u64>| match code {
            429 => retry::Failure::Busy { retry_after: milliseconds },
            502..=504 => retry::Failure::Unanswered,
            _ => retry::Failure::Rejected,
        };
        // Where the exercise has no place for it, an answer asks for no wait.
        let waits = if code == 429 { &[None, Some(0), Some(70), Some(900)][..] } else { &[None] };
        waits.iter().map(move |&wait| {
            let retry_after = wait.map(Duration::from_millis);
            (Failure::Status { code, retry_after }, name(wait))
        })
    });
    statuses.chain([
        (Failure::NoConnection, retry::Failure::NotSent),
        (Failure::NoAnswer, retry::Failure::Unanswered),
        (Failure::Other, retry::Failure::Rejected),
    ])
}

#[test]
fn the_exercise_retries_by_the_table_of_common() {
    for (failure, named) in failures() {
        for idempotent in [false, true] {
            let policy =
                retry::Policy { attempts: 2, base: 1, cap: 1, deadline: u64::MAX, idempotent };
            let is_retried = expected(named, 1, 0, &policy, 0) != Decision::GiveUp;
            assert_eq!(is_retried, failure.may_retry(idempotent), "{failure:?} {idempotent}");
        }
    }
}

/// Without jitter, as if the exercise drew the longest wait each time.
#[test]
fn the_exercise_waits_as_the_policy_of_common_does() {
    let mut rng = Rng::from_seed(1);
    let busy = failures().filter(|(_, named)| *named != retry::Failure::Rejected);
    for (failure, named) in busy {
        for (attempt, elapsed, attempts, cap, deadline) in [
            (1, 0, 4, 300, 1_000),
            (3, 0, 4, 300, 1_000),
            (4, 0, 4, 300, 1_000),
            (2, 700, 4, 300, 1_000),
            (2, 800, 4, 300, 1_000),
            (200, 0, 300, 100_000, 1_000_000),
        ] {
            let idempotent = true;
            let exercise = retry::Policy { attempts, base: 100, cap, deadline, idempotent };
            let policy = Policy {
                base: Duration::from_millis(100),
                factor: 2,
                cap: Duration::from_millis(cap),
                jitter: Jitter::None,
                attempts: NonZeroU32::new(attempts).expect("there are some"),
                deadline: Some(Duration::from_millis(deadline)),
                idempotent,
            };
            let elapsed_time = Duration::from_millis(elapsed);
            let waits = policy.after_failure(attempt, elapsed_time, failure, &mut rng);
            let decision = match expected(named, attempt, elapsed, &exercise, u64::MAX) {
                Decision::GiveUp => None,
                Decision::Wait(wait) => Some(Duration::from_millis(wait)),
            };
            assert_eq!(waits.ok(), decision, "{failure:?}, attempt {attempt} after {elapsed} ms");
        }
    }
}
