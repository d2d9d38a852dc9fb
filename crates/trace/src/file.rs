//! A trace as a file: JSON lines, version 1.
//!
//! The first line says what this is, and names the nodes, here called services, in the order of their columns. Then each
//! line is an event, in an order in which it can have happened; or it says that the network lost a message, which only
//! somebody who sees the network knows.
//!
//! ```text
//! {"trace":1,"services":["n0","n1"]}
//! {"service":"n0","event":"A","lamport":1,"vector":{"n0":1}}
//! {"service":"n0","lamport":2,"vector":{"n0":2},"sent":"m1","to":"n1"}
//! {"service":"n1","lamport":3,"vector":{"n0":2,"n1":1},"received":"m1"}
//! {"service":"n1","sent":"m2"}
//! {"lost":"m2"}
//! ```
//!
//! | field | type | what |
//! |---|---|---|
//! | `service` | text | the node; needed |
//! | `event` | text | what people call it |
//! | `lamport` | whole number | its Lamport stamp |
//! | `vector` | object from service to whole number | its vector stamp; who is not named counts 0 |
//! | `sent`, `to` | text | the name of the message that it sends, and the service that it is for |
//! | `received` | text | the name of the message that it receives |
//! | `lost` | text | stands alone: the name of a message |
//!
//! Fields that are not in this table are passed over, so that a later version can add some; a change that older readers
//! would misread gets a new version number.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use crate::{Contradiction, Event, Kind, Trace};

/// The version that is written, and the only one that is read.
pub const VERSION: u64 = 1;

/// The longest line that is read, in bytes.
pub const MAX_LINE: usize = 64 * 1024;

/// The most events that are read.
pub const MAX_EVENTS: usize = 100_000;

/// The most services that are read.
pub const MAX_SERVICES: usize = 256;

