//! A client of the API that gives each outcome a name.
//!
//! The problem: a program that calls an API over HTTP can be refused in several ways, can get no
//! answer, or get one that is not what it claims to be. `reqwest` reports some of that as an error,
//! and the rest looks like success. The idea: one type, [`ApiError`], with a variant for each thing
//! that a caller would act on, and one path from the request to the typed value: the status first,
//! then the content type, then the size, then the JSON. Source: RFC 9110, section 15 (status
//! codes), section 10.2.3 (`Retry-After`) and section 8.3 (content type).
//!
//! What holds:
//!
//! * Every request has a deadline for the whole of it, from the name look-up to the last byte of
//!   the body.
//! * No answer takes more memory than [`ApiClient::MAX_BODY`], no redirect loop more than
//!   [`ApiClient::MAX_REDIRECTS`] steps.
//! * The token goes into one header, marked as sensitive, and nowhere else: into no error and no
//!   debug output; over plain http to this machine only.
//!
//! Left out: pages of results (the `Link` header), caching (`ETag`), compressed bodies. Each is a
//! dozen lines more on the same path; compression would need the size limit behind the
//! decompression, or a small reply could grow huge.

mod error;

pub use error::{ApiError, Cause};

use std::error::Error;
use std::fmt;
use std::io::Read;
use std::iter;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::server::Issue;

/// A client of one API; its connections are kept and used again.
pub struct ApiClient {
    http: Client,
    base: Url,
    timeout: Duration,
    token: Option<Token>,
}

/// A secret that is never printed by accident.
#[derive(Clone)]
pub struct Token(String);

/// What the API knows of a user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    /// The name in the URL.
    pub login: String,
    /// Stays the same when the login changes.
    pub id: u64,
    /// The name for people.
    pub name: Option<String>,
    /// Where the user shows one.
    pub email: Option<String>,
    /// Where the user wrote one.
    pub bio: Option<String>,
}

/// An issue that is to be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewIssue {
    /// One line.
    pub title: String,
    /// The text below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

impl ApiClient {
    /// Bytes of a body that it takes.
    pub const MAX_BODY: usize = 1024 * 1024;

    /// Redirects that it follows.
    pub const MAX_REDIRECTS: usize = 5;

    /// The value of its `User-Agent` header.
    pub const USER_AGENT: &str = concat!("http-client-lesson/", env!("CARGO_PKG_VERSION"));

    /// A client of the API at `base`, such as `http://127.0.0.1:8888` or, where the API has a base
    /// path, `http://127.0.0.1:8888/v1`; without a scheme it is taken for http. Each request may
    /// take `timeout`, and connecting half of it: so a timeout while connecting, when nothing was
    /// sent, has an error of its own.
    ///
    /// # Errors
    /// [`ApiError::Address`] if `base` is not an http or https URL or holds a password,
    /// [`ApiError::Tls`] if it is https and this build is without.
    pub fn new(base: &str, timeout: Duration) -> Result<ApiClient, ApiError> {
        let base = check(base)?;
        let mut http = Client::builder()
            .user_agent(ApiClient::USER_AGENT)
            .connect_timeout(timeout / 2)
            .redirect(Policy::limited(ApiClient::MAX_REDIRECTS));
        if is_loopback(&base) {
            // A proxy named in the environment would look for this address on its own machine.
            http = http.no_proxy();
        }
        let http =
            http.build().map_err(|error| ApiError::Broken { source: Cause(error.into()) })?;
        Ok(ApiClient { http, base, timeout, token: None })
    }

    /// Sends `token` along with requests that change something.
    ///
    /// # Errors
    /// [`ApiError::Address`] if that would send it over the network unencrypted.
    pub fn with_token(mut self, token: Token) -> Result<ApiClient, ApiError> {
        if self.base.scheme() != "https" && !is_loopback(&self.base) {
            return Err(ApiError::Address { why: "a token leaves this machine over https only" });
        }
        self.token = Some(token);
        Ok(self)
    }

    /// The user of that name.
    ///
    /// # Errors
    /// An [`ApiError`].
    pub fn user(&self, login: &str) -> Result<User, ApiError> {
        self.get(&format!("/users/{login}"))
    }

