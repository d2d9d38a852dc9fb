//! Narrates the experiments.

use common::frame::DEFAULT_MAX_MESSAGE;
use common::random::Rng;
use narration::{Answer, Narrator, Table, exact, measured, number, printable};

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
    bad_day(narrator, &rows)?;
    narrator.remember(
        "A timeout says that you have stopped waiting. It says nothing about the work.",
        "Should you try again? When, and how often?",
    )?;
    Ok(())
}

fn five_stories(narrator: &mut Narrator<'_>, views: &[View]) -> anyhow::Result<()> {
    narrator.step("Five stories, one view", "real sockets")?;
    narrator.say(&format!(
        "Five clients send \"{}\", each to a server of its own, with a timeout of {} for the \
         reply. In each story something else goes wrong: in the server, or in the proxy that plays \
         the network. This is what the clients see:",
        printable(REQUEST),
        exact(five_stories::DEADLINE)
    ))?;
    for (view, client) in views.iter().zip(1..) {
        let after = format!("after {}", measured(view.after));
        narrator.event(&format!("client {client}"), &after, &outcome(&view.saw))?;
    }
    narrator.predict(
        "How many of the five clients can tell from this whether their payment is made?",
        views.iter().filter(|view| can_tell(view, views)).count(),
        "Others saw the same, and their servers' ledgers have something else.",
    )?;
    let mut table = Table::new(["client", "what happened", "payments in the end"]);
    for (view, client) in views.iter().zip(1..) {
        let paid = view.ledger_in_the_end.to_string();
        table = table.row([format!("{client}"), in_words(view.story).to_owned(), paid]);
    }
    narrator.table(&table)?;
    what_they_knew(narrator, views)
}

/// Whether all that saw the same have the same in their ledgers.
fn can_tell(view: &View, views: &[View]) -> bool {
    let mut alike = views.iter().filter(|other| outcome(&other.saw) == outcome(&view.saw));
    alike.all(|other| other.ledger_in_the_end == view.ledger_in_the_end)
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
        "Waiting longer would have answered one of the five. For the other four, no timeout is \
         long enough.",
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
        "Must its payment be in the ledger at that moment?",
        view.ledger_then > 0,
        "This server was still at work. It paid when the client had given up.",
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
    narrator.step("Errors without a connection", "real sockets")?;
    narrator.say(
        "Not every failure is silence: most calls that fail report an error. We make each kind on \
         purpose, and look into the ledger. One of them comes from the **accept queue**, in which \
         the system holds the connections that a server has not accepted yet.",
    )?;
    let full_queue = met.iter().find(|met| met.way == Way::FullQueue);
    narrator.predict(
        "A server does not accept, and its queue is full, so the next connect times out. Was that \
         client's payment made: yes, no, or unknown?",
        paid(full_queue),
        "Without a connection no byte of the request has left.",
    )?;
    narrator.table(&table(&met))?;
    narrator.say(&format!(
        "The moment proves what the name does not: what was not sent was not executed. The full \
         queue held {} connections; the next waited for {}, until its client gave up. The last \
         socket was made without connecting, as other languages do; Rust's TcpStream always \
         connects.",
        full.taken,
        measured(full.after),
    ))?;
    Ok(())
}

fn errors_after(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let met = errors::meet(Way::AFTER)?;
    narrator.step("Errors on a connection", "real sockets")?;
    narrator.say("Now there is a connection, and the request is sent.")?;
    let reset = met.iter().find(|met| met.way == Way::UnreadBytes);
    narrator.predict(
        "A read fails with ConnectionReset. Was the payment made: yes, no, or unknown?",
        paid(reset),
        "The connection was thrown away. The error does not show when in its work the server did \
         that, or why.",
    )?;
    narrator.say(
        "We make each error twice: with a server that has paid, and with a server that has not.",
    )?;
    narrator.table(&table(&met))?;
    narrator.say(
        "Both servers caused every one of them. So whether the payment was made is **unknown**, \
         whatever the name of the error. WouldBlock is how Unix reports that a read or a write has \
         timed out; Windows reports TimedOut.",
    )?;
    Ok(())
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
        Way::NeverConnected => ("read, never connected", "there is no connection"),
        Way::NothingTaken => ("write, it does not read", "nothing"),
        Way::WriteAfterClose => ("write on, it has closed", "the connection ended"),
        Way::NoReply => ("read, it does not write", "nothing"),
        Way::UnreadBytes => ("read, it closed early", "the connection ended"),
        Way::CutReply => ("read_exact, a cut reply", "no more will come"),
    }
}

/// Whether the payment was made when the error came.
fn paid(met: Option<&Met>) -> Answer {
    let seen = match met.map(|met| &met.ledgers[..]) {
        Some([0]) => "no",
        Some([_]) => "yes",
        _ => "unknown",
    };
    let no = "no | nope | not made | not paid | unpaid | not sent | never sent | not executed";
    let unknown = "unknown | nobody can tell | nobody knows | unclear | not sure | unsure | maybe";
    Answer::one_of(&["yes | made | paid | executed", no, unknown], seen)
}