/// Why a file is not a trace. The number of the line counts from 1.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system could not read it.
    #[error("cannot read the trace")]
    Io(#[from] io::Error),
    /// It is empty.
    #[error(
        "an empty file is no trace: its first line would be {{\"trace\":{VERSION},\"services\":[…]}}"
    )]
    Empty,
    /// The first line is none of a trace.
    #[error("line 1 is not that of a trace, which begins {{\"trace\":{VERSION},\"services\":[…]}}")]
    NoHeader(#[source] serde_json::Error),
    /// It has another version.
    #[error(
        "this is version {found} of the format; version {VERSION} is the one that can be read here"
    )]
    Version {
        /// Its version.
        found: u64,
    },
    /// Two services have one name.
    #[error("line 1 names the service `{0}` twice")]
    NamedTwice(String),
    /// A line is longer than the limit.
    #[error("line {line} is longer than {MAX_LINE} bytes")]
    LongLine {
        /// Its number.
        line: usize,
    },
    /// There are more services than the limit.
    #[error("line 1 names {0} services, and {MAX_SERVICES} is the limit")]
    TooManyServices(usize),
    /// There are more events than the limit.
    #[error("there are more than {MAX_EVENTS} events")]
    TooManyEvents,
    /// The last line is incomplete: the file was cut, or is still being written.
    #[error("line {line} is cut: the file ends inside it")]
    Cut {
        /// Its number.
        line: usize,
    },
    /// A line is not JSON, or not of this shape.
    #[error("line {line} is no event: {why}, in column {column}")]
    NoEvent {
        /// Its number.
        line: usize,
        /// Where in the line, in bytes from 1.
        column: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A line says what does not go together.
    #[error("line {line}: {why}")]
    Wrong {
        /// Its number.
        line: usize,
        /// What does not.
        why: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Header {
    trace: u64,
    services: Vec<String>,
}

/// The version alone, since another one may have another header.
#[derive(Deserialize)]
struct Version {
    trace: u64,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    event: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lamport: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<BTreeMap<String, u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<String>,
}

/// Writes a trace. Messages that were lost are told at the end.
///
/// # Errors
/// Those of `output`.
pub fn write(trace: &Trace, mut output: impl Write) -> io::Result<()> {
    let header = Header {
        trace: VERSION,
        services: trace.nodes.clone(),
    };
    let events = trace.events.iter().map(|event| line_of(trace, event));
    let lost = trace.messages.iter().filter(|(_, message)| message.is_lost);
    let lost = lost.map(|(name, _)| Line {
        lost: Some(name.clone()),
        ..Line::default()
    });
    writeln!(output, "{}", serde_json::to_string(&header)?)?;
    for line in events.chain(lost) {
        writeln!(output, "{}", serde_json::to_string(&line)?)?;
    }
    output.flush()
}

fn line_of(trace: &Trace, event: &Event) -> Line {
    let name = |node: usize| trace.nodes[node].clone();
    let counted = |vector: &Vec<u64>| {
        let entries = vector.iter().enumerate().filter(|(_, count)| **count > 0);
        entries.map(|(node, count)| (name(node), *count)).collect()
    };
    let mut line = Line {
        service: Some(name(event.node)),
        event: event.label.clone(),
        lamport: event.lamport,
        vector: event.vector.as_ref().map(counted),
        ..Line::default()
    };
    match &event.kind {
        Kind::Local => {}
        Kind::Send { message, to } => {
            line.sent = Some(message.clone());
            line.to = to.map(name);
        }
        Kind::Receive { message } => line.received = Some(message.clone()),
    }
    line
}

/// Reads a trace.
///
/// # Errors
/// A [`ReadError`] that names the first line that is wrong. Of a bad file nothing is returned.
pub fn read(mut input: impl BufRead) -> Result<Trace, ReadError> {
    let header = next_line(&mut input, 1)?.ok_or(ReadError::Empty)?;
    let mut trace = Trace::new(services(&header)?);
    let places: BTreeMap<String, usize> = trace.nodes.iter().cloned().zip(0..).collect();
    for number in 2.. {
        let Some(text) = next_line(&mut input, number)? else {
            break;
        };
        let line = serde_json::from_slice(&text).map_err(|error| no_event(number, &error))?;
        take(&mut trace, &places, line).map_err(|why| ReadError::Wrong { line: number, why })?;
        if trace.events.len() > MAX_EVENTS {
            return Err(ReadError::TooManyEvents);
        }
    }
    Ok(trace)
}

/// The error of a single line, whose own number in it is always 1.
fn no_event(line: usize, error: &serde_json::Error) -> ReadError {
    let (column, why) = (error.column(), error.to_string());
    let why = why.split(" at line ").next().unwrap_or(&why).to_owned();
    ReadError::NoEvent { line, column, why }
}

/// The next line without its newline, of at most [`MAX_LINE`] bytes. None at the end of the file.
fn next_line(input: &mut impl BufRead, line: usize) -> Result<Option<Vec<u8>>, ReadError> {
    let mut text = Vec::new();
    input
        .by_ref()
        .take(MAX_LINE as u64 + 1)
        .read_until(b'\n', &mut text)?;
    match text.last() {
        None => Ok(None),
        Some(b'\n') => {
            text.pop();
            Ok(Some(text))
        }
        Some(_) if text.len() > MAX_LINE => Err(ReadError::LongLine { line }),
        Some(_) => Err(ReadError::Cut { line }),
    }
}

fn services(header: &[u8]) -> Result<Vec<String>, ReadError> {
    let Version { trace: found } = serde_json::from_slice(header).map_err(ReadError::NoHeader)?;
    if found != VERSION {
        return Err(ReadError::Version { found });
    }
    let Header { services, .. } = serde_json::from_slice(header).map_err(ReadError::NoHeader)?;
    if services.len() > MAX_SERVICES {
        return Err(ReadError::TooManyServices(services.len()));
    }
    let mut sorted: Vec<_> = services.iter().collect();
    sorted.sort();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(services),
        Some(pair) => Err(ReadError::NamedTwice(pair[0].clone())),
    }
}

/// Adds what a line says.
fn take(trace: &mut Trace, places: &BTreeMap<String, usize>, line: Line) -> Result<(), String> {
    let place = |service: &String| {
        let known = places.get(service).copied();
        known.ok_or_else(|| format!("the first line names no service `{service}`"))
    };
    let contradiction = |contradiction: Contradiction| contradiction.to_string();
    if let Some(message) = line.lost {
        return trace.lose(&message).map_err(contradiction);
    }
    let service = line.service.ok_or("it names no service")?;
    let kind = match (line.sent, line.received) {
        (None, None) => Kind::Local,
        (Some(message), None) => Kind::Send {
            message,
            to: line.to.as_ref().map(place).transpose()?,
        },
        (None, Some(message)) => Kind::Receive { message },
        (Some(_), Some(_)) => return Err("one event cannot both send and receive".to_owned()),
    };
    let vector = match line.vector {
        None => None,
        Some(counts) => {
            let mut vector = vec![0; places.len()];
            for (service, count) in counts {
                vector[place(&service)?] = count;
            }
            Some(vector)
        }
    };
    let event = Event {
        node: place(&service)?,
        kind,
        label: line.event,
        lamport: line.lamport,
        vector,
    };
    trace.push(event).map_err(contradiction)
}
