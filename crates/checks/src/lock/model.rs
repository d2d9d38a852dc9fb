//! Lamport's lock on links that keep the order of messages, small enough to visit every state.
//!
//! A decision is judged by the state as a whole, which no node sees. To enter harms where another
//! node has an earlier request, or can still make one. Otherwise to wait harms where nothing that
//! is in flight changes what the node knows: all others wait for it, and no node ever holds the
//! lock.
//!
//! In the search a node enters when to wait harms, or sooner: at any moment from which on Lamport's
//! rule allows it. So two never hold the lock, which [`visit`] asserts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::mem;

use explore::messages::Action;
use explore::{Model, SearchResult, search};

/// The most nodes.
const NODES: usize = 3;

/// A node. A time of 0 is none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    number: usize,
    clock: u8,
    /// The time of each node's request that it knows of and that is not released.
    queue: [u8; NODES],
    /// The time of the latest message from each node.
    heard: [u8; NODES],
    holds: bool,
    /// How often it still asks for the lock.
    turns: u8,
}

impl Node {
    /// Its own request, by which requests are sorted: at one time the smaller node's comes first.
    pub(super) fn own(&self) -> (u8, usize) {
        (self.queue[self.number], self.number)
    }

    fn has_asked(&self) -> bool {
        self.own().0 > 0
    }

    /// The requests that it knows of, its own among them.
    pub(super) fn queue(&self) -> impl Iterator<Item = (u8, usize)> {
        self.queue.into_iter().zip(0..).filter(|(time, _)| *time > 0)
    }

    pub(super) fn heard(&self) -> impl Iterator<Item = (u8, usize)> {
        self.heard.into_iter().zip(0..)
    }

    /// Whether it knows of no earlier request.
    pub(super) fn is_first(&self) -> bool {
        self.queue().all(|request| request >= self.own())
    }

    /// Lamport's rule: it waits, knows of no earlier request, and has heard something later of each
    /// of the `nodes`.
    fn may_enter(&self, nodes: usize) -> bool {
        let mut others = self.heard().take(nodes).filter(|(_, node)| *node != self.number);
        let waits = self.has_asked() && !self.holds;
        waits && self.is_first() && others.all(|heard| heard > self.own())
    }
}

/// What a message means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Says {
    Request,
    Ack,
    Release,
}

/// A message in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) says: Says,
    pub(super) time: u8,
    /// Its name in a schedule: message 1 was sent first.
    pub(super) number: usize,
}

/// The nodes, and what is in flight between them.
#[derive(Clone, Debug)]
pub(super) struct State {
    nodes: Vec<Node>,
    /// Link by link, the oldest first.
    pub(super) in_flight: Vec<Sent>,
    /// How many messages there were.
    pub(super) sent: usize,
    /// How it came about.
    pub(super) schedule: Vec<Action>,
    /// What distinguishes it from others, in few bytes: all but the schedule and the numbers of
    /// messages.
    key: Vec<u8>,
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for State {}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl State {
    /// No node has asked. Each can, this often.
    pub(super) fn new(turns: &[u8]) -> State {
        let none = [0; NODES];
        let nodes = turns.iter().zip(0..).map(|(&turns, number)| Node {
            number,
            clock: 0,
            queue: none,
            heard: none,
            holds: false,
            turns,
        });
        let nodes = nodes.collect();
        State { nodes, in_flight: Vec::new(), sent: 0, schedule: Vec::new(), key: Vec::new() }
    }

    pub(super) fn holds(&self, node: usize) -> bool {
        self.nodes[node].holds
    }

    pub(super) fn enter(&mut self, node: usize) {
        self.nodes[node].holds = true;
    }

    fn may_enter(&self, node: usize) -> bool {
        self.nodes[node].may_enter(self.nodes.len())
    }

    fn holders(&self) -> usize {
        self.nodes.iter().filter(|node| node.holds).count()
    }

    /// Makes an action happen, at the node that is returned, but for the decision that follows.
    pub(super) fn act(&mut self, action: Action) -> usize {
        self.schedule.push(action);
        match action {
            Action::Local(node) if self.may_enter(node) => {
                self.enter(node);
                node
            }
            Action::Local(node) => self.ask_or_release(node),
            Action::Deliver(number) => self.receive(number),
            other => unreachable!("it is not one of the actions: {other}"),
        }
    }

    fn ask_or_release(&mut self, node: usize) -> usize {
        let Node { clock, queue, holds, turns, .. } = &mut self.nodes[node];
        *clock += 1;
        let says = if mem::take(holds) { Says::Release } else { Says::Request };
        match says {
            Says::Release => queue[node] = 0,
            _ => (queue[node], *turns) = (*clock, *turns - 1),
        }
        for to in (0..self.nodes.len()).filter(|&to| to != node) {
            self.send(node, to, says);
        }
        node
    }

    fn receive(&mut self, number: usize) -> usize {
        let place = self.in_flight.iter().position(|sent| sent.number == number);
        let Sent { from, to, says, time, .. } =
            self.in_flight.remove(place.expect("it is in flight"));
        let Node { clock, queue, heard, .. } = &mut self.nodes[to];
        *clock = time.max(*clock) + 1;
        heard[from] = time;
        match says {
            Says::Request => {
                queue[from] = time;
                *clock += 1;
                self.send(to, from, Says::Ack);
            }
            Says::Ack => {}
            Says::Release => queue[from] = 0,
        }
        to
    }

    /// Sends a message, for which the clock has ticked.
    fn send(&mut self, from: usize, to: usize, says: Says) {
        self.sent += 1;
        let sent = Sent { from, to, says, time: self.nodes[from].clock, number: self.sent };
        let place = self.in_flight.partition_point(|other| (other.from, other.to) <= (from, to));
        self.in_flight.insert(place, sent);
    }

    fn make_key(&mut self) {
        self.key.clear();
        for Node { clock, queue, heard, holds, turns, .. } in &self.nodes {
            self.key.extend_from_slice(&[*clock, u8::from(*holds), *turns]);
            self.key.extend_from_slice(queue);
            self.key.extend_from_slice(heard);
        }
        for Sent { from, to, says, time, .. } in &self.in_flight {
            self.key.extend_from_slice(&[*from as u8, *to as u8, *says as u8, *time]);
        }
    }

    /// What would harm if the node did it now, where it waits.
    pub(super) fn harm(&self, node: usize) -> Option<Harm> {
        let waiting = &self.nodes[node];
        if waiting.holds || !waiting.has_asked() {
            return None;
        }
        // A node that has not asked may do so at any moment.
        let earliest = |node: &Node| match node.own() {
            (0, number) => (node.clock + 1, number),
            request => request,
        };
        match self.nodes.iter().any(|other| earliest(other) < waiting.own()) {
            true => Some(Harm::Enters),
            false => self.until_quiet(node).is_some().then_some(Harm::Waits),
        }
    }

    /// All that is in flight arrives, and this node does not enter, whose request is the earliest:
    /// where it never learns anything new, the state that this ends in.
    fn until_quiet(&self, node: usize) -> Option<State> {
        let mut state = self.clone();
        while let Some(sent) = state.in_flight.first() {
            // Most often that is seen at once.
            if state.in_flight.iter().any(|sent| sent.to == node) {
                return None;
            }
            state.act(Action::Deliver(sent.number));
        }
        Some(state)
    }
}

/// What is wrong to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harm {
    /// To enter: two nodes can hold the lock at once.
    Enters,
    /// To wait: no node ever holds the lock.
    Waits,
}

