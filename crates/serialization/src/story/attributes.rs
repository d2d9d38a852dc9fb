//! The table of serde's attributes, for looking up.

use narration::{Narrator, Table};

use crate::attributes;
use crate::outcome::Outcome;

pub(super) fn table(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let mut table = Table::new(["attribute", "this", "becomes"]);
    for attribute in attributes::all()?.iter().chain(&attributes::two_names()?) {
        let [_, binary @ ..] = &attribute.again;
        let needs_names = binary.iter().any(|outcome| *outcome != Outcome::Works);
        for [from, becomes] in &attribute.shown {
            let cells = [attribute.name, from, becomes];
            table = if needs_names { table.marked_row(cells) } else { table.row(cells) };
        }
    }
    narrator.table(&table)?;
    narrator.say(
        "A value becomes JSON, or JSON becomes a value. ◀: it compiles for bincode and postcard, \
         too, and they cannot write it, or cannot read back what they wrote.",
    )?;
    narrator.say(
        "The two names are `rename(serialize = \"msg\", deserialize = \"message\")`, which cannot \
         read what it wrote: use it only to pass on what others send. A field that moves to a new \
         name has `rename = \"msg\", alias = \"message\"`, which reads both.",
    )?;
    Ok(())
}
