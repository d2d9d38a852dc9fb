//! What is right, by arithmetic alone.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::{Decision, HEADER, Route};

/// The sum of the words, with its carries: the bytes that come first in a word count 256 times.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    let every_other = |bytes: &[u8]| bytes.iter().step_by(2).map(|&byte| u64::from(byte)).sum();
    let (first, second): (u64, u64) =
        (every_other(bytes), every_other(bytes.get(1..).unwrap_or(&[])));
    256 * first + second
}

/// The right checksum. To fold carries is to take the remainder modulo ffff, but of what is not 0
/// it leaves ffff instead of 0.
pub(super) fn checksum(bytes: &[u8]) -> u16 {
    match sum(bytes) {
        0 => 0xffff,
        sum => (0xfffe - (sum - 1) % 0xffff) as u16,
    }
}

/// The right decision, and the header after it. A route is a block of addresses, and the longest
/// prefix that fits is the smallest block around the destination.
pub(super) fn decision(header: &[u8; HEADER], table: &[Route]) -> (Decision, [u8; HEADER]) {
    let blocks = fitting(header, table);
    match (blocks.min_by_key(|route| size(route.length)), header[8]) {
        _ if checksum(header) != 0 => (Decision::BadChecksum, *header),
        (None, _) => (Decision::Unreachable, *header),
        (Some(_), 0 | 1) => (Decision::TimeExceeded, *header),
        (Some(route), ttl) => {
            let mut after = *header;
            after[8] = ttl - 1;
            (Decision::Forward(route.interface), sealed(after))
        }
    }
}

/// A header whose checksum counts as zero.
pub(super) fn unsealed(mut header: [u8; HEADER]) -> [u8; HEADER] {
    header[10..12].fill(0);
    header
}

/// A header with the right checksum in it.
pub(super) fn sealed(mut header: [u8; HEADER]) -> [u8; HEADER] {
    let checksum = checksum(&unsealed(header));
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
