//! Lesson 16 as a program: the story from start to end, a drawing of your own run, or a node as a
//! real process.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use explore::messages;
use narration::{DrawArgs, Narrator, NodeArgs, WithHint};
use trace::Trace;
use vector_clocks::{runs, sides, story};
use views::files;
use worlds::stamps;

/// Did one cause the other, or neither?
///
/// Runs three nodes with vector clocks and draws a space-time diagram of what happened (time goes
/// down, an arrow is a message); compares stamps; tries every small schedule and counts of how many
/// pairs of events the vectors are wrong, and Lamport's stamps; measures a stamp; and sends a clock
/// invalid ones.
#[derive(Parser)]
#[command(name = "vector-clocks", after_help = AFTER_HELP)]
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
  cargo run -p vector-clocks
  cargo run -p vector-clocks -- --draw run.svg
  cargo run -p vector-clocks -- draw ab.ac.2.cb.3.1
  cargo run -p vector-clocks -- node --id 0 --peer 127.0.0.1:4001 --trace n0
  cargo run -p vector-clocks -- tell --to 127.0.0.1:4000 --node 1 hello

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/16-vector-clocks/README.md";

#[derive(Subcommand)]
enum Command {
    /// Draw a schedule with the stamps of its events
    Draw {
        /// Actions between dots: a acts, ab sends from a to b, 1 is the receipt of the first
        /// message that was sent, 2 of the second. 1x loses message 1; 1c delivers it and keeps a
        /// copy
        schedule: String,
        #[command(flatten)]
        draw: DrawArgs,
    },
    /// Draw the traces that nodes have written as one space-time diagram
    Ladder {
        /// Files, each of one node or more; - is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        draw: DrawArgs,
    },
    /// Run a node, until Ctrl-C
    Node(NodeArgs),
    /// Have a node do something by itself
    Act {
        #[command(flatten)]
        to: To,
        /// What it is called
        what: String,
    },
    /// Have a node send another one a text
    Tell {
        #[command(flatten)]
        to: To,
        /// The number of the other node
        #[arg(long, value_name = "N")]
        node: usize,
        /// What it sends
        text: String,
    },
    /// Wait until a node has heard something, and print it
    Hear(To),
}

#[derive(Args)]
struct To {
    /// The address of a node, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4000")]
    to: String,
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    if cli.command.is_some() {
        cli.draw.refuse_before_a_command::<Cli>();
    }
    narration::run(|| {
        let mut narrator = Narrator::new(&cli.narration);
        match cli.command {
            None if cli.draw.file.is_some() => {
                show(&mut narrator, &runs::short()?, &cli.draw)?;
            }
            None => story::run(&mut narrator)?,
            Some(Command::Draw { schedule, draw }) => {
                let trace = messages::trace_of(&schedule).hint(messages::SYNTAX)?;
                let stamps = stamps::vectors(&trace);
                show(&mut narrator, &trace.with_vectors(stamps), &draw)?;
            }
            Some(Command::Ladder { files, draw }) => {
                draw.refuse_inputs::<Cli>(&files);
                let run =
                    files::read(&files, io::stdin().lock()).context("cannot draw these traces")?;
                run.cut.iter().for_each(narration::log);
                let trace = run.trace.with_short_names();
                show(&mut narrator, &trace, &draw)?;
            }
            Some(Command::Node(args)) => sides::node(&args)?,
            Some(Command::Act { to, what }) => sides::act(&to.to, what)?,
            Some(Command::Tell { to, node, text }) => sides::tell(&to.to, node, text)?,
            Some(Command::Hear(To { to })) => sides::hear(&to, &mut io::stdout())?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn show(narrator: &mut Narrator<'_>, trace: &Trace, draw: &DrawArgs) -> anyhow::Result<()> {
    views::draw(trace, draw.file.as_deref(), narration::log)?;
    narrator.picture(&trace.ladder(narrator.width()))?;
    Ok(())
}
