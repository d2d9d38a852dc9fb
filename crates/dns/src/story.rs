//! Narrates the experiments.

use std::time::Duration;

use anyhow::Context;
use narration::{Answer, Narrator, Table, exact, hex, number};

use crate::aliases;
use crate::anatomy::{self, Part};
use crate::cache::Known;
use crate::caching::{self, ADDED, LookUp, OLD};
use crate::message::Over;
use crate::network::NetworkError;
use crate::outages::{self, Outage};
use crate::record::Kind;
use crate::resolver::{Exchange, Failure, Said, in_words};
use crate::spoof::{self, Attack, IDS, PORTS};
use crate::walk::{self, WEB};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If the output is closed, or the system has no sockets left.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("dns", "How does a name become an address?")?;
    the_name_fails(narrator)?;
    as_bytes(narrator)?;
    the_walk(narrator)?;
    the_cache(narrator)?;
    a_change(narrator)?;
    follow_aliases(narrator)?;
    a_server_fails(narrator)?;
    too_long(narrator)?;
    forged(narrator)?;
    narrator.remember(
        "A resolver walks down from the root, each server naming the next, and keeps what it \
         learns for its TTL. So a change is seen up to a TTL later.",
        "How do two programs talk, and what is one message?",
    )?;
    Ok(())
}

fn the_name_fails(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seen = anatomy::nameless()?;
    narrator.step("Names are for people", "real sockets")?;
    narrator.say(&format!(
        "A packet needs an address. People and programs use names, such as {WEB}, since an address \
         changes when a service moves. The **Domain Name System**, DNS, turns one into the other: \
         it is a database of names, spread over many **name servers**. A program that looks a name \
         up there is a **resolver**. On this machine no name server runs yet, and a web server \
         does, at a port of 127.0.0.1.",
    ))?;
    narrator.predict(
        "Does a connection to 127.0.0.1 and that port succeed?",
        seen.connects,
        "An address is enough; the network knows nothing of names.",
    )?;
    let look_up = seen.look_up.map_or_else(|error| error, |addresses| addresses.join(", "));
    narrator.event("connect", "address", if seen.connects { "connected" } else { "failed" })?;
    narrator.event("look up", "name", &look_up)?;
    narrator.say(
        "A program often reports both as \"cannot reach the service\". Try the address, to see \
         which of the two has failed.",
    )?;
    Ok(())
}

fn as_bytes(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seen = anatomy::anatomy()?;
    narrator.step("A question, an answer", "real sockets")?;
    narrator.say(&format!(
        "A name is a list of **labels**. On the wire each label follows its length, one byte, and \
         a zero ends the name. The resolver asks a name server for the address of {WEB}, which has \
         {} characters, in one UDP datagram:",
        WEB.len()
    ))?;
    narrator.predict(
        "How many bytes does the name take there?",
        seen.name.len(),
        "A length before each of three labels, no dots, and the zero.",
    )?;
    narrator.table(&parts(&seen.query, &seen.query_parts))?;
    narrator.say(
        "A **record** says one thing of a name. It has an owner (the name), a type, a class, a \
         **TTL** and data. The TTL, time to live, is for how many seconds it may be kept; the TTL \
         of a packet in lesson 02 is another thing. An **A record** has an IPv4 address, an **AAAA \
         record** one of IPv6. The answer repeats the question, and then comes a record:",
    )?;
    narrator.table(&parts(&seen.answer, &seen.answer_parts))?;
    Ok(())
}

fn parts(message: &[u8], parts: &[Part]) -> Table {
    const SHOWN: usize = 6;
    parts.iter().fold(Table::new(["part", "bytes", "here"]), |table, part| {
        let bytes = message.get(part.at.clone()).unwrap_or_default();
        let more = if bytes.len() > SHOWN { " …" } else { "" };
        let shown = hex(&bytes[..bytes.len().min(SHOWN)]) + more;
        table.row([part.name.to_owned(), shown, part.means.clone()])
    })
}

