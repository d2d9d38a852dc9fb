//! Narrates the experiments on bytes that no program wrote.

use std::collections::BTreeSet;
use std::path::Path;

use narration::{Answer, Narrator, Table, number};

use crate::format::Format;
use crate::hostile::{self, EveryCut, Hostile, LIMIT};
use crate::memory::Meter;
use crate::nesting::TOO_DEEP;
use crate::victims::{self, Case, Death, Ended, LEVELS};

/// In each word that a reader may use for it.
const KILLED: &str = "killed | abort | SIGABRT | SIGSEGV | signal | dies | die | stack overflow";

pub(super) fn bytes_that_lie(narrator: &mut Narrator<'_>, meter: Meter) -> anyhow::Result<()> {
    narrator.step("Bytes that lie", "computed")?;
    let cuts = hostile::cut_everywhere()?;
    let [all, refused] = [|cut: &EveryCut| cut.cuts, |cut: &EveryCut| cut.refused]
        .map(|count| cuts.iter().map(count).sum::<usize>());
    narrator.say(&format!(
        "Bytes come from outside. They may be cut off, damaged, or made by an attacker who knows \
         your format. In each of the three formats we cut the message before each of its bytes: {} \
         of {} readings return an error. Then we write false lengths, and text that is not UTF-8. \
         We count the memory that a reader asks for.",
        number(refused),
        number(all)
    ))?;
    narrator.table(&lies(&hostile::in_memory(meter)?))?;
    let streamed = hostile::from_a_stream(meter)?;
    narrator.say(
        "All of these bytes are in memory. There a reader compares the length of a text with what \
         has come. For a list bincode does not: it passes the length on to serde, which takes 1 \
         MiB at most and then reads. From a stream nothing can be compared. Now 8 bytes come from \
         one, the length of a text of 8 MiB, and the stream ends.",
    )?;
    let [plain, _] = &streamed;
    narrator.predict(
        "How much memory has bincode taken by then: 8 bytes, 64 KiB, or 8 MiB?",
        Answer::one_of(&["8 bytes", "64 KiB", "8 MiB"], rounded(plain.memory)),
        "It takes the memory first and then waits for the text.",
    )?;
    let [over, in_memory] = hostile::over_the_limit(meter)?;
    let [plain, limited] = streamed;
    narrator.table(&lies(&[plain, limited, over, in_memory]))?;
    narrator.say(&format!(
        "The limit is `bincode::options().with_limit(…)`, here {} KiB. It holds for streams alone. \
         In memory the bytes themselves are the limit, so have one before you collect them.",
        LIMIT >> 10
    ))?;
    Ok(())
}

fn lies(seen: &[Hostile]) -> Table {
    let mut table = Table::new(["what comes", "read by", "came", "memory", "ends in"]);
    for hostile in seen {
        table = table.row([
            hostile.what.to_owned(),
            hostile.reader.to_owned(),
            format!("{} B", number(hostile.came)),
            in_kib(hostile.memory),
            if hostile.error.is_some() { "an error" } else { "a value" }.to_owned(),
        ]);
    }
    table
}

/// To the nearest of the choices: what else is allocated meanwhile does not matter.
fn rounded(bytes: usize) -> &'static str {
    match bytes {
        0..0x8000 => "8 bytes",
        0x8000..0x40_0000 => "64 KiB",
        _ => "8 MiB",
    }
}

/// Memory to the KiB: the text of an error takes memory, too, and does not matter.
fn in_kib(bytes: usize) -> String {
    match bytes >> 10 {
        0 => "< 1 KiB".to_owned(),
        kib => format!("{} KiB", number(kib)),
    }
}

