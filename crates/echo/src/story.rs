//! Narrates the experiments.

use std::io;
use std::time::Duration;

use common::frame::Framing;
use narration::{Answer, Narrator, Table, hex, number, printable};

use crate::framing::{self, Claim, EveryCutting};
use crate::models::{beside_a_held_handler, clients_that_stay};
use crate::serving::{self, REPLY_TIMEOUT, TurnedAway};
use crate::sides::Model;
use crate::sockets::{self, Reach};
use crate::stream::{self, Observed};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("echo", "How do two programs talk, and what is one message?")?;
    one_connection(narrator)?;
    bytes_not_messages(narrator)?;
    marks(narrator)?;
    a_length_is_a_claim(narrator)?;
    one_idle_client(narrator)?;
    limits(narrator)?;
    another_way_to_wait(narrator)?;
    turned_away(narrator)?;
    narrator.remember(
        "A connection carries bytes. Where a message ends, how long it may be and how long you \
         wait for it is for your program to decide.",
        "No answer came. What happened?",
    )?;
    Ok(())
}

fn one_connection(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let saw = sockets::one_exchange()?;
    narrator.step("Two programs, one connection", "real sockets")?;
    narrator.say(
        "A **server** waits for connections, a **client** makes one. Each holds one end of it, its \
         **socket**. A socket has an address: a machine, and a number called a **port**. Here is \
         what each asks of its operating system, call by call.",
    )?;
    narrator.event("server", "bind, listen", &format!("on {}", saw.listening))?;
    narrator.event("client", "connect", &format!("from {}", saw.client))?;
    narrator.event("server", "accept", &format!("a connection from {}", saw.peer_of_server))?;
    narrator.event("client", "write", &printable(&saw.request))?;
    narrator.event("server", "read", &printable(&saw.request))?;
    narrator.event("server", "write", &printable(&saw.reply))?;
    narrator.event("client", "read", &printable(&saw.reply))?;
    narrator.event("client", "close", "")?;
    narrator.say(
        "The server asked for port 0, which means any free one. The client asked for none, and the \
         system gave it one: an answer needs an address, too.",
    )?;
    narrator.predict(
        "The client has closed. How many bytes does the server's next read return?",
        saw.read_after_close,
        "A read waits while there is nothing to read. When it returns 0 bytes, nothing will ever \
         come: this is the **end of the stream**.",
    )?;
    which_address(narrator)
}

fn which_address(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let reaches = sockets::reach()?;
    narrator.say(
        "A machine has several addresses; on Linux 127.0.0.1 and 127.0.0.2 are both its own. A \
         server is bound to one of them, or with 0.0.0.0 to all.",
    )?;
    let [Reach { tried, .. }, _] = &reaches;
    narrator.predict(
        "A server is bound to 127.0.0.1. Does a connect to 127.0.0.2 succeed?",
        tried[1].1.is_ok(),
        "A server answers only on the address that it is bound to. By 127.0.0.1 no other machine \
         can reach it.",
    )?;
    let mut table = Table::new(["server bound to", "connect to", "result"]);
    for Reach { bound, tried } in &reaches {
        for (to, result) in tried {
            table = table.row([bound.to_string(), to.to_string(), outcome(result)]);
        }
    }
    narrator.table(&table)?;
    narrator.say("Servers in this course are bound to 127.0.0.1 unless you say otherwise.")?;
    Ok(())
}

fn bytes_not_messages(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let glued = stream::glued_writes()?;
    narrator.step("Bytes, not messages", "real sockets")?;
    narrator.say(
        "The client writes twice. Both writes have arrived. Then the server reads once, into a \
         buffer, which is memory for at most 1,024 bytes. We show bytes in hex, two digits each.",
    )?;
    rows(narrator, "client", "write", &glued.writes)?;
    narrator.predict(
        "How many bytes does that one read return?",
        glued.reads[0].len(),
        "Both writes were waiting, and a read takes what is there.",
    )?;
    rows(narrator, "server", "read", &glued.reads)?;
    narrator.say(
        "TCP, the protocol of this connection, is a **byte stream**: it keeps the order of the \
         bytes, and forgets where each write ended. Nor does it keep a large write together.",
    )?;

    let split = stream::split_message()?;
    narrator.event(
        "client",
        "write",
        &format!("{} bytes at once", number(split.writes[0].len())),
    )?;
    narrator.predict(
        "With the same buffer of 1,024 bytes, how many reads does the server need at least?",
        split.reads.len(),
        "A read returns at most what its buffer holds. It may return less at any time: on a real \
         network the pieces arrive one by one.",
    )?;
    let lengths: Vec<_> = split.reads.iter().map(|read| number(read.len())).collect();
    narrator.event("server", "read", &format!("{} bytes", lengths.join(" + ")))?;
    half_a_letter(narrator)
}

