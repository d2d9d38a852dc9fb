//! Events become lines, one after another.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, Write};
use std::path::Path;

use serde::Serialize;

use super::{Header, Line, MAX_EVENTS, MAX_LINE, MAX_SERVICES, VERSION, named_twice};
use trace::{Event, Kind, Trace};

/// Why a line was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system could not write it, or not all of it.
    #[error("cannot write the trace")]
    Io(#[from] io::Error),
    /// An earlier line may be cut, and the next would become a part of it.
    #[error("an earlier line of the trace could not be written, so nothing more is")]
    Stopped,
    /// There are as many events as can be read.
    #[error("the trace is full: it has {MAX_EVENTS} events")]
    Full,
    /// The line would be longer than can be read.
    #[error("a line of {0} bytes, and {MAX_LINE} is the limit")]
    LongLine(usize),
    /// There are more services than can be read.
    #[error("{0} services, and {MAX_SERVICES} is the limit")]
    TooManyServices(usize),
    /// Two services have one name.
    #[error("the service `{0}` is named twice")]
    NamedTwice(String),
}

/// Writes a trace while it happens.
///
/// ```
/// use trace::Event;
/// use views::file::{self, Writer};
///
/// let mut written = Vec::new();
/// let mut writer = Writer::new(&mut written, ["n0", "n1"])?;
/// writer.event(&Event::local(0).label("A"))?;
/// writer.event(&Event::send(0, 1, "m1"))?;
/// assert_eq!(
///     String::from_utf8(written)?,
///     r#"{"trace":1,"services":["n0","n1"]}
/// {"service":"n0","event":"A"}
/// {"service":"n0","sent":"m1","to":"n1"}
/// "#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// * Each line is written to the output whole, and flushed, before a method returns: a process
///   killed after that leaves whole lines.
/// * After a failed line nothing more is written.
/// * Lines and the number of events are within the limits of a reader. Whether the events
///   contradict each other is not checked.
#[derive(Debug)]
pub struct Writer<W> {
    /// None after a failure.
    output: Option<W>,
    services: Vec<String>,
    events: usize,
}

impl<W: Write> Writer<W> {
    /// A trace between these services. Writes its first line.
    ///
    /// # Errors
    /// [`WriteError`], if the services are invalid, or the output fails.
    pub fn new(
        output: W,
        services: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Writer<W>, WriteError> {
        let header =
            Header { trace: VERSION, services: services.into_iter().map(Into::into).collect() };
        let count = header.services.len();
        if count > MAX_SERVICES {
            return Err(WriteError::TooManyServices(count));
        }
        if let Some(name) = named_twice(&header.services) {
            return Err(WriteError::NamedTwice(name.clone()));
        }
        let mut writer = Writer { output: Some(output), services: Vec::new(), events: 0 };
        writer.line(&header)?;
        writer.services = header.services;
        Ok(writer)
    }

    /// Writes the next event.
    ///
    /// # Errors
    /// [`WriteError`]. Of [`Full`](WriteError::Full) and [`LongLine`](WriteError::LongLine) nothing
    /// was written.
    ///
    /// # Panics
    /// If the event's service does not exist.
    pub fn event(&mut self, event: &Event) -> Result<(), WriteError> {
        if self.events == MAX_EVENTS {
            return Err(WriteError::Full);
        }
        let line = line_of(&self.services, event);
        self.line(&line)?;
        self.events += 1;
        Ok(())
    }

    /// Writes that the network lost a message, which was sent before.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn lost(&mut self, message: &str) -> Result<(), WriteError> {
        self.line(&Line { lost: Some(message.to_owned()), ..Line::default() })
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), WriteError> {
        let mut text = serde_json::to_vec(line).map_err(io::Error::from)?;
        if text.len() > MAX_LINE {
            return Err(WriteError::LongLine(text.len()));
        }
        text.push(b'\n');
        let mut output = self.output.take().ok_or(WriteError::Stopped)?;
        output.write_all(&text)?;
        output.flush()?;
        self.output = Some(output);
        Ok(())
    }
}

/// Writes a trace. Lost messages are written at the end.
///
/// # Errors
/// [`WriteError`], if the trace is larger than can be read or `output` fails.
pub fn write(trace: &Trace, output: impl Write) -> Result<(), WriteError> {
    let mut writer = Writer::new(output, trace.nodes().iter().cloned())?;
    for event in trace.events() {
        writer.event(event)?;
    }
    let lost = trace.messages().iter().filter(|(_, message)| message.is_lost);
    for (name, _) in lost {
        writer.lost(name)?;
    }
    Ok(())
}

/// Creates the file that a trace is written to, or empties one that holds a trace. No other file is
/// ever emptied, and while the file is open, no other process gets it from here.
///
/// ```
/// # let scratch = tempfile::tempdir()?;
/// # let path = scratch.path().join("notes");
/// std::fs::write(&path, "keep me")?;
/// assert!(views::file::create(&path).is_err());
/// assert_eq!(std::fs::read_to_string(&path)?, "keep me");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] if something other than a trace is there, or a trace that another
/// process writes; it is unchanged. Otherwise what the system reports.
pub fn create(path: &Path) -> io::Result<File> {
    // Checked before it is opened: opening a named pipe waits for its other end.
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return Err(taken("it exists and is not a trace"));
    }
    // A new one is not made through a link that leads nowhere yet.
    let mut how = OpenOptions::new();
    let file = how.read(true).write(true).create_new(there.is_none()).open(path)?;
    // Some file systems have no locks, such as those on a network; on Windows a lock would keep out
    // those who read the trace meanwhile.
    if cfg!(unix) && matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        return Err(taken("another process writes its trace there"));
    }
    if file.metadata()?.len() > 0 && !begins_with_a_header(&file)? {
        return Err(taken("it exists and is not a trace"));
    }
    file.set_len(0)?;
    (&file).rewind()?;
    Ok(file)
}

fn begins_with_a_header(file: &File) -> io::Result<bool> {
    let mut line = Vec::new();
    let limit = MAX_LINE as u64;
    BufReader::new(file.take(limit)).read_until(b'\n', &mut line)?;
    Ok(serde_json::from_slice::<Header>(&line).is_ok())
}

fn taken(why: &str) -> io::Error {
    io::Error::new(ErrorKind::AlreadyExists, why)
}

fn line_of(services: &[String], event: &Event) -> Line {
    let name = |node: usize| services[node].clone();
    let counted = |vector: &Vec<u64>| {
        let entries = vector.iter().enumerate().filter(|(_, count)| **count > 0);
        entries.map(|(node, count)| (name(node), *count)).collect()
    };
    let mut line = Line {
        service: Some(name(event.node)),
        event: event.label.clone(),
        lamport: event.lamport,
        vector: event.vector.as_ref().map(counted),
        time: event.time,
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