fn reported_once(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let reset = reported_once::after_a_reset()?;
    let close = reported_once::after_a_close()?;
    narrator.step("Reported only once", "real sockets")?;
    narrator.say(
        "A server closes while a request lies unread in its socket: that makes a reset. (In step 4 \
         the server that had paid closed with a second one unread.) The client reads and gets \
         ConnectionReset. Then it reads once more.",
    )?;
    let second = reset.get(1).map_or(String::new(), what_came);
    narrator.predict(
        "What does the second read return: ConnectionReset, 0 bytes, or WouldBlock?",
        Answer::one_of(
            &[
                "ConnectionReset | reset",
                "0 bytes, the end of the stream | nothing | EOF | end of file | zero",
                "WouldBlock",
            ],
            second,
        ),
        "The system reports a reset to one call, the first read or write that meets it, and \
         forgets it.",
    )?;
    calls(narrator, &reset)?;
    narrator.say(
        "The second read looks as if the server had ended the stream. So keep the first error.",
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
        "A write that succeeds has reached the client's own system, no more. Whether the server \
         still reads, that system learns when the bytes arrive there.",
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
    narrator.step("A timeout, and a deadline", "real sockets")?;
    narrator.say(&format!(
        "A server sends its reply of {} bytes one byte at a time, one every {}. One client sets a \
         timeout of {} on its socket, which is what the system offers. Another client has a \
         deadline: one moment, {} after it began, by which all must be over.",
        drip::REPLY.len(),
        exact(drip::EVERY),
        exact(drip::READ_TIMEOUT),
        exact(drip::DEADLINE)
    ))?;
    narrator.predict(
        &format!("Does the timeout of {} ever end a read?", exact(drip::READ_TIMEOUT)),
        saw.tripped.is_some(),
        match saw.tripped {
            None => "It holds for each read, and each byte that comes starts it anew.",
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
        (longest.as_secs() + 30) / 60
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
         (seed {seed}), those of a server that is alive and mostly quick: many are short, and a \
         few are very long, the **tail**.",
        number(how_long::REQUESTS as u64),
    ))?;
    let within = |permille| number(sample.percentile(permille).as_millis() as u64);
    narrator.bullet(&format!("half of the answers come within {} ms", within(500)))?;
    narrator.bullet(&format!("99 of 100 within {} ms", within(990)))?;
    narrator.bullet(&format!("the last after {} ms", within(1000)))?;
    narrator.say("A timeout that ends the wait for a server that is well is a **false alarm**.")?;
    let Some(accepted) = how_long::shortest_accepted(rows) else {
        narrator.table(&sweep(rows, None))?;
        return Ok(());
    };
    let timeout = exact(accepted.timeout);
    narrator.say(&format!(
        "We accept one false alarm in {} requests. Of eight timeouts {timeout} is the shortest \
         that keeps to that. Then the server dies, while {} requests a second arrive.",
        number(how_long::ACCEPTED as u64),
        how_long::RATE
    ))?;
    narrator.predict(
        &format!("Each caller waits for {timeout}. How many callers wait at a time?"),
        accepted.held_up,
        &format!(
            "As many as arrive in {timeout}. Each holds a thread or a connection: the price of \
             waiting."
        ),
    )?;
    narrator.table(&sweep(rows, Some(accepted)))?;
    Ok(())
}

fn bad_day(narrator: &mut Narrator<'_>, rows: &[Row]) -> anyhow::Result<()> {
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
    narrator.predict(
        "Are there about 1, 3, 10, or 100 times as many false alarms?",
        Answer::one_of(&["1 | one", "3 | three", "10 | ten | tenfold", "100 | hundred"], times),
        &format!(
            "On this day {timeout} are as short as {} ms are on a good one; the table of step 7 \
             has its neighbours. A tail that thins out faster would make it more.",
            (accepted.timeout / how_long::BAD_DAY).as_millis()
        ),
    )?;
    narrator.table(&days(rows, accepted))?;
    narrator.say(
        "These false alarms come when the server has most to do, and a client that answers them by \
         asking again gives it more.",
    )?;
    Ok(())
}

fn days(rows: &[Row], accepted: &Row) -> Table {
    let table = Table::new(["timeout, ms", "false alarms on a good day", "on a bad day"]);
    marked(table, rows, Some(accepted), |row| [row.false_alarms as u64, row.on_a_bad_day as u64])
}

fn sweep(rows: &[Row], accepted: Option<&Row>) -> Table {
    let of = number(how_long::REQUESTS as u64);
    let table = Table::new([
        "timeout, ms".to_owned(),
        format!("false alarms in {of} requests"),
        "callers that wait for a dead server".to_owned(),
    ]);
    marked(table, rows, accepted, |row| [row.false_alarms as u64, row.held_up as u64])
}

/// A row for each timeout, with a mark at the one that is accepted.
fn marked(table: Table, rows: &[Row], accepted: Option<&Row>, of: fn(&Row) -> [u64; 2]) -> Table {
    rows.iter().fold(table, |table, row| {
        let [one, two] = of(row);
        let cells = [row.timeout.as_millis() as u64, one, two].map(number);
        if Some(row) == accepted { table.marked_row(cells) } else { table.row(cells) }
    })
}

fn outcome(result: &Result<Vec<u8>, RequestError>) -> String {
    match result {
        Ok(reply) => format!("the reply, \"{}\"", printable(reply)),
        Err(error) => error.to_string(),
    }
}
