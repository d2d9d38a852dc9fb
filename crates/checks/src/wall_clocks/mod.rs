//! Lesson 14: how far another clock is from one's own, and how sure that is.
//!
//! The four stamps are those of NTP (RFC 5905, section 8). It counts a delay that is slightly below
//! 0 as the precision of the clock; here that is refused, for these clocks run at one rate.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | offset | any, even beyond an `i64` | -4 to 4, all delays; the ends of an `i64`, 1/2 beyond |
//! | the request, the reply | 0 to 2^64 - 1 ns | 0 to 4 each; one of them long; an odd sum |
//! | the server's own time | the same | longer than the whole exchange |
//! | a clock | runs on, is set back | by up to 4; the client's, the server's, both |
//! | a stamp | any `i64` | every four of seven extremes; around powers of two, before 1970 |
//! | samples | any offset, any bound | every row of up to 3; bounds up to 2^64 - 1; 300 |
//!
//! Compared are the offset, the bound and the error. Left out are clocks that run at different
//! rates, and one that is set forward without a trace: nothing shows it.
//!
//! What is right is found from the two ends of the range of allowed offsets, and a test counts that
//! range offset by offset.

mod bugs;
mod cases;
mod draw;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_end};
use crate::{Screen, Stopped, plural};
use cases::{Case, EXTREMES, FEW, MANY, SMALL, allowed, right};
use draw::{list, part, truth, words};

/// What four stamps say of another clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What to add to one's own clock to get the other, in nanoseconds.
    pub offset: i64,
    /// How far from that the true offset may be, in nanoseconds.
    pub bound: u64,
}

/// Why four stamps say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSample {
    /// A clock shows less at the later of its two stamps.
    ClockSetBack,
    /// The server took longer than the whole exchange.
    NegativeDelay,
    /// The offset does not fit into an `i64`.
    OffsetTooLarge,
}

type Sampled = Result<Sample, BadSample>;

/// The stamps t1 to t4.
type Exchange = [i64; 4];

/// The program of the exercise.
pub fn main(
    sample: fn(i64, i64, i64, i64) -> Result<Sample, BadSample>,
    best: fn(&[Result<Sample, BadSample>]) -> Option<Sample>,
) -> ExitCode {
    crate::program::main::<WallClocks>(solution(sample, best))
}

/// The reader's functions, or those that have bugs: a case is for one of them.
type Solution = Arc<dyn Fn(&Case) -> Answer + Send + Sync>;

