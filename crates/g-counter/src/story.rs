//! Narrates what the experiments saw.

mod faults;
mod limits;

use common::crdt::GCounter;
use narration::{Answer, Narrator, Table, number};
use trace::vector_text;

use crate::laws::{self, LAWS, Law, MERGES, Merge};
use crate::network::{self, AddsValues, Found, Increments, LONGEST, LargerValue, REPLICAS, Tried};
use crate::runs;

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("g-counter", "How can replicas count together with no one in charge?")?;
    two_replicas(narrator)?;
    let increments = a_plain_number(narrator)?;
    lost_and_duplicated(narrator, &increments)?;
    the_laws(narrator)?;
    faults::every_fault(narrator)?;
    faults::what_agreeing_costs(narrator)?;
    limits::reading_at_two(narrator)?;
    limits::what_it_cannot(narrator)?;
    limits::invalid_entries(narrator)?;
    narrator.remember(
        "An entry for each replica, incremented by it alone; to merge, the larger of each pair. \
         Then messages may be lost, late or duplicated, as long as each entry is pushed again.",
        "How do nodes share a lock with no one in charge?",
    )?;
    Ok(())
}

fn two_replicas(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let merged = runs::two_of_three()?;
    narrator.step("An entry for each replica", "computed")?;
    narrator.say(
        "Three replicas, A, B and C (to the code 0, 1 and 2), count the visitors of a page, each \
         those who come to it. There is no server in the middle to ask. Each keeps a row of \
         numbers, its **entries**, one for every replica: what that replica has counted, as far as \
         this one has received. It increments only its own. The value is the sum of the row.",
    )?;
    narrator.say(
        "A counts 2, B counts 3. Then B **pushes**: it sends its row to A, which merges it. And A \
         pushes to B. To **merge**, take the larger of each pair of entries.",
    )?;
    narrator.picture(&merged.trace.ladder(narrator.width()))?;
    narrator.predict(
        &format!("How many pushes does C need until it reports {}, too?", merged.values[0]),
        merged.pushes_to_c,
        "The row of A holds what B has counted, and that of B what A has.",
    )?;
    narrator.predict(
        "Now A counts 1 more, and after that B's push arrives at A a second time. What does A \
         report?",
        merged.once_more,
        "A merges [0,3,0] into [3,3,0]. No entry of the old push is larger.",
    )?;
    Ok(())
}

/// Returns how the increments were tried.
fn a_plain_number(narrator: &mut Narrator<'_>) -> anyhow::Result<Tried> {
    let increments = network::tried::<Increments>();
    let adds = network::tried::<AddsValues>();
    let larger = network::tried::<LargerValue>();
    let counter = network::tried::<GCounter>();
    narrator.step("Why a row, and not one total?", "every schedule")?;
    narrator.say("What if each replica kept one number, the total? Three ways to try:")?;
    narrator.bullet(
        "add increments: push what you have counted since your last push; the receiver adds it",
    )?;
    narrator.bullet("add totals: push your total; the receiver adds it")?;
    narrator.bullet("keep the larger: push your total; the receiver keeps the larger one")?;
    narrator.say(&format!(
        "We try them on every **schedule**, an order of actions, of {REPLICAS} replicas and up to \
         {LONGEST} actions: {} of them. After each one, all that is still in flight arrives, A \
         pushes to B, and then B to A. A counter is wrong in a schedule if A and B do not both \
         report in the end what was counted. A dot stands between two actions:",
        number(counter.schedules - 1)
    ))?;
    narrator.bullet("a: A counts 1")?;
    narrator.bullet("ab: A pushes to B; messages are numbered from 1")?;
    narrator.bullet("1: message 1 arrives; 1x: it is lost")?;
    narrator.bullet("1c: a copy of message 1 arrives, and 1 stays in flight")?;
    narrator.predict(
        "How many increments, of A and B together, does the smallest schedule need in which \
         \"keep the larger\" loses one?",
        larger.loses.as_ref().map(|found| found.counted),
        "Each counts one, and the larger of 1 and 1 is 1. Every message arrived.",
    )?;
    let mut table = Table::new(["replicas", "wrong in", "lost first in", "counted twice first in"]);
    for (name, tried) in
        [("add increments", &increments), ("add totals", &adds), ("keep the larger", &larger)]
    {
        table = table.row(cells(name, tried));
    }
    narrator.table(&table.marked_row(cells("a row of entries", &counter)))?;
    if let Some(Found { values, .. }) = &adds.double_counts {
        narrator.say(&format!(
            "Adding totals counts twice even in the schedule a: A pushes 1, B reports {}. Then B \
             pushes that 1 back, and A reports {}.",
            values[1], values[0]
        ))?;
    }
    Ok(increments)
}

