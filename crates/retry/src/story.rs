//! Narrates the experiments.

mod simulated;

use std::time::Duration;

use common::retry::Stopped;
use narration::{Answer, Narrator, Table, exact, number};

use crate::payments::{self, MAX_KEYS, Meanwhile};
use crate::stopping::{self, Ended};
use crate::{operations, waits};

/// How many seeds a simulation runs with where something is drawn at random. More would take longer
/// than a reader waits; the tests take 200.
const SEEDS: u64 = 25;

/// How many layers of servers call each other in the experiment on that.
const LAYERS: u32 = 3;

/// Runs every experiment and narrates it. The simulations run with `seed` and those that follow it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>, seed: u64) -> anyhow::Result<()> {
    let first = seed.min(u64::MAX - SEEDS);
    let seeds = first..first + SEEDS;
    narrator.title("retry", "Should you try again? When, and how often?")?;
    wait_longer_each_time(narrator)?;
    simulated::a_hundred_at_once(narrator, &seeds)?;
    let overloads = simulated::retries_are_load(narrator, &seeds)?;
    simulated::two_cures(narrator, &overloads)?;
    when_not_to(narrator)?;
    done_twice(narrator)?;
    keys(narrator)?;
    edges(narrator)?;
    narrator.remember(
        "Try again only what was not done or may be done twice, after growing waits with jitter, \
         and seldom enough for the server to bear it.",
        "What does a web API exchange really look like?",
    )?;
    Ok(())
}

fn wait_longer_each_time(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    const FAILURES: u32 = 2;
    let tried = waits::against_failures(FAILURES);
    let (attempts, gave_up_after) = waits::in_vain();
    narrator.step("Wait longer each time", "virtual time")?;
    narrator.say(&format!(
        "A server is starting. It fails {FAILURES} requests and would answer the next. A client \
         tries up to {} times. After its first failure it waits {}, and after each further one \
         twice as long as before: this is **exponential backoff**.",
        waits::plain().attempts,
        exact(waits::plain().base),
    ))?;
    let answered = tried.iter().find(|tried| tried.answered);
    narrator.predict(
        "How many seconds after its first attempt does it have the answer?",
        answered.map_or(Answer::quantity("never"), |tried| Answer::quantity(seconds(tried.at))),
        "The requests themselves take no time here, so this is the sum of the waits.",
    )?;
    for (tried, attempt) in tried.iter().zip(1..) {
        let then = match tried.waited {
            Some(waited) => format!("fails; the client waits {}", exact(waited)),
            None => "is answered".to_owned(),
        };
        narrator.event(&format!("at {}", exact(tried.at)), &format!("attempt {attempt}"), &then)?;
    }
    narrator.say(&format!(
        "Where the server never answers, the client gives up with the failure of attempt \
         {attempts}, after {}. It does not wait once more first: no attempt would follow.",
        exact(gave_up_after)
    ))?;
    Ok(())
}

