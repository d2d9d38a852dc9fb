//! Which adds a replica has counted, as far as it remembers.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::wire::{Refusal, RequestId};

/// How many clients a replica remembers.
pub const MAX_CLIENTS: usize = 1_000;

/// An add with a request id that is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct CompletedAdd {
    /// Its request id.
    pub once: RequestId,
    /// How many it has counted.
    pub delta: u64,
}

/// The last add of each client that is remembered: the client whose last is oldest stands first,
/// and is forgotten first.
///
/// * No client is in it twice.
/// * There are at most [`MAX_CLIENTS`].
///
/// The same adds, noted in the same order, make the same memory; a retry leaves no trace. So it is
/// restored from records.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Clients(VecDeque<CompletedAdd>);

impl Clients {
    /// Whether this add is counted. If not, it is the client's next.
    pub(super) fn has_counted(&self, once: RequestId, delta: u64) -> Result<bool, Refusal> {
        if once.seq == 0 {
            return Err(Refusal::NumberZero);
        }
        match self.last_of(once.client) {
            None if once.seq == 1 => Ok(false),
            // Its adds from 1 on were forgotten, or another replica has counted them. This one may
            // be among them.
            None => Err(Refusal::Forgotten(once)),
            Some(last) if once.seq > last.once.seq => Ok(false),
            Some(last) if once.seq < last.once.seq => {
                Err(Refusal::Old { once, last: last.once.seq })
            }
            Some(last) if delta != last.delta => {
                Err(Refusal::OtherDelta { once, counted: last.delta })
            }
            Some(_) => Ok(true),
        }
    }

    /// An add is counted.
    pub(super) fn note(&mut self, counted: CompletedAdd) {
        self.0.retain(|last| last.once.client != counted.once.client);
        if self.0.len() == MAX_CLIENTS {
            self.0.pop_front();
        }
        self.0.push_back(counted);
    }

    /// The last add of each, in the order in which they were noted.
    pub(super) fn iter(&self) -> impl Iterator<Item = CompletedAdd> {
        self.0.iter().copied()
    }

    /// The last add of a client. A scan of a thousand takes less time than one write to a disk.
    pub(super) fn last_of(&self, client: u64) -> Option<CompletedAdd> {
        self.iter().find(|last| last.once.client == client)
    }
}
