//! What happened, as a trace.

use trace::{Event, Trace};

use crate::node::{Node, NodeEvent};
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

    pub(super) fn push<N: Node>(&mut self, happened: &NodeEvent<'_, N>)
    where
        L: Fn(&NodeEvent<'_, N>) -> Option<String>,
    {
        let label = (self.label)(happened);
        let name = |number: usize| format!("m{number}");
        let event = match *happened {
            NodeEvent::Sent { node, to, number, .. } => Some(Event::send(node, to, name(number))),
            NodeEvent::Received { node, number, .. } => Some(Event::receive(node, name(number))),
            _ => happened.node().filter(|_| label.is_some()).map(Event::local),
        };
        let pushed = match (event, happened) {
            (Some(event), _) => self.trace.push(event.label(label.unwrap_or_default())),
            (None, NodeEvent::Lost { number, .. }) => self.trace.lose(&name(*number)),
            (None, _) => Ok(()),
        };
        pushed.expect("what happens does not contradict itself");
    }
}