pub(super) fn how_a_process_ends(
    narrator: &mut Narrator<'_>,
    program: &Path,
) -> anyhow::Result<()> {
    let deaths = victims::deaths(program)?;
    narrator.step("How a process ends", "real processes")?;
    narrator.say(&format!(
        "A value may hold another value of its type, and that one a third. In bincode and in \
         postcard a byte 01 says that there is one more. Now {} of them come. Each reading runs in \
         a process of its own, which is this program started again.",
        number(LEVELS)
    ))?;
    let deep = deaths.iter().find(|death| death.case == Case::Deep(Format::Bincode));
    let why = match deep.map(|death| &death.ended) {
        Some(Ended::Killed(_)) => {
            "The reader calls itself for every level, until its stack is full, and for that no \
             error exists: the process is ended."
        }
        _ => "Here the stack had room for a call on every level.",
    };
    narrator.predict(
        "How does the process that reads them in bincode end: with a value, an error, a panic, or \
         killed?",
        Answer::one_of(
            &["a value", "an error", "a panic", KILLED],
            deep.map_or("not at all", |death| in_a_word(&death.ended)),
        ),
        &format!("{why} JSON's reader counts its levels and refuses the {TOO_DEEP}th."),
    )?;
    let mut table = Table::new(["what comes", "read by", "bytes", "the process ends"]);
    for death in &deaths {
        let [what, by] = described(death.case);
        let cells = [what, by, number(death.came), in_words(death)];
        table = match death.ended {
            Ended::Killed(_) => table.marked_row(cells),
            _ => table.row(cells),
        };
    }
    narrator.table(&table)?;
    narrator.say(&in_all(&deaths))?;
    narrator.say(
        "A panic ends a thread, and a server may live through it. A kill ends the server and all \
         of its connections, for the bytes of one. So, for all that comes from outside:",
    )?;
    narrator.bullet("a limit on the whole message, before anything in it is read;")?;
    narrator.bullet(
        "a length is compared with what has come, or with the limit, before memory is taken for \
         it;",
    )?;
    narrator.bullet("a limit on depth, or no type that holds itself.")?;
    Ok(())
}

fn described(case: Case) -> [String; 2] {
    let deep = format!("depth of {}", number(LEVELS));
    let text = |exponent| format!("text of 2^{exponent} bytes");
    match case {
        Case::Deep(format) => [deep, format.name().to_owned()],
        Case::DeepCounted => [deep, "bincode, counted".to_owned()],
        Case::Claim62 => [text(62), "bincode, a stream".to_owned()],
        Case::Claim63 => [text(63), "bincode, a stream".to_owned()],
        Case::ClaimLimited => [text(63), "a stream, a limit".to_owned()],
    }
}

fn in_a_word(ended: &Ended) -> &'static str {
    match ended {
        Ended::Read => "a value",
        Ended::Refused(_) => "an error",
        Ended::Panicked => "a panic",
        Ended::Killed(_) => "killed",
        Ended::TooSlow => "not in time",
    }
}

fn in_words(death: &Death) -> String {
    match death.cause {
        Some(cause) if matches!(death.ended, Ended::Killed(_)) => format!("killed: {cause}"),
        _ => in_a_word(&death.ended).to_owned(),
    }
}

fn in_all(deaths: &[Death]) -> String {
    let killed = deaths.iter().filter_map(|death| match &death.ended {
        Ended::Killed(how) => Some(how.as_str()),
        _ => None,
    });
    let by: BTreeSet<&str> = killed.clone().collect();
    let slow = deaths.iter().filter(|death| death.ended == Ended::TooSlow).count();
    let [killed, all] = [killed.count(), deaths.len()];
    let mut text = format!("{killed} of the {all} processes were killed");
    if killed > 0 {
        text += &format!(": {}", by.into_iter().collect::<Vec<_>>().join("; "));
    }
    text += ".";
    if deaths.iter().any(|death| death.ended == Ended::Panicked) {
        text += " No memory can have 2^63 bytes, and Rust panics before it asks for them; 2^62 it \
                 asks for, and the system refuses.";
    }
    if slow > 0 {
        text += &format!(
            " {slow} did not end in time here: this machine is very busy, and they show nothing."
        );
    }
    text
}