fn lost_and_duplicated(narrator: &mut Narrator<'_>, increments: &Tried) -> anyhow::Result<()> {
    let (Some(lost), Some(counted_twice)) = (&increments.loses, &increments.double_counts) else {
        return Ok(());
    };
    narrator.step("One message lost, one duplicated", "smallest schedules")?;
    narrator.say(&format!(
        "Adding increments is the most tempting, and with two replicas it is right as long as \
         each message arrives once. (With three, a replica has to keep for each peer what it has \
         pushed to that peer.) In the schedule {} it loses one:",
        lost.schedule
    ))?;
    show(narrator, lost)?;
    narrator.predict(
        &format!("In the schedule {}, what does B report in the end?", counted_twice.schedule),
        counted_twice.values[1],
        "B adds the 1 of message 1 when the copy arrives, and again when the message does.",
    )?;
    show(narrator, counted_twice)?;
    narrator.say(
        "It can be fixed: number every message, push it again until it is acknowledged, and \
         remember which ones arrived. The row is that memory, and it stays short.",
    )?;
    Ok(())
}

fn cells(name: &str, tried: &Tried) -> [String; 4] {
    let schedule =
        |found: &Option<Found>| found.as_ref().map_or("none", |found| &found.schedule).to_owned();
    [name.to_owned(), number(tried.wrong), schedule(&tried.loses), schedule(&tried.double_counts)]
}

fn show(narrator: &mut Narrator<'_>, found: &Found) -> anyhow::Result<()> {
    narrator.picture(&found.trace.ladder(narrator.width()))?;
    let values: Vec<_> = found.values.iter().map(u128::to_string).collect();
    narrator.say(&format!(
        "Counted: {}. In the end they report {}.",
        found.counted,
        values.join(" and ")
    ))?;
    Ok(())
}

fn the_laws(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [larger, sum, .., smaller] = MERGES;
    narrator.step("Which merge is right?", "every small state")?;
    narrator.say(
        "A network reorders and duplicates messages, and replicas pass on what they receive. For a \
         result that does not depend on that, merging needs laws. Let x + y be the row x when it \
         has merged the row y:",
    )?;
    narrator.bullet("**commutative**: x + y is y + x: two that merge each other's row agree")?;
    narrator.bullet("**associative**: (x + y) + z is x + (y + z): passing on does not matter")?;
    narrator.bullet("**idempotent**: (x + y) + y is x + y: a duplicate does not matter")?;
    narrator.bullet("**only grows**: no entry of x + y is smaller than in x or in y")?;
    narrator.say(&format!(
        "Of two entries we take the larger, their sum, the other's, the mean rounded up, or \
         the smaller, and count in how many cases each law is broken, over all rows of three \
         entries from 0 to {}: {} cases of two rows, and {} of three for the second law.",
        laws::LARGEST,
        number(larger.try_law(Law::Commutative).cases),
        number(larger.try_law(Law::Associative).cases),
    ))?;
    narrator.predict(
        "Which law does the smaller break: commutative, associative, idempotent or only grows?",
        Answer::one_of(
            &["commutative", "associative", "idempotent", "only grows"],
            broken_by(&smaller).join(", "),
        ),
        "With the first three laws replicas agree in the end. The fourth is needed for them not to \
         agree on too little.",
    )?;
    let mut table =
        Table::new(["merge takes", "commutative", "associative", "idempotent", "only grows"]);
    for merge in MERGES {
        let broken = LAWS.map(|law| number(merge.try_law(law).broken));
        let row = [vec![merge.name.to_owned()], broken.to_vec()].concat();
        table = match merge.name == larger.name {
            true => table.marked_row(row),
            false => table.row(row),
        };
    }
    narrator.table(&table)?;
    if let Some([a, b, _]) = sum.try_law(Law::Idempotent).first {
        let once = sum.of(&a, &b);
        let twice = sum.of(&once, &b);
        narrator.say(&format!(
            "The smallest case against the sum: {} merges {} and is at {}; it merges that again \
             and is at {}. One increment has become two.",
            vector_text(&a),
            vector_text(&b),
            vector_text(&once),
            vector_text(&twice)
        ))?;
    }
    narrator.say(
        "The larger keeps them all. It is right because an entry has one writer and only grows: of \
         two readings the larger is the newer, and it contains what the smaller has counted.",
    )?;
    Ok(())
}

fn broken_by(merge: &Merge) -> Vec<&'static str> {
    let broken = LAWS.iter().filter(|law| merge.try_law(**law).broken > 0);
    let names = broken.map(|law| match law {
        Law::Commutative => "commutative",
        Law::Associative => "associative",
        Law::Idempotent => "idempotent",
        Law::OnlyGrows => "only grows",
    });
    names.collect()
}
