//! Narrates what the experiments observed.

mod far_ahead;

use narration::{Narrator, Table, number};
use trace::Trace;

use crate::order::{agreement, before_a_late_event, in_total_order};
use crate::runs::{self, Pair, two_nodes};
use crate::schedules::{self, Census, Found, NODES, STAMP};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("lamport", "Which came first, without clocks?")?;
    one_run(narrator)?;
    happened_before(narrator)?;
    let all = the_promise(narrator)?;
    the_converse(narrator)?;
    what_a_stamp_says(narrator, &all)?;
    one_order(narrator)?;
    far_ahead::run(narrator)?;
    narrator.remember(
        "What can have caused an event has a smaller stamp. A smaller stamp does not show a cause; \
         a larger one excludes it.",
        "Did one cause the other, or neither?",
    )?;
    Ok(())
}

fn one_run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = two_nodes()?;
    narrator.step("One number each", "computed")?;
    narrator.say(
        "Two nodes, a and b, have no common clock. What a node does is an **event**: it acts, \
         sends a message, or receives one, which is a **receipt**. Each node keeps one number, \
         its **Lamport clock**. When it acts or sends, the clock adds 1, a **tick**, and the \
         event gets that number as its **stamp**. A message carries the stamp of its sending. \
         The stamp of its receipt has to be larger than that, and larger than those of all \
         earlier events of the receiver.",
    )?;
    narrator.predict(
        "A clock at 5 receives a message stamped 2. What is the smallest stamp for the receipt?",
        runs::received(5, 2)?,
        "It has to be larger than 2 and than 5. That is the rule:",
    )?;
    narrator.table(
        &Table::new(["event", "the clock becomes, and is the stamp"])
            .row(["a node acts, or sends", "own + 1"])
            .row(["a receipt", "max(own, stamp) + 1"]),
    )?;
    narrator.say("In the run below time goes down, and an arrow is a message.")?;
    narrator.picture(&run.ladder(narrator.width()))?;
    Ok(())
}

fn happened_before(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = two_nodes()?;
    let pairs = runs::pairs(&run);
    let concurrent: Vec<&Pair> = pairs.iter().filter(|pair| !pair.is_ordered).collect();
    narrator.step("What can have caused what", "computed")?;
    narrator.say(
        "An event x **happened before** an event y, written x → y, if x is earlier at the same \
         node, or y is the receipt of the message that x sent, or several such steps lead from x \
         to y. Then x can have caused y. If neither happened before the other, the two are \
         **concurrent**, written x ‖ y. We compute that from the arrows alone, without stamps.",
    )?;
    narrator.predict(
        "With how many of the other six events is T concurrent?",
        concurrent.len(),
        "T comes after P and Q at a, and before V. No arrow leads from T to R, S or U, or from \
         these to T.",
    )?;
    narrator.picture(&matrix(&run, &pairs))?;
    narrator.say(&format!(
        "Read it as row, sign, column. {} of the {} pairs are **ordered**: one event happened \
         before the other, and each time it has the smaller stamp. Is that luck?",
        pairs.len() - concurrent.len(),
        pairs.len()
    ))?;
    Ok(())
}

/// Every event against every later one of the trace.
fn matrix(trace: &Trace, pairs: &[Pair]) -> String {
    let names: Vec<_> = (0..trace.events().len()).map(|place| runs::name(trace, place)).collect();
    let mut lines = format!("   {}\n", names.join("  "));
    for (row, name) in names.iter().enumerate() {
        let mut line = (*name).to_owned();
        for column in 0..names.len() {
            let pair = pairs.iter().find(|pair| (pair.first, pair.second) == (row, column));
            line += match pair {
                None => "   ",
                Some(Pair { is_ordered: true, .. }) => "  →",
                Some(_) => "  ‖",
            };
        }
        lines += &format!("{}\n", line.trim_end());
    }
    lines
}

fn the_promise(narrator: &mut Narrator<'_>) -> anyhow::Result<Census> {
    narrator.step("What the stamps promise", "every schedule")?;
    narrator.announce("Trying all 118,221 schedules, about 1 s.")?;
    let counts = schedules::census();
    let (all, broken) = (schedules::sum(&counts), schedules::forgetful_clocks_fail());
    narrator.say(&format!(
        "The promise: if x → y, then x has the smaller stamp. One run proves nothing, so we try \
         every small one. A **schedule** is a list of actions, in order: one of {NODES} nodes \
         acts, or sends to another, or a message arrives. Here are all of up to {} events:",
        all.events
    ))?;
    let mut table = Table::new(["events", "schedules", "pairs", "ordered", "broken"]);
    for count in &counts {
        let numbers = [count.schedules, count.pairs, count.ordered, count.broken];
        let numbers = numbers.map(number);
        table = table.row([vec![number(count.events)], numbers.to_vec()].concat());
    }
    narrator.table(&table)?;
    narrator.say(
        "Would this search find a mistake? We make one: a receipt becomes max(own, stamp), \
         without the + 1.",
    )?;
    if let Some(Found { schedule, trace, tried, .. }) = broken {
        narrator.predict(
            "How many events does the smallest schedule have that breaks the promise now?",
            trace.events().len(),
            &format!(
                "`{schedule}`: a sends to b, and message 1 arrives. The search tries the shortest \
                 first; this is its {} schedule.",
                ordinal(tried)
            ),
        )?;
        narrator.picture(&trace.ladder(narrator.width()))?;
    }
    Ok(all)
}

