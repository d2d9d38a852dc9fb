//! Retries: how often, after which waits, and when not at all.
//!
//! A failure may be gone a moment later, so it pays to retry. But an attempt is work for a server
//! that may have failed under too much work, and clients that wait equally long come back together.
//! So [`with_retry`] waits longer after each failure, by a [`Policy`] that is plain data, and draws
//! each wait at random below that bound. The caller maps each error to a [`Failure`], and one table
//! decides whether the request may be sent again. A [`Budget`] that many calls share keeps retries
//! a small part of the traffic, however many calls fail.
//!
//! Backoff and jitter are those of Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture
//! Blog, 2015); the budget is that of "Site Reliability Engineering" (Google, 2016), chapter 21,
//! "Deciding to Retry".
//!
//! What holds:
//!
//! * There is at least one attempt, and there are at most [`Policy::attempts`].
//! * What may have been executed is tried again only where [`Policy::idempotent`] is set.
//! * No wait is longer than [`Policy::cap`], but for one that a server asks for.
//! * After the last attempt nothing sleeps. No sleep is begun that would end at the deadline or
//!   after it, and no attempt but the first is begun then.
//! * A server's wait is never cut short: either it is kept, or there is no further attempt.
//!
//! Left out: ending an attempt that is in progress (the operation is given the remaining time and
//! has to keep to it), hedging, circuit breakers, and jitter that depends on the wait before.

mod budget;
mod env;
mod failure;
mod retry_after;

pub use budget::Budget;
pub use env::{Env, Real, Virtual, VirtualClock};
pub use failure::Failure;
pub use retry_after::{RetryAfterError, retry_after};

use std::num::NonZeroU32;
use std::time::Duration;

use crate::random::Rng;

/// When to retry.
///
/// A factor of 1 waits equally long each time, and a base of zero does not wait at all. Durations
/// beyond 584 years (`u64` nanoseconds) count as that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The wait after the first failure.
    pub base: Duration,
    /// By how much each wait is longer than the one before.
    pub factor: u32,
    /// The longest wait.
    pub cap: Duration,
    /// How a wait is changed at random.
    pub jitter: Jitter,
    /// How often the operation is tried, the first attempt included.
    pub attempts: NonZeroU32,
    /// The time for all attempts and waits together. `None`: the attempts alone bound it.
    pub deadline: Option<Duration>,
    /// Whether executing the operation twice leaves what executing it once leaves, or it has an
    /// idempotency key.
    pub idempotent: bool,
}

/// How a wait is changed at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// Not at all: clients that failed together come back together.
    None,
    /// It is drawn between zero and the wait, each moment equally likely.
    Full,
}

impl Default for Policy {
    /// Four attempts, waits of up to 1, 2 and 4 s with full jitter, no wait over 30 s, no deadline,
    /// for an operation that is not idempotent.
    fn default() -> Policy {
        Policy {
            base: Duration::from_secs(1),
            factor: 2,
            cap: Duration::from_secs(30),
            jitter: Jitter::Full,
            attempts: NonZeroU32::MIN.saturating_add(3),
            deadline: None,
            idempotent: false,
        }
    }
}

impl Policy {
    /// The wait after `failures` failures in a row: `base`, `base * factor`, `base * factor²` …, at
    /// most `cap`, then changed by the jitter. Before any failure it is zero.
    ///
    /// ```
    /// use common::random::Rng;
    /// use common::retry::{Jitter, Policy};
    ///
    /// let policy = Policy { jitter: Jitter::None, ..Policy::default() };
    /// let mut rng = Rng::from_seed(1);
    /// let mut seconds = |failures| policy.wait(failures, &mut rng).as_secs();
    /// assert_eq!([0, 1, 2, 3, 4, 5, 6].map(&mut seconds), [0, 1, 2, 4, 8, 16, 30]);
    /// assert_eq!(seconds(u32::MAX), 30);
    /// ```
    pub fn wait(&self, failures: u32, rng: &mut Rng) -> Duration {
        let Some(exponent) = failures.checked_sub(1) else {
            return Duration::ZERO;
        };
        let growth = u64::from(self.factor).saturating_pow(exponent);
        let longest = nanos(self.base).saturating_mul(growth).min(nanos(self.cap));
        Duration::from_nanos(match self.jitter {
            Jitter::None => longest,
            Jitter::Full => rng.within(0..=longest),
        })
    }

