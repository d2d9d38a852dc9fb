//! Exercise: the Internet checksum, and forwarding as an IPv4 router does it.
//!
//! `checksum` is that of RFC 1071. It takes the bytes two at a time: each pair is a 16-bit word,
//! its first byte the more significant. An odd last byte makes a word with a zero byte after it.
//! The words are added. Each carry out of the 16 bits is added to the low end of the sum, until
//! none is left. The checksum is the complement of that sum: every bit inverted. There may be any
//! number of bytes: none, or more than a packet can have.
//!
//! The RFC's example, in hex: 00 01 f2 03 f4 f5 f6 f7 are four words, and add up to 2ddf0. With the
//! carries at the low end that is ddf2. Its complement, the checksum, is 220d.
//!
//! `forward` decides what a router does with a packet, given its header and the routing table.
//!
//! | the type | what it has |
//! |---|---|
//! | `Route` | `prefix: Ipv4Addr`, `length: u8`, `interface: u8` |
//! | `Decision` | is `Forward(u8)`, `BadChecksum`, `Unreachable` or `TimeExceeded` |
//!
//! | bytes of the header, counted from 0 | what they are |
//! |---|---|
//! | 8 | the TTL |
//! | 10 and 11 | the header checksum, the more significant byte first |
//! | 16 to 19 | the destination |
//!
//! The first line that fits decides. The order is that of RFC 1812, section 5.2.1.
//!
//! | the decision | when |
//! |---|---|
//! | `BadChecksum` | `checksum` of all 20 bytes, bytes 10 and 11 included, is not 0 |
//! | `Unreachable` | no route of the table fits the destination |
//! | `TimeExceeded` | the TTL is 0 or 1 |
//! | `Forward(interface)` | in all other cases: the interface of the longest prefix that fits |
//!
//! A route fits where the first `length` bits of the destination are those of `prefix`. So a route
//! of length 0, the default route, fits every destination. The length is at most 32, and the bits
//! of `prefix` after it are 0. The table may be empty and in any order; two routes never have both
//! the same prefix and the same length.
//!
//! Only `Forward` changes the header: the TTL is lowered by one, and then the header checksum
//! becomes `checksum` of the 20 bytes with bytes 10 and 11 as zeros. The other bytes stay as they
//! are, and may have any value: nothing else is validated, and no destination is special.
//!
//! The judge tries `checksum` first, and shows the first case that is wrong.
//!
//! To check it: `cargo run -- check packets`

use checks::packets::{Decision, Route};

/// The Internet checksum of the bytes.
pub fn checksum(bytes: &[u8]) -> u16 {
    checks::unsolved!("the sum of the 16-bit words, complemented", bytes)
}

/// Decides what becomes of a packet, and changes its header if it is forwarded.
pub fn forward(header: &mut [u8; 20], table: &[Route]) -> Decision {
    checks::unsolved!("a decision for each line of the table", header, table)
}
