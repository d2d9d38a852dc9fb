//! Another way to wait: one thread for all connections.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use common::readiness::{Progress, Sockets};
use common::transport::{Event, TransportError};

/// How long the last replies may take to leave, at the end of the process.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Answers each request with what `answer` writes into its second argument, until a
/// [`Stopper`](common::readiness::Stopper) ends it. While `answer` runs, no connection is served,
/// and the stopper is not seen; requests that are not answered by then are not answered any more.
///
/// # Errors
/// If the system cannot wait for sockets. The failure of one connection is an [`Event`].
pub fn serve(
    mut sockets: Sockets,
    answer: impl Fn(&[u8], &mut Vec<u8>),
    log: impl Fn(SocketAddr, Event<'_>),
) -> Result<(), TransportError> {
    let stopper = sockets.stopper();
    let mut peers = BTreeMap::new();
    let mut reply = Vec::new();
    // The one place where this thread waits: until sockets are ready, a deadline has passed, or
    // the loop is to stop.
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
        while !stopper.is_stopping()
            && let Some(id) = sockets.next_ready()
        {
            // Takes what has arrived, and does not wait for the rest of a message.
            let read = sockets.read(id, |request, out| {
                reply.clear();
                answer(request, &mut reply);
                out.send(&reply);
                // Many requests may have come at once, and each may take its time.
                if stopper.is_stopping() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
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
                // It was idle, or did not take its replies in time.
                Err(TransportError::TimedOut { .. }) => sockets.close(id),
                // The replies to what came before the end leave first.
                _ => sockets.finish(id),
            }
        }
        // Writes the replies of this turn. What a socket does not take now, it gets in a later one.
        sockets.flush();
    }
    sockets.drain(DRAIN_TIMEOUT, |id, end| {
        if let Some(peer) = peers.remove(&id) {
            log(peer, end.as_ref().map_or_else(Event::Failed, |()| Event::Closed));
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpStream};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use common::frame::Framing;
    use common::transport::Limits;

    use super::*;
    use crate::{ANY_PORT, EXPERIMENT_TIMEOUT};

    /// Has each client write these bytes, and then serves with a handler that stops the loop.
    /// Returns how many requests the handler got, and all that the clients read.
    fn stopped_by_its_handler(requests: &[&[u8]]) -> (usize, Vec<u8>) {
        let sockets = Sockets::bind(ANY_PORT, Framing::Lines, Limits::default()).unwrap();
        let (addr, stopper) = (sockets.local_addr(), sockets.stopper());
        // All has come before the loop begins, so all are ready in one turn.
        let mut clients = Vec::new();
        for bytes in requests {
            let mut client = TcpStream::connect(addr).unwrap();
            client.set_read_timeout(Some(EXPERIMENT_TIMEOUT)).unwrap();
            client.write_all(bytes).unwrap();
            client.shutdown(Shutdown::Write).unwrap();
            clients.push(client);
        }
        let handled = AtomicUsize::new(0);
        let stop = |request: &[u8], reply: &mut Vec<u8>| {
            stopper.stop();
            handled.fetch_add(1, Ordering::Relaxed);
            reply.extend_from_slice(request);
        };
        serve(sockets, stop, |_, _| {}).unwrap();
        let mut read = Vec::new();
        for mut client in clients {
            client.read_to_end(&mut read).unwrap();
        }
        (handled.into_inner(), read)
    }

    #[test]
    fn a_stop_is_seen_after_the_request_that_is_handled() {
        let one = stopped_by_its_handler(&[b"one\ntwo\nthree\n"]);
        assert_eq!(one, (1, b"one\n".to_vec()));
        let several = stopped_by_its_handler(&[b"same\n".as_slice(); 3]);
        assert_eq!(several, (1, b"same\n".to_vec()));
    }
}
