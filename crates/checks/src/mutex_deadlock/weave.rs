//! Transfers that run at the same time: what each may call next, and what comes of that.

use std::collections::BTreeMap;

use super::bank::{Call, End, Run, run};
use super::cases::{Case, MOST_TRANSFERS, Payment};
use super::{Account, Transfer};
use crate::Unsolved;

/// What the accounts hold, who holds which lock, and how far each transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    /// Transfer by transfer: the number of its next call, and of the run in which that is. States
    /// differ in this most, so comparing two of them is soon over.
    at: [(usize, usize); MOST_TRANSFERS],
    /// Alice's, then Bob's.
    pub(super) balances: [i64; 2],
    /// The number of the transfer that holds the lock.
    pub(super) holders: [Option<usize>; 2],
}

/// The transfers of a case.
pub(super) struct Transfers(Vec<Program>);

/// One transfer, for all the balances that it has read so far in one way or another.
struct Program {
    solution: Transfer,
    payment: Payment,
    runs: Vec<KnownRun>,
}

struct KnownRun {
    /// The balances that it has read.
    values: Vec<i64>,
    run: Run,
    /// The number of the run that has read this balance too.
    longer: BTreeMap<i64, usize>,
}

impl Transfers {
    /// The transfers of a case, and the state before any of them has begun.
    pub(super) fn of(case: &Case, solution: Transfer) -> Result<(Transfers, State), Unsolved> {
        let programs = case.payments.iter();
        let programs = programs.map(|&payment| Program::new(solution, payment));
        let programs: Vec<Program> = programs.collect::<Result<_, _>>()?;
        let start =
            State { balances: case.balances, holders: [None; 2], at: [(0, 0); MOST_TRANSFERS] };
        Ok((Transfers(programs), start))
    }

    /// What this transfer calls next; `None` if it has ended.
    pub(super) fn call(&self, state: &State, transfer: usize) -> Option<Call> {
        let (at, run) = state.at[transfer];
        self.0[transfer].runs[run].run.calls.get(at).copied()
    }

    /// How this transfer has ended, if it has.
    pub(super) fn end(&self, state: &State, transfer: usize) -> Option<&End> {
        let (at, run) = state.at[transfer];
        let run = &self.0[transfer].runs[run].run;
        (at == run.calls.len()).then_some(&run.end)
    }

    /// The account whose lock this transfer waits for, and the transfer that holds it.
    pub(super) fn waits(&self, state: &State, transfer: usize) -> Option<(Account, usize)> {
        match self.call(state, transfer) {
            Some(Call::Lock(account)) => {
                let holder = state.holders[account as usize];
                holder.map(|holder| (account, holder))
            }
            _ => None,
        }
    }

    /// The next call of this transfer, and the state after it; `None` if it has ended or waits.
    pub(super) fn step(
        &mut self,
        state: &State,
        transfer: usize,
    ) -> Result<Option<(Call, State)>, Unsolved> {
        let call = match self.call(state, transfer) {
            Some(call) if self.waits(state, transfer).is_none() => call,
            _ => return Ok(None),
        };
        let mut after = *state;
        let (at, run) = &mut after.at[transfer];
        *at += 1;
        match call {
            Call::Lock(account) => after.holders[account as usize] = Some(transfer),
            Call::Unlock(account) => after.holders[account as usize] = None,
            Call::Set(account, balance) => after.balances[account as usize] = balance,
            Call::Read(account) | Call::Peek(account) => {
                *run = self.0[transfer].after(*run, *at, state.balances[account as usize])?;
            }
        }
        Ok(Some((call, after)))
    }
}

impl Program {
    fn new(solution: Transfer, payment: Payment) -> Result<Program, Unsolved> {
        let first = KnownRun::of(run(solution, payment, &[])?, Vec::new());
        Ok(Program { solution, payment, runs: vec![first] })
    }

    /// The number of the run that goes on from `before` after so many `calls`, the last of which
    /// has read this balance.
    fn after(&mut self, before: usize, calls: usize, balance: i64) -> Result<usize, Unsolved> {
        let KnownRun { run: old, values, longer } = &self.runs[before];
        if calls < old.calls.len() {
            return Ok(before);
        }
        if let Some(&known) = longer.get(&balance) {
            return Ok(known);
        }
        let values = [&values[..], &[balance]].concat();
        let mut new = run(self.solution, self.payment, &values)?;
        let goes_on = new.end != End::Reads || new.calls.len() > old.calls.len();
        if !new.calls.starts_with(&old.calls) || !goes_on {
            new = Run { calls: old.calls.clone(), end: End::Unsteady };
        }
        let number = self.runs.len();
        self.runs[before].longer.insert(balance, number);
        self.runs.push(KnownRun::of(new, values));
        Ok(number)
    }
}

impl KnownRun {
    fn of(run: Run, values: Vec<i64>) -> KnownRun {
        KnownRun { values, run, longer: BTreeMap::new() }
    }
}
