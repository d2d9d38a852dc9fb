//! Lesson 14 as a program: narrated from start to end, or its two sides as real processes.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, value_parser};
use narration::Narrator;
use wall_clocks::{sides, story};

/// Whose clock do you trust?
///
/// Clocks that drift and are set back; three of them that disagree; a clock set over a network, and
/// by how much it can be wrong; a reply before its request; stamps that respect causes and stay
/// near the wall clock; and a clock that admits its error. All of it in virtual time.
#[derive(Parser)]
#[command(name = "wall-clocks", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(subcommand)]
    side: Option<Side>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p wall-clocks
  cargo run -p wall-clocks -- serve --wrong-by=-3s
  cargo run -p wall-clocks -- ask --to 127.0.0.1:8123 --samples 4

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/14-wall-clocks/README.md";

#[derive(Subcommand)]
enum Side {
    /// Tell the time by NTP, until Ctrl-C
    Serve(Serve),
    /// Ask a server of NTP how far its clock and this machine's are apart
    Ask(Ask),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8123")]
    listen: String,
    /// How far its clock is ahead of this machine's, such as 250ms, -3s or 2years
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = wrong_by)]
    #[arg(allow_hyphen_values = true)]
    wrong_by: i64,
}

#[derive(Args)]
struct Ask {
    /// The server's address, HOST:PORT; the port of NTP is 123
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8123")]
    to: String,
    /// How many requests to send, one after the other
    #[arg(long, value_name = "N", default_value_t = 4)]
    #[arg(value_parser = value_parser!(u32).range(1..=16))]
    samples: u32,
    /// How long to wait for the reply to each request, such as 500ms
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = timeout)]
    timeout: Duration,
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        match cli.side {
            None => story::run(&mut Narrator::new(&cli.narration))?,
            Some(Side::Serve(Serve { listen, wrong_by })) => sides::serve(&listen, wrong_by)?,
            Some(Side::Ask(Ask { to, samples, timeout })) => {
                sides::ask(&to, sides::Ask { samples, timeout }, &mut io::stdout())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A duration with a sign, in nanoseconds. A difference of more than 68 years would be taken for
/// another one (see [`packet::NtpTime`](wall_clocks::packet::NtpTime)).
fn wrong_by(text: &str) -> Result<i64, String> {
    const MOST: Duration = Duration::from_secs(60 * 31_557_600);
    let size = text.strip_prefix(['-', '+']).unwrap_or(text);
    let size = narration::duration(size)?;
    match i64::try_from(size.as_nanos()) {
        Ok(nanos) if size <= MOST => Ok(if text.starts_with('-') { -nanos } else { nanos }),
        _ => Err("give up to 60 years".to_owned()),
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    const ALLOWED: std::ops::RangeInclusive<Duration> =
        Duration::from_millis(1)..=Duration::from_secs(60);
    match narration::duration(text)? {
        timeout if ALLOWED.contains(&timeout) => Ok(timeout),
        _ => Err("give 1ms to 60s".to_owned()),
    }
}
