//! Datagrams of the programs on the hosts.

use std::net::SocketAddrV4;

use smoltcp::iface::SocketHandle;
use smoltcp::socket::udp::{PacketBuffer, PacketMetadata, Socket, UdpMetadata};
use smoltcp::wire::{IpAddress, IpEndpoint, UDP_HEADER_LEN};

use crate::net::{Internet, NodeId};
use crate::packet::{self, IPV4_HEADER};

/// How many datagrams a socket holds until its program takes them, and how many bytes in all.
const HELD: (usize, usize) = (64, 65_535);

/// A UDP socket of a host, bound to a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Udp {
    pub(crate) host: NodeId,
    port: u16,
    socket: SocketHandle,
    /// smoltcp gives the handle of a socket that was lost in a restart to another one.
    number: u64,
}

/// Datagrams. A socket hears nothing of one that was lost, nor of ICMP errors.
impl Internet {
    /// Has a program of `host` send from `port` and receive what is sent there. The socket holds up
    /// to 64 datagrams and 65,535 bytes, less where a datagram would have to be cut at the end of
    /// its ring of bytes. What finds no room is dropped without a note.
    ///
    /// # Panics
    /// If the node has no stack, the port is 0, or the host has bound it.
    pub fn udp_bind(&mut self, host: NodeId, port: u16) -> Udp {
        assert!(port > 0, "a program binds a port above 0");
        let is_bound = |udp: &Udp| (udp.host, udp.port) == (host, port);
        assert!(!self.udps.iter().any(is_bound), "one program of a host binds a port");
        let buffer = || PacketBuffer::new(vec![PacketMetadata::EMPTY; HELD.0], vec![0; HELD.1]);
        let mut socket = Socket::new(buffer(), buffer());
        socket.bind(port).expect("a new socket binds a port above 0");
        let socket = self.stack(host).sockets.add(socket);
        let udp = Udp { host, port, socket, number: self.next_number() };
        self.udps.insert(udp);
        udp
    }

    /// Sends a datagram, and returns whether it was sent: one that does not fit into a packet of
    /// the host's link is not, as there are no fragments here.
    ///
    /// # Panics
    /// If the socket was lost in a restart, or `to` is not a port above 0 of one host.
    pub fn send_to(&mut self, udp: Udp, to: SocketAddrV4, bytes: &[u8]) -> bool {
        let is_one_port = packet::is_one_host(to.ip()) && to.port() > 0;
        assert!(is_one_port, "a datagram is sent to a port above 0 of one host");
        let room = self.stack(udp.host).mtu() - IPV4_HEADER - UDP_HEADER_LEN;
        let to = IpEndpoint::new(IpAddress::Ipv4(*to.ip()), to.port());
        let socket = self.udp(udp);
        if bytes.len() > room {
            return false;
        }
        // The poll below takes it out of the buffer at once.
        socket.send_slice(bytes, to).expect("a socket has room for a packet to a host");
        self.poll(udp.host);
        true
    }

    /// The oldest datagram that arrived and was not returned, and who sent it. One with a wrong
    /// checksum does not arrive.
    ///
    /// # Panics
    /// If the socket was lost in a restart.
    pub fn receive(&mut self, udp: Udp) -> Option<(SocketAddrV4, Vec<u8>)> {
        let (bytes, UdpMetadata { endpoint, .. }) = self.udp(udp).recv().ok()?;
        let IpAddress::Ipv4(address) = endpoint.addr;
        Some((SocketAddrV4::new(address, endpoint.port), bytes.to_vec()))
    }

    fn udp(&mut self, udp: Udp) -> &mut Socket<'static> {
        assert!(self.udps.contains(&udp), "the socket was lost in a restart");
        self.stack(udp.host).sockets.get_mut(udp.socket)
    }
}
