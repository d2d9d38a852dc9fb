//! Addresses for servers that must know of each other before any of them listens.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::random::{Rng, fresh_seed};

/// Systems assign ports from 32768 on, or higher, so that no other process gets one of these by
/// chance while its server is down.
const PORTS: Range<u16> = 10_000..30_000;

/// The number of ports that are tried.
const TRIES: usize = 1_000;

/// The ports that this process has given out.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// `count` addresses of this machine (`127.0.0.1:port`) on which no server listens. In one process
/// none is returned twice; another process may take one first.
///
/// Whether a server listens is tested by connecting. A socket that listened there would be copied
/// into any process that is being started at that moment, and the port would stay in use until that
/// has become another program.
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
    let drawn = std::iter::repeat_with(|| PORTS.start + rng.below(PORTS.len() as u64) as u16);
    let free = drawn
        .take(TRIES)
        .filter(|port| given.insert(*port))
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .filter(is_free)
        .map(|addr| addr.to_string())
        .take(count);
    let free: Vec<String> = free.collect();
    match free.len() == count {
        true => Ok(free),
        false => Err(ErrorKind::AddrInUse.into()),
    }
}

fn is_free(addr: &SocketAddr) -> bool {
    let connected = TcpStream::connect_timeout(addr, Duration::from_secs(1));
    matches!(connected, Err(error) if error.kind() == ErrorKind::ConnectionRefused)
}
