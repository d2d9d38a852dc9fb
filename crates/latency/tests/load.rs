//! The generator against servers that take notes, pause, close, drip, repeat and lie.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use common::frame::Framing;
use common::transport::TransportError;
use latency::load::{Loop, Measured, Plan, connect, run};
use latency::report::percentile;
use lesson_tests::Result;
use lesson_tests::process::TEST_TIMEOUT;

const MS: Duration = Duration::from_millis(1);

/// A plan whose requests time out only where that is what the test is about.
fn plan(kind: Loop, rate: u32, length: Duration) -> Plan {
    Plan::new(kind, rate, length, Duration::from_secs(60)).expect("a plan within the limits")
}

/// A server of one connection, which handles it in a thread; its result comes by the channel.
fn server<T: Send + 'static>(
    handle: impl FnOnce(&TcpStream) -> io::Result<T> + Send + 'static,
) -> Result<(SocketAddr, Receiver<io::Result<T>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (addr, (sender, result)) = (listener.local_addr()?, channel());
    thread::spawn(move || {
        let handled = listener.accept().and_then(|(stream, _)| {
            stream.set_nodelay(true)?;
            handle(&stream)
        });
        // A test that has failed no longer waits for it.
        let _ = sender.send(handled);
    });
    Ok((addr, result))
}

/// Runs the plan against such a server, and returns what both saw.
fn against<T: Send + 'static>(
    plan: &Plan,
    handle: impl FnOnce(&TcpStream) -> io::Result<T> + Send + 'static,
) -> Result<(Measured, T)> {
    let (addr, result) = server(handle)?;
    let measured = run(&connect(addr)?, plan);
    Ok((measured, result.recv_timeout(TEST_TIMEOUT)??))
}

fn requests(stream: &TcpStream) -> impl Iterator<Item = io::Result<String>> {
    BufReader::new(stream).lines()
}

/// Waits until that moment.
#[expect(clippy::disallowed_methods, reason = "a server that holds its answers for a given time")]
fn wait_until(moment: Instant) {
    while let Some(rest) = moment.checked_duration_since(Instant::now()).filter(|r| !r.is_zero()) {
        thread::park_timeout(rest);
    }
}

#[expect(clippy::disallowed_methods, reason = "the server's own notes of when")]
fn now() -> Instant {
    Instant::now()
}

/// How many requests have each outcome: answered, timed out, failed, not sent.
fn outcomes(measured: &Measured) -> [u64; 4] {
    let Measured { latencies, timed_out, failed, not_sent, .. } = measured;
    [latencies.len(), *timed_out, *failed, *not_sent]
}

#[test]
fn an_open_loop_sends_by_its_schedule_while_nothing_is_answered() -> Result<()> {
    const REQUESTS: usize = 300;
    let plan = plan(Loop::Open, 1_000, 300 * MS);
    let start = now();
    // The first answer comes when all requests have: a loop that waited for it would never end.
    let (measured, arrived) = against(&plan, |mut stream| {
        let mut arrived = Vec::new();
        for request in requests(stream).take(REQUESTS) {
            arrived.push((request?, now()));
        }
        for (request, _) in &arrived {
            stream.write_all(format!("{request}\n").as_bytes())?;
        }
        Ok(arrived)
    })?;
    assert_eq!(arrived.len() as u64, plan.requests());
    for ((request, at), nth) in arrived.into_iter().zip(0..) {
        assert_eq!(request, format!("{nth:08}"));
        assert!(at - start >= plan.due(nth), "{nth} came before it was due");
    }
    assert_eq!((outcomes(&measured), measured.sent), ([300, 0, 0, 0], 300));
    // Each had to wait until the last one was due.
    assert!(percentile(&measured.latencies, 500) >= 140 * MS);
    assert!(measured.rate <= 1_000.0, "{}", measured.rate);
    Ok(())
}

