//! How people get it wrong: each misunderstanding as the code that it leads to.

use super::{Account, Bank, Guard, Refused, Transfer};
use crate::Mistake;

pub(super) const ALL: &[Mistake<Transfer>] = &[
    Mistake {
        name: "locks in the order of its arguments",
        misunderstanding: "It locks who pays first, and nothing is wrong with that alone, but \
                           another transfer may pay the other way round: each holds what the other \
                           wants.",
        hint: "Lock the smaller of the two accounts first, whoever pays: `from.min(to)`, then \
               `from.max(to)`.",
        solution: locks_in_argument_order,
    },
    Mistake {
        name: "takes the second lock when it needs it",
        misunderstanding: "It checks the balance under the first lock and then asks for the \
                           second, but which is the first depends on who pays: each of two \
                           transfers may hold what the other wants.",
        hint: "Take both locks before you check, the smaller account first: `from.min(to)`, then \
               `from.max(to)`.",
        solution: takes_the_second_lock_late,
    },
    Mistake {
        name: "forgets the transfer to itself",
        misunderstanding: "It takes two accounts for granted, but they may be one, and the second \
                           lock waits for the first, which it holds itself.",
        hint: "Where from and to are equal, take one lock.",
        solution: forgets_itself,
    },
    Mistake {
        name: "locks one account twice in one statement",
        misunderstanding: "It takes a guard for gone as soon as it is used, but one without a name \
                           lives to the end of its statement, and the second lock in there waits \
                           for it.",
        hint: "Give the guard a name, and read and write through that one guard.",
        solution: locks_twice_in_a_statement,
    },
    Mistake {
        name: "one transfer to itself as if to two accounts",
        misunderstanding: "It reads both balances before it writes either, but where the two \
                           accounts are one, the second write undoes the first, and the amount is \
                           made up.",
        hint: "Where from and to are equal, check the balance and write nothing.",
        solution: makes_money_for_itself,
    },
    Mistake {
        name: "a transfer to itself goes to the other",
        misunderstanding: "It takes whoever does not pay for the one who is paid, but from and to \
                           may be one, and then the money goes to somebody who was not named.",
        hint: "Look at to as well: where it equals from, nothing moves.",
        solution: itself_goes_to_the_other,
    },
    Mistake {
        name: "a transfer to itself is always right",
        misunderstanding: "It answers Ok without a look at the balance, but a transfer to itself \
                           is refused like any other where the account holds less.",
        hint: "Lock the account and compare its balance with the amount, also where from and to \
               are equal.",
        solution: itself_is_always_right,
    },
    Mistake {
        name: "a transfer to itself is refused",
        misunderstanding: "It takes a transfer to itself for an error, but it asks for nothing \
                           that cannot be done: nothing changes, and the answer is Ok.",
        hint: "Where from and to are equal and the balance is not less than the amount, answer \
               Ok(()).",
        solution: itself_is_refused,
    },
    Mistake {
        name: "never refuses",
        misunderstanding: "It moves the money without a look at the balance, but an account never \
                           holds less than 0.",
        hint: "Compare the balance with the amount before you write.",
        solution: never_refuses,
    },
    Mistake {
        name: "refuses the last dollar",
        misunderstanding: "It refuses where the balance equals the amount, but that is enough: 0 \
                           is left.",
        hint: "Refuse where the balance is less than the amount, not where it is equal.",
        solution: refuses_the_last_dollar,
    },
    Mistake {
        name: "the money is gone where it is refused",
        misunderstanding: "It takes the money before it checks, but a refusal gives nothing back: \
                           the money is in no account.",
        hint: "Check first and write afterwards: where you refuse, nothing was written.",
        solution: drops_the_money,
    },
    Mistake {
        name: "waits for money",
        misunderstanding: "It waits until the account holds enough, but nobody has promised that \
                           more will come: the answer is Refused.",
        hint: "Look at the balance once, with the lock held, and refuse where it is less than the \
               amount.",
        solution: waits_for_money,
    },
    Mistake {
        name: "reads before it locks",
        misunderstanding: "It works with balances that it read before it had the locks, but \
                           another transfer may change them in between, and its update is lost.",
        hint: "Read through the guards, once you hold both.",
        solution: reads_before_it_locks,
    },
    Mistake {
        name: "checks before it locks",
        misunderstanding: "It checks the balance before it has the locks, but another transfer may \
                           take the money in between, and the account falls below 0.",
        hint: "Check through the guard of the account that pays, once you hold both.",
        solution: checks_before_it_locks,
    },
    Mistake {
        name: "checks and acts under two locks",
        misunderstanding: "It holds the lock while it checks and again while it moves the money, \
                           but not in between: there another transfer may take the money.",
        hint: "Keep the guard in which you checked until the money has moved.",
        solution: checks_and_acts_under_two_locks,
    },
    Mistake {
        name: "one lock at a time",
        misunderstanding: "It frees the one lock before it takes the other, but in between the \
                           money is in no account, and whoever counts finds too little.",
        hint: "Take both locks before you write anything, and keep both until you have written \
               both.",
        solution: one_lock_at_a_time,
    },
    Mistake {
        name: "a lock for each access",
        misunderstanding: "It takes each read and each write under a lock of its own, but between \
                           the two anybody may write: a lock holds only as long as its guard.",
        hint: "Give each guard a name and keep both guards from the first read to the last write.",
        solution: a_lock_for_each_access,
    },
    Mistake {
        name: "writes what it read under another lock",
        misunderstanding: "It reads under a lock, frees it, and writes under it later what follows \
                           from the old balance, but another transfer may have written in between, \
                           and its update is lost.",
        hint: "Read through the guards through which you write.",
        solution: writes_what_it_read_before,
    },
];

