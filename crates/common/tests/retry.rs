//! The promises of [`common::retry`], each tested with policies of every kind.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use common::random::Rng;
use common::retry::{
    Attempt, Budget, Env, Failure, Jitter, Policy, Real, RetryAfterError, RetryError, Stopped,
    Virtual, retry_after, with_retry,
};
use proptest::prelude::*;

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn plain() -> Policy {
    Policy { jitter: Jitter::None, ..Policy::default() }
}

fn virtual_env() -> Virtual {
    Virtual::new(Rng::from_seed(1))
}

const fn status(code: u16) -> Failure {
    Failure::Status { code, retry_after: None }
}

const fn come_back(asked: Duration) -> Failure {
    Failure::Status { code: 429, retry_after: Some(asked) }
}

fn fail<T>(_: Attempt) -> Result<T, &'static str> {
    Err("no")
}

#[test]
fn the_waits_are_1_2_4_8() {
    let mut env = virtual_env();
    let policy = Policy { attempts: NonZeroU32::new(5).unwrap(), ..plain() };
    let error = with_retry(&policy, &mut env, |_| Failure::NoConnection, fail::<()>).unwrap_err();
    assert_eq!(env.slept(), [1, 2, 4, 8].map(seconds));
    assert_eq!(error.to_string(), "gave up after 5 attempts (no more are allowed)");
}

#[test]
fn four_attempts_are_the_default_and_success_ends_them() {
    let mut env = virtual_env();
    let mut numbers = Vec::new();
    let answer = with_retry(
        &plain(),
        &mut env,
        |_| Failure::NoConnection,
        |attempt| {
            numbers.push(attempt.number);
            if attempt.number < 4 { Err("no") } else { Ok(7) }
        },
    );
    assert_eq!((answer, numbers), (Ok(7), vec![1, 2, 3, 4]));
    assert_eq!(env.slept().len(), 3);
}

#[test]
fn what_cannot_be_fixed_is_tried_once() {
    let mut env = virtual_env();
    let error = with_retry(&plain(), &mut env, |_| Failure::Other, fail::<()>).unwrap_err();
    let expected = RetryError { attempts: 1, stopped: Stopped::Failure, last: "no" };
    assert_eq!(error, expected);
    assert!(env.slept().is_empty());
}

/// The whole table: every status, and every failure without one.
#[test]
fn a_request_is_sent_again_as_the_table_says() {
    let rows = [
        (vec![Failure::NoConnection, status(429)], [true, true]),
        (vec![Failure::NoAnswer, status(502), status(503), status(504)], [false, true]),
    ];
    let without_status = [Failure::NoConnection, Failure::NoAnswer, Failure::Other];
    for failure in (0..=u16::MAX).map(status).chain(without_status) {
        let row = rows.iter().find(|(failures, _)| failures.contains(&failure));
        let expected = row.map_or([false, false], |(_, expected)| *expected);
        for (idempotent, expected) in [false, true].into_iter().zip(expected) {
            assert_eq!(failure.may_retry(idempotent), expected, "{failure:?} {idempotent}");
            let policy = Policy { idempotent, ..plain() };
            let next = policy.after_failure(1, Duration::ZERO, failure, &mut Rng::from_seed(1));
            assert_eq!(next, if expected { Ok(policy.base) } else { Err(Stopped::Failure) });
        }
    }
}

#[test]
fn a_servers_wait_wins_over_a_shorter_one_of_ours() {
    let mut env = virtual_env();
    let ask = |_: &&str| come_back(seconds(3));
    let _ = with_retry(&plain(), &mut env, ask, fail::<()>);
    assert_eq!(env.slept(), [3, 3, 4].map(seconds));
}

#[test]
fn a_servers_wait_is_bounded_by_the_deadline_or_the_cap() {
    for (deadline, asked, stopped) in [
        (Some(seconds(100)), seconds(99), None),
        (Some(seconds(100)), seconds(100), Some(Stopped::Deadline)),
        (Some(seconds(100)), Duration::MAX, Some(Stopped::Deadline)),
        (None, seconds(30), None),
        (None, seconds(31), Some(Stopped::AskedToWaitTooLong)),
        (None, Duration::MAX, Some(Stopped::AskedToWaitTooLong)),
    ] {
        let policy = Policy { deadline, ..plain() };
        let mut rng = Rng::from_seed(1);
        let next = policy.after_failure(1, Duration::ZERO, come_back(asked), &mut rng);
        assert_eq!(next, stopped.map_or(Ok(asked), Err), "{deadline:?} {asked:?}");
    }
}