/// Answers the first 98 of 100 requests so much later than they are due, and the last two four
/// times as late. Returns when each was answered, counted from when it was due, the fastest first.
fn held(mut stream: &TcpStream, plan: Plan, hold: Duration) -> io::Result<Vec<Duration>> {
    let (sender, arrived) = channel();
    let reader = stream.try_clone()?;
    thread::spawn(move || {
        // Ends with the connection, or with the other side.
        for request in requests(&reader).map_while(io::Result::ok) {
            if sender.send((request, now())).is_err() {
                break;
            }
        }
    });
    let (mut start, mut answered) = (None::<Instant>, Vec::new());
    for nth in 0..100 {
        let arrival = arrived.recv_timeout(TEST_TIMEOUT);
        let (request, at): (String, Instant) = arrival.map_err(|_| io::ErrorKind::TimedOut)?;
        // No request is sent before it is due, so the earliest shows best when the run began.
        let begun = at - plan.due(nth);
        let start = start.insert(start.map_or(begun, |start| start.min(begun)));
        wait_until(*start + plan.due(nth) + if nth < 98 { hold } else { 4 * hold });
        answered.push(now() - plan.due(nth));
        stream.write_all(format!("{request}\n").as_bytes())?;
    }
    let start = start.ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut took: Vec<_> = answered.into_iter().map(|answered| answered - start).collect();
    took.sort_unstable();
    Ok(took)
}

/// What passes between the server's notes and ours is the system's doing. It does not grow with
/// the time for which the server holds its answers, so for long enough times it is less than the
/// histogram can distinguish.
#[test]
fn percentiles_agree_with_the_notes_of_the_server() -> Result<()> {
    let mut hold = 50 * MS;
    loop {
        // Three digits, as in the histogram; two where a machine stays busy for so long.
        let precision = if hold < 800 * MS { 1_000 } else { 100 };
        let plan = plan(Loop::Open, 1_000, 100 * MS);
        let (measured, took) = against(&plan, move |stream| held(stream, plan, hold))?;
        assert_eq!(outcomes(&measured), [100, 0, 0, 0]);
        let agree = [(500, 49), (990, 98)].map(|(tenths, rank): (u64, usize)| {
            let (ours, theirs) = (percentile(&measured.latencies, tenths), took[rank]);
            // The server answers before we read it; a histogram rounds up.
            assert!(ours >= theirs, "{tenths}: {ours:?} {theirs:?}");
            let [ours, theirs] = [ours, theirs].map(|time| time.as_nanos() as u64);
            measured.latencies.lowest_equivalent(ours) <= theirs + theirs / precision
        });
        if agree == [true; 2] {
            return Ok(());
        }
        hold *= 2;
        assert!(hold < Duration::from_secs(7), "{:?}", measured.latencies);
    }
}

const PAUSE: Duration = Duration::from_millis(200);

/// An echo that pauses once, before it answers the 50th request.
fn pausing(mut stream: &TcpStream) -> io::Result<()> {
    for (request, nth) in requests(stream).zip(0..) {
        // The client may be done.
        let Ok(request) = request else { break };
        if nth == 50 {
            wait_until(now() + PAUSE);
        }
        if stream.write_all(format!("{request}\n").as_bytes()).is_err() {
            break;
        }
    }
    Ok(())
}

#[test]
fn a_pause_shows_in_p99_of_an_open_loop_and_not_of_a_closed_one() -> Result<()> {
    let (open, ()) = against(&plan(Loop::Open, 1_000, 1_000 * MS), pausing)?;
    assert_eq!(outcomes(&open), [1_000, 0, 0, 0]);
    // A hundred requests are due in the first half of the pause.
    assert!(percentile(&open.latencies, 900) >= PAUSE / 2);
    assert!(percentile(&open.latencies, 990) >= PAUSE / 2);

    // One of a closed loop's requests meets the pause, and p99 needs a hundred others. A machine
    // that is slow for a while makes fewer of them, so then they get more time.
    let mut length = 1_000 * MS;
    loop {
        let (closed, ()) = against(&plan(Loop::Closed, 1_000, length), pausing)?;
        let met = closed.latencies.count_between(PAUSE.as_nanos() as u64, u64::MAX);
        assert!(met >= 1, "the pause was longer than that");
        assert_eq!(closed.sent, closed.latencies.len());
        if percentile(&closed.latencies, 990) < PAUSE / 2 {
            return Ok(());
        }
        length *= 2;
        assert!(length < Duration::from_secs(30), "{:?}", closed.latencies);
    }
}

