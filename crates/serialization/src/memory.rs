//! How much memory is asked for, as the allocator counts it.
//!
//! Every allocation of a program that is linked with this crate passes through one counter. So "this took no memory"
//! is a number and not a hope, the same on every system; and a process can be given a limit beyond which the
//! allocator says no.

use std::alloc::System;

use cap::Cap;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// What `work` returns, and the bytes that were asked for meanwhile, whether or not they were given back. With other
/// threads at work it counts theirs too.
pub fn taken_by<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.total_allocated();
    let result = work();
    (result, MEMORY.total_allocated().wrapping_sub(before))
}

/// From now on an allocation that would bring this process over `bytes` fails, as it does where a machine has no more.
/// A process that holds more than that already keeps the limit it had.
pub fn limit_to(bytes: usize) {
    // It fails in the case that the sentence above tells.
    let _ = MEMORY.set_limit(bytes);
}

/// Held by the tests that count memory or take much of it: they run in threads of one process.
#[cfg(test)]
pub(crate) static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_counted() {
        const SIZE: usize = 32 << 20;
        let _alone = ALONE.lock().unwrap();
        let (vec, taken) = taken_by(|| Vec::<u8>::with_capacity(SIZE));
        assert!(vec.capacity() >= SIZE && taken >= SIZE, "{taken}");
    }
}
