//! Lesson 07 as a program: narrated from start to end, one of its stories drawn, or its two sides
//! as real processes.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use narration::{DrawArgs, Narrator};
use timeouts::five_stories::{self, Story};
use timeouts::{sides, story};

/// No answer came. What happened?
///
/// Runs these experiments: five stories that look the same to a client; every kind of error made
/// for real, before a byte of the request has left and after it; what a connection reports only
/// once; a reply that comes byte by byte; and how long to wait, on a good day and on a bad one.
#[derive(Parser)]
#[command(name = "timeouts", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(flatten)]
    seed: narration::SeedArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p timeouts
  cargo run -p timeouts -- story reply-lost
  cargo run -p timeouts -- serve --fault crash-after
  cargo run -p timeouts -- ask --to 127.0.0.1:8888 --deadline 2s

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/07-timeouts/README.md";

#[derive(Subcommand)]
enum Command {
    /// Draw one of the five stories as it happens now: request-lost, crashed-before,
    /// crashed-after, reply-lost or slow
    Story(Draw),
    /// Answer payment requests, with a fault of your choice, until Ctrl-C
    Serve(Serve),
    /// Send a payment request to a server, and print its answer
    Ask(Ask),
}

#[derive(Args)]
struct Draw {
    /// The story
    #[arg(value_parser = story())]
    story: Story,
    #[command(flatten)]
    draw: DrawArgs,
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
    #[arg(value_parser = narration::duration)]
    connect_timeout: Duration,
    /// How long to wait for all of it: the connection, sending and the whole answer
    #[arg(long, value_name = "DURATION", default_value = "500ms")]
    #[arg(value_parser = narration::duration)]
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

fn story() -> impl TypedValueParser<Value = Story> {
    PossibleValuesParser::new(Story::ALL.map(Story::name)).map(|name| {
        let named = Story::ALL.into_iter().find(|story| story.name() == name);
        named.expect("the parser takes the names of stories alone")
    })
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        let mut narrator = Narrator::new(&cli.narration);
        match cli.command {
            None => story::run(&mut narrator, cli.seed.seed)?,
            Some(Command::Story(Draw { story, draw })) => {
                let trace = five_stories::play(story)?.trace()?;
                views::draw(&trace, draw.file.as_deref(), narration::log)?;
                narrator.picture(&trace.ladder(narrator.width()))?;
            }
            Some(Command::Serve(serve)) => sides::serve(&serve.listen, serve.fault.into())?,
            Some(Command::Ask(ask)) => {
                let out = &mut io::stdout();
                sides::ask_to_pay(&ask.to, ask.connect_timeout, ask.deadline, out)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
