//! What is on disk, and when.

use narration::{Answer, Narrator, Table, exact, number};
use runtime::log::LogError;

use crate::counted::{self, Before, COUNTED, PROGRAMS};
use crate::group::{self, Counted, ROUND_TRIP, SYNC, Sync, WORK};
use crate::recovery::{self, BATCHES, Reader};

/// How many clients count at a time.
const CLIENTS: [usize; 3] = [1, 8, 64];

pub(super) fn what_counted_means(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let written = counted::count(Before::Writing)?;
    narrator.step("What \"counted\" can mean", "simulated disk")?;
    narrator.say(&format!(
        "A program counts to {COUNTED}, and says \"counted\" for each. Before it says so, it may \
         **write** to a file: that hands the bytes to the system, which keeps them in memory of \
         its own, the **page cache**. It may also **sync** the file: that waits until the disk has \
         the bytes. Then the program ends, in one of two ways."
    ))?;
    narrator.bullet(
        "Its process is killed, as by `kill -9`: it ends between any two instructions, and the \
         system goes on.",
    )?;
    narrator.bullet(
        "The machine loses power: the system ends, too. Of what was not synced, anything may be \
         left.",
    )?;
    narrator.predict(
        &format!(
            "A program writes and does not sync. It is killed. How many of the {COUNTED} does its \
             next process find?"
        ),
        written.by_kill,
        "What a process has written is in the memory of the system, not in its own.",
    )?;
    narrator.predict(
        "And at worst, when the machine loses power instead?",
        written.by_power_loss,
        "The page cache is memory, too.",
    )?;
    let headings = ["before it says \"counted\", it", "syncs", "killed", "power lost"];
    let mut table = Table::new(headings);
    for program in PROGRAMS {
        let left = counted::count(program)?;
        let cells = [
            in_words(program).to_owned(),
            number(left.syncs),
            number(left.by_kill),
            number(left.by_power_loss),
        ];
        table = match left.by_power_loss == COUNTED {
            true => table.marked_row(cells),
            false => table.row(cells),
        };
    }
    narrator.table(&table)?;
    narrator.say(
        "What survives a loss of power is **durable**. The fourth program syncs each time and \
         loses everything: its bytes are on the disk, and the file has no name there. A name \
         stands in the folder, which is synced by itself.",
    )?;
    Ok(())
}

fn in_words(program: Before) -> &'static str {
    match program {
        Before::Adding => "adds in its own memory",
        Before::Writing => "writes",
        Before::SyncingEachFourth => "writes, and syncs at each fourth",
        Before::SyncingWithoutName => "writes and syncs, but never the folder",
        Before::Syncing => "writes and syncs, the folder once",
    }
}

pub(super) fn torn_anywhere(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let log = recovery::written()?;
    let torn = recovery::cut_everywhere()?;
    let records = BATCHES.concat().len();
    narrator.step("A log that ends anywhere", "simulated disk")?;
    narrator.say(&format!(
        "A **log** is a file to which records are added at the end, and from which a process \
         starts. This one was synced {} times after its first line:",
        BATCHES.len()
    ))?;
    narrator.picture(&String::from_utf8_lossy(&log))?;
    narrator.say(
        "The first line says whose log it is. A line begins with the checksum of the rest of the \
         line, and then repeats the checksum of the line before, so that no line can be left out. \
         A `+` marks a line that was written together with the one before.",
    )?;
    narrator.say(&format!(
        "A crash during a write leaves a part of it. So we cut this file at each of its {} bytes, \
         open the log, add a record, and open it again.",
        number(torn.cuts)
    ))?;
    narrator.predict(
        &format!("Its last 3 bytes are missing. How many of the {records} records are found?"),
        recovery::without_the_last(3)?,
        "The last line is torn: its checksum is not that of what is left. It is cut off, so that \
         the next record begins a line.",
    )?;
    let table = Table::new(["the file ends", "cuts", "the log is"])
        .row(["in the first line".to_owned(), number(torn.refused), "refused".to_owned()])
        .row([
            "after a line".to_owned(),
            number(torn.at_a_line),
            "opened, with every record before the cut".to_owned(),
        ])
        .row([
            "within a line".to_owned(),
            number(torn.repaired),
            "the same, and the torn line is cut off".to_owned(),
        ])
        .row(["anywhere".to_owned(), number(torn.wrong), "opened with anything else".to_owned()]);
    narrator.table(&table)?;
    narrator.say(
        "To cut off a torn record loses nothing that was acknowledged, if each was synced before \
         its answer left. That is the order on which all rests: append, sync, answer. But where \
         something else than a crash shortens the file, the log cannot know: see step 7.",
    )?;
    Ok(())
}

