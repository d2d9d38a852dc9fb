//! A client whose server is not there, is broken, or lies.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::transport::{Deadline, free_addrs};
use lesson_tests::Result;
use lesson_tests::process::{Finished, Process, TEST_TIMEOUT};
use wall_clocks::packet::{CLIENT, LENGTH, NtpTime, Packet, SERVER, Short};

use super::{LESSON, offset_and_bound, receive, socket};

/// The next request at this socket, and who sent it. What else comes is for a program that had this
/// port before.
fn request(server: &UdpSocket) -> Result<(Packet, SocketAddr)> {
    loop {
        let mut buffer = [0; 100];
        let (length, from) = receive(server, &mut buffer)?;
        match Packet::parse(&buffer[..length]) {
            Some(packet) if packet.mode == CLIENT && length == LENGTH => return Ok((packet, from)),
            _ => {}
        }
    }
}

/// A reply that is right but for what a test changes: this second, by a server that is ten seconds
/// ahead.
fn reply(request: &Packet) -> Packet {
    let time = NtpTime(request.transmit.0.wrapping_add(10 << 32));
    Packet {
        version: 4,
        mode: SERVER,
        stratum: 2,
        origin: request.transmit,
        receive: time,
        transmit: time,
        ..Packet::default()
    }
}

/// Runs `ask` for one sample against a server that sends what `answers` makes of the request.
fn asked(answers: impl Fn(&Packet) -> Vec<Vec<u8>>, timeout: &str) -> Result<Finished> {
    let server = socket()?;
    let addr = server.local_addr()?.to_string();
    let args = ["ask", "--to", &addr, "--samples", "1", "--timeout", timeout];
    let client = Process::start(LESSON.command(args))?;
    let (request, from) = request(&server)?;
    for answer in answers(&request) {
        server.send_to(&answer, from)?;
    }
    client.finish()
}

fn asked_one(change: impl Fn(Packet) -> Packet) -> Result<Finished> {
    asked(|request| vec![change(reply(request)).to_bytes().to_vec()], "20s")
}

fn first_line(failed: &Finished) -> &str {
    failed.stderr.lines().next().unwrap_or_default()
}

#[test]
fn a_good_reply_is_taken() -> Result<()> {
    // In seconds and parts of 2^16: half of the delay counts.
    let [root_delay, root_dispersion] = [Short(4 << 16), Short(1 << 16)];
    let asked = asked_one(|reply| Packet { root_delay, root_dispersion, ..reply })?;
    let asked = asked.expect_code(0)?;
    let (offset, bound) = offset_and_bound(&asked.stdout);
    assert!((offset - 10_000_000_000).abs() <= bound + 1_000, "{offset} {bound}");
    assert!(asked.stderr.ends_with("admits that its clock may be off by 3 s\n"), "{asked:?}");
    Ok(())
}

#[test]
fn what_is_no_reply_to_this_request_is_passed_over() -> Result<()> {
    let answers = |request: &Packet| {
        let good = reply(request);
        let other = NtpTime(request.transmit.0.wrapping_sub(1));
        let late = Packet { origin: other, transmit: NtpTime(1), ..good };
        vec![
            vec![],
            good.to_bytes()[..LENGTH - 1].to_vec(),
            late.to_bytes().to_vec(),
            Packet { origin: NtpTime(0), ..late }.to_bytes().to_vec(),
            request.to_bytes().to_vec(),
            vec![0xff; 9_000],
            good.to_bytes().to_vec(),
            // A copy, which the client does not await.
            good.to_bytes().to_vec(),
        ]
    };
    let (offset, bound) = offset_and_bound(&asked(answers, "20s")?.expect_code(0)?.stdout);
    assert!((offset - 10_000_000_000).abs() <= bound + 1_000, "{offset} {bound}");
    Ok(())
}

#[test]
fn a_copy_of_a_reply_is_not_the_next_reply() -> Result<()> {
    let server = socket()?;
    let addr = server.local_addr()?.to_string();
    let args = ["ask", "--to", &addr, "--samples", "2", "--timeout", "20s"];
    let client = Process::start(LESSON.command(args))?;
    let (first, from) = request(&server)?;
    // Twice: the copy waits at the client when it sends its second request.
    for _ in 0..2 {
        server.send_to(&reply(&first).to_bytes(), from)?;
    }
    let (second, from) = request(&server)?;
    let better = NtpTime(second.transmit.0.wrapping_add(20 << 32));
    let second = Packet { receive: better, transmit: better, ..reply(&second) };
    server.send_to(&second.to_bytes(), from)?;
    let finished = client.finish()?.expect_code(0)?;
    let lines: Vec<_> = finished.stderr.lines().collect();
    // Less than that by half of the round trip, which a busy machine makes longer.
    let ahead = |line: &str| {
        let seconds = line.split_whitespace().nth(4).and_then(|word| word.split('.').next());
        seconds.and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
    };
    assert!((1..=10).contains(&ahead(lines[0])), "{lines:?}");
    assert!((11..=20).contains(&ahead(lines[1])), "{lines:?}");
    Ok(())
}

