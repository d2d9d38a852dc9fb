//! Transfers that run at the same time, as a model: a step is one call of the bank by one of them.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use explore::Model;
use explore::threads::Run as Turn;

use super::bank::{self, Call, End, Run};
use super::{ACCOUNTS, Account, Case, Circle, Ended, Fault, Outcome, Payment, Transfer};

/// Transfers of a case, at the most.
pub(super) const MOST_TRANSFERS: usize = 2;

/// What the accounts hold, who holds which lock, and how far each transfer is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// Alice's, then Bob's.
    pub(super) balances: [i64; 2],
    /// The number of the transfer that holds the lock.
    holders: [Option<usize>; 2],
    /// Transfer by transfer: the number of its next call, and of the run in which that is.
    at: [(usize, usize); MOST_TRANSFERS],
}

/// The transfers of a case.
pub(super) struct Transfers<'a> {
    case: &'a Case,
    serial: BTreeSet<Ended>,
    programs: Vec<Program<'a>>,
}

/// One transfer, for all the balances that it has read so far on one way or another.
struct Program<'a> {
    solution: &'a Transfer,
    payment: Payment,
    runs: RefCell<Vec<KnownRun>>,
}

struct KnownRun {
    /// The balances that it has read.
    values: Vec<i64>,
    run: Run,
    /// The number of the run that has read this balance too.
    longer: BTreeMap<i64, usize>,
}

/// One call, and what the accounts hold before it and after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) transfer: usize,
    pub(super) call: Call,
    pub(super) before: [i64; 2],
    pub(super) after: [i64; 2],
}

impl<'a> Transfers<'a> {
    pub(super) fn of(case: &'a Case, solution: &'a Transfer) -> Transfers<'a> {
        let programs = case.payments.iter().map(|&payment| Program::new(solution, payment));
        Transfers { case, serial: case.serial(), programs: programs.collect() }
    }

    /// The state before any transfer has begun.
    fn at_rest(&self) -> State {
        let balances = self.case.balances;
        State { balances, holders: [None; 2], at: [(0, 0); MOST_TRANSFERS] }
    }

    /// What this transfer calls next; `None` if it has ended.
    fn call(&self, state: &State, transfer: usize) -> Option<Call> {
        let (at, run) = state.at[transfer];
        self.programs[transfer].runs.borrow()[run].run.calls.get(at).copied()
    }

    /// How this transfer has ended, if it has.
    pub(super) fn end(&self, state: &State, transfer: usize) -> Option<End> {
        let (at, run) = state.at[transfer];
        let runs = self.programs[transfer].runs.borrow();
        (at == runs[run].run.calls.len()).then(|| runs[run].run.end.clone())
    }

    /// The account whose lock this transfer waits for, and the transfer that holds it.
    pub(super) fn waits(&self, state: &State, transfer: usize) -> Option<(Account, usize)> {
        match self.call(state, transfer) {
            Some(Call::Lock(account)) => {
                state.holders[account as usize].map(|holder| (account, holder))
            }
            _ => None,
        }
    }

    /// Whether a transfer ended without an answer, so that none goes on.
    fn broken_off(&self, state: &State) -> Option<Fault> {
        let ends = (0..self.programs.len()).filter_map(|transfer| self.end(state, transfer));
        let mut faults = ends.filter_map(|end| match end {
            End::Panicked(_) => Some(Fault::Panicked),
            End::TooLong => Some(Fault::TooLong),
            End::Unsteady => Some(Fault::Unsteady),
            End::Returned(_) | End::Reads => None,
        });
        faults.next()
    }

    /// What a state is, if it is an end or wrong.
    pub(super) fn outcome(&self, state: &State) -> Option<Outcome> {
        let answers: Vec<_> = (0..self.programs.len())
            .filter_map(|transfer| match self.end(state, transfer) {
                Some(End::Returned(answer)) => Some(answer),
                _ => None,
            })
            .collect();
        let have_ended = answers.len() == self.programs.len();
        let fault = self.broken_off(state).or_else(|| self.money(state, have_ended));
        match fault {
            Some(fault) => Some(Outcome::Wrong(fault)),
            None if have_ended => Some(self.ended(state, answers)),
            None => self.deadlock(state).map(Outcome::Wrong),
        }
    }

    /// What is wrong with what the accounts hold, as far as it can be seen: to look takes the lock.
    fn money(&self, state: &State, have_ended: bool) -> Option<Fault> {
        let is_free = |account: &Account| state.holders[*account as usize].is_none();
        let is_below = |account: &Account| state.balances[*account as usize] < 0;
        let below = ACCOUNTS.into_iter().find(|account| is_free(account) && is_below(account));
        if let Some(account) = below {
            return Some(Fault::BelowZero(account));
        }
        // A solution may write any balance, so their sum may be more than an i64 holds.
        let sum = |balances: [i64; 2]| balances.map(i128::from).iter().sum::<i128>();
        match sum(state.balances).cmp(&sum(self.case.balances)) {
            _ if !ACCOUNTS.iter().all(is_free) => None,
            Ordering::Equal => None,
            _ if !have_ended => Some(Fault::NotAllThere),
            Ordering::Less => Some(Fault::Lost),
            Ordering::Greater => Some(Fault::MadeUp),
        }
    }

    fn ended(&self, state: &State, answers: Vec<Result<(), super::Refused>>) -> Outcome {
        let is_held = |account: &Account| state.holders[*account as usize].is_some();
        if let Some(account) = ACCOUNTS.into_iter().find(is_held) {
            return Outcome::Wrong(Fault::Held(account));
        }
        let ended = (answers, state.balances);
        match self.serial.contains(&ended) {
            true => Outcome::Ended(ended),
            false => Outcome::Wrong(Fault::NotSerial(ended)),
        }
    }

    fn deadlock(&self, state: &State) -> Option<Fault> {
        let mut circle = Circle::EachOther;
        for transfer in 0..self.programs.len() {
            match self.waits(state, transfer) {
                Some((_, holder)) if holder == transfer => circle = Circle::Itself,
                Some((_, holder)) if self.end(state, holder).is_some() => circle = Circle::Ended,
                Some(_) => {}
                None if self.end(state, transfer).is_some() => {}
                None => return None,
            }
        }
        Some(Fault::Deadlock(circle))
    }

    /// The calls of a schedule, and the state that it leads to.
    pub(super) fn steps(&self, schedule: &[Turn]) -> (Vec<Step>, State) {
        let mut state = self.at_rest();
        let steps = schedule.iter().map_while(|turn| self.step(&mut state, turn.0));
        (steps.collect(), state)
    }

    /// The next call of this transfer; `None` if it has ended or waits.
    fn step(&self, state: &mut State, transfer: usize) -> Option<Step> {
        let call = self.call(state, transfer)?;
        if self.waits(state, transfer).is_some() {
            return None;
        }
        let before = state.balances;
        let (at, run) = &mut state.at[transfer];
        *at += 1;
        match call {
            Call::Lock(account) => state.holders[account as usize] = Some(transfer),
            Call::Unlock(account) => state.holders[account as usize] = None,
            Call::Set(account, balance) => state.balances[account as usize] = balance,
            Call::Read(account) | Call::Peek(account) => {
                *run = self.programs[transfer].after(*run, *at, before[account as usize]);
            }
        }
        Some(Step { transfer, call, before, after: state.balances })
    }
}

