//! Transfers that run at the same time, as a model: a step is one call of the bank by one of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use explore::threads::Run as Turn;
use explore::{Model, SearchResult, search};

use super::bank::{self, Call, End, Run};
use super::{ACCOUNTS, Account, Case, Fault, MutexDeadlock, Outcome, Transfer};
use crate::Panic;
use crate::exercise::Exercise;

/// States after which no more are looked at. A right solution has about a hundred.
const MOST_STATES: usize = 10_000;

/// What the accounts hold, who holds which lock, and how far each transfer is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// Alice's, then Bob's.
    balances: [i64; 2],
    /// The number of the transfer that holds the lock.
    holders: [Option<usize>; 2],
    /// Transfer by transfer: how many calls it has made, and the balances that it has read.
    done: [(usize, Vec<i64>); 2],
}

/// What a transfer does next.
#[derive(Debug)]
pub(super) enum Next {
    Call(Call),
    /// It waits for the lock of this account, which the transfer of this number holds.
    Waits(Account, usize),
    Ended(End),
}

/// The transfers of a case.
pub(super) struct Transfers<'a> {
    case: &'a Case,
    solution: &'a Transfer,
    right: BTreeSet<Outcome>,
    /// Transfer by transfer, its run for the balances that it has read on one way or another.
    runs: RefCell<Vec<BTreeMap<Vec<i64>, Rc<Run>>>>,
}

/// One call, and what the accounts hold after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) transfer: usize,
    pub(super) call: Call,
    pub(super) balances: [i64; 2],
}

/// The shortest way to a fault.
#[derive(Debug)]
pub(crate) struct Way {
    pub(super) fault: Fault,
    pub(super) schedule: Vec<Turn>,
    pub(super) steps: Vec<Step>,
    /// What the accounts hold at its end, and what each transfer would do next.
    pub(super) balances: [i64; 2],
    pub(super) next: Vec<Next>,
}

impl Way {
    /// What a transfer panicked with, if one did.
    pub(super) fn panic(&self) -> Option<&Panic> {
        self.next.iter().find_map(|next| match next {
            Next::Ended(End::Panicked(panic)) => Some(panic),
            _ => None,
        })
    }
}

