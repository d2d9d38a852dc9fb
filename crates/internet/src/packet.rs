//! Packets as bytes: made, read, and described in a line.
//!
//! A packet is what a wire carries, so it is bytes, and anything can be wrong with it: each reader
//! here returns `None` where the bytes do not hold what it reads.

use std::net::Ipv4Addr;

use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    Icmpv4DstUnreachable, Icmpv4Message, Icmpv4Packet, Icmpv4Repr, Icmpv4TimeExceeded, IpProtocol,
    Ipv4Packet, Ipv4Repr, TcpPacket, UdpPacket, UdpRepr,
};

/// The bytes of an IPv4 header without options.
pub const IPV4_HEADER: usize = 20;

/// How much of a packet an ICMP error quotes, header included: the error stays within the 576 bytes
/// that every host takes (RFC 1812, section 4.3.2.3).
const QUOTED: usize = 576 - IPV4_HEADER - 8;

/// The fields of an IPv4 packet; `None` where its version, lengths or header checksum are wrong.
pub fn ipv4(bytes: &[u8]) -> Option<Ipv4Packet<&[u8]>> {
    let packet = Ipv4Packet::new_checked(bytes).ok()?;
    let is_sound = packet.version() == 4
        && usize::from(packet.header_len()) >= IPV4_HEADER
        && packet.verify_checksum();
    is_sound.then_some(packet)
}

/// The fields of the TCP segment in a packet.
pub fn tcp(bytes: &[u8]) -> Option<TcpPacket<&[u8]>> {
    TcpPacket::new_checked(payload(bytes, IpProtocol::Tcp)?).ok()
}

/// The fields of the UDP datagram in a packet.
pub fn udp(bytes: &[u8]) -> Option<UdpPacket<&[u8]>> {
    UdpPacket::new_checked(payload(bytes, IpProtocol::Udp)?).ok()
}

/// The fields of the ICMP message in a packet.
pub fn icmp(bytes: &[u8]) -> Option<Icmpv4Packet<&[u8]>> {
    Icmpv4Packet::new_checked(payload(bytes, IpProtocol::Icmp)?).ok()
}

fn payload(bytes: &[u8], protocol: IpProtocol) -> Option<&[u8]> {
    let packet = ipv4(bytes)?;
    (packet.next_header() == protocol && is_whole(&packet)).then(|| packet.payload())
}

/// Whether a packet is not a fragment. Of fragments, the first alone has a header of the protocol,
/// and none can be verified alone.
fn is_whole(packet: &Ipv4Packet<&[u8]>) -> bool {
    packet.frag_offset() == 0 && !packet.more_frags()
}

/// Whether the lengths and the checksum of the TCP, UDP or ICMP part are right; `true` for other
/// protocols and for fragments, of which that is unknown.
pub fn transport_checksum_holds(bytes: &[u8]) -> bool {
    let Some(packet) = ipv4(bytes) else { return false };
    if !is_whole(&packet) {
        return true;
    }
    let (src, dst) = (packet.src_addr().into(), packet.dst_addr().into());
    match packet.next_header() {
        IpProtocol::Tcp => tcp(bytes).is_some_and(|tcp| tcp.verify_checksum(&src, &dst)),
        IpProtocol::Udp => udp(bytes).is_some_and(|udp| udp.verify_checksum(&src, &dst)),
        IpProtocol::Icmp => icmp(bytes).is_some_and(|icmp| icmp.verify_checksum()),
        _ => true,
    }
}

/// An ICMP echo request, which `ping` sends.
///
/// ```
/// let packet = internet::packet::echo_request([10, 0, 1, 1], [10, 0, 2, 1], 64, 1, b"hello");
/// assert_eq!(packet.len(), 20 + 8 + 5);
/// assert_eq!(internet::packet::describe(&packet), "10.0.1.1 > 10.0.2.1  echo request 1");
/// ```
pub fn echo_request(
    src: impl Into<Ipv4Addr>,
    dst: impl Into<Ipv4Addr>,
    ttl: u8,
    number: u16,
    data: &[u8],
) -> Vec<u8> {
    let echo = Icmpv4Repr::EchoRequest { ident: 1, seq_no: number, data };
    let mut packet = header(src.into(), dst.into(), ttl, IpProtocol::Icmp, echo.buffer_len());
    let checksums = ChecksumCapabilities::default();
    echo.emit(&mut Icmpv4Packet::new_unchecked(&mut packet[IPV4_HEADER..]), &checksums);
    packet
}

/// A UDP datagram from `ports.0` to `ports.1`.
///
/// # Panics
/// If it does not fit into a packet of 65,535 bytes.
pub fn datagram(
    src: impl Into<Ipv4Addr>,
    dst: impl Into<Ipv4Addr>,
    ttl: u8,
    ports: (u16, u16),
    data: &[u8],
) -> Vec<u8> {
    let (src, dst) = (src.into(), dst.into());
    let udp = UdpRepr { src_port: ports.0, dst_port: ports.1 };
    let length = udp.header_len() + data.len();
    let mut packet = header(src, dst, ttl, IpProtocol::Udp, length);
    udp.emit(
        &mut UdpPacket::new_unchecked(&mut packet[IPV4_HEADER..]),
        &src.into(),
        &dst.into(),
        data.len(),
        |payload| payload.copy_from_slice(data),
        &ChecksumCapabilities::default(),
    );
    packet
}