#[test]
fn an_attempt_is_given_the_remaining_time() {
    let mut env = virtual_env();
    let clock = env.clock();
    let policy = Policy { deadline: Some(seconds(10)), ..plain() };
    let mut remaining = Vec::new();
    let error = with_retry(
        &policy,
        &mut env,
        |_| Failure::NoConnection,
        |attempt| {
            remaining.push(attempt.remaining.unwrap());
            clock.advance(seconds(2));
            Err::<(), _>("slow")
        },
    )
    .unwrap_err();
    // 2 s of work, 1 s of waiting, 2 s, 2 s, 2 s; a further wait of 4 s would end after 10 s.
    assert_eq!(remaining, [10, 7, 3].map(seconds));
    assert_eq!(error.stopped, Stopped::Deadline);
}

#[test]
fn an_empty_budget_stops_retries_but_no_first_attempt() {
    let budget = Arc::new(Budget::new(0, 2));
    let mut env = virtual_env().with_budget(Arc::clone(&budget));
    let mut call = || {
        let retry = |_: &&str| Failure::NoConnection;
        let error = with_retry(&plain(), &mut env, retry, fail::<()>).unwrap_err();
        (error.attempts, error.stopped)
    };
    assert_eq!(call(), (3, Stopped::Budget));
    assert_eq!(call(), (1, Stopped::Budget));
}

#[test]
fn first_attempts_refill_the_budget_up_to_the_reserve() {
    let budget = Arc::new(Budget::new(50, 2));
    let mut env = virtual_env().with_budget(Arc::clone(&budget));
    let retry = |_: &&str| Failure::NoConnection;
    for _ in 0..100 {
        assert_eq!(with_retry(&plain(), &mut env, retry, |_| Ok(())), Ok(()));
    }
    let attempts: Vec<u32> = (0..5)
        .map(|_| with_retry(&plain(), &mut env, retry, fail::<()>).unwrap_err().attempts)
        .collect();
    // The reserve pays for two retries, and from then on every second call for one.
    assert_eq!(attempts, [3, 1, 2, 1, 2]);
}

/// Sleeps longer than it is asked to, as a busy machine does.
struct Sleepy(Virtual);

impl Env for Sleepy {
    fn now(&self) -> Duration {
        self.0.now()
    }
    fn sleep(&mut self, wait: Duration) {
        self.0.sleep(wait + wait / 4);
    }
    fn rng(&mut self) -> &mut Rng {
        self.0.rng()
    }
}

#[test]
fn no_attempt_begins_after_a_sleep_that_took_too_long() {
    let policy = Policy { deadline: Some(seconds(8)), ..plain() };
    // Asked to sleep until 1, 3.25 and 7.75 s, it sleeps until 1.25, 3.75 and 8.75 s.
    let retry = |_: &&str| Failure::NoConnection;
    let error = with_retry(&policy, &mut Sleepy(virtual_env()), retry, fail::<()>).unwrap_err();
    assert_eq!((error.attempts, error.stopped), (3, Stopped::Deadline));
}

#[test]
fn the_real_env_lets_time_pass() {
    let mut env = Real::new(Rng::from_seed(1)).with_budget(Arc::new(Budget::new(0, 1)));
    let start = env.now();
    env.sleep(Duration::from_millis(3));
    assert!(env.now() - start >= Duration::from_millis(3));
    assert!(env.budget().is_some_and(Budget::withdraw));
}

#[test]
fn full_jitter_reaches_both_ends() {
    let policy = Policy { base: Duration::from_nanos(3), ..Policy::default() };
    let mut rng = Rng::from_seed(1);
    let mut seen = [0; 4];
    for _ in 0..4000 {
        seen[policy.wait(1, &mut rng).as_nanos() as usize] += 1;
    }
    assert!(seen.iter().all(|count| (900..1100).contains(count)), "{seen:?}");
}

