//! A message with what a receiver has to know of it: for whom, how long, and whether it is whole.

use std::fmt;
use std::time::Duration;

use crate::lamp::{Pulses, Watcher};
use crate::letters::{Damage, letters};

/// The address of every watcher.
pub const EVERYONE: u8 = 0xff;

/// The most bytes that a frame carries: its length is one byte.
pub const LONGEST: usize = 255;

/// The bytes of a frame: address, length, payload, CRC.
///
/// # Panics
/// If the payload is longer than [`LONGEST`].
pub fn frame(address: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a payload of at most 255 bytes");
    let mut bytes = vec![address, length];
    bytes.extend(payload);
    bytes.push(crc8(&bytes));
    bytes
}

/// The remainder of the bytes, taken as one long binary number, divided without carries by
/// 1_0000_0111, the polynomial x⁸ + x² + x + 1.
///
/// ```
/// // The value by which catalogues of CRCs identify this one, CRC-8/SMBUS.
/// assert_eq!(signals::frame::crc8(b"123456789"), 0xf4);
/// ```
pub fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |remainder, byte| {
        (0..8).fold(remainder ^ byte, |remainder, _| match remainder & 0x80 {
            0 => remainder << 1,
            _ => remainder << 1 ^ 0x07,
        })
    })
}

/// What a watcher does with a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is for this watcher, which keeps the payload.
    Kept(Vec<u8>),
    /// It is for another one.
    NotMine(u8),
    /// A letter is damaged.
    Letter {
        /// Which one of the frame, counted from 1.
        nth: usize,
        /// How.
        damage: Damage,
    },
    /// The frame does not have the CRC that it says.
    Crc,
    /// The light ended before the frame did.
    Cut,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Kept(payload) => {
                write!(f, "kept: \"{}\"", narration::printable(payload))
            }
            Verdict::NotMine(address) => write!(f, "not kept: it is for {address}"),
            Verdict::Letter { nth, damage } => write!(f, "dropped: byte {nth} has {damage}"),
            Verdict::Crc => write!(f, "dropped: the CRC is wrong"),
            Verdict::Cut => write!(f, "dropped: the frame ends too early"),
        }
    }
}

/// One frame, from the moment `from` on, as the watcher `own` judges it; and when it was read.
pub fn read_frame(
    watcher: Watcher,
    own: u8,
    pulses: &Pulses,
    from: Duration,
) -> (Verdict, Duration) {
    let (mut bytes, mut now) = (Vec::new(), from);
    // Address, length and CRC, and once the length is known, the payload.
    while bytes.len() < 3 || bytes.len() < 3 + usize::from(bytes[1]) {
        let Some(seen) = watcher.next_letter(pulses, now) else { return (Verdict::Cut, now) };
        now = seen.end(watcher);
        match seen.byte() {
            Ok(byte) => bytes.push(byte),
            Err(damage) => return (Verdict::Letter { nth: bytes.len() + 1, damage }, now),
        }
    }
    (judge(&bytes, own), now)
}

/// A whole frame whose letters are good.
fn judge(bytes: &[u8], own: u8) -> Verdict {
    match bytes {
        // The remainder of a number from which its remainder was taken is zero.
        [address, _, payload @ .., _] if crc8(bytes) == 0 => match *address {
            to if to == own || to == EVERYONE => Verdict::Kept(payload.to_vec()),
            to => Verdict::NotMine(to),
        },
        _ => Verdict::Crc,
    }
}

/// A frame by lamp.
///
/// # Panics
/// If the payload is longer than [`LONGEST`].
pub fn by_lamp(address: u8, payload: &[u8]) -> Pulses {
    letters(&frame(address, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(own: u8, pulses: &Pulses) -> Verdict {
        read_frame(Watcher::new(0), own, pulses, Duration::ZERO).0
    }

    #[test]
    fn each_watcher_keeps_what_is_for_it_or_for_everyone() {
        let sent = by_lamp(2, b"Hello");
        assert_eq!(judged(2, &sent), Verdict::Kept(b"Hello".to_vec()));
        assert_eq!(judged(3, &sent), Verdict::NotMine(2));
        assert_eq!(judged(3, &by_lamp(EVERYONE, b"")), Verdict::Kept(Vec::new()));
    }

    #[test]
    fn frames_follow_each_other() {
        let pulses = Pulses([by_lamp(1, b"one").0, by_lamp(2, b"two").0].concat());
        let (first, end) = read_frame(Watcher::new(3), 2, &pulses, Duration::ZERO);
        assert_eq!(first, Verdict::NotMine(1));
        let (second, _) = read_frame(Watcher::new(3), 2, &pulses, end);
        assert_eq!(second, Verdict::Kept(b"two".to_vec()));
    }

    /// One slot of light too many or too few, anywhere, is never taken for a message.
    #[test]
    fn no_flipped_slot_is_believed() {
        let sent = by_lamp(2, b"Hello");
        for slot in 0..sent.0.len() {
            let mut pulses = sent.clone();
            pulses.0[slot] ^= true;
            assert!(!matches!(judged(2, &pulses), Verdict::Kept(_)), "slot {slot}");
        }
    }

    #[test]
    fn a_length_that_lies_ends_with_the_light() {
        let lies = [2, 255, b'H', b'i'];
        assert_eq!(judged(2, &letters(&lies)), Verdict::Cut);
    }
}
