//! The second half of the story: threads that wait, and servers that share no memory.

use narration::{Answer, Narrator, Table, exact, measured, number};

use super::yes;
use crate::bank::{self, Day};
use crate::cures::{self, LONGEST, NAMES, Protocol};
use crate::deadlock::{self, LOCK_TIMEOUT};
use crate::locks::Taken;
use crate::requests::{self, REQUESTS, WORK};
use crate::teller::Way;

pub(super) fn each_for_the_other(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let opposite = cures::opposite();
    narrator.step("Each waits for the other", "real threads")?;
    narrator.say(&format!(
        "Now each account has a mutex of its own. Thread a pays from Alice to Bob: it locks {}, \
         then {}. Thread b pays from Bob to Alice and locks them the other way round. Of the {} \
         interleavings, {} end with both threads waiting for ever: a **deadlock**. The shortest \
         has the code {}: a takes its first lock, then b takes its own.",
        NAMES[0],
        NAMES[1],
        opposite.explored.ways,
        opposite.explored.bad,
        opposite.explored.first_bad.map_or("none".to_owned(), |schedule| schedule.to_string()),
    ))?;
    let found = deadlock::lock_up()?;
    narrator.say(&format!(
        "Real threads do it, too. Two of them lock up now, and each time, because they meet \
         between their two locks. The detector of the crate parking_lot looks for circles among \
         the threads that wait. It knows their ids and their stacks; the locks of this lesson add \
         names and lines. It found {} threads after {}:",
        found.circle.len(),
        measured(found.found_after)
    ))?;
    for entry in &found.circle {
        for held in &entry.holds {
            narrator.event(&entry.name, &format!("holds {}", held.lock), &place(held))?;
        }
        if let Some(wanted) = &entry.wants {
            narrator.event(&entry.name, &format!("wants {}", wanted.lock), &place(wanted))?;
        }
    }
    narrator.say(
        "Both stand at the same two lines, since both call the same function. Nothing can wake \
         them. Safe Rust does not prevent this; the compiler has no opinion on the order of locks. \
         This program goes on with its other threads, and leaves these two behind on purpose until \
         it ends.",
    )?;
    cures(narrator)
}

fn place(taken: &Taken) -> String {
    let file = taken.at.file().replace('\\', "/");
    format!("{file}:{}", taken.at.line())
}

fn cures(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let protocols = cures::compare();
    narrator.say(&format!(
        "Four cures, and every interleaving of each (up to {LONGEST} steps, where threads try \
         again and again):"
    ))?;
    let mut table = Table::new(["two locks", "interleavings", "lock up", "can go round"]);
    for protocol in &protocols {
        let ways = match protocol.is_cut {
            true => format!("{}+", number(protocol.explored.ways)),
            false => number(protocol.explored.ways),
        };
        table = table.row([
            protocol.name,
            &ways,
            &number(protocol.explored.bad),
            yes(protocol.circle.is_some()),
        ]);
    }
    narrator.table(&table)?;
    narrator.say(
        "One order for all locks is the cure to remember: a circle needs somebody who goes against \
         it. One lock for both is plainer yet, and lets fewer threads work at a time. Without a \
         lock nobody waits, and whoever looks between the two steps sees money that is in no \
         account.",
    )?;
    going_round(narrator, &protocols)
}

fn going_round(narrator: &mut Narrator<'_>, protocols: &[Protocol]) -> anyhow::Result<()> {
    let circle = protocols.iter().find_map(|protocol| protocol.circle.as_ref());
    let Some(circle) = circle else {
        return Ok(());
    };
    narrator.say(&format!(
        "To try for a while and then give back never locks up. But there is a schedule, {}, after \
         which all is as it was before:",
        circle.schedule
    ))?;
    for (thread, does) in cures::describe(&circle.schedule) {
        narrator.event(["thread a", "thread b"][thread], &does, "")?;
    }
    let gave_up = deadlock::give_up_after_timeout()?;
    narrator.say(&format!(
        "Both work, and neither gets anywhere: a **livelock**. We have two real threads do one \
         round of it, with {} of patience. How many give up? {gave_up}. It seldom lasts, since \
         real threads fall out of step; a wait drawn at random sees to that, as for retries.",
        exact(LOCK_TIMEOUT)
    ))?;
    Ok(())
}

