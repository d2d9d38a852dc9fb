//! Narrates the experiments.

use std::time::Duration;

use internet::TopologyError;
use narration::{Answer, Narrator, Table, exact, number};

use crate::congestion::{self, OneFlow, QUEUE, RATE, SECOND_BEGINS};
use crate::corruption::{self, LENGTH};
use crate::handshake;
use crate::limits::{self, Forgotten, REMEMBERS};
use crate::pair::Segment;
use crate::ports::{self, KNOWN};
use crate::reassembly::{self, TEXT};
use crate::resend;
use crate::windows::{self, READS_FROM, ROOM};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("tcp", "How is a reliable stream made from that?")?;
    three_messages(narrator)?;
    which_connection(narrator)?;
    found_by_a_timeout(narrator)?;
    found_earlier(narrator)?;
    put_in_order(narrator)?;
    a_full_receiver(narrator)?;
    a_full_network(narrator)?;
    two_flows(narrator)?;
    flipped_bits(narrator)?;
    gone(narrator)?;
    narrator.remember(
        "TCP numbers every byte, and sends again what is not acknowledged; what has arrived waits \
         for what is lost. It cannot tell another side that is gone from one that is slow.",
        "When would you rather not have it?",
    )?;
    Ok(())
}

fn three_messages(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let greetings = handshake::handshake()?;
    let old = handshake::old_syn()?;
    narrator.step("Three messages", "virtual time")?;
    narrator.say(
        "**TCP** makes a **stream** out of packets: bytes that arrive in their order, each once, \
         or an error. A packet of TCP is called a **segment**. Each side numbers its bytes, and \
         begins at a number that it draws; the other side **acknowledges** what has arrived. A \
         connection begins with the **handshake**, in which both exchange their numbers. The first \
         segment is a SYN, for synchronize. Both sides run a real TCP; the clock is virtual.",
    )?;
    let expected = greetings.get(1).and_then(|greeting| greeting.ack).unwrap_or(0);
    let first = greetings.first().map_or(0, |greeting| greeting.seq);
    narrator.predict(
        &format!(
            "The client's SYN has the number {first}. An acknowledgement names the number that is \
             expected next. Which one does the server send?"
        ),
        Answer::quantity(expected.to_string()),
        "A SYN counts as one byte, so that it can be acknowledged, too.",
    )?;
    for greeting in &greetings {
        let ack = greeting.ack.map_or(String::new(), |ack| format!(", ack {ack}"));
        let what = format!("seq {}{ack}", greeting.seq);
        narrator.event(&greeting.from, greeting.flags, &what)?;
    }
    narrator.say(
        "Why three? A network can keep a copy of a packet and deliver it late. Our link keeps a \
         copy of that SYN for 100 seconds. The connection has come and gone when it arrives, and \
         the server answers it, since it cannot know.",
    )?;
    let reset = old.answers.last().is_some_and(|answer| answer.ends_with("reset"));
    narrator.predict(
        "The client is asked to complete a handshake that it did not begin. How does it answer: \
         with an ACK, with a reset (\"there is no such connection\"), or not at all?",
        Answer::one_of(
            &["an ACK | ack | acknowledge", "a reset | reset | RST | refuse", "not at all"],
            if reset { "a reset" } else { "another answer" },
        ),
        &format!(
            "So the server forgets it, and its program sees {} connection, not two.",
            old.accepted
        ),
    )?;
    narrator.say(&format!(
        "What if a SYN alone opened the connection? No TCP does that unless both sides ask for it \
         (TCP Fast Open), so this is a model of 30 lines: a client pays once, and then old copies \
         of all its segments arrive. Opened by the SYN, the model pays {} times; by the third \
         message, which names a number that the server has drawn for this connection, {} time.",
        handshake::payments(true),
        handshake::payments(false)
    ))?;
    Ok(())
}

