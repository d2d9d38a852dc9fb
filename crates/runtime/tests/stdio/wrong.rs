//! What is wrong with a line is told to whoever waits for an answer, and to the log otherwise.

use runtime::stdio::{MAX_NAME, MAX_NODES};
use serde_json::json;

use crate::node::{assert_error, init, initialized, lines_of, request, tell};

#[test]
fn a_wrong_request_is_answered_with_what_is_wrong() {
    for (body, code, text) in [
        (json!({"type": "shout"}), 10, "no request has the type \"shout\""),
        (json!({"type": ""}), 10, "no request has the type \"\""),
        (json!({"type": "say"}), 12, "missing field `word`"),
        (json!({"type": "say", "word": 3}), 12, "invalid type: integer `3`"),
        (json!({"type": "add", "by": -1}), 12, "invalid value: integer `-1`"),
        (json!({"type": "add", "by": 1.5}), 12, "invalid type: floating point"),
        // The type is known; what is unknown stands within.
        (json!({"type": "paint", "colour": "say"}), 12, "unknown variant `say`"),
        (json!({"word": "x"}), 12, "missing field `type`"),
        (json!({"type": 3}), 12, "invalid type: integer `3`"),
        (json!({"type": null}), 12, "invalid type: null"),
        (
            json!({"type": "init", "node_id": "n1", "node_ids": ["n1"]}),
            12,
            "this is \"n1\" already",
        ),
        // The node's own words.
        (json!({"type": "refuse"}), 14, "not today"),
    ] {
        let said = initialized([request(5, body.clone())]);
        assert_error(&said.lines[0], 5, code, text);
        assert_eq!(said.lines.len(), 1, "{body}");
        assert_eq!(said.log.len(), 0, "{body}");
    }
}

#[test]
fn numbers_beyond_64_bits_are_refused_and_not_rounded() {
    let line =
        r#"{"src":"c1","dest":"n1","body":{"type":"add","msg_id":5,"by":18446744073709551616}}"#;
    let said = tell(format!("{}\n{line}\n", init("n1", &["n1"])).as_bytes());
    assert_error(&said.lines[1], 5, 12, "invalid type: floating point");
}