/// A node that waits may enter or not, and one of the two harms.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) node: usize,
    pub(super) harm: Harm,
    /// Just before it: the nearest state that shows the harm.
    pub(super) state: State,
}

impl Decision {
    /// The node, with all that it knows.
    pub(super) fn node(&self) -> &Node {
        &self.state.nodes[self.node]
    }

    pub(super) fn nodes(&self) -> usize {
        self.state.nodes.len()
    }

    /// What happens after the wrong one until it has harmed.
    pub(super) fn until_harm(&self) -> Vec<Action> {
        let Decision { node, harm, state } = self;
        if let Harm::Waits = harm {
            let quiet = state.until_quiet(*node).expect("to wait harms");
            return quiet.schedule[state.schedule.len()..].to_vec();
        }
        let mut start = state.clone();
        start.enter(*node);
        // A node may always ask once more.
        start.nodes.iter_mut().for_each(|node| node.turns += 1);
        let mut met = Decisions::new();
        let lock = Lock { start, decisions: RefCell::new(&mut met) };
        match search(&lock, usize::MAX, |state| state.holders() > 1) {
            SearchResult::Found { schedule, .. } => schedule.to_vec(),
            never => unreachable!("to enter harms: {never:?}"),
        }
    }
}

/// Each decision by the number of nodes, and by the node with what it knows. That it has both harms
/// is impossible: the rule does one.
pub(super) type Decisions = BTreeMap<(usize, usize, [u8; NODES], [u8; NODES]), Decision>;

/// The lock from some state on, and the decisions that were met.
struct Lock<'a> {
    start: State,
    decisions: RefCell<&'a mut Decisions>,
}

/// Adds the decisions of nodes that ask this often, and returns the number of states.
pub(super) fn visit(turns: &[u8], decisions: &mut Decisions) -> usize {
    let lock = Lock { start: State::new(turns), decisions: RefCell::new(decisions) };
    match search(&lock, usize::MAX, |state| state.holders() > 1) {
        SearchResult::Never { states } => states,
        found => unreachable!("two hold the lock: {found:?}"),
    }
}

impl Model for Lock<'_> {
    type State = State;
    type Action = Action;

    fn start(&self) -> State {
        self.start.clone()
    }

    /// A node asks, enters or gives the lock back; of each link the oldest message arrives.
    fn actions(&self, state: &State) -> impl Iterator<Item = Action> {
        let asks = |node: &Node| !node.has_asked() && node.turns > 0;
        let acts = move |&node: &usize| {
            asks(&state.nodes[node]) || state.holds(node) || state.may_enter(node)
        };
        let nodes = (0..state.nodes.len()).filter(acts).map(Action::Local);
        let link = |sent: &Sent| (sent.from, sent.to);
        let links = state.in_flight.chunk_by(move |one, other| link(one) == link(other));
        nodes.chain(links.map(|link| Action::Deliver(link[0].number)))
    }

    fn apply(&self, state: &mut State, action: &Action) {
        let node = state.act(*action);
        if let Some(harm) = state.harm(node) {
            let Node { queue, heard, .. } = state.nodes[node];
            let known = (state.nodes.len(), node, queue, heard);
            let new = || Decision { node, harm, state: state.clone() };
            self.decisions.borrow_mut().entry(known).or_insert_with(new);
            if harm == Harm::Waits {
                state.enter(node);
            }
        }
        state.make_key();
    }
}
