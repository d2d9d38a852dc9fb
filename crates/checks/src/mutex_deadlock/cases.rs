//! Every small transfer, alone and with another, and what may come of it.

use std::collections::BTreeSet;

use super::{Account, Refused};
use crate::plural;

/// Both accounts.
pub(super) const ACCOUNTS: [Account; 2] = [Account::Alice, Account::Bob];

/// Transfers that run at the same time, at the most.
pub(super) const MOST_TRANSFERS: usize = 2;

/// The most that an account holds at the start, in dollars. It pays for both transfers.
const MOST: i64 = 3;

/// The most that is in both accounts where two transfers run at the same time. Either of them can pay for both.
const MOST_FOR_TWO: i64 = 4;

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
    all.filter(|balances| balances.iter().sum::<i64>() <= most)
        .collect()
}

/// Every transfer of this amount: to the other account, and then to the same.
fn payments(amount: i64) -> impl Iterator<Item = Payment> {
    use Account::{Alice, Bob};
    let ways = [(Alice, Bob), (Bob, Alice), (Alice, Alice), (Bob, Bob)];
    ways.into_iter()
        .map(move |(from, to)| Payment { from, to, amount })
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

    /// The balances, and for each transfer from whom to whom and how much: `12.ab1.ba2`.
    pub(super) fn code(&self) -> String {
        let [alice, bob] = self.balances;
        let mut code = format!("{alice}{bob}");
        for Payment { from, to, amount } in &self.payments {
            code += &format!(".{}{}{amount}", from.initial(), to.initial());
        }
        code
    }

    /// The case of this code.
    pub(super) fn parse(code: &str) -> Result<Case, String> {
        let case = all().find(|case| case.code() == code);
        case.ok_or_else(|| "it is not like 10.ab1 or 12.ab1.ba2".to_owned())
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
        let one_of_them = [
            (vec![Ok(()), refused], [1, 2]),
            (vec![refused, Ok(())], [0, 3]),
        ];
        assert_eq!(serial("21.ab1.ab2"), one_of_them);
    }

    #[test]
    fn every_small_case_is_there_once() {
        // Alone: 8 transfers over 4 by 4 balances; in pairs 4 by 4 over the 6 of 3 by 3 that have no more than $4.
        assert_eq!(all().count(), 8 * 16 + 16 * 6);
        for code in [
            "",
            "10",
            "10.ab3",
            "40.ab1",
            "12.ab1.ba1",
            "é",
            "12.ab1.ba2.",
        ] {
            let error = Case::parse(code).unwrap_err();
            assert_eq!(error, "it is not like 10.ab1 or 12.ab1.ba2");
        }
    }
}
