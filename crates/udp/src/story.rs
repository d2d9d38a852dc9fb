//! Narrates the experiments.

use std::io::ErrorKind;
use std::time::Duration;

use narration::{Answer, Narrator, Table, exact, hex, number};

use crate::counter::{self, CALLS, REMEMBERS, Server};
use crate::datagrams::{self, FIELDS, SENT};
use crate::exchange;
use crate::sockets::{self, Heard, SILENCE};
use crate::staleness::{self, Over, Played, Summary};

/// Of a thousand packets, how many the link of the game loses.
const LOST: u64 = 20;

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
        "UDP keeps messages apart and lets none wait for another. All else, from a lost message to \
         a second copy, is your program's.",
        "How do two programs talk, and what is one message?",
    )?;
    Ok(())
}

fn ten_datagrams(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let arrived = datagrams::ten()?;
    narrator.step("Eight bytes", "virtual time")?;
    narrator.say(
        "\"It\" is TCP, which makes a stream of packets. **UDP**, the User Datagram Protocol, makes \
         nothing of them: a message goes in one packet, a **datagram**, and eight bytes are added \
         to it. Here they are, of a datagram with nine bytes of text:",
    )?;
    let mut table = Table::new(["field", "bytes", "it is"]);
    for (name, at) in FIELDS {
        let bytes = &arrived.first[at];
        let value = bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        let value = if name == "checksum" {
            "of both addresses and all bytes".into()
        } else {
            value.to_string()
        };
        table = table.row([name.to_owned(), hex(bytes), value]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "A program sends {SENT} datagrams, numbered 1 to {SENT}, every 5 ms. The link loses 2, delivers \
         4 twice, flips a bit of 6, and holds 8 back for 12 ms. A datagram with a wrong checksum is \
         dropped by the receiver's system."
    ))?;
    narrator.predict(
        "How many datagrams does the receiving program get?",
        arrived.numbers.len(),
        "Two are missing, one comes twice, and no error is reported to either side:",
    )?;
    let row =
        |numbers: &[u8]| numbers.iter().map(|number| format!("{number:>4}")).collect::<String>();
    let sent: Vec<u8> = (1..=SENT).collect();
    narrator.picture(&format!("sent    {}\ngot     {}\n", row(&sent), row(&arrived.numbers)))?;
    narrator.say("So UDP promises what IP does, to a program instead of to a machine.")?;
    Ok(())
}

fn boundaries(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let payloads = ["one", "", "three"];
    let received = sockets::boundaries(&payloads)?;
    let (long, short, room) = (2_000, 4, 1_024);
    let cut = sockets::cut(long, short, room)?;
    let largest = sockets::largest()?;
    narrator.step("One send, one receive", "real sockets")?;
    narrator.say(
        "A stream forgets where each write ended. Here a client sends \"one\", then a datagram of \
         0 bytes, then \"three\", to a socket of this machine.",
    )?;
    narrator.predict(
        "How many receives does the server need for all that was sent?",
        received.len(),
        "A receive returns one datagram, whatever its length. One of 0 bytes is a datagram, too, \
         and not an end: there is no connection that could end.",
    )?;
    for text in &received {
        narrator.event("server", "receive", &format!("{} bytes  \"{text}\"", text.len()))?;
    }
    narrator.say(&format!(
        "Now it sends {} bytes, and then {short}. The server's buffer has room for {}.",
        number(long as u64),
        number(room as u64)
    ))?;
    let first = match cut.first {
        Some(length) => {
            format!("The first returns {} and says nothing of the rest", number(length as u64))
        }
        None => "The first is an error on this system".to_owned(),
    };
    narrator.predict(
        "How many bytes does its second receive return?",
        cut.next,
        &format!("{first}, which is gone. A receive never continues a datagram."),
    )?;
    narrator.say(&format!(
        "The largest payload that this system sends is {} bytes. A link takes 1,500, so IP cuts it \
         into fragments, and all is lost if one is. So programs keep to about 1,200 bytes.",
        number(largest as u64)
    ))?;
    Ok(())
}

fn no_receiver(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [unconnected, connected] = [sockets::no_receiver(false)?, sockets::no_receiver(true)?];
    let overflow = sockets::overflow()?;
    narrator.step("No one there", "real sockets")?;
    narrator
        .say("A client sends a datagram to a port of this machine at which no program receives.")?;
    narrator.predict(
        "Does the call that sends it report an error?",
        connected.by_send.is_some() || unconnected.by_send.is_some(),
        "The call ends when the datagram is on its way. The other system answers with an ICMP \
         error, port unreachable, and that arrives later. Where does it show?",
    )?;
    heard(narrator, "each send names the address", unconnected)?;
    heard(narrator, "the socket is connected", connected)?;
    narrator.say(&format!(
        "To connect a UDP socket sends no packet: it only fixes the peer. Then the system knows \
         whom the error concerns, and the next call reports it, whichever that is. Without, the \
         program waited {} and heard nothing; and from most peers that are gone no error comes.",
        exact(SILENCE)
    ))?;
    narrator.say(&format!(
        "Next, a receiver that does not read. A client sends it {} datagrams, and each call \
         succeeds; its system has room for a few of them.",
        overflow.sent
    ))?;
    narrator.predict(
        "Afterwards the receiver reads. Does it find all of them?",
        overflow.found == overflow.sent,
        "What finds the buffer full is dropped. Nothing slows the sender down: there is no window.",
    )?;
    Ok(())
}

