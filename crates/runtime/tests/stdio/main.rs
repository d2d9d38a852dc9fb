//! Lines go in, lines come out. No process, and no clock but where timers are meant.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod echo;
mod limits;
mod node;
mod timing;
mod wrong;

use std::io::{self, Read, Write};

use node::{Tester, init, initialized, lines_of, request, tell};
use proptest::prelude::*;
use runtime::stdio::{self, Error};
use serde_json::json;

#[test]
fn init_is_answered_and_says_who_the_node_is() {
    let said = tell(&lines_of([init("n3", &["n1", "n2", "n3"])]));
    let body = json!({"type": "init_ok", "in_reply_to": 0});
    assert_eq!(said.lines, [json!({"src": "n3", "dest": "c0", "body": body})]);
    assert_eq!(said.log, ["\"n3\" is node 2 of 3, counted from 0"]);
}

#[test]
fn an_answer_carries_the_number_of_its_request_and_goes_to_who_asked() {
    for msg_id in [1, 0, -7, i64::MAX, i64::MIN] {
        let said = initialized([request(msg_id, json!({"type": "say", "word": "hé\n"}))]);
        let body = json!({"type": "say_ok", "word": "hé\n", "in_reply_to": msg_id});
        assert_eq!(said.lines, [json!({"src": "n1", "dest": "c1", "body": body})]);
    }
}

#[test]
fn messages_come_and_go_by_name_and_are_numbers_inside() {
    let said = initialized([
        json!({"src": "n3", "dest": "n1", "body": {"type": "ping"}}),
        request(1, json!({"type": "heard"})),
    ]);
    let pong = json!({"src": "n1", "dest": "n3", "body": {"type": "pong"}});
    assert_eq!(said.lines[0], pong);
    assert_eq!(said.bodies()[1]["from"], json!([2]), "n3 is node 2");
}

#[test]
fn what_a_node_does_when_it_starts_follows_init_ok() {
    let said = tell(&lines_of([init("greeter", &["n1", "greeter"])]));
    assert_eq!(said.bodies()[0]["type"], "init_ok");
    let ping = json!({"src": "greeter", "dest": "n1", "body": {"type": "ping"}});
    assert_eq!(said.lines[1], ping);
}

#[test]
fn records_need_no_disk_to_be_followed_by_what_waits_for_them() {
    let said = initialized([
        request(1, json!({"type": "add", "by": 3})),
        request(2, json!({"type": "add", "by": 4})),
    ]);
    let sums: Vec<_> = said.bodies().iter().map(|body| body["value"].clone()).collect();
    assert_eq!(sums, [3, 7]);
}

#[test]
fn a_closed_output_is_the_end_and_a_broken_one_an_error() {
    struct Fails(io::ErrorKind);
    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    // It does not end by itself.
    let input = || io::Cursor::new(lines_of([init("n1", &["n1"])])).chain(io::repeat(b'\n'));
    let closed = stdio::run(input(), Fails(io::ErrorKind::BrokenPipe), |_| {}, Tester::new);
    assert!(closed.is_ok());
    let broken = stdio::run(input(), Fails(io::ErrorKind::StorageFull), |_| {}, Tester::new);
    assert!(matches!(broken, Err(Error::Output(_))), "{broken:?}");
}

#[test]
fn an_input_that_breaks_is_an_error_and_what_came_before_is_answered() {
    struct Breaks;
    impl Read for Breaks {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let mut output = Vec::new();
    let input = io::Cursor::new(lines_of([init("n1", &["n1"])])).chain(Breaks);
    let broken = stdio::run(input, &mut output, |_| {}, Tester::new);
    assert!(matches!(broken, Err(Error::Input(_))), "{broken:?}");
    assert!(String::from_utf8(output).unwrap().contains("init_ok"));
}

#[test]
fn no_input_at_all_is_the_end() {
    assert_eq!(tell(b"").text, "");
}

/// Pieces of lines, good ones and bad ones.
fn line() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("n1"), Just("n2"), Just("c1"), Just("")];
    let kind = prop_oneof![
        Just("say"),
        Just("init"),
        Just("ping"),
        Just("add"),
        Just("wait"),
        Just("later")
    ];
    let rest = prop_oneof![
        Just(r#""word":"x""#),
        Just(r#""by":-1"#),
        Just(r#""by":1e999"#),
        Just(r#""in_reply_to":1"#),
        Just(r#""node_id":"n1","node_ids":["n1","n2"]"#),
        Just(r#""ms":0"#),
        Just("\"x\":\u{7f}"),
    ];
    let parts = (name.clone(), name, kind, any::<i8>(), rest);
    let whole = parts.prop_map(|(src, dest, kind, id, rest)| {
        let body = format!(r#"{{"type":"{kind}","msg_id":{id},{rest}}}"#);
        format!(r#"{{"src":"{src}","dest":"{dest}","body":{body}}}"#)
    });
    let cut =
        (whole.clone(), 0..90_usize).prop_map(|(line, length)| line.chars().take(length).collect());
    prop_oneof![4 => whole, 1 => cut, 1 => ".*"]
}

proptest! {
    #[test]
    fn no_lines_make_it_panic_and_every_answer_has_a_question(
        lines in prop::collection::vec(line(), 0..30),
    ) {
        let mut input = lines_of([init("n1", &["n1", "n2"])]);
        input.extend(lines.iter().flat_map(|line| line.bytes().chain(*b"\n")));
        let said = tell(&input);
        let mut asked: Vec<i64> = lines.iter().filter_map(|line| msg_id(line)).collect();
        for body in &said.bodies()[1..] {
            if let Some(id) = body.get("in_reply_to") {
                let place = asked.iter().position(|other| id == *other);
                prop_assert!(place.is_some(), "{body} answers nobody");
                asked.swap_remove(place.unwrap_or_default());
            }
        }
    }
}

/// The number of a line, whatever else it says: other numbers in it may be too large for a test.
fn msg_id(line: &str) -> Option<i64> {
    #[derive(serde::Deserialize)]
    struct Line {
        body: Body,
    }
    #[derive(serde::Deserialize)]
    struct Body {
        msg_id: i64,
    }
    let line: Line = serde_json::from_str(line).ok()?;
    Some(line.body.msg_id)
}
