//! Lamport's lock on links that keep the order of messages, small enough to visit every state.
//!
//! A decision is judged by the state as a whole, which no node sees: to enter harms where another
//! node has an earlier request or can still make one, and to wait harms where nothing that is in
//! flight changes what the node knows, and no node holds the lock. In the search a node enters when
//! to wait harms, or sooner: at any moment from which on Lamport's rule allows it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use explore::messages::Action;
use explore::{Model, SearchResult, search};

/// The most nodes.
const NODES: usize = 3;

/// What a node knows: the time of each node's request, and of the latest message from each. A time
/// of 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct View {
    pub(super) nodes: usize,
    pub(super) node: usize,
    queue: [u8; NODES],
    heard: [u8; NODES],
}

impl View {
    /// Its own request, by which requests are sorted: at one time the smaller node's comes first.
    pub(super) fn own(&self) -> (u8, usize) {
        (self.queue[self.node], self.node)
    }

    /// The requests that it knows of, its own among them.
    pub(super) fn queue(&self) -> impl Iterator<Item = (u8, usize)> {
        self.queue.into_iter().zip(0..).filter(|(time, _)| *time > 0)
    }

    pub(super) fn heard(&self) -> impl Iterator<Item = (u8, usize)> {
        self.heard.into_iter().zip(0..self.nodes)
    }

    /// Whether it knows of no earlier request.
    pub(super) fn is_first(&self) -> bool {
        self.queue().all(|request| request >= self.own())
    }

    /// Lamport's rule: it knows of no earlier request, and has heard something later of each node.
    fn may_enter(&self) -> bool {
        let mut others = self.heard().filter(|(_, node)| *node != self.node);
        self.is_first() && others.all(|heard| heard > self.own())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    clock: u8,
    view: View,
    holds: bool,
    /// How often it still asks for the lock.
    turns: u8,
}

impl Node {
    fn has_asked(&self) -> bool {
        self.view.own().0 > 0
    }

    fn tick(&mut self) -> u8 {
        self.clock += 1;
        self.clock
    }
}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    Request,
    Ack,
    Release,
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    in_flight: Vec<Sent>,
    sent: usize,
    pub(super) schedule: Vec<Action>,
    /// All that tells it from others: not how it came about, and so no message's number.
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
    /// No node has asked. Each will, this often.
    pub(super) fn new(turns: &[u8]) -> State {
        let view = |node| View { nodes: turns.len(), node, queue: [0; NODES], heard: [0; NODES] };
        let node = |(node, &turns)| Node { clock: 0, view: view(node), holds: false, turns };
        State {
            nodes: turns.iter().enumerate().map(node).collect(),
            in_flight: Vec::new(),
            sent: 0,
            schedule: Vec::new(),
            key: Vec::new(),
        }
    }

