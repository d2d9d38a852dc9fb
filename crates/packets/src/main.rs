//! Lesson 02 as a program: narrated from start to end, or its internet for the reader to use.

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, value_parser};
use internet::Link;
use narration::{DrawArgs, Narrator, TunArgs};
use packets::{sides, story};

/// What does the network promise?
///
/// One packet byte by byte; addresses; routers, and the path through them; two flows on one wire; a
/// gigabyte in packets; what can happen to them on the way; and what a checksum notices. Time is
/// virtual, and nothing leaves this machine.
#[derive(Parser)]
#[command(name = "packets", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(subcommand)]
    side: Option<Side>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p packets
  cargo run -p packets -- trace-route 203.0.113.80
  cargo run -p packets -- tun --lost 30 -- ping -c 5 203.0.113.80

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong, or
            this system cannot do it; tun ends with the code of its command
Page: lessons/02-packets/README.md";

#[derive(Subcommand)]
enum Side {
    /// Print the path of a packet from the laptop, router by router
    TraceRoute(TraceRoute),
    /// Draw eight datagrams on a link; without chances, one of each fault
    Link(LinkArgs),
    /// Run a command on the laptop, with this machine's kernel as its stack (Linux)
    Tun(TunArgs),
}

#[derive(Args)]
struct TraceRoute {
    /// An IPv4 address: the server is 203.0.113.80, the archive 203.0.113.200
    address: Ipv4Addr,
    /// Write what the laptop sends and receives to a new file, for Wireshark
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
}

#[derive(Args)]
struct LinkArgs {
    /// How many of a hundred datagrams are lost
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = percent())]
    lost: u64,
    /// How many of a hundred arrive twice
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = percent())]
    duplicated: u64,
    /// How many of a hundred are held back
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = percent())]
    reordered: u64,
    /// How many of a hundred have a bit flipped
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = percent())]
    flipped: u64,
    #[command(flatten)]
    seed: narration::SeedArgs,
    #[command(flatten)]
    draw: DrawArgs,
}

impl LinkArgs {
    fn link(&self) -> Link {
        Link {
            lost: 10 * self.lost,
            duplicated: 10 * self.duplicated,
            reordered: 10 * self.reordered,
            flipped: 10 * self.flipped,
            ..Link::default()
        }
    }
}

fn percent() -> clap::builder::RangedU64ValueParser<u64> {
    value_parser!(u64).range(0..=100)
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        match cli.side {
            None => story::run(&mut Narrator::new(&cli.narration))?,
            Some(Side::TraceRoute(TraceRoute { address, pcap })) => {
                sides::trace_route(address, pcap.as_deref(), &mut io::stdout())?;
            }
            Some(Side::Link(args)) => {
                let trace = sides::link(args.seed.seed, args.link())?;
                views::draw(&trace, args.draw.file.as_deref(), narration::log)?;
                let mut narrator = Narrator::new(&cli.narration);
                narrator.picture(&trace.ladder(narrator.width().min(60)))?;
            }
            Some(Side::Tun(args)) => return sides::tun(&args),
        }
        Ok(ExitCode::SUCCESS)
    })
}
