//! The lesson's promises, and its two sides as real processes.

mod at_work;
mod exercise;

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use lesson_tests::Result;
use lesson_tests::process::Finished;

lesson_tests::lesson!();

/// Calls `to` with these further arguments.
fn call(to: &str, args: &str) -> Result<Finished> {
    LESSON.run(["call", "--to", to].into_iter().chain(args.split_whitespace()))
}

#[test]
fn a_client_retries_until_the_server_is_done() -> Result<()> {
    let (server, addr) = LESSON.serve("serve --fail-first 2")?;
    let called = call(&addr.to_string(), "--base 20ms --jitter none")?.expect_code(0)?;
    assert_eq!(called.stdout, "done\n");
    assert_eq!(
        called.stderr,
        "attempt 1: the server is busy; trying again in 20 ms\n\
         attempt 2: the server is busy; trying again in 40 ms\n"
    );
    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    assert_eq!(log, "request 1: busy\nrequest 2: busy\nrequest 3: done\n");
    Ok(())
}

#[test]
fn a_client_gives_up_when_its_attempts_are_used_up() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve --fail-first 9")?;
    let called = call(&addr.to_string(), "--attempts 3 --base 0s")?.expect_code(1)?;
    assert_eq!(called.stdout, "");
    let error = called.stderr.lines().last();
    assert_eq!(
        error,
        Some("error: gave up after 3 attempts (no more are allowed): the server is busy")
    );
    Ok(())
}

#[test]
fn no_wait_is_longer_than_the_cap() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve --fail-first 3")?;
    let called = call(&addr.to_string(), "--base 10ms --cap 15ms --jitter none")?.expect_code(0)?;
    let waits: Vec<_> =
        called.stderr.lines().filter_map(|line| line.split(" in ").nth(1)).collect();
    assert_eq!(waits, ["10 ms", "15 ms", "15 ms"]);
    Ok(())
}

#[test]
fn the_same_seed_gives_the_same_waits_and_a_drawn_one_is_logged() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve --fail-first 1000")?;
    let waits = |args: &str| -> Result<Finished> {
        call(&addr.to_string(), &format!("--attempts 3 --base 40ms {args}"))?.expect_code(1)
    };
    let seven = waits("--seed 7")?.stderr;
    assert_eq!(seven, waits("--seed 7")?.stderr);
    assert_ne!(seven, waits("--seed 8")?.stderr);

    let fresh = waits("")?.stderr;
    let (logged, rest) = fresh.split_once('\n').unwrap_or_default();
    let seed = logged.strip_prefix("waits are drawn with --seed ").unwrap_or_default();
    assert_eq!(rest, waits(&format!("--seed {seed}"))?.stderr, "{logged}");
    Ok(())
}

#[test]
fn a_missing_server_is_retried_and_then_reported() -> Result<()> {
    let (server, addr) = LESSON.serve("serve")?;
    server.interrupt()?;
    server.finish()?.expect_code(0)?;
    let called = call(&addr.to_string(), "--attempts 2 --base 1ms --seed 1")?.expect_code(1)?;
    let lines: Vec<_> = called.stderr.lines().collect();
    let refused = format!("cannot connect to {addr}: connection refused, nothing listens there");
    assert!(lines[0].starts_with(&format!("attempt 1: {refused}; trying again in ")), "{lines:?}");
    assert_eq!(
        lines[1..],
        [
            &*format!("error: gave up after 2 attempts (no more are allowed): {refused}"),
            "       start the server first, in another terminal",
        ]
    );
    Ok(())
}

#[test]
fn a_permanent_failure_is_tried_once_and_reported_in_one_line() -> Result<()> {
    // A name with an empty label is invalid, so no name server is asked, which may be slow.
    for to in ["nowhere..invalid:1", "127.0.0.1", "127.0.0.1:99999"] {
        let called = call(to, "--seed 1")?.expect_code(1)?;
        let error = "error: gave up after 1 attempt (that failure is not retried): cannot find \
                     the address of ";
        assert!(called.stderr.starts_with(error), "{}", called.stderr);
    }
    Ok(())
}

/// A peer that reads a request and sends what a server of this lesson never sends.
fn answering(answer: &'static [u8]) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?.to_string();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client?;
            BufReader::new(&client).read_line(&mut String::new())?;
            // The client closes the connection when it has read enough.
            let _ = client.write_all(answer);
        }
        io::Result::Ok(())
    });
    Ok(addr)
}

#[test]
fn an_unexpected_peer_is_reported_in_one_line() -> Result<()> {
    for (answer, attempts, reason) in [
        (&b"HTTP/1.1 400 \x1b[2J\n"[..], 1, "the server answers \"HTTP/1.1 400 "),
        (&[b'x'; 5000], 1, "a message of "),
        (b"bus", 2, ""),
        (b"", 2, ""),
    ] {
        let called =
            call(&answering(answer)?, "--attempts 2 --base 0s --seed 1")?.expect_code(1)?;
        let plural = if attempts == 1 { "" } else { "s" };
        let start = format!("error: gave up after {attempts} attempt{plural} (");
        let error = called.stderr.lines().last().unwrap_or_default();
        assert!(error.starts_with(&start) && error.contains(reason), "{error}");
        assert!(!called.stderr.contains('\x1b'));
    }
    Ok(())
}

#[test]
fn invalid_arguments_are_reported() -> Result<()> {
    for (args, reason) in [
        ("--attempts 0", "a call needs at least one attempt; give 1 or more"),
        ("--attempts 4294967296", "too many; give at most 4294967295"),
        ("--attempts many", "invalid digit found in string; give a whole number"),
        ("--attempts -1", "unexpected argument '-1' found"),
        ("--base 100", "time unit needed, for example 100sec or 100ms"),
        ("--cap soon", "expected number"),
        ("--jitter some", "[possible values: full, none]"),
        ("--seed x", "invalid digit found in string"),
    ] {
        let refused = call("127.0.0.1:1", args)?.expect_code(2)?;
        assert!(refused.stderr.contains(reason), "{args}: {}", refused.stderr);
        assert_eq!(refused.stdout, "");
    }
    Ok(())
}

/// The table that the page shows is that of the code, row for row.
#[test]
fn the_page_has_the_table_of_what_is_sent_again() {
    let code = include_str!("../../common/src/retry/failure.rs");
    let rows: Vec<_> = code.lines().filter_map(|line| line.strip_prefix("/// | ")).collect();
    let page = include_str!("../../../lessons/08-retry/README.md");
    let glance = page.split_once("\n## In one glance\n").map_or("", |(_, glance)| glance);
    assert_eq!(rows.len(), 5, "a heading and four rows");
    for row in rows {
        assert!(glance.contains(&format!("\n| {row}\n")), "{row}");
    }
}

#[test]
fn the_last_seed_gives_another_story() -> Result<()> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let last = words(&LESSON.run(["--seed", &u64::MAX.to_string()])?.expect_code(0)?.stdout);
    let recorded = words(include_str!("transcript.txt"));
    assert!(last.contains("seeds 18446744073709551590 to 18446744073709551614"));
    // Not only the seeds: what they draw differs, too.
    let last = last.replace("18446744073709551590", "1").replace("18446744073709551614", "25");
    assert_ne!(last, recorded);
    Ok(())
}
