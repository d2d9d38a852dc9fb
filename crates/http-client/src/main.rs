//! Lesson 09 as a program: narrated from start to end, or its two sides as real processes.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use http_client::client::NewIssue;
use http_client::sides::{self, Target};
use http_client::{raw, story};
use narration::{DrawArgs, Narrator};

/// What does a web API exchange really look like?
///
/// Runs its experiments against an API server of its own: a GET written by hand, JSON into a
/// struct, a POST and its refusals, every request sent twice, what fifteen statuses mean, how long
/// to wait and when to retry, one connection or many, a client without a User-Agent, and endless
/// answers.
#[derive(Parser)]
#[command(name = "http-client", after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    narration: narration::Args,
    #[command(flatten)]
    draw: DrawArgs,
    #[command(subcommand)]
    side: Option<Side>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run -p http-client
  cargo run -p http-client -- serve --listen 127.0.0.1:8888
  cargo run -p http-client -- get --url http://127.0.0.1:8888/users/octocat

Exit codes: 0 all went well, 1 something failed, 2 the arguments are wrong
Page: lessons/09-http-client/README.md";

#[derive(Subcommand)]
enum Side {
    /// Serve the API of this lesson, until Ctrl-C
    Serve(Serve),
    /// Send a GET to an API and print the answer, as JSON on one line
    Get(Get),
    /// Create an issue and print it; the token comes from the environment, API_TOKEN
    CreateIssue(CreateIssue),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    listen: String,
}

#[derive(Args)]
struct Get {
    #[command(flatten)]
    api: Api,
    /// The path to request, behind that of --url; / lists what the lesson's own server has
    /// [default: what --url names; without that, /users/octocat]
    #[arg(value_name = "PATH")]
    path: Option<String>,
}

#[derive(Args)]
struct CreateIssue {
    #[command(flatten)]
    api: Api,
    /// Where to create it
    #[arg(long, value_name = "OWNER/REPO", default_value = "owner/repo", value_parser = repo)]
    repo: String,
    /// The text below its title
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// Its title, one line
    #[arg(value_name = "TITLE")]
    title: String,
}

#[derive(Args)]
struct Api {
    /// The API's address, with its base path if it has one; without this, a server starts for the
    /// call
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// How long the whole call may take, such as 5s or 200ms
    #[arg(long, value_name = "DURATION", default_value = "5s")]
    #[arg(value_parser = narration::duration)]
    timeout: Duration,
}

impl Api {
    fn target(&self) -> Target<'_> {
        Target { url: self.url.as_deref(), timeout: self.timeout }
    }
}

fn main() -> ExitCode {
    let cli = narration::parse::<Cli>();
    if cli.side.is_some() {
        cli.draw.refuse_before_a_command::<Cli>();
    }
    narration::run(|| {
        let out = &mut io::stdout();
        match cli.side {
            None if cli.draw.file.is_some() => {
                let run = raw::wait_by_hand(story::TIMEOUT)?.trace()?;
                views::draw(&run, cli.draw.file.as_deref(), narration::log)?;
            }
            None => story::run(&mut Narrator::new(&cli.narration))?,
            Some(Side::Serve(serve)) => sides::serve(&serve.listen)?,
            Some(Side::Get(get)) => sides::get(&get.api.target(), get.path.as_deref(), out)?,
            Some(Side::CreateIssue(CreateIssue { api, repo, title, body })) => {
                sides::create_issue(&api.target(), &repo, &NewIssue { title, body }, out)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// `owner/repo`, and nothing that would change the meaning of a URL.
fn repo(text: &str) -> Result<String, &'static str> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name != "."
            && name != ".."
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    match text.split_once('/') {
        Some((owner, repo)) if is_name(owner) && is_name(repo) => Ok(text.to_owned()),
        _ => Err("write it as OWNER/REPO"),
    }
}
