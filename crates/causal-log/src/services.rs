//! Three services with skewed clocks handle one order.

use trace::{Contradiction, Event, Trace};
use views::file::{WriteError, Writer};
use worlds::stamps::{lamport, vectors};

use crate::check::{Finding, check};
use crate::input::{Input, Strict};
use crate::line::Fields;
use crate::log::{Log, LogError};
use crate::merge::{Merge, MergeError};
use crate::past::past;

/// The services.
pub const SERVICES: [&str; 3] = ["shop", "payment", "stock"];

/// By how many milliseconds the clock of each is ahead.
pub const AHEAD: [i64; 3] = [0, -80, 20];

/// When it begins, in milliseconds since 1970: 2 March 2026, 10:00:00.100 UTC.
const BEGINS: u64 = 1_772_445_600_100;

/// The event to explain.
const FAILURE: &str = "order 7 fails";

/// Why there is nothing to observe. Each of them is a bug in this module.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run contradicts itself.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    /// A log cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The logs cannot be merged.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The logs cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// What was observed of the logs.
#[derive(Debug)]
pub struct Observed {
    /// The run.
    pub trace: Trace,
    /// Its log as merged by Lamport stamps.
    pub log: Log,
    /// The events of the log, sorted by wall clock.
    pub by_wall: Vec<usize>,
    /// How many messages are received above the line that sends them: sorted by wall clock, and
    /// merged.
    pub upside_down: [usize; 2],
    /// How many messages there are.
    pub messages: usize,
    /// The failure.
    pub failure: usize,
    /// What can have caused it.
    pub past: Vec<usize>,
    /// What cannot.
    pub rest: Vec<usize>,
}

/// What happens: when in truth, in milliseconds from the start, and what.
fn happens() -> [(i64, Event); 14] {
    let [shop, payment, stock] = [0, 1, 2];
    [
        (0, Event::local(shop).label("order 7 arrives")),
        (4, Event::send(shop, stock, "m1").label("reserve a lamp")),
        (6, Event::send(shop, payment, "m2").label("charge 40")),
        (12, Event::receive(stock, "m1").label("reserve a lamp")),
        (14, Event::local(stock).label("one lamp left")),
        (16, Event::send(stock, shop, "m3").label("reserved")),
        (18, Event::receive(payment, "m2").label("charge 40")),
        (20, Event::receive(shop, "m3").label("reserved")),
        (22, Event::local(stock).label("disk is 97 % full")),
        (30, Event::local(payment).label("card has expired")),
        (31, Event::send(payment, shop, "m4").label("refused")),
        (33, Event::local(payment).label("15 cards waiting")),
        (40, Event::receive(shop, "m4").label("refused")),
        (43, Event::local(shop).label(FAILURE)),
    ]
}

/// The run, with what the wall clocks said and with the stamps of Lamport and vector clocks.
///
/// # Errors
/// None, as long as its events stand in a possible order.
pub fn run() -> Result<Trace, Contradiction> {
    let mut trace = Trace::new(SERVICES);
    for (truly, event) in happens() {
        let said = BEGINS.saturating_add_signed(truly + AHEAD[event.node]);
        trace.push(event.time(said))?;
    }
    let (numbers, stamps) = (lamport(&trace), vectors(&trace));
    Ok(trace.with_lamport(numbers).with_vectors(stamps))
}

/// The log of each service, as it writes it.
///
/// # Errors
/// None, since it is short.
pub fn logs(trace: &Trace) -> Result<Vec<Vec<u8>>, WriteError> {
    let services = 0..trace.nodes().len();
    let log = |service: usize| {
        let mut written = Vec::new();
        let mut writer = Writer::new(&mut written, trace.nodes().iter().cloned())?;
        let own = trace.events().iter().filter(|event| event.node == service);
        own.cloned().try_for_each(|event| writer.event(&event))?;
        Ok(written)
    };
    services.map(log).collect()
}

/// The logs of all services in one file, sorted by wall clock, as where logs are collected.
///
/// # Errors
/// None, since it is short.
pub fn collected(trace: &Trace) -> Result<Vec<u8>, WriteError> {
    let mut written = Vec::new();
    let mut writer = Writer::new(&mut written, trace.nodes().iter().cloned())?;
    let mut events = trace.events().to_vec();
    events.sort_by_key(|event| event.time);
    events.iter().try_for_each(|event| writer.event(event))?;
    Ok(written)
}

