//! A node: a protocol as a pure state machine.
//!
//! A distributed program is hard to test because what it does is tangled up with where it does it:
//! sockets, clocks, threads, disks, chance. A [`Node`] has none of these. It is a value that
//! handles one thing at a time (a message, a timer that has run out, a client's request): it
//! changes its own state and pushes the effects that it wants into an [`Outbox`]: send this, wake
//! me in a second, append that to the log, answer this client. A **world** executes them. The same
//! node runs in a simulator, under a model checker, on a test bench and as a real process, and none
//! of its lines knows which.
//!
//! | the world | where |
//! |---|---|
//! | a simulated network, in virtual time | [`sim`](crate::sim) |
//! | everything that can happen to a few nodes | [`nodes`](crate::nodes) |
//! | a model checker, which visits the same states | the tests of this crate |
//! | a real process: TCP, real time, records on disk | `NodeRuntime` in the crate `runtime` |
//! | a process on the test bench Maelstrom | `stdio` in the crate `runtime` |
//!
//! A node can also stand around another one: [`FifoLinks`](crate::fifo::FifoLinks) gives it
//! ordered, lossless links in any of these.
//!
//! What a node may rely on:
//!
//! * One handler runs at a time. Nodes share nothing.
//! * What a handler pushes after a record ([`append`](Outbox::append)) is not executed before that
//!   record is durable. So a node answers "it is written" in the very next line.
//! * After a crash a node is rebuilt from the records that had reached its disk, in their order,
//!   and from nothing else: its timers and its memory are lost.
//!
//! What it may not rely on: that a message arrives, arrives once, arrives in order, or arrives
//! before its sender has crashed; that a timer is exact; that its clock agrees with any other.
//!
//! And what a world relies on: a handler does not block and reads nothing but its arguments, so
//! that the same inputs give the same effects.
//!
//! ```
//! use worlds::node::{Client, Effect, Node, Outbox};
//!
//! /// Asks node 1 for every client, and passes the answer on.
//! #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
//! struct Ping {
//!     waiting: Option<Client>,
//! }
//!
//! #[derive(Clone, PartialEq, Eq, Hash, Debug)]
//! enum Message {
//!     Ping,
//!     Pong,
//! }
//!
//! impl Node for Ping {
//!     type Message = Message;
//!     type Timer = ();
//!     type Record = ();
//!     type Request = ();
//!     type Reply = &'static str;
//!
//!     fn ask(&mut self, client: Client, (): (), out: &mut Outbox<Self>) {
//!         self.waiting = Some(client);
//!         out.send(1, Message::Ping);
//!     }
//!
//!     fn receive(&mut self, from: usize, message: Message, out: &mut Outbox<Self>) {
//!         match message {
//!             Message::Ping => out.send(from, Message::Pong),
//!             Message::Pong => {
//!                 if let Some(client) = self.waiting.take() {
//!                     out.answer(client, "there");
//!                 }
//!             }
//!         }
//!     }
//! }
//!
//! // A world of two lines: it hands over what was pushed.
//! let (mut asking, mut asked) = (Ping::default(), Ping::default());
//! let mut out = Outbox::default();
//! asking.ask(Client(7), (), &mut out);
//! assert_eq!(out.take(), [Effect::Send { to: 1, message: Message::Ping }]);
//! asked.receive(0, Message::Ping, &mut out);
//! assert_eq!(out.take(), [Effect::Send { to: 0, message: Message::Pong }]);
//! asking.receive(1, Message::Pong, &mut out);
//! assert_eq!(out.take(), [Effect::Answer { client: Client(7), reply: "there" }]);
//! ```
//!
//! Left out: reading back records while running (a node keeps what it needs), and nodes that join
//! or leave.

mod event;

pub use event::NodeEvent;

use std::fmt::Debug;
use std::hash::Hash;
use std::time::Duration;

/// A protocol. Nodes are numbered from 0; a node gets its own number, and the number of nodes, from
/// the code that makes it.
pub trait Node: Clone + Eq + Hash + Debug {
    /// What nodes send to each other.
    type Message: Clone + Eq + Hash + Debug;
    /// Names of this node's timers.
    type Timer: Clone + Eq + Hash + Debug;
    /// What it appends to its log.
    type Record: Clone + Eq + Hash + Debug;
    /// What clients ask of it.
    type Request: Clone + Eq + Hash + Debug;
    /// What it answers them.
    type Reply: Clone + Eq + Hash + Debug;

