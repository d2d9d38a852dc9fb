//! The internet of this lesson for the reader to use: a path shown, a link drawn, and the reader's
//! own kernel as the laptop.

use std::fs::File;
use std::io::{IsTerminal, Write, stderr};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use internet::kernel::{self, Session};
use internet::{Fault, Internet, Link, NodeId, Pcap};
use narration::{TunArgs, WithHint, exact};
use trace::Trace;

use crate::faults;
use crate::hops::{self, Says};
use crate::world::{LAPTOP, SERVER, World};

/// Prints the path to `destination`, a hop a line, and writes what the laptop sent and received to
/// `pcap`.
///
/// # Errors
/// If stdout or the file cannot be written.
pub fn trace_route(
    destination: Ipv4Addr,
    pcap: Option<&Path>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut world = World::new(1, 0)?;
    let mut pcap = pcap.map(|path| create(path, world.laptop)).transpose()?;
    for hop in hops::trace_route(&mut world, destination) {
        let Some(answer) = hop.answer else {
            writeln!(out, "{:>2}  no answer", hop.ttl)?;
            continue;
        };
        let says = match answer.says {
            Says::TimeExceeded => "time exceeded",
            Says::Reached => "reached",
            Says::Unreachable => "no route",
        };
        let (from, after) = (answer.from.to_string(), exact(answer.after));
        writeln!(out, "{:>2}  {from:<14} {:<8} {after:>6}  {says}", hop.ttl, answer.name)?;
    }
    if let Some(pcap) = &mut pcap {
        world.net.record().notes.iter().try_for_each(|note| pcap.write(note))?;
    }
    Ok(())
}

fn create(path: &Path, node: NodeId) -> anyhow::Result<Pcap<File>> {
    Pcap::create(path, node)
        .with_context(|| format!("cannot create {}", path.display()))
        .hint("--pcap takes the name of a new file")
}

/// Eight datagrams over a link with these chances, of a thousand each; with a link without any, the
/// second is lost, the fourth duplicated, and the sixth held back.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn link(seed: u64, link: Link) -> anyhow::Result<Trace> {
    let planned = match link {
        Link { lost: 0, duplicated: 0, reordered: 0, flipped: 0, .. } => vec![
            (2, Fault::Lose),
            (4, Fault::Duplicate(Duration::ZERO)),
            (6, Fault::Hold(Duration::from_millis(7))),
        ],
        _ => Vec::new(),
    };
    Ok(faults::draw(seed, link, &planned)?)
}

/// Runs a command on the laptop, whose stack is this machine's kernel, and ends as it did.
///
/// # Errors
/// Those of [`kernel`]; where this system cannot do it, the exit code is 2.
pub fn tun(args: &TunArgs) -> anyhow::Result<ExitCode> {
    let TunArgs { lost, seed, pcap, log, command } = args;
    let log = log.then_some(narration::log as fn(String));
    let ended = kernel::run(&Session { command, pcap: pcap.as_deref(), log }, || {
        if command.is_empty() && stderr().is_terminal() {
            narration::log(format!(
                "This shell is on the laptop, {LAPTOP}. Try: ping {SERVER}. To leave: exit."
            ));
        }
        let world = World::new(seed.seed, 10 * lost).expect("a valid topology");
        (world.net, world.laptop, |_: &mut Internet| {})
    });
    ended.exit_from(|error| (error.exit_code(), error.advice()))
}
