//! Looks up the names of peers in a thread, since the system's resolver blocks: the only thread
//! beside the loop.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use common::readiness::Stopper;

/// What a look-up found: for which of the peers, and its addresses.
pub(crate) type Found = (usize, io::Result<Vec<SocketAddr>>);

/// The look-ups in progress.
pub(crate) struct Names {
    found: Receiver<Found>,
    finder: Sender<Found>,
    waker: Stopper,
}

impl Names {
    /// Wakes the loop by `waker` when a name is found.
    pub(crate) fn new(waker: Stopper) -> Names {
        let (finder, found) = mpsc::channel();
        Names { found, finder, waker }
    }

    /// Begins to look up a name for the peer at this place. An address needs no look-up.
    pub(crate) fn look_up(&self, place: usize, name: &str) {
        let (finder, waker) = (self.finder.clone(), self.waker.clone());
        let found = move |addrs| {
            // The loop may have ended meanwhile.
            let _ = finder.send((place, addrs));
            waker.wake();
        };
        if let Ok(addr) = name.parse() {
            return found(Ok(vec![addr]));
        }
        let name = name.to_owned();
        let failed = self.finder.clone();
        let look_up = move || found(name.to_socket_addrs().map(Vec::from_iter));
        if let Err(error) = thread::Builder::new().spawn(look_up) {
            let _ = failed.send((place, Err(error)));
            self.waker.wake();
        }
    }

    /// The next name that was found.
    pub(crate) fn next_found(&self) -> Option<Found> {
        self.found.try_recv().ok()
    }
}
