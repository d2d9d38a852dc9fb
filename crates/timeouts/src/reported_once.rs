//! What a connection reports after it has ended: most of it once.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use crate::bank::REQUEST;
use crate::{connected_pair, wait_for_end};

/// A call on a connection, and what it came to: the bytes read or written, or an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What was called.
    pub name: &'static str,
    /// What came back.
    pub result: Result<usize, io::ErrorKind>,
}

/// The server closes with a request unread, which is a reset. The client reads, reads again,
/// writes, and asks for the peer's address.
///
/// # Errors
/// If the system refuses a socket.
pub fn after_a_reset() -> io::Result<Vec<Call>> {
    let (mut client, server) = connected_pair()?;
    client.write_all(REQUEST)?;
    server.peek(&mut [0; 1])?;
    drop(server);
    Ok(vec![read(&mut client), read(&mut client), write(&mut client), peer(&client)])
}

/// The server reads the request and closes, as a process does that ends or is killed with nothing
/// left to read. The client reads, and writes twice.
///
/// # Errors
/// If the system refuses a socket.
pub fn after_a_close() -> io::Result<Vec<Call>> {
    let (mut client, mut server) = connected_pair()?;
    client.write_all(REQUEST)?;
    server.read_exact(&mut REQUEST.to_vec())?;
    drop(server);
    let mut calls = vec![read(&mut client), write(&mut client)];
    wait_for_end(&client);
    calls.push(write(&mut client));
    Ok(calls)
}

fn read(client: &mut TcpStream) -> Call {
    call("read", client.read(&mut [0; 64]))
}

fn write(client: &mut TcpStream) -> Call {
    call("write", client.write(REQUEST))
}

fn peer(client: &TcpStream) -> Call {
    call("peer_addr", client.peer_addr().map(|_| 0))
}

fn call(name: &'static str, result: io::Result<usize>) -> Call {
    Call { name, result: result.map_err(|error| error.kind()) }
}

// What macOS and Windows report here has not been tested.
#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset, NotConnected};

    fn results(calls: &[Call]) -> Vec<Result<usize, io::ErrorKind>> {
        calls.iter().map(|call| call.result).collect()
    }

    #[test]
    fn a_reset_is_reported_once() {
        let calls = after_a_reset().unwrap();
        let expected = [Err(ConnectionReset), Ok(0), Err(BrokenPipe), Err(NotConnected)];
        assert_eq!(results(&calls), expected);
    }

    #[test]
    fn the_first_write_after_a_close_succeeds_and_is_lost() {
        let calls = after_a_close().unwrap();
        assert_eq!(results(&calls), [Ok(0), Ok(REQUEST.len()), Err(BrokenPipe)]);
    }
}
