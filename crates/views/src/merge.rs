//! Several traces of one run, made into one.
//!
//! If nodes are processes, each records its own events, and none sees all of them. The parts have
//! the messages in common: one trace has the sending of m7, another its receipt. That is enough for
//! an order in which it all can have happened: the events of a service in their order, and a
//! message's sending before its receipts.
//!
//! There are many such orders, as concurrent events have none. The merge chooses one in which
//! messages cross as little as possible, so that a diagram has few that are late: a receipt comes
//! as soon as its message is sent, and a sending waits, if it can, until its receiver has come to
//! the receipt. If several events remain possible, the service that is named first is next.
//!
//! * The same traces, in the same order, make the same trace.
//! * The services are those of all traces, in the order in which they are first named.
//! * No stamp is used. A vector gets the entries of the services that its trace did not name, which
//!   are 0.
//! * A message whose sending is not recorded, since its sender was killed before, comes from
//!   outside.
//!
//! The source of the order: A. Kahn, "Topological Sorting of Large Networks", 1962. It takes n
//! steps, and each looks at the next event of every service and once into a map of messages.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::file::{MAX_EVENTS, MAX_SERVICES};
use trace::{Contradiction, Event, Kind, Trace};

/// Why traces are not of one run. Traces are numbered from 0, in the order in which they were
/// given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There are more services than the limit.
    #[error("together they have {0} services, and {MAX_SERVICES} is the limit")]
    TooManyServices(usize),
    /// There are more events than the limit.
    #[error("together they have {0} events, and {MAX_EVENTS} is the limit")]
    TooManyEvents(usize),
    /// Two traces have events of one service, whose order is unknown.
    #[error("both have events of the service `{service}`")]
    InTwo {
        /// The service.
        service: String,
        /// The traces.
        traces: [usize; 2],
    },
    /// Two traces have a sending of the same message.
    #[error("message {message} is sent in both")]
    SentTwice {
        /// Its name.
        message: String,
        /// The traces.
        traces: [usize; 2],
    },
    /// Each of some messages was received before the next was sent, and the last before the first.
    #[error("these messages go round in a circle, each received before the next is sent: \
             {}", .0.join(" "))]
    Circle(Vec<String>),
    /// One trace contradicts another in some other way.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
}

impl MergeError {
    /// The two traces that contradict each other, if there are two.
    pub fn traces(&self) -> Option<[usize; 2]> {
        match self {
            MergeError::InTwo { traces, .. } | MergeError::SentTwice { traces, .. } => {
                Some(*traces)
            }
            _ => None,
        }
    }
}

/// Makes one trace of several, each of one or more services of the same run.
///
/// ```
/// use trace::{Event, Trace};
/// use views::merge::merge;
///
/// let mut sender = Trace::new(["n0", "n1"]);
/// sender.push(Event::send(0, 1, "m1"))?;
/// let mut receiver = Trace::new(["n0", "n1"]);
/// receiver.push(Event::receive(1, "m1"))?;
///
/// let both = merge(vec![receiver, sender])?;
/// assert_eq!(both.events(), [Event::send(0, 1, "m1"), Event::receive(1, "m1")]);
/// # Ok::<(), views::merge::MergeError>(())
/// ```
///
/// # Errors
/// A [`MergeError`], if they are not of one run, or are over a limit.
pub fn merge(traces: Vec<Trace>) -> Result<Trace, MergeError> {
    let events = traces.iter().map(|trace| trace.events().len()).sum();
    if events > MAX_EVENTS {
        return Err(MergeError::TooManyEvents(events));
    }
    let services = services(&traces)?;
    let mut merged = Trace::new(services.iter().cloned());
    let mut ahead = Ahead::of(&traces, &services)?;
    while let Some(event) = ahead.next()? {
        merged.push(event)?;
    }
    for (name, message) in traces.iter().flat_map(|trace| trace.messages()) {
        if message.is_lost {
            merged.lose(name)?;
        }
    }
    Ok(merged)
}

/// Each service once.
fn services(traces: &[Trace]) -> Result<Vec<String>, MergeError> {
    let mut known = BTreeSet::new();
    let named = traces.iter().flat_map(|trace| trace.nodes());
    let services: Vec<_> = named.filter(|name| known.insert(*name)).cloned().collect();
    match services.len() {
        count if count > MAX_SERVICES => Err(MergeError::TooManyServices(count)),
        _ => Ok(services),
    }
}

/// The events that have no place yet.
struct Ahead {
    /// All events, those of a service in their order.
    events: Vec<Event>,
    /// Of each service, which of them are ahead.
    queues: Vec<VecDeque<usize>>,
    /// Of a receipt its sending, of a sending its first receipt, where it is written down.
    partners: Vec<Option<usize>>,
    is_placed: Vec<bool>,
}

/// How soon an event should come, of those that can.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// It receives.
    Now,
    /// It waits for no other event, and none waits for it.
    Next,
    /// It sends, and its receiver has other events before the receipt.
    Later,
}

