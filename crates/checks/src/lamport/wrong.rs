//! The first wrong stamp of a schedule: what is drawn of it, and the rule that it breaks.

use trace::{Kind, Trace};

use super::Case;
use crate::exercise::Rule;

/// The first event that has a wrong stamp, or none. All before it are right.
pub(super) struct Wrong<'a> {
    case: &'a Case,
    trace: Trace,
    stamps: &'a [u64],
    pub(super) place: usize,
    /// An event that happened before it, and has no smaller stamp: the one with the largest.
    pub(super) cause: Option<usize>,
}

impl<'a> Wrong<'a> {
    pub(super) fn first(case: &'a Case, want: &[u64], stamps: &'a [u64]) -> Option<Wrong<'a>> {
        let place = (0..want.len()).find(|&place| stamps.get(place) != Some(&want[place]))?;
        let trace = case.trace();
        let before = trace.happened_before();
        let no_smaller = |&cause: &usize| {
            before.holds(cause, place) && stamps.get(place).is_some_and(|got| stamps[cause] >= *got)
        };
        let cause = (0..place).filter(no_smaller).max_by_key(|&cause| stamps[cause]);
        Some(Wrong { case, trace, stamps, place, cause })
    }

    /// The latest stamp of the same node before it. Where the clock itself is, only the reader's
    /// code knows.
    fn last(&self) -> Option<u64> {
        let node = self.trace.events()[self.place].node;
        let mut before = self.trace.events()[..self.place].iter();
        let own = (node == 0 && self.case.before > 0).then_some(self.case.before);
        before.rposition(|event| event.node == node).map(|place| self.stamps[place]).or(own)
    }

    /// What the `?` of the ladder is, and the stamp before it.
    pub(super) fn event(&self) -> String {
        let node = &self.trace.nodes()[self.trace.events()[self.place].node];
        let sending = self.trace.sending(self.place).map(|sending| self.stamps[sending]);
        let stamped = sending.map_or(String::new(), |stamp| format!(", stamped {stamp}"));
        let last = match self.last() {
            Some(last) => format!("{node} was last stamped {last}"),
            None => format!("the first of {node}"),
        };
        format!("{}{stamped}; {last}", self.name(self.place))
    }

    /// What the promise says of a cause and this event, and does not hold.
    pub(super) fn promise(&self, cause: usize) -> String {
        let [(cause, stamp), (effect, got)] =
            [cause, self.place].map(|place| (self.name(place), self.stamps[place]));
        format!("{cause} has stamp {stamp}; its effect, {effect}, has {got}")
    }

    fn name(&self, place: usize) -> String {
        let event = &self.trace.events()[place];
        match &event.kind {
            Kind::Local => {
                let events = self.trace.events()[..=place].iter();
                let count = events.filter(|other| other.node == event.node).count();
                format!("event {count} of {}", self.trace.nodes()[event.node])
            }
            Kind::Send { message, .. } => format!("the sending of {message}"),
            Kind::Receive { message } => format!("the receipt of {message}"),
        }
    }

    /// The rule that it breaks. The promise is broken only where some cause shows it.
    pub(super) fn rule(&self) -> Rule {
        // What a did before the schedule is a cause as well, and not in the trace.
        let keeps = self.stamps.get(self.place) > self.last().as_ref();
        match (&self.trace.events()[self.place].kind, self.cause) {
            (Kind::Receive { .. }, None) if keeps => Rule::new(
                "On receipt: the larger of the message's number and the clock's own, and then one \
                 more. This stamp is above those of its causes, so the promise is kept here; it is \
                 not Lamport's rule.",
                "In receive, add 1 once, to the larger of self.time and stamp: not to their sum, \
                 and not twice.",
            ),
            (Kind::Receive { .. }, _) => Rule::new(
                "A cause has a smaller stamp than its effect. A receipt comes after the sending \
                 and after all that its own node did: the larger of the two numbers, and then one \
                 more.",
                "In receive, take the larger of self.time and stamp first, add 1 to that, keep it \
                 in self.time and return it.",
            ),
            (_, None) if self.last().is_none() => Rule::new(
                "A clock starts at 0 and every event adds 1: where nothing happened before, the \
                 stamp is 1.",
                "In new, start self.time at 0. In tick and send_timestamp add 1 to it first, once, \
                 and return it then.",
            ),
            (_, None) if keeps => Rule::new(
                "An event that is not a receipt gets one more than its node's last stamp. This one \
                 is above those of its causes, so the promise is kept here; it is not Lamport's \
                 rule.",
                "In tick and send_timestamp add 1 to self.time, once, and let no method change it \
                 after what it returns.",
            ),
            _ => Rule::new(
                "A cause has a smaller stamp than its effect. What a node does, to send as well, \
                 follows all that it did before: one more than its last stamp.",
                "Every method adds 1 to self.time, and leaves there what it returns: look at this \
                 one, and at the method of the event before it.",
            ),
        }
    }
}
