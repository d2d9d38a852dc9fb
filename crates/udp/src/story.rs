//! Narrates the experiments.

use std::time::Duration;

use narration::{Answer, Narrator, Table, exact, hex, number};

use crate::counter::{self, CALLS, REMEMBERS, Server};
use crate::datagrams::{self, Field, SENT};
use crate::exchange;
use crate::sockets::{self, Heard, SILENCE};
use crate::staleness::{self, Played, Summary};

/// Of a thousand packets, how many the link of the game loses.
const LOST: u64 = 20;

/// Over how many seeds a number is compared.
const SEEDS: u64 = 100;

/// The position that is lost alone.
const MISSING: u32 = 40;

/// Runs every experiment and narrates it.
///
/// # Errors
/// If the output is closed, or this system has no sockets left.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("udp", "When would you rather not have it?")?;
    ten_datagrams(narrator)?;
    boundaries(narrator)?;
    no_receiver(narrator)?;
    one_lost(narrator)?;
    twenty_seconds(narrator)?;
    one_question(narrator)?;
    add_one(narrator)?;
    no_reply(narrator)?;
    which_one(narrator)?;
    narrator.remember(
        "UDP keeps messages apart, and none waits for another. What is lost, late or duplicated is \
         left to your program.",
        "How does a name become an address?",
    )?;
    Ok(())
}

fn ten_datagrams(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let arrived = datagrams::ten()?;
    narrator.step("Eight bytes", "virtual time")?;
    narrator.say(
        "\"It\" is TCP, which makes a stream of packets. **UDP**, the User Datagram Protocol, \
         leaves packets as they are. A message goes in one packet, a **datagram**, and UDP puts \
         eight bytes before it. These stand before nine bytes of text:",
    )?;
    let mut table = Table::new(["field", "bytes", "here"]);
    for Field { name, bytes, means } in &arrived.header {
        table = table.row([*name, &hex(bytes), means]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "A program sends {SENT} datagrams, numbered 1 to {SENT}, one every 5 ms. The link loses 2, \
         delivers 4 twice, flips a bit of 6, and holds 8 back for 12 ms. The receiver's system \
         drops a datagram with a wrong checksum."
    ))?;
    narrator.predict(
        "How many datagrams does the receiving program get?",
        arrived.numbers.len(),
        "Two are missing, one comes twice, and neither side gets an error:",
    )?;
    let row = |numbers: &[u8]| -> String {
        numbers.iter().map(|number| format!("{number:>3}")).collect()
    };
    let sent: Vec<u8> = (1..=SENT).collect();
    narrator.picture(&format!("sent {}\ngot  {}\n", row(&sent), row(&arrived.numbers)))?;
    narrator.say("So UDP promises a program what IP promises a machine: to try.")?;
    Ok(())
}

fn boundaries(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let received = sockets::boundaries(&["one", "", "three"])?;
    let (long, short, room) = (2_000, 4, 1_024);
    let cut = sockets::cut(long, short, room)?;
    let largest = sockets::largest()?;
    narrator.step("One send, one receive", "real sockets")?;
    narrator.say(
        "A stream forgets where each write ended. Here a client sends \"one\", then a datagram of \
         0 bytes, then \"three\", to a server on this machine. Each has a **socket**, a program's \
         end, with an address and a port, through which its system sends and receives for it.",
    )?;
    narrator.predict(
        "How many receives does the server need for all that was sent?",
        received.len(),
        "A receive returns one datagram, however long it is. One of 0 bytes is a datagram, too, \
         and not an end: there is no connection that could end.",
    )?;
    for text in &received {
        narrator.event("server", "receive", &format!("{} bytes  \"{text}\"", text.len()))?;
    }
    narrator.say(&format!(
        "Now the client sends {} bytes, and then {short}. The server's buffer has room for {}.",
        number(long as u64),
        number(room as u64)
    ))?;
    let first = match cut.first {
        Some(length) => format!("The first returns {}, and no error", number(length as u64)),
        None => "The first returns an error on this system".to_owned(),
    };
    narrator.predict(
        "How many bytes does the server's second receive return?",
        cut.next,
        &format!("{first}. What did not fit is gone: a receive never continues a datagram."),
    )?;
    narrator.say(&format!(
        "This system sends up to {} bytes in a datagram. Most links take packets of 1,500, so IP \
         cuts such a datagram into fragments, and all of it is lost if one of them is. Programs \
         therefore keep to about 1,200 bytes.",
        number(largest as u64)
    ))?;
    Ok(())
}

