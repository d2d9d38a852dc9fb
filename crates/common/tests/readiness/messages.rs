//! Messages come out whole and in order, and answers arrive.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::ops::ControlFlow;

use super::{Echo, frame};

#[test]
fn pipelined_messages_are_answered_whatever_the_cut() {
    let mut echo = Echo::frames();
    let bytes = [frame(b"one"), frame(b""), frame(b"three"), frame(&[0xff; 9])].concat();
    for cut in 0..bytes.len() {
        let (mut client, id) = echo.accept();
        let turns = echo.turns.len();
        client.write_all(&bytes[..cut]).unwrap();
        // The loop has seen the first piece, if there is one, before the second is written.
        echo.until(|echo| cut == 0 || echo.turns[turns..].contains(&id));
        client.write_all(&bytes[cut..]).unwrap();
        echo.answers(&mut client, &bytes);
    }
}

#[test]
fn messages_of_one_byte_at_a_time_are_answered() {
    let mut echo = Echo::frames();
    let (mut client, id) = echo.accept();
    let bytes = [frame(b"one"), frame(b""), frame(b"two")].concat();
    echo.settle();
    for byte in &bytes {
        let turns = echo.turns.len();
        client.write_all(&[*byte]).unwrap();
        echo.until(|echo| echo.turns[turns..].contains(&id));
    }
    echo.answers(&mut client, &bytes);
    assert_eq!(echo.messages, 3);
}

#[test]
fn a_half_closed_peer_gets_all_answers_and_the_end() {
    let mut echo = Echo::frames();
    let bytes = frame(&[7; 1000]).repeat(3000);
    let (mut client, id) = echo.accept();
    let mut writer = client.try_clone().unwrap();
    let sent = bytes.clone();
    let writing = std::thread::spawn(move || {
        writer.write_all(&sent).unwrap();
        writer.shutdown(Shutdown::Write).unwrap();
    });
    // One byte more than there is: it ends at the end of the stream.
    assert_eq!(echo.receive(&mut client, bytes.len() + 1), bytes);
    assert_eq!(echo.end_of(id), "ended");
    writing.join().unwrap();
}

#[test]
fn an_end_that_came_with_the_last_bytes_is_seen() {
    let mut echo = Echo::frames();
    let mut client = echo.client();
    client.write_all(&frame(b"last words")).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(echo.receive(&mut client, 100), frame(b"last words"));
    assert_eq!(echo.ends[0].1, "ended");
}

#[test]
fn an_end_inside_a_message_is_an_error() {
    let mut echo = Echo::frames();
    let (mut client, id) = echo.accept();
    client.write_all(b"\0\0\0\x09hel").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(echo.end_of(id), "the stream ended inside a message, after 7 bytes of it");
}

#[test]
fn answers_before_an_invalid_message_arrive() {
    let mut echo = Echo::frames();
    let (mut client, id) = echo.accept();
    let valid = [frame(b"one"), frame(b"two")].concat();
    client.write_all(&[&*valid, &[0xff; 4], b"and more"].concat()).unwrap();
    assert_eq!(echo.end_of(id), "a message of 4294967295 bytes is over the limit of 1024");
    assert_eq!(echo.receive(&mut client, 100), valid);
}

#[test]
fn a_broken_off_connection_is_not_read_before_it_resumes() {
    let mut echo = Echo::frames();
    let (mut client, id) = echo.accept();
    echo.settle();
    client.write_all(&[frame(b"one"), frame(b"two"), frame(b"three")].concat()).unwrap();
    for want in [b"one".as_slice(), b"two", b"three"] {
        let mut seen = Vec::new();
        while seen.is_empty() {
            assert!(echo.sockets.wait(Some(super::TEST_TIMEOUT)).unwrap());
            let ready = echo.sockets.next_ready().expect("its bytes are there");
            read_one(&mut echo, ready, &mut seen);
        }
        // However often it is tried.
        read_one(&mut echo, id, &mut seen);
        assert_eq!(seen, [want]);
        echo.sockets.send(id, want);
        echo.sockets.flush();
        echo.sockets.resume(id);
    }
    let mut answers = [0; 23];
    client.read_exact(&mut answers).unwrap();
    assert_eq!(&answers, b"\0\0\0\x03one\0\0\0\x03two\0\0\0\x05three");
}

fn read_one(echo: &mut Echo, id: common::readiness::ConnectionId, seen: &mut Vec<Vec<u8>>) {
    let read = echo.sockets.read(id, |message, _| {
        seen.push(message.to_vec());
        ControlFlow::Break(())
    });
    assert!(read.unwrap().is_open());
}
