//! Narrates what the experiments observed.

use common::clock::{CausalOrdering, DEFAULT_MAX_JUMP};
use narration::{Answer, Narrator, Table, number};
use trace::vector_text;

use crate::comparisons::{self, Compared};
use crate::schedules::{self, Found, LONGEST, NODES};
use crate::{price, refusals, runs, simulated};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("vector-clocks", "Did one cause the other, or neither?")?;
    a_number_each(narrator)?;
    a_longer_run(narrator)?;
    stamps_against_stamps(narrator)?;
    exactly(narrator)?;
    a_long_run(narrator)?;
    the_price(narrator)?;
    what_cannot_be(narrator)?;
    narrator.remember(
        "A vector says whose events are in the past. Nowhere larger and somewhere smaller is \
         before; each somewhere larger is concurrent.",
        "How can replicas count together with no one in charge?",
    )?;
    Ok(())
}

fn a_number_each(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = runs::short()?;
    let d = run.events().last().and_then(|event| event.vector.clone());
    narrator.step("A number for each node", "computed")?;
    narrator.say(
        "A Lamport stamp says how deep the past of an event is. It does not say whose past. So let \
         each node keep a number for every node: entry i of its **vector clock** is how many \
         events of node i it knows of, its own included.",
    )?;
    narrator.say(
        "At every event a node adds 1 to its own entry. The whole vector travels with a message. \
         Whoever receives it takes of each entry the larger one, and then adds 1 to its own. Here \
         are n0, n1 and n2.",
    )?;
    narrator.predict(
        "At the end n2, which is at [0,0,1], receives a message stamped [2,2,0]. What is its stamp \
         then?",
        Answer::list(d.unwrap_or_default()),
        "The larger of 0 and 2, of 0 and 2, of 1 and 0, and one more for n2 itself.",
    )?;
    narrator.picture(&run.ladder(narrator.width()))?;
    narrator.say(
        "Read D aloud: \"I know of two events of n0, two of n1, and this is my second.\" It knows \
         of n0, and n0 never sent it anything. What n1 had heard came along.",
    )?;
    Ok(())
}

fn a_longer_run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = runs::long()?;
    let pairs = comparisons::all_pairs(&runs::named(&run))?;
    narrator.step("A longer run", "computed")?;
    narrator.say("Here B, C and D are what the nodes do after they have received, or without.")?;
    narrator.picture(&run.ladder(narrator.width()))?;
    let concurrent: Vec<_> =
        pairs.iter().filter(|pair| pair.ordering == CausalOrdering::Concurrent).collect();
    narrator.predict(
        "C stands in the last row. With how many of A, B and D is it concurrent?",
        concurrent.len(),
        "C follows A at n0. B and D know of two events of n0 and C is the third; C knows of \
         nothing outside of n0.",
    )?;
    let names = concurrent.iter().map(|pair| format!("{} ‖ {}", pair.one.0, pair.other.0));
    let names: Vec<_> = names.collect();
    narrator.say(&format!(
        "{}: in the picture C is the last, and no vector says so. The rows of a picture are one \
         order in which it can have happened. C could stand above B.",
        names.join(", ")
    ))?;
    Ok(())
}

fn stamps_against_stamps(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = runs::short()?;
    let pairs = comparisons::all_pairs(&runs::named(&run))?;
    let examples = comparisons::examples()?;
    narrator.step("Before, after, or neither", "computed")?;
    narrator.say(
        "Two stamps are compared entry by entry. If the first is nowhere larger and somewhere \
         smaller, its event was **before**. If each is somewhere larger, each knows something that \
         the other does not, and they are **concurrent**.",
    )?;
    table(narrator, &pairs, "events of the first run")?;
    let last = &examples[examples.len() - 1];
    narrator.predict(
        &format!(
            "Two people edited one document. Their versions are stamped {} and {}. Is the first \
             before the second?",
            vector_text(&last.one.1),
            vector_text(&last.other.1)
        ),
        last.ordering == CausalOrdering::Before,
        "The first entry says that the first knows more, the second entry that the second does. \
         Neither has seen the other's edit, and to keep only the \"later\" one would lose an edit.",
    )?;
    table(narrator, &examples, "other stamps")?;
    Ok(())
}

fn table(narrator: &mut Narrator<'_>, pairs: &[Compared], heading: &str) -> anyhow::Result<()> {
    let mut table = Table::new([heading, "against", "smaller in", "larger in", "is"]);
    for Compared { one, other, ordering, smaller_and_larger } in pairs {
        let name = |(name, stamp): &comparisons::Named| {
            format!("{name} {}", vector_text(stamp)).trim().to_owned()
        };
        table = table.row([
            name(one),
            name(other),
            number(smaller_and_larger.0),
            number(smaller_and_larger.1),
            in_words(*ordering).to_owned(),
        ]);
    }
    narrator.table(&table)?;
    Ok(())
}

