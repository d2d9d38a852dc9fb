//! Exercise: a receiver of numbered datagrams. One way to write it.

use std::collections::BTreeMap;

use checks::udp::{Payload, Receiver};

/// Whether `a` is newer than `b`.
pub fn is_newer(a: u16, b: u16) -> bool {
    let ahead = a.wrapping_sub(b);
    ahead > 0 && ahead < 1 << 15
}

/// The payloads that came early, by their numbers.
pub struct ReorderBuffer {
    next: u16,
    window: u16,
    early: BTreeMap<u16, Payload>,
}

impl Receiver for ReorderBuffer {
    fn new(first: u16, window: u16) -> ReorderBuffer {
        ReorderBuffer { next: first, window, early: BTreeMap::new() }
    }

    fn push(&mut self, number: u16, payload: Payload) -> Vec<Payload> {
        let mut given = Vec::new();
        if number != self.next && !is_newer(number, self.next) {
            return given;
        }
        // What is missing there is given up: there is nothing to remove.
        while number.wrapping_sub(self.next) >= self.window {
            given.extend(self.early.remove(&self.next));
            self.next = self.next.wrapping_add(1);
        }
        self.early.insert(number, payload);
        while let Some(payload) = self.early.remove(&self.next) {
            given.push(payload);
            self.next = self.next.wrapping_add(1);
        }
        given
    }

    fn kept(&self) -> usize {
        self.early.len()
    }
}
