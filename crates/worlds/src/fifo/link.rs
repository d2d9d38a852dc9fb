//! What a node keeps of a peer.

use std::collections::BTreeMap;

use super::{Message, WINDOW};

/// The link with one peer, both ways.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Link<M> {
    /// The incarnation that was heard first.
    pub(super) peer: Option<u64>,
    /// The number of the last message that was sent, or 0.
    pub(super) sent: u64,
    /// What the peer is not known to have, by number.
    pub(super) unacknowledged: BTreeMap<u64, M>,
    /// The number of the last message that was delivered, or 0.
    pub(super) received: u64,
    /// What has come before its turn, by number.
    early: BTreeMap<u64, M>,
    /// Whether the sender has given up.
    pub(super) is_closed: bool,
    /// Whether a message of another incarnation has been ignored.
    pub(super) has_warned: bool,
}

impl<M> Link<M> {
    pub(super) fn numbered(&self, incarnation: u64, number: u64, message: M) -> Message<M> {
        Message::Numbered { run: incarnation, peer: self.peer, number, message }
    }

    /// Buffers a message until its turn, unless that has been or is far off.
    pub(super) fn keep(&mut self, number: u64, message: M) {
        let ahead = number.saturating_sub(self.received);
        if (1..=WINDOW).contains(&ahead) {
            self.early.insert(number, message);
        }
    }

    /// The message whose turn it is, if it has come.
    pub(super) fn next(&mut self) -> Option<M> {
        let message = self.early.remove(&(self.received + 1))?;
        self.received += 1;
        Some(message)
    }
}

impl<M> Default for Link<M> {
    fn default() -> Self {
        Link {
            peer: None,
            sent: 0,
            unacknowledged: BTreeMap::new(),
            received: 0,
            early: BTreeMap::new(),
            is_closed: false,
            has_warned: false,
        }
    }
}
