//! The plain loop with its growing waits, and the edges of that growth.

use std::time::Duration;

use common::random::Rng;
use common::retry::{Attempt, Env, Failure, Jitter, Policy, RetryError, Virtual, with_retry};

/// One attempt of the plain loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// When it was made, counted from the first.
    pub at: Duration,
    /// Whether it was answered.
    pub answered: bool,
    /// How long the loop waited after it, if it went on.
    pub waited: Option<Duration>,
}

/// Plain exponential backoff: four attempts, waits of 1, 2 and 4 s.
pub fn plain() -> Policy {
    Policy { jitter: Jitter::None, ..Policy::default() }
}

/// Calls a server that fails the first `failures` times, until it answers or the attempts are used
/// up.
pub fn against_failures(failures: u32) -> Vec<Tried> {
    let mut env = Virtual::new(Rng::from_seed(1));
    let clock = env.clock();
    let mut tried = Vec::new();
    // Whether it was answered in the end stands in the last attempt.
    let _ = call(&mut env, |attempt| {
        let answered = attempt.number > failures;
        tried.push(Tried { at: clock.now(), answered, waited: None });
        if answered { Ok(()) } else { Err(()) }
    });
    for (tried, slept) in tried.iter_mut().zip(env.slept()) {
        tried.waited = Some(*slept);
    }
    tried
}

/// Calls a server that never answers: the number of attempts, and when the last of them has failed.
pub fn in_vain() -> (u32, Duration) {
    let mut env = Virtual::new(Rng::from_seed(1));
    let gave_up = call(&mut env, |_| Err(()));
    let attempts = gave_up.map_or_else(|error| error.attempts, |()| 0);
    (attempts, env.now())
}

fn call(
    env: &mut Virtual,
    operation: impl FnMut(Attempt) -> Result<(), ()>,
) -> Result<(), RetryError<()>> {
    with_retry(&plain(), env, |()| Failure::NoConnection, operation)
}

/// One wait, as a plain doubling has it and as a [`Policy`] has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// After how many failures.
    pub failures: u32,
    /// A second doubled this often, in a `u64` of seconds; `None`: that overflows.
    pub doubled: Option<u64>,
    /// The wait of the policy.
    pub wait: Duration,
}

/// The wait after this many failures, for some numbers that matter.
pub fn edges() -> Vec<Edge> {
    let policy = plain();
    let mut rng = Rng::from_seed(1);
    [1, 2, 5, 6, 30, 64, 65, u32::MAX]
        .into_iter()
        .map(|failures| Edge {
            failures,
            doubled: 2_u64.checked_pow(failures - 1),
            wait: policy.wait(failures, &mut rng),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_fails_twice_is_called_at_0_1_and_3_seconds() {
        let tried = against_failures(2);
        let seconds: Vec<_> = tried.iter().map(|tried| tried.at.as_secs()).collect();
        assert_eq!(seconds, [0, 1, 3]);
        let answered: Vec<_> = tried.iter().map(|tried| tried.answered).collect();
        assert_eq!(answered, [false, false, true]);
        assert_eq!(tried[2].waited, None);
    }

    #[test]
    fn nothing_waits_after_the_last_attempt() {
        let tried = against_failures(9);
        assert_eq!(tried.len(), 4);
        assert_eq!(tried[3].waited, None);
        assert_eq!(in_vain(), (4, Duration::from_secs(7)));
    }

    #[test]
    fn doubling_overflows_at_the_65th_failure_and_a_policy_does_not() {
        let edge = |failures| edges().into_iter().find(|edge| edge.failures == failures).unwrap();
        assert_eq!(edge(64).doubled, Some(1 << 63));
        assert_eq!(edge(65).doubled, None);
        assert_eq!(edge(65).wait, plain().cap);
        assert_eq!(edge(u32::MAX).wait, plain().cap);
    }
}
