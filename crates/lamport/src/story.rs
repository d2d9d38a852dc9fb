//! Narrates what the experiments observed.

mod far_ahead;
mod lock;

use narration::{Answer, Narrator, Table, number};
use trace::Trace;

use crate::order::{agreement, in_total_order};
use crate::runs::{self, Pair, two_nodes};
use crate::schedules::{self, Census, Found, NODES};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("lamport", "Which came first, without clocks?")?;
    one_run(narrator)?;
    cause_and_effect(narrator)?;
    let all = the_promise(narrator)?;
    the_converse(narrator)?;
    what_a_stamp_says(narrator, &all)?;
    one_order(narrator)?;
    far_ahead::run(narrator)?;
    lock::run(narrator)?;
    narrator.remember(
        "A cause has a smaller Lamport time than its effect. A smaller time is no sign of a cause.",
        "Did one cause the other, or neither?",
    )?;
    Ok(())
}

fn one_run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = two_nodes()?;
    let [ahead, behind] = [runs::received(5, 2)?, runs::received(2, 5)?];
    narrator.step("One number each", "computed")?;
    narrator.say(
        "Two nodes, a and b, without a common clock. What happens at a node is an **event**: it \
         does something by itself, sends a message, or receives one. Each node keeps one number, \
         its **Lamport clock**, and gives each event a **stamp**:",
    )?;
    narrator.table(
        &Table::new(["event", "the clock becomes, and is the stamp"])
            .row(["a node acts, or sends", "own + 1  (a tick)"])
            .row(["it receives a stamp", "max(own, stamp) + 1"]),
    )?;
    narrator.predict(
        "A clock at 5 receives a message stamped 2. What does it become?",
        ahead,
        "max(5, 2) + 1. The receipt is an event, so it ticks also where the clock is ahead.",
    )?;
    narrator.say(&format!(
        "A clock at 2 that receives 5 becomes {behind} as well. The rule is often told as max(own, \
         stamp + 1), which is another rule and wrong: the clock at 5 would stay at 5, and the \
         receipt would have the stamp of the event before it. In the run below time goes down and \
         an arrow is a message.",
    ))?;
    narrator.picture(&run.ladder(narrator.width()))?;
    Ok(())
}

fn cause_and_effect(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = two_nodes()?;
    let pairs = runs::pairs(&run);
    let concurrent: Vec<&Pair> = pairs.iter().filter(|pair| !pair.is_ordered).collect();
    narrator.step("What can have caused what", "computed")?;
    narrator.say(
        "An event x **happened before** an event y, written x → y, if information can have gone \
         from x to y: x is earlier at the same node, or x sent the message that y received, or \
         several such steps lead from x to y. If neither happened before the other, the two are \
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
        "Read it as row, sign, column. {} of the {} pairs are ordered, and in each of them the \
         first event has the smaller stamp. Is that luck?",
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
        "The promise: if x → y, then x has the smaller stamp. One run proves nothing, so we take \
         all small ones. A **schedule** is a list of what happens, in order: one of {NODES} nodes \
         acts, or sends to another, or a message arrives. We try every schedule of up to {} \
         events.",
        all.events
    ))?;
    narrator.predict(
        &format!("In how many of the {} ordered pairs is the promise broken?", number(all.ordered)),
        all.broken,
        "Each step at a node and each message adds at least 1, so every chain of them does.",
    )?;
    let mut table = Table::new(["events", "schedules", "pairs", "ordered", "broken"]);
    for count in &counts {
        let numbers = [count.schedules, count.pairs, count.ordered, count.broken];
        let numbers = numbers.map(number);
        table = table.row([vec![number(count.events)], numbers.to_vec()].concat());
    }
    narrator.table(&table)?;
    if let Some(Found { schedule, trace, tried, .. }) = broken {
        narrator.say(&format!(
            "A search that cannot fail would report the same. So we break the clock: a receipt \
             becomes max(own, stamp), without + 1. Schedule {}, `{schedule}` (a sends to b, \
             message 1 arrives), is the shortest that breaks the promise:",
            number(tried)
        ))?;
        narrator.picture(&trace.ladder(narrator.width()))?;
    }
    Ok(all)
}

fn the_converse(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let smallest = schedules::converse_fails();
    narrator.step("What they do not promise", "every schedule")?;
    narrator.say(
        "The **converse** swaps the two halves: if x has the smaller stamp, then x → y. That is \
         what you would like to know from two stamps. It is false, and no message is needed to \
         show it.",
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
    narrator.predict(
        "x has stamp 5 and y has stamp 3. Can x have happened before y?",
        all.broken > 0,
        "Then x would have the smaller stamp. The last row counts that over every schedule:",
    )?;
    let real = all.differ - all.differ_but_concurrent;
    let share = |part: u64| format!("{:.1} %", 100.0 * part as f64 / all.differ as f64);
    narrator.table(
        &Table::new(["of all pairs with different stamps", "pairs", "share"])
            .row(["the smaller → the larger".into(), number(real), share(real)])
            .row([
                "the two are concurrent".into(),
                number(all.differ_but_concurrent),
                share(all.differ_but_concurrent),
            ])
            .row(["the larger → the smaller".into(), number(all.broken), share(all.broken)]),
    )?;
    narrator.say(
        "\"We cannot tell\" is too weak: one of three answers is excluded. Whether y happened \
         before x, or the two are concurrent, the stamps do not say.",
    )?;
    narrator.say(&format!(
        "A stamp is the length of the longest chain of events that ends with its event, each \
         before the next. In all schedules {} stamps are another number. So it says how deep a \
         past is, not whose past it is.",
        number(all.not_the_longest_chain),
    ))?;
    Ok(())
}

fn one_order(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = two_nodes()?;
    let order = in_total_order(&run);
    let at_3 = order.iter().find(|(stamp, _)| stamp.time == 3);
    narrator.step("One order for all nodes", "every schedule")?;
    narrator.announce("Trying all 118,221 schedules, about 1 s.")?;
    let seen = agreement();
    narrator.say(
        "Some decisions need an order even of concurrent events: who gets the last seat? A **total \
         order** decides every pair. Sort by stamp, and equal stamps by node, a first. Every node \
         that knows all the stamps gets the same order.",
    )?;
    narrator.predict(
        "R at b and T at a are both stamped 3. Which one comes first in this order, R or T?",
        Answer::one_of(&["R", "T"], at_3.map_or("", |(_, place)| runs::name(&run, *place))),
        "Equal stamps go by node, and a comes before b.",
    )?;
    let mut table = Table::new(["stamp", "node", "event"]);
    for (stamp, place) in order {
        let node = run.nodes()[stamp.node].clone();
        table = table.row([number(stamp.time), node, runs::name(&run, place).to_owned()]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "Over every schedule, of {} pairs this order leaves {} undecided and puts {} effects \
         before their causes. It also decides what no node can know: T before R is an agreement, \
         not history.",
        number(seen.pairs),
        number(seen.undecided),
        number(seen.against_cause),
    ))?;
    Ok(())
}
