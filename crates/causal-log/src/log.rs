//! A whole log in memory, its events by name.
//!
//! The events of a service stand in the order in which they were read: a service writes its lines
//! one after another, and that is the one order that a log has for certain. An event is called
//! `SERVICE:N`, the N-th of its service, or `FILE:LINE`.
//!
//! * An event's causes by messages are the one before it of its service, and the sending of the
//!   message that it receives.
//! * A message that no event sends comes from outside.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::BufRead;

use trace::{Contradiction, Event, Kind, Trace};
use views::file::MAX_SERVICES;

use crate::input::{BadLine, Complain, Input, InputError, Next, Why, text};
use crate::line::{Fields, Line, Said};
use crate::merge::sum;

/// The most events that are held.
pub const MAX_EVENTS: usize = 1_000_000;

/// The most bytes of lines that are held.
pub const MAX_BYTES: usize = 1 << 28;

/// The most events of a space-time diagram.
pub const MAX_DRAWN: usize = 2_000;

/// A log.
#[derive(Debug, Default)]
pub struct Log {
    events: Vec<Logged>,
    services: Vec<String>,
    files: Vec<String>,
    lost: Vec<String>,
    /// For each service, how many events it has.
    counts: Vec<u64>,
}

/// An event, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The line.
    pub text: String,
    /// Its file, by its place among those that were read.
    pub file: usize,
    /// Its number, from 1.
    pub line: u64,
    /// The service, by its place among the services.
    pub service: usize,
    /// Which of the service's events it is, from 1.
    pub number: u64,
    /// What happened.
    pub event: String,
    /// What the wall clock said.
    pub time: Option<u64>,
    /// The Lamport stamp.
    pub lamport: Option<u64>,
    /// The vector stamp.
    pub vector: Option<Vector>,
    /// What it has to do with messages.
    pub kind: Kind,
    /// The service's event before it.
    pub previous: Option<usize>,
    /// The sending of the message that it receives, where the log has it.
    pub sending: Option<usize>,
}

/// A vector stamp: the services that have an entry other than 0, and their entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vector(Vec<(usize, u64)>);

/// Why there is no log, or none with such an event.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// An input cannot be read, or reading is to stop at a bad line.
    #[error(transparent)]
    Input(#[from] InputError),
    /// It is too long.
    #[error("there are more than {MAX_EVENTS} events, or {MAX_BYTES} bytes of them")]
    TooLarge,
    /// It names too many services.
    #[error("there are more than {MAX_SERVICES} services")]
    TooManyServices,
    /// There is no such event.
    #[error(
        "there is no event {0}: events are called SERVICE:N, the N-th of its service, or FILE:LINE"
    )]
    NoSuchEvent(String),
    /// Each of some events has another of them as its cause.
    #[error("{0} is received before it is sent, by a circle of messages; `check` names them")]
    Circle(String),
    /// It is too long to draw.
    #[error("{0} events are too many to look at: {MAX_DRAWN} is the limit")]
    TooManyToDraw(usize),
    /// It contradicts itself.
    #[error("{name} is impossible")]
    Contradiction {
        /// The event.
        name: String,
        /// What it contradicts.
        source: Contradiction,
    },
}

impl From<BadLine> for LogError {
    fn from(line: BadLine) -> LogError {
        LogError::Input(line.into())
    }
}

impl Logged {
    /// The message that it sends or receives.
    pub fn message(&self) -> Option<&str> {
        match &self.kind {
            Kind::Local => None,
            Kind::Send { message, .. } | Kind::Receive { message } => Some(message),
        }
    }
}

impl Vector {
    /// A service's entry.
    pub fn entry(&self, service: usize) -> u64 {
        let place = self.0.binary_search_by_key(&service, |(known, _)| *known);
        place.map_or(0, |place| self.0[place].1)
    }

    /// The entries other than 0, by service.
    pub fn entries(&self) -> &[(usize, u64)] {
        &self.0
    }

