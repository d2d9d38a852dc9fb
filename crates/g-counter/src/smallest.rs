//! The smallest schedule in which the counter breaks, if it breaks in a small one.
//!
//! A run that failed in a simulator has hundreds of events, and most of them have nothing to do
//! with it. So what a seed has found is searched for again in all small schedules, the shortest
//! first.

use common::crdt::Delta;
use explore::{ScheduleError, SearchResult, search};
use trace::Trace;
use worlds::node::NodeEvent;
use worlds::nodes::{Nodes, Schedule, State};

use crate::replica::{Message, Record, Replica, Request};
use crate::runs;

/// How many states the search visits before it gives up.
const MOST_STATES: usize = 100_000;

/// Two replicas, each asked to count one, on a network that loses and duplicates messages, with
/// slow disks and one crash. A few messages at a time are enough for every mistake that was ever
/// made here.
fn model() -> Nodes<Replica> {
    let make = |number, records: &[Record]| Replica::new(number, 2, records);
    (0..2)
        .fold(Nodes::new(2, make), |nodes, node| nodes.asking(node, [Request::Add { delta: 1 }]))
        .losing()
        .duplicating()
        .with_slow_disks()
        .crashing(1)
        .with_room_for(2)
}

/// The schedule string of a shortest schedule that leads to an invalid state.
pub fn schedule() -> Option<String> {
    let model = model();
    match search(&model, MOST_STATES, |state| is_broken(&model, state)) {
        SearchResult::Found { schedule, .. } => Some(schedule.to_string()),
        SearchResult::Never { .. } | SearchResult::Unknown { .. } => None,
    }
}

/// The trace of the schedule with this schedule string.
///
/// # Errors
/// [`ScheduleError`] names the first action that is wrong.
pub fn trace_of(schedule: &str) -> Result<Trace, ScheduleError> {
    let schedule: Schedule = schedule.parse()?;
    Ok(runs::named(&model().trace(&schedule, |event| Some(label(event)))?))
}

/// What happened, in fewer words than its type has.
fn label(event: &NodeEvent<'_, Replica>) -> String {
    match event {
        NodeEvent::Asked { .. } => "asked to add 1".to_owned(),
        NodeEvent::Wrote { record, .. } => format!("wrote {}", entries(record)),
        NodeEvent::Woke { .. } => "timer".to_owned(),
        NodeEvent::Sent { message, .. } | NodeEvent::Received { message, .. } => match message {
            Message::Push(pushed) => format!("push {}", entries(pushed)),
            Message::Ack(acked) => format!("ack {}", entries(acked)),
        },
        event => event.to_string(),
    }
}

/// `A's 1, B's 2`
fn entries(delta: &Delta) -> String {
    let entries =
        delta.iter().map(|(replica, entry)| format!("{}'s {entry}", ["A", "B"][*replica]));
    entries.collect::<Vec<_>>().join(", ")
}

/// Too much is counted, something acknowledged is missing where it was acknowledged, or all is
/// quiet and they disagree.
fn is_broken(model: &Nodes<Replica>, state: &State<Replica>) -> bool {
    let counts_too_much = |replica: &Replica| {
        let asked = state.places.iter().map(|place| place.asked as u64);
        let mut entries = replica.counter().entries().iter().zip(asked);
        entries.any(|(entry, asked)| *entry > asked)
    };
    let forgets = |number: usize, replica: &Replica| {
        let answers = state.answers.iter();
        let own = answers.filter(|(client, _)| model.asked_by(*client) == Some(number));
        replica.counter().entries()[number] < own.count() as u64
    };
    let mut counters = state.nodes().map(|(_, replica)| replica.counter().entries());
    let first = counters.next();
    let disagree = state.is_quiet() && counters.any(|entries| Some(entries) != first);
    let mut nodes = state.nodes();
    disagree || nodes.any(|(number, replica)| counts_too_much(replica) || forgets(number, replica))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_breaks_in_no_small_schedule() {
        let model = model();
        let never = search(&model, MOST_STATES, |state| is_broken(&model, state));
        assert!(matches!(never, SearchResult::Never { .. }), "{never:?}");
    }

    #[test]
    fn an_invalid_state_is_detected() {
        let model = model();
        let mut state = explore::replay(&model, &"a.aw".parse::<Schedule>().unwrap()).unwrap();
        assert!(!is_broken(&model, &state));
        // It has answered one increment, and its entry is taken back.
        let forgotten = Replica::new(0, 2, &[]);
        state.places[0].node = Some(forgotten);
        assert!(is_broken(&model, &state));
    }

    #[test]
    fn a_schedule_is_drawn() {
        let trace = trace_of("a.aw.at.1").unwrap();
        assert_eq!(
            trace.happened_before().pairs().count(),
            trace.events().len() * (trace.events().len() - 1) / 2
        );
        assert!(trace_of("a.a").is_err() && trace_of("!").is_err());
    }
}
