//! Narrates what the experiments observed.

use narration::{Narrator, Table};

use crate::log::Log;
use crate::pretty::wall_time;
use crate::services::{self, AHEAD, Observed, SERVICES};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let observed = services::observe()?;
    narrator.title("causal-log", "How do you read the logs of five services?")?;
    by_wall_clock(narrator, &observed)?;
    by_lamport_stamp(narrator, &observed)?;
    what_can_have_caused_it(narrator, &observed)?;
    what_cannot_be(narrator)?;
    narrator.remember(
        "Sort by cause, not by time; and ask of a line what is in its past, not what stands above \
         it.",
        "How can replicas count together with no one in charge?",
    )?;
    Ok(())
}

fn by_wall_clock(narrator: &mut Narrator<'_>, observed: &Observed) -> anyhow::Result<()> {
    let [_, payment, stock] = AHEAD;
    narrator.step("By wall clock", "virtual time")?;
    narrator.say(&format!(
        "Order 7 fails, and three services have logs: {}. Each line has the time of its own \
         machine. Against the clock of {}, that of {} is {} ms behind, and that of {} {stock} ms \
         ahead, which is no more than machines drift apart between two corrections. We put all \
         lines in one file and sort by time.",
        SERVICES.join(", "),
        SERVICES[0],
        SERVICES[1],
        -payment,
        SERVICES[2],
    ))?;
    narrator.predict(
        &format!(
            "{} messages are sent between them. How many stand in the sorted file with the receipt \
             above the sending?",
            observed.messages
        ),
        observed.upside_down[0],
        "Each time the receiver's clock was behind the sender's by more than the message was in \
         flight.",
    )?;
    table(narrator, &observed.log, &observed.by_wall)?;
    narrator.say(
        "Read from the top: a card is charged, found expired and refused, and then an order \
         arrives. Just above the failure stands a full disk. Whoever reads this file will look at \
         the disk.",
    )?;
    Ok(())
}

fn by_lamport_stamp(narrator: &mut Narrator<'_>, observed: &Observed) -> anyhow::Result<()> {
    let all: Vec<_> = (0..observed.log.events().len()).collect();
    narrator.step("By Lamport stamp", "virtual time")?;
    narrator.say(
        "Each line also has the stamp of a Lamport clock (lesson 15), which every message carries \
         along. An effect has a larger one than its cause. So we merge the same lines by stamp, \
         and equal stamps by the name of the service.",
    )?;
    narrator.predict(
        "How many messages now have their receipt above their sending?",
        observed.upside_down[1],
        "No stamp of a receipt is smaller than that of its sending, whatever the clocks on the \
         walls say.",
    )?;
    table(narrator, &observed.log, &all)?;
    narrator.say(
        "The column of times now jumps back and forth, and the story reads from cause to effect. \
         But a **causal order** is one of many: lines that have nothing to do with each other \
         stand somewhere, too. Above is not yet \"because\".",
    )?;
    Ok(())
}

fn what_can_have_caused_it(narrator: &mut Narrator<'_>, observed: &Observed) -> anyhow::Result<()> {
    let Observed { log, failure, past, rest, .. } = observed;
    narrator.step("What can have caused it", "virtual time")?;
    narrator.say(
        "Vector stamps (lesson 16) know the difference. The **causal past** of a line is every \
         line whose vector is nowhere larger and somewhere smaller. What is not in it cannot have \
         caused the line: no message could have told.",
    )?;
    narrator.picture(&observed.trace.ladder(narrator.width()))?;
    narrator.predict(
        &format!(
            "Of the {} lines besides \"{}\", how many can have caused it?",
            past.len() + rest.len(),
            log.events()[*failure].event
        ),
        past.len(),
        "All but what payment and stock did after their last messages to shop.",
    )?;
    let mut lines = Table::new(["line", "what", "can have caused it"]);
    for event in 0..log.events().len() {
        let verdict = match (past.contains(&event), rest.contains(&event)) {
            (true, _) => "yes",
            (_, true) => "no",
            _ => "is it",
        };
        lines = lines.row([log.name(event), what(log, event), verdict.to_owned()]);
    }
    narrator.table(&lines)?;
    narrator.say(
        "The full disk is out, though it stood right above the failure. \"Can\" is all that clocks \
         know: which of the others it was you still have to read, and the expired card is among \
         them.",
    )?;
    Ok(())
}

fn what_cannot_be(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (log, findings) = services::forgetful()?;
    narrator.step("Stamps that cannot be", "computed")?;
    narrator.say(
        "All of this believes the stamps. They can be checked against each other. Here payment \
         forgets its vector clock before its last line, as after a restart:",
    )?;
    for finding in &findings {
        narrator.bullet(&finding.describe(&log))?;
    }
    narrator.say(
        "An own entry that falls means that a clock lived in memory alone, or that two services \
         write under one name. Until that is mended, no answer that goes through this service is \
         worth anything.",
    )?;
    Ok(())
}

fn table(narrator: &mut Narrator<'_>, log: &Log, order: &[usize]) -> anyhow::Result<()> {
    let mut lines = Table::new(["wall clock", "Lamport", "service", "what"]);
    for place in order {
        let event = &log.events()[*place];
        lines = lines.row([
            event.time.map_or(String::new(), wall_time),
            event.lamport.map_or(String::new(), |stamp| stamp.to_string()),
            log.services()[event.service].clone(),
            what(log, *place),
        ]);
    }
    narrator.table(&lines)?;
    Ok(())
}

/// What happened, and with which message.
fn what(log: &Log, event: usize) -> String {
    let event = &log.events()[event];
    match (event.message(), &event.kind) {
        (Some(name), trace::Kind::Send { .. }) => format!("{}, sends {name}", event.event),
        (Some(name), _) => format!("{}, receives {name}", event.event),
        (None, _) => event.event.clone(),
    }
}