    /// Whether no entry is larger than the other's.
    pub fn is_within(&self, other: &Vector) -> bool {
        let mut entries = self.0.iter();
        entries.all(|(service, count)| *count <= other.entry(*service))
    }

    /// The larger of each two entries.
    #[must_use]
    pub fn united(&self, other: &Vector) -> Vector {
        let mut united: BTreeMap<usize, u64> = self.0.iter().copied().collect();
        for (service, count) in &other.0 {
            let entry = united.entry(*service).or_default();
            *entry = (*entry).max(*count);
        }
        Vector(united.into_iter().collect())
    }

    /// The same with another entry for a service.
    #[must_use]
    pub fn with(&self, service: usize, count: u64) -> Vector {
        let mut entries: BTreeMap<usize, u64> = self.0.iter().copied().collect();
        entries.insert(service, count);
        Vector(entries.into_iter().filter(|(_, count)| *count > 0).collect())
    }
}

/// What is known while a log is read.
#[derive(Default)]
struct Reading {
    log: Log,
    names: BTreeMap<String, usize>,
    /// For each service its latest event.
    latest: Vec<Option<usize>>,
    bytes: usize,
}

impl Log {
    /// Reads all of these.
    ///
    /// # Errors
    /// A [`LogError`], if one cannot be read or is beyond a limit, or reading is to stop at a bad
    /// line.
    pub fn read<R: BufRead>(
        inputs: Vec<Input<R>>,
        fields: &Fields,
        complain: &mut impl Complain,
    ) -> Result<Log, LogError> {
        let mut reading = Reading::default();
        let mut line = Vec::new();
        for mut input in inputs {
            reading.log.files.push(input.name.clone());
            while input.next(&mut line, complain)? == Next::Line {
                match reading.take(&line, input.line(), fields)? {
                    Ok(()) => {}
                    Err(why) => complain.bad(input.bad(why))?,
                }
            }
        }
        Ok(reading.finish())
    }

    /// What happened, in the order in which it was read.
    pub fn events(&self) -> &[Logged] {
        &self.events
    }

    /// The names of the services.
    pub fn services(&self) -> &[String] {
        &self.services
    }

    /// `SERVICE:N` of an event.
    pub fn name(&self, event: usize) -> String {
        let Logged { service, number, .. } = self.events[event];
        format!("{}:{number}", self.services[service])
    }

    /// `FILE:LINE` of an event.
    pub fn place(&self, event: usize) -> String {
        let Logged { file, line, .. } = self.events[event];
        format!("{}:{line}", self.files[file])
    }

    /// A vector by the names of the services.
    pub fn vector_text(&self, vector: &Vector) -> String {
        let entries = vector.0.iter();
        let entries =
            entries.map(|(service, count)| format!("{}:{count}", self.services[*service]));
        format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
    }

    /// The event of a name. Where a service and a file have one name, the service's is meant.
    ///
    /// # Errors
    /// [`LogError::NoSuchEvent`].
    pub fn find(&self, name: &str) -> Result<usize, LogError> {
        let found = name.rsplit_once(':').and_then(|(of, number)| {
            let number: u64 = number.parse().ok()?;
            let by_service = self
                .events
                .iter()
                .position(|event| event.number == number && self.services[event.service] == of);
            by_service.or_else(|| {
                let mut events = self.events.iter();
                events.position(|event| event.line == number && self.files[event.file] == of)
            })
        });
        found.ok_or_else(|| LogError::NoSuchEvent(name.to_owned()))
    }

    /// Whether every event has a vector.
    pub fn has_vectors(&self) -> bool {
        self.events.iter().all(|event| event.vector.is_some())
    }

    /// Whether a message is received anywhere, so that the log can be asked where knowledge came
    /// from.
    pub fn has_messages(&self) -> bool {
        self.events.iter().any(|event| event.sending.is_some())
    }

