//! Narrates the experiments on programs of two years.

use narration::{Answer, Narrator, Table, number, printable};
use serde_json::Value as Json;

use super::picture;
use crate::evolution::{self, Change, Readings, Transfer, transfer};
use crate::outcome::Outcome;

/// The changes whose readings the run shows; the page has them all.
const SHOWN: [&str; 8] = [
    "a field added at the end: note",
    "note added, two in a list",
    "a field removed: fee",
    "a field renamed: cents",
    "note renamed, with a default",
    "two fields change places",
    "fee is a u64 now",
    "Held between Open and Paid",
];

/// Not to have a value, in each word that a reader may use for it.
const NO_VALUE: &str = "an error | neither | none";

const UNKNOWN_VARIANT: &str = "The errors of numbered fields are our own reader's. Protocol \
     Buffers report none: an enum keeps a number that it does not know.";

pub(super) fn next_year(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Next year's program", "computed")?;
    narrator.say(
        "A program changes, and the bytes that it wrote remain. Here is last year's type, and a \
         value of it:",
    )?;
    narrator.picture("struct Transfer { from: String, to: String, fee: u32, cents: u32 }")?;
    narrator.event("meant", &in_words(&transfer()), "")?;
    narrator.say(
        "This year the first two fields change places: `to` stands before `from`. Nothing else \
         changes.",
    )?;
    let Transfer { from, to, .. } = transfer();
    let read = evolution::swapped();
    narrator.predict(
        &format!(
            "Last year's program reads the new bytes, in bincode. What does it read as `from`: \
             {from}, {to}, or an error?"
        ),
        Answer::one_of(
            &[&from, &to, NO_VALUE],
            read.as_ref().map_or("an error", |read| read.from.as_str()),
        ),
        "The first text in the new bytes is who is paid, and the old program takes the first text \
         for who pays. The bytes hold nothing by which it could notice.",
    )?;
    if let Some(read) = read {
        narrator.event("read", &in_words(&read), "")?;
    }
    narrator.say(
        "A change is **backward compatible** if the new program reads old bytes, and **forward \
         compatible** if the old program reads new bytes. Both are needed: not all programs change \
         in the same moment. This one is neither, and no error says so.",
    )?;
    Ok(())
}

pub(super) fn a_number_for_each_field(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A number for each field", "computed")?;
    narrator.say(
        "JSON finds a field by its name, bincode and postcard find it by its place. In Protocol \
         Buffers, Google's format, a **schema**, which is compiled into code, gives each field a \
         number that no other field ever gets:",
    )?;
    picture::encoding(narrator, "numbered fields", &evolution::numbered()?)?;
    narrator.say(
        "Ahead of each value stands a **tag**, the number × 8 + the kind of the value. 0a is 1 × 8 \
         + 2: number 1, and kind 2, a length and that many bytes. 18 is 3 × 8 + 0: number 3, and \
         kind 0, a varint. The kind says where the value ends, so a reader skips a number that it \
         does not know. Now `fee` is removed from the struct.",
    )?;
    let a_fee = |fee: u32| format!("a fee of {}", number(fee));
    let [nothing, amount] = [0, transfer().cents].map(a_fee);
    let seen = evolution::removed().map_or("an error".to_owned(), |read| a_fee(read.fee));
    narrator.predict(
        &format!(
            "Last year's program reads the new bytes, in numbered fields. Does it get an error, \
             {nothing}, or {amount}?"
        ),
        Answer::one_of(&["an error", &format!("{nothing} | zero | default"), &amount], seen),
        "For an absent number it takes a default, 0 or an empty text, and a default is not even \
         written. `cents` is still number 4, so nothing moves. So absent and 0 look alike, unless \
         a field is optional: then its 0 is written.",
    )?;
    every_change(narrator)
}

