use std::time::Duration;

use internet::packet::echo_request;
use internet::smoltcp::wire::TcpPacket;
use internet::{Internet, Link, NodeId, TopologyError, Why};

use crate::{drops, ms, seconds, segment};

#[test]
fn a_firewall_forgets_an_idle_connection_without_a_word() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.host("a", "10.0.1.1")?, net.host("b", "10.0.2.1")?);
    let wall = net.firewall("wall", "10.0.0.1", seconds(300))?;
    net.link(a, wall, Link::default())?;
    net.link(wall, b, Link::default())?;
    net.listen(b, 80);
    let client = net.connect(a, "10.0.2.1", 80)?;
    net.run_until(seconds(1));
    let server = net.accept(b, 80).expect("a connection");

    // Less than 300 s of silence: it is remembered.
    net.run_until(seconds(300));
    net.write(client, b"one");
    net.run_until(seconds(301));
    assert_eq!(net.read(server), b"one");

    net.run_until(seconds(602));
    net.write(client, b"two");
    net.run_until(seconds(602) + seconds(59));
    assert_eq!(net.read(server), b"");
    assert!(net.tcp(client).is_open(), "the client still retransmits");
    assert!(drops(&net).iter().all(|why| *why == Why::Firewall));
    net.run_until(seconds(602) + seconds(62));
    assert!(!net.tcp(client).is_open(), "a minute without an acknowledgement ends it");
    assert!(net.tcp(server).is_open(), "the other end has heard nothing");

    // A new connection opens a new entry.
    let again = net.connect(a, "10.0.2.1", 80)?;
    net.run_until(net.now() + seconds(1));
    assert!(net.tcp(again).may_send());
    Ok(())
}

/// Two taps beside a firewall that forgets after five minutes.
fn walled() -> Result<(Internet, NodeId, NodeId), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.tap("b", "10.0.2.1")?);
    let wall = net.firewall("wall", "10.0.0.1", seconds(300))?;
    for tap in [a, b] {
        net.link(tap, wall, Link { queue: usize::MAX, ..Link::default() })?;
    }
    Ok((net, a, b))
}

/// Whether a packet that `from` sends passes the firewall to the other tap.
fn passes(net: &mut Internet, [from, to]: [NodeId; 2], packet: Vec<u8>) -> bool {
    net.inject(from, packet);
    net.run_until(net.now() + ms(100));
    net.take(to).is_some()
}

fn syn(port: u16) -> Vec<u8> {
    segment(port, |tcp| tcp.set_syn(true))
}

fn ack(port: u16) -> Vec<u8> {
    segment(port, |tcp| tcp.set_ack(true))
}

#[test]
fn a_syn_alone_opens_a_way_through_a_firewall() -> Result<(), TopologyError> {
    let (mut net, a, b) = walled()?;
    let of_no_connection: [fn(&mut TcpPacket<&mut [u8]>); 4] = [
        |tcp| tcp.set_ack(true),
        |tcp| tcp.set_rst(true),
        |tcp| tcp.set_fin(true),
        |tcp| {
            tcp.set_syn(true);
            tcp.set_ack(true);
        },
    ];
    for set_flags in of_no_connection {
        assert!(!passes(&mut net, [a, b], segment(1, set_flags)));
    }
    assert_eq!(drops(&net), [Why::Firewall; 4]);
    assert!(passes(&mut net, [a, b], syn(1)));
    // Both ways, and this connection alone.
    assert!(passes(&mut net, [a, b], ack(1)));
    assert!(passes(&mut net, [b, a], returned(ack(1))));
    assert!(!passes(&mut net, [a, b], ack(2)));
    assert!(passes(&mut net, [a, b], echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 1, b"")));
    Ok(())
}

/// The same segment from the other end.
fn returned(mut packet: Vec<u8>) -> Vec<u8> {
    // Addresses and ports trade places, so that both checksums stay right.
    packet[12..20].rotate_left(4);
    packet[20..24].rotate_left(2);
    packet
}

#[test]
fn a_firewall_forgets_after_its_time_and_not_before() -> Result<(), TopologyError> {
    for (later, is_known) in [(seconds(300), true), (seconds(300) + MICROSECOND, false)] {
        let (mut net, a, b) = walled()?;
        assert!(passes(&mut net, [a, b], syn(1)));
        net.run_until(later);
        assert_eq!(passes(&mut net, [a, b], ack(1)), is_known);
    }
    Ok(())
}

const MICROSECOND: Duration = Duration::from_micros(1);

#[test]
fn a_full_firewall_knows_its_connections_and_no_other() -> Result<(), TopologyError> {
    let (mut net, a, b) = walled()?;
    for port in 1..=4096 {
        net.inject(a, syn(port));
    }
    net.run_until(seconds(1));
    assert_eq!(std::iter::from_fn(|| net.take(b)).count(), 4096);
    assert!(!passes(&mut net, [a, b], syn(5000)));
    net.run_until(seconds(200));
    assert!(passes(&mut net, [a, b], ack(1)) && passes(&mut net, [a, b], syn(2)));
    // The others are forgotten when their place is needed.
    net.run_until(seconds(400));
    assert!(passes(&mut net, [a, b], syn(5000)) && passes(&mut net, [a, b], ack(5000)));
    assert!(passes(&mut net, [a, b], ack(1)) && passes(&mut net, [a, b], ack(2)));
    assert!(!passes(&mut net, [a, b], ack(3)));
    Ok(())
}
