//! Exercise: the receive buffer of TCP. One way to write it.

use std::collections::VecDeque;

use checks::tcp::Receiver;

/// The bytes that have arrived and are not read.
pub struct ReceiveBuffer {
    capacity: usize,
    /// The index of the first byte that is not read.
    first: u64,
    /// The bytes from there on; `None` is a hole.
    slots: VecDeque<Option<u8>>,
    /// How many of them come before the first hole.
    ready: usize,
    end: Option<u64>,
}

impl Receiver for ReceiveBuffer {
    fn new(capacity: usize) -> ReceiveBuffer {
        ReceiveBuffer { capacity, first: 0, slots: VecDeque::new(), ready: 0, end: None }
    }

    fn push(&mut self, first_index: u64, bytes: &[u8], is_last: bool) {
        // Reading moves it, but a segment does not.
        let limit = self.first + self.capacity as u64;
        let end = first_index.saturating_add(bytes.len() as u64);
        if is_last && end <= limit {
            self.end = Some(end);
        }
        for (offset, &byte) in bytes.iter().enumerate() {
            let index = first_index.saturating_add(offset as u64);
            if (self.first..limit).contains(&index) {
                let slot = (index - self.first) as usize;
                if self.slots.len() <= slot {
                    self.slots.resize(slot + 1, None);
                }
                self.slots[slot] = Some(byte);
            }
        }
        while let Some(Some(_)) = self.slots.get(self.ready) {
            self.ready += 1;
        }
    }

    fn read(&mut self, at_most: usize) -> Vec<u8> {
        let count = self.ready.min(at_most);
        self.first += count as u64;
        self.ready -= count;
        self.slots.drain(..count).flatten().collect()
    }

    fn ack(&self) -> u64 {
        self.first + self.ready as u64
    }

    fn window(&self) -> usize {
        self.capacity - self.ready
    }

    fn is_complete(&self) -> bool {
        self.end == Some(self.ack())
    }
}