fn half_a_letter(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let Observed { writes, reads } = stream::cut_letter()?;
    narrator.say(
        "A cut can go through a letter, too. In UTF-8, the usual encoding of text, the last letter \
         of this word takes two bytes, and a buffer of four ends between them.",
    )?;
    narrator.event("client", "write", &text(&writes[0]))?;
    for read in &reads {
        narrator.event("server", "read", &text(read))?;
    }
    let replaced = reads
        .iter()
        .map(|read| String::from_utf8_lossy(read).matches('\u{fffd}').count())
        .sum::<usize>();
    narrator.say(&format!(
        "Each half, turned into text by itself, becomes a replacement character: {replaced} of \
         them where one letter was. Bytes become text once a whole message is there, not before."
    ))?;
    Ok(())
}

fn marks(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Two ways to mark a message", "computed")?;
    narrator.say(
        "So the sender marks where a message ends. It sends a byte that no message may hold, a \
         **delimiter** (here the newline, 0a). Or it sends the length first, in four bytes: a \
         **length prefix**. A message with such a prefix is called a **frame**.",
    )?;
    let [lines, frames] =
        [framing::every_cutting(Framing::Lines)?, framing::every_cutting(Framing::Frames)?];
    narrator.event("lines", &hex(&lines.bytes), "")?;
    narrator.event("frames", &hex(&frames.bytes), "")?;
    narrator.say(&format!(
        "{} bytes can be cut into reads in {} ways, {} bytes in {}: at each gap there is a cut or \
         none. We try all of them on two readers. The first takes every read for a message; the \
         second collects bytes until the mark says that a message is complete.",
        lines.bytes.len(),
        number(lines.cuttings),
        frames.bytes.len(),
        number(frames.cuttings),
    ))?;
    narrator.predict(
        &format!(
            "For how many of the {} ways to cut the frames is the first reader right?",
            number(frames.cuttings)
        ),
        frames.right_read_by_read,
        "The one with a single cut, between the two messages. With short messages and pauses \
         between them it is the usual one, so this mistake passes many tests.",
    )?;
    narrator.table(&cuttings(&lines, &frames))?;
    narrator.say(
        "Lines can be typed and read by people. Frames may hold any bytes, and the receiver knows \
         how many will come before they come.",
    )?;
    Ok(())
}

fn cuttings(lines: &EveryCutting, frames: &EveryCutting) -> Table {
    let row = |name: &str, seen: &EveryCutting| {
        [
            name.to_owned(),
            number(seen.cuttings),
            number(seen.right_read_by_read),
            number(seen.right_decoded),
        ]
    };
    Table::new(["marked as", "ways to cut", "right, read by read", "right, by the mark"])
        .row(row("lines", lines))
        .row(row("frames", frames))
}

