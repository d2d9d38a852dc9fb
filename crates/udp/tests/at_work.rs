//! How the page shows what people write at work: a request and its answer in datagrams.

use std::io;
use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::thread;
use std::time::Duration;

fn ask(server: SocketAddrV4, request: &[u8]) -> io::Result<Vec<u8>> {
    // A port of its own, so that late answers to earlier requests go nowhere.
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.connect(server)?;
    let mut answer = [0; 1500];
    for timeout in [250, 500, 1000, 2000] {
        socket.set_read_timeout(Some(Duration::from_millis(timeout)))?;
        socket.send(request)?;
        match socket.recv(&mut answer) {
            Ok(length) => return Ok(answer[..length].to_vec()),
            // Unix and Windows have different names for a timeout.
            Err(error) if matches!(error.kind(), WouldBlock | TimedOut | Interrupted) => {}
            Err(error) => return Err(error),
        }
    }
    Err(TimedOut.into())
}

/// Who sent the next request. What else comes is for a program that had this port before.
fn request(server: &UdpSocket) -> io::Result<SocketAddr> {
    loop {
        let mut message = [0; 100];
        match server.recv_from(&mut message) {
            Ok((length, from)) if &message[..length] == b"hello" => return Ok(from),
            Err(error) if error.kind() != Interrupted => return Err(error),
            _ => {}
        }
    }
}

#[test]
fn a_request_whose_answer_is_lost_is_sent_again() -> io::Result<()> {
    let server = UdpSocket::bind("127.0.0.1:0")?;
    server.set_read_timeout(Some(Duration::from_secs(20)))?;
    let addr = SocketAddrV4::new(Ipv4Addr::LOCALHOST, server.local_addr()?.port());
    let serving = thread::spawn(move || -> io::Result<[SocketAddr; 2]> {
        let first = request(&server)?;
        // The answer of another program, which the client must not take.
        UdpSocket::bind("127.0.0.1:0")?.send_to(b"wrong", first)?;
        let second = request(&server)?;
        server.send_to(b"hi", second)?;
        Ok([first, second])
    });
    assert_eq!(ask(addr, b"hello")?, b"hi");
    let [first, second] = serving.join().expect("the server does not panic")?;
    assert_eq!(first, second, "both attempts come from one port");
    Ok(())
}
