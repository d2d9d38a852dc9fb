//! Two locks and two threads: every interleaving of the mistake and of four cures.

use explore::Model;
use explore::Schedule;
use explore::threads::{Next, Run, Step, Threads};

use crate::schedules::{Circle, Explored, every_way, first_circle};

/// The locks of two accounts, each with its holder.
pub(crate) type Locks = [Option<usize>; 2];

/// The lock of Alice's account.
const ALICE: usize = 0;
/// The lock of Bob's account.
const BOB: usize = 1;
/// The names of the locks.
pub const NAMES: [&str; 2] = ["alice", "bob"];

/// The longest interleaving that is explored, in steps. Only threads that retry can make a longer
/// one.
pub const LONGEST: usize = 12;

/// The name of the cure to remember.
pub const IN_ORDER: &str = "one order for all";

/// What two threads do when they pay each other.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// Its name, in a few words.
    pub name: &'static str,
    /// Whether it goes on beyond [`LONGEST`].
    pub is_cut: bool,
    /// Its interleavings; a bad one ends with both threads waiting.
    pub explored: Explored,
    /// The shortest livelock, in which both go round and achieve nothing, if there is one.
    pub circle: Option<Circle>,
}

/// The mistake: each thread takes the payer's lock first.
pub fn opposite() -> Protocol {
    judged("opposite orders", &opposite_threads())
}

/// The threads of [`opposite`]: each takes its two locks and frees them.
pub(crate) fn opposite_threads() -> Threads<Locks> {
    Threads::new([None; 2])
        .thread(&[take::<ALICE>, take::<BOB>, free::<BOB>, free::<ALICE>])
        .thread(&[take::<BOB>, take::<ALICE>, free::<ALICE>, free::<BOB>])
}

/// The mistake and its cures.
pub fn compare() -> [Protocol; 5] {
    let in_order: [Step<Locks>; 4] = [take::<ALICE>, take::<BOB>, free::<BOB>, free::<ALICE>];
    let one_lock: [Step<Locks>; 2] = [take::<ALICE>, free::<ALICE>];
    // Each account is changed by an atomic step of its own.
    let no_lock: [Step<Locks>; 2] = [nothing_to_wait_for, nothing_to_wait_for];
    let by_two = |steps: &[Step<Locks>]| Threads::new([None; 2]).thread(steps).thread(steps);
    [
        opposite(),
        judged(IN_ORDER, &by_two(&in_order)),
        judged("try, free, try again", &trying()),
        judged("one lock for both", &by_two(&one_lock)),
        judged("no lock, two atomic steps", &by_two(&no_lock)),
    ]
}

/// Opposite orders again, but a thread that does not get its second lock before a timeout frees the
/// first one. In the model the timeout is zero.
fn trying() -> Threads<Locks> {
    Threads::new([None; 2])
        .thread(&[
            take::<ALICE>,
            try_take::<BOB>,
            free::<BOB>,
            free_and_end::<ALICE>,
            free_and_start_again::<ALICE>,
        ])
        .thread(&[
            take::<BOB>,
            try_take::<ALICE>,
            free::<ALICE>,
            free_and_end::<BOB>,
            free_and_start_again::<BOB>,
        ])
}

/// What the steps of [`trying`] are, in words: the first of them, up to where it goes round.
fn trying_in_words(thread: usize, step: usize) -> String {
    let [own, other] = if thread == 0 { NAMES } else { [NAMES[1], NAMES[0]] };
    match step {
        0 => format!("takes {own}"),
        1 => format!("fails to get {other}"),
        _ => format!("frees {own}"),
    }
}

/// The steps of a circle of threads that try: each thread, and what it does.
pub fn describe(circle: &Schedule<Run>) -> Vec<(usize, String)> {
    let threads = trying();
    let mut state = threads.start();
    let mut steps = Vec::new();
    for run in circle.iter() {
        steps.push((run.0, trying_in_words(run.0, state.at[run.0])));
        threads.apply(&mut state, run);
    }
    steps
}

fn judged(name: &'static str, threads: &Threads<Locks>) -> Protocol {
    let explored = every_way(threads, LONGEST, |state| !threads.is_done(state));
    let circle = first_circle(threads, 2, LONGEST);
    Protocol { name, is_cut: circle.is_some(), explored, circle }
}

fn take<const LOCK: usize>(locks: &mut Locks, thread: usize) -> Next {
    match locks[LOCK] {
        None => {
            locks[LOCK] = Some(thread);
            Next::Step
        }
        Some(_) => Next::Blocked,
    }
}

/// The step after a failed try: it frees the first lock.
const FREE_FIRST: usize = 4;
/// One more than the last step.
const END: usize = 5;

fn try_take<const LOCK: usize>(locks: &mut Locks, thread: usize) -> Next {
    match take::<LOCK>(locks, thread) {
        Next::Blocked => Next::Jump(FREE_FIRST),
        taken => taken,
    }
}

fn free<const LOCK: usize>(locks: &mut Locks, thread: usize) -> Next {
    assert_eq!(locks[LOCK].take(), Some(thread), "a thread unlocks only what it has locked");
    Next::Step
}

fn free_and_end<const LOCK: usize>(locks: &mut Locks, thread: usize) -> Next {
    free::<LOCK>(locks, thread);
    Next::Jump(END)
}

fn free_and_start_again<const LOCK: usize>(locks: &mut Locks, thread: usize) -> Next {
    free::<LOCK>(locks, thread);
    Next::Jump(0)
}

fn nothing_to_wait_for(_: &mut Locks, _: usize) -> Next {
    Next::Step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_orders_deadlock_and_no_cure_does() {
        let [opposite, cures @ ..] = compare();
        assert_eq!((opposite.explored.ways, opposite.explored.bad), (6, 2));
        assert_eq!(opposite.explored.first_bad.unwrap().to_string(), "a.b");
        for cure in cures {
            assert_eq!(cure.explored.bad, 0, "{}", cure.name);
            assert!(cure.explored.ways > 0, "{}", cure.name);
        }
    }

    #[test]
    fn threads_that_retry_can_livelock() {
        let circles: Vec<_> = compare().iter().map(|protocol| protocol.circle.clone()).collect();
        let [None, None, Some(circle), None, None] = &circles[..] else {
            panic!("{circles:?}");
        };
        assert_eq!((&*circle.schedule.to_string(), circle.since), ("a.b.a.b.a.b", 0));
        assert_eq!(
            describe(&circle.schedule)[2..4],
            [(0, "fails to get bob".to_owned()), (1, "fails to get alice".to_owned())]
        );
    }
}
