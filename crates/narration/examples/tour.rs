//! Every element of a lesson on one screen after the other, to look at: in a wide terminal and in a
//! narrow one, on a light background and on a dark one, in a pipe, with `--color never`, with
//! `LC_ALL=C`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use narration::{Args, Narrator, Table, WithHint, exact, measured, number};

/// Shows every element of a lesson
#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    narration: Args,

    /// End with an error and a hint
    #[arg(long)]
    fail: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    narration::run(|| {
        if cli.fail {
            Err(anyhow::anyhow!("the port is in use").context("cannot listen on 127.0.0.1:8888"))
                .hint("another copy may be running; --listen 127.0.0.1:0 takes a free port")?;
        }
        run(&mut Narrator::new(&cli.narration))?;
        Ok(ExitCode::SUCCESS)
    })
}

fn run(narrator: &mut Narrator) -> std::io::Result<()> {
    narrator.title("tour", "What can a lesson show, and does it read well here?")?;
    words(narrator)?;
    tables(narrator)?;
    narrator.remember(
        "A screen is read once, quickly. What matters comes first, and nothing moves.",
        "What does your terminal make of it?",
    )
}

fn words(narrator: &mut Narrator) -> std::io::Result<()> {
    narrator.step("Bytes, not messages", "computed")?;
    narrator.say("The client writes twice. Then the server reads once.")?;
    narrator.event("client", "write", "6f 6e 65             \"one\"")?;
    narrator.event("client", "write", "74 77 6f             \"two\"")?;
    narrator.predict(
        "How many bytes does that one read return?",
        6,
        "Both writes were waiting, and a read takes what is there.",
    )?;
    narrator.event("server", "read", "6f 6e 65 74 77 6f    \"onetwo\"")?;
    narrator.say(
        "TCP is a **byte stream**: it keeps the order of the bytes, and forgets where each write \
         ended. So a program marks the end of a message itself:",
    )?;
    narrator.bullet("with a byte that no message may hold, which is called a **delimiter**")?;
    narrator.bullet(
        "or by sending its length first, in a fixed number of bytes: a **length prefix**",
    )?;
    narrator.predict(
        "A peer claims that a message of 4 GiB follows. Is memory for all of it taken before the \
         first byte is there?",
        false,
        "A length from outside is a claim, checked against a limit before anything is done with \
         it.",
    )
}

fn tables(narrator: &mut Narrator) -> std::io::Result<()> {
    narrator.step("Numbers, line by line", "virtual time")?;
    narrator.say(
        "100 clients call at once, and the server is down for 2 s. Each policy waits in its \
         own way.",
    )?;
    narrator.table(
        &Table::new(["policy", "offered", "attempted", "executed", "peak/100 ms", "recovered, s"])
            .row(["at once", "100", &number(9_412), "187", "512", "14.25"])
            .marked_row(["backoff, jitter", "100", "431", "100", "21", "3.1"]),
    )?;
    narrator.say("What an error proves, and what it does not:")?;
    narrator.table(
        &Table::new(["error", "what it proves", "executed?"])
            .row(["ConnectionRefused", "nobody listens on that port, or a firewall says so", "no"])
            .row(["TimedOut", "nothing: the request may be lost, in flight, or done", "perhaps"]),
    )?;
    narrator.say(&format!(
        "The deadline was {}; the answer took {}.",
        exact(Duration::from_millis(300)),
        measured(Duration::from_micros(203_456))
    ))?;
    narrator.picture(
        "P1                                    P2\n\
         │                                     │\n\
         ● 2 send ────────────────────────────▶● 3 receive\n\
         │                                     │\n\
         ● 4 ──✗ m2 lost                       │",
    )
}
