//! The tool: its files, its limits, its exit codes.
//!
//! Answers go to `out`, everything else to stderr. Every file is opened before the first line of
//! any is read, so that a name mistyped costs nothing.

mod source;

use std::io::{self, Write};

use anyhow::{Context, bail};
use narration::{WithHint, log as say};

use crate::check::check as findings;
use crate::input::{BadLine, Complain};
use crate::line::Line;
use crate::log::Log;
use crate::merge::{Head, Merge, MergeError};
use crate::past::{self, By, Stands};
use crate::pretty::pretty;

pub use source::Logs;

/// How many bad lines are reported one by one; the others are only counted.
const MAX_REPORTED: u64 = 20;

/// How often the state of a merge is shown, in bytes.
const STATUS_EVERY: u64 = 1 << 24;

/// What a merge does besides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Merging {
    /// Lay the lines out for the eye.
    pub pretty: bool,
    /// Assume that each input is sorted, without checking first; one that is not ends the merge.
    pub sorted: bool,
}

/// Shows a line that the next one takes the place of; an empty one takes it away.
pub type Status<'a> = &'a dyn Fn(&str);

/// Merges logs in causal order. Files that are in that order already are read twice, first to see
/// that they are, and held a line each; anything else is held in memory, up to
/// [`MAX_HELD`](crate::merge::MAX_HELD), unless `how.sorted` is set.
///
/// # Errors
/// If an input cannot be read or reading is to stop at a bad line, if there is more than can be
/// held, or the output is closed.
pub fn merge(
    logs: &Logs,
    how: Merging,
    out: &mut impl Write,
    status: Status<'_>,
) -> anyhow::Result<()> {
    let mut skipped = Skipped::new(logs.strict, status);
    let is_sorted = how.sorted || (logs.can_be_read_twice() && is_sorted(logs, status)?);
    let total = logs.bytes();
    let mut shown = 0;
    let mut lines = 0u64;
    let print = |head: &Head, bytes: u64| {
        lines += 1;
        if bytes >= shown + STATUS_EVERY {
            shown = bytes;
            status(&state("merging", bytes, total));
        }
        match how.pretty {
            true => writeln!(out, "{}", laid_out(logs, head))?,
            false => {
                out.write_all(head.text())?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    };
    let merging = Merge::new(logs.open()?, &logs.fields, &mut skipped);
    let merged = match is_sorted {
        true => merging.sorted(print),
        false => merging.sort(print),
    };
    status("");
    merged.or_else(explain)?;
    out.flush()?;
    skipped.end(lines)
}

/// Whether each log is in order. If one is not, logs that.
fn is_sorted(logs: &Logs, status: Status<'_>) -> anyhow::Result<bool> {
    let mut quiet = Quiet(logs.strict);
    let (total, mut shown) = (logs.bytes(), 0);
    let merge = Merge::new(logs.open()?, &logs.fields, &mut quiet);
    let disorder = merge.disorder(|bytes| {
        if bytes >= shown + STATUS_EVERY {
            shown = bytes;
            status(&state("checking that the logs are in order", bytes, total));
        }
    });
    status("");
    match disorder.or_else(explain)? {
        None => Ok(true),
        Some(disorder) => {
            say(format_args!("{disorder}; so all lines are held and sorted"));
            Ok(false)
        }
    }
}

fn state(does: &str, bytes: u64, total: Option<u64>) -> String {
    let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
    match total {
        Some(total) if total > 0 => {
            let percent = u128::from(bytes) * 100 / u128::from(total);
            format!("{does}: {percent} % of {} MB", megabytes(total))
        }
        _ => format!("{does}: {} MB", megabytes(bytes)),
    }
}

fn laid_out(logs: &Logs, head: &Head) -> String {
    let text = String::from_utf8_lossy(head.text());
    match logs.fields.read(&text) {
        Ok(Line::Event(said)) => pretty(&said),
        _ => unreachable!("a line that has a place in the order is an event"),
    }
}

fn explain<T>(error: MergeError) -> anyhow::Result<T> {
    match error {
        // As itself, so that a closed pipe is recognised as one.
        MergeError::Write(error) => Err(error).context("cannot write to standard output"),
        error @ MergeError::OutOfOrder { .. } => {
            Err(error).hint("without --sorted, logs that are not in order are sorted")
        }
        error @ MergeError::TooLarge => Err(error).hint(
            "logs that are each in order are merged in any size: from files, or with --sorted",
        ),
        error => Err(error.into()),
    }
}

/// Prints the lines that can have caused an event, in order.
///
/// # Errors
/// If the logs cannot be read, have no such event, or the answer is by messages alone and they lead
/// in a circle to it.
pub fn why(logs: &Logs, event: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let log = read(logs)?;
    let event = log.find(event)?;
    let (past, by) = past::past(&log, event);
    if by == By::Messages {
        past::refuse_circle(&log, &[event])?;
    }
    let mut is_past = vec![false; log.events().len()];
    past.iter().for_each(|event| is_past[*event] = true);
    for event in log.in_order()?.into_iter().filter(|event| is_past[*event]) {
        writeln!(out, "{}", log.events()[event].text)?;
    }
    out.flush()?;
    let others = log.events().len() - 1;
    let by = in_words(by);
    say(format_args!(
        "{} of {others} other lines can have caused {}, by {by}",
        past.len(),
        log.name(event)
    ));
    Ok(())
}

/// Prints `before`, `after`, `concurrent`, `same` or `not known`, and then the messages that lead
/// from the earlier to the later.
///
/// # Errors
/// If the logs cannot be read, lack one of the events, or the answer is by messages alone and they
/// lead in a circle to one.
pub fn compare(logs: &Logs, [a, b]: [&str; 2], out: &mut impl Write) -> anyhow::Result<()> {
    let log = read(logs)?;
    let [a, b] = [log.find(a)?, log.find(b)?];
    let compared = past::compare(&log, a, b);
    if compared.by == By::Messages {
        past::refuse_circle(&log, &[a, b])?;
    }
    let word = match compared.stands {
        Stands::Before => "before",
        Stands::After => "after",
        Stands::Concurrent => "concurrent",
        Stands::Same => "same",
        Stands::Unknown => "not known: it takes two vectors, or messages",
    };
    writeln!(out, "{word}")?;
    for [from, to] in compared.path.iter().flatten() {
        let message = log.events()[*from].message().unwrap_or_default();
        let [from, to] = [from, to].map(|event| log.name(*event));
        let line = format!("{from} -> {to}, {message}");
        writeln!(out, "{}", narration::printable(line.as_bytes()))?;
    }
    out.flush()?;
    let is_ordered = matches!(compared.stands, Stands::Before | Stands::After);
    match (is_ordered, compared.path) {
        (true, None) => say("the vectors say so; the log shows no messages that lead there"),
        (false, Some(_)) => {
            say("by the vectors; messages lead there all the same, so look at `check`")
        }
        _ => {}
    }
    Ok(())
}

/// Prints what is impossible. Returns whether there was nothing.
///
/// # Errors
/// If the logs cannot be read.
pub fn check(logs: &Logs, out: &mut impl Write) -> anyhow::Result<bool> {
    let log = read(logs)?;
    let found = findings(&log);
    for finding in &found {
        let text = finding.describe(&log);
        writeln!(out, "{}", narration::printable(text.as_bytes()))?;
    }
    out.flush()?;
    let (events, services) = (log.events().len(), log.services().len());
    let found_none = found.is_empty();
    let found = match found.len() {
        0 => "nothing is impossible".to_owned(),
        1 => "1 thing is impossible".to_owned(),
        many => format!("{many} things are impossible"),
    };
    say(format_args!("{events} events of {services} services: {found}"));
    Ok(found_none)
}

/// Reads logs whole.
///
/// # Errors
/// If one cannot be read, reading is to stop at a bad line, or there is more than can be held.
pub fn read(logs: &Logs) -> anyhow::Result<Log> {
    let mut skipped = Skipped::new(logs.strict, &|_| ());
    let log = Log::read(logs.open()?, &logs.fields, &mut skipped)?;
    skipped.end(log.events().len() as u64)?;
    Ok(log)
}

fn in_words(by: By) -> &'static str {
    match by {
        By::Vectors => "their vectors",
        By::Messages => "messages, since not every line has a vector",
        By::Lines => "the order at each service alone: vectors and messages are missing",
    }
}

/// Bad lines are reported and counted, or reading stops at the first.
struct Skipped<'a> {
    strict: bool,
    count: u64,
    status: Status<'a>,
}

