//! Exercise: the receive buffer of TCP.
//!
//! The bytes of a stream, counted from index 0, arrive in segments: in any order, more than once,
//! overlapping. The buffer puts them in order, and the application reads them when it likes.
//!
//! | the function | what it does |
//! |---|---|
//! | `new` | makes an empty buffer with room for `capacity` bytes |
//! | `push` | takes in a segment: `bytes` of the stream, from `first_index` on |
//! | `read` | takes the next bytes out: all that are ready, but at most `at_most` |
//! | `ack` | returns the next index expected: every byte before it has arrived |
//! | `window` | returns the room that is left: `capacity` minus the bytes that are ready |
//! | `is_complete` | returns whether every byte up to the end has arrived, read or not |
//!
//! A byte is ready once it and every byte before it have arrived, until it is read.
//!
//! The window is the indexes from `ack` up to, but not including, `ack + window`. A byte that
//! arrives there is kept, even behind a hole, where a byte before it is missing. Until the hole is
//! filled it is not ready, and takes nothing off the window. A byte beyond the window is dropped,
//! even where its segment begins inside: the sender has to send it again.
//!
//! `is_last`: the stream ends after this segment, at the index `first_index + bytes.len()`. The
//! segment may be empty, and may arrive before others. The end is kept if its index is at most
//! `ack + window` then; otherwise it is dropped like the bytes before it, and comes again. It is
//! not a byte: `ack` and `window` do not count it, as TCP would count its FIN.
//!
//! The sender never contradicts itself: a byte that comes again is the same, the end stays where it
//! is, and no byte comes after it.
//!
//! | argument | range |
//! |---|---|
//! | `capacity` | 0 to 65,535 |
//! | `first_index` | any `u64`; the segment may even reach past `u64::MAX` |
//! | `bytes` | 0 to 65,535 bytes |
//! | `at_most` | any `usize` |
//!
//! Whatever is sent, a buffer takes at most 100 bytes of memory for each byte of its capacity, and
//! 4,096 more. The judge counts them.
//!
//! The judge tries small streams in small buffers, the fewest calls first, then large numbers and
//! long streams. After each `push` and `read` it compares what `read` returned, `ack`, `window` and
//! `is_complete`, and shows the first that is wrong.
//!
//! To check it: `cargo run -- check tcp`

use checks::tcp::Receiver;

/// The bytes that have arrived and are not read. Give it the fields that you need.
pub struct ReceiveBuffer {
    capacity: usize,
}

impl Receiver for ReceiveBuffer {
    fn new(capacity: usize) -> ReceiveBuffer {
        ReceiveBuffer { capacity }
    }

    fn push(&mut self, first_index: u64, bytes: &[u8], is_last: bool) {
        checks::unsolved!("take in a segment", self.capacity, first_index, bytes, is_last)
    }

    fn read(&mut self, at_most: usize) -> Vec<u8> {
        checks::unsolved!("take out the bytes that are ready", at_most)
    }

    fn ack(&self) -> u64 {
        checks::unsolved!("the next index expected")
    }

    fn window(&self) -> usize {
        checks::unsolved!("the room that is left")
    }

    fn is_complete(&self) -> bool {
        checks::unsolved!("whether every byte up to the end has arrived")
    }
}
