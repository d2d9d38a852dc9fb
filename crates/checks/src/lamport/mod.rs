//! Lesson 15: a Lamport clock.
//!
//! The cases are schedules: what each node does, and when each message arrives. Every node has a
//! clock that is called at each of its events, and a message carries what its sending was stamped
//! with.
//!
//! What is right is worked out from the schedule as a whole: the stamp of an event is the length of
//! the longest chain of events that ends with it, each of which happened before the next
//! (`Case::stamps`). So the judge does not lean on any clock.
//!
//! * Of a stamp that is wrong, it is said whether some cause has one that is no smaller. Where none
//!   has, the clock keeps the promise as far as was seen, and is wrong in that it follows another
//!   rule than Lamport's.
//!
//! Left out: stamps that no clock gave. What a peer may do to a clock is a question of what to
//! refuse.

mod cases;
mod ladder;
mod mistakes;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod run;
mod screen;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;

use crate::{Exercise, Mistake, Screen, Unsolved};
use cases::{Case, Kind, LONGEST, MOST_NODES};
use run::{Seen, Wrong};

/// What the reader writes: the clock of one node, which is called once at each event of that node.
pub trait Clock {
    /// A clock at 0, before the first event.
    fn new() -> Self
    where
        Self: Sized;

    /// The stamp of an event that concerns this node alone.
    fn tick(&mut self) -> u64;

    /// The stamp of sending a message, which travels with it.
    fn send_timestamp(&mut self) -> u64;

    /// The stamp of receiving a message whose sending was stamped `stamp`.
    fn receive(&mut self, stamp: u64) -> u64;
}

/// What gives a node its clock.
pub type NewClock = fn() -> Box<dyn Clock>;

/// A new clock of this type, of whatever type.
pub fn new<C: Clock + 'static>() -> Box<dyn Clock> {
    Box::new(C::new())
}

/// The exercise of lesson 15.
#[derive(Clone, Copy, Debug)]
pub struct Lamport;

impl Exercise for Lamport {
    const NAME: &'static str = "lamport";
    const STUB: &'static str = include_str!("stub.rs");
    const REFERENCE: &'static str = include_str!("reference.rs");
    const HINTS: [&'static str; 3] = [
        "Which two events can come right before a receipt? Where does your clock find the number \
         of each?",
        "A receipt comes after the sending and after all that its own node did, so its stamp goes \
         past both. And every event ticks, whatever it is. The page has this under \"The rule, and \
         why it keeps its promise\".",
        "In tick add 1 to self.time and return it, and in send_timestamp do the same. In receive \
         set self.time to the larger of itself and stamp, and then tick.",
    ];
    const WHY: &'static str = "Each event adds at least 1 to what its node had reached, and a \
                               receipt goes past the stamp of the sending as well. So the number \
                               grows along every chain of causes, and a cause has a smaller stamp \
                               than its effect.";
    const ORDER: &'static str = "the shortest schedules come first";

    type Solution = NewClock;
    type Case = Case;
    type Seen = Seen;
    type Measure = usize;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn is_dangerous(_: &Case) -> bool {
        false
    }

    fn scope() -> String {
        format!(
            "every schedule of up to {MOST_NODES} nodes and up to {LONGEST} events, but for the \
             names of the nodes, which no clock knows"
        )
    }

    fn size(case: &Case) -> String {
        case.size()
    }

    fn measure(case: &Case) -> usize {
        case.events.len()
    }

    fn observe(solution: NewClock, case: &Case) -> Result<Seen, Unsolved> {
        run::observe(solution, case)
    }

    fn broken_rule(case: &Case, seen: &Seen) -> Option<&'static str> {
        let wrong = seen.first_wrong(case)?;
        Some(match (wrong.got, &seen.stopped) {
            (None, Some(stopped)) => stopped.rule(),
            _ => rule(case, &wrong),
        })
    }

    fn same_answers(one: &Seen, other: &Seen) -> bool {
        one == other
    }

    fn draw(case: &Case, seen: &Seen, screen: &mut Screen<'_>) -> io::Result<()> {
        screen::draw(case, seen, screen)
    }

    fn code(case: &Case) -> String {
        case.code()
    }

    fn parse(code: &str) -> Result<Case, String> {
        Case::parse(code)
    }

    fn mistakes() -> &'static [Mistake<NewClock>] {
        mistakes::ALL
    }
}

/// The rule that the first wrong stamp breaks. The promise is broken only where some cause shows
/// it.
fn rule(case: &Case, wrong: &Wrong) -> &'static str {
    let is_first = case.previous(wrong.place).is_none();
    match (case.events[wrong.place].kind, wrong.cause) {
        (Kind::Receive { .. }, Some(_)) => {
            "A cause has a smaller stamp than its effect. A receipt comes after the sending and \
             after all that its own node did: the larger of the two numbers, and then one more."
        }
        (Kind::Receive { .. }, None) => {
            "On receipt: the larger of the message's number and the clock's own, and then one \
             more. This stamp is above those of its causes, so the promise is kept here; it is not \
             Lamport's rule."
        }
        (_, None) if is_first && wrong.got < Some(wrong.want) => {
            "A clock starts at 0 and every event adds 1: where nothing happened before, the stamp \
             is 1."
        }
        (_, None) if is_first => {
            "A clock starts at 0 and every event adds 1, so the first stamp is 1. A larger one \
             breaks no promise; it is not Lamport's rule."
        }
        (Kind::Local, Some(_)) => {
            "A cause has a smaller stamp than its effect. What a node does follows all that it did \
             before: one more than its last stamp."
        }
        (Kind::Send { .. }, Some(_)) => {
            "A cause has a smaller stamp than its effect. To send is an event, which follows all \
             that its node did before: one more than its last stamp."
        }
        (_, None) => {
            "An event that is no receipt gets one more than its node's last stamp. This one is \
             above those of its causes, so the promise is kept here; it is not Lamport's rule."
        }
    }
}

#[cfg(test)]
mod tests;
