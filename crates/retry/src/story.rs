//! Tells what the experiments saw.

use std::ops::Range;
use std::time::Duration;

use common::retry::Stopped;
use narration::{Narrator, Plot, Table, exact, number};

use crate::herd::{INTERVAL, Outcome, Spread};
use crate::overload::{self, Overload, Overloads};
use crate::payments::{self, MAX_KEYS, Meanwhile};
use crate::stopping::{self, Ended};
use crate::synchrony::{self, Compared, Synchrony, recovery};
use crate::{operations, waits};

/// How many seeds a simulation runs with where something is drawn at random. More would take longer than a reader
/// waits; the tests take 200.
const SEEDS: u64 = 25;

/// How many layers of servers call each other in the experiment on that.
const LAYERS: u32 = 3;

/// Runs every experiment and tells it. The simulations run with `seed` and those that follow it.
///
/// # Errors
/// If an experiment cannot be carried out, or nobody listens any more.
pub fn tell(tell: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    let first = seed.min(u64::MAX - SEEDS);
    let seeds = first..first + SEEDS;
    tell.title("retry", "Should you try again? When, and how often?")?;
    wait_longer_each_time(tell)?;
    a_hundred_at_once(tell, &seeds)?;
    retries_are_load(tell, &seeds)?;
    when_not_to(tell)?;
    done_twice(tell)?;
    edges(tell)?;
    tell.remember(
        "Try again only what may be done twice, each time later, at a moment of your own, and seldom enough for the \
         server to bear it.",
        "What does a web API exchange really look like?",
    )?;
    Ok(())
}

fn wait_longer_each_time(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    const FAILURES: u32 = 2;
    let tried = waits::against_failures(FAILURES);
    let (attempts, gave_up_after) = waits::in_vain();
    tell.step("Wait longer each time", "virtual time")?;
    tell.say(&format!(
        "A server is starting. It fails {FAILURES} calls and would answer the next. A client tries up to {} times. \
         After its first failure it waits {}, and after each further one twice as long as before: this is \
         **exponential backoff**.",
        waits::plain().attempts,
        exact(waits::plain().base),
    ))?;
    let answered = tried.iter().find(|tried| tried.answered);
    tell.predict(
        "How many seconds after its first attempt does it have the answer?",
        answered.map_or("never".to_owned(), |tried| seconds(tried.at)),
        "The calls themselves take no time here, so this is the sum of the waits.",
    )?;
    for (tried, attempt) in tried.iter().zip(1..) {
        let then = match tried.waited {
            Some(waited) => format!("fails; the client waits {}", exact(waited)),
            None => "is answered".to_owned(),
        };
        tell.event(
            &format!("at {}", exact(tried.at)),
            &format!("attempt {attempt}"),
            &then,
        )?;
    }
    tell.say(&format!(
        "Where the server never answers, the client gives up with the failure of attempt {attempts}, after {}. It does \
         not wait once more first: no attempt would follow.",
        exact(gave_up_after)
    ))?;
    Ok(())
}

fn a_hundred_at_once(tell: &mut Narrator<'_>, seeds: &Range<u64>) -> anyhow::Result<()> {
    let scenario = synchrony::SCENARIO;
    tell.step("A hundred at once", "virtual time")?;
    tell.say(&format!(
        "A server does {} requests a second. For {} it is down, and {} clients call it as that begins. Each of them \
         tries again:",
        per_second(scenario.work),
        exact(scenario.down.end),
        scenario.calls
    ))?;
    tell.bullet("at once,")?;
    tell.bullet("or each time after 1 s (fixed),")?;
    tell.bullet("or after 0.1 s, and then twice as long each time, up to 2 s (exponential),")?;
    tell.bullet("or at a random moment within that same wait (**full jitter**).")?;
    tell.say(&format!(
        "While it works, the server lets {} requests wait. It refuses the others, and each refusal takes it {} ms.",
        scenario.queue,
        scenario.refusal.as_secs_f64() * 1000.0
    ))?;
    let herd = synchrony::compare(seeds);
    tell.predict(
        "Which of the four is over first: at once, fixed, exponential or full jitter?",
        fastest(&herd),
        "With the others the clients stay together, and what comes together is refused together.",
    )?;
    tell.table(&herd_table(&herd))?;
    what_happened_to_the_herd(tell, &herd, seeds)?;
    tell.plot(
        &Plot::new("seconds since the server went down", "requests in 0.1 s")
            .bars("exponential", load(&herd.exponential.runs[0]))
            .points("full jitter", load(&herd.jittered.runs[0])),
    )?;
    let free = &herd.at_once_if_free.runs[0];
    tell.say(&format!(
        "One choice of ours decides much here: the price of a refusal. Were it nothing, \"at once\" would be over after \
         {} s, before all the others, with {} requests. Somebody always pays for those, and is seldom asked.",
        over_after(free),
        number(free.attempts)
    ))?;
    Ok(())
}

