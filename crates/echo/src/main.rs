//! Lesson 06 as a program: narrated from start to end, or its two sides as real processes.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use common::frame;
use common::transport::Limits;
use echo::{sides, story};
use narration::Narrator;

/// How do two programs talk, and what is one message?
///
/// Runs six experiments on real sockets of this machine: one exchange, call by call; writes that
/// arrive glued and split; two ways to mark a message; lengths that lie; one idle client; and what
/// a limit does for the others.
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
    /// Serve each connection in a thread of its own (the default)
    #[arg(long)]
    threads: bool,
    /// Serve one connection to its end before the next
    #[arg(long, conflicts_with_all = ["threads", "max_connections"])]
    one_at_a_time: bool,
    /// Connections at a time; more of them wait
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_connections,
          value_parser = at_least_one)]
    max_connections: usize,
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

impl Serve {
    fn limits(&self) -> Limits {
        Limits {
            max_connections: if self.one_at_a_time { 1 } else { self.max_connections },
            idle: self.idle_timeout,
            ..Limits::default()
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    narration::run(|| {
        match cli.side {
            None => story::run(&mut Narrator::new(&cli.narration))?,
            Some(Side::Serve(serve)) => {
                sides::serve(&serve.listen, serve.wire.into(), serve.limits())?
            }
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
