//! Lesson 10: pay from one account to another, while somebody else does so too.
//!
//! The cases are small transfers, alone and two at a time. No threads run: a transfer is a function
//! of the balances that it reads (`bank`), so its calls of the bank can be woven with those of
//! another in every way, and each state of accounts, locks and transfers is looked at once
//! (`explore`).
//!
//! What holds where a solution is right, and is checked in every state:
//!
//! * some transfer can go on, or all have ended, with their locks free;
//! * accounts that nobody has locked hold all the money, and none of them less than 0;
//! * in the end, answers and balances are those of one transfer after the other, worked out from
//!   the arguments alone.
//!
//! Left out: a lock that is tried or waited for with a limit, and more than two transfers: a circle
//! of three needs three accounts. A balance is signed so that one below 0 can be seen, and not as a
//! panic of the subtraction.

mod bank;
mod cases;
mod explore;
mod mistakes;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
mod screen;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;
mod weave;

use std::{fmt, io};

use crate::{Exercise, Mistake, Screen, Unsolved};
pub use bank::{Bank, Guard};
use cases::Case;
use explore::Seen;

/// One of the two accounts. They have an order: Alice's comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are names")]
pub enum Account {
    Alice,
    Bob,
}

impl Account {
    fn name(self) -> &'static str {
        match self {
            Account::Alice => "alice",
            Account::Bob => "bob",
        }
    }

    fn initial(self) -> &'static str {
        match self {
            Account::Alice => "a",
            Account::Bob => "b",
        }
    }
}

/// The account holds less than the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the account holds less than the amount")
    }
}

impl std::error::Error for Refused {}

/// What the reader writes: from the first account to the second, so many dollars.
pub type Transfer = fn(&Bank, Account, Account, i64) -> Result<(), Refused>;

/// The exercise of lesson 10.
#[derive(Clone, Copy, Debug)]
pub struct MutexDeadlock;

impl Exercise for MutexDeadlock {
    const NAME: &'static str = "mutex-deadlock";
    const STUB: &'static str = include_str!("stub.rs");
    const REFERENCE: &'static str = include_str!("reference.rs");
    const HINTS: [&'static str; 3] = [
        "Between any two calls of the bank another transfer may do all of its own. Which of your \
         calls may be parted so, and which may not?",
        "What you read, what you decide from it and what you write belong under the same locks, \
         held from the first read to the last write. And locks that everybody takes in one order \
         never make a circle. The page has this under \"Each waits for the other\".",
        "First the case that from and to are equal: one lock, a comparison, no write. Else lock \
         `from.min(to)` and then `from.max(to)`, keep both guards, compare, and write both \
         balances through the guards.",
    ];
    const WHY: &'static str = "Everybody takes the locks in one order, so nobody waits in a \
                               circle; and from the first read to the last write both are held, so \
                               the transfers happen one after the other, however their calls are \
                               woven.";
    const ORDER: &'static str =
        "one transfer alone, then two at the same time, each with the least money first";

    type Solution = Transfer;
    type Case = Case;
    type Seen = Seen;
    type Measure = (usize, i64);

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn is_dangerous(_: &Case) -> bool {
        false
    }

    fn scope() -> String {
        "one transfer alone and two at the same time, of 1 and 2 dollars, from each account to \
         each, with up to 3 dollars in an account and 4 for two transfers, their calls of the bank \
         woven in every way"
            .to_owned()
    }

    fn size(case: &Case) -> String {
        case.size()
    }

    fn measure(case: &Case) -> Self::Measure {
        case.measure()
    }

    fn observe(solution: Transfer, case: &Case) -> Result<Seen, Unsolved> {
        explore::explore(solution, case)
    }

    fn broken_rule(case: &Case, seen: &Seen) -> Option<&'static str> {
        rules::broken(case, seen)
    }

    fn same_answers(one: &Seen, other: &Seen) -> bool {
        (one.peeks, &one.outcomes) == (other.peeks, &other.outcomes)
    }

    fn draw(case: &Case, seen: &Seen, screen: &mut Screen<'_>) -> io::Result<()> {
        screen::draw(case, seen, screen)
    }

    fn code(case: &Case) -> String {
        case.code()
    }

    fn parse(code: &str) -> Result<Case, String> {
        Case::parse(code)
    }

    fn mistakes() -> &'static [Mistake<Transfer>] {
        mistakes::ALL
    }
}

#[cfg(test)]
mod tests;
