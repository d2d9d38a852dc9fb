//! Every fault, in both directions, between real sockets.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use common::fault::{Fault, MAX_LINKS, Proxy};
use common::transport::Deadline;

/// The longest wait for anything that is going to happen.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Short enough to wait for its end.
const MOMENT: Duration = Duration::from_millis(50);
/// A delay that no test waits for.
const ONE_HOUR: Duration = Duration::from_secs(3600);

/// Two ends of one connection through a proxy that has a fault from the sender to the receiver.
struct Ends {
    proxy: Proxy,
    sender: TcpStream,
    receiver: TcpStream,
}

/// The client sends to the server, and then the server to the client.
fn each_way(fault: Fault) -> [Ends; 2] {
    let (proxy, client, server) = through(fault, Fault::Pass);
    let requests = Ends { proxy, sender: client, receiver: server };
    let (proxy, client, server) = through(Fault::Pass, fault);
    let replies = Ends { proxy, sender: server, receiver: client };
    [requests, replies]
}

fn through(to_server: Fault, to_client: Fault) -> (Proxy, TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::start(listener.local_addr().unwrap(), to_server, to_client).unwrap();
    let client = connect(proxy.addr());
    let server = accept(&listener);
    (proxy, client, server)
}

fn accept(listener: &TcpListener) -> TcpStream {
    // The standard library has no accept with a deadline; this makes it one on Linux.
    socket2::SockRef::from(listener).set_read_timeout(Some(TEST_TIMEOUT)).unwrap();
    let server = listener.accept().unwrap().0;
    server.set_read_timeout(Some(TEST_TIMEOUT)).unwrap();
    server
}

fn connect(addr: SocketAddr) -> TcpStream {
    let client = TcpStream::connect_timeout(&addr, TEST_TIMEOUT).unwrap();
    client.set_read_timeout(Some(TEST_TIMEOUT)).unwrap();
    client
}

fn read_to_end(mut stream: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

fn read(mut stream: &TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Reads one byte that does not come, and returns why it did not.
fn why_not(mut stream: &TcpStream) -> io::ErrorKind {
    match stream.read(&mut [0; 1]) {
        Ok(count) => panic!("{count} bytes came"),
        Err(error) => error.kind(),
    }
}

/// Checks that for a moment nothing arrives, neither a byte nor an end.
fn assert_idle(stream: &TcpStream) {
    stream.set_read_timeout(Some(MOMENT)).unwrap();
    let timed_out = [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut];
    assert!(timed_out.contains(&why_not(stream)));
    stream.set_read_timeout(Some(TEST_TIMEOUT)).unwrap();
}

/// Writes until nothing more is accepted for a moment, or more has been than any buffer holds.
fn fill(mut stream: &TcpStream) {
    stream.set_write_timeout(Some(MOMENT / 5)).unwrap();
    let _ = stream.write_all(&vec![7; 32 * 1024 * 1024]);
}

#[test]
fn without_a_fault_every_byte_and_each_end_come_through() {
    for Ends { proxy: _proxy, sender, receiver } in each_way(Fault::Pass) {
        let sent: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
        thread::scope(|scope| {
            scope.spawn(|| {
                (&sender).write_all(&sent).unwrap();
                sender.shutdown(Shutdown::Write).unwrap();
            });
            assert_eq!(read_to_end(&receiver), sent);
        });
        (&receiver).write_all(b"thanks").unwrap();
        receiver.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_to_end(&sender), b"thanks");
    }
}

#[test]
fn without_a_fault_a_reset_comes_through() {
    for Ends { proxy: _proxy, sender, receiver } in each_way(Fault::Pass) {
        (&sender).write_all(b"x").unwrap();
        assert_eq!(read(&receiver, 1), b"x");
        socket2::SockRef::from(&sender).set_linger(Some(Duration::ZERO)).unwrap();
        drop(sender);
        assert_eq!(why_not(&receiver), io::ErrorKind::ConnectionReset);
    }
}

#[test]
fn delay_holds_back_the_bytes_and_the_end() {
    for Ends { proxy: _proxy, sender, receiver } in each_way(Fault::Delay(MOMENT)) {
        let delay = Deadline::after(MOMENT);
        (&sender).write_all(b"late").unwrap();
        assert_eq!(read(&receiver, 4), b"late");
        assert!(delay.remaining().is_none());

        let delay = Deadline::after(MOMENT);
        sender.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_to_end(&receiver), b"");
        assert!(delay.remaining().is_none());
    }
}

#[test]
fn drip_lets_one_byte_through_at_a_time() {
    for Ends { proxy: _proxy, sender, receiver } in each_way(Fault::Drip(MOMENT)) {
        let drips = [1, 2, 3, 4].map(|drips| Deadline::after(drips * MOMENT));
        (&sender).write_all(b"drip").unwrap();
        for (byte, drip) in b"drip".iter().zip(drips) {
            assert_eq!(read(&receiver, 1), [*byte]);
            assert!(drip.remaining().is_none());
        }
    }
}

#[test]
fn alter_flips_bits_of_one_byte() {
    for Ends { proxy: _proxy, sender, receiver } in each_way(Fault::Alter { at: 4, xor: 1 }) {
        for piece in ["pay", " 100", " to n1"] {
            (&sender).write_all(piece.as_bytes()).unwrap();
        }
        sender.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_to_end(&receiver), b"pay 000 to n1");
    }
}

