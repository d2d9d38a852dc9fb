//! Narrates the experiments.

use std::time::Duration;

use common::frame::Framing;
use common::transport::{Limits, Server};
use narration::{Answer, Narrator, Table, exact, number};

use crate::batches::{self, Batch, CALL, EVERY, ITEM};
use crate::fan_out::{self, PAGES, WRITES};
use crate::highway::{HEADWAY, Highway};
use crate::load::{self, Loop, Measured, Plan};
use crate::omission::{self, INTERVAL, PAUSE, SERVICE};
use crate::percentiles::{Rule, mean, one_slow_in_a_hundred};
use crate::queue;
use crate::report::{PERCENTILES, bars, percentile, percentiles_line};

/// The seed of what is drawn at random.
const SEED: u64 = 1;

/// A latency that a reader would notice, in a replica, in milliseconds.
const SLOW_WRITE: u64 = 100;

/// Runs every experiment and narrates it.
///
/// # Errors
/// If the output is closed, or this system has no sockets left.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("latency", "How fast is it, and for whom?")?;
    highway(narrator)?;
    one_in_a_hundred(narrator)?;
    ten_calls(narrator)?;
    let slow_writes = three_replicas(narrator)?;
    in_batches(narrator)?;
    let p99s = near_full_load(narrator)?;
    one_pause(narrator)?;
    real_server(narrator)?;
    what_helps(narrator, slow_writes, p99s)?;
    narrator.remember(
        "A latency is a whole distribution. Say which percentile, by which rule, of how many \
         requests, at which load, and from when on you counted.",
        "Whose clock do you trust?",
    )?;
    Ok(())
}

/// The road of the first step.
fn road(lanes: u64) -> Highway {
    Highway { miles: 100, speed: 50, lanes }
}

fn highway(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (narrow, wide) = (road(1), road(4));
    let hours = |road: Highway| number(road.travel_time().as_secs() / 3600);
    narrator.step("A highway", "computed")?;
    narrator.say(&format!(
        "Two towns are {} miles apart, and each car drives {} miles an hour. So one car takes {} \
         hours: that is the road's **latency**. The cars keep {} apart, so {} of them arrive in an \
         hour: that is its **throughput**. Then three more lanes are built.",
        narrow.miles,
        narrow.speed,
        hours(narrow),
        exact(HEADWAY),
        number(narrow.cars_an_hour())
    ))?;
    narrator.predict(
        "How many hours does one car take on four lanes?",
        Answer::quantity(format!("{} hours", hours(wide))),
        "More lanes make no car faster:",
    )?;
    let mut table = Table::new(["lanes", "one car, hours", "cars an hour"]);
    for road in [narrow, wide] {
        table = table.row([number(road.lanes), hours(road), number(road.cars_an_hour())]);
    }
    narrator.table(&table)?;
    narrator.say(
        "Links and servers are like this. More of them side by side raise the throughput. They \
         shorten a latency only where a request had to wait for others.",
    )?;
    Ok(())
}

fn one_in_a_hundred(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let sample = one_slow_in_a_hundred();
    let micros: Vec<u64> = sample.iter().map(|ms| 1000 * ms).collect();
    narrator.step("One in a hundred", "computed")?;
    narrator.say(&format!(
        "Of {} requests, 99 take {} ms each, and one takes {} ms. The **mean** is their sum \
         divided by their number: {} ms.",
        sample.len(),
        sample[0],
        number(sample[99]),
        ms(mean(&micros))
    ))?;
    narrator.predict(
        "How many of the requests took between 50 and 500 ms?",
        sample.iter().filter(|ms| (50..=500).contains(*ms)).count(),
        "The mean lies where no request was: 99 are eleven times as fast, and one is ninety times \
         as slow.",
    )?;
    narrator.say(
        "A **percentile** is a latency that a given share of all requests did not exceed: half of \
         them for p50, the median, and 99 of 100 for p99. The plainest rule is the **nearest \
         rank**: sort all latencies, the fastest first, and p99 of a hundred is the 99th of them.",
    )?;
    narrator.predict(
        "What is p99 by this rule, in ms?",
        Answer::quantity(format!("{} ms", Rule::NearestRank.percentile(&sample, 990))),
        "The slow one is the hundredth. So p99 does not see what happens to one in a hundred. \
         p99.9 and the maximum do, and so do other rules for p99:",
    )?;
    let mut table = Table::new(["rule, in ms", "p50", "p90", "p99", "p99.9", "max"]);
    for rule in Rule::ALL {
        let shown = |(_, tenths)| match rule {
            Rule::Histogram => number(rule.percentile(&sample, tenths)),
            _ => ms(rule.percentile(&micros, tenths)),
        };
        table = table.row([vec![name(rule).to_owned()], PERCENTILES.map(shown).to_vec()].concat());
    }
    narrator.table(&table)?;
    narrator.say(
        "Each of these is in use. Where a rank lies between two values, the result lies on the \
         line between them. HdrHistogram keeps three digits of each value and shows the largest \
         that it cannot tell from 10,000. So a p99 alone says little: it needs its rule and the \
         number of requests. Of a million requests, the rules mostly agree.",
    )?;
    Ok(())
}

