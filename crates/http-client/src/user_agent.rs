//! A client that does not say who it is.

use reqwest::blocking::Client;

use crate::PATIENCE;
use crate::client::{ApiClient, User};
use crate::server::ApiServer;

/// What the same request came to without and with a `User-Agent`.
#[derive(Debug, PartialEq, Eq)]
pub struct Observed {
    /// The status without one,
    pub without: u16,
    /// and the server's words.
    pub words: String,
    /// The login that came with one.
    pub with: String,
}

/// Asks for the same user twice. `reqwest` sends no `User-Agent` unless it is told to; `curl` sends
/// one always.
///
/// # Errors
/// If an answer does not come.
pub fn without_and_with() -> anyhow::Result<Observed> {
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: String,
    }
    let server = ApiServer::on_loopback()?;
    let nameless = Client::builder().no_proxy().build()?;
    let url = format!("{}/users/octocat", server.url());
    let refused = nameless.get(url).timeout(PATIENCE).send()?;
    let without = refused.status().as_u16();
    let Refusal { message } = refused.json()?;
    let User { login, .. } = ApiClient::new(&server.url(), PATIENCE)?.user("octocat")?;
    Ok(Observed { without, words: message, with: login })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_asked_for() {
        let saw = without_and_with().unwrap();
        assert_eq!((saw.without, saw.with.as_str()), (403, "octocat"));
    }
}
