//! Lesson 19 as a program: told from start to end, or one replica as a real process.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Parser, Subcommand};
use g_counter::replica::Replica;
use g_counter::{simulated, story};
use narration::{Narrator, WithHint};
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

fn run_soak(soak: &Soak) -> anyhow::Result<()> {
    let Some(end) = soak.from.checked_add(soak.seeds) else {
        bail!("there are no seeds beyond {}; give fewer", u64::MAX);
    };
    for seed in soak.from..end {
        let outcome = simulated::run(simulated::drawn(seed))?;
        outcome.verdict().hint(format!(
            "seed {seed}; cargo run -p g-counter -- simulate --seed {seed} runs it again"
        ))?;
    }
    writeln!(io::stdout(), "{} worlds, and all ended well", soak.seeds)?;
    Ok(())
}
