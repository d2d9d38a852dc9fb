//! The cases: small streams in small buffers, then far indexes, long streams and much memory.

use std::collections::BTreeSet;

use crate::numbers::EDGES;

/// The longest of the small streams, and the largest of their buffers.
pub(super) const SMALL: u64 = 4;

/// The most bytes of the streams that come in three segments.
pub(super) const THIRDS: u64 = 3;

/// The largest buffer, and the longest segment.
pub(super) const MOST: usize = 65_535;

/// The bytes of a stream that comes byte by byte: more than there are values of one.
pub(super) const BYTES: u64 = 300;

/// The bytes of one that is longer than its buffer.
const LONG: u64 = 3_200;

/// Segments that a measured buffer of [`MEASURED`] bytes gets: many times what it may take.
const MANY: u64 = 300;
const MEASURED: usize = 64;

pub(super) const ALL: usize = usize::MAX;

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
    /// The index behind its last byte: that of another action is 0.
    pub(super) fn end(self) -> u128 {
        match self {
            Action::Push { first, count, .. } => u128::from(first) + count as u128,
            Action::New | Action::Read(_) => 0,
        }
    }

    pub(super) fn is_last(self) -> bool {
        matches!(self, Action::Push { is_last: true, .. })
    }

    /// The index of its first byte, if it is a segment.
    pub(super) fn first(self) -> Option<u64> {
        match self {
            Action::Push { first, .. } => Some(first),
            Action::New | Action::Read(_) => None,
        }
    }

    pub(super) fn brings(self, index: u64) -> bool {
        self.first().is_some_and(|first| first <= index) && u128::from(index) < self.end()
    }
}

/// A buffer, and what happens to it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(super) capacity: usize,
    pub(super) actions: Vec<Action>,
    /// Whether the memory that it takes is measured.
    pub(super) is_measured: bool,
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
    fn new(capacity: usize, actions: impl IntoIterator<Item = Action>) -> Case {
        Case { capacity, actions: actions.into_iter().collect(), is_measured: false }
    }

    /// In the end all is read, for only that shows which bytes are kept.
    fn read_out(capacity: usize, actions: impl IntoIterator<Item = Action>) -> Case {
        Case::new(capacity, actions.into_iter().chain([Action::Read(ALL)]))
    }

    fn measured(actions: impl IntoIterator<Item = Action>) -> Case {
        Case { is_measured: true, ..Case::read_out(MEASURED, actions) }
    }

    /// How many bytes each segment has.
    pub(super) fn segments(&self) -> impl Iterator<Item = usize> {
        self.actions.iter().filter_map(|action| match *action {
            Action::Push { count, .. } => Some(count),
            Action::New | Action::Read(_) => None,
        })
    }
}

/// The fewest actions first, and of those the ones that no window cuts.
pub(super) fn all() -> Vec<Case> {
    let mut small = small();
    small.sort_by_cached_key(|case| {
        let ends = case.actions.iter().map(|action| action.end());
        let is_cut = ends.max() > Some(case.capacity as u128);
        let last = case.actions.iter().filter(|action| action.is_last()).count();
        let bytes: usize = case.segments().sum();
        (case.actions.len(), case.capacity == 0, is_cut, last, bytes)
    });
    small.into_iter().chain(far()).chain(long()).chain(measured()).collect()
}

/// Every segment of a stream of `length` bytes: what ends where the stream does also as the last.
/// Without bytes only that one.
fn segments(length: u64) -> impl Iterator<Item = Action> {
    (0..=length).flat_map(move |first| {
        let some = (first + 1..=length).map(move |end| push(first, (end - first) as usize));
        some.chain([push_last(first, (length - first) as usize)])
    })
}

/// Every `count` segments of a stream of up to `length` bytes.
fn rows(count: usize, length: u64) -> impl Iterator<Item = Vec<Action>> {
    (0..=length).flat_map(move |end| {
        let longer = |rows: Vec<Vec<Action>>, _| {
            let with_each = |row: &Vec<Action>| {
                let row = row.clone();
                segments(end).map(move |segment| [&row[..], &[segment]].concat())
            };
            rows.iter().flat_map(with_each).collect()
        };
        let mut rows = (0..count).fold(vec![Vec::new()], longer);
        // Where the end does not come, these are segments of a longer stream as well.
        rows.retain(|row| end == length || row.iter().any(|segment| segment.is_last()));
        rows
    })
}

