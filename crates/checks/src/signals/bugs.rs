//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use super::{BROADCAST, ByteError, MIDDLE, SILENCE, SLOT, SLOTS, right};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    LowFirst, "the least significant bit comes first":
        "It takes slot 1 for the least significant bit, as a serial line has it, but this sender \
         begins with the most significant one.";
    OddParity, "odd parity":
        "It wants an odd number of lit slots, as it does if it counts the start slot as well, but \
         slots 1 to 9 alone make an even number.";
    | BitsAlone, "parity over the bits alone":
        "It wants an even number of lit slots among the 8 bits, but the parity slot counts too: it \
         is what makes that number even.";
    NoStop, "the stop slot is not checked":
        "It stops after the parity slot, but a lit stop slot shows that the count has slipped, or \
         that the lamp was changed on the way.";
    AtEdge, "looks at the edge of a slot":
        "It takes the first look of each slot, but at the edge a small difference of the clocks \
         shows the slot before. The middle is far from both edges.";
    NoCutShort, "reads on where the looks end":
        "It takes 43 looks for granted, but a sender may be cut off: where a look is missing, the \
         byte is CutShort.";
    NoResync, "counts on from the first start slot":
        "It counts 44 looks for each byte of a frame, but the clocks differ, and a sender may \
         wait: each byte has a start slot of its own, from which to count anew.";
    | WaitsOutStop, "waits for the end of the stop slot":
        "It waits for the next byte from look 44 on, but with shorter slots that may begin at look \
         43, and then its count is one look late.";
    BadCrc, "accepts a wrong CRC":
        "It reads the CRC and does not compare it, but two flipped bits of a byte pass the parity \
         check.";
    | CrcOfPayload, "the CRC covers the payload alone":
        "It computes the CRC of the payload, but the address and the length may be damaged too: \
         the CRC covers all bytes before it.";
    IgnoresAddress, "ignores the address":
        "It takes every good frame, but all watchers see the same lamp: a frame is for the one \
         whose address it has, or for everyone.";
    | NoBroadcast, "a broadcast is for another watcher":
        "It takes only frames with its own address, but 0xff is the address of everyone.";
    StopsAfterOne, "stops after one frame":
        "It returns after the first payload, but after a good frame the next one may begin at \
         once.";
    | StopsAtDamage, "stops at a damaged frame":
        "It ends where a frame is damaged, but that frame alone is lost: after a silence the next \
         one can be read.";
    | GoesOn, "goes on inside a damaged frame":
        "It takes the byte after a damaged one for the first of a frame, but that may be any byte \
         of the damaged frame: only after a silence does a frame begin.";
    NoSilence, "a silence does not end a frame":
        "It waits inside a frame for as long as it takes, but after 88 dark looks the sender has \
         given up: the next byte is the first of another frame.";
}

/// What is right, but for the bugs.
pub(super) fn read_byte(bugs: Bugs<Bug>, looks: &[bool]) -> Result<u8, ByteError> {
    let middle = if bugs.has(Bug::AtEdge) { 0 } else { MIDDLE };
    if looks.len() <= (SLOTS - 1) * SLOT + middle && !bugs.has(Bug::NoCutShort) {
        return Err(ByteError::CutShort);
    }
    let slot = |number: usize| looks[number * SLOT + middle];
    let stop = slot(SLOTS - 1);
    let bits = (1..=8).map(slot).fold(0_u8, |byte, bit| byte << 1 | u8::from(bit));
    let parity = match () {
        () if bugs.has(Bug::OddParity) => !slot(9),
        () if bugs.has(Bug::BitsAlone) => false,
        () => slot(9),
    };
    match () {
        () if !slot(0) => Err(ByteError::FalseStart),
        () if (bits.count_ones() % 2 == 1) != parity => Err(ByteError::Parity),
        () if stop && !bugs.has(Bug::NoStop) => Err(ByteError::Framing),
        () if bugs.has(Bug::LowFirst) => Ok(bits.reverse_bits()),
        () => Ok(bits),
    }
}

/// What is right, but for the bugs.
pub(super) fn read_frames(bugs: Bugs<Bug>, looks: &[bool], address: u8) -> Vec<Vec<u8>> {
    let step = match bugs.has(Bug::NoResync) || bugs.has(Bug::WaitsOutStop) {
        true => SLOTS * SLOT,
        false => SLOTS * SLOT - 1,
    };
    let mut payloads = Vec::new();
    let mut frame = Vec::new();
    let mut rest = looks;
    while let Some(dark) = rest.iter().position(|&is_lit| is_lit) {
        if dark >= SILENCE && !bugs.has(Bug::NoSilence) {
            frame.clear();
        }
        if frame.is_empty() || !bugs.has(Bug::NoResync) {
            rest = &rest[dark..];
        }
        // Where `read_byte` is wrong, its own cases fail first.
        let byte = read_byte(Bugs::NONE, rest);
        rest = rest.get(step..).unwrap_or_default();
        frame.extend(byte);
        let is_whole = frame.get(1).is_some_and(|&length| frame.len() == usize::from(length) + 3);
        let is_good = match &frame[..] {
            [header @ .., _] if is_whole => {
                let covered = if bugs.has(Bug::CrcOfPayload) { &header[2..] } else { header };
                bugs.has(Bug::BadCrc) || frame.last() == Some(&right::crc8(covered))
            }
            _ => true,
        };
        if byte.is_err() || !is_good {
            frame.clear();
            if bugs.has(Bug::StopsAtDamage) {
                break;
            }
            if !bugs.has(Bug::GoesOn) {
                let mut runs = rest.windows(SILENCE);
                let start = runs.position(|run| !run.contains(&true));
                rest = start.map_or(&[], |start| &rest[start + SILENCE..]);
            }
        } else if is_whole {
            let is_broadcast = frame[0] == BROADCAST && !bugs.has(Bug::NoBroadcast);
            if frame[0] == address || is_broadcast || bugs.has(Bug::IgnoresAddress) {
                payloads.push(frame[2..frame.len() - 1].to_vec());
                if bugs.has(Bug::StopsAfterOne) {
                    break;
                }
            }
            frame.clear();
        }
    }
    payloads
}
