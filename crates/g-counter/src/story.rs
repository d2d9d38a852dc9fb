//! Narrates what the experiments saw.

mod faults;

use common::crdt::GCounter;
use narration::{Answer, Narrator, Table, number};
use trace::vector_text;

use crate::laws::{self, LAWS, Law, MERGES, Merge};
use crate::network::{self, AddsValues, Found, Increments, LONGEST, LargerValue, REPLICAS, Tried};
use crate::{cannot, refusals, runs};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("g-counter", "How can replicas count together with no one in charge?")?;
    two_replicas(narrator)?;
    a_plain_number(narrator)?;
    the_laws(narrator)?;
    faults::every_fault(narrator)?;
    reading_at_two(narrator)?;
    what_it_cannot(narrator)?;
    invalid_entries(narrator)?;
    faults::two_ways_to_break_it(narrator)?;
    narrator.remember(
        "An entry for each replica, incremented by it alone; to merge, the larger of each pair. \
         Then messages may be lost, late or duplicated, as long as each entry is pushed again.",
        "How do nodes share a lock with no one in charge?",
    )?;
    Ok(())
}

fn two_replicas(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let merged = runs::two_of_three()?;
    let (all, delta) = runs::delta_among(50)?;
    narrator.step("An entry for each replica", "computed")?;
    narrator.say(
        "Three copies of one program, the **replicas** A, B and C (to the code 0, 1 and 2), count \
         the visitors of a page, each those who come to it. There is no server in the middle to \
         ask. Each keeps a row of numbers, its **entries**, one for every replica: what that one \
         has counted, as far as this one has heard. It increments its own alone. The value is the \
         sum of the row.",
    )?;
    narrator.say(
        "A counts 2, B counts 3. Then B **pushes**: it sends its row to A, which merges it. And A \
         pushes to B. To **merge**, take the larger of each pair of entries.",
    )?;
    narrator.picture(&merged.trace.ladder(narrator.width()))?;
    narrator.predict(
        &format!("How many pushes does C need until it says {}, too?", merged.values[0]),
        merged.pushes_to_c,
        "The row of A holds what B has counted, and that of B what A has.",
    )?;
    narrator.predict(
        "Now A counts 1 more, and after that B's push arrives at A a second time. What does A say?",
        merged.once_more,
        "A merges [0,3,0] into [3,3,0]. No entry of the old push is larger.",
    )?;
    narrator.say(&format!(
        "Up to step 3 a push holds the whole row. It may hold a **delta** instead, the entries \
         that another is missing: when one of {all} replicas has counted once more, {delta} of \
         {all}. The replica of step 4 pushes its own entry, and pushes it again until it has \
         arrived.",
    ))?;
    Ok(())
}

fn a_plain_number(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let increments = network::tried::<Increments>();
    let adds = network::tried::<AddsValues>();
    let larger = network::tried::<LargerValue>();
    let counter = network::tried::<GCounter>();
    narrator.step("Why a row, and not one total?", "every schedule")?;
    narrator.say(
        "What if each replica kept one number, the total, instead of a row? Three ways to try:",
    )?;
    narrator.bullet(
        "add increments: push what you have counted since your last push; the receiver adds it",
    )?;
    narrator.bullet("add totals: push your total; the receiver adds it")?;
    narrator.bullet("keep the larger: push your total; the receiver keeps the larger one")?;
    narrator.say(&format!(
        "We try them on every schedule, an order of actions, of {REPLICAS} replicas and up to \
         {LONGEST} actions: {} of them. After each one, all that is still in flight arrives, A \
         pushes to B, and then B to A. A schedule is written as a string, with a dot between two \
         actions:",
        number(counter.schedules - 1)
    ))?;
    narrator.bullet("a: A counts 1")?;
    narrator.bullet("ab: A pushes to B; messages are numbered from 1")?;
    narrator.bullet("1: message 1 arrives; 1x: it is lost")?;
    narrator.bullet("1c: a copy of message 1 arrives, and 1 stays in flight")?;
    narrator.predict(
        "With \"keep the larger\", how many increments are in the smallest schedule after which \
         one is lost? Add up those of A and of B.",
        larger.loses.as_ref().map(|found| found.counted),
        "Each counts one, and 1 is the larger of 1 and 1. No message was lost for that.",
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
            "Adding totals counts twice even in the schedule a: A pushes 1, B says {}. Then B \
             pushes that 1 back, and A says {}.",
            values[1], values[0]
        ))?;
    }
    if let (Some(lost), Some(counted_twice)) = (&increments.loses, &increments.double_counts) {
        narrator.say(
            "Adding increments is the most tempting, and for two replicas it is right as long as \
             each message arrives once. Here it loses one:",
        )?;
        show(narrator, lost)?;
        narrator.say("And here it counts one twice:")?;
        show(narrator, counted_twice)?;
    }
    narrator.say(
        "It can be fixed: number every message, push it again until it is acknowledged, and \
         remember which ones were heard. The row is that memory, and it stays short.",
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
        "Counted: {}. In the end they say {}.",
        found.counted,
        values.join(" and ")
    ))?;
    Ok(())
}