type Answer = Result<(), Refused>;

fn locks_in_argument_order(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if from == to {
        return itself(bank, from, amount);
    }
    let mut payer = bank.lock(from);
    let mut payee = bank.lock(to);
    pay(&mut payer, &mut payee, amount)
}

fn takes_the_second_lock_late(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    let mut payer = bank.lock(from);
    enough(&payer, amount)?;
    if from != to {
        move_money(&mut payer, &mut bank.lock(to), amount);
    }
    Ok(())
}

fn forgets_itself(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    let first = bank.lock(from.min(to));
    let second = bank.lock(from.max(to));
    let (mut payer, mut payee) = if from < to { (first, second) } else { (second, first) };
    pay(&mut payer, &mut payee, amount)
}

fn locks_twice_in_a_statement(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if bank.lock(from).balance() < amount {
        return Err(Refused);
    }
    bank.lock(from).set(bank.lock(from).balance() - amount);
    bank.lock(to).set(bank.lock(to).balance() + amount);
    Ok(())
}

fn makes_money_for_itself(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if from != to {
        return right(bank, from, to, amount);
    }
    let mut account = bank.lock(from);
    let (paid_from, paid_to) = (account.balance(), account.balance());
    if paid_from < amount {
        return Err(Refused);
    }
    account.set(paid_from - amount);
    account.set(paid_to + amount);
    Ok(())
}

fn itself_goes_to_the_other(bank: &Bank, from: Account, _to: Account, amount: i64) -> Answer {
    let other = match from {
        Account::Alice => Account::Bob,
        Account::Bob => Account::Alice,
    };
    right(bank, from, other, amount)
}

fn itself_is_always_right(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if from == to {
        return Ok(());
    }
    right(bank, from, to, amount)
}

fn itself_is_refused(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if from == to {
        return Err(Refused);
    }
    right(bank, from, to, amount)
}

fn never_refuses(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if from == to {
        return Ok(());
    }
    let (mut payer, mut payee) = both(bank, from, to);
    move_money(&mut payer, &mut payee, amount);
    Ok(())
}

