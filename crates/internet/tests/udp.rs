use std::net::SocketAddrV4;
use std::panic::{AssertUnwindSafe, catch_unwind};

use internet::packet::{datagram, describe};
use internet::{Fault, Internet, Link, NodeId, TopologyError, Udp};

use crate::{ms, seconds};

/// Two hosts, each with a socket at port 7.
fn two_sockets(link: Link) -> Result<(Internet, [NodeId; 2], [Udp; 2]), TopologyError> {
    let mut net = Internet::new(1);
    let hosts = [net.host("a", "10.0.1.1")?, net.host("b", "10.0.2.1")?];
    net.link(hosts[0], hosts[1], link)?;
    let sockets = hosts.map(|host| net.udp_bind(host, 7));
    Ok((net, hosts, sockets))
}

fn at(address: &str) -> SocketAddrV4 {
    address.parse().expect("an address and a port")
}

#[test]
fn datagrams_keep_their_boundaries_and_name_their_sender() -> Result<(), TopologyError> {
    let (mut net, _, [a, b]) = two_sockets(Link::default())?;
    for bytes in [&b"one"[..], b"", b"three"] {
        assert!(net.send_to(a, at("10.0.2.1:7"), bytes));
    }
    assert_eq!(net.receive(b), None);
    net.run_until(seconds(1));
    let received: Vec<_> = std::iter::from_fn(|| net.receive(b)).collect();
    let from = at("10.0.1.1:7");
    assert_eq!(received, [(from, b"one".to_vec()), (from, vec![]), (from, b"three".to_vec())]);
    // And back.
    assert!(net.send_to(b, from, b"answer"));
    net.run_until(seconds(2));
    assert_eq!(net.receive(a), Some((at("10.0.2.1:7"), b"answer".to_vec())));
    Ok(())
}

#[test]
fn what_the_link_does_to_a_datagram_is_what_arrives() -> Result<(), TopologyError> {
    let (mut net, [from, to], [a, b]) = two_sockets(Link::default())?;
    let faults = [Fault::Lose, Fault::Duplicate(ms(1)), Fault::Flip(8 * 28), Fault::Hold(ms(5))];
    for (nth, fault) in (1..).zip(faults) {
        net.fault(from, to, nth, fault)?;
    }
    for number in 1..=5 {
        net.send_to(a, at("10.0.2.1:7"), &[number]);
    }
    net.run_until(seconds(1));
    let numbers: Vec<u8> = std::iter::from_fn(|| net.receive(b)).map(|(_, it)| it[0]).collect();
    assert_eq!(numbers, [2, 5, 2, 4]);
    Ok(())
}

#[test]
fn a_datagram_fits_into_one_packet_or_is_not_sent() -> Result<(), TopologyError> {
    let (mut net, _, [a, b]) = two_sockets(Link { mtu: 1000, ..Link::default() })?;
    assert!(!net.send_to(a, at("10.0.2.1:7"), &[1; 973]));
    assert!(net.record().notes.is_empty());
    assert!(net.send_to(a, at("10.0.2.1:7"), &[2; 972]));
    net.run_until(seconds(1));
    assert_eq!(net.receive(b).map(|(_, bytes)| bytes), Some(vec![2; 972]));
    Ok(())
}

#[test]
fn a_full_socket_drops_what_arrives() -> Result<(), TopologyError> {
    for (length, held) in [(1, 64), (1_472, 44)] {
        let (mut net, _, [a, b]) = two_sockets(Link { queue: 1000, ..Link::default() })?;
        for number in 0..100 {
            assert!(net.send_to(a, at("10.0.2.1:7"), &vec![number; length]));
        }
        net.run_until(seconds(1));
        let received: Vec<u8> =
            std::iter::from_fn(|| net.receive(b)).map(|(_, it)| it[0]).collect();
        assert_eq!(received, (0..held).collect::<Vec<u8>>());
        // There is room again.
        net.send_to(a, at("10.0.2.1:7"), b"later");
        net.run_until(seconds(2));
        assert_eq!(net.receive(b).map(|(_, bytes)| bytes), Some(b"later".to_vec()));
    }
    Ok(())
}

#[test]
fn an_unbound_port_answers_with_an_error_that_no_socket_hears() -> Result<(), TopologyError> {
    let (mut net, _, [a, _]) = two_sockets(Link::default())?;
    net.send_to(a, at("10.0.2.1:8"), b"hello");
    net.run_until(seconds(1));
    let last = net.record().notes.last().map(|note| describe(&note.packet.bytes));
    assert_eq!(last.as_deref(), Some("10.0.2.1 > 10.0.1.1  destination port unreachable"));
    assert_eq!(net.receive(a), None);
    Ok(())
}

#[test]
fn a_host_sends_to_itself_and_to_no_host() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let host = net.host("host", "10.0.1.1")?;
    let [one, other] = [1, 2].map(|port| net.udp_bind(host, port));
    assert!(net.send_to(one, at("10.0.1.1:2"), b"hello"));
    // Without a link there is no route, and the sender hears nothing of it.
    assert!(net.send_to(one, at("10.0.2.1:2"), b"hello"));
    net.run_until(seconds(1));
    assert_eq!(net.receive(other), Some((at("10.0.1.1:1"), b"hello".to_vec())));
    Ok(())
}

#[test]
fn a_port_can_be_bound_again_after_a_restart() -> Result<(), TopologyError> {
    let (mut net, [_, host], [a, _]) = two_sockets(Link::default())?;
    net.send_to(a, at("10.0.2.1:7"), b"lost");
    net.run_until(seconds(1));
    net.restart(host);
    let b = net.udp_bind(host, 7);
    assert_eq!(net.receive(b), None);
    net.inject(host, datagram([10, 0, 2, 1], [10, 0, 2, 1], 64, (1, 7), b"new"));
    net.run_until(seconds(2));
    assert_eq!(net.receive(b), Some((at("10.0.2.1:1"), b"new".to_vec())));
    Ok(())
}

#[test]
#[should_panic(expected = "one program of a host binds a port")]
fn a_port_is_bound_once() {
    let (mut net, [host, _], _) = two_sockets(Link::default()).expect("a valid topology");
    net.udp_bind(host, 7);
}

#[test]
#[should_panic(expected = "the socket was lost in a restart")]
fn a_socket_of_before_a_restart_is_not_another() {
    let (mut net, [host, _], [a, _]) = two_sockets(Link::default()).expect("a valid topology");
    net.restart(host);
    net.udp_bind(host, 7);
    net.receive(a);
}

#[test]
fn a_datagram_is_for_one_port_of_one_host() {
    for to in ["0.0.0.0:7", "255.255.255.255:7", "224.0.0.1:7", "10.0.2.1:0"] {
        let (mut net, _, [a, _]) = two_sockets(Link::default()).expect("a valid topology");
        let sent = AssertUnwindSafe(|| net.send_to(a, at(to), b"hello"));
        let refused = catch_unwind(sent).expect_err(to);
        let message = refused.downcast_ref::<&str>();
        assert_eq!(message, Some(&"a datagram is sent to a port above 0 of one host"));
    }
}
