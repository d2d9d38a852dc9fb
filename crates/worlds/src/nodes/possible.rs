//! What can happen in a state.

use super::{Action, Nodes, Sent, State};
use crate::node::{Client, Effect, Node};

impl<N: Node> Nodes<N> {
    /// All that can happen next, in the order in which it is explored: requests, the network, then
    /// timers, disk and crashes of each node.
    pub(super) fn possible(&self, state: &State<N>) -> Vec<Action> {
        let nodes = 0..self.requests.len();
        let asked = nodes.clone().filter(|&node| self.can_be_asked(state, node));
        let mut actions: Vec<_> = asked.map(Action::Ask).collect();
        self.network(state, &mut actions);
        for node in nodes {
            let timers = match self.has_room(state) {
                true => state.places[node].timers.len(),
                false => 0,
            };
            actions.extend((0..timers).map(|timer| Action::Wake(node, timer)));
            self.disk_and_crashes(state, node, &mut actions);
        }
        actions
    }

    /// The next request to a node, and its client.
    pub(super) fn next_request(
        &self,
        state: &State<N>,
        node: usize,
    ) -> Option<(Client, &N::Request)> {
        let asked = state.places[node].asked;
        let before: usize = self.requests[..node].iter().map(Vec::len).sum();
        let request = self.requests[node].get(asked)?;
        Some((Client((before + asked) as u64), request))
    }

    /// Whether something new may begin.
    fn has_room(&self, state: &State<N>) -> bool {
        let awaiting_sync = state.places.iter().flat_map(|place| &place.awaiting_sync);
        let awaiting_sync = awaiting_sync.filter(|effect| matches!(effect, Effect::Send { .. }));
        state.in_flight.len() + awaiting_sync.count() < self.room
    }

    fn can_be_asked(&self, state: &State<N>, node: usize) -> bool {
        let place = &state.places[node];
        let Some((Client(next), _)) = self.next_request(state, node) else {
            return false;
        };
        let is_first = place.asked == 0;
        let waits = || self.one_at_a_time && !is_first && state.answer(Client(next - 1)).is_none();
        place.node.is_some() && self.has_room(state) && !waits()
    }

    fn network(&self, state: &State<N>, actions: &mut Vec<Action>) {
        let is_up = |sent: &&Sent<N::Message>| state.places[sent.to].node.is_some();
        let next = || {
            let next = state.in_flight.iter().filter(|sent| state.in_flight.is_next(sent));
            next.filter(is_up).map(|sent| sent.number)
        };
        actions.extend(next().map(Action::Deliver));
        if self.duplicates && self.has_room(state) {
            actions.extend(next().map(Action::DeliverCopy));
        }
        if self.loses {
            actions.extend(state.in_flight.iter().map(|sent| Action::Lose(sent.number)));
        }
    }

    fn disk_and_crashes(&self, state: &State<N>, node: usize, actions: &mut Vec<Action>) {
        let place = &state.places[node];
        let awaiting_sync = place.records_awaiting_sync();
        if awaiting_sync > 0 {
            actions.push(Action::Write(node));
        }
        match place.node {
            None => actions.push(Action::Restart(node)),
            Some(_) if state.crashes < self.crashes => {
                actions.extend((0..=awaiting_sync).map(|written| Action::Crash { node, written }));
            }
            Some(_) => {}
        }
    }
}
