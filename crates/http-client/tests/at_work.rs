//! What the page shows of reqwest as people use it at work.

use std::time::Duration;

use http_client::client::User;
use http_client::server::{ApiServer, Limits};
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use reqwest::{Method, retry};

fn client(host: &'static str) -> reqwest::Result<Client> {
    let retries = retry::for_host(host).classify_fn(|exchange| {
        let status = exchange.status().map_or(0, |status| status.as_u16());
        match exchange.method() == Method::GET && (502..=504).contains(&status) {
            true => exchange.retryable(),
            false => exchange.success(),
        }
    });
    Client::builder()
        .user_agent("my-program/1.0 (me@example.com)")
        .connect_timeout(Duration::from_secs(2))
        .redirect(Policy::limited(5))
        .retry(retries)
        .build()
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
    // It fails twice, then answers.
    let before = server.counts().requests;
    assert!(client.get(at("/flaky")).send().unwrap().status().is_success());
    assert_eq!(server.counts().requests - before, 3);
    for (path, requests) in [("/users/nobody", 1), ("/status/500", 1), ("/status/503", 3)] {
        let before = server.counts().requests;
        assert!(user(&client, &at(path)).unwrap_err().is_status(), "{path}");
        assert_eq!(server.counts().requests - before, requests, "{path}");
    }
    // A POST is not sent again.
    let before = server.counts().requests;
    assert_eq!(client.post(at("/flaky")).send().unwrap().status(), 503);
    assert_eq!(server.counts().requests - before, 1);
}
