//! Why a call has no value, with a name for each case that a caller would treat in its own way.

use std::error::Error;
use std::fmt;
use std::io::{self, Read};
use std::time::Duration;

use common::retry::{Failure, retry_after};
use common::transport::Reason;
use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use serde::Deserialize;

/// Why there is no value.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The address of the API cannot be used.
    #[error("not a valid API address: {why}")]
    Address {
        /// What is wrong with it. The address itself is left out, for it may hold a password.
        why: &'static str,
    },
    /// The address needs TLS.
    #[error("https needs TLS, which this build leaves out")]
    Tls,
    /// The token is empty, or holds what no header can carry.
    #[error("not a valid token")]
    Token,
    /// The name has no address, or its look-up failed.
    #[error("cannot find the address")]
    Resolve {
        /// The system's reason.
        source: Cause,
    },
    /// No connection, so no request either: refused, or timed out while connecting.
    #[error("cannot connect")]
    Connect {
        /// The system's reason.
        source: Cause,
    },
    /// The deadline passed after connecting. The server may have executed the request, or not.
    #[error("no complete answer within {}", narration::exact(*.after))]
    TimedOut {
        /// The timeout of the whole request.
        after: Duration,
    },
    /// The addresses send the client from one to the next.
    #[error("still sent elsewhere after {followed} redirects")]
    RedirectCircle {
        /// Redirects that were followed.
        followed: usize,
    },
    /// The connection broke after connecting. The server may have executed the request, or not.
    #[error("no usable answer")]
    Broken {
        /// The library's reason.
        source: Cause,
    },
    /// What came is not HTTP, or it redirects to another scheme.
    #[error("the answer is not HTTP")]
    NotHttp {
        /// The library's reason.
        source: Cause,
    },
    /// 401: the client is not authenticated.
    #[error("401 Unauthorized: {message}")]
    Unauthorized {
        /// The server's words.
        message: String,
    },
    /// 403: the server does not permit it.
    #[error("403 Forbidden: {message}")]
    Forbidden {
        /// The server's words.
        message: String,
    },
    /// 404: there is no such resource, or none that this client may know of.
    #[error("404 Not Found: {message}")]
    NotFound {
        /// The server's words.
        message: String,
    },
    /// 422: understood, and not valid.
    #[error("422 Unprocessable Entity: {message}")]
    Invalid {
        /// The server's words.
        message: String,
    },
    /// Any other status than the expected one.
    #[error("{status}: {message}")]
    Unexpected {
        /// The status.
        status: StatusCode,
        /// The server's words.
        message: String,
        /// How long the server asks its clients to wait. A date in this place is ignored.
        retry_after: Option<Duration>,
    },
    /// The status is good, and the body is something else than JSON.
    #[error("the answer is {got}, not application/json")]
    NotJson {
        /// The content type.
        got: String,
    },
    /// The body is larger than the client takes.
    #[error("the answer is larger than {limit} bytes; given up after {taken}")]
    TooLarge {
        /// What the client takes.
        limit: usize,
        /// What it had taken by then.
        taken: usize,
    },
    /// The body claims to be JSON, and is not.
    #[error("the answer is not JSON")]
    Malformed {
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// The body is JSON, and not of the shape that was asked for.
    #[error("field {field}")]
    Shape {
        /// Where, such as `labels[2]`.
        field: String,
        /// What was there instead, with line and column.
        source: serde_json::Error,
    },
}

/// An error of the library, shown by its innermost cause: the layers around it repeat each other.
#[derive(Debug)]
pub struct Cause(pub Box<dyn Error + Send + Sync>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut innermost: &dyn Error = self.0.as_ref();
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        let code = innermost.downcast_ref().and_then(io::Error::raw_os_error);
        match code {
            Some(code) => Reason(io::Error::from_raw_os_error(code)).fmt(f),
            None => write!(f, "{innermost}"),
        }
    }
}

impl Error for Cause {}

impl ApiError {
    /// The status of the answer, where that is what was wrong with it.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            ApiError::Unauthorized { .. } => Some(StatusCode::UNAUTHORIZED),
            ApiError::Forbidden { .. } => Some(StatusCode::FORBIDDEN),
            ApiError::NotFound { .. } => Some(StatusCode::NOT_FOUND),
            ApiError::Invalid { .. } => Some(StatusCode::UNPROCESSABLE_ENTITY),
            ApiError::Unexpected { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What came back, for the table of what may be sent again.
    pub fn failure(&self) -> Failure {
        match self {
            ApiError::Connect { .. } => Failure::NoConnection,
            ApiError::TimedOut { .. } | ApiError::Broken { .. } => Failure::NoAnswer,
            ApiError::Unexpected { status, retry_after, .. } => {
                Failure::Status { code: status.as_u16(), retry_after: *retry_after }
            }
            _ => Failure::Other,
        }
    }

    /// The error for an answer whose status is not the expected one.
    pub(super) fn refused(response: Response) -> ApiError {
        let status = response.status();
        let retry_after = asked_wait(response.headers());
        let message = message(response);
        match status {
            StatusCode::UNAUTHORIZED => ApiError::Unauthorized { message },
            StatusCode::FORBIDDEN => ApiError::Forbidden { message },
            StatusCode::NOT_FOUND => ApiError::NotFound { message },
            StatusCode::UNPROCESSABLE_ENTITY => ApiError::Invalid { message },
            _ => ApiError::Unexpected { status, message, retry_after },
        }
    }

    /// The error for an answer of another content type.
    pub(super) fn not_json(headers: &HeaderMap) -> ApiError {
        let got = match headers.get(CONTENT_TYPE) {
            Some(got) => short(got.as_bytes()),
            None => "of no type".to_owned(),
        };
        ApiError::NotJson { got }
    }

    /// The error for a body that could not be read into a value.
    pub(super) fn misshapen(error: serde_path_to_error::Error<serde_json::Error>) -> ApiError {
        let field = error.path().to_string();
        let source = error.into_inner();
        if source.is_data() {
            return ApiError::Shape { field, source };
        }
        ApiError::Malformed { source }
    }
}

/// The server's words. An answer that is broken itself has none, and its status is what matters.
fn message(response: Response) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    const LONGEST: u64 = 64 * 1024;

    let mut body = Vec::new();
    let _ = response.take(LONGEST).read_to_end(&mut body);
    match serde_json::from_slice(&body) {
        Ok(Refusal { message }) => short(message.as_bytes()),
        Err(_) => "no reason given".to_owned(),
    }
}

/// Something that a server sent, fit for one line of an error.
fn short(text: &[u8]) -> String {
    const LONGEST: usize = 200;
    narration::printable(&text[..text.len().min(LONGEST)])
}

/// The wait that the server asks for, if it is valid.
fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    retry_after(headers.get(RETRY_AFTER)?.to_str().ok()?).ok()
}
