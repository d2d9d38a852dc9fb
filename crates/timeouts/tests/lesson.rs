//! The lesson's promises, and its two sides as real processes.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use lesson_tests::Result;
use lesson_tests::process::{Finished, Process};
use socket2::{Domain, Socket, Type};

mod at_work;

lesson_tests::lesson!();

/// A timeout that no client reaches here.
const LONG_TIMEOUT: &str = "1h";

const UNKNOWN: &str = "       unknown whether it was executed; the server's ledger knows\n";
const DONE: &str = "did \"pay 100\", payments so far: 1\n";

fn ask(addr: SocketAddr, deadline: &str) -> Result<Finished> {
    let to = addr.to_string();
    LESSON.run(["ask", "--to", &to, "--connect-timeout", LONG_TIMEOUT, "--deadline", deadline])
}

/// Starts a server with `fault`, sends it one request, stops it when it has logged `ledger`, and
/// returns how the client ended. The log has nothing else.
fn meet(fault: &str, deadline: &str, ledger: &str) -> Result<Finished> {
    let (mut server, addr) = LESSON.serve(&format!("serve --fault {fault}"))?;
    let asked = ask(addr, deadline)?;
    // A request that the server has not read when it is stopped is not executed.
    if !ledger.is_empty() {
        assert_eq!(server.logged("")?, ledger, "{fault}");
    }
    server.terminate()?;
    assert_eq!(server.finish()?.expect_code(0)?.stderr, "", "{fault}");
    Ok(asked)
}

#[test]
fn with_a_long_deadline_slow_servers_answer() -> Result<()> {
    for fault in ["ok", "slow", "drip"] {
        let asked = meet(fault, LONG_TIMEOUT, DONE)?;
        assert_eq!(asked.stdout, "paid 100\n", "{fault}");
        assert_eq!((asked.code, &*asked.stderr), (Some(0), ""), "{fault}");
    }
    Ok(())
}

#[test]
fn a_deadline_passes_and_the_ledgers_differ() -> Result<()> {
    for (fault, ledger) in [("slow", DONE), ("drip", DONE), ("black-hole", "")] {
        let asked = meet(fault, "500ms", ledger)?.expect_code(1)?;
        let expected = format!("error: timed out while waiting for a reply\n{UNKNOWN}");
        assert_eq!((&*asked.stdout, &asked.stderr), ("", &expected), "{fault}");
    }
    Ok(())
}

#[test]
fn a_reset_after_the_work_is_not_taken_for_a_failure() -> Result<()> {
    let asked = meet("reset", LONG_TIMEOUT, DONE)?.expect_code(1)?;
    let error = "error: failed while waiting for a reply: the peer reset the connection\n";
    assert_eq!(asked.stderr, format!("{error}{UNKNOWN}"));
    Ok(())
}

#[test]
fn a_crash_before_the_work_and_one_after_it_look_the_same() -> Result<()> {
    for (fault, ledger, last_words) in [
        ("crash-before", "", "crashes before it does \"pay 100\"\n"),
        ("crash-after", DONE, "crashes before it replies\n"),
    ] {
        let (server, addr) = LESSON.serve(&format!("serve --fault {fault}"))?;
        let asked = ask(addr, LONG_TIMEOUT)?.expect_code(1)?;
        let closed = "error: the peer closed the connection without a reply\n";
        assert_eq!(asked.stderr, format!("{closed}{UNKNOWN}"), "{fault}");
        let log = server.finish()?.expect_code(1)?.stderr;
        assert_eq!(log, format!("{ledger}{last_words}"));

        let refused = ask(addr, LONG_TIMEOUT)?.expect_code(1)?;
        let expected = format!(
            "error: cannot connect to {addr}: connection refused, nothing listens there\n       \
             not executed; start the server first, in another terminal\n"
        );
        assert_eq!(refused.stderr, expected, "{fault}");
    }
    Ok(())
}

#[test]
fn what_was_not_sent_was_not_executed() -> Result<()> {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    listener.listen(0)?;
    let addr = listener.local_addr()?.as_socket().unwrap();
    let moment = Duration::from_millis(100);
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&addr, moment) {
        waiting.push(stream);
    }
    for waits in [
        ["--connect-timeout", "100ms", "--deadline", LONG_TIMEOUT],
        ["--connect-timeout", LONG_TIMEOUT, "--deadline", "100ms"],
    ] {
        let to = addr.to_string();
        let asked = LESSON.run(["ask", "--to", &to].iter().chain(&waits))?.expect_code(1)?;
        let expected = "error: timed out while connecting\n       not executed: nothing was sent\n";
        assert_eq!(asked.stderr, expected);
    }
    Ok(())
}

#[test]
fn an_invalid_reply_is_reported_in_one_line() -> Result<()> {
    for (reply, error) in [
        (&b"paid"[..], "the stream ended inside a message, after 4 bytes of it".to_owned()),
        (&[b'x'; 70_000], "a message of 65537 bytes is over the limit of 65536".to_owned()),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let addr = listener.local_addr()?;
        let answering = std::thread::spawn(move || -> std::io::Result<()> {
            let (mut client, _) = listener.accept()?;
            client.read_exact(&mut [0; 8])?;
            // The client closes the connection when it has read enough.
            let _ = client.write_all(reply);
            Ok(())
        });
        let asked = ask(addr, LONG_TIMEOUT)?.expect_code(1)?;
        answering.join().unwrap()?;
        assert_eq!(
            (asked.stdout, asked.stderr),
            (String::new(), format!("error: {error}\n{UNKNOWN}"))
        );
    }
    Ok(())
}

