//! Lesson 02: the Internet checksum, and forwarding as an IPv4 router does it.
//!
//! The checksum is that of RFC 1071, the order of the decisions that of RFC 1812: the header is
//! validated (5.2.1.1, step 2), the next hop determined (5.2.1.2, step 5), and then the TTL
//! decremented and checked (step 7).
//!
//! | argument | range | special |
//! |---|---|---|
//! | `bytes` | any | all rows of up to 6 of 4 bytes; each byte; around 2^16; a sum of 2^32 |
//! | TTL | any | every one; 0 and 1 with each table |
//! | checksum of the header | any | one flipped bit; 0000 and ffff, which both are zero; carries |
//! | destination | any | in each nested prefix and outside; the ends of a block, their neighbours |
//! | other bytes | any | 00 and ff in each; all 00, all ff |
//! | `table` | up to 256 routes, in any order | every one of up to 3 of 6 routes; empty |
//! | `length` | 0 to 32 | each, alone and with all others |
//! | `interface` | any | 0, 255, in another order than the lengths |
//!
//! Compared is the checksum; or the decision, and all bytes of the header after it. Left out are
//! prefixes with bits after their length and lengths over 32, which no router takes into its table;
//! options in the header; and what else RFC 1812, section 5.2.2, validates.
//!
//! What is right is found by arithmetic: a remainder modulo ffff, and the smallest block of
//! addresses. So the judge folds no carries and compares no bits.

mod bugs;
mod cases;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod right;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;
use std::iter;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_answers, draw_end};
use crate::{Screen, Stopped, grouped, hex, plural};
use cases::{Case, LENGTHS, LONG, ROUTES, SMALL};

/// One line of a routing table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The bits that a destination has to begin with, and zeros.
    pub prefix: Ipv4Addr,
    /// How many bits of the prefix count, at most 32.
    pub length: u8,
    /// The interface that packets leave by.
    pub interface: u8,
}

/// What a router does with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It leaves by this interface.
    Forward(u8),
    /// It is discarded: its header is damaged.
    BadChecksum,
    /// It is discarded and reported to its sender: no route fits.
    Unreachable,
    /// It is discarded and reported to its sender: its TTL allows no further hop.
    TimeExceeded,
}

/// Bytes of a header without options.
const HEADER: usize = 20;

/// The program of the exercise.
pub fn main(
    checksum: fn(&[u8]) -> u16,
    forward: fn(&mut [u8; 20], &[Route]) -> Decision,
) -> ExitCode {
    crate::program::main::<Packets>(solution(checksum, forward))
}

/// The reader's functions, or those that have bugs: a case is for one of them.
type Solution = Arc<dyn Fn(&Case) -> Answer + Send + Sync>;

fn solution(
    checksum: impl Fn(&[u8]) -> u16 + Send + Sync + 'static,
    forward: impl Fn(&mut [u8; HEADER], &[Route]) -> Decision + Send + Sync + 'static,
) -> Solution {
    Arc::new(move |case| match case {
        Case::Checksum(bytes) => Answer::Checksum(checksum(bytes)),
        Case::Forward(header, table) => {
            let mut header = *header;
            Answer::Forward(forward(&mut header, table), header)
        }
    })
}

/// What a function returned, and the header as it left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Checksum(u16),
    Forward(Decision, [u8; HEADER]),
}

/// The exercise of lesson 02.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packets;

