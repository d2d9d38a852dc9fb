//! How long a replica takes to start from its log.
//!
//! A million adds of 64 clients are written as the runtime writes them, without its sockets. One
//! log is never compacted; the other is, by the runtime's rule. A start is that of a process, until
//! it prints that it listens. The file is in the system's memory by then, so what is measured is
//! reading, checking and counting, and no disk.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use durable_counter::client::Client;
use durable_counter::replica::{Record, Replica, Request, RequestId};
use durable_counter::sides::CLUSTER;
use runtime::COMPACT_AT;
use runtime::disk::Folder;
use runtime::log::{Identity, Log};
use worlds::node::{self, Effect, Node, Outbox};

use crate::process::Process;
use crate::{median, timed};

const ADDS: u64 = 1_000_000;

/// How many clients ask for them, in turn.
const CLIENTS: u64 = 64;

/// How many adds share one sync. In the log that is a mark on each line, and no more.
const TOGETHER: u64 = 250;

const STARTS: usize = 7;

/// When a log is compacted.
#[derive(Clone, Copy)]
enum Compaction {
    Never,
    /// As the runtime does by default.
    ByDefault,
}

pub(crate) fn measure() -> anyhow::Result<()> {
    println!(
        "{:<34} {:>10} {:>12} {:>12} {:>14}",
        "", "adds", "bytes of log", "a start, ms", "peak, KiB"
    );
    measure_log("empty", 0, Compaction::Never)?;
    let longest = measure_log("a million adds, compacted", ADDS, Compaction::ByDefault)?;
    measure_log("the longest that one becomes", longest, Compaction::Never)?;
    measure_log("a million adds, never compacted", ADDS, Compaction::Never)?;
    Ok(())
}

/// Writes a log and starts from it. Returns how many adds stood in it at most.
fn measure_log(what: &str, adds: u64, compaction: Compaction) -> anyhow::Result<u64> {
    let scratch = tempfile::tempdir()?;
    let (bytes, most) = write(scratch.path(), adds, compaction)?;
    let (mut ms, mut peak) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let (replica, seconds) = timed(|| Process::replica(scratch.path()));
        let replica = replica?;
        let once = RequestId { client: 0, seq: 1 };
        let timeout = Duration::from_secs(10);
        let counted = Client::new(replica.addr.to_string(), once, 0, timeout).read()?;
        ensure!(counted == u128::from(adds), "{counted} of {adds} are left");
        ms.push(1000.0 * seconds);
        peak.push(replica.peak_kib()?);
    }
    println!("{what:<34} {adds:>10} {bytes:>12} {:>12.1} {:>14.0}", median(&ms), median(&peak));
    Ok(most)
}

/// Counts, and writes the log. Returns how long it is in the end, and how many adds stood in it at
/// most, beside what they were compacted to.
fn write(folder: &Path, adds: u64, compaction: Compaction) -> anyhow::Result<(u64, u64)> {
    let me = Identity { cluster: CLUSTER.to_owned(), node: 0, nodes: 1 };
    let (mut log, _, _) = Log::open::<Record>(Folder::open(folder)?, &me)?;
    let mut replica = Replica::new(0, 1, &[]);
    let mut out = Outbox::default();
    let mut compact_next = COMPACT_AT;
    let (mut since, mut longest) = (0, 0);
    for number in 0..adds {
        since += 1;
        let once = RequestId { client: number % CLIENTS, seq: number / CLIENTS + 1 };
        replica.ask(node::Client(number), Request::add_once(1, once), &mut out);
        for effect in out.drain() {
            if let Effect::Append(record) = effect {
                log.append(&record);
            }
        }
        if (number + 1) % TOGETHER > 0 && number + 1 < adds {
            continue;
        }
        log.sync()?;
        longest = longest.max(since);
        if matches!(compaction, Compaction::ByDefault) && log.len() >= compact_next {
            let records = replica.snapshot().expect("a replica has one");
            log.replace(&records)?;
            compact_next = COMPACT_AT.max(4 * log.len());
            since = 0;
        }
    }
    Ok((log.len(), longest))
}
