//! What an action does to a state.

use super::{Action, Nodes, Sent, State};
use crate::node::{Did, Effect, Node, Outbox};

const CAN_HAPPEN: &str = "an action that is applied can happen";

impl<N: Node> Nodes<N> {
    /// All nodes have started.
    pub(super) fn start_all(&self, did: &mut dyn FnMut(Did<'_, N>)) -> State<N> {
        let nodes = self.requests.len();
        let mut state = State::down(nodes, self.keeps_order);
        for node in 0..nodes {
            self.start_node(&mut state, node, did);
        }
        state
    }

    /// Makes an action happen, and says to `did` what happened in it.
    pub(super) fn step(
        &self,
        state: &mut State<N>,
        action: &Action,
        did: &mut dyn FnMut(Did<'_, N>),
    ) {
        match *action {
            Action::Ask(node) => {
                let (client, request) = self.next_request(state, node).expect(CAN_HAPPEN);
                state.places[node].asked += 1;
                did(Did::Asked { node, client, request });
                let request = request.clone();
                self.handle(state, node, did, |node, out| node.ask(client, request, out));
            }
            Action::Deliver(number) => {
                let sent = state.under_way.take(number).expect(CAN_HAPPEN);
                self.deliver(state, sent, did);
            }
            Action::DeliverCopy(number) => {
                let sent = state.under_way.get(number).expect(CAN_HAPPEN).clone();
                self.deliver(state, sent, did);
            }
            Action::Lose(number) => {
                let sent = state.under_way.take(number).expect(CAN_HAPPEN);
                did(Did::Lost { number: sent.number, message: &sent.message });
            }
            Action::Wake(node, timer) => {
                let timer = state.places[node].timers.take(timer);
                did(Did::Woke { node, timer: &timer });
                self.handle(state, node, did, |node, out| node.wake(timer, out));
            }
            Action::Write(node) => write(state, node, did),
            Action::Crash { node, written } => {
                state.crashes += 1;
                state.places[node].crash(written);
                did(Did::Crashed { node, written });
            }
            Action::Restart(node) => {
                did(Did::Restarted { node });
                self.start_node(state, node, did);
            }
        }
    }

    fn start_node(&self, state: &mut State<N>, node: usize, did: &mut dyn FnMut(Did<'_, N>)) {
        let place = &mut state.places[node];
        place.node = Some((self.make)(node, &place.disk));
        self.handle(state, node, did, |node, out| node.start(out));
    }

    fn deliver(
        &self,
        state: &mut State<N>,
        sent: Sent<N::Message>,
        did: &mut dyn FnMut(Did<'_, N>),
    ) {
        let Sent { number, from, to, message } = sent;
        did(Did::Received { node: to, from, number, message: &message });
        self.handle(state, to, did, |node, out| node.receive(from, message, out));
    }

    /// Runs a handler of a node that is up, and carries out what need not wait for the disk.
    fn handle(
        &self,
        state: &mut State<N>,
        number: usize,
        did: &mut dyn FnMut(Did<'_, N>),
        handler: impl FnOnce(&mut N, &mut Outbox<N>),
    ) {
        let mut out = Outbox::default();
        let place = &mut state.places[number];
        handler(place.node.as_mut().expect(CAN_HAPPEN), &mut out);
        for effect in out.drain() {
            let held = &mut state.places[number].held;
            let is_slow = self.has_slow_disks && matches!(effect, Effect::Append(_));
            match is_slow || !held.is_empty() {
                true => held.push(effect),
                false => carry_out(state, number, effect, did),
            }
        }
    }
}

/// Carries out what a node wants done.
fn carry_out<N: Node>(
    state: &mut State<N>,
    node: usize,
    effect: Effect<N>,
    did: &mut dyn FnMut(Did<'_, N>),
) {
    let nodes = state.places.len();
    let place = &mut state.places[node];
    match effect {
        Effect::Send { to, message } => {
            assert!(
                to != node && to < nodes,
                "node {node} sends to node {to}: it can send to any other of {nodes} nodes"
            );
            let number = state.under_way.push(node, to, message.clone());
            did(Did::Sent { node, to, number, message: &message });
        }
        Effect::SetTimer { timer, .. } => place.timers.insert(timer),
        Effect::CancelTimer(timer) => place.timers.remove(&timer),
        Effect::Append(record) => {
            did(Did::Wrote { node, record: &record });
            place.disk.push(record);
        }
        Effect::Answer { client, reply } => {
            did(Did::Answered { node, client, reply: &reply });
            state.note_answer(client, reply);
        }
        Effect::Warn(what) => did(Did::Warned { node, what: &what }),
    }
}

/// Writes the oldest record that a node waits for, and carries out what waited for no other.
fn write<N: Node>(state: &mut State<N>, node: usize, did: &mut dyn FnMut(Did<'_, N>)) {
    let held = &mut state.places[node].held;
    let next = held.iter().skip(1).position(|effect| matches!(effect, Effect::Append(_)));
    let ready = next.map_or(held.len(), |next| next + 1);
    let ready: Vec<_> = held.drain(..ready).collect();
    for effect in ready {
        carry_out(state, node, effect, did);
    }
}
