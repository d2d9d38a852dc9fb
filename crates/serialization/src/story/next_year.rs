//! Narrates the experiments on programs of two years.

use narration::{Answer, Narrator, Table, number, printable};

use super::picture;
use crate::evolution::{self, Change, NUMBERED, Readings, Transfer, transfer};
use crate::format::Format;
use crate::outcome::Outcome;

/// The changes whose readings the run shows; the page has them all.
const SHOWN: [&str; 8] = [
    "a field added at the end",
    "the same, two in a list",
    "a field removed: fee",
    "a field renamed",
    "a defaulted field renamed",
    "two fields change places",
    "fee is a u64 now",
    "a variant added in the middle",
];

pub(super) fn next_year(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Next year's program", "computed")?;
    narrator.say(
        "A program changes, and the bytes that it wrote remain. Here is last year's type, and a \
         value of it:",
    )?;
    narrator.picture("struct Transfer { from: String, to: String, fee: u32, cents: u32 }")?;
    narrator.event("meant", &in_words(&transfer()), "")?;
    narrator.say(
        "This year the fields are sorted: `to` stands before `from` now. Nothing else changes.",
    )?;
    let Transfer { from, to, .. } = transfer();
    let swapped = evolution::swapped();
    narrator.predict(
        &format!(
            "Last year's program reads the new bytes, in bincode. Who pays by them: {from} or {to}?"
        ),
        Answer::one_of(&[from, to], swapped.from.as_str()),
        "The first text in the new bytes is who is paid, and the old program takes the first text \
         for who pays. The bytes hold nothing by which it could notice.",
    )?;
    narrator.event("read", &in_words(&swapped), "")?;
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
        "JSON finds a field by its name, bincode and postcard find it by its place. In \
         Protocol Buffers a **schema** gives each field a number, which no other field ever gets:",
    )?;
    picture::encoding(narrator, "numbered fields", &evolution::numbered()?)?;
    narrator.say(
        "Ahead of each value stands a **tag**, the number × 8 + the kind of the value. 0a is 1 × 8 \
         + 2: number 1, and kind 2, a length and that many bytes. 18 is 3 × 8 + 0: number 3, and \
         kind 0, a varint. The kind says where the value ends, so a reader skips a number that it \
         does not know. Now `fee` is removed from the struct.",
    )?;
    let Transfer { fee, cents, .. } = evolution::removed();
    let [nothing, amount] = [0, cents].map(|fee| format!("a fee of {}", number(fee)));
    narrator.predict(
        &format!(
            "Last year's program reads the new bytes, in numbered fields. Does it get an error, \
             {nothing}, or {amount}?"
        ),
        Answer::one_of(
            &["an error", &format!("{nothing} | zero | default"), &amount],
            format!("a fee of {}", number(fee)),
        ),
        "For an absent number it takes a default: 0, or an empty text. `cents` is still number 4, \
         so nothing moves. Whether 0 was meant, no format can know.",
    )?;
    every_change(narrator)
}

fn every_change(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let changes = evolution::changes();
    narrator.say(
        "Now last year's program reads eight changes. Works: it has what was meant. WRONG: it has \
         something else, and no error.",
    )?;
    let shown: Vec<&Change> =
        changes.iter().filter(|change| SHOWN.contains(&change.name)).collect();
    narrator.table(&matrix(&shown, |change| Some(&change.old_reads_new)))?;
    let mixed = evolution::mixed(&changes);
    let (working, all) = evolution::unmixed(&changes);
    let [json, bincode, postcard, numbered] = mixed.wrong;
    narrator.say(&format!(
        "We tried {} changes, {} readings in each format: JSON is wrong in {json}, bincode in \
         {bincode}, postcard in {postcard}, numbered fields in {numbered}. Where the reader has \
         the writer's type, {working} of {all} work: a test that writes and reads with one type \
         finds none of this.",
        changes.len(),
        mixed.readings
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
        "What last year's program has where it is WRONG. Meant is: {}.",
        in_words(&transfer())
    ))?;
    for (name, format) in [("bincode", Format::Bincode as usize), ("numbered", NUMBERED)] {
        for change in &changes {
            if let Some(read) = evolution::misread(change, format) {
                narrator.event(name, change.name, &in_words(&read))?;
            }
        }
    }
    narrator.say(
        "◀ is an enum around it all, `V1(Transfer)`, `V2(…)`: a version never changes, and the old \
         program refuses one that it does not know.",
    )?;
    let mixed = evolution::mixed(&changes);
    let [_, bincode, postcard, _] = mixed.wrong;
    let [_, bincode_strictly, postcard_strictly] = mixed.wrong_strictly;
    narrator.say(&format!(
        "bincode is wrong in {bincode} of {} readings, and postcard in {postcard}. A reader that \
         refuses bytes that are left over is wrong in {bincode_strictly} and {postcard_strictly}.",
        mixed.readings
    ))?;
    Ok(())
}

fn in_words(transfer: &Transfer) -> String {
    let Transfer { from, to, fee, cents } = transfer;
    let [from, to] = [from, to].map(|name| printable(name.as_bytes()));
    format!("{from} pays {to} {}, fee {}", number(cents), number(fee))
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
