//! A program and its next version read each other's bytes.
//!
//! Each change below has an old type and a new one, and says what a value of the one means to a reader of the other.
//! Every format is then written by each and read by each, and the value that comes out is compared with what was meant.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::outcome::Outcome;

/// One change, and how every reading of it ended. Formats are in the order of [`Format::ALL`].
#[derive(Debug)]
pub struct Change {
    /// What was changed.
    pub name: &'static str,
    /// The old program reads what the old one wrote, and the new one what the new one wrote.
    pub unmixed: [[Outcome; 3]; 2],
    /// The old program reads what the new one wrote.
    pub old_reads_new: [Outcome; 3],
    /// The new program reads what the old one wrote.
    pub new_reads_old: [Outcome; 3],
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
            unmixed: [in_all(&old, Some(&old)), in_all(&new, Some(&new))],
            old_reads_new: in_all(&new, new_to_old.as_ref()),
            new_reads_old: in_all(&old, old_to_new.as_ref()),
        }
    }
}

fn in_all<W: Value, R: Value>(value: &W, meant: Option<&R>) -> [Outcome; 3] {
    Format::ALL.map(|format| Outcome::of(format, value, meant))
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
    Transfer {
        from: "ann".to_owned(),
        to: "bob".to_owned(),
        fee: 25,
        cents: 5_000,
    }
}

/// Every change of the lesson.
pub fn changes() -> Vec<Change> {
    vec![
        added("a field added at the end"),
        added_with_default("the same, with a default"),
        added_in_a_list("the same, two in a list"),
        removed("a field removed: fee"),
        renamed("a field renamed"),
        swapped("two fields change places"),
        widened("cents is a u64 now", 5_000),
        widened("the same, too much for a u32", 5_000_000_000),
        widened_in_the_middle("fee is a u64 now"),
        variant_at_the_end("a variant added at the end"),
        variant_in_the_middle("a variant added in the middle"),
        version_first("the version comes first"),
    ]
}

/// Who pays, to last year's program, for a transfer that this year's has written in bincode after two fields changed
/// places.
pub fn who_pays() -> String {
    match &swapped("").old_reads_new[Format::Bincode as usize] {
        Outcome::Works => transfer().from,
        Outcome::Error(_) => "nobody".to_owned(),
        Outcome::Wrong(read) => match serde_json::from_str::<Transfer>(read) {
            Ok(read) => read.from,
            Err(error) => error.to_string(),
        },
    }
}

/// How many readings of these changes came out wrong in the format of this place in [`Format::ALL`].
pub fn wrong(changes: &[Change], format: usize) -> usize {
    let readings = changes
        .iter()
        .flat_map(|change| [&change.old_reads_new, &change.new_reads_old]);
    readings
        .filter(|outcomes| matches!(outcomes[format], Outcome::Wrong(_)))
        .count()
}

/// How many readings work where one program reads what it wrote itself, and how many there are.
pub fn unmixed(changes: &[Change]) -> (usize, usize) {
    let readings = || {
        changes
            .iter()
            .flat_map(|change| change.unmixed.as_flattened())
    };
    (
        readings()
            .filter(|outcome| **outcome == Outcome::Works)
            .count(),
        readings().count(),
    )
}

fn added(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    struct Added {
        from: String,
        to: String,
        fee: u32,
        cents: u32,
        note: String,
    }
    let Transfer {
        from,
        to,
        fee,
        cents,
    } = transfer();
    let note = "rent".to_owned();
    let new = Added {
        from,
        to,
        fee,
        cents,
        note,
    };
    // Nobody knows what note an old transfer would have had.
    Change::of(name, Old(transfer(), None), New(new, Some(transfer())))
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct WithNote {
    from: String,
    to: String,
    fee: u32,
    cents: u32,
    #[serde(default)]
    note: String,
}

fn with_note(note: &str) -> WithNote {
    let Transfer {
        from,
        to,
        fee,
        cents,
    } = transfer();
    let note = note.to_owned();
    WithNote {
        from,
        to,
        fee,
        cents,
        note,
    }
}

fn added_with_default(name: &'static str) -> Change {
    let old = Old(transfer(), Some(with_note("")));
    Change::of(name, old, New(with_note("rent"), Some(transfer())))
}

fn added_in_a_list(name: &'static str) -> Change {
    let two = |note| vec![with_note(note); 2];
    let old = vec![transfer(); 2];
    Change::of(
        name,
        Old(old.clone(), Some(two(""))),
        New(two("rent"), Some(old)),
    )
}

fn removed(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    struct Removed {
        from: String,
        to: String,
        cents: u32,
    }
    let new = || {
        let Transfer {
            from, to, cents, ..
        } = transfer();
        Removed { from, to, cents }
    };
    Change::of(name, Old(transfer(), Some(new())), New(new(), None))
}

fn renamed(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    struct Renamed {
        from: String,
        to: String,
        fee: u32,
        amount: u32,
    }
    let new = || {
        let Transfer {
            from,
            to,
            fee,
            cents: amount,
        } = transfer();
        Renamed {
            from,
            to,
            fee,
            amount,
        }
    };
    Change::of(
        name,
        Old(transfer(), Some(new())),
        New(new(), Some(transfer())),
    )
}

fn swapped(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    struct Swapped {
        to: String,
        from: String,
        fee: u32,
        cents: u32,
    }
    let new = || {
        let Transfer {
            from,
            to,
            fee,
            cents,
        } = transfer();
        Swapped {
            to,
            from,
            fee,
            cents,
        }
    };
    Change::of(
        name,
        Old(transfer(), Some(new())),
        New(new(), Some(transfer())),
    )
}

fn widened(name: &'static str, cents: u64) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    struct Widened {
        from: String,
        to: String,
        fee: u32,
        cents: u64,
    }
    let new = |cents| {
        let Transfer { from, to, fee, .. } = transfer();
        Widened {
            from,
            to,
            fee,
            cents,
        }
    };
    let as_old = u32::try_from(cents).ok().map(|cents| Transfer {
        cents,
        ..transfer()
    });
    let old = Old(transfer(), Some(new(transfer().cents.into())));
    Change::of(name, old, New(new(cents), as_old))
}

