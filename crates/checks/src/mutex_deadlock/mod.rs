//! Lesson 10: pay from one account to another, while another transfer runs.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | transfers | one alone, two at the same time | their calls interleaved in every way |
//! | `from`, `to` | both accounts | to itself |
//! | `amount` | from 1 on | all that there is, one more; 2^31, 2^32, 2^53, `i64::MAX` |
//! | balances | from 0 on, together at most `i64::MAX` | 0 to 3 each, and those numbers |
//!
//! Compared is the set of all ends: answers, balances, free locks, and every fault on the way.
//!
//! No threads run. A transfer is a function of the balances that it reads ([`bank`]), so its calls
//! of the bank can be interleaved with those of another in every way ([`interleave`]), and each
//! state of accounts, locks and transfers is looked at once. What is right is computed from the
//! arguments alone: one transfer after the other, in one order or the other.
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
use explore::{Schedule, SearchResult, search};

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers};
use crate::{Panic, Screen, grouped, plural};
use bank::End;
pub use bank::{Bank, Guard};
use interleave::{State, Step, Transfers};

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

/// The most that an account holds in a small case, and both where two transfers run. It pays for
/// both.
const MOST: i64 = 3;
const MOST_FOR_TWO: i64 = 4;

/// Where a number leaves a type.
const LARGE: [i64; 5] = [1 << 31, 1 << 32, (1 << 53) + 1, (1 << 62) + 1, i64::MAX];

/// States after which no more are looked at. A right solution has about a hundred.
const MOST_STATES: usize = 10_000;

/// Calls that a replayed schedule may order: all that two transfers can make.
const MOST_TURNS: usize = 2 * bank::MOST_CALLS;

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
    schedule: Schedule<Turn>,
}

/// How transfers have ended: the answer of each, and then the balances.
type Ended = (Vec<Answer>, [i64; 2]);

/// What a state is, if it is one to speak of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Ended(Ended),
    Wrong(Fault),
}

/// What is wrong with a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    Panicked,
    TooLong,
    /// With the same balances, a transfer did not do what it had done before.
    Unsteady,
    /// No transfer can go on.
    Deadlock(Circle),
    /// The account's lock is free, and it holds less than 0.
    BelowZero(Account),
    /// No lock is held, not all have ended, and the accounts hold too little or too much.
    NotAllThere,
    /// All have ended, and a lock is held.
    Held(Account),
    /// All have ended, and the accounts hold too little.
    Lost,
    /// All have ended, and the accounts hold too much.
    MadeUp,
    /// All have ended, and not as one after the other.
    NotSerial(Ended),
    /// There are more states than are looked at.
    TooManyStates,
}

/// What the transfers wait for that cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Circle {
    /// One of them for itself.
    Itself,
    /// One of them for another that has ended.
    Ended,
    /// Each for another.
    EachOther,
}

/// The shortest way to a fault.
#[derive(Debug)]
pub(crate) struct Way {
    fault: Fault,
    schedule: Schedule<Turn>,
    steps: Vec<Step>,
    /// Transfer by transfer, the account whose lock it waits for.
    wants: Vec<Option<Account>>,
    balances: [i64; 2],
    /// What a transfer panicked with, if one did.
    panic: Option<Panic>,
}

impl Case {
    fn new(balances: [i64; 2], payments: Vec<Payment>) -> Case {
        Case { balances, payments, schedule: Schedule::from(Vec::new()) }
    }

    /// All the money, in dollars.
    fn total(&self) -> i64 {
        self.balances.iter().sum()
    }

