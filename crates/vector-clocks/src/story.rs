//! Narrates what the experiments observed.

use common::clock::{CausalOrdering, ClockError, DEFAULT_MAX_JUMP};
use narration::{Answer, Narrator, Table, number};
use trace::vector_text;

use crate::comparisons::{self, Compared};
use crate::refusals::Arrived;
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
    stamps_from_peers(narrator)?;
    narrator.remember(
        "A vector says whose events are in the past. Nowhere larger and somewhere smaller is \
         before; each somewhere larger is concurrent.",
        "How do you read the logs of five services?",
    )?;
    Ok(())
}

fn a_number_each(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = runs::short()?;
    let last = run.events().last().and_then(|event| event.vector.clone());
    narrator.step("A number for each node", "computed")?;
    narrator.say(
        "A Lamport stamp says how deep the past of an event is, not whose past. So each node keeps \
         a number for every node: an entry of its **vector clock** is how many events of that node \
         it knows of, its own included. At every event a node adds 1 to its own entry. A message \
         carries the whole vector, and the receiver then knows what either of the two knew.",
    )?;
    narrator.predict(
        "c is at [0,0,1] and receives a message stamped [2,2,0]. What is the stamp of the receipt?",
        Answer::list(last.unwrap_or_default()),
        "It knows of 2 events of a and 2 of b from the message, and this is its own second.",
    )?;
    narrator.picture(&run.ladder(narrator.width()))?;
    narrator.say(
        "Read S aloud: \"I know of two events of a, two of b, and this is my second.\" a never \
         sent anything to c. What b had heard came along.",
    )?;
    Ok(())
}

fn a_longer_run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = runs::long()?;
    let pairs = comparisons::all_pairs(&runs::named(&run))?;
    narrator.step("The last row is not the last event", "computed")?;
    narrator.say("Another run. T, U, V and W are what the nodes do by themselves.")?;
    narrator.picture(&run.ladder(narrator.width()))?;
    let concurrent: Vec<_> =
        pairs.iter().filter(|pair| pair.ordering == CausalOrdering::Concurrent).collect();
    narrator.predict(
        "W stands in the last row. With how many of T, U and V is it concurrent?",
        concurrent.len(),
        "W follows T at a. U and V know of two events of a, and W is the third; W knows of no \
         event outside of a.",
    )?;
    let names = concurrent.iter().map(|pair| format!("{} ‖ {}", pair.one.0, pair.other.0));
    let names: Vec<_> = names.collect();
    narrator.say(&format!(
        "{}. The rows of a diagram are one order in which it can have happened. W could stand \
         above U, with the same stamps.",
        names.join(", ")
    ))?;
    Ok(())
}

