//! How people get it wrong, and one transfer that has the bugs that it is asked to have.

use super::{Account, Answer, Bank, Guard, Refused};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    ArgumentOrder, "locks in the order of its arguments":
        "It locks the payer first, but another transfer may pay the other way round: each holds \
         what the other wants.";
    | LateSecondLock, "takes the second lock when it needs it":
        "It takes the payee's lock only to pay, but that is the order of the arguments too: a \
         payment the other way makes a circle.";
    | OneAtATime, "one lock at a time":
        "It makes no circle, but between the two writes the money is in neither account.";
    | TwiceInAStatement, "locks one account twice in one statement":
        "It locks again in the argument of `set`, but a guard lives to its statement's end.";
    | ChecksUnderOther, "checks and acts under two locks":
        "It frees the lock between check and payment, but then another may take the money.";
    | ReadsBefore, "reads before it locks":
        "It reads before it holds both locks, and writes over what others have paid since.";
    | FirstPays, "the first guard is the payer's":
        "It takes the first guard for the payer's, but the locks' order is the accounts'.";
    ForgetsItself, "forgets the transfer to itself":
        "It always takes two locks, but where both accounts are one it waits for itself.";
    | ItselfMakesMoney, "one transfer to itself as if to two accounts":
        "It writes two balances, but where the accounts are one the second write wins.";
    | ItselfAlwaysOk, "a transfer to itself is always right":
        "It answers Ok where nothing moves, but there too an account may hold too little.";
    | ItselfRefused, "a transfer to itself is refused":
        "It takes a transfer to itself for an error, but there the answer is Ok.";
    NeverRefuses, "never refuses":
        "It pays what is not there: the balance falls below 0, which an i64 does not mind.";
    | RefusesLastDollar, "refuses the last dollar":
        "It wants more than the amount in the account, but exactly the amount is enough.";
    | WithdrawsFirst, "the money is gone where it is refused":
        "It takes the amount off before it checks, and does not put it back.";
    | WaitsForMoney, "waits for money":
        "It tries until the money is there, but where there is too little it is Refused.";
}

/// What is right, but for the bugs.
pub(super) fn transfer(
    bugs: Bugs<Bug>,
    bank: &Bank,
    from: Account,
    to: Account,
    amount: i64,
) -> Answer {
    let buggy = Buggy { bugs, bank, from, to, amount };
    let mut answer = buggy.once();
    while answer.is_err() && bugs.has(Bug::WaitsForMoney) {
        answer = buggy.once();
    }
    answer
}

struct Buggy<'a> {
    bugs: Bugs<Bug>,
    bank: &'a Bank,
    from: Account,
    to: Account,
    amount: i64,
}

impl Buggy<'_> {
    fn once(&self) -> Answer {
        let Buggy { bugs, bank, from, to, amount } = *self;
        if from == to && !bugs.has(Bug::ForgetsItself) {
            return self.to_itself();
        }
        let (mut payer, mut payee) = match () {
            () if bugs.has(Bug::OneAtATime) => {
                let mut payer = bank.lock(from);
                self.check(&mut payer)?;
                payer.set(payer.balance() - self.left_to_take());
                drop(payer);
                let mut payee = bank.lock(to);
                payee.set(payee.balance() + amount);
                return Ok(());
            }
            () if bugs.has(Bug::TwiceInAStatement) => {
                self.check(&mut bank.lock(from))?;
                bank.lock(from).set(bank.lock(from).balance() - amount);
                return Ok(());
            }
            () if bugs.has(Bug::ReadsBefore) => {
                let (paid_from, paid_to) = (bank.peek(from), bank.peek(to));
                if self.is_too_little(paid_from) {
                    return Err(Refused);
                }
                let (mut payer, mut payee) = self.both();
                payer.set(paid_from - amount);
                payee.set(paid_to + amount);
                return Ok(());
            }
            () if bugs.has(Bug::LateSecondLock) => {
                let mut payer = bank.lock(from);
                self.check(&mut payer)?;
                (payer, bank.lock(to))
            }
            () if bugs.has(Bug::ChecksUnderOther) => {
                self.check(&mut bank.lock(from))?;
                self.both()
            }
            () => {
                let (mut payer, payee) = self.both();
                self.check(&mut payer)?;
                (payer, payee)
            }
        };
        payer.set(payer.balance() - self.left_to_take());
        payee.set(payee.balance() + amount);
        Ok(())
    }

    fn to_itself(&self) -> Answer {
        if self.bugs.has(Bug::ItselfAlwaysOk) {
            return Ok(());
        }
        let seen = self.bugs.has(Bug::ReadsBefore).then(|| self.bank.peek(self.from));
        let mut account = self.bank.lock(self.from);
        let balance = seen.unwrap_or_else(|| account.balance());
        if self.bugs.has(Bug::ItselfRefused) || self.is_too_little(balance) {
            return Err(Refused);
        }
        if self.bugs.has(Bug::ItselfMakesMoney) {
            account.set(balance - self.amount);
            account.set(balance + self.amount);
        }
        Ok(())
    }

    /// The guards of the payer and of the payee.
    fn both(&self) -> (Guard<'_>, Guard<'_>) {
        let Buggy { bugs, bank, from, to, .. } = *self;
        if from < to || bugs.has(Bug::ArgumentOrder) {
            return (bank.lock(from), bank.lock(to));
        }
        let first = bank.lock(to);
        let second = bank.lock(from);
        if bugs.has(Bug::FirstPays) { (first, second) } else { (second, first) }
    }

    fn check(&self, payer: &mut Guard<'_>) -> Answer {
        let balance = payer.balance();
        if self.bugs.has(Bug::WithdrawsFirst) {
            payer.set(balance - self.amount);
        }
        if self.is_too_little(balance) { Err(Refused) } else { Ok(()) }
    }

    fn is_too_little(&self, balance: i64) -> bool {
        match () {
            () if self.bugs.has(Bug::NeverRefuses) => false,
            () if self.bugs.has(Bug::RefusesLastDollar) => balance <= self.amount,
            () => balance < self.amount,
        }
    }

    /// What the check has not taken already.
    fn left_to_take(&self) -> i64 {
        if self.bugs.has(Bug::WithdrawsFirst) { 0 } else { self.amount }
    }
}
