//! Lesson 06 as a program: narrated from start to end, or its two sides as real processes.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use common::frame;
use common::transport::Limits;
use echo::{sides, story};
use narration::Narrator;

/// How do two programs talk, and what is one message?
///
/// Runs experiments on real sockets of this machine: one exchange, call by call; writes that arrive
/// glued and split; two ways to mark a message; lengths that lie; one idle client; what a limit
/// does for the others; one thread for many clients; and a refusal that is not heard.
#[derive(Parser)]
#[command(name = "echo", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(subcommand)]
    side: Option<Side>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p echo
  cargo run -p echo -- serve --listen 127.0.0.1:8888
  cargo run -p echo -- send --to 127.0.0.1:8888 hello

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/06-echo/README.md";

#[derive(Subcommand)]
enum Side {
    /// Answer every message with "Echo: " and the message, until Ctrl-C
    Serve(Serve),
    /// Send messages to a server and print its answers, one a line
    Send(Send),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    listen: String,
    /// How messages are marked
    #[arg(long, value_enum, default_value = "lines")]
    wire: Wire,
    /// How the server waits for its connections
    #[arg(long, value_enum, default_value = "threads")]
    model: Model,
    /// Connections at a time; more of them wait [default: 512, or 1 with one-at-a-time]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    max_connections: Option<usize>,
    /// How long to wait for a request, such as 30s or 500ms
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = positive_duration)]
    idle_timeout: Duration,
}

#[derive(Args)]
struct Send {
    /// The server's address, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    to: String,
    /// How messages are marked, the same as on the server
    #[arg(long, value_enum, default_value = "lines")]
    wire: Wire,
    /// What to send; without any, the lines of standard input
    #[arg(value_name = "MESSAGE")]
    messages: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Wire {
    /// Each message ends with a newline
    Lines,
    /// Each message follows its length in four bytes
    Frames,
}

impl From<Wire> for frame::Framing {
    fn from(wire: Wire) -> frame::Framing {
        match wire {
            Wire::Lines => frame::Framing::Lines,
            Wire::Frames => frame::Framing::Frames,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Model {
    /// A thread for each connection
    Threads,
    /// One thread for all connections
    Events,
    /// One connection to its end before the next
    OneAtATime,
}

impl Serve {
    /// Exits where the arguments contradict each other.
    fn limits(&self) -> Limits {
        let is_one = self.model == Model::OneAtATime;
        if is_one && self.max_connections.is_some_and(|connections| connections > 1) {
            let why = "with --model one-at-a-time there is one connection at a time";
            Cli::command().error(ErrorKind::ArgumentConflict, why).exit();
        }
        let default = if is_one { 1 } else { Limits::default().max_connections };
        Limits {
            max_connections: self.max_connections.unwrap_or(default),
            idle: self.idle_timeout,
            ..Limits::default()
        }
    }

    fn run(&self) -> anyhow::Result<()> {
        let model = match self.model {
            // A thread serves the one, and the next waits until there is room.
            Model::Threads | Model::OneAtATime => sides::Model::Threads,
            Model::Events => sides::Model::Events,
        };
        sides::serve(&self.listen, self.wire.into(), model, self.limits())
    }
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        match cli.side {
            None => story::run(&mut Narrator::new(&cli.narration))?,
            Some(Side::Serve(serve)) => serve.run()?,
            Some(Side::Send(send)) => run_client(send)?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn run_client(send: Send) -> anyhow::Result<()> {
    let out = &mut io::stdout().lock();
    let wire = send.wire.into();
    if send.messages.is_empty() {
        return sides::send(&send.to, wire, sides::lines(io::stdin().lock()), out);
    }
    let messages = send.messages.into_iter().map(|message| Ok(message.into_bytes()));
    sides::send(&send.to, wire, messages, out)
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    match narration::duration(text) {
        Ok(Duration::ZERO) => Err("no client can be answered in zero time".to_owned()),
        parsed => parsed.map_err(|error| error.to_string()),
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("a server needs at least one connection; give 1 or more".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}; give a whole number")),
    }
}
