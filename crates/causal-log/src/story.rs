//! Narrates what the experiments observed.

use narration::{Answer, Narrator, Table, number};

use crate::check::What;
use crate::log::Log;
use crate::pretty::wall_time;
use crate::services::{self, AHEAD, BUSY_EVERY, Delivery, Observed, SERVICES, is_upside_down};

/// How many orders a busy service handles.
const ORDERS: usize = 100;

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let observed = services::observe()?;
    narrator.title("causal-log", "How do you read the logs of five services?")?;
    by_wall_clock(narrator, &observed)?;
    by_lamport_stamp(narrator, &observed)?;
    what_can_have_caused_it(narrator, &observed)?;
    a_busy_service(narrator)?;
    impossible_stamps(narrator)?;
    narrator.remember(
        "Sort by cause, not by time; and ask of a line what is in its past, not what stands above \
         it.",
        "How can replicas count together with no one in charge?",
    )?;
    Ok(())
}

fn by_wall_clock(narrator: &mut Narrator<'_>, observed: &Observed) -> anyhow::Result<()> {
    let log = &observed.log;
    let [payment, shop, stock] = AHEAD;
    let [shortest, longest] = observed.in_flight;
    narrator.step("By wall clock", "virtual time")?;
    narrator.say(&format!(
        "Order 7 fails, and three services have logs: {}. Shop asks stock for a lamp (message m1) \
         and payment for 40 (m2). Stock answers shop (m3), and so does payment (m4). Each message \
         is in flight for {shortest} to {longest} ms.",
        SERVICES.join(", "),
    ))?;
    narrator.say(&format!(
        "Each line has the time of its own machine. Against the clock of shop, that of payment is \
         {}, and that of stock is {}. We put all lines into one file and sort it by time.",
        ahead(payment - shop),
        ahead(stock - shop),
    ))?;
    narrator.predict(
        "Of the 4 messages, how many stand in the file with the receipt above the sending?",
        upside_down(observed, |delivery| delivery.by_wall),
        "It takes a receiver's clock that is behind the sender's by more than the message was in \
         flight.",
    )?;
    let mut lines = Table::new(["wall clock", "Lamport", "service", "what"]);
    for event in &observed.by_wall {
        let time = log.events()[*event].time.map_or(String::new(), wall_time);
        let [stamp, service] = stamp_and_service(log, *event);
        lines = lines.row([time, stamp, service, what(log, *event)]);
    }
    narrator.table(&lines)?;
    let order = log.find("shop:1")?;
    narrator.say(&format!(
        "\"{}\" is row {} of {}, and just above \"{}\" stands \"{}\": you would look there first.",
        log.events()[order].event,
        row(&observed.by_wall, order),
        log.events().len(),
        log.events()[observed.failure].event,
        log.events()[observed.above].event,
    ))?;
    Ok(())
}

/// By how much a clock is ahead of another, in words.
fn ahead(milliseconds: i64) -> String {
    let direction = if milliseconds < 0 { "behind" } else { "ahead" };
    format!("{} ms {direction}", milliseconds.abs())
}

/// In which row an event stands, from 1.
fn row(order: &[usize], event: usize) -> usize {
    order.iter().take_while(|other| **other != event).count() + 1
}

fn by_lamport_stamp(narrator: &mut Narrator<'_>, observed: &Observed) -> anyhow::Result<()> {
    let log = &observed.log;
    narrator.step("By Lamport stamp", "virtual time")?;
    narrator.say(
        "Each line has the stamp of a Lamport clock (lesson 15), too, which travels with every \
         message. Now we sort the lines by stamp, and equal stamps by the name of the service. \
         These have the smallest stamps, in the order of time:",
    )?;
    let charge = log.find("payment:1")?;
    let stamp = log.events()[charge].lamport;
    let mut lines = Table::new(["Lamport", "service", "what"]);
    for event in observed.by_wall.iter().filter(|event| log.events()[**event].lamport <= stamp) {
        let [stamp, service] = stamp_and_service(log, *event);
        lines = lines.row([stamp, service, what(log, *event)]);
    }
    narrator.table(&lines)?;
    let smaller = log.events().iter().filter(|event| event.lamport < stamp).count();
    narrator.predict(
        &format!(
            "By time, \"{}\" at payment stands in row {}. In which row does it stand by stamp?",
            log.events()[charge].event,
            row(&observed.by_wall, charge),
        ),
        charge + 1,
        &format!(
            "{smaller} lines have a smaller stamp, and of those with the same {} before it by \
             name.",
            match charge - smaller {
                0 => "none comes".to_owned(),
                1 => "1 comes".to_owned(),
                many => format!("{many} come"),
            }
        ),
    )?;
    narrator.say(&format!(
        "Of each message the row that sends it and the row that receives it, in both orders. By \
         stamp {} are upside down: an effect has a larger stamp than its cause, whatever the \
         clocks say.",
        match upside_down(observed, |delivery| delivery.by_stamp) {
            0 => "none".to_owned(),
            many => many.to_string(),
        }
    ))?;
    let mut lines = Table::new(["message", "rows, by time", "rows, by stamp"]);
    for delivery in &observed.messages {
        lines = lines.row([
            delivery.message.clone(),
            rows_of(delivery.by_wall),
            rows_of(delivery.by_stamp),
        ]);
    }
    narrator.table(&lines)?;
    let names: Vec<_> = (0..log.events().len()).map(|event| log.name(event)).collect();
    narrator.say(&format!(
        "From here on a line is called SERVICE:N, the N-th of its service. The whole file by \
         stamp: {}.",
        names.join(", ")
    ))?;
    narrator.say(
        "This is a **causal order**: no effect stands above its cause. It is one of many, since \
         lines that have nothing to do with each other stand somewhere, too. Above is not yet \
         \"because\".",
    )?;
    Ok(())
}

