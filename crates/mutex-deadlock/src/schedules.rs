//! Every way in which the steps of a few threads can be interleaved, counted and judged.

use std::convert::Infallible;
use std::ops::ControlFlow::{self, Break, Continue};

use explore::threads::{Run, State, Threads};
use explore::{Model, Schedule, explore};

/// The outcomes of all interleavings of some threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored {
    /// How many there are: schedules after which no thread can do anything.
    pub ways: usize,
    /// How many of them end badly.
    pub bad: usize,
    /// The first that does, the shortest first.
    pub first_bad: Option<Schedule<Run>>,
}

/// Runs every interleaving of at most `longest` steps to its end, and judges where it ends.
pub fn every_way<M: Clone>(
    threads: &Threads<M>,
    longest: usize,
    is_bad: impl Fn(&State<M>) -> bool,
) -> Explored {
    let mut explored = Explored { ways: 0, bad: 0, first_bad: None };
    let Continue(()) = explore(threads, longest, |schedule, state| {
        if threads.actions(state).next().is_none() {
            explored.ways += 1;
            if is_bad(state) {
                explored.bad += 1;
                explored.first_bad.get_or_insert_with(|| schedule.clone());
            }
        }
        Continue::<Infallible>(())
    });
    explored
}

/// A schedule that returns to an earlier state, so that it need not terminate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// The steps, up to the return to the earlier state.
    pub schedule: Schedule<Run>,
    /// After how many of them that state was reached for the first time.
    pub since: usize,
}

/// The first circle of at most `longest` steps in which every one of the `count` threads makes a
/// step. A circle in which one of them stands still is only a slow thread.
pub fn first_circle<M: Clone + PartialEq>(
    threads: &Threads<M>,
    count: usize,
    longest: usize,
) -> Option<Circle> {
    let found = explore(threads, longest, |schedule, state| {
        let mut earlier = threads.start();
        for (since, run) in schedule.iter().enumerate() {
            let all_move = (0..count).all(|thread| schedule[since..].contains(&Run(thread)));
            if all_move && earlier == *state {
                let schedule = schedule.clone();
                return Break(Circle { schedule, since });
            }
            threads.apply(&mut earlier, run);
        }
        Continue(())
    });
    match found {
        ControlFlow::Break(circle) => Some(circle),
        ControlFlow::Continue(()) => None,
    }
}
