//! Lesson 03 as a program: narrated from start to end, or its server for the reader's kernel.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use narration::{DrawArgs, Narrator, TunArgs};
use tcp::{resend, sides, story};

/// How is a reliable stream made from that?
///
/// The handshake, and why it takes three messages; loss, found by a timeout and before it; segments
/// put in order; a receiver that does not read, and a network that cannot carry more; checksums;
/// ports; and what TCP cannot do. The TCP on both ends is a real one, and time is virtual.
#[derive(Parser)]
#[command(name = "tcp", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(subcommand)]
    side: Option<Side>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p tcp
  cargo run -p tcp -- resend fast --draw fast.svg
  cargo run -p tcp -- tun --lost 10 -- curl -s -o /dev/null http://203.0.113.80/100000

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong, or
            this system cannot do it; tun ends with the code of its command
Page: lessons/03-tcp/README.md";

#[derive(Subcommand)]
enum Side {
    /// Draw how a lost segment is found and sent again
    Resend(Resend),
    /// Run a command on a laptop, with this machine's kernel as its stack (Linux). A web server,
    /// http://203.0.113.80/N, sends N bytes; port 7 sends back what it receives
    Tun(TunArgs),
}

#[derive(Args)]
struct Resend {
    /// What finds the loss
    by: By,
    #[command(flatten)]
    draw: DrawArgs,
    /// Write what the client sends and receives, from the beginning of its connection, to a new
    /// file, for Wireshark
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    /// A timeout: the last segment is lost
    Timeout,
    /// What arrives after it: the second segment is lost
    Fast,
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    narration::run(|| {
        let mut narrator = Narrator::new(&cli.narration);
        match cli.side {
            None => story::run(&mut narrator)?,
            Some(Side::Resend(Resend { by, draw, pcap })) => {
                let resent = match by {
                    By::Timeout => resend::last_lost()?,
                    By::Fast => resend::second_lost()?,
                };
                if let Some(path) = pcap {
                    sides::write_pcap(&path, &resent.pcap)?;
                }
                views::draw(&resent.trace, draw.file.as_deref(), narration::log)?;
                narrator.picture(&resent.trace.ladder(narrator.width()))?;
            }
            Some(Side::Tun(args)) => return sides::tun(&args),
        }
        Ok(ExitCode::SUCCESS)
    })
}
