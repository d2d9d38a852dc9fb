//! The two simulations: a herd, and an overload.

use std::ops::Range;
use std::time::Duration;

use narration::{Answer, Narrator, Plot, Table, exact, number};

use crate::herd::{INTERVAL, Outcome, Spread};
use crate::overload::{self, Overload, Overloads};
use crate::synchrony::{self, Compared, Synchrony, recovery};

pub(super) fn a_hundred_at_once(
    narrator: &mut Narrator<'_>,
    seeds: &Range<u64>,
) -> anyhow::Result<()> {
    let scenario = synchrony::SCENARIO;
    narrator.step("A hundred at once", "virtual time")?;
    narrator.say(&format!(
        "A server does {} requests a second. For {} it is down, and {} clients call it as that \
         begins. Each of them tries again:",
        per_second(scenario.work),
        exact(scenario.down.end),
        scenario.calls
    ))?;
    narrator.bullet("at once,")?;
    narrator.bullet("or each time after 1 s (fixed),")?;
    narrator
        .bullet("or after 0.1 s, and then twice as long each time, up to 2 s (exponential),")?;
    narrator.bullet("or at a random moment within that same wait (**full jitter**).")?;
    narrator.say(&format!(
        "While it works, the server lets {} requests wait. It refuses the others, and each refusal \
         takes it {} ms.",
        scenario.queue,
        scenario.refusal.as_secs_f64() * 1000.0
    ))?;
    let herd = synchrony::compare(seeds);
    narrator.predict(
        "Which of the four is over first: at once, fixed, exponential or full jitter?",
        Answer::one_of(&["at once", "fixed", "exponential", "full jitter"], fastest(&herd)),
        "With the others the clients stay together, and what comes together is refused together.",
    )?;
    narrator.table(&herd_table(&herd))?;
    what_happened_to_the_herd(narrator, &herd, seeds)?;
    narrator.plot(
        &Plot::new("seconds since the server went down", "requests in 0.1 s")
            .bars("exponential", load(&herd.exponential.runs[0]))
            .points("full jitter", load(&herd.jittered.runs[0])),
    )?;
    let free = &herd.at_once_if_free;
    narrator.say(&format!(
        "One choice of ours decides much here: the price of a refusal. Were it nothing, \"at \
         once\" would be over after {} s, before all the others, with {} requests. Somebody always \
         pays for those, and is seldom asked.",
        tenths(over_after(free).median),
        number(free.runs[0].attempts)
    ))?;
    Ok(())
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
        "\"At once\" is never over within the {} that its clients go on: the server spends its \
         time on refusals, and of the {} requests that it still finished, {} came too late for \
         their clients. With a fixed wait and with an exponential one all {} come back at the same \
         moment. {places} find a place, the others come back together again; a longer wait only \
         moves these waves apart.",
        exact(synchrony::CALL_DEADLINE),
        number(at_once.worked),
        number(at_once.wasted()),
        scenario.calls,
    ))?;
    let recovered = over_after(&herd.jittered);
    narrator.say(&format!(
        "Full jitter draws at random, so its row is the median of {} (seeds {} to {}): from {} to \
         {} s. It makes hardly fewer attempts than exponential backoff does. It spreads them.",
        runs(&herd.jittered.runs),
        seeds.start,
        seeds.end - 1,
        tenths(recovered.least),
        tenths(recovered.most),
    ))?;
    Ok(())
}

fn herd_table(herd: &Synchrony) -> Table {
    let up = synchrony::SCENARIO.down.end;
    let cells = |compared: &Compared| {
        let median =
            |value: fn(&Outcome) -> u64| number(Spread::over(&compared.runs, value).median);
        let peak = Spread::over(&compared.runs, |run| run.peak(up)).median;
        [
            compared.name.to_owned(),
            median(|run| run.attempts),
            number(peak),
            median(|run| u64::from(run.succeeded)),
            tenths(over_after(compared).median),
        ]
    };
    Table::new(["try again", "attempts", "most in 0.1 s, once up", "answered", "over, s after up"])
        .row(cells(&herd.at_once))
        .row(cells(&herd.fixed))
        .row(cells(&herd.exponential))
        .marked_row(cells(&herd.jittered))
}

/// The policy with the least median time to recover.
fn fastest(herd: &Synchrony) -> &'static str {
    let all = [&herd.at_once, &herd.fixed, &herd.exponential, &herd.jittered];
    let first = all.into_iter().min_by_key(|compared| over_after(compared).median);
    first.map_or("none", |compared| compared.name)
}

fn load(outcome: &Outcome) -> impl Iterator<Item = (f64, f64)> {
    let middle = |interval: usize| (interval as f64 + 0.5) * INTERVAL.as_secs_f64();
    let arrivals = outcome.arrivals.iter().enumerate();
    arrivals
        .filter(|(_, count)| **count > 0)
        .map(move |(interval, count)| (middle(interval), f64::from(*count)))
}

