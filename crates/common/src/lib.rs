//! The parts that lessons share.
//!
//! | module | holds |
//! |---|---|
//! | [`clock`] | logical time: Lamport and vector clocks |
//! | [`crdt`] | a counter whose replicas can be merged in any order |
//! | [`fault`] | a proxy between two real sockets: slow, silent, cut, reset, altered |
//! | [`frame`] | messages on a byte stream: lines and length-prefixed frames |
//! | [`random`] | the one source of randomness, seeded |
//! | [`retry`] | trying again: backoff, jitter, deadline, budget |
//! | [`timeline`] | virtual time: a clock and an event queue |
//! | [`transport`] | a TCP connection and server with deadlines and limits |

use std::error::Error;
use std::iter;

pub mod clock;
pub mod crdt;
pub mod fault;
pub mod frame;
pub mod random;
pub mod retry;
pub mod timeline;
pub mod transport;

/// What an error says, and its reasons, on one line.
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
    let reasons = iter::successors(Some(error), |error| (*error).source());
    let reasons: Vec<_> = reasons.map(ToString::to_string).collect();
    reasons.join(": ")
}
