//! One exchange, system call by system call.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

use crate::EXPERIMENT_TIMEOUT;

/// What both ends of one exchange saw.
#[derive(Debug)]
pub struct Exchange {
    /// Where the server listens. The system chose the port.
    pub listening: SocketAddr,
    /// The client's own address. The system chose that port, too.
    pub client: SocketAddr,
    /// Where the connection comes from, as the server reports it.
    pub peer_of_server: SocketAddr,
    /// What the server read.
    pub request: Vec<u8>,
    /// What the client read.
    pub reply: Vec<u8>,
    /// How many bytes the server's next read returned, once the client had closed.
    pub read_after_close: usize,
}

/// Sends "hello" from one socket to another on this machine, with each system call made by itself.
///
/// The standard library's `TcpListener::bind` makes the server's first three in one call.
///
/// # Errors
/// If the system refuses one of them.
pub fn one_exchange() -> io::Result<Exchange> {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.bind(&loopback.into())?;
    listener.listen(8)?;
    let listening = address(listener.local_addr()?)?;

    let mut client = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    client.connect_timeout(&listening.into(), EXPERIMENT_TIMEOUT)?;
    let (mut server, peer) = listener.accept()?;
    for end in [&client, &server] {
        end.set_read_timeout(Some(EXPERIMENT_TIMEOUT))?;
    }

    let hello = b"hello\n";
    client.write_all(hello)?;
    let mut request = vec![0; hello.len()];
    server.read_exact(&mut request)?;
    server.write_all(&[b"Echo: ", request.as_slice()].concat())?;
    let mut reply = vec![0; b"Echo: ".len() + hello.len()];
    client.read_exact(&mut reply)?;

    let client_addr = address(client.local_addr()?)?;
    drop(client);
    let read_after_close = server.read(&mut [0; 16])?;
    Ok(Exchange {
        listening,
        client: client_addr,
        peer_of_server: address(peer)?,
        request,
        reply,
        read_after_close,
    })
}

/// Which addresses reach a server, depending on the address that it is bound to.
#[derive(Debug)]
pub struct Reach {
    /// The address that the server was bound to.
    pub bound: Ipv4Addr,
    /// Addresses of this machine, and what a connect to each came to.
    pub tried: Vec<(Ipv4Addr, Result<(), io::ErrorKind>)>,
}

/// Binds a server to 127.0.0.1 and one to 0.0.0.0, and connects to both by two addresses of this
/// machine.
///
/// The second address is 127.0.0.2. On Linux all of 127.0.0.0/8 is this machine; macOS and Windows
/// may know only 127.0.0.1, and then the second connect fails with an error of theirs.
///
/// # Errors
/// If a server cannot be bound.
pub fn reach() -> io::Result<[Reach; 2]> {
    let on = |bound| {
        let listener = std::net::TcpListener::bind((bound, 0))?;
        let port = listener.local_addr()?.port();
        let tried =
            [Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 0, 2)].map(|to| (to, connect(to, port)));
        Ok(Reach { bound, tried: tried.to_vec() })
    };
    let loopback: io::Result<Reach> = on(Ipv4Addr::LOCALHOST);
    Ok([loopback?, on(Ipv4Addr::UNSPECIFIED)?])
}

fn connect(to: Ipv4Addr, port: u16) -> Result<(), io::ErrorKind> {
    std::net::TcpStream::connect_timeout(&(to, port).into(), EXPERIMENT_TIMEOUT)
        .map(drop)
        .map_err(|error| error.kind())
}

fn address(addr: socket2::SockAddr) -> io::Result<SocketAddr> {
    addr.as_socket().ok_or_else(|| io::Error::other("an IPv4 socket has an IPv4 address"))
}
