//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use super::{Decoded, Record, RecordError, VarintError};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    MarksTheLast, "the eighth bit marks the last byte":
        "It sets the eighth bit where the number ends, but a 1 there says that another byte \
         follows.";
    | MostSignificantFirst, "the most significant bits come first":
        "It begins with the most significant bits, as on paper, but a varint begins with the least \
         significant.";
    DropsTheLast, "encode drops the last byte":
        "It stops when no further byte is needed, but what is left then has not been written.";
    | ZeroIsEmpty, "0 has no bytes":
        "It writes while something is left of the number, but of 0 nothing is, and a reader waits \
         for a last byte.";
    | OneByte128, "128 in one byte":
        "It takes 128 for the last number that fits in seven bits, but that is 127.";
    NoOverflow, "no overflow check":
        "It takes bytes as long as they say that another follows, but a u64 ends after 64 bits: \
         the rest is lost, or the shift panics.";
    | WaitsForTheEnd, "waits for the end before it refuses":
        "It looks for the last byte first and for an overflow afterwards, but a peer may never \
         send a last byte: ten are enough to refuse.";
    ShiftsIn32Bits, "shifts in 32 bits":
        "It shifts the seven bits as a u32 and makes a u64 of the result, but beyond 32 bits they \
         are lost, or the shift panics.";
    | AcceptsPadding, "accepts padding":
        "It takes every way to write a number, but then equal numbers differ as bytes, in a hash \
         or a signature.";
    | ZeroIsPadded, "0 is padded":
        "It takes every last byte 00 for padding, but alone it is the number 0.";
    ReadsPastTheEnd, "reads past the end":
        "It believes the eighth bit that another byte follows, but the sender may lie.";
    WrongKindSkipped, "a field of the wrong kind is skipped":
        "It takes a known field of another kind for an unknown one, but then the default silently \
         replaces a value that was sent.";
    UnknownRefused, "an unknown field is an error":
        "It refuses a field that it does not know, but next year's program may write one.";
    TagIsOneByte, "a tag is one byte":
        "It takes one byte for the tag, but from field number 16 on the varint has more.";
    SkipsUnread, "an unknown number is not decoded":
        "It skips an unknown number up to its last byte, but that may be padded or too large, \
         which is an error there as well.";
    DefaultsToZero, "every default is 0":
        "It begins with zeros, but a field that is absent has its default: copies is 1.";
}

/// What is right, but for the bugs: here and below.
pub(super) fn encode(bugs: Bugs<Bug>, mut number: u64) -> Vec<u8> {
    let largest = if bugs.has(Bug::OneByte128) { 0x80 } else { 0x7f };
    let mut bytes = Vec::new();
    if number == 0 && bugs.has(Bug::ZeroIsEmpty) {
        return bytes;
    }
    while number > largest {
        bytes.push(number as u8 & 0x7f);
        number >>= 7;
    }
    bytes.push(number as u8);
    if bugs.has(Bug::MostSignificantFirst) {
        bytes.reverse();
    }
    let last = bytes.len() - 1;
    bytes[..last].iter_mut().for_each(|byte| *byte |= 0x80);
    bytes.truncate(if bugs.has(Bug::DropsTheLast) { last } else { last + 1 });
    let turned = if bugs.has(Bug::MarksTheLast) { 0x80 } else { 0 };
    bytes.iter().map(|byte| byte ^ turned).collect()
}

pub(super) fn decode(bugs: Bugs<Bug>, bytes: &[u8]) -> Decoded {
    let turned = if bugs.has(Bug::MarksTheLast) { 0x80 } else { 0 };
    let is_last = |byte: u8| byte ^ turned < 0x80;
    if bugs.has(Bug::WaitsForTheEnd) && !bytes.iter().any(|byte| is_last(*byte)) {
        return Err(VarintError::CutShort);
    }
    let mut number = 0;
    for (at, byte) in bytes.iter().map(|byte| byte ^ turned).enumerate() {
        if at == 9 && byte > 1 && !bugs.has(Bug::NoOverflow) {
            return Err(VarintError::Overflow);
        }
        let seven = byte & 0x7f;
        number = match bugs.has(Bug::ShiftsIn32Bits) {
            _ if bugs.has(Bug::MostSignificantFirst) => number << 7 | u64::from(seven),
            true => number | u64::from(u32::from(seven) << (7 * at)),
            false => number | u64::from(seven) << (7 * at),
        };
        if byte < 0x80 {
            let is_longer = at > 0 || bugs.has(Bug::ZeroIsPadded);
            let is_padded = byte == 0 && is_longer && !bugs.has(Bug::AcceptsPadding);
            return if is_padded { Err(VarintError::Padded) } else { Ok((number, at + 1)) };
        }
    }
    assert!(!bugs.has(Bug::ReadsPastTheEnd), "index out of bounds");
    Err(VarintError::CutShort)
}

pub(super) fn read_record(bugs: Bugs<Bug>, bytes: &[u8]) -> Result<Record, RecordError> {
    let copies = if bugs.has(Bug::DefaultsToZero) { 0 } else { 1 };
    let mut record = Record { id: 0, text: String::new(), copies };
    let mut rest = bytes;
    while !rest.is_empty() {
        let tag = match bugs.has(Bug::TagIsOneByte) {
            true => rest.split_off_first().copied().map_or(0, u64::from),
            false => take_varint(bugs, &mut rest)?,
        };
        match (tag / 8, tag % 8) {
            (1, 0) => record.id = take_varint(bugs, &mut rest)?,
            (2, 2) => {
                let text = take_bytes(bugs, &mut rest)?.to_vec();
                record.text = String::from_utf8(text).map_err(|_| RecordError::NotUtf8)?;
            }
            (3, 0) => record.copies = take_varint(bugs, &mut rest)?,
            (1..=3, _) if !bugs.has(Bug::WrongKindSkipped) => return Err(RecordError::WrongKind),
            (0 | 4.., _) if bugs.has(Bug::UnknownRefused) => return Err(RecordError::WrongKind),
            (_, 0) if bugs.has(Bug::SkipsUnread) => {
                let last = rest.iter().position(|byte| *byte < 0x80);
                rest = &rest[last.ok_or(VarintError::CutShort)? + 1..];
            }
            (_, 0) => drop(take_varint(bugs, &mut rest)?),
            (_, 2) => drop(take_bytes(bugs, &mut rest)?),
            _ => return Err(RecordError::WrongKind),
        }
    }
    Ok(record)
}

fn take_varint(bugs: Bugs<Bug>, rest: &mut &[u8]) -> Result<u64, RecordError> {
    let (number, count) = decode(bugs, rest)?;
    *rest = &rest[count..];
    Ok(number)
}

fn take_bytes<'a>(bugs: Bugs<Bug>, rest: &mut &'a [u8]) -> Result<&'a [u8], RecordError> {
    let length = take_varint(bugs, rest)? as usize;
    let (bytes, after) = rest.split_at_checked(length).ok_or(RecordError::CutShort)?;
    *rest = after;
    Ok(bytes)
}
