//! A case as a ladder of the right stamps, up to the event that has a wrong one.

use std::io;

use super::cases::{Case, Kind, letter};
use super::ladder;
use super::run::{Seen, Wrong};
use crate::{Screen, Stopped};

pub(super) fn draw(case: &Case, seen: &Seen, screen: &mut Screen<'_>) -> io::Result<()> {
    let wrong = seen.first_wrong(case);
    let right = wrong.as_ref().map_or(case.events.len(), |wrong| wrong.place);
    let mut labels: Vec<String> = seen.stamps[..right].iter().map(u64::to_string).collect();
    if wrong.is_some() {
        labels.push("?".to_owned());
    }
    ladder::draw(case, &labels, screen)?;
    let Some(wrong) = wrong else { return Ok(()) };

    screen.line("")?;
    screen.labelled("event", &event(case, seen, wrong.place))?;
    screen.difference(&wrong.want.to_string(), &got(seen, &wrong), "stamp")?;
    if let (None, Some(Stopped::Panicked(panic))) = (wrong.got, &seen.stopped) {
        screen.panic(panic)?;
    }
    match (wrong.cause, wrong.got) {
        (Some(cause), Some(got)) => {
            let stamp = seen.stamps[cause];
            let cause = name(case, cause);
            let effect = name(case, wrong.place);
            let broken = format!("{cause} has stamp {stamp}; its effect, {effect}, has {got}");
            screen.labelled("cause", &broken)
        }
        _ => Ok(()),
    }
}

fn got(seen: &Seen, wrong: &Wrong) -> String {
    match (wrong.got, &seen.stopped) {
        (Some(stamp), _) => stamp.to_string(),
        (None, Some(Stopped::DidNotTerminate)) => "goes on for ever".to_owned(),
        (None, _) => "a panic".to_owned(),
    }
}

/// What the `?` of the ladder is, and the stamp before it. Where the clock itself is, only the
/// reader's code knows.
fn event(case: &Case, seen: &Seen, place: usize) -> String {
    let node = letter(case.events[place].node);
    let does = match case.events[place].kind {
        Kind::Local => "does something by itself".to_owned(),
        Kind::Send { to } => format!("sends m{} to {}", case.message(place), letter(to)),
        Kind::Receive { message, sending } => {
            format!("receives m{message}, stamped {}", seen.stamps[sending])
        }
    };
    match case.previous(place) {
        Some(previous) => format!("{node}, last stamped {}, {does}", seen.stamps[previous]),
        None => format!("{node}, at its first event, {does}"),
    }
}

fn name(case: &Case, place: usize) -> String {
    let node = letter(case.events[place].node);
    match case.events[place].kind {
        Kind::Local => {
            let before = case.events[..=place].iter();
            let count = before.filter(|event| event.node == case.events[place].node);
            format!("event {} of {node}", count.count())
        }
        Kind::Send { .. } => format!("the sending of m{}", case.message(place)),
        Kind::Receive { message, .. } => format!("the receipt of m{message}"),
    }
}
