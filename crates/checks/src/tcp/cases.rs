//! The cases: small streams in small buffers, then far indexes, long streams and much memory.

use std::ops::Range;

use crate::numbers::{EDGES, every_row};

/// The longest of the small streams, and the largest of their buffers.
pub(super) const SMALL: u64 = 4;

/// The most bytes of the streams that come in three segments.
pub(super) const THIRDS: u64 = 3;

/// The largest buffer, and the longest segment.
pub(super) const MOST: usize = 65_535;

/// The bytes of a stream that comes byte by byte: more than there are values of one.
const BYTES: u64 = 300;

/// The bytes of one that is longer than its buffer.
const LONG: u64 = 3_200;

/// The capacity of the buffers whose memory is measured, and the segments that they get: many times
/// what they may take.
pub(super) const MEASURED: usize = 64;
const MANY: u64 = 300;

pub(super) const READ_ALL: Action = Action::Read(usize::MAX);

/// What happens to a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing: it is new.
    New,
    Push {
        first: u64,
        count: usize,
        is_last: bool,
    },
    Read(usize),
}

impl Action {
    /// The indexes of the bytes that it brings: none, if it is not a segment.
    pub(super) fn brings(self) -> Range<u128> {
        match self {
            Action::Push { first, count, .. } => first.into()..u128::from(first) + count as u128,
            Action::New | Action::Read(_) => 0..0,
        }
    }

    pub(super) fn is_last(self) -> bool {
        matches!(self, Action::Push { is_last: true, .. })
    }
}

/// A buffer, and what happens to it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(super) capacity: usize,
    pub(super) actions: Vec<Action>,
}

/// The byte of every stream at this index: letters, and then all other bytes.
pub(super) fn byte(index: u64) -> u8 {
    b'a'.wrapping_add((index % 257) as u8)
}

fn push(first: u64, count: usize) -> Action {
    Action::Push { first, count, is_last: false }
}

fn push_last(first: u64, count: usize) -> Action {
    Action::Push { first, count, is_last: true }
}

impl Case {
    /// The bytes of memory that a buffer may take.
    pub(super) fn allowed(&self) -> usize {
        100 * self.capacity + 4096
    }

    /// In the end all is read, for only that shows which bytes are kept.
    fn read_out(capacity: usize, actions: &[Action]) -> Case {
        Case { capacity, actions: [actions, &[READ_ALL]].concat() }
    }
}

/// The fewest actions first, and of those the ones that no window cuts.
pub(super) fn all() -> Vec<Case> {
    let mut small = small();
    small.sort_by_cached_key(|case| {
        let brought = case.actions.iter().map(|action| action.brings());
        let is_cut = brought.clone().any(|bytes| bytes.end > case.capacity as u128);
        let last = case.actions.iter().filter(|action| action.is_last()).count();
        let bytes: u128 = brought.map(|bytes| bytes.end - bytes.start).sum();
        (case.actions.len(), case.capacity == 0, is_cut, last, bytes)
    });
    [small, far(), long(), measured()].concat()
}

/// Every `count` segments of a stream of up to `length` bytes. Without bytes only the last ones.
fn segments(count: usize, length: u64) -> Vec<Vec<Action>> {
    let all = (0..=length).flat_map(|first| {
        let counts = 0..=(length - first) as usize;
        counts.flat_map(move |count| [push(first, count), push_last(first, count)])
    });
    let all: Vec<Action> = all.filter(|one| one.is_last() || !one.brings().is_empty()).collect();
    let mut rows = every_row(&all, count);
    rows.retain(|row| agree(row));
    rows
}

/// Whether they can be of one stream: none goes beyond the end.
pub(super) fn agree(actions: &[Action]) -> bool {
    let last = actions.iter().filter(|action| action.is_last());
    last.map(|last| last.brings().end).all(|end| actions.iter().all(|one| one.brings().end <= end))
}

