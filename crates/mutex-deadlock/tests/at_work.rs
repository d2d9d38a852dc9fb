//! Paying from one account without a mutex, as it is written at work.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Ok: what was in the account; Err: what is, and it is too little.
fn withdraw(balance: &AtomicU64, amount: u64) -> Result<u64, u64> {
    balance.try_update(Ordering::AcqRel, Ordering::Acquire, |seen| seen.checked_sub(amount))
}

/// How many of ten threads can withdraw 30 dollars from 100, each by one call of `pay`.
fn ten_customers(pay: impl Fn() -> bool + Sync) -> usize {
    thread::scope(|scope| {
        let customers: Vec<_> = (0..10).map(|_| scope.spawn(&pay)).collect();
        customers
            .into_iter()
            .filter_map(|customer| customer.join().ok())
            .filter(|paid| *paid)
            .count()
    })
}

#[test]
fn try_update_pays_no_dollar_twice() {
    let balance = AtomicU64::new(100);
    assert_eq!(ten_customers(|| withdraw(&balance, 30).is_ok()), 3);
    assert_eq!(withdraw(&balance, 30), Err(10));
}
