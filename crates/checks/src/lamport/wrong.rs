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
    want: u64,
    got: Option<u64>,
    /// An event that happened before it, and has no smaller stamp: the one with the largest.
    pub(super) cause: Option<usize>,
}

impl<'a> Wrong<'a> {
    pub(super) fn first(case: &'a Case, want: &[u64], stamps: &'a [u64]) -> Option<Wrong<'a>> {
        let place = (0..want.len()).find(|&place| stamps.get(place) != Some(&want[place]))?;
        let (trace, got) = (case.trace(), stamps.get(place).copied());
        let before = trace.happened_before();
        let no_smaller = |&cause: &usize| {
            before.holds(cause, place) && got.is_some_and(|got| stamps[cause] >= got)
        };
        let cause = (0..place).filter(no_smaller).max_by_key(|&cause| stamps[cause]);
        Some(Wrong { case, trace, stamps, place, want: want[place], got, cause })
    }

    /// The latest event of the same node before it.
    fn previous(&self) -> Option<usize> {
        let node = self.trace.events()[self.place].node;
        self.trace.events()[..self.place].iter().rposition(|event| event.node == node)
    }

    /// What the `?` of the ladder is, and the stamp before it. Where the clock itself is, only the
    /// reader's code knows.
    pub(super) fn event(&self) -> String {
        let event = &self.trace.events()[self.place];
        let node = &self.trace.nodes()[event.node];
        let does = match &event.kind {
            Kind::Local => "does something by itself".to_owned(),
            Kind::Send { message, to } => {
                let to = to.map_or("another", |to| &self.trace.nodes()[to]);
                format!("sends {message} to {to}")
            }
            Kind::Receive { message } => {
                let sending = self.trace.sending(self.place).expect("a schedule sends first");
                format!("receives {message}, stamped {}", self.stamps[sending])
            }
        };
        let last = self.previous().map(|previous| self.stamps[previous]);
        match last.or((event.node == 0 && self.case.before > 0).then_some(self.case.before)) {
            Some(last) => format!("{node}, last stamped {last}, {does}"),
            None => format!("{node}, at its first event, {does}"),
        }
    }

    /// What the promise says of a cause and this event, and does not hold.
    pub(super) fn promise(&self, cause: usize) -> String {
        let name = |place: usize| match &self.trace.events()[place].kind {
            Kind::Local => {
                let node = self.trace.events()[place].node;
                let events = self.trace.events()[..=place].iter();
                let count = events.filter(|event| event.node == node).count();
                format!("event {count} of {}", self.trace.nodes()[node])
            }
            Kind::Send { message, .. } => format!("the sending of {message}"),
            Kind::Receive { message } => format!("the receipt of {message}"),
        };
        let (stamp, got) = (self.stamps[cause], self.got.unwrap_or(0));
        format!("{} has stamp {stamp}; its effect, {}, has {got}", name(cause), name(self.place))
    }

    /// The rule that it breaks. The promise is broken only where some cause shows it.
    pub(super) fn rule(&self) -> Rule {
        let is_first = self.previous().is_none() && self.case.before == 0;
        match (&self.trace.events()[self.place].kind, self.cause) {
            (Kind::Receive { .. }, Some(_)) => Rule::new(
                "A cause has a smaller stamp than its effect. A receipt comes after the sending \
                 and after all that its own node did: the larger of the two numbers, and then one \
                 more.",
                "In receive, take the larger of self.time and stamp first, add 1 to that, keep it \
                 in self.time and return it.",
            ),
            (Kind::Receive { .. }, None) => Rule::new(
                "On receipt: the larger of the message's number and the clock's own, and then one \
                 more. This stamp is above those of its causes, so the promise is kept here; it is \
                 not Lamport's rule.",
                "In receive, add 1 once, to the larger of self.time and stamp: not to their sum, \
                 and not twice.",
            ),
            (_, None) if is_first && self.got < Some(self.want) => Rule::new(
                "A clock starts at 0 and every event adds 1: where nothing happened before, the \
                 stamp is 1.",
                "Change self.time first, and return it then; in send_timestamp as in tick.",
            ),
            (_, None) if is_first => Rule::new(
                "A clock starts at 0 and every event adds 1, so the first stamp is 1. A larger one \
                 breaks no promise; it is not Lamport's rule.",
                "In new, start self.time at 0; and add 1 once for each event.",
            ),
            (Kind::Send { .. }, Some(_)) => Rule::new(
                "A cause has a smaller stamp than its effect. To send is an event, which follows \
                 all that its node did before: one more than its last stamp.",
                "In send_timestamp, add 1 to self.time and return it, as in tick. Look also at \
                 what the event before it has left in self.time.",
            ),
            (_, Some(_)) => Rule::new(
                "A cause has a smaller stamp than its effect. What a node does follows all that it \
                 did before: one more than its last stamp.",
                "Every method leaves in self.time what it returns: look at tick, and at the method \
                 of the event before it.",
            ),
            (_, None) => Rule::new(
                "An event that is not a receipt gets one more than its node's last stamp. This one \
                 is above those of its causes, so the promise is kept here; it is not Lamport's \
                 rule.",
                "In tick and send_timestamp add 1 to self.time, once, and let no method change it \
                 after what it returns.",
            ),
        }
    }
}
