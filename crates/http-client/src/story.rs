//! Narrates the experiments.

use std::time::Duration;

use common::error_chain;
use narration::{Answer, Narrator, Table, exact, measured, number};
use serde_json::Value;

use crate::client::{ApiClient, ApiError};
use crate::methods::{self, Twice};
use crate::raw::{self, BODY, CLAIMED, Message};
use crate::retrying::{self, Retried};
use crate::server::{DRIP_BYTES, DRIP_PACE, HUGE, SLOW};
use crate::{create, limits, reuse, statuses, typed, user_agent};

/// Runs every experiment and narrates it.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator) -> anyhow::Result<()> {
    narrator.title("http-client", "What does a web API exchange really look like?")?;
    text_on_a_connection(narrator)?;
    wrong_length(narrator)?;
    into_a_struct(narrator)?;
    create_something(narrator)?;
    twice(narrator)?;
    three_digits(narrator)?;
    too_slow(narrator)?;
    one_client(narrator)?;
    who_asks(narrator)?;
    without_an_end(narrator)?;
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
        "An **API** is a program that other programs ask. On the web they ask over **HTTP**, and \
         that is text on a TCP connection. Here is a request, written by hand. Each line ends with \
         the two bytes 0d 0a.",
    )?;
    narrator.table(&annotated("the client writes", &saw.request))?;
    narrator.say(
        "The answer has the same shape: a line, headers, an empty line, and then the **body**.",
    )?;
    narrator.table(&annotated("the server writes", &saw.answer))?;
    narrator.picture(String::from_utf8_lossy(&saw.answer.body).trim_end())?;
    narrator.say(
        "The body is **JSON**: data written as text. Nothing in its bytes says where it ends; the \
         header content-length says it. (Upper or lower case makes no difference in the name of a \
         header.)",
    )?;
    Ok(())
}

/// A message line by line, with what each line is.
fn annotated(who: &str, message: &Message) -> Table {
    let start = match message.start.starts_with("HTTP/") {
        true => "status line: version, code, its name",
        false => "request line: method, target, version",
    };
    let mut table = Table::new([who, "what it is"]).row([&message.start, start]);
    for header in &message.headers {
        table = table.row([header, purpose(header)]);
    }
    table.row(["(empty)", "the headers end here"])
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
    let timeout = Duration::from_millis(200);
    let saw = raw::wrong_length(timeout)?;
    narrator.step("A length that lies", "real sockets")?;
    narrator.say(&format!(
        "What if that header is wrong? An example gets copied with the number, and the body is \
         another one. This server announces {CLAIMED} bytes and sends these {}:",
        BODY.len()
    ))?;
    narrator.event("server", "write", BODY)?;
    narrator.predict(
        &format!("A client waits {} for it. Does it have the whole answer then?", exact(timeout)),
        !saw.gave_up,
        &format!(
            "{} bytes have come, and the client waits for {} more that were never sent. The \
             connection looks as healthy as any.",
            saw.came,
            CLAIMED.saturating_sub(saw.came)
        ),
    )?;
    let how_long = format!("{} of {CLAIMED} bytes after {}", saw.came, measured(saw.waited));
    narrator.table(
        &Table::new(["read by", "the server then", "the client has"])
            .row(["hand", "waits", &how_long])
            .row(["a library", "waits", &saw.kept_open.to_string()])
            .row(["a library", "closes", &error_chain(&saw.closed)]),
    )?;
    Ok(())
}