fn heard(narrator: &mut Narrator<'_>, socket: &str, heard: Heard) -> anyhow::Result<()> {
    let report = |error: Option<ErrorKind>, none: &str| match error {
        None => none.to_owned(),
        Some(kind) => kind.to_string(),
    };
    narrator.event(socket, "send", &report(heard.by_send, "ok"))?;
    narrator.event("", "receive", &report(heard.by_receive, "nothing"))?;
    Ok(())
}

fn one_lost(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [udp, tcp] = both(0, Some(MISSING))?;
    narrator.step("One position is lost", "virtual time")?;
    narrator.say(&format!(
        "In a game, a machine sends its position every 50 ms, and a packet takes {}. The viewer \
         draws the newest position that it knows, so what it draws is up to 100 ms old. Position \
         {MISSING} is lost, once over UDP and once over TCP.",
        exact(staleness::DELAY)
    ))?;
    narrator.predict(
        "Over UDP, how old is the drawn position at most, in ms?",
        Answer::quantity(format!("{} ms", most(&udp))),
        "The next one replaces it 50 ms later. A lost position is never sent again.",
    )?;
    let first = udp.read_at(MISSING + 1).zip(tcp.read_at(MISSING + 1));
    narrator.predict(
        &format!(
            "Over TCP, position {} arrives 50 ms later, too. Does the viewer's program read it then?",
            MISSING + 1
        ),
        first.is_some_and(|(udp, tcp)| tcp <= udp + Duration::from_millis(1)),
        &format!(
            "It waits behind the hole, as all that follow, until {MISSING} has come again. The third \
             repeated acknowledgement takes three more positions, the way back and there 100 ms. \
             (Sent, read: in ms.)"
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
        "So the drawn position was {} ms old before the next one: it stands still, and then it jumps.",
        most(&tcp)
    ))?;
    Ok(())
}

/// The largest staleness while one position is lost.
fn most(played: &Played) -> u32 {
    played.summary().worst
}

/// The game over UDP and over TCP, with seed 1.
fn both(lost: u64, missing: Option<u32>) -> anyhow::Result<[Played; 2]> {
    let play = |over| staleness::play(over, 1, staleness::link(lost), missing);
    Ok([play(Over::Udp)?, play(Over::Tcp)?])
}

fn twenty_seconds(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Twenty seconds of it", "virtual time")?;
    narrator.say(&format!(
        "Now the link loses {} packets of 100, each way, at random. How old the drawn position is we \
         call its **staleness**, and look at it every millisecond. The 99th percentile is what it \
         is at most for 99 % of the time.",
        LOST / 10
    ))?;
    let (perfect, lossy) = (both(0, None)?, both(LOST, None)?);
    let medians = [&lossy[0], &lossy[1]].map(|played| played.summary().median);
    narrator.predict(
        "Whose median is worse by more than 10 ms: UDP's, TCP's, or neither's?",
        Answer::one_of(
            &["UDP", "TCP", "neither | none | equal | same"],
            match (medians[0].abs_diff(medians[1]), medians[0] > medians[1]) {
                (..=10, _) => "neither",
                (_, true) => "UDP",
                (_, false) => "TCP",
            },
        ),
        "Most of the time no packet is missing. The difference is in the tail:",
    )?;
    let mut table = Table::new(["", "positions not drawn", "median, ms", "99th, ms", "worst, ms"]);
    for (link, [udp, tcp]) in [("no loss", &perfect), ("2 % lost", &lossy)] {
        for (name, played) in [("UDP", udp), ("TCP", tcp)] {
            let Summary { median, p99, worst } = played.summary();
            let cells = [played.never_seen(), median, p99, worst].map(|value| number(value));
            table = table.row([vec![format!("{name}, {link}")], cells.into()].concat());
        }
    }
    narrator.table(&table)?;
    let [udp, tcp] = spread()?;
    narrator.say(&format!(
        "A lucky seed? Over {SEEDS} seeds the 99th percentile is {} to {} ms over UDP, and {} to {} ms \
         over TCP. TCP delivers all positions; nobody wants the old ones.",
        udp[0], udp[1], number(tcp[0]), number(tcp[1])
    ))?;
    Ok(())
}

/// How many seeds are tried.
const SEEDS: u64 = 100;

fn spread() -> anyhow::Result<[[u32; 2]; 2]> {
    let mut spread = [[u32::MAX, 0]; 2];
    for seed in 1..=SEEDS {
        for (over, [least, most]) in [Over::Udp, Over::Tcp].into_iter().zip(&mut spread) {
            let p99 = staleness::play(over, seed, staleness::link(LOST), None)?.summary().p99;
            (*least, *most) = (p99.min(*least), p99.max(*most));
        }
    }
    Ok(spread)
}

