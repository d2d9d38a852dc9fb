//! What a replica knows of the others.

use std::time::Duration;

use common::crdt::Delta;

use super::MAX_SILENCE;
use super::wire::PeerStatus;

/// What the others are known to have, and when they were heard.
///
/// * What a peer is known to have, it has: it has said so, or a replica to which it has.
/// * Of its own entry a peer has more than any other replica, so it is missing none of it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Peers {
    /// The replica whose peers they are.
    number: usize,
    /// One for each replica; that of this one is not looked at.
    peers: Vec<Peer>,
    /// The peer that was repaired last.
    repaired: usize,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Peer {
    /// The entries that it is known to have.
    has: Vec<u64>,
    /// When it was heard, by this replica's clock.
    heard: Option<Duration>,
    /// The pushes that it has not answered with anything: when the first and the last were sent.
    unanswered: Option<[Duration; 2]>,
}

impl Peers {
    /// The peers of replica `number` of `replicas`, of which nothing is known.
    pub(super) fn new(number: usize, replicas: usize) -> Peers {
        let unknown = Peer { has: vec![0; replicas], heard: None, unanswered: None };
        Peers { number, peers: vec![unknown; replicas], repaired: number }
    }

    /// Their numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> + use<> {
        let number = self.number;
        (0..self.peers.len()).filter(move |peer| *peer != number)
    }

    /// A peer has said, at this time, that it has these entries. There are such entries.
    pub(super) fn hear(&mut self, peer: usize, entries: &Delta, now: Duration) {
        self.peers[peer].heard = Some(now);
        self.peers[peer].unanswered = None;
        self.peers[peer].note(entries);
    }

    /// All peers have these entries. There are such entries.
    pub(super) fn all_have(&mut self, entries: &Delta) {
        self.peers.iter_mut().for_each(|peer| peer.note(entries));
    }

    /// The peers that have not acked the replica's own entry.
    pub(super) fn unacked(&self, entries: &[u64]) -> impl Iterator<Item = usize> {
        let own = entries[self.number];
        self.numbers().filter(move |peer| self.peers[*peer].has[self.number] < own)
    }

    /// Whether to push to an unacked peer now: after as long as it was silent at the last push, so
    /// that each wait is twice the one before, up to [`MAX_SILENCE`].
    pub(super) fn is_due(&self, peer: usize, now: Duration) -> bool {
        self.peers[peer].unanswered.is_none_or(|[first, last]| {
            now.saturating_sub(last) >= last.saturating_sub(first).min(MAX_SILENCE)
        })
    }

    /// A peer is pushed what it has not acked.
    pub(super) fn note_pushed(&mut self, peer: usize, now: Duration) {
        let unanswered = &mut self.peers[peer].unanswered;
        let [first, _] = unanswered.unwrap_or([now; 2]);
        *unanswered = Some([first, now]);
    }

    /// A peer can be reached again, so it need not wait.
    pub(super) fn note_connected(&mut self, peer: usize) {
        self.peers[peer].unanswered = None;
    }

    /// The next peer to repair, of those not known to have all of the others' entries: the first
    /// after the last that was repaired, so that one that never answers does not hold up the
    /// others.
    pub(super) fn next_to_repair(&self, entries: &[u64]) -> Option<usize> {
        let after = (self.repaired + 1..self.peers.len()).chain(0..=self.repaired);
        let mut peers = after.filter(|peer| *peer != self.number);
        peers.find(|peer| {
            let mut missing = self.missing(*peer, entries);
            missing.any(|(owner, _)| owner != self.number)
        })
    }

    /// A peer is pushed what it is missing.
    pub(super) fn note_repaired(&mut self, peer: usize) {
        self.repaired = peer;
    }

    /// Which of these entries a peer is not known to have.
    pub(super) fn missing(
        &self,
        peer: usize,
        entries: &[u64],
    ) -> impl Iterator<Item = (usize, u64)> {
        let known = entries.iter().copied().zip(&self.peers[peer].has);
        let news = known.enumerate().filter(|(_, (entry, has))| entry > has);
        news.map(|(owner, (entry, _))| (owner, entry)).filter(move |(owner, _)| *owner != peer)
    }

    /// What is known of each of them.
    pub(super) fn status(&self, entries: &[u64], now: Duration) -> Vec<PeerStatus> {
        let own = entries[self.number];
        let status = |peer: usize| PeerStatus {
            peer,
            unacked: own - self.peers[peer].has[self.number],
            missing: self.missing(peer, entries).count(),
            heard_ago: self.peers[peer].heard.map(|heard| now.saturating_sub(heard)),
        };
        self.numbers().map(status).collect()
    }
}

impl Peer {
    fn note(&mut self, entries: &Delta) {
        for &(owner, entry) in entries {
            self.has[owner] = entry.max(self.has[owner]);
        }
    }
}