fn no_receiver(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [unconnected, connected] = [sockets::no_receiver(false)?, sockets::no_receiver(true)?];
    let overflow = sockets::overflow()?;
    narrator.step("No program at the port", "real sockets")?;
    narrator
        .say("A client sends a datagram to a port of this machine at which no program receives.")?;
    narrator.predict(
        "Does the call that sends it report an error?",
        connected.by_send.is_some() || unconnected.by_send.is_some(),
        "The call ends when the datagram is on its way. The server's system answers with an error \
         of ICMP, \"port unreachable\". Then the client tries to receive:",
    )?;
    let mut table = Table::new(["the client's socket", "send", "then receive"]);
    for (socket, Heard { by_send, by_receive }) in
        [("not connected", unconnected), ("connected", connected)]
    {
        let [send, receive] = [(by_send, "succeeds"), (by_receive, "hears nothing")]
            .map(|(error, else_says)| error.map_or(else_says.to_owned(), |kind| kind.to_string()));
        table = table.row([socket.to_owned(), send, receive]);
    }
    narrator.table(&table)?;
    let other = match unconnected.by_receive {
        None => format!("The other client waited {} and could wait for ever", exact(SILENCE)),
        Some(_) => "This system reports it to the other client, too".to_owned(),
    };
    narrator.say(&format!(
        "To connect a UDP socket sends no packet; it names the one peer of the socket. Then the \
         system knows which socket an ICMP error is for, and the next call returns it, even if \
         that call sends something else. {other}. And from a machine that is off there is mostly \
         no error at all."
    ))?;
    narrator.say(&format!(
        "Next, a server that does not read. A client sends it {} datagrams, and each call \
         succeeds. The server's system has room for a few of them.",
        overflow.sent
    ))?;
    narrator.predict(
        "Afterwards the server reads. Does it find all of them?",
        overflow.found == overflow.sent,
        "What finds the buffer full is dropped. UDP has no window that would stop the sender.",
    )?;
    Ok(())
}

fn one_lost(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [udp, tcp] = staleness::both(1, 0, Some(MISSING))?;
    narrator.step("One position is lost", "virtual time")?;
    narrator.say(&format!(
        "In a game, a player's machine sends its position every 50 ms, and a packet takes {}. \
         Another player's machine draws the newest position that it knows, so what it draws is up \
         to {} ms old. Position {MISSING} is lost, once over UDP and once over TCP.",
        exact(staleness::DELAY),
        staleness::both(1, 0, None)?[0].summary().worst
    ))?;
    narrator.predict(
        "Over UDP, how old does the drawn position become, in ms?",
        Answer::quantity(format!("{} ms", udp.summary().worst)),
        "The next one is there 50 ms later. A lost position is never sent again.",
    )?;
    let next = MISSING + 1;
    let read = udp.read_at(next).zip(tcp.read_at(next));
    narrator.predict(
        &format!(
            "Over TCP, position {next} arrives 50 ms later, too. Does the program read it then?"
        ),
        read.is_some_and(|(udp, tcp)| tcp < udp + Duration::from_millis(1)),
        &format!(
            "It waits behind the hole until {MISSING} has come again. This sender notices the loss \
             at the third repeated acknowledgement, so it takes three more positions, and then the \
             way back and the way there, {} each. All times in ms:",
            exact(staleness::DELAY)
        ),
    )?;
    let mut table = Table::new(["position", "sent", "read over UDP", "read over TCP"]);
    for position in MISSING - 1..=MISSING + 6 {
        let read = |played: &Played| {
            played.read_at(position).map_or("never".to_owned(), |at| number(at.as_millis()))
        };
        let sent = number((staleness::PACE * position).as_millis());
        let row = [position.to_string(), sent, read(&udp), read(&tcp)];
        table = if position == MISSING { table.marked_row(row) } else { table.row(row) };
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "Over TCP the drawn position became {} ms old: the player stands still, and then jumps.",
        tcp.summary().worst
    ))?;
    Ok(())
}

