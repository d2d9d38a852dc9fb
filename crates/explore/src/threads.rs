//! Steps of threads: every interleaving of the steps of several threads.
//!
//! A thread runs its steps in order, and each step is atomic. Between any two of them the other
//! threads may run, if nothing blocks them. The modeller decides what a step is: one read or one
//! write of memory for a processor, taking one lock for a protocol.

use std::fmt::{self, Display};
use std::str::FromStr;

use crate::Model;
use crate::schedule::{index, letter};

/// Threads over a memory `M`, which holds what they share and also what each keeps for itself.
///
/// ```
/// use std::ops::ControlFlow::{Break, Continue};
/// use explore::{Model, explore};
/// use explore::threads::{Next, Threads};
///
/// /// A lock: the thread that holds it.
/// type Lock = Option<usize>;
///
/// let lock = |lock: &mut Lock, thread: usize| match lock {
///     None => {
///         *lock = Some(thread);
///         Next::Step
///     }
///     Some(_) => Next::Blocked,
/// };
/// let threads = Threads::<Lock>::new(None).thread(&[lock]).thread(&[lock]);
/// // No thread unlocks: the second one never continues.
/// let stuck = explore(&threads, 2, |schedule, state| {
///     match threads.actions(state).next().is_none() && !threads.is_done(state) {
///         true => Break(schedule.to_string()),
///         false => Continue(()),
///     }
/// });
/// assert_eq!(stuck, Break("a".to_owned()));
/// ```
#[derive(Clone, Debug)]
pub struct Threads<M> {
    memory: M,
    programs: Vec<Vec<Step<M>>>,
}

/// One step: it is given the memory and the number of the thread that runs it.
pub type Step<M> = fn(&mut M, usize) -> Next;

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is done, and the thread's next step follows.
    Step,
    /// It is done, and the step of this number, from 0, follows.
    Jump(usize),
    /// It cannot happen now. What it did to the memory is undone.
    Blocked,
}

/// The memory, and the next step of each thread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State<M> {
    /// What the threads share.
    pub memory: M,
    /// The number of each thread's next step, from 0.
    pub at: Vec<usize>,
}

/// A thread runs its next step. Written as the thread's letter, `a` for the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run(pub usize);

impl<M: Clone> Threads<M> {
    /// No threads yet, and the memory before they start.
    pub fn new(memory: M) -> Self {
        Threads { memory, programs: Vec::new() }
    }

    /// With one more thread, which runs these steps.
    ///
    /// # Panics
    /// With more threads than the 26 letters.
    #[must_use]
    pub fn thread(mut self, steps: &[Step<M>]) -> Self {
        assert!(self.programs.len() < 26, "each thread has a letter");
        self.programs.push(steps.to_vec());
        self
    }

    /// Whether every thread has run all its steps. A state that is not done and allows no action is
    /// a deadlock.
    pub fn is_done(&self, state: &State<M>) -> bool {
        let mut ends = state.at.iter().zip(&self.programs);
        ends.all(|(&at, program)| at >= program.len())
    }

    /// The state after the next step of `thread`, if it has one that is not blocked.
    fn after(&self, state: &State<M>, Run(thread): Run) -> Option<State<M>> {
        let step = self.programs.get(thread)?.get(state.at[thread])?;
        let mut state = state.clone();
        state.at[thread] = match step(&mut state.memory, thread) {
            Next::Step => state.at[thread] + 1,
            Next::Jump(step) => step,
            Next::Blocked => return None,
        };
        Some(state)
    }
}

impl<M: Clone> Model for Threads<M> {
    type State = State<M>;
    type Action = Run;

    fn start(&self) -> State<M> {
        State { memory: self.memory.clone(), at: vec![0; self.programs.len()] }
    }

    fn actions(&self, state: &State<M>) -> impl Iterator<Item = Run> {
        let threads = (0..self.programs.len()).map(Run);
        threads.filter(|run| self.after(state, *run).is_some())
    }

    fn apply(&self, state: &mut State<M>, run: &Run) {
        *state = self.after(state, *run).expect("an action that can happen is not blocked");
    }
}

impl Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", letter(self.0))
    }
}

impl FromStr for Run {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut letters = text.chars();
        match (letters.next().and_then(index), letters.next()) {
            (Some(thread), None) => Ok(Run(thread)),
            _ => Err(()),
        }
    }
}
