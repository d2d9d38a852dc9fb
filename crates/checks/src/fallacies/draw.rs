//! How a case looks: each step with its moment and what comes of it, up to the first wrong one.

use std::io;

use super::cases::{Case, Lost};
use super::network::{Action, Address, CallEnd, Step};
use super::{Answer, Fallacies, GaveUp, first_wrong};
use crate::exercise::{Attempt, draw_stopped};
use crate::{Screen, grouped, plural};

/// The most ids, prices or faults that are listed, and the most steps before a wrong one.
const LISTED: usize = 7;
const STEPS: usize = 12;

pub(super) fn describe(case: &Case) -> Vec<(&'static str, String)> {
    let losses = case.losses.iter().enumerate().filter_map(|(place, lost)| {
        let what = match (*lost)? {
            Lost::Request => "request",
            Lost::Answer => "answer",
        };
        Some(format!("call {} ({what})", place + 1))
    });
    let moves = case.moves.iter().enumerate();
    let moves = moves.map(|(place, at)| {
        format!("moves from {} to {} at {at} ms", Address(place).name(), Address(place + 1).name())
    });
    let or = |text: String, none: &str| if text.is_empty() { none.to_owned() } else { text };
    vec![
        ("ids", or(numbers(&case.ids), "none")),
        ("lost", or(list(losses, ", "), "nothing")),
        ("server", or(list(moves, ", "), "stays at A")),
    ]
}

pub(super) fn draw(
    case: &Case,
    want: &Answer,
    seen: Option<&Attempt<Fallacies>>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    screen.all_labelled(&describe(case))?;
    screen.line("")?;
    let [wanted, came] = match seen.map(|seen| &seen.end) {
        Some(Ok(got)) => results(&want.result, &got.result),
        Some(Err(_)) | None => [returns(&want.result), String::new()],
    };
    let Some(Attempt { end, observation }) = seen else {
        return screen.row("", "want", &wanted);
    };
    let got = &observation.steps;
    let wrong = first_wrong(&want.steps, got);
    // What has stopped is shown up to its end.
    let shown = if end.is_ok() { wrong } else { got.len() };
    let first = shown.saturating_sub(STEPS);
    if first > 0 {
        screen.row("before", &plural(first, "step"), "")?;
    }
    for step in &got[first..shown] {
        let (does, what) = row(&step.action);
        screen.row(&moment(step.at), &does, &what)?;
    }
    let next = |steps: &[Step]| steps.get(wrong).map(|step| words(&step.action));
    match (end, next(&want.steps), next(got)) {
        (Err(stopped), ..) => draw_stopped(&wanted, stopped, "result", screen),
        (Ok(_), None, None) if wanted == came => screen.row("", &wanted, ""),
        (Ok(_), None, None) => screen.difference(&wanted, &came, "result"),
        (Ok(_), step, instead) => {
            screen.difference(&step.unwrap_or(wanted), &instead.unwrap_or(came), "step")
        }
    }
}

fn row(action: &Action) -> (String, String) {
    match action {
        Action::LookUp(address) => {
            ("look up".to_owned(), format!("the server is at {}", address.name()))
        }
        Action::Wait(ms) => ("wait".to_owned(), format!("{ms} ms")),
        Action::Call(address, ids, end) => {
            let end = match end {
                CallEnd::Answered => "answered",
                CallEnd::TooMany => "refused, too many",
                CallEnd::RequestLost => "no answer, the request is lost",
                CallEnd::AnswerLost => "no answer, the answer is lost",
                CallEnd::Moved => "no answer, the server has moved",
            };
            (format!("call {}", address.name()), format!("{}: {end}", numbers(ids)))
        }
    }
}

pub(super) fn words(action: &Action) -> String {
    match action {
        Action::LookUp(_) => "look up".to_owned(),
        Action::Wait(ms) => format!("wait {ms} ms"),
        Action::Call(address, ids, _) => format!("call {} for {}", address.name(), numbers(ids)),
    }
}

fn returns(result: &Result<Vec<u32>, GaveUp>) -> String {
    match result {
        Ok(prices) if prices.is_empty() => "returns Ok of no prices".to_owned(),
        Ok(prices) => format!("returns Ok of {}", numbers(prices)),
        Err(GaveUp) => "returns Err(GaveUp)".to_owned(),
    }
}

/// Two results; of long lists that begin alike, the first price that differs.
fn results(want: &Result<Vec<u32>, GaveUp>, got: &Result<Vec<u32>, GaveUp>) -> [String; 2] {
    if let (Ok(want), Ok(got)) = (want, got)
        && want.len() == got.len()
        && let Some(place) = (0..want.len()).find(|&place| want[place] != got[place])
        && place >= LISTED
    {
        return [want, got]
            .map(|prices| format!("returns {} as price {}", prices[place], place + 1));
    }
    [want, got].map(returns)
}

fn numbers(numbers: &[u32]) -> String {
    list(numbers.iter().map(u32::to_string), " ")
}

/// The first of these, and how many there are.
fn list(items: impl Iterator<Item = String>, separator: &str) -> String {
    let items: Vec<String> = items.collect();
    let shown = items[..items.len().min(LISTED)].join(separator);
    match items.len() > LISTED {
        true => format!("{shown} .., {} in all", grouped(items.len())),
        false => shown,
    }
}

/// A moment in at most seven characters, however late it is.
fn moment(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{ms} ms"),
        10_000..1_000_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => "> 999 s".to_owned(),
    }
}

impl Address {
    /// A letter, or for one beyond Z a number.
    pub(super) fn name(self) -> String {
        match u8::try_from(self.0) {
            Ok(place @ 0..26) => char::from(b'A' + place).to_string(),
            _ => format!("#{}", self.0 + 1),
        }
    }
}
