//! Addresses for servers that must know of each other before any of them listens.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use socket2::{Domain, Socket, Type};

use crate::random::{Rng, fresh_seed};

/// Most systems assign ports from 32768 on, or higher, so that no client gets one of these by
/// chance.
const PORTS: Range<u16> = 10_000..30_000;

/// The number of ports that are tried.
const TRIES: usize = 1_000;

/// The ports that this process has given out, each with the socket that keeps it.
static GIVEN: Mutex<BTreeMap<u16, Option<Socket>>> = Mutex::new(BTreeMap::new());

/// `count` addresses of this machine (`127.0.0.1:port`) that no socket has. None is returned
/// twice: on Linux to no process while this one runs, and elsewhere not to this process.
///
/// A server can listen there, end, and listen there again, if it asks for `SO_REUSEADDR` as those
/// of the standard library and of this crate do.
///
/// ```
/// let addrs = common::transport::free_addrs(3)?;
/// assert!(addrs.iter().all(|addr| std::net::TcpStream::connect(addr).is_err()));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::AddrInUse`] if fewer are free.
pub fn free_addrs(count: usize) -> io::Result<Vec<String>> {
    let mut rng = Rng::from_seed(fresh_seed());
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut free = Vec::new();
    for _ in 0..TRIES {
        if free.len() == count {
            break;
        }
        let port = PORTS.start + rng.below(PORTS.len() as u64) as u16;
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if !given.contains_key(&port)
            && let Ok(socket) = take(addr)
        {
            // Elsewhere no server could listen beside it.
            given.insert(port, cfg!(target_os = "linux").then_some(socket));
            free.push(addr.to_string());
        }
    }
    match free.len() == count {
        true => Ok(free),
        false => Err(ErrorKind::AddrInUse.into()),
    }
}

/// Takes an address that no other socket has. This one does not listen, so that a connection is
/// refused until a server does.
fn take(addr: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&addr.into())?;
    // Set only now, when the address is its own: a server may share it from here on.
    socket.set_reuse_address(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    #[cfg(target_os = "linux")]
    fn an_address_stays_taken_for_all_but_its_server() {
        let addr = free_addrs(1).unwrap().remove(0);
        for _ in 0..2 {
            let parsed = addr.parse().unwrap();
            assert_eq!(take(parsed).unwrap_err().kind(), ErrorKind::AddrInUse);
            drop(TcpListener::bind(&addr).unwrap());
        }
    }
}
