//! The bytes and the packets that are tried.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::right::{self, sealed, size};
use super::{HEADER, Route};

/// Every row of up to [`SMALL`] of these is summed: each end of a byte, and its two signs.
const BYTES: [u8; 4] = [0x00, 0x01, 0x80, 0xff];
pub(super) const SMALL: u32 = 6;

/// Every length up to this is summed.
pub(super) const LENGTHS: u8 = 64;

/// Lengths of long rows of ff: that of the longest IP packet, the next one, and the first whose sum
/// is over `u32::MAX`.
pub(super) const LONG: [usize; 3] = [65_535, 65_536, 131_075];

/// The example of RFC 1071, section 3.
const EXAMPLE: [u8; 8] = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];

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
    let summed = small().chain(each_byte()).chain(long()).map(Case::Checksum);
    let nested = (0..=ROUTES).flat_map(tables).flat_map(|table| {
        let headers = TTLS.iter().flat_map(|&ttl| DESTINATIONS.map(|to| header(ttl, to)));
        headers.map(move |header| Case::Forward(header, table.clone()))
    });
    let forwarded = damaged().chain(headers()).chain(lengths()).chain(many_routes());
    summed.chain(nested).chain(forwarded.map(|(header, table)| Case::Forward(header, table)))
}

fn small() -> impl Iterator<Item = Vec<u8>> {
    (0..=SMALL).flat_map(|length| {
        let digit = move |number: usize, place| BYTES[number / 4_usize.pow(place) % 4];
        let row = move |number| (0..length).rev().map(|place| digit(number, place)).collect();
        (0..4_usize.pow(length)).map(row)
    })
}

/// Each other byte: odd, first and second in its word, and with a carry.
fn each_byte() -> impl Iterator<Item = Vec<u8>> {
    let others = (0..=u8::MAX).filter(|byte| !BYTES.contains(byte));
    others.flat_map(|byte| [vec![byte], vec![byte, 0], vec![0, byte], vec![0xff, byte, 1]])
}

fn long() -> impl Iterator<Item = Vec<u8>> {
    let lengths = SMALL as u8 + 1..=LENGTHS;
    let lengths = lengths.flat_map(|length| [(1..=length).collect(), vec![0xff; length.into()]]);
    let example = [EXAMPLE.to_vec()].into_iter();
    example.chain(lengths).chain(LONG.map(|length| vec![0xff; length]))
}

/// Every table of this many of the [`NESTED`], in every order.
fn tables(routes: usize) -> Vec<Vec<Route>> {
    if routes == 0 {
        return vec![Vec::new()];
    }
    let shorter = tables(routes - 1).into_iter();
    let longer = shorter.flat_map(|table| {
        let others = NESTED.into_iter().filter(|route| !table.contains(route));
        let longer = others.map(|route| [&table[..], &[route]].concat());
        longer.collect::<Vec<_>>()
    });
    longer.collect()
}

type Packet = ([u8; HEADER], Vec<Route>);

/// On the default route: some checksums, both of them zero as well; 00 and ff in each byte that may
/// have any value, and in all bytes; and every TTL.
fn headers() -> Vec<Packet> {
    let usual = header(64, DESTINATIONS[0]);
    let with = |place, byte| {
        let mut header = usual;
        header[place] = byte;
        sealed(header)
    };
    let ttls = (0..=u8::MAX).map(|ttl| with(8, ttl));
    let free = (0..8).chain([9]).chain(12..16).flat_map(|place| [with(place, 0), with(place, 255)]);
    let mut negative_zero = with_checksum(0);
    negative_zero[10..12].fill(0xff);
    let odd = [negative_zero, [0; HEADER], [0xff; HEADER]];
    let all = CHECKSUMS.map(with_checksum).into_iter().chain(odd).chain(free).chain(ttls);
    all.map(|header| (header, NESTED[..1].to_vec())).collect()
}

/// Headers with one flipped bit, of packets that would be forwarded, have expired or have no route.
fn damaged() -> impl Iterator<Item = Packet> {
    (0..HEADER * 8).flat_map(|bit| {
        [(64, &NESTED[..1]), (1, &NESTED[..1]), (64, &[])].map(|(ttl, table)| {
            let mut header = header(ttl, DESTINATIONS[0]);
            header[bit / 8] ^= 0x80 >> (bit % 8);
            (header, table.to_vec())
        })
    })
}

/// Every length: the first and the last address of a block, and their neighbours outside.
fn lengths() -> impl Iterator<Item = Packet> {
    (0..=32).flat_map(|length| {
        let route = block_of(ALTERNATING, length);
        let Range { start, end } = right::addresses(&route);
        let (first, last) = (start as u32, (end - 1) as u32);
        let ends = [first, last, first.wrapping_sub(1), last.wrapping_add(1)];
        ends.map(|to| (header(64, to.to_be_bytes()), vec![route]))
    })
}

/// A table of all lengths in both orders, with destinations that agree in ever more bits; and one
/// of 256 routes.
fn many_routes() -> impl Iterator<Item = Packet> {
    let nested: Vec<Route> = (0..=32).map(|length| block_of(ALTERNATING, length)).collect();
    let reversed: Vec<Route> = nested.iter().rev().copied().collect();
    let differences = (0..32).map(|bit| 1 << bit).chain([0]);
    let in_nested = differences.flat_map(move |difference: u32| {
        let header = header(64, (ALTERNATING ^ difference).to_be_bytes());
        [(header, nested.clone()), (header, reversed.clone())]
    });
    let wide: Vec<Route> = (0..=u8::MAX).map(|byte| route([byte, 0, 0, 0], 8, byte)).collect();
    let in_wide = (0..=u8::MAX).step_by(17);
    in_nested.chain(in_wide.map(move |byte| (header(64, [byte, 1, 2, 3]), wide.clone())))
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
    let without = u32::from(right::checksum(&right::unsealed(header)));
    let missing = (without + 0xffff - u32::from(wanted)) % 0xffff;
    header[4..6].copy_from_slice(&(missing as u16).to_be_bytes());
    sealed(header)
}
