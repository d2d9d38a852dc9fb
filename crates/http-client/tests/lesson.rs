//! The lesson's promises, and its two sides as real processes.

mod at_work;
mod exercise;
mod server;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::retry::Failure;
use lesson_tests::Result;
use lesson_tests::process::{Finished, run};

lesson_tests::lesson!();

const OCTOCAT: &str =
    "{\"bio\":null,\"id\":583231,\"login\":\"octocat\",\"name\":\"Octocat\",\"repos\":8}\n";

#[test]
fn only_the_answer_is_on_stdout() -> Result<()> {
    let (server, addr) = LESSON.serve("serve")?;
    let url = format!("http://{addr}");
    let got = LESSON.run(["get", "--url", &url, "/users/octocat"])?.expect_code(0)?;
    assert_eq!((got.stdout.as_str(), got.stderr.as_str()), (OCTOCAT, ""));
    // Without a scheme, with a slash at the end, along a redirect: the same.
    for (url, path) in [(addr.to_string(), "/users/octocat"), (format!("{url}/"), "status/301")] {
        let got = LESSON.run(["get", "--url", &url, path])?.expect_code(0)?;
        assert_eq!(got.stdout, OCTOCAT);
    }
    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    assert_eq!(
        log,
        "GET /users/octocat 200\nGET /users/octocat 200\nGET /status/301 301\nGET /users/octocat \
         200\n"
    );
    Ok(())
}

#[test]
fn a_url_may_hold_the_path_or_its_beginning() -> Result<()> {
    const ISSUE: &str =
        "{\"labels\":[],\"number\":1,\"state\":\"open\",\"title\":\"Found a bug\"}\n";
    let (_server, addr) = LESSON.serve("serve")?;
    let url = |path: &str| format!("http://{addr}{path}");
    for (args, expected) in [
        (vec![url("/users/octocat")], OCTOCAT),
        (vec![format!("{addr}/users/octocat")], OCTOCAT),
        (vec![url("/users/octocat?page=1")], OCTOCAT),
        (vec![url("/users"), "octocat".to_owned()], OCTOCAT),
        (vec![url("/repos/owner/repo/"), "/issues/1".to_owned()], ISSUE),
    ] {
        let args = [vec!["get".to_owned(), "--url".to_owned()], args].concat();
        assert_eq!(LESSON.run(&args)?.expect_code(0)?.stdout, expected, "{args:?}");
    }
    // As curl does, it asks a server alone for /.
    for url in [addr.to_string(), url("/")] {
        let got = LESSON.run(["get", "--url", &url])?.expect_code(0)?;
        assert!(got.stdout.starts_with("{\"routes\":["), "{url}: {}", got.stdout);
    }
    for (url, message) in [
        (url("/users"), "/users/users/octocat: 404 Not Found: Not Found"),
        (
            url("/?page=1"),
            "--url: not a valid API address: a path cannot follow what stands after ? or #",
        ),
        (
            url("/#top"),
            "--url: not a valid API address: a path cannot follow what stands after ? or #",
        ),
    ] {
        let failed = LESSON.run(["get", "--url", &url, "/users/octocat"])?;
        assert_eq!(error(&failed)?, format!("error: {message}"));
    }
    let whole = url("/repos/owner/repo/issues");
    let create = LESSON.command(["create-issue", "--url", &whole, "Crash"]);
    let failed = run(with_token(create, "demo-writer"))?;
    assert_eq!(error(&failed)?, "error: the new issue: 404 Not Found: Not Found");
    assert!(failed.stderr.contains("--url is what stands before /repos"), "{}", failed.stderr);
    Ok(())
}

#[test]
fn the_wait_of_step_2_is_drawn() -> Result<()> {
    let none: [&str; 0] = [];
    LESSON.draws(&http_client::raw::wait_by_hand(http_client::story::TIMEOUT)?.trace()?)?;
    LESSON.refuses_to_draw(&none)?;
    LESSON.refuses_to_draw_before("get")
}

#[test]
fn the_table_on_the_page_is_what_came_and_is_sent_again() -> Result<()> {
    let page = std::fs::read_to_string("../../lessons/09-http-client/README.md")?;
    let table = page.lines().skip_while(|line| !line.starts_with("| what came |")).skip(2);
    let rows = table.take_while(|line| line.starts_with('|')).map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        [cells[1], cells[cells.len() - 2]].map(str::to_owned)
    });
    let answers = http_client::statuses::table()?.into_iter().map(|answer| {
        let status = Failure::Status { code: answer.status, retry_after: None };
        (format!("{} {}", answer.status, answer.name), (answer.status >= 400).then_some(status))
    });
    let none = [
        ("no connection", Failure::NoConnection),
        ("no answer", Failure::NoAnswer),
        ("all else", Failure::Other),
    ];
    let none = none.map(|(what, failure)| (what.to_owned(), Some(failure)));
    let came = answers.chain(none).map(|(what, failure)| {
        let again = failure.map_or("", |failure| match failure.may_retry(false) {
            true => "any",
            false if failure.may_retry(true) => "idempotent",
            false => "no",
        });
        [what, again.to_owned()]
    });
    assert_eq!(rows.collect::<Vec<_>>(), came.collect::<Vec<_>>());
    Ok(())
}