    /// The causes of an event by messages: the event before it of its service, and the sending of
    /// what it receives.
    pub fn causes(&self, event: usize) -> impl Iterator<Item = usize> {
        let Logged { previous, sending, .. } = self.events[event];
        [previous, sending].into_iter().flatten()
    }

    /// All events, in an order that is possible by their messages: each takes the Lamport stamp
    /// that it should have, and equal stamps go by the name of the service (Kahn 1962). Events in a
    /// circle, or behind one, are missing.
    pub fn by_messages(&self) -> Vec<usize> {
        let mut effects = vec![Vec::new(); self.events.len()];
        let mut missing = vec![0; self.events.len()];
        for (event, missing) in missing.iter_mut().enumerate() {
            for cause in self.causes(event) {
                effects[cause].push(event);
                *missing += 1;
            }
        }
        let mut stamps = vec![1u64; self.events.len()];
        let free = (0..self.events.len()).filter(|event| missing[*event] == 0);
        let mut free: VecDeque<_> = free.collect();
        let mut order = Vec::new();
        while let Some(event) = free.pop_front() {
            order.push(event);
            for effect in std::mem::take(&mut effects[event]) {
                stamps[effect] = stamps[effect].max(stamps[event] + 1);
                missing[effect] -= 1;
                if missing[effect] == 0 {
                    free.push_back(effect);
                }
            }
        }
        order.sort_by_key(|event| (stamps[*event], self.of_service(*event)));
        order
    }

    /// All events in the order of the stamps that all of them have, as [`merge`](mod@crate::merge)
    /// puts them; or where there are none, by messages.
    ///
    /// # Errors
    /// [`LogError::Circle`], where there is no stamp and no such order.
    pub fn in_order(&self) -> Result<Vec<usize>, LogError> {
        let lamport = |event: &Logged| event.lamport;
        let vector = |event: &Logged| sum(event.vector.as_ref()?.0.iter().map(|entry| entry.1));
        let by_lamport: Option<Vec<u64>> = self.events.iter().map(lamport).collect();
        let stamps = by_lamport.or_else(|| self.events.iter().map(vector).collect());
        match stamps {
            Some(stamps) => {
                let mut order: Vec<_> = (0..self.events.len()).collect();
                order.sort_by_key(|event| (stamps[*event], self.of_service(*event)));
                Ok(order)
            }
            None => self.all_by_messages(),
        }
    }

    fn all_by_messages(&self) -> Result<Vec<usize>, LogError> {
        let order = self.by_messages();
        let ordered: BTreeSet<_> = order.iter().copied().collect();
        let in_circle = (0..self.events.len()).find(|event| !ordered.contains(event));
        match in_circle {
            Some(event) => Err(LogError::Circle(self.name(event))),
            None => Ok(order),
        }
    }

    fn of_service(&self, event: usize) -> (&str, usize) {
        (&self.services[self.events[event].service], event)
    }

    /// The log as a trace, for space-time diagrams: in an order by its messages, whatever the
    /// stamps say, and its services by name, whatever order they have in the files.
    ///
    /// # Errors
    /// A [`LogError`], if it is too long or contradicts itself.
    pub fn trace(&self) -> Result<Trace, LogError> {
        if self.events.len() > MAX_DRAWN {
            return Err(LogError::TooManyToDraw(self.events.len()));
        }
        let mut by_name: Vec<usize> = (0..self.services.len()).collect();
        by_name.sort_by_key(|service| &self.services[*service]);
        let mut column = vec![0; by_name.len()];
        by_name.iter().enumerate().for_each(|(at, service)| column[*service] = at);
        let mut trace = Trace::new(by_name.iter().map(|service| self.services[*service].clone()));
        for place in self.all_by_messages()? {
            let logged = &self.events[place];
            let dense =
                |vector: &Vector| by_name.iter().map(|service| vector.entry(*service)).collect();
            let mut kind = logged.kind.clone();
            if let Kind::Send { to: Some(to), .. } = &mut kind {
                *to = column[*to];
            }
            let event = Event {
                node: column[logged.service],
                kind,
                label: logged.event.clone(),
                lamport: logged.lamport,
                vector: logged.vector.as_ref().map(dense),
                time: logged.time,
            };
            let name = || self.name(place);
            let contradiction = |source| LogError::Contradiction { name: name(), source };
            trace.push(event).map_err(contradiction)?;
        }
        // A loss of a message that no event sends has no arrow to be drawn at.
        for name in &self.lost {
            let _ = trace.lose(name);
        }
        Ok(trace)
    }
}

