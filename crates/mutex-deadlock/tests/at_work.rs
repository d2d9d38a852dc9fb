//! Two ways to pay from one account without a mutex, as they are written at work.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

/// Ok: what was in the account; Err: what is, and it is too little.
fn withdraw(balance: &AtomicU64, amount: u64) -> Result<u64, u64> {
    balance.fetch_update(Ordering::AcqRel, Ordering::Acquire, |seen| seen.checked_sub(amount))
}

type Withdrawal = (u64, Sender<Result<u64, u64>>);

fn open_account(mut balance: u64) -> Sender<Withdrawal> {
    let (customer, withdrawals) = mpsc::channel::<Withdrawal>();
    thread::spawn(move || {
        for (amount, reply) in withdrawals {
            let left = balance.checked_sub(amount).ok_or(balance);
            balance = left.unwrap_or(balance);
            // The customer may have left.
            let _ = reply.send(left);
        }
    });
    customer
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
fn fetch_update_pays_no_dollar_twice() {
    let balance = AtomicU64::new(100);
    assert_eq!(ten_customers(|| withdraw(&balance, 30).is_ok()), 3);
    assert_eq!(withdraw(&balance, 30), Err(10));
}

#[test]
fn a_thread_that_owns_the_account_pays_no_dollar_twice() {
    let account = open_account(100);
    let withdraw = |amount| {
        let (reply, answer) = mpsc::channel();
        account.send((amount, reply)).unwrap();
        answer.recv().unwrap()
    };
    assert_eq!(ten_customers(|| withdraw(30).is_ok()), 3);
    assert_eq!(withdraw(30), Err(10));
}
