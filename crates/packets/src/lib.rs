//! What does the network promise?
//!
//! Nothing. A network carries packets, and each finds its way alone: a router looks at its
//! destination, chooses a neighbour, and forgets it. A packet can be lost, arrive twice, be
//! overtaken or be altered; the network does not say so, and the two ends have to find out. What
//! makes that a good bargain is that the network needs to know nothing of who talks to whom, so
//! that it can grow.
//!
//! | module | experiment |
//! |---|---|
//! | [`anatomy`] | one packet, byte by byte |
//! | [`addresses`] | addresses with a meaning of their own, and how far a packet to each comes |
//! | [`hops`] | the TTL, and a path made visible by it |
//! | [`flows`] | two flows share a wire, packet by packet |
//! | [`sizes`] | a gigabyte in packets, and what the headers cost |
//! | [`faults`] | lost, duplicated, reordered, corrupted, delayed: each on purpose, and counted |
//! | [`checksums`] | what the Internet checksum notices, and what gets past it |
//! | [`sides`] | a path, a link drawn, and the reader's own kernel as the laptop |
//!
//! [`world`] is the internet of this lesson. The lines that are the idea are those of a router:
//! [`internet`] has them. Sources: RFC 791 (IP), RFC 792 (ICMP), RFC 1071 (the checksum), RFC 1812
//! (routers). Left out: fragments, IPv6 beyond its addresses, how tables come about (routing
//! protocols), and address translation.

pub mod addresses;
pub mod anatomy;
pub mod checksums;
pub mod faults;
pub mod flows;
pub mod hops;
pub mod sides;
pub mod sizes;
pub mod story;
pub mod world;
