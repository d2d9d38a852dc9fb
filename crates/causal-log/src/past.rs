//! What can have caused an event, and how two of them stand to each other.
//!
//! Vectors say it alone: an event is in the past of another if no entry of its vector is larger and
//! the two differ. Where not every line has one, the messages say it: a past is the events before
//! of the service, the sendings of what they receive, and so on. Without either there is no answer,
//! and "not in the past" then means "not as far as this log says".

use std::collections::{BTreeMap, VecDeque};

use crate::check::in_circle;
use crate::log::{Log, LogError, Vector};

/// How an event stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It can have caused the other.
    Before,
    /// The other can have caused it.
    After,
    /// Neither.
    Concurrent,
    /// It is the same event.
    Same,
    /// The log lacks two vectors and all messages, and does not say.
    Unknown,
}

/// How two events stand, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// How the first stands to the second.
    pub stands: Stands,
    /// What says so.
    pub by: By,
    /// From the earlier to the later: each pair is a sending and its receipt. None if the log shows
    /// no such way.
    pub path: Option<Vec<[usize; 2]>>,
}

/// What says which event is in which past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The vectors.
    Vectors,
    /// The messages, and the order of the lines of a service.
    Messages,
    /// The order of the lines of a service alone: no event receives what another sent.
    Lines,
}

/// The events that can have caused this one, in the order of the log; and what says so.
pub fn past(log: &Log, event: usize) -> (Vec<usize>, By) {
    if log.has_vectors() {
        let events = 0..log.events().len();
        let past = events.filter(|other| is_before(log, *other, event));
        return (past.collect(), By::Vectors);
    }
    let seen = backwards(log, event);
    let past = seen.into_keys().filter(|other| *other != event);
    (past.collect(), without_vectors(log))
}

/// How the event `a` stands to the event `b`.
pub fn compare(log: &Log, a: usize, b: usize) -> Compared {
    let ways = [path(log, a, b), path(log, b, a)];
    let vectors = [a, b].map(|event| &log.events()[event].vector);
    let (is_before, is_after, by) = match vectors {
        [Some(_), Some(_)] => (is_before(log, a, b), is_before(log, b, a), By::Vectors),
        _ => (ways[0].is_some(), ways[1].is_some(), without_vectors(log)),
    };
    let [to_b, to_a] = ways;
    let (stands, path) = match (a == b, is_before, is_after) {
        (true, ..) => (Stands::Same, None),
        (false, true, _) => (Stands::Before, to_b),
        (false, false, true) => (Stands::After, to_a),
        (false, false, false) if by == By::Lines => (Stands::Unknown, None),
        // A way all the same means that the vectors are wrong.
        (false, false, false) => (Stands::Concurrent, to_b.or(to_a)),
    };
    Compared { stands, by, path }
}

/// Refuses events to which a circle of messages leads: by messages, each event of a circle would be
/// before each other.
///
/// # Errors
/// [`LogError::Circle`], with a receipt of the circle.
pub fn refuse_circle(log: &Log, events: &[usize]) -> Result<(), LogError> {
    let is_in_circle = in_circle(log);
    let pasts = events.iter().flat_map(|event| backwards(log, *event).into_keys());
    let mut receipts = pasts.filter(|event| log.events()[*event].sending.is_some());
    match receipts.find(|event| is_in_circle[*event]) {
        Some(event) => Err(LogError::Circle(log.name(event))),
        None => Ok(()),
    }
}

/// What says it where vectors do not.
fn without_vectors(log: &Log) -> By {
    match log.has_messages() {
        true => By::Messages,
        false => By::Lines,
    }
}

/// Whether the vector of `a` is within that of `b` and differs from it. Events without one are not
/// ordered.
fn is_before(log: &Log, a: usize, b: usize) -> bool {
    let vector = |event: usize| log.events()[event].vector.as_ref();
    let within = |a: &Vector, b: &Vector| a != b && a.is_within(b);
    vector(a).zip(vector(b)).is_some_and(|(a, b)| within(a, b))
}

/// The events in the past of one by messages, itself included, each with the event that it is a
/// cause of.
fn backwards(log: &Log, event: usize) -> BTreeMap<usize, usize> {
    let mut seen = BTreeMap::from([(event, event)]);
    let mut ahead = VecDeque::from([event]);
    while let Some(effect) = ahead.pop_front() {
        for cause in log.causes(effect) {
            seen.entry(cause).or_insert_with(|| {
                ahead.push_back(cause);
                effect
            });
        }
    }
    seen
}

/// A shortest way from an event to another by messages and lines: the messages on it.
fn path(log: &Log, from: usize, to: usize) -> Option<Vec<[usize; 2]>> {
    let seen = backwards(log, to);
    let (mut at, mut path) = (from, Vec::new());
    seen.get(&from)?;
    while at != to {
        let effect = seen[&at];
        if log.events()[effect].sending == Some(at) {
            path.push([at, effect]);
        }
        at = effect;
    }
    Some(path)
}
