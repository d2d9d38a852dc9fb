//! Exercise: numbers as varints, there and back, and a record made of them.
//!
//! A varint has seven bits of the number in each byte, the least significant seven in the first.
//! The eighth bit, the most significant of the byte, is 1 where another byte follows, and 0 in the
//! last. So 300, in bits 10 0101100, is ac 02: 1_0101100 and then 0_0000010.
//!
//! `encode` writes every number in as few bytes as it takes. That is one at least, and for the
//! largest it is ten.
//!
//! `decode` reads the number that the bytes begin with. What follows it is not looked at.
//!
//! | the answer of `decode` | when |
//! |---|---|
//! | `Ok((number, count))` | the bytes begin with the varint of `number`, `count` bytes long |
//! | `Err(VarintError::CutShort)` | fewer than ten bytes, and none of them is a last one |
//! | `Err(VarintError::Padded)` | the last byte is 00, and not the first: there is a shorter one |
//! | `Err(VarintError::Overflow)` | none of the first nine is a last one; the tenth is over 01 |
//!
//! An overflow is reported as soon as the tenth byte is there, whatever follows it, and even if
//! nothing does.
//!
//! What `read_record` does stands above it, at the end of this file.
//!
//! The judge tries the three one after the other, each on what is short first; you see the first
//! case that is wrong.
//!
//! To check it: `cargo run -- check serialization`

use checks::serialization::VarintError;

/// The varint of a number.
pub fn encode(number: u64) -> Vec<u8> {
    checks::unsolved!("the bytes of a number", number)
}

/// The number that these bytes begin with, and how many of them it takes.
pub fn decode(bytes: &[u8]) -> Result<(u64, usize), VarintError> {
    checks::unsolved!("the number in the bytes", bytes)
}

// The second part, from here to the end of the file.

use checks::serialization::{Record, RecordError};

/// The record that all these bytes are, even if next year's program wrote them.
///
/// A record is fields, one after the other, and a field is a tag and a value. The tag is a varint:
/// the number of the field × 8 + its kind. With kind 0 the value is a varint. With kind 2 it is a
/// length, which is a varint, and then that many bytes.
///
/// | number | kind | what it is | where it is absent |
/// |---|---|---|---|
/// | 1 | 0 | `id` | 0 |
/// | 2 | 2 | `text`, in UTF-8 | empty |
/// | 3 | 0 | `copies` | 1 |
///
/// The fields come in any order. Of a field that comes more than once the last one counts. A field
/// with any other number, be it 0, is unknown: it is skipped, and its value is not interpreted.
///
/// The bytes are read from left to right, and the first thing that is wrong is the answer:
///
/// | the answer | when |
/// |---|---|
/// | `Err(RecordError::Varint(error))` | a tag, a value or a length that `decode` refuses so |
/// | `Err(RecordError::WrongKind)` | field 1, 2 or 3 has another kind than in the table above |
/// | the same | an unknown field has another kind than 0 and 2: who knows where it ends? |
/// | `Err(RecordError::CutShort)` | fewer bytes are left than a length says; it may be `u64::MAX` |
/// | `Err(RecordError::NotUtf8)` | a text is not UTF-8, even if it comes again |
///
/// A wrong kind is known from the tag: it is the answer whatever follows, or does not. What is
/// wrong with a varint or a length is wrong in an unknown field as well. The `?` operator turns a
/// `VarintError` into `RecordError::Varint`. Reserve no memory for a length before its bytes are
/// there, which the judge cannot see.
pub fn read_record(bytes: &[u8]) -> Result<Record, RecordError> {
    checks::unsolved!("the fields of a record", bytes)
}
