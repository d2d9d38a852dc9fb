//! A program and its next version read each other's bytes.
//!
//! Each change below has an old type and a new one, and defines what a value of the one means to a
//! reader of the other. Every format, and numbered fields, are then written by each and read by
//! each, and the value that comes out is compared with what was meant.

mod changes;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::bytes::Part;
use crate::format::{Format, FormatError};
use crate::numbered::{self, Schema};
use crate::outcome::Outcome;

pub use changes::{OVER_32_BITS, changes};

/// One change, and how every reading of it ended.
#[derive(Debug)]
pub struct Change {
    /// What was changed.
    pub name: &'static str,
    /// Whether it is the one to choose.
    pub is_cure: bool,
    /// The old program reads what the old one wrote, and the new one what the new one wrote.
    pub unmixed: [Readings; 2],
    /// The old program reads what the new one wrote.
    pub old_reads_new: Readings,
    /// The new program reads what the old one wrote; `None` where another change has tried that
    /// already.
    pub new_reads_old: Option<Readings>,
}

/// How the bytes of one value are read in each format, in the order of [`Format::ALL`].
#[derive(Debug)]
pub struct Readings {
    /// By a reader that passes over what follows the value; as the last, as numbered fields.
    pub plain: [Outcome; 4],
    /// By a reader that refuses bytes which are left over. Numbered fields leave none.
    pub strict: [Outcome; 3],
}

/// The place of numbered fields among the readings, which follow the formats.
pub const NUMBERED: usize = Format::ALL.len();

/// What a value is for the lesson: written, read, and compared.
trait Value: Serialize + DeserializeOwned + PartialEq {}

impl<T: Serialize + DeserializeOwned + PartialEq> Value for T {}

/// A value of last year's program, and what it means to this year's, if anything; and the numbers
/// that last year's program knows.
struct Old<O, N>(O, Option<N>, Schema);

/// A value of this year's program, and what it means to last year's, if anything; and the numbers
/// that this year's program knows.
struct New<N, O>(N, Option<O>, Schema);

impl Change {
    fn of<O: Value, N: Value>(name: &'static str, old: Old<O, N>, new: New<N, O>) -> Change {
        let Old(old, old_to_new, last_year) = old;
        let New(new, new_to_old, this_year) = new;
        Change {
            name,
            is_cure: false,
            unmixed: [
                Readings::of(&old, Some(&old), [last_year; 2]),
                Readings::of(&new, Some(&new), [this_year; 2]),
            ],
            old_reads_new: Readings::of(&new, new_to_old.as_ref(), [this_year, last_year]),
            new_reads_old: Some(Readings::of(&old, old_to_new.as_ref(), [last_year, this_year])),
        }
    }

    fn mixed(&self) -> impl Iterator<Item = &Readings> {
        std::iter::once(&self.old_reads_new).chain(&self.new_reads_old)
    }
}

impl Readings {
    fn of<W: Value, R: Value>(value: &W, meant: Option<&R>, schemas: [Schema; 2]) -> Readings {
        let [json, bincode, postcard] = Format::ALL.map(|format| Outcome::of(format, value, meant));
        Readings {
            plain: [json, bincode, postcard, Outcome::numbered(value, meant, schemas)],
            strict: Format::ALL.map(|format| Outcome::strictly(format, value, meant)),
        }
    }
}

/// What last year's program sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Who pays.
    pub from: String,
    /// Who is paid.
    pub to: String,
    /// What it costs, in cents.
    pub fee: u32,
    /// How much, in cents.
    pub cents: u32,
}

/// The transfer of the lesson.
pub fn transfer() -> Transfer {
    Transfer { from: "ann".to_owned(), to: "bob".to_owned(), fee: 25, cents: 5_000 }
}

/// The value that last year's program reads instead of the one that was meant, where this change
/// makes it read a wrong one in that format (its index, or [`NUMBERED`]); of several the last.
pub fn misread(change: &Change, format: usize) -> Option<Json> {
    let Outcome::Wrong(json) = &change.old_reads_new.plain[format] else {
        return None;
    };
    match serde_json::from_str(json).ok()? {
        Json::Array(mut several) => several.pop(),
        one => Some(one),
    }
}

/// The transfer that last year's program reads; `None` if it gets an error.
fn read_by_old(change: &Change, format: usize) -> Option<Transfer> {
    match change.old_reads_new.plain[format] {
        Outcome::Works => Some(transfer()),
        Outcome::Wrong(_) => serde_json::from_value(misread(change, format)?).ok(),
        Outcome::Error(_) => None,
    }
}

/// What last year's program reads in bincode after two fields changed places; `None` is an error.
pub fn swapped() -> Option<Transfer> {
    read_by_old(&changes::swapped(""), Format::Bincode as usize)
}

/// What last year's program reads in numbered fields after one of them was removed; `None` is an
/// error.
pub fn removed() -> Option<Transfer> {
    read_by_old(&changes::removed(""), NUMBERED)
}

