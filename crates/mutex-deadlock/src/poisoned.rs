//! A thread panics while it holds a lock, and what the next one can do.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard};
use std::{io, thread};

/// Two accounts. No transfer changes their sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// Dollars of the payer.
    pub alice: u64,
    /// Dollars of the payee.
    pub bob: u64,
    /// The amount of a transfer that has been taken from Alice and not yet given to Bob.
    pub in_transit: u64,
}

impl Accounts {
    /// Before any transfer.
    pub const START: Accounts = Accounts { alice: 100, bob: 0, in_transit: 0 };

    /// The sum of both accounts.
    pub fn sum(&self) -> u64 {
        self.alice + self.bob
    }

    /// Undoes the half of a transfer, so that the sum is right again.
    fn repair(&mut self) {
        self.alice += std::mem::take(&mut self.in_transit);
    }
}

/// What a panic in the middle of a transfer leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poisoned {
    /// The message of the panic.
    pub panic_message: String,
    /// Whether the next `lock` returns an error.
    pub lock_fails: bool,
    /// What the accounts hold then.
    pub found: Accounts,
}

/// Transfers `amount`, and panics in the middle.
///
/// # Errors
/// If no thread can be started.
pub fn panic_in_the_middle(amount: u64) -> io::Result<(Arc<Mutex<Accounts>>, Poisoned)> {
    let accounts = Arc::new(Mutex::new(Accounts::START));
    let shared = Arc::clone(&accounts);
    let thread = thread::Builder::new().spawn(move || fail_half_way(&shared, amount))?;
    let panic_message = match thread.join() {
        Ok(()) => String::new(),
        Err(panic) => panic.downcast_ref().copied().unwrap_or("").to_owned(),
    };
    let (lock_fails, found) = match accounts.lock() {
        Ok(found) => (false, *found),
        Err(poisoned) => (true, *poisoned.into_inner()),
    };
    let poisoned = Poisoned { panic_message, lock_fails, found };
    Ok((accounts, poisoned))
}

/// Takes the amount, and panics before it is given. Unlike `panic!` this prints nothing: what a
/// panic prints is not what the experiment is about.
fn fail_half_way(accounts: &Mutex<Accounts>, amount: u64) {
    let mut accounts = accounts.lock().expect("no thread has panicked yet");
    accounts.alice -= amount;
    accounts.in_transit = amount;
    resume_unwind(Box::new("panicked in the middle of a transfer"));
}

/// The first way on: locks, repairs a half-done transfer, and clears the poison.
pub fn lock_and_repair(accounts: &Mutex<Accounts>) -> MutexGuard<'_, Accounts> {
    accounts.lock().unwrap_or_else(|poisoned| {
        let mut found = poisoned.into_inner();
        found.repair();
        accounts.clear_poison();
        found
    })
}

/// The other way on: refuses to touch what may be broken.
///
/// # Errors
/// [`Broken`], where a thread panicked with the lock.
pub fn lock_or_refuse(accounts: &Mutex<Accounts>) -> Result<MutexGuard<'_, Accounts>, Broken> {
    accounts.lock().map_err(|_| Broken)
}

/// It is unknown whether the accounts are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a transfer broke off, so the accounts may be wrong")]
pub struct Broken;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_poisons_and_leaves_half_a_transfer() {
        let (accounts, poisoned) = panic_in_the_middle(30).unwrap();
        assert_eq!(poisoned.panic_message, "panicked in the middle of a transfer");
        assert!(poisoned.lock_fails && accounts.is_poisoned());
        assert_eq!(poisoned.found.sum(), 70);
    }

    #[test]
    fn one_way_repairs_and_the_other_refuses() {
        let (accounts, _) = panic_in_the_middle(30).unwrap();
        assert_eq!(lock_or_refuse(&accounts).unwrap_err(), Broken);
        assert_eq!(*lock_and_repair(&accounts), Accounts::START);
        assert!(!accounts.is_poisoned());
        assert_eq!(*lock_or_refuse(&accounts).unwrap(), Accounts::START);
        assert_eq!(*lock_and_repair(&accounts), Accounts::START, "once");
    }
}