#[test]
fn a_number_of_128_bits_goes_out_digit_by_digit() {
    let input = lines_of([init("n1", &["n1"]), request(1, json!({"type": "most"}))]);
    let said = tell(&input);
    let most = format!(r#""value":{},"in_reply_to":1"#, u128::MAX);
    assert!(said.text.contains(&most), "{}", said.text);
}

#[test]
fn before_init_everybody_is_told_to_wait() {
    let early = [
        request(1, json!({"type": "say", "word": "x"})),
        json!({"src": "n2", "dest": "n1", "body": {"type": "ping"}}),
        init("n1", &["n1", "n2"]),
    ];
    let said = tell(&lines_of(early));
    assert_error(&said.lines[0], 1, 11, "this node has not had its `init` yet");
    assert_eq!(said.lines[0]["src"], "n1");
    assert!(said.log[0].starts_with("a message from \"n2\" is ignored"));
    assert_eq!(said.bodies()[1]["type"], "init_ok");
}

#[test]
fn an_init_that_cannot_be_is_refused_and_a_good_one_may_follow() {
    let many: Vec<String> = (0..=MAX_NODES).map(|node| format!("n{node}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let wrong_shape = json!({"type": "init", "msg_id": 0, "node_id": "n1", "node_ids": "n1"});
    let misdirected = json!({"type": "init", "msg_id": 0, "node_id": "n1", "node_ids": ["n1"]});
    for (wrong, text) in [
        (init("n1", &[]), "\"n1\" is none of `node_ids`"),
        (init("n1", &["n2"]), "\"n1\" is none of `node_ids`"),
        (init("n1", &["n1", "n2", "n1"]), "two nodes are called \"n1\""),
        (init("n1", &many), "1001 nodes, and 1000 is the limit"),
        (json!({"src": "c0", "dest": "n1", "body": wrong_shape}), "invalid type: string"),
        (json!({"src": "c0", "dest": "n9", "body": misdirected}), "the message is for \"n9\""),
    ] {
        let said = tell(&lines_of([wrong, init("n1", &["n1"])]));
        assert_error(&said.lines[0], 0, 12, text);
        assert_eq!(said.bodies()[1]["type"], "init_ok", "{text}");
    }
    tell(&lines_of([init("n1", &many[..MAX_NODES])]));
}

#[test]
fn who_went_astray_is_told_where_it_is() {
    let mut astray = request(5, json!({"type": "say", "word": "x"}));
    astray["dest"] = json!("n2");
    let said = initialized([astray]);
    assert_error(&said.lines[0], 5, 12, "this is \"n1\", and the message is for \"n2\"");
}

#[test]
fn what_nobody_waits_for_is_told_the_log_and_nobody_else() {
    let long = "x".repeat(MAX_NAME + 1);
    let long = format!(r#"{{"src":"{long}","dest":"n1","body":{{"type":"say","msg_id":1}}}}"#);
    let deep = format!(r#"{{"src":"n2","dest":"n1","body":{{"type":{}}}}}"#, "[".repeat(500_000));
    for (line, why) in [
        ("hello", "it is not a JSON object"),
        ("{", "EOF while parsing an object at column 1"),
        (r#"{"src":"c1","dest":"n1","body":{}} x"#, "trailing characters"),
        (r#"["c1","n1",{"type":"say","msg_id":1,"word":"x"}]"#, "it is not a JSON object"),
        (r#"{"dest":"n1","body":{"type":"say","msg_id":1}}"#, "missing field `src`"),
        (r#"{"src":"c1","body":{"type":"say","msg_id":1}}"#, "missing field `dest`"),
        (r#"{"src":"c1","dest":"n1"}"#, "missing field `body`"),
        (r#"{"src":1,"dest":"n1","body":{}}"#, "invalid type: integer `1`"),
        (r#"{"src":"c1","src":"c2","dest":"n1","body":{}}"#, "duplicate field `src`"),
        (r#"{"src":"c1","dest":"n1","body":[5,6]}"#, "its body is not a JSON object"),
        (
            r#"{"src":"c1","dest":"n1","body":{"type":"heard","msg_id":"1"}}"#,
            "invalid type: string",
        ),
        (
            r#"{"src":"c1","dest":"n1","body":{"type":"heard","msg_id":1.5}}"#,
            "invalid type: floating",
        ),
        (
            r#"{"src":"c1","dest":"n1","body":{"type":"heard","msg_id":9223372036854775808}}"#,
            "invalid value",
        ),
        (
            r#"{"src":"c1","dest":"n1","body":{"type":"heard","msg_id":99999999999999999999}}"#,
            "invalid type",
        ),
        (r#"{"src":"c1","dest":"n1","body":{"type":"heard"}}"#, "it asks for no answer"),
        (
            r#"{"src":"c1","dest":"n1","body":{"type":"heard","msg_id":null}}"#,
            "it asks for no answer",
        ),
        // Else two programs could answer each other's errors for ever.
        (
            r#"{"src":"c1","dest":"n1","body":{"type":"error","msg_id":1,"in_reply_to":1}}"#,
            "it asks for no answer",
        ),
        (
            r#"{"src":"n2","dest":"n1","body":{"type":"shout","msg_id":1}}"#,
            "unknown variant `shout`",
        ),
        (
            r#"{"src":"n2","dest":"n3","body":{"type":"ping","msg_id":1}}"#,
            "the message is for \"n3\"",
        ),
        (
            r#"{"src":"n1","dest":"n1","body":{"type":"ping","msg_id":1}}"#,
            "it is from this node itself",
        ),
        (&long, "a name has 1025 bytes, and 1024 is the limit"),
        (&deep, "expected value at column 500040"),
    ] {
        let mut input = lines_of([init("n1", &["n1", "n2", "n3"])]);
        input.extend_from_slice(
            format!("{line}\n{}\n", request(5, json!({"type": "heard"}))).as_bytes(),
        );
        let said = tell(&input);
        let heard = json!({"type": "heard_ok", "from": [], "in_reply_to": 5});
        assert_eq!(said.bodies()[1..], [heard], "{why}");
        assert!(said.log.len() == 2 && said.log[1].contains(why), "{line}: {:?}", said.log);
    }
}

#[test]
fn bytes_that_are_no_text_are_passed_over() {
    let mut input = lines_of([init("n1", &["n1"])]);
    input.extend_from_slice(b"{\"src\":\"\xff\xfe\"}\n");
    input.extend(lines_of([request(1, json!({"type": "say", "word": "x"}))]));
    let said = tell(&input);
    assert!(said.log[1].contains("invalid utf-8"), "{:?}", said.log);
    assert_eq!(said.bodies()[1]["word"], "x");
}

#[test]
fn what_else_stands_in_a_line_and_around_it_does_no_harm() {
    let mut said = request(1, json!({"type": "say", "word": "x", "trace": {"id": [null]}}));
    said["id"] = json!(17);
    let input = format!("\n  \n{}\r\n\r\n  {said}", init("n1", &["n1"]));
    let answered = tell(input.as_bytes());
    assert_eq!(answered.bodies()[1]["word"], "x");
    assert_eq!(answered.log.len(), 1, "{:?}", answered.log);
}
