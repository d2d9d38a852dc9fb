//! When not to retry: a permanent failure, a deadline that would pass, and a server that asks for
//! time.

use std::time::Duration;

use common::random::Rng;
use common::retry::{Env, Failure, Policy, RetryError, Stopped, Virtual, with_retry};

use crate::waits::plain;

/// What a server that is busy answers.
const BUSY: Failure = Failure::Status { code: 429, retry_after: None };

/// How a call ended that never succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up, counted from the first attempt.
    pub after: Duration,
    /// Why.
    pub stopped: Stopped,
}

/// "There is no such account", for a client that retries every failure, and for one that
/// distinguishes failures.
pub fn permanent_failure() -> [Ended; 2] {
    let not_found = Failure::Status { code: 404, retry_after: None };
    [BUSY, not_found].map(|taken_for| call(&plain(), taken_for))
}

/// A busy server, and a client that has 5 s.
pub fn deadline() -> (Duration, Ended) {
    let deadline = Duration::from_secs(5);
    (deadline, call(&within(deadline), BUSY))
}

/// A busy server that asks for 3 s, and one that asks for an hour; the client has a minute.
pub fn asked_to_wait() -> [(Duration, Ended); 2] {
    let policy = within(Duration::from_secs(60));
    [3, 3600].map(|seconds| {
        let asked = Duration::from_secs(seconds);
        (asked, call(&policy, Failure::Status { code: 429, retry_after: Some(asked) }))
    })
}

/// How often the last of several servers is called for one request, when each of them calls the
/// next with retries and the last one fails.
pub fn layers(count: u32) -> u32 {
    let mut calls = 0;
    let _ = through_layers(count, &mut calls);
    calls
}

fn through_layers(count: u32, calls: &mut u32) -> Result<(), ()> {
    if count == 0 {
        *calls += 1;
        return Err(());
    }
    let mut env = Virtual::new(Rng::from_seed(1));
    with_retry(&plain(), &mut env, |()| BUSY, |_| through_layers(count - 1, calls)).map_err(drop)
}

fn within(deadline: Duration) -> Policy {
    Policy { deadline: Some(deadline), ..plain() }
}

/// Calls a server that fails always, with failures of one kind.
fn call(policy: &Policy, failure: Failure) -> Ended {
    let mut env = Virtual::new(Rng::from_seed(1));
    let result: Result<(), RetryError<()>> =
        with_retry(policy, &mut env, |()| failure, |_| Err(()));
    let error = result.expect_err("an operation that always fails does not succeed");
    Ended { attempts: error.attempts, after: env.now(), stopped: error.stopped }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(attempts: u32, after: u64, stopped: Stopped) -> Ended {
        Ended { attempts, after: Duration::from_secs(after), stopped }
    }

    #[test]
    fn a_permanent_failure_is_tried_once_if_it_is_known_as_one() {
        let expected = [ended(4, 7, Stopped::AttemptsUsedUp), ended(1, 0, Stopped::Failure)];
        assert_eq!(permanent_failure(), expected);
    }

    #[test]
    fn a_deadline_ends_a_call_before_the_wait_that_would_pass_it() {
        assert_eq!(deadline().1, ended(3, 3, Stopped::Deadline));
    }

    #[test]
    fn a_servers_wait_is_kept_or_the_call_ends() {
        let [(_, short), (_, long)] = asked_to_wait();
        assert_eq!(short, ended(4, 3 + 3 + 4, Stopped::AttemptsUsedUp));
        assert_eq!(long, ended(1, 0, Stopped::Deadline));
    }

    #[test]
    fn retries_in_layers_multiply() {
        assert_eq!((0..4).map(layers).collect::<Vec<_>>(), [1, 4, 16, 64]);
    }
}
