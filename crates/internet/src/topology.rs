//! Describing a topology: nodes, links, routes, and faults on purpose.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::time::Duration;

use smoltcp::wire::Ipv4Cidr;
use thiserror::Error;

use crate::link::{Fault, Link, Wire};
use crate::net::{Internet, Node, NodeId, Role};
use crate::packet;
use crate::route::{Firewall, Table};
use crate::stack::{Stack, TcpConfig};

/// Why a topology is invalid.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TopologyError {
    /// Not four numbers from 0 to 255, or not the address of one host.
    #[error("{text:?} is not the address of a host: expected four numbers, such as 10.0.1.1")]
    Address {
        /// What was given.
        text: String,
    },
    /// Two nodes have the same address.
    #[error("{address} is the address of {node} already")]
    AddressTaken {
        /// The address.
        address: Ipv4Addr,
        /// The node that has it.
        node: String,
    },
    /// Not an address and a length, or an address with bits beyond the length.
    #[error(
        "{text:?} is not a prefix: expected an address, whose bits beyond the length are 0, \
             and a length from 0 to 32, such as 10.0.1.0/24"
    )]
    Prefix {
        /// What was given.
        text: String,
    },
    /// A route leads to a node that is not at the other end of a link.
    #[error("{node} has no link to {via}: a route leads to a neighbour")]
    NoLink {
        /// The node whose route it is.
        node: String,
        /// The node that it leads to.
        via: String,
    },
    /// Two nodes have two links, or a node has a link to itself.
    #[error("{a} and {b} cannot have another link")]
    LinkTaken {
        /// One end.
        a: String,
        /// The other end.
        b: String,
    },
    /// A host has a second link.
    #[error("{host} is a host and has a link already: a node with several is a router")]
    HostLinkedTwice {
        /// The host.
        host: String,
    },
    /// A link that can carry nothing, or more than IPv4 can.
    #[error("a link needs a rate of at least 1 bit a second and an MTU of 68 to 65,535 bytes")]
    Link,
}

/// The address of one host.
pub(crate) fn host_address(text: &str) -> Result<Ipv4Addr, TopologyError> {
    let address = text.parse().ok().filter(packet::is_one_host);
    address.ok_or_else(|| TopologyError::Address { text: text.to_owned() })
}

/// The smallest MTU of IPv4 (RFC 791, section 3.2).
const SMALLEST_MTU: usize = 68;

impl Internet {
    /// Adds a host. What it sends goes to its only link.
    ///
    /// # Errors
    /// [`TopologyError::Address`], [`TopologyError::AddressTaken`].
    pub fn host(&mut self, name: &str, address: &str) -> Result<NodeId, TopologyError> {
        self.host_with(name, address, TcpConfig::default())
    }

    /// The same, with a TCP of its own.
    ///
    /// # Errors
    /// Those of [`Internet::host`].
    pub fn host_with(
        &mut self,
        name: &str,
        address: &str,
        tcp: TcpConfig,
    ) -> Result<NodeId, TopologyError> {
        let address = self.free_address(address)?;
        let stack = Stack::new(address, tcp, Link::default().mtu, &mut self.rng);
        Ok(self.add(name, address, Role::Host(Box::new(stack))))
    }

    /// Adds a router: it knows its neighbours, and what lies behind them by [`Internet::route`].
    ///
    /// # Errors
    /// Those of [`Internet::host`].
    pub fn router(&mut self, name: &str, address: &str) -> Result<NodeId, TopologyError> {
        self.router_with(name, address, None)
    }

    /// Adds a router that is a firewall: of TCP it forwards the first segment of a connection and
    /// what belongs to it, until nothing was sent on it for longer than `idle`.
    ///
    /// # Errors
    /// Those of [`Internet::host`].
    pub fn firewall(
        &mut self,
        name: &str,
        address: &str,
        idle: Duration,
    ) -> Result<NodeId, TopologyError> {
        self.router_with(name, address, Some(Firewall::new(idle)))
    }

    fn router_with(
        &mut self,
        name: &str,
        address: &str,
        firewall: Option<Firewall>,
    ) -> Result<NodeId, TopologyError> {
        let address = self.free_address(address)?;
        let mtu = Link::default().mtu;
        let stack = Stack::new(address, TcpConfig::default(), mtu, &mut self.rng);
        Ok(self.add(name, address, Role::Router(Box::new(stack), firewall)))
    }

    /// Adds a host without a stack: the caller sends its packets with [`Internet::inject`] and
    /// takes what arrives with [`Internet::take`].
    ///
    /// # Errors
    /// Those of [`Internet::host`].
    pub fn tap(&mut self, name: &str, address: &str) -> Result<NodeId, TopologyError> {
        let address = self.free_address(address)?;
        Ok(self.add(name, address, Role::Tap(VecDeque::new())))
    }