fn the_converse(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let smallest = schedules::converse_fails();
    narrator.step("What they do not promise", "every schedule")?;
    narrator.say(
        "The **converse** swaps the two halves: if x has the smaller stamp, then x → y. That is \
         what you would like to know from two stamps, and it is false.",
    )?;
    if let Some(Found { schedule, trace, pair, .. }) = smallest {
        let stamp = |place: usize| trace.events()[place].lamport.unwrap_or_default();
        narrator.predict(
            "How many events does the smallest schedule have that refutes the converse?",
            trace.events().len(),
            "Two nodes that never hear of each other, and one of them has done more.",
        )?;
        narrator.picture(&trace.ladder(narrator.width()))?;
        narrator.say(&format!(
            "The {} at b is smaller than the {} at a, and no message was sent, so the two are \
             concurrent. (`cargo run -p lamport -- draw {schedule}` draws it again.)",
            stamp(pair.0),
            stamp(pair.1),
        ))?;
    }
    Ok(())
}

fn what_a_stamp_says(narrator: &mut Narrator<'_>, all: &Census) -> anyhow::Result<()> {
    narrator.step("What a stamp says", "every schedule")?;
    narrator.say("The same schedules again, and what two different stamps say of their events:")?;
    let share = |part: u64| format!("{:.1} %", 100.0 * part as f64 / all.differ as f64);
    let mut table = Table::new(["of the pairs with different stamps", "pairs", "share"]);
    for (pairs, count) in relations(all) {
        table = table.row([pairs.to_owned(), number(count), share(count)]);
    }
    narrator.table(&table)?;
    narrator.say(
        "So of two events the one with the larger stamp did not happen before the other. Whether \
         the smaller did, or the two are concurrent, their stamps do not say.",
    )?;
    narrator.predict(
        &format!("An event is stamped {STAMP}. How many events, at least, happened before it?"),
        all.fewest_before,
        "A clock jumps ahead only to a number that another node has counted to.",
    )?;
    narrator.say(&format!(
        "A stamp is the length of the longest chain of events that ends with its event, each \
         before the next. It does not say at which nodes they are. (Stamps that differ from that \
         length, in all these schedules: {}.)",
        number(all.not_the_longest_chain),
    ))?;
    Ok(())
}

/// A number as in "46th".
fn ordinal(count: u64) -> String {
    let end = match (count % 100, count % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    number(count) + end
}

/// What the pairs with different stamps are: three kinds, and each pair is of one of them.
fn relations(all: &Census) -> [(&'static str, u64); 3] {
    [
        ("the smaller → the larger", all.smaller_first()),
        ("the two are concurrent", all.differ_but_concurrent),
        ("the larger → the smaller", all.reversed),
    ]
}

fn one_order(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = two_nodes()?;
    let order = in_total_order(&run);
    narrator.step("One order for all nodes", "every schedule")?;
    narrator.announce("Trying all 118,221 schedules, about 1 s.")?;
    let seen = agreement();
    narrator.say(
        "Some decisions need an order even of concurrent events: who gets the last seat? A **total \
         order** decides every pair. Sort by stamp, and equal stamps by node, a first. Every node \
         that knows all the stamps gets the same order.",
    )?;
    narrator.predict(
        "In another run a acts four times. An hour later b acts for the first time. No message \
         was sent. How many of a's events come before that of b in this order?",
        before_a_late_event(4),
        "b's event and a's first are both stamped 1, and a comes first; a's others have larger \
         stamps. The order is an agreement, not history. Here it is for the run of step 1:",
    )?;
    let mut table = Table::new(["stamp", "node", "event"]);
    for (stamp, place) in order {
        let node = run.nodes()[stamp.node].clone();
        table = table.row([number(stamp.time), node, runs::name(&run, place).to_owned()]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "Over every schedule, this order leaves {} of {} pairs undecided, and in {} it puts an \
         event before one that happened before it.",
        number(seen.undecided),
        number(seen.pairs),
        number(seen.reversed),
    ))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinal_ends_as_it_is_spoken() {
        let ordinals = [1, 2, 3, 4, 11, 12, 13, 21, 46, 112, 1_022].map(ordinal);
        let expected = [
            "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "46th", "112th", "1,022nd",
        ];
        assert_eq!(ordinals, expected);
    }

    /// Of clocks that break their promise, as in the page's Break it.
    #[test]
    fn each_pair_with_different_stamps_is_of_one_relation() {
        let all = Census {
            pairs: 20,
            ordered: 12,
            broken: 5,
            reversed: 3,
            differ: 16,
            differ_but_concurrent: 6,
            ..Census::default()
        };
        let counts = relations(&all).map(|(_, count)| count);
        assert_eq!(counts, [7, 6, 3]);
        assert_eq!(counts.iter().sum::<u64>(), all.differ);
    }
}
