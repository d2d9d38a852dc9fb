//! Narrates the experiments: the order of events, with clocks that disagree.

use common::clock::{DEFAULT_MAX_AHEAD, HybridStamp};
use narration::{Answer, Narrator, Table, exact, number};

use super::{face, ms, stamps};
use crate::interval::{self, Answered, BOUND, PAIRS};
use crate::machine::MILLISECOND;
use stamps::{DIFFER, EXCHANGE, FAST, MACHINES, Stamped};

/// The seed of what is drawn at random.
const SEED: u64 = 1;

pub(super) fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    before_its_request(narrator)?;
    hybrid(narrator)?;
    census(narrator)?;
    admits(narrator)?;
    Ok(())
}

fn before_its_request(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let events = stamps::request_and_reply()?;
    narrator.step("A reply before its request", "virtual time")?;
    narrator.say(&format!(
        "A client sends a request, and a server replies. A packet takes {} ms, and the server {}. \
         Each event goes into a log with the wall clock of its machine. The server's clock is \
         right, the client's is {} ms fast. Later the log is sorted by these stamps.",
        number(stamps::WAY),
        number(stamps::SERVES),
        ms(FAST)
    ))?;
    let mut sorted: Vec<&Stamped> = events.iter().collect();
    sorted.sort_by_key(|event| event.wall);
    narrator.predict(
        &format!(
            "Which line stands first: {}, {}, {} or {}?",
            EXCHANGE[0], EXCHANGE[1], EXCHANGE[2], EXCHANGE[3]
        ),
        Answer::one_of(&EXCHANGE, sorted[0].what),
        "The server heard of the request before it was sent, by the stamps:",
    )?;
    let ladder = stamps::trace(events.iter().map(|event| face(event.wall)))?;
    narrator.picture(&ladder.ladder(narrator.width()))?;
    let table = Table::new(["stamp", "the sorted log"]);
    narrator.table(
        &sorted
            .iter()
            .fold(table, |table, event| table.row([face(event.wall), event.what.to_owned()])),
    )?;
    narrator.say(
        "The request can have caused the reply, and not the other way round. Whatever the clocks \
         say, that order holds, and a log that contradicts it misleads.",
    )?;
    Ok(())
}

fn hybrid(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let events = stamps::request_and_reply()?;
    let [sent, received] = [&events[0], &events[1]];
    narrator.step("A stamp with a count", "virtual time")?;
    narrator.say(
        "A **hybrid logical clock** makes stamps of two numbers, a wall time and a count. Of two \
         stamps the one with the later time is larger; at one time, the one with the larger count. \
         A message carries the stamp of its sending. To stamp an event, a node takes the larger of \
         its own last stamp and, if it receives a message, the message's. Then it looks at its \
         wall clock:",
    )?;
    narrator.bullet("The wall clock is later than that stamp: its time, and count 0.")?;
    narrator.bullet("It is not: the time of that stamp, and a count one higher.")?;
    narrator.predict(
        &format!(
            "The request of step 7 carries {}. When it arrives, the server's clock says {}, and \
             its last stamp is older. Which count does the receipt get?",
            shown(sent.hybrid),
            face(received.wall)
        ),
        received.hybrid.count,
        "The message's time is later than the server's clock:",
    )?;
    let ladder = stamps::trace(events.iter().map(|event| shown(event.hybrid)))?;
    narrator.picture(&ladder.ladder(narrator.width()))?;
    narrator.say(
        "Each stamp is larger than those of all that may have caused its event. As soon as a wall \
         clock is the latest time known, the stamps follow it again.",
    )?;
    Ok(())
}

fn census(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let census = stamps::census(SEED)?;
    narrator.say(&format!(
        "Now {MACHINES} machines send each other {} messages, each of which takes {} to {} ms. \
         Their clocks drift, are set again each second, and are always between right and {} ms \
         fast.",
        number(stamps::MESSAGES),
        ms(stamps::TAKES[0]),
        ms(stamps::TAKES[1]),
        ms(DIFFER)
    ))?;
    narrator.predict(
        &format!(
            "Is any hybrid stamp more than {} ms ahead of its machine's wall clock?",
            ms(DIFFER)
        ),
        census.farthest > DIFFER,
        "Its time is one that some wall clock has said by then, so it is not further ahead of the \
         true time than that. And its machine's own clock is not behind the true time:",
    )?;
    let table = Table::new(["stamps", "receipts", "not after their sending"]);
    let row = |name: &str, wrong| [name.to_owned(), number(census.receipts), number(wrong)];
    let table = table.row(row("of the wall clock", census.wrong_by_wall));
    narrator.table(&table.row(row("of the hybrid clock", census.wrong_by_hybrid)))?;
    narrator.say(&format!(
        "The furthest stamp is {} ms ahead, and the largest count is {}. A stamp further ahead \
         than {} is refused: its sender's clock, or your own, is wrong.",
        ms(census.farthest / 1_000 * 1_000),
        census.largest_count,
        exact(DEFAULT_MAX_AHEAD)
    ))?;
    Ok(())
}

/// How many nanoseconds a clock is off that admits too little.
const OFF_MORE: i64 = BOUND * 3 / 2;

fn admits(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let waited = interval::pairs(SEED, BOUND, Answered::AfterWaiting);
    narrator.step("A clock that admits its error", "virtual time")?;
    narrator.say(
        "Hybrid stamps order what messages connect. Ann writes at one machine, gets her answer, \
         and phones Bob, who writes at another. No machine knows of the call. How does Bob's write \
         get the larger stamp?",
    )?;
    let (since, ppm) = (interval::EVERY, interval::ALLOWED_PPM);
    narrator.say(&format!(
        "An **interval clock** returns two times, the earliest and the latest that it may be. Each \
         is as far from the wall clock as that may be wrong: by the error bound with which it was \
         set, and by its drift since then. With 1 ms and up to {ppm} ppm that is {} ms after {}.",
        ms(interval::bound_after(MILLISECOND, ppm, since)),
        exact(since)
    ))?;
    narrator.say(
        "A write takes the latest time for its stamp. Then it waits until the earliest time is \
         later than the stamp, and only then it is answered. This is **commit wait**: the stamp is \
         in the past now, however wrong the clock is within its bound.",
    )?;
    narrator.predict(
        &format!("Its clock may be {} ms off, either way. How many ms does it wait?", ms(BOUND)),
        Answer::quantity(format!("{} ms", waited.waited.as_millis())),
        "From latest to earliest it is twice the bound. So a better clock is a faster database:",
    )?;
    let headings = ["answered", "clocks off by up to, ms", "pairs", "wrong order", "wait, ms"];
    let mut table = Table::new(headings);
    for (name, off, answered) in [
        ("at once", BOUND, Answered::AtOnce),
        ("after waiting", BOUND, Answered::AfterWaiting),
        ("after waiting", OFF_MORE, Answered::AfterWaiting),
    ] {
        let pairs = interval::pairs(SEED, off, answered);
        let (wrong, wait) = (number(pairs.wrong), number(pairs.waited.as_millis()));
        table = table.row([name.to_owned(), ms(off), number(PAIRS), wrong, wait]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "In each pair, the second write begins up to {} after the first is answered. In the last \
         row the clocks admit {} ms, and are off by more: the promise is worth as much as the \
         bound.",
        exact(interval::GAP),
        ms(BOUND)
    ))?;
    Ok(())
}

/// A hybrid stamp as it is shown.
fn shown(stamp: HybridStamp) -> String {
    format!("({}, {})", face(stamp.wall as i64), stamp.count)
}
