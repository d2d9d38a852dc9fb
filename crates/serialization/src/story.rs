//! Tells what the experiments saw.

mod hostile;

use std::path::Path;

use narration::{Narrator, Table, hex, number};

use crate::evolution::{self, Change, Transfer, transfer};
use crate::format::Format;
use crate::outcome::Outcome;
use crate::{attributes, bytes, sizes, types};

/// Runs every experiment and tells it. What is random is drawn from `seed`; `program` is this very program, for the
/// experiments that need a process of their own.
///
/// # Errors
/// If an experiment cannot be carried out, or nobody listens any more.
pub fn tell(tell: &mut Narrator<'_>, seed: u64, program: &Path) -> anyhow::Result<()> {
    tell.title(
        "serialization",
        "What are the bytes, and who can still read them next year?",
    )?;
    one_value(tell)?;
    what_attributes_do(tell)?;
    how_large(tell, seed)?;
    next_year(tell)?;
    hostile::bytes_that_lie(tell)?;
    hostile::what_no_error_stops(tell, program)?;
    without_the_type(tell)?;
    tell.remember(
        "Bytes outlive the program that wrote them: keep every version readable, test it with bytes that you kept, and \
         believe no length.",
        "Which came first, without clocks?",
    )?;
    Ok(())
}

fn one_value(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    let message = bytes::message();
    let written = bytes::there_and_back(&message)?;
    tell.step("One value, and its bytes", "computed")?;
    tell.say("In the memory of a Rust program there is a value:")?;
    tell.picture(&format!("{message:?}"))?;
    tell.say(
        "To be sent or kept it has to become a row of bytes. That is **serialization**, the way back **deserialization**. \
         serde derives both from the type, and a **format** says what the bytes are. JSON is text, so it can have lines \
         for people:",
    )?;
    tell.picture(&bytes::pretty(&message)?)?;
    tell.say("The same in one line, and in two binary formats:")?;
    for written in &written {
        let shown = match written.format {
            Format::Json => String::from_utf8_lossy(&written.bytes).into_owned(),
            Format::Bincode | Format::Postcard => hex(&written.bytes),
        };
        let size = format!("{} bytes", written.bytes.len());
        tell.event(written.format.name(), &size, &shown)?;
    }
    let parts = Format::Bincode;
    let [bincode, postcard] =
        [parts, Format::Postcard].map(|format| bytes::parts(format, &message));
    let mut table = Table::new(["bincode", "postcard", "what it is"]);
    for (bincode, postcard) in bincode?.iter().zip(&postcard?) {
        table = table.row([&hex(&bincode.bytes), &hex(&postcard.bytes), bincode.meaning]);
    }
    tell.table(&table)?;
    let same = written.iter().all(|written| written.read == message);
    tell.say(&format!(
        "No names and no types: a reader of these knows what comes next from its own type alone. Is what each of the \
         three reads equal to what was written? {}.",
        if same { "Yes" } else { "No" }
    ))?;
    absent_or_null(tell)
}

fn absent_or_null(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    tell.say("JSON has two ways to say that there is nothing. serde reads both as `None`:")?;
    for (json, read) in bytes::absent_and_null()? {
        tell.event("reply_to", &format!("{read:?}"), json)?;
    }
    tell.say(
        "In the binary formats there is one way, the byte 00, and it has to be there: they have no names by which a \
         reader could notice that a field is missing.",
    )?;
    Ok(())
}

