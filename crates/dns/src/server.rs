//! A name server: an [`Authority`] at one address, over UDP and TCP.
//!
//! A thread reads datagrams and answers each before the next. TCP is served by
//! [`common::transport`], with a thread for each connection.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::frame::Framing;
use common::transport::{
    Connection, Deadline, Limits, Reason, Running as RunningTcp, Server, TransportError,
};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::message::Over;

/// The longest request, in bytes: a name of 255, a header, a question, and what EDNS may add.
const MAX_REQUEST: usize = 1232;

/// How often a thread without datagrams looks whether it is to end. It is woken for that; this is
/// for the case that the system drops what wakes it.
const LOOK: Duration = Duration::from_millis(500);

/// What TCP clients can make the server spend.
const TCP_LIMITS: Limits =
    Limits { max_message: MAX_REQUEST, max_connections: 32, idle: Duration::from_secs(5) };

/// A name server that runs; dropping it stops it.
pub struct NameServer {
    addr: SocketAddr,
    stopping: Arc<AtomicBool>,
    udp: Option<JoinHandle<()>>,
    /// Stops when it is dropped.
    _tcp: RunningTcp,
}

impl NameServer {
    /// Listens at `addr` over UDP and TCP; port 0 takes one that is free for both.
    ///
    /// # Errors
    /// [`TransportError::Bind`].
    pub fn start(
        addr: SocketAddr,
        authority: Authority,
        fault: Fault,
    ) -> Result<NameServer, TransportError> {
        let tcp = Server::bind(&addr.to_string(), TCP_LIMITS)?;
        let addr = tcp.local_addr();
        let failed = |error: io::Error| TransportError::Bind {
            addr: addr.to_string(),
            source: Reason(error),
        };
        let socket = UdpSocket::bind(addr).map_err(failed)?;
        socket.set_read_timeout(Some(LOOK)).map_err(failed)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let authority = Arc::new(authority);
        let udp = thread::Builder::new().name(format!("udp {addr}")).spawn({
            let (authority, stopping) = (Arc::clone(&authority), Arc::clone(&stopping));
            move || serve_udp(&socket, &authority, fault, &stopping)
        });
        let udp = Some(udp.map_err(failed)?);
        let tcp = tcp.spawn_connections(Framing::ShortFrames, {
            let stopping = Arc::clone(&stopping);
            move |connection| serve_tcp(connection, &authority, fault, &stopping)
        });
        Ok(NameServer { addr, stopping, udp, _tcp: tcp })
    }

    /// The address at which it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        // Seen at the latest after LOOK.
        self.stopping.store(true, Ordering::Release);
        // Wakes the thread. It is not a request, so it is not answered.
        let wake = UdpSocket::bind((self.addr.ip(), 0));
        let _ = wake.and_then(|socket| socket.send_to(&[], self.addr));
        if let Some(udp) = self.udp.take() {
            udp.join().expect("the thread of a server does not panic");
        }
    }
}

fn serve_udp(socket: &UdpSocket, authority: &Authority, fault: Fault, stopping: &AtomicBool) {
    // One byte more than is read, so that a longer one shows.
    let mut buffer = [0; MAX_REQUEST + 1];
    while !stopping.load(Ordering::Acquire) {
        match socket.recv_from(&mut buffer) {
            Ok((length @ 0..=MAX_REQUEST, from)) => {
                let answer = authority.respond(&buffer[..length], Over::Udp);
                if let Some(answer) = answer.and_then(|answer| fault.alter(answer)) {
                    wait(fault.delay(), stopping);
                    // A client that cannot be reached asks again, or another server.
                    let _ = socket.send_to(&answer, from);
                }
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // An ICMP error for an answer, or too few buffers: it passes.
            Err(_) => _ = Deadline::after(LOOK).pause(),
        }
    }
}

fn serve_tcp(
    connection: &mut Connection,
    authority: &Authority,
    fault: Fault,
    stopping: &AtomicBool,
) -> Result<(), TransportError> {
    while let Some(request) = connection.receive(Deadline::after(TCP_LIMITS.idle))? {
        let answer = authority.respond(request, Over::Tcp);
        let Some(answer) = answer.and_then(|answer| fault.alter(answer)) else { return Ok(()) };
        wait(fault.delay(), stopping);
        connection.send(&answer, Deadline::after(TCP_LIMITS.idle))?;
    }
    Ok(())
}

/// A slow server is slow for all its clients; it still ends when it is stopped.
fn wait(delay: Duration, stopping: &AtomicBool) {
    let deadline = Deadline::after(delay);
    while !delay.is_zero() && !stopping.load(Ordering::Acquire) && deadline.pause() {}
}