fn what_happened_to_the_herd(
    tell: &mut Narrator<'_>,
    herd: &Synchrony,
    seeds: &Range<u64>,
) -> anyhow::Result<()> {
    let scenario = synchrony::SCENARIO;
    let at_once = &herd.at_once.runs[0];
    let places = u64::from(scenario.calls).min(scenario.queue as u64 + 1);
    tell.say(&format!(
        "\"At once\" is never over within the {} that its clients go on: the server spends its time on refusals, and of \
         the {} requests that it still finished, {} came too late for their clients. With a fixed wait and with an \
         exponential one all {} come back at the same moment. {places} find a place, the others come back together \
         again; a longer wait only moves these waves apart.",
        exact(synchrony::PATIENCE),
        number(at_once.worked),
        number(at_once.wasted()),
        scenario.calls,
    ))?;
    let recovered = Spread::over(&herd.jittered.runs, recovery);
    tell.say(&format!(
        "Full jitter draws at random, so its row is the median of {} (seeds {} to {}): from {} to {} s. It makes \
         hardly fewer attempts than exponential backoff does. It spreads them.",
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
            tenths(Spread::over(&compared.runs, recovery).median),
        ]
    };
    Table::new([
        "try again",
        "attempts",
        "most in 0.1 s, once up",
        "answered",
        "over after, s",
    ])
    .row(cells(&herd.at_once))
    .row(cells(&herd.fixed))
    .row(cells(&herd.exponential))
    .marked_row(cells(&herd.jittered))
}

/// The policy with the least median time to recover.
fn fastest(herd: &Synchrony) -> &'static str {
    let all = [
        &herd.at_once,
        &herd.fixed,
        &herd.exponential,
        &herd.jittered,
    ];
    let time = |compared: &&&Compared| {
        let median = Spread::over(&compared.runs, recovery).median;
        median.unwrap_or(Duration::MAX)
    };
    all.iter()
        .min_by_key(time)
        .map_or("none", |compared| compared.name)
}

fn load(outcome: &Outcome) -> impl Iterator<Item = (f64, f64)> {
    let middle = |interval: usize| (interval as f64 + 0.5) * INTERVAL.as_secs_f64();
    let arrivals = outcome.arrivals.iter().enumerate();
    arrivals
        .filter(|(_, count)| **count > 0)
        .map(move |(interval, count)| (middle(interval), f64::from(*count)))
}

fn retries_are_load(tell: &mut Narrator<'_>, seeds: &Range<u64>) -> anyhow::Result<()> {
    let scenario = overload::SCENARIO;
    tell.step("Retries are load", "virtual time")?;
    tell.say(&format!(
        "Now nobody calls together. {} calls come in {}, evenly, {} a second; the server does {} a second, and a \
         queue without a bound holds what has to wait. A client waits {} for an answer, then it tries again, for {} \
         in all. After {} the server is down for {}.",
        scenario.calls,
        exact(scenario.every * scenario.calls),
        per_second(scenario.every),
        per_second(scenario.work),
        exact(scenario.attempt_timeout),
        exact(overload::PATIENCE),
        exact(scenario.down.start),
        exact(scenario.down.end - scenario.down.start),
    ))?;
    let overloads = overload::compare(seeds);
    tell.predict(
        "With which are most calls answered: never try again, at once, exponential, or full jitter?",
        best_without_a_cure(&overloads),
        "Calls that come back arrive on top of the new ones, and together they are more than the server can do.",
    )?;
    tell.say(&format!(
        "So many of the {} calls are answered if the server is down for {} s, and for {}. What is drawn at random is the \
         median of {}; least and most are theirs.",
        scenario.calls,
        tenths(Some(overload::SHORT)),
        exact(scenario.down.end - scenario.down.start),
        runs(&overloads.jittered.long.runs),
    ))?;
    tell.table(&overload_table(&overloads))?;
    let jittered = answered(&overloads.jittered.long);
    tell.say(&format!(
        "When the server is up again, the queue is soon longer than a client waits. From then on every answer comes \
         too late, every late answer makes one more attempt, and the attempts keep the queue long, although their \
         cause is gone: a **metastable failure**. Jitter does not end it, for these clients were never together. How \
         it goes hangs on a hair: full jitter's {} answered from {} to {} calls. One run alone would have told you \
         anything.",
        runs(&overloads.jittered.long.runs),
        jittered.least,
        jittered.most,
    ))?;
    two_cures(tell, &overloads)
}

