//! The bytes and the packets that are tried.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::right::{self, sealed, size};
use super::{HEADER, Route, checksum_field};
use crate::numbers::every_row;

/// Every row of up to [`SMALL`] of these is summed: each end of a byte, and its two signs.
const BYTES: [u8; 4] = [0x00, 0x01, 0x80, 0xff];
pub(super) const SMALL: usize = 6;

/// Every length up to this is summed.
pub(super) const LENGTHS: u8 = 64;

/// Lengths of long rows of ff: that of the longest IP packet, the next one, and the first whose sum
/// is over `u32::MAX`.
pub(super) const LONG: [usize; 3] = [65_535, 65_536, 131_075];

/// Each in the one before it, and one beside two of them. Their interfaces are in no order.
const NESTED: [Route; 6] = [
    route([0, 0, 0, 0], 0, 4),
    route([10, 0, 0, 0], 8, 1),
    route([10, 1, 0, 0], 16, 3),
    route([10, 1, 2, 0], 24, 0),
    route([10, 1, 2, 3], 32, 2),
    route([10, 2, 0, 0], 16, 5),
];

/// Routes of the longest table of these.
pub(super) const ROUTES: usize = 3;

/// In the last of them that are nested, in all but that, and so on.
const DESTINATIONS: [[u8; 4]; 6] = [
    [10, 1, 2, 3],
    [10, 1, 2, 200],
    [10, 1, 200, 3],
    [10, 200, 2, 3],
    [192, 0, 2, 1],
    [10, 2, 2, 3],
];

const TTLS: [u8; 5] = [64, 2, 1, 0, 255];

/// Checksums of headers whose new one, greater by 0100, carries or not, and is 0000 or next to it.
const CHECKSUMS: [u16; 10] =
    [0x0000, 0x0001, 0x00ff, 0x0100, 0xfdff, 0xfefd, 0xfefe, 0xfeff, 0xff00, 0xfffe];

/// An address whose bits alternate.
const ALTERNATING: u32 = 0xa5a5_a5a5;

const fn route([a, b, c, d]: [u8; 4], length: u8, interface: u8) -> Route {
    Route { prefix: Ipv4Addr::new(a, b, c, d), length, interface }
}

/// One call.
#[derive(Clone, Debug)]
pub(crate) enum Case {
    Checksum(Vec<u8>),
    Forward([u8; HEADER], Vec<Route>),
}

/// All cases: what is short first, for each of the functions.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let small = (0..=SMALL).flat_map(|length| every_row(&BYTES, length));
    small.chain(each_byte()).chain(long()).map(Case::Checksum).chain(packets())
}

/// Each other byte: odd, first and second in its word, and with a carry.
fn each_byte() -> impl Iterator<Item = Vec<u8>> {
    let others = (0..=u8::MAX).filter(|byte| !BYTES.contains(byte));
    others.flat_map(|byte| [vec![byte], vec![byte, 0], vec![0, byte], vec![0xff, byte, 1]])
}

fn long() -> impl Iterator<Item = Vec<u8>> {
    let lengths = SMALL as u8 + 1..=LENGTHS;
    let rows = lengths.flat_map(|length| [(1..=length).collect(), vec![0xff; length.into()]]);
    rows.chain(LONG.map(|length| vec![0xff; length]))
}

fn packets() -> Vec<Case> {
    let default = &NESTED[..1];
    let mut cases = Vec::new();
    let mut add = |header, table: &[Route]| cases.push(Case::Forward(header, table.to_vec()));

    // Every small table, in every order.
    let repeats = |table: &[Route]| (1..table.len()).any(|at| table[..at].contains(&table[at]));
    let tables = (0..=ROUTES).flat_map(|routes| every_row(&NESTED, routes));
    for table in tables.filter(|table| !repeats(table)) {
        for ttl in TTLS {
            for to in DESTINATIONS {
                add(header(ttl, to), &table);
            }
        }
    }
    // One flipped bit, in packets that would be forwarded, have expired or have no route.
    for bit in 0..HEADER * 8 {
        for (ttl, table) in [(64, default), (1, default), (64, &[])] {
            let mut header = header(ttl, DESTINATIONS[0]);
            header[bit / 8] ^= 0x80 >> (bit % 8);
            add(header, table);
        }
    }
    // Some checksums, the other zero as well; and all bytes 00 or ff.
    let mut other_zero = with_checksum(0);
    other_zero[10..12].fill(0xff);
    let odd = [other_zero, [0; HEADER], [0xff; HEADER]];
    for header in CHECKSUMS.map(with_checksum).into_iter().chain(odd) {
        add(header, default);
    }
    // 00 and ff in each byte that may have any value, and every TTL.
    let free = (0..8).chain([9]).chain(12..16).flat_map(|place| [(place, 0), (place, u8::MAX)]);
    for (place, byte) in free.chain((0..=u8::MAX).map(|ttl| (8, ttl))) {
        let mut header = header(64, DESTINATIONS[0]);
        header[place] = byte;
        add(sealed(header), default);
    }
    // Every length: the first and the last address of a block, and their neighbours outside.
    for length in 0..=32 {
        let route = block_of(ALTERNATING, length);
        let Range { start, end } = right::addresses(&route);
        for to in [start, end - 1, start.wrapping_sub(1), end] {
            add(header(64, (to as u32).to_be_bytes()), &[route]);
        }
    }
    // A table of all lengths, in both orders, with destinations that agree in ever more bits.
    let nested: Vec<Route> = (0..=32).map(|length| block_of(ALTERNATING, length)).collect();
    let reversed: Vec<Route> = nested.iter().rev().copied().collect();
    for difference in (0..32).map(|bit| 1 << bit).chain([0]) {
        let header = header(64, (ALTERNATING ^ difference).to_be_bytes());
        add(header, &nested);
        add(header, &reversed);
    }
    let wide: Vec<Route> = (0..=u8::MAX).map(|byte| route([byte, 0, 0, 0], 8, byte)).collect();
    for byte in (0..=u8::MAX).step_by(17) {
        add(header(64, [byte, 1, 2, 3]), &wide);
    }
    cases
}

/// The route of this length that an address is in. Its interface is the length.
fn block_of(address: u32, length: u8) -> Route {
    let size = size(length);
    let prefix = (u64::from(address) / size * size) as u32;
    Route { prefix: prefix.into(), length, interface: length }
}

/// A right header of a packet to this destination.
fn header(ttl: u8, [a, b, c, d]: [u8; 4]) -> [u8; HEADER] {
    let header = [0x45, 0, 0, 84, 0x1c, 0x46, 0x40, 0, ttl, 1, 0, 0, 198, 51, 100, 7, a, b, c, d];
    sealed(header)
}

/// A right header that has this checksum, by the choice of its bytes 4 and 5.
fn with_checksum(wanted: u16) -> [u8; HEADER] {
    let mut header = header(64, DESTINATIONS[0]);
    header[4..6].fill(0);
    let without = u32::from(checksum_field(&sealed(header)));
    let missing = (without + 0xffff - u32::from(wanted)) % 0xffff;
    header[4..6].copy_from_slice(&(missing as u16).to_be_bytes());
    sealed(header)
}