pub(super) fn ten_requests(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let took = requests::compare()?;
    narrator.step("Why have threads at all?", "real threads, real time")?;
    narrator.say(&format!(
        "A server gets {REQUESTS} requests. For each it waits {}, for a disk or for another \
         server.",
        exact(WORK)
    ))?;
    narrator.table(
        &Table::new(["the server does", "all are done after"])
            .row(["one at a time".to_owned(), measured(took.one_at_a_time)])
            .row(["a thread for each".to_owned(), measured(took.threads)])
            .row([
                "a thread for each, one lock around the work".to_owned(),
                measured(took.under_a_lock),
            ]),
    )?;
    narrator.say(if took.threads_are_faster() {
        "Threads that wait do so at the same time. Threads that compute share the processors, and \
         get no faster than there are of those."
    } else {
        "Threads that wait should do so at the same time. Here they were hardly faster: this \
         machine is busy with something else. Run it again."
    })?;
    narrator.say(if took.locked_threads_are_faster() {
        "With a lock around the work they should be no faster than one at a time. Here they were: \
         something held up the first row. Run it again."
    } else {
        "With a lock around the work they are one at a time again, with more effort. Hold a lock \
         for the change, and not while you wait for something."
    })?;
    let slow = WORK * 5;
    narrator.say(&format!(
        "With requests of {} one at a time is {} a second, however fast the machine.",
        exact(slow),
        number(requests::a_second(slow))
    ))?;
    Ok(())
}

pub(super) fn two_servers(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let lost = bank::withdraw_from_both(Way::Write)?;
    let saved = bank::withdraw_from_both(Way::CompareAndSet)?;
    narrator.step("No mutex across machines", "real sockets")?;
    narrator.say(
        "Two servers of a bank, north and south, pay from one account. It is held by a third, the \
         store, and they talk over sockets (in one process here; `scripts/bank` makes three of \
         it). A teller reads the balance, decides whether there is enough, and writes what is \
         left. Each of the three has a mutex, and serves one request at a time. Both tellers read \
         before either of them writes.",
    )?;
    let (first, at_the_store) = day(&lost);
    for (who, asked, answer) in first {
        narrator.event(who, asked, answer)?;
    }
    narrator.predict(
        "$80 of the $100 are paid out. What does the account hold, in dollars?",
        Answer::quantity(at_the_store),
        "It is the first experiment again, with a server for a thread, its memory for a register \
         and the store for the variable. Each mutex guards one machine's memory; from reading to \
         writing no mutex reaches.",
    )?;
    narrator.say(
        "So the store has to help. **Compare-and-set** writes the new balance only if the old one \
         still is what the writer has read. If not, nothing is written, and the teller reads and \
         decides once more:",
    )?;
    for (asked, answer) in &saved.at_the_store {
        narrator.event("store", asked, answer)?;
    }
    let (_, at_the_store) = day(&saved);
    let answers: Vec<_> = saved
        .exchanges
        .iter()
        .filter(|(_, asked, _)| asked.starts_with("withdraw"))
        .map(|(who, _, answer)| format!("{who} says \"{answer}\""))
        .collect();
    narrator.say(&format!(
        "{}. The account holds ${at_the_store}. Nobody waited for a lock, so nobody can be left \
         waiting by one who died with it.",
        answers.join(", ")
    ))?;
    Ok(())
}

/// What the tellers were asked and answered, and the store's final balance, as a number.
fn day(day: &Day) -> (&[(&'static str, &'static str, String)], &str) {
    match day.exchanges.split_last() {
        Some(((_, _, last), tellers)) => (tellers, last.strip_prefix("balance ").unwrap_or(last)),
        None => (&[], ""),
    }
}
