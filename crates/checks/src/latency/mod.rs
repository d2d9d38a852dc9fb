//! Lesson 13: percentiles by nearest rank, of samples and of the histograms of many servers.
//!
//! | argument | range | special |
//! |---|---|---|
//! | `samples` | any, in any order | none, one, equal ones; 6 to 65,537 of them |
//! | a sample | any `u64` | 0; around 2^8 to 2^64 |
//! | `tenths` | any `u16` | 0, 1, 1,000, 1,001, the largest; every one of 25 samples |
//! | `counts` | 0 to 65 entries | zeros at the end; two lengths; each bucket alone |
//! | `servers` | any number | none; with no samples; every split of small samples; 300 |
//! | samples of all | up to 10^14 | around 2^8 to 2^32; the most |
//!
//! Compared is the percentile, and after a merge `counts` without the zeros at its end: a bucket
//! without an entry has no samples. Left out are more than 10^14 samples, whose number times
//! `tenths` may not fit into a `u64`, and buckets over 64, which no value has.
//!
//! What is right is found without ranks and without buckets: it is the smallest of the samples that
//! has enough others at or below it, and only then is its bucket asked for. So the judge does not
//! lean on the arithmetic that is the exercise.

mod bugs;
mod cases;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;
use std::iter;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers};
use crate::numbers::row;
use crate::{Screen, Stopped, grouped, plural};
use cases::{Case, LONG, MANY, SMALL, Server, bucket, upper_end};

/// How many samples a server has had in each bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Entry i counts the values of i binary digits: entry 0 the value 0, and any other those from
    /// 2^(i - 1) to 2^i - 1. There are up to 65; a bucket without an entry has no samples.
    pub counts: Vec<u64>,
}

/// The program of the exercise.
pub fn main(
    percentile: fn(&[u64], u16) -> Option<u64>,
    merge: fn(&mut Histogram, &Histogram),
    percentile_of_all: fn(&[Histogram], u16) -> Option<u64>,
) -> ExitCode {
    crate::program::main::<Latency>(solution(percentile, merge, percentile_of_all))
}

/// The reader's functions, or those that have bugs: a case is for one of them.
type Solution = Arc<dyn Fn(&Case) -> Answer + Send + Sync>;

fn solution(
    percentile: impl Fn(&[u64], u16) -> Option<u64> + Send + Sync + 'static,
    merge: impl Fn(&mut Histogram, &Histogram) + Send + Sync + 'static,
    percentile_of_all: impl Fn(&[Histogram], u16) -> Option<u64> + Send + Sync + 'static,
) -> Solution {
    Arc::new(move |case| match case {
        Case::Percentile(samples, tenths) => Answer::Percentile(percentile(samples, *tenths)),
        Case::Merge(servers) => {
            let [mut into, from] = servers.each_ref().map(Server::histogram);
            merge(&mut into, &from);
            Answer::merged(into)
        }
        Case::OfAll(servers, tenths) => {
            let servers: Vec<Histogram> = servers.iter().map(Server::histogram).collect();
            Answer::Percentile(percentile_of_all(&servers, *tenths))
        }
    })
}

/// What a function returned, or made of its argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Percentile(Option<u64>),
    Merged(Vec<u64>),
}

impl Answer {
    fn merged(Histogram { mut counts }: Histogram) -> Answer {
        let used = counts.iter().rposition(|&count| count > 0);
        counts.truncate(used.map_or(0, |last| last + 1));
        Answer::Merged(counts)
    }
}

/// The exercise of lesson 13.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latency;