impl<'a> Transfers<'a> {
    pub(super) fn of(case: &'a Case, solution: &'a Transfer) -> Transfers<'a> {
        let runs = RefCell::new(vec![BTreeMap::new(); case.payments.len()]);
        Transfers { case, solution, right: MutexDeadlock::expected(case), runs }
    }

    /// All that can come about.
    pub(super) fn outcomes(&self) -> BTreeSet<Outcome> {
        let mut outcomes = BTreeSet::new();
        let all = search(self, MOST_STATES, |state| {
            outcomes.extend(self.outcome(state));
            false
        });
        if matches!(all, SearchResult::Unknown { .. }) {
            outcomes.insert(Err(Fault::TooManyStates));
        }
        outcomes
    }

    /// The shortest way to a wrong state, from where the case's own schedule leads.
    pub(super) fn way(&self) -> Option<Way> {
        let fault = |state: &State| self.outcome(state).and_then(Result::err);
        let found = search(self, MOST_STATES, |state| fault(state).is_some());
        let SearchResult::Found { schedule, .. } = found else { return None };
        let schedule = [&self.case.schedule[..], &schedule[..]].concat();
        let (steps, state) = self.follow(&schedule);
        let next = self.next_of_each(&state);
        Some(Way { fault: fault(&state)?, schedule, steps, balances: state.balances, next })
    }

    /// The calls of a schedule, and the state that it leads to. A turn of a transfer that has ended
    /// or waits is left out: the schedule may be that of another solution.
    fn follow(&self, schedule: &[Turn]) -> (Vec<Step>, State) {
        let mut state =
            State { balances: self.case.balances, holders: [None; 2], done: Default::default() };
        let steps = schedule.iter().filter_map(|turn| self.step(&mut state, turn.0));
        (steps.collect(), state)
    }

    /// The next call of this transfer, if it can make one.
    fn step(&self, state: &mut State, transfer: usize) -> Option<Step> {
        let Next::Call(call) = self.next(state, transfer) else { return None };
        let (calls, values) = &mut state.done[transfer];
        *calls += 1;
        match call {
            Call::Lock(account) => state.holders[account as usize] = Some(transfer),
            Call::Unlock(account) => state.holders[account as usize] = None,
            Call::Set(account, balance) => state.balances[account as usize] = balance,
            Call::Read(account) | Call::Peek(account) => {
                values.push(state.balances[account as usize]);
            }
        }
        Some(Step { transfer, call, balances: state.balances })
    }

    fn next(&self, state: &State, transfer: usize) -> Next {
        let (calls, values) = &state.done[transfer];
        let run = self.run(transfer, values);
        match run.calls.get(*calls) {
            None => Next::Ended(run.end.clone()),
            Some(&Call::Lock(account)) => match state.holders[account as usize] {
                Some(holder) => Next::Waits(account, holder),
                None => Next::Call(Call::Lock(account)),
            },
            Some(&call) => Next::Call(call),
        }
    }

    fn next_of_each(&self, state: &State) -> Vec<Next> {
        (0..self.case.payments.len()).map(|transfer| self.next(state, transfer)).collect()
    }

    /// The run of a transfer that has read these balances. It goes on from the run with one less,
    /// or else it ends with that one's last read.
    fn run(&self, transfer: usize, values: &[i64]) -> Rc<Run> {
        if let Some(known) = self.runs.borrow()[transfer].get(values) {
            return Rc::clone(known);
        }
        let mut run = bank::run(self.solution, self.case.payments[transfer], values);
        if let Some((_, values)) = values.split_last() {
            let before = self.run(transfer, values);
            if !run.calls.starts_with(&before.calls) {
                run = Run::clone(&before);
            }
        }
        let run = Rc::new(run);
        self.runs.borrow_mut()[transfer].insert(values.to_vec(), Rc::clone(&run));
        run
    }

    /// What has come about in a state, if it is an end or wrong.
    fn outcome(&self, state: &State) -> Option<Outcome> {
        let next = self.next_of_each(state);
        let mut answers = Vec::new();
        for one in &next {
            match one {
                Next::Call(_) | Next::Waits(..) => {}
                Next::Ended(End::Returned(answer)) => answers.push(*answer),
                // The run with what was read does not go on from here.
                Next::Ended(End::Reads) => return Some(Err(Fault::Unsteady)),
                Next::Ended(End::TooLong) => return Some(Err(Fault::TooLong)),
                Next::Ended(End::Panicked(_)) => return Some(Err(Fault::Panicked)),
            }
        }
        let have_ended = answers.len() == next.len();
        if let Some(fault) = self.money(state, have_ended) {
            return Some(Err(fault));
        }
        if !have_ended {
            return deadlock(&next).map(Err);
        }
        let is_held = |account: &Account| state.holders[*account as usize].is_some();
        if let Some(account) = ACCOUNTS.into_iter().find(is_held) {
            return Some(Err(Fault::Held(account)));
        }
        let ended = (answers, state.balances);
        Some(match self.right.contains(&Ok(ended.clone())) {
            true => Ok(ended),
            false => Err(Fault::NotSerial(ended)),
        })
    }

    /// What is wrong with what the accounts hold, as far as it can be seen: to look takes the lock.
    fn money(&self, state: &State, have_ended: bool) -> Option<Fault> {
        let is_free = |account: &Account| state.holders[*account as usize].is_none();
        for account in ACCOUNTS.into_iter().filter(is_free) {
            let balance = state.balances[account as usize];
            if balance < 0 {
                return Some(Fault::BelowZero(account, balance));
            }
        }
        // A solution may write any balance, so their sum may be more than an i64 holds.
        let sum = state.balances.map(i128::from).iter().sum();
        match have_ended {
            _ if sum == i128::from(self.case.total()) || !ACCOUNTS.iter().all(is_free) => None,
            true => Some(Fault::NotPreserved(sum)),
            false => Some(Fault::NotAllThere(sum)),
        }
    }
}

/// Why no transfer can go on, where that is so and not all have ended.
fn deadlock(next: &[Next]) -> Option<Fault> {
    let mut fault = Fault::Deadlock;
    for (transfer, one) in next.iter().enumerate() {
        match *one {
            Next::Call(_) => return None,
            Next::Waits(_, holder) if holder == transfer => fault = Fault::WaitsForItself,
            Next::Waits(account, holder) if matches!(next[holder], Next::Ended(_)) => {
                fault = Fault::Held(account);
            }
            Next::Waits(..) | Next::Ended(_) => {}
        }
    }
    Some(fault)
}

impl Model for Transfers<'_> {
    type State = State;
    type Action = Turn;

    fn start(&self) -> State {
        self.follow(&self.case.schedule).1
    }

    fn actions(&self, state: &State) -> impl Iterator<Item = Turn> {
        let can_call = |transfer: &usize| matches!(self.next(state, *transfer), Next::Call(_));
        (0..self.case.payments.len()).filter(can_call).map(Turn)
    }

    fn apply(&self, state: &mut State, turn: &Turn) {
        let step = self.step(state, turn.0);
        debug_assert!(step.is_some(), "an action can happen");
    }
}
