//! What is right, by arithmetic alone.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::{Decision, HEADER, Route};

/// The sum of the words, with its carries: the bytes that come first in a word count 256 times.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    let value = |(place, &byte): (usize, &u8)| u64::from(byte) * [256, 1][place % 2];
    bytes.iter().enumerate().map(value).sum()
}

/// The right checksum. To fold carries is to take the remainder modulo ffff, but of what is not 0
/// it leaves ffff instead of 0.
pub(super) fn checksum(bytes: &[u8]) -> u16 {
    match sum(bytes) {
        0 => 0xffff,
        sum => (0xfffe - (sum - 1) % 0xffff) as u16,
    }
}

/// The right decision. A route is a block of addresses, and the longest prefix that fits is the
/// smallest block around the destination.
pub(super) fn forward(header: &mut [u8; HEADER], table: &[Route]) -> Decision {
    let block = fitting(header, table).min_by_key(|route| size(route.length));
    match (block, header[8]) {
        _ if checksum(header) != 0 => Decision::BadChecksum,
        (None, _) => Decision::Unreachable,
        (Some(_), 0 | 1) => Decision::TimeExceeded,
        (Some(route), ttl) => {
            header[8] = ttl - 1;
            *header = sealed(*header);
            Decision::Forward(route.interface)
        }
    }
}

/// A header with the right checksum in it, which itself counts as zero.
pub(super) fn sealed(mut header: [u8; HEADER]) -> [u8; HEADER] {
    header[10..12].fill(0);
    let checksum = checksum(&header);
    header[10..12].copy_from_slice(&checksum.to_be_bytes());
    header
}

/// The routes whose addresses the destination is among.
pub(super) fn fitting<'a>(
    header: &[u8; HEADER],
    table: &'a [Route],
) -> impl Iterator<Item = &'a Route> + use<'a> {
    let destination = u64::from(u32::from(destination(header)));
    table.iter().filter(move |route| addresses(route).contains(&destination))
}

/// Where the packet goes.
pub(super) fn destination(header: &[u8; HEADER]) -> Ipv4Addr {
    let [.., a, b, c, d] = *header;
    Ipv4Addr::new(a, b, c, d)
}

/// The addresses that a route fits, as numbers.
pub(super) fn addresses(route: &Route) -> Range<u64> {
    let first = u64::from(u32::from(route.prefix));
    first..first + size(route.length)
}

/// The number of addresses that share a prefix of this length.
pub(super) fn size(length: u8) -> u64 {
    2_u64.pow(32 - u32::from(length))
}
