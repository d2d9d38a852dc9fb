//! The client, and what it may conclude when no answer came.
//!
//! All that a client can know by itself is how far it got. Until it has a connection it has sent
//! nothing, and what was not sent is not executed. From then on a part of the request may have
//! left, and no error shows whether the work was done.

use std::time::Duration;

use common::frame::{DEFAULT_MAX_MESSAGE, Framing};
use common::transport::{Connection, Deadline, TransportError};

/// Why there is no answer, distinguished by what that proves.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// There was no connection, so the request never left: it was not executed, and a retry is
    /// safe.
    #[error(transparent)]
    NotSent(TransportError),
    /// There was a connection, so the request may have left: whether it was executed is unknown.
    #[error(transparent)]
    Unanswered(TransportError),
}

/// Sends `request`, one line, and waits for the answer: at most `connect_timeout` for a connection,
/// and for all of it, connecting included, until `deadline`.
///
/// # Errors
/// [`RequestError::NotSent`] up to the connection, [`RequestError::Unanswered`] after it.
pub fn ask(
    to: &str,
    request: &[u8],
    connect_timeout: Duration,
    deadline: Deadline,
) -> Result<Vec<u8>, RequestError> {
    let connect_timeout = connect_timeout.min(deadline.remaining().unwrap_or_default());
    let connected = Deadline::after(connect_timeout);
    let mut server = Connection::connect(to, Framing::Lines, DEFAULT_MAX_MESSAGE, connected)
        .map_err(RequestError::NotSent)?;
    let reply = server.exchange(request, deadline).map_err(RequestError::Unanswered)?;
    Ok(reply.to_vec())
}

/// Whether the request was sent, and the deadline passed without a reply. On a busy machine a
/// deadline may pass before the request is sent.
pub(crate) fn timed_out_after_sending(saw: &Result<Vec<u8>, RequestError>) -> bool {
    matches!(
        saw,
        Err(RequestError::Unanswered(TransportError::TimedOut { doing: "waiting for a reply" }))
    )
}
