//! The lesson's promises, and its two sides as real processes.

mod at_work;

use std::io::{self, PipeWriter, Write};
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;

use common::transport::free_addrs;
use lesson_tests::Result;
use lesson_tests::process::{self, Finished, Process, TEST_TIMEOUT};
use udp::sides::{MAX_MESSAGE, echo};

lesson_tests::lesson!();

/// A socket of this machine that waits for an answer as long as a test may.
fn socket() -> Result<UdpSocket> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(TEST_TIMEOUT))?;
    Ok(socket)
}

fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
    loop {
        match socket.recv_from(buffer) {
            // A receive with a timeout ends early when the process was stopped for a while.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            received => return received,
        }
    }
}

/// What the server answers.
fn exchange(socket: &UdpSocket, server: SocketAddr, message: &[u8]) -> Result<Vec<u8>> {
    socket.send_to(message, server)?;
    let mut answer = vec![0; 1 << 16];
    loop {
        let (length, from) = receive(socket, &mut answer)?;
        if from == server {
            answer.truncate(length);
            return Ok(answer);
        }
    }
}

/// Who sent the next "hello". What else comes is for a program that had this port before.
fn request(server: &UdpSocket) -> Result<SocketAddr> {
    loop {
        let mut message = [0; 100];
        let (length, from) = receive(server, &mut message)?;
        if &message[..length] == b"hello\n" {
            return Ok(from);
        }
    }
}

fn send(to: &str, args: &[&str]) -> Result<Finished> {
    LESSON.run([&["send", "--to", to], args].concat())
}

/// A port of this machine at which no program receives, as long as the socket is kept: it is
/// connected to itself, and so takes nothing from others.
fn closed_port() -> Result<(UdpSocket, String)> {
    let socket = socket()?;
    let addr = socket.local_addr()?;
    socket.connect(addr)?;
    Ok((socket, addr.to_string()))
}

/// An address for a server that starts later. A socket that had bound it would be copied into any
/// process that is being started at that moment, and keep it in use.
fn free_address() -> Result<String> {
    Ok(free_addrs(1)?.remove(0))
}

#[test]
fn messages_are_answered_in_order() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve")?;
    let sent = send(&addr.to_string(), &["one", "", "café"])?.expect_code(0)?;
    assert_eq!(sent.stdout, "Echo: one\nEcho: \nEcho: café\n");
    // A busy machine may make it send one again.
    assert!(sent.stderr.lines().all(|line| line.starts_with("attempt ")), "{}", sent.stderr);
    Ok(())
}

#[test]
fn hostile_datagrams_harm_no_other_client() -> Result<()> {
    let (server, addr) = LESSON.serve("serve")?;
    let (rude, polite) = (socket()?, socket()?);
    rude.send_to(&vec![b'x'; 60_000], addr)?;
    rude.send_to(&vec![b'x'; MAX_MESSAGE + 1], addr)?;
    rude.send_to(b"Echo: hello", addr)?;
    // As many as the server's system has room for.
    for byte in 0..64 {
        rude.send_to(&[4 * byte; 40], addr)?;
    }
    // The answers that are still to come find no program.
    drop(rude);
    assert_eq!(exchange(&polite, addr, b"")?, b"Echo: ");
    assert_eq!(exchange(&polite, addr, b"\0\xff\x1b[2J\n")?, b"Echo: \0\xff\x1b[2J\n");
    let longest = vec![b'y'; MAX_MESSAGE];
    assert_eq!(exchange(&polite, addr, &longest)?.len(), MAX_MESSAGE + 6);
    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    assert_eq!(log.matches("dropped: longer than 1,200 bytes").count(), 2, "{log}");
    assert!(log.contains("dropped: an echo: \"Echo: hello\""), "{log}");
    assert!(log.contains("\\u{1b}[2J\""), "{log}");
    assert!(log.lines().all(|line| line.len() < 400), "{log}");
    Ok(())
}

#[test]
fn the_log_of_a_flood_has_a_limit() -> Result<()> {
    let (server, addr) = LESSON.serve("serve")?;
    let socket = socket()?;
    for _ in 0..1_100 {
        assert_eq!(exchange(&socket, addr, b"again")?, b"Echo: again");
    }
    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    let lines: Vec<_> = log.lines().collect();
    assert_eq!((lines.len(), lines[1_000]), (1_001, "what follows is not logged"));
    Ok(())
}

#[test]
fn a_reply_is_hardly_longer_than_its_request() {
    for length in [0, 1, 6, 100, MAX_MESSAGE] {
        let reply = echo(&vec![b'x'; length]).map(|reply| reply.len());
        assert_eq!(reply, Some(length + 6));
    }
    assert_eq!(echo(&[b'x'; MAX_MESSAGE + 1]), None);
    // Two such servers that answer each other stop.
    assert_eq!(echo(b"hello").and_then(|reply| echo(&reply)), None);
}

