//! The changes, each an old type and a new one and what a value of the one means to the other.

use serde::{Deserialize, Serialize};

use super::{Change, New, Old, Transfer, transfer};

/// Every change of the lesson.
pub fn changes() -> Vec<Change> {
    vec![
        added("a field added at the end"),
        added_with_default("the same, with a default"),
        added_in_a_list("the same, two in a list"),
        removed("a field removed: fee"),
        renamed("a field renamed"),
        renamed_with_default("the same, with a default"),
        swapped("two fields change places"),
        widened("cents is a u64 now"),
        widened_and_too_much("the same, too much for a u32"),
        widened_in_the_middle("fee is a u64 now"),
        variant_at_the_end("a variant added at the end"),
        variant_in_the_middle("a variant added in the middle"),
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
    let Transfer { from, to, fee, cents } = transfer();
    let note = note.to_owned();
    WithNote { from, to, fee, cents, note }
}

fn added_with_default(name: &'static str) -> Change {
    let old = Old(transfer(), Some(with_note("")));
    Change::of(name, old, New(with_note("rent"), Some(transfer())))
}

pub(super) fn added_in_a_list(name: &'static str) -> Change {
    let two = |note| vec![with_note(note); 2];
    let old = vec![transfer(); 2];
    Change::of(name, Old(old.clone(), Some(two(""))), New(two("rent"), Some(old)))
}

fn removed(name: &'static str) -> Change {
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
    Change::of(name, Old(transfer(), Some(new())), New(new(), None))
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
    Change::of(name, Old(transfer(), Some(new())), New(new(), Some(transfer())))
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
    let old = Old(with_note("rent"), Some(new()));
    Change::of(name, old, New(new(), Some(with_note("rent"))))
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
    Change::of(name, Old(transfer(), Some(new())), New(new(), Some(transfer())))
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
    Change::of(name, Old(transfer(), Some(wide(cents))), New(wide(cents), Some(transfer())))
}

fn widened_and_too_much(name: &'static str) -> Change {
    let too_much = New(wide(5_000_000_000), None);
    Change {
        // An old transfer fits in any case.
        new_reads_old: None,
        ..Change::of(name, Old(transfer(), None), too_much)
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
    Change::of(name, Old(transfer(), Some(new())), New(new(), Some(transfer())))
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
    Change::of(name, Old(State::Paid, Some(Later::Paid)), New(Later::Refunded, None))
}

fn variant_in_the_middle(name: &'static str) -> Change {
    #[derive(PartialEq, Serialize, Deserialize)]
    enum Later {
        Open,
        Held,
        Paid,
    }
    Change::of(name, Old(State::Paid, Some(Later::Paid)), New(Later::Held, None))
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
    let new = New(ThisYear::V2(with_note("rent")), None);
    Change { is_cure: true, ..Change::of(name, old, new) }
}
