//! The counter as a node: it answers clients, and pushes what it knows to the other replicas.
//!
//! A replica that has counted pushes its own entry to each peer that has not acked it, and again a
//! while later, so a lost message costs time and nothing else. A peer that stays silent is pushed
//! less and less often. When all have acked it, it sends
//! them that: the entry is stable. That leaves each entry to one sender, its owner, as long as the
//! owner is there to push it. An entry that stays unstable for a second may be one whose owner is
//! cut off or gone, and then each replica that has it passes it on: it pushes to one peer after the
//! other, one each second, all that this peer is not known to have. When all replicas know
//! everything, no message is sent.
//!
//! * What is acked or answered is durable: the record precedes the ack or the answer.
//! * What a peer has acked it never forgets, so it need not be pushed again.
//! * What a running replica has on disk reaches every replica that messages reach, from there or by
//!   way of others. The owner need not be among them.
//! * An invalid message is refused and logged, and changes no entry.
//! * A replica of whose entry a peer knows more than itself has lost its past, or has a twin, and
//!   counts no more: the others would not see it. Peers are believed in this, and push it when they
//!   connect. What it counts before that is hidden behind the larger entry, or hides it.
//!
//! A client that gives its adds a [`RequestId`] may retry one that was not answered. The add is
//! counted at most once, also across a crash, as long as
//!
//! * it asks this replica and no other: another does not know the id, and counts again;
//! * no other client has its number;
//! * between its first add and a retry of that there are fewer than [`MAX_CLIENTS`] other clients
//!   whose adds are counted here. A client that is forgotten looks like a new one when it retries
//!   its first add; any other add of it is refused, since it may have been counted.
//!
//! Left out: increments that are counted once at whichever replica the client asks. Replicas would
//! have to agree on each before they answer, and the point here is a counter without that.

mod clients;
mod peers;
mod records;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeSet;
use std::time::Duration;

use common::crdt::{CounterError, Delta, GCounter};
use worlds::node::{Client, Node, Outbox};

use clients::Clients;
use peers::Peers;

pub use clients::{CompletedAdd, MAX_CLIENTS};
pub use records::{Record, RestoreError, WrongRecord};
pub use wire::{Message, PeerStatus, Refusal, Reply, Request, RequestId, Status};

/// How long a replica waits for an ack before it pushes again, at first; and how long it gathers
/// increments before it pushes.
pub const GOSSIP: Duration = Duration::from_millis(100);

/// The longest wait between two pushes to a peer that stays silent.
pub const MAX_SILENCE: Duration = Duration::from_secs(1);

/// How long a replica leaves it to others to push what they have counted, and then waits from one
/// peer to the next.
pub const REPAIR: Duration = Duration::from_secs(1);

/// One of several replicas that count together.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Replica {
    counter: GCounter,
    number: usize,
    clients: Clients,
    peers: Peers,
    /// How much of its own entry it has reported to the others as stable.
    stable: u64,
    /// What a peer knows of its own entry, where that is more than it knows itself. Then it has
    /// lost its past, or another replica has its number, and the others do not see what it counts:
    /// so it counts no more.
    lost: Option<u64>,
    /// The timers that are set.
    timers: BTreeSet<Timer>,
}

/// A replica's timers. Each is set while there is something to push.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Timer {
    /// After [`GOSSIP`]: push my own entry.
    Gossip,
    /// After [`REPAIR`]: pass on what others have counted.
    Repair,
}

impl Replica {
    /// Replica `number` of `replicas`, as it was when it had written these records.
    ///
    /// # Panics
    /// If there is no such replica, or the records are not its own: [`restored`](Replica::restored)
    /// returns an error instead.
    pub fn new(number: usize, replicas: usize, records: &[Record]) -> Replica {
        let restored = Replica::restored(number, replicas, records);
        restored.expect("the records are this replica's own")
    }

    /// What this replica knows.
    pub fn counter(&self) -> &GCounter {
        &self.counter
    }

    /// What it knows of the others at `now`, by its own clock.
    pub fn status(&self, now: Duration) -> Status {
        let entries = self.counter.entries();
        Status {
            number: self.number,
            entries: entries.to_vec(),
            peers: self.peers.status(entries, now),
            lost: self.lost,
        }
    }

    /// Counts, and returns the record to append: none, if the add is counted already.
    fn count(&mut self, delta: u64, once: Option<RequestId>) -> Result<Option<Record>, Refusal> {
        if let Some(once) = once
            && self.clients.has_counted(once, delta)?
        {
            return Ok(None);
        }
        if let Some(claimed) = self.lost {
            let own = self.own_entry();
            return Err(Refusal::Lost { claimed, own });
        }
        let entry = self.counter.increment(delta)?;
        let by = once.map(|once| CompletedAdd { once, delta });
        if let Some(by) = by {
            self.clients.note(by);
        }
        Ok(Some(self.counted(entry, by)))
    }