impl Reading {
    /// Takes a line. The inner error is the line's own.
    fn take(
        &mut self,
        line: &[u8],
        number: u64,
        fields: &Fields,
    ) -> Result<Result<(), Why>, LogError> {
        let said = match text(line).and_then(|text| Ok((text, fields.read(text)?))) {
            Ok((text, Line::Event(said))) => (text, said),
            Ok((_, Line::Lost(name))) => {
                self.log.lost.push(name.into_owned());
                return self.weigh(line).map(Ok);
            }
            Ok((_, Line::Header)) => return Ok(Ok(())),
            Err(why) => return Ok(Err(why)),
        };
        let (text, said) = said;
        self.weigh(line)?;
        let service = self.service(&said.service)?;
        let kind = self.kind(&said)?;
        let vector = match said.vector {
            None => None,
            Some(counts) => {
                let mut entries = BTreeMap::new();
                for (name, count) in counts {
                    if entries.insert(self.service(&name)?, count).is_some() {
                        return Ok(Err(Why::NamedTwice(name.into_owned())));
                    }
                }
                Some(Vector(entries.into_iter().filter(|entry| entry.1 > 0).collect()))
            }
        };
        let place = self.log.events.len();
        self.log.counts[service] += 1;
        self.log.events.push(Logged {
            text: text.to_owned(),
            file: self.log.files.len() - 1,
            line: number,
            service,
            number: self.log.counts[service],
            event: said.event.unwrap_or_default().into_owned(),
            time: said.time,
            lamport: said.lamport,
            vector,
            kind,
            previous: self.latest[service].replace(place),
            sending: None,
        });
        Ok(Ok(()))
    }

    fn weigh(&mut self, line: &[u8]) -> Result<(), LogError> {
        self.bytes += line.len();
        match self.bytes > MAX_BYTES || self.log.events.len() == MAX_EVENTS {
            true => Err(LogError::TooLarge),
            false => Ok(()),
        }
    }

    /// The place of a service, which from now on has one.
    fn service(&mut self, name: &str) -> Result<usize, LogError> {
        if let Some(place) = self.names.get(name) {
            return Ok(*place);
        }
        let place = self.log.services.len();
        if place == MAX_SERVICES {
            return Err(LogError::TooManyServices);
        }
        self.names.insert(name.to_owned(), place);
        self.log.services.push(name.to_owned());
        self.log.counts.push(0);
        self.latest.push(None);
        Ok(place)
    }

    fn kind(&mut self, said: &Said<'_>) -> Result<Kind, LogError> {
        Ok(match (&said.sent, &said.received) {
            (Some(message), _) => Kind::Send {
                message: message.to_string(),
                to: said.to.as_ref().map(|to| self.service(to)).transpose()?,
            },
            (None, Some(message)) => Kind::Receive { message: message.to_string() },
            (None, None) => Kind::Local,
        })
    }

    /// Finds the sending of each message. Of two the first counts.
    fn finish(self) -> Log {
        let mut log = self.log;
        let mut sent: BTreeMap<String, usize> = BTreeMap::new();
        for (place, event) in log.events.iter().enumerate() {
            if let Kind::Send { message, .. } = &event.kind {
                sent.entry(message.clone()).or_insert(place);
            }
        }
        for event in &mut log.events {
            if let Kind::Receive { message } = &event.kind {
                event.sending = sent.get(message).copied();
            }
        }
        log
    }
}
