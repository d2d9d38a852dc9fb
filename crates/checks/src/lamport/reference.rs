//! Exercise: a Lamport clock. One way to write it.

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
        self.time += 1;
        self.time
    }

    fn send_timestamp(&mut self) -> u64 {
        self.tick()
    }

    fn receive(&mut self, stamp: u64) -> u64 {
        self.time = self.time.max(stamp);
        self.tick()
    }
}
