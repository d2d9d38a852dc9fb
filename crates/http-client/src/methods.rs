//! Each request sent twice: which methods leave the server as one request does.
//!
//! A method is safe if it is not meant to change anything, and idempotent if two requests are meant
//! to have the same effect as one (RFC 9110, section 9.2). Whether a request may be sent again
//! without knowing what became of the first depends on that alone. PATCH is neither, as far as the
//! method goes (RFC 5789, section 2): it depends on the patch.

use reqwest::Method;
use reqwest::blocking::Client;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};

use crate::EXPERIMENT_TIMEOUT;
use crate::client::ApiClient;
use crate::server::{ApiServer, Issue, WRITER};

/// One request, sent twice to a fresh server.
#[derive(Debug)]
pub struct Twice {
    /// The method.
    pub method: Method,
    /// What it is meant to do, in a few words.
    pub what: &'static str,
    /// The two answers.
    pub answers: [Answer; 2],
    /// The server's issues before it,
    pub before: Vec<Issue>,
    /// after the first,
    pub once: Vec<Issue>,
    /// and after the second.
    pub twice: Vec<Issue>,
}

/// What is counted of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The `Content-Length` that it announces, where it does.
    pub announced: Option<usize>,
    /// Bytes of body that came.
    pub body: usize,
}

impl Twice {
    /// Whether nothing changed at all.
    pub fn was_safe(&self) -> bool {
        self.before == self.once && self.once == self.twice
    }

    /// Whether the second one changed nothing.
    pub fn was_idempotent(&self) -> bool {
        self.once == self.twice
    }
}

/// Sends each request twice.
///
/// # Errors
/// If the server cannot be started, or an answer does not come in time.
pub fn twice_each() -> anyhow::Result<Vec<Twice>> {
    const MERGE: &str = "application/merge-patch+json";
    const PATCH: &str = "application/json-patch+json";
    let add = r#"[{"op": "add", "path": "/labels/-", "value": "bug"}]"#;
    [
        (Method::GET, "read issue 1", "/1", None),
        (Method::HEAD, "only the head of that", "/1", None),
        (
            Method::PUT,
            "its labels are [bug]",
            "/1/labels",
            Some(("application/json", r#"{"labels": ["bug"]}"#)),
        ),
        (Method::DELETE, "remove it", "/1", None),
        (Method::POST, "one more issue", "", Some(("application/json", r#"{"title": "Again"}"#))),
        (Method::PATCH, "its state is closed", "/1", Some((MERGE, r#"{"state": "closed"}"#))),
        (Method::PATCH, "add the label bug", "/1", Some((PATCH, add))),
    ]
    .into_iter()
    .map(|(method, what, path, body)| twice(method, what, path, body))
    .collect()
}

fn twice(
    method: Method,
    what: &'static str,
    path: &str,
    body: Option<(&'static str, &'static str)>,
) -> anyhow::Result<Twice> {
    let server = ApiServer::on_loopback()?;
    let client = Client::builder().user_agent(ApiClient::USER_AGENT).no_proxy().build()?;
    let url = format!("{}/repos/owner/repo/issues{path}", server.url());
    let send = || -> anyhow::Result<Answer> {
        let mut request =
            client.request(method.clone(), &url).bearer_auth(WRITER).timeout(EXPERIMENT_TIMEOUT);
        if let Some((kind, text)) = body {
            request = request.header(CONTENT_TYPE, kind).body(text);
        }
        let response = request.send()?;
        Ok(Answer {
            status: response.status().as_u16(),
            // Not `Response::content_length`, which reports the body that comes, and none comes
            // after HEAD.
            announced: announced(response.headers()),
            body: response.bytes()?.len(),
        })
    };
    let before = server.issues();
    let first = send()?;
    let once = server.issues();
    let second = send()?;
    let twice = server.issues();
    Ok(Twice { method, what, answers: [first, second], before, once, twice })
}

/// `#1 [bug] #2 closed`: the numbers, and what has changed since the issue was new.
pub fn in_short(issues: &[Issue]) -> String {
    let short = |issue: &Issue| {
        let mut text = format!("#{}", issue.number);
        if issue.state != "open" {
            text = format!("{text} {}", issue.state);
        }
        if !issue.labels.is_empty() {
            text = format!("{text} [{}]", issue.labels.join(" "));
        }
        text
    };
    match issues {
        [] => "none".to_owned(),
        _ => issues.iter().map(short).collect::<Vec<_>>().join(" "),
    }
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_as_the_methods_promise() {
        for done in twice_each().unwrap() {
            if done.method.is_safe() {
                assert!(done.was_safe(), "{done:?}");
            }
            if done.method.is_idempotent() {
                assert!(done.was_idempotent(), "{done:?}");
            }
        }
    }

    #[test]
    fn an_idempotent_request_may_get_two_different_answers() {
        let all = twice_each().unwrap();
        let statuses: Vec<_> =
            all.iter().map(|done| done.answers.map(|answer| answer.status)).collect();
        assert_eq!(
            statuses,
            [[200, 200], [200, 200], [200, 200], [204, 404], [201, 201], [200, 200], [200, 200]]
        );
        let idempotent: Vec<_> = all.iter().map(Twice::was_idempotent).collect();
        assert_eq!(idempotent, [true, true, true, true, false, true, false]);
    }

    #[test]
    fn the_answer_to_head_announces_a_body_and_has_none() {
        let all = twice_each().unwrap();
        let [get, head] = [all[0].answers[0], all[1].answers[0]];
        assert_eq!((head.announced, head.body), (Some(get.body), 0));
        assert!(get.body > 0);
    }
}
