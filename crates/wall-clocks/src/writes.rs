//! Three machines write one value, and a store keeps the write with the latest stamp.

use std::time::Duration;

use common::timeline::Timeline;

use crate::machine::{MILLISECOND, Machine, true_wall};

/// A write, as its machine stamped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    /// The machine, by its letter.
    pub machine: char,
    /// How many nanoseconds its clock is ahead.
    pub ahead: i64,
    /// When it really happened, in nanoseconds since 1970.
    pub happened: i64,
    /// What its machine's wall clock said.
    pub stamp: i64,
    /// What it writes.
    pub value: &'static str,
}

/// Who writes what: the machine, by how many milliseconds its clock is ahead, and at which
/// millisecond it really does.
const WRITES: [(char, i64, u64, &str); 3] =
    [('A', 5, 996, "ann@old"), ('B', 0, 1_000, "ann@new"), ('C', -2, 1_001, "ann@newest")];

/// The writes, in the order in which they really happen.
pub fn three() -> Vec<Write> {
    let mut timeline = Timeline::new();
    for write in WRITES {
        timeline.at(Duration::from_millis(write.2), write);
    }
    let writes = timeline.map(|(now, (machine, ahead, _, value))| {
        let ahead = ahead * MILLISECOND;
        let stamp = Machine::new(ahead, 0).wall(now);
        Write { machine, ahead, happened: true_wall(now), stamp, value }
    });
    writes.collect()
}

/// The write that a store keeps by the rule that the last writer wins: the one with the largest
/// stamp, whichever arrives first.
pub fn winner(writes: &[Write]) -> Option<Write> {
    writes.iter().copied().max_by_key(|write| write.stamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::TEN;

    #[test]
    fn the_first_write_wins_by_a_clock_that_is_five_ms_fast() {
        let writes = three();
        let ten = true_wall(TEN);
        let stamps: Vec<_> = writes.iter().map(|write| write.stamp - ten).collect();
        assert_eq!(stamps, [1, 0, -1].map(|ms| ms * MILLISECOND));
        assert!(writes.is_sorted_by_key(|write| write.happened));
        assert_eq!(winner(&writes).map(|write| write.machine), Some('A'));
    }
}
