//! The bank that a solution sees. It holds no money: it plays back the balances that a transfer has
//! read so far, and records what it calls.
//!
//! A transfer learns nothing from the bank but the balances that it reads. So the same balances
//! lead to the same calls, and the judge can run it from its start as often as it likes, up to the
//! first balance that it has not read yet.

use std::cell::RefCell;
use std::{panic, thread, vec};

use super::{Account, Answer, Payment, Transfer};
use crate::{Panic, Stopped, catch, did_not_terminate};

/// Calls of the bank after which a transfer is taken not to terminate. The reference makes nine.
const MOST_CALLS: usize = 20;

/// Two accounts, each with a lock of its own.
#[derive(Debug)]
pub struct Bank {
    log: RefCell<Log>,
}

#[derive(Debug)]
struct Log {
    /// What reads return, one after the other.
    values: vec::IntoIter<i64>,
    calls: Vec<Call>,
    /// Why it was stopped, if it was.
    end: Option<End>,
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
        let value = self.log.borrow_mut().values.next();
        value.unwrap_or_else(|| {
            self.stop(End::Reads);
            0
        })
    }

    /// Records a call, and goes on unless the run has come to its end.
    fn call(&self, call: Call) {
        let mut log = self.log.borrow_mut();
        if log.end.is_none() && log.calls.len() < MOST_CALLS {
            log.calls.push(call);
            return;
        }
        drop(log);
        self.stop(End::TooLong);
    }

    /// Ends the run. Code that catches that is stopped again by the next call, for the same reason.
    fn stop(&self, why: End) {
        self.log.borrow_mut().end.get_or_insert(why);
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
        if self.bank.log.borrow().end.is_none() {
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

/// A transfer's calls up to the first balance that it has not read yet.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) calls: Vec<Call>,
    pub(super) end: End,
}

/// Why a run has no more calls.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// The last call is a read, and what it returns decides what comes next.
    Reads,
    Returned(Answer),
    Panicked(Panic),
    TooLong,
}

/// Runs a transfer that reads these balances.
pub(super) fn run(solution: &Transfer, payment: Payment, values: &[i64]) -> Run {
    let log = Log { values: Vec::from(values).into_iter(), calls: Vec::new(), end: None };
    let bank = Bank { log: RefCell::new(log) };
    let Payment { from, to, amount } = payment;
    let returned = catch(|| solution(&bank, from, to, amount));
    let log = bank.log.into_inner();
    let end = match (log.end, returned) {
        (_, Err(Stopped::Unsolved(unsolved))) => panic::panic_any(unsolved),
        (Some(end), _) => end,
        (None, Ok(answer)) => End::Returned(answer),
        (None, Err(Stopped::Panicked(panic))) => End::Panicked(panic),
        (None, Err(Stopped::DidNotTerminate)) => End::TooLong,
    };
    Run { calls: log.calls, end }
}
