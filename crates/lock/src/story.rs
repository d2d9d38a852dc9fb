//! Narrates what the experiments observed.

mod leases;
mod links;

use anyhow::Context;
use narration::{Answer, Narrator, Table, number};
use trace::Trace;
use worlds::nodes::Nodes;

use crate::exclusion::{
    Broken, Searched, TwoOfThree, on_any_links, on_ordered_links, search, two_of_three,
};
use crate::mutex::Mutex;

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("lock", "How do nodes share a lock with no one in charge?")?;
    let run = two_of_three()?;
    the_rule(narrator, &run)?;
    three_nodes(narrator, &run)?;
    every_state(narrator)?;
    without_order(narrator)?;
    with_a_loss(narrator)?;
    links::repaired(narrator)?;
    links::the_price(narrator)?;
    leases::a_crash(narrator)?;
    leases::a_pause(narrator)?;
    leases::a_token(narrator)?;
    narrator.remember(
        "You hold the lock when your request is first in your queue and every other node has sent \
         you something later. A lock that ends by itself needs a token, which the storage checks.",
        "It said \"counted\". Is that still true after kill -9?",
    )?;
    Ok(())
}

fn the_rule(narrator: &mut Narrator<'_>, run: &TwoOfThree) -> anyhow::Result<()> {
    narrator.step("The rule", "computed")?;
    narrator.say(
        "Nodes a, b and c have one printer, and one of them at a time may use it: the one that \
         holds the **lock**. There is no server. What they have is the **total order** of lesson \
         15: by stamp, and equal stamps by node, a first. Each node keeps a **queue** of requests \
         in that order.",
    )?;
    narrator.bullet("To ask, a node puts a request into its queue and sends it to all others.")?;
    narrator.bullet(
        "A node that receives a request puts it into its queue, and answers with an \
         acknowledgement, an ack.",
    )?;
    narrator.bullet(
        "To give the lock back, a node takes its request out and sends a release to all others, \
         which take it out as well.",
    )?;
    narrator.say(
        "Each message carries the stamp of its sending. A node holds the lock as soon as two \
         things are true: its own request is the first in its queue, and from every other node it \
         has received something that is later than its request in the total order.",
    )?;
    let nodes = run.trace.nodes();
    narrator.predict(
        "a and b ask at the same moment, and both requests are stamped 1. Which of them gets the \
         lock first, a or b?",
        Answer::one_of(&nodes[..2], run.first.map_or("none", |first| &nodes[first])),
        "Of equal stamps that of a comes first, in every queue.",
    )?;
    Ok(())
}

fn three_nodes(narrator: &mut Narrator<'_>, run: &TwoOfThree) -> anyhow::Result<()> {
    narrator.step("Three nodes, and two of them ask", "computed")?;
    narrator.say(
        "a and b ask, and c does not. b receives an ack from a and one from c, and a has not yet \
         given the lock back.",
    )?;
    narrator.predict(
        "Does b hold the lock when it has both acks?",
        run.enters_on_acks,
        "Its request is the second in its queue. It holds the lock when the release of a has taken \
         out the first.",
    )?;
    narrator.say(
        "The run as a space-time diagram: time goes down, and an arrow is a message. One that \
         arrives in a later row has a name, such as m1, at both ends.",
    )?;
    narrator.picture(&dense(&run.trace, narrator.width()))?;
    narrator.say(
        "a holds the lock before an ack of b has come. It has received the request of b, which is \
         later than its own, and that is enough.",
    )?;
    Ok(())
}

/// The ladder of a trace without its empty rows, for a diagram that stands between paragraphs, and
/// indented as they are.
fn dense(trace: &Trace, width: usize) -> String {
    let ladder = trace.ladder(width.saturating_sub(4));
    let lines = ladder.lines().filter(|line| line.chars().any(|char| !" │".contains(char)));
    lines.map(|line| format!("{line}\n")).collect()
}

