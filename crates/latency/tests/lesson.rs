//! The lesson's promises, and its load generator against servers of every kind.

mod at_work;
mod load;

use std::fs;

use common::frame::Framing;
use common::transport::{Limits, Running, Server};
use lesson_tests::Result;

lesson_tests::lesson!();

/// An echo server in this process.
fn echo() -> Result<Running> {
    let server = Server::bind("127.0.0.1:0", Limits::default())?;
    Ok(server.spawn(Framing::Lines, |request, reply| {
        reply.extend_from_slice(b"Echo: ");
        reply.extend_from_slice(request);
    }))
}

#[test]
fn load_reports_and_writes_its_files() -> Result<()> {
    let (server, folder) = (echo()?, tempfile::tempdir()?);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let to = server.addr().to_string();
    let args = ["load", "--to", &to, "--rate", "1000", "--for", "100ms", "--timeout", "60s"];
    for (kind, words) in [("open", "100 ms, open loop"), ("closed", "100 ms, closed loop")] {
        let (svg, percentiles) = (path(&format!("{kind}.svg")), path(&format!("{kind}.hgrm")));
        let files = ["--loop", kind, "--svg", &svg, "--percentiles", &percentiles];
        let shown = LESSON.run([&args[..], &files[..]].concat())?.expect_code(0)?.stdout;
        assert!(shown.contains(words) && shown.contains("p99.9 ≈ "), "{shown}");
        assert_eq!(shown.lines().filter(|line| line.contains(" ≈ ")).count(), 19, "{shown}");
        assert!(fs::read_to_string(&svg)?.contains(&format!("{kind} loop")));
        assert!(fs::read_to_string(&percentiles)?.contains("Total count    = "));
        assert!(fs::read_to_string(&percentiles)?.contains("#[Timed out = 0, "));
        if kind == "open" {
            assert!(shown.contains("≈ 100 in time"), "{shown}");
            let counted = fs::read_to_string(&percentiles)?;
            assert!(counted.contains("1.000000000000        100\n"), "{counted}");
        }

        // Neither file is written over.
        fs::write(&percentiles, "precious")?;
        let again = LESSON.run([&args[..], &["--percentiles", &percentiles]].concat())?;
        let error = format!("error: {percentiles} exists\n       give another name");
        let again = again.expect_code(1)?;
        assert!(again.stderr.starts_with(&error) && again.stdout.is_empty(), "{}", again.stderr);
        assert_eq!(fs::read_to_string(&percentiles)?, "precious");
    }
    Ok(())
}

/// Nothing is the best latency there is, so it is not shown for no answer.
#[test]
fn without_an_answer_there_are_no_percentiles() -> Result<()> {
    let (silent, folder) = (std::net::TcpListener::bind("127.0.0.1:0")?, tempfile::tempdir()?);
    let (to, svg) = (silent.local_addr()?.to_string(), folder.path().join("silent.svg"));
    let svg_name = svg.display().to_string();
    let args = ["load", "--to", &to, "--rate", "100", "--for", "50ms", "--timeout", "1s"];
    let seen = LESSON.run([&args[..], &["--svg", &svg_name]].concat())?.expect_code(0)?.stdout;
    assert!(seen.contains("≈ 5 timed out") && !seen.contains("p50"), "{seen}");
    assert!(fs::read_to_string(svg)?.contains("5 without an answer"));
    Ok(())
}

/// A server that reads nothing, and more bytes than the systems of both sides hold for it.
#[test]
fn a_rate_that_is_not_held_is_shown_as_that() -> Result<()> {
    let full = std::net::TcpListener::bind("127.0.0.1:0")?;
    socket2::SockRef::from(&full).set_recv_buffer_size(4096)?;
    let to = full.local_addr()?.to_string();
    let args = ["load", "--to", &to, "--rate", "1000000", "--for", "1s", "--timeout", "1ms"];
    let shown = LESSON.run(args)?.expect_code(0)?.stdout;
    assert!(shown.contains(" not sent before the run ended\n"), "{shown}");
    assert!(shown.contains(" %); how late") && !shown.contains("(≈ 100 %)"), "{shown}");
    Ok(())
}

#[test]
fn each_error_is_reported_in_one_line() -> Result<()> {
    // Documentation addresses (RFC 5737): the program refuses them before it sends anything.
    for (to, message) in [
        ("192.0.2.1:8888", "192.0.2.1:8888 is not on this machine"),
        ("nowhere..invalid:1", "cannot find the address of nowhere..invalid:1: "),
        ("127.0.0.1", "cannot find the address of 127.0.0.1: "),
    ] {
        let failed = LESSON.run(["load", "--to", to])?.expect_code(1)?;
        assert!(failed.stderr.starts_with(&format!("error: {message}")), "{}", failed.stderr);
        assert_eq!(failed.stdout, "");
    }
    let (server, nowhere) = (echo()?, "/nonexistent/folder/x.svg");
    let to = server.addr().to_string();
    let failed = LESSON.run(["load", "--to", &to, "--svg", nowhere])?.expect_code(1)?;
    assert!(failed.stderr.starts_with(&format!("error: cannot write {nowhere}: ")));
    // Two names of one file, which would hold one of the results.
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (one, other) = (path("one"), path("./one"));
    let args = ["load", "--to", &to, "--svg", &one, "--percentiles", &other];
    let failed = LESSON.run(args)?.expect_code(1)?;
    assert!(failed.stderr.starts_with(&format!("error: {other} exists")), "{}", failed.stderr);
    assert_eq!((failed.stdout.as_str(), fs::read_dir(folder.path())?.count()), ("", 0));
    drop(server);
    let failed = LESSON.run(["load", "--to", &to])?.expect_code(1)?;
    assert!(failed.stderr.contains("start the server first"), "{}", failed.stderr);
    Ok(())
}

#[test]
fn arguments_that_make_no_sense_exit_2() -> Result<()> {
    for args in [
        ["--rate", "0"],
        ["--rate", "1000001"],
        ["--rate", "99999999999"],
        ["--rate", "-1"],
        ["--rate", "fast"],
        ["--for", "0s"],
        ["--for", "61s"],
        ["--for", "1000000years"],
        ["--for", "5"],
        ["--for", "1us"],
        ["--timeout", "0s"],
        ["--timeout", "2min"],
        ["--loop", "half"],
    ] {
        let refused = LESSON.run([&["load"][..], &args[..]].concat())?.expect_code(2)?;
        assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
    }
    let many = ["load", "--rate", "1000000", "--for", "11s"];
    assert!(LESSON.run(many)?.expect_code(2)?.stderr.contains("11,000,000"));
    Ok(())
}