#[test]
fn a_closed_loop_sends_nothing_before_the_answer() -> Result<()> {
    let (measured, most) = against(&plan(Loop::Closed, 1_000_000, 50 * MS), |mut stream| {
        let (mut reader, mut most, mut line) = (BufReader::new(stream), 0, String::new());
        // Ends with the connection.
        while reader.read_line(&mut line).is_ok_and(|length| length > 0) {
            most = most.max(1 + reader.buffer().len());
            if stream.write_all(line.as_bytes()).is_err() {
                break;
            }
            line.clear();
        }
        Ok(most)
    })?;
    assert_eq!(most, 1, "bytes of the next request were there");
    assert_eq!((measured.timed_out, measured.not_sent), (0, 0));
    Ok(())
}

#[test]
fn a_closed_loop_is_not_faster_than_its_rate() -> Result<()> {
    // Too short for the pause of the server, which would hide it.
    let (measured, ()) = against(&plan(Loop::Closed, 1_000, 40 * MS), pausing)?;
    assert!(measured.sent >= 1 && measured.rate <= 1_000.0, "{measured:?}");
    // One and a half intervals are one request, though another would be due before the end.
    let (measured, ()) = against(&plan(Loop::Closed, 15, 100 * MS), pausing)?;
    assert_eq!(outcomes(&measured), [1, 0, 0, 0]);
    Ok(())
}

#[test]
fn a_server_that_never_answers_costs_a_timeout() -> Result<()> {
    for kind in [Loop::Open, Loop::Closed] {
        let plan = Plan::new(kind, 100, 50 * MS, 30 * MS)?;
        let (measured, count) = against(&plan, |stream| Ok(requests(stream).flatten().count()))?;
        let [answered, timed_out, failed, not_sent] = outcomes(&measured);
        assert_eq!([answered, timed_out, failed], [0, count as u64, 0], "{kind:?}");
        assert!(measured.ended_by.is_none() && timed_out >= 1);
        if kind == Loop::Open {
            // A machine may be so busy that a request is not sent until the end.
            assert_eq!(timed_out + not_sent, 5);
        }
    }
    Ok(())
}

#[test]
fn an_answer_after_the_timeout_is_none() -> Result<()> {
    let plan = Plan::new(Loop::Closed, 1_000, 100 * MS, 20 * MS)?;
    // Each answer comes with the next request, so it is late and for another one.
    let (measured, ()) = against(&plan, |mut stream| {
        let mut last = String::new();
        for request in requests(stream) {
            let Ok(request) = request else { break };
            if !last.is_empty() && stream.write_all(format!("{last}\n").as_bytes()).is_err() {
                break;
            }
            last = request;
        }
        Ok(())
    })?;
    assert_eq!((measured.latencies.len(), measured.duplicates), (0, 0));
    assert_eq!(measured.timed_out, measured.sent);
    Ok(())
}

#[test]
fn duplicates_and_strange_messages_are_counted_apart() -> Result<()> {
    let (measured, ()) = against(&plan(Loop::Open, 1_000, 100 * MS), |mut stream| {
        // Greetings, and an answer to a request that is never sent.
        stream.write_all(b"welcome\n\n\xff\n99999999\n")?;
        for request in requests(stream).take(100) {
            let request = request?;
            let twice = format!("{request}\nagain: {request}\n");
            // After the last one the client may have gone.
            if stream.write_all(twice.as_bytes()).is_err() {
                break;
            }
        }
        Ok(())
    })?;
    assert_eq!(outcomes(&measured), [100, 0, 0, 0]);
    assert_eq!(measured.unexpected, 4);
    // The run ends with the last first answer; its copy may come with it or too late.
    assert!((99..=100).contains(&measured.duplicates), "{measured:?}");
    Ok(())
}

