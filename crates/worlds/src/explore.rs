//! Every small schedule, the shortest first.
//!
//! A program with threads or messages goes differently each time: what happens next is one of
//! several things, and nobody chooses. Tests try a few of these ways. The explorer tries all of
//! them, up to a length. A [`Model`] says what can happen in a state ([`actions`](Model::actions))
//! and what that does ([`apply`](Model::apply)); a [`Schedule`] is one way to go, a list of
//! actions; [`explore`] shows each to its visitor. So "this never happens" becomes a statement
//! about every small case, and what does happen is shown in the smallest case there is.
//!
//! Three models are here: messages between nodes ([`messages`]), steps of threads ([`threads`]),
//! and any protocol with its network, disks and clients ([`nodes`]).
//!
//! Many schedules can lead to one state. [`reach`](reach()) goes on from each state once, and looks
//! for one that must not be.
//!
//! What holds:
//!
//! * Shorter schedules are visited before longer ones, and those of one length always in the same
//!   order.
//! * Each schedule is visited once.
//! * The code of a schedule, its [`Display`], parses and [`replay`]s to the same schedule and
//!   state.
//! * Memory grows with the length of a schedule and not with how many there are.
//!
//! The search deepens step by step (Korf, "Depth-First Iterative-Deepening", 1985): all schedules
//! of length 1, then all of length 2 from the start again, and so on. With *b* things to do in each
//! state that repeats one part in *b* of the work. Left out: several processors, and leaving out
//! schedules that differ in the order of independent actions alone, as larger model checkers do.

pub mod messages;
pub mod nodes;
mod reach;
pub mod threads;

use std::fmt::{self, Display};
use std::ops::{ControlFlow, Deref};
use std::str::FromStr;

pub use reach::{Reach, reach};

/// What can happen, and what it does.
///
/// ```
/// use std::ops::ControlFlow;
/// use worlds::explore::{Model, explore};
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

    /// One thing that happens. Its text stands in the code of a schedule, so it is made of letters,
    /// digits, `-` and `:` alone (a shell takes other signs for itself), and it parses again.
    type Action: Clone + PartialEq + Display + FromStr;

    /// How it begins.
    fn start(&self) -> Self::State;

    /// What can happen in this state, in the order in which it is explored. Nothing: it is over, or
    /// stuck.
    fn actions(&self, state: &Self::State) -> impl Iterator<Item = Self::Action>;

    /// Makes one of the [`actions`](Model::actions) happen.
    fn apply(&self, state: &mut Self::State, action: &Self::Action);
}

/// One way to go: what happened, in order. It reads as a slice.
///
/// Its text is a code to print and to type: the actions between dots, `a.ab.1`, and `-` for the
/// empty schedule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Schedule<A>(Vec<A>);

impl<A> From<Vec<A>> for Schedule<A> {
    fn from(actions: Vec<A>) -> Self {
        Schedule(actions)
    }
}

impl<A> Deref for Schedule<A> {
    type Target = [A];

    fn deref(&self) -> &[A] {
        &self.0
    }
}

impl<A: Display> Display for Schedule<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.split_first() else {
            return f.write_str("-");
        };
        write!(f, "{first}")?;
        rest.iter().try_for_each(|action| write!(f, ".{action}"))
    }
}

impl<A: FromStr> FromStr for Schedule<A> {
    type Err = BadCode;

    fn from_str(code: &str) -> Result<Self, BadCode> {
        if code == "-" {
            return Ok(Schedule(Vec::new()));
        }
        let length = code.split('.').count();
        if length > LONGEST_CODE {
            return Err(BadCode::TooLong { length });
        }
        let actions = code.split('.').zip(1..).map(|(text, place)| {
            text.parse().map_err(|_| BadCode::NoAction { place, text: shortened(text) })
        });
        actions.collect::<Result<_, _>>().map(Schedule)
    }
}

/// The most actions that a code may have. It bounds what a code from outside can cost.
pub const LONGEST_CODE: usize = 10_000;

/// A code that is no schedule of this model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCode {
    /// One of its parts says nothing.
    #[error("action {place} of the code {}", why_it_is_no_action(text))]
    NoAction {
        /// Which, from 1.
        place: usize,
        /// What stands there, its first characters.
        text: String,
    },
    /// It is longer than the limit.
    #[error("a code of {length} actions is over the limit of {LONGEST_CODE}")]
    TooLong {
        /// Its actions.
        length: usize,
    },
}

fn why_it_is_no_action(text: &str) -> String {
    match text.is_empty() {
        true => "is empty".to_owned(),
        false => format!("says nothing that can happen here: `{text}`"),
    }
}

/// A schedule that the model does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("action {place} of the schedule, `{action}`, cannot happen then; what can: {possible}")]
pub struct Impossible {
    /// Which action, from 1.
    pub place: usize,
    /// The action.
    pub action: String,
    /// What could have happened instead, the first few of it.
    pub possible: String,
}

/// Why a code cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It cannot be read.
    #[error(transparent)]
    Bad(#[from] BadCode),
    /// It cannot happen.
    #[error(transparent)]
    Impossible(#[from] Impossible),
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
/// [`Impossible`] names the first action that cannot happen where it stands.
pub fn replay<M: Model>(model: &M, schedule: &[M::Action]) -> Result<M::State, Impossible> {
    let mut state = model.start();
    for (action, place) in schedule.iter().zip(1..) {
        if !model.actions(&state).any(|possible| possible == *action) {
            return Err(Impossible {
                place,
                action: shortened(&action.to_string()),
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

fn shortened(text: &str) -> String {
    text.chars().take(20).flat_map(char::escape_debug).collect()
}
