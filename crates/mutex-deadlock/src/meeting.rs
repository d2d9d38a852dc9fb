//! A place where threads wait for each other, but not for ever.

use std::io;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::PATIENCE;

/// Where so many threads meet: each waits until all of them are there. It is a
/// [`std::sync::Barrier`] with a deadline.
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
    /// They did not come.
    pub(crate) fn arrive(&self) -> io::Result<()> {
        // A number is whole at any time, whoever panicked.
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        *missing = missing.saturating_sub(1);
        self.complete.notify_all();
        let (missing, _) = self
            .complete
            .wait_timeout_while(missing, PATIENCE, |missing| *missing > 0)
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
