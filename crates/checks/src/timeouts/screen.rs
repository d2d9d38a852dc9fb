//! A case as a ladder of waits: what the server does, how each wait went, and what was answered
//! when.

use std::io;

use super::Outcome;
use super::cases::{Case, Connect, Ending, NOW, REPLY};
use super::net::{Answer, Seen, Wait, WaitEnd};
use crate::{Screen, grouped, plural};

/// Waits that are shown. A right solution needs no more, unless it polls.
const MOST_WAITS: usize = 6;

/// Bytes of a reply that are shown. A right one has no more.
const MOST_BYTES: usize = REPLY.len();

pub(super) fn draw(case: &Case, seen: &Seen, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.labelled("server", &server(case))?;
    let deadline = ms(case.deadline);
    screen.labelled("clock", &format!("at {}; the deadline is at {deadline}", ms(NOW)))?;
    screen.line("")?;
    draw_waits(&seen.waits, screen)?;
    let right = case.right();
    let want = format!("{} at {}", words(&right.outcome), ms(right.at));
    if seen.is_right(case) {
        return screen.row("", "answers", &want);
    }
    let got = match &seen.answer {
        Answer::Outcome(outcome) => format!("{} at {}", words(outcome), ms(seen.at)),
        Answer::Panicked(_) => format!("a panic at {}", ms(seen.at)),
        Answer::GoesOnForEver => "goes on for ever".to_owned(),
    };
    screen.difference(&want, &got, "answer")?;
    match &seen.answer {
        Answer::Panicked(panic) => screen.panic(panic),
        _ => Ok(()),
    }
}

fn draw_waits(waits: &[Wait], screen: &mut Screen<'_>) -> io::Result<()> {
    for wait in waits.iter().take(MOST_WAITS) {
        let does = wait.call;
        let does = match wait.timeout {
            Some(timeout) => format!("{does}, {}", ms(timeout)),
            None => format!("{does}, no limit"),
        };
        screen.row(&ms(wait.from), &does, &end(wait))?;
    }
    match waits.len().saturating_sub(MOST_WAITS) {
        0 => Ok(()),
        more => screen.row("", "and then", &plural(more, "more wait")),
    }
}

fn end(wait: &Wait) -> String {
    let what = match &wait.end {
        WaitEnd::Connected => "connected".to_owned(),
        WaitEnd::Bytes(bytes) if bytes.is_empty() => "0 bytes, the end".to_owned(),
        WaitEnd::Bytes(bytes) => quoted(bytes),
        WaitEnd::NoRoom => "0 bytes, the buffer has no room".to_owned(),
        WaitEnd::Failed(kind) => format!("{kind:?}"),
        WaitEnd::Never => return "never ends".to_owned(),
    };
    format!("{what} at {}", ms(wait.until))
}

/// The steps of the server with their delays, as in `accepts after 10 ms, "ok" after 0 ms, resets
/// after 20 ms`.
fn server(case: &Case) -> String {
    let accepts = match case.connect {
        Connect::Accept(delay) => format!("accepts after {}", ms(delay)),
        Connect::Refuse(delay) => return format!("refuses after {}", ms(delay)),
        Connect::Silence => return "says nothing".to_owned(),
    };
    let pieces = case.pieces.iter();
    let pieces = pieces.map(|(delay, piece)| format!("{} after {}", quoted(piece), ms(*delay)));
    let (delay, ending) = case.ends;
    let ending = match ending {
        Ending::Silence => "then says nothing".to_owned(),
        Ending::End => format!("ends after {}", ms(delay)),
        Ending::Reset => format!("resets after {}", ms(delay)),
    };
    let steps: Vec<String> = std::iter::once(accepts).chain(pieces).chain([ending]).collect();
    steps.join(", ")
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Executed(reply) => format!("Executed({})", quoted(reply)),
        Outcome::NotExecuted => "NotExecuted".to_owned(),
        Outcome::Unknown => "Unknown".to_owned(),
    }
}

fn quoted(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(MOST_BYTES)];
    let text = format!("\"{}\"", shown.escape_ascii());
    if bytes.len() > MOST_BYTES {
        return format!("{text} .., {}", grouped(bytes.len()));
    }
    text
}

/// So many milliseconds in at most eight characters, however many they are.
fn ms(time: u64) -> String {
    match time {
        0..10_000 => format!("{time} ms"),
        10_000..1_000_000 => format!("{}.{} s", time / 1_000, time % 1_000 / 100),
        _ => "> 999 s".to_owned(),
    }
}