    /// It starts, for the first time or after a crash.
    fn start(&mut self, out: &mut Outbox<Self>) {
        let _ = out;
    }

    /// A message has arrived. The world guarantees that the node `from` exists; it does not check
    /// what the message says.
    fn receive(&mut self, from: usize, message: Self::Message, out: &mut Outbox<Self>);

    /// A timer that it set has run out, and is no longer set.
    fn wake(&mut self, timer: Self::Timer, out: &mut Outbox<Self>) {
        let _ = (timer, out);
    }

    /// A client asks something.
    fn ask(&mut self, client: Client, request: Self::Request, out: &mut Outbox<Self>) {
        let _ = (client, request, out);
    }

    /// A connection to the node `to` is established, so this node can send to it again. That node
    /// may have restarted, and may have missed messages. Worlds without connections never call
    /// this.
    fn connected(&mut self, to: usize, out: &mut Outbox<Self>) {
        let _ = (to, out);
    }

    /// Records that can replace all that it has appended so far: a node rebuilt from these equals
    /// one rebuilt from those. With them a world compacts its log; with `None` the log grows
    /// without bound.
    fn snapshot(&self) -> Option<Vec<Self::Record>> {
        None
    }
}

/// A client, and which of its requests this is: what an answer needs to be routed. A world assigns
/// them, none twice. It means nothing in another process: it has no serde, and a node that sends
/// its number to others must not trust what comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client(pub u64);

/// An effect that a node wants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect<N: Node> {
    /// Send a message to a node.
    Send {
        /// The receiver's number. One that no node has, and the sender's own, are bugs in the node.
        to: usize,
        /// What it says.
        message: N::Message,
    },
    /// Wake me after this time. Setting a timer that is set already moves it.
    SetTimer {
        /// Which.
        timer: N::Timer,
        /// When, from now.
        after: Duration,
    },
    /// Cancel this timer. If it is not set, nothing happens.
    CancelTimer(N::Timer),
    /// Append a record to my log.
    Append(N::Record),
    /// Answer a client.
    Answer {
        /// Which.
        client: Client,
        /// The answer.
        reply: N::Reply,
    },
    /// Warn the operator that something is wrong.
    Warn(String),
}

/// Collects the effects that a node wants, in their order, and gives it the time.
#[derive(Clone, Debug)]
pub struct Outbox<N: Node> {
    now: Duration,
    effects: Vec<Effect<N>>,
}

impl<N: Node> Outbox<N> {
    /// The time on the node's own clock. The clock may be fast or slow, and differs from those of
    /// other nodes; it does not go back while the node runs. In [`nodes`](crate::nodes) it is
    /// always zero.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// See [`Effect::Send`].
    pub fn send(&mut self, to: usize, message: N::Message) {
        self.effects.push(Effect::Send { to, message });
    }

    /// See [`Effect::SetTimer`].
    pub fn set_timer(&mut self, timer: N::Timer, after: Duration) {
        self.effects.push(Effect::SetTimer { timer, after });
    }

    /// See [`Effect::CancelTimer`].
    pub fn cancel_timer(&mut self, timer: N::Timer) {
        self.effects.push(Effect::CancelTimer(timer));
    }

    /// See [`Effect::Append`]. Effects pushed after it wait until the record is durable.
    pub fn append(&mut self, record: N::Record) {
        self.effects.push(Effect::Append(record));
    }

    /// See [`Effect::Answer`].
    pub fn answer(&mut self, client: Client, reply: N::Reply) {
        self.effects.push(Effect::Answer { client, reply });
    }

    /// See [`Effect::Warn`].
    pub fn warn(&mut self, what: impl Into<String>) {
        self.effects.push(Effect::Warn(what.into()));
    }

    /// For worlds: the time on the node's clock from now on.
    pub fn set_now(&mut self, now: Duration) {
        self.now = now;
    }

    /// For worlds: the effects pushed since the last call, in order.
    pub fn take(&mut self) -> Vec<Effect<N>> {
        std::mem::take(&mut self.effects)
    }

    /// For worlds: as [`take`](Outbox::take), keeping the memory for the next handler.
    pub fn drain(&mut self) -> impl Iterator<Item = Effect<N>> {
        self.effects.drain(..)
    }
}

impl<N: Node> Default for Outbox<N> {
    fn default() -> Self {
        Outbox { now: Duration::ZERO, effects: Vec::new() }
    }
}
