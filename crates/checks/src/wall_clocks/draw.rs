//! How a case looks: the two clocks beside each other, or the samples.

use std::io;

use super::cases::{Case, allowed, right};
use super::{BadSample, Exchange, Sample, Sampled, WallClocks};
use crate::exercise::Exercise;
use crate::{Screen, plural};

/// The ladder of an exchange and its story, or the case in lines where the ladder is too wide.
pub(super) fn draw(case: &Case, screen: &mut Screen<'_>) -> io::Result<()> {
    let Case::Sample(exchange) = case else {
        return screen.all_labelled(&WallClocks::describe(case));
    };
    const MARGIN: usize = 2;
    let ladder = ladder(exchange);
    if ladder.lines().any(|line| MARGIN + line.chars().count() > screen.width()) {
        return screen.all_labelled(&WallClocks::describe(case));
    }
    screen.picture(&ladder)?;
    screen.line("")?;
    screen.all_labelled(&truth(*exchange))
}

/// A sample as a replay string has it.
pub(super) fn part(sampled: &Sampled) -> String {
    match sampled {
        Ok(Sample { offset, bound }) => format!("{offset}:{bound}"),
        Err(error) => format!("{error:?}"),
    }
}

pub(super) fn words(Sample { offset, bound }: Sample) -> String {
    format!("offset {offset}, bound {bound}")
}

/// What happened in an exchange. Of the offsets that the stamps allow, the one nearest to 0 is the
/// true one: the simplest story.
pub(super) fn truth(exchange: Exchange) -> Vec<(&'static str, String)> {
    let (low, high) = allowed(exchange);
    let [t1, t2, t3, t4] = exchange.map(i128::from);
    let set_back = |whose: &str| format!("{whose} set back during the exchange");
    let text = match right(exchange) {
        Err(BadSample::ClockSetBack) if t3 >= t2 => set_back("the client's clock was"),
        Err(BadSample::ClockSetBack) if t4 >= t1 => set_back("the server's clock was"),
        Err(BadSample::ClockSetBack) => set_back("both clocks were"),
        Err(BadSample::NegativeDelay) => format!(
            "the server's clock counts {} ns in an exchange of {} ns: a clock was changed",
            t3 - t2,
            t4 - t1,
        ),
        Ok(_) | Err(BadSample::OffsetTooLarge) => {
            let truth = low.max(0).min(high);
            let (request, own, reply) = (high - truth, t3 - t2, truth - low);
            let truth = format!(
                "offset {truth}; the request took {request} ns, the server {own} ns, the reply \
                 {reply} ns"
            );
            let range = match high - low {
                0 => format!("{low} alone: there is no delay to split"),
                delay => format!(
                    "{low} to {high}: the stamps do not say how a delay of {delay} ns is split"
                ),
            };
            return vec![("truth", truth), ("range", range)];
        }
    };
    vec![("truth", text)]
}

/// The first samples, one a line.
pub(super) fn list(samples: &[Sampled]) -> Vec<(&'static str, String)> {
    const SHOWN: usize = 6;
    let words = |sampled: &Sampled| match *sampled {
        Ok(sample) => words(sample),
        Err(error) => format!("refused: {error:?}"),
    };
    let shown = samples.iter().take(SHOWN).map(words);
    let more = samples.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("and {}", plural(more, "more sample")));
    let mut lines: Vec<_> = shown.chain(more).map(|line| ("", line)).collect();
    match lines.first_mut() {
        Some(first) => first.0 = "samples",
        None => lines.push(("samples", "none".to_owned())),
    }
    lines
}

/// The two clocks beside each other, time going down.
fn ladder(exchange: &Exchange) -> String {
    let [t1, t2, t3, t4] = exchange.map(|stamp| format!("{stamp:3}"));
    let (left, right) = (3 + t1.len().max(t4.len()), 3 + t2.len().max(t3.len()));
    let row = |client: &str, arrow: &str, server: &str| {
        format!("{client:left$} {arrow:10} {server:right$}")
    };
    let pad = |name: &str, stamp: &str, width: usize| format!("{name} {stamp:>0$}", width - 3);
    [
        row("client", "", "server"),
        row(&pad("t1", &t1, left), "─────────▶", &pad("t2", &t2, right)),
        row(&format!("{:^left$}", "│"), "", &format!("{:^right$}", "│")),
        row(&pad("t4", &t4, left), "◀─────────", &pad("t3", &t3, right)),
    ]
    .join("\n")
}
