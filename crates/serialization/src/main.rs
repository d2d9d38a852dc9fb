//! Lesson 11 as a program: narrated from start to end, or its two sides for a pipe.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use narration::Narrator;
use serialization::bytes::Message;
use serialization::memory::{self, Allocator, Meter};
use serialization::victims::{self, Case};
use serialization::{format, sides, story};

/// What are the bytes, and who can still read them next year?
///
/// Runs eight experiments: one value in three formats, byte by byte; a field that is not there;
/// sizes; old and new programs that read each other's bytes, and how numbered fields help; bytes
/// that lie; how processes end that read them; and a reader without the type.
#[derive(Parser)]
#[command(name = "serialization", after_help = AFTER_HELP)]
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
  cargo run -p serialization
  cargo run -p serialization -- show --id 300 hello
  cargo run -q -p serialization -- write --format bincode hello >message
  cargo run -q -p serialization -- read --format bincode <message

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/11-serialization/README.md";

#[derive(Subcommand)]
enum Side {
    /// Draw a message in four formats, with the name of each field under its bytes
    Show(Value),
    /// Print what serde's attributes do, as a table
    Attributes,
    /// Print what old and new programs make of each other's bytes, change by change
    Changes,
    /// Write a message to standard output
    Write(Write),
    /// Read a message from standard input and print its fields, one a line
    Read(Read),
    /// Read what may end the process; the lesson starts itself with this
    #[command(name = victims::COMMAND, hide = true)]
    Victim {
        #[arg(value_parser = case)]
        case: Case,
    },
}

#[derive(Args)]
struct Write {
    /// The format of the bytes
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    #[command(flatten)]
    value: Value,
}

#[derive(Args)]
struct Value {
    /// The number of the message
    #[arg(long, value_name = "N", default_value_t = 7)]
    id: u32,
    /// Mark the message as urgent
    #[arg(long)]
    urgent: bool,
    /// The number of the message that it answers
    #[arg(long, value_name = "N")]
    reply_to: Option<u32>,
    /// The text of the message
    #[arg(value_name = "TEXT", default_value = "hello")]
    text: String,
}

#[derive(Args)]
struct Read {
    /// The format of the bytes
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// JSON in one line
    Json,
    /// JSON for people
    Pretty,
    /// Numbers in fixed width
    Bincode,
    /// Numbers as varints
    Postcard,
}

impl From<Value> for Message {
    fn from(Value { id, urgent, reply_to, text }: Value) -> Self {
        Message { id, text, urgent, reply_to }
    }
}

impl From<Format> for format::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Json | Format::Pretty => Self::Json,
            Format::Bincode => Self::Bincode,
            Format::Postcard => Self::Postcard,
        }
    }
}

#[global_allocator]
static MEMORY: Allocator = memory::allocator();

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| match cli.side {
        None => {
            let program = std::env::current_exe().context("cannot find this program's own file")?;
            narrate(&cli.narration, cli.seed.seed, &program)
        }
        Some(Side::Show(value)) => print(&cli.narration, |it| story::show(it, &value.into())),
        Some(Side::Attributes) => print(&cli.narration, story::attributes),
        Some(Side::Changes) => print(&cli.narration, story::changes),
        Some(Side::Write(write)) => write_message(write),
        Some(Side::Read(read)) => {
            let (mut input, mut out) = (io::stdin().lock(), io::stdout().lock());
            sides::read(read.format.into(), &mut input, &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Side::Victim { case }) => Ok(end_of(case)),
    })
}

fn narrate(args: &narration::Args, seed: u64, program: &Path) -> anyhow::Result<ExitCode> {
    let meter = Meter::new(&MEMORY);
    story::run(&mut Narrator::new(args), seed, program, meter)?;
    Ok(ExitCode::SUCCESS)
}

fn print(
    args: &narration::Args,
    what: impl FnOnce(&mut Narrator<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    what(&mut Narrator::new(args))?;
    Ok(ExitCode::SUCCESS)
}

fn write_message(write: Write) -> anyhow::Result<ExitCode> {
    let Write { format, value } = write;
    let is_pretty = format == Format::Pretty;
    sides::write(&value.into(), format.into(), is_pretty, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

/// How a victim ends, if its process survives the reading.
fn end_of(case: Case) -> ExitCode {
    match victims::read(case, Meter::new(&MEMORY)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            narration::log(error);
            ExitCode::from(victims::REFUSED)
        }
    }
}

fn case(name: &str) -> Result<Case, String> {
    Case::named(name).ok_or_else(|| format!("there is no case {name}"))
}
