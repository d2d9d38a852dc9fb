//! From router to router: the TTL, and a path made visible by it.

use std::net::Ipv4Addr;
use std::time::Duration;

use internet::packet::{self, datagram};
use internet::smoltcp::wire::Icmpv4Message;
use internet::{TopologyError, What};
use trace::Trace;

use crate::world::{LAPTOP, SERVER, World};

/// The first port that `traceroute` sends to: one that no program listens on.
const FIRST_PORT: u16 = 33434;

/// How long a probe waits for its answer.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// The most hops that are tried.
pub const MOST_HOPS: u8 = 30;

/// How many hops in a row may stay silent before the search ends.
const MOST_SILENT: usize = 3;

/// What came back for the packet with one TTL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The TTL with which the packet left.
    pub ttl: u8,
    /// Who answered, and with what; `None` where nothing came.
    pub answer: Option<Answer>,
}

/// An answer to a packet that was sent to find a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who sent it.
    pub from: Ipv4Addr,
    /// Its name.
    pub name: String,
    /// What it says.
    pub says: Says,
    /// How long it took.
    pub after: Duration,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// The TTL was used up there: a router on the way.
    TimeExceeded,
    /// The packet reached the host, where no program has that port.
    Reached,
    /// A router knows no way.
    Unreachable,
}

/// The path from the laptop to `destination`: a packet with TTL 1, one with 2, and so on, until one
/// is answered by something else than "time exceeded".
pub fn trace_route(world: &mut World, destination: Ipv4Addr) -> Vec<Hop> {
    let mut hops: Vec<Hop> = Vec::new();
    for ttl in 1..=MOST_HOPS {
        let hop = probe(world, destination, ttl);
        let is_end = hop.answer.as_ref().is_some_and(|answer| answer.says != Says::TimeExceeded);
        hops.push(hop);
        let silent = hops.iter().rev().take_while(|hop| hop.answer.is_none()).count();
        if is_end || silent == MOST_SILENT {
            break;
        }
    }
    hops
}

/// Sends one packet, and waits for its answer.
fn probe(world: &mut World, destination: Ipv4Addr, ttl: u8) -> Hop {
    let port = FIRST_PORT + u16::from(ttl);
    let sent = world.net.now();
    world.net.inject(world.laptop, datagram(LAPTOP, destination, ttl, (50_000, port), b"probe"));
    let mut answer = None;
    let laptop = world.laptop;
    world.net.run(sent + PROBE_TIMEOUT, |net| {
        // An answer quotes the packet that it is about: a late one of an earlier probe has another
        // port there.
        while let Some(packet) = net.take(laptop) {
            answer = read_answer(&packet, port).map(|(from, says)| (from, says, net.now() - sent));
        }
        answer.is_none()
    });
    let answer = answer.map(|(from, says, after)| {
        let name = world.node(from).map_or("", |node| world.net.name(node)).to_owned();
        Answer { from, name, says, after }
    });
    Hop { ttl, answer }
}

/// Who sends this ICMP error, and what it says, if it is about a datagram to `port`.
fn read_answer(packet: &[u8], port: u16) -> Option<(Ipv4Addr, Says)> {
    let from = packet::ipv4(packet)?.src_addr();
    let icmp = packet::icmp(packet)?;
    let says = match (icmp.msg_type(), icmp.msg_code()) {
        (Icmpv4Message::TimeExceeded, _) => Says::TimeExceeded,
        (Icmpv4Message::DstUnreachable, 3) => Says::Reached,
        (Icmpv4Message::DstUnreachable, _) => Says::Unreachable,
        _ => return None,
    };
    let quoted = icmp.data();
    // The quoted IP header has no options, as that of the probe; the port follows the source's.
    let quoted_port = quoted.get(22..24)?;
    (quoted_port == port.to_be_bytes()).then_some((from, says))
}

/// What became of a packet that left with too small a TTL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedUp {
    /// The router that dropped it.
    pub dropped_by: String,
    /// The packet and the answer, as a diagram.
    pub trace: Trace,
}

/// Sends a packet to the server that its TTL takes to the second router alone.
///
/// # Errors
/// Those of [`World::new`].
pub fn used_up() -> Result<UsedUp, TopologyError> {
    let mut world = World::new(1, 0)?;
    probe(&mut world, SERVER, 2);
    let notes = &world.net.record().notes;
    let dropped = notes.iter().find(|note| matches!(note.what, What::Dropped(_)));
    let dropped_by = dropped.map_or("", |note| world.net.name(note.from)).to_owned();
    let nodes = ["laptop", "home", "north", "east"].map(|name| world.named(name));
    let trace = world.net.record().trace(&nodes, |note| {
        let ttl = packet::ipv4(&note.packet.bytes).map_or(0, |packet| packet.hop_limit());
        match note.what {
            What::Sent if packet::icmp(&note.packet.bytes).is_some() => "error".to_owned(),
            What::Sent => format!("TTL {ttl}"),
            What::Dropped(_) => "drops it".to_owned(),
            _ => String::new(),
        }
    });
    Ok(UsedUp { dropped_by, trace })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::ARCHIVE;

    fn names(hops: &[Hop]) -> Vec<&str> {
        hops.iter().map(|hop| hop.answer.as_ref().map_or("*", |answer| &*answer.name)).collect()
    }

    #[test]
    fn the_path_to_each_host_is_that_of_the_longest_prefix() -> Result<(), TopologyError> {
        let mut world = World::new(1, 0)?;
        let to_server = trace_route(&mut world, SERVER);
        assert_eq!(names(&to_server), ["home", "north", "east", "server"]);
        let to_archive = trace_route(&mut world, ARCHIVE);
        assert_eq!(names(&to_archive), ["home", "south", "archive"]);
        let last = to_server.last().and_then(|hop| hop.answer.as_ref()).map(|answer| answer.says);
        assert_eq!(last, Some(Says::Reached));
        Ok(())
    }

    #[test]
    fn a_router_without_a_route_ends_the_path() -> Result<(), TopologyError> {
        let hops = trace_route(&mut World::new(1, 0)?, Ipv4Addr::new(8, 8, 8, 8));
        assert_eq!(names(&hops), ["home", "north"]);
        assert_eq!(hops[1].answer.as_ref().map(|answer| answer.says), Some(Says::Unreachable));
        Ok(())
    }

    #[test]
    fn lost_probes_are_silent_hops() -> Result<(), TopologyError> {
        let hops = trace_route(&mut World::new(1, 1000)?, SERVER);
        assert_eq!(names(&hops), ["home", "north", "*", "*", "*"]);
        Ok(())
    }

    #[test]
    fn the_second_router_drops_a_packet_with_ttl_2() -> Result<(), TopologyError> {
        assert_eq!(used_up()?.dropped_by, "north");
        Ok(())
    }
}
