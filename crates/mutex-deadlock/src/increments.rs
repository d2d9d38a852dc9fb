//! Two threads add 1 to one variable: every interleaving of four ways to do it.

use explore::Model;
use explore::threads::{Next, Step, Threads};

use crate::schedules::{Explored, every_way};

/// What two threads share, and what each keeps to itself.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The variable.
    shared: u64,
    /// A register for each thread.
    register: [u64; 2],
    /// The thread that holds the mutex, if there is one.
    holder: Option<usize>,
}

/// One way to add 1, as atomic steps.
#[derive(Clone, Copy, Debug)]
pub struct Increment {
    /// Its steps in words.
    pub name: &'static str,
    steps: &'static [(&'static str, Step<Memory>)],
}

/// What `counter += 1` is to the machine: three steps.
pub const PLAIN: Increment = Increment {
    name: "read, add, write",
    steps: &[("read", read), ("add", add), ("write", write)],
};

/// An atomic that is read by one call and written by another.
pub const LOAD_STORE: Increment =
    Increment { name: "load, then store", steps: &[("load", read), ("store", store)] };

/// An atomic that is changed by one call.
pub const FETCH_ADD: Increment =
    Increment { name: "fetch_add", steps: &[("fetch_add", fetch_add)] };

/// The three steps with a mutex around them.
pub const LOCKED: Increment = Increment {
    name: "lock, read, add, write, unlock",
    steps: &[("lock", lock), ("read", read), ("add", add), ("write", write), ("unlock", unlock)],
};

impl Increment {
    /// Every interleaving of two threads that do this once each. It ends badly if the variable is
    /// not 2 then.
    pub fn explored(&self) -> Explored {
        let threads = self.by_two();
        every_way(&threads, 2 * self.steps.len(), |state| state.memory.shared != 2)
    }

    fn by_two(&self) -> Threads<Memory> {
        let steps: Vec<_> = self.steps.iter().map(|(_, step)| *step).collect();
        Threads::new(Memory::default()).thread(&steps).thread(&steps)
    }
}

/// One step of an interleaving, and what it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The thread that made it, from 0.
    pub thread: usize,
    /// What it did.
    pub does: &'static str,
    /// The register of that thread afterwards.
    pub register: u64,
    /// The variable afterwards.
    pub shared: u64,
    /// Whether it wrote over a change of the other thread's that it has never seen.
    pub loses: bool,
}

/// The first interleaving of [`PLAIN`] that loses an update, step by step.
pub fn first_lost() -> Vec<Moment> {
    let threads = PLAIN.by_two();
    let mut state = threads.start();
    let lost = PLAIN.explored().first_bad;
    let mut moments = Vec::new();
    for run in lost.iter().flat_map(|schedule| schedule.iter()) {
        let (does, _) = PLAIN.steps[state.at[run.0]];
        let before = state.memory.shared;
        threads.apply(&mut state, run);
        moments.push(Moment {
            thread: run.0,
            does,
            register: state.memory.register[run.0],
            shared: state.memory.shared,
            loses: does == "write" && state.memory.shared <= before,
        });
    }
    moments
}

fn read(memory: &mut Memory, thread: usize) -> Next {
    memory.register[thread] = memory.shared;
    Next::Step
}

fn add(memory: &mut Memory, thread: usize) -> Next {
    memory.register[thread] += 1;
    Next::Step
}

fn write(memory: &mut Memory, thread: usize) -> Next {
    memory.shared = memory.register[thread];
    Next::Step
}

fn store(memory: &mut Memory, thread: usize) -> Next {
    memory.shared = memory.register[thread] + 1;
    Next::Step
}

fn fetch_add(memory: &mut Memory, _: usize) -> Next {
    memory.shared += 1;
    Next::Step
}

fn lock(memory: &mut Memory, thread: usize) -> Next {
    match memory.holder {
        None => {
            memory.holder = Some(thread);
            Next::Step
        }
        Some(_) => Next::Blocked,
    }
}

fn unlock(memory: &mut Memory, thread: usize) -> Next {
    assert_eq!(memory.holder.take(), Some(thread), "a thread unlocks only what it has locked");
    Next::Step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_separate_reads_and_writes_lose_updates() {
        for (increment, ways, lost) in
            [(PLAIN, 20, 18), (LOAD_STORE, 6, 4), (FETCH_ADD, 2, 0), (LOCKED, 2, 0)]
        {
            let explored = increment.explored();
            assert_eq!((explored.ways, explored.bad), (ways, lost), "{}", increment.name);
        }
    }

    #[test]
    fn the_first_interleaving_that_loses_writes_1_twice() {
        let moments = first_lost();
        let steps: Vec<_> = moments
            .iter()
            .map(|moment| (moment.thread, moment.does, moment.register, moment.shared))
            .collect();
        assert_eq!(
            steps,
            [
                (0, "read", 0, 0),
                (0, "add", 1, 0),
                (1, "read", 0, 0),
                (0, "write", 1, 1),
                (1, "add", 1, 1),
                (1, "write", 1, 1),
            ]
        );
        let losing = moments.iter().position(|moment| moment.loses);
        assert_eq!(losing, Some(5));
    }
}
