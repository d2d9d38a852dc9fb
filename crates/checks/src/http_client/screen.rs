//! A case as a few lines: what was sent, what came, and what the solution makes of it.

use std::io;

use super::cases::{Came, Case};
use super::{Decision, NoAnswer};
use crate::{Screen, Stopped, grouped};

/// Characters of an address that are shown. A right one has no more.
const MOST_CHARACTERS: usize = 14;

pub(super) fn draw(
    case: &Case,
    seen: &Result<Decision, Stopped>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    screen.labelled("sent", case.method.name())?;
    screen.labelled("came", &came(case))?;
    if let Ok(Came { header: Some((name, value)), .. }) = case.outcome {
        screen.labelled("", &format!("{name}: {value}"))?;
    }
    screen.line("")?;
    let right = case.right();
    match seen {
        Ok(decision) if *decision == right => screen.row("", "decides", &words(decision)),
        Ok(decision) => screen.difference(&words(&right), &words(decision), "decision"),
        Err(stopped) => {
            let got = match stopped {
                Stopped::Panicked(_) => "a panic",
                Stopped::RanForEver | Stopped::Unsolved(_) => "no decision",
            };
            screen.difference(&words(&right), got, "decision")?;
            match stopped {
                Stopped::Panicked(panic) => screen.panic(panic),
                _ => Ok(()),
            }
        }
    }
}

fn came(case: &Case) -> String {
    match case.outcome {
        Ok(Came { status, .. }) => format!("{status}{}", name(status)),
        Err(NoAnswer::Connect) => "no answer: no connection, nothing was sent".to_owned(),
        Err(NoAnswer::TimedOut) => "no answer: the deadline passed".to_owned(),
        Err(NoAnswer::Broken) => "no answer: the connection broke".to_owned(),
    }
}

/// Names as the RFCs have them, for those that have one.
fn name(status: u16) -> &'static str {
    match status {
        200 => " OK",
        201 => " Created",
        204 => " No Content",
        301 => " Moved Permanently",
        302 => " Found",
        307 => " Temporary Redirect",
        400 => " Bad Request",
        401 => " Unauthorized",
        403 => " Forbidden",
        404 => " Not Found",
        409 => " Conflict",
        422 => " Unprocessable Content",
        428 => " Precondition Required",
        429 => " Too Many Requests",
        500 => " Internal Server Error",
        501 => " Not Implemented",
        502 => " Bad Gateway",
        503 => " Service Unavailable",
        504 => " Gateway Timeout",
        _ => ", a status without a name",
    }
}

fn words(decision: &Decision) -> String {
    match decision {
        Decision::Done => "Done".to_owned(),
        Decision::Follow(location) => follow(location),
        Decision::Retry => "Retry".to_owned(),
        Decision::RetryAfter(seconds) => format!("RetryAfter({seconds})"),
        Decision::GiveUp => "GiveUp".to_owned(),
    }
}

fn follow(location: &str) -> String {
    let start: String = location.chars().take(MOST_CHARACTERS).collect();
    let start = start.escape_default();
    match location.len() {
        ..=MOST_CHARACTERS => format!("Follow(\"{start}\")"),
        bytes => format!("Follow(\"{start}\" .., {})", grouped(bytes)),
    }
}
