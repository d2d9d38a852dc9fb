//! The client as people write it at work, against servers that fail in each way.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use reqwest::blocking::Client;
use socket2::{Domain, Socket, Type};

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Executed(String),
    NotExecuted,
    Unknown,
}

fn pay(url: &str, deadline: Duration) -> reqwest::Result<Outcome> {
    let client = Client::builder()
        .connect_timeout(Duration::from_millis(500))
        .timeout(deadline) // the library's own default is 30 s
        .no_proxy() // whatever $http_proxy says
        .build()?;
    let reply = client.post(url).body("pay 100").send().and_then(|reply| reply.text());
    Ok(match reply {
        Ok(receipt) => Outcome::Executed(receipt),
        Err(error) if error.is_connect() => Outcome::NotExecuted,
        Err(_) => Outcome::Unknown,
    })
}

/// A server for one connection: it reads the request, and then does this.
fn serve(
    answer: fn(&mut TcpStream) -> io::Result<()>,
) -> io::Result<(SocketAddr, thread::JoinHandle<io::Result<()>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?;
    let served = thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        let mut request = Vec::new();
        while !request.ends_with(b"pay 100") {
            let mut piece = [0; 1024];
            match stream.read(&mut piece)? {
                // The client gave up before it had sent all, on a busy machine.
                0 => return Ok(()),
                count => request.extend_from_slice(&piece[..count]),
            }
        }
        answer(&mut stream)
    });
    Ok((addr, served))
}

#[test]
fn only_what_has_no_connection_was_not_executed() -> lesson_tests::Result<()> {
    let long = Duration::from_secs(20);
    for (answer, deadline, expected) in [
        (
            (|stream| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npaid 100"))
                as fn(&mut TcpStream) -> io::Result<()>,
            long,
            Outcome::Executed("paid 100".to_owned()),
        ),
        // The reply breaks off.
        (|stream| stream.write_all(b"HTTP/1.1 200 OK\r\n"), long, Outcome::Unknown),
        // It closes without a reply.
        (|_| Ok(()), long, Outcome::Unknown),
        // No reply comes; the server waits until the client has left.
        (|stream| stream.read(&mut [0; 1]).map(drop), Duration::from_millis(100), Outcome::Unknown),
    ] {
        let (addr, served) = serve(answer)?;
        assert_eq!(pay(&format!("http://{addr}"), deadline)?, expected);
        served.join().expect("it does not panic")?;
    }
    // Bound, so that no other process gets the port, and not listening.
    let bound = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    bound.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let addr = bound.local_addr()?.as_socket().unwrap();
    assert_eq!(pay(&format!("http://{addr}"), long)?, Outcome::NotExecuted);
    Ok(())
}