fn solution(
    sample: impl Fn(i64, i64, i64, i64) -> Sampled + Send + Sync + 'static,
    best: impl Fn(&[Sampled]) -> Option<Sample> + Send + Sync + 'static,
) -> Solution {
    Arc::new(move |case| match case {
        Case::Sample([t1, t2, t3, t4]) => Answer::Sample(sample(*t1, *t2, *t3, *t4)),
        Case::Best(samples) => Answer::Best(best(samples)),
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Sample(Sampled),
    Best(Option<Sample>),
}

/// The exercise of lesson 14.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallClocks;

impl Exercise for WallClocks {
    const ABOUT: About = About {
        name: "wall-clocks",
        functions: 2,
        hints: include_str!("hints.txt"),
        why: "The request shows the offset plus its own time, the reply the offset minus its own. \
              So the true offset lies between the two, and half the delay bounds the error of the \
              middle, however the delay is split. The less delay, the less is unknown.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = Solution;
    type Case = Case;
    type Answer = Answer;
    type Observation = ();
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn scope() -> String {
        format!(
            "every offset of up to {SMALL} ns with every request, reply and own time of up to \
             {SMALL} ns, and clocks that are set back; stamps before 1970, after 2106 and around \
             powers of two, every four of {} extremes; and every row of up to {FEW} samples, \
             refused ones among them, and of {MANY}",
            EXTREMES.len(),
        )
    }

    fn call(solution: &Solution, case: &Case, (): &mut ()) -> Answer {
        solution(case)
    }

    fn expected(case: &Case) -> Answer {
        match case {
            Case::Sample(exchange) => Answer::Sample(right(*exchange)),
            Case::Best(samples) => {
                let mut good: Vec<Sample> =
                    samples.iter().copied().filter_map(Result::ok).collect();
                // Equals stay in their order.
                good.sort_by_key(|sample| sample.bound);
                Answer::Best(good.first().copied())
            }
        }
    }

    fn rule(case: &Case, got: &Answer, (): &()) -> Rule {
        match (case, Self::expected(case), *got) {
            (Case::Sample(exchange), Answer::Sample(want), Answer::Sample(got)) => {
                rules::sampling(*exchange, want, got)
            }
            (Case::Best(samples), Answer::Best(want), Answer::Best(got)) => {
                rules::choosing(samples, want, got)
            }
            _ => unreachable!("each case is for one function"),
        }
    }

    fn rule_of_stop(_: &Case, stopped: &Stopped, (): &()) -> Rule {
        rules::of_stop(stopped)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        solution(
            move |t1, t2, t3, t4| bugs::sample(bugs, [t1, t2, t3, t4]),
            move |samples| bugs::best(bugs, samples),
        )
    }

    fn reference() -> Solution {
        solution(reference::sample, reference::best)
    }

    fn title(case: &Case) -> String {
        match case {
            Case::Sample([t1, t2, t3, t4]) => format!("sample({t1}, {t2}, {t3}, {t4})"),
            Case::Best(samples) => format!("best of {}", plural(samples.len(), "sample")),
        }
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        match case {
            Case::Sample(exchange) => {
                let [t1, t2, t3, t4] = exchange;
                let mut lines = vec![
                    ("t1", format!("{t1}, the client sends")),
                    ("t2", format!("{t2}, the server receives")),
                    ("t3", format!("{t3}, the server answers")),
                    ("t4", format!("{t4}, the client receives")),
                ];
                lines.extend(truth(*exchange));
                lines
            }
            Case::Best(samples) => list(samples),
        }
    }

    fn words(answer: &Answer) -> String {
        match answer {
            Answer::Sample(Ok(sample)) | Answer::Best(Some(sample)) => words(*sample),
            Answer::Sample(Err(error)) => format!("{error:?}"),
            Answer::Best(None) => "None".to_owned(),
        }
    }

    fn part(case: &Case) -> usize {
        usize::from(matches!(case, Case::Best(_)))
    }

    /// What becomes of a delay of 65 bits, where it should have been refused, depends on the types
    /// of a solution.
    fn is_compared(case: &Case) -> bool {
        let Case::Sample(exchange) = case else { return true };
        let (low, high) = allowed(*exchange);
        right(*exchange) != Err(BadSample::ClockSetBack) || high - low <= u64::MAX.into()
    }

    fn draw(
        case: &Case,
        want: &Answer,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        draw::draw(case, screen)?;
        screen.line("")?;
        let end = seen.and_then(|seen| seen.end.as_ref().ok());
        let kind = match (want, end) {
            (Answer::Sample(Ok(want)), Some(Answer::Sample(Ok(got)))) => {
                if want.offset == got.offset { "bound" } else { "offset" }
            }
            _ => "answer",
        };
        match end {
            Some(got) if got == want => screen.row("", "answer", &Self::words(want)),
            got => draw_end(&Self::words(want), got.map(Self::words), seen, kind, screen),
        }
    }

    /// The stamps, `sample.100.104.107.109`, or the samples, `best.3:1.NegativeDelay`, where they
    /// leave the command on one line.
    fn replay_string(case: &Case) -> Option<String> {
        const LONGEST: usize = 36;
        let parts: Vec<String> = match case {
            Case::Sample(exchange) => exchange.iter().map(i64::to_string).collect(),
            Case::Best(samples) => samples.iter().map(part).collect(),
        };
        let function = if matches!(case, Case::Sample(_)) { "sample" } else { "best" };
        let text = [&[function.to_owned()], &parts[..]].concat().join(".");
        (text.len() <= LONGEST).then_some(text)
    }
}

#[cfg(test)]
mod tests;
