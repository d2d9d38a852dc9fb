//! Narrates the experiments.

use std::time::Duration;

use common::error_chain;
use narration::{Answer, Narrator, Table, exact, measured, number};
use serde_json::Value;

use crate::client::{ApiClient, ApiError};
use crate::methods::{self, Twice};
use crate::raw::{self, BODY, CLAIMED, Message};
use crate::retrying::{self, CameBack, Retried};
use crate::server::{Counts, DRIP_BYTES, DRIP_PACE, HUGE, SLOW};
use crate::{create, limits, reuse, statuses, typed, user_agent};

/// How long a client waits that is to wait in vain.
pub const TIMEOUT: Duration = Duration::from_millis(200);

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator) -> anyhow::Result<()> {
    narrator.title("http-client", "What does a web API exchange really look like?")?;
    text_on_a_connection(narrator)?;
    wrong_length(narrator)?;
    a_library(narrator)?;
    into_a_struct(narrator)?;
    create_something(narrator)?;
    twice(narrator)?;
    send_again(narrator)?;
    limits(narrator)?;
    narrator.remember(
        "Status first, then type, size and shape; and before you send a request again, ask what \
         doing it twice does.",
        "What goes wrong with two threads and one variable?",
    )?;
    Ok(())
}

fn text_on_a_connection(narrator: &mut Narrator) -> anyhow::Result<()> {
    let saw = raw::get_by_hand()?;
    narrator.step("Text on a connection", "real sockets")?;
    narrator.say(
        "A program calls an **API** over **HTTP**, which in version 1.1 is text on a TCP \
         connection. Here is a **request**, written by hand; each line ends with the two bytes 0d \
         0a.",
    )?;
    narrator.table(&annotated("the client writes", &saw.request))?;
    narrator.say(
        "These lines are the **head**. The answer has the same shape, and the **body** follows its \
         head.",
    )?;
    let announced = format!("content-length: {}", saw.answer.body.len());
    let by_header = saw.answer.headers.contains(&announced);
    narrator.predict(
        "What says where the body ends: an empty line, a closing brace, or a header?",
        Answer::one_of(
            &[
                "an empty line",
                "a closing brace",
                "a header | a length | its length | content-length | the number of bytes",
            ],
            if by_header { "A header" } else { "None of them" },
        ),
        "A body may hold any bytes, so none of them can mark its end. A header says how many come.",
    )?;
    narrator.table(&annotated("the server writes", &saw.answer))?;
    narrator.picture(String::from_utf8_lossy(&saw.answer.body).trim_end())?;
    narrator.say(
        "This body is **JSON**, data written as text. In the name of a header, upper and lower \
         case are the same.",
    )?;
    Ok(())
}

/// A message line by line, with what each line is.
fn annotated(who: &str, message: &Message) -> Table {
    let start = match message.start.starts_with("HTTP/") {
        true => "status line: version, code, its name",
        false => "request line: method, path, version",
    };
    let mut table = Table::new([who, "what it is"]).row([&message.start, start]);
    for header in &message.headers {
        table = table.row([header, purpose(header)]);
    }
    table.row(["(empty)", "the head ends here"])
}

fn purpose(header: &str) -> &'static str {
    let name = header.split(':').next().unwrap_or_default();
    match name.to_ascii_lowercase().as_str() {
        "host" => "header: the name it was called by",
        "user-agent" => "header: who asks",
        "accept" => "header: what kind of answer is wanted",
        "connection" => "header: no more after this one",
        "content-type" => "header: what the body is",
        "content-length" => "header: the bytes of the body",
        _ => "header",
    }
}

fn wrong_length(narrator: &mut Narrator) -> anyhow::Result<()> {
    let saw = raw::wrong_length(TIMEOUT)?;
    narrator.step("A length that lies", "real sockets")?;
    narrator.say(&format!(
        "A header copied from another answer announces {CLAIMED} bytes. This server sends it with \
         a body of {}, and keeps the connection open:",
        BODY.len()
    ))?;
    narrator.event("server", "write", BODY)?;
    narrator.predict(
        &format!(
            "This JSON is complete. What ends the client's read: the closing brace, or its timeout \
             of {}?",
            exact(TIMEOUT)
        ),
        Answer::one_of(
            &["the closing brace", "the timeout"],
            if saw.by_hand.gave_up { "The timeout" } else { "The closing brace" },
        ),
        &format!(
            "All of the JSON is there, and the client waits for {} bytes more: it believes the \
             header. The connection looks as healthy as any other.",
            CLAIMED - saw.by_hand.came
        ),
    )?;
    narrator.picture(&saw.by_hand.trace()?.ladder(narrator.width()))?;
    narrator.table(
        &Table::new(["read by", "the server then", "the client reports"])
            .row([
                "hand",
                "waits",
                &format!("nothing more came for {}", measured(saw.by_hand.waited)),
            ])
            .row(["a library", "waits", &saw.kept_open.to_string()])
            .row(["a library", "closes", &error_chain(&saw.closed)]),
    )?;
    Ok(())
}

