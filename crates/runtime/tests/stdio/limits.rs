//! Nothing that stands in a line makes a node take memory without bound.

use std::alloc::System;
use std::io::{self, Read};

use cap::Cap;
use runtime::stdio::{Json, MAX_LINE, MAX_WAITING};
use serde_json::json;

use crate::node::{assert_error, init, initialized, lines_of, request, tell, tell_from};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

#[test]
fn the_longest_line_is_taken_and_one_byte_more_is_not() {
    let shell = request(1, json!({"type": "say", "word": ""})).to_string();
    for (more, answers) in [(0, 1), (1, 0)] {
        let word = "x".repeat(MAX_LINE - shell.len() + more);
        let said = initialized([request(1, json!({"type": "say", "word": word}))]);
        assert_eq!(said.lines.len(), answers);
    }
}

#[test]
fn a_line_without_end_is_told_and_takes_no_memory() {
    const ENDLESS: usize = 64 * MAX_LINE;
    let begin = lines_of([init("n1", &["n1"])]);
    let endless = io::repeat(b'x').take(ENDLESS as u64);
    let end = lines_of([json!("the end of it"), request(1, json!({"type": "say", "word": "x"}))]);
    let input = io::Cursor::new(begin).chain(endless).chain(io::Cursor::new(end));
    let said = tell_from(input);
    assert_eq!(said.lines.len(), 2);
    assert!(said.log[1].contains("bytes, and 1048576 is the limit"), "{:?}", said.log);
    let most = ALLOCATOR.max_allocated();
    assert!(most < ENDLESS, "{most} bytes at a time, those of the other tests included");
}

#[test]
fn deep_values_are_passed_through_and_overflow_nothing() {
    let deep = "[".repeat(400_000) + &"]".repeat(400_000);
    let json: Json = serde_json::from_str(&deep).unwrap();
    assert_eq!(serde_json::to_string(&json).unwrap(), deep);
    let line =
        format!(r#"{{"src":"c1","dest":"n1","body":{{"type":"add","by":{deep},"msg_id":5}}}}"#);
    let said = tell(format!("{}\n{line}\n", init("n1", &["n1"])).as_bytes());
    assert_error(&said.lines[1], 5, 12, "recursion limit exceeded");
}

#[test]
fn with_too_many_waiting_the_oldest_is_told_that_nobody_knows() {
    let waiting = (0..=MAX_WAITING as i64).map(|id| request(id, json!({"type": "wait"})));
    let release = [json!({"src": "n2", "dest": "n1", "body": {"type": "release"}})];
    let said = initialized(waiting.chain(release));
    assert_error(&said.lines[0], 0, 0, "10000 others wait for an answer, too");
    let answered: Vec<_> =
        said.bodies()[1..].iter().map(|body| body["in_reply_to"].as_i64().unwrap()).collect();
    assert_eq!(answered, (1..=MAX_WAITING as i64).collect::<Vec<_>>());
    assert_eq!(said.log, ["an answer came too late, or a second time"]);
}

#[test]
fn what_is_wrong_is_told_in_few_words() {
    let long = "x".repeat(100_000);
    for said in [
        initialized([request(1, json!({"type": long}))]),
        initialized([request(1, json!({"type": "paint", "colour": long}))]),
        initialized([json!({"src": "n2", "dest": "n1", "body": {"type": long}})]),
    ] {
        let told: usize = said.log.iter().map(String::len).sum();
        let answered: usize = said.lines.iter().map(|line| line.to_string().len()).sum();
        let told = told + answered;
        assert!((200..1000).contains(&told), "{told}");
    }
}
