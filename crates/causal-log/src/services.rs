//! Three services with skewed clocks handle one order.

use trace::{Contradiction, Event, Kind, Trace};
use views::file::{WriteError, Writer};
use worlds::stamps::{lamport, vectors};

use crate::check::{Finding, check};
use crate::input::{Input, Strict};
use crate::line::Fields;
use crate::log::{Log, LogError};
use crate::merge::{Merge, MergeError};
use crate::past::past;

/// The services, by name, as the tool puts them too.
pub const SERVICES: [&str; 3] = ["payment", "shop", "stock"];

/// By how many milliseconds the clock of each is ahead.
pub const AHEAD: [i64; 3] = [-80, 0, 20];

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
    /// The log of the run as merged by Lamport stamps.
    pub log: Log,
    /// The run as the log has it, in the order of the stamps.
    pub trace: Trace,
    /// The events of the log, sorted by wall clock.
    pub by_wall: Vec<usize>,
    /// The messages, in the order of their receipts in the merged log.
    pub messages: Vec<Delivery>,
    /// The shortest and the longest time that a message was in flight, in milliseconds.
    pub in_flight: [i64; 2],
    /// The failure.
    pub failure: usize,
    /// What stands right above it by wall clock.
    pub above: usize,
    /// What can have caused it.
    pub past: Vec<usize>,
    /// What cannot.
    pub rest: Vec<usize>,
}

/// Where a message stands in the two orders: the line that sends it and the line that receives it,
/// from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its name.
    pub message: String,
    /// Sorted by wall clock.
    pub by_wall: [usize; 2],
    /// Merged by Lamport stamp.
    pub by_stamp: [usize; 2],
}

/// Whether the receipt stands above the sending.
pub fn is_upside_down([sent, received]: [usize; 2]) -> bool {
    received < sent
}

/// One order of many in the log of a busy service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    /// How many orders were handled, one every [`BUSY_EVERY`] milliseconds.
    pub orders: usize,
    /// The lines besides the failure of the last.
    pub others: usize,
    /// How many of them can have caused that failure.
    pub past: usize,
    /// How many of those are about the same order.
    pub own: usize,
}

/// From one order to the next, in milliseconds, where the services are busy.
pub const BUSY_EVERY: i64 = 10;

/// What happens: when in truth, in milliseconds from the start, and what.
fn happens() -> [(i64, Event); 14] {
    let [payment, shop, stock] = [0, 1, 2];
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
    let log = read(&merged(&logs(&run()?)?)?)?;
    let mut by_wall: Vec<_> = (0..log.events().len()).collect();
    by_wall.sort_by_key(|event| log.events()[*event].time);
    let mut events = log.events().iter();
    let failure = events.position(|event| event.event == FAILURE);
    let failure = failure.expect("the run has the failure that it is about");
    let row = by_wall.iter().position(|event| *event == failure);
    let above = row.and_then(|row| by_wall.get(row.checked_sub(1)?));
    let above = *above.expect("the failing service has earlier lines");
    let (past, _) = past(&log, failure);
    let is_rest = |event: &usize| *event != failure && !past.contains(event);
    Ok(Observed {
        messages: deliveries(&log, &by_wall),
        by_wall,
        in_flight: in_flight(),
        failure,
        rest: (0..log.events().len()).filter(is_rest).collect(),
        above,
        past,
        trace: log.trace()?,
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
    let payment = 0;
    let mut events = trace.events().iter();
    let last = events.rposition(|event| event.node == payment);
    let last = last.expect("the payment service has lines");
    // It begins again from nothing.
    stamps[last] = vec![1, 0, 0];
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

/// Each message, in both orders. The log is in that of the stamps.
fn deliveries(log: &Log, by_wall: &[usize]) -> Vec<Delivery> {
    let mut line = vec![0; by_wall.len()];
    for (place, event) in by_wall.iter().enumerate() {
        line[*event] = place + 1;
    }
    let receipts = log.events().iter().enumerate();
    let delivered = receipts.filter_map(|(receipt, event)| {
        let sending = event.sending?;
        Some(Delivery {
            message: event.message()?.to_owned(),
            by_wall: [line[sending], line[receipt]],
            by_stamp: [sending + 1, receipt + 1],
        })
    });
    delivered.collect()
}

/// The shortest and the longest time from a sending to its receipt.
fn in_flight() -> [i64; 2] {
    let events = happens();
    let sent = |name: &str| {
        let mut events = events.iter();
        events
            .find(|(_, event)| matches!(&event.kind, Kind::Send { message, .. } if message == name))
    };
    let times = events.iter().filter_map(|(received, event)| match &event.kind {
        Kind::Receive { message } => Some(received - sent(message)?.0),
        _ => None,
    });
    let times: Vec<i64> = times.collect();
    [times.iter().min(), times.iter().max()].map(|time| time.copied().unwrap_or_default())
}

/// The same services handle `orders` orders like this one, and more than one at a time. Asks what
/// can have caused the failure of the last.
///
/// # Errors
/// As [`observe`].
pub fn busy(orders: usize) -> Result<Busy, RunError> {
    let mut events = Vec::new();
    for order in 0..orders {
        for (truly, mut event) in happens() {
            // Each order has messages of its own.
            if let Kind::Send { message, .. } | Kind::Receive { message } = &mut event.kind {
                *message = format!("{message} of {order}");
            }
            events.push((order as i64 * BUSY_EVERY + truly, order, event));
        }
    }
    events.sort_by_key(|(truly, ..)| *truly);
    let mut trace = Trace::new(SERVICES);
    for (.., event) in &events {
        trace.push(event.clone())?;
    }
    let stamps = vectors(&trace);
    let mut written = Vec::new();
    views::file::write(&trace.with_vectors(stamps), &mut written)?;
    let log = read(&written)?;
    let last = log.events().len() - 1;
    let (past, _) = past(&log, last);
    let own = past.iter().filter(|event| events[**event].1 + 1 == orders);
    Ok(Busy { orders, others: last, past: past.len(), own: own.count() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::What;

    #[test]
    fn only_wall_clocks_turn_messages_upside_down() {
        let observed = observe().unwrap();
        let upside_down = |at: fn(&Delivery) -> [usize; 2]| {
            let messages = observed.messages.iter();
            let wrong = messages.filter(|delivery| is_upside_down(at(delivery)));
            wrong.map(|delivery| &*delivery.message).collect::<Vec<_>>()
        };
        assert_eq!(upside_down(|delivery| delivery.by_wall), ["m2", "m3"]);
        assert!(upside_down(|delivery| delivery.by_stamp).is_empty());
        assert_eq!((observed.messages.len(), observed.in_flight), (4, [4, 12]));
        // What stands right above the failure has nothing to do with it.
        assert_eq!(observed.log.name(observed.above), "stock:4");
        assert!(observed.rest.contains(&observed.above));
    }

    #[test]
    fn the_past_of_the_failure_is_that_of_the_definition() {
        let observed = observe().unwrap();
        let run = run().unwrap();
        let order = run.happened_before();
        let truly = run.events().iter().enumerate();
        let mut events = run.events().iter();
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
    fn the_past_of_a_busy_service_is_nearly_everything() {
        let [one, busy] = [1, 100].map(|orders| busy(orders).unwrap());
        assert_eq!(one, Busy { orders: 1, others: 13, past: 11, own: 11 });
        assert_eq!((busy.others, busy.own), (1_399, 11));
        assert!(busy.past * 100 > busy.others * 99, "{busy:?}");
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
