//! The same decoder and the same handler with a thread for each connection, and in one event loop.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, ThreadId};

use common::frame::{DEFAULT_MAX_MESSAGE, Framing};
use common::readiness::Sockets;
use common::transport::{Connection, Deadline, Limits, Server, TransportError};

use crate::events;
use crate::serving::{REPLY_TIMEOUT, is_answered};
use crate::sides::{Model, echo};
use crate::{ANY_PORT, EXPERIMENT_TIMEOUT};

/// What clients observed that each sent a message and stayed, and who answered.
#[derive(Debug)]
pub struct Stayed {
    /// How many were answered, and connected at the end.
    pub answered: usize,
    /// In how many threads the handler ran.
    pub threads: usize,
}

/// Connects `clients`; each sends one message and stays.
///
/// # Errors
/// If a connection fails.
pub fn clients_that_stay(model: Model, clients: usize) -> Result<Stayed, TransportError> {
    let threads = Arc::new(Mutex::new(Vec::<ThreadId>::new()));
    let seen = Arc::clone(&threads);
    let answer = move |request: &[u8], reply: &mut Vec<u8>| {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let this = thread::current().id();
        if !seen.contains(&this) {
            seen.push(this);
        }
        echo(request, reply);
    };
    let answered = with_server(model, answer, |addr| {
        let mut connected = Vec::new();
        for _ in 0..clients {
            let mut client = connect(addr)?;
            client.exchange(b"hello", Deadline::after(EXPERIMENT_TIMEOUT))?;
            connected.push(client);
        }
        Ok(connected.len())
    })?;
    let threads = threads.lock().unwrap_or_else(PoisonError::into_inner).len();
    Ok(Stayed { answered, threads })
}

/// What a client observed while the handler of another client's message waited.
#[derive(Debug)]
pub struct Held {
    /// Whether it was answered while the handler waited. A loop got [`REPLY_TIMEOUT`] for it.
    pub meanwhile: bool,
    /// Whether it was answered once that handler had gone on.
    pub afterwards: bool,
}

/// The message whose handler waits.
const HOLD: &[u8] = b"hold";

/// The handler of one client's message waits until we release it. A second client sends "hello".
///
/// # Errors
/// If a connection fails in a way that the experiment is not about.
pub fn beside_a_held_handler(model: Model) -> Result<Held, TransportError> {
    let (entered, has_entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let answer = move |request: &[u8], reply: &mut Vec<u8>| {
        if request == HOLD {
            // The experiment holds the other ends, and its own end releases the handler.
            let _ = entered.send(());
            let _ = released.lock().unwrap_or_else(PoisonError::into_inner).recv();
        }
        echo(request, reply);
    };
    with_server(model, answer, |addr| {
        let deadline = Deadline::after(EXPERIMENT_TIMEOUT);
        let (mut holding, mut second) = (connect(addr)?, connect(addr)?);
        holding.send(HOLD, deadline)?;
        has_entered
            .recv_timeout(EXPERIMENT_TIMEOUT)
            .map_err(|_| TransportError::TimedOut { doing: "waiting for the handler" })?;
        // Where another thread can answer, only a busy machine makes the answer late.
        let timeout = match model {
            Model::Threads => EXPERIMENT_TIMEOUT,
            Model::Events => REPLY_TIMEOUT,
        };
        let meanwhile = is_answered(second.exchange(b"hello", Deadline::after(timeout)))?;
        drop(release);
        let afterwards = meanwhile || second.receive(deadline)?.is_some();
        holding.receive(deadline)?;
        Ok(Held { meanwhile, afterwards })
    })
}

/// Starts a server, visits it at its address, and stops it.
fn with_server<T>(
    model: Model,
    answer: impl Fn(&[u8], &mut Vec<u8>) + Send + Sync + 'static,
    visit: impl FnOnce(&str) -> Result<T, TransportError>,
) -> Result<T, TransportError> {
    let limits = Limits { idle: EXPERIMENT_TIMEOUT, ..Limits::default() };
    match model {
        Model::Threads => {
            let server = Server::bind(ANY_PORT, limits)?.spawn(Framing::Lines, answer);
            let seen = visit(&server.addr().to_string());
            server.stop()?;
            seen
        }
        Model::Events => {
            let sockets = Sockets::bind(ANY_PORT, Framing::Lines, limits)?;
            let (addr, stopper) = (sockets.local_addr().to_string(), sockets.stopper());
            let serving = thread::spawn(move || events::serve(sockets, answer, |_, _| {}));
            let seen = visit(&addr);
            stopper.stop();
            serving.join().expect("the loop does not panic")?;
            seen
        }
    }
}

fn connect(addr: &str) -> Result<Connection, TransportError> {
    let deadline = Deadline::after(EXPERIMENT_TIMEOUT);
    Connection::connect(addr, Framing::Lines, DEFAULT_MAX_MESSAGE, deadline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_serves_all_where_others_take_one_each() {
        let threads = clients_that_stay(Model::Threads, 8).unwrap();
        assert_eq!((threads.answered, threads.threads), (8, 8));
        let events = clients_that_stay(Model::Events, 8).unwrap();
        assert_eq!((events.answered, events.threads), (8, 1));
    }

    #[test]
    fn a_handler_that_waits_holds_up_a_loop_and_no_other_thread() {
        let threads = beside_a_held_handler(Model::Threads).unwrap();
        assert!(threads.meanwhile);
        let events = beside_a_held_handler(Model::Events).unwrap();
        assert!(!events.meanwhile && events.afterwards);
    }
}
