//! The counter as a service: a replica that answers clients, and loses nothing that it has
//! answered.
//!
//! Counting is that of lesson 19: an entry for each replica, which it alone increments, and pushes
//! ([`common::gossip`]) until its peers have acked it. A service adds three promises:
//!
//! * **What is answered or acked is durable.** The record precedes the answer, and an effect after
//!   a record waits until the record is on disk.
//! * **A retry is counted once.** A client gives its adds a [`RequestId`], and the id is in the
//!   same record as the entry. That holds as long as the client asks this replica and no other, no
//!   other client has its number, and between its add and a retry of that there are fewer than
//!   [`MAX_CLIENTS`] other clients whose adds are counted here. A client that is forgotten looks
//!   like a new one when it retries its first add; any other add of it is refused, since it may
//!   have been counted.
//! * **A replica that has lost its past refuses adds.** Its peers know more of its entry than it
//!   does, and what it counts now would hide behind that, or hide it. So a replica that starts
//!   holds adds back until a peer has said what it knows of this replica's entry, for up to
//!   [`STARTUP`]; then it counts, and warns that no peer has answered. One peer's word is
//!   no proof: another may know more. Peers are believed in this.
//!
//! An invalid message is refused and logged, and changes no entry. Left out: increments that are
//! counted once at whichever replica the client asks. Replicas would have to agree on each before
//! they answer.

mod clients;
mod records;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeSet;
use std::time::Duration;

use common::crdt::{CounterError, Delta, GCounter};
use common::gossip::{Peers, ROUND};
use worlds::node::{Client, Node, Outbox};

use clients::Clients;

pub use clients::{CompletedAdd, MAX_CLIENTS};
pub use records::{Record, RestoreError, WrongRecord};
pub use wire::{Message, PeerStatus, Refusal, Reply, Request, RequestId, Status};

/// How long a replica that starts waits for a peer's word about its own entry before it counts.
pub const STARTUP: Duration = Duration::from_secs(1);

/// How many adds a replica that starts holds back. One more is refused.
pub const MAX_HELD: usize = 1_000;

/// One of several replicas that count together.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Replica {
    counter: GCounter,
    number: usize,
    clients: Clients,
    peers: Peers,
    /// What a peer knows of its own entry, where that is more than it knows itself: it has lost its
    /// past, or another replica has its number.
    lost: Option<u64>,
    /// The adds that came before a peer has said what it knows of this replica's entry. None once
    /// one has, or [`STARTUP`] is over.
    held: Option<Vec<Held>>,
    /// The timers that are set.
    timers: BTreeSet<Timer>,
}

/// An add that is held back.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Held {
    client: Client,
    delta: u64,
    once: Option<RequestId>,
}

/// A replica's timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Timer {
    /// After [`ROUND`], set while there is something to push: push it.
    Gossip,
    /// After [`STARTUP`]: count without a peer's word.
    Startup,
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

    /// Counts an add and answers it, or says why not.
    fn add(&mut self, Held { client, delta, once }: Held, out: &mut Outbox<Self>) {
        match self.count(delta, once) {
            Ok(counted) => {
                // The record first: what is pushed after it waits until it is on disk.
                if let Some(record) = counted {
                    out.append(record);
                }
                out.answer(client, Reply::Added);
            }
            Err(refusal) => out.answer(client, Reply::Refused(refusal)),
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

    /// Holds an add back until it is known whether this replica has its past.
    fn hold(&mut self, add: Held, out: &mut Outbox<Self>) {
        match &mut self.held {
            Some(held) if held.len() < MAX_HELD => held.push(add),
            Some(_) => out.answer(add.client, Reply::Refused(Refusal::Starting)),
            None => self.add(add, out),
        }
    }

    /// From now on adds are counted: first those that were held back.
    fn release(&mut self, out: &mut Outbox<Self>) {
        let held = self.held.take().unwrap_or_default();
        held.into_iter().for_each(|add| self.add(add, out));
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

    /// Merges what a message says, and returns whether it was valid.
    fn merge(&mut self, from: usize, has: &Delta, out: &mut Outbox<Self>) -> bool {
        match self.take_in(has) {
            Err(CounterError::OwnEntryAhead { claimed, own, .. }) => {
                // The peer pushes it again and again: logged once for each larger claim.
                if self.lost < Some(claimed) {
                    self.lost = Some(claimed);
                    out.warn(format!("refusing adds: {}", Refusal::Lost { claimed, own }));
                }
                self.release(out);
                return false;
            }
            Err(error) => {
                out.warn(format!("the message of replica {from} is invalid: {error}"));
                return false;
            }
            Ok(news) if news.is_empty() => {}
            Ok(news) => out.append(Record::Heard(news)),
        }
        self.peers.note_has(from, has);
        if has.iter().any(|(owner, _)| *owner == self.number) {
            self.release(out);
        }
        true
    }

    /// What it knows of itself and the others.
    fn status(&self) -> Status {
        let entries = self.counter.entries();
        let status = |peer: usize| PeerStatus {
            peer,
            unacked: self.own_entry() - self.peers.has(peer)[self.number],
        };
        Status {
            number: self.number,
            entries: entries.to_vec(),
            peers: self.peers.numbers().map(status).collect(),
            lost: self.lost,
        }
    }

    /// Sets each timer for which there is something to do, and cancels the others.
    fn set_timers(&mut self, out: &mut Outbox<Self>) {
        let has_gossip = !self.peers.is_settled(self.counter.entries());
        let is_starting = self.held.is_some();
        for (timer, after, is_wanted) in
            [(Timer::Gossip, ROUND, has_gossip), (Timer::Startup, STARTUP, is_starting)]
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

    /// Asks each peer what it knows of this replica's entry: an ack says it.
    fn start(&mut self, out: &mut Outbox<Self>) {
        for peer in self.peers.numbers().filter(|_| self.held.is_some()) {
            out.send(peer, Message::Push(vec![(self.number, self.own_entry())]));
        }
        self.set_timers(out);
    }

    fn receive(&mut self, from: usize, message: Message, out: &mut Outbox<Self>) {
        let (Message::Push(has) | Message::Ack(has)) = &message;
        if self.merge(from, has, out)
            && let Message::Push(mut pushed) = message
        {
            let entries = self.counter.entries();
            pushed.iter_mut().for_each(|(owner, has)| *has = entries[*owner]);
            out.send(from, Message::Ack(pushed));
        }
        self.set_timers(out);
    }

    /// Pushes to the peer what it is known to have counted, 0 too: if the peer knows of less, it
    /// has lost its past, and otherwise it has a word that it has not.
    fn connected(&mut self, to: usize, out: &mut Outbox<Self>) {
        self.peers.connected(to);
        out.send(to, Message::Push(vec![(to, self.counter.entries()[to])]));
    }

    fn wake(&mut self, timer: Timer, out: &mut Outbox<Self>) {
        self.timers.remove(&timer);
        match timer {
            Timer::Gossip => {
                for (peer, missing) in self.peers.due(self.counter.entries(), out.now()) {
                    out.send(peer, Message::Push(missing));
                }
            }
            Timer::Startup => {
                out.warn("no peer has answered: counting, although this log may be an old one");
                self.release(out);
            }
        }
        self.set_timers(out);
    }

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        match request {
            Request::Read => out.answer(client, Reply::Value(self.counter.value())),
            Request::Status => out.answer(client, Reply::Status(self.status())),
            Request::Add { delta, once } => self.hold(Held { client, delta, once }, out),
        }
        self.set_timers(out);
    }

    fn snapshot(&self) -> Option<Vec<Record>> {
        Some(self.compacted())
    }
}
