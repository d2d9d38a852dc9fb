//! Replicas and their clients, as real processes.

use std::env;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context;
use common::fault::{Fault, Proxy};
use common::random::fresh_seed;
use common::transport::TransportError;
use narration::{Narrator, NodeArgs, Table, WithHint, log, number};
use runtime::client::{Link, RequestError};
use runtime::disk::Folder;
use runtime::{Config, NodeRuntime, RuntimeError, Tracing};
use worlds::node::NodeEvent;

use crate::client::{AddError, Client};
use crate::crash;
use crate::replica::{PeerStatus, Replica, RequestId, Status};

/// The name of the replicas' cluster.
pub const CLUSTER: &str = "counter";

/// Runs a replica until the process is stopped.
///
/// # Errors
/// If its address cannot be bound, its data folder or the file for its trace cannot be opened, or
/// one of them is not this replica's.
pub fn serve(args: &NodeArgs, data: &Path, compact_at: Option<u64>) -> anyhow::Result<()> {
    let mut config = Config::new(CLUSTER, args.id, &args.listen, &args.peers);
    config.compact_at = compact_at.unwrap_or(config.compact_at);
    let runtime = NodeRuntime::bind(config, log).hint_from(RuntimeError::advice)?;
    let stopper = runtime.stopper();
    ctrlc::set_handler(move || stopper.stop()).context("cannot listen for signals")?;
    let addr = runtime.addr();
    let folder = Folder::open(data).hint_from(|error| error.advice())?;
    let label = |event: &NodeEvent<'_, Replica>| match event {
        NodeEvent::Woke { .. } | NodeEvent::Wrote { .. } => None,
        event => Some(event.to_string()),
    };
    let tracing = args.trace.as_deref().map(|path| Tracing::to_file(path, label)).transpose();
    let tracing = tracing.hint_from(RuntimeError::advice)?;
    let ready = || narration::listening(addr);
    runtime.run(Some(folder), tracing, Replica::restored, ready).hint_from(RuntimeError::advice)
}

/// Adds at one replica, and writes its value after that to `out`. While it is not known whether the
/// add was counted, it is retried until `deadline` has passed. An add that comes with its id
/// (`once`) may have been sent before.
///
/// # Errors
/// If it is not acknowledged: then the error says whether it may have been counted.
pub fn add(
    to: &str,
    delta: u64,
    once: Option<RequestId>,
    deadline: Duration,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let may_be_retry = once.is_some();
    let once = once.unwrap_or_else(first_of_a_new_client);
    let client = Client::new(to, once, fresh_seed(), deadline);
    let mut client = match may_be_retry {
        true => client.in_doubt(),
        false => client,
    };
    client.add(delta).or_else(|error| advise(error, once))?;
    let value = client.read().context("it is counted, but what is counted in all is not known")?;
    Ok(writeln!(out, "{value}")?)
}

/// Adds the arguments that retry this add, where that is of use.
fn advise(error: AddError, RequestId { client, seq }: RequestId) -> anyhow::Result<()> {
    match error.last {
        // It would be refused again.
        RequestError::Refused { .. } => Err(error.into()),
        _ if error.may_be_counted => Err(error)
            .hint(format!("--client {client} --seq {seq} retries this add, which is counted once")),
        _ => Err(error).hint_from(|error| error.last.advice()),
    }
}

/// Writes the value at one replica to `out`.
///
/// # Errors
/// If it does not answer.
pub fn read(to: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let value = reader(to).read().hint_from(RequestError::advice)?;
    Ok(writeln!(out, "{value}")?)
}

/// Shows what one replica knows of the others.
///
/// # Errors
/// If it does not answer.
pub fn status(to: &str, narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (status, links) = reader(to).status().hint_from(RequestError::advice)?;
    narrator.table(&status_table(to, &status, &links))?;
    if let Some(claimed) = status.lost {
        let own = status.entries.get(status.number).copied().unwrap_or_default();
        narrator.say(&format!(
            "It refuses adds: a peer knows of {claimed} counted here, and it knows of {own} \
             itself. It has lost its past, or there are two."
        ))?;
    }
    let unknown = links.iter().filter(|link| link.node.is_none());
    let unknown: Vec<&str> = unknown.map(|link| &*link.addr).collect();
    if !unknown.is_empty() {
        narrator.say(&format!("No connection to {}.", unknown.join(", ")))?;
    }
    Ok(())
}

fn status_table(to: &str, status: &Status, links: &[Link]) -> Table {
    let headings = ["replica", "has counted", "unacked of ours", "last heard, s", "address"];
    let table = Table::new(headings);
    status.entries.iter().enumerate().fold(table, |table, (replica, &entry)| {
        let peer = status.peers.iter().find(|peer| peer.peer == replica);
        let link = links.iter().find(|link| link.node == Some(replica));
        let counted = number(entry);
        match peer {
            None => table.marked_row([
                format!("{replica}"),
                counted,
                String::new(),
                String::new(),
                to.to_owned(),
            ]),
            Some(PeerStatus { unacked, .. }) => table.row([
                format!("{replica}"),
                counted,
                number(*unacked),
                link.map_or(String::new(), heard),
                link.map_or("not connected", |link| &link.addr).to_owned(),
            ]),
        }
    })
}

fn heard(link: &Link) -> String {
    let seconds = |ms: u64| format!("{:.1}", Duration::from_millis(ms).as_secs_f64());
    link.heard_ms.map_or(String::new(), seconds)
}

/// A client that adds nothing, so that the deadline of an add is not used.
fn reader(to: &str) -> Client {
    Client::new(to, first_of_a_new_client(), fresh_seed(), Duration::ZERO)
}

/// A number that no other client has, small enough for any JSON; and its first add.
fn first_of_a_new_client() -> RequestId {
    let client = fresh_seed() >> 12;
    RequestId { client, seq: 1 }
}

/// Forwards everything between two replicas until the process is stopped.
///
/// # Errors
/// If the address cannot be bound.
pub fn proxy(listen: &str, to: &str) -> anyhow::Result<()> {
    let to: SocketAddr = to.parse().with_context(|| {
        format!("`{to}` is not an address of a replica, such as 127.0.0.1:4000")
    })?;
    let (end, ended) = mpsc::channel();
    ctrlc::set_handler(move || {
        let _ = end.send(());
    })
    .context("cannot listen for signals")?;
    let proxy =
        Proxy::listen(listen, to, Fault::Pass, Fault::Pass).hint_from(TransportError::advice)?;
    narration::listening(proxy.addr())?;
    // It waits until the signal handler sends the end, or is gone.
    let _ = ended.recv();
    Ok(())
}

/// Kills replicas `times` times while clients count, logs how far it is, and writes to `out` what
/// came of it. The replicas keep their data in `data`, or else in a folder that is removed.
///
/// # Errors
/// If they cannot be started, or do not say the sum of what was acknowledged.
pub fn crash(
    times: u64,
    seed: u64,
    data: Option<&Path>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let program = env::current_exe().context("cannot find this program, to start replicas")?;
    let scratch = tempfile::tempdir().context("cannot make a folder for the replicas")?;
    let killed = |kills: u64| {
        if kills.is_multiple_of(50) && kills < times {
            log(format!("{kills} of {times} kills"));
        }
    };
    let outcome = crash::run(&program, data.unwrap_or(scratch.path()), times, seed, killed)?;
    writeln!(
        out,
        "{} kills, {} acknowledged, retried {} times: all replicas report {}",
        outcome.kills, outcome.acknowledged, outcome.retries, outcome.values[0]
    )?;
    outcome.verdict().map_err(anyhow::Error::msg)
}