/// The transfer in numbered fields, field by field.
///
/// # Errors
/// It cannot be written.
pub fn numbered() -> Result<Vec<Part>, FormatError> {
    let fields = numbered::fields(&changes::TRANSFER.write(&transfer())?)?;
    let parts = fields.iter().zip(["1 from", "2 to", "3 fee", "4 cents"]);
    parts
        .map(|((number, value), meaning)| {
            Ok(Part { bytes: numbered::field(*number, value)?, meaning })
        })
        .collect()
}

/// Readings in which old and new meet.
#[derive(Debug, PartialEq, Eq)]
pub struct Mixed {
    /// How many there are of each format.
    pub readings: usize,
    /// How many of them are wrong to a plain reader, by format, and with numbered fields.
    pub wrong: [usize; 4],
    /// How many are wrong to a strict one.
    pub wrong_strictly: [usize; 3],
}

/// Counts the readings of these changes in which old and new meet.
pub fn mixed(changes: &[Change]) -> Mixed {
    let all = || changes.iter().flat_map(Change::mixed);
    let wrong = |of: fn(&Readings) -> &[Outcome], format: usize| {
        all().filter(|readings| matches!(of(readings)[format], Outcome::Wrong(_))).count()
    };
    Mixed {
        readings: all().count(),
        wrong: [0, 1, 2, NUMBERED].map(|format| wrong(|it| &it.plain, format)),
        wrong_strictly: [0, 1, 2].map(|format| wrong(|it| &it.strict, format)),
    }
}

/// How many readings work where one program reads what it wrote itself, and how many there are.
pub fn unmixed(changes: &[Change]) -> (usize, usize) {
    let readings = || {
        let readings = changes.iter().flat_map(|change| &change.unmixed);
        readings.flat_map(|readings| &readings.plain)
    };
    let working = readings().filter(|outcome| **outcome == Outcome::Works);
    (working.count(), readings().count())
}

#[cfg(test)]
mod tests {
    use super::changes::{
        added_in_a_list, removed as removed_change, renamed, widened_and_too_much,
    };
    use super::*;

    fn in_short(readings: &Readings) -> String {
        let words = readings.plain.iter().map(Outcome::word);
        words.filter_map(|word| word.chars().next()).collect()
    }

    #[test]
    fn unmixed_everything_works() {
        assert_eq!(unmixed(&changes()), (104, 104));
    }

    /// `w`orks, `e`rror, `W`RONG; old reads new, then new reads old.
    #[test]
    fn json_depends_on_names_two_on_order_and_one_on_numbers() {
        let seen: Vec<String> = changes()
            .iter()
            .map(|change| change.mixed().map(in_short).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            seen,
            [
                "wwww eeeW", // added
                "wwww weew", // with a default
                "wWWw weew", // in a list
                "eeeW wWWw", // removed
                "ewww ewww", // renamed
                "Wwww Wwww", // with a default
                "wWWw wWWw", // swapped
                "wwww weww", // widened
                "eWeW",      // too much
                "wWww weww", // in the middle
                "eeee wwww", // a variant at the end
                "eWWe wWWw", // in the middle
                "eeee wwww", // the version first
            ]
        );
    }

    #[test]
    fn a_default_makes_json_wrong_and_strictness_helps_in_part() {
        let seen = mixed(&changes());
        assert_eq!((seen.readings, seen.wrong), (25, [2, 8, 6, 3]));
        assert_eq!(seen.wrong_strictly, [2, 4, 4]);
    }

    #[test]
    fn a_strict_reader_differs_only_by_rejecting_left_over_bytes() {
        for change in changes() {
            for readings in change.mixed() {
                for (plain, strict) in readings.plain.iter().zip(&readings.strict) {
                    let is_refused = matches!(strict, Outcome::Error(_));
                    assert!(strict == plain || is_refused, "{}: {strict:?}", change.name);
                }
            }
        }
    }

    #[test]
    fn swapped_names_swap_who_pays() {
        let wrong = Transfer { from: transfer().to, to: transfer().from, ..transfer() };
        assert_eq!(swapped(), Some(wrong));
        let bincode = Format::Bincode as usize;
        let in_a_list = read_by_old(&added_in_a_list(""), bincode).unwrap();
        assert_eq!(in_a_list.from, "rent");
        assert_eq!(read_by_old(&renamed(""), bincode), Some(transfer()));
        assert_eq!(read_by_old(&removed_change(""), bincode), None);
    }

    #[test]
    fn an_absent_number_is_a_default_and_a_large_one_is_cut() {
        assert_eq!(removed(), Some(Transfer { fee: 0, ..transfer() }));
        let too_much = read_by_old(&widened_and_too_much(""), NUMBERED).unwrap();
        assert_eq!(too_much, Transfer { cents: 5_000_000_000_u64 as u32, ..transfer() });
    }
}
