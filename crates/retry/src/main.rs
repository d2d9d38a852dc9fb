//! Lesson 08 as a program: narrated from start to end, or its two sides as real processes.

use std::io;
use std::num::{IntErrorKind, NonZeroU32};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use common::random::{Rng, fresh_seed};
use common::retry::Policy;
use narration::Narrator;
use retry::{sides, story};

/// Should you try again? When, and how often?
///
/// Growing waits; a hundred clients that failed together; an outage that retries keep alive; two
/// cures of it; what not to retry; operations done twice, and keys against that; the edges of the
/// arithmetic. Minutes of waiting are virtual and take no time; the payments are made over real
/// sockets.
#[derive(Parser)]
#[command(name = "retry", after_help = AFTER_HELP)]
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
  cargo run -p retry
  cargo run -p retry -- serve --fail-first 2
  cargo run -p retry -- call --attempts 4 --base 1s --jitter none

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/08-retry/README.md";

#[derive(Subcommand)]
enum Side {
    /// Answer the first requests with "busy" and all others with "done", until Ctrl-C
    Serve(Serve),
    /// Call a server until it is done, and print its answer
    Call(Call),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    listen: String,
    /// How many requests are answered with "busy" at first
    #[arg(long, value_name = "N", default_value_t = 2)]
    fail_first: u64,
}

#[derive(Args)]
struct Call {
    /// The server's address, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    to: String,
    /// How often to try, the first time included
    #[arg(long, value_name = "N", default_value = "4", value_parser = at_least_one)]
    attempts: NonZeroU32,
    /// The wait after the first failure, such as 1s or 200ms; it doubles with each further one
    #[arg(long, value_name = "DURATION", default_value = "1s")]
    #[arg(value_parser = narration::duration)]
    base: Duration,
    /// The longest wait
    #[arg(long, value_name = "DURATION", default_value = "30s")]
    #[arg(value_parser = narration::duration)]
    cap: Duration,
    /// Whether each wait is drawn at random
    #[arg(long, value_enum, default_value = "full")]
    jitter: Jitter,
    /// Seed of the random waits; without it each run draws its own and logs it
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Jitter {
    /// Anywhere from nothing to the whole wait
    Full,
    /// Always the whole wait
    None,
}

impl From<Jitter> for common::retry::Jitter {
    fn from(jitter: Jitter) -> Self {
        match jitter {
            Jitter::Full => Self::Full,
            Jitter::None => Self::None,
        }
    }
}

impl Call {
    fn policy(&self) -> Policy {
        Policy {
            base: self.base,
            cap: self.cap,
            jitter: self.jitter.into(),
            attempts: self.attempts,
            // The server keeps nothing of a call.
            idempotent: true,
            ..Policy::default()
        }
    }

    fn rng(&self) -> Rng {
        let seed = self.seed.unwrap_or_else(fresh_seed);
        if self.jitter == Jitter::Full && self.seed.is_none() {
            narration::log(format!("waits are drawn with --seed {seed}"));
        }
        Rng::from_seed(seed)
    }
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        match cli.side {
            None => story::run(&mut Narrator::new(&cli.narration), cli.seed.seed)?,
            Some(Side::Serve(serve)) => sides::serve(&serve.listen, serve.fail_first)?,
            Some(Side::Call(call)) => {
                sides::call(&call.to, &call.policy(), call.rng(), &mut io::stdout())?
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn at_least_one(text: &str) -> Result<NonZeroU32, String> {
    match text.parse::<u32>() {
        Ok(number) => NonZeroU32::new(number)
            .ok_or_else(|| "a call needs at least one attempt; give 1 or more".to_owned()),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => {
            Err(format!("too many; give at most {}", u32::MAX))
        }
        Err(error) => Err(format!("{error}; give a whole number")),
    }
}
