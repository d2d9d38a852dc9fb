//! How the page shows what people write at work: the system's resolver, and what it lacks.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The addresses of `host:port`, as the system finds them, within `limit`.
fn look_up(service: &str, limit: Duration) -> io::Result<Vec<SocketAddr>> {
    let (answer, answered) = mpsc::channel();
    let service = service.to_owned();
    // The system's resolver has no deadline and cannot be interrupted, so it runs in a thread,
    // which is left behind if it takes too long.
    thread::spawn(move || {
        let addresses = service.to_socket_addrs().map(Vec::from_iter);
        // It fails if the limit is over: then the addresses are dropped.
        let _ = answer.send(addresses);
    });
    answered.recv_timeout(limit).map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

const LONG: Duration = Duration::from_secs(20);

#[test]
fn the_system_finds_this_machine_and_refuses_what_is_not_a_name() -> io::Result<()> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let found = look_up(&format!("localhost:{port}"), LONG)?;
    assert!(found.iter().all(|addr| addr.ip().is_loopback() && addr.port() == port));
    assert!(!found.is_empty());
    // An empty label is invalid, so no name server is asked, which may be slow.
    assert!(look_up("nowhere..invalid:80", LONG).is_err());
    // A thread that is very fast may have the answer already, but not each time.
    let is_late =
        |found: io::Result<_>| found.is_err_and(|error| error.kind() == io::ErrorKind::TimedOut);
    assert!((0..1_000).any(|_| is_late(look_up("localhost:80", Duration::ZERO))));
    Ok(())
}
