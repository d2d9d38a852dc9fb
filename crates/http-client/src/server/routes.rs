//! What the API answers: a small piece of GitHub's API, a route for each status, and faults on
//! request.
//!
//! Every answer with a body is JSON, errors too: `{"message": "…"}`. It is laid out over several
//! lines, so that `curl` shows it well and a parser's "line 3" means something.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{
    AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER, USER_AGENT, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::json;

use super::bodies::Pieces;
use super::issues::{Invalid, Issue, JsonPatch, Labels, MergePatch, NewIssue};
use super::{Api, Limits};

/// A token that may read and write. It protects nothing, so it may stand here; a real one is never
/// in the source of a program.
pub const WRITER: &str = "demo-writer";

/// A token that may read only.
pub const READER: &str = "demo-reader";

/// What `/status/{code}` answers with.
pub const STATUSES: [u16; 15] =
    [200, 201, 204, 301, 302, 400, 401, 403, 404, 422, 429, 500, 502, 503, 504];

const JSON: &str = "application/json";

/// What 429 asks a client to wait, in seconds.
const RETRY_AFTER_S: u64 = 2;

/// How long `/slow` takes to answer.
pub const SLOW: Duration = Duration::from_secs(2);

/// `/drip` sends a body of this many bytes,
pub const DRIP_BYTES: u64 = 12;

/// one of them this often.
pub const DRIP_PACE: Duration = Duration::from_millis(25);

/// `/huge` announces a body of this many bytes, 64 MiB.
pub const HUGE: u64 = 64 * 1024 * 1024;

pub(super) fn router(api: Arc<Api>, limits: &Limits) -> Router {
    let request_time = limits.request_time;
    Router::new()
        .route("/", get(overview))
        .route("/users/{login}", get(user))
        .route("/v0/users/{login}", get(old_user))
        .route("/page", get(page))
        .route("/repos/{owner}/{repo}/issues", get(list).post(create))
        .route("/repos/{owner}/{repo}/issues/{number}", get(read).patch(patch).delete(delete))
        .route("/repos/{owner}/{repo}/issues/{number}/labels", put(put_labels))
        .route("/status/{code}", get(status))
        .route("/circle/{step}", get(circle))
        .route("/flaky", get(flaky).post(flaky))
        .route("/limited", get(limited))
        .route("/slow", get(slow))
        .route("/drip", get(drip))
        .route("/huge", get(huge))
        .route("/endless", get(endless))
        .fallback(async || Refusal::new(StatusCode::NOT_FOUND))
        .method_not_allowed_fallback(async || Refusal::new(StatusCode::METHOD_NOT_ALLOWED))
        .layer(middleware::map_response(in_json))
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(middleware::from_fn(require_user_agent))
        .layer(middleware::from_fn(move |request, next| within(request_time, request, next)))
        .layer(middleware::from_fn_with_state(Arc::clone(&api), count))
        .with_state(api)
}

/// An answer that is not what was asked for.
struct Refusal {
    status: StatusCode,
    message: String,
}

type Answer = Result<Response, Refusal>;

impl Refusal {
    /// With the status's own name as its message.
    fn new(status: StatusCode) -> Refusal {
        Refusal::because(status, status.canonical_reason().unwrap_or_default())
    }

    fn because(status: StatusCode, message: impl Into<String>) -> Refusal {
        let message = message.into();
        Refusal { status, message }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json(self.status, &json!({ "message": self.message }));
        let headers = response.headers_mut();
        // What the client needs to know besides the status: RFC 9110, sections 11.6.1 and 10.2.3.
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, "Bearer".parse().expect("a token"));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(RETRY_AFTER, RETRY_AFTER_S.into());
            }
            _ => {}
        }
        response
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Refusal {
        Refusal::because(rejection.status(), rejection.body_text())
    }
}

impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Refusal {
        Refusal::because(rejection.status(), rejection.body_text())
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Refusal {
        Refusal::because(StatusCode::UNPROCESSABLE_ENTITY, invalid.0)
    }
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let mut text = serde_json::to_vec_pretty(value).expect("what the API sends has string keys");
    text.push(b'\n');
    (status, [(CONTENT_TYPE, JSON)], text).into_response()
}

