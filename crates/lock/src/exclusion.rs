//! Whether two nodes can hold the lock at once: over every schedule of any length.

use explore::{Model, ScheduleError, SearchResult, replay};
use trace::{Kind, Trace};
use worlds::node::NodeEvent;
use worlds::nodes::{Nodes, Schedule, State};

use crate::mutex::{Message, Mutex, Reply, Request};

/// The most states that a search keeps. The largest here has 986,619, of a few hundred bytes each.
pub const MOST_STATES: usize = 1_000_000;

/// `nodes` nodes on links that keep the order of messages. The clients of the first `contenders`
/// want the lock, each `times` times.
pub fn on_ordered_links(nodes: usize, contenders: usize, times: usize) -> Nodes<Mutex> {
    on_any_links(nodes, contenders, times).with_ordered_links()
}

/// The same on links on which messages overtake each other.
pub fn on_any_links(nodes: usize, contenders: usize, times: usize) -> Nodes<Mutex> {
    let lock = Nodes::new(nodes, move |number, _| Mutex::new(number, nodes)).one_at_a_time();
    let turns = || (0..times).flat_map(|_| [Request::Acquire, Request::Release]);
    (0..contenders).fold(lock, |lock, node| lock.asking(node, turns()))
}

/// How many nodes hold the lock.
pub fn holders(state: &State<Mutex>) -> usize {
    state.nodes().filter(|(_, node)| node.holds()).count()
}

/// What was observed of three nodes, two of which ask at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoOfThree {
    /// The run, until each of the two has held the lock.
    pub trace: Trace,
    /// Which node held it first, if one did.
    pub first: Option<usize>,
    /// Whether node b held it once both others had acknowledged its request.
    pub enters_on_acks: bool,
}

/// A run on ordered links: a and b ask, all of that arrives, and a gives the lock back.
///
/// # Errors
/// [`ScheduleError`] if the lock is changed, so that the run is impossible.
pub fn two_of_three() -> Result<TwoOfThree, ScheduleError> {
    // The order of arrivals is one of those that need the fewest rows in a diagram.
    const UNTIL_ACKNOWLEDGED: &str = "a.2.3.b.5.4.1.8.6.7";
    const RELEASED: &str = "a.10.9";
    let lock = on_ordered_links(3, 2, 1);
    let whole: Schedule = format!("{UNTIL_ACKNOWLEDGED}.{RELEASED}").parse()?;
    let trace = lock.trace(&whole, label)?;
    let acknowledged = replay(&lock, &UNTIL_ACKNOWLEDGED.parse::<Schedule>()?)?;
    let enters_on_acks = acknowledged.node(1).is_some_and(Mutex::holds);
    let first = trace.events().iter().find(|event| event.label == HOLDS);
    let first = first.map(|event| event.node);
    Ok(TwoOfThree { trace, first, enters_on_acks })
}

/// What was observed over all reachable states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    /// How many there are.
    pub states: usize,
    /// In how many of them two nodes or more hold the lock.
    pub shared: usize,
    /// A shortest schedule to one of those.
    pub broken: Option<Broken>,
}

/// Two nodes hold the lock at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The schedule that leads there.
    pub schedule: Schedule,
    /// Its trace.
    pub trace: Trace,
}

/// Visits every state; none if there are more than [`MOST_STATES`].
pub fn search(lock: &Nodes<Mutex>) -> Option<Searched> {
    let (mut shared, is_shared) = (0, |state: &State<Mutex>| holders(state) > 1);
    let all = explore::search(lock, MOST_STATES, |state| {
        shared += usize::from(is_shared(state));
        false
    });
    let SearchResult::Never { states } = all else {
        return None;
    };
    let broken = match shared {
        0 => None,
        _ => Some(nearest(lock, is_shared)?),
    };
    Some(Searched { states, shared, broken })
}

/// A shortest schedule to such a state, if there is one.
fn nearest(lock: &Nodes<Mutex>, is_it: impl FnMut(&State<Mutex>) -> bool) -> Option<Broken> {
    let SearchResult::Found { schedule, .. } = explore::search(lock, MOST_STATES, is_it) else {
        return None;
    };
    let trace = lock.trace(&schedule, label).ok()?;
    Some(Broken { schedule, trace })
}

/// What was observed of three nodes, of which the first alone wants the lock and the last has not
/// received its request, so that its ack is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithoutAck {
    /// The states in which the request has not reached the last node.
    pub states: usize,
    /// Those of them in which the first node holds the lock.
    pub granted: usize,
}

/// Counts over every schedule.
pub fn without_ack() -> WithoutAck {
    let mut seen = WithoutAck { states: 0, granted: 0 };
    let lock = on_ordered_links(3, 1, 1);
    explore::search(&lock, MOST_STATES, |state| {
        let mut in_flight = state.in_flight.iter();
        let is_request = |message| matches!(message, Message::Request(_));
        if in_flight.any(|sent| sent.to == 2 && is_request(sent.message)) {
            seen.states += 1;
            seen.granted += usize::from(holders(state) > 0);
        }
        false
    });
    seen
}

