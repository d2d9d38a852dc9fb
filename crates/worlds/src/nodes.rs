//! Nodes: every small schedule of a protocol, whatever the network, the disks and the crashes do.
//!
//! Any [`Node`] runs here. The explorer is the network, the clock, the disks and the clients at
//! once, and it tries everything: which message arrives next, which is lost or duplicated, which
//! timer runs out, which node crashes and when it restarts. The faults that a node claims to
//! tolerate ([`losing`](Nodes::losing), [`duplicating`](Nodes::duplicating), …) are switched on;
//! with none switched on every message arrives once, in any order, and no node crashes.
//!
//! What this world does:
//!
//! * A timer that is set may run out at any moment, before others that were set for earlier. No
//!   clock is exact, and a protocol that is right only if some timer is the faster one is wrong
//!   here.
//! * A node's clock always shows zero. If it moved, states that are alike in all else would differ
//!   by it.
//! * A record is durable at once, unless the disk is slow
//!   ([`with_slow_disks`](Nodes::with_slow_disks)): then the effects pushed after a record wait
//!   until a separate action writes it, and a crash may come before.
//! * A crash loses the node, its timers and what awaits its disk. Its messages stay in flight, and
//!   those to it wait until it restarts, or are lost.
//!
//! What holds:
//!
//! * Two states are equal if nothing that can still happen distinguishes them: messages are
//!   compared without their numbers, and in their order only where links keep it; timers are
//!   compared without the order of their setting.
//! * An effect pushed after a record is executed after the record is durable.
//!
//! The search for a forbidden state is [`search`](explore::search()), since states repeat. Left
//! out: a message corrupted in flight, a disk that forgets or lies, nodes that join or leave, and
//! how long anything takes.

mod action;
mod possible;
mod recorder;
mod state;
mod step;

use std::sync::Arc;

use trace::Trace;

pub use action::{Action, SYNTAX};
pub use state::{Bag, InFlight, Place, Sent, State};

use crate::node::{Client, Node, NodeEvent};
use explore::{InvalidAction, Model, replay};
use recorder::Recorder;

/// A schedule of a few nodes.
pub type Schedule = explore::Schedule<Action>;

/// A few nodes, what their clients ask, and what may go wrong.
///
/// ```
/// use worlds::nodes::{Nodes, State};
/// use explore::{SearchResult, search};
/// use worlds::node::{Client, Node, Outbox};
///
/// /// Passes on to node 1 whatever a client says. Node 1 keeps what it heard last.
/// #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
/// struct Last(u8);
///
/// impl Node for Last {
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
///         self.0 = said;
///     }
/// }
///
/// // The client says 1 and then 2. Can 1 be what node 1 heard last?
/// let nodes = Nodes::new(2, |_, _| Last::default()).asking(0, [1, 2]);
/// let is_wrong = |state: &State<Last>| {
///     state.places[0].asked == 2 && state.is_quiet() && state.node(1) == Some(&Last(1))
/// };
/// let SearchResult::Found { schedule, .. } = search(&nodes, 1_000, is_wrong) else {
///     panic!("messages overtake each other");
/// };
/// assert_eq!(schedule.to_string(), "a.a.2.1");
///
/// let ordered = nodes.with_ordered_links();
/// assert!(matches!(search(&ordered, 1_000, is_wrong), SearchResult::Never { .. }));
/// ```
#[derive(Clone)]
pub struct Nodes<N: Node> {
    make: Maker<N>,
    requests: Vec<Vec<N::Request>>,
    keeps_order: bool,
    loses: bool,
    duplicates: bool,
    one_at_a_time: bool,
    has_slow_disks: bool,
    crashes: usize,
    room: usize,
}

/// Makes a node from its number and the records on its disk.
type Maker<N> = Arc<dyn Fn(usize, &[<N as Node>::Record]) -> N + Send + Sync>;

