//! Narrates the experiments.

use std::time::Duration;

use common::frame::DEFAULT_MAX_MESSAGE;
use common::random::Rng;
use narration::{Answer, Narrator, Plot, Table, exact, measured, number, printable};

use crate::bank::REQUEST;
use crate::client::AskError;
use crate::defaults::{self, Preset};
use crate::drip;
use crate::errors::{self, Met, Way};
use crate::five_stories::{self, Story, View};
use crate::how_long::{self, Row, Sample};
use crate::reported_once::{self, Call};

/// Runs every experiment and narrates it. The latencies of the fifth are drawn with `seed`.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    narrator.title("timeouts", "No answer came. What happened?")?;
    five_stories(narrator)?;
    every_error(narrator)?;
    reported_once(narrator)?;
    no_deadline(narrator)?;
    how_long(narrator, seed)?;
    defaults(narrator)?;
    narrator.remember(
        "A timeout says that you have stopped waiting. It says nothing about the work.",
        "Should you try again? When, and how often?",
    )?;
    Ok(())
}

fn five_stories(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let views = five_stories::five_stories()?;
    narrator.step("Five stories, one view", "real sockets")?;
    narrator.say(&format!(
        "Five clients send \"{}\", each to a server of its own. Each waits {} for an answer and \
         then gives up; such a limit on waiting is called a **timeout**. Five different things go \
         wrong, some in the server and some in a small proxy before it, which loses what it should \
         pass on. This is what the clients see:",
        printable(REQUEST),
        exact(five_stories::DEADLINE)
    ))?;
    for (view, client) in views.iter().zip(1..) {
        let after = format!("after {}", measured(view.after));
        narrator.event(&format!("client {client}"), &after, &outcome(&view.saw))?;
    }
    let made: u64 = views.iter().map(|view| view.ledger_in_the_end).sum();
    narrator.predict(
        "How many of the five payments were made in the end?",
        made,
        "Each server writes down in its ledger what it has done. The clients cannot see that.",
    )?;
    let mut table = Table::new(["what happened", "paid when the client gave up", "in the end"]);
    for view in &views {
        table = table.row([
            in_words(view.story).to_owned(),
            view.ledger_then.to_string(),
            view.ledger_in_the_end.to_string(),
        ]);
    }
    narrator.table(&table)?;
    what_they_knew(narrator, &views)
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
        "Each of them saw the same, and none can tell which story was its own. The last is the \
         meanest: nothing had failed, and the payment was made after the client had given up. Even \
         a look into the ledger would have misled it.",
    )?;
    narrator.say(
        "Waiting longer would have answered one of the five. For the others no timeout is long \
         enough. So a client that hears nothing may say \"not executed\" only if it sent nothing; \
         after that, all that it knows is **unknown**.",
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

fn every_error(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let met = errors::meet_all()?;
    narrator.step("Each error, made for real", "real sockets")?;
    narrator.say(
        "Not every failure is silence. Does the name of an error say more? We make each kind on \
         purpose, and where a request was sent, we make it twice: with a server that had paid, and \
         with one that had not.",
    )?;
    let reset = met.iter().find(|met| met.way == Way::UnreadBytes);
    narrator.predict(
        "A read fails with ConnectionReset. Was the payment made: yes, no, or unknown?",
        Answer::one_of(
            &["yes", "no", "unknown | nobody can tell | unclear"],
            reset.map_or("unknown", verdict),
        ),
        "The connection was thrown away. When in its work the server did that, or why, does not \
         show.",
    )?;
    let mut table = Table::new(["what we do", "it fails with", "that proves", "paid"]);
    for met in &met {
        let (does, proves) = does_and_proves(met.way);
        let errors: Vec<_> = met.errors.iter().map(|error| format!("{error:?}")).collect();
        let ledgers: Vec<_> = met.ledgers.iter().map(u64::to_string).collect();
        table = table.row([does, &errors.join(" or "), proves, &ledgers.join(" or ")]);
    }
    narrator.table(&table)?;
    narrator.say(
        "What decides is not the name but the moment. The first four came before a byte of the \
         request was on its way, so nothing was paid. (A request in two writes may have left half \
         of itself before a BrokenPipe.) The others came after it, and each came to us from both \
         servers.",
    )?;
    two_names(narrator, &met)?;
    waiting_in_the_system(narrator)
}

fn does_and_proves(way: Way) -> (&'static str, &'static str) {
    match way {
        Way::NoListener => ("connect, nobody listens", "somebody refused"),
        Way::FullQueue => ("connect, queue is full", "nothing"),
        Way::NeverConnected => ("read, not connected", "there is no connection"),
        Way::WriteAfterEnd => ("write, it has ended", "these bytes went nowhere"),
        Way::NothingTaken => ("write, nobody reads", "nothing"),
        Way::NoReply => ("read, nobody writes", "nothing"),
        Way::UnreadBytes => ("read, it closed early", "the connection is gone"),
        Way::CutReply => ("read, the reply is cut", "no more will come"),
    }
}

fn verdict(met: &Met) -> &'static str {
    match met.ledgers[..] {
        [0] => "no",
        [_] => "yes",
        _ => "unknown",
    }
}