fn which_connection(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let connections = ports::two_connections()?;
    narrator.step("Which connection?", "virtual time")?;
    narrator.say(
        "A segment reaches a machine by its address. Which program there is it for? That says a \
         **port**, a number from 0 to 65535. The server chooses its port, 80 for a web server, so \
         that clients know it; the client's system takes one that is free. One machine now makes \
         two connections to port 80 of one server.",
    )?;
    let differs = match &connections[..] {
        [a, b] if a.server == b.server && a.client.addr == b.client.addr => "the client's port",
        _ => "something else",
    };
    narrator.predict(
        "In what do the segments of the two differ: in the client's address, in the client's port, \
         or in the server's port?",
        Answer::one_of(
            &["the client's address", "the client's port", "the server's port"],
            differs,
        ),
        "A connection is known by all four together, both addresses and both ports.",
    )?;
    let table = Table::new(["the client", "the server", "the server reads"]);
    let table = connections.iter().fold(table, |table, connection| {
        let ends = [connection.client.to_string(), connection.server.to_string()];
        table.row([&ends[0], &ends[1], &connection.read])
    });
    narrator.table(&table)?;
    narrator.say(
        "Ports up to 1023 are called well-known, and on many systems a program needs a right to \
         listen there; those up to 49151 are registered, the rest are for clients. Some that you \
         will meet:",
    )?;
    let table = KNOWN.iter().fold(Table::new(["port", "what listens", "kind"]), |table, known| {
        let (port, what) = known;
        table.row([port.to_string(), (*what).to_owned(), ports::kind(*port).to_owned()])
    });
    narrator.table(&table)?;
    Ok(())
}

fn found_by_a_timeout(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let resent = resend::last_lost()?;
    narrator.step("A segment is lost", "virtual time")?;
    narrator.say(&format!(
        "From here on we count the bytes of a stream from 1. A client sends 4,000 bytes in four \
         segments. A packet takes 10 ms, so a **round trip**, there and back, is 20 ms. A receiver \
         may wait for a second segment before it acknowledges one. The last segment, bytes {} to \
         {}, is lost, and no error says so. (In the diagram an arrow is broken where others pass \
         it; the number of the packet stands at both of its ends.)",
        number(resent.bytes.0),
        number(resent.bytes.1)
    ))?;
    narrator.predict(
        "When does the client send it again: after about 20 ms, after about a second, or only when \
         its program asks?",
        Answer::one_of(
            &["20 ms | a round trip", "about a second | second | 1 s | one", "when it asks | asks"],
            if resent.after >= Duration::from_secs(1) { "about a second" } else { "20 ms" },
        ),
        &format!(
            "After {}. Only silence shows the loss, so it waits: for the **retransmission \
             timeout**, a round trip and a margin, and by the standard, RFC 6298, at least a \
             second.",
            exact(resent.after)
        ),
    )?;
    narrator.picture(&resent.trace.ladder(narrator.width()))?;
    Ok(())
}

fn found_earlier(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let resent = resend::second_lost()?;
    narrator.step("The loss shows earlier", "virtual time")?;
    narrator.say(&format!(
        "Now there are six segments, and the second, bytes {} to {}, is lost. Four others come \
         after it. What comes behind a hole the receiver acknowledges at once, with the number of \
         the byte that it expects next.",
        number(resent.bytes.0),
        number(resent.bytes.1)
    ))?;
    narrator.predict(
        "Which number do the acknowledgements have that the four make it send?",
        u64::from(resent.ack),
        "It still expects that byte. So the same number comes again and again, and says that later \
         segments arrive and this one does not.",
    )?;
    narrator.picture(&resent.trace.ladder(narrator.width()))?;
    narrator.say(&format!(
        "At the third repetition the sender sends it again: a **fast retransmit**, here {} after \
         the first try, a round trip instead of a second. A common error is that TCP finds losses \
         by timeouts alone. In a long transfer most show by repetition.",
        exact(resent.after)
    ))?;
    Ok(())
}

fn put_in_order(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seen = reassembly::reassemble()?;
    narrator.step("Put in order", "virtual time")?;
    narrator.say(&format!(
        "A client sends a text of {} bytes, ten in a segment. The link holds the second segment \
         and the fourth back, and duplicates the third.",
        TEXT.len()
    ))?;
    let before = seen
        .arrivals
        .iter()
        .take_while(|arrival| arrival.bytes.0 != 11)
        .last()
        .map(|last| last.in_order);
    narrator.predict(
        "Bytes 11 to 20 come after all others. How many bytes can the program read before that?",
        u64::from(before.unwrap_or(0)),
        "The others are kept behind the hole. A stream has no holes: the program waits.",
    )?;
    let mut table =
        Table::new(["arrives", "in order up to", "kept behind a hole", "the receiver asks for"]);
    for arrival in &seen.arrivals {
        table = table.row([
            format!("{} to {}", arrival.bytes.0, arrival.bytes.1),
            arrival.in_order.to_string(),
            arrival.kept.to_string(),
            (arrival.in_order + 1).to_string(),
        ]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "The last row is the sender's: it took the segment that was held back for lost, and sent \
         it again, with what follows. Numbers make that harmless, like the copy. The program reads \
         \"{}\".",
        String::from_utf8_lossy(&seen.read)
    ))?;
    Ok(())
}

