//! The two simulations: a herd, and an overload.

use std::ops::Range;
use std::time::Duration;

use narration::{Answer, Narrator, Table, exact, number};

use crate::herd::{Outcome, Spread};
use crate::overload::{self, Overload, Overloads, RATES};
use crate::synchrony::{self, Compared, Synchrony, recovery};

pub(super) fn a_hundred_at_once(
    narrator: &mut Narrator<'_>,
    seeds: &Range<u64>,
) -> anyhow::Result<()> {
    let scenario = synchrony::SCENARIO;
    narrator.step("A hundred at once", "virtual time")?;
    narrator.say(&format!(
        "A server does {} requests a second. For {} it is down, and {} clients call it as that \
         begins. While it is down each request is refused, after {}. Once it is up the server \
         works on one request, lets {} wait and refuses the others, and each refusal takes it {} \
         ms. A client waits up to {} for an answer. All {} try again after a failure until {} have \
         passed, in one of four ways:",
        per_second(scenario.work),
        exact(scenario.down.end),
        scenario.calls,
        exact(scenario.one_way * 2),
        scenario.queue,
        scenario.refusal.as_secs_f64() * 1000.0,
        exact(scenario.attempt_timeout),
        scenario.calls,
        exact(synchrony::CALL_DEADLINE),
    ))?;
    narrator.bullet("at once: as soon as the attempt has failed")?;
    narrator.bullet("fixed: after 1 s each time")?;
    narrator.bullet("exponential: after 0.1 s, then twice as long each time, up to 2 s")?;
    narrator.bullet("**full jitter**: at a random moment within that same wait")?;
    narrator.announce("Letting a hundred clients try again, in five ways.")?;
    let herd = synchrony::compare(seeds);
    narrator.predict(
        "Which way has all 100 clients answered first: at once, fixed, exponential or full jitter?",
        Answer::one_of(
            &["at once", "fixed", "exponential | backoff", "full jitter | random"],
            fastest(&herd),
        ),
        "With the others the clients stay together, and what comes together is refused together.",
    )?;
    narrator.table(&herd_table(&herd))?;
    what_happened_to_the_herd(narrator, &herd, seeds)?;
    if_refusals_were_free(narrator, &herd)
}

fn what_happened_to_the_herd(
    narrator: &mut Narrator<'_>,
    herd: &Synchrony,
    seeds: &Range<u64>,
) -> anyhow::Result<()> {
    let scenario = synchrony::SCENARIO;
    let at_once = &herd.at_once.runs[0];
    let places = u64::from(scenario.calls).min(scenario.queue as u64 + 1);
    narrator.say(&format!(
        "Recovered means that every client is answered; the seconds count from when the server is \
         up. With \"at once\" the server spends its time on refusals, until {} of the clients give \
         up. Of the {} requests that it finished, {} were too late. With a fixed wait and with an \
         exponential one all {} come back at the same moment: {places} find a place (1 is worked \
         on, {} wait), the others come back together again.",
        scenario.calls - at_once.succeeded,
        number(at_once.worked),
        number(at_once.wasted()),
        scenario.calls,
        scenario.queue,
    ))?;
    let recovered = over_after(&herd.jittered);
    narrator.say(&format!(
        "Full jitter draws at random, so its row is the median of {}: from {} to {} s. Each run \
         has its own **seed**, the number that all its draws follow from (seeds {} to {}).",
        runs(&herd.jittered.runs),
        tenths(recovered.least),
        tenths(recovered.most),
        seeds.start,
        seeds.end - 1,
    ))?;
    Ok(())
}

fn if_refusals_were_free(narrator: &mut Narrator<'_>, herd: &Synchrony) -> anyhow::Result<()> {
    let free = &herd.at_once_if_free;
    let (free_after, jittered_after) = (over_after(free).median, over_after(&herd.jittered).median);
    narrator.predict(
        "Now a refusal costs the server nothing. Does \"at once\" recover before full jitter?",
        free_after < jittered_after,
        &format!(
            "It recovers after {} s, with {} requests. The order of these four depends on what a \
             refusal costs, and a real one always costs something: a connection, a packet, a log \
             line.",
            tenths(free_after),
            number(free.runs[0].attempts)
        ),
    )?;
    Ok(())
}

fn herd_table(herd: &Synchrony) -> Table {
    let up = synchrony::SCENARIO.down.end;
    let cells = |compared: &Compared| {
        let peak = Spread::over(&compared.runs, |run| run.peak(up)).median;
        [
            compared.name.to_owned(),
            number(Spread::over(&compared.runs, |run| run.attempts).median),
            number(peak),
            tenths(over_after(compared).median),
        ]
    };
    Table::new(["try again", "attempts", "most in 0.1 s, once up", "recovered, s"])
        .row(cells(&herd.at_once))
        .row(cells(&herd.fixed))
        .row(cells(&herd.exponential))
        .marked_row(cells(&herd.jittered))
}

