//! A case as a table: what a function was given, what it should answer and what it does.

use std::io;

use super::cases::{Answer, Case};
use super::{Seen, first_wrong_entry};
use crate::{Screen, Stopped};

pub(super) fn draw(case: &Case, seen: &Seen, screen: &mut Screen<'_>) -> io::Result<()> {
    match case {
        Case::Receive { own, mine, theirs } => {
            screen.labelled("receive", &format!("n{own} receives a message"))?;
            screen.row("", "mine", &vector(mine))?;
            screen.row("", "theirs", &vector(theirs))?;
        }
        Case::Compare { a, b } => {
            screen.labelled("compare", "two stamps")?;
            screen.row("", "a", &vector(a))?;
            screen.row("", "b", &vector(b))?;
        }
    }
    let want = case.answer();
    if seen.as_ref() == Ok(&want) {
        return screen.row("", "answers", &words(&want));
    }
    let got = match seen {
        Ok(answer) => words(answer),
        Err(Stopped::DidNotTerminate) => "goes on for ever".to_owned(),
        Err(_) => "a panic".to_owned(),
    };
    let first_wrong = match first_wrong_entry(&want, seen) {
        Some(node) => format!("entry: n{node}'s"),
        None => "answer".to_owned(),
    };
    screen.difference(&words(&want), &got, &first_wrong)?;
    if let Err(Stopped::Panicked(panic)) = seen {
        screen.panic(panic)?;
    }
    match case {
        Case::Compare { a, b } => screen.labelled("entries", &differences(a, b)),
        Case::Receive { .. } => Ok(()),
    }
}

/// Where two stamps differ.
fn differences(a: &[u64], b: &[u64]) -> String {
    let side = |name: &str, differs: fn(&u64, &u64) -> bool| {
        let nodes = (0..a.len()).filter(|&node| differs(&a[node], &b[node]));
        let nodes: Vec<String> = nodes.map(|node| format!("n{node}'s")).collect();
        (!nodes.is_empty()).then(|| format!("{name} in a: {}", nodes.join(" and ")))
    };
    let sides = [side("smaller", |a, b| a < b), side("larger", |a, b| a > b)];
    let sides: Vec<String> = sides.into_iter().flatten().collect();
    match sides.is_empty() {
        true => "all are the same".to_owned(),
        false => sides.join("; "),
    }
}

fn words(answer: &Answer) -> String {
    match answer {
        Answer::Vector(entries) => vector(entries),
        Answer::Ordering(ordering) => format!("{ordering:?}"),
    }
}

/// As the page writes it, but where an entry is huge with spaces, at which a line can break.
fn vector(entries: &[u64]) -> String {
    let entries: Vec<String> = entries.iter().map(u64::to_string).collect();
    let comma = match entries.iter().all(|entry| entry.len() < 4) {
        true => ",",
        false => ", ",
    };
    format!("[{}]", entries.join(comma))
}
