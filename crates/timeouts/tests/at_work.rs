//! The client as people write it at work, against servers that fail in each way.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::fault::{Fault, Proxy};
use lesson_tests::Result;
use reqwest::StatusCode;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use socket2::{Domain, SockRef, Socket, Type};

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
        .redirect(Policy::none()) // a second server says nothing about the first
        .no_proxy() // whatever $http_proxy says
        .build()?;
    let request = client.post(url).body("pay 100").timeout(deadline);
    let reply = request.send().and_then(|reply| Ok((reply.status(), reply.text()?)));
    Ok(match reply {
        Ok((StatusCode::OK, receipt)) => Outcome::Executed(receipt),
        Err(error) if error.is_connect() => Outcome::NotExecuted,
        _ => Outcome::Unknown,
    })
}

/// A deadline that no client reaches here.
const LONG: Duration = Duration::from_secs(20);

type Answer = fn(&mut TcpStream) -> io::Result<()>;

/// A server for one connection: it reads the request, and then does this.
fn serve(answer: Answer) -> io::Result<(SocketAddr, JoinHandle<io::Result<()>>)> {
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

/// What the client makes of a server that gives this answer.
fn outcome(answer: Answer, deadline: Duration) -> Result<Outcome> {
    let (addr, served) = serve(answer)?;
    let outcome = pay(&format!("http://{addr}"), deadline)?;
    served.join().expect("it does not panic")?;
    Ok(outcome)
}

/// An address on which no server listens, or one that listens and never accepts.
fn silent(backlog: Option<i32>) -> Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    if let Some(backlog) = backlog {
        socket.listen(backlog)?;
    }
    let addr = socket.local_addr()?.as_socket().expect("an IPv4 socket has an IPv4 address");
    Ok((socket, addr))
}

#[test]
fn a_receipt_proves_that_it_was_executed() -> Result<()> {
    let paid = outcome(
        |stream| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npaid 100"),
        LONG,
    )?;
    assert_eq!(paid, Outcome::Executed("paid 100".to_owned()));
    Ok(())
}

#[test]
fn a_refused_connect_and_one_that_times_out_prove_the_opposite() -> Result<()> {
    let (_bound, addr) = silent(None)?;
    assert_eq!(pay(&format!("http://{addr}"), LONG)?, Outcome::NotExecuted);

    let (_listening, addr) = silent(Some(0))?;
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&addr, Duration::from_millis(100)) {
        waiting.push(stream);
    }
    assert_eq!(pay(&format!("http://{addr}"), LONG)?, Outcome::NotExecuted);
    Ok(())
}

#[test]
fn whatever_fails_on_a_connection_proves_nothing() -> Result<()> {
    let answers: [(&str, Answer); 5] = [
        ("the reply breaks off", |stream| stream.write_all(b"HTTP/1.1 200 OK\r\n")),
        ("its body breaks off", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npaid")
        }),
        ("the connection is closed", |_| Ok(())),
        ("it is reset", |stream| SockRef::from(&*stream).set_linger(Some(Duration::ZERO))),
        ("an error is reported", |stream| {
            stream.write_all(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
        }),
    ];
    for (what, answer) in answers {
        assert_eq!(outcome(answer, LONG)?, Outcome::Unknown, "{what}");
    }
    // No reply comes; the server waits until the client has left.
    let silence = outcome(|stream| stream.read(&mut [0; 1]).map(drop), Duration::from_millis(100));
    assert_eq!(silence?, Outcome::Unknown);
    Ok(())
}

#[test]
fn a_redirect_to_a_dead_address_proves_nothing() -> Result<()> {
    // Port 1 of this machine refuses; the server that sent us there may have paid.
    let redirect = outcome(
        |stream| {
            stream.write_all(
                b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1\r\nContent-Length: 0\r\n\r\n",
            )
        },
        LONG,
    )?;
    assert_eq!(redirect, Outcome::Unknown);
    Ok(())
}

/// The reply takes 790 ms at least: 39 bytes until its body begins, and 40 more. A timeout that
/// began anew for the body would let it through.
#[test]
fn the_deadline_holds_for_a_body_that_drips() -> Result<()> {
    let (addr, served) = serve(|stream| {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n";
        stream.write_all(&[&head[..], &[b'x'; 40]].concat())
    })?;
    let drip = Fault::Drip(Duration::from_millis(10));
    let proxy = Proxy::start(addr, Fault::Pass, drip)?;
    let url = format!("http://{}", proxy.addr());
    assert_eq!(pay(&url, Duration::from_millis(600))?, Outcome::Unknown);
    served.join().expect("it does not panic")?;
    Ok(())
}