pub(super) fn one_flipped_bit(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let bits = 8 * recovery::written()?.len();
    let [without, ends, log] = [Reader::WithoutChecksum, Reader::EndsAtFirstBad, Reader::Log]
        .map(recovery::flip_everywhere);
    let (without, ends, log) = (without?, ends?, log?);
    narrator.step("One flipped bit", "simulated disk")?;
    narrator.say(&format!(
        "Disks also return other bits than were written, rarely and long after the sync. So we \
         flip each of the {} bits of that file, one at a time, and let three programs read it:",
        number(bits)
    ))?;
    narrator.bullet("one that takes every line with a record in it, and looks at no checksum")?;
    narrator.bullet("one that checks, and at the first line that is wrong says: here it ends")?;
    narrator.bullet("the log of this lesson")?;
    narrator.predict(
        "Does the second one ever lose acknowledged records without an error?",
        ends.missing > 0,
        "It takes damage in the middle for a torn end, and all that follows is gone with it.",
    )?;
    let mut table = Table::new(["reader", "right", "an error", "records missing", "a wrong sum"]);
    for (name, found) in [
        ("looks at no checksum", without),
        ("ends at the first wrong line", ends),
        ("the log of this lesson", log),
    ] {
        let counts = [found.right, found.refused, found.missing, found.invented].map(number);
        let cells = [vec![name.to_owned()], counts.to_vec()].concat();
        table = match found == log {
            true => table.marked_row(cells),
            false => table.row(cells),
        };
    }
    narrator.table(&table)?;
    narrator.say(
        "A crash leaves a file that is too short, or zeros where a part was never written, and \
         only in what was written last. Anything else is **damage**: the log is refused, with the \
         line and the byte, and a person decides. A service that starts with less than it \
         promised is worse than one that does not start.",
    )?;
    Ok(())
}

pub(super) fn group_commit(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (each, shared) = (of_each(Sync::Each)?, of_each(Sync::Shared)?);
    narrator.step("A sync for many", "virtual time")?;
    narrator.say(&format!(
        "A sync is slow. Here it takes {}, as on a fast solid-state disk; the work for each add \
         takes {}, and a client asks again {} after its answer. The log is the real one.",
        exact(SYNC),
        exact(WORK),
        exact(ROUND_TRIP)
    ))?;
    let fastest = each[2].a_second();
    narrator.predict(
        "Each add is synced by itself, and 64 clients ask. How many adds a second come closest: \
         1,000, 10,000 or 100,000?",
        Answer::one_of(
            &["1,000 | 1000", "10,000 | 10000", "100,000 | 100000"],
            [1_000, 10_000, 100_000]
                .map(|near| (fastest.abs_diff(near), number(near)))
                .into_iter()
                .min()
                .map_or(String::new(), |(_, near)| near),
        ),
        "One sync after the other, however many clients wait.",
    )?;
    narrator.say(
        "Now the replica takes all requests that have arrived, appends their records, syncs once, \
         and then answers them all. That is **group commit**.",
    )?;
    narrator.predict(
        "Does that make a client faster that is alone?",
        shared[0].a_second() > each[0].a_second(),
        "It has one add in flight, and so one sync to wait for.",
    )?;
    let mut table =
        Table::new(["a sync for", "clients", "adds a second", "adds a sync", "an add takes, ms"]);
    for (name, counted) in [("each add", each), ("all that wait", shared)] {
        for (clients, counted) in CLIENTS.into_iter().zip(counted) {
            table = table.row([
                name.to_owned(),
                number(clients),
                number(counted.a_second()),
                number(counted.adds / counted.syncs),
                format!("{:.2}", counted.mean.as_secs_f64() * 1_000.0),
            ]);
        }
    }
    narrator.table(&table)?;
    narrator.say(
        "No add waits for others to come: those that come during a sync share the next one. So \
         the more clients there are, the fewer syncs each of them costs.",
    )?;
    Ok(())
}

fn of_each(sync: Sync) -> Result<[Counted; 3], LogError> {
    let [one, few, many] = CLIENTS.map(|clients| group::count(clients, sync));
    Ok([one?, few?, many?])
}
