//! A client, servers, and the link between them, over UDP in virtual time.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use internet::{Internet, Link, NodeId, TopologyError, Udp, What};

/// The address of a server. Like all addresses here it is one of those for examples (RFC 5737).
pub const SERVER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 80);

const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
const SWITCH: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const PORT: u16 = 4000;

/// The link on the desk: a cable and a switch.
pub fn desk() -> Link {
    Link { delay: Duration::from_micros(50), rate: 1_000_000_000, ..Link::default() }
}

/// The link across an ocean, from New York to London: as fast, and longer.
pub fn ocean() -> Link {
    Link { delay: Duration::from_millis(28), ..desk() }
}

/// What the program on a server does.
pub trait Service {
    /// The reply to a request that arrived at this address; `None` sends none.
    fn reply(&mut self, now: Duration, at: Ipv4Addr, request: &[u8]) -> Option<Vec<u8>>;
}

/// A client behind a link, and servers behind its other end, which all run one service.
pub struct World<S> {
    /// What the servers do, and have seen.
    pub service: S,
    net: Internet,
    client: (NodeId, Udp),
    switch: NodeId,
    servers: Vec<(Ipv4Addr, Udp)>,
}

impl<S: Service> World<S> {
    /// A client and servers at these addresses. Only `link` has faults, which it draws from `seed`.
    ///
    /// # Errors
    /// If an address is taken, or the link is invalid.
    pub fn new(
        seed: u64,
        link: Link,
        addresses: &[Ipv4Addr],
        service: S,
    ) -> Result<World<S>, TopologyError> {
        let mut net = Internet::new(seed);
        let host = net.host("client", &CLIENT.to_string())?;
        let switch = net.router("switch", &SWITCH.to_string())?;
        // All that is sent waits its turn: none of it is dropped here.
        net.link(host, switch, Link { queue: usize::MAX, ..link })?;
        let mut servers = Vec::new();
        for address in addresses {
            let server = net.host("server", &address.to_string())?;
            net.link(switch, server, Link { delay: Duration::ZERO, ..desk() })?;
            servers.push((*address, net.udp_bind(server, PORT)));
        }
        let client = (host, net.udp_bind(host, PORT));
        Ok(World { service, net, client, switch, servers })
    }

    /// Has the first packet that the client sends meet `fault`.
    ///
    /// # Errors
    /// None: the client has a link to the switch.
    pub fn fault(&mut self, fault: internet::Fault) -> Result<(), TopologyError> {
        self.net.fault(self.client.0, self.switch, 1, fault)
    }

    /// The time since the start.
    pub fn now(&self) -> Duration {
        self.net.now()
    }

    /// How many packets the programs have sent, requests and replies.
    pub fn packets(&self) -> usize {
        let notes = self.net.record().notes.iter();
        notes.filter(|note| note.what == What::Sent && note.packet.hop == 0).count()
    }

    /// Sends a message, and returns whether the call succeeds.
    pub fn send(&mut self, to: Ipv4Addr, message: &[u8]) -> bool {
        self.net.send_to(self.client.1, SocketAddrV4::new(to, PORT), message)
    }

    /// Lets time pass; the servers answer what arrives.
    pub fn run_until(&mut self, until: Duration) {
        while self.net.step(until) {
            self.serve();
        }
    }

    /// Sends a request, and returns the first reply that `is_mine` takes, or `None` at the timeout.
    /// Other replies are to earlier requests, and are dropped.
    pub fn call(
        &mut self,
        to: Ipv4Addr,
        request: &[u8],
        timeout: Duration,
        is_mine: impl Fn(&[u8]) -> bool,
    ) -> Option<Vec<u8>> {
        self.send(to, request);
        let until = self.now() + timeout;
        while self.net.step(until) {
            self.serve();
            while let Some((_, reply)) = self.net.receive(self.client.1) {
                if is_mine(&reply) {
                    return Some(reply);
                }
            }
        }
        None
    }

    fn serve(&mut self) {
        for (address, socket) in &self.servers {
            while let Some((from, request)) = self.net.receive(*socket) {
                let reply = self.service.reply(self.net.now(), *address, &request);
                if let Some(reply) = reply {
                    self.net.send_to(*socket, from, &reply);
                }
            }
        }
    }
}

/// The `nth` number of a message of such numbers.
pub(crate) fn number(message: &[u8], nth: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*message.get(4 * nth..)?.first_chunk()?))
}
