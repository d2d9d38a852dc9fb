//! How large four sets of data are in each format, and why.

use bincode::Options;
use common::random::Rng;
use serde::{Deserialize, Serialize};

use crate::format::{Format, FormatError};

/// How many elements a set of numbers or of strings has.
pub const COUNT: usize = 1_000;

/// How many orders the set of nested values has.
pub const ORDERS: usize = 100;

/// One set of data, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// What it is.
    pub name: &'static str,
    /// In JSON, in bincode as its plainest functions write it, and in postcard.
    pub bytes: [usize; 3],
    /// In bincode with its numbers as varints, which is a setting of it.
    pub bincode_varint: usize,
}

impl Sizes {
    fn of<T: Serialize>(name: &'static str, data: &T) -> Result<Sizes, FormatError> {
        let [json, bincode, postcard] =
            Format::ALL.map(|format| format.write(data).map(|bytes| bytes.len()));
        let varint = bincode::options().serialize(data)?;
        Ok(Sizes { name, bytes: [json?, bincode?, postcard?], bincode_varint: varint.len() })
    }

    /// The format that takes least; of several the first.
    pub fn smallest(&self) -> Format {
        self.by_size().0
    }

    /// The format that takes most; of several the last.
    pub fn largest(&self) -> Format {
        self.by_size().1
    }

    fn by_size(&self) -> (Format, Format) {
        let mut formats = Format::ALL.map(|format| (self.bytes[format as usize], format));
        formats.sort_by_key(|(bytes, _)| *bytes);
        (formats[0].1, formats[2].1)
    }
}

/// Numbers under one name.
#[derive(Serialize, Deserialize)]
pub struct Numbers {
    /// The numbers.
    pub values: Vec<u64>,
}

/// Texts under one name.
#[derive(Serialize, Deserialize)]
pub struct Words {
    /// The texts.
    pub values: Vec<String>,
}

/// What a shop keeps of a sale: structs in structs, names, small numbers, sometimes `None`.
#[derive(Serialize, Deserialize)]
pub struct Order {
    id: u32,
    customer: Customer,
    items: Vec<Item>,
    paid: bool,
}

#[derive(Serialize, Deserialize)]
struct Customer {
    name: String,
    email: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Item {
    article: String,
    count: u32,
    cents: u64,
}

/// The numbers 0 to 999.
pub fn small_numbers() -> Numbers {
    Numbers { values: (0..COUNT as u64).collect() }
}

/// Any numbers that fit in 64 bits.
pub fn random_numbers(rng: &mut Rng) -> Numbers {
    Numbers { values: (0..COUNT).map(|_| rng.within(0..=u64::MAX)).collect() }
}

/// Words of 3 to 12 letters.
pub fn words(rng: &mut Rng) -> Words {
    Words { values: (0..COUNT).map(|_| word(rng)).collect() }
}

fn word(rng: &mut Rng) -> String {
    let letters = b"abcdefghijklmnopqrstuvwxyz";
    let length = rng.within(3..=12);
    (0..length).map(|_| char::from(letters[rng.below(letters.len() as u64) as usize])).collect()
}

/// Orders of 1 to 5 items; every second customer has an address.
pub fn orders(rng: &mut Rng) -> Vec<Order> {
    let order = |id| Order {
        id,
        customer: Customer {
            name: word(rng),
            email: (rng.below(2) == 0).then(|| format!("{}@example.org", word(rng))),
        },
        items: (0..rng.within(1..=5)).map(|_| item(rng)).collect(),
        paid: rng.below(2) == 0,
    };
    (0..ORDERS as u32).map(order).collect()
}

fn item(rng: &mut Rng) -> Item {
    Item { article: word(rng), count: rng.within(1..=9) as u32, cents: rng.within(100..=20_000) }
}

/// The four sets of data, measured. What is random in them is drawn from `seed`.
///
/// # Errors
/// One of them cannot be written.
pub fn measured(seed: u64) -> Result<[Sizes; 4], FormatError> {
    let rng = &mut Rng::from_seed(seed);
    Ok([
        Sizes::of("u64, 0 to 999", &small_numbers())?,
        Sizes::of("u64, random", &random_numbers(rng))?,
        Sizes::of("words", &words(rng))?,
        Sizes::of("orders, nested", &orders(rng))?,
    ])
}

/// One number by itself, in each format.
#[derive(Debug, PartialEq, Eq)]
pub struct One {
    /// The number.
    pub number: u64,
    /// Its bytes in JSON, bincode and postcard.
    pub bytes: [Vec<u8>; 3],
}

/// Numbers at the edges where a varint grows.
///
/// # Errors
/// One of them cannot be written.
pub fn one_number() -> Result<Vec<One>, FormatError> {
    let one = |number: u64| {
        let [json, bincode, postcard] = Format::ALL.map(|format| format.write(&number));
        Ok(One { number, bytes: [json?, bincode?, postcard?] })
    };
    [7, 127, 128, 300, u64::MAX].into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_small_numbers_fixed_width_is_larger_than_text() {
        let [small, ..] = measured(1).unwrap();
        // 999 commas, 2,890 digits, and {"values":[]} around them; 8 bytes for each number and for
        // their count.
        assert_eq!(small.bytes[..2], [3_902, 8_008]);
        assert_eq!(small.largest(), Format::Bincode);
        assert_eq!(small.smallest(), Format::Postcard);
        // A length of two bytes; 128 numbers of one byte and 872 of two.
        assert_eq!(small.bytes[2], 2 + 128 + 2 * 872);
    }

    #[test]
    fn for_large_numbers_fixed_width_is_smallest_with_any_seed() {
        for seed in 0..20 {
            let [_, random, ..] = measured(seed).unwrap();
            assert_eq!(random.smallest(), Format::Bincode);
            assert_eq!(random.largest(), Format::Json);
            let ratio = random.bytes[0] as f64 / random.bytes[1] as f64;
            assert!((2.4..2.6).contains(&ratio), "{ratio}");
        }
    }

    #[test]
    fn a_setting_decides_and_not_the_library() {
        let [small, random, ..] = measured(1).unwrap();
        assert!(small.bincode_varint < small.bytes[0], "{small:?}");
        assert!(random.bincode_varint > random.bytes[1], "{random:?}");
    }

    #[test]
    fn a_varint_has_seven_bits_in_a_byte() {
        let numbers = one_number().unwrap();
        let varints: Vec<_> = numbers.iter().map(|one| &one.bytes[2][..]).collect();
        assert_eq!(varints[..4], [&[7][..], &[127], &[128, 1], &[172, 2]]);
        assert_eq!(varints[4].len(), 10);
        assert!(numbers.iter().all(|one| one.bytes[1] == one.number.to_le_bytes()));
    }
}
