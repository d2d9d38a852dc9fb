//! Every way to weave transfers together, the shortest first.
//!
//! A step is one call of the bank by one transfer. A state that was reached before, on another way,
//! is not gone on from again: what comes after it is known.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::bank::{Call, End};
use super::cases::{ACCOUNTS, Case, Ended};
use super::weave::{State, Transfers};
use super::{Account, Transfer};
use crate::{Panic, Unsolved};

/// States after which no more are looked at. A right solution has about a hundred.
pub(super) const MOST_STATES: usize = 10_000;

/// What came of a case.
#[derive(Debug, Default)]
pub struct Seen {
    /// The shortest way to go wrong.
    pub(super) wrong: Option<Wrong>,
    /// All that came about, on whatever way.
    pub(super) outcomes: BTreeSet<Outcome>,
    /// Whether a balance was read without its lock.
    pub(super) peeks: bool,
}

/// A fault, and how one gets there.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) fault: Fault,
    pub(super) steps: Vec<Step>,
    /// Transfer by transfer, the account whose lock it waits for.
    pub(super) wants: Vec<Option<Account>>,
    pub(super) balances: [i64; 2],
    /// What a transfer panicked with, if one did.
    pub(super) panic: Option<Panic>,
}

/// One call of the bank by one of the transfers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) transfer: usize,
    pub(super) call: Call,
    /// What the accounts hold after it.
    pub(super) balances: [i64; 2],
    /// What the called account held before it.
    pub(super) before: [i64; 2],
}

/// What a state is, if it is one to speak of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Ended(Ended),
    Wrong(Fault),
}

/// What is wrong with a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
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
    TooManyWays,
}

/// Whom the transfers wait for that cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Circle {
    /// One of them for itself.
    Itself,
    /// One of them for another that has ended.
    Ended,
    /// Each for another.
    EachOther,
}

/// Looks at every state that the transfers of a case can come to.
pub(super) fn explore(solution: Transfer, case: &Case) -> Result<Seen, Unsolved> {
    let mut search = Search::new(solution, case)?;
    let mut seen = Seen::default();
    let mut next = 0;
    while next < search.reached.len().min(MOST_STATES) {
        let outcome = search.outcome(next);
        if let (None, Some(Outcome::Wrong(fault))) = (&seen.wrong, &outcome) {
            seen.wrong = Some(search.wrong(next, fault.clone()));
        }
        let goes_on = !is_last(outcome.as_ref());
        seen.outcomes.extend(outcome);
        if goes_on {
            search.go_on(next)?;
        }
        next += 1;
    }
    let is_peek = |reached: &Reached<'_>| matches!(reached.by, Some((_, _, Call::Peek(_))));
    seen.peeks = search.reached.iter().any(is_peek);
    Ok(seen)
}

/// Whether no transfer goes on from there.
fn is_last(outcome: Option<&Outcome>) -> bool {
    use Fault::{Panicked, TooLong, Unsteady};
    matches!(outcome, Some(Outcome::Wrong(Panicked | TooLong | Unsteady)))
}

struct Search<'a> {
    case: &'a Case,
    serial: BTreeSet<Ended>,
    transfers: Transfers,
    /// In the order in which they were found, so the way to each is the shortest.
    reached: Vec<Reached<'a>>,
    known: BTreeSet<State>,
}

struct Reached<'a> {
    state: State,
    /// What is left of the schedule.
    schedule: &'a [usize],
    /// The number of the state before, who went on from there, and with what call.
    by: Option<(usize, usize, Call)>,
}

