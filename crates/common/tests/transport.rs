//! Connections and servers on real sockets, with peers that are idle, slow, greedy, gone or too
//! many.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use common::frame::{FrameError, Framing};
use common::transport::{Connection, Deadline, Event, Limits, Running, Server, TransportError};

/// The longest wait for anything that is going to happen.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Short enough to wait for its end.
const MOMENT: Duration = Duration::from_millis(50);

fn soon() -> Deadline {
    Deadline::after(TEST_TIMEOUT)
}

fn limits(max_connections: usize, idle: Duration) -> Limits {
    Limits { max_message: 1024, max_connections, idle }
}

fn bind(limits: Limits) -> Server {
    // No test here waits for the end of the grace time, but for the one about it.
    Server::bind("127.0.0.1:0", limits).unwrap().with_grace(TEST_TIMEOUT)
}

/// A server that answers each request with its own bytes, and the errors of connections that
/// failed.
fn echo(limits: Limits) -> (Running, Receiver<String>) {
    let (failed, failures) = mpsc::channel();
    let server = bind(limits).on_event(move |_, event| {
        if let Event::Failed(error) = event {
            let _ = failed.send(error.to_string());
        }
    });
    let server = server.spawn(Framing::Frames, |request, reply| reply.extend(request));
    (server, failures)
}

fn connect(server: &Running) -> Connection {
    let addr = server.addr().to_string();
    Connection::connect(&addr, Framing::Frames, 1024, soon()).unwrap()
}

fn raw(server: &Running) -> TcpStream {
    let stream = TcpStream::connect(server.addr()).unwrap();
    stream.set_read_timeout(Some(TEST_TIMEOUT)).unwrap();
    stream
}

#[test]
fn requests_that_come_together_are_answered_in_order() {
    let (server, _) = echo(Limits::default());
    let mut stream = raw(&server);
    stream.write_all(b"\0\0\0\x03one\0\0\0\0\0\0\0\x05three").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut replies = Vec::new();
    stream.read_to_end(&mut replies).unwrap();
    assert_eq!(replies, b"\0\0\0\x03one\0\0\0\0\0\0\0\x05three");
}

#[test]
fn a_request_is_answered_whatever_follows_it() {
    let (server, failures) = echo(Limits::default());
    let mut stream = raw(&server);
    stream.write_all(b"\0\0\0\x05hello\xff\xff\xff\xff").unwrap();
    let mut reply = [0; 9];
    stream.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b"\0\0\0\x05hello");
    assert!(failures.recv_timeout(TEST_TIMEOUT).unwrap().contains("over the limit"));
}

#[test]
fn an_idle_client_loses_its_slot() {
    let (server, failures) = echo(limits(1, MOMENT));
    let mut idle = raw(&server);
    let deadline = soon();
    let is_answered = || {
        let mut client = connect(&server);
        let reply = client.exchange(b"next", deadline);
        reply.is_ok_and(|reply| reply == b"next")
    };
    // A client that the machine delays is taken for an idle one, and retries.
    while !is_answered() {
        assert!(deadline.remaining().is_some());
    }
    assert_eq!(
        failures.recv_timeout(TEST_TIMEOUT).unwrap(),
        "timed out while waiting for a message"
    );
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0);
}

#[test]
fn a_dripping_client_gets_no_more_time_than_an_idle_one() {
    let (server, failures) = echo(limits(1, MOMENT));
    let mut dripping = raw(&server);
    let drip = thread::spawn(move || {
        let tick = mpsc::channel::<()>();
        // A length of 1,000, then a byte at a time: each read of the server succeeds.
        let _ = dripping.write_all(&[0, 0, 3, 0xe8]);
        while dripping.write_all(b"x").is_ok() {
            let _ = tick.1.recv_timeout(MOMENT / 10);
        }
    });
    assert_eq!(
        failures.recv_timeout(TEST_TIMEOUT).unwrap(),
        "timed out while waiting for a message"
    );
    drip.join().unwrap();
}

