//! Retries, and the ways to lose that no disk prevents.

use narration::{Narrator, Table, number};

use crate::lost::{self, AFTER, BEFORE, COPIED, Found, Outcome};
use crate::replica::Reply;
use crate::twice::{self, DELTA, FIRST, Searched};

pub(super) fn asked_twice(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (without, with) = (twice::lost_answer(None)?, twice::lost_answer(Some(FIRST))?);
    narrator.step("A retry", "simulated disk")?;
    narrator.say(&format!(
        "A client asks a replica to add {DELTA}. The record is synced; the replica is killed \
         before its answer leaves, and started again. No answer has come, and the client retries."
    ))?;
    narrator.predict(
        "What is the value then?",
        without.value,
        "The replica has kept its promise, and counted what it was asked for: twice.",
    )?;
    narrator.say(
        "So the client numbers its adds, and sends with each its own number and that of the add: \
         a **request id**. The replica writes it into the same record as its entry, so that a \
         crash leaves both or neither. The same happens again.",
    )?;
    narrator.predict(
        "What is the value now?",
        with.value,
        "The id is in the log, so the retry is answered and not counted:",
    )?;
    narrator.picture(&with.trace.ladder(narrator.width()))?;
    match twice::at_the_same() {
        Searched::Never(states) => narrator.say(&format!(
            "We search everything that two crashes and a slow disk can do to a client that \
             retries twice. In none of {} states is its add counted twice.",
            number(states)
        ))?,
        other => narrator.say(&format!("A search says otherwise: {other:?}"))?,
    }
    Ok(())
}

pub(super) fn what_it_remembers(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let forgotten = twice::forgotten()?;
    narrator.step("What a request id is worth", "every small schedule")?;
    narrator.say(&format!(
        "A replica remembers the last add of each client, for {} clients at most: a memory needs a \
         bound. A client adds 1, as its add 1. Then {} others add, and it is forgotten. It retries \
         its add 1.",
        number(crate::replica::MAX_CLIENTS),
        number(forgotten.others)
    ))?;
    narrator.predict(
        "How often is that add counted, in all?",
        forgotten.first_counted,
        "To the replica it is a new client.",
    )?;
    if let Reply::Refused(refusal) = &forgotten.second {
        narrator.say(&format!(
            "Another client that is forgotten, number 5, retries its add 2, and is refused: \
             \"{refusal}\". It may have been counted, and the client reports that, too. The bound \
             is large enough for clients that retry within seconds, and too small for those that \
             retry after a week."
        ))?;
    }
    narrator.say(
        "And an id is known to one replica only. Here the client asks replica a, whose disk is \
         slow, times out, and retries at replica b. This is the shortest schedule after which both \
         count its add. It ends before a's disk has written, so a has not answered yet:",
    )?;
    if let Searched::Found(schedule) = twice::at_another() {
        narrator.picture(&twice::trace_of(&schedule).ladder(narrator.width()))?;
    }
    narrator.say(
        "No crash and no loss was needed: b does not know what a has counted, and for whom. \
         Clients that may ask any replica need replicas that agree on each add before they answer \
         it.",
    )?;
    Ok(())
}

pub(super) fn three_ways_to_lose(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Three ways to lose all the same", "virtual time")?;
    let alone = lost::restarted(Found::Nothing, true)?;
    let copied = lost::restarted(Found::OldCopy, true)?;
    let shared = lost::share_a_number([3, 2]);
    narrator.say(&format!(
        "The disk keeps what it has. But an entry of a G-Counter has one writer, that forgets \
         nothing, and a merge takes the larger entry. Of three replicas, B has acknowledged \
         {BEFORE} adds, and the others have heard of them. B crashes, and starts again with an \
         empty folder, cut off from the others. It acknowledges {AFTER} more. Then they meet."
    ))?;
    narrator.predict(
        &format!("How many of the {} do the others count?", alone.acknowledged),
        alone.others_say,
        "The 10 look like an older reading of B's entry than the 20.",
    )?;
    narrator.predict(
        &format!(
            "And how many, if B starts with an old copy of its log, which has the first {COPIED}?"
        ),
        copied.others_say,
        "Now the new entry is the larger one, and hides the old. To the others it has grown, as an \
         entry does.",
    )?;
    narrator.say(
        "So a replica that starts holds adds back until a peer has reported what it knows of \
         this replica's entry, or a second is over. Where that is more than it knows itself, it \
         refuses adds:",
    )?;
    let mut table =
        Table::new(["B finds", "its peers are", "acknowledged", "counted", "lost", "and then B"]);
    for (found, name) in [
        (Found::Everything, "its log"),
        (Found::Nothing, "nothing"),
        (Found::OldCopy, "an old copy"),
    ] {
        for (away, there) in [(false, "there"), (true, "away")] {
            table = table.row(cells(name, there, &lost::restarted(found, away)?));
        }
    }
    narrator.table(&table)?;
    let [more, less] = shared.counted;
    narrator.say(&format!(
        "The third way: two processes have B's number, each with a folder of its own. One \
         acknowledges {more}, the other {less}. A third replica receives the pushes of both, and \
         counts {}.",
        shared.third
    ))?;
    if let Some(refusal) = shared.refusal {
        narrator.say(&format!(
            "When the third connects to the replica that has counted {less}, that replica \
             refuses adds: \"{refusal}\". And a replica refuses the connection of a second \
             process of one number."
        ))?;
    }
    Ok(())
}

fn cells(found: &str, there: &str, outcome: &Outcome) -> [String; 6] {
    let then = if outcome.refusal.is_some() { "refuses" } else { "counts" };
    [
        found.to_owned(),
        there.to_owned(),
        number(outcome.acknowledged),
        number(outcome.others_say),
        number(outcome.lost()),
        then.to_owned(),
    ]
}
