//! Lesson 20 as a program: the story from start to end, a drawing of your own schedule, or a node
//! as a real process.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use lock::{exclusion, holders, sides, story};
use narration::{DrawArgs, Narrator, NodeArgs, WithHint};
use trace::Trace;
use views::files;

/// How do nodes share a lock with no one in charge?
///
/// Shares a lock between three nodes and draws what happened (time goes down, an arrow is a
/// message); tries every state of two and three nodes, on links that keep their order, reorder and
/// lose; puts a layer on bad links that makes them good; and crashes and pauses a holder, with
/// leases and with fencing tokens.
#[derive(Parser)]
#[command(name = "lock", after_help = AFTER_HELP)]
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
  cargo run -p lock
  cargo run -p lock -- --draw run.svg
  cargo run -p lock -- draw a.b.2.3
  cargo run -p lock -- node --id 0 --peer 127.0.0.1:4001 --trace n0
  cargo run -p lock -- acquire --to 127.0.0.1:4000

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/20-lock/README.md";

/// What `draw` takes: the actions of a schedule that can happen to this lock.
const ACTIONS: &str = "a asks, 1 delivers message 1, 1x loses it, 1c delivers and keeps a copy";

#[derive(Subcommand)]
enum Command {
    /// Draw a schedule of nodes that share a lock, on a network that may reorder, lose and
    /// duplicate messages
    Draw {
        /// Actions between dots: a asks (node a for the lock, then to give it back), 1 delivers
        /// message 1, 1x loses it, 1c delivers and keeps a copy
        schedule: String,
        /// How many nodes there are
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=9))]
        nodes: u8,
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
        #[command(flatten)]
        draw: DrawArgs,
    },
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
                show(&mut narrator, &holders::paused(true)?.trace, &cli.draw)?;
            }
            None => story::run(&mut narrator)?,
            Some(Command::Draw { schedule, nodes, draw }) => {
                let trace = exclusion::trace_of(&schedule, nodes.into()).hint(ACTIONS)?;
                show(&mut narrator, &trace, &draw)?;
            }
            Some(Command::Node(args)) => sides::node(&args)?,
            Some(Command::Acquire(To { to })) => sides::acquire(&to, &mut io::stdout())?,
            Some(Command::Release(To { to })) => sides::release(&to, &mut io::stdout())?,
            Some(Command::Judge { files, draw }) => {
                draw.refuse_inputs::<Cli>(&files);
                let run =
                    files::read(&files, io::stdin().lock()).context("cannot judge these traces")?;
                run.cut.iter().for_each(narration::log);
                let trace = run.trace.without_vectors().with_short_names();
                views::draw(&trace, draw.file.as_deref(), narration::log)?;
                sides::judge(&trace, &mut io::stdout())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn show(narrator: &mut Narrator<'_>, trace: &Trace, draw: &DrawArgs) -> anyhow::Result<()> {
    views::draw(trace, draw.file.as_deref(), narration::log)?;
    narrator.picture(&trace.ladder(narrator.width()))?;
    Ok(())
}
