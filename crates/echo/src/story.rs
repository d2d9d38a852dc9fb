//! Narrates the experiments.

use std::io;
use std::time::Duration;

use common::frame::Framing;
use narration::{Narrator, Table, hex, number, printable};

use crate::framing::{self, Claim, EveryCutting};
use crate::serving::{self, REPLY_TIMEOUT, TurnedAway};
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
    lengths_that_lie(narrator)?;
    one_idle_client(narrator)?;
    limits(narrator)?;
    narrator.remember(
        "A connection carries bytes. Where a message ends, how long it may be and how long you \
         wait for it is yours to say.",
        "No answer came. What happened?",
    )?;
    Ok(())
}

fn one_connection(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let saw = sockets::one_exchange()?;
    narrator.step("Two programs, one connection", "real sockets")?;
    narrator.say(
        "A **server** is a program that waits, a **client** one that calls. Each holds one end of \
         the connection, its **socket**, and each socket has an address: a machine, and a number \
         called a **port**. Here are both, system call by system call.",
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
        "The server asked for port 0, which means any free one. The client asked for none and got \
         one all the same: an answer needs somewhere to go.",
    )?;
    narrator.predict(
        "The client has closed. How many bytes does the server's next read return?",
        saw.read_after_close,
        "A read waits while there is nothing to read. That it returns with 0 bytes means that \
         nothing will ever come: the **end of the stream**.",
    )?;
    which_address(narrator)
}

fn which_address(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let reaches = sockets::reach()?;
    narrator.say(
        "Which address a server is bound to decides who can reach it. 127.0.0.1 is what every \
         machine calls itself; 0.0.0.0 stands for all the addresses it has. 127.0.0.2 plays the \
         part of another of them.",
    )?;
    let mut table = Table::new(["server bound to", "connect to", "comes to"]);
    for Reach { bound, tried } in &reaches {
        for (to, result) in tried {
            table = table.row([bound.to_string(), to.to_string(), outcome(result)]);
        }
    }
    narrator.table(&table)?;
    narrator.say(
        "Bound to 127.0.0.1, a server answers this machine alone. Bound to 0.0.0.0, it answers \
         whoever can reach the machine. Servers in this course take the first unless you say \
         otherwise.",
    )?;
    Ok(())
}

fn bytes_not_messages(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let glued = stream::glued_writes()?;
    narrator.step("Bytes, not messages", "real sockets")?;
    narrator.say(
        "The client writes twice. Then the server reads once, into a buffer of 1,024 bytes.",
    )?;
    rows(narrator, "client", "write", &glued.writes)?;
    narrator.predict(
        "How many bytes does that one read return?",
        glued.reads[0].len(),
        "Both writes were waiting, and a read takes what is there.",
    )?;
    rows(narrator, "server", "read", &glued.reads)?;
    narrator.say(
        "TCP is a **byte stream**: it keeps the order of the bytes, and forgets where each write \
         ended. It does not keep a large write together either.",
    )?;

    let split = stream::split_message()?;
    narrator.event(
        "client",
        "write",
        &format!("{} bytes at once", number(split.writes[0].len())),
    )?;
    narrator.predict(
        "With the same buffer of 1,024 bytes, how many reads does the server need?",
        split.reads.len(),
        "No read returns more than its buffer holds. Fewer than that may come at any time: on a \
         real network the pieces arrive as they please.",
    )?;
    let lengths: Vec<_> = split.reads.iter().map(|read| number(read.len())).collect();
    narrator.event("server", "read", &format!("{} bytes", lengths.join(" + ")))?;
    half_a_letter(narrator)
}

