//! Which nodes held the lock, judged from their traces.
//!
//! No node saw the run as a whole, and none of their clocks is believed here. Each node has written
//! when it got the lock and when it gave it back, and which messages it sent and received in
//! between. If one node at a time held the lock, then of any two holdings one was over before the
//! other began: its end **happened before** the other's beginning. If neither did, there is a time
//! at which both may have held it, whatever their clocks said.

use trace::{HappenedBefore, Trace};

/// What a node calls getting the lock, in its trace.
pub const GETS: &str = "holds the lock";

/// What it calls being asked to give it back.
pub const GIVES_BACK: &str = "gives it back";

/// A node held the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The node.
    pub node: usize,
    /// The place of the event with which it began.
    began: usize,
    /// And that with which it ended, if it did.
    ended: Option<usize>,
}

/// The verdict on a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The holdings, in a possible order.
    pub held: Vec<Held>,
    /// Two nodes that may have held it at once.
    pub at_once: Option<[usize; 2]>,
}

/// Judges a run.
///
/// ```
/// use lock::judge::{GETS, GIVES_BACK, judge};
/// use trace::{Event, Trace};
///
/// let mut trace = Trace::new(["n0", "n1"]);
/// trace.push(Event::local(0).label(GETS))?;
/// trace.push(Event::local(0).label(GIVES_BACK))?;
/// trace.push(Event::send(0, 1, "m1"))?;
/// let mut apart = trace.clone();
///
/// trace.push(Event::receive(1, "m1"))?;
/// trace.push(Event::local(1).label(GETS))?;
/// assert_eq!(judge(&trace).at_once, None);
///
/// apart.push(Event::local(1).label(GETS))?; // without having heard of the first
/// assert_eq!(judge(&apart).at_once, Some([0, 1]));
/// # Ok::<(), trace::Contradiction>(())
/// ```
pub fn judge(trace: &Trace) -> Verdict {
    let order = trace.happened_before();
    let held = holdings(trace);
    let pairs = held
        .iter()
        .enumerate()
        .flat_map(|(place, first)| held[place + 1..].iter().map(move |second| (first, second)));
    let mut at_once = pairs.filter(|(first, second)| {
        !(is_over_before(first, second, &order) || is_over_before(second, first, &order))
    });
    let at_once = at_once.next().map(|(first, second)| [first.node, second.node]);
    Verdict { held, at_once }
}

fn is_over_before(first: &Held, second: &Held, order: &HappenedBefore) -> bool {
    let ended = first.ended;
    ended.is_some_and(|ended| order.holds(ended, second.began))
}

fn holdings(trace: &Trace) -> Vec<Held> {
    let mut held: Vec<Held> = Vec::new();
    for (place, event) in trace.events().iter().enumerate() {
        let mut open = held.iter_mut().rev();
        let open = open.find(|held| held.node == event.node && held.ended.is_none());
        match (event.label.as_str(), open) {
            (GETS, _) => held.push(Held { node: event.node, began: place, ended: None }),
            (GIVES_BACK, Some(open)) => open.ended = Some(place),
            _ => {}
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;
    use trace::Event;

    #[test]
    fn a_lock_that_is_never_released_stays_held() {
        let mut trace = Trace::new(["n0", "n1"]);
        trace.push(Event::local(0).label(GETS)).unwrap();
        trace.push(Event::send(0, 1, "m1")).unwrap();
        trace.push(Event::receive(1, "m1")).unwrap();
        trace.push(Event::local(1).label(GETS)).unwrap();
        assert_eq!(judge(&trace).at_once, Some([0, 1]));
    }

    #[test]
    fn holdings_of_one_node_follow_each_other() {
        let mut trace = Trace::new(["n0"]);
        for label in [GIVES_BACK, GETS, GIVES_BACK, GIVES_BACK, GETS] {
            trace.push(Event::local(0).label(label)).unwrap();
        }
        let verdict = judge(&trace);
        assert_eq!(verdict.held.len(), 2);
        assert_eq!(verdict.at_once, None);
    }
}
