//! Narrates what the experiments observed.

mod far_ahead;
mod lock;

use narration::{Narrator, Table, number};
use trace::Trace;

use crate::order::{agreement, in_total_order};
use crate::runs::{self, Pair, two_processes};
use crate::schedules::{self, Census, Found, NODES};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("lamport", "Which came first, without clocks?")?;
    one_run(narrator)?;
    cause_and_effect(narrator)?;
    let counts = schedules::census();
    the_promise(narrator, &counts)?;
    the_converse(narrator, &schedules::sum(&counts))?;
    one_order(narrator)?;
    lock::run(narrator)?;
    far_ahead::run(narrator)?;
    narrator.remember(
        "A cause has a smaller Lamport time than its effect. A smaller time is no sign of a cause.",
        "Did one cause the other, or neither?",
    )?;
    Ok(())
}

fn one_run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = two_processes()?;
    let [behind, ahead] = [runs::received(2, 5)?, runs::received(5, 2)?];
    narrator.step("One number each", "computed")?;
    narrator.say(
        "Two processes, no common clock. Each keeps one number, its **Lamport clock**. It adds 1 \
         at every event, and sends the number along with every message. Whoever receives a message \
         takes the larger of its own number and the message's, and then adds 1.",
    )?;
    narrator.predict(
        "A clock at 2 receives a message that was sent at 5. What does it say then?",
        behind,
        "The larger of 2 and 5, and one more: the receipt is an event, too.",
    )?;
    narrator.say(&format!(
        "The other way round, a clock at 5 that receives a message sent at 2 comes to {ahead} as \
         well. Here is a run. Time goes down, an arrow is a message, and beside each event stands \
         the number that its process gave it, its **stamp**.",
    ))?;
    narrator.picture(&run.ladder(narrator.width()))?;
    narrator.say(
        "Nobody looked at a watch. P2 jumped from nothing to 3 when the message came, since the \
         message told it of two events that it had not seen.",
    )?;
    Ok(())
}

fn cause_and_effect(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = two_processes()?;
    let pairs = runs::pairs(&run);
    let of_e: Vec<&Pair> = pairs.iter().filter(|pair| !pair.is_ordered).collect();
    narrator.step("What can have caused what", "computed")?;
    narrator.say(
        "An event x **happened before** an event y if information can have gone from x to y: both \
         are of one process and x is the earlier, or x sent the message that y received, or over \
         several such steps. If neither happened before the other they are **concurrent**: neither \
         can know of the other.",
    )?;
    narrator.say("We compute that from the arrows of the picture alone, without the stamps.")?;
    narrator.predict(
        "With how many of the other six events is e concurrent?",
        of_e.len(),
        "e comes after a and b, on the same line, and before g. Nothing leads from it to c, d and \
         f, or from these to e.",
    )?;
    narrator.picture(&matrix(&run, &pairs))?;
    let ordered = pairs.len() - of_e.len();
    narrator.say(&format!(
        "Read it as row, sign, column: → stands for happened before, ‖ for concurrent. {ordered} \
         of the {} pairs are ordered, and in each of them the event before has the smaller stamp. \
         Is that luck?",
        pairs.len()
    ))?;
    Ok(())
}

