//! Lesson 10 as a program: the story from start to end, a drawing of two threads and two locks, or
//! a bank of real processes.

use std::env;
use std::io;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use mutex_deadlock::{account, diagram, processes, sides, story, teller};
use narration::{DrawArgs, Narrator, WithHint};

/// What goes wrong with two threads and one variable?
///
/// Runs nine experiments: every interleaving of two increments; what the compiler refuses, and what
/// it accepts; what interleavings leave out; ten threads; a panic while a lock is held; two
/// threads in a deadlock; four cures; ten requests at once; and one account that two servers share.
#[derive(Parser)]
#[command(name = "mutex-deadlock", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p mutex-deadlock
  cargo run -p mutex-deadlock -- draw a.b
  cargo run -p mutex-deadlock -- serve --listen 127.0.0.1:8888
  cargo run -p mutex-deadlock -- teller --listen 127.0.0.1:8001
  cargo run -p mutex-deadlock -- ask --to 127.0.0.1:8001 read 'withdraw 50'

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/10-mutex-deadlock/README.md";

#[derive(Subcommand)]
enum Command {
    /// Draw a schedule of two threads that take two locks in opposite orders
    Draw {
        /// An interleaving, with a dot between its steps: a runs the next step of thread a, b that
        /// of thread b; each takes its first lock, its second, and frees both
        schedule: String,
        #[command(flatten)]
        draw: DrawArgs,
    },
    /// Keep an account, until Ctrl-C: read, write 50, compare-and-set 100 50
    Serve(Serve),
    /// Pay from an account that other tellers pay from, too, until Ctrl-C: read, withdraw 50
    Teller(Teller),
    /// Send requests to an account or a teller and print the answers, one a line
    Ask(Ask),
    /// The child process of the first experiment
    #[command(name = processes::CHILD, hide = true)]
    Child,
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    listen: String,
    /// What the account holds at first
    #[arg(long, value_name = "DOLLARS", default_value_t = account::OPENING)]
    balance: u64,
}

#[derive(Args)]
struct Teller {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8001")]
    listen: String,
    /// The address of the account, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    account: String,
    /// Write only over the balance that was read
    #[arg(long)]
    compare_and_set: bool,
}

#[derive(Args)]
struct Ask {
    /// The address of the account or teller, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8001")]
    to: String,
    /// What to ask, each in quotes if it has a space
    #[arg(value_name = "REQUEST", required = true)]
    requests: Vec<String>,
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        match cli.command {
            None => run_story(&cli.narration)?,
            Some(Command::Draw { schedule, draw }) => {
                show(&mut Narrator::new(&cli.narration), &schedule, &draw)?;
            }
            Some(Command::Serve(serve)) => sides::serve(&serve.listen, serve.balance)?,
            Some(Command::Teller(teller)) => run_teller(&teller)?,
            Some(Command::Ask(ask)) => sides::ask(&ask.to, &ask.requests, &mut io::stdout())?,
            Some(Command::Child) => sides::child(&mut io::stdout())?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn run_story(args: &narration::Args) -> anyhow::Result<()> {
    let program = env::current_exe().context("cannot find this program, to start it as a child")?;
    story::run(&mut Narrator::new(args), &program)
}

fn show(narrator: &mut Narrator<'_>, schedule: &str, draw: &DrawArgs) -> anyhow::Result<()> {
    let trace =
        diagram::trace_of(schedule).context("cannot draw this schedule").hint(diagram::SYNTAX)?;
    views::draw(&trace, draw.file.as_deref(), narration::log)?;
    narrator.picture(&trace.ladder(narrator.width()))?;
    Ok(())
}

fn run_teller(teller: &Teller) -> anyhow::Result<()> {
    let way = if teller.compare_and_set { teller::Way::CompareAndSet } else { teller::Way::Write };
    sides::teller(&teller.listen, &teller.account, way)
}