fn what_attributes_do(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    tell.step("What attributes do", "computed")?;
    tell.say(
        "`#[serde(…)]` on a type or a field changes what is written, or what may be read. One at a time, with JSON; \
         \"none\" is what serde does by itself:",
    )?;
    let mut table = Table::new(["attribute", "from", "becomes"]);
    for shown in attributes::shown()? {
        table = table.row([shown.attribute, &shown.input, &shown.output]);
    }
    tell.table(&table)?;
    let [one_way, both_ways] = attributes::own_output()?;
    tell.say(
        "`rename` can have two names, one to write and one to read. That is for passing on what somebody else wrote. For \
         what you read yourself it is a trap: `rename(serialize = \"msg\", deserialize = \"message\")`",
    )?;
    tell.event("writes", &one_way.json, "")?;
    tell.event("reads that", &in_words(&one_way.read), "")?;
    tell.say("A field that moves to a new name needs `rename = \"msg\", alias = \"message\"`, which reads both names:")?;
    tell.event("writes", &both_ways.json, "")?;
    tell.event("reads that", &in_words(&both_ways.read), "")?;
    tell.say(
        "Some attributes need a format that has names and says what it holds. A value is written with each and read \
         again, by the same type:",
    )?;
    let mut table = Table::new(["attribute", "JSON", "bincode", "postcard"]);
    for (attribute, outcomes) in &attributes::in_each_format() {
        table = table.row(row(attribute, outcomes));
    }
    tell.table(&table)?;
    tell.say("They all compile. That one of them is an error you learn when a value is written, or later when one is read.")?;
    Ok(())
}

