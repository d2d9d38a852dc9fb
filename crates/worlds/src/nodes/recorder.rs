//! What happened, as a trace.

use trace::{Event, Trace};

use crate::node::{Did, Node};
use explore::schedule::letter;

/// Makes a trace of what happens.
pub(super) struct Recorder<L> {
    pub(super) trace: Trace,
    label: L,
}

impl<L> Recorder<L> {
    pub(super) fn new(nodes: usize, label: L) -> Self {
        let trace = Trace::new((0..nodes).map(letter));
        Recorder { trace, label }
    }

    pub(super) fn push<N: Node>(&mut self, did: &Did<'_, N>)
    where
        L: Fn(&Did<'_, N>) -> Option<String>,
    {
        let label = (self.label)(did);
        let name = |number: usize| format!("m{number}");
        let event = match (did, did.node()) {
            (Did::Sent { node, to, number, .. }, _) => Some(Event::send(*node, *to, name(*number))),
            (Did::Received { node, number, .. }, _) => Some(Event::receive(*node, name(*number))),
            (_, Some(node)) => label.is_some().then(|| Event::local(node)),
            (_, None) => None,
        };
        let pushed = match (event, did) {
            (Some(event), _) => self.trace.push(event.label(label.unwrap_or_default())),
            (None, Did::Lost { number, .. }) => self.trace.lose(&name(*number)),
            (None, _) => Ok(()),
        };
        pushed.expect("what happens does not contradict itself");
    }
}