fn two_names(narrator: &mut Narrator<'_>, met: &[Met]) -> anyhow::Result<()> {
    let no_reply = met.iter().find(|met| met.way == Way::NoReply);
    let here = no_reply.map_or(String::new(), |met| format!("{:?}", met.errors[0]));
    narrator.say(&format!(
        "A read that waits in vain has two names. Unix says WouldBlock, as of a socket that does \
         not wait at all; Windows says TimedOut. Here it was {here}. A connect that waits in vain \
         is TimedOut everywhere. A read that is TimedOut on Unix is something else: the system \
         itself has given the connection up."
    ))?;
    Ok(())
}

fn waiting_in_the_system(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let stuck = errors::nothing_taken(false)?;
    let full = errors::full_queue()?;
    narrator.say(&format!(
        "Two of these errors come from a system's queue or buffer, and no program had a part in \
         them. The server whose queue was full had asked for a queue of {}; its system took {} \
         connections, and let the next knock for {}. And before the write failed, writes of ≈ {} \
         bytes had gone well, of which the server had read {}: a write that goes well has reached \
         your own system.",
        full.backlog,
        full.taken,
        measured(full.after),
        number(stuck.written as u64),
        stuck.read
    ))?;
    Ok(())
}

fn reported_once(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let reset = reported_once::after_a_reset()?;
    let close = reported_once::after_a_close()?;
    narrator.step("Told only once", "real sockets")?;
    narrator.say(
        "A server closes while a request of ours lies unread in its socket. That is a reset. The \
         client makes four calls, one after the other:",
    )?;
    calls(narrator, &reset)?;
    narrator.say(
        "The reset is told to whichever read or write comes first, and to no other. Read once \
         more, and the same connection looks as if the server had ended it in good order. Keep the \
         first error.",
    )?;
    narrator.say(
        "Another server reads the request and closes. Nothing lay unread, so this is an end in \
         good order; a process that is killed here looks the same, since its system closes for it. \
         The client reads 0 bytes: the end of the stream. Then it writes.",
    )?;
    let write = close.iter().find(|call| call.name == "write");
    narrator.predict(
        "Does that write fail?",
        write.is_some_and(|call| call.result.is_err()),
        "The server's end says that it will send no more. Whether it still reads, the client's \
         system learns only from what its bytes meet there.",
    )?;
    calls(narrator, &close)?;
    narrator.say(
        "So neither is what it is often taken for. A reset does not mean a crash: a healthy \
         program that closes too early makes one. And a crash need not make a reset.",
    )?;
    Ok(())
}

fn calls(narrator: &mut Narrator<'_>, calls: &[Call]) -> anyhow::Result<()> {
    for Call { name, result } in calls {
        let result = match result {
            Ok(0) if *name == "read" => "0 bytes, the end of the stream".to_owned(),
            Ok(count) => format!("{count} bytes, all is well"),
            Err(error) => format!("{error:?}"),
        };
        narrator.event("client", name, &result)?;
    }
    Ok(())
}

fn no_deadline(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let saw = drip::drip()?;
    narrator.step("A timeout for each read is no deadline", "real sockets")?;
    narrator.say(&format!(
        "A server sends its reply of {} bytes one byte at a time, one every {}. One client sets a \
         timeout of {} on its socket, which is what the system offers: it holds for each read. \
         Another one has a **deadline**: one moment, {} after it began, by which all must be over.",
        drip::REPLY.len(),
        exact(drip::EVERY),
        exact(drip::READ_TIMEOUT),
        exact(drip::DEADLINE)
    ))?;
    narrator.predict(
        &format!("Does the timeout of {} ever end a read?", exact(drip::READ_TIMEOUT)),
        saw.tripped.is_some(),
        match saw.tripped {
            None => "Each byte that comes starts its clock anew.",
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
         minutes, and that timeout would never strike. With a deadline each read waits for what is \
         left, and connecting draws on the same account.",
        number(DEFAULT_MAX_MESSAGE as u64),
        longest.as_secs() / 60
    ))?;
    Ok(())
}