fn two_cures(tell: &mut Narrator<'_>, overloads: &Overloads) -> anyhow::Result<()> {
    let budget = &overloads.budget.long.runs;
    let failed = Spread::over(budget, |run| run.failed_after.len()).median;
    let waited = Spread::over(budget, overload::typical_failure).median;
    tell.say(&format!(
        "A **retry budget** bounds all retries together: each call pays in {} % of a retry, and where nothing is left, a \
         failure is final at once. So {failed} calls fail here, most of them after {} ms, and the server is back at work as \
         soon as it is up. That is hardly better than never trying again. But in the short outage it is as good as any, \
         and when a call fails you do not know which outage you are in.",
        overload::BUDGET_PERCENT,
        waited.as_millis(),
    ))?;
    let stale = answered(&overloads.stale_dropped.long);
    tell.say(&format!(
        "The collapse itself is the server's to cure. If it throws away what it cannot answer in time, it works for \
         nobody any more, and {} or more of {} calls are answered, with the same clients and the same jitter.",
        stale.least,
        overload::SCENARIO.calls
    ))?;
    tell.say("So each cure has its own illness:")?;
    tell.bullet("jitter: clients that failed together,")?;
    tell.bullet("backoff: an outage that lasts, and many attempts in vain,")?;
    tell.bullet("a budget: retries that add up to a second outage,")?;
    tell.bullet("dropping what is stale: a queue longer than anyone's patience.")?;
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
    let table = Table::new([
        "try again",
        "0.1 s down",
        "2 s down",
        "least",
        "most",
        "work for nobody",
    ]);
    let [without_a_cure @ .., budget, stale_dropped] = overloads.all();
    without_a_cure
        .into_iter()
        .fold(table, |table, overload| table.row(cells(overload)))
        .marked_row(cells(budget))
        .marked_row(cells(stale_dropped))
}

fn best_without_a_cure(overloads: &Overloads) -> &'static str {
    let [without_a_cure @ .., _, _] = overloads.all();
    let most = without_a_cure
        .into_iter()
        .max_by_key(|overload| answered(&overload.long).median);
    most.map_or("none", |overload| overload.long.name)
}

fn answered(compared: &Compared) -> Spread<u32> {
    Spread::over(&compared.runs, |run| run.succeeded)
}

fn when_not_to(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [retried, told_apart] = stopping::cannot_be_mended();
    let (limit, in_time) = stopping::deadline();
    let [(short, kept), (long, refused)] = stopping::asked_to_wait();
    tell.step("When not to try again", "virtual time")?;
    tell.say(
        "A caller has to tell failures apart. \"Busy\" may pass. \"There is no such account\" will be as true next time. \
         And whoever asks has only so long: a **deadline** covers all attempts and all waits together. A server can say \
         when to come back, too; in HTTP that is the header `Retry-After`.",
    )?;
    let row = |failure: &str, caller: String, ended: Ended| {
        [
            failure.to_owned(),
            caller,
            number(ended.attempts),
            seconds(ended.after),
            because(ended.stopped).to_owned(),
        ]
    };
    tell.table(
        &Table::new([
            "the server says",
            "the caller",
            "attempts",
            "ends after, s",
            "because of",
        ])
        .row(row("no such account", "retries all".into(), retried))
        .row(row("no such account", "knows better".into(), told_apart))
        .row(row("busy", format!("has {}", exact(limit)), in_time))
        .row(row(
            &format!("come back in {}", exact(short)),
            "has 60 s".into(),
            kept,
        ))
        .row(row(
            &format!("come back in {}", exact(long)),
            "has 60 s".into(),
            refused,
        )),
    )?;
    tell.say(
        "A wait that would pass the deadline is not begun: the caller learns of the failure while there is still time \
         to do something else. A server's wait is kept in full or there is no further attempt, but it is never cut short.",
    )?;
    tell.predict(
        &format!(
            "A calls B, B calls C, C calls D, each with up to {} attempts. D fails. How often is D called for one call of A?",
            waits::plain().attempts
        ),
        stopping::layers(LAYERS),
        "Retries in layers multiply. Retry in one of them, best in the one that knows what the call is for.",
    )?;
    Ok(())
}