fn twenty_seconds(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (perfect, lossy) = (staleness::both(1, 0, None)?, staleness::both(1, LOST, None)?);
    let [udp, tcp] = staleness::spread(SEEDS, LOST)?;
    narrator.step("Twenty seconds of it", "virtual time")?;
    narrator.say(&format!(
        "Now the link loses {} packets of 100, each way, at random. The **staleness** is how old \
         the drawn position is. We look at it every millisecond. For half of the time it is at \
         most the median, for 99 % of the time at most the 99th percentile.",
        LOST / 10
    ))?;
    let medians = [&lossy[0], &lossy[1]].map(|played| played.summary().median);
    let (worse, why) = match (medians[0].abs_diff(medians[1]), medians[0] > medians[1]) {
        (..=10, _) => ("neither", "Most of the time no packet is missing. See the other times:"),
        (_, true) => ("UDP", "So often is a packet missing:"),
        (_, false) => ("TCP", "So often does it wait for a packet:"),
    };
    narrator.predict(
        "Whose median is worse by more than 10 ms: UDP's, TCP's, or neither's?",
        Answer::one_of(&["UDP", "TCP", "neither | none | equal | same"], worse),
        why,
    )?;
    let mut table = Table::new(["", "never read", "median, ms", "99th, ms", "worst, ms"]);
    let loses = format!("{} % lost", LOST / 10);
    for (link, games) in [("no loss", &perfect), (&loses, &lossy)] {
        for (name, played) in ["UDP", "TCP"].into_iter().zip(games) {
            let Summary { median, p99, worst } = played.summary();
            let cells = [played.never_read(), median, p99, worst].map(number);
            table = table.row([vec![format!("{name}, {link}")], cells.into()].concat());
        }
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "Is that luck? Over {SEEDS} seeds, each with other losses, the 99th percentile is {} to {} \
         ms over UDP, and {} to {} ms over TCP. TCP delivers every position. But an old one is of \
         no use here.",
        udp.0,
        udp.1,
        number(tcp.0),
        number(tcp.1)
    ))?;
    Ok(())
}

fn one_question(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (udp, tcp) = (exchange::over_udp()?, exchange::over_tcp()?);
    narrator.step("One question, one answer", "virtual time")?;
    narrator.say(&format!(
        "A client asks a server one short question. A packet takes {}, and none is lost. Over UDP \
         the answer is there after one round trip, {}.",
        exact(exchange::DELAY),
        exact(udp.time)
    ))?;
    let round_trips = tcp.time.as_millis() / (2 * exchange::DELAY).as_millis();
    narrator.predict(
        "After how many round trips is it there over TCP?",
        round_trips,
        "The handshake takes one, before the question can leave. And the connection has to be \
         ended:",
    )?;
    let mut table = Table::new(["over", "answer after", "packets", "bytes"]);
    for (name, cost) in [("UDP", udp), ("TCP", tcp)] {
        let [packets, bytes] = [cost.packets, cost.bytes].map(|count| number(count as u64));
        table = table.row([name.to_owned(), exact(cost.time), packets, bytes]);
    }
    narrator.table(&table)?;
    narrator.say(
        "A server of TCP keeps something for each connection, too. One of UDP need not keep \
         anything, so it can answer very many clients. But what if a datagram is lost?",
    )?;
    Ok(())
}

