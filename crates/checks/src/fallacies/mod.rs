//! Lesson 12: fetch a list of prices, without three of the eight beliefs.
//!
//! | what varies | range | special |
//! |---|---|---|
//! | `ids` | 0 to 7, then 40 and 769 | every length up to 7; equal, unsorted; around 2^8 to 2^32 |
//! | failures | 0 to 4 attempts at each batch | in every way for up to three batches; for good |
//! | what is lost | the request, the answer | in turn, each of them first |
//! | the server moves | never, once, twice | in each call and wait; every 100, 340 and 1,000 ms |
//!
//! Compared is every look-up, call and wait, in their order, and the result. Two waits in a row are
//! one, and one of 0 ms is none. Left out are duplicates, prices that change, and a timeout of the
//! reader's own.
//!
//! What is right is computed call by call from the faults, where no network is asked (`right.rs`).

mod bugs;
mod cases;
mod draw;
mod network;
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod reference;
mod right;
mod rules;
#[cfg(test)]
#[expect(unreachable_pub, reason = "it reads as the reader's own file does")]
mod stub;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use crate::exercise::{About, Attempt, Bugs, Exercise, Mistake, Rule};
use crate::{Screen, Stopped, plural};
use cases::{Case, LONGEST, SMALL};
use network::Step;
pub use network::{Address, CallError, Network};

/// How many ids one call may ask for.
pub const BATCH: usize = 3;

/// How often a batch is tried, the first attempt included.
pub const ATTEMPTS: usize = 4;

/// The wait after the first failed attempt at a batch, in milliseconds.
pub const FIRST_WAIT: u64 = 100;

/// A batch got no answer, however often it was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaveUp;

/// The program of the exercise.
pub fn main(fetch_all: fn(&mut Network, &[u32]) -> Result<Vec<u32>, GaveUp>) -> ExitCode {
    crate::program::main::<Fallacies>(Arc::new(fetch_all))
}

/// What the reader writes.
pub(crate) type FetchAll =
    Arc<dyn Fn(&mut Network, &[u32]) -> Result<Vec<u32>, GaveUp> + Send + Sync>;

/// What is returned, and what was done before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    result: Result<Vec<u32>, GaveUp>,
    steps: Vec<Step>,
}

/// What the server asks for an item: different for each, and not the id.
fn price(id: u32) -> u32 {
    id.wrapping_mul(11).wrapping_add(100)
}

/// The place of the first step that is not the wanted one; behind the last where all are.
fn first_wrong(want: &[Step], got: &[Step]) -> usize {
    want.iter().zip(got).take_while(|(want, got)| want == got).count()
}

/// The exercise of lesson 12.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fallacies;

impl Exercise for Fallacies {
    const ABOUT: About = About {
        name: "fallacies",
        functions: 1,
        hints: include_str!("hints.txt"),
        why: "A lost message costs an attempt and not the list, a round trip brings as many prices \
              as fit, and an address is believed only as long as it answers. Since the attempts \
              have an end, a server that stays away costs seconds and not for ever.",
    };
    const MISTAKES: &'static [&'static [Mistake<bugs::Bug>]] = bugs::MISTAKES;

    type Solution = FetchAll;
    type Case = Case;
    type Answer = Answer;
    /// With the steps that it has seen.
    type Observation = Network;
    type Bug = bugs::Bug;

    fn cases() -> impl Iterator<Item = Case> {
        cases::all()
    }

    fn scope() -> String {
        format!(
            "lists of 0 to {SMALL} ids, where any number of attempts at each batch fails and the \
             server moves during any call or wait, or never; short lists where it moves twice; ids \
             from 0 to the largest, equal and unsorted ones; lists of up to {LONGEST} ids; and \
             servers that move again and again or are down for good"
        )
    }

    fn call(fetch_all: &FetchAll, case: &Case, network: &mut Network) -> Answer {
        *network = Network::new(case);
        let result = fetch_all(network, &case.ids);
        Answer { result, steps: network.steps.clone() }
    }

    fn expected(case: &Case) -> Answer {
        right::answer(case)
    }

    fn rule(case: &Case, got: &Answer, _: &Network) -> Rule {
        rules::broken(case, got)
    }

    fn rule_of_stop(_: &Case, stopped: &Stopped, _: &Network) -> Rule {
        rules::of_stop(stopped)
    }

    fn with_bugs(bugs: Bugs<bugs::Bug>) -> FetchAll {
        Arc::new(move |network, ids| bugs::fetch_all(bugs, network, ids))
    }

    fn reference() -> FetchAll {
        Arc::new(reference::fetch_all)
    }

    fn title(case: &Case) -> String {
        let faults = match case.faults() {
            0 => "no fault".to_owned(),
            count => plural(count, "fault"),
        };
        format!("{}, {faults}", plural(case.ids.len(), "id"))
    }

    fn describe(case: &Case) -> Vec<(&'static str, String)> {
        draw::describe(case)
    }

    fn words(answer: &Answer) -> String {
        let steps = plural(answer.steps.len(), "step");
        match &answer.result {
            Ok(prices) => format!("Ok({}), {steps}", plural(prices.len(), "price")),
            Err(GaveUp) => format!("Err(GaveUp), {steps}"),
        }
    }

    fn draw(
        case: &Case,
        want: &Answer,
        seen: Option<&Attempt<Self>>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        draw::draw(case, want, seen, screen)
    }

    fn replay_string(case: &Case) -> Option<String> {
        cases::text(case)
    }
}

#[cfg(test)]
mod tests;
