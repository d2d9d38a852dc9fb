//! Narrates what a value means, what this counter cannot do, and what it refuses.

use narration::{Narrator, Table};
use trace::vector_text;

use crate::{cannot, refusals, runs};

pub(super) fn reading_at_two(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let reads = runs::read_at_both()?;
    let [a, b] = reads.counted;
    narrator.step("Reading while they differ", "computed")?;
    narrator.say(&format!(
        "A counts {a} and B counts {b}. B pushes to A, and A has not pushed to B yet. You read at \
         A: {}. Then you read at B.",
        reads.first
    ))?;
    narrator.predict(
        "What does B report?",
        reads.second,
        "B has received nothing from A. At one replica the value never falls; it can fall when \
         you move from one to another.",
    )?;
    narrator.say(&format!(
        "When A has pushed to B, B reports {}. Until then each value is a lower bound: no entry is \
         ever ahead of what its owner has counted.",
        reads.later
    ))?;
    Ok(())
}

pub(super) fn what_it_cannot(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
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
         One replica adds 5, the other takes 2, and when they have merged they report {} and {}. A \
         reset to 0 is impossible in this way: an increment that the replica has not received \
         yet would survive it.",
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

pub(super) fn invalid_entries(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let tried = refusals::tried()?;
    narrator.step("Invalid entries", "computed")?;
    narrator.say(
        "Entries come from outside. No entry may be above 2^53: up to there every whole number \
         survives JSON in any language. B is at [2,3,0], of which the 3 is its own, and receives \
         one of these, each time from that row:",
    )?;
    for arrived in &tried {
        narrator.bullet(arrived.what)?;
    }
    narrator.predict(
        "How many of the six does B refuse?",
        tried.iter().filter(|arrived| arrived.refusal.is_some()).count(),
        "Older entries are not an error, they change nothing. And to B, C may well have counted \
         2^53.",
    )?;
    let mut table = Table::new(["B receives", "B", "afterwards"]);
    for arrived in &tried {
        let does = if arrived.refusal.is_some() { "refuses" } else { "merges" };
        let afterwards = vector_text(&arrived.afterwards);
        table = table.row([arrived.what.to_owned(), does.to_owned(), afterwards]);
    }
    narrator.table(&table)?;
    narrator.say(
        "An absurd entry stays: nothing smaller can replace it, and what C counts from then on is \
         hidden behind it. Only above the limit is it refused. A peer \
         with a larger reading of B's entry than B has is the sign of a replica that restarted \
         with an empty disk, or of two with one number.",
    )?;
    Ok(())
}
