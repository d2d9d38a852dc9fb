//! A case as a table: what goes in, in bits as well, and what should come out and does.

use std::io;

use super::cases::Case;
use super::observe::Answer;
use crate::hex::spaced;
use crate::{Screen, Stopped, grouped};

pub(super) fn draw(case: &Case, seen: &Answer, screen: &mut Screen<'_>) -> io::Result<()> {
    match case {
        Case::Encode(number) => {
            screen.row("encode", "the number", &number.to_string())?;
            screen.row("", "in bits", &groups(*number))?;
        }
        Case::Decode(bytes) if bytes.is_empty() => screen.row("decode", "the bytes", "none")?,
        Case::Decode(bytes) => {
            screen.row("decode", "the bytes", &spaced(bytes))?;
            screen.row("", "in bits", &bits(bytes))?;
        }
    }
    let want = case.answer();
    if *seen == want {
        return screen.row("", "answers", &words(seen));
    }
    screen.difference(&words(&want), &words(seen), "answer")?;
    match seen {
        Answer::Stopped(Stopped::Panicked(panic)) => screen.panic(panic),
        _ => Ok(()),
    }
}

/// A number in groups of seven bits, as in `10 0101100`: as one would write it, the most
/// significant first.
fn groups(number: u64) -> String {
    let mut groups = Vec::new();
    let mut rest = number;
    while rest >= 128 {
        groups.push(format!("{:07b}", rest % 128));
        rest /= 128;
    }
    groups.push(format!("{rest:b}"));
    groups.reverse();
    groups.join(" ")
}

/// Bytes in bits, the eighth apart, as in `1_0101100`.
fn bits(bytes: &[u8]) -> String {
    let byte = |byte: &u8| format!("{}_{:07b}", byte / 128, byte % 128);
    let bytes: Vec<String> = bytes.iter().map(byte).collect();
    bytes.join(" ")
}

fn words(answer: &Answer) -> String {
    match answer {
        Answer::Encoded { count: 0, .. } => "no bytes".to_owned(),
        Answer::Encoded { start, count } if start.len() == *count => spaced(start),
        Answer::Encoded { start, count } => {
            format!("{} .., {} bytes", spaced(start), grouped(*count))
        }
        Answer::Decoded(result) => format!("{result:?}"),
        Answer::Stopped(Stopped::Panicked(_)) => "a panic".to_owned(),
        Answer::Stopped(_) => "no end".to_owned(),
    }
}
