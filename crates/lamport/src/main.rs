//! Lesson 15 as a program: the story from start to end, a drawing of your own run, or a node as a
//! real process.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use explore::messages;
use lamport::{exclusion, runs, sides, story};
use narration::{DrawArgs, Narrator, NodeArgs, WithHint};
use trace::Trace;
use views::files;
use worlds::nodes;
use worlds::stamps;

/// Which came first, without clocks?
///
/// Runs two nodes with Lamport clocks and draws a space-time diagram of what happened (time goes
/// down, an arrow is a message); computes which event can have caused which; tries every small
/// schedule for what the clocks promise and for what they do not; puts all events in one order;
/// sends a clock a stamp that would exhaust it; and shares a lock by that order, and breaks it.
#[derive(Parser)]
#[command(name = "lamport", after_help = AFTER_HELP)]
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
  cargo run -p lamport
  cargo run -p lamport -- --draw run.svg
  cargo run -p lamport -- draw a.a.b
  cargo run -p lamport -- draw ab.b.cb.2.ba.1c.1.3x
  cargo run -p lamport -- lock a.b.2.3
  cargo run -p lamport -- node --id 0 --peer 127.0.0.1:4001 --trace n0
  cargo run -p lamport -- acquire --to 127.0.0.1:4000

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/15-lamport/README.md";

#[derive(Subcommand)]
enum Command {
    /// Draw a schedule with the stamps of its events
    Draw {
        /// Actions between dots: a acts, ab sends from a to b, 1 delivers message 1 (1x loses it,
        /// 1c delivers a copy)
        schedule: String,
        #[command(flatten)]
        draw: DrawArgs,
    },
    /// Draw a schedule of nodes that share a lock, on a network that may reorder, lose and
    /// duplicate messages
    Lock {
        /// Actions between dots: a asks (for the lock, then to give it back), 1 delivers message 1
        /// (1x loses it, 1c delivers a copy)
        schedule: String,
        /// How many nodes there are
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=9))]
        nodes: u8,
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
    /// Run a node that shares a lock with the others, until Ctrl-C
    Node(NodeArgs),
    /// Wait until a node holds the lock
    Acquire(To),
    /// Have a node give the lock back
    Release(To),
    /// Report from the traces of nodes which of them held the lock, and whether two did at once
    Judge {
        /// Files, each of one node or more; - is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Args)]
struct To {
    /// The address of a node, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4000")]
    to: String,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.command.is_some() {
        cli.draw.refuse_before_a_command::<Cli>();
    }
    narration::run(|| {
        let mut narrator = Narrator::new(&cli.narration);
        match cli.command {
            None if cli.draw.file.is_some() => {
                show(&mut narrator, &runs::two_nodes()?, &cli.draw)?;
            }
            None => story::run(&mut narrator)?,
            Some(Command::Draw { schedule, draw }) => {
                let trace = messages::trace_of(&schedule)
                    .context("cannot draw this schedule")
                    .hint(messages::SYNTAX)?;
                let stamps = stamps::lamport(&trace);
                show(&mut narrator, &trace.with_lamport(stamps), &draw)?;
            }
            Some(Command::Lock { schedule, nodes, draw }) => {
                let trace = exclusion::trace_of(&schedule, nodes.into())
                    .context("cannot draw this schedule")
                    .hint(nodes::SYNTAX)?;
                show(&mut narrator, &trace, &draw)?;
            }
            Some(Command::Ladder { files, draw }) => {
                draw.refuse_inputs::<Cli>(&files);
                let run =
                    files::read(&files, io::stdin().lock()).context("cannot draw these traces")?;
                run.cut.iter().for_each(narration::log);
                let trace = run.trace.without_vectors().with_short_names();
                show(&mut narrator, &trace, &draw)?;
            }
            Some(Command::Node(args)) => sides::node(&args)?,
            Some(Command::Acquire(To { to })) => sides::acquire(&to, &mut io::stdout())?,
            Some(Command::Release(To { to })) => sides::release(&to, &mut io::stdout())?,
            Some(Command::Judge { files }) => sides::judge(&files, &mut io::stdout())?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn show(narrator: &mut Narrator<'_>, trace: &Trace, draw: &DrawArgs) -> anyhow::Result<()> {
    views::draw(trace, draw.file.as_deref(), narration::log)?;
    narrator.picture(&trace.ladder(narrator.width()))?;
    Ok(())
}
