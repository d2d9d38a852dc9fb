//! Narrates the experiments: each on the desk, in the world, and with its cure.

mod machines;
mod people;

use std::time::Duration;

use narration::{Answer, Narrator, Table, exact, number};

use crate::fetch::fetch;
use crate::latency::{self, VALUES};
use crate::links::{self, ANSWER};
use crate::orders::{self, Form, ORDERS};
use crate::queue::{self, Arrivals};
use crate::reliable::{self, Delivered, MESSAGES, Sender};
use crate::world::{desk, ocean};

/// Of a thousand packets, how many the link of the first step loses, each way.
const LOST: u64 = 10;

/// Runs every experiment and narrates it; those that draw at random draw from `seed`.
///
/// # Errors
/// If the output is closed.
pub fn run(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    narrator.title("fallacies", "Which eight beliefs break distributed programs?")?;
    reliable(narrator, seed)?;
    latency_is_zero(narrator)?;
    infinite_bandwidth(narrator, seed)?;
    machines::secure(narrator)?;
    machines::topology(narrator)?;
    people::one_administrator(narrator, seed)?;
    people::transport(narrator)?;
    homogeneous(narrator, seed)?;
    narrator.remember(
        "Each of the eight is true on a desk, so no test there finds it. Test with loss, distance, \
         load, a machine that alters packets, a move, other people's changes, a bill and a slow \
         link.",
        "How fast is it, and for whom?",
    )?;
    Ok(())
}

/// A time in milliseconds, rounded to a tenth.
fn ms(time: Duration) -> String {
    let tenths = (time.as_micros() + 50) / 100;
    format!("{}.{}", number(tenths / 10), tenths % 10)
}

/// What drew at random, for the heading.
fn drawn(seed: u64) -> String {
    format!("virtual time, seed {seed}")
}

fn reliable(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    let lossy = internet::Link { lost: LOST, ..ocean() };
    let [once, until] = [Sender::Once, Sender::UntilAcknowledged];
    let beside = reliable::deliver(desk(), seed, once)?;
    let lost = reliable::deliver(lossy.clone(), seed, once)?;
    let beside_until = reliable::deliver(desk(), seed, until)?;
    let cured = reliable::deliver(lossy, seed, until)?;
    narrator.step("\"The network is reliable\"", &drawn(seed))?;
    narrator.say(&format!(
        "On the desk: a program sends {} messages over UDP, one a millisecond, to the machine \
         beside it. {} arrive.",
        number(MESSAGES),
        number(beside.arrived as u64)
    ))?;
    narrator.say(&format!(
        "In the world: the same program, and a link that loses {LOST} of 1,000 packets, each way."
    ))?;
    narrator.predict(
        "How many of its calls that send a message report an error?",
        lost.errors,
        &format!(
            "A call ends when the packet has left. {} messages vanish behind it, and the program \
             goes on as if they had arrived.",
            number(lost.packets - lost.arrived)
        ),
    )?;
    narrator.say(
        "So the receiver acknowledges each message, over the same link, and the sender sends a \
         message again until its acknowledgement has come.",
    )?;
    narrator.predict(
        "Does any message arrive twice?",
        cured.arrived > cured.delivered,
        "Where the acknowledgement was lost, the message comes again. It has a number, by which \
         the receiver drops the copy.",
    )?;
    let table = Table::new(["it sends", "over", "packets", "arrived", "delivered"]);
    let row = |table: Table, program: &str, over: &str, seen: Delivered| {
        let counts = [seen.packets, seen.arrived, seen.delivered].map(|count| number(count as u64));
        table.row([vec![program.to_owned(), over.to_owned()], counts.into()].concat())
    };
    let table = row(table, "once", "the desk", beside);
    let world = format!("{} % lost", LOST / 10);
    let table = row(table, "once", &world, lost);
    let table = row(table, "until acknowledged", "the desk", beside_until);
    narrator.table(&row(table, "until acknowledged", &world, cured))?;
    narrator.say(
        "The cure: acknowledge, send again, drop copies. TCP does it (03 tcp); over UDP and for \
         whole calls your program does (04 udp, 07 timeouts, 08 retry).",
    )?;
    Ok(())
}

