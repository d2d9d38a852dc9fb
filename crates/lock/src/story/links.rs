//! Narrates what the lock requires of its links and of the other nodes, and what that costs.

use narration::{Narrator, Table, number};

use crate::exclusion::{messages, without_ack};
use crate::repaired::{NODES, Simulated, TURNS, with_fifo_links, without_fifo_links};

/// The seeds of the simulated runs.
const SEEDS: std::ops::Range<u64> = 0..10;

/// Several runs together.
struct Runs {
    granted: usize,
    /// In how many of them two held the lock at once.
    shared: usize,
    sent: u64,
}

fn together(runs: &[Simulated]) -> Runs {
    Runs {
        granted: runs.iter().map(|run| run.granted).sum(),
        shared: runs.iter().filter(|run| run.overlaps > 0).count(),
        sent: runs.iter().map(|run| run.counts.sent).sum(),
    }
}

pub(super) fn repaired(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Good links made of bad ones", "virtual time")?;
    let runs = SEEDS.count();
    let bare = SEEDS.map(without_fifo_links).collect::<Result<Vec<_>, _>>()?;
    let layered = SEEDS.map(with_fifo_links).collect::<Result<Vec<_>, _>>()?;
    let (bare, layered) = (together(&bare), together(&layered));
    narrator.say(
        "So we put a layer under the lock. It numbers the messages to each peer, and retransmits \
         each until the peer has acknowledged it. The peer delivers them in the order of their \
         numbers, each once. The lock itself does not change.",
    )?;
    narrator.say(&format!(
        "Each of {NODES} nodes wants the lock {TURNS} times, on a network that loses one message \
         in five, duplicates one in five, and takes 1, 20 or 300 ms for each. We make {runs} such \
         runs, with {} requests together.",
        runs * NODES * TURNS,
    ))?;
    narrator.predict(
        "How many of these requests are granted with the layer?",
        layered.granted,
        "What is lost is sent again, so every message arrives, some of them later.",
    )?;
    let row = |name: &str, runs: &Runs| {
        let counts = [number(runs.granted), number(runs.shared), number(runs.sent)];
        [vec![name.to_owned()], counts.to_vec()].concat()
    };
    narrator.table(
        &Table::new(["links", "granted", "runs in which two held it at once", "messages"])
            .row(row("as they are", &bare))
            .row(row("with the layer", &layered)),
    )?;
    narrator.say(
        "Without the layer a lost message is not sent again. A node that waits for it gets the \
         lock only if a later message of the same node takes its place. The layer's \
         acknowledgements and retransmissions are counted, too.",
    )?;
    Ok(())
}

pub(super) fn the_price(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("The price", "every schedule")?;
    let without_ack = without_ack();
    narrator.say(
        "Three nodes, ordered links, nothing is lost. Only node a wants the lock, but it does not \
         know that. b has acknowledged, c has not yet received the request.",
    )?;
    narrator.predict(
        "Can a hold the lock before c has received the request?",
        without_ack.granted > 0,
        "Until a message of c arrives, a does not know whether c has asked earlier.",
    )?;
    let mut table = Table::new(["nodes", "messages until one has held it and given it back"]);
    for nodes in [2, 3, 10] {
        table = table.row([nodes, messages(nodes)].map(number));
    }
    narrator.table(&table)?;
    narrator.say(
        "That is the price: three messages for each other node, and one node that does not answer \
         stops all. It may have crashed, or be slow: the others cannot see which.",
    )?;
    Ok(())
}