fn the_walk(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let walk = walk::walk(&caching::name(WEB), Kind::A)?;
    narrator.step("The walk", "real sockets")?;
    narrator.say(
        "No server has all names. The names are a tree, read from the right: the **root**, then \
         com, then example.com. Each **zone**, a part of the tree with one owner, has servers of \
         its own. Six name servers run now, each at a place of its own on this machine. Our \
         resolver knows one of them, the root's, and asks it for the whole name.",
    )?;
    let first = walk.exchanges.first().context("no server was asked")?;
    let refers = matches!(first.said, Said::Referral(..));
    narrator.predict(
        &format!("What does the root return: the address of {WEB}, or that of a server of com?"),
        Answer::one_of(
            &["the address of web | web | web.example.com", "a server of com | server | com"],
            if refers { "a server of com" } else { "the address of web" },
        ),
        "That is a **referral**: ask those who serve the zone below.",
    )?;
    narrator.picture(&walk::diagram(&walk.exchanges)?.ladder(narrator.width()))?;
    narrator.say(
        "Each referral names servers. Their addresses come along, the **glue**: to ask ns.com for \
         the address of ns.com, one would need it already. The last server answers **with \
         authority**: it has the zone itself.",
    )?;
    Ok(())
}

fn the_cache(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seen = caching::hits_and_misses();
    narrator.step("The cache", "virtual time")?;
    narrator.say(
        "From here on the servers are far away: a question and its answer take 20 ms to the root, \
         30 ms to com, 40 ms to all others. Time is **virtual**: it jumps from event to event. The \
         resolver keeps all that it learns in a **cache**, each record for its TTL; that of web is \
         300 s.",
    )?;
    let [first, again, another, ..] = &seen[..] else { anyhow::bail!("too few look-ups") };
    narrator.predict(
        &format!(
            "The first look-up of {WEB} takes {}. How long does it take a second later?",
            exact(first.took)
        ),
        Answer::quantity(format!("{} ms", again.took.as_millis())),
        "No server is asked.",
    )?;
    narrator.predict(
        "Now api.example.com, a name that was never asked for. How many servers are asked?",
        another.asked.len(),
        "The servers of example.com are known, too, from the referral.",
    )?;
    narrator.table(&look_ups(&seen))?;
    narrator.say(
        "With an empty cache every walk begins at the root, and yet it is asked seldom: what it \
         says of com may be kept for two days.",
    )?;
    Ok(())
}

fn look_ups(seen: &[LookUp]) -> Table {
    let table = Table::new(["at, s", "name", "zones asked", "took, ms", "answer"]);
    seen.iter().fold(table, |table, seen| {
        let zones: Vec<_> = seen.asked.iter().map(in_words).collect();
        table.row([
            seen.at.as_secs().to_string(),
            seen.name.clone(),
            if zones.is_empty() { "none".to_owned() } else { zones.join(", ") },
            seen.took.as_millis().to_string(),
            seen.answer.clone(),
        ])
    })
}

fn a_change(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seen = caching::changes();
    narrator.step("A change", "virtual time")?;
    narrator.say(&format!(
        "The owner of example.com gives {WEB} another address, and adds the name {ADDED}. The \
         servers of example.com have the change at once. A resolver has asked for {WEB} a moment \
         before; the record's TTL is 300 s.",
    ))?;
    let old_for = caching::old_for();
    narrator.predict(
        "For how many seconds does that resolver still return the old address?",
        Answer::quantity(format!("{} s", old_for.as_secs())),
        "It does not ask while it has an answer, and no server knows who has one. A common error \
         is that a change \"propagates\". No server sends it on; caches run out.",
    )?;
    narrator.say(&format!(
        "That a name does not exist, a **negative answer**, is kept, too: for as long as a record \
         of the zone says, here 60 s. Now a resolver asks for both names at 0 s, when {WEB} is \
         {OLD}, and the change happens at 10 s:",
    ))?;
    let table = Table::new(["at, s", "name", "asked", "answer"]);
    let table = seen.iter().fold(table, |table, seen| {
        let asked = if seen.asked.is_empty() { "the cache" } else { "servers" };
        let at = seen.at.as_secs().to_string();
        table.row([at, seen.name.clone(), asked.to_owned(), seen.answer.clone()])
    });
    narrator.table(&table)?;
    Ok(())
}