/// How many messages it takes among `nodes` nodes until one has held the lock and given it back.
///
/// # Panics
/// With more nodes than letters: 26.
pub fn messages(nodes: usize) -> usize {
    let lock = on_ordered_links(nodes, 1, 1);
    let (mut state, mut schedule) = (lock.start(), Vec::new());
    let next = |state: &State<Mutex>| lock.actions(state).next();
    while let Some(action) = next(&state) {
        lock.apply(&mut state, &action);
        schedule.push(action);
    }
    let trace = lock.trace(&schedule.into(), label);
    let trace = trace.expect("what the model offers can happen");
    let sent = |kind: &Kind| matches!(kind, Kind::Send { .. });
    trace.events().iter().filter(|event| sent(&event.kind)).count()
}

/// The trace of this schedule string among `nodes` nodes, all of which want the lock again and
/// again, on a network that may do anything to messages but change them.
///
/// # Errors
/// [`ScheduleError`] names the first action that is wrong.
///
/// # Panics
/// With more nodes than letters: 26.
pub fn trace_of(schedule: &str, nodes: usize) -> Result<Trace, ScheduleError> {
    const OFTEN: usize = 1_000;
    let lock = on_any_links(nodes, nodes, OFTEN).losing().duplicating();
    let schedule: Schedule = schedule.parse()?;
    Ok(lock.trace(&schedule, label)?)
}

/// What a diagram calls the event by which a node gets the lock.
const HOLDS: &str = "holds the lock";

/// What a node does, in a word or two. What it receives stands at the other end of the arrow.
fn label(event: &NodeEvent<'_, Mutex>) -> Option<String> {
    match event {
        NodeEvent::Sent { message, .. } => Some(match message {
            Message::Request(time) => format!("request {time}"),
            Message::Acknowledge(time) => format!("ack {time}"),
            Message::Release(time) => format!("release {time}"),
        }),
        NodeEvent::Answered { reply: Reply::Granted, .. } => Some(HOLDS.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use worlds::nodes::Action;

    /// The states, and how many of them are shared; and the shortest schedule to one, as text.
    fn seen(lock: &Nodes<Mutex>) -> (usize, usize, Option<String>) {
        let Searched { states, shared, broken } = search(lock).unwrap();
        (states, shared, broken.map(|broken| broken.schedule.to_string()))
    }

    #[test]
    fn of_two_that_ask_at_once_the_second_waits_for_a_release() {
        let TwoOfThree { trace, first, enters_on_acks } = two_of_three().unwrap();
        assert_eq!((first, enters_on_acks), (Some(0), false));
        let holders = trace.events().iter().filter(|event| event.label == HOLDS);
        assert_eq!(holders.map(|event| event.node).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn on_ordered_links_two_nodes_never_share_the_lock() {
        assert_eq!(seen(&on_ordered_links(2, 2, 1)), (78, 0, None));
        assert_eq!(seen(&on_ordered_links(2, 2, 2)), (1_649, 0, None));
        assert_eq!(seen(&on_ordered_links(3, 2, 1)), (2_180, 0, None));
    }

    #[test]
    #[ignore = "15 s in a release build, minutes in a debug build"]
    fn on_ordered_links_three_contenders_never_share_the_lock() {
        assert_eq!(seen(&on_ordered_links(3, 3, 1)), (986_619, 0, None));
    }

    #[test]
    fn on_unordered_links_four_actions_give_it_to_two() {
        let expected = (362, 3, Some("a.b.2.3".to_owned()));
        assert_eq!(seen(&on_any_links(2, 2, 1)), expected);
    }

    #[test]
    fn one_lost_request_gives_it_to_two_on_ordered_links() {
        let expected = (201, 1, Some("a.b.2.1x.3".to_owned()));
        assert_eq!(seen(&on_ordered_links(2, 2, 1).losing()), expected);
    }

    /// Of a request and of a release, after all other messages.
    #[test]
    fn a_late_duplicate_blocks_the_lock_or_gives_it_to_two() {
        let lock = on_any_links(2, 2, 2).duplicating();
        let after = |schedule: &str| replay(&lock, &schedule.parse::<Schedule>().unwrap()).unwrap();
        let blocked = after("a.1c.2.a.3.1.b.4.5.6");
        assert_eq!(holders(&blocked), 0);
        // b waits, and only a can act, which asks once more.
        assert_eq!(lock.actions(&blocked).collect::<Vec<_>>(), [Action::Ask(0)]);
        assert_eq!(holders(&after("a.1.2.a.3c.a.4.5.b.6.7.3")), 2);
    }

    #[test]
    fn every_request_is_granted_in_every_schedule() {
        let lock = on_ordered_links(2, 2, 2);
        let mut ends = 0;
        let is_stuck = |state: &State<Mutex>| {
            let is_over = lock.actions(state).next().is_none();
            ends += usize::from(is_over);
            let replies: Vec<_> = state.answers.iter().map(|(_, reply)| *reply).collect();
            is_over && replies != [Reply::Granted, Reply::Released].repeat(4)
        };
        let reached = explore::search(&lock, MOST_STATES, is_stuck);
        assert!(matches!(reached, SearchResult::Never { .. }), "{reached:?}");
        assert!(ends > 0);
    }

    #[test]
    fn one_missing_ack_prevents_the_grant() {
        let WithoutAck { states, granted } = without_ack();
        assert!(states > 0);
        assert_eq!(granted, 0);
    }

    #[test]
    fn it_takes_three_messages_for_each_other_node() {
        for nodes in [1, 2, 3, 10] {
            assert_eq!(messages(nodes), 3 * (nodes - 1), "{nodes}");
        }
    }
}
