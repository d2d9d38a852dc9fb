//! Tells what the experiments saw.

mod faults;

use common::crdt::GCounter;
use narration::{Narrator, Table, number};
use trace::vector_text;

use crate::laws::{self, LAWS, Law, MERGES, Merge};
use crate::network::{self, AddsValues, Found, Increments, LONGEST, LargerValue, REPLICAS, Tried};
use crate::{cannot, refusals, runs};

/// Runs every experiment and tells it.
///
/// # Errors
/// If an experiment cannot be carried out, or nobody listens any more.
pub fn tell(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    tell.title("g-counter", "How can replicas count together with no one in charge?")?;
    two_replicas(tell)?;
    a_plain_number(tell)?;
    the_laws(tell)?;
    faults::every_fault(tell)?;
    faults::two_ways_to_break_it(tell)?;
    what_it_cannot(tell)?;
    what_cannot_be(tell)?;
    tell.remember(
        "An entry for each replica, incremented by it alone; to merge, the larger of each pair. \
         Then messages may be lost, late or doubled, as long as somebody tells it again.",
        "",
    )?;
    Ok(())
}

fn two_replicas(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    let merged = runs::two_of_three()?;
    let (all, delta) = runs::delta_among(50)?;
    tell.step("An entry for each replica", "computed")?;
    tell.say(
        "Three copies of one program, **replicas**, count the visitors of a page, each those who \
         come to it. There is no server in the middle to ask. Each keeps a row of numbers, its \
         **entries**, one for every replica: entry i is what replica i has counted, as far as it \
         has heard. It increments its own alone. The value is their sum.",
    )?;
    tell.say(
        "A counts 2, B counts 3. Then B tells A its entries, and A tells B. To **merge**, \
         take the larger of each pair of entries.",
    )?;
    tell.predict(
        "What is the value at A and at B in the end?",
        if merged.values[0] == merged.values[1] {
            number(merged.values[0])
        } else {
            format!("{} and {}", merged.values[0], merged.values[1])
        },
        "Each has one entry of its own and one that it has heard.",
    )?;
    tell.picture(&merged.trace.ladder(tell.width()))?;
    tell.predict(
        "The network delivers A's message to B a second time. What does B say now?",
        number(merged.once_more),
        "The larger of two equal entries is that entry. Adding them would count A's visitors a \
         second time.",
    )?;
    tell.say(&format!(
        "What travels need not be everything. Of {all} replicas one has counted once more. The \
         **delta**, the entries that another lacks, has {delta} of {all}.",
    ))?;
    Ok(())
}

fn a_plain_number(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    let increments = network::tried::<Increments>();
    let adds = network::tried::<AddsValues>();
    let larger = network::tried::<LargerValue>();
    let counter = network::tried::<GCounter>();
    tell.step("Why not one number?", "every schedule")?;
    tell.say("What if each replica kept one number, and no row? Three ways to try:")?;
    tell.bullet(
        "add the news: tell what you have counted since you last told, and whoever hears \
         it adds it",
    )?;
    tell.bullet("add the number: tell your number, and whoever hears it adds it")?;
    tell.bullet("keep the larger: tell your number, and whoever hears it keeps the larger one")?;
    tell.say(&format!(
        "We try them on every schedule of {REPLICAS} replicas and up to {LONGEST} actions: count, \
         tell, a message arrives, arrives and comes once more, is lost. In the end the network is \
         well again, whatever is under way arrives, and all tell each other what they know. Those \
         are {} schedules.",
        number(counter.schedules - 1)
    ))?;
    tell.predict(
        "With \"keep the larger\", how many increments does the smallest schedule need that loses \
         one?",
        larger.loses.as_ref().map_or("none".to_owned(), |found| number(found.counted)),
        "Each counts one, and 1 is the larger of 1 and 1. No message was lost for that.",
    )?;
    let mut table = Table::new(["replicas", "wrong in", "loses in", "doubles in"]);
    for (name, tried) in
        [("add the news", &increments), ("add the number", &adds), ("keep the larger", &larger)]
    {
        table = table.row(cells(name, tried));
    }
    tell.table(&table.marked_row(cells("an entry for each", &counter)))?;
    if let (Some(lost), Some(doubled)) = (&increments.loses, &increments.doubles) {
        tell.say(
            "The first is the most tempting, and for two replicas it is right as long as each \
             message arrives once. Here it loses one:",
        )?;
        show(tell, lost)?;
        tell.say("And here it counts one twice:")?;
        show(tell, doubled)?;
    }
    tell.say(
        "One can mend it: number every message, tell it again until the other has confirmed it, \
         and remember which ones one has heard. The entries are that memory, in one number for \
         each replica.",
    )?;
    Ok(())
}

fn cells(name: &str, tried: &Tried) -> [String; 4] {
    let code =
        |found: &Option<Found>| found.as_ref().map_or("none", |found| &found.code).to_owned();
    [name.to_owned(), number(tried.wrong), code(&tried.loses), code(&tried.doubles)]
}

