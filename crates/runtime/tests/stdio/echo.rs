//! The example `maelstrom-echo`.

#[path = "../../examples/maelstrom-echo.rs"]
#[expect(dead_code, reason = "its `main` is not the test's")]
mod example;

use std::io;

use runtime::stdio;

#[test]
fn values_come_back_byte_for_byte() {
    let values =
        [r#""hello""#, "null", "1.10", "100000000000000000001", r#"{"b":[1, 2],"a":"\u00e9é\n"}"#];
    let line = |msg_id: usize, body: &str| {
        format!(r#"{{"src":"c1","dest":"n1","body":{{"msg_id":{msg_id},{body}}}}}"#) + "\n"
    };
    let mut input = line(0, r#""type":"init","node_id":"n1","node_ids":["n1"]"#);
    for (number, value) in values.iter().enumerate() {
        input += &line(number + 1, &format!(r#""type":"echo","echo":{value}"#));
    }
    input += &line(8, r#""type":"echo""#);
    input += &line(9, r#""type":"shout","echo":1"#);

    let mut output = Vec::new();
    stdio::run(io::Cursor::new(input), &mut output, |_| {}, |_, _, _| example::Echo).unwrap();
    let output = String::from_utf8(output).unwrap();
    let mut lines = output.lines();
    let mut body = || lines.next().and_then(|line| line.split_once(r#""body":"#));
    let init_ok = r#"{"type":"init_ok","in_reply_to":0}}"#;
    assert_eq!(body().map(|(_, body)| body), Some(init_ok));
    for (number, value) in values.iter().enumerate() {
        let in_reply_to = number + 1;
        let expected =
            format!(r#"{{"type":"echo_ok","echo":{value},"in_reply_to":{in_reply_to}}}}}"#);
        assert_eq!(body().map(|(_, body)| body), Some(&*expected));
    }
    for error in [r#""in_reply_to":8,"code":12"#, r#""in_reply_to":9,"code":10"#] {
        assert!(body().is_some_and(|(_, body)| body.contains(error)), "{error}");
    }
    assert_eq!(lines.next(), None);
}