#[test]
fn cut_ends_one_direction_after_its_bytes() {
    for Ends { proxy: _proxy, sender, receiver } in each_way(Fault::CutAfter(5)) {
        for piece in ["one", "two", "three"] {
            (&sender).write_all(piece.as_bytes()).unwrap();
        }
        assert_eq!(read_to_end(&receiver), b"onetw");
        (&receiver).write_all(b"what?").unwrap();
        assert_eq!(read(&sender, 5), b"what?");
        (&sender).write_all(&[7; 1_000_000]).unwrap();
    }
}

#[test]
fn a_fault_that_is_never_reached_has_no_effect() {
    for fault in [
        Fault::CutAfter(4),
        Fault::BlackHole { after: 4 },
        Fault::ResetAfter(4),
        Fault::Alter { at: 3, xor: 1 },
    ] {
        for Ends { proxy: _proxy, sender, receiver } in each_way(fault) {
            (&sender).write_all(b"one").unwrap();
            sender.shutdown(Shutdown::Write).unwrap();
            assert_eq!(read_to_end(&receiver), b"one");
        }
    }
}

#[test]
fn a_black_hole_discards_the_rest_and_the_end() {
    for after in [0, 3] {
        for Ends { proxy: _proxy, sender, receiver } in each_way(Fault::BlackHole { after }) {
            (&sender).write_all(&b"one"[..after as usize]).unwrap();
            assert_eq!(read(&receiver, after as usize), b"one"[..after as usize]);
            (&receiver).write_all(b"hello?").unwrap();
            assert_eq!(read(&sender, 6), b"hello?");

            (&sender).write_all(&[7; 1_000_000]).unwrap();
            receiver.shutdown(Shutdown::Write).unwrap();
            assert_eq!(read_to_end(&sender), b"");
            assert_idle(&receiver);
        }
    }
}

#[test]
fn a_black_hole_discards_the_end_of_its_server() {
    let (_proxy, client, server) = through(Fault::Pass, Fault::BlackHole { after: 3 });
    (&server).write_all(b"one").unwrap();
    drop(server);
    assert_eq!(read(&client, 3), b"one");
    assert_idle(&client);
}

#[test]
fn idle_clients_keep_no_other_client_out() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let proxy = Proxy::start(addr, Fault::Pass, Fault::Pass).unwrap();
    let mut idle = Vec::new();
    for _ in 0..2 * MAX_LINKS {
        let client = connect(proxy.addr());
        idle.push((client, accept(&listener)));
    }
    let (client, server) = (connect(proxy.addr()), accept(&listener));
    (&client).write_all(b"hello").unwrap();
    assert_eq!(read(&server, 5), b"hello");
    assert_eq!(why_not(&idle[0].0), io::ErrorKind::ConnectionReset, "the first is the idlest");
    let (client, server) = idle.last().unwrap();
    (&*client).write_all(b"still here").unwrap();
    assert_eq!(read(server, 10), b"still here");
}

#[test]
fn reset_ends_both_directions() {
    for Ends { proxy: _proxy, sender, receiver } in each_way(Fault::ResetAfter(3)) {
        (&sender).write_all(b"one").unwrap();
        assert_eq!(read(&receiver, 3), b"one");
        (&sender).write_all(b"two").unwrap();
        assert_eq!(why_not(&receiver), io::ErrorKind::ConnectionReset);
        assert_eq!(why_not(&sender), io::ErrorKind::ConnectionReset);
    }
}

#[test]
fn a_reset_is_seen_where_the_other_direction_is_stuck() {
    for Ends { proxy: _proxy, sender, receiver } in each_way(Fault::ResetAfter(0)) {
        fill(&receiver);
        (&sender).write_all(b"x").unwrap();
        assert_eq!(why_not(&receiver), io::ErrorKind::ConnectionReset);
    }
}

#[test]
fn a_client_whose_server_is_gone_is_reset() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = gone.local_addr().unwrap();
    drop(gone);
    let proxy = Proxy::start(addr, Fault::Pass, Fault::Pass).unwrap();
    assert_eq!(why_not(&connect(proxy.addr())), io::ErrorKind::ConnectionReset);
}

#[test]
fn each_connection_has_the_fault_from_its_own_start() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to_server = Fault::CutAfter(1);
    let proxy = Proxy::start(listener.local_addr().unwrap(), to_server, Fault::Pass).unwrap();
    for _ in 0..3 {
        connect(proxy.addr()).write_all(b"xx").unwrap();
        assert_eq!(read_to_end(&listener.accept().unwrap().0), b"x");
    }
}

#[test]
fn dropping_the_proxy_ends_all_its_connections() {
    let faults = [
        Fault::Pass,
        Fault::Delay(ONE_HOUR),
        Fault::Drip(ONE_HOUR),
        Fault::CutAfter(0),
        Fault::BlackHole { after: 0 },
    ];
    for fault in faults {
        for Ends { proxy, sender, receiver } in each_way(fault) {
            let (ended, soon) = std::sync::mpsc::channel();
            fill(&sender);
            fill(&receiver);
            let addr = proxy.addr();
            thread::spawn(move || {
                drop(proxy);
                ended.send(())
            });
            soon.recv_timeout(TEST_TIMEOUT).unwrap();
            for mut end in [&sender, &receiver] {
                let read = end.read_to_end(&mut Vec::new());
                let kind = read.map_or_else(|error| error.kind(), |_| io::ErrorKind::UnexpectedEof);
                let ends = [io::ErrorKind::ConnectionReset, io::ErrorKind::UnexpectedEof];
                assert!(ends.contains(&kind), "{fault:?}: {kind:?}");
            }
            let refused = TcpStream::connect_timeout(&addr, TEST_TIMEOUT).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        }
    }
}