fn show(tell: &mut Narrator<'_>, found: &Found) -> anyhow::Result<()> {
    tell.picture(&found.trace.ladder(tell.width()))?;
    let values: Vec<_> = found.values.iter().map(u128::to_string).collect();
    tell.say(&format!(
        "Counted: {}. They say in the end: {}.",
        found.counted,
        values.join(" and ")
    ))?;
    Ok(())
}

fn the_laws(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [larger, sum, ..] = MERGES;
    tell.step("Why the larger, and not the sum", "every small state")?;
    tell.say(
        "A network may reorder messages, let one replica gather what others said and pass it on, \
         and deliver twice. If the result is not to depend on that, merging has to keep a law \
         against each:",
    )?;
    tell.bullet("**commutative**: a with b is b with a, so the order does not matter")?;
    tell.bullet(
        "**associative**: (a with b) with c is a with (b with c), so it does not matter \
         who gathers",
    )?;
    tell.bullet(
        "**idempotent**: (a with b) with b is a with b, so hearing it twice does not matter",
    )?;
    tell.bullet("and it **only grows**: what was known is not forgotten")?;
    tell.say(&format!(
        "For five ways to merge we count in how many cases each law is broken, over all states of \
         three entries from 0 to {}: {} cases of two states, and {} of three for the second law.",
        laws::LARGEST,
        number(larger.try_law(Law::Commutative).cases),
        number(larger.try_law(Law::Associative).cases),
    ))?;
    tell.predict(
        "Which law does the sum break: commutative, associative, idempotent or only grows?",
        broken_by(&sum).join(", "),
        "Adding is commutative, associative, and only grows. What it cannot bear is to hear the \
         same thing again.",
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
    tell.table(&table)?;
    if let Some([a, b, _]) = sum.try_law(Law::Idempotent).first {
        let once = sum.of(&a, &b);
        let twice = sum.of(&once, &b);
        tell.say(&format!(
            "The first case against the sum: {} hears {} and is at {}; it hears it again and is at \
             {}. One increment has become two.",
            vector_text(&a),
            vector_text(&b),
            vector_text(&once),
            vector_text(&twice)
        ))?;
    }
    tell.say(
        "Why is the larger right, and not just lawful? Of one replica's entry there are older and \
         newer readings, and the newer is the larger, since the entry only grows and only its \
         owner writes it. So the larger reading contains the smaller: whatever the smaller \
         counted, the larger has counted, too. Adding them would count it twice.",
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

fn what_it_cannot(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    let fallen = cannot::go_down(3, 2)?;
    let pair = cannot::up_and_down()?;
    let sold = cannot::sell_the_last(100)?;
    tell.step("What it cannot do", "computed")?;
    tell.say(
        "It cannot **fall**. A has counted 3 and told B. Then it takes one back and writes 2 into \
         its entry.",
    )?;
    tell.predict(
        "A hears from B. By the rule of the larger, what is A's entry then?",
        number(fallen.merged),
        "To the rule a smaller entry is an older one. What was taken back comes back.",
    )?;
    if let Some(refusal) = fallen.refusal {
        tell.say(&format!(
            "The counter of this course does not get that far. It says: \"{refusal}\""
        ))?;
    }
    tell.say(&format!(
        "Two counters can do it, one for what goes up and one for what goes down; both only grow. \
         One replica adds 5, the other takes 2, and when they have merged they say {} and {}. A \
         reset to 0 cannot be built like that: an increment that a replica has not heard of yet \
         would survive it.",
        pair[0], pair[1]
    ))?;
    tell.say(&format!(
        "It cannot **keep a limit**. There are {} seats. All but one are sold, both replicas know \
         it, and a buyer comes to each.",
        sold.seats
    ))?;
    tell.predict(
        "How many seats are sold when the two have merged?",
        number(sold.counted),
        "Each asked its own counter, and each was right as far as it knew. A limit is a question \
         about all replicas at once.",
    )?;
    tell.say(
        "Whoever needs a limit has to ask the others first, or to give each replica seats of its \
         own beforehand.",
    )?;
    Ok(())
}

fn what_cannot_be(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    let tried = refusals::tried()?;
    tell.step("Entries that cannot be", "computed")?;
    tell.say(
        "Entries come from outside. B is at [2,3,0], of which the 3 is its own, and hears these, \
         each time from there.",
    )?;
    let mut table = Table::new(["B hears", "B says", "B afterwards"]);
    for arrived in &tried {
        let says = arrived.refusal.as_ref().map_or("takes it".to_owned(), ToString::to_string);
        table = table.row([arrived.what.to_owned(), says, vector_text(&arrived.afterwards)]);
    }
    tell.table(&table)?;
    tell.say(
        "An absurd entry would be for ever: nothing smaller can replace it, and every replica that \
         hears it passes it on. So it is refused at the door. That somebody knows more of B than B \
         does is the sign of a replica that restarted empty, or of two with one number; both lose \
         increments, since the larger entry hides the smaller.",
    )?;
    Ok(())
}
