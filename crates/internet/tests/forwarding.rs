use std::time::Duration;

use internet::packet::{self, datagram, echo_request};
use internet::{Internet, Link, TopologyError, What, Why};

use crate::{drops, line_of_routers, ms, seconds, two_taps};

/// What `tap` received, each packet in a line.
fn received(net: &mut Internet, tap: internet::NodeId) -> Vec<String> {
    std::iter::from_fn(|| net.take(tap)).map(|bytes| packet::describe(&bytes)).collect()
}

#[test]
fn each_router_lowers_the_ttl_by_one() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.tap("b", "10.0.2.1")?);
    line_of_routers(&mut net, [a, b], 3, &Link::default())?;
    net.inject(a, echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 1, b"hello"));
    net.run_until(seconds(1));
    let arrived = net.take(b).expect("the packet arrived");
    // The router wrote the checksum anew, or the packet would not be sound.
    let header = packet::ipv4(&arrived).expect("a sound packet");
    assert_eq!(header.hop_limit(), 61);
    assert_eq!(arrived[20..], echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 1, b"hello")[20..]);
    Ok(())
}

#[test]
fn the_router_that_uses_up_the_ttl_reports_it() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.host("b", "10.0.2.1")?);
    line_of_routers(&mut net, [a, b], 3, &Link::default())?;
    for ttl in 0..=5 {
        net.inject(a, datagram([10, 0, 1, 1], [10, 0, 2, 1], ttl, (5000, 33434), b"probe"));
        net.run_until(net.now() + seconds(1));
    }
    let errors = received(&mut net, a);
    let expected = [
        "10.0.0.1 > 10.0.1.1  time exceeded",
        "10.0.0.1 > 10.0.1.1  time exceeded",
        "10.0.0.2 > 10.0.1.1  time exceeded",
        "10.0.0.3 > 10.0.1.1  time exceeded",
        "10.0.2.1 > 10.0.1.1  destination port unreachable",
        "10.0.2.1 > 10.0.1.1  destination port unreachable",
    ];
    assert_eq!(errors, expected);
    assert_eq!(drops(&net), [Why::Expired; 4]);
    Ok(())
}

#[test]
fn an_icmp_error_quotes_the_packet_and_has_a_right_checksum() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.tap("b", "10.0.2.1")?);
    line_of_routers(&mut net, [a, b], 1, &Link::default())?;
    let probe = datagram([10, 0, 1, 1], [10, 0, 2, 1], 1, (5000, 33434), &[7; 1000]);
    net.inject(a, probe.clone());
    net.run_until(seconds(1));
    let error = net.take(a).expect("an error");
    assert_eq!(error.len(), 576);
    assert!(packet::transport_checksum_holds(&error));
    assert_eq!(error[28..], probe[..548]);
    Ok(())
}

#[test]
fn without_a_route_the_router_answers_unreachable() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.tap("b", "10.0.2.1")?);
    line_of_routers(&mut net, [a, b], 2, &Link::default())?;
    // The route is looked up before the TTL is lowered.
    for ttl in [1, 64] {
        net.inject(a, echo_request([10, 0, 1, 1], [192, 0, 2, 1], ttl, 1, b""));
        net.run_until(net.now() + seconds(1));
    }
    let unreachable = "10.0.0.1 > 10.0.1.1  destination network unreachable";
    assert_eq!(received(&mut net, a), [unreachable; 2]);
    assert_eq!(drops(&net), [Why::NoRoute; 2]);
    Ok(())
}

#[test]
fn no_router_forwards_what_is_for_one_link_or_machine() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.tap("b", "10.0.2.1")?);
    let line = line_of_routers(&mut net, [a, b], 1, &Link::default())?;
    net.route(line[1], "0.0.0.0/0", b)?;
    let not_forwarded =
        [[127, 0, 0, 1], [169, 254, 0, 9], [0, 0, 0, 0], [255, 255, 255, 255], [224, 0, 0, 1]];
    for destination in not_forwarded {
        net.inject(a, echo_request([10, 0, 1, 1], destination, 64, 1, b""));
    }
    net.inject(a, echo_request([10, 0, 1, 1], [192, 168, 1, 1], 64, 1, b""));
    net.run_until(seconds(1));
    assert_eq!(drops(&net), [[Why::NotForwarded; 5].as_slice(), &[Why::NotMine]].concat());
    assert_eq!(received(&mut net, a), [""; 0]);
    Ok(())
}

#[test]
fn a_circle_of_routes_ends_with_the_ttl() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.tap("b", "10.0.2.1")?);
    let line = line_of_routers(&mut net, [a, b], 2, &Link::default())?;
    net.route(line[1], "192.0.2.0/24", line[2])?;
    net.route(line[2], "192.0.2.0/24", line[1])?;
    net.inject(a, echo_request([10, 0, 1, 1], [192, 0, 2, 1], 255, 1, b""));
    net.run_until(seconds(60));
    assert_eq!(net.next_time(), None);
    // 254 hops between the two: the second router drops it.
    assert_eq!(received(&mut net, a), ["10.0.0.1 > 10.0.1.1  time exceeded"]);
    // Each hop is a message of its own, so the trace holds together.
    assert_eq!(net.record().trace(&line, |_| String::new()).messages().len(), 255 + 1);
    Ok(())
}