fn follow_aliases(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seen = aliases::follow();
    narrator.step("Aliases", "virtual time")?;
    narrator.say(&format!(
        "A **CNAME** record says that a name is an **alias** of another, the target. The resolver \
         then looks the target up. www.example.com is an alias of {WEB}; one server has both, and \
         may send both. A walk for {WEB} takes {} requests, with an empty cache.",
        seen.plain.asked.len()
    ))?;
    narrator.predict(
        "How many requests does one for www.example.com take?",
        seen.inside.asked.len(),
        "The answer has two records, the alias and the address of its target.",
    )?;
    narrator.say(
        "store.example.com is an alias of a name in shop.com. The server of shop.com is called \
         ns.hosting.net, and com, which refers to it, has no address for that name. It has to be \
         looked up first:",
    )?;
    let table = Table::new(["asks", "for", "gets"]);
    let table = seen.outside_requests.iter().fold(table, |table, request| {
        let (zone, name) = (in_words(&request.zone), request.question.name.to_string());
        table.row([zone, name, gets(request)])
    });
    narrator.table(&table)?;
    narrator.say(&format!(
        "ring1.example.com is an alias of ring2, and ring2 one of ring1. A resolver that only \
         followed them would never end; ours reports: {}.",
        seen.circle.answer
    ))?;
    Ok(())
}

/// What a request came to, in few words.
fn gets(request: &Exchange) -> String {
    match &request.said {
        Said::Referral(zone, servers)
            if servers.iter().all(|server| server.addresses.is_empty()) =>
        {
            format!("the servers of {zone}, no address")
        }
        Said::Referral(zone, _) => format!("the servers of {zone}"),
        Said::Known(Known::Records(records)) => {
            records.iter().map(|record| record.data.to_string()).collect::<Vec<_>>().join(", ")
        }
        other => walk::said(other),
    }
}

fn a_server_fails(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seen = outages::first_server_fails();
    let (both, took) = outages::both_down();
    narrator.step("A server fails", "virtual time")?;
    narrator.say(
        "example.com has two servers, ns1 and ns2, 40 ms away. The resolver knows both and asks \
         ns1 first. It waits 800 ms for an answer before it asks the other one.",
    )?;
    let down = seen.get(1).context("too few faults")?;
    narrator.predict(
        &format!("ns1 is down. How long does a look-up of {WEB} take?"),
        Answer::quantity(format!("{} ms", down.took.as_millis())),
        &format!(
            "A time limit, and then the second server. The next look-up takes {}: for a minute a \
             server that failed is asked last.",
            exact(down.next_took)
        ),
    )?;
    narrator.say(
        "Other things can be wrong with ns1. In all rows but the first the resolver then asks ns2, \
         and gets the right address. The last column is the next look-up:",
    )?;
    let table = Table::new(["ns1", "the resolver", "took, ms", "next, ms"]);
    let table = seen.iter().fold(table, |table, seen| {
        let times = [seen.took, seen.next_took].map(|time| time.as_millis().to_string());
        let [took, next] = times;
        table.row([seen.fault.to_owned(), makes_of(seen), took, next])
    });
    narrator.table(&table)?;
    narrator.say(&format!(
        "An answer with another id or question is ignored, as if it had not come: any machine can \
         send one, and the true answer may still follow. With both servers down the look-up ends \
         after {}: \"{both}\".",
        exact(took)
    ))?;
    Ok(())
}

fn makes_of(outage: &Outage) -> String {
    let wait = |limit: &Duration| format!("waits {}", exact(*limit));
    match (&outage.first, outage.ignored) {
        (None, _) => format!("believes {}", outage.answer),
        (Some(Failure::Network(NetworkError::TimedOut(limit))), 0) => wait(limit),
        (Some(Failure::Network(NetworkError::TimedOut(limit))), _) => {
            format!("ignores it, {}", wait(limit))
        }
        (Some(Failure::Status(status)), _) => format!("reads {status}"),
        (Some(Failure::Lame(_)), _) => "reads no authority".to_owned(),
        (Some(failure), _) => failure.to_string(),
    }
}

