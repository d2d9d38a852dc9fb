//! Exercise: a Lamport clock.
//!
//! Each node has one. It starts at 0, and the judge calls it once at every event of its node; what it returns is the
//! stamp of that event. No other number is asked for.
//!
//! | the event | the call | its stamp |
//! |---|---|---|
//! | the node does something by itself | `tick` | one more than the clock was at |
//! | it sends a message | `send_timestamp` | the same; it travels with the message |
//! | a message stamped `stamp` arrives | `receive` | one more than the larger of `stamp` and what the clock was at |
//!
//! After each event the clock is at the stamp that it gave. Every `stamp` was given by your own code, to the sender. A
//! node's first event, if it is no receipt, is stamped 1. Messages arrive in any order, each once or not at all.
//!
//! The judge tries every small schedule, the shortest first, and shows the first event that is stamped wrongly.
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
