//! Lesson 10: pay from one account to another, while another transfer runs.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | transfers | one alone, two at the same time | their calls interleaved in every way |
//! | `from`, `to` | both accounts | to itself |
//! | `amount` | from 1 on | all that there is, one more; 2^31, 2^32, 2^53, `i64::MAX` |
//! | balances | from 0 on, together at most `i64::MAX` | up to 3 each, and those numbers |
//!
//! Compared is the set of all ends: answers, balances, free locks, and every fault on the way.
//!
//! No threads run. A transfer is a function of the balances that it reads ([`Bank`]), so its calls
//! of the bank can be interleaved with those of another in every way, and each state of accounts,
//! locks and transfers is looked at once. What is right is computed from the arguments alone: one
//! transfer after the other, in one order or the other.
//!
//! Left out: a lock that is tried or waited for with a limit, and more than two transfers: a circle
//! of three needs three accounts. A balance is signed so that one below 0 can be seen, and not as a
//! panic of the subtraction.

mod bank;
mod bugs;
mod draw;
mod interleave;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::{fmt, io};

use explore::threads::Run as Turn;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers};
use crate::{Screen, grouped, plural};
pub use bank::{Bank, Guard};
use interleave::{Transfers, Way};

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

/// The program of the exercise.
pub fn main(transfer: fn(&Bank, Account, Account, i64) -> Result<(), Refused>) -> ExitCode {
    crate::program::main::<MutexDeadlock>(Arc::new(transfer))
}

type Answer = Result<(), Refused>;

/// What the reader writes: from the first account to the second, this many dollars.
type Transfer = Arc<dyn Fn(&Bank, Account, Account, i64) -> Answer + Send + Sync>;

const ACCOUNTS: [Account; 2] = [Account::Alice, Account::Bob];

/// What the transfers of a case are called.
const NAMES: [char; 2] = ['a', 'b'];

/// The most that an account holds in a small case: it pays for both transfers.
const MOST: i64 = 3;

/// Where a number leaves a type.
const LARGE: [i64; 5] = [1 << 31, 1 << 32, (1 << 53) + 1, (1 << 62) + 1, i64::MAX];

/// The arguments of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Payment {
    from: Account,
    to: Account,
    amount: i64,
}

/// What the accounts hold, and one transfer or two at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// Alice's, then Bob's.
    balances: [i64; 2],
    payments: Vec<Payment>,
    /// The transfers that make the first calls, as far as they can; then every way is tried.
    schedule: Vec<Turn>,
}

/// How transfers have ended, or what went wrong before or then.
type Outcome = Result<Ended, Fault>;

/// The answer of each, and then the balances.
type Ended = (Vec<Answer>, [i64; 2]);

/// What is wrong with a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    Panicked,
    TooLong,
    /// With the same balances, a transfer did not do what it had done before.
    Unsteady,
    /// A transfer waits for a lock that it holds.
    WaitsForItself,
    /// Each waits for the other.
    Deadlock,
    /// The account's lock is free, and it holds this much, less than 0.
    BelowZero(Account, i64),
    /// No lock is held, not all have ended, and the accounts hold this much together.
    NotAllThere(i128),
    /// All have ended, and the accounts hold this much together.
    NotPreserved(i128),
    /// A transfer has ended, and holds the lock.
    Held(Account),
    /// All have ended, and not as one after the other.
    NotSerial(Ended),
    /// There are more states than are looked at.
    TooManyStates,
}

impl Case {
    /// All the money, in dollars.
    fn total(&self) -> i64 {
        self.balances.iter().sum()
    }

    /// How it ends when one transfer follows the other in this order.
    fn one_by_one(&self, order: [usize; 2]) -> Ended {
        let mut balances = self.balances;
        let mut answers = vec![Err(Refused); self.payments.len()];
        for number in order.into_iter().filter(|&number| number < self.payments.len()) {
            let Payment { from, to, amount } = self.payments[number];
            if balances[from as usize] >= amount {
                balances[from as usize] -= amount;
                balances[to as usize] += amount;
                answers[number] = Ok(());
            }
        }
        (answers, balances)
    }

    /// The balances and, for each transfer, from whom to whom and how much: `1.2.ab1.ba2`.
    fn string(&self) -> String {
        let [alice, bob] = self.balances;
        let payments = self.payments.iter().map(|Payment { from, to, amount }| {
            format!(".{}{}{amount}", &from.name()[..1], &to.name()[..1])
        });
        format!("{alice}.{bob}{}", payments.collect::<String>())
    }
}

/// A transfer of each amount alone, and both at the same time, in every direction.
fn cases_with(balances: [i64; 2], [one, other]: [i64; 2]) -> impl Iterator<Item = Case> {
    use Account::{Alice, Bob};
    let of = |amount| {
        let ways = [(Alice, Bob), (Bob, Alice), (Alice, Alice), (Bob, Bob)];
        ways.map(|(from, to)| Payment { from, to, amount })
    };
    let alone = of(one).into_iter().chain(of(other)).map(|payment| vec![payment]);
    let two = of(one).into_iter().flat_map(move |one| of(other).map(|other| vec![one, other]));
    alone.chain(two).map(move |payments| Case { balances, payments, schedule: Vec::new() })
}