fn latency_is_zero(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [desk, far] = [desk(), ocean()];
    let fetched = |batch| -> anyhow::Result<_> {
        Ok([latency::fetch(desk.clone(), batch)?, latency::fetch(far.clone(), batch)?])
    };
    let (turns, batch) = (fetched(1)?, fetched(VALUES as usize)?);
    narrator.step("\"Latency is zero\"", "virtual time")?;
    narrator.say(&format!(
        "On the desk: a program wants {VALUES} values and makes a call for each, one after the \
         other. A packet takes {} to the machine beside it, and a moment to be sent. All of it \
         takes {} ms.",
        exact(desk.delay),
        ms(turns[0].time)
    ))?;
    narrator.say(&format!(
        "In the world: the server is in London, the program in New York. A packet takes {}.",
        exact(far.delay)
    ))?;
    let tenths = (turns[1].time.as_millis() + 50) / 100;
    narrator.predict(
        &format!("How many seconds do the {VALUES} calls take?"),
        Answer::quantity(format!("{}.{} s", tenths / 10, tenths % 10)),
        "Each waits for the answer to the one before. One call with all ids, a **batch**, waits \
         once:",
    )?;
    let mut table = Table::new(["values in a call", "calls", "the desk, ms", "the ocean, ms"]);
    for (size, [desk, far]) in [(1, turns), (VALUES, batch)] {
        let row = [number(size), number(desk.calls as u64), ms(desk.time), ms(far.time)];
        table = if size > 1 { table.marked_row(row) } else { table.row(row) };
    }
    narrator.table(&table)?;
    light(narrator)?;
    narrator.say(
        "The cure: fewer round trips. A batch; a cache, as in 05 dns; and 13 latency measures what \
         is left.",
    )?;
    Ok(())
}

/// What distances cost.
fn light(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.say(&format!(
        "A better network does not help: light needs {:.1} ms for the 5,570 km, if the fibre is \
         straight. A common figure for the way to another machine of one datacentre and back is \
         0.5 ms.",
        latency::light(5_570.0)[1]
    ))?;
    let km = latency::fibre(0.5);
    let nearest =
        [1_u32, 10, 100].into_iter().min_by_key(|near| (km - f64::from(*near)).abs() as u64);
    narrator.predict(
        "About how many kilometres of fibre does light pass in 0.5 ms: 1, 10 or 100?",
        Answer::one_of(&["1", "10", "100 | 102"], nearest.unwrap_or_default().to_string()),
        &format!(
            "It is {km:.0}, half of it each way, and no datacentre is that long. Most of the time \
             goes to the switches and to the systems at both ends. What is near the limit are \
             oceans:"
        ),
    )?;
    let mut table = Table::new(["from New York to", "km", "in a vacuum, ms", "in fibre, ms"]);
    for (city, km) in [("London", 5_570_u32), ("Tokyo", 10_850)] {
        let [vacuum, fibre] = latency::light(km.into()).map(|ms| format!("{ms:.1}"));
        table = table.row([city.to_owned(), number(km), vacuum, fibre]);
    }
    narrator.table(&table)?;
    Ok(())
}

/// The loads at which the wait is looked at, in percent, and for how many packets: the nearer the
/// load is to 1, the longer it takes until a mean settles.
const LOADS: [(u64, u64); 5] =
    [(50, 100_000), (80, 200_000), (90, 200_000), (95, 500_000), (99, 1_000_000)];

fn infinite_bandwidth(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    let waits = LOADS.map(|(percent, packets)| {
        let wait = |arrivals| queue::mean_wait(percent, arrivals, packets);
        (percent, wait(Arrivals::Even), wait(Arrivals::Random(seed)))
    });
    narrator.step("\"Bandwidth is infinite\"", &drawn(seed))?;
    narrator.say(
        "On the desk: one program sends packets, and its link takes 1 ms for each. The **load** is \
         the share of the time in which the link is busy. One packet every 2 ms is a load of 0.5, \
         and none ever waits for the one before.",
    )?;
    let micros = |wait| ms(Duration::from_micros(wait));
    narrator.say(&format!(
        "In the world: many programs share the link, and know nothing of each other. There are as \
         many packets, and they come at random. At a load of 0.5 a packet waits {} ms on average, \
         at 0.9 it waits {} ms.",
        micros(waits[0].2),
        micros(waits[2].2)
    ))?;
    let nearest = [5, 10, 50].into_iter().min_by_key(|ms| waits[4].2.abs_diff(ms * 1_000));
    narrator.predict(
        "About how many ms does it wait at 0.99: 5, 10 or 50?",
        Answer::one_of(
            &["5", "10", "50 | 49 | 48 | 49.5"],
            nearest.unwrap_or_default().to_string(),
        ),
        "The wait grows as the room shrinks: from 0.9 to 0.99 a tenth of it remains, and the wait \
         is about ten times as long. The formula is load / (2 × (1 − load)) for packets of 1 ms:",
    )?;
    let headings = ["load", "one program, ms", "at random, ms", "by the formula, ms"];
    let table = waits.iter().fold(Table::new(headings), |table, (percent, even, random)| {
        let formula = queue::expected_wait(*percent);
        let times = [*even, *random, formula].map(micros);
        table.row([vec![format!("0.{percent}")], times.into()].concat())
    });
    narrator.table(&table)?;
    two_forms(narrator)
}

