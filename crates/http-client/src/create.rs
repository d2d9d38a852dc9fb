//! A POST that creates something, and five that are refused.

use crate::EXPERIMENT_TIMEOUT;
use crate::client::{ApiClient, ApiError, NewIssue, Token};
use crate::server::{ApiServer, Issue, READER, WRITER};

/// One request to create an issue.
#[derive(Debug)]
pub struct Attempt {
    /// What is different about it.
    pub what: &'static str,
    /// What became of it.
    pub result: Result<Issue, ApiError>,
}

/// What the server had stored before and after them.
#[derive(Debug)]
pub struct Observed {
    /// The requests, in order.
    pub attempts: Vec<Attempt>,
    /// Issues before the first.
    pub before: usize,
    /// Issues after the last.
    pub after: usize,
}

/// Creates an issue, and then tries to with something wrong each time.
///
/// # Errors
/// If the server cannot be started.
pub fn an_issue() -> anyhow::Result<Observed> {
    let server = ApiServer::on_loopback()?;
    let before = server.issues().len();
    let cases = [
        ("all in order", Some(WRITER), "owner/repo", "It crashes"),
        ("no token", None, "owner/repo", "It crashes"),
        ("a token for reading", Some(READER), "owner/repo", "It crashes"),
        ("an unknown project", Some(WRITER), "owner/nowhere", "It crashes"),
        ("an empty title", Some(WRITER), "owner/repo", ""),
        ("a closed project", Some(WRITER), "owner/archive", "It crashes"),
    ];
    let attempts = cases
        .into_iter()
        .map(|(what, token, repo, title)| {
            let mut client = ApiClient::new(&server.url(), EXPERIMENT_TIMEOUT)?;
            if let Some(token) = token {
                client = client.with_token(Token::new(token)?)?;
            }
            let new = NewIssue { title: title.to_owned(), body: None };
            let result = client.create_issue(repo, &new);
            Ok(Attempt { what, result })
        })
        .collect::<Result<_, ApiError>>()?;
    let after = server.issues().len();
    Ok(Observed { attempts, before, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_a_variant_and_stores_nothing() {
        let saw = an_issue().unwrap();
        let results: Vec<_> = saw.attempts.iter().map(|attempt| &attempt.result).collect();
        assert!(
            matches!(
                results[..],
                [
                    Ok(Issue { number: 2, .. }),
                    Err(ApiError::Unauthorized { .. }),
                    Err(ApiError::Forbidden { .. }),
                    Err(ApiError::NotFound { .. }),
                    Err(ApiError::Invalid { .. }),
                    Err(ApiError::Unexpected { .. }),
                ]
            ),
            "{results:?}"
        );
        assert_eq!((saw.before, saw.after), (1, 2));
    }
}
