//! The second half of the story: what may be sent again, and how long it is waited for.

use common::error_chain;
use narration::{Narrator, Table, exact, measured};

use super::TIMEOUT;
use crate::client::ApiClient;
use crate::methods::{self, Twice};
use crate::retrying::{self, CameBack, Retried};
use crate::server::{DRIP_BYTES, DRIP_PACE, SLOW};
use crate::statuses;

pub(super) fn twice(narrator: &mut Narrator) -> anyhow::Result<()> {
    let all = methods::twice_each()?;
    narrator.step("The same request twice", "real sockets")?;
    narrator.say(
        "The answer to a request did not come. May you send it again? That depends on what doing \
         it twice does to the server. We do each twice, on a server that has one issue, open and \
         without labels: #1.",
    )?;
    let delete = all.iter().find(|done| done.answers[0].status == 204);
    if let Some(delete) = delete {
        let [first, second] = delete.answers.map(|answer| answer.status);
        narrator.predict(
            &format!(
                "The first DELETE is answered with {first}, the second with {second}. Does the \
                 server have the same issues after two as after one?"
            ),
            delete.was_idempotent(),
            "The issue was gone before. What counts is what the server has in the end, not that \
             the answers are alike.",
        )?;
    }
    let mut table = Table::new(["request", "to", "answers", "after one", "after two", "alike"]);
    for done in &all {
        table = match done.was_idempotent() {
            true => table.row(row(done)),
            false => table.marked_row(row(done)),
        };
    }
    narrator.table(&table)?;
    narrator.say(
        "A request is **idempotent** if two of it leave the server as one does, and **safe** if it \
         asks for no change. GET and HEAD are both, PUT and DELETE are idempotent, POST is \
         neither. PATCH depends on the patch: \"its state is closed\" may be sent again, \"one \
         more label\" may not.",
    )?;
    let head = all.iter().find(|done| done.method == "HEAD").map(|done| done.answers[0]);
    if let Some(head) = head {
        narrator.say(&format!(
            "HEAD is GET without the body: its answer announced {} bytes and came with {}.",
            head.announced.unwrap_or_default(),
            head.body
        ))?;
    }
    Ok(())
}

fn row(done: &Twice) -> [String; 6] {
    [
        done.method.to_string(),
        done.what.to_owned(),
        done.answers.map(|answer| answer.status.to_string()).join(", "),
        methods::in_short(&done.once),
        methods::in_short(&done.twice),
        yes(done.was_idempotent()).to_owned(),
    ]
}

pub(super) fn send_again(narrator: &mut Narrator) -> anyhow::Result<()> {
    let came_back = retrying::what_came_back()?;
    narrator.step("Send it again?", "real sockets, virtual waits")?;
    narrator.say(
        "So two things decide whether a request is sent again: what came back, and whether doing \
         it twice does harm. We let a request fail in every way, and look each up in the table of \
         lesson 08.",
    )?;
    if let Some(unavailable) = came_back.iter().find(|came| came.what == "503") {
        narrator.predict(
            "A POST, without an idempotency key, is answered with 503 Service Unavailable. Is it \
             sent again?",
            unavailable.failure.may_retry(false),
            "The server may have executed it before it failed, and twice is one too many. A GET is \
             sent again.",
        )?;
    }
    narrator.table(&rules(&came_back))?;
    narrator.say(
        "Row 1: the request was not executed. (With 429 that is what a server should do; a timeout \
         while connecting counts as no connection.) Row 2: it may have been executed; 502 and 504 \
         come from a server in between that got no good answer from the one behind it. Row 3: it \
         would fail again, because the request is wrong or, after 500, the server has a defect.",
    )?;
    until_answered(narrator)
}

/// What came back by how it is treated.
fn rules(came_back: &[CameBack]) -> Table {
    let rule = |came: &CameBack| [true, false].map(|twice| came.failure.may_retry(twice));
    let mut table = Table::new(["what came back", "idempotent, or with a key", "any other"]);
    for sent_again in [[true, true], [true, false], [false, false]] {
        let same = came_back.iter().filter(|came| rule(came) == sent_again);
        let same: Vec<_> = same.map(|came| &*came.what).collect();
        let [idempotent, other] = sent_again.map(|again| if again { "again" } else { "no" });
        table = table.row([&same.join(", "), idempotent, other]);
    }
    table
}