#[test]
fn a_client_that_reads_no_answers_loses_its_slot() {
    let (failed, failures) = mpsc::channel();
    let server = bind(limits(1, 10 * MOMENT)).on_event(move |_, event| {
        if let Event::Failed(error) = event {
            let _ = failed.send(error.to_string());
        }
    });
    // One answer is more than all buffers hold, so the client need not keep up with anything.
    let server = server.spawn(Framing::Frames, |_, reply| reply.resize(32 << 20, 7));
    let deadline = soon();
    loop {
        let mut greedy = raw(&server);
        greedy.write_all(&[0, 0, 0, 0]).unwrap();
        let failure = failures.recv_timeout(TEST_TIMEOUT).unwrap();
        if failure == "timed out while sending a message" {
            break;
        }
        // One that the machine delays is taken for an idle one, and retries.
        assert_eq!(failure, "timed out while waiting for a message");
        assert!(deadline.remaining().is_some());
    }
}

#[test]
fn a_freed_slot_is_usable_at_once() {
    let (server, _) = echo(limits(2, TEST_TIMEOUT));
    let mut first = connect(&server);
    let mut second = connect(&server);
    first.exchange(b"1", soon()).unwrap();
    second.exchange(b"2", soon()).unwrap();

    let mut third = connect(&server);
    third.send(b"3", soon()).unwrap();
    let early = third.receive(Deadline::after(MOMENT));
    assert!(matches!(early, Err(TransportError::TimedOut { .. })));

    drop(first);
    assert_eq!(third.receive(soon()).unwrap(), Some(&b"3"[..]));
}

#[test]
fn an_invalid_message_ends_its_connection_and_no_other() {
    let (server, failures) = echo(Limits::default());
    let mut good = connect(&server);
    let mut hostile = raw(&server);
    hostile.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let failure = failures.recv_timeout(TEST_TIMEOUT).unwrap();
    assert_eq!(failure, "a message of 1195725856 bytes is over the limit of 65536");

    let mut gone = raw(&server);
    gone.write_all(&[0, 0]).unwrap();
    drop(gone);
    let failure = failures.recv_timeout(TEST_TIMEOUT).unwrap();
    assert_eq!(failure, "the stream ended inside a message, after 2 bytes of it");

    let resetting = socket2::Socket::from(raw(&server));
    resetting.send(&[0, 0]).unwrap();
    resetting.set_linger(Some(Duration::ZERO)).unwrap();
    drop(resetting);
    assert_eq!(failures.recv_timeout(TEST_TIMEOUT).unwrap(), "failed while waiting for a message");

    assert_eq!(good.exchange(b"still here", soon()).unwrap(), b"still here");
}

#[test]
fn stopping_waits_for_exchanges_and_wakes_idle_connections() {
    let inside = Arc::new(Barrier::new(2));
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let (entered, may_go_on) = (Arc::clone(&inside), std::sync::Mutex::new(may_go_on));
    let server = bind(limits(8, TEST_TIMEOUT)).spawn(Framing::Frames, move |_, reply| {
        entered.wait();
        may_go_on.lock().unwrap().recv().unwrap();
        reply.extend(b"done");
    });
    let mut idle = connect(&server);
    let mut busy = connect(&server);
    busy.send(b"work", soon()).unwrap();
    inside.wait();

    let (stopped, has_stopped) = mpsc::channel();
    thread::spawn(move || stopped.send(server.stop()));
    assert_eq!(idle.receive(soon()).unwrap(), None);
    assert!(has_stopped.try_recv().is_err(), "it must wait for the busy connection");
    go_on.send(()).unwrap();
    assert_eq!(busy.receive(soon()).unwrap(), Some(&b"done"[..]));
    has_stopped.recv_timeout(TEST_TIMEOUT).unwrap().unwrap();
}

