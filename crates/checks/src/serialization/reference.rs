//! Exercise: numbers as varints, there and back, and a record made of them. One way to write it.

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

// The second part, from here to the end of the file.

use checks::serialization::{Record, RecordError};

/// The record that all these bytes are, even if next year's program wrote them.
pub fn read_record(bytes: &[u8]) -> Result<Record, RecordError> {
    let mut record = Record { id: 0, text: String::new(), copies: 1 };
    let mut rest = bytes;
    while !rest.is_empty() {
        let tag = take_varint(&mut rest)?;
        match (tag / 8, tag % 8) {
            (1, 0) => record.id = take_varint(&mut rest)?,
            (2, 2) => {
                let text = str::from_utf8(take_bytes(&mut rest)?);
                record.text = text.map_err(|_| RecordError::NotUtf8)?.to_owned();
            }
            (3, 0) => record.copies = take_varint(&mut rest)?,
            (1..=3, _) => return Err(RecordError::WrongKind),
            // Another number: only where it ends is of interest.
            (_, 0) => drop(take_varint(&mut rest)?),
            (_, 2) => drop(take_bytes(&mut rest)?),
            _ => return Err(RecordError::WrongKind),
        }
    }
    Ok(record)
}

/// The varint that the rest begins with; what follows is the rest from now on.
fn take_varint(rest: &mut &[u8]) -> Result<u64, RecordError> {
    let (number, count) = decode(rest)?;
    *rest = &rest[count..];
    Ok(number)
}

/// The same with a length and its bytes.
fn take_bytes<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], RecordError> {
    let length = usize::try_from(take_varint(rest)?).map_err(|_| RecordError::CutShort)?;
    let (bytes, after) = rest.split_at_checked(length).ok_or(RecordError::CutShort)?;
    *rest = after;
    Ok(bytes)
}