    /// What follows on the `failures`th failure in a row, `elapsed` after the first attempt began:
    /// a wait and another attempt, or the reason why there is none. A [`Budget`] comes after this.
    ///
    /// # Errors
    /// Why there is no further attempt.
    pub fn after_failure(
        &self,
        failures: u32,
        elapsed: Duration,
        failure: Failure,
        rng: &mut Rng,
    ) -> Result<Duration, Stopped> {
        if !failure.may_retry(self.idempotent) {
            return Err(Stopped::Failure);
        }
        if failures >= self.attempts.get() {
            return Err(Stopped::AttemptsUsedUp);
        }
        let asked = match failure {
            Failure::Status { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let wait = self.wait(failures, rng).max(asked);
        match self.deadline {
            Some(_) if self.is_over(elapsed.saturating_add(wait)) => Err(Stopped::Deadline),
            None if wait > self.cap => Err(Stopped::AskedToWaitTooLong),
            _ => Ok(wait),
        }
    }

    fn remaining(&self, elapsed: Duration) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_sub(elapsed))
    }

    fn is_over(&self, elapsed: Duration) -> bool {
        self.remaining(elapsed).is_some_and(|remaining| remaining.is_zero())
    }
}

/// What an operation is given for the attempt that it is to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Counted from 1.
    pub number: u32,
    /// The time until the deadline, which this attempt has to keep to. `None`: there is no
    /// deadline.
    pub remaining: Option<Duration>,
}

/// Why there was no further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// The policy allows no more.
    #[error("no more are allowed")]
    AttemptsUsedUp,
    /// The next one would begin at the deadline or after it.
    #[error("the next would begin after the deadline")]
    Deadline,
    /// The last failure is not one to retry: [`Failure::may_retry`].
    #[error("that failure is not retried")]
    Failure,
    /// Too many calls are being retried already.
    #[error("the retry budget is empty")]
    Budget,
    /// The server asks for a wait over the cap, and there is no deadline that allows it.
    #[error("the server asks for a longer wait than is allowed")]
    AskedToWaitTooLong,
}

/// An operation that did not succeed, however often it was tried.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("gave up after {attempts} attempt{} ({stopped})", if *attempts == 1 { "" } else { "s" })]
pub struct RetryError<E> {
    /// How often it was tried.
    pub attempts: u32,
    /// Why not once more.
    pub stopped: Stopped,
    /// The failure of the last attempt.
    #[source]
    pub last: E,
}

/// Calls `operation` until it succeeds, or until there is a reason to stop.
///
/// ```
/// use common::random::Rng;
/// use common::retry::{Failure, Policy, Virtual, with_retry};
///
/// let mut env = Virtual::new(Rng::from_seed(1));
/// let answer = with_retry(
///     &Policy::default(),
///     &mut env,
///     |_error: &&str| Failure::NoConnection,
///     |attempt| if attempt.number < 3 { Err("refused") } else { Ok("done") },
/// );
/// assert_eq!(answer, Ok("done"));
/// assert_eq!(env.slept().len(), 2);
/// ```
///
/// # Errors
/// The last failure, the number of attempts, and why there were no more.
pub fn with_retry<T, E>(
    policy: &Policy,
    env: &mut impl Env,
    classify: impl Fn(&E) -> Failure,
    mut operation: impl FnMut(Attempt) -> Result<T, E>,
) -> Result<T, RetryError<E>> {
    let start = env.now();
    if let Some(budget) = env.budget() {
        budget.deposit();
    }
    let mut attempts = 0;
    loop {
        attempts += 1;
        let attempt = Attempt { number: attempts, remaining: policy.remaining(since(start, env)) };
        let last = match operation(attempt) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if let Err(stopped) = pause(policy, env, start, attempts, classify(&last)) {
            return Err(RetryError { attempts, stopped, last });
        }
    }
}

/// Sleeps until the next attempt, or returns why there is none.
fn pause(
    policy: &Policy,
    env: &mut impl Env,
    start: Duration,
    failures: u32,
    failure: Failure,
) -> Result<(), Stopped> {
    let elapsed = since(start, env);
    let wait = policy.after_failure(failures, elapsed, failure, env.rng())?;
    if !env.budget().is_none_or(Budget::withdraw) {
        return Err(Stopped::Budget);
    }
    env.sleep(wait);
    // A real sleep may last longer than it was asked to.
    if policy.is_over(since(start, env)) {
        return Err(Stopped::Deadline);
    }
    Ok(())
}

fn since(start: Duration, env: &impl Env) -> Duration {
    env.now().saturating_sub(start)
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