#[test]
fn stopping_answers_what_was_read_and_cuts_no_answer() {
    let inside = Arc::new(Barrier::new(2));
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let (entered, may_go_on) = (Arc::clone(&inside), std::sync::Mutex::new(may_go_on));
    let server = bind(limits(8, TEST_TIMEOUT)).spawn(Framing::Lines, move |request, reply| {
        if request == b"first" {
            entered.wait();
            may_go_on.lock().unwrap().recv().unwrap();
        }
        // At most two answers are written at once: the others are still to be sent when the server
        // stops.
        reply.resize(40_000, request[0]);
    });
    let mut idle = raw(&server);
    let mut client = raw(&server);
    client.write_all(b"first\n2\n3\n4\n5\n").unwrap();
    inside.wait();
    // It lies unread in the server's socket when the connection closes.
    client.write_all(b"too late\n").unwrap();

    let stopping = thread::spawn(move || server.stop());
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0, "the server is stopping");
    go_on.send(()).unwrap();
    let mut answers = Vec::new();
    client.read_to_end(&mut answers).unwrap();
    assert_eq!(answers.len(), 5 * 40_001);
    stopping.join().unwrap().unwrap();
}

#[test]
fn stopping_inside_a_message_is_an_error_of_its_connection() {
    let (failed, failures) = mpsc::channel();
    let server = bind(Limits::default()).on_event(move |_, event| {
        if let Event::Failed(error) = event {
            let _ = failed.send(error.to_string());
        }
    });
    let stopper = server.stopper();
    let server = server.spawn(Framing::Lines, move |_, _| stopper.stop());
    let mut client = raw(&server);
    client.write_all(b"hello\nhell").unwrap();
    let failure = failures.recv_timeout(TEST_TIMEOUT).unwrap();
    assert_eq!(failure, "the stream ended inside a message, after 4 bytes of it");
}

#[test]
fn stopping_cuts_off_a_client_that_does_not_read() {
    let (failed, failures) = mpsc::channel();
    let server = bind(limits(8, Duration::from_secs(3_600))).with_grace(MOMENT);
    let server = server.on_event(move |_, event| {
        if let Event::Failed(error) = event {
            let _ = failed.send(error.to_string());
        }
    });
    let (answering, is_answering) = mpsc::channel();
    // One answer is more than all buffers hold.
    let server = server.spawn(Framing::Frames, move |_, reply| {
        reply.resize(32 << 20, 7);
        answering.send(()).unwrap();
    });
    let mut greedy = raw(&server);
    greedy.write_all(&[0, 0, 0, 0]).unwrap();
    is_answering.recv_timeout(TEST_TIMEOUT).unwrap();

    let (stopped, has_stopped) = mpsc::channel();
    thread::spawn(move || stopped.send(server.stop()));
    has_stopped.recv_timeout(TEST_TIMEOUT).unwrap().unwrap();
    let failure = failures.recv_timeout(TEST_TIMEOUT).unwrap();
    assert_eq!(failure, "failed while sending a message");
}

#[test]
fn a_client_that_comes_while_the_server_stops_is_refused() {
    let inside = Arc::new(Barrier::new(2));
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let (entered, may_go_on) = (Arc::clone(&inside), std::sync::Mutex::new(may_go_on));
    let server = bind(limits(8, TEST_TIMEOUT)).spawn(Framing::Lines, move |_, _| {
        entered.wait();
        may_go_on.lock().unwrap().recv().unwrap();
    });
    let addr = server.addr();
    let mut busy = raw(&server);
    busy.write_all(b"work\n").unwrap();
    inside.wait();
    let stopping = thread::spawn(move || server.stop());
    // The port closes soon after the stop; until then a connection is taken and dropped.
    let deadline = soon();
    while TcpStream::connect(addr).is_ok() {
        assert!(deadline.remaining().is_some(), "the port is still open");
        thread::yield_now();
    }
    go_on.send(()).unwrap();
    stopping.join().unwrap().unwrap();
}

#[test]
fn a_late_answer_is_not_taken_for_the_next_one() {
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    let server = bind(Limits::default()).spawn(Framing::Frames, move |request, reply| {
        may_go_on.lock().unwrap().recv().unwrap();
        reply.extend(request);
    });
    let mut client = connect(&server);
    assert!(client.exchange(b"alice", Deadline::after(MOMENT)).is_err());
    let bob = client.exchange(b"bob", soon()).map(<[u8]>::to_vec);
    assert!(matches!(bob, Err(TransportError::OutOfStep { .. })), "{bob:?}");
    go_on.send(()).unwrap();
    assert_eq!(client.receive(soon()).unwrap(), Some(&b"alice"[..]));
    go_on.send(()).unwrap();
    assert_eq!(client.exchange(b"bob", soon()).unwrap(), b"bob");
}

