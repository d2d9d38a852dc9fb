//! Exercise: what to do with an answer, or with none. One way to write it.

use checks::http_client::{Answer, Decision, Method, NoAnswer};

/// Decides what to do after a request with this method.
pub fn decide(method: Method, outcome: Result<Answer<'_>, NoAnswer>) -> Decision {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(NoAnswer::Connect) => return Decision::Retry,
        Err(_) if is_idempotent(method) => return Decision::Retry,
        Err(_) => return Decision::GiveUp,
    };
    match answer.status {
        200..=299 => Decision::Done,
        404 if method == Method::Delete => Decision::Done,
        300..=399 if is_safe(method) => match header(&answer, "Location") {
            Some(location) => Decision::Follow(location.to_owned()),
            None => Decision::GiveUp,
        },
        429 => wait(&answer),
        502..=504 if is_idempotent(method) => wait(&answer),
        _ => Decision::GiveUp,
    }
}

fn wait(answer: &Answer<'_>) -> Decision {
    match header(answer, "Retry-After").map(str::parse) {
        Some(Ok(seconds)) => Decision::RetryAfter(seconds),
        _ => Decision::Retry,
    }
}

fn header<'a>(answer: &Answer<'a>, wanted: &str) -> Option<&'a str> {
    let mut headers = answer.headers.iter();
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
    Some(value)
}

fn is_safe(method: Method) -> bool {
    matches!(method, Method::Get | Method::Head)
}

fn is_idempotent(method: Method) -> bool {
    is_safe(method) || matches!(method, Method::Put | Method::Delete)
}
