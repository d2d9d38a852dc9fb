//! A lock for several machines without a server (Lamport 1978, section "Ordering the Events
//! Totally").
//!
//! Each node keeps a copy of the queue of requests, sorted by stamp and node: the total order.
//! No server hands out the lock. A node may enter when its own request is the first in its copy,
//! and when it has received from every other node something later than that request, so that no
//! earlier one can still come. Each copy may be behind, and that is enough.
//!
//! The algorithm is five rules, and each is a few lines of this file:
//!
//! | rule | |
//! |---|---|
//! | 1 | to request: stamp it, put it into your queue, send it to all others |
//! | 2 | put an arriving request into the queue, and send back an ack with a later stamp |
//! | 3 | to release, take your request out, and send a release to all others: `Mutex::release` |
//! | 4 | a release that arrives takes its sender's request out: [`receive`](Mutex::receive) |
//! | 5 | you hold the lock if your request is first, and all others have sent something later |
//!
//! What it requires, and does not provide itself: messages between two nodes arrive in the order of
//! their sending, each once, and no node crashes. A request that comes after a later message of its
//! sender comes too late: rule 5 has believed that message. A late duplicate of a request stands in
//! a queue without a release to follow, and that of a release takes out a later request.
//! [`exclusion`](crate::exclusion) finds the schedules, and [`repaired`](crate::repaired) runs the
//! lock over links that provide it.
//!
//! What it costs: 3 (N - 1) messages each time a node holds the lock, and every node has to answer
//! before one does.
//!
//! * The queue holds at most one request of each node.
//! * The node that holds the lock has the first request in its queue.
//!
//! Left out: the queue begins empty here, where the paper's begins with a request of the node that
//! holds the lock first; and the paper's note that a node that has already sent something later
//! need not acknowledge.

use std::collections::BTreeSet;

use common::clock::{LamportClock, Timestamp};
use runtime::stdio::Code;
use serde::{Deserialize, Serialize};
use worlds::node::{Client, Node, Outbox};

/// One of the nodes that share the lock.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Mutex {
    number: usize,
    clock: LamportClock,
    /// The requests that it knows of and that are not released.
    queue: BTreeSet<Timestamp>,
    /// The latest stamp that it has received of each node.
    heard: Vec<Timestamp>,
    /// Its own request.
    own: Option<Own>,
}

/// A node's own request, from asking for the lock until giving it back.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Own {
    stamp: Timestamp,
    client: Client,
    is_granted: bool,
}

/// What nodes send each other, each with the stamp of its sending.
///
/// As JSON: `{"type":"request","time":1}`, and `acknowledge` and `release` alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "time", rename_all = "snake_case")]
pub enum Message {
    /// I want the lock.
    Request(u64),
    /// I know of your request.
    Acknowledge(u64),
    /// I give the lock back.
    Release(u64),
}

/// What a client asks of its node.
///
/// As JSON: `{"type":"acquire"}`, `{"type":"release"}`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// Get me the lock.
    Acquire,
    /// Give it back.
    Release,
}

/// The reply to a client.
///
/// As JSON: `{"type":"granted"}`, `{"type":"released"}`, and for a refusal an error with
/// [`Code::Abort`]: `{"type":"error","code":14,"text":"…"}`. The client of `runtime` returns that
/// as an error, so it is written here and not read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "Body", into = "Body")]
pub enum Reply {
    /// You hold the lock.
    Granted,
    /// You hold it no more.
    Released,
    /// The request does not fit the state of the node.
    Refused(Refusal),
}

/// Why a node refuses a request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Refusal {
    /// To [`Request::Acquire`].
    #[error("this node holds the lock already, or waits for it")]
    AlreadyAsked,
    /// To [`Request::Release`].
    #[error("this node does not hold the lock")]
    NotHeld,
}

/// A reply as it travels.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Body {
    Granted,
    Released,
    Error { code: Code, text: String },
}

impl From<Reply> for Body {
    fn from(reply: Reply) -> Body {
        match reply {
            Reply::Granted => Body::Granted,
            Reply::Released => Body::Released,
            Reply::Refused(why) => Body::Error { code: Code::Abort, text: why.to_string() },
        }
    }
}

impl TryFrom<Body> for Reply {
    type Error = String;

    fn try_from(body: Body) -> Result<Reply, String> {
        match body {
            Body::Granted => Ok(Reply::Granted),
            Body::Released => Ok(Reply::Released),
            Body::Error { code, text } => Err(format!("an error is not a reply: {code:?}, {text}")),
        }
    }
}

impl Mutex {
    /// Node `number` of `nodes`. No node holds the lock.
    pub fn new(number: usize, nodes: usize) -> Mutex {
        let nothing = |node| Timestamp { time: 0, node };
        Mutex {
            number,
            clock: LamportClock::new(),
            queue: BTreeSet::new(),
            heard: (0..nodes).map(nothing).collect(),
            own: None,
        }
    }