fn add_one(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (trace, count) = counter::reply_lost(Server::ExecutesEach)?;
    let each = counter::calls(Server::ExecutesEach, 1)?;
    let once = counter::calls(Server::Remembers, 1)?;
    narrator.step("Add 1", "virtual time")?;
    narrator.say(
        "A client's request says \"add 1\", and has an id; with its reply it is a call. If no \
         reply comes in time, the client sends the same request again, with the same id, and waits \
         twice as long. The request arrives, and the reply is lost.",
    )?;
    narrator.predict(
        "The server executes each request that arrives. What does its counter say after this one \
         call?",
        count,
        "To the client a lost reply and a lost request look the same, so it sends again.",
    )?;
    narrator.picture(&trace.ladder(narrator.width()))?;
    narrator.say(&format!(
        "The cure is a server that remembers the last {REMEMBERS} ids with their replies. It \
         answers a known id with the reply of the first time, and executes nothing. A client makes \
         {CALLS} calls, over a link that loses a fifth of the packets and duplicates a tenth."
    ))?;
    narrator.predict(
        "All calls are answered. What does the counter of such a server say?",
        once.count,
        match once.count == CALLS {
            true => "Each id was executed once, however often it arrived:",
            false => "Its memory was too small: some id was executed again.",
        },
    )?;
    let mut table = Table::new(["the server", "calls", "requests sent", "arrived", "counter"]);
    for (name, called) in [("executes each", each), ("remembers ids", once)] {
        let cells = [called.answered, called.sent, called.arrived, called.count].map(number);
        table = table.row([vec![name.to_owned()], cells.into()].concat());
    }
    narrator.table(&table)?;
    narrator.say(
        "The memory has a bound, since any machine can send ids. A copy that arrives after so \
         many other requests is executed again.",
    )?;
    Ok(())
}

fn no_reply(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (before, after) =
        (counter::cut_from(Duration::ZERO)?, counter::cut_from(Duration::from_millis(1))?);
    narrator.step("No reply at all", "virtual time")?;
    narrator.say(
        "The link is cut: in one run before the request leaves, in the other as soon as it is on \
         its way. The client sends it again until its last timeout ends.",
    )?;
    let is_known = before.client != after.client || before.count == after.count;
    narrator.predict(
        "Was its request executed, as far as the client can know: yes, no, or unknown?",
        Answer::one_of(
            &[
                "yes | executed",
                "no | not executed",
                "unknown | nobody can tell | nobody knows | unclear | not sure | unsure | maybe",
            ],
            if is_known { "known" } else { "unknown" },
        ),
        "Both runs look the same to it:",
    )?;
    let mut table = Table::new(["the link is cut", "attempts", "gives up after", "counter"]);
    for (when, seen) in [("before the request", before), ("behind the request", after)] {
        let (sent, time) = seen.client;
        table = table.row([when.to_owned(), number(sent), exact(time), number(seen.count)]);
    }
    narrator.table(&table)?;
    narrator.say(
        "No protocol changes that; over TCP it is the same. Since the request has an id, the \
         client can ask again later, as long as the server remembers.",
    )?;
    Ok(())
}

/// What to take when, and in which step it was seen.
const CHOICES: [[&str; 3]; 6] = [
    ["a file or a page: every byte counts", "TCP", "1"],
    ["messages longer than a packet", "TCP", "2"],
    ["a receiver that may be slow", "TCP", "3"],
    ["values that replace each other", "UDP", "4, 5"],
    ["one short question, one short answer", "UDP", "6"],
    ["requests that change something", "either, with ids", "7, 8"],
];

fn which_one(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [udp, tcp] = staleness::both(1, 0, Some(MISSING))?;
    narrator.step("Which one?", "computed")?;
    let table = Table::new(["you have", "take", "seen in step"]);
    narrator.table(&CHOICES.into_iter().fold(table, Table::row))?;
    narrator.say(
        "A browser fetches ten pictures over one TCP connection, and pieces of all of them come by \
         turns. A segment with a piece of the first picture is lost.",
    )?;
    let next = MISSING + 1;
    narrator.predict(
        "Do the other nine pictures wait until it has come again?",
        tcp.read_at(next) > udp.read_at(next),
        "They share one stream, as the positions did in step 4. HTTP/3 has left TCP for that. It \
         runs on **QUIC**, which makes several streams over UDP: a loss stops only its own stream. \
         QUIC sends again, limits its rate and encrypts, all in a library of the program.",
    )?;
    Ok(())
}
