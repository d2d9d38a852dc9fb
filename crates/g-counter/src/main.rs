//! Lesson 19 as a program: narrated from start to end, or one replica as a real process.

use std::env;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use g_counter::replica::{Replica, RequestId};
use g_counter::{crash, runs, sides, simulated, smallest, story};
use narration::{DrawArgs, Narrator, NodeArgs, WithHint};
use runtime::stdio;
use worlds::nodes;

/// How can replicas count together with no one in charge?
///
/// Lets two replicas count and merge; tries four counters on every small schedule that loses and
/// duplicates messages; tries the laws of merging on every small state; runs three replicas through
/// every fault there is, and breaks them in two ways; shows what such a counter cannot do; and
/// sends it invalid entries.
#[derive(Parser)]
#[command(name = "g-counter", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(flatten)]
    draw: DrawArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p g-counter
  cargo run -p g-counter -- --draw run.svg
  cargo run -p g-counter -- simulate --seed 7
  cargo run -p g-counter -- serve --data data/n0
  cargo run -p g-counter -- add --to 127.0.0.1:4000 5

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/19-g-counter/README.md";

#[derive(Subcommand)]
enum Command {
    /// Run three replicas through the faults that a seed draws, and print their values in the end
    Simulate {
        /// Seed of the faults, delays and losses
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
    },
    /// Do that for many seeds, until one of them breaks the counter
    Soak(Soak),
    /// Draw a schedule of two replicas, such as the one that soak finds for a counter that breaks
    Draw {
        /// Actions between dots: a is asked to count 1, aw its disk writes, at its timer runs out,
        /// 1 delivers message 1
        #[arg(value_name = "SCHEDULE")]
        code: String,
        #[command(flatten)]
        draw: DrawArgs,
    },
    /// Be one replica on the test bench Maelstrom: JSON lines on stdin and stdout
    Maelstrom,
    /// Run a replica, until Ctrl-C
    Serve(Serve),
    /// Count more at a replica, and print its value after that
    Add(Add),
    /// Print the value at a replica
    Read(To),
    /// Show what a replica knows of the others: what each has counted, how much of its own entry
    /// they have not acked, and when it heard from them last
    Status(To),
    /// Forward what replicas send to one of them, until Ctrl-C; stopped for a while, it is a cut
    Proxy(Proxy),
    /// Start three replicas, kill them again and again while clients count, and compare the sums
    Crash(Crash),
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    node: NodeArgs,
    /// The folder that holds what this replica has counted and heard
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// How large the log becomes before it is compacted
    #[arg(long, value_name = "BYTES", hide = true)]
    compact_at: Option<u64>,
}

#[derive(Args)]
struct To {
    /// The address of a replica, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4000")]
    to: String,
}

#[derive(Args)]
struct Add {
    #[command(flatten)]
    to: To,
    /// A number that no other client has; without it, one is drawn
    #[arg(long, value_name = "N", requires = "seq")]
    client: Option<u64>,
    /// Which of this client's adds at this replica it is, from 1; if retried, it is counted once
    #[arg(long, value_name = "N", requires = "client")]
    seq: Option<u64>,
    /// How long to retry while it is not known whether it was counted
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    #[arg(value_parser = humantime::parse_duration)]
    deadline: Duration,
    /// How many more
    #[arg(value_name = "N")]
    delta: u64,
}

#[derive(Args)]
struct Proxy {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: String,
    /// Address to forward to
    #[arg(long, value_name = "ADDR")]
    to: String,
}

