//! Narrates the experiments.

use std::time::Duration;

use common::frame::DEFAULT_MAX_MESSAGE;
use common::random::Rng;
use narration::{Answer, Narrator, Plot, Table, exact, measured, number, printable};

use crate::bank::REQUEST;
use crate::client::RequestError;
use crate::drip;
use crate::errors::{self, Met, Way};
use crate::five_stories::{self, Story, View};
use crate::how_long::{self, Row, Sample};
use crate::reported_once::{self, Call};

/// Runs every experiment and narrates it. The latencies of the last two are drawn with `seed`.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    narrator.title("timeouts", "No answer came. What happened?")?;
    let views = five_stories::five_stories()?;
    five_stories(narrator, &views)?;
    slow_story(narrator, &views)?;
    errors_before(narrator)?;
    errors_after(narrator)?;
    reported_once(narrator)?;
    no_deadline(narrator)?;
    let sample = Sample::draw(&mut Rng::from_seed(seed));
    let rows = how_long::sweep(&sample);
    how_long(narrator, &sample, &rows, seed)?;
    bad_day(narrator, &sample, &rows)?;
    narrator.remember(
        "A timeout says that you have stopped waiting. It says nothing about the work.",
        "Should you try again? When, and how often?",
    )?;
    Ok(())
}

fn five_stories(narrator: &mut Narrator<'_>, views: &[View]) -> anyhow::Result<()> {
    narrator.step("Five stories, one view", "real sockets")?;
    narrator.say(&format!(
        "Five clients send \"{}\", each to a server of its own, and wait at most {} for the reply. \
         Such a limit on waiting is called a **timeout**. In each story something else goes wrong: \
         in the server, or in a **proxy**, a program between the two that passes bytes on, and \
         here loses some. This is what the clients see:",
        printable(REQUEST),
        exact(five_stories::DEADLINE)
    ))?;
    for (view, client) in views.iter().zip(1..) {
        let after = format!("after {}", measured(view.after));
        narrator.event(&format!("client {client}"), &after, &outcome(&view.saw))?;
    }
    let made: u64 = views.iter().map(|view| view.ledger_in_the_end).sum();
    narrator.predict(
        "How many of the five payments are made in the end?",
        made,
        "Each server writes into its ledger what it has done. No client can see that.",
    )?;
    let mut table = Table::new(["client", "what happened", "payments in the end"]);
    for (view, client) in views.iter().zip(1..) {
        let paid = view.ledger_in_the_end.to_string();
        table = table.row([format!("{client}"), in_words(view.story).to_owned(), paid]);
    }
    narrator.table(&table)?;
    what_they_knew(narrator, views)
}

fn what_they_knew(narrator: &mut Narrator<'_>, views: &[View]) -> anyhow::Result<()> {
    let mut seen: Vec<_> = views.iter().map(|view| outcome(&view.saw)).collect();
    seen.dedup();
    if seen.len() > 1 {
        narrator.say(
            "The clients did not all see the same this time. This machine was too busy for one of \
             them to get as far as the others; run it again.",
        )?;
        return Ok(());
    }
    narrator.say(
        "All clients saw the same, so no client can tell which story was its own. Waiting longer \
         would have answered one of the five. For the other four, no timeout is long enough.",
    )?;
    Ok(())
}

fn slow_story(narrator: &mut Narrator<'_>, views: &[View]) -> anyhow::Result<()> {
    let Some(view) = views.iter().find(|view| view.story == Story::Slow) else {
        return Ok(());
    };
    narrator.step("A look into the ledger", "real sockets")?;
    narrator.say(
        "The server of client 5 was slow, and nothing had failed. Suppose that the client may look \
         into the server's ledger at the moment at which it gives up.",
    )?;
    narrator.predict(
        "Is its payment in the ledger at that moment?",
        view.ledger_then > 0,
        "The server was still at work. It paid when the client had given up.",
    )?;
    narrator.say(
        "This is its story. Time runs down, each party has a column, and each message is an arrow:",
    )?;
    narrator.picture(&view.trace()?.ladder(narrator.width()))?;
    narrator.say(
        "So the ledger, too, answers only for the moment of the look. `cargo run -p timeouts -- \
         story reply-lost` draws another of the five; the client's column is the same in all.",
    )?;
    Ok(())
}