    /// The nodes that hold the lock.
    pub(super) fn holders(&self) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(|&node| self.nodes[node].holds)
    }

    /// What can happen: a node asks, enters or gives the lock back, and of each link the oldest
    /// message arrives.
    fn actions(&self) -> impl Iterator<Item = Action> {
        let can_act = |node: &Node| match (node.has_asked(), node.holds) {
            (false, _) => node.turns > 0,
            (true, holds) => holds || node.view.may_enter(),
        };
        let nodes = (0..self.nodes.len()).filter(move |&node| can_act(&self.nodes[node]));
        let link = |place: usize| (self.in_flight[place].from, self.in_flight[place].to);
        let is_oldest = move |place: &usize| *place == 0 || link(place - 1) != link(*place);
        let places = (0..self.in_flight.len()).filter(is_oldest);
        let oldest = places.map(|place| Action::Deliver(self.in_flight[place].number));
        nodes.map(Action::Local).chain(oldest)
    }

    /// Makes an action happen, but for the decision after it, of the node that is returned. `note`
    /// gets each message that is sent, and with true that which is received.
    pub(super) fn act(&mut self, action: Action, note: &mut impl FnMut(&Sent, bool)) -> usize {
        self.schedule.push(action);
        match action {
            Action::Local(node) if self.waiting(node).is_some() => {
                self.enter(node);
                node
            }
            Action::Local(node) => {
                let holds = std::mem::take(&mut self.nodes[node].holds);
                let time = self.nodes[node].tick();
                self.nodes[node].turns -= u8::from(!holds);
                self.nodes[node].view.queue[node] = if holds { 0 } else { time };
                let says = if holds { Says::Release } else { Says::Request };
                for to in (0..self.nodes.len()).filter(|&to| to != node) {
                    self.send(node, to, says, time, note);
                }
                node
            }
            Action::Deliver(number) => {
                let place = self.in_flight.iter().position(|sent| sent.number == number);
                let sent = self.in_flight.remove(place.expect("it is in flight"));
                note(&sent, true);
                self.receive(sent, note);
                sent.to
            }
            other => unreachable!("it is not one of the actions: {other}"),
        }
    }

    fn receive(
        &mut self,
        Sent { from, to, says, time, .. }: Sent,
        note: &mut impl FnMut(&Sent, bool),
    ) {
        let node = &mut self.nodes[to];
        node.clock = node.clock.max(time) + 1;
        node.view.heard[from] = time;
        match says {
            Says::Request => {
                node.view.queue[from] = time;
                let time = node.tick();
                self.send(to, from, Says::Ack, time, note);
            }
            Says::Ack => {}
            Says::Release => node.view.queue[from] = 0,
        }
    }

    fn send(
        &mut self,
        from: usize,
        to: usize,
        says: Says,
        time: u8,
        note: &mut impl FnMut(&Sent, bool),
    ) {
        self.sent += 1;
        let sent = Sent { from, to, says, time, number: self.sent };
        let after = |other: &Sent| (other.from, other.to) <= (from, to);
        self.in_flight.insert(self.in_flight.partition_point(after), sent);
        note(&sent, false);
    }

    /// What a node knows that waits.
    fn waiting(&self, node: usize) -> Option<View> {
        let Node { view, holds, .. } = self.nodes[node];
        (self.nodes[node].has_asked() && !holds).then_some(view)
    }

    /// Lets a node in.
    pub(super) fn enter(&mut self, node: usize) {
        self.nodes[node].holds = true;
    }

    /// The request by which a node holds the lock, or waits for it.
    pub(super) fn request(&self, node: usize) -> (u8, usize) {
        self.nodes[node].view.own()
    }

    fn make_key(&mut self) {
        self.key.clear();
        for Node { clock, view, holds, turns } in &self.nodes {
            self.key.extend_from_slice(&[*clock, u8::from(*holds), *turns]);
            self.key.extend_from_slice(&view.queue);
            self.key.extend_from_slice(&view.heard);
        }
        for Sent { from, to, says, time, .. } in &self.in_flight {
            self.key.extend_from_slice(&[(*from * NODES + *to) as u8, *says as u8, *time]);
        }
    }

    /// What would harm if the node did it now, where it waits.
    pub(super) fn harm(&self, node: usize) -> Option<Harm> {
        let own = self.waiting(node)?.own();
        // A node that has not asked may do so at any moment.
        let earliest = |node: &Node| match node.view.own() {
            (0, number) => (node.clock + 1, number),
            request => request,
        };
        if self.nodes.iter().any(|other| earliest(other) < own) {
            return Some(Harm::Enters);
        }
        self.until_quiet(node).is_some().then_some(Harm::Waits)
    }

    /// All that is in flight arrives, and this node does not enter: where it never learns anything
    /// new, and no node holds the lock, the state that this ends in.
    pub(super) fn until_quiet(&self, node: usize) -> Option<State> {
        let arrives_there = |sent: &Sent| sent.to == node;
        // Most often that is seen at once.
        if self.in_flight.iter().any(arrives_there) {
            return None;
        }
        let mut state = self.clone();
        while let Some(sent) = state.in_flight.first().copied() {
            if arrives_there(&sent) {
                return None;
            }
            state.act(Action::Deliver(sent.number), &mut |_, _| {});
            if state.waiting(sent.to).is_some_and(|view| view.may_enter()) {
                state.enter(sent.to);
            }
        }
        let is_held = state.holders().next().is_some();
        (!is_held).then_some(state)
    }

    /// This node enters: the nearest state in which two hold the lock, if every node asks once more
    /// than it does already.
    pub(super) fn until_two_hold(&self, node: usize) -> Vec<Action> {
        let mut start = self.clone();
        start.enter(node);
        start.nodes.iter_mut().for_each(|node| node.turns += 1);
        let lock = Lock { start, decisions: None };
        match search(&lock, usize::MAX, |state| state.holders().count() > 1) {
            SearchResult::Found { schedule, .. } => schedule.to_vec(),
            never => unreachable!("to enter harms here: {never:?}"),
        }
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
    pub(super) view: View,
    pub(super) harm: Harm,
    /// Just before it: the nearest state that shows the harm.
    pub(super) state: State,
}

/// What nodes know when they decide. That one view has both harms is impossible, since the rule
/// does one of the two.
pub(super) type Decisions = BTreeMap<View, Decision>;

/// The lock from some state on.
struct Lock<'a> {
    start: State,
    decisions: Option<RefCell<&'a mut Decisions>>,
}

/// Adds every decision of nodes that ask this often, and returns the number of states.
pub(super) fn visit(turns: &[u8], decisions: &mut Decisions) -> usize {
    let lock = Lock { start: State::new(turns), decisions: Some(RefCell::new(decisions)) };
    match search(&lock, usize::MAX, |_| false) {
        SearchResult::Never { states } => states,
        found => unreachable!("no state is looked for: {found:?}"),
    }
}

impl Model for Lock<'_> {
    type State = State;
    type Action = Action;

    fn start(&self) -> State {
        self.start.clone()
    }

    fn actions(&self, state: &State) -> impl Iterator<Item = Action> {
        state.actions()
    }

    fn apply(&self, state: &mut State, action: &Action) {
        let node = state.act(*action, &mut |_, _| {});
        if let Some(harm) = state.harm(node) {
            if let Some(decisions) = &self.decisions {
                let view = state.nodes[node].view;
                let new = || Decision { view, harm, state: state.clone() };
                decisions.borrow_mut().entry(view).or_insert_with(new);
            }
            if harm == Harm::Waits {
                state.enter(node);
            }
        }
        state.make_key();
    }
}