fn how_long(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    let sample = Sample::draw(&mut Rng::from_seed(seed));
    let rows = how_long::sweep(&sample);
    narrator.step("How long to wait", "virtual time")?;
    narrator.say(&format!(
        "We made up a server and drew {} latencies for it (seed {seed}; waiting for them all would \
         take {} minutes). It is alive and mostly quick, with a long tail, as real ones have:",
        number(how_long::REQUESTS as u64),
        sample.total().as_secs() / 60
    ))?;
    let within = |permille| number(sample.percentile(permille).as_millis() as u64);
    narrator.bullet(&format!("half of the answers come within {} ms", within(500)))?;
    narrator.bullet(&format!("99 of 100 within {} ms", within(990)))?;
    narrator.bullet(&format!("999 of 1,000 within {} ms", within(999)))?;
    narrator.bullet(&format!("the last after {} ms", within(1000)))?;
    narrator.say(
        "Give up earlier than such an answer comes, and it is a **false alarm**: the server was \
         well. Give up later, and a server that is really dead holds you for so long.",
    )?;
    let accepted = how_long::shortest_accepted(&rows);
    let timeouts = how_long::TIMEOUTS.map(exact).join(", ");
    narrator.predict(
        &format!(
            "Which is the shortest of these timeouts with at most one false alarm in {} requests: \
             {timeouts}?",
            number(how_long::ACCEPTED as u64)
        ),
        accepted.map(|row| Answer::quantity(exact(row.timeout))),
        "Choose the false alarms that you can bear, and the timeout is the latency that the others \
         stay below.",
    )?;
    narrator.table(&sweep(&rows, accepted))?;
    narrator.plot(&plot(&sample))?;
    narrator.say(&format!(
        "The first steps buy much and the later ones little. But the last column grows with each \
         step: so many callers wait for a dead server at a time, if {} requests a second arrive. \
         Each of them holds a thread or a connection of yours, and they are not without end \
         either.",
        how_long::RATE
    ))?;
    let Some(accepted) = accepted else {
        return Ok(());
    };
    narrator.say(&format!(
        "And the sample is of a good day. On one on which the server is {} times slower, a timeout \
         of {} raises {} false alarms instead of {}. They come when the server has most to do, and \
         whoever answers them by asking again gives it more.",
        how_long::BAD_DAY,
        exact(accepted.timeout),
        number(accepted.on_a_bad_day as u64),
        number(accepted.false_alarms as u64)
    ))?;
    Ok(())
}

fn sweep(rows: &[Row], accepted: Option<&Row>) -> Table {
    let of = number(how_long::REQUESTS as u64);
    let slower = how_long::BAD_DAY;
    let table = Table::new([
        "timeout, ms".to_owned(),
        format!("false alarms of {of}"),
        format!("if all is {slower} times slower"),
        "callers held up".to_owned(),
    ]);
    rows.iter().fold(table, |table, row| {
        let cells = [
            row.timeout.as_millis() as u64,
            row.false_alarms as u64,
            row.on_a_bad_day as u64,
            row.held_up as u64,
        ]
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
    Plot::new("timeout, which is the time to notice, ms", "false alarms, %")
        .points("as usual", percent(1))
        .points(&format!("{} times slower", how_long::BAD_DAY), percent(how_long::BAD_DAY))
}

fn defaults(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("What others wait", "from documentation")?;
    narrator.say("If nobody says how long to wait, somebody else has decided it long ago:")?;
    let mut table = Table::new(["whose default", "waits", "that covers"]);
    for Preset { of, wait, bounds } in defaults::defaults() {
        let wait = wait.map_or("for ever".to_owned(), exact);
        table = table.row([of, &wait, bounds]);
    }
    narrator.table(&table)?;
    narrator.say("None of them knows your program. What the right value depends on:")?;
    narrator.bullet(
        "The way: a round trip takes well under 1 ms in a building and some 100 ms across an \
         ocean. A first packet that is lost is sent again after 1 s; a connect timeout below that \
         never survives one.",
    )?;
    narrator.bullet(
        "The work: what the other side takes for the slowest request that you are willing \
         to wait for.",
    )?;
    narrator.bullet(
        "Who waits for you: what is left of their deadline is all that you have. Hand on \
         what is left of yours.",
    )?;
    narrator
        .bullet("What a false alarm costs: little for a read, a second payment for \"pay 100\".")?;
    Ok(())
}

fn outcome(result: &Result<Vec<u8>, AskError>) -> String {
    match result {
        Ok(reply) => format!("the reply, \"{}\"", printable(reply)),
        Err(error) => error.to_string(),
    }
}
