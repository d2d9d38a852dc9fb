//! What is wrong with an answer, and what helps: said of this case alone.

use super::cases::Case;
use super::right::{End, Frame};
use super::train::Train;
use super::{Answer, BROADCAST, ByteError, Is, SILENCE, Wrong, wrong_slot};
use crate::Stopped;
use crate::exercise::Rule;

const ENDS: Rule = Rule::new(
    "The looks may end anywhere: inside a byte, inside a frame, or before the first. What is cut \
     short is an error of `read_byte`, and not a frame; nothing panics.",
    "Compare `looks.len()` with 43 before you look. To go on after a byte, take `looks.get(at + \
     43..)`, which is None where the looks end.",
);

const SILENT: Rule = Rule::new(
    "88 dark looks in a row inside a frame, counted from look 43 of a byte, end that frame. The \
     next byte is the first of another one. 87 do not.",
    "Count the dark looks that you skip before a byte. Where they are at least `SILENCE`, forget \
     the bytes that you have: a new frame begins.",
);

/// The rule that is broken where there is no answer.
pub(super) fn of_stop(case: &Case, stopped: &Stopped) -> Rule {
    match (case, stopped) {
        (Case::Byte(_) | Case::Frames(..), Stopped::Panicked(panic))
            if panic.message.contains("out of ") =>
        {
            ENDS
        }
        (Case::Frames(..), Stopped::Panicked(panic)) if panic.overflowed_operation().is_some() => {
            Rule::new(
                "The payload of a frame has 0 to 255 bytes, so the frame has 3 to 258: more than a \
                 byte can count.",
                "Make a usize of the length before you add to it: `usize::from(bytes[1]) + 3`.",
            )
        }
        _ => stopped.rule(),
    }
}

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(case: &Case, want: &Answer, got: &Answer) -> Rule {
    match (case, want, got) {
        (Case::Byte(train), Answer::Byte(Ok(_)), Answer::Byte(got))
            if train.view.is_some() && *got != Err(ByteError::CutShort) =>
        {
            Rule::new(
                "Slot k is what look 4k + 2 shows, in its middle. The clocks differ, so the looks \
                 near its edges may show the slot beside it, or anything.",
                "Slot k is `looks[k * SLOT + MIDDLE]`, counted from the first lit look.",
            )
        }
        (_, Answer::Byte(want), Answer::Byte(got)) => of_byte(wrong_slot(*want, *got)),
        (Case::Frames(train, address), _, Answer::Frames(got)) => {
            match Wrong::new(train, *address, got) {
                Some(Wrong { is: Is::Missing(before), frame, .. }) => {
                    missing(train, *address, &frame, before)
                }
                Some(Wrong { is: Is::Extra, frame, .. }) => extra(frame.end),
                Some(Wrong { is: Is::Changed, .. }) | None => Rule::new(
                    "Each good frame gives one payload: the n bytes after the length, as they are, \
                     without address, length and CRC.",
                    "Of the bytes of a whole frame return `bytes[2..bytes.len() - 1]`, once, in \
                     the order in which the frames come.",
                ),
            }
        }
        _ => Rule::new(
            "The CRC is a register of 8 bits that begins at 0. The bytes come in one after the \
             other; a 1 that falls out at the top brings 0x07 in at the bottom.",
            "For each byte: `crc ^= byte`, and then 8 times: note whether `crc & 0x80` is set, \
             shift left by one, and if it was set, XOR 0x07.",
        ),
    }
}