/// The exercise of lesson 10.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MutexDeadlock;

impl Exercise for MutexDeadlock {
    const ABOUT: About = About {
        name: "mutex-deadlock",
        functions: 1,
        hints: include_str!("hints.txt"),
        why: "Every transfer takes the locks in one order, so none waits in a circle; and from the \
              first read to the last write both are held, so the transfers happen one after the \
              other, however their calls are interleaved.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Transfer;
    type Case = Case;
    type Answer = BTreeSet<Outcome>;
    /// The shortest way to a fault.
    type Observation = Option<Way>;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        let small = (0..=MOST).flat_map(|alice| (0..=MOST).map(move |bob| ([alice, bob], [1, 2])));
        let large = LARGE.into_iter().flat_map(|most| {
            let balances = [[most, 0], [most - 1, 1], [0, most], [1, most - 1]];
            balances.map(|balances| (balances, [most, most - 1]))
        });
        let cases =
            small.chain(large).flat_map(|(balances, amounts)| cases_with(balances, amounts));
        // Where an account is empty, one transfer shows as much as two, and so does each large
        // number but the last.
        let needs_two = |case: &Case| {
            !case.balances.contains(&0) && (case.total() <= 2 * MOST || case.total() == i64::MAX)
        };
        let cases = cases.filter(|case| case.payments.len() == 1 || needs_two(case));
        let mut cases: Vec<Case> = cases.collect();
        cases.sort_by_key(|case| (case.total() > 2 * MOST, case.payments.len(), case.total()));
        cases.into_iter()
    }

    fn scope() -> String {
        format!(
            "one transfer alone, and two at the same time where no account is empty, from each \
             account to each, of 1 and 2 dollars with up to {MOST} in an account, and of amounts \
             up to 2^63 - 1; their calls of the bank interleaved in every way"
        )
    }

    fn call(solution: &Transfer, case: &Case, way: &mut Option<Way>) -> BTreeSet<Outcome> {
        let transfers = Transfers::of(case, solution);
        let outcomes = transfers.outcomes();
        if outcomes.iter().any(Result::is_err) {
            *way = transfers.way();
        } else if !case.schedule.is_empty() {
            // After a given schedule not every right end can be reached any more.
            return Self::expected(case);
        }
        outcomes
    }

    fn expected(case: &Case) -> BTreeSet<Outcome> {
        [[0, 1], [1, 0]].map(|order| Ok(case.one_by_one(order))).into()
    }

    fn rule(case: &Case, _: &BTreeSet<Outcome>, way: &Option<Way>) -> Rule {
        rules::of(case, way.as_ref())
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Transfer {
        Arc::new(move |bank, from, to, amount| bugs::transfer(bugs, bank, from, to, amount))
    }

    fn reference() -> Transfer {
        Arc::new(reference::transfer)
    }

    fn title(case: &Case) -> String {
        let transfers = plural(case.payments.len(), "transfer");
        let total = usize::try_from(case.total()).unwrap_or(usize::MAX);
        format!("{transfers} with ${} in the accounts", grouped(total))
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let payments = case.payments.iter().zip(NAMES).zip(["asked", ""]);
        let lines = payments.map(|((Payment { from, to, amount }, name), label)| {
            (label, format!("{name} pays ${amount} from {} to {}", from.name(), to.name()))
        });
        let [alice, bob] = case.balances;
        lines.chain([("before", format!("alice {alice}, bob {bob}"))]).collect()
    }

    fn words(outcomes: &BTreeSet<Outcome>) -> String {
        outcomes.iter().map(draw::outcome).collect::<Vec<_>>().join("; or ")
    }

    fn draw(
        case: &Case,
        want: &BTreeSet<Outcome>,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        screen.all_labelled(&Self::describe(case))?;
        screen.line("")?;
        match seen.and_then(|seen| seen.observation.as_ref()) {
            Some(way) => draw::way(case, way, screen),
            None => draw_answers(want, seen, screen),
        }
    }

    fn replay_string(case: &Case) -> Option<String> {
        Some(case.string())
    }

    /// A case and the schedule that leads to a fault, as in `1.2.ab1.ba2:ab`.
    fn parse(text: &str) -> Result<Case, String> {
        let odd = "it is not like 1.0.ab1, 1.2.ab1.ba2 or 1.2.ab1.ba2:ab";
        let (string, turns) = text.split_once(':').ok_or(odd)?;
        let case = Self::cases().find(|case| case.string() == string).ok_or(odd)?;
        let names = &NAMES[..case.payments.len()];
        let turn = |letter| names.iter().position(|&name| name == letter).map(Turn);
        let schedule = turns.chars().map(turn).collect::<Option<_>>().ok_or(odd)?;
        Ok(Case { schedule, ..case })
    }
}

#[cfg(test)]
mod tests;
