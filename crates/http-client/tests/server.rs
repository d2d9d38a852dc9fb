//! The API server against careless and hostile clients: each gets an answer or loses its
//! connection, the others are served, and memory is bounded.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use common::transport::Deadline;
use http_client::client::{ApiClient, ApiError, NewIssue, Token, User};
use http_client::server::{ApiServer, Limits, WRITER};

/// How long a test waits for one event: many times what any event here takes.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);

#[test]
fn invalid_http_is_refused_and_logged() {
    let (server, log) = start(Limits::default());
    for request in [&b"hello there\r\n\r\n"[..], b"\0\xff\x1b[2J\r\n\r\n", b"GET /\r\n\r\n"] {
        let answer = exchange(&server, request);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        let line = log.recv_timeout(TEST_TIMEOUT).unwrap();
        assert!(line.contains("that was not HTTP"), "{line}");
    }
    assert_serves(&server);
}

#[test]
fn a_half_sent_request_loses_its_place() {
    let (server, log) =
        start(Limits { connections: 1, head_time: Duration::from_millis(50), ..Limits::default() });
    let mut half = connect(&server);
    half.write_all(b"GET /users/octocat HT").unwrap();
    // The only place is taken, so this is answered when the server has given up on the other.
    assert_serves_in_the_end(&server);
    assert_eq!(half.read(&mut [0]).unwrap_or(0), 0);
    let line = log.recv_timeout(TEST_TIMEOUT).unwrap();
    assert!(line.contains("no complete request came in time"), "{line}");
}

#[test]
fn an_idle_connection_loses_its_place_too() {
    let (server, _log) =
        start(Limits { connections: 1, head_time: Duration::from_millis(50), ..Limits::default() });
    let deadline = Deadline::after(TEST_TIMEOUT);
    let ended = loop {
        let mut idle = connect(&server);
        // Where the machine delays it for longer than the limit, there is no answer.
        let _ = idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n");
        let mut answer = Vec::new();
        let ended = idle.read_to_end(&mut answer);
        if answer.starts_with(b"HTTP/1.1 200 ") {
            break ended;
        }
        assert!(deadline.remaining().is_some());
    };
    ended.unwrap();
    assert_serves_in_the_end(&server);
}

#[test]
fn idle_clients_keep_no_other_client_out() {
    let hour = Duration::from_secs(3_600);
    let (server, _log) = start(Limits {
        connections: 4,
        head_time: hour,
        connection_time: hour,
        ..Limits::default()
    });
    let mut idle: Vec<_> = (0..12).map(|_| connect(&server)).collect();
    for client in &mut idle[8..] {
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n").unwrap();
        assert!(client.read(&mut [0; 1024]).unwrap() > 0, "it is kept open for more requests");
    }
    assert_serves(&server);
    assert_eq!(idle[0].read(&mut [0]).unwrap(), 0, "the oldest had to make room");
}

#[test]
fn endless_headers_are_cut_off() {
    let (server, _log) = start(Limits::default());
    for piece in [&b"x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"[..], b"a"] {
        let mut endless = connect(&server);
        endless.write_all(b"GET / HTTP/1.1\r\n").unwrap();
        let deadline = Deadline::after(TEST_TIMEOUT);
        let chunk = piece.repeat(4096 / piece.len());
        while endless.write_all(&chunk).is_ok() {
            assert!(deadline.remaining().is_some(), "the server never stops reading");
        }
    }
    let head = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(20_000));
    let answer = exchange(&server, head.as_bytes());
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert_serves(&server);
}