fn exactly(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let census = schedules::census();
    let broken = schedules::overwriting_clocks_fail();
    narrator.step("Exactly cause and effect", "every schedule")?;
    narrator.say(&format!(
        "Lesson 15 took every schedule of {NODES} nodes and up to {LONGEST} events, {} of them, \
         and found that a smaller Lamport stamp need not be a cause. We take them again, and judge \
         all {} pairs of events by both clocks.",
        number(census.schedules),
        number(census.pairs),
    ))?;
    narrator.predict(
        "Of how many pairs do the vectors say something else than the arrows?",
        census.wrong_by_vectors,
        "Before means before, and concurrent means concurrent, of every pair in every schedule.",
    )?;
    let share = |wrong: u64| format!("{:.1} %", 100.0 * wrong as f64 / census.pairs as f64);
    let row = |clock: &str, wrong: u64| [clock.to_owned(), number(wrong), share(wrong)];
    narrator.table(
        &Table::new(["who is asked", "wrong pairs", "share"])
            .row(row("Lamport: the smaller was first", census.wrong_by_lamport))
            .row(row("vectors: all entries", census.wrong_by_vectors))
            .row(row("vectors: one entry", census.wrong_by_one_entry)),
    )?;
    narrator.say(&format!(
        "Why that is so: an entry is a count. Of {} entries in all these stamps, {} differ from \
         the number of that node's events in the past, counted on the arrows. So a vector tells \
         the past of its event, whole, and one event is before another if its past is part of the \
         other's.",
        number(census.entries),
        number(census.not_the_past),
    ))?;
    narrator.say(
        "The last row of the table is a short cut. If you know that x is an event of node i, \
         compare entry i alone: y knows of x exactly if y's entry i is not smaller. Who knows of \
         the fifth event of n0 knows of all before it.",
    )?;
    if let Some(Found { schedule, trace, pair, said }) = broken {
        narrator.say(
            "And would the search notice a mistake? Here are clocks that take over the message's \
             vector instead of merging it with their own:",
        )?;
        narrator.picture(&trace.ladder(narrator.width()))?;
        let stamp =
            |place: usize| vector_text(trace.events()[place].vector.as_deref().unwrap_or_default());
        narrator.say(&format!(
            "{} and {} follow each other on one line, and their stamps say: {}. Schedule \
             `{schedule}`; all shorter ones pass.",
            stamp(pair.0),
            stamp(pair.1),
            said.map_or("nothing", in_words),
        ))?;
    }
    Ok(())
}

fn a_long_run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let counted = simulated::judged(1)?;
    let (lost, duplicated) = counted.lost_and_duplicated;
    narrator.say(&format!(
        "That was every run of up to {LONGEST} events. Of longer ones there are too many, so we \
         try one: {} nodes talk for 2 s of virtual time, over a network that loses one message in \
         ten, doubles one in ten and lets most overtake others: {} events, {} messages lost, {} \
         doubled.",
        simulated::NODES,
        number(counted.events),
        number(lost),
        number(duplicated),
    ))?;
    let share = |wrong: u64| format!("{:.1} %", 100.0 * wrong as f64 / counted.pairs as f64);
    let row = |what: &str, pairs: u64| [what.to_owned(), number(pairs), share(pairs)];
    narrator.table(
        &Table::new(["of all pairs of events", "pairs", "share"])
            .row(row("concurrent", counted.concurrent))
            .row(row("wrong by Lamport", counted.wrong_by_lamport))
            .row(row("wrong by vectors", counted.wrong_by_vectors)),
    )?;
    Ok(())
}

fn the_price(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let prices = price::of(&[3, 10, 100, 1_000])?;
    let last = &prices[prices.len() - 1];
    narrator.step("What it costs", "computed")?;
    narrator.say("Every message carries the whole vector, whatever else it says.")?;
    narrator.predict(
        &format!(
            "A system has {} nodes. How many bytes does the stamp of one message take, at 8 \
             an entry?",
            number(last.nodes)
        ),
        last.vector,
        "More than most messages. A Lamport stamp stays at 8.",
    )?;
    let json = format!("as JSON, after {} events each", number(price::EVENTS));
    let mut table = Table::new(["nodes", "Lamport, bytes", "vector, bytes", &json]);
    for price in &prices {
        let cells = [price.nodes, price.lamport, price.vector, price.json];
        table = table.row(cells.map(number));
    }
    narrator.table(&table)?;
    narrator.say(
        "No shorter vector will do: with fewer entries than nodes, there are runs of which some \
         pair is compared wrongly. That is proven (Charron-Bost, 1991). So people have few nodes, \
         or stamp for the few replicas that write instead of for all clients, or live with knowing \
         less.",
    )?;
    Ok(())
}

fn what_cannot_be(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let tried = refusals::tried()?;
    let honest = &tried[0];
    narrator.step("Stamps that cannot be", "computed")?;
    narrator.say(&format!(
        "A vector comes from outside, and it can be seen to be wrong in three ways: its length, \
         what it says of the receiver, and how far it is ahead. n1 is at [5,3,7] and receives \
         these, each time from there. The honest one brings it to {}.",
        honest.outcome.as_ref().map_or("nothing".to_owned(), |stamp| vector_text(stamp)),
    ))?;
    let mut table = Table::new(["the stamp", "n1 says", "n1 afterwards"]);
    for arrived in &tried {
        let says =
            arrived.outcome.as_ref().map_or_else(ToString::to_string, |_| "takes it".to_owned());
        table = table.row([arrived.what.to_owned(), says, vector_text(&arrived.afterwards)]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "Nobody can know more of n1's events than n1 does. A peer that claims so has met another \
         n1, or n1 has forgotten what it did; either way the counts no longer mean what they \
         should. And an entry that is too far ahead (here by more than {}) would stay: no honest \
         event of that node would ever be beyond it again.",
        number(DEFAULT_MAX_JUMP)
    ))?;
    Ok(())
}

fn in_words(ordering: CausalOrdering) -> &'static str {
    match ordering {
        CausalOrdering::Before => "before",
        CausalOrdering::After => "after",
        CausalOrdering::Concurrent => "concurrent",
        CausalOrdering::Equal => "equal",
    }
}
