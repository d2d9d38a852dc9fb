//! What happened, for pictures.

use std::fmt::{self, Display};

use super::{Client, Node};

/// One thing that happened in a world. What one handler does is one or more of them: a message is
/// received, and two are sent.
///
/// Its text is what the node's own types say of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named for what they hold")]
pub enum Did<'a, N: Node> {
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
    /// A record is on disk.
    Wrote { node: usize, record: &'a N::Record },
    /// A client was answered.
    Answered { node: usize, client: Client, reply: &'a N::Reply },
    /// A node warns whoever runs it.
    Warned { node: usize, what: &'a str },
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
            | Did::Warned { node, .. }
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
            Did::Warned { what, .. } => write!(f, "warns: {what}"),
            Did::Crashed { .. } => write!(f, "crashes"),
            Did::Restarted { .. } => write!(f, "starts again"),
        }
    }
}
