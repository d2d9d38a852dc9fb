//! Asking a node from outside.

use std::fmt::Debug;
use std::time::Duration;

use common::frame::Framing;
use common::transport::{Connection, Deadline, TransportError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{MAX_MESSAGE, wire};
use crate::body::{Code, clipped};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The node could not be reached.
    #[error("the request was not sent")]
    Unreachable(#[source] TransportError),
    /// It was asked, and no answer came.
    #[error("no answer came")]
    NoAnswer(#[source] TransportError),
    /// It was refused.
    #[error("{text}")]
    Refused {
        /// One of [`Code`]'s numbers, or one that is not known here.
        code: u16,
        /// Why.
        text: String,
    },
    /// What came is not an answer.
    #[error("the answer of {addr} is invalid: {why}")]
    Strange {
        /// Who.
        addr: String,
        /// What is wrong with it.
        why: String,
    },
}

impl RequestError {
    /// Whether what was asked may have been done, or may yet be.
    pub fn may_have_been_done(&self) -> bool {
        match self {
            // Out of step, nothing is sent.
            RequestError::Unreachable(_)
            | RequestError::NoAnswer(TransportError::OutOfStep { .. }) => false,
            RequestError::Refused { code, .. } => !Code::is_definite(*code),
            RequestError::NoAnswer(_) | RequestError::Strange { .. } => true,
        }
    }

    /// What to do next, where something can be done.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            RequestError::Unreachable(error) => error.advice(),
            _ => None,
        }
    }
}

/// A connection to a node.
#[derive(Debug)]
pub struct Client {
    addr: String,
    connection: Connection,
}

impl Client {
    /// Connects to the node at `addr` (`host:port`) within this time.
    ///
    /// # Errors
    /// [`RequestError::Unreachable`].
    pub fn connect(addr: &str, within: Duration) -> Result<Client, RequestError> {
        let deadline = Deadline::after(within);
        let connection = Connection::connect(addr, Framing::Lines, MAX_MESSAGE, deadline);
        Ok(Client {
            addr: addr.to_owned(),
            connection: connection.map_err(RequestError::Unreachable)?,
        })
    }

    /// Asks, and waits this long for the answer. After an error a new connection is needed; after
    /// [`RequestError::Refused`] only where the runtime closes this one, as it does with a client
    /// too many.
    ///
    /// # Errors
    /// [`RequestError::NoAnswer`], [`RequestError::Refused`], [`RequestError::Strange`].
    pub fn ask<A: DeserializeOwned>(
        &mut self,
        request: &(impl Serialize + Debug),
        within: Duration,
    ) -> Result<A, RequestError> {
        let line = wire::to_line(request);
        let answer = self.connection.exchange(&line, Deadline::after(within));
        let answer = answer.map_err(RequestError::NoAnswer)?;
        if let Ok(Refused { code, text }) = wire::read(answer) {
            let text = clipped(text);
            return Err(RequestError::Refused { code, text });
        }
        wire::read(answer)
            .map_err(|why| RequestError::Strange { addr: self.addr.clone(), why: clipped(why) })
    }

    /// Where the node's peers are, and who is connected.
    ///
    /// # Errors
    /// As [`ask`](Client::ask).
    pub fn links(&mut self, within: Duration) -> Result<Vec<Link>, RequestError> {
        #[derive(Debug, Serialize)]
        #[serde(tag = "type", rename = "links")]
        struct Ask {}
        self.ask(&Ask {}, within).map(|Links { links }| links)
    }
}

/// One of a node's peers, as the runtime answers `{"type":"links"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where the node looks for it.
    pub addr: String,
    /// Which one it is, while the node is connected to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<usize>,
    /// How long ago it was heard, in ms; unless it never was, or is not connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_ms: Option<u64>,
    /// How many messages for it were dropped since it is connected: it reads too slowly.
    #[serde(default)]
    pub dropped: u64,
}

/// What the runtime answers itself.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename = "links_ok")]
pub(super) struct Links {
    pub(super) links: Vec<Link>,
}

/// `{"type":"error",…}`; both fields, and no type of a node's own has them.
#[derive(Deserialize)]
struct Refused {
    code: u16,
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_sent_was_not_done() {
        let since = "an earlier request has had no answer";
        let not_sent = RequestError::NoAnswer(TransportError::OutOfStep { since });
        assert!(!not_sent.may_have_been_done());
        let sent = RequestError::NoAnswer(TransportError::Closed);
        assert!(sent.may_have_been_done());
    }
}
