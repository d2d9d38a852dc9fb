//! When not to retry: a permanent failure, a deadline that would pass, and a server that asks for
//! time.

use std::time::Duration;

use common::random::Rng;
use common::retry::{Env, Policy, RetryError, Stopped, Verdict, Virtual, with_retry};

use crate::waits::plain;

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
    [Verdict::Retry, Verdict::GiveUp].map(|verdict| call(&plain(), verdict))
}

/// A busy server, and a client that has 5 s.
pub fn deadline() -> (Duration, Ended) {
    let deadline = Duration::from_secs(5);
    (deadline, call(&within(deadline), Verdict::Retry))
}

/// A busy server that asks for 3 s, and one that asks for an hour; the client has a minute.
pub fn asked_to_wait() -> [(Duration, Ended); 2] {
    let policy = within(Duration::from_secs(60));
    [3, 3600].map(|seconds| {
        let asked = Duration::from_secs(seconds);
        (asked, call(&policy, Verdict::RetryAfter(asked)))
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
    with_retry(&plain(), &mut env, |()| Verdict::Retry, |_| through_layers(count - 1, calls))
        .map_err(drop)
}

fn within(deadline: Duration) -> Policy {
    Policy { deadline: Some(deadline), ..plain() }
}

/// Calls a server that fails always, with failures of one kind.
fn call(policy: &Policy, verdict: Verdict) -> Ended {
    let mut env = Virtual::new(Rng::from_seed(1));
    let result: Result<(), RetryError<()>> =
        with_retry(policy, &mut env, |()| verdict, |_| Err(()));
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
        let expected = [ended(4, 7, Stopped::AttemptsUsedUp), ended(1, 0, Stopped::NotWorthIt)];
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