fn name(rule: Rule) -> &'static str {
    match rule {
        Rule::NearestRank => "nearest rank",
        Rule::Histogram => "HdrHistogram, 3 digits",
        Rule::Line => "line at 1 + (n - 1) p",
        Rule::OuterLine => "line at (n + 1) p",
        Rule::Index => "index n p, from 0",
    }
}

fn ten_calls(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    const SLOW: u64 = 10;
    let rows = [1, 10, 100].map(|calls: u32| {
        let simulated = fan_out::slow_pages(calls.into(), SLOW, SEED);
        (calls, 100.0 * fan_out::expected_share(calls, SLOW), percent(simulated, PAGES))
    });
    narrator.step("Ten calls", "virtual time")?;
    narrator.say(
        "A page makes ten calls to other servers at once, and is there when all are answered. Of \
         each call, one in a hundred takes 1 s or more (often told as a p99 of 1 s).",
    )?;
    let nearest = |choices: [u32; 3]| {
        let share = rows[1].1;
        let distance = |choice: &u32| (f64::from(*choice) - share).abs();
        choices.into_iter().min_by(|one, other| distance(one).total_cmp(&distance(other)))
    };
    let choices = [1, 10, 50];
    narrator.predict(
        "Which share of the pages takes 1 s or more: about 1, 10 or 50 in a hundred?",
        Answer::one_of(
            &choices.map(number),
            nearest(choices).map_or(String::new(), |choice: u32| number(choice)),
        ),
        "All ten calls are fast with a chance of 0.99 to the power of 10. The rest of the pages \
         wait:",
    )?;
    let mut table =
        Table::new(["calls", "by formula, %", &format!("of {} simulated, %", number(PAGES))]);
    for (calls, formula, simulated) in rows {
        table = table.row([number(calls), format!("{formula:.1}"), simulated]);
    }
    narrator.table(&table)?;
    narrator.say(
        "The slow end of a distribution is its tail (lesson 07). A page that makes a hundred calls \
         mostly waits for the tail of one of them.",
    )?;
    Ok(())
}

