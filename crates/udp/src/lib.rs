//! When would you rather not have it?
//!
//! "It" is TCP. A stream makes each byte wait for those before it, begins with a handshake, and
//! forgets where a message ends. UDP adds eight bytes to a packet, ports, a length and a checksum,
//! and leaves all else to the program: what is lost, copied or late, how often to send again, what
//! was executed already. Where only the newest value counts, or one question has one answer, that
//! is less work than it seems.
//!
//! | module | experiment |
//! |---|---|
//! | [`datagrams`] | ten datagrams over a bad link |
//! | [`sockets`] | real sockets: one send is one receive; too long, too many, no receiver |
//! | [`staleness`] | a position over UDP and over TCP: how old is the newest known one? |
//! | [`exchange`] | one question and one answer, in packets and round trips |
//! | [`counter`] | "add 1" with retries, with duplicates removed and without |
//! | [`sides`] | an echo server and a client that tries again, for the reader and `nc -u` |
//!
//! The lines that are the idea: [`staleness::Latest`] and [`counter::Memory`]. Sources: RFC 768
//! (UDP), RFC 1122, section 4.1 (what a host does with it), RFC 8085 (what is left to a program).
//! Left out: multicast, the discovery of a path's MTU, congestion control (no experiment sends more
//! than a few packets in a round trip), and encryption.

pub mod attempts;
pub mod counter;
pub mod datagrams;
pub mod exchange;
pub mod sides;
pub mod sockets;
pub mod staleness;
pub mod story;
