//! Exercise: numbers as varints, there and back.
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
//! An overflow is told as soon as the tenth byte is there, whatever follows it, and even if nothing
//! does.
//!
//! The judge tries `encode` on small numbers and on those where a varint grows, and then `decode`
//! on all that is short and on what is nine to eleven bytes long, the fewest bytes first; you see
//! the first case that is wrong.
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