fn too_long(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let walk = walk::walk(&caching::name("long.example.com"), Kind::Txt)?;
    narrator.step("Too long for a datagram", "real sockets")?;
    let [.., cut, whole] = &walk.exchanges[..] else { anyhow::bail!("too few requests") };
    let records = walk.answer.as_ref().map_or(0, |answer| answer.records.len());
    narrator.say(&format!(
        "long.example.com has {records} **TXT records**, lines of text, and the answer with them \
         has {} bytes. Our resolver says that it takes datagrams of up to 1,232, which fit into a \
         packet on nearly every link.",
        number(whole.length)
    ))?;
    narrator.predict(
        "What does the server send: as many records as fit, none of them, or all in several \
         datagrams?",
        Answer::one_of(
            &[
                "as many as fit | many | fit | some",
                "none of them | none | no records | nothing | 0",
                "all in several datagrams | several | all",
            ],
            if cut.said == Said::Truncated { "none of them" } else { "as many as fit" },
        ),
        "A part would be taken for all there is. The answer has a flag, TC (truncated), and no \
         records.",
    )?;
    for request in [cut, whole] {
        let over = if request.over == Over::Udp { "UDP" } else { "TCP" };
        let length = format!("{} bytes, {}", number(request.length), walk::said(&request.said));
        narrator.event("ns1", over, &length)?;
    }
    narrator.say(
        "The resolver asks again over TCP, where each message follows its length, two bytes. So a \
         name server serves both, and a firewall that lets only UDP through breaks long answers.",
    )?;
    Ok(())
}

fn forged(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (missed, hit) = (spoof::race(false), spoof::race(true));
    let [alias, victim] = spoof::out_of_zone();
    narrator.step("What is believed", "virtual time, computed")?;
    narrator.say(&format!(
        "A datagram has no proof of its sender. An attacker, who does not see the request, sends \
         100 forged answers that arrive before the true one. Each guesses the id, 16 bits. If all \
         miss, {} are ignored, and the resolver returns {}. If one hits, it returns {}, from its \
         cache an hour later, too.",
        missed.ignored, missed.found.answer, hit.later.answer
    ))?;
    let alone = attack(1).even_chance();
    narrator.predict(
        "After how many look-ups has the attacker an even chance to have hit once: about 5, 50, \
         500 or 50,000?",
        Answer::one_of(&["5", "50", "500", "50,000 | 50000"], magnitude(alone)),
        &format!(
            "(1 - 100/65,536)^n is 1/2 for n = {alone}. And a resolver can be made to ask: for \
             1.example.com, 2.example.com and so on, so that no cache helps (Kaminsky, 2008)."
        ),
    )?;
    narrator.say(
        "So the resolver also draws the port from which it asks, and the attacker has to guess \
         both. By formula, and as the median of simulated attacks:",
    )?;
    narrator.table(&guesses())?;
    narrator.say(&format!(
        "And a server is believed for its own zone alone. {} is an alias of {}. If a server of \
         example.com adds an address for that name, the resolver drops it, asks shop.com, and \
         finds {}. All this makes forging hard, and proves nothing. What proves an answer is a \
         signature, **DNSSEC**.",
        alias.name, victim.name, alias.answer
    ))?;
    Ok(())
}

/// A hundred forged answers to a request from one of so many ports.
fn attack(ports: u64) -> Attack {
    Attack { possibilities: IDS * ports, forged: 100 }
}

fn guesses() -> Table {
    let table = Table::new(["drawn", "possibilities", "look-ups", "simulated"]);
    let rows = [
        ("id", 1, Some(5_001)),
        ("id, 16 ports", 16, Some(501)),
        ("id, 28,232 ports", PORTS, None),
    ];
    rows.into_iter().fold(table, |table, (drawn, ports, attacks)| {
        let attack = attack(ports);
        let simulated = attacks.map(|attacks| number(attack.simulate(attacks, 1)));
        table.row([
            drawn.to_owned(),
            number(attack.possibilities),
            number(attack.even_chance()),
            simulated.unwrap_or_else(|| "too many to try".to_owned()),
        ])
    })
}

fn magnitude(look_ups: u64) -> &'static str {
    match look_ups {
        0..16 => "5",
        16..160 => "50",
        160..5_000 => "500",
        _ => "50,000",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_of_the_right_magnitude_is_near() {
        assert_eq!([5, 50, 500, 50_000].map(magnitude), ["5", "50", "500", "50,000"]);
    }
}
