//! Exercise: pay from one account to another, while another transfer runs. One way to write it.

use checks::mutex_deadlock::{Account, Bank, Refused};

/// Pays `amount` from one account to another.
pub fn transfer(bank: &Bank, from: Account, to: Account, amount: i64) -> Result<(), Refused> {
    if from == to {
        let account = bank.lock(from);
        return if account.balance() < amount { Err(Refused) } else { Ok(()) };
    }
    let mut first = bank.lock(from.min(to));
    let mut second = bank.lock(from.max(to));
    let (payer, payee) = match from < to {
        true => (&mut first, &mut second),
        false => (&mut second, &mut first),
    };
    if payer.balance() < amount {
        return Err(Refused);
    }
    payer.set(payer.balance() - amount);
    payee.set(payee.balance() + amount);
    Ok(())
}
