//! What carries requests: real sockets, or a network in virtual time.

mod sockets;
mod virtual_time;

use std::net::Ipv4Addr;
use std::time::Duration;

pub use sockets::{Places, Sockets, exchange};
pub use virtual_time::{Simulated, Virtual};

use crate::message::Over;

/// What a resolver needs of the world.
pub trait Network {
    /// The time since some start.
    fn now(&self) -> Duration;

    /// Sends a message to a server, and hands what comes back to `is_answer` until it accepts one.
    /// What it does not accept changes nothing: the answer may still come.
    ///
    /// # Errors
    /// [`NetworkError`]: nothing was accepted.
    fn exchange(
        &mut self,
        server: Ipv4Addr,
        message: &[u8],
        over: Over,
        timeout: Duration,
        is_answer: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Vec<u8>, NetworkError>;
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// None came in time.
    #[error("no answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The system reports that no program listens there.
    #[error("nothing listens there")]
    Refused,
    /// Anything else that the system reports.
    #[error("{0}")]
    Other(String),
}
