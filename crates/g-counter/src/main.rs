//! Lesson 19 as a program: told from start to end, or one replica as a real process.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use g_counter::replica::Replica;
use g_counter::{simulated, smallest, story};
use narration::{Narrator, WithHint};
use worlds::explore::nodes;
use worlds::stdio;

/// How can replicas count together with no one in charge?
///
/// Lets two replicas count and merge; tries four counters on every small schedule of a network that loses and doubles
/// messages; tries the laws of merging on every small state; runs three replicas through every fault there is, and breaks
/// them in two ways; shows what such a counter cannot do; and tells it what cannot be.
#[derive(Parser)]
#[command(name = "g-counter", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p g-counter
  cargo run -p g-counter -- simulate --seed 7
  cargo run -p g-counter -- soak --seeds 1000

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/19-g-counter/README.md";

#[derive(Subcommand)]
enum Command {
    /// Run three replicas through the faults that a seed draws, and print what they say in the end
    Simulate {
        /// Seed of the faults, delays and losses
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
    },
    /// Do that for many seeds, until one of them breaks the counter
    Soak(Soak),
    /// Draw a schedule of two replicas, such as the one that soak finds for a counter that breaks
    Draw {
        /// Actions between dots: a is asked to count 1, aw its disk writes, at its timer runs out, 1 delivers message 1
        code: String,
    },
    /// Be one replica on the test bench Maelstrom: JSON lines on stdin and stdout
    Maelstrom,
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
    narration::run(|| {
        match cli.command {
            None => story::tell(&mut Narrator::new(&cli.narration))?,
            Some(Command::Simulate { seed }) => simulate(seed)?,
            Some(Command::Soak(soak)) => run_soak(&soak)?,
            Some(Command::Draw { code }) => {
                let trace = smallest::trace_of(&code)
                    .context("cannot draw this schedule")
                    .hint(nodes::HOW_TO_WRITE)?;
                let mut tell = Narrator::new(&cli.narration);
                tell.picture(&trace.ladder(tell.width()))?;
            }
            Some(Command::Maelstrom) => {
                stdio::run(io::stdin(), io::stdout(), narration::log, Replica::new)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
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

/// How to run a seed again; and the smallest schedule in which anything breaks, if there is a small one.
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
            return Err(broken)
                .with_context(|| format!("seed {seed}"))
                .hint(how_to_see_it(seed));
        }
    }
    writeln!(io::stdout(), "{} worlds, and all ended well", soak.seeds)?;
    Ok(())
}
