//! The nodes and their clients, as real processes.

use std::convert::Infallible;
use std::io::Write;
use std::time::Duration;

use anyhow::{Context, ensure};
use common::transport::Deadline;
use narration::{NodeArgs, WithHint, log, printable};
use runtime::client::{Client, Link, RequestError};
use runtime::disk::Folder;
use runtime::{Config, NodeRuntime, RuntimeError, Tracing};
use serde::Deserialize;

use crate::talker::{Request, Talker, label};

/// How long a client waits: to be connected, and for something to be heard.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs a node until a signal stops the process.
///
/// # Errors
/// If its address cannot be bound, or the file for its trace cannot be opened.
pub fn node(args: &NodeArgs) -> anyhow::Result<()> {
    let config = Config::new("talk", args.id, &args.listen, &args.peers);
    let runtime = NodeRuntime::bind(config, log).hint_from(RuntimeError::advice)?;
    let stopper = runtime.stopper();
    ctrlc::set_handler(move || stopper.stop()).context("cannot listen for signals")?;
    let addr = runtime.addr();
    let make = |number, nodes, _: &[()]| Ok::<_, Infallible>(Talker::new(number, nodes));
    // What it has heard need not be durable.
    let disk = None::<Folder>;
    let tracing = args.trace.as_deref().map(|path| Tracing::to_file(path, label)).transpose();
    let tracing = tracing.hint_from(RuntimeError::advice)?;
    runtime.run(disk, tracing, make, || narration::listening(addr)).hint_from(RuntimeError::advice)
}

/// Has a node do something.
///
/// # Errors
/// If nothing listens there, or the node refuses.
pub fn act(to: &str, what: String) -> anyhow::Result<()> {
    let mut client = Client::connect(to, CLIENT_TIMEOUT).hint_from(RequestError::advice)?;
    let Done {} = client.ask(&Request::Act { what }, CLIENT_TIMEOUT)?;
    Ok(())
}

/// Has a node send another one a text, once it is connected to it.
///
/// # Errors
/// If nothing listens there, or the node refuses, or the other one does not connect in time.
pub fn tell(to: &str, node: usize, text: String) -> anyhow::Result<()> {
    let mut client = Client::connect(to, CLIENT_TIMEOUT).hint_from(RequestError::advice)?;
    let deadline = Deadline::after(CLIENT_TIMEOUT);
    // Once all are connected, the node itself can refuse a number that no node has.
    let may_come = |links: &[Link]| {
        let is_there = links.iter().any(|link| link.node == Some(node));
        !is_there && links.iter().any(|link| link.node.is_none())
    };
    while may_come(&client.links(CLIENT_TIMEOUT)?) {
        ensure!(deadline.pause(), "it is not connected to node {node}");
    }
    let Done {} = client.ask(&Request::Tell { node, text }, CLIENT_TIMEOUT)?;
    Ok(())
}

/// `{"type":"done"}` has no other fields.
#[derive(Deserialize)]
struct Done {}

/// Waits until a node has heard something, and writes it to `out`.
///
/// # Errors
/// If nothing listens there, or nothing is heard in time.
pub fn hear(to: &str, out: &mut impl Write) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Answer {
        Heard { node: usize, text: String },
        Nothing,
    }
    let mut client = Client::connect(to, CLIENT_TIMEOUT).hint_from(RequestError::advice)?;
    let deadline = Deadline::after(CLIENT_TIMEOUT);
    loop {
        match client.ask(&Request::Hear, CLIENT_TIMEOUT)? {
            Answer::Heard { node, text } => {
                return Ok(writeln!(out, "n{node}: {}", printable(text.as_bytes()))?);
            }
            Answer::Nothing => {
                ensure!(deadline.pause(), "it has heard nothing");
            }
        }
    }
}