#[test]
fn a_body_over_the_limit_is_413() {
    let (server, _log) = start(Limits { body: 1024, ..Limits::default() });
    for (length, status) in [(1024, 422), (1025, 413)] {
        let body = format!("{{\"titel\": \"{}\"}}", "x".repeat(length - 13));
        assert_eq!(body.len(), length);
        let answer = exchange(&server, &post("application/json", &body));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    // In chunks, so that no header announces how much will come.
    let mut chunked = head("application/json", "Transfer-Encoding: chunked");
    for _ in 0..3 {
        chunked.extend_from_slice(format!("200\r\n{}\r\n", "x".repeat(512)).as_bytes());
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let answer = exchange(&server, &chunked);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_serves(&server);
}

#[test]
fn a_body_that_stops_half_way_is_408() {
    let (server, _log) =
        start(Limits { request_time: Duration::from_millis(50), ..Limits::default() });
    let mut request = head("application/json", "Content-Length: 100");
    request.extend_from_slice(b"{\"title\"");
    let answer = exchange(&server, &request);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_serves_in_the_end(&server);
}

#[test]
fn an_error_in_a_body_is_reported_in_json() {
    let (server, _log) = start(Limits::default());
    for (kind, body, status, words) in [
        ("text/plain", r#"{"title": "x"}"#, 415, "Content-Type: application/json"),
        ("application/json", r#"{"title": "x""#, 400, "line 1 column"),
        ("application/json", r#"{"title": 1}"#, 422, "title: invalid type"),
        ("application/json", "{}", 422, "missing field `title`"),
        ("application/json", r#"{"title": ""}"#, 422, "title is empty"),
        ("application/json", "\u{0}", 400, "line 1 column"),
    ] {
        let answer = exchange(&server, &post(kind, body));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{body}: {answer}");
        let (_, json) = answer.split_once("\r\n\r\n").unwrap();
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert!(json["message"].as_str().unwrap().contains(words), "{body}: {json}");
    }
    // An error in a path, too.
    let answer = exchange(
        &server,
        b"GET /users/%ff HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nConnection: close\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("\"message\""), "{answer}");
    assert_eq!(server.issues().len(), 1);
}

#[test]
fn a_client_that_never_reads_loses_its_place() {
    let (server, log) = start(Limits {
        connections: 1,
        connection_time: Duration::from_millis(100),
        ..Limits::default()
    });
    let deadline = Deadline::after(TEST_TIMEOUT);
    let _deaf = loop {
        let mut deaf = connect(&server);
        deaf.write_all(b"GET /endless HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n").unwrap();
        let line = log.recv_timeout(TEST_TIMEOUT).unwrap();
        if line.starts_with("GET /endless ") {
            break deaf;
        }
        // The machine has delayed it for longer than the limit.
        assert!(deadline.remaining().is_some(), "{line}");
    };
    assert_serves_in_the_end(&server);
    let line = log.recv_timeout(TEST_TIMEOUT).unwrap();
    assert!(line.contains("lasted too long"), "{line}");
}

#[test]
fn only_the_newest_issues_are_kept() {
    let server = ApiServer::on_loopback().unwrap();
    let client = ApiClient::new(&server.url(), TEST_TIMEOUT).unwrap();
    let client = client.with_token(Token::new(WRITER).unwrap()).unwrap();
    let new = NewIssue { title: "x".repeat(256), body: None };
    for _ in 0..110 {
        client.create_issue("owner/repo", &new).unwrap();
    }
    let issues = server.issues();
    let numbers = (issues.len(), issues.first().unwrap().number, issues.last().unwrap().number);
    assert_eq!(numbers, (100, 12, 111));
}

#[test]
fn a_server_that_stops_finishes_its_answers() {
    let server = ApiServer::on_loopback().unwrap();
    let mut stream = connect(&server);
    stream.write_all(b"GET /drip HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n").unwrap();
    let mut first = [0; 8];
    stream.read_exact(&mut first).unwrap();
    drop(server);
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("\r\n\r\n111111111111"), "{rest}");
}

/// A server, and what it logs.
fn start(limits: Limits) -> (ApiServer, Receiver<String>) {
    let (logged, log) = mpsc::channel();
    let server = ApiServer::start("127.0.0.1:0", limits, move |line| {
        // A test that is over no longer listens.
        let _ = logged.send(line.to_owned());
    });
    (server.expect("a free port"), log)
}

fn connect(server: &ApiServer) -> TcpStream {
    let stream = TcpStream::connect(server.addr()).expect("the server listens");
    stream
        .set_read_timeout(Some(TEST_TIMEOUT))
        .and_then(|()| stream.set_write_timeout(Some(TEST_TIMEOUT)))
        .expect("a time above zero");
    stream
}

/// Sends `request` and returns all that comes back until the server closes.
fn exchange(server: &ApiServer, request: &[u8]) -> String {
    let mut stream = connect(server);
    stream.write_all(request).expect("the server reads");
    let mut answer = Vec::new();
    // A server that refuses a request half read may end the connection with a reset.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).expect("text")
}

fn head(kind: &str, length: &str) -> Vec<u8> {
    format!(
        "POST /repos/owner/repo/issues HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nConnection: \
         close\r\n\
         Authorization: Bearer {WRITER}\r\nContent-Type: {kind}\r\n{length}\r\n\r\n"
    )
    .into_bytes()
}

fn post(kind: &str, body: &str) -> Vec<u8> {
    let mut request = head(kind, &format!("Content-Length: {}", body.len()));
    request.extend_from_slice(body.as_bytes());
    request
}

fn assert_serves(server: &ApiServer) {
    assert_eq!(octocat(server).expect("an answer").login, "octocat");
}

/// The same where the server's limits are so short that the machine may delay a client for longer:
/// then it retries.
fn assert_serves_in_the_end(server: &ApiServer) {
    let deadline = Deadline::after(TEST_TIMEOUT);
    while !octocat(server).is_ok_and(|user| user.login == "octocat") {
        assert!(deadline.remaining().is_some());
    }
}

fn octocat(server: &ApiServer) -> Result<User, ApiError> {
    let client = ApiClient::new(&server.url(), TEST_TIMEOUT).expect("the server's own URL");
    client.user("octocat")
}
