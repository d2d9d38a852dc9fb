//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use super::{Decision, HEADER, Route, right};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    OddLeftOut, "an odd last byte is left out":
        "It sums whole pairs alone, but an odd last byte is a word too, with a zero after it.";
    | OddIsLow, "an odd last byte is padded on the left":
        "It takes an odd last byte for a number of its own, but it is the first byte of a word, \
         the more significant one.";
    CarriesDropped, "the carries are dropped":
        "It keeps the low 16 bits of the sum, but in one's complement a carry comes back in at the \
         low end.";
    | FoldedOnce, "the carries are folded once":
        "It adds the carries to the low 16 bits and stops, but that may carry again.";
    LittleEndian, "the words are in host byte order":
        "It takes words as most processors store them, least significant byte first, but on the \
         wire the most significant byte comes first.";
    NotComplemented, "the sum is not complemented":
        "It returns the sum, but the checksum is its complement, which makes the sum of all words \
         ffff once it is among them.";
    NotChecked, "a damaged header is forwarded":
        "It trusts the header, but one of its bits may have flipped on the way, even in the \
         destination.";
    FirstRoute, "the first route that fits is taken":
        "It trusts the order of the table, but of the routes that fit the one with the longest \
         prefix counts, wherever it is.";
    NoDefault, "the default route is left out":
        "It looks for a prefix longer than 0 bits, but a route of length 0 fits too: every \
         destination.";
    TtlFirst, "the TTL is checked before the route":
        "It looks at the TTL first, but a router looks up the route before that: without one the \
         packet is unreachable, whatever its TTL is.";
    ForwardsAt1, "a TTL of 1 is forwarded":
        "It stops a packet at a TTL of 0 alone, but at 1 the packet would leave with 0: this is \
         the last router that it reaches.";
    | LowersZero, "a TTL of 0 is lowered":
        "It subtracts before it compares, but 0 - 1 is not a TTL: that panics in a debug build, \
         and is 255 in a release build.";
    LoweredTooSoon, "the TTL of a discarded packet is lowered":
        "It lowers the TTL in the header and then decides, but only a packet that is forwarded is \
         changed: the ICMP message to the sender has the header as it came.";
    OldChecksum, "the old checksum is kept":
        "It lowers the TTL alone, but the checksum covers the TTL: the next router takes the \
         header for damaged.";
    | SumsChecksum, "the old checksum is summed too":
        "It computes the new checksum over the old one as well, but that field counts as zero.";
}

/// What is right, but for the bugs.
pub(super) fn checksum(bugs: Bugs<Bug>, bytes: &[u8]) -> u16 {
    let mut sum = 0_u64;
    for word in bytes.chunks(2) {
        let word = match word.get(1) {
            Some(&second) => [word[0], second],
            None if bugs.has(Bug::OddLeftOut) => break,
            None if bugs.has(Bug::OddIsLow) => [0, word[0]],
            None => [word[0], 0],
        };
        sum += u64::from(match bugs.has(Bug::LittleEndian) {
            true => u16::from_le_bytes(word),
            false => u16::from_be_bytes(word),
        });
    }
    while sum > 0xffff && !bugs.has(Bug::CarriesDropped) {
        sum = (sum & 0xffff) + (sum >> 16);
        if bugs.has(Bug::FoldedOnce) {
            break;
        }
    }
    let sum = sum as u16;
    if bugs.has(Bug::NotComplemented) { sum } else { !sum }
}

/// What is right, but for the bugs.
pub(super) fn forward(bugs: Bugs<Bug>, header: &mut [u8; HEADER], table: &[Route]) -> Decision {
    if checksum(bugs, header) != 0 && !bugs.has(Bug::NotChecked) {
        return Decision::BadChecksum;
    }
    let route = route_to(bugs, right::destination(header).into(), table);
    if route.is_none() && !bugs.has(Bug::TtlFirst) {
        return Decision::Unreachable;
    }
    let ttl = header[8];
    let lowered = if bugs.has(Bug::LowersZero) { ttl - 1 } else { ttl.saturating_sub(1) };
    if bugs.has(Bug::LoweredTooSoon) {
        header[8] = lowered;
    }
    let left = if bugs.has(Bug::ForwardsAt1) { ttl } else { lowered };
    if left == 0 {
        return Decision::TimeExceeded;
    }
    let Some(route) = route else { return Decision::Unreachable };
    header[8] = lowered;
    if !bugs.has(Bug::OldChecksum) {
        if !bugs.has(Bug::SumsChecksum) {
            header[10..12].fill(0);
        }
        let checksum = checksum(bugs, header);
        header[10..12].copy_from_slice(&checksum.to_be_bytes());
    }
    Decision::Forward(route.interface)
}

fn route_to(bugs: Bugs<Bug>, destination: u32, table: &[Route]) -> Option<&Route> {
    let mut routes = table.iter().filter(|route| {
        let is_default = route.length == 0;
        let mask = u32::MAX.checked_shl(32 - u32::from(route.length)).unwrap_or(0);
        destination & mask == u32::from(route.prefix) && !(is_default && bugs.has(Bug::NoDefault))
    });
    match bugs.has(Bug::FirstRoute) {
        true => routes.next(),
        false => routes.max_by_key(|route| route.length),
    }
}