    fn own_entry(&self) -> u64 {
        self.counter.entries()[self.number]
    }

    /// Merges what another replica knows, and returns what of it is news.
    fn take_in(&mut self, delta: &Delta) -> Result<Delta, CounterError> {
        let before = self.counter.clone();
        self.counter.merge_delta(delta)?;
        let news = self.counter.delta_since(before.entries());
        Ok(news.expect("it is the same counter"))
    }

    /// Pushes its own entry to each peer that has not acked it, less and less often while it is
    /// silent; or reports that all have.
    fn gossip(&mut self, out: &mut Outbox<Self>) {
        let own = vec![(self.number, self.own_entry())];
        let unacked: Vec<usize> = self.peers.unacked(self.counter.entries()).collect();
        for &peer in &unacked {
            if self.peers.is_due(peer, out.now()) {
                self.peers.note_pushed(peer, out.now());
                out.send(peer, Message::Push(own.clone()));
            }
        }
        if unacked.is_empty() && self.has_stable_news() {
            self.stable = self.own_entry();
            for peer in self.peers.numbers() {
                out.send(peer, Message::Stable(own.clone()));
            }
        }
    }

    /// Whether the others do not know yet that its entry is stable. Of two, each knows it from the
    /// other's ack.
    fn has_stable_news(&self) -> bool {
        self.peers.numbers().count() > 1 && self.stable < self.own_entry()
    }

    /// Pushes to one peer all that it is not known to have.
    fn repair(&mut self, out: &mut Outbox<Self>) {
        let entries = self.counter.entries();
        if let Some(peer) = self.peers.next_to_repair(entries) {
            let missing = self.peers.missing(peer, entries).collect();
            self.peers.note_repaired(peer);
            out.send(peer, Message::Push(missing));
        }
    }

    /// Sets each timer for which there is something to push, and no other.
    fn set_timers(&mut self, out: &mut Outbox<Self>) {
        let entries = self.counter.entries();
        let has_unacked = self.peers.unacked(entries).next().is_some();
        let has_gossip = has_unacked || self.has_stable_news();
        let has_repair = self.peers.next_to_repair(entries).is_some();
        for (timer, after, is_wanted) in
            [(Timer::Gossip, GOSSIP, has_gossip), (Timer::Repair, REPAIR, has_repair)]
        {
            if is_wanted && self.timers.insert(timer) {
                out.set_timer(timer, after);
            } else if !is_wanted && self.timers.remove(&timer) {
                out.cancel_timer(timer);
            }
        }
    }
}

impl Node for Replica {
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Request = Request;
    type Reply = Reply;

    fn start(&mut self, out: &mut Outbox<Self>) {
        self.set_timers(out);
    }

    fn receive(&mut self, from: usize, message: Message, out: &mut Outbox<Self>) {
        let (Message::Push(has) | Message::Ack(has) | Message::Stable(has)) = &message;
        match self.take_in(has) {
            Err(error) => {
                if let CounterError::OwnEntryAhead { claimed, .. } = error {
                    self.lost = self.lost.max(Some(claimed));
                }
                return out.warn(format!("replica {from} is not believed: {error}"));
            }
            Ok(news) if news.is_empty() => {}
            Ok(news) => out.append(Record::Heard(news)),
        }
        self.peers.hear(from, has, out.now());
        match message {
            Message::Push(mut pushed) => {
                let entries = self.counter.entries();
                pushed.iter_mut().for_each(|(node, has)| *has = entries[*node]);
                out.send(from, Message::Ack(pushed));
            }
            Message::Ack(_) => {}
            Message::Stable(has) => self.peers.all_have(&has),
        }
        self.set_timers(out);
    }

    /// Pushes to the peer what it is known to have counted. If the peer knows of less, it has lost
    /// its past, and is to know that before it counts.
    fn connected(&mut self, to: usize, out: &mut Outbox<Self>) {
        self.peers.note_connected(to);
        let entry = self.counter.entries()[to];
        if entry > 0 {
            out.send(to, Message::Push(vec![(to, entry)]));
        }
    }

    fn wake(&mut self, timer: Timer, out: &mut Outbox<Self>) {
        self.timers.remove(&timer);
        match timer {
            Timer::Gossip => self.gossip(out),
            Timer::Repair => self.repair(out),
        }
        self.set_timers(out);
    }

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        match request {
            Request::Read => out.answer(client, Reply::Value(self.counter.value())),
            Request::Status => out.answer(client, Reply::Status(self.status(out.now()))),
            Request::Add { delta, once } => match self.count(delta, once) {
                Ok(counted) => {
                    if let Some(record) = counted {
                        out.append(record);
                    }
                    out.answer(client, Reply::Added);
                    self.set_timers(out);
                }
                Err(refusal) => out.answer(client, Reply::Refused(refusal)),
            },
        }
    }

    fn snapshot(&self) -> Option<Vec<Record>> {
        Some(self.compacted())
    }
}