/// Every one and every two segments of the small streams, with a read between; and every three of
/// those that are a little shorter.
fn small() -> Vec<Case> {
    let one = Action::Read(1);
    let mut cases = Vec::new();
    for capacity in 0..=SMALL as usize {
        let alone = [Action::New, Action::Read(0), one, READ_ALL];
        cases.extend(alone.map(|action| Case { capacity, actions: vec![action] }));
        for empty in [push(0, 0), push(1, 0)] {
            cases.push(Case::read_out(capacity, &[empty, push(0, 1), empty]));
        }
        for row in segments(1, SMALL) {
            cases.push(Case::read_out(capacity, &[row[0], one]));
            cases.push(Case::read_out(capacity, &row));
        }
        for row in segments(2, SMALL) {
            cases.extend([one, READ_ALL].map(|it| Case::read_out(capacity, &[row[0], it, row[1]])));
            cases.push(Case::read_out(capacity, &row));
        }
    }
    // In a buffer for all of them, and in one for fewer, which a read moves along.
    for row in segments(3, THIRDS) {
        cases.push(Case::read_out(THIRDS as usize - 1, &[row[0], row[1], one, row[2]]));
        cases.push(Case::read_out(THIRDS as usize, &row));
    }
    cases
}

/// Segments far beyond the window, some of them at indexes that look near in fewer bits.
fn far() -> Vec<Case> {
    let mut cases = Vec::new();
    for &edge in &EDGES[1..] {
        for first in [0, 1, 3].map(|more| edge.saturating_add(more)) {
            for far in [push(first, 1), push_last(first, 2), push_last(first, 0)] {
                let read = Action::Read(2);
                let actions = [far, push(0, 3), far, read, far, push(4, 2), far, push(3, 1)];
                cases.push(Case::read_out(4, &actions));
            }
        }
    }
    cases
}

/// Buffers of other sizes, at their limits; and streams that are longer than their buffers.
fn long() -> Vec<Case> {
    let mut cases = Vec::new();
    for capacity in [100, 255, 256, 257, MOST] {
        let limit = capacity as u64;
        let actions = [push(0, 2), push(limit - 1, 2), Action::Read(1), push(limit, 2)];
        cases.push(Case::read_out(capacity, &actions));
        let full = [push(1, capacity), push(0, 1), Action::Read(capacity - 1)];
        let rest = [push_last(limit, 3), push(limit, 1), push_last(limit, 3)];
        cases.push(Case::read_out(capacity, &[full, rest].concat()));
    }
    let backwards: Vec<u64> = (0..BYTES).rev().collect();
    let odd_then_even: Vec<u64> = (1..BYTES).step_by(2).chain((0..BYTES).step_by(2)).collect();
    for order in [backwards, odd_then_even] {
        let bytes: Vec<Action> = order.into_iter().map(|index| push(index, 1)).collect();
        cases.push(Case::read_out(BYTES as usize, &bytes));
    }
    // Twice a hole, which is filled with some bytes more, beside others beyond the window.
    let turns = (0..LONG).step_by(160).flat_map(|first| {
        let one = [push(first + 30, 80), push(first.saturating_sub(5), 45), Action::Read(60)];
        let two = [push(first + 105, 60), push(first + 98, 10), Action::Read(100)];
        one.into_iter().chain(two)
    });
    let turns: Vec<Action> = turns.chain([push_last(LONG, 50)]).collect();
    cases.push(Case::read_out(100, &turns));
    cases
}

/// Much that is not to be kept: what was read, what came before, what lies beyond.
fn measured() -> Vec<Case> {
    let size = MEASURED as u64;
    let read = (0..MANY).flat_map(|number| [push(number * size, MEASURED), READ_ALL]);
    // All of them different, behind a hole.
    let again = (1..size).flat_map(|first| (1..=size - first).map(move |count| (first, count)));
    let again = again.step_by(3).chain([(0, 1)]).map(|(first, count)| push(first, count as usize));
    let beyond = (1..=MANY).chain([0]).map(|number| push(number * size, MEASURED));
    let all: [Vec<Action>; 3] = [read.collect(), again.collect(), beyond.collect()];
    all.map(|actions| Case::read_out(MEASURED, &actions)).to_vec()
}
