//! The lesson's promises, and its two sides as real processes.

mod at_work;
mod hostile;

use std::io;
use std::net::{SocketAddr, UdpSocket};

use lesson_tests::Result;
use lesson_tests::process::{Finished, TEST_TIMEOUT};
use wall_clocks::packet::{CLIENT, LENGTH, NtpTime, Packet, SERVER};

lesson_tests::lesson!();

/// A socket of this machine that waits for a datagram as long as a test may.
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

fn ask(to: SocketAddr, args: &[&str]) -> Result<Finished> {
    LESSON.run([&["ask", "--to", &to.to_string()], args].concat())
}

/// The offset and the bound of the line that `ask` prints, in nanoseconds.
fn offset_and_bound(line: &str) -> (i64, i64) {
    let words: Vec<_> = line.split_whitespace().collect();
    let [side, "≈", offset, "s,", "bound", "≈", bound, "s"] = words[..] else {
        panic!("another line: {line}");
    };
    let [offset, bound] = [offset, bound].map(|seconds| {
        seconds.replace('.', "").parse::<i64>().expect("nine digits stand behind the point")
    });
    (if side == "behind" { -offset } else { offset }, bound)
}

#[test]
fn a_servers_error_is_found_within_the_bound() -> Result<()> {
    const SECOND: i64 = 1_000_000_000;
    for (wrong_by, nanos) in [
        ("0s", 0),
        ("250ms", SECOND / 4),
        ("-3s", -3 * SECOND),
        ("+2h", 7_200 * SECOND),
        // 2036, when the seconds since 1900 begin anew, is between the two clocks.
        ("60years", 60 * 31_557_600 * SECOND),
        ("-60years", -60 * 31_557_600 * SECOND),
    ] {
        let (_server, addr) = LESSON.serve(&format!("serve --wrong-by={wrong_by}"))?;
        let asked = ask(addr, &["--samples", "3"])?.expect_code(0)?;
        let (offset, bound) = offset_and_bound(&asked.stdout);
        // Both read one clock; a microsecond is for rounding.
        assert!((offset - nanos).abs() <= bound + 1_000, "{wrong_by}: {}", asked.stdout);
        assert_eq!(asked.stdout.lines().count(), 1);
        let log: Vec<_> = asked.stderr.lines().collect();
        assert!(log.len() == 4 && log[0].starts_with("sample 1: "), "{}", asked.stderr);
        let own = match wrong_by {
            "-3s" => "the server admits that its clock may be off by 4 s",
            _ => "the server admits that its clock may be off by ",
        };
        assert!(log[3].starts_with(own), "{}", asked.stderr);
    }
    Ok(())
}

#[test]
fn the_sign_may_stand_apart_from_the_flag() -> Result<()> {
    let (server, _) = LESSON.serve("serve --wrong-by -3s")?;
    server.terminate()?;
    server.finish()?.expect_code(0)?;
    Ok(())
}

#[test]
fn hostile_datagrams_are_not_answered_and_harm_no_other() -> Result<()> {
    let (server, addr) = LESSON.serve("serve")?;
    let (rude, polite) = (socket()?, socket()?);
    let request = Packet { version: 4, mode: CLIENT, transmit: NtpTime(7), ..Packet::default() };
    for mode in [0, 1, 2, SERVER, 5, 6, 7] {
        rude.send_to(&Packet { mode, ..request }.to_bytes(), addr)?;
    }
    rude.send_to(&Packet { version: 5, ..request }.to_bytes(), addr)?;
    rude.send_to(&request.to_bytes()[..LENGTH - 1], addr)?;
    rude.send_to(&[], addr)?;
    rude.send_to(&vec![0xff; 60_000], addr)?;
    polite.send_to(&[&request.to_bytes()[..], &[0; 400]].concat(), addr)?;
    let mut buffer = [0; 2_000];
    let (length, from) = receive(&polite, &mut buffer)?;
    let reply = Packet::parse(&buffer[..length]).expect("a reply is a packet");
    assert_eq!((length, from), (LENGTH, addr));
    assert_eq!((reply.mode, reply.origin, reply.stratum), (SERVER, NtpTime(7), 10));
    assert!(reply.transmit.since(reply.receive) >= 0);
    // The server answers in order, so nothing for the other is still to come.
    rude.set_nonblocking(true)?;
    assert_eq!(rude.recv(&mut buffer).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    for line in [
        "dropped: mode 7, and a request has 3",
        "dropped: version 5, which is unknown",
        "dropped: 47 bytes, and a request has 48",
        "dropped: 0 bytes, and a request has 48",
    ] {
        assert_eq!(log.matches(line).count(), 1, "{log}");
    }
    assert_eq!(log.matches("answered").count(), 1, "{log}");
    Ok(())
}

#[test]
fn the_log_of_a_flood_has_a_limit() -> Result<()> {
    let (server, addr) = LESSON.serve("serve")?;
    let socket = socket()?;
    let request = Packet { version: 4, mode: CLIENT, ..Packet::default() }.to_bytes();
    for _ in 0..1_100 {
        socket.send_to(&request, addr)?;
        assert_eq!(receive(&socket, &mut [0; 100])?.0, LENGTH);
    }
    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    let lines: Vec<_> = log.lines().collect();
    assert_eq!((lines.len(), lines[1_000]), (1_001, "what follows is not logged"));
    Ok(())
}

#[test]
fn arguments_that_make_no_sense_exit_2() -> Result<()> {
    for args in [
        vec!["serve", "--wrong-by", "3"],
        vec!["serve", "--wrong-by", "--3s"],
        vec!["serve", "--wrong-by", ""],
        vec!["serve", "--wrong-by", "61years"],
        vec!["serve", "--wrong-by", "99999999999999999999s"],
        // Their sum is more than a Duration holds.
        vec!["serve", "--wrong-by", "18446744073709551615s 1000ms"],
        vec!["ask", "--timeout", "18446744073709551615s 1000ms"],
        vec!["ask", "--timeout", "1ms 1ms 1ms 1ms 1ms 1ms 1ms 1ms 1ms 1ms 1ms 1ms 1ms 1ms 1ms 1ms"],
        vec!["ask", "--samples", "0"],
        vec!["ask", "--samples", "17"],
        vec!["ask", "--timeout", "0s"],
        vec!["ask", "--timeout", "61s"],
        vec!["ask", "--timeout", "-1s"],
        vec!["ask", "127.0.0.1:123"],
    ] {
        LESSON.run(&args)?.expect_code(2)?;
    }
    Ok(())
}
