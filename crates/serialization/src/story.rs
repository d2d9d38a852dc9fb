//! Narrates the experiments.

mod attributes;
mod hostile;
mod next_year;
mod picture;

use std::path::Path;

use narration::{Answer, Narrator, Table, hex, number};

use crate::bytes::{self, Message};
use crate::memory::Meter;
use crate::sizes::{self, COUNT, ORDERS, Sizes};
use crate::types;

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
    nothing_there(narrator)?;
    how_large(narrator, seed)?;
    next_year::next_year(narrator)?;
    next_year::a_number_for_each_field(narrator)?;
    hostile::bytes_that_lie(narrator, meter)?;
    hostile::how_a_process_ends(narrator, program)?;
    without_the_type(narrator)?;
    narrator.remember(
        "Bytes outlive the program that wrote them: keep every version readable, test it with \
         bytes that you kept, and believe no length.",
        "Whose clock do you trust?",
    )?;
    Ok(())
}

/// The bytes of a message in every format, as a picture.
///
/// # Errors
/// If it cannot be written, or the output is closed.
pub fn show(narrator: &mut Narrator<'_>, message: &Message) -> anyhow::Result<()> {
    picture::encodings(narrator, message, 4)
}

/// What serde's attributes do, as a table.
///
/// # Errors
/// If a value cannot be written, or the output is closed.
pub fn attributes(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    attributes::table(narrator)
}

/// Every change and every reading of it, as tables.
///
/// # Errors
/// If the output is closed.
pub fn changes(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    next_year::both_ways(narrator)
}

fn one_value(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let message = bytes::message();
    let written = bytes::there_and_back(&message)?;
    narrator.step("One value, and its bytes", "computed")?;
    narrator.say("In the memory of a Rust program there is a value:")?;
    narrator.picture(&format!("{message:?}"))?;
    narrator.say(
        "To be sent or kept it becomes bytes: **serialization**. The way back is \
         **deserialization**. serde, the library by which Rust types are serialized, derives both \
         from the type, and a **format** defines the bytes: here JSON, which is text, and two \
         binary ones, bincode and postcard.",
    )?;
    narrator.say(
        "bincode writes a number in as many bytes as its type has: `id`, a u32, in 4. Lesson 06 \
         wrote a length in 4 bytes, too: big-endian, the most significant byte first.",
    )?;
    let at = bytes::low_byte()?.map_or("nowhere", |at| ["first", "second", "third", "last"][at]);
    narrator.predict(
        "Three of the four bytes are 00, and one is 07. Does bincode write 07 first or last?",
        Answer::one_of(&["first | little endian", "last | big endian"], at),
        &format!(
            "The least significant byte comes first, which is called **little-endian**; most \
             processors keep numbers so. Each format chooses its byte order. A reader that expects \
             the other one reads {}.",
            number(message.id.swap_bytes())
        ),
    )?;
    picture::encodings(narrator, &message, 3)?;
    let same = written.iter().all(|written| written.read == message);
    narrator.say(&format!(
        "JSON writes the name of each field. The others write the values one after the other, with \
         no names and no types: a reader knows what comes next from its own type alone. Does each \
         of the three give back what was written? {}.",
        if same { "Yes" } else { "No" }
    ))?;
    Ok(())
}

fn nothing_there(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A field that is not there", "computed")?;
    narrator
        .say("JSON can have line breaks, for people. `reply_to` is `None`, and JSON says null:")?;
    narrator.picture(&bytes::pretty(&bytes::message())?)?;
    narrator.say("It can also leave the field out. serde reads both alike:")?;
    for (json, read) in bytes::absent_and_null()? {
        narrator.event("reply_to", &format!("{read:?}"), json)?;
    }
    narrator.say("In postcard the message ends in 00, which says `None`. We cut that byte off.")?;
    let (answer, why) = match bytes::without_the_last_byte()? {
        Ok(reply_to) => (format!("{reply_to:?}"), String::new()),
        Err(error) => ("an error".to_owned(), format!("The reader says: {error}. ")),
    };
    narrator.predict(
        "What does postcard's reader return: None, or an error?",
        Answer::one_of(&["None", "an error"], answer),
        &format!(
            "{why}It has no names by which it could notice that a field is missing; it reads on, \
             and the bytes have ended."
        ),
    )?;
    narrator
        .say("So in bincode and postcard an `Option` is always there: 00, or 01 and a value.")?;
    for option in bytes::an_option()? {
        let value = format!("{:?}", option.value);
        narrator.event(option.format.name(), &value, &hex(&option.bytes))?;
    }
    Ok(())
}