fn in_words(result: &Result<(), String>) -> String {
    match result {
        Ok(()) => "works".to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

/// A name, and how each format did.
fn row(name: &str, outcomes: &[Outcome; 3]) -> [String; 4] {
    let [json, bincode, postcard] = outcomes.each_ref().map(|outcome| outcome.word().to_owned());
    [name.to_owned(), json, bincode, postcard]
}

fn how_large(tell: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    let measured = sizes::measured(seed)?;
    let [small, random, ..] = &measured;
    tell.step("How large?", "computed")?;
    tell.say("\"Binary is smaller than text\" is often told. Here is a list of the numbers 0 to 999, each a u64.")?;
    tell.predict(
        "In which of JSON, bincode and postcard is it largest?",
        small.largest().name(),
        "bincode writes a u64 in 8 bytes, whatever it is. As text none of these numbers has more than 3 digits, and a \
         comma follows.",
    )?;
    tell.say(&format!(
        "Four sets of data, in bytes. What is random is drawn with seed {seed}. bincode stands there twice: as \
         `bincode::serialize` writes, and as `bincode::options()` does, which makes other bytes and cannot read the first."
    ))?;
    let headings = [
        "data",
        "JSON",
        "bincode",
        "same, options()",
        "postcard",
        "smallest of 3",
    ];
    let mut table = Table::new(headings);
    for sizes in &measured {
        let [json, bincode, postcard] = sizes.bytes.map(number);
        let varint = number(sizes.bincode_varint);
        let smallest = sizes.smallest().name().to_owned();
        table = table.row([
            sizes.name.to_owned(),
            json,
            bincode,
            varint,
            postcard,
            smallest,
        ]);
    }
    tell.table(&table)?;
    tell.say("Why, one number at a time:")?;
    let mut table = Table::new(["u64", "JSON, bytes", "bincode", "postcard"]);
    for one in sizes::one_number()? {
        let [json, bincode, postcard] = &one.bytes;
        table = table.row([
            number(one.number),
            number(json.len()),
            hex(bincode),
            hex(postcard),
        ]);
    }
    tell.table(&table)?;
    let ratio = random.bytes[0] as f64 / random.bytes[1] as f64;
    tell.say(&format!(
        "A **varint** has seven bits of the number in each byte, and the eighth says that another byte follows. Small \
         numbers are short; a large one takes more than 8 bytes, and there fixed width wins. JSON is {ratio:.1} times \
         bincode for the random numbers, and {:.1} times for the small ones. For words, what differs is what stands \
         around them: two quotes and a comma, a length of 8 bytes, a length of 1.",
        small.bytes[0] as f64 / small.bytes[1] as f64
    ))?;
    Ok(())
}

fn next_year(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    let changes = evolution::changes();
    let Transfer {
        from,
        to,
        fee,
        cents,
    } = transfer();
    tell.step("Next year's program", "computed")?;
    tell.say(
        "A program changes, and the bytes that it wrote remain; and never do all programs change at the same moment. \
         Formats that let a new program read old bytes are **backward compatible**, those that let an old program read \
         new bytes **forward compatible**. Last year's type, and a value of it:",
    )?;
    tell.picture("struct Transfer { from: String, to: String, fee: u32, cents: u32 }")?;
    tell.event("from", &from, "")?;
    tell.event("to", &to, "")?;
    tell.event("fee", &number(fee), "")?;
    tell.event("cents", &number(cents), "")?;
    tell.say(
        "This year somebody sorts the fields: `to` stands before `from` now. Nothing else changes.",
    )?;
    let who = evolution::who_pays();
    tell.predict(
        "Last year's program reads the new bytes, in bincode. Who pays?",
        &who,
        "The first field of the new bytes is `to`, and the old program takes the first field for `from`. Both are texts, so \
         nothing is wrong that anybody could notice.",
    )?;
    tell.say(
        "Each change below is written and read, and then the values are compared. Works: the reader has what was \
         meant. Error: it was told. WRONG: it has something else, and nobody was told. First, an old program reads what \
         a new one wrote.",
    )?;
    tell.table(&matrix(&changes, |change| &change.old_reads_new))?;
    tell.say("And a new program reads what an old one wrote:")?;
    tell.table(&matrix(&changes, |change| &change.new_reads_old))?;
    what_the_matrix_says(tell, &changes)
}

fn matrix(changes: &[Change], outcomes: impl Fn(&Change) -> &[Outcome; 3]) -> Table {
    let mut table = Table::new(["what changed", "JSON", "bincode", "postcard"]);
    for change in changes {
        table = table.row(row(change.name, outcomes(change)));
    }
    table
}

fn what_the_matrix_says(tell: &mut Narrator<'_>, changes: &[Change]) -> anyhow::Result<()> {
    let [json, bincode, postcard] = [0, 1, 2].map(|format| evolution::wrong(changes, format));
    tell.say(&format!(
        "Of {} readings each, JSON is wrong {json} times, bincode {bincode} and postcard {postcard}. JSON finds a field by \
         its name, so it minds a new name and no new order. The other two find it by its place, so they mind every new \
         place and no new name. In a list, what one value has too much is where they look for the next. Without a \
         mix, old with old and new with new, {} of {} readings work.",
        2 * changes.len(),
        evolution::unmixed(changes).0,
        evolution::unmixed(changes).1,
    ))?;
    tell.say(
        "`default` does nothing for bincode and postcard: a missing field is not an empty one, it is the end of the \
         bytes. What helps is the last row: an enum around it all, `V1(Transfer)`, `V2(…)`. The first byte is then the \
         version. Versions are added at the end and never changed, the new program reads all of them, and the old one \
         refuses what it does not know.",
    )?;
    Ok(())
}

fn without_the_type(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    tell.step("Without the type", "computed")?;
    tell.say(
        "A program in Python, or one that is written in ten years, has the bytes and not your type. What can it find \
         out? We read the first message again, as \"any value\":",
    )?;
    for untyped in types::without_a_type()? {
        let (result, detail) = match untyped.fields {
            Ok(fields) => (format!("{} fields", fields.len()), fields.join(", ")),
            Err(error) => ("error".to_owned(), error),
        };
        tell.event(untyped.format.name(), &result, &detail)?;
    }
    let counted = types::counted()?.map_or("nothing".to_owned(), |text| format!("\"{text}\""));
    tell.say(&format!(
        "JSON is **self-describing**: the bytes say what they hold. For the others the reader has to be told, by a page \
         of text that says: id, 4 bytes; the length of the text, 8 bytes, low byte first; the text. By that, counting \
         bytes without serde, we read the text of the message in bincode: {counted}. In Python it takes one line, which \
         the lesson's page has and its tests run.",
    ))?;
    Ok(())
}
