//! One packet, byte by byte.

use std::ops::Range;

use internet::packet;

use crate::world::{LAPTOP, SERVER};

/// A part of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Which bytes it has, counted from 0.
    pub at: Range<usize>,
    /// What they mean here.
    pub means: String,
}

/// A packet and its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anatomy {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its parts, in their order.
    pub fields: Vec<Field>,
}

/// A datagram that says `hello`, from the laptop to the server.
///
/// # Panics
/// Never: the packet is sound.
pub fn anatomy() -> Anatomy {
    let bytes = packet::datagram(LAPTOP, SERVER, 64, (50_000, 7), b"hello");
    let header = packet::ipv4(&bytes).expect("a sound packet");
    let field = |name, at, means| Field { name, at, means };
    let header_length = usize::from(header.header_len());
    let fields = vec![
        field("version, length", 0..1, format!("IPv{}, {header_length} bytes", header.version())),
        field("class", 1..2, "nothing special".to_owned()),
        field("total length", 2..4, format!("{} bytes", header.total_len())),
        field("fragment", 4..8, "not a part of a cut packet".to_owned()),
        field("TTL", 8..9, format!("{}, and 1 less at each router", header.hop_limit())),
        field("protocol", 9..10, format!("{}", header.next_header())),
        field("checksum", 10..12, "of these 20 bytes".to_owned()),
        field("source", 12..16, header.src_addr().to_string()),
        field("destination", 16..20, header.dst_addr().to_string()),
        field("payload", header_length..bytes.len(), "8 bytes of UDP, and \"hello\"".to_owned()),
    ];
    Anatomy { bytes, fields }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_cover_the_packet_without_a_gap() {
        let Anatomy { bytes, fields } = anatomy();
        let mut next = 0;
        for field in &fields {
            assert_eq!(field.at.start, next, "{}", field.name);
            next = field.at.end;
        }
        assert_eq!((next, bytes.len()), (33, 33));
        assert_eq!(fields[2].means, "33 bytes");
        assert_eq!(fields[5].means, "UDP");
    }
}