#[test]
fn an_unanswered_message_is_sent_again() -> Result<()> {
    let server = socket()?;
    let addr = server.local_addr()?.to_string();
    let args = ["send", "--to", &addr, "--attempts", "3", "--timeout", "20s", "hello"];
    let client = Process::start(LESSON.command(args))?;
    let from = request(&server)?;
    // The answer of another program is not taken; that of the server is, without a newline, too.
    socket()?.send_to(b"wrong", from)?;
    server.send_to(b"pong", from)?;
    assert_eq!(client.finish()?.expect_code(0)?.stdout, "pong\n");

    let sent = send(&addr, &["--attempts", "3", "--timeout", "1ms", "hello"])?.expect_code(1)?;
    let (lines, last): (Vec<_>, _) = (sent.stderr.lines().collect(), "       the server may have");
    assert_eq!(lines[0], "attempt 1: no answer within 1 ms; trying again");
    assert_eq!(lines[1], "attempt 2: no answer within 2 ms; trying again");
    assert_eq!(lines[2], format!("error: no answer from {addr} in 7 ms (attempts: 3)"));
    assert!(lines[3].starts_with(last) && lines.len() == 4, "{}", sent.stderr);
    // All three came, each the whole message.
    for _ in 0..3 {
        request(&server)?;
    }
    Ok(())
}

#[test]
fn a_missing_server_is_one_clear_line() -> Result<()> {
    let (_kept, addr) = closed_port()?;
    let args = ["--attempts", "2", "--timeout", "20ms", "hello"];
    let failed = send(&addr, &args)?.expect_code(1)?;
    let error = format!(
        "error: {addr} refuses datagrams: no program has that port\n       \
         start the server first, in another terminal\n"
    );
    if cfg!(target_os = "linux") {
        assert!(failed.stderr.ends_with(&error), "{}", failed.stderr);
    }
    assert_eq!(failed.stdout, "");
    Ok(())
}

#[test]
fn a_server_that_starts_late_is_found() -> Result<()> {
    let addr = free_address()?;
    let args = ["send", "--to", &addr, "--attempts", "10", "--timeout", "100ms", "hello"];
    let client = Process::start(LESSON.command(args))?;
    let (_server, _) = LESSON.serve_at("serve", &addr)?;
    assert_eq!(client.finish()?.expect_code(0)?.stdout, "Echo: hello\n");
    Ok(())
}

#[test]
fn each_error_is_reported_in_one_line() -> Result<()> {
    let long = "x".repeat(MAX_MESSAGE);
    for (args, message) in [
        (
            ["send", "--to", "127.0.0.1:9", &long],
            "the message has 1,200 bytes, and a datagram here carries up to 1,199",
        ),
        (
            ["send", "--to", "nowhere..invalid:1", "x"],
            "cannot find the address of nowhere..invalid:1: ",
        ),
        (["send", "--to", "127.0.0.1", "x"], "cannot find the address of 127.0.0.1: "),
    ] {
        let failed = LESSON.run(args)?.expect_code(1)?;
        let first = failed.stderr.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("error: {message}")), "{first}");
    }
    let failed = LESSON.run(["serve", "--listen", "127.0.0.1:99999"])?.expect_code(1)?;
    assert!(failed.stderr.starts_with("error: cannot listen on 127.0.0.1:99999: "));
    Ok(())
}

#[test]
fn arguments_that_make_no_sense_exit_2() -> Result<()> {
    for args in [
        vec!["send"],
        vec!["send", "--attempts", "0", "x"],
        vec!["send", "--attempts", "11", "x"],
        vec!["send", "--timeout", "0s", "x"],
        vec!["send", "--timeout", "61s", "x"],
        vec!["send", "--timeout", "5", "x"],
        vec!["serve", "--wire", "lines"],
    ] {
        LESSON.run(args)?.expect_code(2)?;
    }
    Ok(())
}

/// `nc`, where it is installed.
#[cfg(unix)]
mod netcat {
    use super::*;

    fn is_installed() -> bool {
        let is_installed = Command::new("nc").arg("-h").output().is_ok();
        if !is_installed {
            narration::log("skipped: nc is not installed");
        }
        is_installed
    }

    /// `nc`, with a line to read and its input still open: some versions end with their input.
    fn nc(args: &[&str], line: &[u8]) -> Result<(Process, PipeWriter)> {
        let (reader, mut writer) = io::pipe()?;
        writer.write_all(line)?;
        let mut command = process::command("nc");
        command.args(args).stdin(reader);
        Ok((Process::start(command)?, writer))
    }

    #[test]
    fn nc_is_a_client_of_the_server() -> Result<()> {
        if !is_installed() {
            return Ok(());
        }
        let (_server, addr) = LESSON.serve("serve")?;
        let (mut client, _input) = nc(&["-u", "127.0.0.1", &addr.port().to_string()], b"hello\n")?;
        assert_eq!(client.next_line()?, "Echo: hello");
        Ok(())
    }

    #[test]
    fn nc_is_a_server_of_the_client() -> Result<()> {
        if !is_installed() {
            return Ok(());
        }
        let addr = free_address()?;
        let port = addr.rsplit(':').next().unwrap_or_default();
        let (_server, _input) = nc(&["-u", "-l", "127.0.0.1", port], b"pong\n")?;
        let sent = send(&addr, &["--attempts", "10", "--timeout", "50ms", "ping"])?;
        // Some versions do not take an address here, and end.
        match sent.code {
            Some(0) => assert_eq!(sent.stdout, "pong\n"),
            _ => assert!(sent.stderr.contains("refuses datagrams"), "{}", sent.stderr),
        }
        Ok(())
    }
}
