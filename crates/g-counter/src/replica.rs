//! The counter as a node: it answers clients, and pushes what it knows to the other replicas.
//!
//! A client's increment is written, acknowledged, and pushed in the next round of the
//! [gossip](common::gossip). A replica that is pushed entries merges them, writes what is news, and
//! acks them. So a lost message costs time and nothing else.
//!
//! * What is acked or answered is durable: the record precedes the ack or the answer.
//! * What a running replica has on disk reaches every replica that messages reach, from there or by
//!   way of others. The replica that has counted it need not be among them.
//! * An invalid message is refused and logged, and changes no entry.
//!
//! Left out: request ids, so an increment that is retried is counted again; and a replica that has
//! lost its disk counts on.

#[cfg(test)]
mod tests;

use common::crdt::{CounterError, Delta, GCounter};
use common::gossip::{Peers, ROUND};
use runtime::stdio::Code;
use serde::{Deserialize, Serialize, Serializer};
use worlds::node::{Client, Node, Outbox};

/// One of several replicas that count together.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Replica {
    counter: GCounter,
    number: usize,
    peers: Peers,
    /// Whether the timer of the next round is set.
    has_round: bool,
}

/// The timer of the next round. It is set while a peer may be missing something.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Round;

/// What replicas send each other: entries, which the sender has itself.
///
/// As JSON: `{"type":"push","entries":[[0,3],[2,1]]}`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "entries", rename_all = "snake_case")]
pub enum Message {
    /// You may be missing these.
    Push(Delta),
    /// I have these, durably: all that I have, so that others learn of it, too.
    Ack(Delta),
}

/// What clients ask.
///
/// As JSON: `{"type":"add","delta":3}`, `{"type":"read"}`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// Count `delta` more.
    Add {
        /// How many.
        delta: u64,
    },
    /// How many are counted?
    Read,
}

/// What clients are answered.
///
/// As JSON: `{"type":"add_ok"}`, `{"type":"read_ok","value":3}`, and an error whose code is
/// [`Code::Abort`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Reply {
    /// It is counted, and will not be forgotten.
    Added,
    /// The value, as far as this replica knows.
    Value(u128),
    /// It is not counted, and why.
    Refused(CounterError),
}

/// What a replica writes down: entries that have changed, whole, so that a record that is read
/// twice changes nothing.
pub type Record = Delta;

impl Replica {
    /// Replica `number` of `replicas`, as it was when it had written these records.
    ///
    /// # Panics
    /// If there is no such replica, or it has not written these records.
    pub fn new(number: usize, replicas: usize, records: &[Record]) -> Replica {
        let mut entries = vec![0; replicas];
        for &(owner, entry) in records.iter().flatten() {
            entries[owner] = entry.max(entries[owner]);
        }
        let counter = GCounter::restored(number, entries);
        let counter = counter.expect("it is one of the replicas, and has checked what it wrote");
        Replica { counter, number, peers: Peers::new(number, replicas), has_round: false }
    }

    /// What this replica knows.
    pub fn counter(&self) -> &GCounter {
        &self.counter
    }

    /// Merges what another replica has, and returns what of it is news.
    fn merge(&mut self, entries: &Delta) -> Result<Delta, CounterError> {
        let before = self.counter.clone();
        self.counter.merge_delta(entries)?;
        let news = self.counter.delta_since(before.entries());
        Ok(news.expect("it is the same counter"))
    }

    /// All that it has, other than zeros.
    fn all(&self) -> Delta {
        let entries = self.counter.entries().iter().copied().enumerate();
        entries.filter(|(_, entry)| *entry > 0).collect()
    }

    /// Sets the timer of the next round, if a peer may be missing something.
    fn set_timer(&mut self, out: &mut Outbox<Self>) {
        let has_round = !self.peers.is_settled(self.counter.entries());
        match (self.has_round, has_round) {
            (false, true) => out.set_timer(Round, ROUND),
            (true, false) => out.cancel_timer(Round),
            _ => {}
        }
        self.has_round = has_round;
    }
}

impl Node for Replica {
    type Message = Message;
    type Timer = Round;
    type Record = Record;
    type Request = Request;
    type Reply = Reply;

    fn start(&mut self, out: &mut Outbox<Self>) {
        self.set_timer(out);
    }

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        match request {
            Request::Read => out.answer(client, Reply::Value(self.counter.value())),
            Request::Add { delta } => match self.counter.increment(delta) {
                Ok(entry) => {
                    // What stands behind a record waits until it is on disk.
                    out.append(vec![(self.number, entry)]);
                    out.answer(client, Reply::Added);
                    self.set_timer(out);
                }
                Err(error) => out.answer(client, Reply::Refused(error)),
            },
        }
    }

    fn wake(&mut self, _: Round, out: &mut Outbox<Self>) {
        self.has_round = false;
        for (peer, missing) in self.peers.due(self.counter.entries(), out.now()) {
            out.send(peer, Message::Push(missing));
        }
        self.set_timer(out);
    }

    fn receive(&mut self, from: usize, message: Message, out: &mut Outbox<Self>) {
        let (Message::Push(has) | Message::Ack(has)) = &message;
        match self.merge(has) {
            Err(error) => {
                return out.warn(format!("the message of replica {from} is invalid: {error}"));
            }
            Ok(news) if news.is_empty() => {}
            Ok(news) => out.append(news),
        }
        self.peers.note_has(from, has);
        if let Message::Push(_) = message {
            out.send(from, Message::Ack(self.all()));
        }
        self.set_timer(out);
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        enum Body {
            AddOk,
            ReadOk { value: u128 },
            Error { code: Code, text: String },
        }
        let body = match self {
            Reply::Added => Body::AddOk,
            Reply::Value(value) => Body::ReadOk { value: *value },
            Reply::Refused(why) => Body::Error { code: Code::Abort, text: why.to_string() },
        };
        body.serialize(serializer)
    }
}