fn a_full_receiver(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seen = windows::small_window()?;
    narrator.step("A receiver that does not read", "virtual time")?;
    narrator.say(&format!(
        "What has arrived and is not read lies in the receiver's buffer. With each acknowledgement \
         the receiver announces how much room is left there, the **window**. This one has room for \
         {} bytes, and its program reads nothing for {}. The client wants to send 10,000.",
        number(ROOM as u64),
        exact(READS_FROM)
    ))?;
    narrator.predict(
        "After how many bytes does it have to stop?",
        u64::from(seen.stopped_at),
        "A sender may have as much in flight, sent and not acknowledged, as the window says, and \
         no more: **flow control**.",
    )?;
    let interesting = |(_, is_clients, segment): &&(Duration, bool, Segment)| {
        !segment.is_syn && (*is_clients && segment.length > 0 || !is_clients)
    };
    for (time, is_clients, segment) in seen.sent.iter().filter(interesting).take(11) {
        let (who, what) = match is_clients {
            true if segment.length == 1 => {
                ("client", format!("byte {}: is there room?", segment.first))
            }
            true => ("client", segment.to_string()),
            false => ("server", format!("{segment}, window {}", segment.window)),
        };
        narrator.event(&at(*time), who, &what)?;
    }
    narrator.say(
        "The announcement that there is room again could be lost, and then both would wait for \
         ever. So the sender asks now and then, with one byte.",
    )?;
    Ok(())
}

