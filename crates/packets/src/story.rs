//! Narrates the experiments.

use internet::Why;
use narration::{Answer, Narrator, Table, exact, hex, number};

use crate::addresses::{self, End, Special};
use crate::anatomy::{self, Field};
use crate::checksums::{self, MESSAGE, Tried};
use crate::faults::{self, Counted, SENT, Trouble};
use crate::flows;
use crate::hops::{self, Hop};
use crate::sizes::{self, Cost};
use crate::world::{ARCHIVE, LAPTOP, SERVER, World};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("packets", "What does the network promise?")?;
    one_packet(narrator)?;
    addresses(narrator)?;
    ttl(narrator)?;
    routes(narrator)?;
    flows(narrator)?;
    a_gigabyte(narrator)?;
    troubles(narrator)?;
    checksum(narrator)?;
    narrator.remember(
        "The network tries. Whether a packet arrives, when, how often and unharmed, it does not \
         promise; the two ends find out.",
        "How is a reliable stream made from that?",
    )?;
    Ok(())
}

fn one_packet(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let packet = anatomy::anatomy();
    narrator.step("One packet, byte by byte", "computed")?;
    narrator.say(
        "A **packet** is the piece in which a network carries data: a header, which says where it \
         goes, and a payload, which is for the other end alone. The **Internet Protocol**, IP, \
         says what the header is. A laptop sends \"hello\" to a server, in a **datagram**: so a \
         packet is called in UDP, a protocol that puts 8 bytes of its own before the 5 of the \
         word. These are its bytes in hex, two digits each:",
    )?;
    narrator.picture(&packet.bytes.chunks(10).map(|row| hex(row) + "\n").collect::<String>())?;
    narrator.predict(
        "The header of IP has 20 bytes. What does its field \"total length\" say, in decimal?",
        packet.bytes.len(),
        "The whole packet, header included. Here are all fields:",
    )?;
    let mut table = Table::new(["field", "bytes", "here"]);
    for Field { name, at, means } in &packet.fields {
        let shown = match at.len() {
            0..=4 => hex(&packet.bytes[at.clone()]),
            _ => format!("{} …", hex(&packet.bytes[at.start..at.start + 3])),
        };
        table = table.row([(*name).to_owned(), shown, means.clone()]);
    }
    narrator.table(&table)?;
    narrator.say(
        "The checksum covers the header alone: the payload is the business of the two ends.",
    )?;
    Ok(())
}

fn addresses(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Addresses", "virtual time")?;
    narrator.say(&format!(
        "An IPv4 address is 32 bits, written as four numbers: {LAPTOP}. One of **IPv6**, the newer \
         version, is 128 bits, in hex, and one run of zeros is left out: 2001:db8::1. Some \
         addresses have a meaning of their own: the **loopback** address is this machine, a \
         **private** one is a machine of this house, a **link-local** one of this link, **any** is \
         none in particular, and **broadcast** is all on this link. A program sends a packet to \
         one of each, past all rules of the laptop's system. It comes to the router at home, the \
         machine that passes packets on. Time here is **virtual**: the clock of this internet \
         moves from event to event, so that a second takes no time, and each run is the same.",
    ))?;
    let ends: Vec<(Special, Option<End>)> = addresses::special_addresses()
        .into_iter()
        .map(|special| Ok((special.clone(), addresses::how_far(special.v4)?)))
        .collect::<anyhow::Result<_>>()?;
    narrator.predict(
        "How many of the five packets reach a machine that is not a router?",
        ends.iter().filter(|(_, end)| end.is_none()).count(),
        "A private address names one machine in each house that uses it, so no route of the \
         internet leads to it; the others never leave a link.",
    )?;
    let mut table = Table::new(["kind", "IPv4", "IPv6", "it names", "the packet ends at"]);
    for (special, end) in &ends {
        let v6 = special.v6.map_or("none".to_owned(), |v6| v6.to_string());
        let end = end.as_ref().map_or(String::new(), |end| format!("{}: {}", end.at, why(end.why)));
        let Special { kind, v4, names, .. } = special;
        table = table.row([(*kind).to_owned(), v4.to_string(), v6, (*names).to_owned(), end]);
    }
    narrator.table(&table)?;
    Ok(())
}

