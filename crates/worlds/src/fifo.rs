//! FIFO, lossless links for a node, on a network that loses, duplicates and reorders.
//!
//! Many protocols ask for links on which messages arrive in the order of their sending, each once.
//! Networks have no such links; TCP makes them, and only for as long as a connection lives.
//! [`FifoLinks`] is a node around a node that does what TCP does inside a connection, and continues
//! across a lost one. It numbers the messages to each receiver. The receiver delivers them in the
//! order of their numbers, buffers a few that come early, and acknowledges cumulatively: "I have
//! all up to 3". The sender keeps what is not acknowledged, and retransmits it every
//! [`RETRANSMISSION_TIMEOUT`], until it is.
//!
//! It does not survive a lost process: the numbers live in memory, and start over with the process.
//! An old number would then be taken for a new one, and an old acknowledgement for one of messages
//! that were never received. So each process has an **incarnation** (`run` in a message), a number
//! that no earlier process of its node had, and each message carries the incarnation that it is
//! from and, once that is known, the one that it is for. A process listens, for each peer, to the
//! incarnation that it hears first, and to no other. So two processes of which one is a second
//! incarnation do not come together: messages between them are ignored, never delivered, with one
//! warning at each end that receives one. The link stays dead until both are restarted.
//!
//! What holds, whatever the network does:
//!
//! * The messages that a process delivers from a peer are the first messages of one process of that
//!   peer, in order, each once.
//! * While both processes live and some messages get through, all of them arrive in the end, unless
//!   the sender gave up ([`MAX_UNACKNOWLEDGED`]).
//! * A timer is set exactly while something is unacknowledged, so that a network at rest is idle.
//! * Memory is bounded: by [`MAX_UNACKNOWLEDGED`] and [`WINDOW`] messages for each peer.
//!
//! The first of these holds across restarts, too. It does not say that a message is delivered by
//! one process alone: a process that crashes before it was heard may have delivered what its
//! successor receives again.
//!
//! The source: V. Cerf, R. Kahn, "A Protocol for Packet Network Intercommunication", 1974, and RFC
//! 9293, sections 3.4 (sequence numbers) and 3.8.1 (retransmission). Left out: a handshake, which
//! would let two processes agree to start over; measuring the round-trip time, so as to retransmit
//! sooner or later than [`RETRANSMISSION_TIMEOUT`]; and retransmitting less often to a peer that
//! does not answer.

mod link;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::node::{Client, Effect, Node, Outbox};
use link::Link;

/// How long a message may be unacknowledged before it is retransmitted.
pub const RETRANSMISSION_TIMEOUT: Duration = Duration::from_millis(200);

/// How many messages a receiver buffers, of each peer, that came before their turn; and how many a
/// sender retransmits at a time. What comes earlier than that is dropped: it will be retransmitted.
pub const WINDOW: u64 = 64;

/// How many messages for one peer a sender keeps. With one more it gives up on that peer: it warns,
/// and sends it nothing new any more, since that would leave a gap in the order. It goes on
/// retransmitting what it has kept.
pub const MAX_UNACKNOWLEDGED: usize = 1_000;

/// A node on ordered, lossless links.
///
/// ```
/// use std::time::Duration;
/// use worlds::node::{Client, Node, Outbox};
/// use worlds::fifo::FifoLinks;
/// use worlds::sim::{Delay, Scenario, Sim};
///
/// /// Passes on to node 1 whatever a client says. Node 1 keeps all that it hears.
/// #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
/// struct Heard(Vec<u8>);
///
/// impl Node for Heard {
///     type Message = u8;
///     type Timer = ();
///     type Record = ();
///     type Request = u8;
///     type Reply = ();
///
///     fn ask(&mut self, _: Client, said: u8, out: &mut Outbox<Self>) {
///         out.send(1, said);
///     }
///
///     fn receive(&mut self, _: usize, said: u8, _: &mut Outbox<Self>) {
///         self.0.push(said);
///     }
/// }
///
/// let mut scenario = Scenario::new(2, 1);
/// scenario.link.delay = Delay::Between(Duration::ZERO, Duration::from_millis(100));
/// (scenario.link.lost, scenario.link.duplicated) = (500, 200); // of a thousand
/// // In a world that starts each node once, any incarnation will do.
/// let mut sim = Sim::new(scenario, |_, _| FifoLinks::new(Heard::default(), 1))?;
/// for said in 0..20 {
///     sim.ask(Duration::from_millis(said), 0, said as u8);
/// }
/// sim.run()?;
/// assert!(sim.counts().lost > 10);
/// assert_eq!(sim.node(1).unwrap().node().0, Vec::from_iter(0..20));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FifoLinks<N: Node> {
    node: N,
    incarnation: u64,
    links: BTreeMap<usize, Link<N::Message>>,
}

