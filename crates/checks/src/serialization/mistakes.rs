//! How people get it wrong: each misunderstanding as the code that it leads to.
//!
//! All but what it touches is as in a right solution, so that each is known by its own answers.
//! What is about the format itself is wrong in both directions.

use super::{Decoded, Solution, VarintError};
use crate::Mistake;

pub(super) const ALL: &[Mistake<Solution>] = &[
    Mistake {
        name: "the eighth bit marks the last byte",
        misunderstanding: "It sets the eighth bit where the number ends, but a 1 there says that \
                           another byte follows, and the last byte has a 0.",
        hint: "Set 0x80 in all bytes but the last, and stop reading at the first byte without it.",
        solution: Solution {
            encode: encode_marks_the_last,
            decode: |bytes| {
                let turned: Vec<u8> = bytes.iter().map(|byte| byte ^ 0x80).collect();
                right_decode(&turned)
            },
        },
    },
    Mistake {
        name: "the most significant bits come first",
        misunderstanding: "It writes a number as one does on paper, from the left, but a varint \
                           begins with the least significant seven bits.",
        hint: "Take the lowest seven bits first, then shift the number right by seven. Reading, \
               shift the bits of byte i left by 7 * i.",
        solution: Solution {
            encode: encode_most_significant_first,
            decode: decode_most_significant_first,
        },
    },
    encoding(
        "encode drops the last byte",
        "It stops when no further byte is needed, but what is left then, up to seven bits, has not \
         been written.",
        "After the loop push what is left of the number: the last byte, with no eighth bit.",
        encode_drops_the_last,
    ),
    encoding(
        "0 has no bytes",
        "It writes while something is left of the number, and of 0 nothing is left from the \
         beginning, but a reader needs a last byte there, too.",
        "Loop while the number is 0x80 or more, and push what is left after the loop, be it 0.",
        encode_0_has_no_bytes,
    ),
    encoding(
        "128 in one byte",
        "It takes 128 for the last number that fits in seven bits, but that is 127: 128 has an \
         eighth bit, which says that a byte follows.",
        "Go on while the number is 0x80 or more: >= and not >.",
        encode_128_in_one_byte,
    ),
    encoding(
        "encode sets the eighth bit everywhere",
        "It sets the eighth bit in the last byte as well, but there it promises a byte that never \
         comes.",
        "Set 0x80 only where something is left of the number after this byte.",
        encode_never_ends,
    ),
    encoding(
        "encode sets no eighth bit",
        "It writes the sevens of bits and nothing else, but then every byte says that it is the \
         last one.",
        "Set 0x80 in a byte after which something is left of the number: byte | 0x80.",
        encode_sets_no_eighth_bit,
    ),
    encoding(
        "encode leaves the eighth bit as it is",
        "It takes eight bits of the number for a byte, but the eighth of them belongs to the next \
         byte, and in its place stands whether there is one.",
        "Where something is left of the number set the eighth bit, whatever it was: number as u8 | \
         0x80.",
        encode_leaves_the_eighth_bit,
    ),
    encoding(
        "encode ends with a 00",
        "It asks whether the number is 0 before it writes a last byte, and so writes a byte of \
         nothing, but the varint was complete without it.",
        "The last byte is the one after which nothing is left: shift first, then decide on the \
         eighth bit.",
        encode_ends_with_00,
    ),
    encoding(
        "encode takes eight bits at a time",
        "It shifts the number by eight, a whole byte, but a byte has room for seven of its bits, \
         and the eighth is lost.",
        "Shift by 7.",
        encode_shifts_by_eight,
    ),
    encoding(
        "encode in ten bytes",
        "It writes as many bytes as the largest number takes, but a varint ends as soon as nothing \
         is left: short numbers are what it is for.",
        "Stop when what is left is below 0x80.",
        encode_in_ten_bytes,
    ),
    decoding(
        "the eighth bit is part of the number",
        "It adds the whole byte to the number, but its eighth bit says only whether another byte \
         follows.",
        "Mask it first: byte & 0x7f.",
        |bytes| decode_by(bytes, |byte, shift| u64::from(byte) << shift),
    ),
    decoding(
        "decode takes eight bits at a time",
        "It puts each byte eight bits further up, but a byte brings seven: between them a bit \
         stays 0.",
        "Shift the bits of byte i by 7 * i.",
        |bytes| decode_by(bytes, |byte, shift| u64::from(byte & 0x7f) << (shift / 7 * 8).min(63)),
    ),
    decoding(
        "shifts within the byte",
        "It shifts the byte and makes a u64 of the result, but a byte has eight bits only: what is \
         shifted beyond them is lost, or the shift panics.",
        "Widen first: u64::from(byte & 0x7f) << shift.",
        |bytes| decode_by(bytes, |byte, shift| u64::from((byte & 0x7f) << shift)),
    ),
    decoding(
        "no overflow check",
        "It takes bytes as long as they say that another follows, but a u64 ends after 64 bits: \
         the rest is shifted out, or the shift panics.",
        "At the tenth byte, refuse what is over 1.",
        decode_without_limit,
    ),
    decoding(
        "overflow by the count alone",
        "It refuses an eleventh byte and takes every tenth, but the tenth has room for the 64th \
         bit alone, and the others of its bits are lost in silence.",
        "Nine bytes are 63 bits. So the tenth byte may be 0 or 1 and nothing else.",
        decode_limits_the_count,
    ),
    decoding(
        "overflow only where an eleventh byte would follow",
        "It refuses a tenth byte that is no last one and takes every other, but the tenth has room \
         for the 64th bit alone: 02 there is 2^64.",
        "Nine bytes are 63 bits. So the tenth byte may be 0 or 1 and nothing else.",
        decode_refuses_an_eleventh,
    ),
    decoding(
        "nine bytes are enough",
        "It refuses every tenth byte, but nine times seven are 63 bits, and a u64 has 64.",
        "Allow a tenth byte, if it is not over 1.",
        decode_nine_bytes,
    ),
    decoding(
        "waits for the end before it refuses",
        "It looks for the last byte first and for an overflow afterwards, but a peer may send \
         bytes for ever that all say that another follows: ten are enough to refuse.",
        "Test the tenth byte when you come to it, before you ask whether it is the last.",
        decode_waits_for_the_end,
    ),
    decoding(
        "the end of the bytes ends the number",
        "It takes the bytes that came for the whole number, but the last of them said that another \
         follows: a number cut short is another number.",
        "Where the bytes end before one without the eighth bit, answer CutShort.",
        decode_ends_with_the_bytes,
    ),
    decoding(
        "reads past the end",
        "It believes the eighth bit that another byte follows, but whoever sent the bytes may lie, \
         or a read may have ended early.",
        "Use `bytes.get(at)` or iterate over the bytes; where there is none, answer CutShort.",
        decode_past_the_end,
    ),
    decoding(
        "accepts padding",
        "It takes every way to write a number, but then one number has many: two that are equal \
         differ as bytes, in a hash or a signature.",
        "Where the last byte is 00 and is not the first, answer Padded.",
        lenient,
    ),
    decoding(
        "0 is padding",
        "It refuses every last byte 00, but where it is the only one it is the number 0, and there \
         is no shorter way.",
        "A 00 is padding only after another byte.",
        decode_0_is_padding,
    ),
    decoding(
        "the last of all bytes is the padding",
        "It looks for padding at the end of all that was given, but the number may end before: \
         what follows it is none of its business.",
        "Compare with 00 the byte at which the loop stops, the first without the eighth bit.",
        decode_looks_at_the_very_last,
    ),
    decoding(
        "the count is of all bytes",
        "It says that the number takes all the bytes that were given, but what follows the number \
         belongs to the next one.",
        "Count up to the last byte of the number, that one included.",
        |bytes| right_decode(bytes).map(|(number, _)| (number, bytes.len())),
    ),
    decoding(
        "the count leaves out the last byte",
        "It answers with the index of the last byte, but the count is one more: the next number \
         would begin too early.",
        "Counted from 0, byte `at` is the last of at + 1.",
        |bytes| right_decode(bytes).map(|(number, count)| (number, count - 1)),
    ),
];

