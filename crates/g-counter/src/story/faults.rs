//! Narrates the counter where networks fail and replicas crash.

use narration::{Narrator, Table, number};

use crate::simulated::{self, ASKED, Outcome};

/// How many worlds with drawn faults are run while a reader waits. The tests run 2,000.
const WORLDS: u64 = 100;

/// The seed of the world that is narrated.
const SEED: u64 = 1;

pub(super) fn every_fault(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let scenario = simulated::narrated(SEED);
    let seconds = scenario.until.as_secs();
    let outcome = simulated::run(scenario)?;
    let counts = outcome.counts;
    narrator.step("Every fault at once", "virtual time")?;
    narrator.say(&format!(
        "Three replicas, and a client that asks for {ASKED} increments in 6 s, of one replica \
         after the other. One message in five is lost, one in ten is duplicated, and they overtake \
         each other. From 2 to 4 s A is cut off. At 3 s B crashes; at 5 s it restarts. The replica \
         is the code that runs on real machines: network, disk and time are simulated around it.",
    ))?;
    narrator.say(
        "A replica **acknowledges** an increment, or acks it, once it is on disk. In rounds of 100 \
         ms it pushes to each peer what it has and the peer is not known to have: its own entry in \
         the next round, the entries of others a round or two later, since their owners push \
         them, too. The peer acks with all that it has.",
    )?;
    narrator.table(
        &Table::new([format!("in {seconds} s of virtual time"), String::new()])
            .row(["increments asked for".to_owned(), number(ASKED)])
            .row(["acknowledged".to_owned(), number(outcome.acknowledged)])
            .row(["messages sent".to_owned(), number(counts.sent)])
            .row([
                "of them lost, by chance or while a replica was away".to_owned(),
                number(counts.lost),
            ])
            .row(["of them duplicated".to_owned(), number(counts.duplicated)]),
    )?;
    narrator.say(&format!(
        "In the end they report {}. The {} that are not counted were never acknowledged: B was \
         down, or crashed before its disk had them.",
        reported(&outcome),
        u128::from(ASKED).saturating_sub(outcome.values[0]),
    ))?;
    let mut broken = 0;
    for seed in 0..WORLDS {
        broken += u32::from(simulated::run(simulated::drawn(seed))?.verdict().is_err());
    }
    narrator.say(&format!(
        "One run proves little. In {WORLDS} other runs the faults are drawn at random: splits, \
         cuts one way, crashes of any replica, up to half of all messages lost.",
    ))?;
    narrator.predict(
        "In how many of them do the replicas disagree in the end, lack something acknowledged, or \
         count more than was asked for?",
        broken,
        "That is not a proof either; a test also searches every small schedule of two replicas.",
    )?;
    Ok(())
}

pub(super) fn what_agreeing_costs(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("What it costs to agree", "virtual time")?;
    narrator.say(
        "Now nothing goes wrong. A counts once, and B and C are to learn of it. Replicas push, ack \
         and pass on until each knows that each other one has the increment. Then they are idle.",
    )?;
    narrator.predict(
        "How many messages do the three send, pushes and acks?",
        simulated::messages_for_one(3)?,
        "A pushes to B and to C, and both ack. B does not know that C has it, so B passes it on to \
         C, which acks. By then C knows that B has it.",
    )?;
    let mut table = Table::new(["replicas", "messages for one increment alone"]);
    for replicas in [2, 3, 10, 50] {
        let messages = simulated::messages_for_one(replicas)?;
        table = table.row([number(replicas as u64), number(messages)]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "Each pair of replicas exchanges a push and an ack: n (n - 1) messages for n replicas. \
         A round in which all have news costs twice that, however many increments it gathers. A \
         peer that does not answer is pushed after growing waits, up to one second: one that is \
         down for a minute gets {} pushes, and not 600.",
        simulated::pushes_to_a_peer_that_is_down()?
    ))?;
    Ok(())
}

/// `107, 107 and 107`
fn reported(outcome: &Outcome) -> String {
    let values: Vec<_> = outcome.values.iter().map(u128::to_string).collect();
    match values.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => values.concat(),
    }
}
