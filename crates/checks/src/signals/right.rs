//! What is right: a CRC by powers of x, a byte by its weights, and a watcher that sees one look at
//! a time and never goes back.

use super::{BROADCAST, ByteError, MIDDLE, SILENCE, SLOT, SLOTS};

/// The right CRC: the remainder of a sum is the sum of the remainders, so each bit that is 1 adds
/// that of its own power of x. The last bit stands for x^8.
pub(super) fn crc8(bytes: &[u8]) -> u8 {
    let (mut crc, mut power) = (0, 0x07);
    for byte in bytes.iter().rev() {
        for bit in 0..8 {
            if byte >> bit & 1 == 1 {
                crc ^= power;
            }
            power = if power < 0x80 { power * 2 } else { (power * 2) ^ 0x107 };
        }
    }
    crc as u8
}

/// The right byte of these slots.
pub(super) fn byte(slots: &[bool]) -> Result<u8, ByteError> {
    let Ok(&[start, ref bits @ .., parity, stop]) = <&[bool; SLOTS]>::try_from(slots) else {
        return Err(ByteError::CutShort);
    };
    let value: u32 = (0..8).filter(|&place| bits[place]).map(|place| 128 >> place).sum();
    match () {
        () if !start => Err(ByteError::FalseStart),
        () if (value.count_ones() + u32::from(parity)) % 2 == 1 => Err(ByteError::Parity),
        () if stop => Err(ByteError::Framing),
        () => Ok(value as u8),
    }
}

/// The slots that begin with these looks, as far as the looks go.
pub(super) fn slots(looks: &[bool]) -> Vec<bool> {
    looks.chunks(SLOT).filter_map(|slot| slot.get(MIDDLE)).take(SLOTS).copied().collect()
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Mine,
    NotMine,
    /// With one of its bytes, or at the end of the looks.
    BadByte(ByteError),
    BadCrc,
    Silence,
}

/// A frame that has begun, as the right watcher sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The look at which each of its bytes begins.
    pub(super) starts: Vec<usize>,
    bytes: Vec<u8>,
    pub(super) end: End,
}

impl Frame {
    fn new() -> Frame {
        Frame { starts: Vec::new(), bytes: Vec::new(), end: End::BadByte(ByteError::CutShort) }
    }

    /// The bytes that count as its payload, if they came.
    pub(super) fn payload(&self) -> &[u8] {
        let end = 2 + self.bytes.get(1).map_or(0, |&length| length.into());
        self.bytes.get(2..end).unwrap_or_default()
    }

    pub(super) fn is_broadcast(&self) -> bool {
        self.bytes.first() == Some(&BROADCAST)
    }

    /// What its bytes come to, if that is known.
    fn end(&self, address: u8) -> Option<End> {
        let [to, length, rest @ ..] = &self.bytes[..] else { return None };
        let (crc, all) = self.bytes.split_last()?;
        match rest.len() == usize::from(*length) + 1 {
            false => None,
            true if crc8(all) != *crc => Some(End::BadCrc),
            true if [address, BROADCAST].contains(to) => Some(End::Mine),
            true => Some(End::NotMine),
        }
    }
}

/// Every frame that begins in these looks.
pub(super) fn frames(looks: &[bool], address: u8) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut frame = Frame::new();
    // The looks of the byte that is read, the dark ones since the last, and what it waits for.
    let mut byte: Vec<bool> = Vec::new();
    let (mut dark, mut is_dropped) = (0, false);
    for (place, &is_lit) in looks.iter().enumerate() {
        if byte.is_empty() {
            dark = if is_lit { 0 } else { dark + 1 };
            if dark == SILENCE {
                is_dropped = false;
                if !frame.starts.is_empty() {
                    frames.push(Frame { end: End::Silence, ..frame });
                    frame = Frame::new();
                }
            }
            if !is_lit || is_dropped {
                continue;
            }
            frame.starts.push(place);
        }
        byte.push(is_lit);
        if byte.len() <= (SLOTS - 1) * SLOT + MIDDLE {
            continue;
        }
        let end = match self::byte(&slots(&byte)) {
            Ok(value) => {
                frame.bytes.push(value);
                frame.end(address)
            }
            Err(error) => Some(End::BadByte(error)),
        };
        byte.clear();
        dark = 0;
        if let Some(end) = end {
            is_dropped = ![End::Mine, End::NotMine].contains(&end);
            frames.push(Frame { end, ..frame });
            frame = Frame::new();
        }
    }
    if !frame.starts.is_empty() {
        frames.push(frame);
    }
    frames
}