    /// How it may end: as when one transfer follows the other, in one order or the other.
    fn serial(&self) -> BTreeSet<Ended> {
        let forwards: Vec<usize> = (0..self.payments.len()).collect();
        let backwards = forwards.iter().rev().copied().collect();
        [forwards, backwards].map(|order| self.one_by_one(&order)).into()
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

    /// The balances and, for each transfer, from whom to whom and how much: `12.ab1.ba2`.
    fn string(&self) -> String {
        let [alice, bob] = self.balances;
        let payments = self.payments.iter().map(|Payment { from, to, amount }| {
            format!(".{}{}{amount}", &from.name()[..1], &to.name()[..1])
        });
        format!("{alice}{bob}{}", payments.collect::<String>())
    }

    /// The same with the schedule that leads to a fault: `12.ab1.ba2:ab`.
    fn replay_along(&self, way: &Way) -> String {
        let turns = way.schedule.iter().map(Turn::to_string);
        format!("{}:{}", self.string(), turns.collect::<String>())
    }

    fn is_small(&self) -> bool {
        self.balances.iter().all(|&balance| balance <= MOST)
            && self.payments.iter().all(|payment| payment.amount <= MOST)
    }

    /// The shortest way to a wrong state, from where the case's own schedule leads.
    fn way(&self, transfers: &Transfers<'_>) -> Option<Way> {
        let fault = |state: &State| match transfers.outcome(state) {
            Some(Outcome::Wrong(fault)) => Some(fault),
            _ => None,
        };
        let found = search(transfers, MOST_STATES, |state| fault(state).is_some());
        let SearchResult::Found { schedule, .. } = found else { return None };
        let schedule = Schedule::from([&self.schedule[..], &schedule[..]].concat());
        let (steps, state) = transfers.steps(&schedule);
        let numbers = 0..self.payments.len();
        let wants = |number| transfers.waits(&state, number).map(|(account, _)| account);
        let panic = |number| match transfers.end(&state, number) {
            Some(End::Panicked(panic)) => Some(panic),
            _ => None,
        };
        Some(Way {
            fault: fault(&state)?,
            schedule,
            steps,
            wants: numbers.clone().map(wants).collect(),
            balances: state.balances,
            panic: numbers.into_iter().find_map(panic),
        })
    }
}

/// Every transfer of this amount: to the other account, and then to the same.
fn payments(amount: i64) -> impl Iterator<Item = Payment> + Clone {
    use Account::{Alice, Bob};
    let ways = [(Alice, Bob), (Bob, Alice), (Alice, Alice), (Bob, Bob)];
    ways.into_iter().map(move |(from, to)| Payment { from, to, amount })
}

fn small_balances(least: i64, together: i64) -> impl Iterator<Item = [i64; 2]> + Clone {
    let all = (least..=MOST).flat_map(move |alice| (least..=MOST).map(move |bob| [alice, bob]));
    all.filter(move |balances| balances.iter().sum::<i64>() <= together)
}

/// All that there is and more, one dollar less, and two that want the same.
fn large(number: i64) -> impl Iterator<Item = Case> {
    let rest = (i64::MAX - number).min(1);
    let balances = [[number, 0], [rest, number - 1], [number - 1, rest], [0, number]];
    let alone = payments(number).chain(payments(number - 1)).map(|payment| vec![payment]);
    let two = payments(number).zip(payments(number - 1).skip(1));
    let two = two.map(|(one, other)| vec![one, other]);
    alone.chain(two).flat_map(move |payments| {
        balances.into_iter().map(move |balances| Case::new(balances, payments.clone()))
    })
}

/// The exercise of lesson 10.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MutexDeadlock;

impl Exercise for MutexDeadlock {
    const ABOUT: About = About {
        name: "mutex-deadlock",
        stub: include_str!("stub.rs"),
        reference: include_str!("reference.rs"),
        functions: 1,
        hints: [
            "Between any two calls of the bank another transfer may do all of its own. Which of \
             your calls may be parted so, and which may not?",
            "What you read, what you decide from it and what you write belong under the same \
             locks, held from the first read to the last write. And locks that every transfer \
             takes in one order never make a circle. The page has this under \"Each waits for the \
             other\".",
            "First the case that from and to are equal: one lock, a comparison, no write. Else \
             lock `from.min(to)` and then `from.max(to)`, keep both guards, compare, and write \
             both balances through the guards.",
        ],
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
        let alone = payments(1).chain(payments(2)).map(|payment| vec![payment]);
        let alone = alone.flat_map(|payments| {
            small_balances(0, 2 * MOST).map(move |balances| Case::new(balances, payments.clone()))
        });
        let pairs = payments(1).flat_map(|one| payments(2).map(move |other| vec![one, other]));
        let pairs = pairs.flat_map(|payments| {
            let balances = small_balances(1, MOST_FOR_TWO);
            balances.map(move |balances| Case::new(balances, payments.clone()))
        });
        let mut small: Vec<Case> = alone.chain(pairs).collect();
        small.sort_by_key(|case| (case.payments.len(), case.total()));
        small.into_iter().chain(LARGE.into_iter().flat_map(large))
    }