    fn free_address(&self, text: &str) -> Result<Ipv4Addr, TopologyError> {
        let address = host_address(text)?;
        match self.nodes.iter().position(|node| node.address == address) {
            None => Ok(address),
            Some(node) => {
                let node = self.record.names[node].clone();
                Err(TopologyError::AddressTaken { address, node })
            }
        }
    }

    fn add(&mut self, name: &str, address: Ipv4Addr, role: Role) -> NodeId {
        let (node, loopback) = (self.nodes.len(), self.wires.len());
        // What a node sends to itself takes a wire, too: it is noted, and takes time.
        let (delay, queue, mtu) = (Duration::ZERO, usize::MAX, u16::MAX.into());
        let link = Link { delay, queue, mtu, rate: u64::MAX, ..Link::default() };
        self.wires.push(Wire::new(node, node, link));
        self.nodes.push(Node { address, loopback, table: Table::default(), role });
        self.record.names.push(name.to_owned());
        NodeId(node)
    }

    /// Connects two nodes.
    ///
    /// # Errors
    /// [`TopologyError::LinkTaken`], [`TopologyError::HostLinkedTwice`], [`TopologyError::Link`].
    pub fn link(&mut self, a: NodeId, b: NodeId, link: Link) -> Result<(), TopologyError> {
        if link.rate == 0 || !(SMALLEST_MTU..=usize::from(u16::MAX)).contains(&link.mtu) {
            return Err(TopologyError::Link);
        }
        if a == b || self.by_ends.contains_key(&(a, b)) {
            let (a, b) = (self.name(a).to_owned(), self.name(b).to_owned());
            return Err(TopologyError::LinkTaken { a, b });
        }
        for end in [a, b] {
            let is_linked = self.by_ends.keys().any(|(from, _)| *from == end);
            if is_linked && !matches!(self.nodes[end.0].role, Role::Router(..)) {
                return Err(TopologyError::HostLinkedTwice { host: self.name(end).to_owned() });
            }
        }
        for (from, to) in [(a, b), (b, a)] {
            let wire = self.wires.len();
            self.wires.push(Wire::new(from.0, to.0, link.clone()));
            self.by_ends.insert((from, to), wire);
            let neighbour = Ipv4Cidr::new(self.nodes[to.0].address, 32);
            let Node { table, role, .. } = &mut self.nodes[from.0];
            table.add(neighbour, wire);
            if !matches!(role, Role::Router(..)) {
                table.add(Ipv4Cidr::new(Ipv4Addr::UNSPECIFIED, 0), wire);
            }
            if let Role::Host(stack) = role {
                stack.set_mtu(link.mtu, &mut self.rng);
            }
        }
        Ok(())
    }

    /// Has `node` send what is for `prefix` to its neighbour `via`. The longest prefix wins.
    ///
    /// # Errors
    /// [`TopologyError::Prefix`], [`TopologyError::NoLink`].
    pub fn route(&mut self, node: NodeId, prefix: &str, via: NodeId) -> Result<(), TopologyError> {
        let wire = self.wire(node, via)?;
        let cidr = prefix.parse::<Ipv4Cidr>().ok().filter(|cidr| cidr.network() == *cidr);
        let cidr = cidr.ok_or_else(|| TopologyError::Prefix { text: prefix.to_owned() })?;
        self.nodes[node.0].table.add(cidr, wire);
        Ok(())
    }

    /// Has the `nth` packet, counted from 1, that the link carries from `from` to `to` meet
    /// `fault`, whatever else it meets. Packets that found the queue full do not count.
    ///
    /// # Errors
    /// [`TopologyError::NoLink`].
    pub fn fault(
        &mut self,
        from: NodeId,
        to: NodeId,
        nth: u64,
        fault: Fault,
    ) -> Result<(), TopologyError> {
        let wire = self.wire(from, to)?;
        self.wires[wire].plan(nth, fault);
        Ok(())
    }

    /// The routing table of a node: what is for a prefix goes to a neighbour. A node knows its
    /// neighbours, and a host has a default route to its only one.
    pub fn routes(&self, node: NodeId) -> impl Iterator<Item = (Ipv4Cidr, NodeId)> {
        let routes = self.nodes[node.0].table.routes().iter();
        routes.map(|(prefix, wire)| (*prefix, NodeId(self.wires[*wire].to)))
    }

    fn wire(&self, from: NodeId, to: NodeId) -> Result<usize, TopologyError> {
        self.by_ends.get(&(from, to)).copied().ok_or_else(|| {
            let (node, via) = (self.name(from).to_owned(), self.name(to).to_owned());
            TopologyError::NoLink { node, via }
        })
    }

    /// The name of a node.
    pub fn name(&self, node: NodeId) -> &str {
        &self.record.names[node.0]
    }

    /// The address of a node.
    pub fn address(&self, node: NodeId) -> Ipv4Addr {
        self.nodes[node.0].address
    }
}
