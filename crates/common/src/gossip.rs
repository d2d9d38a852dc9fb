//! Gossip: which of my entries is which peer to be pushed, and when.
//!
//! Several replicas each have a row of entries that only grow, as of a
//! [`GCounter`](crate::crdt::GCounter), and each is to have, in the end, what any has. All is one
//! rule: **what I have and you are not known to have, I push to you**, until you say that you have
//! it, by an ack or by a push of your own. No list of messages is kept for that, only what each
//! peer is known to have.
//!
//! A replica that has something to push does so in rounds, one every [`ROUND`]. What others have
//! counted is passed on a round later than what the replica has counted, so that their own pushes
//! and acks can arrive first; and another round later to a peer with a smaller number, so that of
//! two only one passes it on. A peer that does not answer is pushed after growing
//! waits, up to [`MAX_WAIT`].
//!
//! * What a peer is known to have, it has, since it has said so. What it has it never forgets.
//! * When every peer is known to have everything, nothing is pushed.
//! * In a round a peer gets at most one push, and never its own entry: of that it has more than any
//!   other replica.
//! * Only differences between two times matter, and nothing counts rounds: where time stands still
//!   a replica has finitely many states, and a search of them terminates.
//!
//! Left out: pushing to a few peers drawn at random. Here a round of n replicas that all have news
//! costs n (n - 1) pushes and as many acks.

use std::time::Duration;

use crate::crdt::Delta;

/// How long from one round to the next; and how long a replica gathers increments before it pushes.
pub const ROUND: Duration = Duration::from_millis(100);

/// The longest wait between two pushes to a peer that does not answer.
pub const MAX_WAIT: Duration = Duration::from_secs(1);

/// The peers of a replica: what each is known to have, and what was pushed to it.
///
/// Times are those of the replica's own clock.
///
/// ```
/// use common::gossip::{Peers, ROUND};
///
/// let mut peers = Peers::new(0, 3); // of replica 0 of three
/// let entries = [5, 0, 0]; // it has counted 5
/// assert_eq!(peers.due(&entries, ROUND), [(1, vec![(0, 5)]), (2, vec![(0, 5)])]);
/// peers.note_has(1, &[(0, 5)]); // peer 1 acks
/// assert_eq!(peers.due(&entries, 2 * ROUND), [(2, vec![(0, 5)])]);
/// peers.note_has(2, &[(0, 5)]);
/// assert!(peers.is_settled(&entries));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Peers {
    /// The replica whose peers they are.
    me: usize,
    /// One for each replica; that of this one is not looked at.
    peers: Vec<Peer>,
    /// What of others was waiting to be passed on in the last round, and in the one before.
    earlier: [Vec<u64>; 2],
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Peer {
    /// The entries that it is known to have.
    has: Vec<u64>,
    /// The pushes since it was heard: when the first and the last were sent.
    unanswered: Option<[Duration; 2]>,
}

impl Peers {
    /// The peers of replica `me` of `nodes`, of which nothing is known. They take 8 bytes for each
    /// pair of replicas.
    ///
    /// # Panics
    /// Unless `me` is below `nodes`.
    pub fn new(me: usize, nodes: usize) -> Peers {
        assert!(me < nodes, "replica {me} is one of {nodes}");
        let unknown = Peer { has: vec![0; nodes], unanswered: None };
        let nothing = vec![0; nodes];
        Peers { me, peers: vec![unknown; nodes], earlier: [nothing.clone(), nothing] }
    }

    /// Their numbers.
    pub fn numbers(&self) -> impl Iterator<Item = usize> + use<> {
        let me = self.me;
        (0..self.peers.len()).filter(move |peer| *peer != me)
    }

    /// A peer has said, in a push or an ack, that it has these entries.
    ///
    /// # Panics
    /// If there is no such replica. A merge of these entries refuses what would panic here.
    pub fn note_has(&mut self, peer: usize, entries: &[(usize, u64)]) {
        let peer = &mut self.peers[peer];
        peer.unanswered = None;
        for &(owner, entry) in entries {
            peer.has[owner] = entry.max(peer.has[owner]);
        }
    }

    /// A peer can be reached again, so it need not wait.
    pub fn connected(&mut self, peer: usize) {
        self.peers[peer].unanswered = None;
    }

    /// A round: the peers to which a push is due, each with what to push, which counts as pushed.
    /// `entries` are all that the replica has.
    pub fn due(&mut self, entries: &[u64], now: Duration) -> Vec<(usize, Delta)> {
        let pushes = self.numbers().filter(|peer| self.peers[*peer].has_waited(now));
        let pushes = pushes.map(|peer| (peer, self.overdue(peer, entries)));
        let pushes: Vec<_> = pushes.filter(|(_, push)| !push.is_empty()).collect();
        for (peer, _) in &pushes {
            self.peers[*peer].note_pushed(now);
        }
        self.earlier.swap(0, 1);
        self.earlier[0] = self.waiting(entries);
        pushes
    }

    /// Whether all peers are known to have these entries, so that no round is needed.
    pub fn is_settled(&self, entries: &[u64]) -> bool {
        self.numbers().all(|peer| self.missing(peer, entries).is_empty())
    }

    /// Which of these entries a peer is not known to have.
    fn missing(&self, peer: usize, entries: &[u64]) -> Delta {
        let has = &self.peers[peer].has;
        let numbered = entries.iter().copied().enumerate();
        let missing = numbered.filter(|(owner, entry)| *owner != peer && *entry > has[*owner]);
        missing.collect()
    }

    /// The entries that a peer is known to have.
    pub fn has(&self, peer: usize) -> &[u64] {
        &self.peers[peer].has
    }

    /// The entries of others that a peer is missing, and 0 for each other entry: what is not passed
    /// on would only tell states apart that act alike.
    fn waiting(&self, entries: &[u64]) -> Vec<u64> {
        let waits = |owner: usize, entry: u64| {
            let mut peers = self.numbers().filter(|peer| *peer != owner);
            owner != self.me && peers.any(|peer| entry > self.peers[peer].has[owner])
        };
        let numbered = entries.iter().copied().enumerate();
        numbered.map(|(owner, entry)| if waits(owner, entry) { entry } else { 0 }).collect()
    }

    /// What of its own a peer is missing, and what of others it was missing long enough ago.
    fn overdue(&self, peer: usize, entries: &[u64]) -> Delta {
        let earlier = &self.earlier[usize::from(peer < self.me)];
        let mut missing = self.missing(peer, entries);
        let has = &self.peers[peer].has;
        missing.retain(|(owner, _)| *owner == self.me || earlier[*owner] > has[*owner]);
        missing
    }
}

impl Peer {
    /// Whether it has not answered for long enough: each wait is as long as all waits before it
    /// together, up to [`MAX_WAIT`].
    fn has_waited(&self, now: Duration) -> bool {
        self.unanswered.is_none_or(|[first, last]| {
            now.saturating_sub(last) >= last.saturating_sub(first).min(MAX_WAIT)
        })
    }

    fn note_pushed(&mut self, now: Duration) {
        let [first, _] = self.unanswered.unwrap_or([now; 2]);
        self.unanswered = Some([first, now]);
    }
}
