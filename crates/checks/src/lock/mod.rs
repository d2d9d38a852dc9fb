//! Lesson 20: may a node enter, given its request, the queue and what it has heard?
//!
//! | what varies | range | special |
//! |---|---|---|
//! | nodes | two that each want the lock twice; three, of which any two want it once | |
//! | what has happened | every reachable state, messages of a link in order | the nearest first |
//! | `request`, `queue`, `heard` | what a node can know that waits | equal times; nothing heard |
//! | times | from 1 on | around 2^8 to 2^63; up to `u64::MAX - 100` |
//!
//! Compared is the answer of a node that has just asked or received. States in which it knows the
//! same are one case. There is no case where it may as well enter as wait: with an equal time heard
//! from a smaller node, or before the last ack has come. The states that follow are visited with
//! both.
//!
//! What is right is seen by the state as a whole, which no node knows, and not by the rule: see
//! `model`.
//!
//! Left out: messages that overtake each other or are lost, with which the lesson's own search
//! breaks the lock; and what follows when a node enters on an equal time, before the rule allows
//! it.

mod bugs;
mod draw;
mod model;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use explore::Schedule;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers};
use crate::{Screen, plural};
use model::{Decision, Decisions, Harm, visit};

/// The stamp of a message. Stamps are ordered by time, and those of one time by node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// The sender's Lamport clock when it sent the message: 1 or more.
    pub time: u64,
    /// The number of the sender, counted from 0.
    pub node: usize,
}

/// The program of the exercise.
pub fn main(may_enter: fn(Stamp, &[Stamp], &[Stamp]) -> bool) -> ExitCode {
    crate::program::main::<Lock>(Arc::new(may_enter))
}

/// What the reader writes.
type MayEnter = Arc<dyn Fn(Stamp, &[Stamp], &[Stamp]) -> bool + Send + Sync>;

/// How often each node wants the lock.
const TURNS: [&[u8]; 4] = [&[2, 2], &[1, 1, 0], &[1, 0, 1], &[0, 1, 1]];

/// The largest time.
const MOST: u64 = u64::MAX - 100;

/// What clocks may start from: a few ticks further a number leaves a type, or the contract ends.
const STARTS: [u64; 7] =
    [253, 65_533, (1 << 31) - 3, (1 << 32) - 3, (1 << 53) - 3, (1 << 63) - 3, MOST - 20];

/// The number of decisions that are tried with each of those, the first ones of two nodes.
const WITH_STARTS: usize = 40;

/// A decision, and what all clocks started from.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    decision: Decision,
    start: u64,
}

impl Case {
    fn stamp(&self, (time, node): (u8, usize)) -> Stamp {
        let start = if time > 0 { self.start } else { 0 };
        Stamp { time: start + u64::from(time), node }
    }

    fn request(&self) -> Stamp {
        self.stamp(self.decision.node().own())
    }

    /// The requests that the node knows of, in the order of the nodes.
    fn queue(&self) -> Vec<Stamp> {
        self.decision.node().queue().map(|request| self.stamp(request)).collect()
    }

    fn heard(&self) -> Vec<Stamp> {
        self.decision
            .node()
            .heard()
            .take(self.decision.nodes())
            .map(|heard| self.stamp(heard))
            .collect()
    }
}

/// The exercise of lesson 20.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lock;

impl Exercise for Lock {
    const ABOUT: About = About {
        name: "lock",
        functions: 1,
        hints: include_str!("hints.txt"),
        why: "A link keeps the order of its messages. So when a node has sent something later than \
              your request, its earlier requests have all arrived, and stand in your queue until \
              they are released. If yours is the first there, no other node can be let in before \
              you.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = MayEnter;
    type Case = Case;
    type Answer = bool;
    type Observation = ();
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        let mut decisions = Decisions::new();
        for turns in TURNS {
            visit(turns, &mut decisions);
        }
        let mut all: Vec<_> = decisions.into_values().collect();
        all.sort_by_key(|one| (one.nodes(), one.state.schedule.len()));
        let few = all[..WITH_STARTS].to_vec();
        let later = STARTS.into_iter().flat_map(move |start| {
            few.clone().into_iter().map(move |decision| Case { decision, start })
        });
        all.into_iter().map(|decision| Case { decision, start: 0 }).chain(later)
    }

    fn scope() -> String {
        "all that a waiting node can know, in every state of two nodes that each want the lock \
         twice, and of three of which two want it once; and the first of these with clocks up to \
         2^64 - 101"
            .to_owned()
    }

    fn call(may_enter: &MayEnter, case: &Case, (): &mut ()) -> bool {
        may_enter(case.request(), &case.queue(), &case.heard())
    }

    fn expected(case: &Case) -> bool {
        case.decision.harm == Harm::Waits
    }

    fn rule(case: &Case, _: &bool, (): &()) -> Rule {
        match case.decision.harm {
            Harm::Enters if !case.decision.node().is_first() => Rule::new(
                "Requests are served in the order of their stamps, and those of one time in the \
                 order of their nodes. A node with an earlier request in its queue waits for its \
                 release.",
                "Compare `request` with every stamp in `queue`, as a whole and not by time alone: \
                 the smallest has to be `request` itself.",
            ),
            Harm::Enters => Rule::new(
                "An earlier request may still be in flight, or be made. A node waits until every \
                 other node has sent it something later than its request: nothing earlier can \
                 follow that.",
                "For every node but `request.node`, `heard[node]` has to be larger than `request`.",
            ),
            Harm::Waits => Rule::new(
                "A node enters when its request is the earliest in its queue and every other node \
                 has sent something later. Where nothing is left to arrive, it would wait \
                 without end.",
                "Which of your conditions asks for more? Later requests may stand in the queue, \
                 and `heard[request.node]` stays at 0.",
            ),
        }
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> MayEnter {
        Arc::new(move |request, queue, heard| bugs::may_enter(bugs, request, queue, heard))
    }

    fn reference() -> MayEnter {
        Arc::new(reference::may_enter)
    }

    fn title(case: &Case) -> String {
        let actions = plural(case.decision.state.schedule.len(), "action");
        let far = if case.start > 0 { ", clocks far ahead" } else { "" };
        format!("{} nodes, {actions}{far}", case.decision.nodes())
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        vec![
            ("request", draw::stamps(&[case.request()])),
            ("queue", draw::stamps(&case.queue())),
            ("heard", draw::stamps(&case.heard())),
        ]
    }

    fn words(answer: &bool) -> String {
        answer.to_string()
    }

    fn draw(
        case: &Case,
        want: &bool,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        let is_wrong = seen.is_some_and(|seen| seen.end.as_ref().is_ok_and(|got| got != want));
        screen.picture(&draw::schedule(case, is_wrong).ladder(screen.width() - 2))?;
        screen.line("")?;
        screen.all_labelled(&Self::describe(case))?;
        draw_answers(want, seen, screen)?;
        match case.decision.harm {
            _ if !is_wrong => Ok(()),
            Harm::Enters => screen.labelled("then", "two nodes hold the lock at once"),
            Harm::Waits => {
                screen.labelled("then", "nothing is in flight, and no node holds the lock")
            }
        }
    }

    /// The number of nodes and the schedule, as in `2:a.b.1`, and what clocks start from.
    fn replay_string(case: &Case) -> Option<String> {
        let schedule = Schedule::from(case.decision.state.schedule.clone());
        let start = if case.start > 0 { format!(":{}", case.start) } else { String::new() };
        Some(format!("{}:{schedule}{start}", case.decision.nodes()))
    }
}

#[cfg(test)]
mod tests;
