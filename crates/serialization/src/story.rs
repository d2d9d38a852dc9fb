//! Narrates the experiments.

mod hostile;
mod next_year;

use std::path::Path;

use narration::{Answer, Narrator, Table, hex, number};

use crate::attributes::{self, Attribute};
use crate::format::Format;
use crate::memory::Meter;
use crate::outcome::Outcome;
use crate::sizes::{self, COUNT, ORDERS, Sizes};
use crate::{bytes, types};

/// Runs every experiment and narrates it. What is random is drawn from `seed`; `program` is this
/// very program, for the experiments that need a process of their own, and `meter` reads its
/// allocator.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(
    narrator: &mut Narrator<'_>,
    seed: u64,
    program: &Path,
    meter: Meter,
) -> anyhow::Result<()> {
    narrator
        .title("serialization", "What are the bytes, and who can still read them next year?")?;
    one_value(narrator)?;
    what_attributes_do(narrator)?;
    how_large(narrator, seed)?;
    next_year::next_year(narrator)?;
    hostile::bytes_that_lie(narrator, meter)?;
    hostile::what_no_error_stops(narrator, program)?;
    without_the_type(narrator)?;
    narrator.remember(
        "Bytes outlive the program that wrote them: keep every version readable, test it with \
         bytes that you kept, and believe no length.",
        "Which came first, without clocks?",
    )?;
    Ok(())
}

fn one_value(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let message = bytes::message();
    let written = bytes::there_and_back(&message)?;
    narrator.step("One value, and its bytes", "computed")?;
    narrator.say("In the memory of a Rust program there is a value:")?;
    narrator.picture(&format!("{message:?}"))?;
    narrator.say(
        "To be sent or kept it has to become a row of bytes. That is **serialization**, the way \
         back **deserialization**. serde derives both from the type, and a **format** says what \
         the bytes are. JSON is text, so it can have lines for people:",
    )?;
    narrator.picture(&bytes::pretty(&message)?)?;
    narrator.say("The same in one line, and in two binary formats:")?;
    for written in &written {
        let shown = match written.format {
            Format::Json => String::from_utf8_lossy(&written.bytes).into_owned(),
            Format::Bincode | Format::Postcard => hex(&written.bytes),
        };
        let size = format!("{} bytes", written.bytes.len());
        narrator.event(written.format.name(), &size, &shown)?;
    }
    let [bincode, postcard] = bytes::BINARY.map(|format| bytes::parts(format, &message));
    let mut table = Table::new(["bincode", "postcard", "what it is"]);
    for (bincode, postcard) in bincode?.iter().zip(&postcard?) {
        table = table.row([&hex(&bincode.bytes), &hex(&postcard.bytes), bincode.meaning]);
    }
    narrator.table(&table)?;
    let same = written.iter().all(|written| written.read == message);
    narrator.say(&format!(
        "No names and no types: a reader of these knows what comes next from its own type alone. \
         Is what each of the three reads equal to what was written? {}.",
        if same { "Yes" } else { "No" }
    ))?;
    absent_or_null(narrator)
}

fn absent_or_null(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.say("JSON has two ways to say that there is nothing. serde reads both as `None`:")?;
    for (json, read) in bytes::absent_and_null()? {
        narrator.event("reply_to", &format!("{read:?}"), json)?;
    }
    narrator.say(
        "In the binary formats there is one way, the byte 00, and it has to be there: they have no \
         names by which a reader could notice that a field is missing. Where there is something, \
         it follows a byte 01.",
    )?;
    for option in bytes::an_option()? {
        let value = format!("{:?}", option.value);
        narrator.event(option.format.name(), &value, &hex(&option.bytes))?;
    }
    Ok(())
}

fn what_attributes_do(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let all = attributes::all()?;
    narrator.step("What attributes do", "computed")?;
    narrator.say(
        "`#[serde(…)]` on a type or a field changes what is written, or what may be read. Each of \
         these types has one of them. A value in Rust becomes JSON, and JSON a value:",
    )?;
    let mut table = Table::new(["attribute", "this", "becomes"]);
    for attribute in &all {
        for [from, becomes] in &attribute.shown {
            table = table.row([attribute.name, from, becomes]);
        }
    }
    narrator.table(&table)?;
    let [one_way, both_ways] = attributes::two_names()?;
    narrator.say(
        "A field can have two names, `rename(serialize = \"msg\", deserialize = \"message\")`:",
    )?;
    two_names(narrator, &one_way)?;
    narrator.say(
        "It cannot read what it wrote. That is for passing on what others send, never for what you \
         read again. A field that moves to a new name wants `rename = \"msg\", alias = \
         \"message\"`, which reads both:",
    )?;
    two_names(narrator, &both_ways)?;
    narrator
        .say("Does a value survive, if one type writes it and the same type reads it again?")?;
    let mut table = Table::new(["attribute", "JSON", "bincode", "postcard"]);
    for attribute in &all {
        table = table.row(row(attribute.name, &attribute.again));
    }
    narrator.table(&table)?;
    narrator.say(
        "All of it compiles. But some attributes need a format that has names and says what it \
         holds; that yours has not, you learn when a value is written, or later, when one is read.",
    )?;
    Ok(())
}

