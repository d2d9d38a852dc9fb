//! A place where threads wait for each other, up to a timeout.

use std::io;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::EXPERIMENT_TIMEOUT;

/// Where n threads meet: each waits until all of them are there. It is a [`std::sync::Barrier`]
/// with a deadline.
#[derive(Debug)]
pub(crate) struct Meeting {
    missing: Mutex<usize>,
    complete: Condvar,
}

impl Meeting {
    pub(crate) fn of(threads: usize) -> Meeting {
        Meeting { missing: Mutex::new(threads), complete: Condvar::new() }
    }

    /// Waits for the others.
    ///
    /// # Errors
    /// If they do not arrive in time.
    pub(crate) fn arrive(&self) -> io::Result<()> {
        // A number is valid at any time, even after a panic.
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        *missing = missing.saturating_sub(1);
        self.complete.notify_all();
        let (missing, _) = self
            .complete
            .wait_timeout_while(missing, EXPERIMENT_TIMEOUT, |missing| *missing > 0)
            .unwrap_or_else(PoisonError::into_inner);
        match *missing {
            0 => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "another thread did not come to the meeting",
            )),
        }
    }
}
