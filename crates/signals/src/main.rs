//! Lesson 01 as a program: narrated from start to end, or a lamp to play with.

use std::process::ExitCode;

use clap::builder::RangedI64ValueParser;
use clap::{Args, Parser, Subcommand, value_parser};
use narration::{Narrator, Table, exact};
use signals::lamp::WORST_CLOCK;
use signals::sides::Lamp;
use signals::story;

/// How do you say "Hello" with a flickering lamp?
///
/// Letters as light and dark; a clock that is wrong, and a start for each letter; a flash that is
/// missed, and a check; three watchers and an address; and the same four answers in a web request.
/// All of it is computed: nothing leaves this machine, and nothing waits.
#[derive(Parser)]
#[command(name = "signals", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(subcommand)]
    side: Option<Side>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p signals
  cargo run -p signals -- lamp Hello --fast 6
  cargo run -p signals -- lamp Hello --flip 25 --flip 26

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/01-signals/README.md";

#[derive(Subcommand)]
enum Side {
    /// Send a text by lamp, and show what a watcher sees and does
    Lamp(LampArgs),
}

#[derive(Args)]
struct LampArgs {
    /// What to send, up to 255 bytes
    text: String,
    /// The watcher that it is for; 255 is everyone
    #[arg(long, value_name = "ADDRESS", default_value_t = 2)]
    to: u8,
    /// The address of the watcher who is shown
    #[arg(long, value_name = "ADDRESS", default_value_t = 2)]
    own: u8,
    /// How many percent the watcher's clock is too fast; negative is too slow
    #[arg(long, value_name = "PERCENT", default_value_t = 0, allow_negative_numbers = true)]
    #[arg(value_parser = clock())]
    fast: i32,
    /// A slot, counted from 1, that is seen lit instead of dark, or dark instead of lit
    #[arg(long = "flip", value_name = "SLOT")]
    flipped: Vec<usize>,
}

fn clock() -> RangedI64ValueParser<i32> {
    let worst = i64::from(WORST_CLOCK);
    value_parser!(i32).range(-worst..=worst)
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        let mut narrator = Narrator::new(&cli.narration);
        match cli.side {
            None => story::run(&mut narrator)?,
            Some(Side::Lamp(LampArgs { text, to, own, fast, flipped })) => {
                let sent = Lamp { to, own, fast, flipped }.send(&text)?;
                narrator.table(&sent.table())?;
                // In a table, since the text of a paragraph may be wrapped and have bold words.
                let table = Table::new(["light", "watcher", "does with the frame"]);
                let row = [exact(sent.takes), own.to_string(), sent.verdict.to_string()];
                narrator.table(&table.row(row))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