// What every request passes through, outermost first.

async fn count(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    api.requests.fetch_add(1, Ordering::SeqCst);
    let line = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    (api.log)(&format!("{line} {}", response.status().as_u16()));
    response
}

async fn within(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::new(StatusCode::REQUEST_TIMEOUT).into_response(),
    }
}

/// As GitHub does: a client without a `User-Agent` gets 403 for every request.
async fn require_user_agent(request: Request, next: Next) -> Response {
    if request.headers().contains_key(USER_AGENT) {
        return next.run(request).await;
    }
    Refusal::because(
        StatusCode::FORBIDDEN,
        "Request forbidden. Please make sure that it has a User-Agent header.",
    )
    .into_response()
}

/// What axum itself refuses, such as a path that is not UTF-8, it refuses in plain text.
async fn in_json(response: Response) -> Response {
    let status = response.status();
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == JSON);
    match status.is_client_error() && !is_json {
        true => Refusal::new(status).into_response(),
        false => response,
    }
}

// The API.

async fn overview() -> Response {
    let routes = [
        "/users/octocat",
        "/repos/owner/repo/issues",
        "/status/404",
        "/circle/1",
        "/flaky",
        "/limited",
        "/slow",
        "/drip",
        "/huge",
        "/endless",
    ];
    json(StatusCode::OK, &json!({ "routes": routes }))
}

async fn user(Path(login): Path<String>) -> Answer {
    // A member that is null (`bio`) and one that is not there at all (`email`) mean the same to
    // most clients.
    user_of(&login, json!(583231))
}

/// An older version of the API, which sent the id as text.
async fn old_user(Path(login): Path<String>) -> Answer {
    user_of(&login, json!("583231"))
}

fn user_of(login: &str, id: serde_json::Value) -> Answer {
    if login != "octocat" {
        return Err(Refusal::new(StatusCode::NOT_FOUND));
    }
    let user = json!({
        "bio": null,
        "id": id,
        "login": "octocat",
        "name": "Octocat",
        "repos": 8,
    });
    Ok(json(StatusCode::OK, &user))
}

/// What a proxy or a hotel's network puts in the place of an answer: a page for people, with status
/// 200.
async fn page() -> Response {
    let page = "<html><body>Please log in to use this network.</body></html>\n";
    ([(CONTENT_TYPE, "text/html")], page).into_response()
}

type Repo = Path<(String, String)>;
type Numbered = Path<(String, String, String)>;

async fn list(State(api): State<Arc<Api>>, Path((owner, repo)): Repo) -> Answer {
    find_repo(&owner, &repo)?;
    Ok(json(StatusCode::OK, &api.issues().all()))
}

async fn create(
    State(api): State<Arc<Api>>,
    Path((owner, repo)): Repo,
    headers: HeaderMap,
    new: Result<Json<NewIssue>, JsonRejection>,
) -> Answer {
    authorize(&headers)?;
    find_repo(&owner, &repo)?;
    let Json(new) = new?;
    let issue = api.issues().create(new)?;
    let location = format!("/repos/{owner}/{repo}/issues/{}", issue.number);
    Ok(([(LOCATION, location)], json(StatusCode::CREATED, &issue)).into_response())
}

async fn read(State(api): State<Arc<Api>>, Path((owner, repo, number)): Numbered) -> Answer {
    find_repo(&owner, &repo)?;
    on_issue(&api, &number, |_| Ok(()))
}

async fn put_labels(
    State(api): State<Arc<Api>>,
    Path((owner, repo, number)): Numbered,
    headers: HeaderMap,
    new: Result<Json<Labels>, JsonRejection>,
) -> Answer {
    authorize(&headers)?;
    find_repo(&owner, &repo)?;
    let Json(new) = new?;
    on_issue(&api, &number, |issue| issue.replace_labels(new.labels))
}

