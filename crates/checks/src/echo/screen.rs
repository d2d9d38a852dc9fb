//! A case as a table: what each read handed out, and what each call made of it.

use std::io;

use super::MAX_BODY;
use super::cases::{Answer, Case, Ending, FAILURE};
use super::stream::{Call, SeenRead};
use crate::{Screen, grouped};

/// Reads of one call that are shown. One that asks for ever has more.
const MOST_READS: usize = 12;

/// Bytes of an answer that are shown. A right one has no more.
const MOST_BYTES: usize = MAX_BODY;

/// Characters of a panic's message that are shown.
const MOST_WORDS: usize = 200;

pub(super) fn draw(case: &Case, seen: &[Call], screen: &mut Screen<'_>) -> io::Result<()> {
    let mut stream: Vec<String> = case.pieces().into_iter().map(hex).collect();
    stream.push(ending(case));
    screen.labelled("stream", &stream.join(" | "))?;
    for (number, (want, call)) in case.answers().iter().zip(seen).enumerate() {
        screen.line("")?;
        draw_reads(case, number + 1, &call.reads, screen)?;
        if call.answer == *want {
            row(screen, "", "answers", &words(want))?;
        } else {
            return draw_difference(want, &call.answer, screen);
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
        row(screen, &call, "reads nothing", "")?;
    }
    for (number, read) in reads.iter().take(MOST_READS).enumerate() {
        let label = if number == 0 { &call } else { "" };
        let does = format!("reads up to {}", read.room);
        let gets = match &case.bytes[read.at..read.at + read.count] {
            [] if read.room > 0 => ending(case),
            bytes => hex(bytes),
        };
        row(screen, label, &does, &gets)?;
    }
    match reads.len().saturating_sub(MOST_READS) {
        0 => Ok(()),
        more => row(screen, "", &format!("and {more} times more"), ""),
    }
}

fn draw_difference(want: &Answer, got: &Answer, screen: &mut Screen<'_>) -> io::Result<()> {
    row(screen, "", "want", &words(want))?;
    let (got_words, mark) = (words(got), screen.mark());
    if screen.is_narrow() {
        row(screen, "", "got", &got_words)?;
        screen.line(&format!("{:10}{mark} first wrong answer", ""))?;
    } else {
        let row = format!("{:10}{:18}{got_words:26}", "", "got");
        screen.line(&format!("{row}{mark} first wrong answer"))?;
    }
    if let Answer::Panicked(panic) = got {
        let message: String = panic.message.chars().take(MOST_WORDS).collect();
        row(screen, "", "it says", &message)?;
        row(screen, "", "at", &panic.place)?;
    }
    Ok(())
}

/// One row of the table. Its columns are what the widest of their texts need; where they do not fit, the last comes below.
fn row(screen: &mut Screen<'_>, call: &str, does: &str, what: &str) -> io::Result<()> {
    let head = format!("  {call:8}{does:18}");
    if screen.is_narrow() && !what.is_empty() {
        screen.line(&head)?;
        return screen.paragraph(&" ".repeat(12), what, 12);
    }
    screen.paragraph(&head, what, 28)
}

fn words(answer: &Answer) -> String {
    match answer {
        Answer::Frame(body) if body.is_empty() => "Some(no bytes)".to_owned(),
        Answer::Frame(body) if body.len() <= MOST_BYTES => format!("Some({})", hex(body)),
        Answer::Frame(body) => {
            let start = hex(&body[..MOST_BYTES - 2]);
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

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}