/// A message on the network.
///
/// As JSON: `{"type":"numbered","run":7,"peer":9,"number":3,"message":{…}}`, without `peer` while
/// it is not known, and `{"type":"ack","run":9,"peer":7,"through":3}`. As serde sets the fields of
/// a message with a tag aside, it cannot hold a `runtime::stdio::Json`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message<M> {
    /// A message of the inner node.
    Numbered {
        /// The incarnation of the sender.
        run: u64,
        /// The incarnation of the receiver, if the sender has heard it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peer: Option<u64>,
        /// Its sequence number from this sender to this receiver, from 1.
        number: u64,
        /// What it says.
        message: M,
    },
    /// All messages up to a number have been delivered.
    Ack {
        /// The incarnation of the process that has them.
        run: u64,
        /// The incarnation of the process that sent them.
        peer: u64,
        /// The number; 0 for none.
        through: u64,
    },
}

/// A timer of the links, or of the inner node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Timer<T> {
    /// Retransmit to this peer what it has not acknowledged.
    Retransmit(usize),
    /// The inner node's own.
    Inner(T),
}

impl<N: Node> FifoLinks<N> {
    /// This node on such links. `incarnation` is a number that no earlier process of this node has
    /// had: the time of the start, say, or a count of starts that is kept on disk. If it is reused,
    /// a link may take old messages for new ones.
    pub fn new(node: N, incarnation: u64) -> FifoLinks<N> {
        let links = BTreeMap::new();
        FifoLinks { node, incarnation, links }
    }

    /// The inner node.
    pub fn node(&self) -> &N {
        &self.node
    }

    fn link(&mut self, peer: usize) -> &mut Link<N::Message> {
        self.links.entry(peer).or_default()
    }

    /// Calls a handler of the inner node, and passes on the effects that it wants.
    fn call_handler(
        &mut self,
        out: &mut Outbox<Self>,
        handler: impl FnOnce(&mut N, &mut Outbox<N>),
    ) {
        let mut inner = Outbox::default();
        inner.set_now(out.now());
        handler(&mut self.node, &mut inner);
        for effect in inner.take() {
            match effect {
                Effect::Send { to, message } => self.send(to, message, out),
                Effect::SetTimer { timer, after } => out.set_timer(Timer::Inner(timer), after),
                Effect::CancelTimer(timer) => out.cancel_timer(Timer::Inner(timer)),
                Effect::Append(record) => out.append(record),
                Effect::Answer { client, reply } => out.answer(client, reply),
                Effect::Warn(what) => out.warn(what),
            }
        }
    }

    fn send(&mut self, to: usize, message: N::Message, out: &mut Outbox<Self>) {
        let incarnation = self.incarnation;
        let link = self.link(to);
        if link.is_closed {
            return;
        }
        if link.unacknowledged.len() == MAX_UNACKNOWLEDGED {
            link.is_closed = true;
            return out.warn(format!(
                "node {to} has not acknowledged {MAX_UNACKNOWLEDGED} messages: nothing new is sent \
                 to it any more"
            ));
        }
        if link.unacknowledged.is_empty() {
            out.set_timer(Timer::Retransmit(to), RETRANSMISSION_TIMEOUT);
        }
        link.sent += 1;
        let number = link.sent;
        link.unacknowledged.insert(number, message.clone());
        out.send(to, link.numbered(incarnation, number, message));
    }

