//! Narrates the experiments on bytes that no program wrote.

use std::path::Path;

use narration::{Answer, Narrator, Table, number};

use crate::format::Format;
use crate::hostile::{self, Hostile, LIMIT};
use crate::memory::Meter;
use crate::nesting::TOO_DEEP;
use crate::victims::{self, Case, Death, Ended, LEVELS};

pub(super) fn bytes_that_lie(narrator: &mut Narrator<'_>, meter: Meter) -> anyhow::Result<()> {
    narrator.step("Bytes that lie", "computed")?;
    narrator.say(
        "Bytes come from outside. They may be cut off, damaged, or made by somebody who knows your \
         format. First we cut the message before each of its bytes and read what is left:",
    )?;
    let mut table = Table::new(["format", "ways to cut", "errors"]);
    for cut in hostile::cut_everywhere()? {
        table = table.row([cut.format.name().to_owned(), number(cut.cuts), number(cut.refused)]);
    }
    narrator.table(&table)?;
    narrator.say(
        "Then lengths. Both binary formats write one ahead of each text and each list, and we \
         write 2^63. An error is not enough here: a reader that takes memory for what is claimed \
         has lost before it finds out. The allocator counts for us what is asked of it meanwhile.",
    )?;
    narrator.table(&lies(&hostile::in_memory(meter)?))?;
    narrator.say(
        "The bytes are all in memory, so a reader can compare a claim with what is there; for \
         lists serde itself begins with no more than 1 MiB. From a stream nobody can see how much \
         will come:",
    )?;
    let streamed = hostile::from_a_stream(meter)?;
    narrator.table(&lies(&streamed))?;
    let [plain, _] = &streamed;
    narrator.say(&format!(
        "{} bytes came, and they cost {} of memory. The limit of {} KiB is a setting, \
         `bincode::options().with_limit(…)`. It is one for streams. The same setting, and a text \
         that is longer and all there:",
        plain.came,
        in_kib(plain.memory),
        LIMIT >> 10
    ))?;
    narrator.table(&lies(&hostile::over_the_limit(meter)?))?;
    narrator.say(
        "In memory the bytes themselves are the limit, so have one before you collect them.",
    )?;
    Ok(())
}

fn lies(seen: &[Hostile]) -> Table {
    let mut table = Table::new(["what is claimed", "read by", "came", "memory", "ends in"]);
    for hostile in seen {
        let error = hostile.error.clone();
        table = table.row([
            hostile.what.to_owned(),
            hostile.reader.to_owned(),
            format!("{} B", number(hostile.came)),
            in_kib(hostile.memory),
            error.map_or("a value".to_owned(), |error| format!("error: {error}")),
        ]);
    }
    table
}

/// Memory to the KiB: the text of an error takes memory, too, and does not matter.
fn in_kib(bytes: usize) -> String {
    match bytes >> 10 {
        0 => "< 1 KiB".to_owned(),
        kib => format!("{} KiB", number(kib)),
    }
}

pub(super) fn what_no_error_stops(
    narrator: &mut Narrator<'_>,
    program: &Path,
) -> anyhow::Result<()> {
    let deaths = victims::deaths(program)?;
    narrator.step("What no error stops", "real processes")?;
    narrator.say(&format!(
        "A value may hold another one of its kind, and that one another. In bincode and in \
         postcard a byte 01 says \"one more\". Now {} of them come. Each reading runs in a process \
         of its own, which is this program started again.",
        number(LEVELS)
    ))?;
    let deep = |format| deaths.iter().find(|death| death.case == Case::Deep(format));
    narrator.predict(
        "How does the process that reads them in bincode end: with a value, an error, a panic, or \
         killed?",
        Answer::one_of(
            &["a value", "an error", "a panic", "killed | crash | abort | stack overflow | signal"],
            deep(Format::Bincode).map_or("not at all", |death| in_a_word(&death.ended)),
        ),
        &format!(
            "The reader calls itself for every level, until its stack is full, and for that no \
             error exists: the process is ended. JSON's reader counts its levels and refuses the \
             {TOO_DEEP}th."
        ),
    )?;
    let mut table = Table::new(["what comes", "read by", "bytes", "the process ends"]);
    for death in &deaths {
        let [what, by] = described(death.case);
        let cells = [what.to_owned(), by, number(death.came), in_words(death)];
        table = match death.ended {
            Ended::Killed(_) => table.marked_row(cells),
            _ => table.row(cells),
        };
    }
    narrator.table(&table)?;
    narrator.say(&in_all(&deaths))?;
    narrator.say(
        "A panic ends a thread, and a server may live through it. A kill ends the server and \
         everybody's connections, for the bytes of one of them. So, for all that comes from \
         outside:",
    )?;
    narrator.bullet("a limit on the whole message, before anything in it is read;")?;
    narrator.bullet(
        "a length is compared with what has come, or with the limit, before memory is \
         taken for it;",
    )?;
    narrator.bullet("a limit on depth, or no type that holds itself.")?;
    Ok(())
}

fn described(case: Case) -> [String; 2] {
    let deep = format!("{} levels deep", number(LEVELS));
    match case {
        Case::Deep(format) => [deep, format.name().to_owned()],
        Case::DeepCounted => [deep, "bincode, levels counted".to_owned()],
        Case::Claim62 => ["a text of 2^62 bytes".to_owned(), "bincode, a stream".to_owned()],
        Case::Claim63 => ["a text of 2^63 bytes".to_owned(), "bincode, a stream".to_owned()],
        Case::ClaimLimited => {
            ["a text of 2^63 bytes".to_owned(), "the same, with a limit".to_owned()]
        }
    }
}

fn in_a_word(ended: &Ended) -> &'static str {
    match ended {
        Ended::Read => "with a value",
        Ended::Refused(_) => "with an error",
        Ended::Panicked => "with a panic",
        Ended::Killed(_) => "killed",
        Ended::TooSlow => "not in time",
    }
}

fn in_words(death: &Death) -> String {
    let cause = death.cause.map_or(String::new(), |cause| format!(": {cause}"));
    match &death.ended {
        Ended::Refused(error) => format!("with an error: {error}"),
        Ended::Killed(how) => format!("killed{cause} ({how})"),
        other => format!("{}{cause}", in_a_word(other)),
    }
}

fn in_all(deaths: &[Death]) -> String {
    let killed = deaths.iter().filter(|death| matches!(death.ended, Ended::Killed(_))).count();
    let slow = deaths.iter().filter(|death| death.ended == Ended::TooSlow).count();
    let mut text = format!("{killed} of the {} processes were killed.", deaths.len());
    if slow > 0 {
        text += &format!(
            " {slow} did not end in time here: this machine is very busy, and they show nothing."
        );
    }
    text
}
