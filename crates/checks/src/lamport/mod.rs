//! Lesson 15: a Lamport clock.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | events | every schedule of up to 3 nodes and 5 events | messages that arrive late, or never |
//! | the node's own events before | 0, 3, 300, 70,000 | beyond 8 and 16 bits |
//! | `stamp` | a clock's; a peer's, 1 to `u64::MAX - 100` | around 2^8 to 2^63; equal; falling |
//!
//! Compared is every stamp that a call returns. The nodes of a schedule are clocks that exist at
//! the same time. Schedules that differ only in the names of their nodes are tried once, for no
//! clock knows a name.
//!
//! What is right is computed from the schedule as a whole: the stamp of an event is one more than
//! the largest of all that happened before it. So the judge does not lean on any clock.

mod bugs;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;
mod wrong;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use explore::messages::{Action, Messages, Schedule, trace_of};
use explore::schedule::ParseError;
use trace::Trace;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_end};
use crate::numbers::EDGES;
use crate::{Screen, plural};
use wrong::Wrong;

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

/// The program of the exercise.
pub fn main<C: Clock + 'static>() -> ExitCode {
    judge(Arc::new(|| Box::new(C::new())))
}

/// Not generic, so that the judge is compiled here, and not with each save of the reader's file.
fn judge(new: NewClock) -> ExitCode {
    crate::program::main::<Lamport>(new)
}

/// What gives a node its clock.
type NewClock = Arc<dyn Fn() -> Box<dyn Clock> + Send + Sync>;

/// The nodes of the small schedules, and the most events of one.
const NODES: usize = 3;
const EVENTS: usize = 5;

/// The most events of a schedule that a reader may ask for: the page's are among them.
const MOST_EVENTS: usize = 12;

/// The largest stamp of a peer.
const MOST: u64 = u64::MAX - 100;

/// What happens, and where it starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    schedule: Schedule,
    /// Events of a, by itself, before the schedule.
    before: u64,
    /// The stamps of what b sends, where b is a peer whose clock is not the reader's.
    peer: Vec<u64>,
}

impl Case {
    fn of(schedule: Schedule) -> Case {
        Case { schedule, before: 0, peer: Vec::new() }
    }

    fn trace(&self) -> Trace {
        trace_of(&self.schedule.to_string()).expect("a case is a schedule that can happen")
    }

    fn is_peer(&self, node: usize) -> bool {
        node == 1 && !self.peer.is_empty()
    }
}

/// The schedules of a with a peer: it receives, and goes on.
fn beside_a_peer() -> impl Iterator<Item = Case> {
    // A second message may be stamped one more.
    let edges = EDGES.into_iter().filter(|edge| *edge < MOST).chain([MOST - 1]);
    let large = edges.flat_map(|stamp| {
        [
            ("ba.1.a.ab", 0, vec![stamp]),
            ("ba.1.ba.2.a", 3, vec![stamp, stamp]),
            ("ba.1.ba.2.a", 0, vec![stamp, 1]),
            ("ba.ba.1.2.ab", 3, vec![stamp, stamp + 1]),
            ("ba.ba.2.1.ab", 3, vec![stamp, stamp + 1]),
        ]
    });
    let long = [300, 70_000].into_iter().flat_map(|before| {
        [1, before - 1, before, before + 1].map(|stamp| ("ba.1.a.ab", before, vec![stamp]))
    });
    large.chain(long).map(|(schedule, before, peer)| Case {
        schedule: schedule.parse().expect("it is a schedule"),
        before,
        peer,
    })
}

/// The exercise of lesson 15.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lamport;

impl Exercise for Lamport {
    const ABOUT: About = About {
        name: "lamport",
        functions: 3,
        hints: include_str!("hints.txt"),
        why: "Each event adds at least 1 to what its node had reached, and a receipt goes past the \
              stamp of the sending as well. So the number grows along every chain of causes, and a \
              cause has a smaller stamp than its effect.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = NewClock;
    type Case = Case;
    type Answer = Vec<u64>;
    /// The stamps so far.
    type Observation = Vec<u64>;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        let small = Messages::between(NODES).unnamed(EVENTS);
        small.into_iter().map(Case::of).chain(beside_a_peer())
    }

    fn scope() -> String {
        format!(
            "every schedule of up to {NODES} nodes and up to {EVENTS} events (schedules that \
             differ only in the names of the nodes count once); and a node after up to 70,000 \
             events of its own, with a peer whose stamps go up to 2^64 - 101"
        )
    }

    fn call(new: &NewClock, case: &Case, stamps: &mut Vec<u64>) -> Vec<u64> {
        let mut clocks: Vec<_> = (0..NODES).map(|_| new()).collect();
        for _ in 0..case.before {
            clocks[0].tick();
        }
        let mut peer = case.peer.iter();
        let mut sent = Vec::new();
        for action in case.schedule.iter() {
            let stamp = match *action {
                Action::Local(node) => clocks[node].tick(),
                Action::Send { from, .. } if case.is_peer(from) => {
                    *peer.next().expect("a stamp for each message of the peer")
                }
                Action::Send { from, .. } => clocks[from].send_timestamp(),
                Action::Deliver(number) | Action::DeliverCopy(number) | Action::Lose(number) => {
                    let (to, stamp): (usize, u64) = sent[number - 1];
                    clocks[to].receive(stamp)
                }
            };
            if let Action::Send { to, .. } = *action {
                sent.push((to, stamp));
            }
            stamps.push(stamp);
        }
        stamps.clone()
    }