fn a_library(narrator: &mut Narrator) -> anyhow::Result<()> {
    const REQUESTS: u32 = 10;
    let named = user_agent::without_and_with()?;
    let saw = reuse::clients(REQUESTS)?;
    narrator.step("A library writes it", "real sockets")?;
    narrator.say(
        "From here on a library, reqwest, writes and reads those lines. It leaves out the header \
         User-Agent, who asks, unless the program sets it; curl always sends one. This server, as \
         GitHub's API, requires it:",
    )?;
    narrator.event("without", "gets", &format!("{}: {}", named.without, named.words))?;
    narrator.event("with", "gets", &format!("user {}", named.with))?;
    narrator.say(&format!(
        "Now {REQUESTS} requests, one after the other, by one Client: the library's object that \
         sends requests. Then {REQUESTS} more, each by a new one."
    ))?;
    narrator.predict(
        "How many connections does the server count in all?",
        saw.one_client.connections + saw.one_each.connections,
        "HTTP/1.1 leaves the connection open after an answer, and a Client keeps it for its next \
         request.",
    )?;
    let row = |client: &str, counts: Counts| {
        [client.to_owned(), counts.requests.to_string(), counts.connections.to_string()]
    };
    narrator.table(
        &Table::new(["Client", "requests", "connections"])
            .row(row("one for all", saw.one_client))
            .row(row("a new one each", saw.one_each)),
    )?;
    narrator.say(
        "A connection costs a round trip before the first byte, and with TLS (encryption) one or \
         two more. Make one Client when the program starts, and share it.",
    )?;
    Ok(())
}

fn into_a_struct(narrator: &mut Narrator) -> anyhow::Result<()> {
    let saw = typed::into_a_struct()?;
    let large = limits::too_large()?;
    narrator.step("From an answer to a value", "real sockets")?;
    narrator.say(
        "The body becomes a struct: login is a String, id a u64; name, email and bio are each an \
         Option<String>.",
    )?;
    narrator.predict(
        "In the JSON of step 1, bio is null, which becomes None. email is not there at all. Does \
         it become None, or is that an error?",
        Answer::one_of(
            &["None | null | nothing", "error | fails"],
            if saw.user.email.is_none() { "None" } else { "error" },
        ),
        "That is what most clients want; one that changes things needs to tell \"set to nothing\" \
         from \"not mentioned\".",
    )?;
    narrator.table(&members(&saw))?;
    narrator.say(&format!(
        "Four answers have the status 200, and none is a user. An older version of the API sends \
         the id as text. A hotel's network sends a page for people. And the client takes a body of \
         {} bytes at most: one answer announces {}, one announces nothing and has no end.",
        number(ApiClient::MAX_BODY as u64),
        number(HUGE)
    ))?;
    narrator.predict(
        "How many bytes of the announced body does the client read before it gives up?",
        taken(&large.announced),
        "The header is enough. But it is only a claim, and may be missing, so the bytes are \
         counted as well.",
    )?;
    let mut table = Table::new(["answer", "the client's error"]);
    for (answer, error) in [
        ("id as text", &saw.wrong_type),
        ("a page", &saw.page),
        ("announced", &large.announced),
        ("endless", &large.endless),
    ] {
        table = table.row([answer, &error_chain(error)]);
    }
    narrator.table(&table)?;
    narrator.say(
        "The short calls of a library, text() and json(), know no limit of size: they read until \
         the body ends, the time is up, or the memory is full.",
    )?;
    Ok(())
}

fn taken(error: &ApiError) -> u64 {
    match error {
        ApiError::TooLarge { taken, .. } => *taken as u64,
        _ => 0,
    }
}

