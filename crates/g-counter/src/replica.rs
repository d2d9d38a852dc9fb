//! The counter as a node: it answers clients, and tells the other replicas.
//!
//! A replica tells each peer the entries that the peer is not known to have. The peer writes them down, takes them in, and
//! confirms them by saying them back. What is not confirmed is told again a while later, so a lost message costs time and
//! nothing else; a message that comes twice is confirmed twice; and where everybody knows everything, nothing is said.
//!
//! * What is confirmed or answered is on disk: each record holds entries, and precedes what says so.
//! * What a peer has confirmed it never forgets, so it need not be told again.
//!
//! Left out: telling an increment from its retry. A client that asks twice counts twice.

use std::time::Duration;

use common::crdt::{Delta, GCounter};
use serde::{Deserialize, Serialize, Serializer};
use worlds::node::{Client, Node, Outbox};
use worlds::stdio::Code;

/// How long a replica waits for a confirmation before it tells again; and how long it gathers increments before it tells.
pub const GOSSIP: Duration = Duration::from_millis(100);

/// One of several replicas that count together.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Replica {
    counter: GCounter,
    number: usize,
    /// For each replica, the entries that it is known to have.
    confirmed: Vec<Vec<u64>>,
    /// Whether the timer is set.
    is_telling: bool,
}

/// What replicas say to each other.
///
/// As JSON: `{"type":"tell","entries":[[0,3],[2,1]]}`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "entries", rename_all = "snake_case")]
pub enum Message {
    /// You may lack these entries.
    Tell(Delta),
    /// I have these now, and shall not forget them.
    Confirm(Delta),
}

/// What clients ask.
///
/// As JSON: `{"type":"add","delta":3}`, `{"type":"read"}`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "delta", rename_all = "snake_case")]
pub enum Request {
    /// Count so many more.
    Add(u64),
    /// How many are counted?
    Read,
}

/// What clients are told.
///
/// As JSON: `{"type":"add_ok"}`, `{"type":"read_ok","value":3}`, and an error with [`Code::Abort`], which says that the
/// increment never will be counted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Reply {
    /// It is counted, and will not be forgotten.
    Added,
    /// So many are counted, as far as this replica has heard.
    Value(u128),
    /// It is not counted, and why.
    Refused(String),
}

impl Replica {
    /// Replica `number` of `replicas`, as it was when it had written these records.
    ///
    /// # Panics
    /// If there is no such replica, or the records are not its own.
    pub fn new(number: usize, replicas: usize, records: &[Delta]) -> Replica {
        let mut entries = vec![0; replicas];
        for &(node, entry) in records.iter().flatten() {
            entries[node] = entry.max(entries[node]);
        }
        let counter = GCounter::restored(number, entries.clone());
        Replica {
            counter: counter.expect("the records are this replica's own"),
            number,
            confirmed: vec![vec![0; replicas]; replicas],
            is_telling: false,
        }
    }

    /// What this replica knows.
    pub fn counter(&self) -> &GCounter {
        &self.counter
    }

    /// The other replicas.
    fn peers(&self) -> impl Iterator<Item = usize> + use<> {
        let number = self.number;
        (0..self.confirmed.len()).filter(move |peer| *peer != number)
    }

    /// What `peer` is not known to have.
    fn unconfirmed(&self, peer: usize) -> Delta {
        let delta = self.counter.delta_since(&self.confirmed[peer]);
        delta.expect("all replicas have as many entries")
    }

    /// Sets the timer, if anybody may lack anything.
    fn tell_soon(&mut self, out: &mut Outbox<Self>) {
        let lacks = self.peers().any(|peer| !self.unconfirmed(peer).is_empty());
        if lacks && !self.is_telling {
            self.is_telling = true;
            out.set_timer((), GOSSIP);
        }
    }

    /// Notes what a peer has said that it has. What cannot be is passed over.
    fn note_confirmed(&mut self, peer: usize, delta: &Delta) {
        let known = self.counter.entries();
        for &(node, entry) in delta {
            let confirmed = self.confirmed[peer].get_mut(node);
            if let (Some(confirmed), Some(&known)) = (confirmed, known.get(node)) {
                *confirmed = entry.min(known).max(*confirmed);
            }
        }
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        enum Body<'a> {
            AddOk,
            ReadOk { value: u128 },
            Error { code: Code, text: &'a str },
        }
        let body = match self {
            Reply::Added => Body::AddOk,
            Reply::Value(value) => Body::ReadOk { value: *value },
            Reply::Refused(text) => Body::Error {
                code: Code::Abort,
                text,
            },
        };
        body.serialize(serializer)
    }
}

