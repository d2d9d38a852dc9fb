//! Exercise: numbers as varints, there and back. One way to write it.

use checks::serialization::VarintError;

/// The varint of a number.
pub fn encode(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// The number that these bytes begin with, and how many of them it takes.
pub fn decode(bytes: &[u8]) -> Result<(u64, usize), VarintError> {
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        // The tenth byte has room for the 64th bit alone.
        if at == 9 && byte > 1 {
            return Err(VarintError::Overflow);
        }
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            let padded = byte == 0 && at > 0;
            return if padded { Err(VarintError::Padded) } else { Ok((number, at + 1)) };
        }
    }
    Err(VarintError::CutShort)
}