fn one_question(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (udp, tcp) = (exchange::over_udp()?, exchange::over_tcp()?);
    narrator.step("One question, one answer", "virtual time")?;
    narrator.say(&format!(
        "A client asks one short question. A packet takes {}, and none is lost. Over UDP the answer is \
         there after one round trip, {}.",
        exact(exchange::DELAY),
        exact(udp.time)
    ))?;
    let round_trips = tcp.time.as_millis() / (2 * exchange::DELAY).as_millis();
    narrator.predict(
        "After how many round trips is it there over TCP?",
        u64::try_from(round_trips)?,
        "The handshake takes one, before the question can leave. And the connection has to be ended:",
    )?;
    let mut table = Table::new(["over", "answer after", "packets", "bytes"]);
    for (name, cost) in [("UDP", udp), ("TCP", tcp)] {
        table = table.row([
            name.to_owned(),
            exact(cost.time),
            cost.packets.to_string(),
            number(cost.bytes as u64),
        ]);
    }
    narrator.table(&table)?;
    narrator.say(
        "A server of TCP also keeps something for each connection. One of UDP keeps nothing, so a \
         few of them answer the name look-ups of millions. But what if a datagram is lost?",
    )?;
    Ok(())
}

fn add_one(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (trace, count) = counter::reply_lost(Server::ExecutesEach)?;
    narrator.step("Add 1", "virtual time")?;
    narrator.say(
        "A request says \"add 1\", and has an id. If no reply comes in time, the client sends the \
         request again, with the same id, and waits twice as long. The request arrives, the first \
         reply is lost.",
    )?;
    narrator.predict(
        "The server executes each request that arrives. What does its counter say after this one call?",
        count,
        "From the client's side a lost reply and a lost request look the same.",
    )?;
    narrator.picture(&trace.ladder(narrator.width()))?;
    let each = counter::calls(Server::ExecutesEach, 1)?;
    let once = counter::calls(Server::Remembers, 1)?;
    narrator.say(&format!(
        "The cure is on the server: it remembers the last {REMEMBERS} ids with their replies, and \
         answers a known id with the same reply as before. {CALLS} calls, on a link that loses a fifth of the \
         packets and copies a tenth:",
    ))?;
    let mut table = Table::new(["the server", "answered", "requests sent", "arrived", "counter"]);
    for (name, called) in [("executes each", each), ("remembers", once)] {
        let cells = [called.answered, called.sent as u64, called.arrived, called.count];
        table = table.row([vec![name.to_owned()], cells.map(number).into()].concat());
    }
    narrator.table(&table)?;
    narrator.say(
        "A memory must have a bound, since any stranger can send ids. A copy that comes after the \
         bound is executed again.",
    )?;
    Ok(())
}

fn no_reply(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (before, after) =
        (counter::cut_from(Duration::ZERO)?, counter::cut_from(Duration::from_millis(1))?);
    narrator.step("No reply at all", "virtual time")?;
    narrator.say(
        "The link is cut, in one run before the request leaves, in another as soon as it is on its way. The client \
         tries until its last timeout ends.",
    )?;
    let is_known = before.client != after.client || before.count == after.count;
    narrator.predict(
        "What can the client say of its request: executed, not executed, or unknown?",
        Answer::one_of(
            &["executed", "not executed | not", "unknown | neither | either"],
            if is_known { "known" } else { "unknown" },
        ),
        "Both runs look the same to it:",
    )?;
    let mut table = Table::new(["the link is cut", "attempts", "gives up after", "counter"]);
    for (when, seen) in [("before the request", before), ("behind the request", after)] {
        let (sent, time) = seen.client;
        table = table.row([when.to_owned(), sent.to_string(), exact(time), seen.count.to_string()]);
    }
    narrator.table(&table)?;
    narrator.say(
        "No protocol changes that, TCP does not either. With its ids, the client may ask again \
         later and do no harm.",
    )?;
    Ok(())
}

fn which_one(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [udp, tcp] = both(0, Some(MISSING))?;
    narrator.step("Which one?", "computed")?;
    let mut table = Table::new(["you have", "take", "as seen in step"]);
    for (have, take, step) in [
        ("a file, a page: every byte counts", "TCP", "1"),
        ("messages longer than a packet", "TCP", "2"),
        ("a sender that must not flood its receiver", "TCP", "3"),
        ("values that replace each other", "UDP", "4, 5"),
        ("one short question, one short answer", "UDP", "6"),
        ("requests that change something", "either, with ids", "7, 8"),
    ] {
        table = table.row([have, take, step]);
    }
    narrator.table(&table)?;
    narrator.say(
        "A browser fetches ten pictures of one page over one TCP connection, piece by piece in \
         turn. A segment with a piece of the first one is lost.",
    )?;
    let waits = tcp.read_at(MISSING + 1) > udp.read_at(MISSING + 1);
    narrator.predict(
        "Do the other nine have to wait until it has come again?",
        waits,
        "They share one stream, as the positions did in step 4. So HTTP/3 has left TCP. **QUIC**, \
         on which it runs, makes several streams over UDP: a loss holds up its own stream alone. It \
         sends again, limits its rate and encrypts, all in the program.",
    )?;
    Ok(())
}