impl<'a> Skipped<'a> {
    fn new(strict: bool, status: Status<'a>) -> Skipped<'a> {
        Skipped { strict, count: 0, status }
    }

    /// Logs how many lines were skipped.
    ///
    /// # Errors
    /// If lines were skipped and there were no others.
    fn end(&self, lines: u64) -> anyhow::Result<()> {
        match self.count {
            0 => return Ok(()),
            1 => say("1 line was skipped"),
            count => say(format_args!("{count} lines were skipped")),
        }
        if lines == 0 {
            bail!("not one line is an event");
        }
        Ok(())
    }
}

impl Complain for Skipped<'_> {
    fn bad(&mut self, line: BadLine) -> Result<(), BadLine> {
        if self.strict {
            return Err(line);
        }
        self.count += 1;
        if self.count <= MAX_REPORTED + 1 {
            (self.status)("");
            match self.count <= MAX_REPORTED {
                true => say(line),
                false => say("further bad lines are counted, and not reported"),
            }
        }
        Ok(())
    }
}

/// Bad lines are not reported, as they will be when the log is read again.
struct Quiet(bool);

impl Complain for Quiet {
    fn bad(&mut self, line: BadLine) -> Result<(), BadLine> {
        match self.0 {
            true => Err(line),
            false => Ok(()),
        }
    }
}

/// A status line on a terminal; if stderr is not one, nothing.
pub fn status_on(mut stderr: impl Write, is_terminal: bool, line: &str) -> io::Result<()> {
    match is_terminal {
        true => write!(stderr, "\r\x1b[2K{line}"),
        false => Ok(()),
    }
}