/// The same orders in many and in few bytes.
fn two_forms(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let slow = internet::Link { rate: 10_000_000, ..desk() };
    let sent = |form: Form| -> anyhow::Result<_> {
        let bytes = form.bytes(&orders::list()).len();
        let time = |link| fetch(link, 1, bytes).map(Option::unwrap_or_default);
        Ok((form, bytes, time(desk())?, time(slow.clone())?))
    };
    let [json, compact] = [sent(Form::Json)?, sent(Form::Compact)?];
    narrator.say(&format!(
        "What fills a link is often avoidable. A server sends {} orders of five fields each over a \
         link of 10 Mbit a second, once as JSON, {} bytes, and once with postcard, {} bytes. The \
         JSON takes {} ms.",
        number(ORDERS),
        number(json.1 as u64),
        number(compact.1 as u64),
        number(json.3.as_millis())
    ))?;
    let nearest = [100, 300, 600].into_iter().min_by_key(|ms| compact.3.as_millis().abs_diff(*ms));
    narrator.predict(
        "About how many ms does the other take: 100, 300 or 600?",
        Answer::one_of(&["100", "300", "600"], nearest.unwrap_or_default().to_string()),
        "Once bytes are what a link waits for, time follows bytes:",
    )?;
    let mut table = Table::new(["the orders as", "bytes", "desk, 1 Gbit/s, ms", "10 Mbit/s, ms"]);
    for (form, bytes, desk, slow) in [json, compact] {
        let row = [form.name().to_owned(), number(bytes as u64), ms(desk), ms(slow)];
        table = if form == Form::Compact { table.marked_row(row) } else { table.row(row) };
    }
    narrator.table(&table)?;
    narrator.say(
        "The cure: fewer bytes (11 serialization), and room: a load far below 1 (13 latency).",
    )?;
    Ok(())
}

fn homogeneous(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    let times = links::times(seed)?;
    let kinds = links::kinds();
    narrator.step("\"The network is homogeneous\"", &drawn(seed))?;
    let first = times[0].unwrap_or_default();
    let timeout = 10 * first;
    narrator.say(&format!(
        "On the desk: a program asks for {} bytes over TCP, and has them after {:.2} ms. It gives \
         up after ten times that, {} ms, and never has to.",
        number(ANSWER as u64),
        first.as_secs_f64() * 1_000.0,
        ms(timeout)
    ))?;
    narrator
        .say("In the world: the same program, over four more links. The values are typical:")?;
    let table = Table::new(["link", "one way, ms", "Mbit/s", "largest packet", "lost of 1,000"]);
    let table = kinds.iter().fold(table, |table, kind| {
        let link = &kind.link;
        let delay = format!("{}", link.delay.as_secs_f64() * 1_000.0);
        let rest = [link.rate / 1_000_000, link.mtu as u64, link.lost].map(number);
        table.row([vec![kind.name.to_owned(), delay], rest.into()].concat())
    });
    narrator.table(&table)?;
    let earlier = links::times(seed.wrapping_add(1))?;
    let is_in_time = |time: &Option<Duration>| time.is_some_and(|time| time <= timeout);
    narrator.predict(
        "Over how many of the five links does it have its answer before it gives up?",
        times.iter().filter(|time| is_in_time(time)).count(),
        "Over the others it fails each time, although nothing is broken:",
    )?;
    let given_up = |is_in_time: bool| if is_in_time { "answered" } else { "given up" };
    let table =
        Table::new(["link", "the answer takes, ms", "the desk's timeout", "one of its own"]);
    let table = kinds.iter().zip(&times).zip(&earlier).fold(table, |table, (link, earlier)| {
        let (kind, time) = link;
        // Ten times what an answer took earlier, over the same link.
        let own = earlier.zip(*time).is_some_and(|(earlier, time)| time <= 10 * earlier);
        let time_shown = time.map_or("never".to_owned(), ms);
        table.row([kind.name, &time_shown, given_up(is_in_time(time)), given_up(own)])
    });
    narrator.table(&table)?;
    let (rack, phone) = (times[1].unwrap_or_default(), times[4].unwrap_or_default());
    let late = (10 * phone).as_micros() / rack.as_micros().max(1) / 10_000 * 10_000;
    narrator.say(&format!(
        "Ten times what the phone takes would be right for the phone. In the rack it would be more \
         than {} times what an answer takes, and a server that is gone would be noticed that late.",
        number(late)
    ))?;
    narrator.say(
        "The cure is in the table's last column: a timeout for each peer, from its own latencies \
         (07 timeouts), here ten times what an earlier answer took. TCP does the like.",
    )?;
    Ok(())
}
