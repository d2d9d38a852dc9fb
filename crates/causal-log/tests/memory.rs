//! What a merge holds. It is the only test of its process, since others would take memory at the
//! same time.

use std::alloc::System;
use std::io::{self, BufReader, Read};

use cap::Cap;
use causal_log::input::{BadLine, Complain, Input, MAX_LINE};
use causal_log::line::Fields;
use causal_log::merge::Merge;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// An input made while it is read.
struct Endless {
    lines: u64,
    made: Vec<u8>,
    line: fn(u64, &mut Vec<u8>),
    next: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.made.is_empty() && self.next < self.lines {
            (self.line)(self.next, &mut self.made);
            self.next += 1;
        }
        let count = buffer.len().min(self.made.len());
        buffer[..count].copy_from_slice(&self.made[..count]);
        self.made.drain(..count);
        Ok(count)
    }
}

fn endless(lines: u64, line: fn(u64, &mut Vec<u8>)) -> BufReader<Endless> {
    BufReader::new(Endless { lines, made: Vec::new(), line, next: 0 })
}

#[derive(Default)]
struct Counted(u64);

impl Complain for Counted {
    fn bad(&mut self, _: BadLine) -> Result<(), BadLine> {
        self.0 += 1;
        Ok(())
    }
}

#[test]
fn what_is_held_does_not_grow_with_the_logs() {
    let fields = Fields::default();
    let peak_of = |inputs: Vec<Input<BufReader<Endless>>>, lines: u64, bad: u64| {
        let (mut counted, mut printed, mut peak) = (Counted::default(), 0, 0);
        let before = ALLOCATOR.allocated();
        Merge::new(inputs, &fields, &mut counted)
            .sorted(|_, _| {
                printed += 1;
                peak = peak.max(ALLOCATOR.allocated().saturating_sub(before));
                Ok(())
            })
            .unwrap();
        assert_eq!((printed, counted.0), (lines, bad));
        peak
    };
    let event = |number: u64, line: &mut Vec<u8>| {
        let text = format!("{{\"service\":\"a\",\"lamport\":{number},\"event\":\"something\"}}\n");
        line.extend_from_slice(text.as_bytes());
    };
    let logs = || (0..4).map(|log| Input::new(log.to_string(), endless(50_000, event)));
    let peak = peak_of(logs().collect(), 200_000, 0);
    assert!(peak < 1 << 20, "{peak} bytes for 10 MB of lines");

    // A line of 100 MB, and an event behind it.
    let long = |number: u64, line: &mut Vec<u8>| match number {
        0..1_600 => line.extend(std::iter::repeat_n(b'x', 1 << 16)),
        _ => line.extend_from_slice(b"\n{\"service\":\"a\",\"lamport\":1}\n"),
    };
    let peak = peak_of(vec![Input::new("long", endless(1_601, long))], 1, 1);
    assert!(peak < 4 * MAX_LINE, "{peak} bytes for a line of 100 MB");
}
