use internet::packet::{self, datagram, echo_request};
use internet::smoltcp::wire::Ipv4Packet;

use crate::{packet_of, segment};

#[test]
fn a_packet_is_described_in_a_line() {
    let expected = [
        (
            datagram([10, 0, 1, 1], [10, 0, 2, 1], 64, (7, 9), b"abc"),
            "10.0.1.1:7 > 10.0.2.1:9  UDP, 3 bytes",
        ),
        (
            echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 5, b""),
            "10.0.1.1 > 10.0.2.1  echo request 5",
        ),
        (segment(7, |tcp| tcp.set_fin(true)), "10.0.1.1:7 > 10.0.2.1:80  FIN seq 0 win 0"),
        (packet_of(41, b""), "10.0.1.1 > 10.0.2.1  protocol 41"),
        (vec![0; 19], "19 bytes that are not an IPv4 packet"),
    ];
    for (bytes, line) in expected {
        assert_eq!(packet::describe(&bytes), line);
    }
}

#[test]
fn a_part_of_a_datagram_is_not_read_as_one() {
    let whole = datagram([10, 0, 1, 1], [10, 0, 2, 1], 64, (7, 9), b"abc");
    assert_eq!(packet::udp(&whole).expect("a datagram").payload(), b"abc");
    for (offset, more) in [(0, true), (8, false), (8, true)] {
        let mut fragment = whole.clone();
        let mut header = Ipv4Packet::new_unchecked(&mut fragment[..]);
        header.set_frag_offset(offset);
        header.set_more_frags(more);
        header.fill_checksum();
        assert!(packet::ipv4(&fragment).is_some() && packet::udp(&fragment).is_none());
        // Only the whole has a checksum that can be verified.
        fragment[26] ^= 1;
        assert!(packet::transport_checksum_holds(&fragment));
    }
}

#[test]
fn a_protocol_is_read_from_its_own_packets_alone() {
    let whole = datagram([10, 0, 1, 1], [10, 0, 2, 1], 64, (7, 9), &[0; 20]);
    assert!(packet::tcp(&whole).is_none() && packet::icmp(&whole).is_none());
    assert!(packet::udp(&echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 5, b"")).is_none());
    // A length that is wrong is as bad as a wrong checksum; other protocols are not known.
    for (protocol, holds) in [(1, false), (6, false), (17, false), (41, true)] {
        assert_eq!(packet::transport_checksum_holds(&packet_of(protocol, &[0; 3])), holds);
    }
    assert!(!packet::transport_checksum_holds(b"not a packet"));
}
