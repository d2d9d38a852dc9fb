//! Lesson 04 as a program: narrated from start to end, or its two sides as real processes.

use std::io;
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use narration::Narrator;
use udp::attempts::Attempts;
use udp::{sides, story};

/// When would you rather not have it?
///
/// It is TCP. Ten datagrams over a bad link; real sockets, on which one send is one receive, and
/// errors come late or never; a position in a game over UDP and over TCP; one question and one
/// answer; and "add 1" with retries of our own, counted once.
#[derive(Parser)]
#[command(name = "udp", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(subcommand)]
    side: Option<Side>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p udp
  cargo run -p udp -- serve --listen 127.0.0.1:8888
  cargo run -p udp -- send --to 127.0.0.1:8888 --attempts 3 hello

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/04-udp/README.md";

#[derive(Subcommand)]
enum Side {
    /// Answer every datagram with "Echo: " and what it holds, until Ctrl-C
    Serve(Serve),
    /// Send each message in a datagram of its own, and print the answers, one a line
    Send(Send),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    listen: String,
}

#[derive(Args)]
struct Send {
    /// The server's address, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    to: String,
    /// How often to send a message that is not answered
    #[arg(long, value_name = "N", default_value = "4", value_parser = attempts)]
    attempts: NonZeroU32,
    /// How long to wait for the first answer, such as 250ms; twice as long after each attempt
    #[arg(long, value_name = "DURATION", default_value = "250ms", value_parser = timeout)]
    timeout: Duration,
    /// What to send
    #[arg(value_name = "MESSAGE", required = true)]
    messages: Vec<String>,
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        match cli.side {
            None => story::run(&mut Narrator::new(&cli.narration))?,
            Some(Side::Serve(Serve { listen })) => sides::serve(&listen)?,
            Some(Side::Send(Send { to, attempts, timeout, messages })) => {
                let attempts = Attempts { limit: attempts, timeout };
                sides::send(&to, attempts, &messages, &mut io::stdout())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Ten attempts wait a thousand times as long as the first.
fn attempts(text: &str) -> Result<NonZeroU32, String> {
    match text.parse::<NonZeroU32>() {
        Ok(number) if number.get() <= 10 => Ok(number),
        _ => Err("give a whole number from 1 to 10".to_owned()),
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    const ALLOWED: std::ops::RangeInclusive<Duration> =
        Duration::from_millis(1)..=Duration::from_secs(60);
    match narration::duration(text) {
        Ok(timeout) if ALLOWED.contains(&timeout) => Ok(timeout),
        Ok(_) => Err("give 1ms to 60s".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
