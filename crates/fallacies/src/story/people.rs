//! Beliefs about the people behind the machines: who changes them, and who pays.

use narration::{Answer, Narrator, Table, measured, number};

use crate::administrators::{self, DOWN, NEW_PORT, OLD_PORT, Site, YEAR_HOURS, YEARS};
use crate::bill::{self, Cost};
use crate::orders::{Form, ORDERS};

/// How many services a request needs.
const SERVICES: i32 = 10;

pub(super) fn one_administrator(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    let rows = [(1, 1), (SERVICES, 1), (SERVICES, 2)].map(|(services, replicas)| {
        let up = administrators::expected(services, replicas);
        let hours = administrators::simulated(services as usize, replicas as usize, seed);
        (services, replicas, up, hours)
    });
    narrator.step("\"There is one administrator\"", &format!("computed, seed {seed}"))?;
    narrator.say(&format!(
        "On the desk: a program needs one service, whose administrator takes it down for {} hours \
         of a year, a little each month. It is up for {:.1} % of the time.",
        hours(rows[0].3),
        100.0 - DOWN as f64 / 10.0
    ))?;
    narrator.say(&format!(
        "In the world: a request needs {SERVICES} services, one after the other. Each is as good \
         as that one, and each has an administrator who chooses the hours without asking the \
         others. One for all of them would choose the same hours.",
    ))?;
    let nearest = [9_u32, 44, 87].into_iter().min_by_key(|hours| {
        let away = (f64::from(*hours) - rows[1].3).abs();
        away as u64
    });
    narrator.predict(
        "For about how many hours of a year does the request fail: 9, 44 or 87?",
        Answer::one_of(&["9", "44", "87 | 87.6 | 88"], nearest.unwrap_or_default().to_string()),
        &format!(
            "Outages seldom overlap, so they add up. Simulated over {YEARS} years, and by the \
             formula, {:.3} to the power of {SERVICES}:",
            administrators::expected(1, 1)
        ),
    )?;
    let headings = ["services", "replicas of each", "up", "down, h a year", "simulated, h"];
    let table = rows.iter().fold(Table::new(headings), |table, row| {
        let (services, replicas, up, simulated) = row;
        let row = [
            services.to_string(),
            replicas.to_string(),
            format!("{:.3} %", up * 100.0),
            hours((1.0 - up) * YEAR_HOURS),
            hours(*simulated),
        ];
        if *replicas > 1 { table.marked_row(row) } else { table.row(row) }
    });
    narrator.table(&table)?;
    narrator.say(
        "In the last row each service has two replicas, of which one is enough: both have to be \
         down at once.",
    )?;
    two_changes(narrator)
}

fn hours(hours: f64) -> String {
    format!("{hours:.2}")
}

/// Two administrators, each of whom is right.
fn two_changes(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let answers =
        |closes_idle_port, moves_service| Site { closes_idle_port, moves_service }.answers();
    narrator.say(&format!(
        "A service listens at port {OLD_PORT}, and port {NEW_PORT} is open for its next version. \
         The administrator of the network closes {NEW_PORT}, through which nothing has come for \
         months, and the service answers. Or the administrator of the service moves it to \
         {NEW_PORT}, as all clients know, and it answers, too.",
    ))?;
    narrator.predict(
        "Both changes are made on the same day. Does the service answer?",
        answers(true, true),
        "Each change was right, as long as the other had not been made.",
    )?;
    let word = |answers: bool| if answers { "answers" } else { "outage" };
    let table = Table::new(["the service", "port left open", "port closed"])
        .row(["stays", word(answers(false, false)), word(answers(true, false))])
        .row(["moves", word(answers(false, true)), word(answers(true, true))]);
    narrator.table(&table)?;
    narrator.say(
        "The cure: few services in a row, replicas (19 g-counter), retries through short outages \
         (08 retry), and for each change a while in which old and new both work.",
    )?;
    Ok(())
}

/// What a provider takes for each gigabyte, in cents.
const CENTS: u64 = 9;

pub(super) fn transport(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [json, compact] = [Form::Json, Form::Compact].map(bill::encode);
    let terabytes = bill::MONTH / 1_000_000_000_000;
    narrator.step("\"Transport cost is zero\"", "computed and measured")?;
    narrator.say(&format!(
        "On the desk: a service sends {terabytes} TB of JSON a month to the machine beside it. The \
         bill says ${}.",
        bill::dollars(bill::MONTH, 0)
    ))?;
    narrator.say(&format!(
        "In the world: a provider runs the service, and takes $0.0{CENTS} for each GB (10⁹ bytes) \
         that leaves its datacentre. That is a flat price; real price lists have tiers, cheaper \
         beyond some amount.",
    ))?;
    narrator.predict(
        "How many dollars is that a month?",
        Answer::quantity(format!("${}", number(bill::dollars(bill::MONTH, CENTS)))),
        "The program is the same. What has changed is who owns the cable.",
    )?;
    narrator.say(&format!(
        "The {} orders of step 3 have {} bytes as JSON and {} with postcard.",
        number(ORDERS),
        number(json.bytes),
        number(compact.bytes)
    ))?;
    narrator.predict(
        "If the service sent all of it with postcard, would the bill be above $3,000?",
        bill::dollars(compact.month, CENTS) > 3_000,
        &format!(
            "And encoding takes time. How long for these orders is measured here, in a build that \
             is {}optimised:",
            if cfg!(debug_assertions) { "not " } else { "" }
        ),
    )?;
    let table =
        Table::new(["form", "bytes an order", "TB a month", "desk", "provider", "encoding"]);
    let table = [json, compact].iter().fold(table, row);
    narrator.table(&table)?;
    narrator.say(
        "The cure: fewer bytes (11 serialization), answers kept near those who ask (05 dns), and a \
         look at the bill before the design.",
    )?;
    Ok(())
}

fn row(table: Table, cost: &Cost) -> Table {
    let Cost { form, bytes, month, encoding } = *cost;
    let tenths = bill::tenths_an_order(bytes);
    // Rounded to tenths of a terabyte.
    let terabytes = (month + 50_000_000_000) / 100_000_000_000;
    let row = [
        form.name().to_owned(),
        format!("{}.{}", tenths / 10, tenths % 10),
        format!("{}.{}", terabytes / 10, terabytes % 10),
        format!("${}", bill::dollars(month, 0)),
        format!("${}", number(bill::dollars(month, CENTS))),
        measured(encoding),
    ];
    if form == Form::Compact { table.marked_row(row) } else { table.row(row) }
}
