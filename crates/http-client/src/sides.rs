//! The server and the client as real processes.

use std::env;
use std::io::Write;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context;
use common::log_limit::LogLimit;
use common::transport::TransportError;
use narration::{WithHint, printable};
use serde::Serialize;

use crate::client::{ApiClient, ApiError, NewIssue, Token};
use crate::server::{ApiServer, Limits};

/// The environment variable that holds the token. A token among the arguments would show in every
/// list of processes.
pub const TOKEN_VARIABLE: &str = "API_TOKEN";

/// Which API is called, and how long a call may take.
pub struct Target<'a> {
    /// Its address, perhaps with a base path; without one, a server starts for this call alone.
    pub url: Option<&'a str>,
    /// For the whole call.
    pub timeout: Duration,
}

/// Serves until a signal stops the process.
///
/// # Errors
/// If the address cannot be bound.
pub fn serve(listen: &str) -> anyhow::Result<()> {
    let limit = LogLimit::default();
    let log = move |line: &str| limit.write(printable(line.as_bytes()), narration::log);
    let server =
        ApiServer::start(listen, Limits::default(), log).hint_from(TransportError::advice)?;
    let (stop, stopped) = mpsc::channel();
    ctrlc::set_handler(move || {
        // A second signal, while the server ends, has no receiver.
        let _ = stop.send(());
    })
    .context("cannot listen for signals")?;
    narration::listening(server.addr())?;
    stopped.recv().context("cannot wait for signals")?;
    Ok(())
}

/// What is asked for where there is neither an address nor a path.
const DEFAULT_PATH: &str = "/users/octocat";

/// Writes what is at `path` to `out`, as JSON on one line. Without a path it is what the address
/// names.
///
/// # Errors
/// If there is no such answer.
pub fn get(target: &Target<'_>, path: Option<&str>, out: &mut impl Write) -> anyhow::Result<()> {
    target.call(|api| {
        let path = path.unwrap_or(if target.url.is_some() { "" } else { DEFAULT_PATH });
        let url = explained("--url", api.at(path))?;
        let value: serde_json::Value = explained(url.path(), api.get(path))?;
        print(&value, out)
    })
}

/// Creates an issue in `repo` and writes it to `out`, as JSON on one line.
///
/// # Errors
/// If there is no token, or the issue is not created, or it is unknown whether it is.
pub fn create_issue(
    target: &Target<'_>,
    repo: &str,
    issue: &NewIssue,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let token = token()?;
    target.call(|api| {
        let api = explained("the token", api.with_token(token))?;
        let has_path = api.has_path();
        let created = api.create_issue(repo, issue);
        let hint = match &created {
            // Where only an idempotent request is sent again, this one may have been executed.
            Err(error) if error.failure().may_retry(true) && !error.failure().may_retry(false) => {
                "it may exist all the same; look before you send it again"
            }
            Err(ApiError::NotFound { .. }) if has_path => {
                "--url is what stands before /repos: the server, and its base path if it has one"
            }
            _ => return print(&explained("the new issue", created)?, out),
        };
        created.map(drop).context("the new issue").hint(hint)
    })
}

impl Target<'_> {
    fn call(&self, work: impl FnOnce(ApiClient) -> anyhow::Result<()>) -> anyhow::Result<()> {
        if let Some(url) = self.url {
            return work(explained("--url", ApiClient::new(url, self.timeout))?);
        }
        let server = ApiServer::on_loopback()?;
        let url = server.url();
        narration::log(format!("no --url: for this call, a server listens on {url}"));
        work(ApiClient::new(&url, self.timeout)?)
    }
}

fn token() -> anyhow::Result<Token> {
    let hint = "the lesson's own server takes API_TOKEN=demo-writer";
    let text = env::var_os(TOKEN_VARIABLE).context("API_TOKEN is not set").hint(hint)?;
    // A value that is not UTF-8 is not a token; the library's own error would show it.
    let token = text.to_str().ok_or(ApiError::Token).and_then(Token::new);
    token.context("API_TOKEN").hint(hint)
}

/// Says what the call was about, and what to do next where something can be done.
fn explained<T>(about: &str, result: Result<T, ApiError>) -> anyhow::Result<T> {
    let advice = match &result {
        Err(ApiError::Connect { .. }) => {
            "does a server run there? the one of this lesson: cargo run -p http-client -- serve"
        }
        Err(ApiError::Tls) => "cargo run -p http-client --features online -- takes https, too",
        Err(ApiError::TimedOut { .. }) => "--timeout waits longer",
        Err(ApiError::Unauthorized { .. }) => "the lesson's own server takes API_TOKEN=demo-writer",
        _ => return result.with_context(|| about.to_owned()),
    };
    result.with_context(|| about.to_owned()).hint(advice)
}

/// One line of JSON. Control characters, which a terminal may obey, are escaped: the JSON is the
/// same.
fn print(value: &impl Serialize, out: &mut impl Write) -> anyhow::Result<()> {
    let mut line = String::new();
    for letter in serde_json::to_string(value)?.chars() {
        match letter.is_control() {
            true => line.push_str(&format!("\\u{:04x}", u32::from(letter))),
            false => line.push(letter),
        }
    }
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
