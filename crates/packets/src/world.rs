//! The internet of this lesson.

use std::net::Ipv4Addr;
use std::time::Duration;

use internet::{Internet, Link, NodeId, TopologyError};

/// Two ways lead out of a home: north and east to a server, and south to an archive.
///
/// ```text
///                       ┌── north ── east ── server
///     laptop ── home ───┤
///                       └── south ── archive
/// ```
///
/// The addresses are of the ranges that are kept for examples (RFC 5737).
pub struct World {
    /// The internet.
    pub net: Internet,
    /// Where the reader is: packets go in and come out as bytes.
    pub laptop: NodeId,
    /// The nodes, by their addresses.
    nodes: Vec<NodeId>,
}

/// The address of the laptop.
pub const LAPTOP: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
/// The address of the server.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 80);
/// The address of the archive.
pub const ARCHIVE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 200);

impl World {
    /// The internet, with faults drawn from `seed`. The link from north to east loses `lost` of a
    /// thousand packets in each direction.
    ///
    /// # Errors
    /// If the topology is invalid: it is not.
    pub fn new(seed: u64, lost: u64) -> Result<World, TopologyError> {
        let mut net = Internet::new(seed);
        let laptop = net.tap("laptop", "192.0.2.10")?;
        let home = net.router("home", "192.0.2.1")?;
        let north = net.router("north", "198.51.100.1")?;
        let east = net.router("east", "198.51.100.2")?;
        let south = net.router("south", "198.51.100.3")?;
        let server = net.host("server", "203.0.113.80")?;
        let archive = net.host("archive", "203.0.113.200")?;

        let link = |delay| Link { delay: Duration::from_millis(delay), ..Link::default() };
        net.link(laptop, home, link(1))?;
        net.link(home, north, link(5))?;
        net.link(north, east, Link { lost, ..link(28) })?;
        net.link(east, server, link(1))?;
        net.link(home, south, link(9))?;
        net.link(south, archive, link(1))?;

        net.route(home, "0.0.0.0/0", north)?;
        net.route(home, "203.0.113.128/25", south)?;
        net.route(north, "203.0.113.0/24", east)?;
        for (router, back) in [(north, home), (south, home), (east, north)] {
            net.route(router, "192.0.2.0/24", back)?;
        }
        let nodes = vec![laptop, home, north, east, south, server, archive];
        Ok(World { net, laptop, nodes })
    }

    /// The node with this address.
    pub fn node(&self, address: Ipv4Addr) -> Option<NodeId> {
        self.nodes.iter().copied().find(|node| self.net.address(*node) == address)
    }

    /// The node with this name.
    ///
    /// # Panics
    /// If there is none.
    pub fn named(&self, name: &str) -> NodeId {
        let node = self.nodes.iter().copied().find(|node| self.net.name(*node) == name);
        node.expect("a node of this lesson's internet")
    }
}
