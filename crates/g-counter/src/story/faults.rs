//! Narrates the counter where networks fail and replicas crash.

use narration::{Narrator, Table, number};
use trace::vector_text;

use crate::simulated::{self, ASKED, Outcome, SharedNumber};

/// How many worlds with drawn faults are run while a reader waits. The tests run 2,000.
const WORLDS: u64 = 100;

/// The seed of the world that is narrated.
const SEED: u64 = 1;

pub(super) fn every_fault(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let scenario = simulated::narrated(SEED);
    let seconds = scenario.until.as_secs();
    let outcome = simulated::run(scenario)?;
    let retried = simulated::run_with_retries(simulated::narrated(SEED))?;
    let counts = outcome.counts;
    narrator.step("Every fault at once", "virtual time")?;
    narrator.say(&format!(
        "Three replicas, and a client that asks for {ASKED} increments in 6 s, of one replica \
         after the other. One message in five is lost, one in ten is duplicated, and they overtake \
         each other. From 2 to 4 s A is cut off. At 3 s B crashes; at 5 s it restarts. The replica \
         is the code that runs on real machines: network, disk and time are simulated around it.",
    ))?;
    narrator.say(
        "A replica **acknowledges** an increment, or acks it, once it is on disk. It pushes its \
         entry to each peer until that acks it, and a replica that has heard an entry passes it on \
         if the owner does not.",
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
        "In the end they say {}. The {} that are not counted were never acknowledged: B was down, \
         or crashed before its disk had them.",
        said(&outcome),
        u128::from(ASKED).saturating_sub(outcome.values[0]),
    ))?;
    narrator.predict(
        "Now the client numbers its increments, and asks for each three times, the last time after \
         the faults. What does A say in the end?",
        retried.values[0],
        "A retry with the same number at the same replica is answered, and not counted again.",
    )?;
    let mut broken = 0;
    for seed in 0..WORLDS {
        broken += u32::from(simulated::run(simulated::drawn(seed))?.verdict().is_err());
    }
    narrator.say(&format!(
        "One run proves little. In {WORLDS} other runs the faults are drawn at random: splits, \
         cuts one way, crashes of any replica, up to half of all messages lost. In {broken} of \
         them the replicas disagree in the end, lack something acknowledged, or count too much. \
         That is not a proof either; a test also searches every small schedule of two replicas.",
    ))?;
    Ok(())
}

pub(super) fn two_ways_to_break_it(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let forgetful = simulated::run_forgetful(simulated::narrated(SEED))?;
    let SharedNumber { counted, third, refusal } = simulated::share_a_number()?;
    narrator.step("Two ways to break it", "virtual time")?;
    narrator.say(
        "All of this rests on one rule: an entry has one writer, and that writer forgets nothing. \
         Both halves can be broken. First, B restarts without its disk; the rest is as in step 4.",
    )?;
    let mut table = Table::new(["replica", "its row in the end", "says"]);
    let rows = forgetful.entries.iter().zip(&forgetful.values);
    for (replica, (entries, value)) in ["A", "B", "C"].into_iter().zip(rows) {
        table = table.row([replica.to_owned(), vector_text(entries), number(value)]);
    }
    narrator.table(&table)?;
    let seen = forgetful.values.iter().max().copied().unwrap_or_default();
    narrator.say(&format!(
        "{} were acknowledged, and A and C say {seen}. B began at 0 again, and to them its new \
         entry looked like an older one, since they knew a larger. When B heard of its own larger \
         entry, it stopped counting: the others would not see what it counts.",
        forgetful.acknowledged
    ))?;
    let [one, other] = counted;
    narrator.say(&format!(
        "Second, two replicas run under one number, on two machines with the same configuration. \
         One counts {one}, the other {other}, and a third hears both: {} and {}.",
        vector_text(&[0, one]),
        vector_text(&[0, other])
    ))?;
    narrator.predict(
        "What does the third say is counted?",
        third,
        "The larger of the two. The other's increments were acknowledged, and are hidden behind \
         it.",
    )?;
    if let Some(refusal) = refusal {
        narrator.say(&format!(
            "There is one sign of it. When the one that counted {other} hears from the third, it \
             warns: \"{refusal}\""
        ))?;
    }
    Ok(())
}

/// `107, 107 and 107`
fn said(outcome: &Outcome) -> String {
    let values: Vec<_> = outcome.values.iter().map(u128::to_string).collect();
    match values.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => values.concat(),
    }
}