fn searched(lock: &Nodes<Mutex>) -> anyhow::Result<Searched> {
    search(lock).context("the lock has more states than the search keeps")
}

fn every_state(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Every state", "every schedule")?;
    narrator.say(
        "One run proves nothing, so we try all: each order in which nodes can ask and messages \
         can arrive. A message may take any time. But none is lost, and each **link**, from one \
         node to another, keeps their order. A **state** is what each node knows, and what is in \
         flight.",
    )?;
    let cases = [(2, 2, 1), (2, 2, 2), (3, 2, 1)];
    let mut table = Table::new(["nodes", "want it", "times", "states", "two hold it"]);
    for (nodes, contenders, times) in cases {
        let Searched { states, shared, .. } =
            searched(&on_ordered_links(nodes, contenders, times))?;
        table = table.row([nodes, contenders, times, states, shared].map(number));
    }
    let twice = searched(&on_ordered_links(2, 2, 2))?;
    narrator.predict(
        &format!(
            "Two nodes each want the lock twice. In how many of all {} states that they can reach \
             do both hold it?",
            number(twice.states)
        ),
        twice.shared,
        "A node that holds the lock has received something later from the other node. On an \
         ordered link all earlier requests of that node came before it.",
    )?;
    narrator.table(&table)?;
    narrator.say(
        "This search does not count schedules. Many of them lead to one state, and from there the \
         search goes on once. So it terminates, and its result holds for schedules of any \
         length.",
    )?;
    Ok(())
}

fn without_order(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A message overtakes another", "every schedule")?;
    narrator.say(
        "Now one message may overtake another of the same link. Nothing is lost, and no node has \
         changed.",
    )?;
    let broken = searched(&on_any_links(2, 2, 1))?.broken;
    let Broken { schedule, trace } = broken.context("the search finds no mistake")?;
    narrator.predict(
        "To ask for the lock is one action, and the arrival of a message is one. How many actions \
         until two nodes can hold it?",
        schedule.len(),
        "Both ask. a receives the request of b, and its ack overtakes its own request.",
    )?;
    narrator.picture(&dense(&trace, narrator.width()))?;
    narrator.say(&format!(
        "a holds the lock: its request is the earlier one, and it has received that of b. b has \
         received stamp 3 from a, and concludes that nothing earlier of a is still to come. But \
         the request of a is in flight. (`cargo run -p lock -- draw {schedule}` draws it again.)",
    ))?;
    Ok(())
}

fn with_a_loss(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A message is lost", "every schedule")?;
    let networks = [
        ("keep their order", on_ordered_links(2, 2, 1)),
        ("in any order", on_any_links(2, 2, 1)),
        ("keep their order, some lost", on_ordered_links(2, 2, 1).losing()),
    ];
    let mut table = Table::new(["messages of a link", "states", "two hold it", "shortest"]);
    let mut last = None;
    for (network, lock) in networks {
        let Searched { states, shared, broken } = searched(&lock)?;
        let shortest = broken.as_ref().map(|broken| broken.schedule.to_string());
        let shortest = shortest.unwrap_or("none".to_owned());
        table = table.row([network.to_owned(), number(states), number(shared), shortest]);
        last = broken;
    }
    let Broken { schedule, trace } = last.context("the search finds no mistake")?;
    narrator.say(
        "The links keep the order again, but a message may be lost. A loss is an action, too. In a \
         schedule it is written `1x`: message 1 is lost.",
    )?;
    narrator.predict(
        "How many actions until two nodes can hold the lock now?",
        schedule.len(),
        "The same as before, but the request of a is lost, which is one action more.",
    )?;
    narrator.picture(&dense(&trace, narrator.width()))?;
    narrator.say("Two nodes that each want it once, and the three networks:")?;
    narrator.table(&table)?;
    narrator.say("So a loss can do more than make a node wait: it can let two in.")?;
    Ok(())
}
