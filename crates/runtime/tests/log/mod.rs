//! The log of a node: what a crash, a failing disk, another owner and a flipped bit do to it.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod choose;
mod crashes;
mod damage;
mod failures;
mod folder;
mod life;
mod memory;
mod pages;

use runtime::disk::Memory;
use runtime::log::{Identity, Log, Torn};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn me() -> Identity {
    Identity { cluster: "counter".to_owned(), node: 0, nodes: 3 }
}

/// A log on a disk in memory, with these batches.
fn log_of<R: Clone + Serialize + DeserializeOwned>(disk: &Memory, batches: &[&[R]]) -> Log<Memory> {
    let (mut log, _, _) = Log::open::<R>(disk.clone(), &me()).unwrap();
    for batch in batches {
        batch.iter().for_each(|record| log.append(record));
        log.sync().unwrap();
    }
    log
}

/// What the next process finds.
fn found<R: DeserializeOwned>(disk: &Memory) -> (Vec<R>, Option<Torn>) {
    let (_, records, torn) = Log::open(disk.clone(), &me()).unwrap();
    (records, torn)
}
