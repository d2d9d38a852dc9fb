//! What the page shows of reqwest as people use it at work.

use std::error::Error;
use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use common::retry::Failure;
use common::transport::free_addrs;
use http_client::client::User;
use http_client::server::{ApiServer, Limits};
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode, retry};

fn client(host: &'static str) -> reqwest::Result<Client> {
    let retries = retry::for_host(host).classify_fn(|it| {
        match may_retry(it.method(), it.status(), it.error()) {
            true => it.retryable(),
            false => it.success(),
        }
    });
    Client::builder()
        .user_agent("my-program/1.0 (me@example.com)")
        .connect_timeout(Duration::from_secs(2))
        .redirect(Policy::limited(5))
        .retry(retries)
        .build()
}

fn may_retry(
    method: &Method,
    status: Option<StatusCode>,
    error: Option<&(dyn Error + 'static)>,
) -> bool {
    let error = error.and_then(|error| error.downcast_ref::<reqwest::Error>());
    match (status.map(|status| status.as_u16()), error) {
        (None, Some(error)) if error.is_connect() => !error.is_dns(),
        (None | Some(502..=504), _) => method.is_idempotent(),
        (Some(_), _) => false,
    }
}

fn user(client: &Client, url: &str) -> reqwest::Result<User> {
    client.get(url).timeout(Duration::from_secs(10)).send()?.error_for_status()?.json()
}

#[test]
fn a_client_as_at_work_retries_what_may_be_sent_again() {
    let server = ApiServer::start("127.0.0.1:0", Limits::default(), |_| {}).unwrap();
    let at = |path: &str| format!("{}{path}", server.url());
    let client = client("127.0.0.1").unwrap();
    assert_eq!(user(&client, &at("/users/octocat")).unwrap().login, "octocat");
    let flaky = client.get(at("/flaky")).send().unwrap();
    assert!(flaky.status().is_success(), "it fails twice, then answers");
    for (method, path, requests) in [
        (Method::GET, "/users/nobody", 1),
        (Method::GET, "/status/500", 1),
        (Method::GET, "/status/503", 3),
        (Method::HEAD, "/status/502", 3),
        (Method::POST, "/flaky", 1),
    ] {
        let before = server.counts().requests;
        let answer = client.request(method.clone(), at(path)).send().unwrap();
        assert!(answer.error_for_status().is_err(), "{method} {path}");
        assert_eq!(server.counts().requests - before, requests, "{method} {path}");
    }
}

#[test]
fn a_broken_connection_is_retried_where_the_method_allows_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let accepted = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&accepted);
    // It ends with the test's process.
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            counted.fetch_add(1, Ordering::SeqCst);
            // It closes after it has got a request.
            let _ = stream.read(&mut [0; 1024]);
        }
    });
    let client = client("127.0.0.1").unwrap();
    for (method, connections) in [(Method::GET, 3), (Method::DELETE, 3), (Method::POST, 1)] {
        let before = accepted.load(Ordering::SeqCst);
        assert!(client.request(method.clone(), &url).send().is_err());
        assert_eq!(accepted.load(Ordering::SeqCst) - before, connections, "{method}");
    }
}

#[test]
fn the_policy_keeps_the_table_but_for_429() {
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::POST] {
        let is_post = method == Method::POST;
        for code in (100..600).filter(|code| *code != 429) {
            let failure = Failure::Status { code, retry_after: None };
            assert_eq!(
                may_retry(&method, StatusCode::from_u16(code).ok(), None),
                failure.may_retry(!is_post),
                "{method} {code}"
            );
        }
        let failed = |url: &str| client("x").unwrap().get(url).send().unwrap_err();
        let refused = failed(&format!("http://{}", free_addrs(1).unwrap()[0]));
        let unknown = failed("http://nowhere..invalid");
        for (error, expected) in [(refused, true), (unknown, false)] {
            assert_eq!(may_retry(&method, None, Some(&error)), expected, "{method} {error:?}");
        }
    }
    assert!(!may_retry(&Method::GET, Some(StatusCode::TOO_MANY_REQUESTS), None));
}
