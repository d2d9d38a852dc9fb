//! How much memory is asked for, as the allocator counts it.
//!
//! Every allocation of a program passes through its allocator. If that counts, "this took no
//! memory" is a measurement, the same on every system; and a process can be given a limit beyond
//! which allocations fail. A program chooses its own allocator, so the counting one is installed by
//! `main`, and the experiments get a [`Meter`] that reads it.

use std::alloc::System;
use std::hint::black_box;

use cap::Cap;

/// An allocator that counts, for `#[global_allocator]`.
pub type Allocator = Cap<System>;

/// The system's allocator, counted.
pub const fn allocator() -> Allocator {
    Cap::new(System, usize::MAX)
}

/// Reads the allocator of this program.
#[derive(Clone, Copy)]
pub struct Meter(&'static Allocator);

impl Meter {
    /// A meter for the allocator that this program has installed.
    ///
    /// # Panics
    /// If it is another one: it would always show 0.
    pub fn new(allocator: &'static Allocator) -> Meter {
        let meter = Meter(allocator);
        let (_, taken) = meter.taken_by(|| black_box(Box::new(0_u8)));
        assert!(taken > 0, "a meter reads the allocator that the program uses");
        meter
    }

    /// What `work` returns, and the bytes that were asked for meanwhile, whether or not they were
    /// given back. With other threads at work it counts theirs too.
    pub fn taken_by<T>(self, work: impl FnOnce() -> T) -> (T, usize) {
        let before = self.0.total_allocated();
        let result = work();
        (result, self.0.total_allocated().wrapping_sub(before))
    }

    /// From now on an allocation that would bring this process over `bytes` fails, as it does where
    /// a machine has no more. A process that holds more than that already keeps the limit it had.
    pub fn limit_to(self, bytes: usize) {
        // It fails in the case of the sentence above.
        let _ = self.0.set_limit(bytes);
    }
}
