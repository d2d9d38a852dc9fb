//! Impossible stamps.
//!
//! What an event's stamps should be follows from its causes: the event before it of its service,
//! and the sending of the message that it receives. The first event of a service in a log need not
//! be the first that the service ever had, so its own entry may be any from 1 on; and what came
//! from outside may have brought any knowledge along.
//!
//! Lamport stamps are held to the clock condition alone, that a cause has the smaller one. Clocks
//! that leave gaps are no worse.

use std::collections::BTreeMap;

use trace::Kind;

use crate::log::{Log, Logged, Vector};

/// Something impossible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The event that shows it.
    pub event: usize,
    /// What.
    pub what: What,
}

/// What is impossible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The Lamport stamp is not larger than that of a cause.
    Lamport {
        /// The stamp.
        got: u64,
        /// The cause whose stamp is the largest.
        cause: usize,
        /// The smallest that it could be; none if the cause has the largest number there is.
        at_least: Option<u64>,
    },
    /// The own entry of a vector is not one more than before.
    OwnEntry {
        /// The entry.
        got: u64,
        /// The entry of the service's event before; none for the first.
        before: Option<u64>,
        /// What it should be.
        should_be: u64,
    },
    /// The own entry of a vector is not above what the sending of its message knows of the service.
    OwnKnown {
        /// The entry.
        got: u64,
        /// The sending.
        sending: usize,
        /// The smallest that it could be; none if the sending has the largest number there is.
        at_least: Option<u64>,
    },
    /// An entry of a vector is smaller than a cause's.
    Forgotten {
        /// The service whose entry it is.
        entry: usize,
        /// The entry.
        got: u64,
        /// The cause.
        cause: usize,
        /// What the whole vector should be.
        should_be: Vector,
    },
    /// An entry of a vector grew, and no message came that could have brought that knowledge.
    Unheard {
        /// The service whose entry it is.
        entry: usize,
        /// The entry.
        got: u64,
        /// What the whole vector should be.
        should_be: Vector,
    },
    /// Another event has the same vector.
    SameVector {
        /// The other.
        other: usize,
    },
    /// Another event sends the same message.
    SentTwice {
        /// The other.
        other: usize,
    },
    /// It is its own cause, by messages.
    Circle,
}

/// Everything in a log that is impossible, in the order of its lines.
pub fn check(log: &Log) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut vectors: BTreeMap<&Vector, usize> = BTreeMap::new();
    let mut sendings: BTreeMap<&str, usize> = BTreeMap::new();
    let in_circle = in_circle(log);
    for (place, event) in log.events().iter().enumerate() {
        let mut find = |what: Option<What>| {
            found.extend(what.map(|what| Finding { event: place, what }));
        };
        find(in_circle[place].then_some(What::Circle));
        find(lamport(log, place));
        if let Some(vector) = &event.vector {
            find(own_known(log, event, vector).or_else(|| own_entry(log, event, vector)));
            find(forgotten(log, place, vector));
            find(unheard(log, place, vector));
            let other = *vectors.entry(vector).or_insert(place);
            find((other != place).then_some(What::SameVector { other }));
        }
        if let Kind::Send { message, .. } = &event.kind {
            let other = *sendings.entry(message).or_insert(place);
            find((other != place).then_some(What::SentTwice { other }));
        }
    }
    found
}

/// Of each event whether it is its own cause: what no order reaches, neither from the front nor
/// from the back.
pub(crate) fn in_circle(log: &Log) -> Vec<bool> {
    let mut is_left = vec![true; log.events().len()];
    for event in log.by_messages() {
        is_left[event] = false;
    }
    // What only follows from a circle has no effect that is left.
    let mut effects = vec![0; is_left.len()];
    let left: Vec<_> = (0..is_left.len()).filter(|event| is_left[*event]).collect();
    for cause in left.iter().flat_map(|event| log.causes(*event)) {
        effects[cause] += 1;
    }
    let ends = left.into_iter().filter(|event| effects[*event] == 0);
    let mut ends: Vec<_> = ends.collect();
    while let Some(event) = ends.pop() {
        is_left[event] = false;
        for cause in log.causes(event).filter(|cause| is_left[*cause]) {
            effects[cause] -= 1;
            if effects[cause] == 0 {
                ends.push(cause);
            }
        }
    }
    is_left
}

fn lamport(log: &Log, place: usize) -> Option<What> {
    let got = log.events()[place].lamport?;
    let stamped = log.causes(place).filter_map(|cause| Some((log.events()[cause].lamport?, cause)));
    let (largest, cause) = stamped.max()?;
    (got <= largest).then_some(What::Lamport { got, cause, at_least: largest.checked_add(1) })
}

fn own_entry(log: &Log, event: &Logged, vector: &Vector) -> Option<What> {
    let got = vector.entry(event.service);
    let before = event.previous.and_then(|place| log.events()[place].vector.as_ref());
    let before = before.map(|vector| vector.entry(event.service));
    let should_be = match (event.previous, before) {
        (None, _) => got.max(1),
        (Some(_), Some(before)) => before.saturating_add(1),
        // The line before has no vector, so there is nothing to go by.
        (Some(_), None) => got.max(1),
    };
    (got != should_be).then_some(What::OwnEntry { got, before, should_be })
}