fn why(why: Why) -> &'static str {
    match why {
        Why::NoRoute => "no route",
        _ => "dropped",
    }
}

fn ttl(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let used_up = hops::used_up()?;
    narrator.step("A packet that runs out", "virtual time")?;
    narrator.say(
        "Most machines are not neighbours. **Routers** between them pass packets on, from link to \
         link, and each passage is a **hop**. This is the internet of this lesson:",
    )?;
    narrator.picture(MAP)?;
    narrator.say(
        "If two routers each think that the way leads through the other, a packet would run in a \
         circle for ever. So it carries a **TTL**, time to live: each router lowers it by one, and \
         the one that would make it 0 drops the packet.",
    )?;
    narrator.predict(
        "A packet for the server leaves the laptop with TTL 2. Which router drops it: home, north \
         or east?",
        Answer::one_of(&["home", "north", "east"], used_up.dropped_by.clone()),
        "Home makes it 1 and passes it on. North would make it 0. It says so to the sender, with \
         an error of **ICMP**, the protocol in which the network speaks about packets:",
    )?;
    narrator.picture(&used_up.trace.ladder(narrator.width()))?;
    Ok(())
}

const MAP: &str = concat!(
    "                  ┌── north ── east ── server\n",
    "laptop ── home ───┤\n",
    "                  └── south ── archive\n",
);

fn routes(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let mut world = World::new(1, 0)?;
    let to_server = hops::trace_route(&mut world, SERVER);
    let to_archive = hops::trace_route(&mut world, ARCHIVE);
    narrator.step("Which way?", "virtual time")?;
    narrator.say(
        "A router has a **routing table**: what is for these addresses goes to that neighbour. A \
         **prefix** names addresses by their first bits: 203.0.113.128/25 is all whose first 25 \
         bits are those of 203.0.113.128, so 203.0.113.128 to 203.0.113.255. The table at home \
         begins with its neighbours:",
    )?;
    let table = Table::new(["prefix", "first bits", "goes to"]);
    let table = world.net.routes(world.named("home")).fold(table, |table, (prefix, neighbour)| {
        let (bits, neighbour) = (prefix.prefix_len().to_string(), world.net.name(neighbour));
        table.row([prefix.to_string(), bits, neighbour.to_owned()])
    });
    narrator.table(&table)?;
    let second = to_archive.get(1).and_then(|hop| hop.answer.clone());
    narrator.predict(
        &format!(
            "A packet for {ARCHIVE} fits two lines: 0.0.0.0/0, which fits every address, and \
             203.0.113.128/25. Does it go north or south?"
        ),
        Answer::one_of(&["north", "south"], second.map_or(String::new(), |answer| answer.name)),
        "The **longest prefix** that fits wins, wherever it stands in the table.",
    )?;
    narrator.say(
        "The TTL makes a path visible. Send a packet with TTL 1, then one with 2, and so on: each \
         router on the way answers once. That is all that the program `traceroute` does.",
    )?;
    let mut table = Table::new(["TTL", "to the server", "took", "to the archive", "took"]);
    for place in 0..to_server.len().max(to_archive.len()) {
        let [server, archive] = [&to_server, &to_archive].map(|path| cells(path.get(place)));
        let ttl = (place + 1).to_string();
        table = table.row([vec![ttl], server.into(), archive.into()].concat());
    }
    narrator.table(&table)?;
    narrator.say(
        "The server itself answers that no program there waits for such a packet, so the path \
         ends. A router decides anew for each packet, so two packets of one sender can go two \
         ways, and one can overtake the other.",
    )?;
    Ok(())
}