/// A share of all, in percent.
fn percent(count: u64, all: u64) -> String {
    let hundredths = 10_000 * count / all;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Returns how many writes are slow, for one replica, two of three, and all three.
fn three_replicas(narrator: &mut Narrator<'_>) -> anyhow::Result<[u64; 3]> {
    let writes = fan_out::writes(SEED);
    let slow = [0, 1, 2].map(|which: usize| fan_out::at_least(&writes[which], SLOW_WRITE));
    narrator.step("Three replicas", "virtual time")?;
    narrator.say(&format!(
        "Data is kept on three machines; each copy is a replica. A write takes 2 to 10 ms at a \
         replica, and once in a hundred {SLOW_WRITE} to 200 ms. A client sends each write to all \
         three, and can go on when two of them have answered."
    ))?;
    narrator.predict(
        "Is a write then slow more often than with one replica, or more seldom?",
        Answer::one_of(
            &["more often", "more seldom | less | fewer | rarely | rarer"],
            if slow[1] < slow[0] { "more seldom" } else { "more often" },
        ),
        "Two of the three would have to be slow at once. Waiting for all three is the ten calls \
         again:",
    )?;
    let mut table = Table::new(["waits for", "p50, ms", "p99.9, ms", "slow, %"]);
    let names = ["one replica alone", "two of three", "all three"];
    for ((name, waits), slow) in names.into_iter().zip(&writes).zip(slow) {
        let shown = [500, 999].map(|tenths| number(Rule::NearestRank.percentile(waits, tenths)));
        table = table
            .row([vec![name.to_owned()], shown.to_vec(), vec![percent(slow, WRITES)]].concat());
    }
    narrator.table(&table)?;
    narrator.say(
        "The median stays as it is, since the second of three is the middle one. The tail nearly \
         goes.",
    )?;
    Ok(slow)
}

fn in_batches(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let sizes = [1, 10, 100, 1000];
    let fixed = sizes.map(|size| batches::send(Batch::Of(size)));
    let best = sizes.into_iter().zip(&fixed).min_by_key(|(_, fared)| fared.worst);
    narrator.step("In batches", "virtual time")?;
    narrator.say(&format!(
        "A server works {} for a call, and {} more for each item in it. Items come every {}, {} in \
         all. A batch is a call with several of them. The client collects items until it has a \
         given number, and then sends them.",
        exact(CALL),
        exact(ITEM),
        exact(EVERY),
        number(batches::ITEMS)
    ))?;
    narrator.predict(
        "Which size makes the slowest item fastest: 1, 10, 100 or 1,000?",
        Answer::one_of(&sizes.map(number), best.map_or(String::new(), |(size, _)| number(size))),
        "Calls of one item are too many for the server, and their queue grows until the end. In a \
         large batch, the first item waits for the last:",
    )?;
    let mut table =
        Table::new(["items in a call", "most items a second", "mean, ms", "slowest, ms"]);
    let rows = sizes.iter().map(|size| number(*size)).zip(fixed);
    let waiting = ("what waits".to_owned(), batches::send(Batch::WhatWaits));
    for (size, fared) in rows.chain([waiting]) {
        let times = [fared.mean, fared.worst].map(|time| tenth_ms(time.as_micros() as u64));
        table = table.row([vec![size, number(fared.capacity)], times.to_vec()].concat());
    }
    narrator.table(&table)?;
    narrator.say(
        "Larger batches always raise the throughput. In the last row the client sends whatever has \
         come whenever the server is free: small batches while little is asked, larger ones when \
         it is much, so the most that it can do is what very large ones can. No item waits for a \
         batch to fill.",
    )?;
    Ok(())
}

/// The loads that are shown, in percent.
const LOADS: [u64; 6] = [50, 80, 90, 95, 99, 110];

/// Returns p99 at a load of 95 %, and at 80 %, in microseconds.
fn near_full_load(narrator: &mut Narrator<'_>) -> anyhow::Result<[u64; 2]> {
    let runs = LOADS.map(|load| (load, queue::at_random(load, SEED), queue::evenly(load)));
    let p99 = |load| {
        let run = runs.iter().find(|(this, ..)| *this == load);
        run.map_or(0, |(_, random, _)| Rule::NearestRank.percentile(random, 990))
    };
    narrator.step("Near full load", "virtual time")?;
    narrator.say(&format!(
        "A server works {} for each request, one after the other. Requests come from many users, \
         at random times; those that find the server busy wait. It is the queue of lesson 12, step \
         3, which showed its mean; here are its percentiles. A load of 95 % is {} requests a \
         second. Each row is {} of it.",
        exact(queue::SERVICE),
        Duration::from_millis(950).as_nanos() / queue::SERVICE.as_nanos(),
        exact(queue::RUN)
    ))?;
    let choices = [2, 5, 50];
    let times = p99(95) / 1000;
    let nearest = choices.into_iter().min_by_key(|choice: &u64| choice.abs_diff(times));
    narrator.predict(
        "At 95 %, what is p99: about 2, 5 or 50 ms?",
        Answer::one_of(&choices.map(number), nearest.map_or(String::new(), number)),
        "Now and then several come at once, and near full load there is no time to catch up:",
    )?;
    let mut table = Table::new(["load, %", "p50, ms", "p99, ms", "max, ms", "max, if even, ms"]);
    for (load, random, even) in &runs {
        let shown = [(random, 500), (random, 990), (random, 1000), (even, 1000)];
        let shown = shown.map(|(all, tenths)| tenth_ms(Rule::NearestRank.percentile(all, tenths)));
        table = table.row([vec![number(*load)], shown.to_vec()].concat());
    }
    narrator.table(&table)?;
    narrator.say(
        "No request is harder than another, and the server never pauses. In the last column as \
         many come at equal distances: none waits until more come than can be served, and then the \
         queue grows for as long as they come.",
    )?;
    Ok([p99(95), p99(80)])
}

fn one_pause(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (closed, open) = (omission::closed_loop(PAUSE), omission::open_loop(PAUSE));
    let rows = [
        ("closed loop", omission::histogram(&closed)),
        ("corrected", omission::corrected(&closed)),
        ("open loop", omission::histogram(&open)),
    ];
    let in_pause = PAUSE.length.as_nanos() / INTERVAL.as_nanos();
    narrator.step("One pause, three clients", "virtual time")?;
    narrator.say(&format!(
        "A server works {} for each request. After {} it pauses once, for {}. Clients measure it \
         for one second. The first is a **closed loop**: it sends the next request when the last \
         is answered, and at the earliest {} after it sent that.",
        exact(SERVICE),
        exact(PAUSE.at),
        exact(PAUSE.length),
        exact(INTERVAL)
    ))?;
    narrator.predict(
        &format!("How many latencies of more than {} does it measure?", exact(SERVICE)),
        omission::waited(&closed),
        "While the server pauses, one request waits, and no other is sent.",
    )?;
    narrator.say(
        "The users of a server do not wait for each other. An **open loop** does as they do: it \
         sends a request each millisecond, whatever is answered.",
    )?;
    narrator.predict(
        &format!("How many latencies of more than {} does the open loop measure?", exact(SERVICE)),
        omission::waited(&open),
        &format!(
            "{in_pause} are sent during the pause. Those that come while the server works these \
             off wait as well."
        ),
    )?;
    let mut table = Table::new(["in ms", "latencies", "p50", "p90", "p99", "p99.9", "max"]);
    for (name, histogram) in &rows {
        let shown = PERCENTILES
            .map(|(_, tenths)| tenth_ms(percentile(histogram, tenths).as_micros() as u64));
        table =
            table.row([vec![(*name).to_owned(), number(histogram.len())], shown.to_vec()].concat());
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "The closed loop stops asking exactly while the answers would be slow, and so leaves them \
         out: **coordinated omission**. Many tools correct it: for an answer that took {in_pause} \
         intervals they add the {} that were not sent. That is much nearer, and still without the \
         queue after the pause.",
        in_pause - 1
    ))?;
    Ok(())
}

