//! What the reader's code sees: a network in virtual time, and one server on it.

use super::cases::Case;
use super::{ATTEMPTS, BATCH, price};
use crate::did_not_terminate;

/// How long a look-up takes, in milliseconds, and a round trip, of which the request is half.
pub(super) const LOOK_UP: u64 = 10;
pub(super) const ROUND_TRIP: u64 = 56;

/// After how many milliseconds a call ends that gets no answer.
pub(super) const TIMEOUT: u64 = 200;

/// Where a server is, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(
    /// How often the server had moved before.
    pub(super) usize,
);

/// Why a call returns no prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// None came in time: the request or the answer was lost, or the server has moved.
    NoAnswer,
    /// The server refused the batch: it has more than [`BATCH`] ids.
    TooMany,
}

/// A network with one server, and its clock.
#[derive(Debug, Default)]
pub struct Network {
    case: Case,
    now: u64,
    calls: usize,
    /// What was done so far.
    pub(super) steps: Vec<Step>,
    /// How many methods may still be called.
    left: usize,
}

/// One thing that a client does, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// When it begins.
    pub(super) at: u64,
    pub(super) action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    LookUp(Address),
    Call(Address, Vec<u32>, CallEnd),
    Wait(u64),
}

/// What comes of a call, as only the network knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallEnd {
    Answered,
    TooMany,
    RequestLost,
    AnswerLost,
    /// The server is no longer there when the request arrives.
    Moved,
}

impl Network {
    pub(super) fn new(case: &Case) -> Network {
        // More than a client needs that retries a call for each item, with some to spare.
        let left = 100 + 4 * ATTEMPTS * case.ids.len();
        Network { case: case.clone(), left, ..Network::default() }
    }

    /// Returns the address where the server is now. Takes 10 ms.
    pub fn look_up(&mut self) -> Address {
        let address = self.case.address_at(self.now.saturating_add(LOOK_UP));
        self.note(Action::LookUp(address), LOOK_UP);
        address
    }

    /// Asks the server at this address for the prices of up to [`BATCH`] ids, and returns them in
    /// the order of the ids. Takes 56 ms, or 200 ms without an answer.
    ///
    /// # Errors
    /// [`CallError::NoAnswer`] if the request or the answer is lost or the server has moved;
    /// [`CallError::TooMany`] if there are more ids.
    pub fn call(&mut self, address: Address, ids: &[u32]) -> Result<Vec<u32>, CallError> {
        let end = match self.case.end(self.calls, address, self.now) {
            CallEnd::Answered if ids.len() > BATCH => CallEnd::TooMany,
            end => end,
        };
        self.calls += 1;
        self.note(Action::Call(address, ids.to_vec(), end), end.takes());
        match end {
            CallEnd::Answered => Ok(ids.iter().map(|&id| price(id)).collect()),
            CallEnd::TooMany => Err(CallError::TooMany),
            CallEnd::RequestLost | CallEnd::AnswerLost | CallEnd::Moved => Err(CallError::NoAnswer),
        }
    }

    /// Waits for this many milliseconds.
    pub fn wait(&mut self, ms: u64) {
        match self.steps.last_mut() {
            // Two waits in a row are one.
            Some(Step { action: Action::Wait(before), .. }) => {
                *before = before.saturating_add(ms);
                self.pass(ms);
            }
            _ if ms == 0 => self.pass(0),
            _ => self.note(Action::Wait(ms), ms),
        }
    }

    fn note(&mut self, action: Action, takes: u64) {
        self.steps.push(Step { at: self.now, action });
        self.pass(takes);
    }

    fn pass(&mut self, ms: u64) {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => did_not_terminate(),
        }
        self.now = self.now.saturating_add(ms);
    }
}

impl CallEnd {
    /// How long such a call takes, in milliseconds.
    pub(super) fn takes(self) -> u64 {
        match self {
            CallEnd::Answered | CallEnd::TooMany => ROUND_TRIP,
            CallEnd::RequestLost | CallEnd::AnswerLost | CallEnd::Moved => TIMEOUT,
        }
    }
}
