//! A trace as a file: JSON lines, version 1.
//!
//! The first line is a header, with the names of the nodes, here called services, in the order of
//! their columns. Then each line is an event, in an order in which it can have happened; or it
//! states that the network lost a message, which only an observer of the network knows.
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
//! | `event` | text | its label |
//! | `lamport` | whole number | its Lamport stamp |
//! | `vector` | object from service to whole number | its vector stamp; 0 if not named |
//! | `time` | whole number | the time of its node's wall clock, in milliseconds since 1970 |
//! | `sent`, `to` | text | the name of the message that it sends, and the service that it is for |
//! | `received` | text | the name of the message that it receives |
//! | `lost` | text | stands alone: the name of a message |
//!
//! Unknown fields are ignored, so that a later version can add some; a change that older readers
//! would misread gets a new version number.
//!
//! A process writes its own events as they happen, a whole line at a time ([`Writer`]). If it is
//! killed its file ends with a whole line or, if the system stopped in between, a cut one;
//! [`read_so_far`] reads the lines before.

mod reading;
mod writing;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use reading::{ReadError, SoFar, read, read_so_far};
pub use writing::{WriteError, Writer, create, write};

/// The version that is written, and the only one that is read.
pub const VERSION: u64 = 1;

/// The longest line that is written or read, in bytes.
pub const MAX_LINE: usize = 64 * 1024;

/// The most events that are written or read.
pub const MAX_EVENTS: usize = 100_000;

/// The most services that are written or read.
pub const MAX_SERVICES: usize = 256;

#[derive(Serialize, Deserialize)]
struct Header {
    trace: u64,
    services: Vec<String>,
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
    time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<String>,
}

/// A name that occurs twice among these.
fn named_twice(services: &[String]) -> Option<&String> {
    let mut names = BTreeSet::new();
    services.iter().find(|name| !names.insert(*name))
}
