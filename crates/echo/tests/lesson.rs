//! The lesson's promises, and its two sides as real processes.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use common::transport::Deadline;
use lesson_tests::Result;
use lesson_tests::process::{Process, TEST_TIMEOUT, run, run_with_input};

lesson_tests::lesson!();

#[test]
fn messages_come_back_in_order_on_both_wires() -> Result<()> {
    for (wire, model) in [("lines", "threads"), ("frames", "threads"), ("frames", "events")] {
        let (_server, addr) = LESSON.serve(&format!("serve --wire {wire} --model {model}"))?;
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
    for model in ["threads", "events"] {
        hostile_bytes(&format!("serve --max-connections 2 --model {model}"))?;
    }
    Ok(())
}

fn hostile_bytes(serve: &str) -> Result<()> {
    let (_server, addr) = LESSON.serve(serve)?;
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
fn a_client_that_ends_its_stream_gets_its_answers() -> Result<()> {
    for model in ["threads", "events"] {
        let (_server, addr) = LESSON.serve(&format!("serve --model {model}"))?;
        let mut client = connect(addr)?;
        client.write_all(&b"x\n".repeat(10_000))?;
        client.shutdown(Shutdown::Write)?;
        let mut answers = Vec::new();
        client.read_to_end(&mut answers)?;
        assert!(answers == b"Echo: x\n".repeat(10_000), "{} bytes", answers.len());
    }
    Ok(())
}

#[test]
fn a_client_that_does_not_read_loses_its_place() -> Result<()> {
    let serve = "serve --model events --max-connections 1 --idle-timeout 1s";
    let (_server, addr) = LESSON.serve(serve)?;
    let _greedy = greedy(addr)?;
    let deadline = Deadline::after(TEST_TIMEOUT);
    let is_answered = || -> Result<bool> {
        let sent = LESSON.run(["send", "--to", &addr.to_string(), "next"])?;
        Ok(sent.code == Some(0))
    };
    // A client that the machine delays is taken for an idle one, and retries.
    while !is_answered()? {
        assert!(deadline.remaining().is_some(), "the place is not free");
    }
    Ok(())
}

#[test]
fn an_idle_client_is_dropped_and_logged() -> Result<()> {
    for model in ["one-at-a-time", "events --max-connections 1"] {
        idle_client(&format!("serve --idle-timeout 50ms --model {model}"))?;
    }
    Ok(())
}

fn idle_client(serve: &str) -> Result<()> {
    let (server, addr) = LESSON.serve(serve)?;
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
fn a_flood_of_connections_does_not_fill_the_log() -> Result<()> {
    let (mut server, addr) = LESSON.serve("serve")?;
    let is_logged = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let deadline = Deadline::after(TEST_TIMEOUT);
            while !is_logged.load(Ordering::Relaxed) && deadline.remaining().is_some() {
                connect(addr).expect("the server accepts");
            }
        });
        let logged = server.logged(" more lines were left out");
        is_logged.store(true, Ordering::Relaxed);
        logged.map(drop)
    })
}

#[cfg(unix)]
#[test]
fn standard_input_that_cannot_be_read_is_named() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve")?;
    let mut command = LESSON.command(["send", "--to", &addr.to_string()]);
    command.stdin(std::fs::File::open("/")?);
    let failed = run(command)?.expect_code(1)?.stderr;
    assert!(failed.starts_with("error: cannot read standard input: "), "{failed}");
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

#[test]
#[cfg(unix)]
fn a_client_that_does_not_read_keeps_no_loop_from_its_end() -> Result<()> {
    for signal in [Process::interrupt, Process::terminate] {
        let (server, addr) = LESSON.serve("serve --model events --idle-timeout 1h")?;
        let _greedy = greedy(addr)?;
        signal(&server)?;
        server.finish()?.expect_code(0)?;
    }
    Ok(())
}