fn in_words(story: Story) -> &'static str {
    match story {
        Story::RequestLost => "the request was lost",
        Story::CrashedBefore => "power cut before the work",
        Story::CrashedAfter => "power cut after the work",
        Story::ReplyLost => "the reply was lost",
        Story::Slow => "nothing but a slow server",
    }
}

fn errors_before(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let met = errors::meet(Way::BEFORE)?;
    let full = errors::full_queue()?;
    narrator.step("Errors before a byte has left", "real sockets")?;
    narrator.say(
        "Not every failure is silence: most calls that fail report an error. We make each kind on \
         purpose, and look into the ledger. First the errors that come before a byte of the \
         request has left.",
    )?;
    let full_queue = met.iter().find(|met| met.way == Way::FullQueue);
    narrator.predict(
        "A server accepts no connections, and its accept queue is full, so the next connect times \
         out. Was that client's payment made: yes, no, or unknown?",
        paid(full_queue),
        "Without a connection no byte of the request has left.",
    )?;
    narrator.table(&table(&met))?;
    narrator.say(&format!(
        "Here the moment proves what the name does not: what was not sent was not executed. (That \
         server had asked for a queue of {}. Its system took {} connections, and let the next wait \
         for {}, until its client gave up.)",
        full.backlog,
        full.taken,
        measured(full.after),
    ))?;
    Ok(())
}

fn errors_after(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let met = errors::meet(Way::AFTER)?;
    narrator.step("Errors after a byte has left", "real sockets")?;
    narrator.say(
        "Now there is a connection, and the request is sent. We make each error twice: with a \
         server that has paid, and with a server that has not.",
    )?;
    let reset = met.iter().find(|met| met.way == Way::UnreadBytes);
    narrator.predict(
        "A read fails with ConnectionReset. Was the payment made: yes, no, or unknown?",
        paid(reset),
        "The connection was thrown away. The error does not show when in its work the server did \
         that, or why.",
    )?;
    narrator.table(&table(&met))?;
    narrator.say(
        "Each of these came from both servers, so whether the payment was made is **unknown**, \
         whatever the name of the error. BrokenPipe is about the bytes of its own write: they went \
         nowhere. The request had left before, in a write that succeeded.",
    )?;
    stuck_writes(narrator)?;
    two_names(narrator, &met)
}

fn table(met: &[Met]) -> Table {
    met.iter().fold(
        Table::new(["what we do", "it fails with", "that proves", "paid"]),
        |table, met| {
            let (does, proves) = does_and_proves(met.way);
            let errors: Vec<_> = met.errors.iter().map(|error| format!("{error:?}")).collect();
            let ledgers: Vec<_> = met.ledgers.iter().map(u64::to_string).collect();
            table.row([does, &errors.join(" or "), proves, &ledgers.join(" or ")])
        },
    )
}

fn does_and_proves(way: Way) -> (&'static str, &'static str) {
    match way {
        Way::NoListener => ("connect, no server listens", "a system refused"),
        Way::FullQueue => ("connect, the queue is full", "nothing"),
        Way::NeverConnected => ("read, not connected yet", "there is no connection"),
        Way::NothingTaken => ("write, it does not read", "nothing"),
        Way::WriteAfterClose => ("write on, it has closed", "the connection ended"),
        Way::NoReply => ("read, it does not write", "nothing"),
        Way::UnreadBytes => ("read, it closed early", "the connection ended"),
        Way::CutReply => ("read, the reply is cut", "no more will come"),
    }
}

/// Whether the payment was made when the error came.
fn paid(met: Option<&Met>) -> Answer {
    let seen = match met.map(|met| &met.ledgers[..]) {
        Some([0]) => "no",
        Some([_]) => "yes",
        _ => "unknown",
    };
    Answer::one_of(&["yes", "no", "unknown | nobody can tell | unclear"], seen)
}

fn stuck_writes(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let stuck = errors::nothing_taken(false)?;
    narrator.say(&format!(
        "And a write that succeeds has reached your own system, no more: before the first error of \
         the table, writes of ≈ {} bytes had succeeded, of which the server had read {}.",
        number(stuck.written as u64),
        stuck.read
    ))?;
    Ok(())
}

fn two_names(narrator: &mut Narrator<'_>, met: &[Met]) -> anyhow::Result<()> {
    let no_reply = met.iter().find(|met| met.way == Way::NoReply);
    let here = no_reply.map_or(String::new(), |met| format!("{:?}", met.errors[0]));
    narrator.say(&format!(
        "A read or write that times out has two names: WouldBlock on Unix, TimedOut on Windows. \
         Here it was {here}."
    ))?;
    Ok(())
}