fn into_a_struct(narrator: &mut Narrator) -> anyhow::Result<()> {
    let saw = typed::into_a_struct()?;
    narrator.step("JSON into a struct", "real sockets")?;
    narrator.say(
        "A library writes and reads those lines for us from here on, and turns the body into a \
         struct: login is a String, id a u64; name, email and bio are each an Option<String>.",
    )?;
    narrator.predict(
        "In that JSON, bio is null, and email is not there at all. Does either fail to become an \
         Option?",
        saw.user.bio.is_some() || saw.user.email.is_some(),
        "Both become None. That is what most clients want; one that changes things needs to tell \
         \"set to nothing\" from \"not mentioned\".",
    )?;
    narrator.table(&members(&saw))?;
    narrator.say(
        "Now the same user from an older version of the API, which sends the id as text; and a \
         page for people with the status 200, such as a hotel's network puts in the place of an \
         answer.",
    )?;
    narrator.event("client", "error", &error_chain(&saw.wrong_type))?;
    narrator.event("client", "error", &error_chain(&saw.page))?;
    narrator.say(
        "An error that names field and line takes a minute to mend. One that says \"bad response\" \
         takes a debugger.",
    )?;
    Ok(())
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
    narrator.step("Create something", "real sockets")?;
    narrator.say(&format!(
        "**POST** hands the server something to deal with: here an issue for a repository, as \
         JSON, with a secret called a **token** in a header. We send {} of them. All but the first \
         have something wrong.",
        saw.attempts.len()
    ))?;
    let forbidden = saw.attempts.iter().find_map(|attempt| match &attempt.result {
        Err(error @ ApiError::Forbidden { .. }) => error.status(),
        _ => None,
    });
    narrator.predict(
        "One token is known to the server and may only read. Which status comes: 401 or 403?",
        Answer::one_of(
            &["401", "403"],
            forbidden.map_or_else(String::new, |status| status.as_str().to_owned()),
        ),
        "401 means \"I do not know who you are\" and is cured by a token; 403 means \"I do, and \
         you may not\".",
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
    narrator.say(&format!(
        "The server had {} before and has {} now. Each refusal became a value of one error type, \
         with a variant for each case that a caller would treat in its own way, and one, \
         Unexpected, for all that nobody thought of. A match on it that has no _ cannot forget a \
         case.",
        issues(saw.before),
        issues(saw.after)
    ))?;
    Ok(())
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
                "DELETE is answered with {first}, the second one with {second}. Has the second \
                 changed the server?"
            ),
            !delete.was_idempotent(),
            "It was gone before. What counts is what the server has in the end, not that the \
             answers are alike.",
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
        "A request that may be done twice is **idempotent**; one that changes nothing is **safe**. \
         GET and HEAD are safe, PUT and DELETE idempotent, and POST is neither. PATCH depends on \
         the patch: \"its state is closed\" may be sent again, \"one more label\" may not.",
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

fn three_digits(narrator: &mut Narrator) -> anyhow::Result<()> {
    let answers = statuses::table()?;
    let redirects = statuses::followed()?;
    narrator.step("Three digits", "real sockets")?;
    narrator.say(
        "The **status** tells what became of the request, and its first digit whose turn it is. 2: \
         it is done. 3: look elsewhere. 4: the request has to change, or with 429 to wait. 5: the \
         server failed; after 502, 503 and 504 the same request may work later. A client that does \
         not know a code takes it for the first of its hundred.",
    )?;
    let mut table = Table::new(["status", "name", "class", "bytes", "and a header says"]);
    for answer in &answers {
        let header = answer.header.as_ref().map(|(name, value)| format!("{name}: {value}"));
        table = table.row([
            answer.status.to_string(),
            answer.name.clone(),
            answer.class().to_owned(),
            answer.body.to_string(),
            header.unwrap_or_default(),
        ]);
    }
    narrator.table(&table)?;
    narrator.say(&format!(
        "A **redirect** names another address. Most libraries follow it unasked: a GET of \
         /status/301 came to the user {}, in {} requests. Now two addresses that each point to the \
         other, and a client that follows {} redirects.",
        redirects.moved_to,
        redirects.requests,
        ApiClient::MAX_REDIRECTS
    ))?;
    narrator.predict(
        "How many requests does the server count?",
        redirects.circle_requests,
        "The first one, and one for each redirect followed. Without a limit the two would go on \
         for ever.",
    )?;
    narrator.event("client", "error", &error_chain(&redirects.circle))?;
    Ok(())
}

fn too_slow(narrator: &mut Narrator) -> anyhow::Result<()> {
    let saw = retrying::too_slow(Duration::from_millis(200))?;
    narrator.step("Too slow", "real sockets")?;
    narrator.say(&format!(
        "A server takes {} to answer, and the client gives it {}.",
        exact(SLOW),
        exact(saw.deadline)
    ))?;
    narrator.event(
        "client",
        "error",
        &format!("{}; waited {}", saw.error, measured(saw.waited)),
    )?;
    narrator.say(&format!(
        "Another one answers at once, with a body of {DRIP_BYTES} bytes, one every {}. The same {} \
         are set as the timeout of a reqwest Client.",
        exact(DRIP_PACE),
        exact(saw.deadline)
    ))?;
    let cut_off = saw.drip_bytes < DRIP_BYTES as usize;
    narrator.predict(
        &format!("Is reading that body cut off after {}?", exact(saw.deadline)),
        cut_off,
        match cut_off {
            false => {
                "That timeout starts again with every read, and each byte comes in time. A server \
                 that drips holds such a client for as long as it likes."
            }
            true => {
                "That is rare: this machine was so busy that one byte came too late. That timeout \
                 starts again with every read, so as a rule it is not."
            }
        },
    )?;
    narrator.table(
        &Table::new(["the timeout is set on", "the client", "after"])
            .row([
                "the Client",
                &format!("has read {} of {DRIP_BYTES} bytes", saw.drip_bytes),
                &measured(saw.drip_per_read),
            ])
            .row(["the request", "has given up", &measured(saw.drip_per_request)]),
    )?;
    narrator.say(
        "Set on the request, it covers everything up to the last byte of the body. That is a \
         deadline.",
    )?;
    come_again(narrator)
}

fn come_again(narrator: &mut Narrator) -> anyhow::Result<()> {
    let all = retrying::until_answered()?;
    narrator.step("Come again", "real sockets, virtual waits")?;
    narrator.say(
        "Three addresses are asked with the retries of lesson 08: up to 4 attempts, waits of 100, \
         200, 400 ms. One fails twice, one says that we ask too often, one has no such user.",
    )?;
    let asked_to_wait = all.iter().find(|retried| retried.answers.first() == Some(&429));
    if let Some(wait) = asked_to_wait.and_then(|retried| retried.waits.first()) {
        narrator.predict(
            &format!(
                "The 429 comes with \"retry-after: {}\". How long does the client wait before it \
                 asks again?",
                wait.as_secs()
            ),
            Answer::quantity(exact(*wait)),
            "The server knows better than any formula when it will have time. Whoever comes sooner \
             may be refused again, and costs it work.",
        )?;
    }
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
    narrator.say(
        "429 says that the request was not executed, so any request may be sent again. 503 says \
         \"later\", and 502 and 504 come from a server in between that got no good answer from the \
         one behind it: the request may have been executed. A GET may be sent again all the \
         same; a POST may not, unless it has an idempotency key. After any other status this \
         client gives up.",
    )?;
    Ok(())
}

fn one_client(narrator: &mut Narrator) -> anyhow::Result<()> {
    const REQUESTS: u32 = 10;
    let saw = reuse::clients(REQUESTS)?;
    narrator.step("One client, or one each", "real sockets")?;
    narrator.say(&format!(
        "A program asks {REQUESTS} times, one after the other. First with one ApiClient for all of \
         them, then with a new one each time. Only the server can count the connections."
    ))?;
    narrator.predict(
        "How many connections does it count with the one client?",
        saw.one_client.connections,
        "HTTP/1.1 leaves the connection open after an answer, and the client keeps it for the next \
         request.",
    )?;
    narrator.table(
        &Table::new(["client", "requests", "connections"])
            .row([
                "one for all",
                &saw.one_client.requests.to_string(),
                &saw.one_client.connections.to_string(),
            ])
            .row([
                "one each",
                &saw.one_each.requests.to_string(),
                &saw.one_each.connections.to_string(),
            ]),
    )?;
    narrator.say(
        "A connection costs a round trip before the first byte, and with TLS one or two more. Make \
         one client when the program starts, and hand it around.",
    )?;
    Ok(())
}

fn who_asks(narrator: &mut Narrator) -> anyhow::Result<()> {
    let saw = user_agent::without_and_with()?;
    narrator.step("Who asks?", "real sockets")?;
    narrator.say(
        "One GET, two clients: the second says in the header User-Agent who it is, the first does \
         not. reqwest sends none unless it is told to; curl always does. GitHub's API wants one, \
         and so does this server.",
    )?;
    narrator.predict(
        "With which status is the first one refused?",
        saw.without,
        "Understood, and not permitted. The URL is right, and a test with curl works.",
    )?;
    narrator.event("first", "gets", &saw.words)?;
    narrator.event("second", "gets", &format!("user {}", saw.with))?;
    Ok(())
}

fn without_an_end(narrator: &mut Narrator) -> anyhow::Result<()> {
    let saw = limits::too_large()?;
    narrator.step("An answer without an end", "real sockets")?;
    narrator.say(&format!(
        "The client takes {} bytes of body. One answer announces {}. Another announces nothing \
         (its body comes in chunks, each with its own length) and has no end.",
        number(ApiClient::MAX_BODY as u64),
        number(HUGE)
    ))?;
    narrator.predict(
        "How many bytes of the announced one does the client read before it gives up?",
        taken(&saw.announced),
        "The header is enough. But it is only a claim, and it may be missing, so the bytes are \
         counted as well.",
    )?;
    narrator.table(
        &Table::new(["answer", "bytes taken", "error"])
            .row(["announced", &number(taken(&saw.announced)), "TooLarge"])
            .row(["endless", &number(taken(&saw.endless)), "TooLarge"]),
    )?;
    narrator.say(
        "The convenient calls of a library, text() and json(), read until the body ends or the \
         memory does. A server you trust may still sit behind a proxy that you do not.",
    )?;
    Ok(())
}

fn taken(error: &ApiError) -> u64 {
    match error {
        ApiError::TooLarge { taken, .. } => *taken as u64,
        _ => 0,
    }
}

fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "no" }
}
