//! Another way to wait: one thread for all connections.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use common::readiness::{Progress, Sockets};
use common::transport::{Event, TransportError};

/// How long the last answers may take to leave, at the end of the process.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Answers each request with what `answer` writes into its second argument, until a
/// [`Stopper`](common::readiness::Stopper) ends it. While `answer` runs, no connection is served.
///
/// # Errors
/// If the system cannot wait for sockets. The failure of one connection is an [`Event`].
pub fn serve(
    mut sockets: Sockets,
    answer: impl Fn(&[u8], &mut Vec<u8>),
    log: impl Fn(SocketAddr, Event<'_>),
) -> Result<(), TransportError> {
    let mut peers = BTreeMap::new();
    let mut reply = Vec::new();
    // The one place where this thread waits: until the system reports that some sockets are ready.
    while sockets.wait(None)? {
        while let Some(accepted) = sockets.accept() {
            match accepted {
                Ok((id, peer)) => {
                    peers.insert(id, peer);
                    log(peer, Event::Opened);
                }
                Err(error) => log(sockets.local_addr(), Event::NotAccepted(&error)),
            }
        }
        while let Some(id) = sockets.next_ready() {
            // Takes what has arrived, and does not wait for the rest of a message.
            let read = sockets.read(id, |request, out| {
                reply.clear();
                answer(request, &mut reply);
                out.send(&reply);
                ControlFlow::Continue(())
            });
            let event = match &read {
                Ok(Progress::Open) => continue,
                Ok(Progress::Ended) => Event::Closed,
                Err(error) => Event::Failed(error),
            };
            if let Some(peer) = peers.remove(&id) {
                log(peer, event);
            }
            match read {
                Err(TransportError::TimedOut { .. }) => sockets.close(id),
                // The answers to what came before the end leave first.
                _ => sockets.finish(id),
            }
        }
        // Writes the answers of this turn. What a socket does not take now, it gets in a later one.
        sockets.flush();
    }
    sockets.drain(DRAIN_TIMEOUT)
}
