//! Connections that the loop makes, and ids of those that are gone.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use common::transport::free_addrs;

use super::{Echo, TEST_TIMEOUT, frame};

#[test]
fn a_refused_connection_is_an_error_of_its_read() {
    let mut echo = Echo::frames();
    let addr = free_addrs(1).unwrap()[0].parse().unwrap();
    let id = echo.sockets.connect(addr).unwrap();
    echo.sockets.send(id, b"never sent");
    assert_eq!(echo.end_of(id), format!("cannot connect to {addr}"));
}

#[test]
fn what_is_sent_before_it_is_connected_arrives() {
    let mut echo = Echo::frames();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let id = echo.sockets.connect(listener.local_addr().unwrap()).unwrap();
    echo.sockets.send(id, b"hello");
    echo.sockets.flush();
    let (mut peer, _) = listener.accept().unwrap();
    echo.answers(&mut peer, &frame(b"hello"));
    // And it is a connection as any other.
    peer.write_all(&frame(b"again")).unwrap();
    echo.answers(&mut peer, &frame(b"again"));
}

#[test]
fn an_id_of_a_closed_connection_does_nothing_to_the_next() {
    let mut echo = Echo::frames();
    let (mut closed, old) = echo.accept();
    echo.sockets.close(old);
    assert_eq!(closed.read(&mut [0; 1]).unwrap(), 0);

    let (mut client, new) = echo.accept();
    assert_ne!(old, new);
    echo.sockets.send(old, b"for another");
    echo.sockets.set_timeout(old, Duration::ZERO);
    echo.sockets.resume(old);
    echo.sockets.finish(old);
    echo.sockets.close(old);
    echo.read(old);
    assert_eq!(echo.sockets.unsent(old), 0);
    assert_eq!(echo.sockets.len(), 1);

    client.set_read_timeout(Some(TEST_TIMEOUT)).unwrap();
    client.write_all(&frame(b"hello")).unwrap();
    echo.answers(&mut client, &frame(b"hello"));
    assert_eq!(echo.ends, []);
}

#[test]
fn a_finished_connection_is_not_read_any_more() {
    let mut echo = Echo::frames();
    let (mut client, id) = echo.accept();
    echo.settle();
    client.write_all(&frame(b"too late")).unwrap();
    echo.sockets.finish(id);
    echo.read(id);
    echo.sockets.send(id, b"goodbye");
    assert_eq!(echo.receive(&mut client, 100), frame(b"goodbye"));
    assert_eq!(echo.messages, 0);
    assert!(echo.sockets.is_empty());
}