impl Exercise for Packets {
    const ABOUT: About = About {
        name: "packets",
        functions: 2,
        hints: include_str!("hints.txt"),
        why: "No carry is lost, so one flipped bit always changes the sum. Each router decides by \
              the header and its own table alone: the longest prefix is the most specific, and \
              the TTL ends a packet that routers pass round in a circle.",
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
            "every row of up to {SMALL} of the bytes 00, 01, 80 and ff, every single byte, every \
             length up to {LENGTHS}, and up to {} bytes of ff; every table of up to {ROUTES} of \
             six routes, in every order, with destinations in each prefix and outside; every TTL, \
             every length of a prefix, every flipped bit of a header, and up to 256 routes",
            grouped(LONG[2]),
        )
    }

    fn call(solution: &Solution, case: &Case, (): &mut ()) -> Answer {
        solution(case)
    }

    fn expected(case: &Case) -> Answer {
        solution(right::checksum, right::forward)(case)
    }

    fn rule(case: &Case, got: &Answer, (): &()) -> Rule {
        rules::broken(case, &Self::expected(case), got)
    }

    fn rule_of_stop(case: &Case, stopped: &Stopped, (): &()) -> Rule {
        rules::of_stop(case, stopped)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> Solution {
        solution(
            move |bytes| bugs::checksum(bugs, bytes),
            move |header, table| bugs::forward(bugs, header, table),
        )
    }

    fn reference() -> Solution {
        solution(reference::checksum, reference::forward)
    }

    fn title(case: &Case) -> String {
        match case {
            Case::Checksum(bytes) => format!("checksum of {}", plural(bytes.len(), "byte")),
            Case::Forward(header, table) => {
                let (to, ttl) = (right::destination(header), header[8]);
                format!("a packet to {to}, TTL {ttl}, with {}", plural(table.len(), "route"))
            }
        }
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        const MOST: usize = 8;
        match case {
            Case::Checksum(bytes) => {
                vec![("bytes", hex::row(bytes, bytes.len())), ("words", addition(bytes))]
            }
            Case::Forward(header, table) => {
                let fields = format!("{}, to {}", changed(header), right::destination(header));
                let whole = format!("checksum of all 20 bytes: {:#06x}", right::checksum(header));
                let header = [("header", hex::row(header, HEADER)), ("", fields), ("", whole)];
                let routes = table.iter().take(MOST).map(|Route { prefix, length, interface }| {
                    format!("{prefix}/{length} by interface {interface}")
                });
                let rest = match table.len() {
                    0 => Some("empty".to_owned()),
                    count => (count > MOST).then(|| format!(".. {count} routes in all")),
                };
                let labels = iter::once("table").chain(iter::repeat(""));
                header.into_iter().chain(labels.zip(routes.chain(rest))).collect()
            }
        }
    }

    fn words(answer: &Answer) -> String {
        match answer {
            Answer::Forward(Decision::Forward(_), header) => {
                format!("{}, {}", decided(answer), changed(header))
            }
            _ => decided(answer),
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
        match (want, seen.and_then(|seen| seen.end.as_ref().ok())) {
            (_, Some(got)) if got == want => draw_answers(want, seen, screen),
            (Answer::Forward(decision, want), Some(Answer::Forward(same, got)))
                if decision == same =>
            {
                screen.row("", "decision", &format!("{decision:?}"))?;
                let words = |header: &[u8; HEADER]| match first_difference(want, got) {
                    Some(place) if ![8, 10, 11].contains(&place) => {
                        format!("byte {place}: {:02x}", header[place])
                    }
                    _ => changed(header),
                };
                screen.difference(&words(want), &words(got), "header")
            }
            (_, got) => draw_end(&decided(want), got.map(decided), seen, "answer", screen),
        }
    }

    fn part(case: &Case) -> usize {
        usize::from(matches!(case, Case::Forward(..)))
    }

    /// Not where the sum leaves a u32: that is a mistake of its own, beside any other.
    fn is_compared(case: &Case) -> bool {
        !matches!(case, Case::Checksum(bytes) if bytes.len() == LONG[2])
    }

    fn replay_string(case: &Case) -> Option<String> {
        let Case::Checksum(bytes) = case else { return None };
        let bytes = (bytes.len() <= hex::LONGEST).then(|| hex::dense(bytes))?;
        Some(format!("checksum.{}", if bytes.is_empty() { "none" } else { &bytes }))
    }
}

/// What a function returned, without the header.
fn decided(answer: &Answer) -> String {
    match answer {
        Answer::Checksum(checksum) => format!("{checksum:#06x}"),
        Answer::Forward(decision, _) => format!("{decision:?}"),
    }
}

/// What a router changes in a header.
fn changed(header: &[u8; HEADER]) -> String {
    format!("TTL {}, checksum {:#06x}", header[8], checksum_field(header))
}

fn checksum_field(header: &[u8; HEADER]) -> u16 {
    u16::from_be_bytes([header[10], header[11]])
}

/// The first byte in which two headers differ.
fn first_difference(one: &[u8; HEADER], other: &[u8; HEADER]) -> Option<usize> {
    (0..HEADER).find(|&place| one[place] != other[place])
}

/// The words that bytes are, and their sum with its carries.
fn addition(bytes: &[u8]) -> String {
    const MOST: usize = 4;
    let word = |bytes: &[u8]| format!("{:#06x}", right::sum(bytes));
    let words = bytes.chunks(2).take(MOST).map(word);
    let more = (bytes.len() > 2 * MOST).then(|| "..".to_owned());
    let words = words.chain(more).collect::<Vec<_>>().join(" + ");
    match bytes.len() {
        0 => "none".to_owned(),
        1 | 2 => words,
        _ => format!("{words} = {:#06x}", right::sum(bytes)),
    }
}

#[cfg(test)]
mod tests;
