//! The two sides as real processes: an echo server that can pause, and the load generator.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};
use common::frame::Framing;
use common::transport::{Deadline, Event, Limits, Server, TransportError, resolve_one};
use narration::{WithHint, measured, number};

use crate::load::{Loop, Measured, Plan, connect, run};
use crate::report::{bars, percentile, percentile_distribution, percentiles_line, svg};

/// How long the look-up of a name may take.
const LOOK_UP: Duration = Duration::from_secs(5);

/// When the server pauses, after a client has connected.
pub const PAUSE_AFTER: Duration = Duration::from_millis(400);

/// Answers each line with itself until a signal stops the process, and pauses after a client has
/// connected: as a server does that collects its garbage, or waits for its disk. With no pause,
/// zero.
///
/// # Errors
/// If the address cannot be bound.
pub fn serve(listen: &str, pause: Duration) -> anyhow::Result<()> {
    // When the next pause begins. One lock for all clients, so that all wait while it is held.
    let next: Arc<Mutex<Option<Deadline>>> = Arc::default();
    let opened = Arc::clone(&next);
    let server = Server::bind(listen, Limits::default()).hint_from(TransportError::advice)?;
    let server = server.on_event(move |_, event| {
        if matches!(event, Event::Opened) {
            *lock(&opened) = Some(Deadline::after(PAUSE_AFTER));
        }
    });
    let stopper = server.stopper();
    ctrlc::set_handler(move || stopper.stop()).context("cannot listen for signals")?;
    narration::listening(server.local_addr())?;
    server.serve(Framing::Lines, move |request, reply| {
        let mut next = lock(&next);
        if next.is_some_and(|begin| begin.remaining().is_none()) {
            *next = None;
            do_nothing(pause);
        }
        reply.extend_from_slice(request);
    })?;
    Ok(())
}

/// What is guarded is replaced as a whole, so it is right whatever panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "to do nothing is what a pause is")]
fn do_nothing(time: Duration) {
    thread::sleep(time);
}

/// Files for what was measured; none is overwritten.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// A drawing of the percentiles.
    pub svg: Option<PathBuf>,
    /// The percentile distribution, in the format of HdrHistogram.
    pub percentiles: Option<PathBuf>,
}

/// Loads the server by the plan, and writes what was measured to `out`.
///
/// # Errors
/// If the server is not on this machine, or cannot be reached, if a file exists or cannot be
/// written, or if the connection ended before the run did; then what was measured until then has
/// been written.
pub fn load(to: &str, plan: &Plan, files: &Files, out: &mut impl Write) -> anyhow::Result<()> {
    let stream = connect(address(to)?).hint_from(TransportError::advice)?;
    check_new(files)?;
    let seen = run(&stream, plan);
    let written = write_files(plan, &seen, files);
    // Even if a file cannot be written, the run was not for nothing.
    print(plan, &seen, out)?;
    written?;
    match seen.ended_by {
        None => Ok(()),
        Some(TransportError::Closed) => {
            Err(anyhow!("the server closed the connection before the run ended"))
        }
        Some(error) => Err(error).context("the connection ended before the run did"),
    }
}

/// The address of a server on this machine.
fn address(to: &str) -> anyhow::Result<SocketAddr> {
    let address = resolve_one(to, Deadline::after(LOOK_UP)).hint_from(TransportError::advice)?;
    if !address.ip().is_loopback() {
        // Load on a machine of others is an attack, and on one's own it measures the network, too.
        return Err(anyhow!("{address} is not on this machine"))
            .hint("start a server here: cargo run -p echo -- serve");
    }
    Ok(address)
}

/// Sees that the files can be written, and leaves none of them: a run whose result cannot be kept
/// does not begin, and one that is interrupted leaves nothing.
fn check_new(files: &Files) -> anyhow::Result<()> {
    let mut created = Vec::new();
    let mut paths = [&files.svg, &files.percentiles].into_iter().flatten();
    // All are there before the first is removed: two names may be of one file.
    let checked = paths.try_for_each(|path| {
        create(path)?;
        created.push(path);
        Ok(())
    });
    for path in created {
        fs::remove_file(path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    checked
}

fn write_files(plan: &Plan, seen: &Measured, files: &Files) -> anyhow::Result<()> {
    if let Some(path) = &files.svg {
        write(path, &svg(&title(plan, seen), &[("", &seen.latencies)])?)?;
    }
    if let Some(path) = &files.percentiles {
        write(path, &(percentile_distribution(&seen.latencies) + &missing_line(seen)))?;
    }
    Ok(())
}

fn create(path: &Path) -> anyhow::Result<File> {
    match File::create_new(path) {
        Ok(file) => Ok(file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(anyhow!("{} exists", path.display())).hint("give another name, or remove the file")
        }
        Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let written = create(path)?.write_all(text.as_bytes());
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// What a drawing shows, and what it cannot show.
fn title(plan: &Plan, seen: &Measured) -> String {
    let missing = match seen.sent + seen.not_sent - seen.latencies.len() {
        0 => String::new(),
        missing => format!("; {} without an answer", number(missing)),
    };
    format!("{} requests a second, {} loop{missing}", number(plan.rate()), kind(plan))
}

/// For a file of percentiles: other tools take what begins so for a comment.
fn missing_line(seen: &Measured) -> String {
    let Measured { timed_out, failed, not_sent, .. } = seen;
    format!("#[Timed out = {timed_out}, Cut off = {failed}, Not sent = {not_sent}]\n")
}

fn kind(plan: &Plan) -> &'static str {
    match plan.kind {
        Loop::Open => "open",
        Loop::Closed => "closed",
    }
}

fn print(plan: &Plan, seen: &Measured, out: &mut impl Write) -> anyhow::Result<()> {
    let (rate, asked) = (seen.rate, plan.rate());
    writeln!(
        out,
        "asked     {} a second for {}, {} loop",
        number(asked),
        narration::exact(plan.length()),
        kind(plan)
    )?;
    let about = |count: u64| format!("≈ {}", number(count));
    writeln!(
        out,
        "sent      {}, {} a second ({} %); how late, p99: {}",
        about(seen.sent),
        about(rate.round() as u64),
        about((100.0 * rate / f64::from(asked)).round() as u64),
        measured(percentile(&seen.lateness, 990))
    )?;
    writeln!(out, "answered  {} in time", about(seen.latencies.len()))?;
    for (count, what) in [
        (seen.timed_out, "timed out, and are in none of the numbers below"),
        (seen.failed, "cut off when the connection ended"),
        (seen.not_sent, "not sent before the run ended"),
        (seen.duplicates, "duplicate answers"),
        (seen.unexpected, "messages that answer no request"),
    ] {
        if count > 0 {
            writeln!(out, "          {} {what}", about(count))?;
        }
    }
    if !seen.latencies.is_empty() {
        writeln!(out, "\n{}\n", percentiles_line(&seen.latencies))?;
        out.write_all(bars(&seen.latencies, 72).as_bytes())?;
    }
    out.flush()?;
    Ok(())
}
