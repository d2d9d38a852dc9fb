//! The two threads and the two locks of the deadlock as a space-time diagram: a schedule of the
//! model, drawn. A thread that asks a lock sends a message, and holds the lock when the answer
//! arrives. A thread that waits is one that gets no answer.

use explore::schedule::{ScheduleError, letter};
use explore::threads::Run;
use explore::{Model, Schedule, replay};
use trace::{Event, Trace};

use crate::cures::{NAMES, opposite_threads};

/// How a schedule is written, for an error.
pub const SYNTAX: &str = "between dots: a runs the next step of thread a, b that of thread b; each \
                          takes its first lock, takes its second, frees that and then the first";

/// The columns: a thread stands beside the lock that it takes first.
const COLUMNS: [&str; 4] = ["thread a", "lock alice", "lock bob", "thread b"];

/// The steps of each thread: a lock is taken or freed.
const STEPS: [(bool, Order); 4] =
    [(true, Order::First), (true, Order::Second), (false, Order::Second), (false, Order::First)];

/// A lock by the place at which its thread takes it.
#[derive(Clone, Copy)]
enum Order {
    First,
    Second,
}

/// The trace of a schedule string of two threads that take two locks in opposite orders. At its
/// end, a thread whose next lock is held by the other asks for it and waits.
///
/// # Errors
/// [`ScheduleError`] names the first invalid action.
pub fn trace_of(schedule: &str) -> Result<Trace, ScheduleError> {
    let schedule: Schedule<Run> = schedule.parse()?;
    let threads = opposite_threads();
    replay(&threads, &schedule)?;
    let mut diagram = Diagram { trace: Trace::new(COLUMNS), messages: 0 };
    let mut state = threads.start();
    for run in schedule.iter() {
        diagram.step(run.0, state.at[run.0]);
        threads.apply(&mut state, run);
    }
    for thread in 0..2 {
        let asks = STEPS.get(state.at[thread]).filter(|(takes, _)| *takes);
        if let Some((_, order)) = asks
            && state.memory[lock_of(thread, *order)].is_some()
        {
            diagram.wait(thread, lock_of(thread, *order));
        }
    }
    Ok(diagram.trace)
}

/// Thread a takes Alice's lock first, thread b Bob's.
fn lock_of(thread: usize, order: Order) -> usize {
    match order {
        Order::First => thread,
        Order::Second => 1 - thread,
    }
}

/// The thread's column.
fn thread_at(thread: usize) -> usize {
    [0, 3][thread]
}

/// The lock's column.
fn lock_at(lock: usize) -> usize {
    1 + lock
}

struct Diagram {
    trace: Trace,
    messages: usize,
}

impl Diagram {
    fn step(&mut self, thread: usize, step: usize) {
        let (takes, order) = STEPS[step];
        let lock = lock_of(thread, order);
        if takes {
            let held = format!("held by {}", letter(thread));
            self.message((thread_at(thread), "lock"), (lock_at(lock), &held));
            self.message((lock_at(lock), ""), (thread_at(thread), &format!("has {}", NAMES[lock])));
        } else {
            self.message((thread_at(thread), "unlock"), (lock_at(lock), "free"));
        }
    }

    fn wait(&mut self, thread: usize, lock: usize) {
        let waits = format!("{} waits", letter(thread));
        self.message((thread_at(thread), "lock"), (lock_at(lock), &waits));
    }

    /// A message from one column to another, with the text beside each of its ends.
    fn message(&mut self, (from, sends): (usize, &str), (to, receives): (usize, &str)) {
        self.messages += 1;
        let message = format!("m{}", self.messages);
        let ends = [
            Event::send(from, to, &*message).label(sends),
            Event::receive(to, &*message).label(receives),
        ];
        for end in ends {
            self.trace.push(end).expect("each message has its own name, and is sent first");
        }
    }
}

#[cfg(test)]
mod tests {
    use trace::Kind;

    use super::*;

    fn received(schedule: &str) -> Vec<String> {
        let trace = trace_of(schedule).unwrap();
        let events = trace.events().iter();
        let received = events.filter(|event| matches!(event.kind, Kind::Receive { .. }));
        received.map(|event| format!("{}: {}", COLUMNS[event.node], event.label)).collect()
    }

    #[test]
    fn in_a_deadlock_each_waits_for_what_the_other_holds() {
        assert_eq!(
            received("a.b"),
            [
                "lock alice: held by a",
                "thread a: has alice",
                "lock bob: held by b",
                "thread b: has bob",
                "lock bob: a waits",
                "lock alice: b waits",
            ]
        );
    }

    #[test]
    fn one_thread_after_the_other_does_not_wait() {
        let received = received("a.a.a.a.b.b.b.b");
        assert_eq!(received.len(), 2 * (2 + 2 + 1 + 1));
        assert!(received.iter().all(|text| !text.ends_with("waits")), "{received:?}");
    }

    #[test]
    fn a_step_that_has_to_wait_is_an_invalid_action() {
        assert!(matches!(trace_of("a.b.a"), Err(ScheduleError::InvalidAction(_))));
        assert!(matches!(trace_of("a.1"), Err(ScheduleError::Parse(_))));
    }
}
