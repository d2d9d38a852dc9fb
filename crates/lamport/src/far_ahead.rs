//! A stamp that would exhaust a clock.

use common::clock::{ClockError, DEFAULT_MAX_JUMP};

use crate::runs::at;

/// A clock as it is often written: it believes every stamp. Its arithmetic stops where a 64-bit
/// number ends.
#[derive(Clone, Copy, Debug)]
struct Trusting {
    time: u64,
}

impl Trusting {
    fn tick(&mut self) -> Option<u64> {
        self.time = self.time.checked_add(1)?;
        Some(self.time)
    }

    fn receive(&mut self, stamp: u64) -> Option<u64> {
        self.time = self.time.max(stamp);
        self.tick()
    }
}

/// The results of two clocks that receive the same stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The stamp.
    pub stamp: u64,
    /// The trusting clock's time then, and at its next event; none where it has no number left.
    pub trusting: [Option<u64>; 2],
    /// The time of ours, or why it refuses.
    pub ours: Result<u64, ClockError>,
    /// The time of ours afterwards.
    pub ours_afterwards: u64,
}

/// Two clocks at `time` receive a stamp; ours takes stamps up to `max_jump` ahead.
pub fn receive(time: u64, max_jump: u64, stamp: u64) -> Received {
    let mut trusting = Trusting { time };
    let mut ours = at(time, max_jump);
    let heard = trusting.receive(stamp);
    let next = heard.and_then(|_| trusting.tick());
    Received {
        stamp,
        trusting: [heard, next],
        ours: ours.receive(stamp),
        ours_afterwards: ours.current_time(),
    }
}

/// The stamps that the lesson tries on a clock at `time`: one of an honest peer, the bound of ours
/// and one beyond it, and the last two there are.
pub fn stamps_to_try(time: u64) -> [u64; 5] {
    let bound = time + DEFAULT_MAX_JUMP;
    [9, bound, bound + 1, u64::MAX - 1, u64::MAX]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_stamps_overflow_a_trusting_clock() {
        let last_but_one = receive(5, DEFAULT_MAX_JUMP, u64::MAX - 1);
        assert_eq!(last_but_one.trusting, [Some(u64::MAX), None]);
        let last = receive(5, DEFAULT_MAX_JUMP, u64::MAX);
        assert_eq!(last.trusting, [None, None]);
        for seen in [last_but_one, last] {
            assert!(seen.ours.is_err());
            assert_eq!(seen.ours_afterwards, 5);
        }
    }

    #[test]
    fn the_bound_is_what_it_was_set_to() {
        assert_eq!(receive(5, 100, 105).ours, Ok(106));
        assert!(receive(5, 100, 106).ours.is_err());
    }
}
