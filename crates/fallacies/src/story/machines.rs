//! Beliefs about the machines between and behind: secure, and where they were.

use std::collections::BTreeMap;
use std::time::Duration;

use narration::{Answer, Narrator, Table};

use crate::secure::{self, Check, PAYMENT, Way};
use crate::topology::{self, CALLS, Client, MOVES_AT};

/// Who got how much, as a cell of the table.
fn paid(paid: &BTreeMap<String, u32>) -> String {
    let each: Vec<_> = paid.iter().map(|(payee, amount)| format!("{payee} {amount}")).collect();
    if each.is_empty() { "refused".to_owned() } else { each.join(", ") }
}

pub(super) fn secure(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let changed = secure::pay(Check::Checksum, Way::Changed)?;
    let replayed = secure::pay(Check::Tag, Way::Replayed)?;
    narrator.step("\"The network is secure\"", "virtual time")?;
    narrator.say(&format!(
        "On the desk: a program sends \"{PAYMENT}\" to a bank. UDP adds a checksum, which the \
         bank's system verifies. The bank pays {}.",
        paid(&secure::pay(Check::Checksum, Way::Desk)?)
    ))?;
    narrator.say(
        "In the world: the packet passes machines of other people. One of them reads it, and \
         writes eve for ann.",
    )?;
    let payee = changed.keys().next().map_or("neither", String::as_str);
    narrator.predict(
        "Whom does the bank pay: ann, eve or neither?",
        Answer::one_of(&["ann", "eve", "neither | nobody | no one | none"], payee),
        "The machine also computed the checksum anew. Anyone can: a checksum is against noise.",
    )?;
    narrator.say(
        "An **authentication tag** is computed from a message and a key that the two ends alone \
         know. Here it is HMAC-SHA-256, 32 bytes. Without the key no machine can make the right \
         tag for another message. But one can record the packet, tag and all, and send it once \
         more.",
    )?;
    narrator.predict(
        "How much does ann get in all?",
        replayed.get("ann").copied().unwrap_or_default(),
        "The tag is right both times. That is a **replay**, and a number in the tagged bytes stops \
         it: the bank takes each number once.",
    )?;
    let table = Table::new(["with the payment", "the desk", "changed", "sent once more"]);
    let checks = [
        ("a checksum", Check::Checksum),
        ("a tag", Check::Tag),
        ("a number and a tag", Check::NumberAndTag),
    ];
    let table =
        checks.into_iter().try_fold(table, |table, (name, check)| -> anyhow::Result<_> {
            let cell = |way| secure::pay(check, way).map(|seen| paid(&seen));
            let row =
                [name.to_owned(), cell(Way::Desk)?, cell(Way::Changed)?, cell(Way::Replayed)?];
            let is_cure = check == Check::NumberAndTag;
            Ok(if is_cure { table.marked_row(row) } else { table.row(row) })
        })?;
    narrator.table(&table)?;
    narrator.say(
        "The cure: TLS (09 http-client, https). It numbers and tags all that is sent, agrees on \
         the keys, shows who the server is, and encrypts: a tag alone hides nothing.",
    )?;
    Ok(())
}

pub(super) fn topology(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [long, short] = [30, 5].map(Duration::from_secs);
    let moves = Some(MOVES_AT);
    let kept = topology::call(Client::KeepsTheAddress, moves, long)?;
    let again = topology::call(Client::LooksUpAgain, moves, long)?;
    narrator.step("\"Topology doesn't change\"", "virtual time")?;
    narrator.say(&format!(
        "On the desk: a program looks up the address of a server once, and calls the server each \
         second for a minute. {} of {CALLS} calls are answered.",
        topology::call(Client::KeepsTheAddress, None, long)?.answered
    ))?;
    narrator.say(&format!(
        "In the world: after {} s the server moves to another machine. From that moment the name \
         server gives the new address.",
        MOVES_AT.as_secs()
    ))?;
    narrator.predict(
        &format!("How many of the {CALLS} calls are answered?"),
        kept.answered,
        "The program keeps the address, and nothing there says where the server went.",
    )?;
    narrator.say(&format!(
        "Another client looks the name up again after a failure, and tries once more with what it \
         gets. It looked the name up at 0 s as well, and the record has a TTL of {} s: that long a \
         cache may keep it (05 dns).",
        long.as_secs()
    ))?;
    narrator.predict(
        "How many of its calls fail?",
        CALLS - again.answered,
        "As long as the cache has the old record, looking up finds the old address.",
    )?;
    let table =
        Table::new(["after a failure", "TTL, s", "the desk", "the server moves", "healed after"]);
    let clients = [
        ("calls the same address", Client::KeepsTheAddress, long),
        ("looks up again", Client::LooksUpAgain, long),
        ("looks up again", Client::LooksUpAgain, short),
    ];
    let table = clients.into_iter().try_fold(table, |table, row| -> anyhow::Result<_> {
        let (name, client, ttl) = row;
        let beside = topology::call(client, None, ttl)?;
        let seen = topology::call(client, moves, ttl)?;
        let healed = seen.healed_after.map_or("never".to_owned(), |after| format!("{after} s"));
        let counts = [beside.answered, seen.answered].map(|count| count.to_string());
        let [beside, seen] = counts;
        Ok(table.row([name.to_owned(), ttl.as_secs().to_string(), beside, seen, healed]))
    })?;
    narrator.table(&table)?;
    narrator.say(&format!(
        "With a TTL of {} s the cache has dropped the record before the move, and the first \
         look-up finds the new address.",
        short.as_secs()
    ))?;
    narrator.say(
        "The cure: keep names, not addresses, and look up again after a failure, with a timeout \
         for each call (05 dns, 07 timeouts).",
    )?;
    Ok(())
}