#[test]
fn a_server_that_is_idle_or_drips_is_given_up() -> Result<()> {
    let failed = asked(|_| vec![], "50ms")?.expect_code(1)?;
    assert!(failed.stderr.contains(" within 50 ms\n       is it a server of NTP?"), "{failed:?}");

    // One byte after the other, without an end: the deadline is for all of them.
    let server = socket()?;
    let addr = server.local_addr()?.to_string();
    let args = ["ask", "--to", &addr, "--samples", "1", "--timeout", "200ms"];
    let client = Process::start(LESSON.command(args))?;
    let (request, from) = request(&server)?;
    let (bytes, is_over) = (reply(&request).to_bytes(), AtomicBool::new(false));
    let failed = thread::scope(|scope| {
        scope.spawn(|| {
            let deadline = Deadline::after(TEST_TIMEOUT);
            for byte in bytes.iter().cycle() {
                // The client's port is closed once it has given up.
                let _ = server.send_to(&[*byte], from);
                if is_over.load(Ordering::Relaxed) || !deadline.pause() {
                    break;
                }
            }
        });
        let finished = client.finish();
        is_over.store(true, Ordering::Relaxed);
        finished
    })?;
    let failed = failed.expect_code(1)?;
    assert!(first_line(&failed).contains("within 200 ms, but "), "{failed:?}");
    Ok(())
}

#[test]
fn a_server_without_the_time_is_an_error_with_a_next_step() -> Result<()> {
    let kiss = asked_one(|reply| Packet { stratum: 0, reference_id: *b"RATE", ..reply })?;
    let kiss = kiss.expect_code(1)?;
    assert!(first_line(&kiss).ends_with(" refuses, with the code RATE"), "{kiss:?}");
    assert!(kiss.stderr.ends_with("\n       ask less often, or ask another server\n"));
    for change in [(|reply| Packet { leap: 3, ..reply }) as fn(Packet) -> Packet, |reply| Packet {
        stratum: 16,
        ..reply
    }] {
        let unset = asked_one(change)?.expect_code(1)?;
        assert!(first_line(&unset).contains(" is not set: its "), "{unset:?}");
        assert_eq!((unset.stdout.as_str(), unset.stderr.lines().count()), ("", 2));
    }
    Ok(())
}

#[test]
fn a_server_that_refuses_is_not_asked_again() -> Result<()> {
    let kiss = |request: &Packet| Packet { stratum: 0, reference_id: *b"DENY", ..reply(request) };
    for samples_first in [0, 1] {
        let server = socket()?;
        let addr = server.local_addr()?.to_string();
        let args = ["ask", "--to", &addr, "--samples", "5", "--timeout", "20s"];
        let client = Process::start(LESSON.command(args))?;
        for _ in 0..samples_first {
            let (request, from) = request(&server)?;
            server.send_to(&reply(&request).to_bytes(), from)?;
        }
        let (request, from) = request(&server)?;
        server.send_to(&kiss(&request).to_bytes(), from)?;
        // It ends long before the timeout of another request.
        let finished = client.finish()?.expect_code(1 - samples_first)?;
        let refused = format!("{addr} refuses, with the code DENY");
        assert_eq!(finished.stderr.matches(&refused).count(), 1, "{finished:?}");
        let requests = finished.stderr.matches("sample ").count();
        assert_eq!(requests, 2 * samples_first as usize, "{finished:?}");
    }
    Ok(())
}

#[test]
fn timestamps_of_no_exchange_are_refused() -> Result<()> {
    let back = asked_one(|reply| Packet {
        transmit: NtpTime(reply.transmit.0.wrapping_sub(1 << 32)),
        ..reply
    });
    let back = back?.expect_code(1)?;
    assert!(first_line(&back).ends_with("it answered before it was asked"), "{back:?}");
    let long = asked_one(|reply| Packet {
        transmit: NtpTime(reply.transmit.0.wrapping_add(99 << 32)),
        ..reply
    });
    let long = long?.expect_code(1)?;
    assert!(first_line(&long).ends_with("than the answer took to come"), "{long:?}");
    Ok(())
}

#[test]
fn a_reply_from_another_address_is_not_taken() -> Result<()> {
    let server = socket()?;
    let addr = server.local_addr()?.to_string();
    let args = ["ask", "--to", &addr, "--samples", "1", "--timeout", "20s"];
    let client = Process::start(LESSON.command(args))?;
    let (request, from) = request(&server)?;
    let lie = Packet { stratum: 0, reference_id: *b"DENY", ..reply(&request) };
    socket()?.send_to(&lie.to_bytes(), from)?;
    server.send_to(&reply(&request).to_bytes(), from)?;
    client.finish()?.expect_code(0)?;
    Ok(())
}

#[test]
fn a_missing_server_and_a_missing_name_are_clear() -> Result<()> {
    let addr = free_addrs(1)?.remove(0);
    let failed = LESSON.run(["ask", "--to", &addr, "--timeout", "100ms"])?.expect_code(1)?;
    if cfg!(target_os = "linux") {
        let error = format!(
            "error: {addr} refuses datagrams: no program has that port\n       \
             start the server first, in another terminal\n"
        );
        assert!(failed.stderr.ends_with(&error), "{}", failed.stderr);
    }
    assert_eq!(failed.stdout, "");
    for to in ["nowhere..invalid:1", "127.0.0.1"] {
        let failed = LESSON.run(["ask", "--to", to])?.expect_code(1)?;
        let error = format!("error: cannot find the address of {to}: ");
        assert!(failed.stderr.starts_with(&error), "{}", failed.stderr);
    }
    Ok(())
}