/// Every one and every two segments of the small streams, with a read between; and every three of
/// those that are a little shorter.
fn small() -> Vec<Case> {
    let [one, all] = [1, ALL].map(Action::Read);
    let mut cases = Vec::new();
    for capacity in 0..=SMALL as usize {
        cases.extend([Action::New, Action::Read(0), one, all].map(|it| Case::new(capacity, [it])));
        for empty in [push(0, 0), push(1, 0)] {
            cases.push(Case::read_out(capacity, [empty, push(0, 1), empty]));
        }
        for row in rows(1, SMALL) {
            cases.push(Case::read_out(capacity, [row[0], one]));
            cases.push(Case::read_out(capacity, row));
        }
        for row in rows(2, SMALL) {
            cases.extend([one, all].map(|it| Case::read_out(capacity, [row[0], it, row[1]])));
            cases.push(Case::read_out(capacity, row));
        }
    }
    // In a buffer for all of them, and in one for fewer, which a read moves along.
    for row in rows(3, THIRDS) {
        cases.push(Case::read_out(THIRDS as usize - 1, [row[0], row[1], one, row[2]]));
        cases.push(Case::read_out(THIRDS as usize, row));
    }
    cases
}

/// Segments far beyond the window, some of them at indexes that look near in fewer bits.
fn far() -> Vec<Case> {
    let edges = EDGES.into_iter().filter(|&edge| edge > SMALL);
    let edges = edges.flat_map(|edge| [0, 1, 3].map(|more| edge.saturating_add(more)));
    let cases = edges.collect::<BTreeSet<u64>>().into_iter().flat_map(|edge| {
        [push(edge, 1), push_last(edge, 2), push_last(edge, 0)].map(|far| {
            let read = Action::Read(2);
            Case::read_out(4, [far, push(0, 3), far, read, far, push(4, 2), far, push(3, 1)])
        })
    });
    cases.collect()
}

/// Buffers of other sizes, at their limits; and streams that are longer than their buffers.
fn long() -> Vec<Case> {
    let mut cases = Vec::new();
    for capacity in [100, 255, 256, 257, MOST] {
        let limit = capacity as u64;
        let actions = [push(0, 2), push(limit - 1, 2), Action::Read(1), push(limit, 2)];
        cases.push(Case::read_out(capacity, actions));
    }
    for capacity in [256, MOST] {
        let limit = capacity as u64;
        let full = [push(1, capacity), push(0, 1), Action::Read(capacity - 1)];
        let rest = [push_last(limit, 3), push(limit, 1), push_last(limit, 3)];
        cases.push(Case::read_out(capacity, full.into_iter().chain(rest)));
    }
    let backwards: Vec<u64> = (0..BYTES).rev().collect();
    let odd_then_even: Vec<u64> = (1..BYTES).step_by(2).chain((0..BYTES).step_by(2)).collect();
    for order in [backwards, odd_then_even] {
        let bytes = order.into_iter().map(|index| push(index, 1));
        cases.push(Case::read_out(BYTES as usize, bytes));
    }
    // Twice a hole, which is filled with some bytes more, beside others beyond the window.
    let turns = (0..LONG).step_by(160).flat_map(|first| {
        let one = [push(first + 30, 80), push(first.saturating_sub(5), 45), Action::Read(60)];
        let two = [push(first + 105, 60), push(first + 98, 10), Action::Read(100)];
        one.into_iter().chain(two)
    });
    cases.push(Case::read_out(100, turns.chain([push_last(LONG, 50)])));
    cases
}

/// Much that is not to be kept: what was read, what came before, what lies beyond.
fn measured() -> [Case; 3] {
    let size = MEASURED as u64;
    let read = (0..MANY).flat_map(|number| [push(number * size, MEASURED), Action::Read(ALL)]);
    // All of them different, behind a hole.
    let segments = (1..size).flat_map(|first| (1..=size - first).map(move |count| (first, count)));
    let again = segments.step_by(3).map(|(first, count)| push(first, count as usize));
    let again = again.chain([push(0, 1)]);
    let beyond = (1..=MANY).map(|number| push(number * size, MEASURED));
    let beyond = beyond.chain([push(0, MEASURED)]);
    [Case::measured(read), Case::measured(again), Case::measured(beyond)]
}