#[test]
#[cfg(unix)]
fn connections_that_a_signal_ends_are_logged() -> Result<()> {
    for model in ["threads", "events"] {
        let (server, addr) = LESSON.serve(&format!("serve --model {model}"))?;
        let (mut idle, mut half) = (connect(addr)?, connect(addr)?);
        assert_eq!(say(&mut idle, b"hello\n", 12)?, b"Echo: hello\n");
        // What came with a message that is answered has been read.
        assert_eq!(say(&mut half, b"hello\nhell", 12)?, b"Echo: hello\n");
        server.interrupt()?;
        let log = server.finish()?.expect_code(0)?.stderr;
        let (idle, half) = (idle.local_addr()?, half.local_addr()?);
        let cut = "dropped: the stream ended inside a message, after 4 bytes of it";
        for line in [format!("{idle} closed"), format!("{half} {cut}")] {
            assert!(log.lines().any(|logged| logged == line), "{model}: {log}");
        }
    }
    Ok(())
}

#[test]
#[cfg(unix)]
fn a_server_raises_its_limit_of_descriptors() -> Result<()> {
    for model in ["threads", "events"] {
        let serve = format!("serve --max-connections 100 --model {model}");
        let (server, addr) = limited("ulimit -S -n 64", &serve)?;
        let clients = (0..100).map(|_| connect(addr)).collect::<Result<Vec<_>>>()?;
        for mut client in clients {
            assert_eq!(say(&mut client, b"hello\n", 12)?, b"Echo: hello\n");
        }
        server.terminate()?;
        let log = server.finish()?.expect_code(0)?.stderr;
        assert!(!log.contains("descriptors") && !log.contains("cannot"), "{log}");
    }
    Ok(())
}

#[test]
#[cfg(unix)]
fn clients_beyond_the_descriptors_wait_for_others_to_leave() -> Result<()> {
    const CANNOT: &str = "cannot accept connections for the moment";
    let (mut server, addr) = limited("ulimit -n 24", "serve --model events")?;
    server.logged("512 connections take 528 file descriptors, more than the system allows")?;
    let mut clients = (0..24).map(|_| connect(addr)).collect::<Result<Vec<_>>>()?;
    server.logged(CANNOT)?;
    // It tries again every 50 ms, and logs nothing more of it.
    let tries = Deadline::after(Duration::from_millis(300));
    while tries.remaining().is_some() {
        assert_eq!(say(&mut clients[0], b"hello\n", 12)?, b"Echo: hello\n");
    }
    let mut last = clients.pop().expect("there are 24");
    drop(clients);
    assert_eq!(say(&mut last, b"hello\n", 12)?, b"Echo: hello\n");
    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    let (before_one_left, _) = log.split_once("closed").expect("others have left");
    assert!(!before_one_left.contains(CANNOT), "{log}");
    Ok(())
}

/// A server under limits that a shell sets.
#[cfg(unix)]
fn limited(limit: &str, serve: &str) -> Result<(Process, SocketAddr)> {
    let serve = format!("{limit}; exec \"$0\" {serve} --listen 127.0.0.1:0");
    let mut command = lesson_tests::process::command("sh");
    command.args(["-c", &serve, env!("CARGO_BIN_EXE_echo")]);
    let mut server = Process::start(command)?;
    let line = server.next_line()?;
    Ok((server, line.trim_start_matches("listening on ").parse()?))
}

/// A client that reads no answer, and has sent as much as the server takes.
fn greedy(addr: SocketAddr) -> Result<TcpStream> {
    let mut greedy = connect(addr)?;
    greedy.set_write_timeout(Some(Duration::from_millis(500)))?;
    // More than all buffers hold. Long lines, so that an answer that is unsent then does not fit
    // into what is free of the system's buffer.
    let line = [[b'x'; 60_000].as_slice(), b"\n"].concat();
    assert!(greedy.write_all(&line.repeat(1000)).is_err());
    Ok(greedy)
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