/// A moment in seconds, with as many digits as tell these moments apart.
fn at(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

fn a_full_network(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let OneFlow { samples, drops } = congestion::one_flow()?;
    narrator.step("A network that cannot carry more", "virtual time")?;
    narrator.say(&format!(
        "The window protects the receiver. What protects the network? A router has a link of {} \
         Mbit a second and a queue for {QUEUE} packets, and drops what finds it full. The sender \
         does not know what the link can carry. It keeps a second limit of its own, the \
         **congestion window**: it lets that grow until a segment is lost, takes the loss for a \
         full queue, and halves it.",
        RATE / 1_000_000
    ))?;
    let from = Duration::from_millis(13_250);
    let later = drops.iter().filter(|drop| **drop > Duration::from_secs(5));
    let gaps: Vec<_> = later.clone().zip(later.skip(1)).map(|(a, b)| *b - *a).collect();
    narrator.predict(
        "It has run for a while, alone. Does it still lose segments?",
        !gaps.is_empty(),
        &format!(
            "A loss is how it learns where the limit is: one every {} s here. These are the bytes \
             in flight:",
            gaps.first().map_or(0, |gap| gap.as_secs())
        ),
    )?;
    let mut table = Table::new(["at, s", "in flight", ""]);
    for step in 0..14 {
        let time = from + Duration::from_millis(500) * step;
        let Some(sample) = samples.iter().find(|sample| sample.time >= time) else { break };
        let bar = "#".repeat((sample.in_flight / 1_500) as usize);
        table = table.row([format!("{:.2}", time.as_secs_f64()), number(sample.in_flight), bar]);
    }
    narrator.table(&table)?;
    Ok(())
}

fn two_flows(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seconds = congestion::two_flows()?;
    narrator.step("Two flows share it", "virtual time")?;
    narrator.say(&format!(
        "After {} s a second client begins to send through the same link. Neither knows of the \
         other. Each adds a little in each round trip, and each halves when a segment of its own \
         is lost.",
        SECOND_BEGINS.as_secs()
    ))?;
    let [first, second] = carried(&seconds[25..]);
    let share = 100 * second / (first + second);
    narrator.predict(
        "From 25 s to 60 s, which share of the link does the second one get: about a tenth, a \
         quarter, or a half?",
        Answer::one_of(
            &["a tenth | 10 | tenth", "a quarter | 25 | quarter", "a half | 50 | half | equal"],
            match share {
                0..18 => "a tenth",
                18..38 => "a quarter",
                _ => "a half",
            },
        ),
        &format!(
            "{share} %. Who has more loses more by halving, and both gain the same by adding, as \
             their round trips are equal; so they meet in the middle."
        ),
    )?;
    let mut table = Table::new(["seconds", "first, Mbit/s", "second, Mbit/s"]);
    for (place, five) in seconds.chunks(5).enumerate().skip(1) {
        let rate = |bits: u64| format!("{:.1}", bits as f64 / five.len() as f64 / 1e6);
        let [first, second] = carried(five);
        let from = 5 * place;
        table = table.row([format!("{from} to {}", from + 5), rate(first), rate(second)]);
    }
    narrator.table(&table)?;
    Ok(())
}

fn carried(seconds: &[[u64; 2]]) -> [u64; 2] {
    seconds.iter().fold([0; 2], |[a, b], [c, d]| [a + c, b + d])
}

fn flipped_bits(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [verified, unverified] = [true, false].map(corruption::send);
    let (verified, unverified) = (verified?, unverified?);
    narrator.step("Flipped bits", "virtual time")?;
    narrator.say(&format!(
        "A link flips a bit in one packet of twenty. A segment has a checksum over its header and \
         its data. We send {} bytes twice: to a receiver that verifies it, and to one that does \
         not.",
        number(LENGTH as u64)
    ))?;
    narrator.predict(
        "How many bytes are wrong at the receiver that verifies?",
        verified.wrong,
        "A segment with a wrong checksum is dropped, as if it had been lost, and sent again.",
    )?;
    let mut table = Table::new(["the receiver", "wrong bytes", "all there after"]);
    for arrived in [verified, unverified] {
        let does = if arrived.verified { "verifies" } else { "does not verify" };
        table = table.row([does.to_owned(), number(arrived.wrong as u64), exact(arrived.after)]);
    }
    narrator.table(&table)?;
    narrator.say("Late and right, or early and wrong. TCP has chosen for you.")?;
    Ok(())
}

fn gone(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let silence = limits::partition()?;
    let day = limits::still_open_after(Duration::from_secs(24 * 3600))?;
    let restarted = limits::restarted()?;
    narrator.step("What it cannot know", "virtual time")?;
    narrator.say(
        "A client and a server have a connection. The server's machine loses its power, or a cable \
         is cut: from the client's side the two are the same. Its program sends nothing.",
    )?;
    narrator.predict(
        "A day later. Is the connection still open, as far as the client's system knows?",
        day,
        "An idle connection sends no packets, so no packet goes unanswered.",
    )?;
    let tries: Vec<_> = silence.tries.iter().map(|time| time.as_secs().to_string()).collect();
    let (last, before) =
        tries.split_last().map_or((String::new(), &[][..]), |(a, b)| (a.clone(), b));
    narrator.say(&format!(
        "Now its program sends something. The segment is sent again after {} s.",
        before.join(", ")
    ))?;
    narrator.predict(
        "After how many seconds does the next try follow, counted from the first?",
        Answer::quantity(format!("{last} s")),
        &format!(
            "Each wait is twice the one before, so that a network in trouble is not made worse. \
             After {} this stack gives up, and its program gets an error. (Linux tries for about \
             15 minutes.)",
            exact(silence.gave_up_after)
        ),
    )?;
    narrator.say(&format!(
        "If the machine is on again by then, it knows of no such connection, and answers with a \
         {restarted}: an error at once. And a firewall on the way, which lets in only what belongs \
         to a connection that it has seen, forgets connections that are idle. This one remembers \
         them for {} s:",
        REMEMBERS.as_secs()
    ))?;
    let forgotten: Vec<Forgotten> = [299, 301]
        .map(|idle| limits::idle_behind_a_firewall(Duration::from_secs(idle)))
        .into_iter()
        .collect::<Result<_, TopologyError>>()?;
    let mut table = Table::new(["idle for", "what is sent then", "client's end", "server's end"]);
    for seen in &forgotten {
        let ends =
            [seen.client_open, seen.server_open].map(|open| if open { "open" } else { "error" });
        let arrives = if seen.arrived { "arrives" } else { "is dropped" };
        table = table.row([&exact(seen.idle), arrives, ends[0], ends[1]]);
    }
    narrator.table(&table)?;
    narrator.say(
        "The server's end stays open for ever, for it has heard nothing. A program that needs to \
         know sends something now and then, and waits for the answer with a timeout.",
    )?;
    Ok(())
}