fn done_twice(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    let without = payments::with_lost_reply(false, Meanwhile::Nothing)?;
    tell.step("Done twice", "real sockets")?;
    tell.say("A client pays. A proxy between it and the server loses the server's reply.")?;
    tell.event("client", "send", "pay 100")?;
    tell.event("server", "reply", "lost on the way")?;
    tell.event("client", "sees", &without.first_attempt)?;
    tell.say("Nothing tells it whether the payment was made, so it tries again, and this time the reply arrives.")?;
    tell.predict(
        "How often were the $100 paid?",
        without.times_paid,
        "The first attempt did all of its work. Only the news of it was lost.",
    )?;
    tell.event("client", "reads", &without.answer)?;
    tell.say(
        "Whether that is harm depends on the operation. It is **idempotent** if doing it twice leaves what doing it \
         once leaves. We do each of these once and twice, and compare:",
    )?;
    let mut table = Table::new(["operation", "done once", "done twice", "idempotent"]);
    for done in operations::done_twice() {
        let cells = [done.name, &done.once, &done.twice, yes(done.is_idempotent)];
        table = table.row(cells);
    }
    tell.table(&table)?;
    let [set, set_if] = operations::late_retry();
    tell.say(&format!(
        "Idempotent is not harmless. A client sets x = 5 and misses the reply; another sets x = 7; the first tries again: \
         x = {set}, and the other's write is gone. With \"set x = 5 if it is 3\" it stays {set_if}.",
    ))?;
    keys(tell)
}

fn keys(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    tell.say(&format!(
        "An operation that is not idempotent can be made so. The client makes up an **idempotency key** for the payment \
         and sends it with each attempt; the server keeps the key with the payment, in one record, on disk before it \
         replies. This one remembers the latest {MAX_KEYS} keys. Between the two attempts something may happen:"
    ))?;
    let mut table = Table::new([
        "the payment has",
        "between the attempts",
        "$100 paid",
        "second reply",
    ]);
    for (with_key, meanwhile, told) in [
        (false, Meanwhile::Nothing, "nothing".to_owned()),
        (true, Meanwhile::Nothing, "nothing".to_owned()),
        (
            true,
            Meanwhile::Restart,
            "the server starts anew".to_owned(),
        ),
        (
            true,
            Meanwhile::Others(MAX_KEYS),
            format!("{MAX_KEYS} others pay $1 each"),
        ),
    ] {
        let payment = payments::with_lost_reply(with_key, meanwhile)?;
        let key = if with_key { "a key" } else { "no key" };
        let times = format!("{} ×", payment.times_paid);
        table = table.row([key.to_owned(), told, times, payment.answer]);
    }
    tell.table(&table)?;
    tell.say(
        "The last row is what a bound costs: a retry that comes after its key was forgotten pays again. So the memory has \
         to be longer than the longest retry, and a client must not try again after that.",
    )?;
    Ok(())
}

fn edges(tell: &mut Narrator<'_>) -> anyhow::Result<()> {
    let edges = waits::edges();
    tell.step("The edges", "computed")?;
    tell.say(
        "Doubling gets out of hand. Here is 1 s, doubled with each failure in a 64-bit number of seconds, beside a wait \
         that has a cap.",
    )?;
    let overflow = edges.iter().find(|edge| edge.doubled.is_none());
    tell.predict(
        "After which failure has a 64-bit number no more room for the wait?",
        overflow.map_or("none".to_owned(), |edge| number(edge.failures)),
        "The first wait is 1, and 64 doublings of it are 2 to the power of 64, one more than the largest such number. A \
         program that shifts without looking panics here, or starts again at 1 s.",
    )?;
    let mut table = Table::new(["failures", "doubled, s", "with a cap, s"]);
    for edge in &edges {
        let doubled = edge.doubled.map_or("no room".to_owned(), number);
        table = table.row([number(edge.failures), doubled, seconds(edge.wait)]);
    }
    tell.table(&table)?;
    tell.say(&format!(
        "And no attempt at all? A loop from 1 to 0 does nothing, and has neither an answer nor an error to return. Here the \
         number of attempts has a type without a zero. Is 0 a value of it: {}. Is 1: {}.",
        yes(waits::is_a_number_of_attempts(0)),
        yes(waits::is_a_number_of_attempts(1)),
    ))?;
    Ok(())
}

fn because(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::AttemptsUsedUp => "the attempts",
        Stopped::Deadline => "the deadline",
        Stopped::NotWorthIt => "the failure",
        Stopped::Budget => "the budget",
        Stopped::AskedToWaitTooLong => "the cap",
    }
}

fn over_after(outcome: &Outcome) -> String {
    tenths(recovery(outcome))
}

/// Seconds with one decimal, as a table has them.
fn tenths(time: Option<Duration>) -> String {
    time.map_or("never".to_owned(), |time| {
        format!("{:.1}", time.as_secs_f64())
    })
}

/// Whole or exact seconds, without their unit.
fn seconds(time: Duration) -> String {
    number(time.as_secs_f64())
}

fn per_second(every: Duration) -> String {
    number(1.0 / every.as_secs_f64())
}

fn runs(runs: &[Outcome]) -> String {
    format!("{} runs", runs.len())
}

fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "no" }
}