    fn scope() -> String {
        format!(
            "one transfer alone and two at the same time, from each account to each, of 1 and 2 \
             dollars with up to {MOST} dollars in an account and {MOST_FOR_TWO} for two transfers, \
             and of amounts up to 2^63 - 1; their calls of the bank interleaved in every way"
        )
    }

    fn call(solution: &Transfer, case: &Case, way: &mut Option<Way>) -> BTreeSet<Outcome> {
        let transfers = Transfers::of(case, solution);
        let mut outcomes = BTreeSet::new();
        let all = search(&transfers, MOST_STATES, |state| {
            outcomes.extend(transfers.outcome(state));
            false
        });
        if matches!(all, SearchResult::Unknown { .. }) {
            outcomes.insert(Outcome::Wrong(Fault::TooManyStates));
        }
        if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Wrong(_))) {
            *way = case.way(&transfers);
        }
        outcomes
    }

    fn expected(case: &Case) -> BTreeSet<Outcome> {
        case.serial().into_iter().map(Outcome::Ended).collect()
    }

    fn rule(case: &Case, _: &BTreeSet<Outcome>, way: &Option<Way>) -> Rule {
        match way {
            Some(way) => rules::of(case, &way.fault, way.panic.as_ref()),
            None => rules::of(case, &Fault::TooManyStates, None),
        }
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
        let payments = case.payments.iter().zip([("asked", 'a'), ("", 'b')]);
        let lines = payments.map(|(Payment { from, to, amount }, (label, name))| {
            let (from, to) = (from.name(), to.name());
            (label, format!("{name} pays ${amount} from {from} to {to}"))
        });
        let [alice, bob] = case.balances;
        lines.chain([("before", format!("alice {alice}, bob {bob}"))]).collect()
    }

    fn words(outcomes: &BTreeSet<Outcome>) -> String {
        draw::outcomes(outcomes.iter())
    }

    fn draw(
        case: &Case,
        want: &BTreeSet<Outcome>,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        let way = seen.and_then(|seen| seen.observation.as_ref());
        // A way begins with a row of what the accounts hold before.
        let lines = case.payments.len() + usize::from(way.is_none());
        for (label, text) in Self::describe(case).iter().take(lines) {
            screen.labelled(label, text)?;
        }
        screen.line("")?;
        match way {
            Some(way) => draw::way(case, way, screen),
            None => draw_answers(want, seen, screen),
        }
    }

    fn replay_string(case: &Case) -> Option<String> {
        case.is_small().then(|| case.string())
    }

    fn parse(text: &str) -> Result<Case, String> {
        let odd = "it is not like 10.ab1, 12.ab1.ba2 or 12.ab1.ba2:ab";
        let (string, turns) = text.split_once(':').ok_or(odd)?;
        let turns = turns.chars().take(MOST_TURNS).map(|turn| turn.to_string().parse::<Turn>());
        let schedule = Schedule::from(turns.collect::<Result<Vec<_>, _>>().map_err(|_| odd)?);
        let mut cases = Self::cases().filter(Case::is_small);
        let case = cases.find(|case| case.string() == string).ok_or(odd)?;
        match schedule.iter().all(|turn| turn.0 < case.payments.len()) {
            true => Ok(Case { schedule, ..case }),
            false => Err("its schedule names a transfer that it does not have".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
