//! Timers run in real time, and the input stays open for as long as a test needs it.

use std::io::{self, PipeWriter, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use runtime::stdio;
use serde_json::{Value, json};

use crate::node::{Tester, init, lines_of, request};

/// Many times what any of this takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Shows what was flushed, and ends the input when that contains the last word.
struct Output {
    written: Vec<u8>,
    flushed: mpsc::Sender<String>,
    input: Option<PipeWriter>,
    last_word: &'static str,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = String::from_utf8(std::mem::take(&mut self.written)).unwrap();
        if flushed.contains(self.last_word) {
            self.input = None;
        }
        let _ = self.flushed.send(flushed);
        Ok(())
    }
}

/// The bodies that come out, up to the last word.
fn bodies(lines: &[Value], last_word: &'static str) -> Vec<Value> {
    let (reader, mut writer) = io::pipe().unwrap();
    let (flushed, pieces) = mpsc::channel();
    writer.write_all(&lines_of([init("n1", &["n1"])])).unwrap();
    writer.write_all(&lines_of(lines.iter().cloned())).unwrap();
    let output = Output { written: vec![], flushed, input: Some(writer), last_word };
    let (done, ended) = mpsc::channel();
    thread::spawn(move || done.send(stdio::run(reader, output, |_| {}, Tester::new)));
    ended.recv_timeout(PATIENCE).unwrap().unwrap();
    let text: String = pieces.iter().collect();
    let bodies =
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["body"].clone());
    bodies.skip(1).collect()
}

#[test]
fn a_timer_runs_out_while_the_input_is_silent() {
    let later = request(1, json!({"type": "later", "ms": 30}));
    let said = bodies(&[later], "later_ok");
    assert!(said[0]["at_ms"].as_i64().unwrap() >= 30, "{said:?}");
}

#[test]
fn an_answer_has_left_before_the_next_line_comes() {
    let said = bodies(&[request(1, json!({"type": "say", "word": "last"}))], "last");
    assert_eq!(said.len(), 1);
}

#[test]
fn the_end_of_the_input_waits_for_no_timer() {
    let hour = request(1, json!({"type": "later", "ms": 3_600_000}));
    let said = bodies(&[hour, request(2, json!({"type": "heard"}))], "heard_ok");
    assert_eq!(said.len(), 1);
}