fn upside_down(observed: &Observed, at: fn(&Delivery) -> [usize; 2]) -> usize {
    observed.messages.iter().filter(|delivery| is_upside_down(at(delivery))).count()
}

/// `7, 1 upside down`
fn rows_of([sent, received]: [usize; 2]) -> String {
    let mark = if is_upside_down([sent, received]) { "  upside down" } else { "" };
    format!("{sent}, {received}{mark}")
}

fn what_can_have_caused_it(narrator: &mut Narrator<'_>, observed: &Observed) -> anyhow::Result<()> {
    let Observed { log, failure, above, past, rest, .. } = observed;
    narrator.step("What can have caused it", "virtual time")?;
    narrator.say(
        "Vector stamps (lesson 16) know the difference. A line is in the **causal past** of \
         another if no entry of its vector is larger and the two vectors differ. What is not in it \
         cannot have caused the other: no message carried news of it there. Each service's lines, \
         in its own order:",
    )?;
    for (service, name) in log.services().iter().enumerate() {
        let own = (0..log.events().len()).filter(|event| log.events()[*event].service == service);
        let own: Vec<_> = own.map(|event| what(log, event)).collect();
        narrator.bullet(&format!("{name}: {}", own.join("; ")))?;
    }
    narrator.predict(
        &format!(
            "How many of the other {} lines can have caused \"{}\"?",
            past.len() + rest.len(),
            log.events()[*failure].event
        ),
        past.len(),
        "All but what payment and stock did after their last messages to shop:",
    )?;
    for event in rest {
        narrator.bullet(&format!("{}, {}", log.name(*event), what(log, *event)))?;
    }
    narrator.say("From the failure, follow the arrows backwards:")?;
    narrator.picture(&observed.trace.ladder(narrator.width()))?;
    let out = match rest.contains(above) {
        true => format!(
            "\"{}\" is out, though it stood right above the failure. ",
            log.events()[*above].event
        ),
        false => String::new(),
    };
    narrator.say(&format!(
        "{out}\"Can\" is all that clocks know: which of the others it was you still have to read, \
         and the expired card is among them.",
    ))?;
    Ok(())
}

fn a_busy_service(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A busy service", "virtual time")?;
    let busy = services::busy(ORDERS)?;
    narrator.say(&format!(
        "One order was easy. Now the same three services handle {ORDERS} of them, one every \
         {BUSY_EVERY} ms, each with 14 such lines. The last one fails. Most of the other {} lines \
         are about other orders.",
        number(busy.others),
    ))?;
    narrator.predict(
        "How many of all these lines can have caused the failure: few, about half, or nearly all?",
        Answer::one_of(
            &["few | hardly any", "about half", "nearly all | most | all"],
            share(busy.past, busy.others),
        ),
        &format!(
            "It is {} of {}. A service has one clock for all orders, so whatever it did before it \
             sent a message is in the past of that message.",
            number(busy.past),
            number(busy.others),
        ),
    )?;
    narrator.say(&format!(
        "That is not an error: what an order does to a service, the next one meets there. To find \
         what to read first, a second thing is needed: the number of the order in each line, \
         passed along with each message. Of the {} lines, {} are about the order that failed.",
        number(busy.past),
        busy.own,
    ))?;
    Ok(())
}

fn share(part: usize, whole: usize) -> &'static str {
    match part * 100 / whole.max(1) {
        0..20 => "few",
        20..80 => "about half",
        _ => "nearly all",
    }
}

fn impossible_stamps(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (log, findings) = services::forgetful()?;
    let own = findings.iter().find_map(|finding| match finding.what {
        What::OwnEntry { got, before, .. } => Some((got, before)),
        _ => None,
    });
    narrator.step("Impossible stamps", "computed")?;
    narrator.say(
        "All of this believes the stamps. They can be checked against each other. Payment restarts \
         before its last line, and had its vector clock in memory alone.",
    )?;
    if let Some((got, Some(before))) = own {
        narrator.predict(
            &format!("Its own entry was {before} in the line before. What is it in the last one?"),
            got,
            "The clock begins anew, and an entry that falls is impossible while it lives.",
        )?;
    }
    for finding in &findings {
        narrator.bullet(&finding.without_place(&log))?;
    }
    narrator.say(
        "An own entry that falls means that a clock was lost, that two services write under one \
         name, or that the lines of a service are not in their order. Until that is fixed, answers \
         about this service are wrong.",
    )?;
    Ok(())
}

fn stamp_and_service(log: &Log, event: usize) -> [String; 2] {
    let event = &log.events()[event];
    let stamp = event.lamport.map_or(String::new(), |stamp| stamp.to_string());
    [stamp, log.services()[event.service].clone()]
}

/// What happened, and with which message.
fn what(log: &Log, event: usize) -> String {
    let event = &log.events()[event];
    match (event.message(), &event.kind) {
        (Some(name), trace::Kind::Send { .. }) => format!("{}, sends {name}", event.event),
        (Some(name), _) => format!("{}, receives {name}", event.event),
        (None, _) => event.event.clone(),
    }
}
