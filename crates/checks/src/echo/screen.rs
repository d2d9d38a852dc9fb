//! A case as a table: what each read handed out, and what each call made of it.

use std::io;

use super::MAX_BODY;
use super::cases::{Answer, Case, Ending, FAILURE};
use super::stream::{Call, SeenRead};
use crate::hex::spaced;
use crate::{Screen, grouped};

/// Reads of one call that are shown. One that asks for ever has more.
const MOST_READS: usize = 12;

/// Bytes of an answer that are shown. A right one has no more.
const MOST_BYTES: usize = MAX_BODY;

pub(super) fn draw(case: &Case, seen: &[Call], screen: &mut Screen<'_>) -> io::Result<()> {
    let mut stream: Vec<String> = case.pieces().into_iter().map(spaced).collect();
    stream.push(ending(case));
    screen.labelled("stream", &stream.join(" | "))?;
    for (number, (want, call)) in case.answers().iter().zip(seen).enumerate() {
        screen.line("")?;
        draw_reads(case, number + 1, &call.reads, screen)?;
        if call.answer == *want {
            screen.row("", "answers", &words(want))?;
        } else {
            screen.difference(&words(want), &words(&call.answer), "answer")?;
            return match &call.answer {
                Answer::Panicked(panic) => screen.panic(panic),
                _ => Ok(()),
            };
        }
    }
    Ok(())
}

fn draw_reads(
    case: &Case,
    call: usize,
    reads: &[SeenRead],
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let call = format!("call {call}");
    if reads.is_empty() {
        screen.row(&call, "reads nothing", "")?;
    }
    for (number, read) in reads.iter().take(MOST_READS).enumerate() {
        let label = if number == 0 { &call } else { "" };
        let does = format!("reads up to {}", read.room);
        let gets = match &case.bytes[read.at..read.at + read.count] {
            [] if read.room > 0 => ending(case),
            bytes => spaced(bytes),
        };
        screen.row(label, &does, &gets)?;
    }
    match reads.len().saturating_sub(MOST_READS) {
        0 => Ok(()),
        more => screen.row("", &format!("and {more} times more"), ""),
    }
}

fn words(answer: &Answer) -> String {
    match answer {
        Answer::Frame(body) if body.is_empty() => "Some(no bytes)".to_owned(),
        Answer::Frame(body) if body.len() <= MOST_BYTES => format!("Some({})", spaced(body)),
        Answer::Frame(body) => {
            let start = spaced(&body[..MOST_BYTES - 2]);
            format!("Some({start} .., {})", grouped(body.len()))
        }
        Answer::End => "None".to_owned(),
        Answer::TooLong => format!("TooLong: over MAX_BODY, {MAX_BODY}"),
        Answer::TooLongTooLate => "TooLong, but too late".to_owned(),
        Answer::CutShort => "CutShort".to_owned(),
        Answer::Failed(kind) => format!("Io({kind:?})"),
        Answer::Panicked(_) => "a panic".to_owned(),
        Answer::ReadsForEver => "reads on for ever".to_owned(),
    }
}

fn ending(case: &Case) -> String {
    match case.ending {
        Ending::End => "end".to_owned(),
        Ending::Failure => format!("{FAILURE:?}"),
    }
}