fn reported_once(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let reset = reported_once::after_a_reset()?;
    let close = reported_once::after_a_close()?;
    narrator.step("Reported only once", "real sockets")?;
    narrator.say(
        "A server closes while a request lies unread in its socket: that makes a reset. The client \
         reads and gets ConnectionReset. Then it reads once more.",
    )?;
    let second = reset.get(1).map_or(String::new(), what_came);
    narrator.predict(
        "What does the second read return: ConnectionReset, 0 bytes, or WouldBlock?",
        Answer::one_of(
            &["ConnectionReset | reset", "0 bytes, the end of the stream | nothing", "WouldBlock"],
            second,
        ),
        "The system reports a reset to one call, the first, and forgets it.",
    )?;
    calls(narrator, &reset)?;
    narrator.say(
        "After its first call the client sees what it would see if the server had ended the \
         stream. So keep the first error.",
    )?;
    narrator.say(
        "Another server reads the request and closes, with nothing unread. A process that is \
         killed at this point looks the same: its system closes for it. The client reads 0 bytes, \
         the end of the stream. Then it writes.",
    )?;
    let write = close.iter().find(|call| call.name == "write");
    narrator.predict(
        "Does that write fail?",
        write.is_some_and(|call| call.result.is_err()),
        "The end of the stream says that the server sends no more. Whether it still reads, the \
         client's system learns when its bytes arrive there.",
    )?;
    calls(narrator, &close)?;
    narrator.say(
        "A reset does not mean a crash, although it is often taught so: a healthy program that \
         closes too early makes one. And a crash need not make a reset.",
    )?;
    Ok(())
}

fn calls(narrator: &mut Narrator<'_>, calls: &[Call]) -> anyhow::Result<()> {
    for call in calls {
        narrator.event("client", call.name, &what_came(call))?;
    }
    Ok(())
}

fn what_came(Call { name, result }: &Call) -> String {
    match result {
        Ok(0) if *name == "read" => "0 bytes, the end of the stream".to_owned(),
        Ok(count) => format!("{count} bytes written"),
        Err(error) => format!("{error:?}"),
    }
}

fn no_deadline(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let saw = drip::drip()?;
    narrator.step("A timeout for each read is no deadline", "real sockets")?;
    narrator.say(&format!(
        "A server sends its reply of {} bytes one byte at a time, one every {}. One client sets a \
         timeout of {} on its socket, which is what the system offers: it holds for each read. \
         Another client has a deadline: one moment, {} after it began, by which all must be over.",
        drip::REPLY.len(),
        exact(drip::EVERY),
        exact(drip::READ_TIMEOUT),
        exact(drip::DEADLINE)
    ))?;
    narrator.predict(
        &format!("Does the timeout of {} ever end a read?", exact(drip::READ_TIMEOUT)),
        saw.tripped.is_some(),
        match saw.tripped {
            None => "Each byte that comes starts the timeout anew.",
            Some(_) => {
                "But only because this machine is too busy to let the bytes through in time, and \
                 was so each time that we tried. Run it again when it has less to do."
            }
        },
    )?;
    let reply = match saw.tripped {
        None => format!("the reply, \"{}\"", printable(saw.reply.trim_ascii_end())),
        Some(error) => format!("{error:?}"),
    };
    narrator.table(
        &Table::new(["the client waits", "it ends after", "with"])
            .row([
                format!("{} for each read", exact(drip::READ_TIMEOUT)),
                measured(saw.took),
                reply,
            ])
            .row([
                format!("{} in all", exact(drip::DEADLINE)),
                measured(saw.deadline_took),
                outcome(&saw.by_deadline),
            ]),
    )?;
    let longest = drip::EVERY * DEFAULT_MAX_MESSAGE as u32;
    narrator.say(&format!(
        "At this pace a reply of {} bytes, the most that our client takes, would hold it for {} \
         minutes, and that timeout would never end a read. With a deadline, connecting and each \
         read wait for the remaining time.",
        number(DEFAULT_MAX_MESSAGE as u64),
        longest.as_secs() / 60
    ))?;
    Ok(())
}

