//! An internet on one machine: hosts with real TCP/IP stacks, routers and links, in virtual time.
//!
//! ```
//! use internet::{Internet, Link};
//! use std::time::Duration;
//!
//! let mut net = Internet::new(1);
//! let client = net.host("client", "10.0.1.1")?;
//! let west = net.router("west", "10.0.1.254")?;
//! let east = net.router("east", "10.0.2.254")?;
//! let server = net.host("server", "10.0.2.1")?;
//! net.link(client, west, Link::default())?;
//! net.link(west, east, Link { delay: Duration::from_millis(28), lost: 20, ..Link::default() })?;
//! net.link(east, server, Link::default())?;
//! net.route(west, "10.0.2.0/24", east)?;
//! net.route(east, "10.0.1.0/24", west)?;
//!
//! net.listen(server, 80);
//! let tcp = net.connect(client, "10.0.2.1", 80)?;
//! net.run_until(Duration::from_secs(5));
//! assert!(net.tcp(tcp).may_send());
//! assert!(net.record().table().contains("SYN"));
//! # Ok::<(), internet::TopologyError>(())
//! ```
//!
//! A host's stack is smoltcp's ([`smoltcp::socket::tcp`]), the one that runs in small devices; the
//! routers, the links and their faults are ours. Each packet is noted when it is sent, queued,
//! altered, dropped (with the reason) and received: [`Record`] shows that as a table, as a
//! [`trace::Trace`], and as a file for Wireshark.
//!
//! What holds:
//!
//! * The same seed, topology and calls give the same packets at the same times, byte for byte.
//! * Time moves only in [`Internet::run`] and its like, from event to event: an hour of waiting
//!   takes no time.
//! * No bytes that a node receives make the internet panic.
//! * A router lowers the TTL of what it forwards, so that no packet stays for ever.
//!
//! Left out: IPv6, fragments, Ethernet and ARP (links connect two nodes), routing protocols (tables
//! are written by hand), and ICMP errors at sockets, which smoltcp does not hear.

pub mod kernel;
mod link;
mod net;
pub mod packet;
mod record;
mod route;
mod stack;
mod topology;
mod udp;

pub use link::{Fault, Link};
pub use net::{Internet, NodeId, Tcp};
pub use record::{Note, Packet, Pcap, Record, What, Why};
pub use smoltcp;
pub use stack::TcpConfig;
pub use topology::TopologyError;
pub use udp::Udp;