fn widened_in_the_middle(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    struct Widened {
        from: String,
        to: String,
        fee: u64,
        cents: u32,
    }
    let new = || {
        let Transfer {
            from,
            to,
            fee,
            cents,
        } = transfer();
        Widened {
            from,
            to,
            fee: fee.into(),
            cents,
        }
    };
    Change::of(
        name,
        Old(transfer(), Some(new())),
        New(new(), Some(transfer())),
    )
}

#[derive(PartialEq, Serialize, Deserialize)]
enum State {
    Open,
    Paid,
}

fn variant_at_the_end(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    enum Later {
        Open,
        Paid,
        Refunded,
    }
    Change::of(
        name,
        Old(State::Paid, Some(Later::Paid)),
        New(Later::Refunded, None),
    )
}

fn variant_in_the_middle(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    enum Later {
        Open,
        Held,
        Paid,
    }
    Change::of(
        name,
        Old(State::Paid, Some(Later::Paid)),
        New(Later::Held, None),
    )
}

/// The cure: an enum around it all, whose variants are versions, and no version ever changes.
fn version_first(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    enum LastYear {
        V1(Transfer),
    }
    #[derive(PartialEq, Serialize, Deserialize)]
    enum ThisYear {
        V1(Transfer),
        V2(WithNote),
    }
    let old = Old(LastYear::V1(transfer()), Some(ThisYear::V1(transfer())));
    Change::of(name, old, New(ThisYear::V2(with_note("rent")), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The outcomes of a change in short: `w`orks, `e`rror, `W`RONG; old reads new, then new reads old.
    fn in_short(change: &Change) -> String {
        let letters = |outcomes: &[Outcome; 3]| -> String {
            outcomes
                .iter()
                .filter_map(|outcome| outcome.word().chars().next())
                .collect()
        };
        format!(
            "{} {}",
            letters(&change.old_reads_new),
            letters(&change.new_reads_old)
        )
    }

    #[test]
    fn unmixed_everything_works() {
        assert_eq!(unmixed(&changes()), (72, 72));
    }

    #[test]
    fn names_are_what_json_depends_on_and_order_what_the_others_do() {
        let seen: Vec<String> = changes().iter().map(in_short).collect();
        assert_eq!(
            seen,
            [
                "www eee", // added
                "www wee", // with a default
                "wWW wee", // in a list
                "eee wWW", // removed
                "eww eww", // renamed
                "wWW wWW", // swapped
                "www wew", // widened
                "eWe wew", // too much
                "wWw wew", // in the middle
                "eee www", // a variant at the end
                "eWW wWW", // in the middle
                "eee www", // the version first
            ]
        );
    }

    #[test]
    fn json_is_never_wrong_without_a_word() {
        let changes = changes();
        assert_eq!([0, 1, 2].map(|format| wrong(&changes, format)), [0, 9, 7]);
    }

    #[test]
    fn swapped_names_swap_who_pays() {
        assert_eq!(who_pays(), transfer().to);
        let swapped = swapped("");
        let wrong = Transfer {
            from: transfer().to,
            to: transfer().from,
            ..transfer()
        };
        let wrong = Outcome::Wrong(serde_json::to_string(&wrong).unwrap());
        assert_eq!(swapped.old_reads_new[1..], [wrong.clone(), wrong]);
    }
}