/// The story says so of a process that is killed with nothing unread, and with something.
#[cfg(unix)]
#[test]
fn a_killed_process_closes_cleanly_unless_bytes_are_unread() -> Result<()> {
    let read_after_kill = |server: Process, mut client: TcpStream| {
        drop(server);
        client.read(&mut [0; 1]).map_err(|error| error.kind())
    };
    let (server, addr) = LESSON.serve("serve")?;
    let mut client = connect(addr)?;
    client.write_all(b"pay 100\n")?;
    client.read_exact(&mut [0; 9])?;
    assert_eq!(read_after_kill(server, client), Ok(0));

    let (server, addr) = LESSON.serve("serve --fault slow")?;
    let mut client = connect(addr)?;
    // The server works on the first request while the second lies in its socket.
    client.write_all(b"pay 100\n")?;
    client.write_all(&vec![b'x'; 100_000])?;
    assert_eq!(read_after_kill(server, client), Err(std::io::ErrorKind::ConnectionReset));
    Ok(())
}

#[test]
fn typed_lines_are_answered() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve")?;
    let mut typed = connect(addr)?;
    typed.write_all(b"pay 7\nhello\n")?;
    let mut reply = [0; 37];
    typed.read_exact(&mut reply)?;
    assert_eq!(&reply[..], b"paid 7\nunknown request, try: pay 100\n");
    Ok(())
}

#[test]
fn invalid_addresses_are_reported_in_one_line() -> Result<()> {
    // A name with an empty label is invalid, so no name server is asked, which may be slow.
    for (args, message) in [
        (
            format!(
                "ask --to nowhere..invalid:1 --connect-timeout {LONG_TIMEOUT} --deadline \
                 {LONG_TIMEOUT}"
            ),
            "cannot find the address of nowhere..invalid:1: ",
        ),
        (
            format!(
                "ask --to 127.0.0.1 --connect-timeout {LONG_TIMEOUT} --deadline {LONG_TIMEOUT}"
            ),
            "cannot find the address of 127.0.0.1: ",
        ),
        ("serve --listen 127.0.0.1:99999".to_owned(), "cannot listen on 127.0.0.1:99999: "),
    ] {
        let failed = LESSON.run(args.split(' '))?.expect_code(1)?;
        assert!(failed.stderr.starts_with(&format!("error: {message}")), "{}", failed.stderr);
        assert_eq!(failed.stderr.lines().count(), 2, "{}", failed.stderr);
    }
    Ok(())
}

#[test]
fn every_fault_names_the_port_that_is_taken() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let addr = taken.local_addr()?.to_string();
    for fault in ["ok", "slow", "drip", "black-hole", "reset", "crash-before", "crash-after"] {
        let failed = LESSON.run(["serve", "--listen", &addr, "--fault", fault])?.expect_code(1)?;
        let expected = format!("error: cannot listen on {addr}: the port is in use\n");
        assert!(failed.stderr.starts_with(&expected), "{}", failed.stderr);
    }
    Ok(())
}

#[test]
fn arguments_that_make_no_sense_exit_2() -> Result<()> {
    for args in [
        ["ask", "--deadline", "2"],
        ["ask", "--connect-timeout", "-1s"],
        ["ask", "--deadline", "soon"],
        ["serve", "--fault", "earthquake"],
    ] {
        let refused = LESSON.run(args)?.expect_code(2)?;
        assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
    }
    Ok(())
}

#[test]
fn each_story_is_drawn() -> Result<()> {
    LESSON.draws_each_view(&["story", "slow"])?;
    for story in ["request-lost", "crashed-before", "crashed-after", "reply-lost", "slow"] {
        let drawn = LESSON.run(["story", story])?.expect_code(0)?.stdout;
        assert!(drawn.contains("● pay 100 ─") && drawn.contains("● gives up"), "{story}: {drawn}");
    }
    Ok(())
}

#[test]
fn what_cannot_be_drawn_is_refused() -> Result<()> {
    LESSON.refuses_to_draw(&["story", "slow"])?;
    let unknown = LESSON.run(["story", "fire"])?.expect_code(2)?;
    assert!(unknown.stderr.contains("request-lost, crashed-before"), "{}", unknown.stderr);
    Ok(())
}

fn connect(addr: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    Ok(stream)
}

#[test]
fn an_answer_that_is_not_a_receipt_is_an_error() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let to = listener.local_addr()?.to_string();
    let other_service = std::thread::spawn(move || -> Result<()> {
        let (mut stream, _) = listener.accept()?;
        stream.read_exact(&mut [0; 8])?;
        Ok(stream.write_all(b"Echo: pay 100\n")?)
    });
    let failed = LESSON.run(["ask", "--to", &to, "--deadline", "20s"])?.expect_code(1)?;
    assert_eq!(failed.stdout, "");
    assert_eq!(
        failed.stderr,
        format!("error: expected a receipt, got \"Echo: pay 100\"\n{UNKNOWN}")
    );
    other_service.join().expect("it does not panic")
}