/// A packet with its header, and zeros for the rest.
fn header(src: Ipv4Addr, dst: Ipv4Addr, ttl: u8, protocol: IpProtocol, payload: usize) -> Vec<u8> {
    assert!(IPV4_HEADER + payload <= usize::from(u16::MAX), "a packet has at most 65,535 bytes");
    let header = Ipv4Repr {
        src_addr: src,
        dst_addr: dst,
        next_header: protocol,
        payload_len: payload,
        hop_limit: ttl,
    };
    let mut packet = vec![0; IPV4_HEADER + payload];
    header.emit(&mut Ipv4Packet::new_unchecked(&mut packet[..]), &ChecksumCapabilities::default());
    packet
}

/// Whether an address is not one of many hosts, or of none.
pub(crate) fn is_one_host(address: &Ipv4Addr) -> bool {
    !(address.is_unspecified() || address.is_broadcast() || address.is_multicast())
}

/// Why a router sends an ICMP error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IcmpError {
    TimeExceeded,
    NetUnreachable,
    /// The next link takes no more than this many bytes.
    FragmentationNeeded {
        mtu: usize,
    },
}

/// The ICMP error that `router` sends to the source of `packet`; `None` where an error must not be
/// sent (RFC 1812, section 4.3.2.7): about an ICMP error, about a fragment other than the first,
/// about what was sent to more than one host, or to a source that is not one host.
pub(crate) fn icmp_error(router: Ipv4Addr, bytes: &[u8], about: IcmpError) -> Option<Vec<u8>> {
    let packet = ipv4(bytes)?;
    let (src, dst) = (packet.src_addr(), packet.dst_addr());
    let is_icmp_error = packet.next_header() == IpProtocol::Icmp
        && !matches!(
            packet.payload().first().map(|byte| Icmpv4Message::from(*byte)),
            Some(Icmpv4Message::EchoRequest | Icmpv4Message::EchoReply)
        );
    if is_icmp_error || packet.frag_offset() != 0 || !is_one_host(&src) || !is_one_host(&dst) {
        return None;
    }
    let quoted = &bytes[..bytes.len().min(QUOTED)];
    let mut error = header(router, src, 64, IpProtocol::Icmp, 8 + quoted.len());
    let body = &mut error[IPV4_HEADER..];
    body[8..].copy_from_slice(quoted);
    if let IcmpError::FragmentationNeeded { mtu } = about {
        // RFC 1191, section 4: the size that fits.
        let mtu = u16::try_from(mtu).unwrap_or(u16::MAX);
        body[6..8].copy_from_slice(&mtu.to_be_bytes());
    }
    use Icmpv4Message::{DstUnreachable, TimeExceeded};
    let (kind, code) = match about {
        IcmpError::TimeExceeded => (TimeExceeded, Icmpv4TimeExceeded::TtlExpired.into()),
        IcmpError::NetUnreachable => (DstUnreachable, Icmpv4DstUnreachable::NetUnreachable.into()),
        IcmpError::FragmentationNeeded { .. } => {
            (DstUnreachable, Icmpv4DstUnreachable::FragRequired.into())
        }
    };
    let mut icmp = Icmpv4Packet::new_unchecked(body);
    icmp.set_msg_type(kind);
    icmp.set_msg_code(code);
    icmp.fill_checksum();
    Some(error)
}

/// A line about a packet: who sends it to whom, and what.
pub fn describe(bytes: &[u8]) -> String {
    let Some(packet) = ipv4(bytes) else {
        return format!("{} bytes that are not an IPv4 packet", bytes.len());
    };
    let (src, dst) = (packet.src_addr(), packet.dst_addr());
    if let Some(tcp) = tcp(bytes) {
        let (from, to) = (tcp.src_port(), tcp.dst_port());
        format!("{src}:{from} > {dst}:{to}  {}", describe_tcp(&tcp))
    } else if let Some(udp) = udp(bytes) {
        let (from, to, length) = (udp.src_port(), udp.dst_port(), udp.payload().len());
        format!("{src}:{from} > {dst}:{to}  UDP, {length} bytes")
    } else if let Some(icmp) = icmp(bytes) {
        format!("{src} > {dst}  {}", describe_icmp(&icmp))
    } else {
        format!("{src} > {dst}  protocol {}", u8::from(packet.next_header()))
    }
}

/// A TCP segment in a few words: its flags, sequence number, acknowledgement and payload.
///
/// The numbers are those on the wire.
pub fn describe_tcp(tcp: &TcpPacket<&[u8]>) -> String {
    let mut words: Vec<String> = Vec::new();
    for (is_set, flag) in [(tcp.syn(), "SYN"), (tcp.fin(), "FIN"), (tcp.rst(), "RST")] {
        if is_set {
            words.push(flag.into());
        }
    }
    words.push(format!("seq {}", tcp.seq_number().0 as u32));
    if tcp.ack() {
        words.push(format!("ack {}", tcp.ack_number().0 as u32));
    }
    words.push(format!("win {}", tcp.window_len()));
    match tcp.payload().len() {
        0 => {}
        length => words.push(format!("{length} bytes")),
    }
    words.join(" ")
}

fn describe_icmp(icmp: &Icmpv4Packet<&[u8]>) -> String {
    match icmp.msg_type() {
        kind @ (Icmpv4Message::EchoRequest | Icmpv4Message::EchoReply) => {
            format!("{kind} {}", icmp.echo_seq_no())
        }
        Icmpv4Message::DstUnreachable => Icmpv4DstUnreachable::from(icmp.msg_code()).to_string(),
        kind => kind.to_string(),
    }
}
