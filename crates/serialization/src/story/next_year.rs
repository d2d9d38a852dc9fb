//! Narrates the experiments on programs of two years.

use narration::{Answer, Narrator, Table, number, printable};

use super::row;
use crate::evolution::{self, Change, Readings, Transfer, transfer};

pub(super) fn next_year(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Next year's program", "computed")?;
    narrator.say(
        "A program changes, and the bytes that it wrote remain; nor do all programs change in the \
         same moment. If a new program can read old bytes, the change is **backward compatible**; \
         if an old program can read new bytes, it is **forward compatible**. Here is last year's \
         type, and a value of it:",
    )?;
    narrator.picture("struct Transfer { from: String, to: String, fee: u32, cents: u32 }")?;
    narrator.event("meant", &in_words(&transfer()), "")?;
    narrator.say(
        "This year somebody sorts the fields: `to` stands before `from` now. Nothing else changes.",
    )?;
    let Transfer { from, to, .. } = transfer();
    narrator.predict(
        &format!(
            "Last year's program reads the new bytes, in bincode. Who pays by them: {from} or {to}?"
        ),
        Answer::one_of(&[from, to], evolution::who_pays()),
        "The first text in the new bytes is who is paid, and the old program takes the first text \
         for who pays. Nothing is wrong that a reader could notice.",
    )?;
    every_change(narrator)
}

fn every_change(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let changes = evolution::changes();
    narrator.say(
        "Every change below is written, read by the other program, and the two values are \
         compared. Works: the reader has what was meant. Error: it was told. WRONG: it has \
         something else, and nobody was told. First, an old program reads what a new one wrote:",
    )?;
    narrator.table(&matrix(&changes, |change| Some(&change.old_reads_new)))?;
    narrator.say("A new program reads what an old one wrote:")?;
    narrator.table(&matrix(&changes, |change| change.new_reads_old.as_ref()))?;
    narrator.say(
        "What the old program has in bincode, where it is wrong, instead of the transfer above:",
    )?;
    for change in &changes {
        if let Some(read) = evolution::misread(change) {
            narrator.event(change.name, &in_words(&read), "")?;
        }
    }
    what_it_says(narrator, &changes)
}

fn in_words(transfer: &Transfer) -> String {
    let Transfer { from, to, fee, cents } = transfer;
    let [from, to] = [from, to].map(|name| printable(name.as_bytes()));
    format!("{from} pays {to} {} for a fee of {}", number(cents), number(fee))
}

fn matrix(changes: &[Change], readings: impl Fn(&Change) -> Option<&Readings>) -> Table {
    let mut table = Table::new(["what changed", "JSON", "bincode", "postcard"]);
    for change in changes {
        let Some(readings) = readings(change) else {
            continue;
        };
        let cells = row(change.name, &readings.plain);
        table = match change.is_cure {
            true => table.marked_row(cells),
            false => table.row(cells),
        };
    }
    table
}

fn what_it_says(narrator: &mut Narrator<'_>, changes: &[Change]) -> anyhow::Result<()> {
    let mixed = evolution::mixed(changes);
    let (working, all) = evolution::unmixed(changes);
    let [json, bincode, postcard] = mixed.wrong;
    let [_, bincode_strictly, postcard_strictly] = mixed.wrong_strictly;
    narrator.say(&format!(
        "Of {} readings in each format JSON is wrong in {json}, bincode in {bincode}, postcard in \
         {postcard}. JSON finds a field by its name, so it minds a new name and no new order; and \
         where a default stands in for a name that is not found, the loss is silent. The others \
         find a field by its place, so they mind a new place and no new name. `default` does \
         nothing for them: what is missing is not empty, it is the end of the bytes.",
        mixed.readings
    ))?;
    narrator.say(&format!(
        "Both also pass over what is left at the end, which hides much. A reader that refuses it \
         is wrong in {bincode_strictly} and {postcard_strictly}. And where nothing is mixed, \
         {working} of {all} readings work: a test that writes and reads with the same type finds \
         none of this."
    ))?;
    narrator.say(
        "The last row is the cure: an enum around it all, `V1(Transfer)`, `V2(…)`, so that the \
         version comes before everything else. A version is never changed, and a new one is added \
         at the end. The new program reads both, and the old one refuses what it does not know.",
    )?;
    Ok(())
}