impl Exercise for Latency {
    const ABOUT: About = About {
        name: "latency",
        functions: 3,
        hints: include_str!("hints.txt"),
        why: "The rank is rounded up, so at least as many samples as were asked for are at or \
              below the percentile. Counts of samples can be added, so the sum has the rank of \
              every sample of every server; a percentile has lost all counts.",
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
            "all rows of up to {SMALL} samples of three values, samples up to 2^64 - 1, rows of up \
             to {} and every tenth of a percent; all ways to split up to {SMALL} samples of four \
             buckets between two servers; and every bucket, up to {} servers and 10^14 samples",
            grouped(LONG),
            grouped(MANY),
        )
    }

    fn call(solution: &Solution, case: &Case, (): &mut ()) -> Answer {
        solution(case)
    }

    fn expected(case: &Case) -> Answer {
        match case {
            Case::Percentile(samples, tenths) => {
                Answer::Percentile(cases::right(&cases::counted(samples), *tenths))
            }
            Case::Merge(servers) => Answer::merged(Server::together(servers).histogram()),
            Case::OfAll(servers, tenths) => {
                let sample = cases::right(&Server::together(servers), *tenths);
                Answer::Percentile(sample.map(|sample| upper_end(bucket(sample))))
            }
        }
    }

    fn rule(case: &Case, got: &Answer, (): &()) -> Rule {
        rules::broken(case, &Self::expected(case), got)
    }

    fn rule_of_stop(case: &Case, stopped: &Stopped, (): &()) -> Rule {
        rules::of_stop(case, &Self::expected(case), stopped)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        solution(
            move |samples, tenths| bugs::percentile(bugs, samples, tenths),
            move |into, from| bugs::merge(bugs, into, from),
            move |servers, tenths| bugs::percentile_of_all(bugs, servers, tenths),
        )
    }

    fn reference() -> Solution {
        solution(reference::percentile, reference::merge, reference::percentile_of_all)
    }

    fn title(case: &Case) -> String {
        let samples = |servers: &[Server]| {
            let count = Server::together(servers).samples();
            plural(count as usize, "sample")
        };
        match case {
            Case::Percentile(row, tenths) => {
                format!("{} of {}", name(*tenths), plural(row.len(), "sample"))
            }
            Case::Merge(servers) => format!("merge 2 histograms with {}", samples(servers)),
            Case::OfAll(servers, tenths) if servers.is_empty() => {
                format!("{} of no server", name(*tenths))
            }
            Case::OfAll(servers, tenths) => {
                let count = plural(servers.len(), "server");
                format!("{} of {count} with {}", name(*tenths), samples(servers))
            }
        }
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        const SHOWN: usize = 3;
        let counts = |server: &Server| row(&server.histogram().counts);
        match case {
            Case::Percentile(samples, tenths) => {
                let mut sorted = samples.clone();
                sorted.sort_unstable();
                vec![
                    ("samples", runs(samples)),
                    ("sorted", runs(&sorted)),
                    ("tenths", rank_words(samples.len() as u64, *tenths)),
                ]
            }
            Case::Merge([into, from]) => vec![("into", counts(into)), ("from", counts(from))],
            Case::OfAll(servers, tenths) => {
                let labels = iter::once("counts").chain(iter::repeat(""));
                let shown = labels.zip(servers.iter().map(counts)).take(SHOWN);
                let more = format!(".. of {}", plural(servers.len(), "server"));
                let more = (servers.len() > SHOWN).then_some(("", more));
                let none = servers.is_empty().then(|| ("counts", "of no server".to_owned()));
                let samples = Server::together(servers).samples();
                let tenths = ("tenths", rank_words(samples, *tenths));
                shown.chain(more).chain(none).chain([tenths]).collect()
            }
        }
    }

    fn words(answer: &Answer) -> String {
        match answer {
            Answer::Percentile(percentile) => format!("{percentile:?}"),
            Answer::Merged(counts) => row(counts),
        }
    }

    fn part(case: &Case) -> usize {
        match case {
            Case::Percentile(..) => 0,
            Case::Merge(_) => 1,
            Case::OfAll(..) => 2,
        }
    }

    fn draw(
        case: &Case,
        want: &Answer,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        screen.all_labelled(&Self::describe(case))?;
        screen.line("")?;
        if let Case::OfAll(servers, _) = case {
            draw_buckets(servers, screen)?;
        }
        draw_answers(want, seen, screen)
    }
}

/// A row for each bucket that has samples: its two ends, what each server counts, and the ranks.
fn draw_buckets(servers: &[Server], screen: &mut Screen<'_>) -> io::Result<()> {
    const SHOWN: usize = 6;
    let all = Server::together(servers).histogram().counts;
    let mut below = 0;
    let rows = all.iter().enumerate().filter(|(_, count)| **count > 0);
    for (place, (bucket, count)) in rows.enumerate() {
        if place == SHOWN {
            screen.row("", "..", "")?;
            break;
        }
        if place == 0 {
            screen.row("bucket", "values", "samples")?;
        }
        let each = |server: &Server| {
            let counts = server.histogram().counts;
            counts.get(bucket).copied().unwrap_or(0).to_string()
        };
        let counts = match servers.len() {
            2..=3 => servers.iter().map(each).collect::<Vec<_>>().join(" + "),
            _ => count.to_string(),
        };
        let ranks = match count {
            1 => format!("rank {}", below + 1),
            _ => format!("ranks {} to {}", below + 1, below + count),
        };
        screen.row(&bucket.to_string(), &ends(bucket), &format!("{counts}: {ranks}"))?;
        below += count;
    }
    if below > 0 { screen.line("") } else { Ok(()) }
}

/// The values of a bucket, as in `4 to 7`; large ones by their powers of two.
fn ends(bucket: usize) -> String {
    match bucket {
        0 | 1 => bucket.to_string(),
        2..=16 => format!("{} to {}", 1 << (bucket - 1), upper_end(bucket)),
        _ => format!("2^{} to 2^{bucket} - 1", bucket - 1),
    }
}

/// A percentile's usual name, as in `p99.9`.
fn name(tenths: u16) -> String {
    format!("p{}", thousandths(u128::from(tenths) * 100))
}

/// A number of which this many thousandths are given, as in `1.5`.
fn thousandths(number: u128) -> String {
    let (whole, rest) = (number / 1000, number % 1000);
    format!("{whole}.{rest:03}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The rank that is asked for, and why.
fn rank_words(samples: u64, tenths: u16) -> String {
    let name = name(tenths);
    match (samples, tenths) {
        (0, _) => format!("{tenths}, {name} of no samples"),
        (_, 1001..) => format!("{tenths}, {name}: over 100 %"),
        _ => {
            let product = u128::from(samples) * u128::from(tenths);
            let rank = product.div_ceil(1000).max(1);
            let (percent, part) = (&name[1..], thousandths(product));
            format!("{tenths}, {name}: {percent} % of {samples} is {part}, so rank {rank}")
        }
    }
}

/// Numbers in their order, of which equal ones that stand together are counted.
fn runs(numbers: &[u64]) -> String {
    const SHOWN: usize = 8;
    let chunks = numbers.chunk_by(|one, next| one == next);
    let mut runs: Vec<String> = chunks
        .take(SHOWN + 1)
        .map(|run| match run.len() {
            1 => run[0].to_string(),
            count => format!("{} ({} times)", run[0], grouped(count)),
        })
        .collect();
    if runs.len() > SHOWN {
        runs[SHOWN] = format!(".. {} in all", grouped(numbers.len()));
    }
    if runs.is_empty() { "none".to_owned() } else { runs.join(", ") }
}

#[cfg(test)]
mod tests;