#[test]
fn without_a_url_a_server_starts_for_the_call() -> Result<()> {
    let got = LESSON.run(["get"])?.expect_code(0)?;
    assert_eq!(got.stdout, OCTOCAT);
    assert!(got.stderr.contains("a server listens on http://127.0.0.1:"), "{}", got.stderr);
    Ok(())
}

#[test]
fn a_proxy_in_the_environment_gets_nothing() -> Result<()> {
    let mut command = LESSON.command(["get"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        // No server listens on port 9, so a request that went there would fail.
        command.env(name, "http://127.0.0.1:9");
    }
    run(command)?.expect_code(0)?;
    Ok(())
}

#[test]
fn an_issue_is_created_and_its_token_is_never_shown() -> Result<()> {
    let (server, addr) = LESSON.serve("serve")?;
    let url = addr.to_string();
    let create = ["create-issue", "--url", &url, "--body", "Every time.", "It crashes"];
    let created = run(with_token(LESSON.command(create), "demo-writer"))?.expect_code(0)?;
    assert_eq!(
        created.stdout,
        "{\"number\":2,\"title\":\"It crashes\",\"body\":\"Every \
         time.\",\"state\":\"open\",\"labels\":[]}\n"
    );

    let missing = error(&LESSON.run(create)?)?;
    assert!(missing.starts_with("error: API_TOKEN is not set"), "{missing}");
    for (token, message) in [
        ("s3cret", "error: the new issue: 401 Unauthorized: Bad credentials"),
        ("demo-reader", "error: the new issue: 403 Forbidden: this token may only read"),
        ("s3cret\n s3cret", "error: API_TOKEN: not a valid token"),
        ("", "error: API_TOKEN: not a valid token"),
    ] {
        let failed = run(with_token(LESSON.command(create), token))?;
        assert_eq!(error(&failed)?, message);
        assert!(!failed.stderr.contains("s3cret"), "{}", failed.stderr);
    }

    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    assert!(!log.contains("s3cret") && !log.contains("demo-"), "{log}");
    Ok(())
}

#[test]
fn a_token_leaves_the_machine_over_https_only() -> Result<()> {
    // The address belongs to documentation (RFC 5737); nothing is sent there.
    let create = LESSON.command(["create-issue", "--url", "http://192.0.2.1", "Crash"]);
    let failed = run(with_token(create, "s3cret"))?;
    assert_eq!(
        error(&failed)?,
        "error: the token: not a valid API address: a token leaves this machine over https \
         only"
    );
    Ok(())
}

#[test]
fn every_bad_answer_is_reported_in_one_line() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve")?;
    let url = addr.to_string();
    for (path, message) in [
        ("/users/nobody", "404 Not Found: Not Found"),
        ("/status/401", "401 Unauthorized: Unauthorized"),
        ("/status/500", "500 Internal Server Error: Internal Server Error"),
        ("/status/204", "204 No Content: no reason given"),
        ("/circle/1", "still sent elsewhere after 5 redirects"),
        ("/page", "the answer is text/html, not application/json"),
        ("/huge", "the answer is larger than 1048576 bytes; given up after 0"),
        ("/endless", "the answer is larger than 1048576 bytes; given up after 1048577"),
    ] {
        let failed = LESSON.run(["get", "--url", &url, path])?;
        assert_eq!(error(&failed)?, format!("error: {path}: {message}"));
    }
    let failed = LESSON.run(["get", "--url", &url, "--timeout", "50ms", "/slow"])?;
    assert_eq!(error(&failed)?, "error: /slow: no complete answer within 50 ms");
    Ok(())
}

#[test]
fn invalid_http_and_invalid_json_are_reported_in_one_line() -> Result<()> {
    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    for (bytes, message) in [
        ("Echo: hello\n".to_owned(), "the answer is not HTTP: "),
        ("\0\u{1b}[2J\r\n\r\n".to_owned(), "the answer is not HTTP: "),
        (String::new(), "no usable answer: "),
        (format!("{OK}Content-Length: 42\r\n\r\n{{"), "no usable answer: "),
        (format!("{OK}Content-Length: 0\r\n\r\n"), "the answer is not JSON: "),
        (format!("{OK}Content-Length: 2\r\n\r\n{{]"), "the answer is not JSON: "),
        (format!("{OK}Content-Length: 4\r\n\r\n{{}}{{}}"), "the answer is not JSON: "),
        (format!("{OK}Content-Length: 200\r\n\r\n{}", "[".repeat(200)), "the answer is not JSON: "),
        (
            "HTTP/1.1 500 \u{1b}[31m\r\nContent-Length: 22\r\n\r\n{\"message\":\"\u{1b}[2J bad\"}"
                .to_owned(),
            "the answer is not HTTP: ",
        ),
        (
            "HTTP/1.1 500 Oh\r\nContent-Length: 27\r\n\r\n{\"message\":\"\\u001b[2J bad\"}"
                .to_owned(),
            "500 Internal Server Error: ",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: \u{1b}[31m\r\n\r\n".to_owned(),
            "the answer is not HTTP: ",
        ),
        ("HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\n\r\n".to_owned(), "the answer is not HTTP: "),
        ("HTTP/1.1 302 Found\r\n\r\n".to_owned(), "302 Found: no reason given"),
        (format!("x: {}", "y".repeat(600_000)), "the answer is not HTTP: "),
    ] {
        let (addr, server) = answering(bytes.clone())?;
        let failed = LESSON.run(["get", "--url", &addr, "/"])?;
        let line = error(&failed)?;
        eprintln!("{line}");
        assert!(line.starts_with(&format!("error: /: {message}")), "{bytes:.100}: {line}");
        assert!(!failed.stderr.contains('\u{1b}'), "{:?}", failed.stderr);
        server.join().expect("the server does not panic")?;
    }
    Ok(())
}

#[test]
fn stdout_has_no_control_characters() -> Result<()> {
    let json = "{\"\u{9b}\":\"\u{7f}\\u001b\"}";
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}",
        json.len()
    );
    let (addr, server) = answering(format!("{head}\r\n\r\n{json}"))?;
    let got = LESSON.run(["get", "--url", &addr, "/"])?.expect_code(0)?;
    assert_eq!(got.stdout, "{\"\\u009b\":\"\\u007f\\u001b\"}\n");
    server.join().expect("the server does not panic")?;
    Ok(())
}

