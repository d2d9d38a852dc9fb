//! Every reachable state, the nearest first.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::{Model, Schedule};

/// The result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchResult<A> {
    /// Such a state is reachable.
    Found {
        /// A shortest schedule that leads to it. Of several, the first in the order of the model's
        /// actions.
        schedule: Schedule<A>,
        /// The number of different states that were checked, including it.
        states: usize,
    },
    /// No schedule of any length leads to such a state, within the model's own bounds.
    Never {
        /// The number of different states.
        states: usize,
    },
    /// There were more states than the search was to keep, and none of those it kept was such a
    /// state.
    Unknown {
        /// The number that it kept.
        states: usize,
    },
}

/// Looks for a state of which `is_it` is true among all reachable ones. `is_it` is called once for
/// each.
///
/// Where [`explore`](crate::explore()) visits every schedule, this expands a state once, however
/// many schedules lead to it (breadth-first search). So it can terminate, and then its result holds
/// for schedules of every length. The price is memory: it keeps each state, at most `most_states`
/// of them. Two states are the same if they are equal; a hash only finds the candidates.
///
/// # Panics
/// If `most_states` is 0.
pub fn search<M: Model>(
    model: &M,
    most_states: usize,
    mut is_it: impl FnMut(&M::State) -> bool,
) -> SearchResult<M::Action>
where
    M::State: Eq + Hash,
{
    assert!(most_states > 0, "there is a state at the start");
    let mut seen = Seen::<M>::default();
    seen.insert(model.start(), None);
    let mut next = 0;
    while let Some(Reached { state, .. }) = seen.states.get(next) {
        if is_it(state) {
            let schedule = seen.schedule(next);
            return SearchResult::Found { schedule, states: next + 1 };
        }
        let from = state.clone();
        for action in model.actions(&from) {
            let mut state = from.clone();
            model.apply(&mut state, &action);
            let is_full = seen.states.len() == most_states;
            if !seen.contains(&state) {
                if is_full {
                    return seen.give_up(next + 1, is_it);
                }
                seen.insert(state, Some((next, action)));
            }
        }
        next += 1;
    }
    SearchResult::Never { states: next }
}

/// A state, and the step that led to it: from which state, by which action.
struct Reached<S, A> {
    state: S,
    by: Option<(usize, A)>,
}

/// The states so far, in the order in which they were reached.
struct Seen<M: Model> {
    states: Vec<Reached<M::State, M::Action>>,
    /// The hash of each, with its place.
    places: BTreeSet<(u64, usize)>,
}

impl<M: Model> Default for Seen<M> {
    fn default() -> Self {
        let (states, places) = (Vec::new(), BTreeSet::new());
        Seen { states, places }
    }
}

impl<M: Model<State: Eq + Hash>> Seen<M> {
    fn contains(&self, state: &M::State) -> bool {
        let hash = hash(state);
        let mut alike = self.places.range((hash, 0)..=(hash, usize::MAX));
        alike.any(|(_, place)| self.states[*place].state == *state)
    }

    fn insert(&mut self, state: M::State, by: Option<(usize, M::Action)>) {
        self.places.insert((hash(&state), self.states.len()));
        self.states.push(Reached { state, by });
    }

    fn schedule(&self, mut place: usize) -> Schedule<M::Action> {
        let mut actions = Vec::new();
        while let Some((from, action)) = &self.states[place].by {
            actions.push(action.clone());
            place = *from;
        }
        actions.reverse();
        Schedule::from(actions)
    }

    /// No further state is kept; the kept ones that remain are checked.
    fn give_up(
        &self,
        checked: usize,
        mut is_it: impl FnMut(&M::State) -> bool,
    ) -> SearchResult<M::Action> {
        let states = self.states.len();
        let mut rest = checked..states;
        match rest.find(|place| is_it(&self.states[*place].state)) {
            None => SearchResult::Unknown { states },
            Some(place) => {
                let schedule = self.schedule(place);
                SearchResult::Found { schedule, states: place + 1 }
            }
        }
    }
}

fn hash(state: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}
