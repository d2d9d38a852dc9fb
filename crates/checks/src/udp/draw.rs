//! How a case looks: the datagrams, each with the window that it finds.

use std::io;

use super::cases::Arrivals;
use super::right::Right;
use super::{After, Payload, Udp};
use crate::exercise::{Attempt, draw_end};
use crate::{Screen, grouped, hex, plural};

/// The most datagrams that are listed, or drawn up to a wrong one; the widest window whose places
/// are drawn; and the most payloads that are all named. Of more, the first few are.
pub(super) const SHOWN: usize = 8;
const NAMED: usize = 3;

/// The datagrams up to the first one after which something is wrong.
pub(super) fn draw(
    case: &Arrivals,
    want: &[After],
    seen: Option<&Attempt<Udp>>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let got = seen.map_or(&want[..want.len() - 1], |seen| &seen.observation);
    let wrong = (0..want.len()).find(|&place| got.get(place) != Some(&want[place]));
    let end = wrong.map_or(want.len(), |wrong| wrong + 1);
    let start = end.saturating_sub(SHOWN);
    let mut right = Right::after(case, start);

    let window = plural(case.window.into(), "number");
    let is_drawn = usize::from(case.window) <= SHOWN;
    let signs = if is_drawn { "; a letter is kept, . is missing" } else { "" };
    screen.labelled("window", &format!("{window}, from {} on{signs}", case.first))?;
    screen.line("")?;
    if start > 0 {
        screen.labelled("", &format!("{}: all is right", plural(start, "datagram")))?;
    }
    screen.row("next", "window", if case.datagrams.is_empty() { "" } else { "arrives" })?;
    for (place, want) in want.iter().enumerate().take(end).skip(start) {
        let next = case.number(right.next).to_string();
        let window =
            if is_drawn { places(case, &right) } else { format!("keeps {}", right.kept()) };
        let mut words = Vec::new();
        if let Some(&at) = case.datagrams.get(place) {
            words.push(case.words(at));
            right.push(at);
        }
        if wrong != Some(place) {
            words.push(want.words());
        }
        screen.row(&next, &window, &words.join(": "))?;
    }

    let Some(wrong) = wrong else { return Ok(()) };
    let want = &want[wrong];
    let Some(got) = got.get(wrong) else {
        return draw_end(&want.words(), None, seen, "answer", screen);
    };
    let kind = if got.given == want.given { "count" } else { "payload" };
    if want.words() != got.words() {
        return screen.difference(&want.words(), &got.words(), kind);
    }
    // It is one of those that are not named.
    let at = (0..want.given.len()).find(|&at| want.given[at] != got.given[at]).unwrap_or(0);
    let [want, got] =
        [want, got].map(|it| format!("{} as payload {}", text(&it.given[at]), at + 1));
    screen.difference(&want, &got, kind)
}

/// Each place of the window: the letter that is kept there, or a sign where it is not a letter.
fn places(case: &Arrivals, right: &Right<'_>) -> String {
    let sign = |at| match &Arrivals::payload(at)[..] {
        _ if !right.is_kept(at) => ".".to_owned(),
        &[letter] => char::from(letter).to_string(),
        _ => "*".to_owned(),
    };
    let places = right.next..right.next + i64::from(case.window);
    format!("[{}]", places.map(sign).collect::<Vec<_>>().join(" "))
}

fn text(payload: &Payload) -> String {
    let is_plain = payload.iter().all(u8::is_ascii_graphic);
    match str::from_utf8(payload) {
        Ok(text) if is_plain && (1..=SHOWN).contains(&text.len()) => text.to_owned(),
        _ => hex::row(payload, payload.len()),
    }
}

impl Arrivals {
    /// The number of a datagram, and its payload.
    pub(super) fn words(&self, at: i64) -> String {
        format!("{} {}", self.number(at), text(&Arrivals::payload(at)))
    }
}

impl After {
    pub(super) fn words(&self) -> String {
        let named = |count| self.given[..count].iter().map(text).collect::<Vec<_>>().join(" ");
        let given = match self.given.len() {
            0 => "nothing".to_owned(),
            count if count <= SHOWN => named(count),
            count => format!("{}: {} ..", grouped(count), named(NAMED)),
        };
        format!("gives {given}, keeps {}", grouped(self.kept))
    }
}
