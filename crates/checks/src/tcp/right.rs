//! What is right: a map from index to byte, out of which nothing is ever taken.

use std::ops::Range;

use super::After;
use super::cases::{Action, Case, byte};

/// What a buffer has to answer, by all that happened to it.
#[derive(Debug)]
pub(super) struct Right {
    capacity: u64,
    /// For each index whether its byte has come while it lay in the window: which byte, all agree.
    came: Vec<bool>,
    /// How many bytes are read.
    pub(super) read: u64,
    pub(super) ack: u64,
    pub(super) end: Option<u64>,
}

impl Right {
    pub(super) fn new(capacity: usize) -> Right {
        Right { capacity: capacity as u64, came: Vec::new(), read: 0, ack: 0, end: None }
    }

    /// After the first `count` actions of a case.
    pub(super) fn after(case: &Case, count: usize) -> Right {
        let mut right = Right::new(case.capacity);
        case.actions[..count].iter().for_each(|&action| drop(right.act(action)));
        right
    }

    /// The first index beyond the window.
    pub(super) fn limit(&self) -> u64 {
        self.read + self.capacity
    }

    pub(super) fn has(&self, index: u64) -> bool {
        self.came.get(index as usize) == Some(&true)
    }

    /// The answers after one action more.
    pub(super) fn act(&mut self, action: Action) -> After {
        let mut read = None;
        match action {
            Action::New => {}
            Action::Push { is_last, .. } => {
                let Range { start, end } = action.brings();
                let limit = u128::from(self.limit());
                if is_last && end <= limit {
                    self.end = Some(end as u64);
                }
                let [from, to] = [start, end].map(|at| at.min(limit) as usize);
                self.came.resize(self.came.len().max(to), false);
                self.came[from..to].fill(true);
                while self.has(self.ack) {
                    self.ack += 1;
                }
            }
            Action::Read(at_most) => {
                let from = self.read;
                self.read = self.ack.min(from.saturating_add(at_most as u64));
                read = Some((from..self.read).map(byte).collect());
            }
        }
        After {
            read,
            ack: self.ack,
            window: (self.limit() - self.ack) as usize,
            is_complete: self.end == Some(self.ack),
            takes_too_much: false,
        }
    }
}
