//! What each status means, and where the redirects lead.

use reqwest::blocking::Client;
use reqwest::header::{HeaderName, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use reqwest::redirect::Policy;

use crate::client::{ApiClient, ApiError};
use crate::server::{ApiServer, STATUSES};
use crate::{EXPERIMENT_TIMEOUT, refused};

/// One answer, as it came.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The code.
    pub status: u16,
    /// The name that RFC 9110 (for 429: RFC 6585) gives it.
    pub name: String,
    /// Bytes of its body.
    pub body: usize,
    /// The header that says what to do next, where there is one.
    pub header: Option<(HeaderName, String)>,
}

impl Answer {
    /// What the first digit means (RFC 9110, section 15).
    pub fn class(&self) -> &'static str {
        match self.status {
            200..300 => "success",
            300..400 => "redirection",
            400..500 => "client error",
            _ => "server error",
        }
    }
}

/// The answers to a GET of each of [`STATUSES`], by a client that follows no redirect.
///
/// # Errors
/// If an answer does not come.
pub fn table() -> anyhow::Result<Vec<Answer>> {
    let server = ApiServer::on_loopback()?;
    let client = Client::builder()
        .user_agent(ApiClient::USER_AGENT)
        .redirect(Policy::none())
        .no_proxy()
        .build()?;
    STATUSES
        .into_iter()
        .map(|code| {
            let url = format!("{}/status/{code}", server.url());
            let response = client.get(url).timeout(EXPERIMENT_TIMEOUT).send()?;
            let status = response.status();
            let header = [LOCATION, WWW_AUTHENTICATE, RETRY_AFTER].into_iter().find_map(|name| {
                let value = response.headers().get(&name)?.to_str().ok()?.to_owned();
                Some((name, value))
            });
            Ok(Answer {
                status: status.as_u16(),
                name: status.canonical_reason().unwrap_or_default().to_owned(),
                body: response.bytes()?.len(),
                header,
            })
        })
        .collect()
}

/// What a client that follows redirects sees.
#[derive(Debug)]
pub struct Redirects {
    /// The login that a GET of `/status/301` came to in the end.
    pub moved_to: String,
    /// Requests that the server counted for it.
    pub requests: u64,
    /// What became of a GET of two addresses that each point to the other,
    pub circle: ApiError,
    /// and the requests that the server counted for that.
    pub circle_requests: u64,
}

/// Follows a redirect, and then a circle of them.
///
/// # Errors
/// If the first one leads nowhere, or the circle somewhere.
pub fn followed() -> anyhow::Result<Redirects> {
    let server = ApiServer::on_loopback()?;
    let client = ApiClient::new(&server.url(), EXPERIMENT_TIMEOUT)?;
    let user: crate::client::User = client.get("/status/301")?;
    let requests = server.counts().requests;
    let circle = refused(client.get::<serde_json::Value>("/circle/1"))?;
    let circle_requests = server.counts().requests - requests;
    Ok(Redirects { moved_to: user.login, requests, circle, circle_requests })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_answered_with_itself() {
        let answers = table().unwrap();
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, STATUSES);
        for answer in answers {
            assert_eq!(answer.body == 0, answer.status == 204, "{answer:?}");
            let has_header = matches!(answer.status, 301 | 302 | 401 | 429);
            assert_eq!(answer.header.is_some(), has_header, "{answer:?}");
        }
    }

    #[test]
    fn a_circle_ends_at_the_limit() {
        let saw = followed().unwrap();
        assert_eq!((saw.moved_to.as_str(), saw.requests), ("octocat", 2));
        assert!(matches!(saw.circle, ApiError::RedirectCircle { .. }), "{:?}", saw.circle);
        assert_eq!(saw.circle_requests, ApiClient::MAX_REDIRECTS as u64 + 1);
    }
}