#[test]
fn nothing_is_sent_after_a_message_sent_in_part() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let mut client = Connection::connect(&addr, Framing::Frames, 1024, soon()).unwrap();
    let (_peer_that_never_reads, _) = listener.accept().unwrap();
    let large = vec![7; 32 << 20];
    assert!(client.send(&large, Deadline::after(MOMENT)).is_err());
    let next = client.send(b"next", soon());
    assert!(matches!(next, Err(TransportError::OutOfStep { .. })), "{next:?}");
}

#[test]
fn one_deadline_covers_a_whole_exchange() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let mut client = Connection::connect(&addr, Framing::Lines, 1024, soon()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let dripping = thread::spawn(move || {
        let tick = mpsc::channel::<()>();
        while server.write_all(b"x").is_ok() {
            let _ = tick.1.recv_timeout(MOMENT / 10);
        }
    });
    let reply = client.exchange(b"quick, please", Deadline::after(3 * MOMENT));
    assert!(matches!(reply, Err(TransportError::TimedOut { doing: "waiting for a reply" })));
    drop(client);
    dripping.join().unwrap();
}

/// The system's own timeout is reported once; a read that is retried finds the end of the stream.
#[cfg(target_os = "linux")]
#[test]
fn a_connection_the_system_gave_up_does_not_end_in_order() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (_peer_that_never_reads, _) = listener.accept().unwrap();
    socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(MOMENT)).unwrap();
    stream.set_nonblocking(true).unwrap();
    while (&stream).write(&[0; 65536]).is_ok() {}
    stream.set_nonblocking(false).unwrap();

    let mut given_up = Connection::from_stream(stream, Framing::Lines, 1024);
    let error = given_up.receive(soon()).unwrap_err();
    assert!(
        matches!(&error, TransportError::Io { .. }),
        "the system's timeout and not ours: {error:?}"
    );
    assert_eq!(error.kind(), Some(std::io::ErrorKind::TimedOut));
}

#[test]
fn a_shorter_deadline_does_not_shorten_a_longer_one() {
    let (server, _) = echo(Limits::default());
    let mut client = connect(&server);
    assert!(client.receive(Deadline::after(MOMENT)).is_err());
    assert_eq!(client.exchange(b"now", soon()).unwrap(), b"now");
}

#[test]
fn a_close_without_an_answer_is_not_a_cut_message() {
    let server = bind(Limits::default()).spawn_connections(Framing::Frames, |connection| {
        let cut = connection.receive(soon())? == Some(b"cut");
        if cut {
            let _ = (&mut connection.stream()).write_all(&[0, 0, 0, 9, 1]);
        }
        Ok(())
    });
    let closed = connect(&server).exchange(b"close", soon()).map(<[u8]>::to_vec);
    assert!(matches!(closed, Err(TransportError::Closed)));
    let cut = connect(&server).exchange(b"cut", soon()).map(<[u8]>::to_vec);
    let short = FrameError::CutShort { have: 5 };
    assert!(matches!(cut, Err(TransportError::Frame(error)) if error == short));
}

#[test]
fn errors_state_what_failed_and_why() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let describe = |error: &TransportError| match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    let error = Server::bind(&addr, Limits::default()).err().unwrap();
    assert_eq!(describe(&error), format!("cannot listen on {addr}: the port is in use"));

    drop(taken);
    let error = Connection::connect(&addr, Framing::Lines, 9, soon()).unwrap_err();
    assert_eq!(
        describe(&error),
        format!("cannot connect to {addr}: connection refused, nothing listens there")
    );

    // A name with an empty part is invalid, so that no resolver is asked for it that may be slow to
    // answer.
    for bad in ["127.0.0.1", "127.0.0.1:http:80", "nowhere..invalid:80", "127.0.0.1:65536"] {
        let error = Connection::connect(bad, Framing::Lines, 9, soon()).unwrap_err();
        let message = describe(&error);
        assert!(message.starts_with(&format!("cannot find the address of {bad}: ")), "{message}");
    }
}