fn half_a_letter(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let Observed { writes, reads } = stream::cut_letter()?;
    narrator.say(
        "A cut can go through a letter, too. In UTF-8 the last one of this word is two bytes, and \
         a buffer of four ends between them.",
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
        "So the sender marks where a message ends. Either with a byte that no message may hold (a \
         **delimiter**; here the newline, 0a), or by sending the length first, in four bytes (a \
         **length prefix**; a message marked in this way is called a **frame**).",
    )?;
    let [lines, frames] =
        [framing::every_cutting(Framing::Lines)?, framing::every_cutting(Framing::Frames)?];
    narrator.event("lines", &hex(&lines.bytes), "")?;
    narrator.event("frames", &hex(&frames.bytes), "")?;
    narrator.say(&format!(
        "{} bytes can be cut into reads in {} ways, {} bytes in {}: at each gap there is a cut or \
         there is none. We try all of them on two readers. One takes every read for a message; the \
         other collects bytes until its mark says that a message is whole.",
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
        "Only the one cut that falls between the two messages, and no other. With pauses between \
         short messages it is the usual one, so the mistake passes many a test.",
    )?;
    narrator.table(&cuttings(&lines, &frames))?;
    narrator.say(
        "A mark makes a message independent of how it travels. Lines can be typed and read by \
         people; frames may carry any bytes, and tell how many will come before they come.",
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

fn lengths_that_lie(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let claims = framing::claims()?;
    let [huge, http, broken] = &claims;
    narrator.step("Lengths that lie", "computed")?;
    narrator.say(&format!(
        "Whoever connects writes the length, so it is a claim and not a fact. The bytes {} claim \
         {} more to come.",
        hex(&huge.arrived),
        number(huge.claimed)
    ))?;
    narrator.predict(
        "A browser is pointed at this port and sends \"GET / HTTP/1.1\". What length do its first \
         four bytes claim?",
        http.claimed,
        "The letters G, E, T and the space are the bytes 47 45 54 20, read as one number. A server \
         that takes memory for what a peer claims can be ended with four bytes.",
    )?;
    let mut table = Table::new(["arrived", "claimed", "memory held", "the decoder says"]);
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
        "Whatever is claimed, the decoder holds the {} bytes that it starts with, and more only \
         for bytes that have come. The third connection ended inside its message: {} of {} bytes \
         are an error, never a short message.",
        number(broken.memory),
        broken.arrived.len() - common::frame::HEADER,
        broken.claimed
    ))?;
    Ok(())
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
    narrator.step("One silent client", "real sockets")?;
    narrator.say(
        "The simplest server accepts a connection, serves it to its end, and accepts the next. One \
         client connects to it and says nothing. A second one sends \"hello\".",
    )?;
    narrator.predict(
        &format!("Is the second client answered within {}?", narration::exact(REPLY_TIMEOUT)),
        one_at_a_time.at_once,
        "The server waits in a read for the first client, which may think for as long as it likes. \
         The second one's connection stands, its bytes have arrived, and nobody looks at them.",
    )?;
    narrator.table(
        &Table::new(["the server serves", "answered at once", "once the silent one has left"])
            .row(["one at a time", yes(one_at_a_time.at_once), yes(one_at_a_time.after_one_left)])
            .row(["each in a thread of its own", yes(threads.at_once), "-"]),
    )?;
    narrator.say("With a thread for each connection, one that waits keeps nobody else waiting.")?;
    Ok(())
}

fn limits(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    const PLACES: usize = 4;
    let idle_timeout = Duration::from_millis(100);
    let full = serving::behind_idle_clients(PLACES, PLACES)?;
    let freed = serving::freed_by_idle_timeout(PLACES, idle_timeout)?;
    narrator.step("Threads run out, too", "real sockets")?;
    narrator.say(&format!(
        "A thread costs memory, so a server has a limit on its connections; this one takes \
         {PLACES}. Now {} clients connect and say nothing. Another one sends \"hello\".",
        full.idle
    ))?;
    narrator.predict(
        &format!("Is it answered within {}?", narration::exact(REPLY_TIMEOUT)),
        full.at_once,
        "The limit protects the machine, and the silent ones hold every place. It takes no skill \
         to send nothing from many sockets; an attack of this kind is called Slowloris.",
    )?;
    narrator.say(&format!(
        "The cure is a deadline. Now the server waits {} for a request and then closes. It dropped \
         {} of the {} silent ones. Was the client behind them answered? {}.",
        narration::exact(idle_timeout),
        freed.closed,
        freed.idle,
        yes(freed.answered)
    ))?;
    turned_away(narrator)
}

fn turned_away(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let hasty = serving::turned_away(false)?;
    let polite = serving::turned_away(true)?;
    narrator.say(
        "Would it not be kinder to accept, say \"busy\" and close? Here the client is still \
         sending its request when the server does that.",
    )?;
    narrator.table(
        &Table::new(["the server says \"busy\" and", "client writes on", "then reads"])
            .row(turned_away_row("closes", &hasty))
            .row(turned_away_row("reads to the end, then closes", &polite)),
    )?;
    narrator.say(
        "Closing a socket while bytes lie in it unread is not a goodbye but a **reset**: the \
         connection is destroyed, in both directions. The client's write fails, most programs stop \
         there, and some systems throw away what had arrived before. Whoever wants to be heard \
         stops writing, takes what still comes, and closes then.",
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
