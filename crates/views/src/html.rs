//! The run as a page to explore, in one self-contained file.
//!
//! The markup, the style and the script of the page are files beside this one. The trace goes into
//! it as JSON that the script reads.
//!
//! What holds:
//!
//! * Nothing of a trace becomes markup or script. In the JSON each character with a meaning in HTML
//!   is escaped, and the script writes text as text. If that failed, the page's own policy runs no
//!   script but this one, identified by its hash.
//! * The page makes no network requests; the policy forbids them, too.
//! * The same trace gives the same bytes.
//!
//! Left out: pages of a size that scrolls smoothly whatever the trace. Each event is an element of
//! the diagram, and a browser that has tens of thousands of them is slow.

use std::collections::BTreeMap;

use serde::Serialize;

use trace::layout::{Arrow, Layout, Track};
use trace::{Event, Kind, Trace};

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// A test computes them, and prints what they must be.
const STYLE_HASH: &str = "sha256-W68c6KOZRsyS0UGthgJinV7hbu/VbhKRD6EXhwG+2ks=";
const SCRIPT_HASH: &str = "sha256-fFfJtpS+Kqiv0ugfAyUA0ksqU8MlzNoUIZs/yThHlps=";

/// The largest whole number that JavaScript distinguishes from the next.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A page to explore a run in a browser: choose an event and see what happened before it, after it,
/// and concurrently; compare two; replay, search, print. One file in UTF-8, which makes no network
/// requests, and in which nothing of the trace or the title can become markup or script. Smooth up
/// to some 2,000 events.
///
/// ```
/// use trace::{Event, Trace};
///
/// let mut trace = Trace::new(["n0", "n1"]);
/// trace.push(Event::send(0, 1, "m1").label("</script>"))?;
/// trace.push(Event::receive(1, "m1"))?;
/// let page = views::html(&trace, "Two nodes & a message");
/// assert!(page.contains("<title>Two nodes &amp; a message</title>"));
/// assert!(page.contains(r#""label":"\u003c/script\u003e""#));
/// # Ok::<(), trace::Contradiction>(())
/// ```
pub fn html(trace: &Trace, title: &str) -> String {
    let (title, data) = (escaped(title), data(trace));
    let places = [
        ("{{style-hash}}", STYLE_HASH),
        ("{{script-hash}}", SCRIPT_HASH),
        ("{{title}}", &title),
        ("{{style}}", STYLE),
        ("{{title}}", &title),
        ("{{data}}", &data),
        ("{{script}}", SCRIPT),
    ];
    let (mut page, mut rest) = (String::new(), PAGE);
    for (place, text) in places {
        let (before, after) =
            rest.split_once(place).expect("the page has these places in this order");
        page.extend([before, text]);
        rest = after;
    }
    page + rest
}

/// The data of a trace for the script.
#[derive(Serialize)]
struct Data<'trace> {
    nodes: &'trace [String],
    events: Vec<Shown<'trace>>,
    lost: Vec<&'trace str>,
    /// How many tracks stand to the left of each node's line.
    tracks: Vec<usize>,
    arrows: Vec<ShownArrow>,
}

/// A message from its sending to a receipt; a level one has no track.
#[derive(Serialize)]
struct ShownArrow {
    from: usize,
    to: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    track: Option<[usize; 2]>,
}

impl From<Arrow> for ShownArrow {
    fn from(Arrow { send, receive, track }: Arrow) -> ShownArrow {
        let track = track.map(|Track { node, number }| [node, number]);
        ShownArrow { from: send, to: receive, track }
    }
}

/// An event; absent fields are left out.
#[derive(Default, Serialize)]
struct Shown<'trace> {
    node: usize,
    row: usize,
    label: &'trace str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<&'trace str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<&'trace str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lamport: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<Vec<Number>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Number>,
}

/// A stamp as the script shows it. One that JavaScript would round is its digits.
#[derive(Serialize)]
#[serde(untagged)]
enum Number {
    Exact(u64),
    Digits(String),
}

impl From<u64> for Number {
    fn from(number: u64) -> Number {
        match number <= MAX_SAFE_INTEGER {
            true => Number::Exact(number),
            false => Number::Digits(number.to_string()),
        }
    }
}

impl<'trace> Shown<'trace> {
    fn of(event: &'trace Event, row: usize) -> Shown<'trace> {
        let (sent, to, received) = match &event.kind {
            Kind::Local => (None, None, None),
            Kind::Send { message, to } => (Some(&**message), *to, None),
            Kind::Receive { message } => (None, None, Some(&**message)),
        };
        let vector = event.vector.as_ref();
        Shown {
            node: event.node,
            row,
            label: &event.label,
            sent,
            to,
            received,
            lamport: event.lamport.map(Number::from),
            vector: vector.map(|vector| vector.iter().copied().map(Number::from).collect()),
            time: event.time.map(Number::from),
        }
    }
}

fn data(trace: &Trace) -> String {
    let messages: &BTreeMap<_, _> = trace.messages();
    let lost = messages.iter().filter(|(_, message)| message.is_lost);
    let Layout { rows, arrows, tracks } = trace.layout();
    let events = trace.events().iter().zip(rows);
    let data = Data {
        nodes: trace.nodes(),
        events: events.map(|(event, row)| Shown::of(event, row)).collect(),
        lost: lost.map(|(name, _)| &**name).collect(),
        tracks,
        arrows: arrows.into_iter().map(ShownArrow::from).collect(),
    };
    let json = serde_json::to_string(&data).expect("texts and numbers are always JSON");
    json_escaped(&json)
}

/// JSON without characters that HTML interprets. All of these occur only in strings, where they can
/// be escaped.
fn json_escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for char in json.chars() {
        match char {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(char)));
            }
            _ => escaped.push(char),
        }
    }
    escaped
}

/// Text escaped for HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ if char.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    fn hash(text: &str) -> String {
        format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
    }

    #[test]
    fn the_policy_has_the_hashes_of_the_style_and_the_script() {
        assert_eq!(STYLE_HASH, hash(STYLE), "write it into STYLE_HASH");
        assert_eq!(SCRIPT_HASH, hash(SCRIPT), "write it into SCRIPT_HASH");
    }

    #[test]
    fn the_page_without_data_is_under_32_kib() {
        let size = PAGE.len() + STYLE.len() + SCRIPT.len();
        assert!(size < 32 * 1024, "it is {size} bytes");
    }
}
