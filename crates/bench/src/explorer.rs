//! The explorer, beside stateright, on one model: messages between three nodes, up to five events.
//!
//! Ours visits schedules. stateright visits states, and one that was reached before is left alone.
//! So that it visits as many, its state here holds the whole history; of that, and of nothing else,
//! it takes its fingerprint. That both visit the same number is checked in every round. A visit is
//! a call of ours, and there the evaluation of a property that holds always. Both use one thread
//! and the actions of [`Messages`]. What stateright remembers of every state, it needs for merging
//! them, and here it merges none: this compares how fast two tools show all schedules, and is not
//! what stateright is best at.

use std::hash::{Hash, Hasher};
use std::hint::black_box;
use std::ops::ControlFlow;

use explore::messages::{Action, Messages, State};
use explore::{Model, explore};
use stateright::{Checker, Property};

use crate::{compare as in_turn, heading};

const NODES: usize = 3;
const LONGEST: usize = 5;
/// The empty one, and 118,221 more.
const SCHEDULES: usize = 118_222;
/// Times that all schedules are visited in one round.
const PASSES: usize = 5;

#[derive(Clone, Copy)]
enum By {
    Ours,
    DepthFirst,
    BreadthFirst,
}

pub(crate) fn compare() -> anyhow::Result<()> {
    heading("schedules visited a second", ["ours", "stateright"]);
    for (name, peer) in [("depth first", By::DepthFirst), ("breadth first", By::BreadthFirst)] {
        in_turn(11, [By::Ours, peer], |by| {
            for _ in 0..PASSES {
                let visited = match by {
                    By::Ours => ours(),
                    By::DepthFirst => Histories::checked(|checker| checker.spawn_dfs().join()),
                    By::BreadthFirst => Histories::checked(|checker| checker.spawn_bfs().join()),
                };
                anyhow::ensure!(visited == SCHEDULES, "{visited} schedules");
            }
            Ok((PASSES * SCHEDULES) as u64)
        })?
        .print(name);
    }
    Ok(())
}

fn ours() -> usize {
    let mut visited = 0;
    let _: ControlFlow<()> = explore(&Messages::between(NODES), LONGEST, |schedule, state| {
        black_box((schedule, state));
        visited += 1;
        ControlFlow::Continue(())
    });
    visited
}

/// [`Messages`], for stateright.
struct Histories(Messages);

#[derive(Clone, Debug, PartialEq)]
struct History {
    actions: Vec<Action>,
    state: State,
}

/// The state follows from the actions.
impl Hash for History {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.actions.hash(hasher);
    }
}

impl Histories {
    fn checked<C: Checker<Histories>>(
        run: impl FnOnce(stateright::CheckerBuilder<Histories>) -> C,
    ) -> usize {
        let model = Histories(Messages::between(NODES));
        run(stateright::Model::checker(model)).unique_state_count()
    }
}

impl stateright::Model for Histories {
    type State = History;
    type Action = Action;

    fn init_states(&self) -> Vec<History> {
        vec![History { actions: Vec::new(), state: self.0.start() }]
    }

    fn actions(&self, history: &History, actions: &mut Vec<Action>) {
        if history.actions.len() < LONGEST {
            actions.extend(self.0.actions(&history.state));
        }
    }

    fn next_state(&self, history: &History, action: Action) -> Option<History> {
        // One allocation, where a clone that then grows needs two.
        let mut actions = Vec::with_capacity(LONGEST);
        actions.extend_from_slice(&history.actions);
        actions.push(action);
        let mut state = history.state.clone();
        self.0.apply(&mut state, &action);
        Some(History { actions, state })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("visited", |_, history| {
            black_box(history);
            true
        })]
    }
}
