//! Lesson 19 as a program: narrated from start to end, in worlds of your own, or on a test bench.

use std::io;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use g_counter::replica::Replica;
use g_counter::{runs, smallest, story, trials};
use narration::{DrawArgs, Narrator, WithHint, log};
use runtime::stdio;
use trace::Trace;
use worlds::nodes;

/// How can replicas count together with no one in charge?
///
/// Lets two replicas count and merge; tries four counters on every small schedule that loses and
/// duplicates messages; tries the laws of merging on every small state; runs three replicas through
/// every fault there is, and counts what agreeing costs; shows what such a counter cannot do; and
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
  cargo run -p g-counter -- draw a.aw.at.1

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/19-g-counter/README.md";

#[derive(Subcommand)]
enum Command {
    /// Run three replicas with the faults that a seed draws, and print their values in the end
    Simulate {
        /// Seed of the faults, delays and losses
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
    },
    /// Try 1,000 seeds, or as many as --seeds gives, and stop at the first that breaks the counter
    Soak {
        /// How many seeds to try
        #[arg(long, value_name = "N", default_value_t = 1000)]
        seeds: u64,
        /// The first of them
        #[arg(long, value_name = "N", default_value_t = 0)]
        from: u64,
    },
    /// Draw a schedule of two replicas, such as the one that soak finds for a counter that breaks
    Draw {
        /// Actions between dots: a is asked to count 1, aw its disk writes, at its timer runs out,
        /// 1 delivers message 1
        schedule: String,
        #[command(flatten)]
        draw: DrawArgs,
    },
    /// Be one replica on the test bench Maelstrom: JSON lines on stdin and stdout
    Maelstrom,
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    if cli.command.is_some() {
        cli.draw.refuse_before_a_command::<Cli>();
    }
    narration::run(|| {
        let mut narrator = Narrator::new(&cli.narration);
        let out = &mut io::stdout();
        match cli.command {
            None if cli.draw.file.is_some() => {
                show(&mut narrator, &runs::two_of_three()?.trace, &cli.draw)?;
            }
            None => story::run(&mut narrator)?,
            Some(Command::Simulate { seed }) => trials::simulate(seed, out)?,
            Some(Command::Soak { seeds, from }) => trials::soak(from, seeds, out)?,
            Some(Command::Draw { schedule, draw }) => {
                let trace = smallest::trace_of(&schedule)
                    .context("cannot draw this schedule")
                    .hint(nodes::SYNTAX)?;
                show(&mut narrator, &trace, &draw)?;
            }
            Some(Command::Maelstrom) => stdio::run(io::stdin(), out, log, Replica::new)?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Draws into the file, if one is named, and onto the screen.
fn show(narrator: &mut Narrator<'_>, trace: &Trace, draw: &DrawArgs) -> anyhow::Result<()> {
    views::draw(trace, draw.file.as_deref(), log)?;
    narrator.picture(&trace.ladder(narrator.width()))?;
    Ok(())
}