    fn retransmit(&mut self, to: usize, out: &mut Outbox<Self>) {
        let incarnation = self.incarnation;
        let link = self.link(to);
        for (&number, message) in link.unacknowledged.iter().take(WINDOW as usize) {
            out.send(to, link.numbered(incarnation, number, message.clone()));
        }
        if !link.unacknowledged.is_empty() {
            out.set_timer(Timer::Retransmit(to), RETRANSMISSION_TIMEOUT);
        }
    }

    /// Whether a message is from the incarnation that this one listens to, and not for another than
    /// this.
    fn is_between_us(
        &mut self,
        from: usize,
        message: &Message<N::Message>,
        out: &mut Outbox<Self>,
    ) -> bool {
        let own = self.incarnation;
        let link = self.link(from);
        let (incarnation, peer) = message.incarnations();
        let is_for_this = peer.is_none_or(|peer| peer == own);
        let is_between_us = is_for_this && *link.peer.get_or_insert(incarnation) == incarnation;
        if !is_between_us && !link.has_warned {
            link.has_warned = true;
            let (restarted, other) = match is_for_this {
                true => (format!("node {from}"), "this node".to_owned()),
                false => ("this node".to_owned(), format!("node {from}")),
            };
            out.warn(format!(
                "{restarted} has restarted: messages between it and {other} are ignored until \
                 {other} restarts, too"
            ));
        }
        is_between_us
    }

    fn take(&mut self, from: usize, number: u64, message: N::Message, out: &mut Outbox<Self>) {
        self.link(from).keep(number, message);
        while let Some(message) = self.link(from).next() {
            self.call_handler(out, |node, inner| node.receive(from, message, inner));
        }
        // A duplicate is acknowledged again: it is retransmitted since an acknowledgement was lost.
        let run = self.incarnation;
        let link = self.link(from);
        if let Some(peer) = link.peer {
            let through = link.received;
            out.send(from, Message::Ack { run, peer, through });
        }
    }

    /// Forgets what a peer has. An acknowledgement of what was never sent is ignored.
    fn note_acknowledged(&mut self, by: usize, through: u64, out: &mut Outbox<Self>) {
        let link = self.link(by);
        if through > link.sent || link.unacknowledged.is_empty() {
            return;
        }
        link.unacknowledged.retain(|number, _| *number > through);
        if link.unacknowledged.is_empty() {
            out.cancel_timer(Timer::Retransmit(by));
        }
    }
}

impl<M> Message<M> {
    /// The sender's incarnation, and the receiver's as far as the sender knows it.
    fn incarnations(&self) -> (u64, Option<u64>) {
        match *self {
            Message::Numbered { run, peer, .. } => (run, peer),
            Message::Ack { run, peer, .. } => (run, Some(peer)),
        }
    }
}

impl<N: Node> Node for FifoLinks<N> {
    type Message = Message<N::Message>;
    type Timer = Timer<N::Timer>;
    type Record = N::Record;
    type Request = N::Request;
    type Reply = N::Reply;

    fn start(&mut self, out: &mut Outbox<Self>) {
        self.call_handler(out, N::start);
    }

    fn receive(&mut self, from: usize, message: Self::Message, out: &mut Outbox<Self>) {
        if !self.is_between_us(from, &message, out) {
            return;
        }
        match message {
            Message::Numbered { number, message, .. } => self.take(from, number, message, out),
            Message::Ack { through, .. } => self.note_acknowledged(from, through, out),
        }
    }

    fn wake(&mut self, timer: Self::Timer, out: &mut Outbox<Self>) {
        match timer {
            Timer::Retransmit(to) => self.retransmit(to, out),
            Timer::Inner(timer) => self.call_handler(out, |node, inner| node.wake(timer, inner)),
        }
    }

    fn ask(&mut self, client: Client, request: N::Request, out: &mut Outbox<Self>) {
        self.call_handler(out, |node, inner| node.ask(client, request, inner));
    }

    fn snapshot(&self) -> Option<Vec<N::Record>> {
        self.node.snapshot()
    }
}
