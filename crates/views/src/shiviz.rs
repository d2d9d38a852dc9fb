//! A trace as a log for ShiViz, a page that draws runs of distributed systems and compares them.
//!
//! Its reader takes an event from each match of a regular expression, [`PARSER`], which the user
//! pastes beside the log. The expression is the one of the logs that GoVector writes: a line with
//! the host and its vector clock as JSON, and a line with the event.
//!
//! ```text
//! n0 {"n0":1}
//! ask, sends m1 to n1
//! n1 {"n0":1,"n1":1}
//! receives m1
//! ```
//!
//! ShiViz finds the messages by the vectors alone, so these are not the stamps of the trace, which
//! may be missing or wrong, but computed from its order of cause and effect.
//!
//! What holds:
//!
//! * The clock of a host begins at 1 and grows by 1 with each of its events; a receipt has all that
//!   its sending has.
//! * Each event is matched once, and no name or label can end a line. Different nodes are different
//!   hosts.
//!
//! Left out: messages that were lost and those in flight are not shown there, as no vector contains
//! them.
//!
//! The source: I. Beschastnikh and others, "Visualizing Distributed System Executions", ACM
//! Transactions on Software Engineering and Methodology 29(2), 2020; the reader itself,
//! `js/model/parser.js`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use trace::text::{deed, printable};
use trace::{Event, Kind, Trace};

/// The expression by which ShiViz reads the log. Its other field, the one for a delimiter of
/// several runs, stays empty.
pub const PARSER: &str = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)";

/// The trace as a log for [ShiViz]: two lines for each event, which [`PARSER`] matches.
///
/// ```
/// use trace::{Event, Trace};
///
/// let mut trace = Trace::new(["n0", "n1"]);
/// trace.push(Event::send(0, 1, "m1").label("ask"))?;
/// trace.push(Event::receive(1, "m1"))?;
/// let log = "n0 {\"n0\":1}\nask, sends m1 to n1\nn1 {\"n0\":1,\"n1\":1}\nreceives m1\n";
/// assert_eq!(views::shiviz::log(&trace), log);
/// # Ok::<(), trace::Contradiction>(())
/// ```
///
/// [ShiViz]: https://bestchai.bitbucket.io/shiviz/
pub fn log(trace: &Trace) -> String {
    let hosts = hosts(trace.nodes());
    let mut clocks = vec![vec![0; hosts.len()]; hosts.len()];
    // Of each message, the clock of its sending.
    let mut sent = BTreeMap::new();
    let mut log = String::new();
    for event in trace.events() {
        let clock = &mut clocks[event.node];
        clock[event.node] += 1;
        match &event.kind {
            Kind::Local => {}
            Kind::Send { message, .. } => {
                sent.insert(message, clock.clone());
            }
            Kind::Receive { message } => {
                for (own, other) in clock.iter_mut().zip(sent.get(message).into_iter().flatten()) {
                    *own = (*own).max(*other);
                }
            }
        }
        let host = &hosts[event.node];
        log += &format!("{host} {}\n{}\n", json(&hosts, clock), describe(trace, event));
    }
    log
}

/// The entries that are not 0; ShiViz ignores those.
fn json(hosts: &[String], clock: &[u64]) -> Value {
    let entries = hosts.iter().zip(clock).filter(|(_, count)| **count > 0);
    let entries = entries.map(|(host, count)| (host.clone(), Value::from(*count)));
    Value::Object(entries.collect::<Map<_, _>>())
}

/// The names of the nodes without spaces, where each backslash is an escape: so different names
/// stay different, and equal ones get a number.
fn hosts(nodes: &[String]) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut hosts = Vec::new();
    for (place, name) in nodes.iter().enumerate() {
        let mut host = String::new();
        for char in name.chars() {
            match char == '\\' || char.is_whitespace() {
                true => host.extend(char.escape_unicode()),
                false => host += &printable(char.encode_utf8(&mut [0; 4])),
            }
        }
        if host.is_empty() || !known.insert(name) {
            host += &format!("\\{place}");
        }
        hosts.push(host);
    }
    hosts
}

/// The event on one line that is not empty: ShiViz trims the end of a log.
fn describe(trace: &Trace, event: &Event) -> String {
    let parts = [event.label.trim(), &deed(trace, event)].map(printable);
    let parts: Vec<_> = parts.iter().filter(|part| !part.is_empty()).collect();
    match &parts[..] {
        [] => "-".to_owned(),
        [one] => (*one).clone(),
        [label, deed, ..] => format!("{label}, {deed}"),
    }
}
