//! The log for ShiViz, by the rules of its reader.

use std::collections::BTreeMap;

use crate::any::any_trace;
use proptest::prelude::*;
use regex::Regex;
use trace::{Event, Kind, Trace};
use views::shiviz::PARSER;

/// An event as ShiViz reads it.
struct Read {
    host: String,
    clock: BTreeMap<String, u64>,
    event: String,
}

/// Reads a log as ShiViz does: it trims it, and takes an event from each match of the expression.
/// In JavaScript `.` stops at more characters than in this crate, and `{` need not be escaped.
fn read(log: &str) -> Vec<Read> {
    let any = r"[^\n\r\x{2028}\x{2029}]*";
    let expression = PARSER.replace(".*", any).replace("{[", r"\{[").replace("*}", r"*\}");
    let expression = expression.replace(r"\S", r"[^\s\x{feff}]");
    let expression = Regex::new(&expression).expect("an expression");
    let captures = expression.captures_iter(log.trim());
    let event = |captures: regex::Captures<'_>| Read {
        host: captures["host"].to_owned(),
        clock: serde_json::from_str(&captures["clock"]).expect("the clock is JSON"),
        event: captures["event"].to_owned(),
    };
    captures.map(event).collect()
}

fn entry(read: &Read, host: &str) -> u64 {
    read.clock.get(host).copied().unwrap_or(0)
}

#[test]
fn labels_and_messages_are_in_the_log_and_names_differ() {
    let mut trace = Trace::new(["a b", "a\\u{20}b", "", "x", "x"]);
    for event in [
        Event::local(0).label("n0 {\"n0\":7}\nforged"),
        Event::send(1, 2, "m1"),
        Event::receive(2, "m1").label("got"),
        Event::local(3),
        Event::local(4).label("last"),
    ] {
        trace.push(event).unwrap();
    }
    let log = read(&views::shiviz::log(&trace));
    let found: Vec<_> = log.iter().map(|read| (&*read.host, &*read.event)).collect();
    let expected = [
        ("a\\u{20}b", "n0 {\"n0\":7}\\u{a}forged"),
        ("a\\u{5c}u{20}b", "sends m1 to "),
        ("\\2", "got, receives m1"),
        ("x", "-"),
        ("x\\4", "last"),
    ];
    assert_eq!(found, expected);
    assert_eq!(entry(&log[2], "a\\u{5c}u{20}b"), 1);
    assert_eq!(entry(&log[4], "x"), 0);
}

#[test]
fn wrong_stamps_are_not_used() {
    let mut trace = Trace::new(["a"]);
    trace.push(Event::local(0).vector([9]).label("A")).unwrap();
    assert_eq!(views::shiviz::log(&trace), "a {\"a\":1}\nA\n");
}

proptest! {
    #[test]
    fn the_clocks_keep_the_rules_and_the_causal_order(trace in any_trace()) {
        let log = read(&views::shiviz::log(&trace));
        prop_assert_eq!(log.len(), trace.events().len());
        let mut hosts: Vec<Option<&str>> = vec![None; trace.nodes().len()];
        let mut counts = vec![0; trace.nodes().len()];
        let mut sent: BTreeMap<&str, usize> = BTreeMap::new();
        for (place, (event, read)) in trace.events().iter().zip(&log).enumerate() {
            let host = *hosts[event.node].get_or_insert(&read.host);
            prop_assert_eq!(host, &read.host);
            counts[event.node] += 1;
            prop_assert_eq!(entry(read, host), counts[event.node], "starts at 1 and grows by 1");
            prop_assert!(read.clock.values().all(|count| *count > 0));
            match &event.kind {
                Kind::Local => {}
                Kind::Send { message, .. } => drop(sent.insert(message, place)),
                Kind::Receive { message } => {
                    let Some(sending) = sent.get(&**message) else { continue };
                    for (host, count) in &log[*sending].clock {
                        prop_assert!(entry(read, host) >= *count, "all that its sending has");
                    }
                }
            }
        }
        let mut different: Vec<_> = hosts.iter().flatten().collect();
        different.sort();
        different.dedup();
        prop_assert_eq!(different.len(), hosts.iter().flatten().count());
        let order = trace.happened_before();
        for (a, b) in order.pairs() {
            let [of_a, of_b] = [a, b].map(|place| entry(&log[place], &log[a].host));
            prop_assert_eq!(of_a <= of_b, order.holds(a, b), "{} and {}", a, b);
        }
    }
}
