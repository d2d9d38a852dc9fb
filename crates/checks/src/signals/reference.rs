//! Exercise: read frames from a flickering lamp. One way to write it.

use checks::signals::{BROADCAST, ByteError, MIDDLE, SILENCE, SLOT};

/// Looks of a byte, up to the middle of its stop slot.
const BYTE: usize = 10 * SLOT + MIDDLE + 1;

/// The CRC-8 of the bytes.
pub fn crc8(bytes: &[u8]) -> u8 {
    let mut crc = 0_u8;
    for byte in bytes {
        crc ^= byte;
        for _ in 0..8 {
            let is_carried = crc >= 0x80;
            crc <<= 1;
            if is_carried {
                crc ^= 0x07;
            }
        }
    }
    crc
}

/// Reads the byte that begins with these looks: `SLOT`, 4, for each slot, of which the look
/// `MIDDLE`, 2, counts.
pub fn read_byte(looks: &[bool]) -> Result<u8, ByteError> {
    if looks.len() < BYTE {
        return Err(ByteError::CutShort);
    }
    let slot = |number: usize| looks[number * SLOT + MIDDLE];
    if !slot(0) {
        return Err(ByteError::FalseStart);
    }
    if (1..=9).filter(|&number| slot(number)).count() % 2 == 1 {
        return Err(ByteError::Parity);
    }
    if slot(10) {
        return Err(ByteError::Framing);
    }
    Ok((1..=8).fold(0, |byte, number| byte * 2 + u8::from(slot(number))))
}

/// The payloads of all good frames for this address, or for everyone.
pub fn read_frames(looks: &[bool], address: u8) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    let mut frame: Vec<u8> = Vec::new();
    let mut rest = looks;
    while let Some(dark) = rest.iter().position(|&is_lit| is_lit) {
        if dark >= SILENCE {
            frame.clear();
        }
        rest = &rest[dark..];
        let byte = read_byte(rest);
        rest = rest.get(BYTE..).unwrap_or_default();
        let is_damaged = byte.is_err();
        frame.extend(byte);
        let is_whole = frame.get(1).is_some_and(|&length| frame.len() == usize::from(length) + 3);
        // The CRC of a frame with its CRC is 0.
        if is_damaged || is_whole && crc8(&frame) != 0 {
            frame.clear();
            rest = after_silence(rest);
        } else if is_whole {
            if [address, BROADCAST].contains(&frame[0]) {
                payloads.push(frame[2..frame.len() - 1].to_vec());
            }
            frame.clear();
        }
    }
    payloads
}

/// The looks after the first `SILENCE` dark ones in a row.
fn after_silence(looks: &[bool]) -> &[bool] {
    let is_dark = |run: &[bool]| !run.contains(&true);
    let start = looks.windows(SILENCE).position(is_dark);
    start.map_or(&[], |start| &looks[start + SILENCE..])
}
