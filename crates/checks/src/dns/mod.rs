//! Lesson 05: a resolver, which follows referrals from the root and keeps a cache.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | zones | the root, to three below it | the root alone, a level left out, a zone of one name |
//! | servers of a zone | one or two, of eleven conducts | every one in each of three zones |
//! | look-ups | up to 100 | every two of nine names, every three of three, with waits between |
//! | what changes | an address, with each look-up | names come and go, servers fail and recover |
//! | a TTL | 0 to 2^31 - 1 | right before its end, at it, after it; 0 and 1 |
//! | the time | below 2^64 - 2^32 | around 2^8 to 2^63 |
//! | aliases | none to ten in a row | 8, 9; circles of 1 to 3; within a zone and across |
//!
//! Compared is each question, its server and its name, and what is returned: the contract leaves
//! no choice in them. Left out are circles of aliases with a TTL of 0, where a resolver that
//! notices the circle may ask less than one that counts; two records of a name; zones whose
//! servers get other addresses; and time that passes during a look-up.
//!
//! What is right is found by what the servers are, without reading a reply (`right`).

mod bugs;
mod cases;
mod net;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod right;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;
mod words;
mod world;

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::{io, iter};

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule, draw_end};
use crate::{Screen, Stopped, plural};
use net::Step;
pub use net::{Body, Data, MAX_ALIASES, Network, Record, Reply, ResolveError};
use words::{Place, first_wrong};
use world::Case;

/// What the reader writes.
pub trait Resolve {
    /// A resolver that knows the servers of the root.
    fn new(roots: Vec<Ipv4Addr>) -> Self;

    /// Looks up the address of a name.
    ///
    /// # Errors
    /// If there is no such name, no usable reply, or no end of aliases.
    fn resolve(&mut self, network: &mut Network, name: &str) -> Result<Ipv4Addr, ResolveError>;
}

/// The program of the exercise.
pub fn main<R: Resolve + 'static>() -> ExitCode {
    judge(solution::<R>())
}

/// Not generic, so that the judge is compiled here, and not with each save of the reader's file.
fn judge(solution: New) -> ExitCode {
    crate::program::main::<Dns>(solution)
}

/// What makes a resolver, which is called for each look-up.
type New = Arc<dyn Fn(Vec<Ipv4Addr>) -> Box<LookUp> + Send + Sync>;
type LookUp = dyn FnMut(&mut Network, &str) -> Result<Ipv4Addr, ResolveError>;

fn solution<R: Resolve + 'static>() -> New {
    Arc::new(|roots| {
        let mut resolver = R::new(roots);
        Box::new(move |network, name| resolver.resolve(network, name))
    })
}

/// The exercise of lesson 05.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dns;

impl Exercise for Dns {
    const ABOUT: About = About {
        name: "dns",
        functions: 1,
        hints: include_str!("hints.txt"),
        why: "Each referral leads one zone further down, so every walk ends. What a server says is \
              believed within its own zone, and only in reply to the question: anyone can send a \
              packet. And what is cached is as old as its TTL at most, so a change is seen by \
              then.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = New;
    type Case = Case;
    type Answer = Vec<Step>;
    /// With the steps so far.
    type Observation = Network;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all().into_iter()
    }

    fn scope() -> String {
        format!(
            "trees of one to four zones, every conduct of a server in each of three, and of two \
             servers in one; every two look-ups of {} names, with waits around each TTL, and every \
             three of three; TTLs of up to 2^31 - 1 and times of up to 2^63; aliases in rows and \
             circles",
            cases::NAMES.len(),
        )
    }

    fn call(solution: &New, case: &Case, network: &mut Network) -> Vec<Step> {
        *network = Network::new(case);
        let mut resolver = solution(case.servers(0));
        for (_, name) in &case.look_ups {
            network.begin();
            let result = resolver(network, name);
            network.steps.push(Step::Return(result));
        }
        network.steps.clone()
    }

    fn expected(case: &Case) -> Vec<Step> {
        right::steps(case)
    }

    fn rule(case: &Case, got: &Vec<Step>, _: &Network) -> Rule {
        rules::broken(case, got)
    }

    fn rule_of_stop(case: &Case, stopped: &Stopped, network: &Network) -> Rule {
        match stopped {
            Stopped::DidNotTerminate => rules::broken(case, &network.steps),
            Stopped::Panicked(_) | Stopped::Unsolved(_) => stopped.rule(),
        }
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> New {
        Arc::new(move |roots| {
            let mut buggy = bugs::Buggy::new(bugs, roots);
            Box::new(move |network, name| buggy.resolve(network, name))
        })
    }

    fn reference() -> New {
        solution::<reference::Resolver>()
    }

    fn title(case: &Case) -> String {
        let look_ups = plural(case.look_ups.len(), "look-up");
        format!("{look_ups}, {}", plural(case.zones.len(), "zone"))
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        let zones = (0..case.zones.len()).map(|zone| words::zone(case, zone));
        let names = words::named(case).into_iter().map(|name| words::name(case, name));
        let labels = |first| iter::once(first).chain(iter::repeat(""));
        labels("zones").zip(zones).chain(labels("names").zip(names)).collect()
    }

    fn words(steps: &Vec<Step>) -> String {
        const MOST: usize = 3;
        let last = &steps[steps.len().saturating_sub(MOST)..];
        last.iter().map(Step::words).collect::<Vec<_>>().join("; ")
    }

    fn draw(
        case: &Case,
        want: &Vec<Step>,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        /// The look-ups that are shown: that of the wrong step, and those before it.
        const SHOWN: usize = 3;
        screen.all_labelled(&Self::describe(case))?;
        screen.line("")?;
        let got = seen.map_or(want, |seen| &seen.observation.steps);
        let wrong = first_wrong(want, got);
        let shown = wrong.unwrap_or(want.len());
        let right = Place::of(want, shown.min(want.len() - 1)).number.saturating_sub(SHOWN);
        if right > 0 {
            screen.row("", &format!("{} right", plural(right, "look-up")), "")?;
        }
        for (at, step) in want.iter().enumerate().take(shown + 1) {
            let place = Place::of(want, at);
            if place.number <= right {
                continue;
            }
            let (_, looked_up) = case.look_ups[place.number - 1];
            if place.last.is_none() {
                let what = format!("{looked_up} at second {}", case.time(place.number));
                screen.row(&place.number.to_string(), "look up", &what)?;
            }
            match step {
                _ if at == shown => {}
                Step::Ask(server, name) => {
                    let of = if name == looked_up { "" } else { &format!("for {name}: ") };
                    let reply = case.reply(*server, 0, name, place.number);
                    let says = reply.map_or("no reply".to_owned(), |it| words::reply(name, &it));
                    screen.row("", &format!("ask {server}"), &format!("{of}{says}"))?;
                }
                Step::Return(result) => screen.row("", "return", &format!("{result:?}"))?,
            }
        }
        let Some(wrong) = wrong else { return Ok(()) };
        draw_end(&want[wrong].words(), got.get(wrong).map(Step::words), seen, "step", screen)
    }
}

#[cfg(test)]
mod tests;