/// Who answered, and after which time.
fn cells(hop: Option<&Hop>) -> [String; 2] {
    match hop.and_then(|hop| hop.answer.as_ref()) {
        Some(answer) => [answer.name.clone(), exact(answer.after)],
        None => [String::new(), String::new()],
    }
}

fn flows(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let crossed = flows::share_a_wire()?;
    narrator.step("Two flows, one wire", "virtual time")?;
    narrator.say(&format!(
        "Two laptops, a and b, each send {} packets of 1,500 bytes at the same moment, a's first, \
         to the same server: two **flows**. All of them go through one router, and from there over \
         one wire, which takes 1.2 ms for each.",
        flows::EACH
    ))?;
    let before_b = crossed.iter().take_while(|crossed| crossed.name.starts_with('a')).count();
    narrator.predict(
        "How many packets of a cross that wire before the first one of b?",
        before_b,
        "The router sends packets in the order in which they reach it. It knows of no messages, \
         and reserves the wire for no flow:",
    )?;
    let names: Vec<_> = crossed.iter().map(|crossed| crossed.name.clone()).collect();
    narrator.picture(&format!("router ── {} ──▶ server\n", reversed(&names)))?;
    let last = crossed.last().map(|crossed| crossed.at).unwrap_or_default();
    narrator.say(&format!(
        "Each flow has half of the wire while both are there, and all of it alone. What comes \
         while the wire is busy waits in a **queue** at the router; the last packet has arrived \
         after {}. A queue is finite, and a packet that finds it full is dropped: most losses on \
         wires are this.",
        exact(last)
    ))?;
    Ok(())
}

/// The first one at the right, as on a wire that runs to the right.
fn reversed(names: &[String]) -> String {
    names.iter().rev().map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn a_gigabyte(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A gigabyte in packets", "computed")?;
    narrator.say(&format!(
        "Most links take packets of up to 1,500 bytes, their **MTU**. With {} bytes of headers, \
         IP's and TCP's, {} are left for data. A gigabyte is a file of {} bytes.",
        sizes::HEADERS,
        number(sizes::USUAL),
        number(sizes::GIGABYTE)
    ))?;
    let packets = Cost::of(sizes::USUAL).packets;
    narrator.predict(
        "How many packets is that: thousands, hundreds of thousands, or millions?",
        magnitude(packets),
        &format!("{} of them.", number(packets)),
    )?;
    let mut table =
        Table::new(["data in a packet, bytes", "packets", "headers, bytes", "share, %"]);
    for payload in [1, 100, sizes::USUAL] {
        let cost = Cost::of(payload);
        let share = cost.per_thousand();
        let share = format!("{}.{}", share / 10, share % 10);
        let row = [number(payload), number(cost.packets), number(cost.headers), share];
        table = if payload == sizes::USUAL { table.marked_row(row) } else { table.row(row) };
    }
    narrator.table(&table)?;
    Ok(())
}

fn magnitude(packets: u64) -> Answer {
    let seen = match packets {
        0..100_000 => "thousands",
        100_000..1_000_000 => "hundreds of thousands",
        _ => "millions",
    };
    Answer::one_of(&["thousands", "hundreds of thousands | hundreds | 700,000", "millions"], seen)
}

fn troubles(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let counted: Vec<Counted> =
        Trouble::ALL.iter().map(|trouble| faults::count(*trouble)).collect::<Result<_, _>>()?;
    let resent = faults::resend_what_is_missing()?;
    narrator.step("What can happen on a link", "virtual time")?;
    narrator.say(&format!(
        "A sender numbers {SENT} datagrams, 1 to {SENT}, and sends one every 5 ms over a link that \
         takes 10 ms. In each run the link does something else to the fourth of them, or to all. \
         The receiving machine has nothing but what arrives.",
    ))?;
    let reordered = counted.iter().find(|counted| counted.trouble == Trouble::Reordered);
    let before = reordered
        .map_or(0, |counted| counted.arrived.iter().take_while(|number| **number != 4).count());
    narrator.predict(
        "The link holds the fourth back for 12 ms. As which of the ten does it arrive?",
        before + 1,
        "Those that were sent 5 and 10 ms after it overtake it.",
    )?;
    let mut table = Table::new(["the link", "what arrives, by number", "the receiver sees"]);
    for counted in &counted {
        let arrived: Vec<_> = counted.arrived.iter().map(u8::to_string).collect();
        table = table.row([in_words(counted.trouble).to_owned(), arrived.join(" "), sees(counted)]);
    }
    narrator.table(&table)?;
    narrator.say(
        "While the receiver waits, lost and late look the same. A checksum finds the damage, and a \
         number on each datagram the rest: a gap, a repetition, a wrong order.",
    )?;
    narrator.predict(
        &format!(
            "A file goes in {} numbered packets, and one is lost. The receiver names it. How many \
             packets are sent in all?",
            resent.pieces
        ),
        resent.packets,
        "That one is sent again, and not the file. So a network of packets need not be perfect to \
         carry a gigabyte.",
    )?;
    Ok(())
}

fn in_words(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::None => "does nothing",
        Trouble::Lost => "loses the 4th",
        Trouble::Duplicated => "duplicates the 4th",
        Trouble::Reordered => "holds the 4th back",
        Trouble::Corrupted => "flips a bit of the 4th",
        Trouble::Delayed => "delays all",
    }
}

