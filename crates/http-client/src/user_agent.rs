//! A client without a `User-Agent`.

use reqwest::blocking::Client;

use crate::EXPERIMENT_TIMEOUT;
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

/// Requests the same user twice. `reqwest` sends no `User-Agent` unless it is configured to; `curl`
/// always sends one.
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
    let refused = nameless.get(url).timeout(EXPERIMENT_TIMEOUT).send()?;
    let without = refused.status().as_u16();
    let Refusal { message } = refused.json()?;
    let User { login, .. } = ApiClient::new(&server.url(), EXPERIMENT_TIMEOUT)?.user("octocat")?;
    Ok(Observed { without, words: message, with: login })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_required() {
        let saw = without_and_with().unwrap();
        assert_eq!((saw.without, saw.with.as_str()), (403, "octocat"));
    }
}
