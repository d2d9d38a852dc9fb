//! Lines become a trace, and each is checked before it is added.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};

use serde::Deserialize;

use super::{Header, Line, MAX_EVENTS, MAX_LINE, MAX_SERVICES, VERSION, named_twice};
use trace::{Contradiction, Event, Kind, Trace};

/// Why a file is not a trace. The number of the line counts from 1.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system could not read it.
    #[error("cannot read the trace")]
    Io(#[from] io::Error),
    /// It is empty.
    #[error(
        "an empty file is not a trace: its first line would be \
         {{\"trace\":{VERSION},\"services\":[…]}}"
    )]
    Empty,
    /// The first line is not the header of a trace.
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
    #[error("line {line} is not an event: {why}, in column {column}")]
    NoEvent {
        /// Its number.
        line: usize,
        /// Where in the line, in bytes from 1.
        column: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A line contradicts itself or the lines before it.
    #[error("line {line}: {why}")]
    Wrong {
        /// Its number.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// The version alone, since another version may have another header.
#[derive(Deserialize)]
struct Version {
    trace: u64,
}

/// The content of a file whose end may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoFar {
    /// The trace of its whole lines.
    pub trace: Trace,
    /// The number of the last line, if the file ends inside it: it was left out.
    pub cut: Option<usize>,
}

/// Reads a trace.
///
/// # Errors
/// A [`ReadError`] that names the first invalid line. Nothing is returned of an invalid file.
pub fn read(input: impl BufRead) -> Result<Trace, ReadError> {
    match read_so_far(input)? {
        SoFar { trace, cut: None } => Ok(trace),
        SoFar { cut: Some(line), .. } => Err(ReadError::Cut { line }),
    }
}

/// Reads a trace whose last line may be cut, as that of a process that was killed.
///
/// ```
/// use views::file::{ReadError, read, read_so_far};
///
/// let killed = b"{\"trace\":1,\"services\":[\"n0\"]}\n{\"service\":\"n0\"}\n{\"serv";
/// let so_far = read_so_far(&killed[..])?;
/// assert_eq!((so_far.trace.events().len(), so_far.cut), (1, Some(3)));
/// assert!(matches!(read(&killed[..]), Err(ReadError::Cut { line: 3 })));
/// # Ok::<(), ReadError>(())
/// ```
///
/// # Errors
/// As [`read`]; [`ReadError::Cut`] only if that is the first line, without which there is no trace.
pub fn read_so_far(mut input: impl BufRead) -> Result<SoFar, ReadError> {
    let header = next_line(&mut input, 1)?.ok_or(ReadError::Empty)?;
    let mut trace = Trace::new(services(&header)?);
    let places: BTreeMap<String, usize> = trace.nodes().iter().cloned().zip(0..).collect();
    for number in 2.. {
        let text = match next_line(&mut input, number) {
            Ok(Some(text)) => text,
            Ok(None) => break,
            Err(ReadError::Cut { line }) => {
                let cut = Some(line);
                return Ok(SoFar { trace, cut });
            }
            Err(error) => return Err(error),
        };
        let line = serde_json::from_slice(&text).map_err(|error| not_an_event(number, &error))?;
        take(&mut trace, &places, line).map_err(|why| ReadError::Wrong { line: number, why })?;
        if trace.events().len() > MAX_EVENTS {
            return Err(ReadError::TooManyEvents);
        }
    }
    Ok(SoFar { trace, cut: None })
}

/// The error of a single line, whose own number in it is always 1.
fn not_an_event(line: usize, error: &serde_json::Error) -> ReadError {
    let (column, why) = (error.column(), error.to_string());
    let why = why.split(" at line ").next().unwrap_or(&why).to_owned();
    ReadError::NoEvent { line, column, why }
}

/// The next line without its newline, of at most [`MAX_LINE`] bytes. None at the end of the file.
fn next_line(input: &mut impl BufRead, line: usize) -> Result<Option<Vec<u8>>, ReadError> {
    let mut text = Vec::new();
    input.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut text)?;
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
    match named_twice(&services) {
        None => Ok(services),
        Some(name) => Err(ReadError::NamedTwice(name.clone())),
    }
}

/// Adds the event or loss of a line.
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
        (Some(message), None) => {
            Kind::Send { message, to: line.to.as_ref().map(place).transpose()? }
        }
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
        time: line.time,
    };
    trace.push(event).map_err(contradiction)
}
