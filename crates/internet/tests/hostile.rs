use internet::packet::{self, datagram, echo_request};
use internet::smoltcp::wire::TcpPacket;
use internet::{Internet, Link, NodeId, TcpConfig, TopologyError, Why};
use proptest::prelude::*;

use crate::{drops, line_of_routers, ms, packet_of, seconds, segment};

/// A tap, two routers and a host with an open port, so that what the tap sends meets all of them.
fn line() -> Result<(Internet, Vec<NodeId>), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.tap("a", "10.0.1.1")?, net.host("b", "10.0.2.1")?);
    let line = line_of_routers(&mut net, [a, b], 2, &Link::default())?;
    net.listen(b, 80);
    Ok((net, line))
}

/// Sends these packets, and then a ping that has to be answered.
fn survives(packets: Vec<Vec<u8>>) -> Result<(), TestCaseError> {
    let (mut net, line) = line().expect("a valid topology");
    let tap = line[0];
    for packet in packets {
        net.inject(tap, packet);
    }
    net.run_until(seconds(600));
    while net.take(tap).is_some() {}
    net.inject(tap, echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 1, b"still there?"));
    net.run_until(seconds(601));
    prop_assert!(net.take(tap).is_some());
    // Whatever they hold, packets are described.
    prop_assert!(!net.record().table().is_empty());
    net.record().trace(&line, |note| net.record().line(note));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn random_bytes_harm_no_node(packets in prop::collection::vec(
        prop::collection::vec(any::<u8>(), 0..120), 1..20,
    )) {
        survives(packets)?;
    }

    #[test]
    fn random_payloads_of_each_protocol_harm_no_host(packets in prop::collection::vec(
        (prop::sample::select(vec![1_u8, 2, 6, 17, 41]), prop::collection::vec(any::<u8>(), 0..80)),
        1..20,
    )) {
        let packets = packets.iter().map(|(protocol, bytes)| packet_of(*protocol, bytes));
        survives(packets.collect())?;
    }

    #[test]
    fn a_mutated_or_truncated_packet_harms_no_node(
        changes in prop::collection::vec((0..61_usize, any::<u8>()), 0..6),
        length in 0..61_usize,
    ) {
        let mut packet =
            datagram([10, 0, 1, 1], [10, 0, 2, 1], 64, (5000, 80), &[b'x'; 61 - 28]);
        for (place, byte) in changes {
            packet[place] = byte;
        }
        packet.truncate(length);
        survives(vec![packet])?;
    }
}

#[test]
fn a_host_refuses_a_wrong_checksum_unless_it_does_not_look() -> Result<(), TopologyError> {
    for verify_checksums in [true, false] {
        let mut net = Internet::new(1);
        let config = TcpConfig { verify_checksums, ..TcpConfig::default() };
        let (a, b) = (net.tap("a", "10.0.1.1")?, net.host_with("b", "10.0.2.1", config)?);
        net.link(a, b, Link::default())?;
        net.listen(b, 80);
        let ping = echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 1, b"");
        let probe = datagram([10, 0, 1, 1], [10, 0, 2, 1], 64, (5000, 33434), b"");
        // The places of the checksums.
        for (mut packet, place) in
            [(segment(1, |tcp| tcp.set_syn(true)), 36), (probe, 26), (ping, 22)]
        {
            assert!(packet::transport_checksum_holds(&packet));
            packet[place] ^= 1;
            assert!(!packet::transport_checksum_holds(&packet));
            net.inject(a, packet);
        }
        net.run_until(ms(100));
        let answers: Vec<_> = std::iter::from_fn(|| net.take(a)).collect();
        if verify_checksums {
            assert_eq!(drops(&net), [Why::BadChecksum; 3]);
            assert_eq!(answers.len(), 0);
        } else {
            assert_eq!(drops(&net), []);
            assert!(packet::tcp(&answers[0]).is_some_and(|tcp| tcp.syn() && tcp.ack()));
            let errors = answers[1..].iter().map(|bytes| packet::describe(bytes));
            let expected = [
                "10.0.2.1 > 10.0.1.1  destination port unreachable",
                "10.0.2.1 > 10.0.1.1  echo reply 1",
            ];
            assert_eq!(errors.collect::<Vec<_>>(), expected);
        }
    }
    Ok(())
}

/// How many connections the host accepts half, and how many it refuses, until `seconds`.
fn answers(net: &mut Internet, tap: NodeId, until: u64) -> (usize, usize) {
    net.run_until(seconds(until));
    let answers: Vec<_> = std::iter::from_fn(|| net.take(tap)).collect();
    let of_kind = |is: fn(&TcpPacket<&[u8]>) -> bool| {
        answers.iter().filter(|bytes| packet::tcp(bytes).is_some_and(|tcp| is(&tcp))).count()
    };
    (of_kind(|tcp| tcp.syn() && tcp.ack()), of_kind(|tcp| tcp.rst()))
}

#[test]
fn half_open_connections_are_limited_and_time_out() -> Result<(), TopologyError> {
    let (mut net, line) = line()?;
    let tap = line[0];
    // Their senders never answer.
    for port in 1..=100 {
        net.inject(tap, segment(port, |tcp| tcp.set_syn(true)));
    }
    let (accepted, refused) = answers(&mut net, tap, 1);
    assert_eq!((accepted, refused), (16, 84));
    // The host sends each SYN of its own again until it gives up, and then resets.
    let (resent, reset) = answers(&mut net, tap, 120);
    assert!(resent > 16 && reset == 16, "{resent} {reset}");

    net.inject(tap, segment(1000, |tcp| tcp.set_syn(true)));
    assert_eq!(answers(&mut net, tap, 121), (1, 0));
    Ok(())
}
