//! Exercise: a Lamport clock.
//!
//! Each node has one. The judge calls it once at every event of its node; what it returns is the
//! stamp of that event.
//!
//! | the event | the call |
//! |---|---|
//! | the node does something by itself | `tick` |
//! | it sends a message, which the stamp travels with | `send_timestamp` |
//! | a message arrives, and with it the stamp of its sending | `receive` |
//!
//! A stamp is one more than the largest stamp of all causes of its event, and 1 where there is no
//! cause. The causes are all that the node did before, and for a receipt the sending of its message
//! as well; and the causes of those. Messages arrive in any order, each once or not at all. The
//! `stamp` of a message was given by your code, to the sender, or by a peer that has run for
//! long: it is a number from 1 to `u64::MAX - 100`, and no clock goes further.
//!
//! The judge tries every small schedule, the shortest first, and shows the first event that is
//! stamped wrongly.
//!
//! To check it: `cargo run -- check lamport`

use checks::lamport::Clock;

/// The clock of one node.
pub struct LamportClock {
    time: u64,
}

impl Clock for LamportClock {
    fn new() -> LamportClock {
        LamportClock { time: 0 }
    }

    fn tick(&mut self) -> u64 {
        checks::unsolved!("the stamp of an event", self.time)
    }

    fn send_timestamp(&mut self) -> u64 {
        checks::unsolved!("the stamp of a sending", self.time)
    }

    fn receive(&mut self, stamp: u64) -> u64 {
        checks::unsolved!("the stamp of a receipt", self.time, stamp)
    }
}
