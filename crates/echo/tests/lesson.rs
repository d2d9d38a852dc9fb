//! The lesson's promises, and its two sides as real processes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use common::transport::Deadline;
use lesson_tests::Result;
use lesson_tests::process::{TEST_TIMEOUT, run_with_input};

lesson_tests::lesson!();

#[test]
fn messages_come_back_in_order_on_both_wires() -> Result<()> {
    for wire in ["lines", "frames"] {
        let (_server, addr) = LESSON.serve(&format!("serve --wire {wire}"))?;
        let to = addr.to_string();
        let sent =
            LESSON.run(["send", "--to", &to, "--wire", wire, "one", "", "café"])?.expect_code(0)?;
        assert_eq!(sent.stdout, "Echo: one\nEcho: \nEcho: café\n");
        assert_eq!(sent.stderr, "");
    }
    Ok(())
}

#[test]
fn lines_of_stdin_are_messages_and_the_last_needs_no_newline() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve")?;
    let command = LESSON.command(["send", "--to", &addr.to_string()]);
    let sent = run_with_input(command, "one\n\nthree")?.expect_code(0)?;
    assert_eq!(sent.stdout, "Echo: one\nEcho: \nEcho: three\n");
    Ok(())
}

#[test]
fn hostile_bytes_end_only_their_own_connection() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve --max-connections 2")?;
    let mut typed = connect(addr)?;
    assert_eq!(say(&mut typed, b"hello\n", 12)?, b"Echo: hello\n");
    assert_eq!(say(&mut typed, b"\0\xff\x1b[2J\n", 13)?, b"Echo: \0\xff\x1b[2J\n");

    let mut endless = connect(addr)?;
    // The server closes before it has read all of this, so the write may fail. It has to close.
    let _ = endless.write_all(&[b'x'; 1 << 20]);
    assert!(matches!(endless.read(&mut [0; 1]), Ok(0) | Err(_)));

    assert_eq!(say(&mut typed, b"still\n", 12)?, b"Echo: still\n");
    Ok(())
}

#[test]
fn an_idle_client_is_dropped_and_logged() -> Result<()> {
    let (server, addr) = LESSON.serve("serve --model one-at-a-time --idle-timeout 50ms")?;
    let mut idle = connect(addr)?;
    let deadline = Deadline::after(TEST_TIMEOUT);
    let sent = loop {
        let sent = LESSON.run(["send", "--to", &addr.to_string(), "next"])?;
        // A client that the machine delays is taken for an idle one, and retries.
        if sent.code == Some(0) || deadline.remaining().is_none() {
            break sent.expect_code(0)?;
        }
    };
    assert_eq!(sent.stdout, "Echo: next\n");
    assert_eq!(idle.read(&mut [0; 1])?, 0);
    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    assert!(log.contains("dropped: timed out while waiting for a message"), "{log}");
    Ok(())
}

#[test]
fn each_error_is_reported_in_one_line() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve --wire frames")?;
    let addr = addr.to_string();
    let long = "x".repeat(65_537);
    // A name with an empty label is invalid, so no name server is asked, which may be slow.
    for (args, message) in [
        (
            ["send", "--to", &addr, "two\nlines"],
            "a message that holds a newline cannot be sent as one line",
        ),
        (["send", "--to", &addr, &long], "a message is longer than the server takes, 65536 bytes"),
        (
            ["send", "--to", "nowhere..invalid:1", "x"],
            "cannot find the address of nowhere..invalid:1: ",
        ),
        (["send", "--to", "127.0.0.1", "x"], "cannot find the address of 127.0.0.1: "),
        (
            ["serve", "--listen", "127.0.0.1:99999", "--model=events"],
            "cannot listen on 127.0.0.1:99999: ",
        ),
    ] {
        let failed = LESSON.run(args)?.expect_code(1)?;
        let first = failed.stderr.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("error: {message}")), "{first}");
    }
    Ok(())
}

#[test]
fn a_missing_server_and_the_wrong_framing_are_errors() -> Result<()> {
    let (server, addr) = LESSON.serve("serve --wire frames")?;
    let to = addr.to_string();
    let refused = LESSON.run(["send", "--to", &to, "hello"])?.expect_code(1)?;
    // The server reads "hell" as a length and closes; whether its reset or its end comes first
    // depends on the system.
    assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
    server.interrupt()?;
    server.finish()?.expect_code(0)?;

    let unconnected = LESSON.run(["send", "--to", &to, "hello"])?.expect_code(1)?;
    assert_eq!(
        unconnected.stderr,
        format!(
            "error: cannot connect to {to}: connection refused, nothing listens there\n       \
             start the server first, in another terminal\n"
        )
    );
    Ok(())
}

#[test]
fn arguments_that_make_no_sense_exit_2() -> Result<()> {
    for args in [
        ["serve", "--idle-timeout", "30"],
        ["serve", "--idle-timeout", "0s"],
        ["serve", "--max-connections", "0"],
        ["serve", "--wire", "pigeons"],
        ["serve", "--model=one-at-a-time", "--max-connections=2"],
    ] {
        LESSON.run(args)?.expect_code(2)?;
    }
    Ok(())
}

fn connect(addr: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    Ok(stream)
}

fn say(stream: &mut TcpStream, bytes: &[u8], length: usize) -> Result<Vec<u8>> {
    stream.write_all(bytes)?;
    let mut reply = vec![0; length];
    stream.read_exact(&mut reply)?;
    Ok(reply)
}