const RIGHT: Solution = Solution { encode: right_encode, decode: right_decode };

const fn encoding(
    name: &'static str,
    misunderstanding: &'static str,
    hint: &'static str,
    encode: fn(u64) -> Vec<u8>,
) -> Mistake<Solution> {
    let solution = Solution { encode, ..RIGHT };
    Mistake { name, misunderstanding, hint, solution }
}

const fn decoding(
    name: &'static str,
    misunderstanding: &'static str,
    hint: &'static str,
    decode: fn(&[u8]) -> Decoded,
) -> Mistake<Solution> {
    let solution = Solution { decode, ..RIGHT };
    Mistake { name, misunderstanding, hint, solution }
}

fn right_encode(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn right_decode(bytes: &[u8]) -> Decoded {
    decode_by(bytes, |byte, shift| u64::from(byte & 0x7f) << shift)
}

/// Right but for what a byte adds to the number, given how far up it stands.
fn decode_by(bytes: &[u8], part: fn(u8, usize) -> u64) -> Decoded {
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if at == 9 && byte > 1 {
            return Err(VarintError::Overflow);
        }
        number |= part(byte, 7 * at);
        if byte < 0x80 {
            return unpadded(number, byte, at);
        }
    }
    Err(VarintError::CutShort)
}

/// The number, unless it is padded with this last byte.
fn unpadded(number: u64, last: u8, at: usize) -> Decoded {
    if last == 0 && at > 0 {
        return Err(VarintError::Padded);
    }
    Ok((number, at + 1))
}