fn every_change(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let changes = evolution::changes();
    narrator.say(
        "Now last year's program reads eight changes. Some are of a transfer with a fifth field, \
         `note`, one of them in a list of two; the last is of `enum State { Open, Paid }`. Works: \
         it has what was meant. WRONG: it has something else, and no error.",
    )?;
    let shown: Vec<&Change> =
        changes.iter().filter(|change| SHOWN.contains(&change.name)).collect();
    narrator.table(&matrix(&shown, |change| Some(&change.old_reads_new)))?;
    narrator.say(UNKNOWN_VARIANT)?;
    let (working, all) = evolution::unmixed(&changes);
    let every = if working == all { "Every" } else { "Not every" };
    narrator.say(&format!(
        "{every} program reads its own bytes right: a test that writes and reads with one type \
         finds none of this."
    ))?;
    Ok(())
}

/// Every change, in both directions, for looking up.
pub(super) fn both_ways(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let changes = evolution::changes();
    let all: Vec<&Change> = changes.iter().collect();
    narrator.say("Last year's program reads what this year's wrote:")?;
    narrator.table(&matrix(&all, |change| Some(&change.old_reads_new)))?;
    narrator.say("This year's program reads what last year's wrote:")?;
    narrator.table(&matrix(&all, |change| change.new_reads_old.as_ref()))?;
    narrator.say(&format!(
        "What last year's program has where it is WRONG. Meant is {}, with the note rent where \
         there is a note, and {} where the cents are over 2^32; or the variant Held.",
        in_words(&transfer()),
        number(evolution::OVER_32_BITS)
    ))?;
    narrator.table(&all_misread(&changes))?;
    narrator.say(UNKNOWN_VARIANT)?;
    narrator.say(
        "◀ is an enum around it all, `V1(Transfer)`, `V2(…)`: a version never changes, and the old \
         program refuses one that it does not know.",
    )?;
    let mixed = evolution::mixed(&changes);
    let [_, bincode, postcard, _] = mixed.wrong;
    let [_, bincode_strictly, postcard_strictly] = mixed.wrong_strictly;
    narrator.say(&format!(
        "In the {} rows of both tables bincode is wrong {bincode} times, and postcard {postcard}. \
         Refuse bytes that are left over: then bincode is wrong {bincode_strictly} times, and \
         postcard {postcard_strictly}.",
        mixed.readings
    ))?;
    Ok(())
}

fn in_words(transfer: &Transfer) -> String {
    let Transfer { from, to, fee, cents } = transfer;
    let [from, to] = [from, to].map(|name| printable(name.as_bytes()));
    format!("{from} pays {to} {}, fee {}", number(cents), number(fee))
}

fn all_misread(changes: &[Change]) -> Table {
    let mut table = Table::new(["read in", "what changed", "it has"]);
    let formats = ["JSON", "bincode", "postcard", "numbered"];
    for (format, name) in formats.into_iter().enumerate() {
        for change in changes {
            if let Some(read) = evolution::misread(change, format) {
                table = table.row([name, change.name, &any_in_words(read)]);
            }
        }
    }
    table
}

/// A transfer, with or without a note, or the name of a variant.
fn any_in_words(read: Json) -> String {
    if let Json::String(variant) = read {
        return variant;
    }
    let note = match read["note"].as_str() {
        Some("") => ", no note".to_owned(),
        Some(note) => format!(", note {note}"),
        None => String::new(),
    };
    let words = |transfer: Transfer| in_words(&transfer) + &note;
    serde_json::from_value(read).map_or("something else".to_owned(), words)
}

fn matrix(changes: &[&Change], readings: impl Fn(&Change) -> Option<&Readings>) -> Table {
    let mut table = Table::new(["what changed", "JSON", "bincode", "postcard", "numbered"]);
    for change in changes {
        let Some(readings) = readings(change) else {
            continue;
        };
        let [json, bincode, postcard, numbered] = readings.plain.each_ref().map(Outcome::word);
        let cells = [change.name, json, bincode, postcard, numbered];
        table = match change.is_cure {
            true => table.marked_row(cells),
            false => table.row(cells),
        };
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_that_is_shown_exists() {
        let changes = evolution::changes();
        for name in SHOWN {
            assert!(changes.iter().any(|change| change.name == name), "{name}");
        }
    }
}
