//! Narrates the lock.

use anyhow::Context;
use narration::{Narrator, Table, number};
use worlds::nodes::Nodes;

use crate::exclusion::{
    Broken, Searched, messages, on_any_links, on_ordered_links as lock, search, without_ack,
};
use crate::mutex::Mutex;

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("lock", "How do nodes share a lock with no one in charge?")?;
    narrator.step("A lock without a server", "every schedule")?;
    narrator.say(
        "With one order a few nodes can share a lock, and none of them is in charge. Each keeps a \
         **queue** of requests in that order. A node that wants the lock stamps a request and \
         sends it to all others; each puts it into its queue and answers with an acknowledgement. \
         Giving the lock back is a message to all, which takes the request out.",
    )?;
    narrator.say(
        "A node holds the lock when its own request is the first in its queue, and it has received \
         something that comes later in that order from every other node. The network here loses \
         nothing, and each **link**, from one node to another, keeps the order of its messages.",
    )?;
    on_ordered_links(narrator)?;
    without_order(narrator)?;
    with_a_loss(narrator)?;
    the_price(narrator)
}

fn searched(lock: &Nodes<Mutex>) -> anyhow::Result<Searched> {
    search(lock).context("the lock has more states than the search keeps")
}

fn on_ordered_links(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let cases = [(2, 2, 1), (2, 2, 2), (3, 2, 1)];
    let mut table = Table::new(["nodes", "want it", "times", "states", "two hold it"]);
    for (nodes, contenders, times) in cases {
        let Searched { states, shared, .. } = searched(&lock(nodes, contenders, times))?;
        table = table.row([nodes, contenders, times, states, shared].map(number));
    }
    let twice = searched(&lock(2, 2, 2))?;
    narrator.predict(
        &format!(
            "Two nodes each want the lock twice. Messages take as long as they like. In how many \
             of all {} states that can be reached do both hold it?",
            number(twice.states)
        ),
        twice.shared,
        "The other node's later message tells that no earlier request of it is still to come.",
    )?;
    narrator.table(&table)?;
    narrator.say(
        "This search does not count schedules. Many of them lead to one **state** (what each node \
         knows, and what is in flight), and from there it goes on once. So it comes to an end, and \
         what it says holds for schedules of any length.",
    )?;
    Ok(())
}

fn without_order(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.say(
        "Now one message may overtake another of the same link. Nothing is lost, and no node has \
         changed.",
    )?;
    let Some(Broken { schedule, trace }) = searched(&on_any_links(2, 2, 1))?.broken else {
        return Ok(());
    };
    narrator.predict(
        "To ask for the lock is one action, and the arrival of a message is one. How many actions \
         until two nodes can hold it?",
        schedule.len(),
        "Both ask. a hears of b's request and answers, and the answer overtakes a's own request.",
    )?;
    narrator.picture(&trace.ladder(narrator.width()))?;
    narrator.say(&format!(
        "Of equal stamps node a's comes first, so a's request does, and b's request is the later \
         message that a has received: a enters. b has received stamp 3 from a and concludes that \
         nothing earlier of a is in flight. But a's request is. (`cargo run -p lock -- draw \
         {schedule}` draws it again.)",
    ))?;
    Ok(())
}

fn with_a_loss(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let networks = [
        ("keep their order", lock(2, 2, 1)),
        ("in any order", on_any_links(2, 2, 1)),
        ("keep their order, some lost", lock(2, 2, 1).losing()),
    ];
    let mut table = Table::new(["messages of a link", "states", "two hold it", "shortest"]);
    let mut last = String::new();
    for (network, lock) in networks {
        let Searched { states, shared, broken } = searched(&lock)?;
        let schedule = broken.map(|Broken { schedule, .. }| schedule.to_string());
        last = schedule.unwrap_or("none".to_owned());
        table = table.row([network.to_owned(), number(states), number(shared), last.clone()]);
    }
    narrator.say("Two nodes that each want it once, and the network:")?;
    narrator.table(&table)?;
    narrator.say(&format!(
        "A loss does what overtaking does, `{last}` (`1x`: message 1 is lost). So a loss can do \
         worse than make others wait. Good links can be made of bad ones: number the messages, and \
         retransmit each until it is acknowledged. The page runs the lock over such links, between \
         real processes.",
    ))?;
    Ok(())
}

fn the_price(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let without_ack = without_ack();
    narrator.predict(
        "Three nodes, ordered links, nothing is lost. Node a alone wants the lock, which it does \
         not know. b has acknowledged, c has not yet received the request. Can a hold the lock?",
        without_ack.granted > 0,
        "For all that a knows, c may have asked earlier, until it hears from c.",
    )?;
    let mut table = Table::new(["nodes", "messages until one has held it and given it back"]);
    for nodes in [2, 3, 10] {
        table = table.row([nodes, messages(nodes)].map(number));
    }
    narrator.table(&table)?;
    narrator.say(
        "That is the price: three messages for each other node, and one silent node stops all. A \
         crashed node and a slow one look alike.",
    )?;
    Ok(())
}