/// What the receiver can say of what it got.
fn sees(counted: &Counted) -> String {
    let missing = counted.missing();
    let sees = [
        (counted.damaged > 0).then(|| format!("{} wrong checksum", counted.damaged)),
        (!missing.is_empty()).then(|| format!("{} missing", missing.len())),
        (counted.twice() > 0).then(|| format!("{} twice", counted.twice())),
        (counted.late() > 0).then(|| format!("{} out of order", counted.late())),
    ];
    let sees: Vec<_> = sees.into_iter().flatten().collect();
    match sees.is_empty() {
        true => format!("{} to arrive", exact(counted.slowest)),
        false => sees.join(", "),
    }
}

fn checksum(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (one, two, swaps) =
        (checksums::one_bit(), checksums::two_bits(), checksums::swapped_words());
    narrator.step("What a checksum notices", "computed")?;
    narrator.say(&format!(
        "The checksum of IP, UDP and TCP is a sum of 16-bit words, with every carry out of the 16 \
         bits added back at the low end; the sender sends its complement, every bit inverted. A \
         datagram says \"{MESSAGE}\". We change it in every small way, and look whether a checksum \
         notices.",
    ))?;
    narrator.predict(
        "Two 16-bit words of the message change places. Does the checksum notice?",
        swaps.noticed > 0,
        &format!(
            "A sum does not depend on the order. The receiver believes \"{}\".",
            swaps.believed.as_deref().unwrap_or_default()
        ),
    )?;
    let mut table = Table::new(["the change", "tried", "noticed", "got past"]);
    let rows: [(&str, &Tried); 3] = [
        ("one bit of the packet flipped", &one),
        ("two bits of the message flipped", &two),
        ("two words of the message swapped", &swaps),
    ];
    for (change, tried) in rows {
        let [all, noticed, missed] = [tried.tried, tried.noticed, tried.missed()].map(number);
        table = table.row([change.to_owned(), all, noticed, missed]);
    }
    narrator.table(&table)?;
    narrator.say(
        "Two flipped bits get past where they are in the same column of two words and one rises as \
         the other falls. So it is a weak sum. Links have stronger ones, and a program that has to \
         be sure adds one of its own. Against an attacker, who computes the sum anew, none helps.",
    )?;
    Ok(())
}
