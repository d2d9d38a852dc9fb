//! Lesson 13 as a program: narrated from start to end, or its load generator.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use common::frame::Framing;
use latency::load::{Loop, Plan};
use latency::sides::{self, Files};
use latency::story;
use narration::{Narrator, WithHint};

/// How fast is it, and for whom?
///
/// A road with one lane and with four; one slow request in a hundred, and five rules for its
/// percentiles; pages that make ten calls; three replicas; batches; a queue near full load; one
/// pause as three clients measure it; and a real server under load.
#[derive(Parser)]
#[command(name = "latency", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(subcommand)]
    side: Option<Side>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p latency
  cargo run -p latency -- serve --listen 127.0.0.1:8888 --pause 200ms
  cargo run -p latency -- load --to 127.0.0.1:8888 --rate 1000 --loop closed

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/13-latency/README.md";

#[derive(Subcommand)]
enum Side {
    /// Answer each line with itself, and pause after a client has connected, until Ctrl-C
    Serve(Serve),
    /// Send numbered requests to an echo server on this machine, by a schedule, and show how long
    /// the answers take
    Load(Load),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    listen: String,
    /// How long to do nothing, 0.4 s after a client has connected
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = pause)]
    pause: Duration,
}

#[derive(Args)]
struct Load {
    /// The server's address, HOST:PORT, on this machine
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    to: String,
    /// Requests a second
    #[arg(long, value_name = "N", default_value = "1000")]
    rate: u32,
    /// How long to send, such as 2s
    #[arg(long = "for", value_name = "DURATION", default_value = "1s",
          value_parser = narration::duration)]
    length: Duration,
    /// When to give up a request, counted from when it was due; in a closed loop, from when it was
    /// sent
    #[arg(long, value_name = "DURATION", default_value = "1s",
          value_parser = narration::duration)]
    timeout: Duration,
    /// Whether a request waits for the answer to the one before
    #[arg(long = "loop", value_enum, default_value = "open")]
    kind: Kind,
    /// How messages are marked, the same as on the server
    #[arg(long, value_enum, default_value = "lines")]
    wire: Wire,
    /// Draw the percentiles into this new file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the percentiles into this new file, as HdrHistogram does
    #[arg(long, value_name = "FILE")]
    percentiles: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// It is sent when it is due
    Open,
    /// It waits, as the clients of many tools do
    Closed,
}

#[derive(Clone, Copy, ValueEnum)]
enum Wire {
    /// Each message ends with a newline
    Lines,
    /// Each message follows its length in four bytes
    Frames,
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        match cli.side {
            None => story::run(&mut Narrator::new(&cli.narration))?,
            Some(Side::Serve(Serve { listen, pause })) => sides::serve(&listen, pause)?,
            Some(Side::Load(load)) => run(load)?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// As for arguments that clap refuses.
const WRONG_ARGUMENTS: u8 = 2;

fn run(load: Load) -> anyhow::Result<()> {
    let kind = match load.kind {
        Kind::Open => Loop::Open,
        Kind::Closed => Loop::Closed,
    };
    let plan = Plan::new(kind, load.rate, load.length, load.timeout);
    let mut plan = plan.exit_from(|_| (WRONG_ARGUMENTS, None))?;
    plan.framing = match load.wire {
        Wire::Lines => Framing::Lines,
        Wire::Frames => Framing::Frames,
    };
    let files = Files { svg: load.svg, percentiles: load.percentiles };
    sides::load(&load.to, &plan, &files, &mut io::stdout().lock())
}

/// Ctrl-C has to wait for a pause to end.
fn pause(text: &str) -> Result<Duration, String> {
    match narration::duration(text) {
        Ok(pause) if pause <= Duration::from_secs(5) => Ok(pause),
        Ok(_) => Err("give up to 5s".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
