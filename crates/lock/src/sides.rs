//! The lock between real processes.

use std::convert::Infallible;
use std::io::Write;
use std::time::Duration;

use anyhow::{Context, bail};
use common::random::fresh_seed;
use narration::{NodeArgs, WithHint, log};
use runtime::client::{Client, RequestError};
use runtime::disk::Folder;
use runtime::{Config, NodeRuntime, RuntimeError, Tracing};
use trace::Trace;
use worlds::fifo::{self, FifoLinks};
use worlds::node::NodeEvent;

use crate::judge::{self, GIVES_BACK};
use crate::mutex::{Message, Mutex, Reply, Request};

/// How long a client waits for the lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(50);

/// Runs a node until a signal stops the process.
///
/// # Errors
/// If its address cannot be bound, or the file for its trace cannot be opened.
pub fn node(args: &NodeArgs) -> anyhow::Result<()> {
    let config = Config::new("lock", args.id, &args.listen, &args.peers);
    let runtime = NodeRuntime::bind(config, log).hint_from(RuntimeError::advice)?;
    let stopper = runtime.stopper();
    ctrlc::set_handler(move || stopper.stop()).context("cannot listen for signals")?;
    let addr = runtime.addr();
    // No earlier process of this node had this incarnation number, so that the others notice if it
    // starts a second time.
    let make = |number, nodes, _: &[()]| {
        Ok::<_, Infallible>(FifoLinks::new(Mutex::new(number, nodes), fresh_seed()))
    };
    // What it knows of the queue is lost with the process, and no record would restore that: it has
    // missed what the others sent.
    let disk = None::<Folder>;
    let tracing = args.trace.as_deref().map(|path| Tracing::to_file(path, label)).transpose();
    let tracing = tracing.hint_from(RuntimeError::advice)?;
    runtime.run(disk, tracing, make, || narration::listening(addr)).hint_from(RuntimeError::advice)
}

/// What a trace calls the events of a node. How its links make delivery reliable is left out, and
/// so is that a client asks for the lock.
fn label(event: &NodeEvent<'_, FifoLinks<Mutex>>) -> Option<String> {
    use fifo::Message::Numbered;
    match event {
        NodeEvent::Asked { request: Request::Release, .. } => Some(GIVES_BACK.to_owned()),
        NodeEvent::Sent { message: Numbered { message, .. }, .. } => Some(word(message).to_owned()),
        NodeEvent::Received { message: Numbered { .. }, .. } => Some(String::new()),
        NodeEvent::Answered { reply: Reply::Granted, .. } => Some(judge::GETS.to_owned()),
        _ => None,
    }
}

/// Without the lock's own stamps: a trace has stamps of its own.
fn word(message: &Message) -> &'static str {
    match message {
        Message::Request(_) => "request",
        Message::Acknowledge(_) => "ack",
        Message::Release(_) => "release",
    }
}

/// Waits until a node holds the lock, and reports that on `out`.
///
/// # Errors
/// If nothing listens there, the node refuses, or another one does not give the lock back.
pub fn acquire(to: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let reply = ask(to, Request::Acquire).hint_from(|error| match error.may_have_been_done() {
        true => Some("the node may wait for the lock; `release` gives it back once it has it"),
        false if matches!(error, RequestError::Refused { .. }) => {
            Some("wait until it is granted, then give it back with `release`")
        }
        false => error.advice(),
    })?;
    print_reply(reply, out)
}

/// Has a node give the lock back, and reports that on `out`.
///
/// # Errors
/// If nothing listens there, or the node does not hold it.
pub fn release(to: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let reply = ask(to, Request::Release).hint_from(|error| match error {
        RequestError::Refused { .. } => Some("`acquire` takes it; wait until that prints granted"),
        _ => error.advice(),
    })?;
    print_reply(reply, out)
}

fn ask(to: &str, request: Request) -> Result<Reply, RequestError> {
    Client::connect(to, LOCK_TIMEOUT)?.ask(&request, LOCK_TIMEOUT)
}

fn print_reply(reply: Reply, out: &mut impl Write) -> anyhow::Result<()> {
    let text = match reply {
        Reply::Granted => "granted",
        Reply::Released => "released",
        Reply::Refused(why) => return Err(why.into()),
    };
    Ok(writeln!(out, "{text}")?)
}

/// Reports on `out` which nodes held the lock in a run.
///
/// # Errors
/// If two may have held it at once, or `out` is closed.
pub fn judge(run: &Trace, out: &mut impl Write) -> anyhow::Result<()> {
    let verdict = judge::judge(run);
    let name = |node: usize| &*run.nodes()[node];
    let holders: Vec<&str> = verdict.held.iter().map(|held| name(held.node)).collect();
    match holders[..] {
        [] => writeln!(out, "no node held the lock")?,
        [only] => writeln!(out, "held once: {only}")?,
        _ => writeln!(out, "held {} times: {}", holders.len(), holders.join(", "))?,
    }
    match verdict.at_once {
        None if holders.len() < 2 => Ok(()),
        None => Ok(writeln!(out, "each ended before the next began")?),
        Some([one, other]) => bail!("{} and {} may have held it at once", name(one), name(other)),
    }
}
