//! Lesson 18 as a program: the story from start to end, or the tool for logs of your own.

use std::io::{self, BufWriter, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use causal_log::line::Mapping;
use causal_log::sides::{self, Logs, Merging};
use causal_log::{services, story};
use clap::{Args, Parser, Subcommand};
use narration::{DrawArgs, Narrator};

/// How do you read the logs of five services?
///
/// Three services with skewed clocks handle one order, and it fails: sorts their logs by wall clock
/// and by Lamport stamp, and asks the vectors which lines can have caused the failure. Then it is a
/// tool for your own logs, of JSON lines.
#[derive(Parser)]
#[command(name = "causal-log", after_help = AFTER_HELP)]
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
  cargo run -p causal-log
  cargo run -p causal-log -- merge shop.log payment.log stock.log
  cargo run -p causal-log -- why shop:6 --field lamport=lc shop.log stock.log

Exit codes: 0 all went well, 1 something failed or check found something,
2 the arguments are wrong
Page: lessons/18-causal-log/README.md";

#[derive(Subcommand)]
enum Command {
    /// Print the lines of logs, unchanged, in causal order
    Merge {
        /// Lay the lines out for the eye
        #[arg(long)]
        pretty: bool,
        /// Take each log for sorted already; one that is not ends the merge
        #[arg(long)]
        sorted: bool,
        #[command(flatten)]
        logs: LogArgs,
    },
    /// Print the lines that can have caused an event, in order
    Why {
        /// SERVICE:N, the N-th event of a service, or FILE:LINE
        event: String,
        #[command(flatten)]
        logs: LogArgs,
    },
    /// Print how two events stand, and which messages lead from one to the other
    Compare {
        /// SERVICE:N, the N-th event of a service, or FILE:LINE
        a: String,
        /// The other
        b: String,
        #[command(flatten)]
        logs: LogArgs,
    },
    /// Draw what happened as a space-time diagram: time goes down, an arrow is a message
    Draw {
        #[command(flatten)]
        draw: DrawArgs,
        #[command(flatten)]
        logs: LogArgs,
    },
    /// Report impossible stamps, and what they should be
    Check(LogArgs),
}

#[derive(Args)]
struct LogArgs {
    /// Logs of JSON lines; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    files: Vec<PathBuf>,
    /// What the logs call a field: lamport=lc, service=app.name; once for each
    #[arg(long = "field", value_name = "OURS=THEIRS")]
    fields: Vec<Mapping>,
    /// End at the first bad line, where others are skipped and counted
    #[arg(long)]
    strict: bool,
}

impl LogArgs {
    fn logs(self) -> anyhow::Result<Logs> {
        Logs::new(self.files, &self.fields, self.strict)
    }
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    if cli.command.is_some() {
        cli.draw.refuse_before_a_command::<Cli>();
    }
    narration::run(|| {
        let mut narrator = Narrator::new(&cli.narration);
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout());
        match cli.command {
            None if cli.draw.file.is_some() => {
                let trace = services::observe()?.trace;
                views::draw(&trace, cli.draw.file.as_deref(), narration::log)?;
                narrator.picture(&trace.ladder(narrator.width()))?;
            }
            None => story::run(&mut narrator)?,
            Some(Command::Merge { pretty, sorted, logs }) => {
                let how = Merging { pretty, sorted };
                sides::merge(&logs.logs()?, how, &mut out, &status)?;
            }
            Some(Command::Why { event, logs }) => sides::why(&logs.logs()?, &event, &mut out)?,
            Some(Command::Compare { a, b, logs }) => {
                sides::compare(&logs.logs()?, [&a, &b], &mut out)?;
            }
            Some(Command::Draw { draw, logs }) => {
                draw.refuse_inputs::<Cli>(&logs.files);
                let log = sides::read(&logs.logs()?)?;
                let trace = log.trace().context("cannot draw these logs")?;
                let trace = trace.with_short_names();
                views::draw(&trace, draw.file.as_deref(), narration::log)?;
                narrator.picture(&trace.ladder(narrator.width()))?;
            }
            Some(Command::Check(logs)) => {
                if !sides::check(&logs.logs()?, &mut out)? {
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Shows how far a merge is, on a terminal.
fn status(line: &str) {
    let stderr = io::stderr();
    let is_terminal = stderr.is_terminal();
    // A failure to write to stderr cannot be reported.
    let _ = sides::status_on(stderr, is_terminal, line);
}