fn members(saw: &typed::Observed) -> Table {
    let field = |value: &Option<String>| format!("{value:?}");
    let fields = [
        ("login", format!("{:?}", saw.user.login)),
        ("id", saw.user.id.to_string()),
        ("name", field(&saw.user.name)),
        ("bio", field(&saw.user.bio)),
        ("email", field(&saw.user.email)),
        ("repos", "no such field: skipped".to_owned()),
    ];
    let mut table = Table::new(["member", "in the JSON", "in the struct"]);
    for (name, value) in fields {
        let sent = saw.document.get(name).map_or_else(|| "not there".to_owned(), Value::to_string);
        table = table.row([name, &sent, &value]);
    }
    table
}

fn create_something(narrator: &mut Narrator) -> anyhow::Result<()> {
    let saw = create::an_issue()?;
    narrator.step("Three digits", "real sockets")?;
    narrator.say(&format!(
        "The **method** POST hands the server something to deal with. Here it is an issue, a \
         numbered note to a project, as JSON; a header holds a secret, the **token**, that says \
         who sends it. We send {}; all but the first have something wrong. The **status** in the \
         first line of the answer says what became of each.",
        saw.attempts.len()
    ))?;
    let forbidden = saw.attempts.iter().find_map(|attempt| match &attempt.result {
        Err(error @ ApiError::Forbidden { .. }) => error.status(),
        _ => None,
    });
    narrator.predict(
        "The server knows one of the tokens, which may only read. Which status comes: 401 \
         Unauthorized or 403 Forbidden?",
        Answer::one_of(
            &["401 | Unauthorized", "403 | Forbidden"],
            forbidden.map_or_else(String::new, |status| status.as_str().to_owned()),
        ),
        "401 means \"I do not know who you are\": send a token. 403 means \"I have understood, and \
         refuse\".",
    )?;
    let mut table = Table::new(["sent", "becomes", "what it says"]);
    for attempt in &saw.attempts {
        let (name, words) = match &attempt.result {
            Ok(issue) => ("Ok", format!("201 Created: issue {}", issue.number)),
            Err(error) => (variant(error), error.to_string()),
        };
        table = table.row([attempt.what, name, &words]);
    }
    narrator.table(&table)?;
    let answers = statuses::table()?;
    narrator.say(&format!(
        "The server had {} before and has {} now. Each refusal became a variant of one error type, \
         ApiError; statuses that the client does not know become Unexpected. Here are the {} that \
         you meet most:",
        issues(saw.before),
        issues(saw.after),
        answers.len()
    ))?;
    narrator.table(&classes(&answers))?;
    narrator.say(
        "The first digit alone says whose turn it is, so a client can act on a status that it does \
         not know.",
    )?;
    Ok(())
}

/// The statuses that came, by their first digit.
fn classes(answers: &[statuses::Answer]) -> Table {
    let mut table = Table::new(["digit", "class", "statuses", "so"]);
    for classes in answers.chunk_by(|one, next| one.class() == next.class()) {
        let digit = classes[0].status / 100;
        let came: Vec<_> = classes.iter().map(|answer| answer.status.to_string()).collect();
        let so = match digit {
            2 => "it is done",
            3 => "ask at the address in Location",
            4 => "change it; after 429, wait",
            _ => "the server failed",
        };
        table = table.row([&digit.to_string(), classes[0].class(), &came.join(" "), so]);
    }
    table
}

fn variant(error: &ApiError) -> &'static str {
    match error {
        ApiError::Unauthorized { .. } => "Unauthorized",
        ApiError::Forbidden { .. } => "Forbidden",
        ApiError::NotFound { .. } => "NotFound",
        ApiError::Invalid { .. } => "Invalid",
        ApiError::Unexpected { .. } => "Unexpected",
        _ => "no answer",
    }
}

fn issues(count: usize) -> String {
    if count == 1 { "1 issue".to_owned() } else { format!("{count} issues") }
}

fn twice(narrator: &mut Narrator) -> anyhow::Result<()> {
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

fn send_again(narrator: &mut Narrator) -> anyhow::Result<()> {
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
        "Row 1: the request was not executed. (With 429 that is what a server should do; a \
         time-out while connecting counts as no connection.) Row 2: it may have been executed; 502 \
         and 504 come from a server in between that got no good answer from the one behind it. Row \
         3: it would fail again, because the request is wrong or, after 500, the server has a \
         defect.",
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

fn limits(narrator: &mut Narrator) -> anyhow::Result<()> {
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
