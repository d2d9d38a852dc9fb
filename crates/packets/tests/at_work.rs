//! How the page shows what people write at work.

use std::net::Ipv4Addr;

use internet::packet::datagram;
use internet::smoltcp::wire::{self, IpProtocol, Ipv4Packet};

/// Where a packet goes, how far it may still go, and what is in it.
fn read_header(bytes: &[u8]) -> wire::Result<(Ipv4Addr, u8, IpProtocol)> {
    // The lengths fit together, so that no accessor panics.
    let packet = Ipv4Packet::new_checked(bytes)?;
    if packet.version() != 4 || !packet.verify_checksum() {
        return Err(wire::Error);
    }
    Ok((packet.dst_addr(), packet.hop_limit(), packet.next_header()))
}

#[test]
fn a_header_is_read_and_a_damaged_one_refused() {
    let server = Ipv4Addr::new(203, 0, 113, 80);
    let mut packet = datagram([192, 0, 2, 10], server, 64, (50_000, 7), b"hello");
    assert_eq!(read_header(&packet), Ok((server, 64, IpProtocol::Udp)));
    assert!(read_header(&packet[..30]).is_err());
    packet[8] -= 1;
    assert!(read_header(&packet).is_err(), "the TTL is lower, and the checksum is the old one");
}