#[test]
fn a_server_that_never_answers_costs_the_timeout() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = listener.local_addr()?.to_string();
    let failed = LESSON.run(["get", "--url", &url, "--timeout", "100ms"])?;
    assert_eq!(error(&failed)?, "error: /: no complete answer within 100 ms");
    let create = LESSON.command(["create-issue", "--url", &url, "--timeout", "100ms", "Crash"]);
    let failed = run(with_token(create, "demo-writer"))?;
    assert_eq!(error(&failed)?, "error: the new issue: no complete answer within 100 ms");
    assert!(failed.stderr.contains("it may exist all the same"), "{}", failed.stderr);
    Ok(())
}

#[test]
fn invalid_addresses_are_reported() -> Result<()> {
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    for (url, message) in [
        (free.as_str(), "/: cannot connect: connection refused, nothing listens there"),
        ("http://", "--url: not a valid API address: write it as http://HOST:PORT"),
        ("http://127.0.0.1:99999", "--url: not a valid API address: write it as http://HOST:PORT"),
        ("ftp://127.0.0.1", "--url: not a valid API address: it begins with http:// or https://"),
        (
            "http://me:s3cret@127.0.0.1",
            "--url: not a valid API address: it must hold no password, for addresses end up \
             in logs",
        ),
    ] {
        let failed = LESSON.run(["get", "--url", url])?;
        assert_eq!(error(&failed)?, format!("error: {message}"), "{url}");
        assert!(!failed.stderr.contains("s3cret"), "{}", failed.stderr);
    }
    // A name with an empty label is invalid, so no name server is asked, which may be slow.
    let failed = LESSON.run(["get", "--url", "http://nowhere..invalid"])?;
    assert!(
        error(&failed)?.starts_with("error: /: cannot find the address: "),
        "{}",
        failed.stderr
    );
    Ok(())
}

#[test]
#[cfg(not(feature = "online"))]
fn https_without_the_feature_is_one_plain_sentence() -> Result<()> {
    let failed = LESSON.run(["get", "--url", "https://127.0.0.1"])?;
    assert_eq!(
        failed.stderr,
        "error: --url: https needs TLS, which this build leaves out\n       \
         cargo run -p http-client --features online -- takes https, too\n"
    );
    Ok(())
}

#[test]
fn arguments_that_make_no_sense_exit_2() -> Result<()> {
    for args in [
        &["get", "--timeout", "5"][..],
        &["create-issue"],
        &["create-issue", "--repo", "../users", "Crash"],
        &["create-issue", "--repo", "repo", "Crash"],
        &["serve", "8888"],
    ] {
        LESSON.run(args)?.expect_code(2)?;
    }
    Ok(())
}

fn with_token(mut command: Command, token: &str) -> Command {
    command.env("API_TOKEN", token);
    command
}

/// The line with the error; nothing is on standard output, and at most a hint follows.
fn error(failed: &Finished) -> Result<String> {
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(1), ""), "{}", failed.stderr);
    let lines: Vec<_> = failed.stderr.lines().collect();
    let hints = lines.iter().skip(1);
    assert!(
        hints.len() <= 1 && hints.clone().all(|hint| hint.starts_with("       ")),
        "{}",
        failed.stderr
    );
    Ok(lines.first().copied().unwrap_or_default().to_owned())
}

/// A server that answers one request with these bytes and closes.
fn answering(bytes: String) -> Result<(String, JoinHandle<io::Result<()>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?.to_string();
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept()?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        while stream.read_line(&mut line)? > 2 {
            line.clear();
        }
        // The client closes the connection where it has read enough.
        let _ = stream.get_mut().write_all(bytes.as_bytes());
        let _ = stream.get_mut().shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
        Ok(())
    });
    Ok((addr, server))
}
