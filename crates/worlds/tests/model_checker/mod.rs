//! Nodes under another project's model checker, stateright, beside our own search: both have to
//! give the same result.
//!
//! Each property has its check, and each check a node that is wrong in one way and has to be
//! caught.

mod counter;
mod lock;

use explore::{Model, SearchResult, replay, search};
use stateright::{Checker, Property};
use worlds::node::{Effect, Node, Outbox};
use worlds::nodes::{Action, Nodes, State};

/// More states than any model here has.
const MOST_STATES: usize = 200_000;

/// A property of the states of a model.
pub(crate) type Holds<N> = fn(&Nodes<N>, &State<N>) -> bool;

/// Nodes, for stateright: the actions and states are ours, the search is its own.
struct Checked<N: Node> {
    nodes: Nodes<N>,
    holds: Holds<N>,
}

impl<N: Node> stateright::Model for Checked<N> {
    type State = State<N>;
    type Action = Action;

    fn init_states(&self) -> Vec<State<N>> {
        vec![self.nodes.start()]
    }

    fn actions(&self, state: &State<N>, actions: &mut Vec<Action>) {
        actions.extend(self.nodes.actions(state));
    }

    fn next_state(&self, state: &State<N>, action: Action) -> Option<State<N>> {
        let mut state = state.clone();
        self.nodes.apply(&mut state, &action);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let holds = |model: &Self, state: &State<N>| (model.holds)(&model.nodes, state);
        vec![Property::always("holds", holds)]
    }
}

/// The result on which both agree.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// The property holds in each of `states` states.
    Holds { states: usize },
    /// It breaks after `after` actions and no fewer.
    Breaks { after: usize },
}

pub(crate) fn check<N: Node + 'static>(nodes: &Nodes<N>, holds: Holds<N>) -> Verdict
where
    Nodes<N>: Send + Sync,
    State<N>: Send + Sync,
{
    let ours = search(nodes, MOST_STATES, |state| !holds(nodes, state));
    let checked = Checked { nodes: nodes.clone(), holds };
    let theirs = stateright::Model::checker(checked).spawn_bfs().join();
    match (ours, theirs.discovery("holds")) {
        (SearchResult::Never { states }, None) => {
            assert_eq!(theirs.unique_state_count(), states);
            Verdict::Holds { states }
        }
        (SearchResult::Found { schedule, .. }, Some(path)) => {
            let actions = path.into_actions();
            assert_eq!(actions.len(), schedule.len(), "{schedule}");
            for way in [&*schedule, &*actions] {
                let end = replay(nodes, way).expect("what a search found can happen");
                assert!(!holds(nodes, &end), "{way:?}");
            }
            Verdict::Breaks { after: schedule.len() }
        }
        (ours, theirs) => panic!("{ours:?}, and stateright: {theirs:?}"),
    }
}

/// Gives the effects of a node to the node around it.
pub(crate) fn pass_on<I, N>(effects: Vec<Effect<I>>, out: &mut Outbox<N>)
where
    I: Node,
    N: Node<
            Message = I::Message,
            Timer = I::Timer,
            Record = I::Record,
            Request = I::Request,
            Reply = I::Reply,
        >,
{
    for effect in effects {
        match effect {
            Effect::Send { to, message } => out.send(to, message),
            Effect::SetTimer { timer, after } => out.set_timer(timer, after),
            Effect::CancelTimer(timer) => out.cancel_timer(timer),
            Effect::Append(record) => out.append(record),
            Effect::Answer { client, reply } => out.answer(client, reply),
            Effect::Warn(what) => out.warn(what),
        }
    }
}