fn a_length_is_a_claim(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let claims = framing::claims()?;
    let [huge, http, broken] = &claims;
    narrator.step("A length is a claim", "computed")?;
    narrator.say(&format!(
        "The peer writes the length, so it is a claim, not a fact. Our frames have the most \
         significant byte first, which is called **big-endian**: 00 00 00 03 is 3, and {} is {}.",
        hex(&huge.arrived),
        number(huge.claimed)
    ))?;
    narrator.predict(
        "A browser connects to this port by mistake. It sends \"GET / HTTP/1.1\", which begins \
         with the bytes 47 45 54 20. About how many bytes do they claim: four, a thousand, a \
         million or a billion?",
        Answer::one_of(&["four", "a thousand", "a million", "a billion"], size(http.claimed)),
        "If a server takes memory for what a peer claims, four bytes decide how much it takes.",
    )?;
    let mut table = Table::new(["arrived", "claimed", "memory held", "the reader reports"]);
    for Claim { arrived, claimed, memory, verdict } in &claims {
        let start = arrived.first_chunk::<4>().map_or(arrived.as_slice(), |header| header);
        let rest = if arrived.len() > 4 { " …" } else { "" };
        table = table.row([
            format!("{}{rest}", hex(start)),
            number(claimed),
            number(memory),
            verdict_in_words(verdict),
        ]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "A reader holds the {} bytes that it starts with, and more only for bytes that have come. \
         The third connection ended inside its message: {} of {} bytes are an error, not a short \
         message.",
        number(broken.memory),
        broken.arrived.len() - common::frame::HEADER,
        broken.claimed
    ))?;
    Ok(())
}

/// The order of magnitude, in a word.
fn size(claimed: u32) -> &'static str {
    match claimed {
        0..100 => "Four",
        100..100_000 => "A thousand",
        100_000..100_000_000 => "A million",
        _ => "A billion",
    }
}

fn verdict_in_words(verdict: &common::frame::FrameError) -> String {
    use common::frame::FrameError;
    match verdict {
        FrameError::TooLong { limit, .. } => format!("over the limit of {}", number(limit)),
        FrameError::CutShort { have } => format!("ended after {have} bytes in all"),
        FrameError::NewlineInLine => verdict.to_string(),
    }
}

fn one_idle_client(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let one_at_a_time = serving::behind_idle_clients(1, 1)?;
    let threads = serving::behind_idle_clients(1, 2)?;
    narrator.step("One idle client", "real sockets")?;
    narrator.say(
        "The simplest server accepts a connection, serves it to its end, and accepts the next. One \
         client connects to it and sends nothing: it is **idle**. A second one sends \"hello\".",
    )?;
    narrator.predict(
        &format!("Is the second client answered within {}?", narration::exact(REPLY_TIMEOUT)),
        one_at_a_time.at_once,
        "The server waits in a read for the first client. The second client is connected, its \
         bytes have arrived, and the server does not look at them.",
    )?;
    narrator.table(
        &Table::new(["the server", "answered beside the idle one", "once that has left"])
            .row(["one at a time", yes(one_at_a_time.at_once), yes(one_at_a_time.after_one_left)])
            .row(["a thread each", yes(threads.at_once), "-"]),
    )?;
    narrator
        .say("With a thread for each connection, an idle client makes only its own thread wait.")?;
    Ok(())
}

fn limits(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    const PLACES: usize = 4;
    let idle_timeout = Duration::from_millis(100);
    let full = serving::behind_idle_clients(PLACES, PLACES)?;
    let freed = serving::freed_by_idle_timeout(PLACES, idle_timeout)?;
    narrator.step("A limit, and a deadline", "real sockets")?;
    narrator.say(&format!(
        "A thread costs memory, so a server limits its connections; this one takes {PLACES}. Now \
         {} clients connect and send nothing. Another one sends \"hello\".",
        full.idle
    ))?;
    narrator.predict(
        &format!("Is it answered within {}?", narration::exact(REPLY_TIMEOUT)),
        full.at_once,
        "The limit protects the machine, and the idle clients hold every place. An attack that \
         holds them with next to nothing sent is called Slowloris.",
    )?;
    narrator.say(&format!(
        "So the server also has a **deadline** for a request. Now it waits {} for one, and then it \
         closes the connection. Again {} clients send nothing: it closed {} of them, and the \
         client behind them was {}.",
        narration::exact(idle_timeout),
        freed.idle,
        freed.closed,
        if freed.answered { "answered" } else { "not answered" }
    ))?;
    Ok(())
}

