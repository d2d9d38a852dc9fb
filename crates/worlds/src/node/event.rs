//! What happened, for space-time diagrams.

use std::fmt::{self, Display};

use super::{Client, Node};

/// One thing that happened in a world. What one handler does is one or more of them: a message is
/// received, and two are sent.
///
/// It is displayed as the `Debug` output of the node's own types.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named for what they hold")]
pub enum NodeEvent<'a, N: Node> {
    /// A client asked.
    Asked { node: usize, client: Client, request: &'a N::Request },
    /// A timer ran out.
    Woke { node: usize, timer: &'a N::Timer },
    /// A message left.
    Sent { node: usize, to: usize, number: usize, message: &'a N::Message },
    /// A message arrived.
    Received { node: usize, from: usize, number: usize, message: &'a N::Message },
    /// A message, or a copy of it, is lost.
    Lost { number: usize, message: &'a N::Message },
    /// A record is durable.
    Wrote { node: usize, record: &'a N::Record },
    /// A client was answered.
    Answered { node: usize, client: Client, reply: &'a N::Reply },
    /// A node warns its operator.
    Warned { node: usize, what: &'a str },
    /// A node is down. This many of the records that awaited its disk got there.
    Crashed { node: usize, written: usize },
    /// It is up again.
    Restarted { node: usize },
}

impl<N: Node> NodeEvent<'_, N> {
    /// The node at which it happened. A loss happens in the network.
    pub fn node(&self) -> Option<usize> {
        match *self {
            NodeEvent::Asked { node, .. }
            | NodeEvent::Woke { node, .. }
            | NodeEvent::Sent { node, .. }
            | NodeEvent::Received { node, .. }
            | NodeEvent::Wrote { node, .. }
            | NodeEvent::Answered { node, .. }
            | NodeEvent::Warned { node, .. }
            | NodeEvent::Crashed { node, .. }
            | NodeEvent::Restarted { node } => Some(node),
            NodeEvent::Lost { .. } => None,
        }
    }
}

impl<N: Node> Display for NodeEvent<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeEvent::Asked { request, .. } => write!(f, "asked {request:?}"),
            NodeEvent::Woke { timer, .. } => write!(f, "timer {timer:?}"),
            NodeEvent::Sent { message, .. }
            | NodeEvent::Received { message, .. }
            | NodeEvent::Lost { message, .. } => write!(f, "{message:?}"),
            NodeEvent::Wrote { record, .. } => write!(f, "wrote {record:?}"),
            NodeEvent::Answered { reply, .. } => write!(f, "answers {reply:?}"),
            NodeEvent::Warned { what, .. } => write!(f, "warns: {what}"),
            NodeEvent::Crashed { .. } => write!(f, "crashes"),
            NodeEvent::Restarted { .. } => write!(f, "restarts"),
        }
    }
}
