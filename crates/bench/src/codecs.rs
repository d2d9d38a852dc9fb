//! Encoding and decoding in three formats, on the data of the lesson on serialization.

use std::hint::black_box;

use common::random::Rng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serialization::format::Format;
use serialization::sizes;

use crate::{compare as in_turn, heading};

/// Passes over a set of data in one round, which takes from half a millisecond to a tenth of a
/// second.
const PASSES: u64 = 1_000;
/// Rounds in which JSON and the other format take turns.
const ROUNDS: usize = 21;
/// The data is that of the lesson's run.
const SEED: u64 = 1;

pub(crate) fn compare() -> anyhow::Result<()> {
    let rng = &mut Rng::from_seed(SEED);
    heading("sets of data a second", ["format", "JSON"]);
    both_ways("u64, 0 to 999", &sizes::small_numbers())?;
    both_ways("u64, random", &sizes::random_numbers(rng))?;
    both_ways("words", &sizes::words(rng))?;
    both_ways("orders, nested", &sizes::orders(rng))
}

fn both_ways<T: Serialize + DeserializeOwned>(name: &str, data: &T) -> anyhow::Result<()> {
    for format in [Format::Bincode, Format::Postcard] {
        in_turn(ROUNDS, [format, Format::Json], |format| {
            for _ in 0..PASSES {
                black_box(format.write(black_box(data))?);
            }
            Ok(PASSES)
        })?
        .print(&format!("{name}, {}, encode", format.name()));

        let written = [format, Format::Json].map(|format| Ok((format, format.write(data)?)));
        let [by_format, by_json]: [anyhow::Result<_>; 2] = written;
        in_turn(ROUNDS, [by_format?, by_json?], |(format, bytes)| {
            for _ in 0..PASSES {
                black_box(format.read::<T>(black_box(bytes))?);
            }
            Ok(PASSES)
        })?
        .print(&format!("{name}, {}, decode", format.name()));
    }
    Ok(())
}