/// What the real server is asked.
fn plan() -> Result<Plan, load::PlanError> {
    Plan::new(Loop::Open, 2_000, Duration::from_millis(300), Duration::from_secs(5))
}

fn real_server(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let plan = plan()?;
    let server = Server::bind("127.0.0.1:0", Limits::default())?
        .spawn(Framing::Lines, |request, reply| reply.extend_from_slice(request));
    let seen = load::run(&load::connect(server.addr())?, &plan);
    narrator.step("A real server", "real sockets")?;
    narrator.say(&format!(
        "Here is an echo server, as in lesson 06, in an open loop: {} requests, {} a second, over \
         one connection. Each is sent when it is due, and its latency counts from then, even where \
         our own program was late to send it.",
        plan.requests(),
        number(plan.rate())
    ))?;
    narrator.predict(
        &format!("Of {} latencies, how many can be above p99?", plan.requests()),
        plan.requests() - (plan.requests() * 990).div_ceil(1000),
        "So few decide what p99 is, and for p99.9 there is not even one. Longer runs know more. \
         Here each row reaches twice as far as the one before it, or a little more:",
    )?;
    narrator.picture(&bars(&seen.latencies, narrator.width() - 8))?;
    narrator.say(&format!(
        "{}. {}",
        percentiles_line(&seen.latencies),
        completeness(&plan, &seen)
    ))?;
    Ok(())
}

/// Whether the numbers are of all requests.
fn completeness(plan: &Plan, seen: &Measured) -> String {
    match plan.requests() - seen.latencies.len() {
        0 => "All were answered in time.".to_owned(),
        missing => format!("Without answers in time: ≈ {missing}, on a machine that is very busy."),
    }
}

fn what_helps(
    narrator: &mut Narrator<'_>,
    [_, of_two, of_three]: [u64; 3],
    p99s: [u64; 2],
) -> anyhow::Result<()> {
    let pages = [10, 1].map(|calls| fan_out::expected_share(calls, 10) * 100.0);
    let sent = [Batch::Of(1), Batch::WhatWaits].map(batches::send);
    narrator.step("What helps", "computed")?;
    let mut table = Table::new(["instead of", "do", "and", "falls from", "to", "step"]);
    let row = |words: [&str; 3], from: String, to: String, step: &str| {
        [words.map(str::to_owned).to_vec(), vec![from, to, step.to_owned()]].concat()
    };
    table = table
        .row(row(
            ["ten calls", "one", "slow pages"],
            format!("{:.1} %", pages[0]),
            format!("{:.1} %", pages[1]),
            "3",
        ))
        .row(row(
            ["all of three", "two of three", "slow writes"],
            format!("{} %", percent(of_three, WRITES)),
            format!("{} %", percent(of_two, WRITES)),
            "4",
        ))
        .row(row(
            ["item by item", "what waits", "the slowest"],
            exact(sent[0].worst),
            exact(sent[1].worst),
            "5",
        ))
        .row(row(
            ["95 % load", "80 %", "p99"],
            format!("{} ms", tenth_ms(p99s[0])),
            format!("{} ms", tenth_ms(p99s[1])),
            "6",
        ));
    narrator.table(&table)?;
    narrator.predict(
        "A server works 1 ms for a request and is almost idle. You put a second one beside it. \
         Does a request become faster?",
        road(2).travel_time() < road(1).travel_time(),
        "It waited for no other. What makes a request faster then is less work, a shorter way, or \
         an answer that is there already: a cache, as in lesson 05.",
    )?;
    Ok(())
}

/// Microseconds as milliseconds, to the last digit.
fn ms(micros: u64) -> String {
    let digits = format!("{}.{:03}", number(micros / 1000), micros % 1000);
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Microseconds as milliseconds, rounded to a tenth.
fn tenth_ms(micros: u64) -> String {
    let tenths = (micros + 50) / 100;
    format!("{}.{}", number(tenths / 10), tenths % 10)
}
