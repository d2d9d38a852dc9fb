//! Retries as they are written at work, with the crate `backon`.

use std::cell::Cell;
use std::time::Duration;

use backon::{BackoffBuilder, BlockingRetryable, ExponentialBuilder};
use common::retry::Failure;

fn get_balance(
    call: impl Fn() -> Result<u64, Failure>,
    sleep: fn(Duration),
) -> Result<u64, Failure> {
    let waits = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(2))
        .with_max_times(3)
        .with_jitter();
    // To read is idempotent.
    call.retry(waits).when(|failure| failure.may_retry(true)).sleep(sleep).call()
}

const BUSY: Failure = Failure::Status { code: 429, retry_after: None };
const NOT_FOUND: Failure = Failure::Status { code: 404, retry_after: None };

#[test]
fn backon_retries_what_may_be_retried() {
    for (failures, failure, balance, calls) in
        [(2, BUSY, Ok(7), 3), (9, BUSY, Err(BUSY), 4), (9, NOT_FOUND, Err(NOT_FOUND), 1)]
    {
        let called = Cell::new(0);
        let call = || {
            called.set(called.get() + 1);
            if called.get() > failures { Ok(7) } else { Err(failure) }
        };
        assert_eq!(get_balance(call, |_| {}), balance);
        assert_eq!(called.get(), calls);
    }
}

/// What the page says of its defaults.
#[test]
fn jitter_is_off_in_backon_and_adds_to_the_wait() {
    let seconds = [1, 2, 4].map(Duration::from_secs);
    assert_eq!(ExponentialBuilder::default().build().collect::<Vec<_>>(), seconds);
    for seed in 1..101 {
        let jittered = ExponentialBuilder::default().with_jitter().with_jitter_seed(seed).build();
        for (wait, plain) in jittered.zip(seconds) {
            assert!((plain..=plain * 2).contains(&wait), "{wait:?} for {plain:?}");
        }
    }
}