/// Two kinds of patch, distinguished by their content type.
async fn patch(
    State(api): State<Arc<Api>>,
    Path((owner, repo, number)): Numbered,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    authorize(&headers)?;
    find_repo(&owner, &repo)?;
    let body = body?;
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    match kind {
        Some(b"application/merge-patch+json") => {
            let Json(patch) = Json::<MergePatch>::from_bytes(&body)?;
            on_issue(&api, &number, |issue| issue.merge(patch))
        }
        Some(b"application/json-patch+json") => {
            let Json(patch) = Json::<Vec<JsonPatch>>::from_bytes(&body)?;
            on_issue(&api, &number, |issue| issue.apply(patch))
        }
        _ => Err(Refusal::because(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "a patch is application/merge-patch+json or application/json-patch+json",
        )),
    }
}

async fn delete(
    State(api): State<Arc<Api>>,
    Path((owner, repo, number)): Numbered,
    headers: HeaderMap,
) -> Answer {
    authorize(&headers)?;
    find_repo(&owner, &repo)?;
    let was_there = number.parse().is_ok_and(|number| api.issues().remove(number));
    match was_there {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(Refusal::new(StatusCode::NOT_FOUND)),
    }
}

/// Answers with the issue of that number as `change` leaves it.
fn on_issue(
    api: &Api,
    number: &str,
    change: impl FnOnce(&mut Issue) -> Result<(), Invalid>,
) -> Answer {
    let mut issues = api.issues();
    let issue = number.parse().ok().and_then(|number| issues.get(number));
    let issue = issue.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND))?;
    change(issue)?;
    Ok(json(StatusCode::OK, issue))
}

/// 401: the client is not authenticated. 403: it is, and may not do this.
fn authorize(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match value.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(WRITER) => Ok(()),
        Some(READER) => Err(Refusal::because(StatusCode::FORBIDDEN, "this token may only read")),
        Some(_) => Err(Refusal::because(StatusCode::UNAUTHORIZED, "Bad credentials")),
        None => Err(Refusal::because(StatusCode::UNAUTHORIZED, "Requires authentication")),
    }
}

fn find_repo(owner: &str, repo: &str) -> Result<(), Refusal> {
    match (owner, repo) {
        ("owner", "repo") => Ok(()),
        ("owner", "archive") => Err(Refusal::because(StatusCode::GONE, "Issues are disabled")),
        _ => Err(Refusal::new(StatusCode::NOT_FOUND)),
    }
}

// A route for each status.

async fn status(Path(code): Path<String>) -> Answer {
    let known = code.parse().ok().filter(|code| STATUSES.contains(code));
    let status = known
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND))?;
    let asked = || json(status, &json!({ "message": "as you asked" }));
    match status.as_u16() {
        200 | 201 => Ok(asked()),
        204 => Ok(status.into_response()),
        301 | 302 => Ok(([(LOCATION, "/users/octocat")], asked()).into_response()),
        _ => Err(Refusal::new(status)),
    }
}

/// Two addresses that redirect to each other.
async fn circle(Path(step): Path<String>) -> Response {
    let other = if step == "1" { "/circle/2" } else { "/circle/1" };
    (StatusCode::FOUND, [(LOCATION, other)]).into_response()
}

// Faults on request.

/// Answers every third request.
async fn flaky(State(api): State<Arc<Api>>) -> Answer {
    match api.flaky.fetch_add(1, Ordering::SeqCst) % 3 {
        2 => Ok(json(StatusCode::OK, &json!({ "message": "up again" }))),
        _ => Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE)),
    }
}

/// Answers every second request.
async fn limited(State(api): State<Arc<Api>>) -> Answer {
    match api.limited.fetch_add(1, Ordering::SeqCst) % 2 {
        1 => Ok(json(StatusCode::OK, &json!({ "message": "within the limit" }))),
        _ => Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS)),
    }
}

async fn slow() -> Response {
    tokio::time::sleep(SLOW).await;
    json(StatusCode::OK, &json!({ "message": "at last" }))
}

async fn drip() -> Response {
    body_of(Pieces::drip(DRIP_BYTES, DRIP_PACE))
}

async fn huge() -> Response {
    body_of(Pieces::huge(HUGE))
}

async fn endless() -> Response {
    body_of(Pieces::endless())
}

fn body_of(pieces: Pieces) -> Response {
    ([(CONTENT_TYPE, JSON)], Body::new(pieces)).into_response()
}
