//! Routing tables, and a firewall.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use smoltcp::wire::Ipv4Cidr;

use crate::packet;

/// Where packets go next: by the longest prefix that their destination is in.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<(Ipv4Cidr, usize)>);

impl Table {
    /// Sends what is for `prefix` on `wire`. A prefix that is already there gets the new wire.
    pub(crate) fn add(&mut self, prefix: Ipv4Cidr, wire: usize) {
        self.0.retain(|(known, _)| *known != prefix);
        self.0.push((prefix, wire));
    }

    pub(crate) fn routes(&self) -> &[(Ipv4Cidr, usize)] {
        &self.0
    }

    pub(crate) fn lookup(&self, destination: Ipv4Addr) -> Option<usize> {
        let fitting = self.0.iter().filter(|(prefix, _)| prefix.contains_addr(&destination));
        fitting.max_by_key(|(prefix, _)| prefix.prefix_len()).map(|(_, wire)| *wire)
    }
}

/// How many connections a firewall remembers.
const REMEMBERED: usize = 4096;

/// Both ends of a connection, the smaller one first, so that both directions are the same.
type Flow = [(Ipv4Addr, u16); 2];

/// Lets TCP segments through that open a connection or belong to one that it remembers, and forgets
/// a connection that was idle for too long: as the address translators of homes and offices do, and
/// without a word to either end.
#[derive(Debug)]
pub(crate) struct Firewall {
    idle: Duration,
    /// When each connection was last seen.
    seen: BTreeMap<Flow, Duration>,
}

impl Firewall {
    pub(crate) fn new(idle: Duration) -> Firewall {
        Firewall { idle, seen: BTreeMap::new() }
    }

    /// Whether the packet passes at the time `now`. What is not TCP passes.
    pub(crate) fn passes(&mut self, now: Duration, bytes: &[u8]) -> bool {
        let (Some(packet), Some(tcp)) = (packet::ipv4(bytes), packet::tcp(bytes)) else {
            return true;
        };
        let mut flow = [(packet.src_addr(), tcp.src_port()), (packet.dst_addr(), tcp.dst_port())];
        flow.sort();
        let is_idle = |last: &Duration| now.saturating_sub(*last) > self.idle;
        let opens = tcp.syn() && !tcp.ack();
        if !opens && self.seen.get(&flow).is_none_or(is_idle) {
            self.seen.remove(&flow);
            return false;
        }
        if !self.seen.contains_key(&flow) && self.seen.len() >= REMEMBERED {
            self.seen.retain(|_, last| !is_idle(last));
            if self.seen.len() >= REMEMBERED {
                return false;
            }
        }
        self.seen.insert(flow, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Ipv4Cidr {
        text.parse().expect("a prefix")
    }

    #[test]
    fn the_longest_prefix_wins_in_any_order() {
        let mut routes =
            [("0.0.0.0/0", 0), ("10.0.0.0/8", 1), ("10.1.0.0/16", 2), ("10.1.2.3/32", 3)];
        for _ in 0..routes.len() {
            routes.rotate_left(1);
            let mut table = Table::default();
            routes.iter().for_each(|(text, wire)| table.add(prefix(text), *wire));
            let found = [[192, 0, 2, 1], [10, 2, 0, 0], [10, 1, 2, 4], [10, 1, 2, 3]]
                .map(|addr| table.lookup(addr.into()));
            assert_eq!(found, [Some(0), Some(1), Some(2), Some(3)]);
        }
    }

    #[test]
    fn a_table_without_a_default_route_has_no_answer_for_the_rest() {
        let mut table = Table::default();
        table.add(prefix("10.1.0.0/16"), 7);
        assert_eq!(table.lookup([10, 2, 0, 1].into()), None);
        table.add(prefix("10.1.0.0/16"), 8);
        assert_eq!(table.lookup([10, 1, 0, 1].into()), Some(8));
    }
}
