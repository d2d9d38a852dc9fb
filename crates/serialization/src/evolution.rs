//! A program and its next version read each other's bytes.
//!
//! Each change below has an old type and a new one, and defines what a value of the one means to a
//! reader of the other. Every format is then written by each and read by each, and the value that
//! comes out is compared with what was meant.

mod changes;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::outcome::Outcome;

pub use changes::changes;

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

/// The same bytes read in each format, in the order of [`Format::ALL`].
#[derive(Debug)]
pub struct Readings {
    /// By a reader that passes over what follows the value.
    pub plain: [Outcome; 3],
    /// By a reader that refuses bytes which are left over.
    pub strict: [Outcome; 3],
}

/// What a value is for the lesson: written, read, and compared.
trait Value: Serialize + DeserializeOwned + PartialEq {}

impl<T: Serialize + DeserializeOwned + PartialEq> Value for T {}

/// A value of last year's program, and what it means to this year's, if anything.
struct Old<O, N>(O, Option<N>);

/// A value of this year's program, and what it means to last year's, if anything.
struct New<N, O>(N, Option<O>);

impl Change {
    fn of<O: Value, N: Value>(name: &'static str, old: Old<O, N>, new: New<N, O>) -> Change {
        let Old(old, old_to_new) = old;
        let New(new, new_to_old) = new;
        Change {
            name,
            is_cure: false,
            unmixed: [Readings::of(&old, Some(&old)), Readings::of(&new, Some(&new))],
            old_reads_new: Readings::of(&new, new_to_old.as_ref()),
            new_reads_old: Some(Readings::of(&old, old_to_new.as_ref())),
        }
    }

    fn mixed(&self) -> impl Iterator<Item = &Readings> {
        std::iter::once(&self.old_reads_new).chain(&self.new_reads_old)
    }
}

impl Readings {
    fn of<W: Value, R: Value>(value: &W, meant: Option<&R>) -> Readings {
        Readings {
            plain: Format::ALL.map(|format| Outcome::of(format, value, meant)),
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

/// The transfer that last year's program reads instead of the one that was meant, in bincode, where
/// this change makes it read a wrong one; of several the last.
pub fn misread(change: &Change) -> Option<Transfer> {
    let Outcome::Wrong(json) = &change.old_reads_new.plain[Format::Bincode as usize] else {
        return None;
    };
    let one = || serde_json::from_str(json).ok();
    let several = || serde_json::from_str::<Vec<Transfer>>(json).ok()?.pop();
    one().or_else(several)
}

/// Who pays, to last year's program, for a transfer that this year's has written in bincode after
/// two fields changed places.
pub fn who_pays() -> String {
    misread(&changes::swapped("")).unwrap_or_else(transfer).from
}

/// Readings in which old and new meet.
#[derive(Debug, PartialEq, Eq)]
pub struct Mixed {
    /// How many there are of each format.
    pub readings: usize,
    /// How many of them are wrong to a plain reader, by format.
    pub wrong: [usize; 3],
    /// How many are wrong to a strict one.
    pub wrong_strictly: [usize; 3],
}

/// Counts the readings of these changes in which old and new meet.
pub fn mixed(changes: &[Change]) -> Mixed {
    let all = || changes.iter().flat_map(Change::mixed);
    let wrong = |of: fn(&Readings) -> &[Outcome; 3]| {
        let is_wrong =
            |readings: &&Readings, format: usize| matches!(of(readings)[format], Outcome::Wrong(_));
        [0, 1, 2].map(|format| all().filter(|readings| is_wrong(readings, format)).count())
    };
    Mixed {
        readings: all().count(),
        wrong: wrong(|readings| &readings.plain),
        wrong_strictly: wrong(|readings| &readings.strict),
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
    use super::changes::{added_in_a_list, renamed, swapped};
    use super::*;

    fn in_short(readings: &Readings) -> String {
        let words = readings.plain.iter().map(Outcome::word);
        words.filter_map(|word| word.chars().next()).collect()
    }

    #[test]
    fn unmixed_everything_works() {
        assert_eq!(unmixed(&changes()), (78, 78));
    }

    /// `w`orks, `e`rror, `W`RONG; old reads new, then new reads old.
    #[test]
    fn json_depends_on_names_and_the_others_on_order() {
        let seen: Vec<String> = changes()
            .iter()
            .map(|change| change.mixed().map(in_short).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            seen,
            [
                "www eee", // added
                "www wee", // with a default
                "wWW wee", // in a list
                "eee wWW", // removed
                "eww eww", // renamed
                "Www Www", // with a default
                "wWW wWW", // swapped
                "www wew", // widened
                "eWe",     // too much
                "wWw wew", // in the middle
                "eee www", // a variant at the end
                "eWW wWW", // in the middle
                "eee www", // the version first
            ]
        );
    }

    #[test]
    fn a_default_makes_json_wrong_and_strictness_helps_in_part() {
        let seen = mixed(&changes());
        assert_eq!((seen.readings, seen.wrong), (25, [2, 8, 6]));
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
        assert_eq!(who_pays(), transfer().to);
        let wrong = Transfer { from: transfer().to, to: transfer().from, ..transfer() };
        assert_eq!(misread(&swapped("")), Some(wrong));
        let in_a_list = misread(&added_in_a_list("")).unwrap();
        assert_eq!(in_a_list.from, "rent");
        assert_eq!(misread(&renamed("")), None);
    }
}