/// Merges the logs of the run, and queries them.
///
/// # Errors
/// None, as long as the run is what it is.
pub fn observe() -> Result<Observed, RunError> {
    let trace = run()?;
    let written = logs(&trace)?;
    let log = read(&merged(&written)?)?;
    let mut by_wall: Vec<_> = (0..log.events().len()).collect();
    by_wall.sort_by_key(|event| log.events()[*event].time);
    let by_lamport: Vec<_> = (0..log.events().len()).collect();
    let upside_down = [&by_wall, &by_lamport].map(|order| upside_down(&log, order));
    let mut events = log.events().iter();
    let failure = events.position(|event| event.event == FAILURE);
    let failure = failure.expect("the run has the failure that it is about");
    let (past, _) = past(&log, failure);
    let is_rest = |event: &usize| *event != failure && !past.contains(event);
    Ok(Observed {
        by_wall,
        upside_down,
        messages: log.events().iter().filter(|event| event.sending.is_some()).count(),
        failure,
        rest: (0..log.events().len()).filter(is_rest).collect(),
        past,
        trace,
        log,
    })
}

/// What is impossible in the log, if the payment service forgot its clock before its last line, as
/// a service does that keeps its clock in memory and restarts.
///
/// # Errors
/// As [`observe`].
pub fn forgetful() -> Result<(Log, Vec<Finding>), RunError> {
    let trace = run()?;
    let mut stamps: Vec<Vec<u64>> = vectors(&trace);
    let payment = 1;
    let mut events = trace.events().iter();
    let last = events.rposition(|event| event.node == payment);
    let last = last.expect("the payment service has lines");
    // It begins again from nothing.
    stamps[last] = vec![0, 1, 0];
    let log = read(&merged(&logs(&trace.with_vectors(stamps))?)?)?;
    let findings = check(&log);
    Ok((log, findings))
}

fn merged(logs: &[Vec<u8>]) -> Result<Vec<u8>, MergeError> {
    let inputs = logs.iter().zip(SERVICES);
    let inputs = inputs.map(|(log, service)| Input::new(service, &**log));
    let (mut merged, fields) = (Vec::new(), Fields::default());
    Merge::new(inputs.collect(), &fields, &mut Strict).sorted(|line, _| {
        merged.extend_from_slice(line.text());
        merged.push(b'\n');
        Ok(())
    })?;
    Ok(merged)
}

fn read(log: &[u8]) -> Result<Log, LogError> {
    let input = Input::new("merged", log);
    Log::read(vec![input], &Fields::default(), &mut Strict)
}

/// How many receipts stand above the sendings of their messages.
fn upside_down(log: &Log, order: &[usize]) -> usize {
    let mut row = vec![0; order.len()];
    for (place, event) in order.iter().enumerate() {
        row[*event] = place;
    }
    let receipts = log.events().iter().enumerate();
    let above =
        receipts.filter(|(event, it)| it.sending.is_some_and(|sent| row[*event] < row[sent]));
    above.count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::What;

    #[test]
    fn only_wall_clocks_turn_messages_upside_down() {
        let observed = observe().unwrap();
        assert_eq!((observed.upside_down, observed.messages), ([2, 0], 4));
        // What stands right above the failure has nothing to do with it.
        let place = observed.by_wall.iter().position(|event| *event == observed.failure);
        let above = observed.by_wall[place.unwrap() - 1];
        assert_eq!(observed.log.name(above), "stock:4");
        assert!(observed.rest.contains(&above));
    }

    #[test]
    fn the_past_of_the_failure_is_that_of_the_definition() {
        let observed = observe().unwrap();
        let order = observed.trace.happened_before();
        let truly = observed.trace.events().iter().enumerate();
        let mut events = observed.trace.events().iter();
        let failure = events.position(|event| event.label == FAILURE).unwrap();
        let truly = truly.filter(|(place, _)| order.holds(*place, failure));
        let mut truly: Vec<_> = truly.map(|(_, event)| &*event.label).collect();
        let events = observed.past.iter();
        let mut said: Vec<_> = events.map(|event| &*observed.log.events()[*event].event).collect();
        truly.sort_unstable();
        said.sort_unstable();
        assert_eq!(said, truly);
        let rest: Vec<_> = observed.rest.iter().map(|event| observed.log.name(*event)).collect();
        assert_eq!(rest, ["stock:4", "payment:4"]);
    }

    #[test]
    fn a_service_that_forgets_its_clock_is_found() {
        assert_eq!(check(&observe().unwrap().log), []);
        let (log, findings) = forgetful().unwrap();
        let own = What::OwnEntry { got: 1, before: Some(3), should_be: 4 };
        assert_eq!(
            (log.name(findings[0].event), &findings[0].what),
            ("payment:4".to_owned(), &own)
        );
    }
}