fn stamps_against_stamps(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let run = runs::short()?;
    let pairs = comparisons::all_pairs(&runs::named(&run))?;
    let examples = comparisons::examples()?;
    narrator.step("Before, after, or neither", "computed")?;
    narrator.say("Two events of a run that you have not seen, and their stamps alone.")?;
    let asked = &examples[1];
    narrator.predict(
        &format!(
            "x is stamped {} and y {}. Is x before y, after it, equal or concurrent?",
            vector_text(&asked.one.1),
            vector_text(&asked.other.1)
        ),
        Answer::one_of(
            &["before", "after", "equal", "concurrent | neither"],
            in_words(asked.ordering),
        ),
        "x knows of a second event of a, and y of events of b and c.",
    )?;
    narrator.say(
        "Two stamps are compared entry by entry. If the first is nowhere larger and somewhere \
         smaller, its event happened **before** the other. If each is somewhere larger, each event \
         knows of one that the other does not know, and they are **concurrent**.",
    )?;
    table(narrator, &examples, "stamps alone")?;
    table(narrator, &pairs, "events of step 1")?;
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
    narrator.step("Every small schedule", "every schedule")?;
    narrator.announce("Trying all 118,221 schedules, about 1 s.")?;
    let census = schedules::census();
    let broken = schedules::overwriting_clocks_fail();
    narrator.say(&format!(
        "Lesson 15 took every schedule of {NODES} nodes and up to {LONGEST} events, {} of them, \
         and found that the event with the smaller Lamport stamp need not be a cause. Now all {} \
         pairs of events x and y, x drawn above y, are judged by their vectors in two ways: by all \
         entries, or by the entry of x's node alone (x → y if that entry of y is not smaller).",
        number(census.schedules),
        number(census.pairs),
    ))?;
    let never_wrong = [census.wrong_by_vectors, census.wrong_by_one_entry].map(|wrong| wrong == 0);
    narrator.predict(
        "Which agrees with the arrows for every pair: all entries, one entry, both or neither?",
        Answer::one_of(
            &["all entries | all", "one entry | one", "both", "neither"],
            match never_wrong {
                [true, false] => "All entries",
                [false, true] => "One entry",
                [true, true] => "Both",
                [false, false] => "Neither",
            },
        ),
        &format!(
            "All entries are wrong for {} pairs, the one entry for {}.",
            number(census.wrong_by_vectors),
            number(census.wrong_by_one_entry)
        ),
    )?;
    let share = |wrong: u64| format!("{:.1} %", 100.0 * wrong as f64 / census.pairs as f64);
    let row = |clock: &str, wrong: u64| [clock.to_owned(), number(wrong), share(wrong)];
    narrator.table(
        &Table::new(["what is compared", "wrong pairs", "share"])
            .row(row("Lamport stamps: the smaller was first", census.wrong_by_lamport))
            .row(row("vectors, all entries", census.wrong_by_vectors))
            .row(row("vectors, the entry of x's node", census.wrong_by_one_entry)),
    )?;
    narrator.say(&format!(
        "An entry should be a count. Of {} entries in all these stamps, {} differ from the number \
         of that node's events in the past, counted on the arrows.",
        number(census.entries),
        number(census.not_the_past),
    ))?;
    if let Some(Found { schedule, trace, pair, said }) = broken {
        narrator.say(
            "Would the search notice a mistake? Here are clocks that overwrite their vector with \
             the message's:",
        )?;
        narrator.picture(&trace.ladder(narrator.width()))?;
        let relation = if trace.happened_before().holds(pair.0, pair.1) { "→" } else { "‖" };
        let stamp =
            |place: usize| vector_text(trace.events()[place].vector.as_deref().unwrap_or_default());
        narrator.say(&format!(
            "By the arrows {} {relation} {}; by the stamps the two are: {}. Schedule `{schedule}`; \
             all shorter ones pass.",
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
    narrator.step("A bad network", "virtual time")?;
    narrator.say(&format!(
        "There are too many longer runs, so we try one: {} nodes exchange messages for 2 s of \
         **virtual time**, which the program counts and does not wait for, over a network that \
         loses a message with a chance of one in ten, duplicates it with the same chance and lets \
         most overtake others: {} events, {} messages lost, {} duplicated.",
        simulated::NODES,
        number(counted.events),
        number(lost),
        number(duplicated),
    ))?;
    narrator.predict(
        &format!(
            "Of how many of the {} pairs of events are the vectors wrong now?",
            number(counted.pairs)
        ),
        counted.wrong_by_vectors,
        "A lost message adds no arrow. A late or duplicated one brings a past that is true, and \
         the larger count wins.",
    )?;
    let share = |pairs: u64| format!("{:.1} %", 100.0 * pairs as f64 / counted.pairs as f64);
    let row = |what: &str, pairs: u64| [what.to_owned(), number(pairs), share(pairs)];
    narrator.table(
        &Table::new(["of all pairs of events", "pairs", "share"])
            .row(row("concurrent", counted.concurrent))
            .row(row("wrong by Lamport stamps", counted.wrong_by_lamport))
            .row(row("wrong by vectors", counted.wrong_by_vectors)),
    )?;
    Ok(())
}

fn the_price(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let prices = price::of(&[3, 10, 100, 1_000])?;
    let last = &prices[prices.len() - 1];
    narrator.step("What it costs", "computed")?;
    narrator.say("Every message carries the whole vector, however short the message is.")?;
    narrator.predict(
        &format!(
            "A system has {} nodes. How many bytes does the stamp of one message take, at 8 an \
             entry?",
            number(last.nodes)
        ),
        last.vector,
        "More than most messages. A Lamport stamp stays at 8.",
    )?;
    let mut table = Table::new(["nodes", "Lamport, bytes", "vector, bytes"]);
    for price in &prices {
        let cells = [price.nodes, price.lamport, price.vector];
        table = table.row(cells.map(number));
    }
    narrator.table(&table)?;
    narrator.say(
        "Shorter vectors do not work: with fewer entries than nodes, compared entry by entry, some \
         pair of some run is judged wrongly (proven by Charron-Bost, 1991).",
    )?;
    Ok(())
}

fn stamps_from_peers(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let tried = refusals::tried()?;
    narrator.step("Stamps from a peer", "computed")?;
    let stamps: Vec<_> = tried.iter().map(|arrived| vector_text(&arrived.stamp)).collect();
    narrator.say(&format!(
        "b is at [5,3,7]. It refuses a stamp that does not have 3 entries, one that knows of more \
         events of b than b has had, and one with an entry more than {DEFAULT_MAX_JUMP} ahead of \
         b's entry for that node. One of these stamps arrives: {}.",
        stamps.join(", ")
    ))?;
    narrator.predict(
        &format!("How many of the {} does b's clock accept?", tried.len()),
        tried.iter().filter(|arrived| arrived.outcome.is_ok()).count(),
        "The first two: to know less than b does is not an error.",
    )?;
    let mut table = Table::new(["arrives", "b's clock", "then"]);
    for Arrived { stamp, outcome, afterwards } in &tried {
        let outcome = match outcome {
            Ok(_) => "accepts it",
            Err(ClockError::WrongLength { .. }) => "refuses: not 3 entries",
            Err(ClockError::OwnEntryAhead { .. }) => "refuses: more of b than b has had",
            Err(ClockError::TooFarAhead { .. }) => "refuses: too far ahead",
            Err(ClockError::NoSuchNode { .. }) => "refuses: b is not a node",
            // A vector has no wall time.
            Err(ClockError::AheadOfWall { .. } | ClockError::WallOutOfRange) => "refuses",
        };
        table = table.row([vector_text(stamp), outcome.to_owned(), vector_text(afterwards)]);
    }
    narrator.table(&table)?;
    narrator.say(
        "Only b makes events of b. If a peer knows of 4, b has restarted and forgotten one, or \
         there is a second b, or the stamp is false. An entry too far ahead would stay, and b \
         would take c's next events, billions of them, for events that it knows of.",
    )?;
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
