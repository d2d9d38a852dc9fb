//! Exercise: the Internet checksum, and forwarding as an IPv4 router does it. One way to write it.

use checks::packets::{Decision, Route};

/// The Internet checksum of the bytes.
pub fn checksum(bytes: &[u8]) -> u16 {
    let mut sum = 0_u16;
    for word in bytes.chunks(2) {
        let word = [word[0], word.get(1).copied().unwrap_or(0)];
        let (added, is_carried) = sum.overflowing_add(u16::from_be_bytes(word));
        // After a carry there is room for it: what is left is at most 0xfffe.
        sum = added + u16::from(is_carried);
    }
    !sum
}

/// Decides what becomes of a packet, and changes its header if it is forwarded.
pub fn forward(header: &mut [u8; 20], table: &[Route]) -> Decision {
    if checksum(header) != 0 {
        return Decision::BadChecksum;
    }
    let destination = u32::from_be_bytes([header[16], header[17], header[18], header[19]]);
    let fits = |route: &&Route| {
        let difference = destination ^ u32::from(route.prefix);
        difference.leading_zeros() >= u32::from(route.length)
    };
    let Some(route) = table.iter().filter(fits).max_by_key(|route| route.length) else {
        return Decision::Unreachable;
    };
    if header[8] <= 1 {
        return Decision::TimeExceeded;
    }
    header[8] -= 1;
    header[10..12].fill(0);
    let checksum = checksum(header);
    header[10..12].copy_from_slice(&checksum.to_be_bytes());
    Decision::Forward(route.interface)
}
