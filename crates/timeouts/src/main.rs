//! Lesson 07 as a program: narrated from start to end, or its two sides as real processes.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use narration::Narrator;
use timeouts::{sides, story};

/// No answer came. What happened?
///
/// Runs six experiments: five stories that look the same to a client; every kind of error made for
/// real; what a connection reports only once; a reply that drips; false alarms against time to
/// notice; and the default timeouts of others.
#[derive(Parser)]
#[command(name = "timeouts", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(flatten)]
    seed: narration::SeedArgs,
    #[command(subcommand)]
    side: Option<Side>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p timeouts
  cargo run -p timeouts -- serve --fault crash-after
  cargo run -p timeouts -- ask --to 127.0.0.1:8888 --deadline 2s

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/07-timeouts/README.md";

#[derive(Subcommand)]
enum Side {
    /// Answer payment requests, with a fault of your choice, until Ctrl-C
    Serve(Serve),
    /// Send a payment request to a server, and print its answer
    Ask(Ask),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    listen: String,
    /// What is wrong with the server, or with the network before it
    #[arg(long, value_enum, default_value = "ok")]
    fault: Fault,
}

#[derive(Args)]
struct Ask {
    /// The server's address, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    to: String,
    /// How long to wait for a connection, such as 500ms or 2s; never longer than the deadline
    #[arg(long, value_name = "DURATION", default_value = "500ms")]
    #[arg(value_parser = humantime::parse_duration)]
    connect_timeout: Duration,
    /// How long to wait for all of it: the connection, sending and the whole answer
    #[arg(long, value_name = "DURATION", default_value = "500ms")]
    #[arg(value_parser = humantime::parse_duration)]
    deadline: Duration,
}

#[derive(Clone, Copy, ValueEnum)]
enum Fault {
    /// Nothing
    Ok,
    /// The work takes a second
    Slow,
    /// The reply comes a byte at a time, one every 100 ms
    Drip,
    /// The network swallows every request
    BlackHole,
    /// The work is done, and instead of the reply comes a reset
    Reset,
    /// The process ends when it has read a request
    CrashBefore,
    /// The process ends when it has done the work
    CrashAfter,
}

impl From<Fault> for sides::Fault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Ok => Self::Ok,
            Fault::Slow => Self::Slow,
            Fault::Drip => Self::Drip,
            Fault::BlackHole => Self::BlackHole,
            Fault::Reset => Self::Reset,
            Fault::CrashBefore => Self::CrashBefore,
            Fault::CrashAfter => Self::CrashAfter,
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    narration::run(|| {
        match cli.side {
            None => story::run(&mut Narrator::new(&cli.narration), cli.seed.seed)?,
            Some(Side::Serve(serve)) => sides::serve(&serve.listen, serve.fault.into())?,
            Some(Side::Ask(ask)) => {
                let out = &mut io::stdout();
                sides::ask_to_pay(&ask.to, ask.connect_timeout, ask.deadline, out)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
