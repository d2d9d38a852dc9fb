//! Every short list under every few faults, and then the boundaries.

use super::network::{Action, Address, CallEnd, ROUND_TRIP};
use super::{ATTEMPTS, BATCH, right};
use crate::numbers::EDGES;

/// A list, and what goes wrong while it is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Case {
    pub(super) ids: Vec<u32>,
    /// What is lost of each call, in the order of the calls; of later ones nothing.
    pub(super) losses: Vec<Option<Lost>>,
    /// When the server moves, each time to a new address, in milliseconds.
    pub(super) moves: Vec<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    Request,
    Answer,
}

/// The longest list that is tried with every few faults: three batches, the last of one id.
pub(super) const SMALL: u32 = 7;

/// How long a list is that is tried with two moves.
const MOVED_TWICE: usize = 4;

/// More calls than fit into a byte, and the last batch not full.
pub(super) const LONGEST: u32 = 3 * 256 + 1;

/// A list of fourteen batches.
const LONG: u32 = 40;

/// More losses than any client has attempts that stops at all.
const FOR_GOOD: usize = 1_000;

impl Case {
    /// Where the server is at this moment.
    pub(super) fn address_at(&self, moment: u64) -> Address {
        Address(self.moves.iter().filter(|&&at| at <= moment).count())
    }

    /// What comes of a call, counted from 0, that is sent to this address at this moment.
    pub(super) fn end(&self, call: usize, address: Address, sent: u64) -> CallEnd {
        match self.losses.get(call) {
            Some(Some(Lost::Request)) => CallEnd::RequestLost,
            _ if self.address_at(sent.saturating_add(ROUND_TRIP / 2)) != address => CallEnd::Moved,
            Some(Some(Lost::Answer)) => CallEnd::AnswerLost,
            _ => CallEnd::Answered,
        }
    }

    /// How much goes wrong.
    pub(super) fn faults(&self) -> usize {
        self.losses.iter().flatten().count() + self.moves.len()
    }

    /// This case with one more move of the server, at each call or wait of a right client.
    fn moved_once(&self) -> Vec<Case> {
        let after = self.moves.last().copied().unwrap_or(0);
        let moments = right::answer(self).steps.into_iter().filter_map(|step| match step.action {
            Action::LookUp(_) => None,
            // The request is in flight.
            Action::Call(..) => Some(step.at + ROUND_TRIP / 4),
            Action::Wait(ms) => Some(step.at + ms / 2),
        });
        let moments = moments.filter(|&moment| moment > after);
        moments
            .map(|at| Case { moves: [&self.moves[..], &[at]].concat(), ..self.clone() })
            .collect()
    }
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Case> {
    small().into_iter().chain(other_ids()).chain(long())
}

fn small() -> Vec<Case> {
    let mut all = Vec::new();
    for count in 0..=SMALL {
        let ids: Vec<u32> = (1..=count).collect();
        for failures in failures(ids.len().div_ceil(BATCH)) {
            let of =
                |first| Case { ids: ids.clone(), losses: losses(&failures, first), moves: vec![] };
            let case = of(Lost::Request);
            let moved = case.moved_once();
            if ids.len() <= MOVED_TWICE && case.faults() <= 1 {
                all.extend(moved.iter().flat_map(Case::moved_once));
            }
            let has_losses = case.faults() > 0;
            all.push(case);
            all.extend(has_losses.then(|| of(Lost::Answer)));
            all.extend(moved);
        }
    }
    all.sort_by_key(|case| (case.faults(), case.ids.len(), case.moves.len()));
    all
}

/// How many attempts at each batch fail, in every way. With all of them, no batch follows.
fn failures(batches: usize) -> Vec<Vec<usize>> {
    let Some(before) = batches.checked_sub(1) else { return vec![vec![]] };
    let all = failures(before).into_iter().flat_map(|begin| match begin.contains(&ATTEMPTS) {
        true => vec![begin],
        false => (0..=ATTEMPTS).map(|last| [&begin[..], &[last]].concat()).collect(),
    });
    all.collect()
}

/// What is lost, requests and answers in turn, so that this many attempts at each batch fail.
fn losses(failures: &[usize], first: Lost) -> Vec<Option<Lost>> {
    let mut lost = [first, first.other()].into_iter().cycle();
    let mut losses = Vec::new();
    for &count in failures {
        losses.extend(lost.by_ref().take(count).map(Some));
        losses.push(None);
    }
    losses.truncate(losses.iter().rposition(Option::is_some).map_or(0, |last| last + 1));
    losses
}

impl Lost {
    fn other(self) -> Lost {
        match self {
            Lost::Request => Lost::Answer,
            Lost::Answer => Lost::Request,
        }
    }
}

/// Ids at the edges of a type, equal ones, and those that are not sorted: without a fault, and with
/// one at each of the first calls.
fn other_ids() -> impl Iterator<Item = Case> {
    let edges = EDGES.into_iter().filter_map(|edge| edge.try_into().ok());
    let lists: [Vec<u32>; 8] = [
        vec![0],
        vec![u32::MAX],
        vec![5, 5],
        vec![3, 2, 1],
        vec![9, 9, 9, 9],
        vec![2, 1, 4, 3, 1, 2],
        [0].into_iter().chain(edges).collect(),
        (1..=SMALL).rev().collect(),
    ];
    let losses = [vec![], vec![Some(Lost::Answer)], vec![None, Some(Lost::Request)]];
    lists.into_iter().flat_map(move |ids| {
        let cases = losses.clone().map(|losses| Case { ids: ids.clone(), losses, moves: vec![] });
        let moved = cases[0].moved_once();
        cases.into_iter().chain(moved)
    })
}

/// Long lists: without a fault, with as many faults as can be borne, with one more, with a server
/// that moves again and again, and with one that is down for good.
fn long() -> impl Iterator<Item = Case> {
    let of = |count: u32, failures: &[usize]| Case {
        ids: (1..=count).collect(),
        losses: losses(failures, Lost::Answer),
        moves: vec![],
    };
    let borne = [ATTEMPTS - 1; 14];
    let one_more = [&borne[..9], &[ATTEMPTS]].concat();
    let moving =
        |apart: usize| Case { moves: (0..8_000).step_by(apart).skip(1).collect(), ..of(LONG, &[]) };
    let down = [1, SMALL, LONG].map(|count| of(count, &[FOR_GOOD]));
    let all = [of(LONG, &[]), of(LONGEST, &[]), of(LONG, &borne), of(LONG, &one_more)];
    all.into_iter().chain([100, 340, 1_000].map(moving)).chain(down)
}

/// A small case as a text: the number of its ids, then for each call q (its request is lost), p
/// (its answer, or reply, is lost) or - (nothing is), then each new address and its moment, as in
/// `ids4.-q.B80`.
pub(super) fn text(case: &Case) -> Option<String> {
    const MOST: usize = 16;
    if !case.ids.iter().copied().eq(1..=case.ids.len() as u32)
        || case.losses.len() > MOST
        || case.moves.len() > 2
    {
        return None;
    }
    let mut words = vec![format!("ids{}", case.ids.len())];
    let calls = case.losses.iter().map(|lost| match lost {
        Some(Lost::Request) => 'q',
        Some(Lost::Answer) => 'p',
        None => '-',
    });
    words.extend((!case.losses.is_empty()).then(|| calls.collect()));
    let moves = case.moves.iter().enumerate();
    words.extend(moves.map(|(place, at)| format!("{}{at}", Address(place + 1).name())));
    Some(words.join("."))
}
