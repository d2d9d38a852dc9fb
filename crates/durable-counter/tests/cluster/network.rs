//! The wires between replicas: one each way between each two, since a node speaks on connections
//! that it has made itself, and only listens on those that others have made.
//!
//! What a scenario of the simulator says of links applies here as far as follows:
//!
//! * [`Cut`](worlds::sim::Fault::Cut) and [`Split`](worlds::sim::Fault::Split) do, for messages:
//!   without the wire from i to j, what i sends does not reach j, and what j sends reaches i. For
//!   packets there is no such cut. TCP needs both directions, so a firewall that drops packets one
//!   way ends all connections over it.
//! * A cut of the simulator lets arrive what is in flight. Here the connection is reset, and that
//!   may be lost with it.
//! * [`Delay`](worlds::sim::Delay), loss and duplication of single messages do not: TCP retransmits
//!   what the network lost, drops duplicates, and keeps the order. A message is lost here if its
//!   connection breaks, or if there is none.

use std::net::SocketAddr;

use common::fault::{Fault as WireFault, Proxy};
use common::transport::free_addrs;
use common::transport::{Deadline, TransportError};
use durable_counter::cluster::OPERATION_TIMEOUT;

/// The wires of a cluster.
pub(crate) struct Network {
    wires: Vec<Wire>,
}

/// What one replica sends to one other passes here.
struct Wire {
    from: usize,
    to: usize,
    /// The address at which the one finds the other.
    addr: String,
    leads_to: SocketAddr,
    is_cut: bool,
    /// Nothing listens without it.
    proxy: Option<Proxy>,
}

impl Network {
    /// Wires between replicas that listen at these addresses.
    pub(crate) fn new(addrs: &[String]) -> Network {
        let nodes = addrs.len();
        let pairs = (0..nodes * nodes).map(|pair| (pair / nodes, pair % nodes));
        let pairs: Vec<_> = pairs.filter(|(from, to)| from != to).collect();
        let free = free_addrs(pairs.len()).unwrap();
        let wires = pairs.into_iter().zip(free).map(|((from, to), addr)| {
            let leads_to = addrs[to].parse().expect("replicas listen at addresses");
            let mut wire = Wire { from, to, addr, leads_to, is_cut: false, proxy: None };
            wire.listen(WireFault::Pass);
            wire
        });
        Network { wires: wires.collect() }
    }

    /// Where a replica finds the others.
    pub(crate) fn peers_of(&self, replica: usize) -> impl Iterator<Item = &String> {
        let wires = self.wires.iter().filter(move |wire| wire.from == replica);
        wires.map(|wire| &wire.addr)
    }

    /// Nothing gets from one to the other any more, where `is_cut` holds of the two.
    pub(crate) fn cut(&mut self, is_cut: impl Fn(usize, usize) -> bool) {
        let wires = self.wires.iter_mut();
        wires.filter(|wire| is_cut(wire.from, wire.to)).for_each(Wire::cut);
    }

    /// Everything gets everywhere again.
    pub(crate) fn heal(&mut self) {
        self.wires.iter_mut().for_each(Wire::heal);
    }
}

impl Wire {
    /// Upwards as a firewall that rejects does it: connecting is refused. Downwards as one that
    /// drops: nothing is ever answered. Either way what was connected is reset, since a proxy
    /// cannot stop between two bytes and then go on.
    fn cut(&mut self) {
        if self.is_cut {
            return;
        }
        self.is_cut = true;
        self.proxy = None;
        if self.from > self.to {
            self.listen(WireFault::BlackHole { after: 0 });
        }
    }

    fn heal(&mut self) {
        if !self.is_cut {
            return;
        }
        self.is_cut = false;
        self.proxy = None;
        self.listen(WireFault::Pass);
    }

    fn listen(&mut self, fault: WireFault) {
        let deadline = Deadline::after(OPERATION_TIMEOUT);
        // A process that is being started beside this has a copy of the last proxy's socket until
        // it is another program.
        let proxy = loop {
            match Proxy::listen(&self.addr, self.leads_to, fault, fault) {
                Err(TransportError::Bind { .. }) if deadline.pause() => {}
                proxy => break proxy,
            }
        };
        self.proxy = Some(proxy.unwrap());
    }
}