fn until_answered(narrator: &mut Narrator) -> anyhow::Result<()> {
    let all = retrying::until_answered()?;
    narrator.say(
        "A client makes up to 4 attempts, with waits of 100, 200, 400 ms, at each of three paths: \
         /flaky answers 503 twice and then 200, /limited 429 once and then 200, and /users/nobody \
         always 404.",
    )?;
    let requests: Vec<_> = all.iter().map(|retried| retried.answers.len().to_string()).collect();
    narrator.predict(
        "How many requests does it send in all?",
        all.iter().map(|retried| retried.answers.len() as u64).sum::<u64>(),
        &format!("They are {}: after 404, a retry is of no use.", requests.join(" + ")),
    )?;
    let mut table = Table::new(["asked for", "answers", "waits between", "in the end"]);
    for Retried { path, answers, waits, result } in &all {
        let waits: Vec<_> = waits.iter().map(|wait| exact(*wait)).collect();
        let end = match result {
            Ok(()) => "answered".to_owned(),
            Err(error) => error.stopped.to_string(),
        };
        let answers: Vec<_> = answers.iter().map(u16::to_string).collect();
        table = table.row([(*path).to_owned(), answers.join(", "), waits.join(", "), end]);
    }
    narrator.table(&table)?;
    let asked_to_wait = all.iter().find(|retried| retried.answers.first() == Some(&429));
    if let Some(wait) = asked_to_wait.and_then(|retried| retried.waits.first()) {
        narrator.say(&format!(
            "The 429 came with the header \"retry-after: {}\", so the client waited that long: the \
             server knows better than any formula when it will have time.",
            wait.as_secs()
        ))?;
    }
    Ok(())
}

pub(super) fn limits(narrator: &mut Narrator) -> anyhow::Result<()> {
    narrator.step("Too slow, too far", "real sockets")?;
    narrator.announce("A slow server, three times: about 1 s.")?;
    let saw = retrying::too_slow(TIMEOUT)?;
    narrator.say(&format!(
        "One address answers after {}. Another answers at once, with a body of {DRIP_BYTES} bytes, \
         one every {}: it drips. We set {} as the timeout of a blocking reqwest Client (each call \
         returns when it is done), and of one request. Our client takes the body piece by piece, \
         by `read`.",
        exact(SLOW),
        exact(DRIP_PACE),
        exact(saw.deadline)
    ))?;
    narrator.predict(
        &format!(
            "With the timeout set on the Client, how many of the {DRIP_BYTES} bytes does it read?"
        ),
        saw.drip_bytes as u64,
        match saw.drip_bytes as u64 == DRIP_BYTES {
            true => {
                "That timeout starts again with every read, and each byte comes in time. A server \
                 that drips holds such a client for as long as it likes."
            }
            false => {
                "That is rare: this machine was so busy that one byte came too late. That timeout \
                 starts again with every read, so as a rule all are read."
            }
        },
    )?;
    let has_read = format!("has read {} of {DRIP_BYTES} bytes", saw.drip_bytes);
    narrator.table(
        &Table::new(["the server", "timeout on", "the client", "after"])
            .row(["answers late", "the request", "has given up", &measured(saw.waited)])
            .row(["drips", "the Client", &has_read, &measured(saw.drip_per_read)])
            .row(["drips", "the request", "has given up", &measured(saw.drip_per_request)]),
    )?;
    narrator.say(
        "Set on the request, it covers everything up to the last byte of the body: it is a \
         deadline. (text() and json() take the Client's timeout once for the whole body. In async \
         reqwest, both timeouts are deadlines.)",
    )?;
    let redirects = statuses::followed()?;
    narrator.say(&format!(
        "A **redirect** (301, 302) names another address, and most libraries follow it unasked: a \
         GET of /status/301 came to the user {}, in {} requests. Now two addresses that each name \
         the other, and a client that follows {} redirects.",
        redirects.moved_to,
        redirects.requests,
        ApiClient::MAX_REDIRECTS
    ))?;
    narrator.predict(
        "How many requests does the server count?",
        redirects.circle_requests,
        "The first one, and one for each redirect followed. Without a limit the client would never \
         end.",
    )?;
    narrator.event("client", "error", &error_chain(&redirects.circle))?;
    Ok(())
}

fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "no" }
}
