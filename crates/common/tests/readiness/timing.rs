//! Deadlines, and how a loop wakes and ends.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::frame::Framing;
use common::readiness::ConnectionId;
use common::transport::{Deadline, Limits, TransportError};

use super::{Echo, LARGE, MOMENT, TEST_TIMEOUT, frame, limits, soon};

const SILENT: &str = "timed out while waiting for a message";

#[test]
fn a_silent_peer_times_out() {
    let mut echo = Echo::with(Framing::Frames, limits(10, MOMENT));
    let (mut silent, id) = echo.accept();
    assert_eq!(echo.end_of(id), SILENT);
    assert_eq!(silent.read(&mut [0; 1]).unwrap(), 0);
    assert!(echo.sockets.is_empty());
}

#[test]
fn a_dripping_peer_gets_no_more_time() {
    let limits = Limits { max_message: usize::MAX, max_connections: 10, idle: MOMENT };
    let mut echo = Echo::with(Framing::Frames, limits);
    let (mut dripping, id) = echo.accept();
    dripping.write_all(&[0xff; 4]).unwrap();
    let deadline = soon();
    while echo.ends.is_empty() {
        dripping.write_all(b"x").unwrap();
        echo.turn(deadline.remaining().expect("it ends in time"));
    }
    assert_eq!(echo.ends, [(id, SILENT.to_owned())]);
}

#[test]
fn a_peer_that_does_not_read_times_out() {
    let mut echo = Echo::with(Framing::Frames, limits(10, MOMENT));
    let (client, id) = unread(&mut echo);
    assert_eq!(echo.end_of(id), "timed out while sending");
    drop(client);
}

#[test]
fn each_message_moves_the_deadline() {
    let mut echo = Echo::with(Framing::Frames, limits(10, 4 * MOMENT));
    let (mut client, id) = echo.accept();
    let long = Deadline::after(8 * MOMENT);
    while long.remaining().is_some() && echo.ends.is_empty() {
        client.write_all(&frame(b"hello")).unwrap();
        echo.answers(&mut client, &frame(b"hello"));
    }
    assert_eq!(echo.end_of(id), SILENT, "it ends when nothing more comes");
    assert!(long.remaining().is_none(), "it ended though messages came");
}

#[test]
fn a_message_that_came_while_the_loop_was_busy_is_not_late() {
    let mut echo = Echo::with(Framing::Frames, limits(10, MOMENT));
    let (mut client, _) = echo.accept();
    client.write_all(&frame(b"in time")).unwrap();
    let busy = Deadline::after(2 * MOMENT);
    while busy.pause() {}
    echo.answers(&mut client, &frame(b"in time"));
}

#[test]
fn a_timeout_can_be_made_shorter() {
    let mut echo = Echo::with(Framing::Frames, limits(10, Duration::MAX));
    let (_client, id) = echo.accept();
    echo.sockets.set_timeout(id, MOMENT);
    assert_eq!(echo.end_of(id), SILENT);
}

#[test]
fn a_timeout_can_be_made_longer() {
    let mut echo = Echo::with(Framing::Frames, limits(10, MOMENT));
    let (mut kept, id) = echo.accept();
    echo.sockets.set_timeout(id, Duration::MAX);
    // Accepted later, so that its first deadline is the later one, too.
    let (_dropped, other) = echo.accept();
    assert_eq!(echo.end_of(other), SILENT);
    kept.write_all(&frame(b"hello")).unwrap();
    echo.answers(&mut kept, &frame(b"hello"));
}

#[test]
fn a_wait_that_was_woken_finds_nothing_ready() {
    let mut echo = Echo::frames();
    let (_client, id) = echo.accept();
    echo.settle();
    let (turns, stopper) = (echo.turns.len(), echo.sockets.stopper());
    stopper.wake();
    echo.turn(TEST_TIMEOUT);
    assert_eq!((echo.turns.len(), echo.accepted.len()), (turns, 1));
    // And a read for no reason returns nothing.
    echo.read(id);
    assert_eq!((echo.messages, echo.ends.len()), (0, 0));
}

#[test]
fn stop_ends_a_wait_in_another_thread() {
    let mut echo = Echo::frames();
    let (stopper, (ended, ends)) = (echo.sockets.stopper(), mpsc::channel());
    thread::spawn(move || {
        while echo.sockets.wait(None).unwrap() {}
        ended.send(()).unwrap();
    });
    stopper.stop();
    ends.recv_timeout(TEST_TIMEOUT).unwrap();
}

#[test]
fn drain_delivers_what_is_unsent_and_closes() {
    let mut echo = Echo::frames();
    let (mut client, _) = unread(&mut echo);
    let (mut idle, _) = echo.accept();
    let addr = echo.sockets.local_addr();
    let draining = thread::spawn(move || echo.sockets.drain(10 * TEST_TIMEOUT, |_, _| {}));
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0);
    // It drains, and accepts no more.
    TcpStream::connect(addr).unwrap_err();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert_eq!(answer.len(), frame(&[7; LARGE]).len());
    draining.join().unwrap().unwrap();
}

#[test]
fn drain_ends_though_a_peer_never_reads() {
    let mut echo = Echo::frames();
    let (client, _) = unread(&mut echo);
    let (ended, ends) = mpsc::channel();
    thread::spawn(move || ended.send(echo.sockets.drain(MOMENT, |_, _| {}).is_ok()));
    assert!(ends.recv_timeout(TEST_TIMEOUT).unwrap());
    drop(client);
}

#[test]
fn drain_reports_how_each_connection_ends() {
    let mut echo = Echo::frames();
    let (idle, (mut half, _), full) = (echo.accept(), echo.accept(), unread(&mut echo));
    half.write_all(&[frame(b"hello"), b"\0\0\0\x09hel".to_vec()].concat()).unwrap();
    echo.until(|echo| echo.messages == 1);
    // Its messages have come, and the second is not asked for.
    let (mut broken_off, _) = echo.accept();
    echo.settle();
    broken_off.write_all(&frame(b"hello").repeat(2)).unwrap();
    while echo.sockets.next_ready().is_none() {
        assert!(echo.sockets.wait(Some(TEST_TIMEOUT)).unwrap());
    }
    let id = *echo.accepted.last().unwrap();
    assert!(echo.sockets.read(id, |_, _| ControlFlow::Break(())).unwrap().is_open());

    let (accepted, mut ends) = (echo.accepted, BTreeMap::new());
    let record = |id, end: Result<(), TransportError>| {
        let end = end.map_or_else(|error| error.to_string(), |()| "closed".to_owned());
        assert_eq!(ends.insert(id, end), None);
    };
    echo.sockets.drain(MOMENT, record).unwrap();
    let ends: Vec<_> = accepted.iter().map(|id| &ends[id][..]).collect();
    let cut = "the stream ended inside a message, after 7 bytes of it";
    assert_eq!(ends, ["closed", cut, "timed out while sending", "closed"]);
    drop((idle, full));
}

/// A connection with a large message unsent, which the client does not read yet.
fn unread(echo: &mut Echo) -> (TcpStream, ConnectionId) {
    let (client, id) = echo.accept();
    echo.sockets.send(id, &[7; LARGE]);
    echo.sockets.flush();
    assert!(echo.sockets.unsent(id) > 0);
    (client, id)
}