#[test]
fn a_packet_too_large_for_the_next_link_is_refused_with_its_mtu() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.tap("b", "10.0.2.1")?);
    let router = net.router("r", "10.0.0.1")?;
    net.link(a, router, Link::default())?;
    net.link(router, b, Link { mtu: 1400, ..Link::default() })?;
    for data in [1372, 1373] {
        net.inject(a, echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 1, &vec![0; data]));
    }
    net.run_until(seconds(1));
    assert!(net.take(b).is_some() && net.take(b).is_none());
    let error = net.take(a).expect("an error");
    let icmp = packet::icmp(&error).expect("ICMP");
    assert_eq!((u8::from(icmp.msg_type()), icmp.msg_code()), (3, 4));
    assert_eq!(error[26..28], 1400_u16.to_be_bytes());
    Ok(())
}

#[test]
fn no_error_answers_an_error_a_broadcast_or_a_fragment() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.tap("b", "10.0.2.1")?);
    line_of_routers(&mut net, [a, b], 1, &Link::default())?;
    let probe = || datagram([10, 0, 1, 1], [10, 0, 2, 1], 1, (5000, 33434), b"");
    net.inject(a, probe());
    net.run_until(seconds(1));
    // The error itself, back with a TTL of 1.
    let mut error = net.take(a).expect("an error").to_vec();
    readdress(&mut error, [10, 0, 1, 1], [10, 0, 2, 1]);
    let mut broadcast = probe();
    readdress(&mut broadcast, [10, 0, 1, 1], [255, 255, 255, 255]);
    let mut from_nowhere = probe();
    readdress(&mut from_nowhere, [0, 0, 0, 0], [10, 0, 2, 1]);
    let mut fragment = probe();
    fragment[7] = 1;
    readdress(&mut fragment, [10, 0, 1, 1], [10, 0, 2, 1]);
    for packet in [error, broadcast, from_nowhere, fragment] {
        net.inject(a, packet);
        net.run_until(net.now() + seconds(1));
    }
    assert_eq!(received(&mut net, a), [""; 0]);
    assert_eq!(drops(&net).len(), 5);
    Ok(())
}

/// Writes both addresses, and a TTL of 1.
fn readdress(bytes: &mut [u8], src: [u8; 4], dst: [u8; 4]) {
    let mut header = internet::smoltcp::wire::Ipv4Packet::new_unchecked(bytes);
    header.set_src_addr(src.into());
    header.set_dst_addr(dst.into());
    header.set_hop_limit(1);
    header.fill_checksum();
}

#[test]
fn a_router_answers_a_ping_and_so_does_a_host_at_itself() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.host("b", "10.0.2.1")?);
    line_of_routers(&mut net, [a, b], 2, &Link::default())?;
    for dst in [[10, 0, 0, 1], [10, 0, 0, 2], [10, 0, 2, 1]] {
        net.inject(a, echo_request([10, 0, 1, 1], dst, 64, 7, b"hello"));
        net.run_until(net.now() + seconds(1));
    }
    let replies =
        ["10.0.0.1", "10.0.0.2", "10.0.2.1"].map(|from| format!("{from} > 10.0.1.1  echo reply 7"));
    assert_eq!(received(&mut net, a), replies);

    net.listen(b, 80);
    let to_itself = net.connect(b, "10.0.2.1", 80)?;
    net.run_until(net.now() + seconds(1));
    assert!(net.tcp(to_itself).may_send());
    Ok(())
}

#[test]
fn what_a_node_sends_to_itself_is_noted_and_takes_time() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let host = net.host("host", "10.0.1.1")?;
    let number = net.inject(host, echo_request([10, 0, 1, 1], [10, 0, 1, 1], 64, 1, b""));
    assert_eq!(number, 1);
    net.run_until(seconds(1));
    let notes = &net.record().notes;
    let seen: Vec<_> = notes.iter().map(|note| (note.packet.number, note.what)).collect();
    // The request and its reply.
    assert_eq!(seen, [(1, What::Sent), (1, What::Arrived), (2, What::Sent), (2, What::Arrived)]);
    let times = [0, 1, 1, 2].map(Duration::from_micros);
    assert_eq!(notes.iter().map(|note| note.time).collect::<Vec<_>>(), times);
    assert_eq!(net.record().trace(&[host], |_| String::new()).messages().len(), 2);
    Ok(())
}

#[test]
fn a_node_has_a_queue_for_all_that_it_sends_to_itself() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let tap = net.tap("tap", "10.0.1.1")?;
    for _ in 0..1000 {
        net.inject(tap, echo_request([10, 0, 1, 1], [10, 0, 1, 1], 64, 1, &[0; 60_000]));
    }
    net.run_until(ms(1));
    assert_eq!(received(&mut net, tap).len(), 1000);
    Ok(())
}

#[test]
fn what_is_for_another_host_is_dropped() -> Result<(), TopologyError> {
    let (mut net, a, b) = two_taps(Link::default())?;
    net.inject(a, echo_request([10, 0, 1, 1], [10, 0, 3, 1], 64, 1, b""));
    net.run_until(ms(100));
    assert_eq!(net.take(b), None);
    assert_eq!(drops(&net), [Why::NotMine]);
    Ok(())
}
