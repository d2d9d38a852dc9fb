//! The bank that a solution sees. It holds no money: it plays back the balances that a transfer has
//! read so far, and takes down what it calls.
//!
//! A transfer learns nothing from the bank but the balances that it reads. So the same balances
//! lead to the same calls, and the judge can run it from its start as often as it likes, up to the
//! first balance that it has not read yet.

use std::cell::RefCell;
use std::thread;

use super::cases::Payment;
use super::{Account, Refused, Transfer};
use crate::{Panic, Stopped, Unsolved, answer, did_not_terminate};

/// Calls of the bank after which a transfer is taken to go on for ever. A right one makes eight.
pub(super) const MOST_CALLS: usize = 20;

/// Two accounts, each with a lock of its own.
#[derive(Debug)]
pub struct Bank {
    log: RefCell<Log>,
}

impl Bank {
    /// Waits until the lock of this account is free, and takes it.
    #[must_use = "the lock is free again as soon as its guard is dropped"]
    pub fn lock(&self, account: Account) -> Guard<'_> {
        self.call(Call::Lock(account));
        Guard { bank: self, account }
    }

    /// The balance of this account at this moment, read without its lock.
    pub fn peek(&self, account: Account) -> i64 {
        self.read(Call::Peek(account))
    }

    fn read(&self, call: Call) -> i64 {
        self.call(call);
        let value = self.log.borrow_mut().next_value();
        value.unwrap_or_else(|| {
            self.stop(Stop::Reads);
            0
        })
    }

    /// Takes down a call, and goes on unless the run has come to its end.
    fn call(&self, call: Call) {
        let mut log = self.log.borrow_mut();
        let stopped = log.stopped;
        if stopped.is_none() && log.calls.len() < MOST_CALLS {
            log.calls.push(call);
            return;
        }
        drop(log);
        self.stop(stopped.unwrap_or(Stop::TooLong));
    }

    /// Ends the run. Whoever catches that is stopped again by the next call.
    fn stop(&self, why: Stop) {
        self.log.borrow_mut().stopped = Some(why);
        // To unwind from a drop while unwinding would end the process.
        if !thread::panicking() {
            // Not for ever where it only reads on; the log says which, and unwinding is the same.
            did_not_terminate();
        }
    }
}

/// The lock of an account, until it is dropped.
#[derive(Debug)]
pub struct Guard<'a> {
    bank: &'a Bank,
    account: Account,
}

impl Guard<'_> {
    /// What is in the account, in dollars.
    pub fn balance(&self) -> i64 {
        self.bank.read(Call::Read(self.account))
    }

    /// Writes what is in the account from now on, in dollars.
    pub fn set(&mut self, balance: i64) {
        self.bank.call(Call::Set(self.account, balance));
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // Where a run is stopped, its guards are dropped, and the transfer that it is a part of
        // goes on.
        let stopped = self.bank.log.borrow().stopped;
        if stopped.is_none() {
            self.bank.call(Call::Unlock(self.account));
        }
    }
}

/// One call of the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Lock(Account),
    Read(Account),
    Peek(Account),
    Set(Account, i64),
    Unlock(Account),
}

#[derive(Debug)]
struct Log {
    /// What reads return, one after the other.
    values: Vec<i64>,
    /// How many of them were read.
    read: usize,
    calls: Vec<Call>,
    stopped: Option<Stop>,
}

impl Log {
    fn next_value(&mut self) -> Option<i64> {
        let value = self.values.get(self.read).copied();
        self.read += 1;
        value
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    Reads,
    TooLong,
}

/// A transfer's calls up to the first balance that it has not read yet.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) calls: Vec<Call>,
    pub(super) end: End,
}

/// Why a run has no more calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The last call is a read, and what it returns decides what comes next.
    Reads,
    Returned(Result<(), Refused>),
    Panicked(Panic),
    TooLong,
    /// It did not do what it did before, with the same balances.
    Unsteady,
}