impl<N: Node> Nodes<N> {
    /// `nodes` nodes, each made from its number and the records on its disk: none at first, and
    /// after a crash those that it wrote.
    ///
    /// # Panics
    /// With more nodes than letters: 26.
    pub fn new(
        nodes: usize,
        make: impl Fn(usize, &[N::Record]) -> N + Send + Sync + 'static,
    ) -> Nodes<N> {
        assert!(nodes <= 26, "each node has a letter");
        Nodes {
            make: Arc::new(make),
            requests: vec![Vec::new(); nodes],
            keeps_order: false,
            loses: false,
            duplicates: false,
            one_at_a_time: false,
            has_slow_disks: false,
            crashes: 0,
            room: usize::MAX,
        }
    }

    /// The same, and clients ask this of a node, in this order and each at any moment. A client's
    /// number is the place of its request among all: those of node 0 first.
    ///
    /// # Panics
    /// If there is no such node.
    #[must_use]
    pub fn asking(mut self, node: usize, requests: impl IntoIterator<Item = N::Request>) -> Self {
        self.requests[node].extend(requests);
        self
    }

    /// The same, but a node gets its next request only when it has answered the previous one. If a
    /// crash loses the answer, it gets no more requests.
    #[must_use]
    pub fn one_at_a_time(self) -> Self {
        let one_at_a_time = true;
        Nodes { one_at_a_time, ..self }
    }

    /// The same, but a message arrives only if it is the oldest in flight from its sender to its
    /// receiver.
    #[must_use]
    pub fn with_ordered_links(self) -> Self {
        let keeps_order = true;
        Nodes { keeps_order, ..self }
    }

    /// The same, but messages can be lost.
    #[must_use]
    pub fn losing(self) -> Self {
        let loses = true;
        Nodes { loses, ..self }
    }

    /// The same, but messages can arrive more than once.
    #[must_use]
    pub fn duplicating(self) -> Self {
        let duplicates = true;
        Nodes { duplicates, ..self }
    }

    /// The same, but nodes can crash, at most `crashes` times together, and restart.
    #[must_use]
    pub fn crashing(self, crashes: usize) -> Self {
        Nodes { crashes, ..self }
    }

    /// The same, but a record takes a while to become durable, and a crash may come before.
    #[must_use]
    pub fn with_slow_disks(self) -> Self {
        let has_slow_disks = true;
        Nodes { has_slow_disks, ..self }
    }

    /// The same, but while `messages` messages are in flight, or await a disk to be sent, no client
    /// asks, no timer runs out and nothing is duplicated. It makes the states of a protocol that
    /// repeats itself finite, if one message causes at most one other.
    #[must_use]
    pub fn with_room_for(self, messages: usize) -> Self {
        let room = messages;
        Nodes { room, ..self }
    }

    /// The node that a client asks, if there is such a client.
    pub fn asked_by(&self, Client(number): Client) -> Option<usize> {
        let clients = self.requests.iter().enumerate();
        let mut nodes = clients.flat_map(|(node, requests)| requests.iter().map(move |_| node));
        nodes.nth(usize::try_from(number).ok()?)
    }

    /// What happened in a schedule, between nodes named as in its schedule string. Each message is
    /// named by its number, `m1`. An event gets the label that `label` returns; an event that is
    /// not about a message, and has no label, is left out.
    ///
    /// # Errors
    /// [`InvalidAction`], as of [`replay`].
    pub fn trace(
        &self,
        schedule: &Schedule,
        label: impl Fn(&NodeEvent<'_, N>) -> Option<String>,
    ) -> Result<Trace, InvalidAction> {
        replay(self, schedule)?;
        let mut recorder = Recorder::new(self.requests.len(), label);
        let mut state = self.start_all(&mut |event| recorder.push(&event));
        for action in schedule.iter() {
            self.step(&mut state, action, &mut |event| recorder.push(&event));
        }
        Ok(recorder.trace)
    }
}

impl<N: Node> Model for Nodes<N> {
    type State = State<N>;
    type Action = Action;

    fn start(&self) -> State<N> {
        self.start_all(&mut |_| {})
    }

    fn actions(&self, state: &State<N>) -> impl Iterator<Item = Action> {
        self.possible(state).into_iter()
    }

    fn apply(&self, state: &mut State<N>, action: &Action) {
        self.step(state, action, &mut |_| {});
    }
}