#[test]
fn a_server_that_closes_ends_the_run() -> Result<()> {
    for kind in [Loop::Open, Loop::Closed] {
        let (measured, ()) = against(&plan(kind, 100, 10_000 * MS), |mut stream| {
            for request in requests(stream).take(5) {
                stream.write_all(format!("{}\n", request?).as_bytes())?;
            }
            Ok(())
        })?;
        // Requests that were in flight may turn its close into a reset.
        let ended = measured.ended_by.as_ref();
        assert!(matches!(ended, Some(TransportError::Closed | TransportError::Io { .. })));
        let [answered, timed_out, failed, not_sent] = outcomes(&measured);
        assert!(answered <= 5 && timed_out == 0 && not_sent > 0, "{measured:?}");
        assert_eq!(answered + failed + not_sent, 1_000);
    }
    Ok(())
}

#[test]
fn a_drip_is_read_as_it_comes() -> Result<()> {
    let (measured, ()) = against(&plan(Loop::Open, 1_000, 20 * MS), |mut stream| {
        for request in requests(stream).take(20) {
            for byte in format!("Echo: {}\n", request?).bytes() {
                stream.write_all(&[byte])?;
            }
        }
        Ok(())
    })?;
    assert_eq!((outcomes(&measured), measured.unexpected), ([20, 0, 0, 0], 0));
    Ok(())
}

#[test]
fn a_line_without_end_is_an_error_and_not_memory() -> Result<()> {
    let (measured, ()) = against(&plan(Loop::Open, 100, 100 * MS), |mut stream| {
        while stream.write_all(&[b'x'; 1024]).is_ok() {}
        Ok(())
    })?;
    assert!(matches!(measured.ended_by, Some(TransportError::Frame(_))), "{measured:?}");
    Ok(())
}

#[test]
fn a_server_that_reads_nothing_leaves_requests_unsent() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    // Its system takes little for it.
    socket2::SockRef::from(&listener).set_recv_buffer_size(4096)?;
    let stream = connect(listener.local_addr()?)?;
    socket2::SockRef::from(&stream).set_send_buffer_size(4096)?;
    let plan = Plan::new(Loop::Open, 100_000, 500 * MS, 100 * MS)?;
    let measured = run(&stream, &plan);
    let [answered, timed_out, failed, not_sent] = outcomes(&measured);
    assert_eq!([answered, failed], [0, 0]);
    assert_eq!(timed_out + not_sent, plan.requests());
    assert!(not_sent > 0 && measured.ended_by.is_none(), "{measured:?}");
    // What was sent, in half a second.
    assert!(measured.rate <= 2.0 * measured.sent as f64, "{measured:?}");
    Ok(())
}

/// Of what did not fit into the connection, too.
#[test]
fn a_latency_counts_from_when_its_request_was_due() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    socket2::SockRef::from(&listener).set_recv_buffer_size(4096)?;
    let stream = connect(listener.local_addr()?)?;
    socket2::SockRef::from(&stream).set_send_buffer_size(4096)?;
    let plan = plan(Loop::Open, 100_000, 300 * MS);
    let measured = thread::scope(|scope| {
        let server = scope.spawn(move || -> io::Result<()> {
            let (mut stream, _) = listener.accept()?;
            // The first request is there, and no sooner than the run began.
            stream.peek(&mut [0])?;
            wait_until(now() + 300 * MS);
            io::copy(&mut stream.try_clone()?, &mut stream)?;
            Ok(())
        });
        let measured = run(&stream, &plan);
        // Its last copy may meet a client that has gone.
        drop(server.join());
        measured
    });
    assert_eq!(outcomes(&measured), [30_000, 0, 0, 0]);
    // What was due in the first 100 ms.
    let slow = measured.latencies.count_between(200_000_000, u64::MAX);
    assert!(slow >= 10_000, "{slow}");
    // It was sent late, since the connection was full.
    assert!(percentile(&measured.lateness, 500) > 50 * MS, "{:?}", measured.lateness);
    Ok(())
}