fn another_way_to_wait(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    const CLIENTS: usize = 64;
    let [threads, events] =
        [clients_that_stay(Model::Threads, CLIENTS)?, clients_that_stay(Model::Events, CLIENTS)?];
    let [beside_threads, beside_events] =
        [beside_a_held_handler(Model::Threads)?, beside_a_held_handler(Model::Events)?];
    narrator.step("Another way to wait", "real sockets")?;
    narrator.say(&format!(
        "A read waits for one socket. A system can also be asked to wait for many, and to report \
         which of them are **ready**: have bytes to read, or room to write. A thread that does \
         this again and again is an **event loop**. We run one beside a server with a thread for \
         each connection. The function that makes the reply, the **handler**, is the same in both \
         servers, and so is the second reader of step 3, the **decoder**. {CLIENTS} clients \
         connect to each server. Each sends \"hello\", gets its reply, and stays.",
    ))?;
    narrator.predict(
        &format!(
            "With a thread for each connection the handler ran in {} threads. In how many with \
             an event loop?",
            threads.threads
        ),
        events.threads,
        "The thread reads what is ready, writes the replies, and waits for all sockets again. It \
         never waits for one client.",
    )?;
    narrator.table(
        &Table::new(["the server", "clients answered", "threads that answered"])
            .row(["a thread each", &number(threads.answered), &number(threads.threads)])
            .row(["an event loop", &number(events.answered), &number(events.threads)]),
    )?;
    narrator.say(
        "Now a handler that **blocks**, which means that it waits: for a disk, a lock, another \
         server. One client's message makes it wait until we release it. Meanwhile a second client \
         sends \"hello\".",
    )?;
    narrator.predict(
        "Does the event loop answer the second client while the handler waits?",
        beside_events.meanwhile,
        &format!(
            "The handler runs in the thread of the loop, and while it waits, no socket is served. \
             The second client waited {} for its reply.",
            narration::exact(REPLY_TIMEOUT)
        ),
    )?;
    narrator.table(
        &Table::new(["the server", "answered while the handler waits", "once it has gone on"])
            .row(["a thread each", yes(beside_threads.meanwhile), "-"])
            .row(["an event loop", yes(beside_events.meanwhile), yes(beside_events.afterwards)]),
    )?;
    narrator
        .say("So a handler in an event loop must not block. Slow work goes to another thread.")?;
    Ok(())
}

fn turned_away(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let hasty = serving::turned_away(false)?;
    let polite = serving::turned_away(true)?;
    narrator.step("A polite refusal", "real sockets")?;
    narrator.say(
        "An event loop has a limit, too: each connection takes a file descriptor, the system's \
         number for an open socket, and each unfinished message takes memory. Beyond its limit, a \
         server could also accept, answer \"busy\" and close. Here the client has sent half of its \
         request when the server does that. The server has not read it.",
    )?;
    narrator.predict(
        "When all of that has arrived, the client sends the other half. Does that write succeed?",
        hasty.write.is_ok(),
        "Closing a socket while bytes lie in it unread is a **reset**: it destroys the connection \
         in both directions.",
    )?;
    narrator.table(
        &Table::new(["the server sends \"busy\" and", "client writes on", "then reads"])
            .row(turned_away_row("closes", &hasty))
            .row(turned_away_row("reads to the end, then closes", &polite)),
    )?;
    narrator.say(
        "Our client reads on after the failed write, and \"busy\" had arrived before the reset. \
         Most clients do not read on, and report a broken connection. A server that wants to be \
         heard stops writing, reads what still comes, and closes then.",
    )?;
    Ok(())
}

fn turned_away_row(how: &str, saw: &TurnedAway) -> [String; 3] {
    let read = match &saw.read {
        Ok(word) => printable(word),
        Err(kind) => format!("{kind:?}"),
    };
    [how.to_owned(), outcome(&saw.write), read]
}

fn rows(narrator: &mut Narrator<'_>, who: &str, does: &str, pieces: &[Vec<u8>]) -> io::Result<()> {
    for piece in pieces {
        narrator.event(who, does, &text(piece))?;
    }
    Ok(())
}

/// Bytes and the text that they look like, side by side.
fn text(bytes: &[u8]) -> String {
    format!("{:<20} \"{}\"", hex(bytes), String::from_utf8_lossy(bytes))
}

fn outcome(result: &Result<(), io::ErrorKind>) -> String {
    match result {
        Ok(()) => "works".to_owned(),
        Err(kind) => format!("{kind:?}"),
    }
}

fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "no" }
}