fn encode_marks_the_last(number: u64) -> Vec<u8> {
    let bytes = right_encode(number);
    bytes.into_iter().map(|byte| byte ^ 0x80).collect()
}

fn encode_most_significant_first(mut number: u64) -> Vec<u8> {
    let mut bytes = vec![number as u8 & 0x7f];
    while number >= 0x80 {
        number >>= 7;
        bytes.insert(0, number as u8 | 0x80);
    }
    bytes
}

fn decode_most_significant_first(bytes: &[u8]) -> Decoded {
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if at == 9 && byte > 1 {
            return Err(VarintError::Overflow);
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return unpadded(number, byte, at);
        }
    }
    Err(VarintError::CutShort)
}

fn encode_drops_the_last(number: u64) -> Vec<u8> {
    let mut bytes = right_encode(number);
    bytes.pop();
    bytes
}

fn encode_0_has_no_bytes(number: u64) -> Vec<u8> {
    if number == 0 { Vec::new() } else { right_encode(number) }
}

fn encode_128_in_one_byte(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn encode_never_ends(number: u64) -> Vec<u8> {
    right_encode(number).into_iter().map(|byte| byte | 0x80).collect()
}

fn encode_sets_no_eighth_bit(number: u64) -> Vec<u8> {
    let bytes = right_encode(number);
    bytes.into_iter().map(|byte| byte & 0x7f).collect()
}

fn encode_leaves_the_eighth_bit(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn encode_ends_with_00(number: u64) -> Vec<u8> {
    let mut bytes = encode_never_ends(number);
    bytes.push(0);
    bytes
}

fn encode_shifts_by_eight(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 8;
    }
    bytes.push(number as u8);
    bytes
}

fn encode_in_ten_bytes(number: u64) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..10).map(|at| (number >> (7 * at)) as u8 | 0x80).collect();
    bytes[9] &= 0x7f;
    bytes
}

fn lenient(bytes: &[u8]) -> Decoded {
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if at == 9 && byte > 1 {
            return Err(VarintError::Overflow);
        }
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return Ok((number, at + 1));
        }
    }
    Err(VarintError::CutShort)
}

fn decode_without_limit(bytes: &[u8]) -> Decoded {
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return unpadded(number, byte, at);
        }
    }
    Err(VarintError::CutShort)
}

fn decode_limits_the_count(bytes: &[u8]) -> Decoded {
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if at == 10 {
            return Err(VarintError::Overflow);
        }
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return unpadded(number, byte, at);
        }
    }
    Err(VarintError::CutShort)
}

fn decode_refuses_an_eleventh(bytes: &[u8]) -> Decoded {
    if bytes.len() >= 10 && bytes[..10].iter().all(|byte| *byte >= 0x80) {
        return Err(VarintError::Overflow);
    }
    decode_limits_the_count(bytes)
}

fn decode_nine_bytes(bytes: &[u8]) -> Decoded {
    match bytes.split_at_checked(9) {
        Some((nine, [_, ..])) if nine.iter().all(|byte| *byte >= 0x80) => {
            Err(VarintError::Overflow)
        }
        _ => right_decode(bytes),
    }
}

fn decode_waits_for_the_end(bytes: &[u8]) -> Decoded {
    if bytes.iter().all(|byte| *byte >= 0x80) {
        return Err(VarintError::CutShort);
    }
    right_decode(bytes)
}

fn decode_ends_with_the_bytes(bytes: &[u8]) -> Decoded {
    match right_decode(bytes) {
        Err(VarintError::CutShort) => {
            let parts = bytes.iter().enumerate();
            let parts = parts.map(|(at, byte)| u64::from(byte & 0x7f) << (7 * at));
            Ok((parts.sum(), bytes.len()))
        }
        decoded => decoded,
    }
}

fn decode_past_the_end(bytes: &[u8]) -> Decoded {
    let mut number = 0;
    let mut at = 0;
    loop {
        let byte = bytes[at];
        if at == 9 && byte > 1 {
            return Err(VarintError::Overflow);
        }
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return unpadded(number, byte, at);
        }
        at += 1;
    }
}

fn decode_looks_at_the_very_last(bytes: &[u8]) -> Decoded {
    if bytes.len() > 1 && bytes.last() == Some(&0) {
        return Err(VarintError::Padded);
    }
    lenient(bytes)
}

fn decode_0_is_padding(bytes: &[u8]) -> Decoded {
    match right_decode(bytes) {
        Ok((0, _)) => Err(VarintError::Padded),
        decoded => decoded,
    }
}
