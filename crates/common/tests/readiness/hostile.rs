//! Peers that flood, never read, or are too many.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::ops::ControlFlow;
use std::thread;
use std::time::Duration;

use common::frame::Framing;
use common::readiness::TURN;
use common::transport::Deadline;
use socket2::SockRef;

use super::{Echo, TEST_TIMEOUT, frame, limits, soon, write_what_fits};

/// More than the answers of one turn: the last of them may stand beyond it.
const MOST_UNSENT: usize = TURN + 1024;

#[test]
fn a_peer_that_never_reads_takes_one_turn_of_memory() {
    let mut echo = Echo::frames();
    let (mut greedy, id) = echo.accept();
    let bytes = frame(&[7; 996]);
    let (mut written, deadline) = (0, soon());
    // Until all buffers are full: the loop is idle, and the client can write nothing.
    loop {
        assert!(deadline.remaining().is_some(), "{written} bytes, and it still takes more");
        let (before, turns) = (written, echo.turns.len());
        written = write_what_fits(&mut greedy, &bytes, written);
        echo.turn(super::MOMENT);
        assert!(echo.sockets.unsent(id) <= MOST_UNSENT, "{}", echo.sockets.unsent(id));
        if (before, turns) == (written, echo.turns.len()) {
            break;
        }
    }
    assert!(echo.sockets.unsent(id) > 0);

    let (mut other, _) = echo.accept();
    other.write_all(&frame(b"hello")).unwrap();
    echo.answers(&mut other, &frame(b"hello"));

    // It reads at last: it is read again, and gets every answer.
    greedy.shutdown(Shutdown::Write).unwrap();
    let messages = written / bytes.len();
    assert_eq!(echo.receive(&mut greedy, written), bytes.repeat(messages));
}

#[test]
fn three_million_empty_lines_are_answered() {
    const LINES: usize = 3_000_000;
    let mut echo = Echo::with(Framing::Lines, limits(1, TEST_TIMEOUT));
    let mut client = echo.client();
    let mut writer = client.try_clone().unwrap();
    let client = thread::spawn(move || {
        let writing = thread::spawn(move || writer.write_all(&vec![b'\n'; LINES]).unwrap());
        let mut answers = vec![0; LINES];
        client.read_exact(&mut answers).unwrap();
        writing.join().unwrap();
        answers.iter().all(|byte| *byte == b'\n')
    });
    let deadline = Deadline::after(3 * TEST_TIMEOUT);
    while !client.is_finished() {
        assert!(deadline.remaining().is_some(), "{} are answered", echo.messages);
        echo.turn(super::MOMENT);
        let unsent = echo.accepted.first().map_or(0, |id| echo.sockets.unsent(*id));
        assert!(unsent <= MOST_UNSENT, "{unsent}");
    }
    assert!(client.join().unwrap());
    assert_eq!(echo.messages, LINES);
}

#[test]
fn a_flooding_client_is_read_for_one_turn_at_a_time() {
    let mut echo = Echo::frames();
    let (mut flooding, _) = echo.accept();
    let (mut other, quiet) = echo.accept();
    echo.settle();
    let bytes = frame(&[7; 996]);
    let mut written = write_what_fits(&mut flooding, &bytes, 0);
    // No answers here, so nothing but the turn's end holds the flood back: it comes as fast as it
    // is read.
    let (mut is_served, deadline) = (false, soon());
    while written < 100 * TURN || !is_served {
        if written > 50 * TURN && !is_served {
            other.write_all(&frame(b"hello")).unwrap();
        }
        let mut taken = 0;
        let remaining = deadline.remaining().expect("it is served in time");
        assert!(echo.sockets.wait(Some(remaining)).unwrap());
        while let Some(id) = echo.sockets.next_ready() {
            let read = echo.sockets.read(id, |message, _| {
                is_served |= id == quiet;
                taken += message.len();
                assert!(taken < 2 * TURN, "{taken} bytes in one turn");
                written = write_what_fits(&mut flooding, &bytes, written);
                ControlFlow::Continue(())
            });
            assert!(read.unwrap().is_open());
        }
    }
    assert!(written < 200 * TURN, "it is served {written} bytes later");
}

#[test]
fn what_came_while_an_answer_was_unsent_is_read_after_it() {
    let mut echo = Echo::frames();
    let (mut client, id) = echo.accept();
    echo.settle();
    echo.sockets.send(id, b"unsent");
    client.write_all(&frame(b"hello")).unwrap();
    while echo.sockets.next_ready().is_none() {
        assert!(echo.sockets.wait(Some(TEST_TIMEOUT)).unwrap());
    }
    echo.read(id);
    assert_eq!(echo.messages, 0);
    // The system has reported the message, and does not report it again.
    echo.sockets.flush();
    echo.until(|echo| echo.messages == 1);
    echo.answers(&mut client, &[frame(b"unsent"), frame(b"hello")].concat());
}

#[test]
fn a_connection_beyond_the_limit_waits_until_one_leaves() {
    let mut echo = Echo::with(Framing::Frames, limits(2, TEST_TIMEOUT));
    let (first, _) = echo.accept();
    let (mut second, _) = echo.accept();
    let mut third = echo.client();
    third.write_all(&frame(b"third")).unwrap();
    for _ in 0..10 {
        second.write_all(&frame(b"second")).unwrap();
        echo.answers(&mut second, &frame(b"second"));
        assert_eq!((echo.accepted.len(), echo.sockets.len()), (2, 2));
    }
    drop(first);
    echo.until(|echo| echo.accepted.len() == 3);
    echo.answers(&mut third, &frame(b"third"));
    assert_eq!(echo.sockets.len(), 2);
}

#[test]
fn a_peer_that_resets_ends_its_own_connection() {
    let mut echo = Echo::frames();
    let (mut other, _) = echo.accept();
    let (mut resetting, id) = echo.accept();
    resetting.write_all(&frame(b"hello")).unwrap();
    SockRef::from(&resetting).set_linger(Some(Duration::ZERO)).unwrap();
    drop(resetting);
    let end = echo.end_of(id);
    assert!(end.starts_with("failed while "), "{end}");
    other.write_all(&frame(b"hello")).unwrap();
    echo.answers(&mut other, &frame(b"hello"));
}

#[test]
fn a_thousand_idle_clients_are_not_looked_at() {
    let mut echo = Echo::with(Framing::Frames, limits(2000, TEST_TIMEOUT));
    let _idle: Vec<_> = (0..1000).map(|_| echo.accept()).collect();
    let (mut busy, id) = echo.accept();
    echo.settle();
    let turns = echo.turns.len();
    for number in 0..1000_u32 {
        let message = frame(&number.to_be_bytes());
        busy.write_all(&message).unwrap();
        echo.answers(&mut busy, &message);
    }
    assert!(echo.turns[turns..].iter().all(|ready| *ready == id));
    assert_eq!(echo.sockets.len(), 1001);
}
