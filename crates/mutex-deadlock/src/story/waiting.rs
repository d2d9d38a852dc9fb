//! The second half of the story: threads that wait, and servers that share no memory.

use narration::{Narrator, Table, exact, measured, number};

use super::yes;
use crate::account::OPENING;
use crate::bank;
use crate::cures::{self, LONGEST, NAMES};
use crate::deadlock::{self, LOCK_TIMEOUT};
use crate::diagram;
use crate::locks::Taken;
use crate::requests::{self, REQUESTS, WORK};
use crate::schedules::Explored;
use crate::teller::Way;

pub(super) fn each_for_the_other(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let Explored { ways, bad, first_bad } = cures::opposite().explored;
    let schedule = first_bad.map_or("-".to_owned(), |schedule| schedule.to_string());
    let diagram = diagram::trace_of(&schedule)?;
    narrator.step("Each waits for the other", "real threads")?;
    narrator.say(&format!(
        "Now each account has a mutex of its own. Thread a pays from {0} to {1}, and thread b from \
         {1} to {0}, while they hold both locks. Each thread has four steps:",
        NAMES[0], NAMES[1],
    ))?;
    let mut steps = Table::new(["thread a", "thread b"]);
    for row in diagram::steps() {
        steps = steps.row(row);
    }
    narrator.table(&steps)?;
    let steps = diagram::steps().len() as u64;
    let unhindered = (1..=steps).fold(1, |ways, step| ways * (steps + step) / step);
    narrator.say(&format!(
        "A thread whose next lock is held waits until it is free. Without this waiting, two times \
         {steps} steps would have {unhindered} interleavings. With it, {} are left, each as far as \
         it can go.",
        number(ways)
    ))?;
    narrator.predict(
        &format!("In how many of the {} does a thread wait forever?", number(ways)),
        bad,
        "In both, each thread holds its first lock before either has taken its second: a \
         **deadlock**.",
    )?;
    narrator.say(&format!(
        "A schedule is an interleaving written down, a letter for each step. The first deadlock is \
         {schedule}: a takes its first lock, then b takes its own. Here locks answer messages, and \
         a thread without an answer waits:"
    ))?;
    narrator.picture(&diagram.ladder(narrator.width()))?;
    narrator.announce("Looking for a deadlock among real threads, about a second.")?;
    let found = deadlock::lock_up()?;
    narrator.say(
        "Two real threads call one function, which locks its first argument and then its second: \
         thread a with alice and bob, thread b with bob and alice. They meet between their two \
         locks. The crate parking_lot has mutexes with a deadlock detector, which looks for \
         circles among the threads that wait.",
    )?;
    if found.circle.is_empty() {
        narrator.say("It finds none: both transfers were completed.")?;
        return Ok(());
    }
    narrator.predict(
        "The detector finds both threads. On how many different lines of code do they wait?",
        found.waiting_at().len(),
        "No line is wrong by itself. The detector knows thread ids and call stacks; the locks of \
         this lesson add names and lines:",
    )?;
    for entry in &found.circle {
        for held in &entry.holds {
            narrator.event(&entry.name, &format!("holds {}", held.lock), &place(held))?;
        }
        if let Some(wanted) = &entry.wants {
            narrator.event(&entry.name, &format!("wants {}", wanted.lock), &place(wanted))?;
        }
    }
    narrator.say(&format!(
        "It took {}, most of it for reading the two call stacks. Nothing can wake these threads. \
         Safe Rust does not prevent deadlocks. This program goes on with its other threads and \
         leaves these two waiting until it ends.",
        measured(found.found_after)
    ))?;
    Ok(())
}

fn place(taken: &Taken) -> String {
    let file = taken.at.file().replace('\\', "/");
    format!("{file}:{}", taken.at.line())
}