#[test]
fn frames_are_sent_where_they_are_asked_for() -> Result<()> {
    let server = common::transport::Server::bind("127.0.0.1:0", Default::default())?;
    let server = server.spawn(Framing::Frames, |request, reply| reply.extend_from_slice(request));
    let mut plan = plan(Loop::Open, 1_000, 50 * MS);
    plan.framing = Framing::Frames;
    let measured = run(&connect(server.addr())?, &plan);
    assert_eq!(outcomes(&measured), [50, 0, 0, 0]);
    Ok(())
}

#[test]
fn a_closed_loop_into_a_full_connection_ends_in_time() -> Result<()> {
    // The server reads nothing.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut stream = connect(listener.local_addr()?)?;
    stream.set_write_timeout(Some(100 * MS))?;
    while stream.write(&[b'x'; 65_536]).is_ok() {}
    // Where no thousand bytes have room, a few may have.
    while stream.write(b"x").is_ok() {}
    let plan = Plan::new(Loop::Closed, 1_000, 10_000 * MS, MS)?;
    let start = now();
    let measured = run(&stream, &plan);
    assert!(start.elapsed() < TEST_TIMEOUT, "{:?}", start.elapsed());
    let [answered, timed_out, failed, not_sent] = outcomes(&measured);
    assert_eq!([answered, timed_out + failed], [0, measured.sent]);
    match &measured.ended_by {
        Some(TransportError::TimedOut { .. }) => assert_eq!((failed, not_sent > 0), (1, true)),
        ended_by => panic!("{ended_by:?}"),
    }
    Ok(())
}

/// They are read all the same, so that the connection does not fill with them.
#[test]
fn a_closed_loop_takes_answers_that_come_too_late() -> Result<()> {
    let plan = Plan::new(Loop::Closed, 1_000_000, 300 * MS, Duration::from_nanos(1))?;
    let (measured, ()) = against(&plan, pausing)?;
    assert!(measured.ended_by.is_none(), "{measured:?}");
    assert_eq!(outcomes(&measured), [0, measured.sent, 0, 0]);
    Ok(())
}

/// The time in which the last answer is awaited is not time in which requests were sent.
#[test]
fn a_rate_is_that_of_sending() -> Result<()> {
    for kind in [Loop::Open, Loop::Closed] {
        let plan = Plan::new(kind, 100, 10 * MS, 2_000 * MS)?;
        let (measured, count) = against(&plan, |stream| Ok(requests(stream).flatten().count()))?;
        assert_eq!((count, measured.sent), (1, 1));
        assert!(measured.rate > 0.5, "{kind:?}: {}", measured.rate);
    }
    Ok(())
}

/// An answer that comes late makes the next request late, but sends none after the end.
#[test]
fn a_closed_loop_sends_nothing_after_its_end() -> Result<()> {
    let plan = plan(Loop::Closed, 2, 1_600 * MS);
    let (measured, ()) = against(&plan, |mut stream| {
        for (request, nth) in requests(stream).zip(0..) {
            // Then the second is sent at 1.2 s at the earliest, and the third would be at 1.7.
            if nth == 0 {
                wait_until(now() + 1_200 * MS);
            }
            stream.write_all(format!("{}\n", request?).as_bytes())?;
        }
        Ok(())
    })?;
    assert!((1..=2).contains(&measured.sent), "{measured:?}");
    assert_eq!(measured.latencies.len(), measured.sent);
    Ok(())
}

/// Even a run that is over before a thread gets its turn.
#[test]
fn the_shortest_run_sends_its_request() -> Result<()> {
    for kind in [Loop::Open, Loop::Closed] {
        let plan = plan(kind, 1_000_000, Duration::from_micros(1));
        let (measured, count) = against(&plan, |mut stream| {
            let mut count = 0;
            for request in requests(stream) {
                count += 1;
                stream.write_all(format!("{}\n", request?).as_bytes())?;
            }
            Ok(count)
        })?;
        assert_eq!((outcomes(&measured), count), ([1, 0, 0, 0], 1), "{kind:?}");
    }
    Ok(())
}