    fn expected(case: &Case) -> Vec<u64> {
        let trace = case.trace();
        let before = trace.happened_before();
        let mut peer = case.peer.iter();
        let mut stamps: Vec<u64> = Vec::new();
        for (place, event) in trace.events().iter().enumerate() {
            if case.is_peer(event.node) {
                stamps.extend(peer.next());
                continue;
            }
            let causes = (0..place).filter(|&cause| before.holds(cause, place));
            let own = if event.node == 0 { case.before } else { 0 };
            let largest = causes.map(|cause| stamps[cause]).max().unwrap_or(0).max(own);
            stamps.push(largest + 1);
        }
        stamps
    }

    fn rule(case: &Case, got: &Vec<u64>, _: &Vec<u64>) -> Rule {
        let wrong = Wrong::first(case, &Self::expected(case), got);
        wrong.expect("a wrong answer has a wrong stamp").rule()
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> NewClock {
        Arc::new(move || Box::new(bugs::Buggy::starting(bugs)))
    }

    fn reference() -> NewClock {
        Arc::new(|| Box::new(reference::LamportClock::new()))
    }

    fn title(case: &Case) -> String {
        let events = plural(case.schedule.len(), "event");
        match (case.before, &case.peer[..]) {
            (0, []) => events,
            (0, _) => format!("{events} beside a peer"),
            (before, _) => format!("{events} after {before} of a's own"),
        }
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let mut lines = vec![("events", case.schedule.to_string())];
        if case.before > 0 {
            lines.push(("before", format!("a has done {} things by itself", case.before)));
        }
        if !case.peer.is_empty() {
            let stamps = Self::words(&case.peer);
            lines.push(("peer", format!("b, whose clock has run for long; its stamps: {stamps}")));
        }
        lines
    }

    fn words(stamps: &Vec<u64>) -> String {
        let stamps: Vec<_> = stamps.iter().map(u64::to_string).collect();
        stamps.join(" ")
    }

    fn draw(
        case: &Case,
        want: &Vec<u64>,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        let Some(seen) = seen else { return draw_unanswered(case, want, screen) };
        let got = &seen.observation;
        let wrong = Wrong::first(case, want, got);
        let shown = wrong.as_ref().map_or(want.len(), |wrong| wrong.place + 1);
        let labels = (0..shown).map(|place| match &wrong {
            Some(wrong) if wrong.place == place => "?".to_owned(),
            _ => want[place].to_string(),
        });
        let head = Case::of(case.schedule[..shown].to_vec().into());
        screen.picture(&head.trace().with_labels(labels).ladder(screen.width() - 2))?;
        let mut lines = Self::describe(case).split_off(1);
        let Some(wrong) = wrong else {
            if !lines.is_empty() {
                screen.line("")?;
            }
            return screen.all_labelled(&lines);
        };
        if shown < want.len() {
            let drawn =
                format!("events 1 to {shown} of {}, up to the first wrong stamp", want.len());
            lines.push(("drawn", drawn));
        }
        screen.line("")?;
        screen.all_labelled(&lines)?;
        screen.labelled("event", &wrong.event())?;
        let stamp = got.get(wrong.place).map(u64::to_string);
        draw_end(&want[wrong.place].to_string(), stamp, Some(seen), "stamp", screen)?;
        match wrong.cause {
            Some(cause) => screen.labelled("cause", &wrong.promise(cause)),
            None => Ok(()),
        }
    }

    fn replay_string(case: &Case) -> Option<String> {
        (case.before == 0 && case.peer.is_empty()).then(|| case.schedule.to_string())
    }

    fn parse(text: &str) -> Result<Case, String> {
        let schedule: Schedule = text.parse().map_err(|error: ParseError| error.to_string())?;
        if schedule.len() > MOST_EVENTS {
            return Err(format!("it has more than {MOST_EVENTS} events"));
        }
        let once = |action: &Action| !matches!(action, Action::DeliverCopy(_) | Action::Lose(_));
        if schedule.is_empty() {
            return Err("it has no events".to_owned());
        }
        if !schedule.iter().all(once) {
            return Err("here a message arrives once: 1, not 1x or 1c".to_owned());
        }
        let trace = trace_of(text).map_err(|error| error.to_string())?;
        if trace.nodes().len() > NODES {
            return Err(format!("it has more than {NODES} nodes, a to c"));
        }
        Ok(Case::of(schedule))
    }
}

/// Draws a case of which no stamp was seen. What the reader's code was asked last has a `?`: in a
/// small schedule that is its last event, and beside a peer it may be each event of a.
fn draw_unanswered(case: &Case, want: &[u64], screen: &mut Screen<'_>) -> io::Result<()> {
    let trace = case.trace();
    let is_small = case.peer.is_empty();
    let is_asked = |place: usize| match is_small {
        true => place + 1 == want.len(),
        false => !case.is_peer(trace.events()[place].node),
    };
    let stamp = |place: usize| want[place].to_string();
    let labels = (0..want.len()).map(|place| match is_asked(place) {
        true => "?".to_owned(),
        false => stamp(place),
    });
    screen.picture(&trace.clone().with_labels(labels).ladder(screen.width() - 2))?;
    screen.line("")?;
    screen.all_labelled(&Lamport::describe(case)[1..])?;
    let asked: Vec<_> = (0..want.len()).filter(|&place| is_asked(place)).map(stamp).collect();
    screen.row("", "want", &asked.join(" "))
}

#[cfg(test)]
mod tests;