pub(super) fn cures(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let protocols = cures::compare();
    let gave_up = deadlock::give_up_after_timeout()?;
    narrator.step("Four cures", "computed, real threads")?;
    narrator.say(
        "The first cure: a thread that cannot get its second lock before a timeout frees its first \
         one and tries again. This cannot deadlock.",
    )?;
    let circle = protocols.iter().find_map(|protocol| protocol.circle.as_ref());
    narrator.predict(
        "Can both threads go on like this forever, and none complete its transfer?",
        circle.is_some(),
        "Both work, and neither gets anywhere: a **livelock**.",
    )?;
    if let Some(circle) = circle {
        narrator.say(&format!(
            "After the schedule {} everything is as it was before:",
            circle.schedule
        ))?;
        for (thread, does) in cures::describe(&circle.schedule) {
            narrator.event(["thread a", "thread b"][thread], &does, "")?;
        }
    }
    narrator.say(&format!(
        "Two real threads run one round of it, with a timeout of {}: {gave_up} of them give up. A \
         livelock seldom lasts, since real threads fall out of step, and random waits help.",
        exact(LOCK_TIMEOUT)
    ))?;
    narrator.say(&format!(
        "Every interleaving of each cure, up to {LONGEST} steps where threads try again. The last \
         one has no locks: it takes the money from one account and adds it to the other, each in \
         an atomic step."
    ))?;
    let mut table = Table::new(["two locks", "interleavings", "deadlock", "livelock"]);
    for protocol in &protocols {
        let ways = match protocol.is_cut {
            true => format!("{}+", number(protocol.explored.ways)),
            false => number(protocol.explored.ways),
        };
        let cells =
            [protocol.name, &ways, &number(protocol.explored.bad), yes(protocol.circle.is_some())];
        table = match protocol.name == cures::IN_ORDER {
            true => table.marked_row(cells),
            false => table.row(cells),
        };
    }
    narrator.table(&table)?;
    narrator.say(
        "One order for all locks is the cure to remember: a circle needs a thread that goes \
         against it. With one lock for both accounts, fewer threads work at a time. Without locks \
         no thread waits, and one that looks between the two steps sees money in no account.",
    )?;
    Ok(())
}

pub(super) fn ten_requests(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Why have threads at all?", "real threads, real time")?;
    narrator.announce("Serving ten requests in three ways, about half a second.")?;
    let took = requests::compare()?;
    narrator.say(&format!(
        "A server gets {REQUESTS} requests. For each it waits {}, for a disk or for another \
         server. It serves them one at a time; then with a thread for each; then with a thread for \
         each and one lock that a thread holds while it waits.",
        exact(WORK)
    ))?;
    narrator.predict(
        "With the lock, are threads at least twice as fast as one at a time?",
        took.locked_threads_are_faster(),
        match took.locked_threads_are_faster() {
            false => "Under the lock they wait one at a time again, with more effort.",
            true => "They should not be: something held up the first way. Run it again.",
        },
    )?;
    narrator.table(
        &Table::new(["the server works", "all are done after"])
            .row(["one at a time".to_owned(), measured(took.one_at_a_time)])
            .marked_row(["with a thread for each".to_owned(), measured(took.threads)])
            .row([
                "with a thread for each, under one lock".to_owned(),
                measured(took.under_a_lock),
            ]),
    )?;
    narrator.say(if took.threads_are_faster() {
        "Threads that wait do so at the same time. Threads that compute share the processors. Hold \
         a lock for the change, not while you wait for something."
    } else {
        "Threads that wait should do so at the same time. Here they were hardly faster: this \
         machine is busy with something else. Run it again."
    })?;
    let slow = WORK * 5;
    narrator.say(&format!(
        "So a server that waits {} for each request, one at a time, answers {} a second, however \
         fast its machine is.",
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
        "Two servers of a bank, the tellers north and south, pay from one account, which is a \
         third server. A teller reads the balance, decides whether there is enough, and writes \
         what is left. Each server has a mutex and serves one request at a time. All three run in \
         this process and talk over sockets; `scripts/bank` runs three processes.",
    )?;
    let (shown, asked_last) = lost.exchanges.split_at(lost.exchanges.len().saturating_sub(2));
    for (who, asked, answer) in shown {
        narrator.event(who, asked, answer)?;
    }
    let (paid, left) = lost.paid_and_left();
    narrator.predict(
        "Then south is asked to withdraw 30. What do both payments and the account's balance add \
         up to, in dollars?",
        paid + left,
        &format!("{paid} are paid and {left} are left, of {OPENING}:"),
    )?;
    for (who, asked, answer) in asked_last {
        narrator.event(who, asked, answer)?;
    }
    narrator.say(
        "It is the first experiment again: a server for a thread, its memory for a register, the \
         account for the variable. Each mutex guards the memory of one machine.",
    )?;
    narrator.say(
        "**Compare-and-set** sends the balance that was read along with the new one. The account \
         writes the new one only if the old one still is the balance; otherwise it answers with \
         the balance, and the teller decides again from that. The account begins with 100 again, \
         and gets the same requests:",
    )?;
    let (_, left) = saved.paid_and_left();
    narrator.predict(
        "What does the account hold now, in dollars?",
        left,
        "What the account was asked:",
    )?;
    for (asked, answer) in &saved.at_the_account {
        narrator.event("account", asked, answer)?;
    }
    let answers: Vec<_> = saved
        .exchanges
        .iter()
        .filter(|(_, asked, _)| asked.starts_with("withdraw"))
        .map(|(who, _, answer)| format!("{who} answers \"{answer}\""))
        .collect();
    narrator.say(&format!(
        "{}. No server holds a lock between its requests, so none waits for a holder that died.",
        answers.join(", ")
    ))?;
    Ok(())
}