/// Runs a transfer that reads these balances.
pub(super) fn run(solution: Transfer, payment: Payment, values: &[i64]) -> Result<Run, Unsolved> {
    let bank = Bank {
        log: RefCell::new(Log {
            values: values.to_vec(),
            read: 0,
            calls: Vec::new(),
            stopped: None,
        }),
    };
    let Payment { from, to, amount } = payment;
    let returned = answer(|| solution(&bank, from, to, amount))?;
    let log = bank.log.into_inner();
    let end = match (log.stopped, returned) {
        (Some(Stop::Reads), _) => End::Reads,
        (Some(Stop::TooLong), _) | (None, Err(Stopped::DidNotTerminate | Stopped::Unsolved(_))) => {
            End::TooLong
        }
        (None, Ok(answer)) => End::Returned(answer),
        (None, Err(Stopped::Panicked(panic))) => End::Panicked(panic),
    };
    Ok(Run { calls: log.calls, end })
}

#[cfg(test)]
mod tests {
    use super::super::reference::transfer;
    use super::*;

    const PAYMENT: Payment = Payment { from: Account::Alice, to: Account::Bob, amount: 1 };

    #[test]
    fn a_run_goes_up_to_the_first_balance_that_was_not_read_yet() {
        use Account::{Alice, Bob};
        let run = |values: &[i64]| run(transfer, PAYMENT, values).unwrap();
        let locks = [Call::Lock(Alice), Call::Lock(Bob), Call::Read(Alice)];
        let start = run(&[]);
        assert_eq!((start.calls, start.end), (locks.to_vec(), End::Reads));
        let refused = run(&[0]);
        let unlocks = [Call::Unlock(Bob), Call::Unlock(Alice)];
        assert_eq!(refused.calls, [&locks[..], &unlocks].concat());
        assert_eq!(refused.end, End::Returned(Err(Refused)));
        let paid = run(&[1, 1, 2]);
        let sets = [Call::Set(Alice, 0), Call::Read(Bob), Call::Set(Bob, 3)];
        let all = [&locks[..], &[Call::Read(Alice)], &sets, &unlocks].concat();
        assert_eq!((paid.calls, paid.end), (all, End::Returned(Ok(()))));
    }

    #[test]
    fn who_calls_for_ever_or_catches_the_stop_is_stopped_again() {
        let spins = |bank: &Bank, from, _, _| loop {
            drop(bank.lock(from));
        };
        assert_eq!(run(spins, PAYMENT, &[]).unwrap().end, End::TooLong);
        let catches = |bank: &Bank, from, _, _| {
            let peek = || bank.peek(from);
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(peek));
            drop(bank.lock(from));
            Ok(())
        };
        let caught = run(catches, PAYMENT, &[]).unwrap();
        assert_eq!(caught.end, End::Reads);
        assert_eq!(caught.calls, [Call::Peek(Account::Alice)]);
    }

    #[test]
    fn what_is_called_while_unwinding_does_not_end_the_process() {
        struct Peeks<'a>(&'a Bank);
        impl Drop for Peeks<'_> {
            fn drop(&mut self) {
                self.0.peek(Account::Bob);
                drop(self.0.lock(Account::Bob));
            }
        }
        let peeks_at_the_end = |bank: &Bank, from, _, _| {
            let _peeks = Peeks(bank);
            let _guard = bank.lock(from);
            bank.peek(from);
            panic!("with the lock in hand")
        };
        let start = run(peeks_at_the_end, PAYMENT, &[]).unwrap();
        assert_eq!(start.end, End::Reads);
        let panics = run(peeks_at_the_end, PAYMENT, &[1, 2]).unwrap();
        assert!(matches!(panics.end, End::Panicked(_)), "{panics:?}");
        let unlock = Call::Unlock(Account::Alice);
        assert!(panics.calls.contains(&unlock), "{panics:?}");
    }
}