impl Ahead {
    fn of(traces: &[Trace], services: &[String]) -> Result<Ahead, MergeError> {
        let (events, sendings) = gathered(traces, services)?;
        let mut queues = vec![VecDeque::new(); services.len()];
        let mut partners = vec![None; events.len()];
        for (place, event) in events.iter().enumerate() {
            queues[event.node].push_back(place);
            if let Kind::Receive { message } = &event.kind
                && let Some(sending) = sendings.get(message)
            {
                partners[place] = Some(sending.place);
                partners[sending.place].get_or_insert(place);
            }
        }
        let is_placed = vec![false; events.len()];
        Ok(Ahead { events, queues, partners, is_placed })
    }

    /// The event that comes next. None if all have come.
    fn next(&mut self) -> Result<Option<Event>, MergeError> {
        let can_come = self.heads().filter_map(|place| {
            let urgency = self.urgency(place)?;
            Some((urgency, place))
        });
        // Of equals the first: that of the service named first.
        match can_come.min_by_key(|(urgency, _)| *urgency) {
            Some((_, place)) => {
                self.is_placed[place] = true;
                self.queues[self.events[place].node].pop_front();
                Ok(Some(self.events[place].clone()))
            }
            None if self.heads().next().is_some() => Err(MergeError::Circle(self.circle())),
            None => Ok(None),
        }
    }

    /// The next event of each service that has one.
    fn heads(&self) -> impl Iterator<Item = usize> {
        self.queues.iter().filter_map(|queue| queue.front().copied())
    }

    /// None if it cannot come yet: it receives a message that is not sent yet.
    fn urgency(&self, place: usize) -> Option<Urgency> {
        match (&self.events[place].kind, self.partners[place]) {
            (Kind::Receive { .. }, Some(sending)) if !self.is_placed[sending] => None,
            (Kind::Receive { .. }, _) => Some(Urgency::Now),
            (Kind::Send { .. }, Some(receipt)) if !self.is_head(receipt) => Some(Urgency::Later),
            _ => Some(Urgency::Next),
        }
    }

    fn is_head(&self, place: usize) -> bool {
        self.queues[self.events[place].node].front() == Some(&place)
    }

    /// The messages of a circle, where each service waits for another.
    fn circle(&self) -> Vec<String> {
        let mut way = Vec::new();
        let mut next = self.heads().next();
        // A receipt waits for a sending, which waits for the next event of its service, which is a
        // receipt that waits.
        while let Some(receipt) = next
            && !way.contains(&receipt)
        {
            way.push(receipt);
            let sending = self.partners[receipt].map(|sending| self.events[sending].node);
            next = sending.and_then(|service| self.queues[service].front().copied());
        }
        let start = way.iter().position(|receipt| Some(*receipt) == next);
        let circle = way.drain(start.unwrap_or(0)..).rev();
        let names = circle.filter_map(|receipt| self.events[receipt].message());
        names.map(str::to_owned).collect()
    }
}

/// Where a message is sent.
struct Sending {
    place: usize,
    trace: usize,
}

/// The events of all traces, and of each message its sending.
fn gathered(
    traces: &[Trace],
    services: &[String],
) -> Result<(Vec<Event>, BTreeMap<String, Sending>), MergeError> {
    let places: BTreeMap<&String, usize> = services.iter().zip(0..).collect();
    let mut writers = vec![None; services.len()];
    let (mut events, mut sendings) = (Vec::new(), BTreeMap::new());
    for (number, trace) in traces.iter().enumerate() {
        let place: Vec<usize> = trace.nodes().iter().map(|name| places[name]).collect();
        for event in trace.events() {
            let event = renumbered(event, &place, services.len());
            let writer = *writers[event.node].get_or_insert(number);
            if writer != number {
                let service = services[event.node].clone();
                let traces = [writer, number];
                return Err(MergeError::InTwo { service, traces });
            }
            if let Kind::Send { message, .. } = &event.kind {
                let sending = Sending { place: events.len(), trace: number };
                if let Some(other) = sendings.insert(message.clone(), sending) {
                    let message = message.clone();
                    let traces = [other.trace, number];
                    return Err(MergeError::SentTwice { message, traces });
                }
            }
            events.push(event);
        }
    }
    Ok((events, sendings))
}

/// The event renumbered for `services` services, where those of its trace have the places `place`.
fn renumbered(event: &Event, place: &[usize], services: usize) -> Event {
    let kind = match &event.kind {
        Kind::Send { message, to } => {
            Kind::Send { message: message.clone(), to: to.map(|to| place[to]) }
        }
        other => other.clone(),
    };
    let vector = event.vector.as_ref().map(|entries| {
        let mut vector = vec![0; services];
        for (entry, place) in entries.iter().zip(place) {
            vector[*place] = *entry;
        }
        vector
    });
    Event { node: place[event.node], kind, vector, ..event.clone() }
}
