//! How people get it wrong, and one transfer that has the bugs that it is asked to have.

use super::{Account, Answer, Bank, Guard, Refused};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    [
        ArgumentOrder, "locks in the order of its arguments":
            "It locks the payer first, but another transfer may pay the other way round: each \
             holds what the other wants.";
        LateSecondLock, "takes the second lock when it needs it":
            "It checks under the payer's lock and takes the payee's only then, but locks that are \
             taken in the order of the arguments make a circle with a payment the other way.";
        OneAtATime, "one lock at a time":
            "It never holds two locks, so no circle can come about, but between the two writes the \
             money is in neither account.";
        TwiceInAStatement, "locks one account twice in one statement":
            "It locks an account again in the argument of `set`, but the first guard lives to the \
             end of the statement: the transfer waits for itself.";
        ChecksUnderOther, "checks and acts under two locks":
            "It checks, frees the lock and takes it again to pay, but in between another transfer \
             may have taken the money.";
        ReadsBefore, "reads before it locks":
            "It computes with balances that it read before it held both locks, and writes over \
             what another transfer has paid since.";
        FirstPays, "the first guard is the payer's":
            "It locks in one order and then takes the first guard for the payer's, but the order \
             of the locks says nothing of who pays.";
    ]
    [
        ForgetsItself, "forgets the transfer to itself":
            "It takes two locks in any case, but where both accounts are one the second lock is \
             the first: the transfer waits for itself.";
        ItselfMakesMoney, "one transfer to itself as if to two accounts":
            "It reads both balances and writes both, but where the accounts are one the second \
             write wins, and money is made up.";
        ItselfAlwaysOk, "a transfer to itself is always right":
            "It answers Ok at once where nothing moves, but an account that holds less than the \
             amount is refused, whoever gets it.";
        ItselfRefused, "a transfer to itself is refused":
            "It takes a transfer to itself for an error, but the table has it: nothing changes, \
             and the answer is Ok.";
    ]
    [
        NeverRefuses, "never refuses":
            "It pays what is not there: the balance falls below 0, which an i64 does not mind.";
        RefusesLastDollar, "refuses the last dollar":
            "It wants more than the amount in the account, but exactly the amount is enough.";
        WithdrawsFirst, "the money is gone where it is refused":
            "It takes the amount off before it looks whether it was there, and does not put it \
             back.";
        WaitsForMoney, "waits for money":
            "It tries again until the money is there, but a transfer ends, and the answer where \
             there is too little is Refused.";
    ]
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
    loop {
        let answer = buggy.once();
        if answer.is_ok() || !bugs.has(Bug::WaitsForMoney) {
            return answer;
        }
    }
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
        match () {
            () if bugs.has(Bug::ArgumentOrder) => {
                let mut payer = bank.lock(from);
                let mut payee = bank.lock(to);
                self.pay(&mut payer, &mut payee)
            }
            () if bugs.has(Bug::LateSecondLock) => {
                let mut payer = bank.lock(from);
                self.check(&mut payer)?;
                let mut payee = bank.lock(to);
                self.move_money(&mut payer, &mut payee)
            }
            () if bugs.has(Bug::OneAtATime) => {
                let mut payer = bank.lock(from);
                self.check(&mut payer)?;
                payer.set(payer.balance() - self.left_to_take());
                drop(payer);
                let mut payee = bank.lock(to);
                payee.set(payee.balance() + amount);
                Ok(())
            }
            () if bugs.has(Bug::TwiceInAStatement) => {
                self.check(&mut bank.lock(from))?;
                bank.lock(from).set(bank.lock(from).balance() - amount);
                bank.lock(to).set(bank.lock(to).balance() + amount);
                Ok(())
            }
            () if bugs.has(Bug::ChecksUnderOther) => {
                self.check(&mut bank.lock(from))?;
                let (mut payer, mut payee) = self.both();
                self.move_money(&mut payer, &mut payee)
            }
            () if bugs.has(Bug::ReadsBefore) => {
                let (paid_from, paid_to) = (bank.peek(from), bank.peek(to));
                if self.is_too_little(paid_from) {
                    return Err(Refused);
                }
                let (mut payer, mut payee) = self.both();
                payer.set(paid_from - amount);
                payee.set(paid_to + amount);
                Ok(())
            }
            () => {
                let (mut payer, mut payee) = self.both();
                self.pay(&mut payer, &mut payee)
            }
        }
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

    fn both(&self) -> (Guard<'_>, Guard<'_>) {
        let first = self.bank.lock(self.from.min(self.to));
        let second = self.bank.lock(self.from.max(self.to));
        match self.from < self.to || self.bugs.has(Bug::FirstPays) {
            true => (first, second),
            false => (second, first),
        }
    }

    fn pay(&self, payer: &mut Guard<'_>, payee: &mut Guard<'_>) -> Answer {
        self.check(payer)?;
        self.move_money(payer, payee)
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

    fn move_money(&self, payer: &mut Guard<'_>, payee: &mut Guard<'_>) -> Answer {
        payer.set(payer.balance() - self.left_to_take());
        payee.set(payee.balance() + self.amount);
        Ok(())
    }

    /// What the check has not taken already.
    fn left_to_take(&self) -> i64 {
        if self.bugs.has(Bug::WithdrawsFirst) { 0 } else { self.amount }
    }
}
