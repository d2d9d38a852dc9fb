//! Messages between nodes: every order in which nodes can act, and the network can deliver.
//!
//! A node does something by itself, or sends a message to another; a message that is in flight
//! arrives at any later moment, and so in any order. Where asked, the network also loses messages,
//! and delivers one more than once. What the nodes do with all this is not part of the model: the
//! visitor of a schedule runs a clock, a counter or an exercise over it.

use std::fmt::{self, Display};
use std::ops::ControlFlow;
use std::str::FromStr;

use trace::{Event, Trace};

use crate::schedule::{index, leading_number, letter};
use crate::{InvalidAction, Model, ScheduleError};

/// A network between nodes that send messages to any other node at any time.
///
/// ```
/// use explore::messages::{Action, Messages, Schedule};
/// use explore::replay;
///
/// // b acts, then sends to a; a acts, then message 1 arrives.
/// let schedule: Schedule = "b.ba.a.1".parse()?;
/// let end = replay(&Messages::between(2), &schedule)?;
/// assert_eq!(end.node(&Action::Deliver(1)), Some(0));
/// assert!(end.in_flight.is_empty());
///
/// let too_early: Schedule = "1.ba".parse()?;
/// let error = replay(&Messages::between(2), &too_early).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "action 1, `1`, is impossible there: message 1 is not sent yet",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Messages {
    nodes: usize,
    loses: bool,
    duplicates: bool,
}

/// A schedule of nodes and messages.
pub type Schedule = crate::Schedule<Action>;

/// The syntax of a schedule string, in a line for the user who has to type one. As the second line
/// of an error it fits in 80 columns.
pub const SYNTAX: &str = "a.ab.1: a acts, a sends to b, b receives 1; 1x loses it, 1c keeps a copy";

/// The trace of this schedule string, with as many nodes as it names, on a network that may lose
/// and duplicate messages.
///
/// # Errors
/// [`ScheduleError`] names the first invalid action.
pub fn trace_of(schedule: &str) -> Result<Trace, ScheduleError> {
    let schedule: Schedule = schedule.parse()?;
    let nodes = schedule.iter().map(|action| match *action {
        Action::Local(node) => node + 1,
        Action::Send { from, to } => from.max(to) + 1,
        _ => 0,
    });
    // With two nodes if none is named: the empty schedule is drawn, too.
    let network = Messages::between(nodes.max().filter(|nodes| *nodes > 0).unwrap_or(2));
    Ok(network.losing().duplicating().trace(&schedule)?)
}

/// What happens. Nodes count from 0 and have letters in a schedule string, messages count from 1 in
/// the order of their sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A node does something that concerns no other. Written `a`.
    Local(usize),
    /// A node sends a message. Written `ab`: from a to b.
    Send {
        /// The sender.
        from: usize,
        /// The receiver.
        to: usize,
    },
    /// A message arrives. Written `1`.
    Deliver(usize),
    /// A message arrives, and a copy of it is still in flight. Written `1c`.
    DeliverCopy(usize),
    /// A message is lost. Written `1x`.
    Lose(usize),
}

/// A message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    /// Its sender.
    pub from: usize,
    /// Its receiver.
    pub to: usize,
}

/// What was sent, and what has not arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// Every message that was sent; message 1 first.
    pub messages: Vec<Message>,
    /// The numbers of those in flight, in the order of their sending.
    pub in_flight: Vec<usize>,
}

impl Messages {
    /// A network that delivers every message once, in any order.
    ///
    /// # Panics
    /// With more nodes than the 26 letters.
    pub fn between(nodes: usize) -> Messages {
        assert!(nodes <= 26, "each node has a letter");
        Messages { nodes, loses: false, duplicates: false }
    }

    /// The same, but messages can be lost.
    #[must_use]
    pub fn losing(self) -> Messages {
        Messages { loses: true, ..self }
    }

    /// The same, but messages can arrive more than once.
    #[must_use]
    pub fn duplicating(self) -> Messages {
        Messages { duplicates: true, ..self }
    }

    /// The trace of a schedule, between nodes named as in its string. Each message is named by its
    /// number, `m1`.
    ///
    /// # Errors
    /// [`InvalidAction`], as of [`replay`](crate::replay).
    pub fn trace(&self, schedule: &Schedule) -> Result<Trace, InvalidAction> {
        let end = crate::replay(self, schedule)?;
        Ok(self.recorded(schedule, &end))
    }

    /// The trace of a schedule that can happen, from the state that it leads to.
    fn recorded(&self, schedule: &Schedule, end: &State) -> Trace {
        let mut trace = Trace::new((0..self.nodes).map(letter));
        let name = |number: usize| format!("m{number}");
        let mut sent = 0;
        for action in schedule.iter() {
            let pushed = match (*action, end.node(action)) {
                (Action::Local(node), _) => trace.push(Event::local(node)),
                (Action::Send { from, to }, _) => {
                    sent += 1;
                    trace.push(Event::send(from, to, name(sent)))
                }
                (Action::Deliver(number) | Action::DeliverCopy(number), Some(node)) => {
                    trace.push(Event::receive(node, name(number)))
                }
                (Action::Lose(number), _) => trace.lose(&name(number)),
                (_, None) => Ok(()),
            };
            pushed.expect("a schedule that can happen does not contradict itself");
        }
        trace
    }

