//! The course's parts beside their peers.
//!
//! Each comparison runs in rounds: ours, theirs, ours, theirs, so that a machine that slows down
//! slows both. What is printed is the median of each and the median of the rounds' ratios; above 1,
//! ours does more. Formats are compared with JSON in the same way.

mod causal_log;
mod clocks;
mod codecs;
mod dns;
mod echo;
mod explorer;
mod frames;
mod gossip;
mod heal;
mod internet;
mod load;
mod process;
mod restart;
mod service;
mod sim;
mod sizes;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::{Parser, Subcommand};

/// Measures the course's parts beside their peers
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Decoding frames, beside tokio_util's LengthDelimitedCodec
    Frames,
    /// The clocks and the counter, beside uhlc, vec_clock, crdts and plain loops
    Clocks,
    /// Bytes of a vector clock's stamp, beside crdts' clock
    Sizes,
    /// The counter: messages between replicas for an increment
    Gossip,
    /// The counter as a durable service, beside the disk that it writes to
    Service,
    /// The counter: how long until all agree after a partition has healed
    Heal,
    /// The counter: how long a start from a log takes
    Restart,
    /// Merging sorted logs, beside `sort -m` and beside parsing alone
    CausalLog,
    /// The simulator: messages delivered a second
    Sim,
    /// The internet of lesson 02: packets through a router, beside smoltcp alone
    Internet,
    /// The name server and the resolver of lesson 05, beside bare ways to do as much
    Dns,
    /// The load generator of lesson 13: the rates that it holds, and what a request costs it
    Load,
    /// The explorer, beside stateright
    Explorer,
    /// The echo server by threads and by events, beside one written with tokio
    Echo,
    /// Encoding and decoding in bincode and postcard, beside serde_json
    Codecs,
    /// One of the echo servers, for the comparison to start
    #[command(hide = true)]
    ServeEcho { by: echo::By },
    /// Clients of an echo server that stay and send nothing, for the comparison to start
    #[command(hide = true)]
    StayIdle { to: SocketAddr, clients: usize },
    /// A replica of the counter, for a measurement to start
    #[command(hide = true)]
    ServeCounter {
        #[command(flatten)]
        node: narration::NodeArgs,
        #[arg(long)]
        data: PathBuf,
    },
    /// A proxy between replicas, for a measurement to start
    #[command(hide = true)]
    Proxy {
        #[arg(long)]
        listen: String,
        #[arg(long)]
        to: String,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().what {
        What::Frames => frames::compare(),
        What::Clocks => clocks::compare(),
        What::Sizes => sizes::compare(),
        What::Gossip => gossip::measure(),
        What::Service => service::compare(),
        What::Heal => heal::measure(),
        What::Restart => restart::measure(),
        What::CausalLog => causal_log::compare(),
        What::Sim => sim::measure(),
        What::Internet => internet::compare(),
        What::Dns => dns::compare(),
        What::Load => load::measure(),
        What::Explorer => explorer::compare(),
        What::Echo => echo::compare(),
        What::Codecs => codecs::compare(),
        What::ServeEcho { by } => echo::serve(by),
        What::StayIdle { to, clients } => echo::stay_idle(to, clients),
        What::ServeCounter { node, data } => durable_counter::sides::serve(&node, &data, None),
        What::Proxy { listen, to } => durable_counter::sides::proxy(&listen, &to),
    }
}

/// Rates of two ways to do the same, measured in turn.
struct Comparison {
    ours: Vec<f64>,
    theirs: Vec<f64>,
}

/// Runs `work` in `rounds`, ours and theirs in turn; each returns how much it did.
fn compare<T>(
    rounds: usize,
    subjects: [T; 2],
    mut work: impl FnMut(&T) -> anyhow::Result<u64>,
) -> anyhow::Result<Comparison> {
    let mut rate = |subject| {
        let (done, seconds) = timed(|| work(subject));
        anyhow::Ok(done? as f64 / seconds)
    };
    let [ours, theirs] = &subjects;
    // One round that does not count, for caches and buffers to fill.
    rate(ours)?;
    rate(theirs)?;
    let mut comparison = Comparison { ours: Vec::new(), theirs: Vec::new() };
    for _ in 0..rounds {
        comparison.ours.push(rate(ours)?);
        comparison.theirs.push(rate(theirs)?);
    }
    Ok(comparison)
}

/// What `work` returns, and how many seconds it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    #[expect(clippy::disallowed_methods, reason = "what is measured here is real time")]
    let start = Instant::now();
    let done = work();
    (done, start.elapsed().as_secs_f64())
}

/// The resident memory of a process, in KiB, as Linux reports it.
fn resident_kib(process: &str) -> anyhow::Result<f64> {
    memory_kib(process, "VmRSS:")
}

fn memory_kib(process: &str, what: &'static str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context(what)?.parse()?)
}

impl Comparison {
    fn print(&self, what: &str) {
        let ratios: Vec<_> = self.ours.iter().zip(&self.theirs).map(|(a, b)| a / b).collect();
        let (low, high) = ratios
            .iter()
            .fold((f64::MAX, 0.0_f64), |(low, high), &ratio| (low.min(ratio), high.max(ratio)));
        println!(
            "{what:<34} {:>12.0} {:>12.0} {:>7.2}   {low:.2}-{high:.2}",
            median(&self.ours),
            median(&self.theirs),
            median(&ratios),
        );
    }
}

fn heading(unit: &str, [ours, theirs]: [&str; 2]) {
    println!("\n{unit:<34} {ours:>12} {theirs:>12} {:>7}   spread", "ratio");
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