pub(super) fn retries_are_load(
    narrator: &mut Narrator<'_>,
    seeds: &Range<u64>,
) -> anyhow::Result<()> {
    let scenario = overload::SCENARIO;
    narrator.step("Retries are load", "virtual time")?;
    narrator.say(&format!(
        "Now nobody calls together. {} calls come in {}, evenly, {} a second; the server does {} a \
         second, and a queue without a bound holds what has to wait. A client waits {} for an \
         answer, then it tries again, for {} in all. After {} the server is down for {}.",
        scenario.calls,
        exact(scenario.every * scenario.calls),
        per_second(scenario.every),
        per_second(scenario.work),
        exact(scenario.attempt_timeout),
        exact(overload::CALL_DEADLINE),
        exact(scenario.down.start),
        exact(scenario.down.end - scenario.down.start),
    ))?;
    let overloads = overload::compare(seeds);
    narrator.predict(
        "With which are most calls answered: never try again, at once, exponential, or full \
         jitter?",
        Answer::one_of(
            &["never try again", "at once", "exponential", "full jitter"],
            best_without_a_cure(&overloads),
        ),
        "Calls that come back arrive on top of the new ones, and together they are more than the \
         server can do.",
    )?;
    narrator.say(&format!(
        "So many of the {} calls are answered if the server is down for {} s, and for {}. What is \
         drawn at random is the median of {}; least and most are theirs.",
        scenario.calls,
        tenths(overload::SHORT),
        exact(scenario.down.end - scenario.down.start),
        runs(&overloads.jittered.long.runs),
    ))?;
    narrator.table(&overload_table(&overloads))?;
    let jittered = answered(&overloads.jittered.long);
    narrator.say(&format!(
        "When the server is up again, the queue is soon longer than a client waits. From then on \
         every answer comes too late, every late answer makes one more attempt, and the attempts \
         keep the queue long, although their cause is gone: a **metastable failure**. Jitter does \
         not end it, for these clients were never together. How it goes hangs on a hair: full \
         jitter's {} answered from {} to {} calls. One run alone would have told you anything.",
        runs(&overloads.jittered.long.runs),
        jittered.least,
        jittered.most,
    ))?;
    two_cures(narrator, &overloads)
}

fn two_cures(narrator: &mut Narrator<'_>, overloads: &Overloads) -> anyhow::Result<()> {
    let budget = &overloads.budget.long.runs;
    let failed = Spread::over(budget, |run| run.failed_after.len()).median;
    let waited = Spread::over(budget, overload::typical_failure).median;
    narrator.say(&format!(
        "A **retry budget** bounds all retries together: each call pays in {} % of a retry, and \
         where nothing is left, a failure is final at once. So {failed} calls fail here, most of \
         them after {} ms, and the server is back at work as soon as it is up. That is hardly \
         better than never trying again. But in the short outage it is as good as any, and when a \
         call fails you do not know which outage you are in.",
        overload::BUDGET_PERCENT,
        waited.as_millis(),
    ))?;
    let stale = answered(&overloads.stale_dropped.long);
    narrator.say(&format!(
        "The collapse itself is the server's to cure. If it throws away what it cannot answer in \
         time, it works for nobody any more, and {} or more of {} calls are answered, with the \
         same clients and the same jitter.",
        stale.least,
        overload::SCENARIO.calls
    ))?;
    narrator.say("So each cure is for an illness of its own:")?;
    narrator.bullet("jitter: clients that failed together,")?;
    narrator.bullet("backoff: an outage that lasts, and many attempts in vain,")?;
    narrator.bullet("a budget: retries that add up to a second outage,")?;
    narrator.bullet("dropping what is stale: a queue longer than anyone's patience.")?;
    Ok(())
}

fn overload_table(overloads: &Overloads) -> Table {
    let cells = |Overload { short, long }: &Overload| {
        let answered = answered(long);
        [
            long.name.to_owned(),
            number(short.runs[0].succeeded),
            number(answered.median),
            number(answered.least),
            number(answered.most),
            number(Spread::over(&long.runs, Outcome::wasted).median),
        ]
    };
    let table =
        Table::new(["try again", "0.1 s down", "2 s down", "least", "most", "work for nobody"]);
    let [without_a_cure @ .., budget, stale_dropped] = overloads.all();
    without_a_cure
        .into_iter()
        .fold(table, |table, overload| table.row(cells(overload)))
        .marked_row(cells(budget))
        .marked_row(cells(stale_dropped))
}

fn best_without_a_cure(overloads: &Overloads) -> &'static str {
    let [without_a_cure @ .., _, _] = overloads.all();
    let most = without_a_cure.into_iter().max_by_key(|overload| answered(&overload.long).median);
    most.map_or("none", |overload| overload.long.name)
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

fn per_second(every: Duration) -> String {
    number(1.0 / every.as_secs_f64())
}

fn runs(runs: &[Outcome]) -> String {
    format!("{} runs", runs.len())
}
