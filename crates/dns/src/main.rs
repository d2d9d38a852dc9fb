//! Lesson 05 as a program: narrated from start to end, or its two sides as real processes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use dns::fault::Fault;
use dns::network::Places;
use dns::record::Kind;
use dns::resolver::Limits;
use dns::{sides, story, walk};
use narration::{DrawArgs, Narrator};

/// How does a name become an address?
///
/// A question and its answer as bytes; the walk from the root to the server that has the answer;
/// a cache, and what it costs; aliases; servers that fail; an answer that is too long; and an
/// attacker who guesses. Servers are real ones on this machine, or run in virtual time.
#[derive(Parser)]
#[command(name = "dns", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(subcommand)]
    side: Option<Side>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p dns
  cargo run -p dns -- serve
  cargo run -p dns -- resolve --trace web.example.com
  cargo run -p dns -- walk store.example.com

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/05-dns/README.md";

#[derive(Subcommand)]
enum Side {
    /// Serve the root, com, net and what lies below, each at its address, until Ctrl-C
    Serve(Serve),
    /// Look names up, from the root down, and print the records, one a line
    Resolve(Resolve),
    /// Draw the look-up of a name, by servers that are started for it
    Walk(Walk),
}

#[derive(Args)]
struct Serve {
    /// Address of the root server; the others have the same port, and port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.1.0.1:5300", value_parser = root)]
    listen: SocketAddrV4,
    /// Folder with the zone files (*.zone); without it, the lesson's own
    #[arg(long, value_name = "FOLDER")]
    zones: Option<PathBuf>,
    /// What is wrong with a server, such as 127.1.0.4=silent: silent, slow, servfail, wrong-id,
    /// other-question, garbage, lame or other-zone
    #[arg(long = "fault", value_name = "ADDR=FAULT", value_parser = fault)]
    faults: Vec<(Ipv4Addr, Fault)>,
}

#[derive(Args)]
struct Resolve {
    /// The names; what is learned for one is known for the next
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// The type of the records: a, aaaa, cname, ns, soa or txt
    #[arg(long = "type", value_name = "TYPE", default_value = "a", value_parser = kind)]
    kind: Kind,
    /// Ask this server alone, ADDR or ADDR:PORT: any resolver, or one of ours
    #[arg(long, value_name = "ADDR", value_parser = sides::server_address,
          conflicts_with_all = ["root", "trace"])]
    at: Option<SocketAddr>,
    /// Address of the root server; the others have the same port
    #[arg(long, value_name = "ADDR", default_value = "127.1.0.1:5300")]
    root: SocketAddrV4,
    /// Log each server that is asked, and what it says
    #[arg(long)]
    trace: bool,
    /// How long to wait for one answer, such as 800ms; a look-up has six times as long
    #[arg(long, value_name = "DURATION", default_value = "800ms", value_parser = timeout)]
    timeout: Duration,
}

#[derive(Args)]
struct Walk {
    /// The name
    name: String,
    /// The type of the records: a, aaaa, cname, ns, soa or txt
    #[arg(long = "type", value_name = "TYPE", default_value = "a", value_parser = kind)]
    kind: Kind,
    #[command(flatten)]
    draw: DrawArgs,
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        match cli.side {
            None => story::run(&mut Narrator::new(&cli.narration))?,
            Some(Side::Serve(Serve { listen, zones, faults })) => {
                sides::serve(listen, zones.as_deref(), &faults)?;
            }
            Some(Side::Resolve(resolve)) => look_up(&resolve)?,
            Some(Side::Walk(Walk { name, kind, draw })) => {
                let walk = walk::walk(&sides::name(&name)?, kind)?;
                let diagram = walk::diagram(&walk.exchanges)?;
                views::draw(&diagram, draw.file.as_deref(), narration::log)?;
                let mut narrator = Narrator::new(&cli.narration);
                narrator.picture(&diagram.ladder(narrator.width()))?;
                walk.answer?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn look_up(resolve: &Resolve) -> anyhow::Result<()> {
    let names: Vec<_> =
        resolve.names.iter().map(|name| sides::name(name)).collect::<anyhow::Result<_>>()?;
    let mut out = io::stdout().lock();
    if let Some(server) = resolve.at {
        let Resolve { kind, timeout, .. } = *resolve;
        return names.iter().try_for_each(|name| sides::ask(server, name, kind, timeout, &mut out));
    }
    let places = Places::new(*resolve.root.ip(), resolve.root.port());
    let mut resolver = sides::resolver(places, Limits::new(resolve.timeout));
    names.iter().try_for_each(|name| {
        sides::resolve(&mut resolver, name, resolve.kind, resolve.trace, &mut out)
    })
}

fn root(text: &str) -> Result<SocketAddrV4, String> {
    let address: SocketAddrV4 = text.parse().map_err(|_| {
        "an address is an IPv4 address and a port, for example 127.1.0.1:5300".to_owned()
    })?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => {
            Err("the servers are for this machine alone: an address of 127.0.0.0/8".to_owned())
        }
    }
}

fn fault(text: &str) -> Result<(Ipv4Addr, Fault), String> {
    let (address, fault) =
        text.split_once('=').ok_or("it is ADDR=FAULT, as in 127.1.0.4=silent")?;
    let address = address.parse().map_err(|_| format!("{address} is not an IPv4 address"))?;
    Ok((address, fault.parse()?))
}

fn timeout(text: &str) -> Result<Duration, String> {
    const MOST: Duration = Duration::from_secs(600);
    match narration::duration(text) {
        Ok(Duration::ZERO) => Err("no server can answer in zero time".to_owned()),
        Ok(long) if long > MOST => Err("ten minutes at most".to_owned()),
        parsed => parsed.map_err(|error| error.to_string()),
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    text.parse().map_err(|()| "the types here are a, aaaa, cname, ns, soa and txt".to_owned())
}