fn how_long(
    narrator: &mut Narrator<'_>,
    sample: &Sample,
    rows: &[Row],
    seed: u64,
) -> anyhow::Result<()> {
    narrator.step("How long to wait", "virtual time")?;
    narrator.say(&format!(
        "**Latency** is the time from a request to its answer. We drew {} latencies at random \
         (seed {seed}), as a server has them that is alive and mostly quick: many are short, and a \
         few are very long, the **tail**.",
        number(how_long::REQUESTS as u64),
    ))?;
    let within = |permille| number(sample.percentile(permille).as_millis() as u64);
    narrator.bullet(&format!("half of the answers come within {} ms", within(500)))?;
    narrator.bullet(&format!("99 of 100 within {} ms", within(990)))?;
    narrator.bullet(&format!("999 of 1,000 within {} ms", within(999)))?;
    narrator.bullet(&format!("the last after {} ms", within(1000)))?;
    narrator.say(
        "A timeout that ends before such an answer comes is a **false alarm**: the server was \
         well.",
    )?;
    let accepted = how_long::shortest_accepted(rows);
    let timeouts = how_long::TIMEOUTS.map(exact).join(", ");
    narrator.predict(
        &format!(
            "Which is the shortest of these timeouts with at most one false alarm in {} requests: \
             {timeouts}?",
            number(how_long::ACCEPTED as u64)
        ),
        accepted.map(|row| Answer::quantity(exact(row.timeout))),
        "Choose the false alarms that you accept. The timeout is the latency that the other \
         requests stay below.",
    )?;
    narrator.table(&sweep(rows, accepted))?;
    narrator.say(&format!(
        "The last column is the price of waiting: when the server is dead and {} requests a second \
         arrive, so many callers wait for it at a time. Each holds a thread or a connection.",
        how_long::RATE
    ))?;
    Ok(())
}

fn bad_day(narrator: &mut Narrator<'_>, sample: &Sample, rows: &[Row]) -> anyhow::Result<()> {
    let Some(accepted) = how_long::shortest_accepted(rows) else {
        return Ok(());
    };
    let timeout = exact(accepted.timeout);
    narrator.step("The same timeout on a bad day", "virtual time")?;
    narrator.say(&format!(
        "Those latencies are of a good day. On a bad one everything takes {} times as long, and \
         the timeout is still {timeout}.",
        how_long::BAD_DAY,
    ))?;
    let times = how_long::times_as_many(accepted).to_string();
    let choices = how_long::FACTORS.map(|factor| factor.to_string());
    narrator.predict(
        "Are there about 1, 3, 10, or 100 times as many false alarms?",
        Answer::one_of(&choices, times),
        &format!(
            "{} instead of {}. The tail thins out slowly, so a little less room lets many more \
             answers come too late.",
            number(accepted.on_a_bad_day as u64),
            number(accepted.false_alarms as u64)
        ),
    )?;
    narrator.plot(&plot(sample))?;
    narrator.say(
        "These false alarms come when the server has most to do, and a client that answers them by \
         asking again gives it more.",
    )?;
    Ok(())
}

fn sweep(rows: &[Row], accepted: Option<&Row>) -> Table {
    let of = number(how_long::REQUESTS as u64);
    let table = Table::new([
        "timeout, ms".to_owned(),
        format!("false alarms in {of} requests"),
        "callers that wait for a dead server".to_owned(),
    ]);
    rows.iter().fold(table, |table, row| {
        let cells = [row.timeout.as_millis() as u64, row.false_alarms as u64, row.held_up as u64]
            .map(number);
        if Some(row) == accepted { table.marked_row(cells) } else { table.row(cells) }
    })
}

fn plot(sample: &Sample) -> Plot {
    let percent = |slower| {
        (5..=30).map(move |step| {
            let timeout = Duration::from_millis(step * 20);
            let late = sample.false_alarms(timeout, slower);
            (timeout.as_millis() as f64, late as f64 * 100.0 / how_long::REQUESTS as f64)
        })
    };
    Plot::new("timeout, ms", "false alarms, %")
        .points("as usual", percent(1))
        .points(&format!("{} times slower", how_long::BAD_DAY), percent(how_long::BAD_DAY))
}

fn outcome(result: &Result<Vec<u8>, RequestError>) -> String {
    match result {
        Ok(reply) => format!("the reply, \"{}\"", printable(reply)),
        Err(error) => error.to_string(),
    }
}