impl<'a> Search<'a> {
    fn new(solution: Transfer, case: &'a Case) -> Result<Search<'a>, Unsolved> {
        let (transfers, state) = Transfers::of(case, solution)?;
        Ok(Search {
            case,
            serial: case.serial(),
            transfers,
            known: BTreeSet::from([state]),
            reached: vec![Reached { state, schedule: &case.schedule, by: None }],
        })
    }

    fn go_on(&mut self, from: usize) -> Result<(), Unsolved> {
        if let Some((&first, rest)) = self.reached[from].schedule.split_first() {
            // Where whoever is to go on cannot, the schedule is that of another solution.
            if self.step(from, first, rest)? {
                return Ok(());
            }
        }
        for transfer in 0..self.case.payments.len() {
            self.step(from, transfer, &[])?;
        }
        Ok(())
    }

    /// Says whether this transfer can go on from there.
    fn step(
        &mut self,
        from: usize,
        transfer: usize,
        schedule: &'a [usize],
    ) -> Result<bool, Unsolved> {
        let before = self.reached[from].state;
        let Some((call, state)) = self.transfers.step(&before, transfer)? else {
            return Ok(false);
        };
        if self.known.insert(state) {
            self.reached.push(Reached { state, schedule, by: Some((from, transfer, call)) });
        }
        Ok(true)
    }

    fn outcome(&self, number: usize) -> Option<Outcome> {
        let state = &self.reached[number].state;
        let count = self.case.payments.len();
        let ends: Vec<&End> =
            (0..count).filter_map(|transfer| self.transfers.end(state, transfer)).collect();
        let have_ended = ends.len() == count;
        let fault = match number + 1 {
            MOST_STATES => Some(Fault::TooManyWays),
            _ => broken_off(&ends).or_else(|| self.money(state, have_ended)),
        };
        match fault {
            Some(fault) => Some(Outcome::Wrong(fault)),
            None if have_ended => Some(self.ended(state, &ends)),
            None => self.deadlock(state).map(Outcome::Wrong),
        }
    }

    /// What is wrong with what the accounts hold, as far as anybody can see it: who looks takes the
    /// lock.
    fn money(&self, state: &State, have_ended: bool) -> Option<Fault> {
        let is_free = |account: &Account| state.holders[*account as usize].is_none();
        let free: Vec<Account> = ACCOUNTS.into_iter().filter(is_free).collect();
        let is_below = |account: &&Account| state.balances[**account as usize] < 0;
        if let Some(&account) = free.iter().find(is_below) {
            return Some(Fault::BelowZero(account));
        }
        let all_are_free = free.len() == ACCOUNTS.len();
        // A solution may write any balance, so their sum may be more than an i64 holds.
        let total: i128 = state.balances.map(i128::from).iter().sum();
        match total.cmp(&self.case.total().into()) {
            _ if !all_are_free => None,
            Ordering::Equal => None,
            _ if !have_ended => Some(Fault::NotAllThere),
            Ordering::Less => Some(Fault::Lost),
            Ordering::Greater => Some(Fault::MadeUp),
        }
    }

    fn ended(&self, state: &State, ends: &[&End]) -> Outcome {
        let is_held = |account: &Account| state.holders[*account as usize].is_some();
        if let Some(account) = ACCOUNTS.into_iter().find(is_held) {
            return Outcome::Wrong(Fault::Held(account));
        }
        let answer = |end: &&End| match end {
            End::Returned(answer) => Some(*answer),
            _ => None,
        };
        let ended = (ends.iter().filter_map(answer).collect(), state.balances);
        match self.serial.contains(&ended) {
            true => Outcome::Ended(ended),
            false => Outcome::Wrong(Fault::NotSerial(ended)),
        }
    }

    fn deadlock(&self, state: &State) -> Option<Fault> {
        let mut circle = Circle::EachOther;
        for transfer in 0..self.case.payments.len() {
            match self.transfers.waits(state, transfer) {
                Some((_, holder)) if holder == transfer => circle = Circle::Itself,
                Some((_, holder)) if self.transfers.end(state, holder).is_some() => {
                    circle = Circle::Ended;
                }
                Some(_) => {}
                None if self.transfers.end(state, transfer).is_some() => {}
                None => return None,
            }
        }
        Some(Fault::Deadlock(circle))
    }

    fn wrong(&self, number: usize, fault: Fault) -> Wrong {
        let state = &self.reached[number].state;
        let count = self.case.payments.len();
        let wants = |transfer| self.transfers.waits(state, transfer);
        let panic = |transfer| match self.transfers.end(state, transfer) {
            Some(End::Panicked(panic)) => Some(panic.clone()),
            _ => None,
        };
        Wrong {
            fault,
            steps: self.steps(number),
            wants: (0..count).map(|transfer| wants(transfer).map(|(account, _)| account)).collect(),
            balances: state.balances,
            panic: (0..count).find_map(panic),
        }
    }

    /// The way to this state.
    fn steps(&self, number: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = &self.reached[number];
        while let Some((before, transfer, call)) = at.by {
            let balances = at.state.balances;
            at = &self.reached[before];
            steps.push(Step { transfer, call, balances, before: at.state.balances });
        }
        steps.reverse();
        steps
    }
}

/// What ended a transfer without an answer, if anything did.
fn broken_off(ends: &[&End]) -> Option<Fault> {
    ends.iter().find_map(|end| match end {
        End::Panicked(_) => Some(Fault::Panicked),
        End::TooLong => Some(Fault::TooLong),
        End::Unsteady => Some(Fault::Unsteady),
        End::Returned(_) | End::Reads => None,
    })
}
