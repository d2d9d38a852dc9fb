//! Exercise: read frames from a flickering lamp.
//!
//! The lamp is lit or dark, and dark while nothing is sent. A byte takes 11 slots of equal length:
//!
//! | slot | the lamp |
//! |---|---|
//! | 0, the start | is lit |
//! | 1 to 8, the bits | is lit for 1 and dark for 0, the most significant bit first |
//! | 9, the parity | is lit or dark so that the number of lit slots among 1 to 9 is even |
//! | 10, the stop | is dark |
//!
//! The watcher looks at the lamp four times per slot, by its own clock. Each look is an item of
//! `looks`: true if the lamp was lit. The sender's slots may be up to 2 % longer or shorter than
//! the watcher's. So the watcher counts anew for each byte: look 0 is the first lit look of the
//! byte, and slot k is what look 4k + 2 shows, in its middle. The other looks of a byte do not
//! count, whatever they show.
//!
//! `crc8` has a register of 8 bits, which is 0 at first. For each byte it XORs the byte into the
//! register. Then, 8 times, it shifts the register left by one bit and, if the bit that fell out
//! was 1, XORs 0x07 into it. The register at the end is the CRC: 0xf4 for the text "123456789".
//!
//! `read_byte` reads the byte that begins at `looks[0]`, which is lit. There may be any number of
//! looks, even none. The first line that fits decides:
//!
//! | the result | when |
//! |---|---|
//! | `Err(ByteError::CutShort)` | there are fewer than 43 looks, so look 42 is missing |
//! | `Err(ByteError::FalseStart)` | slot 0 is dark |
//! | `Err(ByteError::Parity)` | the number of lit slots among 1 to 9 is odd |
//! | `Err(ByteError::Framing)` | slot 10 is lit |
//! | `Ok(byte)` | in all other cases |
//!
//! `read_frames` returns the payloads of the good frames that are for the watcher, in order: those
//! whose address is `address`, or `BROADCAST`, which is everyone's. A frame is these bytes:
//!
//! | bytes | what they are |
//! |---|---|
//! | 1 | the address |
//! | 1 | n, the length of the payload: 0 to 255 |
//! | n | the payload |
//! | 1 | the CRC: `crc8` of all bytes of the frame before it |
//!
//! A watcher that waits for a byte takes the next lit look for look 0 of that byte. At first it
//! waits for the first byte of a frame, and so it does after each good frame, whatever its address.
//! After any byte it waits from look 43 of that byte on: where the sender's slots are shorter, the
//! next byte may begin there. Between two bytes of a frame the lamp may be dark for some time.
//!
//! A frame is damaged, and dropped, where
//!
//! - `read_byte` returns an error for one of its bytes,
//! - its CRC is wrong,
//! - `SILENCE` looks in a row, 88, are dark before its next byte, counted from look 43 of the last,
//! - or the looks end inside it.
//!
//! After a damaged frame the watcher waits for 88 dark looks in a row, counted from look 43 of the
//! last byte that it has read, good or not. From there on it waits for the first byte of a frame.
//! (Inside a good frame the lamp is never dark for so long: for 10 slots in a byte 00, then for
//! fewer than 11 before the next byte. 88 looks are 22 slots.)
//!
//! The judge tries `crc8` first, then `read_byte`, then `read_frames`.
//!
//! To check it: `cargo run -- check signals`

use checks::signals::{BROADCAST, ByteError, MIDDLE, SILENCE, SLOT};

/// The CRC-8 of the bytes.
pub fn crc8(bytes: &[u8]) -> u8 {
    checks::unsolved!("the CRC of some bytes", bytes)
}

/// Reads the byte that begins with these looks: `SLOT`, 4, for each slot, of which the look
/// `MIDDLE`, 2, counts.
pub fn read_byte(looks: &[bool]) -> Result<u8, ByteError> {
    checks::unsolved!("the byte of 11 slots, or what is wrong with it", looks, SLOT, MIDDLE)
}

/// The payloads of all good frames for this address, or for everyone.
pub fn read_frames(looks: &[bool], address: u8) -> Vec<Vec<u8>> {
    checks::unsolved!("the payloads of all good frames", looks, address, BROADCAST, SILENCE)
}