    /// Whether this node holds the lock, as far as it knows.
    pub fn holds(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.is_granted)
    }

    /// Rule 1.
    fn acquire(&mut self, client: Client, out: &mut Outbox<Self>) {
        if self.own.is_some() {
            return out.answer(client, Reply::Refused(Refusal::AlreadyAsked));
        }
        let time = self.clock.send_timestamp();
        let node = self.number;
        let stamp = Timestamp { time, node };
        self.queue.insert(stamp);
        let is_granted = false;
        self.own = Some(Own { stamp, client, is_granted });
        self.broadcast(Message::Request(time), out);
        self.enter_if_allowed(out);
    }

    /// Rule 3.
    fn release(&mut self, client: Client, out: &mut Outbox<Self>) {
        if !self.holds() {
            return out.answer(client, Reply::Refused(Refusal::NotHeld));
        }
        self.own = None;
        self.forget_request(self.number);
        let time = self.clock.send_timestamp();
        self.broadcast(Message::Release(time), out);
        out.answer(client, Reply::Released);
    }

    /// Rule 5. "Later" is by the total order, as between requests: at one time, the larger node's
    /// is.
    fn may_enter(&self, own: Timestamp) -> bool {
        let mut others = self.others();
        self.queue.first() == Some(&own) && others.all(|node| self.heard[node] > own)
    }

    fn enter_if_allowed(&mut self, out: &mut Outbox<Self>) {
        let own = self.own.as_ref().map(|own| own.stamp);
        if own.is_some_and(|own| self.may_enter(own))
            && let Some(own) = &mut self.own
            && !own.is_granted
        {
            own.is_granted = true;
            out.answer(own.client, Reply::Granted);
        }
    }

    fn forget_request(&mut self, node: usize) {
        self.queue.retain(|request| request.node != node);
    }

    fn others(&self) -> impl Iterator<Item = usize> + use<> {
        let number = self.number;
        (0..self.heard.len()).filter(move |node| *node != number)
    }

    fn broadcast(&self, message: Message, out: &mut Outbox<Self>) {
        for node in self.others() {
            out.send(node, message);
        }
    }
}

impl Message {
    /// When it was sent, by its sender's clock.
    pub fn stamp(self) -> u64 {
        let (Message::Request(time) | Message::Acknowledge(time) | Message::Release(time)) = self;
        time
    }
}

impl Node for Mutex {
    type Message = Message;
    type Timer = ();
    type Record = ();
    type Request = Request;
    type Reply = Reply;

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        match request {
            Request::Acquire => self.acquire(client, out),
            Request::Release => self.release(client, out),
        }
    }

    /// Rules 2 and 4. A message that the clock refuses is dropped, which is as dangerous as a loss.
    fn receive(&mut self, from: usize, message: Message, out: &mut Outbox<Self>) {
        let time = message.stamp();
        if self.clock.receive(time).is_err() {
            return;
        }
        let stamp = Timestamp { time, node: from };
        self.heard[from] = stamp.max(self.heard[from]);
        match message {
            Message::Request(_) => {
                self.forget_request(from);
                self.queue.insert(stamp);
                let time = self.clock.send_timestamp();
                out.send(from, Message::Acknowledge(time));
            }
            Message::Acknowledge(_) => {}
            Message::Release(_) => self.forget_request(from),
        }
        self.enter_if_allowed(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;
    use worlds::fifo;

    fn is_written<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, json: &str) {
        let written = serde_json::to_string(value).expect("it is JSON");
        assert_eq!(written, json);
        let read: T = serde_json::from_str(json).expect("what is written is read");
        assert_eq!(read, *value);
    }

    #[test]
    fn messages_requests_and_replies_as_json() {
        is_written(&Message::Request(3), r#"{"type":"request","time":3}"#);
        is_written(&Message::Acknowledge(4), r#"{"type":"acknowledge","time":4}"#);
        is_written(&Message::Release(5), r#"{"type":"release","time":5}"#);
        is_written(
            &fifo::Message::Numbered {
                run: 7,
                peer: Some(9),
                number: 3,
                message: Message::Release(5),
            },
            concat!(
                r#"{"type":"numbered","run":7,"peer":9,"number":3,"#,
                r#""message":{"type":"release","time":5}}"#,
            ),
        );
        is_written(&Request::Acquire, r#"{"type":"acquire"}"#);
        is_written(&Request::Release, r#"{"type":"release"}"#);
        is_written(&Reply::Granted, r#"{"type":"granted"}"#);
        is_written(&Reply::Released, r#"{"type":"released"}"#);
        let refused = serde_json::to_string(&Reply::Refused(Refusal::NotHeld)).unwrap();
        assert_eq!(
            refused,
            r#"{"type":"error","code":14,"text":"this node does not hold the lock"}"#
        );
        let error = serde_json::from_str::<Reply>(&refused).unwrap_err().to_string();
        assert!(error.contains("an error is not a reply: Abort, this node"), "{error}");
    }
}
