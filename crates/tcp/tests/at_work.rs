//! How the page shows what people write at work: sockets with their options.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// A connection that notices in about a minute that its peer is gone.
fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&to, Duration::from_secs(3))?;
    // Send what is written at once, and do not wait for more to fill a segment.
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    // After 30 idle seconds it asks its peer, and without an answer again every 10.
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(30))
        .with_interval(Duration::from_secs(10));
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    Ok(stream)
}

#[test]
fn a_connection_with_its_options_carries_bytes() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut stream = connect(listener.local_addr()?)?;
    assert!(SockRef::from(&stream).keepalive()? && stream.nodelay()?);
    let (mut accepted, _) = listener.accept()?;
    stream.write_all(b"hello")?;
    let mut bytes = [0; 5];
    accepted.read_exact(&mut bytes)?;
    assert_eq!(&bytes, b"hello");
    Ok(())
}
