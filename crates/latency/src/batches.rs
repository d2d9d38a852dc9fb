//! Items that a server takes in batches: how many it can take, and how long each waits.
//!
//! A call costs the server [`CALL`], whatever it holds, and [`ITEM`] for each item in it: a
//! transaction and its rows, a packet and its bytes, a write to the disk and its records. An item
//! comes every [`EVERY`].

use std::time::Duration;

/// What a call costs, however many items it holds.
pub const CALL: Duration = Duration::from_millis(5);
/// What each item adds.
pub const ITEM: Duration = Duration::from_micros(100);
/// How often an item comes.
pub const EVERY: Duration = Duration::from_millis(1);
/// How many come in all.
pub const ITEMS: u32 = 10_000;

/// When the client sends a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// As soon as it has this many items.
    Of(u32),
    /// As soon as the server is free, with whatever waits.
    WhatWaits,
}

/// How the items fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fared {
    /// The most items a second that the server could take in such batches. Those of what waits grow
    /// with the load, so it is what no size reaches.
    pub capacity: u64,
    /// How long an item took, from its coming to the end of its call.
    pub mean: Duration,
    /// How long the slowest took.
    pub worst: Duration,
}

/// Sends all items in such batches.
pub fn send(batch: Batch) -> Fared {
    let (mut sent, mut free_at) = (0, Duration::ZERO);
    let (mut sum, mut worst) = (Duration::ZERO, Duration::ZERO);
    while sent < ITEMS {
        let last = match batch {
            Batch::Of(size) => sent + size,
            // Those that have come when the server is free; at least the next one.
            Batch::WhatWaits => arrived_by(free_at).max(sent + 1),
        };
        let last = last.min(ITEMS);
        let begun = free_at.max(EVERY * (last - 1));
        free_at = begun + CALL + ITEM * (last - sent);
        for item in sent..last {
            let took = free_at - EVERY * item;
            (sum, worst) = (sum + took, worst.max(took));
        }
        sent = last;
    }
    let capacity = match batch {
        Batch::Of(size) => rate(size, CALL + ITEM * size),
        Batch::WhatWaits => rate(1, ITEM),
    };
    Fared { capacity, mean: sum / ITEMS, worst }
}

/// How many items a second that is.
fn rate(items: u32, time: Duration) -> u64 {
    (u128::from(items) * 1_000_000_000 / time.as_nanos()) as u64
}

/// How many items have come by then: the first comes at zero.
fn arrived_by(time: Duration) -> u32 {
    (time.as_nanos() / EVERY.as_nanos()) as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_waits_to_be_filled_and_a_small_one_for_the_server() {
        let [one, ten, thousand] = [1, 10, 1000].map(|size| send(Batch::Of(size)));
        let waits = send(Batch::WhatWaits);
        let capacities = [one, ten, thousand, waits].map(|fared| fared.capacity);
        assert_eq!(capacities, [196, 1_666, 9_523, 10_000]);
        // The last item waits for all before it: 5.1 ms each, and one comes each millisecond.
        assert_eq!(one.worst, (CALL + ITEM) * ITEMS - EVERY * (ITEMS - 1));
        // The first item of a batch waits for nine more, and then for the call.
        assert_eq!(ten.worst, EVERY * 9 + CALL + ITEM * 10);
        assert_eq!(ten.mean, EVERY * 9 / 2 + CALL + ITEM * 10);
        assert_eq!(thousand.worst, EVERY * 999 + CALL + ITEM * 1000);
    }

    #[test]
    fn what_waits_is_nearly_as_good_as_the_best_size() {
        let waits = send(Batch::WhatWaits);
        let fixed = || (1..=100).map(|size| send(Batch::Of(size)));
        let best_mean = fixed().map(|fared| fared.mean).min().unwrap();
        let best_worst = fixed().map(|fared| fared.worst).min().unwrap();
        assert!(waits.mean < best_mean * 11 / 10, "{waits:?} {best_mean:?}");
        assert!(waits.worst < best_worst * 11 / 10, "{waits:?} {best_worst:?}");
    }
}
