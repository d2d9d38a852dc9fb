//! Every small transfer, alone and with another, and what may come of it.

use std::collections::BTreeSet;

use super::bank::MOST_CALLS;
use super::{Account, Refused};
use crate::plural;

/// Both accounts.
pub(super) const ACCOUNTS: [Account; 2] = [Account::Alice, Account::Bob];

/// Transfers that run at the same time, at the most.
pub(super) const MOST_TRANSFERS: usize = 2;

/// The most that an account holds at the start, in dollars. It pays for both transfers.
const MOST: i64 = 3;

/// The most that is in both accounts where two transfers run at the same time. Either of them can
/// pay for both.
const MOST_FOR_TWO: i64 = 4;

/// The letters of the transfers.
pub(super) const LETTERS: [char; MOST_TRANSFERS] = ['a', 'b'];

/// Calls that a schedule may order: all that there can be.
const MOST_SCHEDULED: usize = MOST_TRANSFERS * MOST_CALLS;

/// The arguments of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Payment {
    pub(super) from: Account,
    pub(super) to: Account,
    pub(super) amount: i64,
}

/// What the accounts hold, and one transfer or two at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Alice's, then Bob's.
    pub(super) balances: [i64; 2],
    pub(super) payments: Vec<Payment>,
    /// The numbers of the transfers that make the first calls, as far as they can; then every way
    /// is tried.
    pub(super) schedule: Vec<usize>,
}

/// How transfers have ended: the answer of each, and then the balances.
pub(super) type Ended = (Vec<Result<(), Refused>>, [i64; 2]);

/// All cases: one transfer alone before two, and less money before more.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let alone = payments(1).chain(payments(2)).map(|payment| vec![payment]);
    let pairs = payments(1).flat_map(|one| payments(2).map(move |other| vec![one, other]));
    let cases = alone.chain(pairs).flat_map(|payments| {
        let balances = balances(payments.len()).into_iter();
        balances.map(move |balances| Case {
            balances,
            payments: payments.clone(),
            schedule: Vec::new(),
        })
    });
    let mut cases: Vec<Case> = cases.collect();
    cases.sort_by_key(Case::measure);
    cases.into_iter()
}

/// What the accounts hold before so many transfers.
fn balances(transfers: usize) -> Vec<[i64; 2]> {
    let (least, most) = match transfers {
        1 => (0, 2 * MOST),
        _ => (1, MOST_FOR_TWO),
    };
    let all = (least..=MOST).flat_map(|alice| (least..=MOST).map(move |bob| [alice, bob]));
    all.filter(|balances| balances.iter().sum::<i64>() <= most).collect()
}

/// Every transfer of this amount: to the other account, and then to the same.
fn payments(amount: i64) -> impl Iterator<Item = Payment> {
    use Account::{Alice, Bob};
    let ways = [(Alice, Bob), (Bob, Alice), (Alice, Alice), (Bob, Bob)];
    ways.into_iter().map(move |(from, to)| Payment { from, to, amount })
}

impl Case {
    /// All the money, in dollars.
    pub(super) fn total(&self) -> i64 {
        self.balances.iter().sum()
    }

    /// How it may end: as when one transfer follows the other, in one order or the other.
    pub(super) fn serial(&self) -> BTreeSet<Ended> {
        let forwards: Vec<usize> = (0..self.payments.len()).collect();
        let backwards = forwards.iter().rev().copied().collect();
        let orders = [forwards, backwards].into_iter();
        orders.map(|order| self.one_by_one(&order)).collect()
    }

    fn one_by_one(&self, order: &[usize]) -> Ended {
        let mut balances = self.balances;
        let mut answers = vec![Ok(()); self.payments.len()];
        for &number in order {
            let Payment { from, to, amount } = self.payments[number];
            if balances[from as usize] < amount {
                answers[number] = Err(Refused);
            } else {
                balances[from as usize] -= amount;
                balances[to as usize] += amount;
            }
        }
        (answers, balances)
    }

    pub(super) fn measure(&self) -> (usize, i64) {
        (self.payments.len(), self.total())
    }