/// Every event against every later one of the trace.
fn matrix(trace: &Trace, pairs: &[Pair]) -> String {
    let events = trace.events();
    let name = |place: usize| events[place].label.split(' ').next().unwrap_or_default();
    let names: Vec<_> = (0..events.len()).map(name).collect();
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

fn the_promise(narrator: &mut Narrator<'_>, counts: &[Census]) -> anyhow::Result<()> {
    let all = schedules::sum(counts);
    let broken = schedules::forgetful_clocks_fail();
    narrator.step("What the stamps promise", "every schedule")?;
    narrator.say(&format!(
        "The promise: if x happened before y, then x has the smaller stamp. One run proves \
         nothing, so we take all of them. {NODES} nodes; at every moment each may act or send to \
         any other, and each message in flight may arrive. That is every **schedule** of up to {} \
         events.",
        all.events
    ))?;
    narrator.predict(
        &format!("In how many of the {} ordered pairs is the promise broken?", number(all.ordered)),
        all.broken,
        "Along a process and along a message the number grows by 1 or more, and so along every \
         chain of the two.",
    )?;
    let mut table =
        Table::new(["events", "schedules", "pairs", "ordered", "not the smaller stamp"]);
    for count in counts {
        let numbers = [count.schedules, count.pairs, count.ordered, count.broken];
        let numbers = numbers.map(number);
        table = table.row([vec![number(count.events)], numbers.to_vec()].concat());
    }
    narrator.table(&table)?;
    if let Some(Found { schedule, trace, tried, .. }) = broken {
        narrator.say(&format!(
            "A search that cannot fail would say the same. So we take the +1 from the receipt, a \
             mistake that people make, and search again. Schedule {} breaks the promise, and all \
             shorter ones keep it:",
            number(tried)
        ))?;
        narrator.picture(&trace.ladder(narrator.width()))?;
        narrator.say(&format!(
            "Its code is `{schedule}`: node a sends to node b, message 1 arrives. A cause and its \
             effect have one stamp.",
        ))?;
    }
    Ok(())
}

fn the_converse(narrator: &mut Narrator<'_>, all: &Census) -> anyhow::Result<()> {
    let smallest = schedules::converse_fails();
    narrator.step("What they do not promise", "every schedule")?;
    narrator.say(
        "Now the other direction, which is what one would like to know: x has the smaller \
         stamp. Was it before y?",
    )?;
    if let Some(Found { schedule, trace, pair, .. }) = smallest {
        let stamp = |place: usize| trace.events()[place].lamport.unwrap_or_default();
        narrator.predict(
            "Some schedule without any message at all shows that it need not be. How many events \
             does the smallest have?",
            trace.events().len(),
            "Two nodes that never hear of each other, and one of them has done more.",
        )?;
        narrator.picture(&trace.ladder(narrator.width()))?;
        narrator.say(&format!(
            "The {} at node b is smaller than the {} at node a, and nothing at b can have caused \
             anything at a: no message was ever sent. (`cargo run -p lamport -- draw {schedule}` \
             draws it again.)",
            stamp(pair.0),
            stamp(pair.1),
        ))?;
    }
    narrator.predict(
        "x has stamp 5 and y has 3. Can x have caused y?",
        all.broken > 0,
        "Had x caused y, then x would have the smaller stamp. The last row says so of every \
         schedule:",
    )?;
    let real = all.differ - all.differ_but_concurrent;
    let share = |part: u64| format!("{:.1} %", 100.0 * part as f64 / all.differ as f64);
    narrator.table(
        &Table::new(["of all pairs with different stamps", "pairs", "share"])
            .row(["the smaller is before the larger".into(), number(real), share(real)])
            .row([
                "they are concurrent".into(),
                number(all.differ_but_concurrent),
                share(all.differ_but_concurrent),
            ])
            .row([
                "the larger is before the smaller".into(),
                number(all.broken),
                share(all.broken),
            ]),
    )?;
    narrator.say(
        "So \"we cannot tell\" is too weak for 5 and 3. One of three answers is excluded. What \
         cannot be told is whether y was before x, or neither before the other.",
    )?;
    narrator.say(&format!(
        "What does a stamp say, then? How long the longest chain of causes is that ends with its \
         event: 5 says that four events had to happen before, one after the other. Over all \
         schedules we count the stamps of which that is not so: {}. A stamp says how deep a past \
         is. It does not say whose past.",
        number(all.not_the_longest_chain),
    ))?;
    Ok(())
}

fn one_order(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = two_processes()?;
    let seen = agreement();
    narrator.step("One order for everybody", "every schedule")?;
    narrator.say(
        "Some decisions need an order even where there is no cause: who gets the last seat? The \
         stamps give one. Sort by time, and where two are equal by the number of the node. Every \
         node that knows all the stamps sorts them the same way. (When it knows them all is \
         another matter; the page has it.)",
    )?;
    let mut table = Table::new(["time", "node", "event"]);
    for (stamp, place) in in_total_order(&run) {
        let node = run.nodes()[stamp.node].clone();
        let label = &run.events()[place].label;
        let event = label.split(' ').next().unwrap_or_default().to_owned();
        table = table.row([number(stamp.time), node, event]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "Over every schedule, of {} pairs this order leaves {} undecided, and puts {} effects \
         before their causes. But it decides more than there is to know: that e stands before c \
         means nothing, except that everybody says so.",
        number(seen.pairs),
        number(seen.undecided),
        number(seen.against_cause),
    ))?;
    Ok(())
}
