//! What happened, for pictures.

use std::fmt::{self, Display};

use trace::{Event, Trace};

use crate::explore::threads::letter;
use crate::node::{Client, Node};

/// One thing that happened. An action is one or more of them: a message is received, and two are sent.
///
/// Its text is what the node's own types say of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named for what they hold")]
pub enum Did<'a, N: Node> {
    /// A client asked.
    Asked {
        node: usize,
        client: Client,
        request: &'a N::Request,
    },
    /// A timer ran out.
    Woke { node: usize, timer: &'a N::Timer },
    /// A message left.
    Sent {
        node: usize,
        to: usize,
        number: usize,
        message: &'a N::Message,
    },
    /// A message arrived.
    Received {
        node: usize,
        from: usize,
        number: usize,
        message: &'a N::Message,
    },
    /// A message, or a copy of it, is lost.
    Lost {
        number: usize,
        message: &'a N::Message,
    },
    /// A record is on disk.
    Wrote { node: usize, record: &'a N::Record },
    /// A client was answered.
    Answered {
        node: usize,
        client: Client,
        reply: &'a N::Reply,
    },
    /// A node is down. So many of the records that waited for its disk got there.
    Crashed { node: usize, written: usize },
    /// It is up again.
    Restarted { node: usize },
}

impl<N: Node> Did<'_, N> {
    /// The node at which it happened. A loss happens in the network.
    pub fn node(&self) -> Option<usize> {
        match *self {
            Did::Asked { node, .. }
            | Did::Woke { node, .. }
            | Did::Sent { node, .. }
            | Did::Received { node, .. }
            | Did::Wrote { node, .. }
            | Did::Answered { node, .. }
            | Did::Crashed { node, .. }
            | Did::Restarted { node } => Some(node),
            Did::Lost { .. } => None,
        }
    }
}

impl<N: Node> Display for Did<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Did::Asked { request, .. } => write!(f, "asked {request:?}"),
            Did::Woke { timer, .. } => write!(f, "timer {timer:?}"),
            Did::Sent { message, .. }
            | Did::Received { message, .. }
            | Did::Lost { message, .. } => write!(f, "{message:?}"),
            Did::Wrote { record, .. } => write!(f, "wrote {record:?}"),
            Did::Answered { reply, .. } => write!(f, "answers {reply:?}"),
            Did::Crashed { .. } => write!(f, "crashes"),
            Did::Restarted { .. } => write!(f, "starts again"),
        }
    }
}

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
            (
                Did::Sent {
                    node, to, number, ..
                },
                _,
            ) => Some(Event::send(*node, *to, name(*number))),
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
