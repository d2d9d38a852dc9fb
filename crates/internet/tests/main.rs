//! What the internet promises, each promise by the packets that cross it.

mod extremes;
mod faults;
mod firewall;
mod forwarding;
mod hostile;
mod packets;
mod programs;
mod record;
mod streams;
mod topology;
mod udp;

use std::net::Ipv4Addr;
use std::time::Duration;

use internet::packet::datagram;
use internet::smoltcp::wire::{Ipv4Packet, TcpPacket};
use internet::{Internet, Link, NodeId, TopologyError, What, Why};

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

fn seconds(time: u64) -> Duration {
    Duration::from_secs(time)
}

/// Two taps, with a link between them.
fn two_taps(link: Link) -> Result<(Internet, NodeId, NodeId), TopologyError> {
    let mut net = Internet::new(1);
    let a = net.tap("a", "10.0.1.1")?;
    let b = net.tap("b", "10.0.2.1")?;
    net.link(a, b, link)?;
    Ok((net, a, b))
}

/// A line of routers between two nodes, `10.0.0.1` and so on, that know the way to both ends.
fn line_of_routers(
    net: &mut Internet,
    ends: [NodeId; 2],
    routers: usize,
    link: &Link,
) -> Result<Vec<NodeId>, TopologyError> {
    let mut line = vec![ends[0]];
    for number in 1..=routers {
        line.push(net.router(&format!("r{number}"), &format!("10.0.0.{number}"))?);
    }
    line.push(ends[1]);
    for pair in line.windows(2) {
        net.link(pair[0], pair[1], link.clone())?;
    }
    let [first, last] = ends.map(|end| format!("{}/32", net.address(end)));
    for three in line.windows(3) {
        net.route(three[1], &first, three[0])?;
        net.route(three[1], &last, three[2])?;
    }
    Ok(line)
}

/// A packet from `10.0.1.1` to `10.0.2.1` with a sound header before this payload.
fn packet_of(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = datagram([10, 0, 1, 1], [10, 0, 2, 1], 64, (1, 1), payload);
    packet[9] = protocol;
    packet.drain(20..28);
    let length = packet.len() as u16;
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    Ipv4Packet::new_unchecked(&mut packet[..]).fill_checksum();
    packet
}

/// A TCP segment without data in such a packet, from this port to port 80.
fn segment(port: u16, set_flags: impl Fn(&mut TcpPacket<&mut [u8]>)) -> Vec<u8> {
    let (from, to) = (Ipv4Addr::new(10, 0, 1, 1), Ipv4Addr::new(10, 0, 2, 1));
    let mut packet = packet_of(6, &[0; 20]);
    let mut tcp = TcpPacket::new_unchecked(&mut packet[20..]);
    tcp.set_src_port(port);
    tcp.set_dst_port(80);
    tcp.set_header_len(20);
    set_flags(&mut tcp);
    tcp.fill_checksum(&from.into(), &to.into());
    packet
}

/// Why packets were dropped, in order.
fn drops(net: &Internet) -> Vec<Why> {
    let dropped = |what| if let What::Dropped(why) = what { Some(why) } else { None };
    net.record().notes.iter().filter_map(|note| dropped(note.what)).collect()
}
