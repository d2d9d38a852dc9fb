//! Lesson 15 as a program: the story from start to end, or a drawing of your own run.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use explore::messages;
use lamport::{runs, story};
use narration::{DrawArgs, Narrator, WithHint};
use trace::Trace;
use views::files;
use worlds::stamps;

/// Which came first, without clocks?
///
/// Runs two nodes with Lamport clocks and draws a space-time diagram of what happened (time goes
/// down, an arrow is a message); computes which event can have caused which; tries every small
/// schedule for what the clocks promise and for what they do not; puts all events in one order; and
/// sends a clock a stamp that would exhaust it.
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

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/15-lamport/README.md";

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
                show(&mut narrator, &runs::two_nodes()?, &cli.draw)?;
            }
            None => story::run(&mut narrator)?,
            Some(Command::Draw { schedule, draw }) => {
                let trace = messages::trace_of(&schedule).hint(messages::SYNTAX)?;
                let stamps = stamps::lamport(&trace);
                show(&mut narrator, &trace.with_lamport(stamps), &draw)?;
            }
            Some(Command::Ladder { files, draw }) => {
                draw.refuse_inputs::<Cli>(&files);
                let run =
                    files::read(&files, io::stdin().lock()).context("cannot draw these traces")?;
                run.cut.iter().for_each(narration::log);
                let trace = run.trace.without_vectors().with_short_names();
                show(&mut narrator, &trace, &draw)?;
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
