//! What an action does to a state.

use super::{Action, Nodes, Sent, State};
use crate::node::{Effect, Node, NodeEvent, Outbox};

const CAN_HAPPEN: &str = "an action that is applied can happen";

impl<N: Node> Nodes<N> {
    /// All nodes have started.
    pub(super) fn start_all(&self, on_event: &mut dyn FnMut(NodeEvent<'_, N>)) -> State<N> {
        let nodes = self.requests.len();
        let mut state = State::down(nodes, self.keeps_order);
        for node in 0..nodes {
            self.start_node(&mut state, node, on_event);
        }
        state
    }

    /// Executes an action, and calls `on_event` with what happened in it.
    pub(super) fn step(
        &self,
        state: &mut State<N>,
        action: &Action,
        on_event: &mut dyn FnMut(NodeEvent<'_, N>),
    ) {
        match *action {
            Action::Ask(node) => {
                let (client, request) = self.next_request(state, node).expect(CAN_HAPPEN);
                state.places[node].asked += 1;
                on_event(NodeEvent::Asked { node, client, request });
                let request = request.clone();
                self.call_handler(state, node, on_event, |node, out| {
                    node.ask(client, request, out)
                });
            }
            Action::Deliver(number) => {
                let sent = state.in_flight.take(number).expect(CAN_HAPPEN);
                self.deliver(state, sent, on_event);
            }
            Action::DeliverCopy(number) => {
                let sent = state.in_flight.get(number).expect(CAN_HAPPEN).clone();
                self.deliver(state, sent, on_event);
            }
            Action::Lose(number) => {
                let sent = state.in_flight.take(number).expect(CAN_HAPPEN);
                on_event(NodeEvent::Lost { number: sent.number, message: &sent.message });
            }
            Action::Wake(node, timer) => {
                let timer = state.places[node].timers.take(timer);
                on_event(NodeEvent::Woke { node, timer: &timer });
                self.call_handler(state, node, on_event, |node, out| node.wake(timer, out));
            }
            Action::Write(node) => write(state, node, on_event),
            Action::Crash { node, written } => {
                state.crashes += 1;
                state.places[node].crash(written);
                on_event(NodeEvent::Crashed { node, written });
            }
            Action::Restart(node) => {
                on_event(NodeEvent::Restarted { node });
                self.start_node(state, node, on_event);
            }
        }
    }

    fn start_node(
        &self,
        state: &mut State<N>,
        node: usize,
        on_event: &mut dyn FnMut(NodeEvent<'_, N>),
    ) {
        let place = &mut state.places[node];
        place.node = Some((self.make)(node, &place.disk));
        self.call_handler(state, node, on_event, |node, out| node.start(out));
    }

    fn deliver(
        &self,
        state: &mut State<N>,
        sent: Sent<N::Message>,
        on_event: &mut dyn FnMut(NodeEvent<'_, N>),
    ) {
        let Sent { number, from, to, message } = sent;
        on_event(NodeEvent::Received { node: to, from, number, message: &message });
        self.call_handler(state, to, on_event, |node, out| node.receive(from, message, out));
    }

    /// Calls a handler of a node that is up, and executes the effects that need not wait for the
    /// disk.
    fn call_handler(
        &self,
        state: &mut State<N>,
        number: usize,
        on_event: &mut dyn FnMut(NodeEvent<'_, N>),
        handler: impl FnOnce(&mut N, &mut Outbox<N>),
    ) {
        let mut out = Outbox::default();
        let place = &mut state.places[number];
        handler(place.node.as_mut().expect(CAN_HAPPEN), &mut out);
        for effect in out.drain() {
            let awaiting_sync = &mut state.places[number].awaiting_sync;
            let is_slow = self.has_slow_disks && matches!(effect, Effect::Append(_));
            match is_slow || !awaiting_sync.is_empty() {
                true => awaiting_sync.push(effect),
                false => execute(state, number, effect, on_event),
            }
        }
    }
}

/// Executes an effect of a node.
fn execute<N: Node>(
    state: &mut State<N>,
    node: usize,
    effect: Effect<N>,
    on_event: &mut dyn FnMut(NodeEvent<'_, N>),
) {
    let nodes = state.places.len();
    let place = &mut state.places[node];
    match effect {
        Effect::Send { to, message } => {
            assert!(
                to != node && to < nodes,
                "node {node} sends to node {to}: it can send to any other of {nodes} nodes"
            );
            let number = state.in_flight.push(node, to, message.clone());
            on_event(NodeEvent::Sent { node, to, number, message: &message });
        }
        Effect::SetTimer { timer, .. } => place.timers.insert(timer),
        Effect::CancelTimer(timer) => place.timers.remove(&timer),
        Effect::Append(record) => {
            on_event(NodeEvent::Wrote { node, record: &record });
            place.disk.push(record);
        }
        Effect::Answer { client, reply } => {
            on_event(NodeEvent::Answered { node, client, reply: &reply });
            state.note_answer(client, reply);
        }
        Effect::Warn(what) => on_event(NodeEvent::Warned { node, what: &what }),
    }
}

/// Writes the oldest record that awaits a node's disk, and executes the effects that awaited no
/// other.
fn write<N: Node>(state: &mut State<N>, node: usize, on_event: &mut dyn FnMut(NodeEvent<'_, N>)) {
    let awaiting_sync = &mut state.places[node].awaiting_sync;
    let next = awaiting_sync.iter().skip(1).position(|effect| matches!(effect, Effect::Append(_)));
    let ready = next.map_or(awaiting_sync.len(), |next| next + 1);
    let ready: Vec<_> = awaiting_sync.drain(..ready).collect();
    for effect in ready {
        execute(state, node, effect, on_event);
    }
}
