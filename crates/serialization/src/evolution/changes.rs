//! The changes, each an old type and a new one and what a value of the one means to the other.

use serde::{Deserialize, Serialize};

use super::{Change, New, Old, Transfer, transfer};
use crate::numbered::Schema::{self, ListOf, OneOf, Record};
use crate::numbered::Type::{self, Text, U32, U64};

type Field = (u64, &'static str, Type);

const FROM: Field = (1, "from", Text);
const TO: Field = (2, "to", Text);
const FEE: Field = (3, "fee", U32);
const CENTS: Field = (4, "cents", U32);
const NOTE: Field = (5, "note", Text);

/// A number means the same field in every year; its name is for people.
pub(super) const TRANSFER: Schema = Record(&[FROM, TO, FEE, CENTS]);
const WITH_NOTE: Schema = Record(&[FROM, TO, FEE, CENTS, NOTE]);
const WIDE: Schema = Record(&[FROM, TO, FEE, (4, "cents", U64)]);

/// Every change of the lesson.
pub fn changes() -> Vec<Change> {
    vec![
        added("a field added at the end: note"),
        added_with_default("note added, with a default"),
        added_in_a_list("note added, two in a list"),
        removed("a field removed: fee"),
        renamed("a field renamed: cents"),
        renamed_with_default("note renamed, with a default"),
        swapped("two fields change places"),
        widened("cents is a u64 now"),
        widened_and_too_much("cents a u64, and over 2^32"),
        widened_in_the_middle("fee is a u64 now"),
        variant_at_the_end("Refunded after Open and Paid"),
        variant_in_the_middle("Held between Open and Paid"),
        version_first("the version comes first"),
    ]
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
    let Transfer { from, to, fee, cents } = transfer();
    let note = "rent".to_owned();
    let new = Added { from, to, fee, cents, note };
    // It is unknown what note an old transfer would have had.
    let old = Old(transfer(), None, TRANSFER);
    Change::of(name, old, New(new, Some(transfer()), WITH_NOTE))
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
    let Transfer { from, to, fee, cents } = transfer();
    let note = note.to_owned();
    WithNote { from, to, fee, cents, note }
}

fn added_with_default(name: &'static str) -> Change {
    let old = Old(transfer(), Some(with_note("")), TRANSFER);
    Change::of(name, old, New(with_note("rent"), Some(transfer()), WITH_NOTE))
}

pub(super) fn added_in_a_list(name: &'static str) -> Change {
    let two = |note| vec![with_note(note); 2];
    let transfers = vec![transfer(); 2];
    let old = Old(transfers.clone(), Some(two("")), ListOf(&TRANSFER));
    Change::of(name, old, New(two("rent"), Some(transfers), ListOf(&WITH_NOTE)))
}

pub(super) fn removed(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    struct Removed {
        from: String,
        to: String,
        cents: u32,
    }
    let new = || {
        let Transfer { from, to, cents, .. } = transfer();
        Removed { from, to, cents }
    };
    let schema = Record(&[FROM, TO, CENTS]);
    Change::of(name, Old(transfer(), Some(new()), TRANSFER), New(new(), None, schema))
}

pub(super) fn renamed(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    struct Renamed {
        from: String,
        to: String,
        fee: u32,
        amount: u32,
    }
    let new = || {
        let Transfer { from, to, fee, cents: amount } = transfer();
        Renamed { from, to, fee, amount }
    };
    let old = Old(transfer(), Some(new()), TRANSFER);
    Change::of(
        name,
        old,
        New(new(), Some(transfer()), Record(&[FROM, TO, FEE, (4, "amount", U32)])),
    )
}

fn renamed_with_default(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    struct Renamed {
        from: String,
        to: String,
        fee: u32,
        cents: u32,
        #[serde(default)]
        remark: String,
    }
    let new = || {
        let WithNote { from, to, fee, cents, note: remark } = with_note("rent");
        Renamed { from, to, fee, cents, remark }
    };
    let schema = Record(&[FROM, TO, FEE, CENTS, (5, "remark", Text)]);
    let old = Old(with_note("rent"), Some(new()), WITH_NOTE);
    Change::of(name, old, New(new(), Some(with_note("rent")), schema))
}

pub(super) fn swapped(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    struct Swapped {
        to: String,
        from: String,
        fee: u32,
        cents: u32,
    }
    let new = || {
        let Transfer { from, to, fee, cents } = transfer();
        Swapped { to, from, fee, cents }
    };
    let old = Old(transfer(), Some(new()), TRANSFER);
    Change::of(name, old, New(new(), Some(transfer()), TRANSFER))
}

#[derive(PartialEq, Serialize, Deserialize)]
struct Widened {
    from: String,
    to: String,
    fee: u32,
    cents: u64,
}

fn wide(cents: u64) -> Widened {
    let Transfer { from, to, fee, .. } = transfer();
    Widened { from, to, fee, cents }
}

fn widened(name: &'static str) -> Change {
    let cents = transfer().cents.into();
    let old = Old(transfer(), Some(wide(cents)), TRANSFER);
    Change::of(name, old, New(wide(cents), Some(transfer()), WIDE))
}

/// Cents that are not read right into 32 bits.
pub const OVER_32_BITS: u64 = 5_000_000_000;

pub(super) fn widened_and_too_much(name: &'static str) -> Change {
    let too_much = New(wide(OVER_32_BITS), None, WIDE);
    Change {
        // An old transfer fits in any case.
        new_reads_old: None,
        ..Change::of(name, Old(transfer(), None, TRANSFER), too_much)
    }
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
        let Transfer { from, to, fee, cents } = transfer();
        Widened { from, to, fee: fee.into(), cents }
    };
    let old = Old(transfer(), Some(new()), TRANSFER);
    Change::of(name, old, New(new(), Some(transfer()), Record(&[FROM, TO, (3, "fee", U64), CENTS])))
}

const STATE: Schema = OneOf(&[(1, "Open", None), (2, "Paid", None)]);

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
    let schema = OneOf(&[(1, "Open", None), (2, "Paid", None), (3, "Refunded", None)]);
    let old = Old(State::Paid, Some(Later::Paid), STATE);
    Change::of(name, old, New(Later::Refunded, None, schema))
}

fn variant_in_the_middle(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    enum Later {
        Open,
        Held,
        Paid,
    }
    // It stands in the middle, and has the next number.
    let schema = OneOf(&[(1, "Open", None), (3, "Held", None), (2, "Paid", None)]);
    let old = Old(State::Paid, Some(Later::Paid), STATE);
    Change::of(name, old, New(Later::Held, None, schema))
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
    let last_year = OneOf(&[(1, "V1", Some(&TRANSFER))]);
    let this_year = OneOf(&[(1, "V1", Some(&TRANSFER)), (2, "V2", Some(&WITH_NOTE))]);
    let old = Old(LastYear::V1(transfer()), Some(ThisYear::V1(transfer())), last_year);
    let new = New(ThisYear::V2(with_note("rent")), None, this_year);
    Change { is_cure: true, ..Change::of(name, old, new) }
}
