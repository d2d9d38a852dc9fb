//! Every small schedule, the shortest first.
//!
//! A program with threads or messages is nondeterministic: in each state one of several actions is
//! next. Tests try a few of these schedules. The explorer tries all of them, up to a length. A
//! [`Model`] defines what can happen in a state ([`actions`](Model::actions)) and what that does
//! ([`apply`](Model::apply)); a [`Schedule`] is a list of actions; [`explore`] passes each to its
//! visitor. So "this never happens" becomes a statement about every small case, and what does
//! happen is shown in the smallest case there is.
//!
//! Two models are here: messages between nodes ([`messages`]) and steps of threads ([`threads`]).
//! The crate `worlds` has a third, for any protocol with its network, disks and clients.
//!
//! Many schedules can lead to one state. [`search`](search()) expands each state once, and looks
//! for one that must not be reachable.
//!
//! What holds:
//!
//! * Shorter schedules are visited before longer ones, and those of one length always in the same
//!   order.
//! * Each schedule is visited once.
//! * A schedule's string parses and [`replay`]s to the same schedule and state.
//! * Memory grows with the length of a schedule and not with the number of schedules.
//!
//! The search deepens step by step (Korf, "Depth-First Iterative-Deepening", 1985): all schedules
//! of length 1, then all of length 2 from the start again, and so on. With *b* actions in each
//! state that repeats one part in *b* of the work. Left out: several processors, and partial-order
//! reduction, which skips schedules that differ only in the order of independent actions, as larger
//! model checkers do.

pub mod messages;
pub mod schedule;
mod search;
pub mod threads;

use std::fmt::Display;
use std::ops::ControlFlow;
use std::str::FromStr;

pub use schedule::{InvalidAction, Schedule, ScheduleError};
pub use search::{SearchResult, search};

use schedule::shortened;

/// What can happen, and what it does.
///
/// ```
/// use std::ops::ControlFlow;
/// use explore::{Model, explore};
///
/// /// A lift: one floor up or down at a time.
/// struct Lift { floors: i32 }
///
/// impl Model for Lift {
///     type State = i32;
///     type Action = i32;
///
///     fn start(&self) -> i32 {
///         0
///     }
///
///     fn actions(&self, floor: &i32) -> impl Iterator<Item = i32> {
///         let (floor, floors) = (*floor, self.floors);
///         [1, -1].into_iter().filter(move |step| (0..floors).contains(&(floor + step)))
///     }
///
///     fn apply(&self, floor: &mut i32, step: &i32) {
///         *floor += step;
///     }
/// }
///
/// let lift = Lift { floors: 3 };
/// let there = explore(&lift, 5, |schedule, floor| match floor {
///     2 => ControlFlow::Break(schedule.to_string()),
///     _ => ControlFlow::Continue(()),
/// });
/// assert_eq!(there, ControlFlow::Break("1.1".to_owned()));
/// ```
pub trait Model {
    /// Everything that decides what can happen next.
    type State: Clone;

    /// One step. Its text is a part of the schedule string, so it consists only of letters, digits,
    /// `-` and `:` (a shell interprets other characters), and it parses again.
    type Action: Clone + PartialEq + Display + FromStr;

    /// The initial state.
    fn start(&self) -> Self::State;

    /// What can happen in this state, in the order in which it is explored. Nothing: the program
    /// has ended, or is stuck.
    fn actions(&self, state: &Self::State) -> impl Iterator<Item = Self::Action>;

    /// Why an action is impossible in this state, if the model knows it, as in "a node does not
    /// send to itself". Otherwise an error lists what is possible.
    fn why_impossible(&self, _state: &Self::State, _action: &Self::Action) -> Option<String> {
        None
    }

    /// Makes one of the [`actions`](Model::actions) happen.
    fn apply(&self, state: &mut Self::State, action: &Self::Action);
}

/// Visits every schedule of at most `longest` actions, the empty one first, each with the state
/// that it leads to, until a visit breaks. The value of that visit is returned.
pub fn explore<M: Model, B>(
    model: &M,
    longest: usize,
    mut visit: impl FnMut(&Schedule<M::Action>, &M::State) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut schedule = Schedule(Vec::with_capacity(longest));
    for length in 0..=longest {
        let mut reached = false;
        let mut visit = |schedule: &Schedule<M::Action>, state: &M::State| {
            reached = true;
            visit(schedule, state)
        };
        deepen(model, model.start(), length, &mut schedule, &mut visit)?;
        if !reached {
            break;
        }
    }
    ControlFlow::Continue(())
}

/// Visits every continuation of `schedule` by `length` more actions.
fn deepen<M: Model, B>(
    model: &M,
    state: M::State,
    length: usize,
    schedule: &mut Schedule<M::Action>,
    visit: &mut impl FnMut(&Schedule<M::Action>, &M::State) -> ControlFlow<B>,
) -> ControlFlow<B> {
    if length == 0 {
        return visit(schedule, &state);
    }
    for action in model.actions(&state) {
        let mut next = state.clone();
        model.apply(&mut next, &action);
        schedule.0.push(action);
        deepen(model, next, length - 1, schedule, visit)?;
        schedule.0.pop();
    }
    ControlFlow::Continue(())
}

/// The state that a schedule leads to.
///
/// # Errors
/// [`InvalidAction`] names the first action that cannot happen where it stands.
pub fn replay<M: Model>(model: &M, schedule: &[M::Action]) -> Result<M::State, InvalidAction> {
    let mut state = model.start();
    for (action, place) in schedule.iter().zip(1..) {
        if !model.actions(&state).any(|possible| possible == *action) {
            return Err(InvalidAction {
                place,
                action: shortened(&action.to_string()),
                reason: model.why_impossible(&state, action),
                possible: first_few(model.actions(&state)),
            });
        }
        model.apply(&mut state, action);
    }
    Ok(state)
}

fn first_few(actions: impl Iterator<Item = impl Display>) -> String {
    const FEW: usize = 12;
    let mut actions = actions.map(|action| action.to_string());
    let few: Vec<_> = actions.by_ref().take(FEW).collect();
    match (few.is_empty(), actions.next()) {
        (true, _) => "nothing".to_owned(),
        (false, None) => few.join(" "),
        (false, Some(_)) => format!("{} and more", few.join(" ")),
    }
}
