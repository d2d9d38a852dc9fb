//! One request of a browser, as the layers of a network wrap it; and the same with another link.

use std::time::Duration;

use etherparse::err::packet::BuildWriteError;
use etherparse::{EtherType, Ethernet2Header, PacketBuilder};

use crate::frame::{self, Verdict, by_lamp, read_frame};
use crate::lamp::Watcher;

/// What a browser asks for: the page at `/` of the server that is called example.com.
pub const REQUEST: &str = "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n";

/// The addresses of the two network cards, the receiver's first. The 2 says that a person chose
/// them, and not the maker of a card.
const CARDS: [[u8; 6]; 2] = [[2, 0, 0, 0, 0, 2], [2, 0, 0, 0, 0, 1]];

/// The addresses of the two machines, the sender's first.
pub const MACHINES: [[u8; 4]; 2] = [[192, 0, 2, 10], [203, 0, 113, 80]];

/// The ports of the two programs, the sender's first.
pub const PORTS: [u16; 2] = [50_000, 80];

/// The parts of a request on its way, from the outside to the inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// What Ethernet puts before the packet.
    pub ethernet: Vec<u8>,
    /// The header of IP.
    pub ip: Vec<u8>,
    /// The header of TCP.
    pub tcp: Vec<u8>,
    /// The text of HTTP.
    pub http: Vec<u8>,
    /// What Ethernet puts after the packet: its CRC, of 32 bits.
    pub crc: [u8; 4],
}

impl Layers {
    /// The request.
    ///
    /// # Errors
    /// Never: the request fits into a packet.
    pub fn new() -> Result<Layers, BuildWriteError> {
        let [from, to] = MACHINES;
        // A connection in its first second: both sides have counted from 1,000 and 5,000.
        let builder = PacketBuilder::ipv4(from, to, 64).tcp(PORTS[0], PORTS[1], 1_001, 64_240);
        let builder = builder.ack(5_001).psh();
        let mut packet = Vec::new();
        builder.write(&mut packet, REQUEST.as_bytes())?;
        let [destination, source] = CARDS;
        let header = Ethernet2Header { source, destination, ether_type: EtherType::IPV4 };
        let ethernet = header.to_bytes().to_vec();
        let crc = crc32fast::hash(&[&*ethernet, &packet].concat());
        // The least significant byte goes first (IEEE 802.3, section 3.2.9).
        let crc = crc.to_le_bytes();
        let (ip, rest) = packet.split_at(20);
        let (tcp, http) = rest.split_at(20);
        Ok(Layers { ethernet, ip: ip.into(), tcp: tcp.into(), http: http.into(), crc })
    }

    /// What IP hands to the link below it, whichever that is.
    pub fn packet(&self) -> Vec<u8> {
        [&*self.ip, &self.tcp, &self.http].concat()
    }

    /// All that goes over a cable.
    pub fn on_ethernet(&self) -> Vec<u8> {
        [&*self.ethernet, &self.packet(), &self.crc].concat()
    }
}

/// The same packet, sent by lamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByLamp {
    /// How many bytes the frame of the lamp has.
    pub frame: usize,
    /// How long the lamp takes.
    pub takes: Duration,
    /// What the watcher kept.
    pub kept: Vec<u8>,
}

/// The watcher that is the other end of the link.
pub const WATCHER: u8 = 2;

/// Sends the packet by lamp, to a watcher whose clock runs 3 % fast.
///
/// # Panics
/// If the packet is longer than a frame's payload, [`LONGEST`](frame::LONGEST).
pub fn send_by_lamp(packet: &[u8]) -> ByLamp {
    let pulses = by_lamp(WATCHER, packet);
    let kept = match read_frame(Watcher::new(3), WATCHER, &pulses, Duration::ZERO) {
        (Verdict::Kept(payload), _) => payload,
        _ => Vec::new(),
    };
    ByLamp { frame: frame::frame(WATCHER, packet).len(), takes: pulses.takes(), kept }
}

#[cfg(test)]
mod tests {
    use etherparse::{PacketHeaders, TransportHeader};
    use internet::packet;

    use super::*;

    fn layers() -> Layers {
        Layers::new().expect("it fits")
    }

    #[test]
    fn the_layers_say_what_lies_in_them() {
        let layers = layers();
        assert_eq!(layers.on_ethernet().len(), 14 + 20 + 20 + REQUEST.len() + 4);
        let packet = layers.packet();
        let headers = PacketHeaders::from_ip_slice(&packet).expect("sound headers");
        let Some(TransportHeader::Tcp(tcp)) = headers.transport else { panic!("not TCP") };
        assert_eq!([tcp.source_port, tcp.destination_port], PORTS);
        assert_eq!(headers.payload.slice(), REQUEST.as_bytes());
    }

    /// The crate of the lesson's internet computes the sums with other code.
    #[test]
    fn every_sum_is_right() {
        let layers = layers();
        let packet = layers.packet();
        let header = packet::ipv4(&packet).expect("a sound header");
        assert!(header.verify_checksum() && packet::transport_checksum_holds(&packet));
        assert_eq!(usize::from(header.total_len()), packet.len());
        // The CRC of a frame together with its own CRC is the same for every frame.
        assert_eq!(crc32fast::hash(&layers.on_ethernet()), 0x2144_df1c);
    }

    #[test]
    fn another_link_changes_nothing_above_it() {
        let packet = layers().packet();
        let by_lamp = send_by_lamp(&packet);
        assert_eq!(by_lamp.kept, packet);
        assert_eq!(by_lamp.frame, packet.len() + 3);
        assert_eq!(by_lamp.takes, Duration::from_millis(100) * 11 * 80);
    }
}