    /// Visits the trace of every schedule of at most `longest` actions, the shortest first, until a
    /// visit breaks.
    pub fn each_trace<B>(
        &self,
        longest: usize,
        mut visit: impl FnMut(&Schedule, &Trace) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        crate::explore(self, longest, |schedule, end| {
            visit(schedule, &self.recorded(schedule, end))
        })
    }

    /// Every schedule of 1 to `longest` actions, the shortest first, but of those that differ only
    /// in the names of the nodes the first: what no node can tell apart.
    ///
    /// ```
    /// use explore::messages::Messages;
    ///
    /// let schedules = Messages::between(2).unnamed(2);
    /// let schedules: Vec<String> = schedules.iter().map(ToString::to_string).collect();
    /// assert_eq!(schedules.join(" "), "a ab a.a a.b a.ab a.ba ab.a ab.b ab.ab ab.ba ab.1");
    /// ```
    pub fn unnamed(&self, longest: usize) -> Vec<Schedule> {
        let mut schedules = Vec::new();
        let mut shorter = vec![(Schedule::from(Vec::new()), State::default(), 0)];
        for _ in 0..longest {
            let mut longer = Vec::new();
            for (schedule, state, named) in &shorter {
                for action in self.actions(state) {
                    let Some(named) = action.names_next(*named) else { continue };
                    let (mut schedule, mut state) = (schedule.clone(), state.clone());
                    self.apply(&mut state, &action);
                    schedule.0.push(action);
                    longer.push((schedule, state, named));
                }
            }
            schedules.extend(longer.iter().map(|(schedule, ..)| schedule.clone()));
            shorter = longer;
        }
        schedules
    }

    fn sends(self) -> impl Iterator<Item = Action> {
        let pairs = (0..self.nodes).flat_map(move |from| (0..self.nodes).map(move |to| (from, to)));
        pairs.filter(|(from, to)| from != to).map(|(from, to)| Action::Send { from, to })
    }
}

impl State {
    /// The message of this number, if it was sent.
    pub fn message(&self, number: usize) -> Option<Message> {
        self.messages.get(number.checked_sub(1)?).copied()
    }

    /// The node at which an action happens. None for a loss, which happens in the network, and for
    /// a message that was not sent.
    pub fn node(&self, action: &Action) -> Option<usize> {
        match *action {
            Action::Local(node) | Action::Send { from: node, .. } => Some(node),
            Action::Deliver(number) | Action::DeliverCopy(number) => Some(self.message(number)?.to),
            Action::Lose(_) => None,
        }
    }
}

impl Action {
    /// How many nodes are named after this action, where `named` were before. A node that is new
    /// takes the next name.
    fn names_next(self, named: usize) -> Option<usize> {
        let nodes = match self {
            Action::Local(node) => [node, node],
            Action::Send { from, to } => [from, to],
            _ => return Some(named),
        };
        nodes
            .into_iter()
            .try_fold(named, |named, node| (node <= named).then(|| named.max(node + 1)))
    }
}

impl Model for Messages {
    type State = State;
    type Action = Action;

    fn start(&self) -> State {
        State::default()
    }

    fn actions(&self, state: &State) -> impl Iterator<Item = Action> {
        let with_each = |of: fn(usize) -> Action, asked: bool| {
            let numbers = asked.then_some(&state.in_flight).into_iter().flatten();
            numbers.copied().map(of)
        };
        (0..self.nodes)
            .map(Action::Local)
            .chain(self.sends())
            .chain(with_each(Action::Deliver, true))
            .chain(with_each(Action::DeliverCopy, self.duplicates))
            .chain(with_each(Action::Lose, self.loses))
    }

    fn why_impossible(&self, state: &State, action: &Action) -> Option<String> {
        let number = match *action {
            Action::Send { from, to } if from == to => {
                return Some("a node does not send to itself".to_owned());
            }
            Action::Deliver(number) => number,
            Action::DeliverCopy(number) if self.duplicates => number,
            Action::Lose(number) if self.loses => number,
            _ => return None,
        };
        let is_sent = state.message(number).is_some();
        (!state.in_flight.contains(&number)).then(|| match is_sent {
            true => format!("message {number} is no longer in flight"),
            false => format!("message {number} is not sent yet"),
        })
    }

    fn apply(&self, state: &mut State, action: &Action) {
        match *action {
            Action::Local(_) | Action::DeliverCopy(_) => {}
            Action::Send { from, to } => {
                state.messages.push(Message { from, to });
                state.in_flight.push(state.messages.len());
            }
            Action::Deliver(number) | Action::Lose(number) => {
                state.in_flight.retain(|&other| other != number);
            }
        }
    }
}

impl Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Action::Local(node) => write!(f, "{}", letter(node)),
            Action::Send { from, to } => write!(f, "{}{}", letter(from), letter(to)),
            Action::Deliver(number) => write!(f, "{number}"),
            Action::DeliverCopy(number) => write!(f, "{number}c"),
            Action::Lose(number) => write!(f, "{number}x"),
        }
    }
}

impl FromStr for Action {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let nodes: Option<Vec<usize>> = text.chars().take(3).map(index).collect();
        match nodes.as_deref() {
            Some([node]) => return Ok(Action::Local(*node)),
            Some(&[from, to]) => return Ok(Action::Send { from, to }),
            _ => {}
        }
        let (number, end) = leading_number(text).ok_or(())?;
        match end {
            "" => Ok(Action::Deliver(number)),
            "c" => Ok(Action::DeliverCopy(number)),
            "x" => Ok(Action::Lose(number)),
            _ => Err(()),
        }
    }
}