impl Model for Transfers<'_> {
    type State = State;
    type Action = Turn;

    /// Where the schedule of the case leads, as far as it goes: that of another solution may not.
    fn start(&self) -> State {
        self.steps(&self.case.schedule).1
    }

    fn actions(&self, state: &State) -> impl Iterator<Item = Turn> {
        let go_on = self.broken_off(state).is_none();
        let can_step = move |transfer: &usize| {
            go_on && self.call(state, *transfer).is_some() && self.waits(state, *transfer).is_none()
        };
        (0..self.programs.len()).filter(can_step).map(Turn)
    }

    fn apply(&self, state: &mut State, turn: &Turn) {
        let step = self.step(state, turn.0);
        debug_assert!(step.is_some(), "an action can happen");
    }
}

impl<'a> Program<'a> {
    fn new(solution: &'a Transfer, payment: Payment) -> Program<'a> {
        let run = bank::run(solution, payment, &[]);
        let first = KnownRun { values: Vec::new(), run, longer: BTreeMap::new() };
        Program { solution, payment, runs: RefCell::new(vec![first]) }
    }

    /// The number of the run that goes on from `before` after `calls` calls, the last of which has
    /// read this balance.
    fn after(&self, before: usize, calls: usize, balance: i64) -> usize {
        let mut runs = self.runs.borrow_mut();
        let KnownRun { run: old, values, longer } = &runs[before];
        if calls < old.calls.len() {
            return before;
        }
        if let Some(&known) = longer.get(&balance) {
            return known;
        }
        let values = [&values[..], &[balance]].concat();
        let mut run = bank::run(self.solution, self.payment, &values);
        let goes_on = run.end != End::Reads || run.calls.len() > old.calls.len();
        if !run.calls.starts_with(&old.calls) || !goes_on {
            run = Run { calls: old.calls.clone(), end: End::Unsteady };
        }
        let number = runs.len();
        runs[before].longer.insert(balance, number);
        runs.push(KnownRun { values, run, longer: BTreeMap::new() });
        number
    }
}