/// No cause knows of an event before it happens. A sending of the service itself is a line before
/// it, which [`own_entry`] goes by.
fn own_known(log: &Log, event: &Logged, vector: &Vector) -> Option<What> {
    let sending = event.sending?;
    let sent = &log.events()[sending];
    let known = sent.vector.as_ref()?.entry(event.service);
    let got = vector.entry(event.service);
    (sent.service != event.service && got <= known && known > 0).then_some(What::OwnKnown {
        got,
        sending,
        at_least: known.checked_add(1),
    })
}

fn forgotten(log: &Log, place: usize, vector: &Vector) -> Option<What> {
    let own = log.events()[place].service;
    let known = |cause: usize| Some((cause, log.events()[cause].vector.as_ref()?));
    let missing = log.causes(place).filter_map(known).find_map(|(cause, known)| {
        let mut entries = known.entries().iter();
        // The own entry has a finding of its own.
        let missing =
            entries.find(|(service, count)| *service != own && vector.entry(*service) < *count);
        Some((cause, missing?.0))
    });
    let (cause, entry) = missing?;
    Some(What::Forgotten {
        entry,
        got: vector.entry(entry),
        cause,
        should_be: should_be(log, place)?,
    })
}

/// Only of events that received nothing from outside, and have a line before; and only if a log has
/// messages.
fn unheard(log: &Log, place: usize, vector: &Vector) -> Option<What> {
    let event = &log.events()[place];
    let is_from_outside = matches!(event.kind, Kind::Receive { .. }) && event.sending.is_none();
    if event.previous.is_none() || is_from_outside || !log.has_messages() {
        return None;
    }
    let should_be = should_be(log, place)?;
    let mut entries = vector.entries().iter();
    let (entry, got) = *entries
        .find(|(service, count)| *service != event.service && should_be.entry(*service) < *count)?;
    Some(What::Unheard { entry, got, should_be })
}

/// The vector that an event should have by its causes, if all of them have theirs. The own entry of
/// a service's first event is believed, where it is above what they know.
fn should_be(log: &Log, place: usize) -> Option<Vector> {
    let event = &log.events()[place];
    let (mut united, believed) = match event.previous {
        Some(previous) => (log.events()[previous].vector.clone()?, 0),
        None => {
            let own = event.vector.as_ref()?.entry(event.service);
            (Vector::default(), own)
        }
    };
    if let Some(sending) = event.sending {
        united = united.united(log.events()[sending].vector.as_ref()?);
    }
    let own = united.entry(event.service).saturating_add(1);
    Some(united.with(event.service, own.max(believed)))
}

impl Finding {
    /// The finding in words: where it is, what is wrong, and what should be there.
    pub fn describe(&self, log: &Log) -> String {
        format!("{}: {}", log.place(self.event), self.without_place(log))
    }

    /// The finding in words, without the line of the file.
    pub fn without_place(&self, log: &Log) -> String {
        let name = log.name(self.event);
        let wrong = self.what.wrong(log);
        match self.what.remedy(log) {
            Some(remedy) => format!("{name}: {wrong}: {remedy}"),
            None => format!("{name}: {wrong}"),
        }
    }
}

impl What {
    fn wrong(&self, log: &Log) -> String {
        let name = |event: &usize| log.name(*event);
        let entry_of = |service: &usize| format!("its entry of {}", log.services()[*service]);
        match self {
            What::Lamport { got, cause, .. } => {
                format!("its Lamport stamp is {got}, not above that of its cause {}", name(cause))
            }
            What::OwnEntry { got, before: None, .. } => format!("its own entry is {got}"),
            What::OwnEntry { got, before: Some(before), .. } => {
                format!("its own entry is {got} after {before}")
            }
            What::OwnKnown { got, sending, .. } => format!(
                "its own entry is {got}, and its cause {} knows of that many or more",
                name(sending)
            ),
            What::Forgotten { entry, got, cause, .. } => {
                format!("{} is {got}, and its cause {} knows of more", entry_of(entry), name(cause))
            }
            What::Unheard { entry, got, .. } => {
                format!("{} is {got}, and no cause knows of that many", entry_of(entry))
            }
            What::SameVector { other } => format!("{} has the same vector", name(other)),
            What::SentTwice { other } => format!("{} sends the same message", name(other)),
            What::Circle => {
                "its message is received before it is sent, and it is its own cause".to_owned()
            }
        }
    }

    /// What should be there, where that is known.
    fn remedy(&self, log: &Log) -> Option<String> {
        match self {
            What::Lamport { at_least: Some(least), .. }
            | What::OwnKnown { at_least: Some(least), .. } => {
                Some(format!("it should be {least} or more"))
            }
            What::Lamport { at_least: None, .. } => Some("no number is".to_owned()),
            What::OwnKnown { at_least: None, .. } => Some("no number is above that".to_owned()),
            What::OwnEntry { should_be, .. } => Some(format!("it should be {should_be}")),
            What::Forgotten { should_be, .. } | What::Unheard { should_be, .. } => {
                Some(format!("the vector should be {}", log.vector_text(should_be)))
            }
            What::SameVector { .. } | What::SentTwice { .. } | What::Circle => None,
        }
    }
}
