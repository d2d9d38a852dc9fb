//! What does a web API exchange really look like?
//!
//! A web API is a program that is asked over HTTP, and HTTP is text on a TCP connection: a first
//! line, headers, an empty line, a body, and the same back. Three digits in the answer say what
//! became of the request, and what to do next. A client that takes every answer for the expected
//! one works until the first failure; so most of a good client is about the other answers. It names
//! each, bounds how long it waits, how much it reads and how often it retries, and it knows which
//! requests may be sent twice. Source: RFC 9110 (what HTTP means), RFC 9112 (how it looks on a
//! connection).
//!
//! | module | experiment |
//! |---|---|
//! | [`raw`] | a GET written by hand; a header that lies about the body's length, and the wait |
//! | [`typed`] | JSON into a struct: optional, absent, of the wrong type, not JSON at all |
//! | [`create`] | a POST that creates, and five refusals, each with a name |
//! | [`methods`] | every request sent twice, and what the server holds afterwards |
//! | [`statuses`] | what fifteen statuses mean; redirects that lead somewhere, or in a circle |
//! | [`retrying`] | an answer too slow; what may be sent again; how long to wait before that |
//! | [`reuse`] | one client or many: the connections that the server counts |
//! | [`user_agent`] | a client without a `User-Agent` |
//! | [`limits`] | answers larger than the client's memory should be |
//! | [`sides`] | the server and the client as real processes |
//!
//! The lines that are the idea stand in [`client`]: one path from a request to a value or to a
//! named error. [`server`] is what all of it is tried on. Left out: TLS (the feature `online`
//! brings it in for `https`), HTTP/2 and 3, which carry the same messages in another form, and
//! everything asynchronous.

pub mod client;
pub mod create;
pub mod limits;
pub mod methods;
pub mod raw;
pub mod retrying;
pub mod reuse;
pub mod server;
pub mod sides;
pub mod statuses;
pub mod story;
pub mod typed;
pub mod user_agent;

use std::time::{Duration, Instant};

use client::ApiError;

/// How long an experiment waits for an event that is certain to come before it reports an error.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_secs(20);

/// The error of a call that must not succeed.
fn refused<T>(result: Result<T, ApiError>) -> anyhow::Result<ApiError> {
    match result {
        Ok(_) => anyhow::bail!("an answer was accepted that should have been refused"),
        Err(error) => Ok(error),
    }
}

/// The result of `work`, and how long it took.
#[expect(clippy::disallowed_methods, reason = "how long a real exchange takes is what is measured")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}