    /// What is at `path`, [behind the base](ApiClient::at).
    ///
    /// # Errors
    /// An [`ApiError`].
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        let response = self.send(self.http.get(self.at(path)?))?;
        self.read(response, StatusCode::OK)
    }

    /// Creates an issue in `repo`, which is `owner/repo`.
    ///
    /// # Errors
    /// An [`ApiError`]. After a timeout or a reset, 502, 503 or 504 the issue may exist all the
    /// same.
    pub fn create_issue(&self, repo: &str, new: &NewIssue) -> Result<Issue, ApiError> {
        let url = self.at(&format!("/repos/{repo}/issues"))?;
        let mut request = self.http.post(url).json(new);
        if let Some(token) = &self.token {
            // Marks the header as sensitive, so that the library does not print it either.
            request = request.bearer_auth(&token.0);
        }
        let response = self.send(request)?;
        self.read(response, StatusCode::CREATED)
    }

    /// Whether the base names more than a server: a path of its own, or a query.
    pub fn has_path(&self) -> bool {
        self.base.path() != "/" || self.base.query().is_some()
    }

    /// Where `path` is: behind the path of the base. An empty one is the base itself.
    ///
    /// # Errors
    /// [`ApiError::Address`] if the base ends in a query or a fragment, which no path can follow.
    pub fn at(&self, path: &str) -> Result<Url, ApiError> {
        if path.is_empty() {
            return Ok(self.base.clone());
        }
        if self.base.query().is_some() || self.base.fragment().is_some() {
            return Err(ApiError::Address { why: "a path cannot follow what stands after ? or #" });
        }
        let base = self.base.as_str().trim_end_matches('/');
        check(&format!("{base}/{}", path.trim_start_matches('/')))
    }

    fn send(&self, request: RequestBuilder) -> Result<Response, ApiError> {
        // The timeout of one request covers all of it. The one of a whole `Client` starts again
        // with each read of the body, so a server that drips would never run into it.
        let request = request.header(ACCEPT, "application/json").timeout(self.timeout);
        request.send().map_err(|error| self.failed(error))
    }

    /// The typed value of an answer, if its status is the expected one.
    fn read<T: DeserializeOwned>(
        &self,
        response: Response,
        expected: StatusCode,
    ) -> Result<T, ApiError> {
        if response.status() != expected {
            return Err(ApiError::refused(response));
        }
        if !is_json(response.headers()) {
            return Err(ApiError::not_json(response.headers()));
        }
        parse(&self.body(response)?)
    }

    /// The body, which is refused unread if it is announced as too large, and abandoned where it
    /// becomes so.
    fn body(&self, response: Response) -> Result<Vec<u8>, ApiError> {
        let limit = ApiClient::MAX_BODY;
        let claimed = response.content_length();
        if claimed.is_some_and(|claimed| claimed > limit as u64) {
            return Err(ApiError::TooLarge { limit, taken: 0 });
        }
        let mut body = Vec::new();
        let read = response.take(limit as u64 + 1).read_to_end(&mut body);
        read.map_err(|error| self.broken_off(error))?;
        if body.len() > limit {
            let taken = body.len();
            return Err(ApiError::TooLarge { limit, taken });
        }
        Ok(body)
    }

    /// Why there is no answer.
    fn failed(&self, error: reqwest::Error) -> ApiError {
        // Before `is_timeout`, which also holds for a timeout while connecting.
        if error.is_dns() {
            return ApiError::Resolve { source: Cause(error.into()) };
        }
        if error.is_connect() {
            return ApiError::Connect { source: Cause(error.into()) };
        }
        if error.is_timeout() {
            return ApiError::TimedOut { after: self.timeout };
        }
        if error.is_redirect() {
            let followed = ApiClient::MAX_REDIRECTS;
            return ApiError::RedirectCircle { followed };
        }
        let is_http = is_http(&error);
        let source = Cause(error.into());
        match is_http {
            true => ApiError::Broken { source },
            false => ApiError::NotHttp { source },
        }
    }

    /// Why the body ended too early. `Read` has packed the library's own error into one of the
    /// system's.
    fn broken_off(&self, error: std::io::Error) -> ApiError {
        match error.downcast::<reqwest::Error>() {
            Ok(error) => self.failed(error),
            Err(error) => ApiError::Broken { source: Cause(error.into()) },
        }
    }
}

impl Token {
    /// A token as it came from the environment or a file: surrounding white space is removed.
    ///
    /// # Errors
    /// [`ApiError::Token`] if nothing is left, or something that no header can carry.
    pub fn new(text: &str) -> Result<Token, ApiError> {
        let text = text.trim();
        let is_token = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Token(text.to_owned())).ok_or(ApiError::Token)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(not shown)")
    }
}

/// A URL that this build can fetch and that may be shown.
fn check(url: &str) -> Result<Url, ApiError> {
    let refuse = |why| Err(ApiError::Address { why });
    let url = match url.contains("://") {
        true => Url::parse(url),
        false => Url::parse(&format!("http://{url}")),
    };
    let Ok(url) = url else {
        return refuse("write it as http://HOST:PORT");
    };
    match url.scheme() {
        "http" => {}
        "https" if cfg!(feature = "online") => {}
        "https" => return Err(ApiError::Tls),
        _ => return refuse("it begins with http:// or https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it must hold no password, for addresses end up in logs");
    }
    Ok(url)
}

/// Whether what came was HTTP as far as it came, and did not redirect to another scheme.
fn is_http(error: &reqwest::Error) -> bool {
    let mut causes = iter::successors(error.source(), |cause| (*cause).source())
        .filter_map(|cause| cause.downcast_ref());
    !error.is_builder() && !causes.any(hyper::Error::is_parse)
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        // An IPv6 address stands in brackets.
        Some(host) => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        None => false,
    }
}

/// The value that `body` is the JSON of. An error knows which field it is about.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(ApiError::misshapen)?;
    json.end().map_err(|source| ApiError::Malformed { source })?;
    Ok(value)
}

/// `application/json` or a kind of it, such as `application/problem+json`; what follows a semicolon
/// does not matter.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}