fn refuses_the_last_dollar(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if from == to {
        return itself(bank, from, amount + 1);
    }
    let (mut payer, mut payee) = both(bank, from, to);
    if payer.balance() <= amount {
        return Err(Refused);
    }
    pay(&mut payer, &mut payee, amount)
}

fn drops_the_money(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if from == to {
        return itself(bank, from, amount);
    }
    let (mut payer, mut payee) = both(bank, from, to);
    let left = payer.balance() - amount;
    payer.set(left.max(0));
    if left < 0 {
        return Err(Refused);
    }
    payee.set(payee.balance() + amount);
    Ok(())
}

fn waits_for_money(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    loop {
        if right(bank, from, to, amount).is_ok() {
            return Ok(());
        }
    }
}

fn reads_before_it_locks(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if from == to {
        return itself(bank, from, amount);
    }
    let (paid_from, paid_to) = (bank.peek(from), bank.peek(to));
    write_the_old(bank, (from, paid_from), (to, paid_to), amount)
}

fn checks_before_it_locks(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if bank.peek(from) < amount {
        return Err(Refused);
    }
    never_refuses(bank, from, to, amount)
}

fn checks_and_acts_under_two_locks(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if bank.lock(from).balance() < amount {
        return Err(Refused);
    }
    never_refuses(bank, from, to, amount)
}

fn one_lock_at_a_time(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    let mut payer = bank.lock(from);
    if payer.balance() < amount {
        return Err(Refused);
    }
    payer.set(payer.balance() - amount);
    drop(payer);
    let mut payee = bank.lock(to);
    payee.set(payee.balance() + amount);
    Ok(())
}

fn a_lock_for_each_access(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    let paid_from = bank.lock(from).balance();
    if paid_from < amount {
        return Err(Refused);
    }
    bank.lock(from).set(paid_from - amount);
    let paid_to = bank.lock(to).balance();
    bank.lock(to).set(paid_to + amount);
    Ok(())
}

fn writes_what_it_read_before(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if from == to {
        return itself(bank, from, amount);
    }
    let (paid_from, paid_to) = (bank.lock(from).balance(), bank.lock(to).balance());
    write_the_old(bank, (from, paid_from), (to, paid_to), amount)
}

fn write_the_old(
    bank: &Bank,
    (from, paid_from): (Account, i64),
    (to, paid_to): (Account, i64),
    amount: i64,
) -> Answer {
    if paid_from < amount {
        return Err(Refused);
    }
    let (mut payer, mut payee) = both(bank, from, to);
    payer.set(paid_from - amount);
    payee.set(paid_to + amount);
    Ok(())
}

/// What a right solution does, in parts.
fn right(bank: &Bank, from: Account, to: Account, amount: i64) -> Answer {
    if from == to {
        return itself(bank, from, amount);
    }
    let (mut payer, mut payee) = both(bank, from, to);
    pay(&mut payer, &mut payee, amount)
}

fn itself(bank: &Bank, account: Account, amount: i64) -> Answer {
    enough(&bank.lock(account), amount)
}

fn both(bank: &Bank, from: Account, to: Account) -> (Guard<'_>, Guard<'_>) {
    let first = bank.lock(from.min(to));
    let second = bank.lock(from.max(to));
    if from < to { (first, second) } else { (second, first) }
}

fn pay(payer: &mut Guard<'_>, payee: &mut Guard<'_>, amount: i64) -> Answer {
    enough(payer, amount)?;
    move_money(payer, payee, amount);
    Ok(())
}

fn enough(payer: &Guard<'_>, amount: i64) -> Answer {
    if payer.balance() < amount {
        return Err(Refused);
    }
    Ok(())
}

fn move_money(payer: &mut Guard<'_>, payee: &mut Guard<'_>, amount: i64) {
    payer.set(payer.balance() - amount);
    payee.set(payee.balance() + amount);
}