/// The policy with the least median time to recover.
fn fastest(herd: &Synchrony) -> &'static str {
    let all = [&herd.at_once, &herd.fixed, &herd.exponential, &herd.jittered];
    let first = all.into_iter().min_by_key(|compared| over_after(compared).median);
    first.map_or("none", |compared| choice(compared.name))
}

/// A way of retrying as a question names it.
fn choice(name: &'static str) -> &'static str {
    match name {
        "never" => "never try again",
        "fixed, 1 s" => "fixed",
        name => name,
    }
}

pub(super) fn retries_are_load(
    narrator: &mut Narrator<'_>,
    seeds: &Range<u64>,
) -> anyhow::Result<Overloads> {
    let scenario = overload::SCENARIO;
    let outage = exact(scenario.down.end - scenario.down.start);
    narrator.step("Retries are load", "virtual time")?;
    narrator.say(&format!(
        "Now the clients do not call together. {} calls come in {}, evenly, {} a second; the \
         server does {} a second. After {} it is down for {outage}, and each request is refused, \
         after {}. Once it is up it refuses none: a queue without a bound holds what has to wait. \
         A client waits up to {} for an answer. After a failure it tries again, until {} have \
         passed: at once (as soon as the attempt has failed), after 1 s (fixed), after 1 s, 2 s \
         and so on (exponential), or at a random moment within that wait (full jitter).",
        scenario.calls,
        exact(scenario.every * scenario.calls),
        per_second(scenario.every),
        per_second(scenario.work),
        exact(scenario.down.start),
        exact(scenario.one_way * 2),
        exact(scenario.attempt_timeout),
        exact(overload::CALL_DEADLINE),
    ))?;
    narrator.announce("Serving 800 calls, in seven ways.")?;
    let overloads = overload::compare(seeds);
    let [without_a_cure @ .., _, _] = overloads.all();
    narrator.predict(
        "With which are most calls answered, in the median of many runs: never try again, at once, \
         fixed, exponential or full jitter?",
        Answer::one_of(
            &[
                "never try again | never | none",
                "at once",
                "fixed",
                "exponential | backoff",
                "full jitter | random",
            ],
            best(&without_a_cure),
        ),
        "Calls that come back arrive on top of the new ones, and together they are more than this \
         server can do.",
    )?;
    let mut table = Table::new(["try again", "answered", "finished too late"]);
    for Overload { long, .. } in without_a_cure {
        let too_late = Spread::over(&long.runs, Outcome::wasted).median;
        table = table.row([long.name.to_owned(), number(answered(long).median), number(too_late)]);
    }
    narrator.table(&table)?;
    let jittered = answered(&overloads.jittered.long);
    narrator.say(&format!(
        "The numbers of full jitter are the median of {}, in which {} to {} calls are answered. \
         When the server is up again, the queue is soon longer than a client waits. Then nearly \
         every answer is late, every late answer makes one more attempt, and the attempts keep the \
         queue long, although their cause is gone: a **metastable failure**.",
        runs(&overloads.jittered.long.runs),
        jittered.least,
        jittered.most,
    ))?;
    with_more_room(narrator, &overload::at_rates(RATES, seeds))?;
    let equal = overload::jitter_of_equal_waits(seeds);
    narrator.say(&format!(
        "Does jitter help where clients do not call together? The outage brings them together. \
         With exponential backoff the calls of its {outage} come back as a block of {outage}, on \
         top of the new ones. Full jitter spreads them, but its waits are half as long on average, \
         and shorter waits are more attempts. Once its waits are doubled, it answers {} calls at \
         {} a second.",
        answered(&equal).median,
        per_second(scenario.work),
    ))?;
    Ok(overloads)
}

fn with_more_room(
    narrator: &mut Narrator<'_>,
    rows: &[[Compared; RATES.len()]],
) -> anyhow::Result<()> {
    let [.., exponential, jittered] = rows else {
        anyhow::bail!("some way of retrying is missing");
    };
    let [nearly_full, faster, ..] = RATES;
    narrator.predict(
        &format!(
            "This server is nearly full. Let it do {faster} a second instead of {nearly_full}; all \
             else stays. How many of the {} calls does exponential backoff answer now?",
            overload::SCENARIO.calls
        ),
        answered(&exponential[1]).median,
        "Overload is a cliff. A little room decides whether the queue shrinks faster than late \
         answers make new attempts.",
    )?;
    let heading = RATES.map(|rate| format!("{rate} a second"));
    let table = rows.iter().fold(
        Table::new(["try again".to_owned()].into_iter().chain(heading)),
        |table, row| {
            let cells = row.iter().map(|compared| number(answered(compared).median));
            table.row([row[0].name.to_owned()].into_iter().chain(cells))
        },
    );
    narrator.table(&table)?;
    let edge = answered(&jittered[1]);
    narrator.say(&format!(
        "At {nearly_full} a second \"{}\" answers most. At the edge of the cliff chance decides: \
         at {faster} full jitter's {} answered from {} to {} calls. A single run proves nothing \
         there.",
        most_answered(rows),
        runs(&jittered[1].runs),
        edge.least,
        edge.most,
    ))?;
    Ok(())
}

pub(super) fn two_cures(narrator: &mut Narrator<'_>, overloads: &Overloads) -> anyhow::Result<()> {
    let calls = overload::SCENARIO.calls;
    narrator.step("A budget, and stale requests", "virtual time")?;
    narrator.say(&format!(
        "The server does {} a second again. A **retry budget** bounds all retries together: each \
         call pays in {} % of a retry, and where too little is left, a failure is final at once. \
         Or the server looks at the clock before it works on a request: where the answer would be \
         too late for its client, the request is **stale**, and the server drops it.",
        per_second(overload::SCENARIO.work),
        overload::BUDGET_PERCENT,
    ))?;
    let collapsed = |overload: &Overload| {
        overload.long.runs.iter().filter(|run| run.succeeded < calls / 2).count()
    };
    narrator.predict(
        &format!(
            "With full jitter alone, fewer than half of the calls were answered in {} of {}. In \
             how many is it so when the server drops stale requests, and there is no budget?",
            collapsed(&overloads.jittered),
            runs(&overloads.jittered.long.runs)
        ),
        collapsed(&overloads.stale_dropped),
        "No request is finished too late, so the retries of the outage are soon worked off. It is \
         a cure on the server's side, and the budget is one on the clients'.",
    )?;
    narrator.say(&format!(
        "How many calls are answered after an outage of {} s and of {} s, and after the longer one \
         in the worst of the runs:",
        tenths(overload::SHORT),
        (overload::SCENARIO.down.end - overload::SCENARIO.down.start).as_secs(),
    ))?;
    narrator.table(
        &Table::new(["try again", "0.1 s down", "2 s down", "least"])
            .row(cells(&overloads.never))
            .row(cells(&overloads.jittered))
            .marked_row(cells(&overloads.budget))
            .marked_row(cells(&overloads.stale_dropped)),
    )?;
    let budget = &overloads.budget.long.runs;
    narrator.say(&format!(
        "With the budget {} calls fail in the long outage, most of them after {} ms: no retry of \
         theirs was paid for. The server is back at work as soon as it is up. Here that is hardly \
         better than never trying again. In the short outage it is as good as any, and when a call \
         fails you do not know which outage you are in.",
        Spread::over(budget, |run| run.failed_after.len()).median,
        Spread::over(budget, overload::typical_failure).median.as_millis(),
    ))?;
    Ok(())
}

fn cells(Overload { short, long }: &Overload) -> [String; 4] {
    let answered = answered(long);
    [
        long.name.to_owned(),
        number(short.runs[0].succeeded),
        number(answered.median),
        number(answered.least),
    ]
}

/// The choice that answers the most calls in the median.
fn best(overloads: &[&Overload]) -> &'static str {
    let most = overloads.iter().max_by_key(|overload| answered(&overload.long).median);
    most.map_or("none", |overload| choice(overload.long.name))
}

fn answered(compared: &Compared) -> Spread<u32> {
    Spread::over(&compared.runs, |run| run.succeeded)
}

/// Later than any time that a run comes to.
const NEVER: Duration = Duration::MAX;

fn over_after(compared: &Compared) -> Spread<Duration> {
    Spread::over(&compared.runs, |run| recovery(run).unwrap_or(NEVER))
}

/// Seconds with one decimal, as a table has them.
fn tenths(time: Duration) -> String {
    if time == NEVER { "never".to_owned() } else { format!("{:.1}", time.as_secs_f64()) }
}

fn most_answered(rows: &[[Compared; RATES.len()]]) -> &str {
    let most = rows.iter().max_by_key(|row| answered(&row[0]).median);
    most.map_or("none", |row| row[0].name)
}

fn per_second(every: Duration) -> String {
    number(1.0 / every.as_secs_f64())
}

fn runs(runs: &[Outcome]) -> String {
    format!("{} runs", runs.len())
}
