//! What interleavings leave out: a store that takes effect for the other thread only later.
//!
//! In an interleaving a step takes effect for both threads at once. A processor may keep a store in
//! a buffer while its thread goes on to the next step. The compiler may reorder instructions with
//! the same effect. Two small programs show the difference, each explored with three rules for
//! stores:
//!
//! * *Store and load*: thread a stores 1 in x and then loads y, thread b stores 1 in y and then
//!   loads x. It goes wrong where both load 0. x86 processors do this (P. Sewell and others,
//!   "x86-TSO", Communications of the ACM 53(7), 2010).
//! * *Data and flag*: thread a stores data and then sets a flag, thread b loads the flag and then
//!   the data. It goes wrong where b sees the flag and not the data.
//!
//! The models show that an outcome is possible. That an outcome is impossible is promised by the
//! documentation of [`std::sync::atomic::Ordering`]; the models agree with it for these two
//! programs. Left out: loads that are reordered, and orders of stores on which two other threads
//! disagree.

use explore::threads::{Next, Step, Threads};

use crate::schedules::{Explored, every_way};

/// Two variables, the stores that have not taken effect, and what was loaded.
#[derive(Clone, Debug, Default)]
struct Memory {
    shared: [u64; 2],
    /// Whether a store of 1 to this variable is in its thread's buffer.
    buffered: [bool; 2],
    loaded: [u64; 2],
}

/// A choice of memory orderings for all loads and stores of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordering {
    /// A store takes effect for every thread before its own thread's next step.
    SeqCst,
    /// Stores are buffered. Those of one thread take effect in their order.
    ReleaseAcquire,
    /// Stores are buffered, and take effect in any order.
    Relaxed,
}

/// The interleavings of both programs; the bad ones are those that go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    /// The ordering of their loads and stores.
    pub ordering: Ordering,
    /// *Store and load*: both load 0.
    pub both_load_0: Explored,
    /// *Data and flag*: the flag without the data.
    pub flag_without_data: Explored,
}

/// Both programs, with each of the orderings.
pub fn compare() -> [Programs; 3] {
    [Ordering::SeqCst, Ordering::ReleaseAcquire, Ordering::Relaxed].map(|ordering| Programs {
        ordering,
        both_load_0: store_and_load(ordering),
        flag_without_data: data_and_flag(ordering),
    })
}

impl Ordering {
    /// Its name in Rust. Stores are Release and loads are Acquire.
    pub fn name(self) -> &'static str {
        match self {
            Ordering::SeqCst => "SeqCst",
            Ordering::ReleaseAcquire => "Release, Acquire",
            Ordering::Relaxed => "Relaxed",
        }
    }

    fn store<const VARIABLE: usize>(self) -> Step<Memory> {
        if self == Ordering::SeqCst { store::<VARIABLE> } else { buffer::<VARIABLE> }
    }
}

fn store_and_load(ordering: Ordering) -> Explored {
    let threads = Threads::new(Memory::default())
        .thread(&[ordering.store::<0>(), load::<1>])
        .thread(&[ordering.store::<1>(), load::<0>]);
    // The stores are in different buffers, so no ordering keeps one behind the other.
    let threads = with_buffers(threads, ordering, take_effect::<1>);
    every_way(&threads, 6, |state| state.memory.loaded == [0, 0])
}

fn data_and_flag(ordering: Ordering) -> Explored {
    const DATA: usize = 0;
    const FLAG: usize = 1;
    let threads = Threads::new(Memory::default())
        .thread(&[ordering.store::<DATA>(), ordering.store::<FLAG>()])
        .thread(&[load::<FLAG>, load::<DATA>]);
    let flag = match ordering {
        Ordering::Relaxed => take_effect::<FLAG>,
        Ordering::ReleaseAcquire | Ordering::SeqCst => take_effect_second::<FLAG>,
    };
    let threads = with_buffers(threads, ordering, flag);
    every_way(&threads, 6, |state| {
        let [data, flag] = state.memory.loaded;
        (flag, data) == (1, 0)
    })
}

/// What happens to a buffered store is decided by no thread of the program, so each store has a
/// thread of the model.
fn with_buffers(
    threads: Threads<Memory>,
    ordering: Ordering,
    second: Step<Memory>,
) -> Threads<Memory> {
    match ordering {
        Ordering::SeqCst => threads,
        _ => threads.thread(&[take_effect::<0>]).thread(&[second]),
    }
}

fn store<const VARIABLE: usize>(memory: &mut Memory, _: usize) -> Next {
    memory.shared[VARIABLE] = 1;
    Next::Step
}

fn buffer<const VARIABLE: usize>(memory: &mut Memory, _: usize) -> Next {
    memory.buffered[VARIABLE] = true;
    Next::Step
}

fn load<const VARIABLE: usize>(memory: &mut Memory, _: usize) -> Next {
    memory.loaded[VARIABLE] = memory.shared[VARIABLE];
    Next::Step
}

fn take_effect<const VARIABLE: usize>(memory: &mut Memory, thread: usize) -> Next {
    match std::mem::take(&mut memory.buffered[VARIABLE]) {
        true => store::<VARIABLE>(memory, thread),
        false => Next::Blocked,
    }
}

/// Only after the store to the other variable, which was buffered first.
fn take_effect_second<const VARIABLE: usize>(memory: &mut Memory, thread: usize) -> Next {
    match memory.buffered[1 - VARIABLE] {
        true => Next::Blocked,
        false => take_effect::<VARIABLE>(memory, thread),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ordering_forbids_what_it_promises_to_and_no_more() {
        let found = compare().map(|programs| {
            let possible = |explored: Explored| explored.bad > 0;
            (possible(programs.both_load_0), possible(programs.flag_without_data))
        });
        assert_eq!(found, [(false, false), (true, false), (true, true)]);
    }

    #[test]
    fn every_interleaving_is_counted() {
        let [seq_cst, release, relaxed] = compare();
        // Two threads of two steps; with buffers, each store takes effect in one more.
        assert_eq!((seq_cst.both_load_0.ways, seq_cst.flag_without_data.ways), (6, 6));
        assert_eq!((release.both_load_0.ways, relaxed.both_load_0.ways), (80, 80));
    }
}