#[test]
fn retry_after_is_a_number_of_seconds() {
    for (value, expected) in [
        ("0", Ok(seconds(0))),
        (" 7\t", Ok(seconds(7))),
        ("007", Ok(seconds(7))),
        ("99999999999999999999999", Ok(seconds(u64::MAX))),
        ("Fri, 31 Dec 1999 23:59:59 GMT", Err(RetryAfterError::Date)),
        ("", Err(RetryAfterError::NotSeconds)),
        ("+7", Err(RetryAfterError::NotSeconds)),
        ("1.5", Err(RetryAfterError::NotSeconds)),
        ("7 s", Err(RetryAfterError::NotSeconds)),
        ("٧", Err(RetryAfterError::NotSeconds)),
    ] {
        assert_eq!(retry_after(value), expected, "{value:?}");
    }
}

fn durations() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..100_u64).prop_map(Duration::from_millis),
        any::<u64>().prop_map(Duration::from_nanos),
        Just(Duration::MAX),
    ]
}

prop_compose! {
    fn policies()(
        base in durations(),
        factor in prop_oneof![0..4_u32, any::<u32>()],
        cap in durations(),
        jitter in prop_oneof![Just(Jitter::None), Just(Jitter::Full)],
        more in 0..19_u32,
        deadline in proptest::option::of(durations()),
        idempotent in any::<bool>(),
    ) -> Policy {
        let attempts = NonZeroU32::MIN.saturating_add(more);
        Policy { base, factor, cap, jitter, attempts, deadline, idempotent }
    }
}

fn milliseconds() -> impl Strategy<Value = Duration> {
    (0..50_u64).prop_map(Duration::from_millis)
}

fn failures() -> impl Strategy<Value = Failure> {
    prop_oneof![
        8 => Just(Failure::NoConnection),
        2 => Just(Failure::NoAnswer),
        2 => durations().prop_map(come_back),
        1 => Just(Failure::Other),
    ]
}

proptest! {
    #[test]
    fn no_wait_is_longer_than_the_cap(
        policy in policies(),
        failures in any::<u32>(),
        seed in any::<u64>(),
    ) {
        prop_assert!(policy.wait(failures, &mut Rng::from_seed(seed)) <= policy.cap);
    }

    #[test]
    fn jitter_only_shortens_a_wait(
        policy in policies(),
        failures in any::<u32>(),
        seed in any::<u64>(),
    ) {
        let mut rng = Rng::from_seed(seed);
        let jittered = Policy { jitter: Jitter::Full, ..policy.clone() }.wait(failures, &mut rng);
        let whole = Policy { jitter: Jitter::None, ..policy }.wait(failures, &mut rng);
        prop_assert!(jittered <= whole);
    }

    /// The script has for each attempt how long it takes, and its failure.
    #[test]
    fn attempts_sleeps_and_deadline_keep_their_bounds(
        policy in policies(),
        script in proptest::collection::vec((milliseconds(), failures()), 20),
    ) {
        let mut env = virtual_env();
        let clock = env.clock();
        let mut begun = Vec::new();
        let error = with_retry(&policy, &mut env, |failure| *failure, |attempt| {
            begun.push(clock.now());
            let (takes, failure) = script[attempt.number as usize - 1];
            clock.advance(takes);
            Err::<(), _>(failure)
        })
        .unwrap_err();

        prop_assert_eq!(error.attempts as usize, begun.len());
        prop_assert!(error.attempts <= policy.attempts.get());
        prop_assert_eq!(env.slept().len(), begun.len() - 1, "no sleep after the last attempt");
        for (slept, (_, failure)) in env.slept().iter().zip(&script) {
            prop_assert!(failure.may_retry(policy.idempotent));
            let asked = match *failure {
                Failure::Status { retry_after: Some(asked), .. } => asked,
                _ => Duration::ZERO,
            };
            prop_assert!(*slept >= asked, "a server's wait is kept");
            prop_assert!(*slept <= policy.cap.max(asked));
        }
        if let Some(deadline) = policy.deadline {
            prop_assert!(begun[1..].iter().all(|begin| *begin < deadline));
        }
    }

    #[test]
    fn retries_stay_within_the_budget(
        percent in 0..300_u32,
        reserve in 0..20_u32,
        calls in proptest::collection::vec(0..4_u32, 0..200),
    ) {
        let budget = Budget::new(percent, reserve);
        let mut retries = 0;
        for (first_attempts, wanted) in (1..).zip(calls) {
            budget.deposit();
            retries += (0..wanted).filter(|_| budget.withdraw()).count() as u64;
            let allowed = u64::from(reserve) * 100 + u64::from(percent) * first_attempts;
            prop_assert!(retries * 100 <= allowed);
        }
    }
}
