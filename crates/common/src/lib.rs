//! The parts that lessons share.
//!
//! | module | holds |
//! |---|---|
//! | [`clock`] | logical time: Lamport and vector clocks |
//! | [`crdt`] | a counter whose replicas can be merged in any order |
//! | [`datagram`] | UDP sockets of a client and a server, and which of their errors pass |
//! | [`fault`] | a proxy between two real sockets: delay, black hole, cut, reset, altered bytes |
//! | [`frame`] | messages on a byte stream: lines and length-prefixed frames |
//! | [`gossip`] | what is pushed to which peer, until each is known to have it |
//! | [`random`] | the one source of randomness, seeded |
//! | [`retry`] | retries: backoff, jitter, deadline, budget |
//! | [`timeline`] | virtual time: a clock and an event queue |
//! | [`transport`] | a TCP connection and server with deadlines and limits |

use std::error::Error;
use std::iter;

pub mod clock;
pub mod crdt;
pub mod datagram;
pub mod fault;
pub mod frame;
pub mod gossip;
pub mod random;
pub mod retry;
pub mod timeline;
pub mod transport;

/// The message of an error and those of its sources, on one line.
///
/// ```
/// use common::transport::{Reason, TransportError};
///
/// let source = Reason(std::io::ErrorKind::BrokenPipe.into());
/// let error = TransportError::Io { doing: "sending a message", source };
/// let error_chain = "failed while sending a message: the connection is already closed";
/// assert_eq!(common::error_chain(&error), error_chain);
/// ```
pub fn error_chain(error: &dyn Error) -> String {
    let chain = iter::successors(Some(error), |error| (*error).source());
    let chain: Vec<_> = chain.map(ToString::to_string).collect();
    chain.join(": ")
}