/// What is wrong with a byte, by the slot that decides.
fn of_byte(slot: Option<usize>) -> Rule {
    match slot {
        None => ENDS,
        Some(0) => Rule::new(
            "A start slot is lit in its middle, look 2. A flicker that is over by then is a false \
             start, whatever comes after it.",
            "Before all other slots look at `looks[2]`.",
        ),
        Some(9) => Rule::new(
            "A check: among the 8 bits and the parity slot, slots 1 to 9, the number of lit ones \
             is even. Neither the start nor the stop slot counts.",
            "Slot k is look 4k + 2, its middle. Count the lit slots of 1 to 9, all nine: where the \
             number is odd, return Parity, before you look at the stop slot.",
        ),
        Some(10) => Rule::new(
            "The stop slot, slot 10, is dark. Where it is lit, this is not a byte, even if its \
             parity is right.",
            "After the parity look at `looks[42]`, and return Framing where it is lit.",
        ),
        Some(_) => Rule::new(
            "Slots 1 to 8 are the bits, the most significant first. Slot k is what look 4k + 2 \
             shows: its middle, whatever the other looks show.",
            "From slot 1 to slot 8: `byte = byte << 1 | bit`.",
        ),
    }
}

/// What is wrong where a good frame is not returned.
fn missing(train: &Train, address: u8, frame: &Frame, before: Option<End>) -> Rule {
    let gap = frame.starts.windows(2).map(|starts| starts[1] - starts[0]).max().unwrap_or(0);
    match before {
        _ if frame.is_broadcast() && address != BROADCAST => Rule::new(
            "An address: 0xff is everyone's, so a frame with it is for each watcher.",
            "Take a frame whose address is `address` or `BROADCAST`.",
        ),
        Some(End::Silence) => SILENT,
        Some(End::BadCrc | End::BadByte(_)) => Rule::new(
            "A damaged frame is lost, but not what comes after 88 dark looks in a row, counted \
             from look 43 of the last byte that was read: the next lit look begins a frame.",
            "Find the first `SILENCE` looks in a row that are all dark, forget what you have of \
             the damaged frame, and wait for a frame from there on.",
        ),
        // A byte and 11 slots more.
        _ if gap > SILENCE => SILENT,
        _ if gap > 44 || train.view.is_some() => Rule::new(
            "A start for each letter: the sender's clock is not yours, and it may wait between two \
             bytes. So each byte is counted from its own first lit look.",
            "From look 43 of a byte on, skip the dark looks. The first lit one is look 0 of the \
             next byte, and all its slots are counted from there.",
        ),
        Some(End::Mine | End::NotMine) => Rule::new(
            "After a good frame, for whichever watcher, the next one may begin at once: from look \
             43 of its CRC on, the next lit look is the first of a frame.",
            "Forget the bytes of the frame once it is whole, and go on reading bytes until no look \
             is lit.",
        ),
        None => Rule::new(
            "A frame is good if all its bytes are, and its CRC is that of the bytes before it: \
             address, length and payload. The payload may have 0 to 255 bytes.",
            "A frame is whole with 3 bytes more than its second byte says. Then compare the last \
             one with `crc8` of all the others.",
        ),
    }
}

/// What is wrong where a frame is returned that came to this end.
fn extra(end: End) -> Rule {
    match end {
        End::NotMine => Rule::new(
            "An address: all watchers see one lamp, and each takes the frames that are for it. One \
             for another watcher is read to its end and not returned.",
            "Return a payload only where the first byte of its frame is `address` or `BROADCAST`.",
        ),
        End::BadCrc => Rule::new(
            "A check: two flipped bits of a byte pass its parity, but not the CRC. It covers the \
             address, the length and the payload, and a frame with a wrong one is dropped.",
            "Compare the last byte with `crc8` of all bytes of the frame before it, the address \
             and the length among them.",
        ),
        End::Silence => SILENT,
        End::BadByte(ByteError::CutShort) => ENDS,
        End::BadByte(_) | End::Mine => Rule::new(
            "A check: a frame with a damaged byte is dropped, and so is what follows, up to 88 \
             dark looks in a row, counted from look 43 of that byte.",
            "Where `read_byte` returns an error, forget the frame. From look 43 of that byte on \
             count dark looks, from 0 again at each lit one, until there are `SILENCE`.",
        ),
    }
}