fn the_laws(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [larger, sum, .., smaller] = MERGES;
    narrator.step("Which merge is right?", "every small state")?;
    narrator.say(
        "A network may reorder messages, let one replica pass on what others said, and deliver \
         twice. If the result is not to depend on that, merging needs laws. Let x, y and z be \
         rows, and x + y the row when x has merged y:",
    )?;
    narrator.bullet("**commutative**: x + y is y + x, so two that hear of each other agree")?;
    narrator.bullet(
        "**associative**: (x + y) + z is x + (y + z), so it does not matter who passes on; with \
         the first law, nor does the order of messages",
    )?;
    narrator.bullet("**idempotent**: (x + y) + y is x + y, so a duplicate does not matter")?;
    narrator.bullet("it **only grows**: no entry of x + y is smaller than in x or in y")?;
    narrator.say(&format!(
        "(Idempotent is mostly written x + x = x. With the second law, our form follows from \
         that.) Of two entries we take the larger, their sum, the other's, the mean rounded up, or \
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
            "The smallest case against the sum: {} hears {} and is at {}; it hears it again and is \
             at {}. One increment has become two.",
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

fn reading_at_two(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let reads = runs::read_at_both()?;
    let [a, b] = reads.counted;
    narrator.step("Reading while they differ", "computed")?;
    narrator.say(&format!(
        "A counts {a} and B counts {b}. B pushes to A, and A has not pushed to B yet. You read at \
         A: {}. Then you read at B.",
        reads.first
    ))?;
    narrator.predict(
        "What does B say?",
        reads.second,
        "B has heard nothing of A. At one replica the value never falls; it can fall when you move \
         from one to another.",
    )?;
    narrator.say(&format!(
        "When A has pushed to B, B says {}. Until then each value is a lower bound: no entry is \
         ever ahead of what its owner has counted.",
        reads.later
    ))?;
    Ok(())
}

fn what_it_cannot(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let fallen = cannot::go_down(3, 2)?;
    let pair = cannot::up_and_down()?;
    let sold = cannot::sell_the_last(100)?;
    narrator.step("What it cannot do", "computed")?;
    narrator.say(
        "It cannot count **down**. A has counted 3 and pushed that to B. Then it takes one back \
         and writes 2 into its entry.",
    )?;
    narrator.predict(
        "B pushes to A. By the rule of the larger, what is A's entry then?",
        fallen.merged,
        "By that rule a smaller entry is an older one, so what was taken back returns.",
    )?;
    if let Some(refusal) = fallen.refusal {
        narrator.say(&format!(
            "The counter of this course does not get that far. A refuses the push: \"{refusal}\""
        ))?;
    }
    narrator.say(&format!(
        "Two counters can do it, one for what goes up and one for what goes down; both only grow. \
         One replica adds 5, the other takes 2, and when they have merged they say {} and {}. A \
         reset to 0 is impossible in this way: an increment that the replica has not heard of yet \
         would survive it.",
        pair[0], pair[1]
    ))?;
    narrator.say(&format!(
        "It cannot **keep a limit**. There are {} seats. All but one are sold, both replicas know \
         it, and a buyer comes to each.",
        sold.seats
    ))?;
    narrator.predict(
        "How many seats are sold when the two have merged?",
        sold.counted,
        "Each asked its own counter, and each was right as far as it knew. A limit is a question \
         about all replicas at once.",
    )?;
    narrator.say(
        "To keep a limit, a replica has to ask the others first, or to get seats of its own \
         beforehand.",
    )?;
    Ok(())
}

fn invalid_entries(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let tried = refusals::tried()?;
    narrator.step("Invalid entries", "computed")?;
    let what: Vec<_> = tried.iter().map(|arrived| arrived.what).collect();
    narrator.say(&format!(
        "Entries come from outside. No entry may be above 2^53: up to there every whole number \
         survives JSON in any language. B is at [2,3,0], of which the 3 is its own. It hears one \
         of these, each time from that row: {}.",
        what.join("; ")
    ))?;
    narrator.predict(
        "How many of the six does B refuse?",
        tried.iter().filter(|arrived| arrived.refusal.is_some()).count(),
        "Older entries are not an error, they change nothing. And to B, C may well have counted \
         2^53.",
    )?;
    let mut table = Table::new(["B hears", "B says", "B afterwards"]);
    for arrived in &tried {
        let says = arrived.refusal.as_ref().map_or("takes it".to_owned(), ToString::to_string);
        table = table.row([arrived.what.to_owned(), says, vector_text(&arrived.afterwards)]);
    }
    narrator.table(&table)?;
    narrator.say(
        "An absurd entry stays: nothing smaller can replace it, and what C counts from then on is \
         hidden behind it. Only above the limit is it refused. A peer that knows more of B than B \
         does is the sign of a replica that restarted empty, or of two with one number.",
    )?;
    Ok(())
}