impl Node for Replica {
    type Message = Message;
    type Timer = ();
    type Record = Delta;
    type Request = Request;
    type Reply = Reply;

    fn start(&mut self, out: &mut Outbox<Self>) {
        self.tell_soon(out);
    }

    fn receive(&mut self, from: usize, message: Message, out: &mut Outbox<Self>) {
        match message {
            Message::Tell(delta) => {
                let before = self.counter.clone();
                if self.counter.merge_delta(&delta).is_err() {
                    return;
                }
                let news = self.counter.delta_since(before.entries());
                let news = news.expect("it is the same counter");
                if !news.is_empty() {
                    out.append(news);
                }
                self.note_confirmed(from, &delta);
                out.send(from, Message::Confirm(delta));
                self.tell_soon(out);
            }
            Message::Confirm(delta) => self.note_confirmed(from, &delta),
        }
    }

    fn wake(&mut self, (): (), out: &mut Outbox<Self>) {
        self.is_telling = false;
        for peer in self.peers() {
            let delta = self.unconfirmed(peer);
            if !delta.is_empty() {
                out.send(peer, Message::Tell(delta));
            }
        }
        self.tell_soon(out);
    }

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        match request {
            Request::Read => out.answer(client, Reply::Value(self.counter.value())),
            Request::Add(by) => match self.counter.increment(by) {
                Ok(entry) => {
                    out.append(vec![(self.number, entry)]);
                    out.answer(client, Reply::Added);
                    self.tell_soon(out);
                }
                Err(error) => out.answer(client, Reply::Refused(error.to_string())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use worlds::node::Effect;

    /// What a handler wants done.
    fn effects(handler: impl FnOnce(&mut Outbox<Replica>)) -> Vec<Effect<Replica>> {
        let mut out = Outbox::default();
        handler(&mut out);
        out.take()
    }

    #[test]
    fn an_increment_is_written_before_it_is_answered() {
        let mut replica = Replica::new(0, 2, &[]);
        let done = effects(|out| replica.ask(Client(1), Request::Add(3), out));
        let expected = [
            Effect::Append(vec![(0, 3)]),
            Effect::Answer {
                client: Client(1),
                reply: Reply::Added,
            },
            Effect::SetTimer {
                timer: (),
                after: GOSSIP,
            },
        ];
        assert_eq!(done, expected);
    }

    #[test]
    fn what_is_not_confirmed_is_told_again_and_then_there_is_silence() {
        let (mut one, mut other) = (Replica::new(0, 2, &[]), Replica::new(1, 2, &[]));
        effects(|out| one.ask(Client(1), Request::Add(3), out));
        let tell = Effect::Send {
            to: 1,
            message: Message::Tell(vec![(0, 3)]),
        };
        for _ in 0..2 {
            assert!(effects(|out| one.wake((), out)).contains(&tell));
        }
        let heard = effects(|out| other.receive(0, Message::Tell(vec![(0, 3)]), out));
        let expected = [
            Effect::Append(vec![(0, 3)]),
            Effect::Send {
                to: 0,
                message: Message::Confirm(vec![(0, 3)]),
            },
        ];
        assert_eq!(heard, expected, "and it has nothing to tell");
        effects(|out| one.receive(1, Message::Confirm(vec![(0, 3)]), out));
        assert_eq!(effects(|out| one.wake((), out)), []);
    }

    #[test]
    fn a_replica_comes_back_with_what_it_wrote() {
        let records = [vec![(0, 3)], vec![(1, 4)], vec![(0, 5)]];
        let mut replica = Replica::new(0, 2, &records);
        assert_eq!(replica.counter().entries(), [5, 4]);
        assert_eq!(effects(|out| replica.start(out)).len(), 1, "it tells soon");
    }

    #[test]
    fn what_cannot_be_is_neither_confirmed_nor_believed() {
        let mut replica = Replica::new(0, 2, &[vec![(0, 3)]]);
        let before = replica.clone();
        for message in [
            Message::Tell(vec![(7, 1)]),
            Message::Tell(vec![(0, 9)]),
            Message::Tell(vec![(1, u64::MAX)]),
            Message::Confirm(vec![(7, 1)]),
        ] {
            assert_eq!(effects(|out| replica.receive(1, message, out)), []);
            assert_eq!(replica, before);
        }
        effects(|out| replica.receive(1, Message::Confirm(vec![(0, 99)]), out));
        assert_eq!(
            replica.unconfirmed(1),
            [],
            "more than there is, is all there is"
        );
    }
}
