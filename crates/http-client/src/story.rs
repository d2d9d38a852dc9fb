//! Narrates the experiments.

mod again;

use std::time::Duration;

use common::error_chain;
use narration::{Answer, Narrator, Table, exact, measured, number};
use serde_json::Value;

use crate::client::{ApiClient, ApiError};
use crate::raw::{self, BODY, CLAIMED, Message};
use crate::server::{Counts, HUGE};
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
    again::twice(narrator)?;
    again::send_again(narrator)?;
    again::limits(narrator)?;
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