    pub(super) fn size(&self) -> String {
        let transfers = plural(self.payments.len(), "transfer");
        format!("{transfers} with ${} in the accounts", self.total())
    }

    /// The balances, for each transfer from whom to whom and how much, and the schedule if there is
    /// one: `12.ab1.ba2:ab`.
    pub(super) fn code(&self) -> String {
        let [alice, bob] = self.balances;
        let mut code = format!("{alice}{bob}");
        for Payment { from, to, amount } in &self.payments {
            code += &format!(".{}{}{amount}", from.initial(), to.initial());
        }
        if !self.schedule.is_empty() {
            code.push(':');
        }
        code.extend(self.schedule.iter().map(|&transfer| LETTERS[transfer]));
        code
    }

    /// The case of this code.
    pub(super) fn parse(code: &str) -> Result<Case, String> {
        let (what, schedule) = match code.split_once(':') {
            Some((what, schedule)) => (what, Some(schedule)),
            None => (code, None),
        };
        let case = all().find(|case| case.code() == what);
        let mut case =
            case.ok_or_else(|| "it is not like 10.ab1, 12.ab1.ba2 or 12.ab1.ba2:ab".to_owned())?;
        if let Some(schedule) = schedule {
            case.schedule = case.parse_schedule(schedule)?;
        }
        Ok(case)
    }

    fn parse_schedule(&self, schedule: &str) -> Result<Vec<usize>, String> {
        let letters = &LETTERS[..self.payments.len()];
        let number = |letter| letters.iter().position(|&known| known == letter);
        let numbers = schedule.chars().map(number).take(MOST_SCHEDULED + 1);
        match numbers.collect::<Option<Vec<usize>>>() {
            Some(numbers) if (1..=MOST_SCHEDULED).contains(&numbers.len()) => Ok(numbers),
            _ => Err(format!("a letter for each call, up to {MOST_SCHEDULED}, says whose it is")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serial(code: &str) -> Vec<Ended> {
        Case::parse(code).unwrap().serial().into_iter().collect()
    }

    #[test]
    fn the_right_ends_are_those_of_the_table() {
        let refused = Err(Refused);
        assert_eq!(serial("10.ab1"), [(vec![Ok(())], [0, 1])]);
        assert_eq!(serial("10.ab2"), [(vec![refused], [1, 0])]);
        assert_eq!(serial("10.aa1"), [(vec![Ok(())], [1, 0])]);
        assert_eq!(serial("01.aa1"), [(vec![refused], [0, 1])]);
        // Where there is enough for both, the order makes no difference.
        assert_eq!(serial("31.ab1.ab2"), [(vec![Ok(()), Ok(())], [0, 4])]);
        let one_of_them = [(vec![Ok(()), refused], [1, 2]), (vec![refused, Ok(())], [0, 3])];
        assert_eq!(serial("21.ab1.ab2"), one_of_them);
    }

    #[test]
    fn every_small_case_is_there_once() {
        // Alone: 8 transfers over 4 by 4 balances; in pairs 4 by 4 over the 6 of 3 by 3 that have
        // no more than $4.
        assert_eq!(all().count(), 8 * 16 + 16 * 6);
        for code in ["", "10", "10.ab3", "40.ab1", "12.ab1.ba1", "é", "12.ab1.ba2."] {
            let error = Case::parse(code).unwrap_err();
            assert_eq!(error, "it is not like 10.ab1, 12.ab1.ba2 or 12.ab1.ba2:ab");
        }
    }

    #[test]
    fn a_schedule_is_a_letter_for_each_call() {
        let case = Case::parse("12.ab1.ba2:abba").unwrap();
        assert_eq!(case.schedule, [0, 1, 1, 0]);
        assert_eq!(case.code(), "12.ab1.ba2:abba");
        let too_long = format!("12.ab1.ba2:{}", "a".repeat(99_999));
        for code in ["10.ab1:", "10.ab1:b", "12.ab1.ba2:abc", "10.ab1:a:a", &too_long] {
            let error = Case::parse(code).unwrap_err();
            assert_eq!(error, "a letter for each call, up to 40, says whose it is");
        }
    }
}
