//! Exercise: pay from one account to another, while another transfer runs.
//!
//! Each account has a lock. `bank.lock(account)` waits until the lock is free and returns a guard:
//! `guard.balance()` reads the balance, `guard.set(balance)` writes it, and the lock is free again
//! when the guard is dropped. `bank.peek(account)` reads a balance without the lock, as it is at
//! that moment.
//!
//! | the transfer | what it does | the answer |
//! |---|---|---|
//! | the balance of `from` is less than `amount` | nothing changes | `Err(Refused)` |
//! | to another account | `amount` moves from one to the other | `Ok(())` |
//! | to the same account | nothing changes | `Ok(())` |
//!
//! The first line that fits counts. Balances and amounts are whole dollars: an amount is at least
//! 1, and both balances together are at most `i64::MAX`. `Alice` is less than `Bob`.
//!
//! The judge runs one transfer alone, and then two at a time, their calls of the bank interleaved
//! in every way. However that is:
//!
//! * every transfer ends, holding no lock, after at most 20 calls of the bank (`lock`, `peek`,
//!   `balance`, `set`, and each drop of a guard);
//! * answers and balances are those of one transfer after the other, in one order or the other;
//! * whenever no lock is held, all the money is in the accounts;
//! * whenever its lock is free, an account holds no less than 0.
//!
//! To check it: `cargo run -- check mutex-deadlock`

use checks::mutex_deadlock::{Account, Bank, Refused};

/// Pays `amount` from one account to another.
pub fn transfer(bank: &Bank, from: Account, to: Account, amount: i64) -> Result<(), Refused> {
    checks::unsolved!("lock, check, move", bank, from, to, amount, Refused)
}
