//! The bank that a solution sees. It holds no money: it plays back the balances that a transfer has
//! read so far, and records what it calls.
//!
//! A transfer learns nothing from the bank but the balances that it reads. So the same balances
//! lead to the same calls, and the judge can run it from its start as often as it likes, up to the
//! first balance that it has not read yet.

use std::cell::RefCell;
use std::{panic, thread};

use super::{Account, Payment, Refused, Transfer};
use crate::{Panic, Stopped, catch, did_not_terminate};

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

    /// Records a call, and goes on unless the run has come to its end.
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

    /// Ends the run. Code that catches that is stopped again by the next call.
    fn stop(&self, why: Stop) {
        self.log.borrow_mut().stopped = Some(why);
        // To unwind from a drop while unwinding would end the process.
        if !thread::panicking() {
            // Where it only reads on it would terminate; the log says which of the two it is.
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
pub(super) fn run(solution: &Transfer, payment: Payment, values: &[i64]) -> Run {
    let log = Log { values: values.to_vec(), read: 0, calls: Vec::new(), stopped: None };
    let bank = Bank { log: RefCell::new(log) };
    let Payment { from, to, amount } = payment;
    let returned = catch(|| solution(&bank, from, to, amount));
    let log = bank.log.into_inner();
    let end = match (log.stopped, returned) {
        (_, Err(Stopped::Unsolved(unsolved))) => panic::panic_any(unsolved),
        (Some(Stop::Reads), _) => End::Reads,
        (Some(Stop::TooLong), _) | (None, Err(Stopped::DidNotTerminate)) => End::TooLong,
        (None, Ok(answer)) => End::Returned(answer),
        (None, Err(Stopped::Panicked(panic))) => End::Panicked(panic),
    };
    Run { calls: log.calls, end }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;
    use std::sync::Arc;

    use super::super::reference::transfer;
    use super::*;

    const PAYMENT: Payment = Payment { from: Account::Alice, to: Account::Bob, amount: 1 };

    fn run_of(
        solution: impl Fn(&Bank, Account, Account, i64) -> Result<(), Refused> + Send + Sync + 'static,
        values: &[i64],
    ) -> Run {
        let solution: Transfer = Arc::new(solution);
        run(&solution, PAYMENT, values)
    }

    #[test]
    fn a_run_goes_up_to_the_first_balance_that_was_not_read_yet() {
        use Account::{Alice, Bob};
        let locks = [Call::Lock(Alice), Call::Lock(Bob), Call::Read(Alice)];
        let start = run_of(transfer, &[]);
        assert_eq!((start.calls, start.end), (locks.to_vec(), End::Reads));
        let refused = run_of(transfer, &[0]);
        let unlocks = [Call::Unlock(Bob), Call::Unlock(Alice)];
        assert_eq!(refused.calls, [&locks[..], &unlocks].concat());
        assert_eq!(refused.end, End::Returned(Err(Refused)));
    }

    #[test]
    fn a_transfer_that_spins_or_catches_the_stop_is_stopped_again() {
        let spins = |bank: &Bank, from, _, _| loop {
            drop(bank.lock(from));
        };
        assert_eq!(run_of(spins, &[]).end, End::TooLong);
        let catches = |bank: &Bank, from, _, _| {
            let _ = panic::catch_unwind(AssertUnwindSafe(|| bank.peek(from)));
            drop(bank.lock(from));
            Ok(())
        };
        let stopped = run_of(catches, &[]);
        assert_eq!(stopped.end, End::Reads);
        assert_eq!(stopped.calls, [Call::Peek(Account::Alice)]);
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
        assert_eq!(run_of(peeks_at_the_end, &[]).end, End::Reads);
        let panics = run_of(peeks_at_the_end, &[1, 2]);
        assert!(matches!(panics.end, End::Panicked(_)), "{panics:?}");
        assert!(panics.calls.contains(&Call::Unlock(Account::Alice)), "{panics:?}");
    }
}