fn when_not_to(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [retried, distinguished] = stopping::permanent_failure();
    let (limit, in_time) = stopping::deadline();
    let [(short, kept), (long, refused)] = stopping::asked_to_wait();
    narrator.step("When not to try again", "virtual time")?;
    narrator.say(
        "A caller has to distinguish failures. \"Busy\" may pass. \"There is no such account\" \
         will be as true next time. The caller has a **deadline**, which covers all attempts and \
         all waits together. And a server can say how long to wait; in HTTP that is the header \
         `Retry-After`.",
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
    narrator.table(
        &Table::new(["the server says", "the caller", "attempts", "ends after, s", "because of"])
            .row(row("no such account", "retries all".into(), retried))
            .row(row("no such account", "distinguishes".into(), distinguished))
            .row(row("busy", format!("has {}", exact(limit)), in_time))
            .row(row(&format!("come back in {}", exact(short)), "has 60 s".into(), kept))
            .row(row(&format!("come back in {}", exact(long)), "has 60 s".into(), refused)),
    )?;
    narrator.say(
        "A wait that would pass the deadline is not begun: the caller learns of the failure while \
         there is still time to do something else. A server's wait is never cut short: it is kept, \
         or there is no further attempt. With 3 s asked for, the waits are 3, 3 and 4 s: the \
         client's own third wait is the longer one.",
    )?;
    narrator.predict(
        &format!(
            "A calls B, B calls C, C calls D, each with up to {} attempts. D fails. How often is D \
             called when a user calls A once?",
            waits::plain().attempts
        ),
        stopping::layers(LAYERS),
        "Retries in layers multiply. Retry in one of them, best in the one that knows what the \
         call is for.",
    )?;
    Ok(())
}

fn done_twice(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let payment = payments::with_lost_reply(false, Meanwhile::Nothing)?;
    narrator.step("Done twice", "real sockets")?;
    narrator.say(
        "A client pays. Between it and the server stands a **proxy**, a program that passes on \
         what it receives. This one loses the server's reply.",
    )?;
    narrator.event("client", "send", "pay 100")?;
    narrator.event("server", "reply", "lost on the way")?;
    narrator.event("client", "sees", &payment.first_attempt)?;
    narrator.say(
        "It does not know whether the payment was made. It tries again all the same, and this time \
         the reply arrives.",
    )?;
    narrator.predict(
        "How often were the $100 paid?",
        payment.times_paid,
        "The first attempt did all of its work. Only the reply was lost.",
    )?;
    narrator.event("client", "reads", &payment.answer)?;
    idempotent_or_not(narrator)
}

fn idempotent_or_not(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let done = operations::done_twice();
    let names: Vec<&str> = done.iter().map(|twice| twice.name).collect();
    narrator.say(&format!(
        "Whether that is harm depends on the operation. It is **idempotent** if doing it twice \
         leaves the state that doing it once leaves. At first x is 3 and there is a page. We do \
         each of these once and twice: {}.",
        names.join(", ")
    ))?;
    narrator.predict(
        &format!("How many of these {} operations are idempotent?", done.len()),
        done.iter().filter(|twice| twice.is_idempotent).count(),
        "What sets a value is, what adds to one is not. Only the state counts, not the reply.",
    )?;
    let mut table =
        Table::new(["operation", "done once", "done twice", "idempotent", "second reply"]);
    for twice in &done {
        let [_, second] = twice.replies;
        let is_idempotent = yes(twice.is_idempotent);
        table = table.row([twice.name, &twice.once, &twice.twice, is_idempotent, second]);
    }
    narrator.table(&table)?;
    let [set, set_if] = operations::late_retry();
    narrator.say(&format!(
        "Look at \"set x = 5 if it is 3\". The retry's reply is \"failed\", although the first \
         attempt succeeded: a client that retries must not take that reply as the outcome of the \
         whole call. And idempotent is not harmless. A client sets x to 5 and misses the reply; \
         another sets it to 7; the first tries again: x is {set}, and the other's write is gone. \
         With the condition x stays {set_if}.",
    ))?;
    Ok(())
}

fn keys(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let cases = [
        (false, Meanwhile::Nothing, "nothing".to_owned()),
        (true, Meanwhile::Nothing, "nothing".to_owned()),
        (true, Meanwhile::Restart, "the server is restarted".to_owned()),
        (true, Meanwhile::Others(MAX_KEYS), format!("{MAX_KEYS} others pay $1 each")),
    ];
    narrator.step("A key for each payment", "real sockets")?;
    narrator.say(&format!(
        "An operation that is not idempotent can be made so. The client makes up an **idempotency \
         key** for the payment and sends it with each attempt; the server keeps the key with the \
         payment, in one record, on disk before it replies. It has to forget old keys at some \
         time: this one remembers the latest {MAX_KEYS}."
    ))?;
    let mut paid = Vec::new();
    for (with_key, meanwhile, _) in &cases {
        paid.push(payments::with_lost_reply(*with_key, *meanwhile)?);
    }
    narrator.predict(
        &format!(
            "A payment of $100 with a key loses its reply. Before it is sent again, {MAX_KEYS} \
             others pay with keys of their own. How often are the $100 paid?"
        ),
        paid.last().map(|payment| payment.times_paid),
        "Its key was forgotten, so the retry is a new payment.",
    )?;
    let mut table =
        Table::new(["the payment has", "between the attempts", "$100 paid", "second reply"]);
    for ((with_key, _, event), payment) in cases.into_iter().zip(paid) {
        let key = if with_key { "a key" } else { "no key" };
        let times = format!("{} ×", payment.times_paid);
        table = table.row([key.to_owned(), event, times, payment.answer]);
    }
    narrator.table(&table)?;
    narrator.say(
        "So a server remembers keys for longer than any client retries, and a client does not try \
         again after that.",
    )?;
    Ok(())
}

fn edges(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let edges = waits::edges();
    narrator.step("The edges", "computed")?;
    narrator.say(
        "Doubling gets out of hand. Here is a wait of 1 s, doubled with each further failure, in \
         an unsigned 64-bit number of seconds, beside one that has a cap, a longest wait.",
    )?;
    let overflow = edges.iter().find(|edge| edge.doubled.is_none());
    narrator.predict(
        "After how many failures does the doubled wait no longer fit the 64 bits?",
        overflow.map(|edge| edge.failures),
        "The first wait is 1, and 64 doublings of it are 2 to the power of 64, one more than the \
         largest such number. A program that shifts without looking panics here, or starts again \
         at 1 s.",
    )?;
    let mut table = Table::new(["failures", "doubled, s", "with a cap, s"]);
    for edge in &edges {
        let doubled = edge.doubled.map_or("no room".to_owned(), number);
        table = table.row([number(edge.failures), doubled, seconds(edge.wait)]);
    }
    narrator.table(&table)?;
    narrator.say(
        "And no attempt at all? A loop from 1 to 0 does nothing, and has neither an answer nor an \
         error to return. So the number of attempts has a type without a zero, `NonZeroU32`.",
    )?;
    Ok(())
}

fn because(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::AttemptsUsedUp => "the attempts",
        Stopped::Deadline => "the deadline",
        Stopped::Failure => "the failure",
        Stopped::Budget => "the budget",
        Stopped::AskedToWaitTooLong => "the cap",
    }
}

/// Whole or exact seconds, without their unit.
fn seconds(time: Duration) -> String {
    number(time.as_secs_f64())
}

fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "no" }
}
