//! A TCP connection is a stream of bytes, not a sequence of messages.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use crate::connected_pair;

/// What went in at one end of a connection, and what came out at the other.
#[derive(Debug, PartialEq, Eq)]
pub struct Observed {
    /// The bytes of each write.
    pub writes: Vec<Vec<u8>>,
    /// The bytes that each read returned, up to the end of the stream.
    pub reads: Vec<Vec<u8>>,
}

/// Two writes, and then the server reads.
///
/// # Errors
/// If the system refuses a call.
pub fn glued_writes() -> io::Result<Observed> {
    send_then_read(&[b"one", b"two"], 1024)
}

/// One write of 5,000 bytes, read through a buffer of 1,024.
///
/// # Errors
/// If the system refuses a call.
pub fn split_message() -> io::Result<Observed> {
    send_then_read(&[&[b'x'; 5000]], 1024)
}

/// "café" is five bytes, and the buffer holds four: the last letter is cut in half.
///
/// # Errors
/// If the system refuses a call.
pub fn cut_letter() -> io::Result<Observed> {
    send_then_read(&["café".as_bytes()], 4)
}

/// Writes all of `writes`, lets them arrive, and then reads through a buffer of `buffer` bytes.
fn send_then_read(writes: &[&[u8]], buffer: usize) -> io::Result<Observed> {
    let (mut client, mut server) = connected_pair()?;
    for write in writes {
        client.write_all(write)?;
    }
    client.shutdown(Shutdown::Write)?;
    wait_for(&server, writes.iter().map(|write| write.len()).sum())?;

    let mut buffer = vec![0; buffer];
    let mut reads = Vec::new();
    loop {
        let count = server.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        reads.push(buffer[..count].to_vec());
    }
    Ok(Observed { writes: writes.iter().map(|write| write.to_vec()).collect(), reads })
}

/// Waits until `count` bytes can be read at once. They are written already, so this is short.
fn wait_for(stream: &TcpStream, count: usize) -> io::Result<()> {
    let mut seen = vec![0; count];
    while stream.peek(&mut seen)? < count {
        thread::yield_now();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_writes_come_out_of_one_read() {
        assert_eq!(glued_writes().unwrap().reads, [b"onetwo"]);
    }

    #[test]
    fn one_write_comes_out_of_five_reads() {
        let lengths: Vec<_> = split_message().unwrap().reads.iter().map(Vec::len).collect();
        assert_eq!(lengths, [1024, 1024, 1024, 1024, 904]);
    }

    #[test]
    fn half_a_letter_is_not_text() {
        let reads = cut_letter().unwrap().reads;
        let texts: Vec<_> = reads.iter().map(|read| String::from_utf8_lossy(read)).collect();
        assert_eq!(texts, ["caf\u{fffd}", "\u{fffd}"]);
    }
}