#[derive(Args)]
struct Crash {
    /// How often a replica is killed
    #[arg(long, value_name = "N", default_value_t = 50)]
    times: u64,
    /// What the moments and the replicas are drawn from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where the replicas keep their data, and leave it; without it, a folder that is removed
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(Args)]
struct Soak {
    /// How many seeds to run
    #[arg(long, value_name = "N", default_value_t = 1000)]
    seeds: u64,
    /// The first of them
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u64,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.command.is_some() {
        cli.draw.refuse_before_a_command::<Cli>();
    }
    narration::run(|| {
        match cli.command {
            None => {
                views::draw(
                    &runs::two_of_three()?.trace,
                    cli.draw.file.as_deref(),
                    narration::log,
                )?;
                story::run(&mut Narrator::new(&cli.narration))?;
            }
            Some(Command::Simulate { seed }) => simulate(seed)?,
            Some(Command::Soak(soak)) => run_soak(&soak)?,
            Some(Command::Draw { code, draw }) => {
                let trace = smallest::trace_of(&code)
                    .context("cannot draw this schedule")
                    .hint(nodes::SYNTAX)?;
                views::draw(&trace, draw.file.as_deref(), narration::log)?;
                let mut narrator = Narrator::new(&cli.narration);
                narrator.picture(&trace.ladder(narrator.width()))?;
            }
            Some(Command::Maelstrom) => {
                stdio::run(io::stdin(), io::stdout(), narration::log, Replica::new)?;
            }
            Some(Command::Serve(Serve { node, data, compact_at })) => {
                sides::serve(&node, &data, compact_at)?;
            }
            Some(Command::Add(add)) => {
                let once = add.client.zip(add.seq).map(|(client, seq)| RequestId { client, seq });
                sides::add(&add.to.to, add.delta, once, add.deadline, &mut io::stdout())?;
            }
            Some(Command::Read(To { to })) => sides::read(&to, &mut io::stdout())?,
            Some(Command::Status(To { to })) => {
                sides::status(&to, &mut Narrator::new(&cli.narration))?;
            }
            Some(Command::Proxy(Proxy { listen, to })) => sides::proxy(&listen, &to)?,
            Some(Command::Crash(crash)) => run_crash(&crash)?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn run_crash(crash: &Crash) -> anyhow::Result<()> {
    let program = env::current_exe().context("cannot find this program, to start replicas")?;
    let scratch = tempfile::tempdir().context("cannot make a folder for the replicas")?;
    let folder = crash.data.as_deref().unwrap_or(scratch.path());
    let outcome = crash::run(&program, folder, crash.times, crash.seed)?;
    writeln!(
        io::stdout(),
        "{} kills, {} acknowledged, retried {} times: all replicas say {}",
        outcome.kills,
        outcome.acknowledged,
        outcome.asked_again,
        outcome.values[0]
    )?;
    outcome.verdict().map_err(anyhow::Error::msg)
}

fn simulate(seed: u64) -> anyhow::Result<()> {
    let outcome = simulated::run(simulated::drawn(seed))?;
    let values: Vec<_> = outcome.values.iter().map(u128::to_string).collect();
    writeln!(
        io::stdout(),
        "{} asked for, {} acknowledged, the replicas say {}",
        simulated::ASKED,
        outcome.acknowledged,
        values.join(" ")
    )?;
    outcome.verdict()?;
    Ok(())
}

/// How to run a seed again; and the smallest schedule in which anything breaks, if there is a small
/// one.
fn how_to_see_it(seed: u64) -> String {
    let again = format!("cargo run -p g-counter -- simulate --seed {seed} runs it again");
    match smallest::schedule() {
        None => again,
        Some(code) => {
            format!("{again}; the smallest that breaks: cargo run -p g-counter -- draw {code}")
        }
    }
}

fn run_soak(soak: &Soak) -> anyhow::Result<()> {
    let Some(end) = soak.from.checked_add(soak.seeds) else {
        bail!("there are no seeds beyond {}; give fewer", u64::MAX);
    };
    for seed in soak.from..end {
        let outcome = simulated::run(simulated::drawn(seed))?;
        if let Err(broken) = outcome.verdict() {
            return Err(broken).with_context(|| format!("seed {seed}")).hint(how_to_see_it(seed));
        }
    }
    writeln!(io::stdout(), "{} worlds, and all ended well", soak.seeds)?;
    Ok(())
}
