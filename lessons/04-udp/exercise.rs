//! Exercise: a receiver of numbered datagrams, as programs that play voice have it.
//!
//! UDP loses, repeats and reorders datagrams, so the sender numbers them: 1 more with each, and 0
//! after 65,535. The receiver gives out their payloads in order, each at most once. It does not
//! wait for ever for a lost one, and it keeps no more than a window.
//!
//! `is_newer(a, b)` compares two numbers that wrap. `a` is newer than `b` if you get from `b` to
//! `a` by adding 1 at least once and fewer than 32,768 times: half of all numbers. So 0 is newer
//! than 65,535. A number is not newer than itself, and of two that are 32,768 apart neither is.
//!
//! | the function | what it does |
//! |---|---|
//! | `new` | makes a receiver whose next number is `first` |
//! | `push` | takes in a datagram, and returns the payloads that it gives out, in order |
//! | `kept` | returns how many payloads are kept |
//!
//! The window is `window` numbers, from the next one on. What `push` does depends on the number:
//!
//! | the number is | what `push` does |
//! |---|---|
//! | the next | gives out its payload, and the next number is one more |
//! | in the window, after the next | keeps its payload, once however often it comes |
//! | newer, beyond the window | moves the window up, and keeps the payload |
//! | any other | drops the datagram: it is late |
//!
//! To move the window up is to make this number its last. Payloads that fall out of the window are
//! given out, in order. Numbers that are missing there are given up: they are late from now on.
//!
//! In the end, as long as the payload of the next number is kept, `push` gives that out too, and
//! the next number is one more.
//!
//! An example, where `first` is 65,534 and `window` is 3:
//!
//! | pushed | given out | next number, and what is kept then |
//! |---|---|---|
//! | 65,534 `a` | `a` | 65,535, nothing |
//! | 0 `c` | | 65,535, `c` |
//! | 0 `c` | | 65,535, `c` |
//! | 2 `e` | `c` | 1, `e`: 65,535 is given up |
//! | 65,535 `b` | | 1, `e`: late |
//! | 1 `d` | `d`, `e` | 3, nothing |
//!
//! | argument | range |
//! |---|---|
//! | `a`, `b`, `first`, `number` | any `u16` |
//! | `window` | 1 to 32,768 |
//! | `payload` | a few bytes; in a copy the same ones |
//!
//! A number comes again after 65,536 datagrams: that is another datagram, with its own payload.
//!
//! The judge tries `is_newer`, then receivers with a few datagrams, then large windows and long
//! runs. It compares what each `push` returns, and `kept` after it.
//!
//! To check it: `cargo run -- check udp`

use checks::udp::{Payload, Receiver};

/// Whether `a` is newer than `b`.
pub fn is_newer(a: u16, b: u16) -> bool {
    checks::unsolved!("compare two numbers that wrap", a, b)
}

/// What is known of the datagrams so far. Give it the fields that you need.
pub struct ReorderBuffer {
    next: u16,
    window: u16,
}

impl Receiver for ReorderBuffer {
    fn new(first: u16, window: u16) -> ReorderBuffer {
        ReorderBuffer { next: first, window }
    }

    fn push(&mut self, number: u16, payload: Payload) -> Vec<Payload> {
        checks::unsolved!("take in a datagram", self.next, self.window, number, payload)
    }

    fn kept(&self) -> usize {
        checks::unsolved!("how many payloads are kept")
    }
}
