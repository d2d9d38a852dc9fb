//! What is right: found by numbers that do not wrap, in a set out of which nothing is ever taken.

use std::collections::BTreeSet;

use super::After;
use super::cases::Arrivals;

/// What a receiver has to do, by all that came. Its numbers count from the first one, as those of
/// [`Arrivals`] do.
pub(super) struct Right<'a> {
    case: &'a Arrivals,
    /// Those that were not late.
    came: BTreeSet<i64>,
    pub(super) next: i64,
}

impl Right<'_> {
    /// After the first `count` datagrams of a case.
    pub(super) fn after(case: &Arrivals, count: usize) -> Right<'_> {
        let mut right = Right { case, came: BTreeSet::new(), next: 0 };
        case.datagrams[..count].iter().for_each(|&at| drop(right.push(at)));
        right
    }

    pub(super) fn is_kept(&self, at: i64) -> bool {
        at >= self.next && self.came.contains(&at)
    }

    pub(super) fn push(&mut self, at: i64) -> After {
        let first = self.next;
        if at >= first {
            self.came.insert(at);
            self.next = first.max(at + 1 - i64::from(self.case.window));
            while self.came.contains(&self.next) {
                self.next += 1;
            }
        }
        let given = self.came.range(first..self.next);
        After { given: given.map(|&at| Arrivals::payload(at)).collect(), kept: self.kept() }
    }

    pub(super) fn kept(&self) -> usize {
        self.came.range(self.next..).count()
    }
}