fn two_names(narrator: &mut Narrator<'_>, attribute: &Attribute) -> anyhow::Result<()> {
    for ([from, becomes], does) in attribute.shown.iter().zip(["write", "read", "read"]) {
        narrator.event(does, from, becomes)?;
    }
    Ok(())
}

/// A name, and how each format did.
fn row(name: &str, outcomes: &[Outcome; 3]) -> [String; 4] {
    let [json, bincode, postcard] = outcomes.each_ref().map(|outcome| outcome.word().to_owned());
    [name.to_owned(), json, bincode, postcard]
}

fn how_large(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    let measured = sizes::measured(seed)?;
    let [small, random, ..] = &measured;
    narrator.step("How large?", "computed")?;
    narrator.say(
        "Binary is smaller than text: that is often told. Here is a list of the numbers 0 to \
         999, each a u64.",
    )?;
    narrator.predict(
        "In which of JSON, bincode and postcard is it largest?",
        Answer::one_of(&["JSON", "bincode", "postcard"], small.largest().name()),
        "bincode writes a u64 in 8 bytes, whatever it is. As text none of these numbers has more \
         than 3 digits, and a comma follows.",
    )?;
    narrator.say(&format!(
        "Here are four sets of data, in bytes: {count} such numbers, {count} random ones of 64 \
         bits, {count} words of 3 to 12 letters, and {ORDERS} orders with a customer and items in \
         them. What is random is drawn with seed {seed}. bincode stands there twice: as \
         `bincode::serialize` writes, and as `bincode::options()` does, whose numbers take no more \
         bytes than they need.",
        count = number(COUNT),
    ))?;
    narrator.table(&sizes_of(&measured))?;
    narrator.say(&format!(
        "JSON is {:.2} times as large as bincode for the small numbers, and {:.2} times for the \
         random ones. Here is why, one number at a time:",
        ratio(small),
        ratio(random)
    ))?;
    let mut table = Table::new(["in JSON", "bincode", "postcard"]);
    for one in sizes::one_number()? {
        let [json, bincode, postcard] = &one.bytes;
        table = table.row([&*String::from_utf8_lossy(json), &hex(bincode), &hex(postcard)]);
    }
    narrator.table(&table)?;
    narrator.say(
        "postcard writes a **varint**: seven bits of the number in each byte, and the eighth says \
         whether another byte follows. Small numbers are short. The largest ones take more than 8 \
         bytes, and there fixed width wins. Words are the same bytes in every format; what differs \
         is what stands around each: two quotes and a comma, a length of 8 bytes, or a length of \
         1.",
    )?;
    Ok(())
}

fn sizes_of(measured: &[Sizes]) -> Table {
    let headings = ["data", "JSON", "bincode", "with options()", "postcard", "smallest"];
    let mut table = Table::new(headings);
    for sizes in measured {
        let [json, bincode, postcard] = sizes.bytes.map(number);
        let varint = number(sizes.bincode_varint);
        let smallest = sizes.smallest().name().to_owned();
        table = table.row([sizes.name.to_owned(), json, bincode, varint, postcard, smallest]);
    }
    table
}

/// How many times as large as bincode JSON is.
fn ratio(sizes: &Sizes) -> f64 {
    sizes.bytes[0] as f64 / sizes.bytes[1] as f64
}

fn without_the_type(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Without the type", "computed")?;
    narrator.say(
        "A program in Python, or one that is written in ten years, has the bytes and not your \
         type. What can it find out? We read the first message again, as \"any value\":",
    )?;
    for untyped in types::without_a_type()? {
        let (result, detail) = match untyped.fields {
            Ok(fields) => (format!("{} fields", fields.len()), fields.join(", ")),
            Err(error) => ("error".to_owned(), error),
        };
        narrator.event(untyped.format.name(), &result, &detail)?;
    }
    let counted = types::counted()?.map_or("nothing".to_owned(), |text| format!("\"{text}\""));
    narrator.say(&format!(
        "JSON is **self-describing**: the bytes say what they hold. For the others the reader has \
         to be told, by a page of text that says: id, 4 bytes; the length of the text, 8 bytes, \
         low byte first; the text. By that, counting bytes without serde, we read the text of the \
         message in bincode: {counted}. In Python it takes one line, which the lesson's page has \
         and its tests run.",
    ))?;
    Ok(())
}
