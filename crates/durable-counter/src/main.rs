//! Lesson 21 as a program: narrated from start to end, or one replica as a real process.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use durable_counter::replica::RequestId;
use durable_counter::{sides, story, twice};
use narration::{DrawArgs, Narrator, NodeArgs, log};
use trace::Trace;

/// It said "counted". Is that still true after kill -9?
///
/// Loses what was only written when the power fails; cuts a log at every byte and flips every bit
/// of it; lets 64 clients share a sync; retries an add; and loses acknowledged adds in the
/// three ways that are left. The other commands run the counter as a service.
#[derive(Parser)]
#[command(name = "durable-counter", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(flatten)]
    draw: DrawArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p durable-counter
  cargo run -p durable-counter -- serve --data data/n0
  cargo run -p durable-counter -- add --to 127.0.0.1:4000 5
  cargo run -p durable-counter -- crash --times 200

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/21-durable-counter/README.md";

#[derive(Subcommand)]
enum Command {
    /// Run a replica, until Ctrl-C
    Serve {
        #[command(flatten)]
        node: NodeArgs,
        /// The folder that holds what this replica has counted and heard
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How large the log becomes before it is compacted
        #[arg(long, value_name = "BYTES", hide = true)]
        compact_at: Option<u64>,
    },
    /// Count more at a replica, and print its value after that
    Add {
        #[command(flatten)]
        replica: To,
        /// A number that no other client has; without it, a random one
        #[arg(long, value_name = "CLIENT", requires = "seq")]
        client: Option<u64>,
        /// Which of this client's adds at this replica it is, from 1; if retried, it is counted
        /// once
        #[arg(long, value_name = "SEQ", requires = "client")]
        #[arg(value_parser = clap::value_parser!(u64).range(1..))]
        seq: Option<u64>,
        /// How long to retry while it is not known whether it was counted
        #[arg(long, value_name = "DURATION", default_value = "10s")]
        #[arg(value_parser = narration::duration)]
        deadline: Duration,
        /// How many more
        #[arg(value_name = "AMOUNT")]
        delta: u64,
    },
    /// Print the value at a replica
    Read(To),
    /// Show what a replica knows of the others: what each has counted, how much of its own entry
    /// they have not acked, and when it heard from them last
    Status(To),
    /// Forward what replicas send to one of them, until Ctrl-C; stopped for a while, it is a cut
    Proxy {
        /// Address to listen on; port 0 takes a free one
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: String,
        /// Address to forward to
        #[arg(long, value_name = "ADDR")]
        to: String,
    },
    /// Start three replicas, kill them again and again while clients count, and compare the sums
    Crash {
        /// How often a replica is killed
        #[arg(long, value_name = "N", default_value_t = 50)]
        times: u64,
        /// The seed from which the moments and the replicas are chosen
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// Where the replicas keep their data, and leave it; without it, a folder that is removed
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

#[derive(Args)]
struct To {
    /// The address of a replica, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4000")]
    to: String,
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    if cli.command.is_some() {
        cli.draw.refuse_before_a_command::<Cli>();
    }
    narration::run(|| {
        let mut narrator = Narrator::new(&cli.narration);
        let out = &mut io::stdout();
        match cli.command {
            None => match &cli.draw.file {
                Some(_) => {
                    show(&mut narrator, &twice::lost_answer(Some(twice::FIRST))?.trace, &cli.draw)?
                }
                None => story::run(&mut narrator)?,
            },
            Some(Command::Serve { node, data, compact_at }) => {
                sides::serve(&node, &data, compact_at)?;
            }
            Some(Command::Add { replica: To { to }, client, seq, deadline, delta }) => {
                let once = client.zip(seq).map(|(client, seq)| RequestId { client, seq });
                sides::add(&to, delta, once, deadline, out)?;
            }
            Some(Command::Read(To { to })) => sides::read(&to, out)?,
            Some(Command::Status(To { to })) => sides::status(&to, &mut narrator)?,
            Some(Command::Proxy { listen, to }) => sides::proxy(&listen, &to)?,
            Some(Command::Crash { times, seed, data }) => {
                sides::crash(times, seed, data.as_deref(), out)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Draws into the file, if one is named, and onto the screen.
fn show(narrator: &mut Narrator<'_>, trace: &Trace, draw: &DrawArgs) -> anyhow::Result<()> {
    views::draw(trace, draw.file.as_deref(), log)?;
    narrator.picture(&trace.ladder(narrator.width()))?;
    Ok(())
}