fn how_large(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    let measured = sizes::measured(seed)?;
    let [small, random, ..] = &measured;
    narrator.step("How large?", "computed")?;
    narrator.say(
        "Here is a struct with one field, `values`: a list of the numbers 0 to 999, each a u64.",
    )?;
    narrator.predict(
        "In which of JSON, bincode and postcard is it largest?",
        Answer::one_of(&["JSON", "bincode", "postcard"], small.largest().name()),
        "It is often said that binary is smaller than text. But bincode writes each u64 in 8 \
         bytes, and as text none of these has more than 3 digits and a comma.",
    )?;
    narrator.say(&format!(
        "Four sets of data, in bytes: {count} such numbers, {count} random ones of 64 bits, \
         {count} words of 3 to 12 letters, and {ORDERS} orders with a customer and items. What is \
         random is drawn with seed {seed}. bincode stands there twice: as `bincode::serialize` \
         writes, and with `bincode::options()`, where a small number takes 1 byte, and a larger \
         one a byte that says whether 2, 4 or 8 follow.",
        count = number(COUNT),
    ))?;
    narrator.table(&sizes_of(&measured))?;
    narrator.say(&format!(
        "bincode is {:.1} times as large as JSON for the small numbers, and JSON {:.1} times as \
         large as bincode for the random ones. Here is why, one number at a time:",
        1.0 / ratio(small),
        ratio(random)
    ))?;
    let mut table = Table::new(["in JSON", "bincode", "postcard"]);
    for one in sizes::one_number()? {
        let [json, bincode, postcard] = &one.bytes;
        table = table.row([&*String::from_utf8_lossy(json), &hex(bincode), &hex(postcard)]);
    }
    narrator.table(&table)?;
    narrator.say(
        "postcard writes a **varint**: seven bits of the number in each byte, the least \
         significant seven first, and the eighth, the highest bit, is 1 where another byte \
         follows. 300 is 2 × 128 + 44: the first byte is 44 with the highest bit set, ac, and the \
         second 02. Small numbers are short; the largest take more than 8 bytes, and there fixed \
         width wins.",
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
    let untyped = types::without_a_type()?;
    narrator.step("Without the type", "computed")?;
    narrator.say(
        "A program in Python, or one of ten years from now, has the bytes of the first message and \
         not its type, nor the schema of its numbered fields.",
    )?;
    narrator.predict(
        "Of the four, JSON, bincode, postcard and numbered fields: in how many can it find where \
         each field begins and ends?",
        untyped.iter().filter(|untyped| untyped.fields.is_ok()).count(),
        "JSON and numbered fields, whose bytes have the kind of each value.",
    )?;
    for untyped in untyped {
        let (result, detail) = match untyped.fields {
            Ok(fields) => (format!("{} fields", fields.len()), fields.join(", ")),
            Err(error) => ("error".to_owned(), error),
        };
        narrator.event(untyped.format, &result, &detail)?;
    }
    narrator.say(
        "JSON is **self-describing**: the bytes have names and kinds. Numbered fields have numbers \
         and kinds, enough to skip a field or pass it on, and not to know what it is.",
    )?;
    let counted = types::counted()?.map_or("nothing".to_owned(), |text| format!("\"{text}\""));
    narrator.say(&format!(
        "For the others a description has to say: id, 4 bytes; the length of the text, 8 bytes, \
         little-endian; the text. By that, counting bytes, we read the text in bincode: {counted}. \
         The page has the lines of Python that do it.",
    ))?;
    Ok(())
}
