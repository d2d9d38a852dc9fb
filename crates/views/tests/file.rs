//! Traces as files, good and bad.

use std::error::Error;
use std::fmt::Write;

use crate::any::any_trace;
use proptest::prelude::*;
use trace::{Event, Trace};
use views::file::{self, MAX_EVENTS, MAX_LINE, ReadError, SoFar, WriteError, Writer};

const GOOD: &str = r#"{"trace":1,"services":["n0","n1"]}
{"service":"n0","event":"A","lamport":1,"vector":{"n0":1}}
{"service":"n0","lamport":2,"vector":{"n0":2},"sent":"m1","to":"n1"}
{"service":"n1","lamport":3,"vector":{"n0":2,"n1":1},"received":"m1"}
{"service":"n1","sent":"m2"}
{"lost":"m2"}
"#;

fn read(text: &str) -> Result<Trace, ReadError> {
    file::read(text.as_bytes())
}

#[test]
fn a_file_is_read_and_written_back_byte_for_byte() {
    let trace = read(GOOD).unwrap();
    assert_eq!(trace.nodes(), ["n0", "n1"]);
    assert_eq!(trace.events()[1], Event::send(0, 1, "m1").lamport(2).vector([2, 0]));
    let mut written = Vec::new();
    file::write(&trace, &mut written).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), GOOD);
}

#[test]
fn unknown_fields_are_ignored() {
    let text = GOOD.replace(r#""event":"A""#, r#""event":"A","wall":"10:00","x":{"y":[1]}"#);
    assert_eq!(read(&text).unwrap(), read(GOOD).unwrap());
}

/// The error, with its causes.
fn refused(text: &str) -> String {
    let error = read(text).expect_err("it should be refused");
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(message, ": {cause}").expect("strings take what is written");
        source = cause.source();
    }
    message
}

#[test]
fn an_invalid_file_is_refused_with_the_line_and_reason() {
    let line = |line: &str| format!("{}\n", line);
    let after_header = |rest: &str| format!("{}\n{rest}\n", GOOD.lines().next().unwrap());
    let send = r#"{"service":"n0","sent":"m1","to":"n1"}"#;
    for (text, expected) in [
        (String::new(), "an empty file is not a trace"),
        (line("hello"), "line 1 is not that of a trace"),
        (line(r#"{"service":"n0"}"#), "missing field `trace`"),
        (line(r#"{"trace":1}"#), "missing field `services`"),
        (line(r#"{"trace":2,"nodes":7}"#), "this is version 2 of the format"),
        (line(r#"{"trace":1,"services":["a","a"]}"#), "line 1 names the service `a` twice"),
        (after_header(r#"{"service":"n2"}"#), "line 2: the first line names no service `n2`"),
        (after_header(r#"{"event":"A"}"#), "line 2: it names no service"),
        (after_header("{"), "line 2 is not an event: EOF while parsing an object, in column 1"),
        (after_header(""), "line 2 is not an event"),
        (after_header("\u{0}\u{1}\u{2}"), "line 2 is not an event"),
        (
            after_header(r#"{"service":"n0","lamport":-1}"#),
            "line 2 is not an event: invalid value: integer `-1`",
        ),
        (after_header(r#"{"service":"n0","lamport":1e30}"#), "line 2 is not an event"),
        (
            after_header(r#"{"service":"n0","lamport":18446744073709551616}"#),
            "line 2 is not an event",
        ),
        (
            after_header(r#"{"service":"n0","vector":[1,2]}"#),
            "line 2 is not an event: invalid type: sequence",
        ),
        (
            after_header(r#"{"service":"n0","vector":{"n7":1}}"#),
            "line 2: the first line names no service `n7`",
        ),
        (
            after_header(r#"{"service":"n0","sent":"m1","received":"m2"}"#),
            "line 2: one event cannot both send and receive",
        ),
        (after_header(&format!("{send}\n{send}")), "line 3: message m1 is sent a second time"),
        (
            after_header(&format!("{}\n{send}", r#"{"service":"n1","received":"m1"}"#)),
            "line 3: message m1 is sent here, and was received before",
        ),
        (
            after_header(&format!("{send}\n{}", r#"{"service":"n0","received":"m1"}"#)),
            "line 3: message m1 arrives at n0, and was sent to n1",
        ),
        (after_header(r#"{"lost":"m9"}"#), "line 2: message m9 is lost, and was not sent before"),
        (GOOD[..GOOD.len() - 5].to_owned(), "line 6 is cut: the file ends inside it"),
        (GOOD.trim_end().to_owned(), "line 6 is cut: the file ends inside it"),
        (after_header(&"x".repeat(MAX_LINE + 1)), "line 2 is longer than 65536 bytes"),
    ] {
        let message = refused(&text);
        assert!(message.contains(expected), "{text:.80}: {message}");
        assert!(!message.contains('\n'), "{message}");
    }
    let binary = file::read(&[0xff, 0xfe, b'\n'][..]).unwrap_err();
    assert!(matches!(binary, ReadError::NoHeader(_)));
}

#[test]
fn a_file_is_read_no_further_than_the_limits() {
    let services: Vec<String> = (0..257).map(|node| format!("\"{node}\"")).collect();
    let header = format!("{{\"trace\":1,\"services\":[{}]}}\n", services.join(","));
    assert!(refused(&header).contains("257 services, and 256 is the limit"));

    let event = "{\"service\":\"n0\"}\n";
    let header = "{\"trace\":1,\"services\":[\"n0\"]}\n";
    let full = format!("{header}{}", event.repeat(MAX_EVENTS));
    assert_eq!(read(&full).unwrap().events().len(), MAX_EVENTS);
    assert!(refused(&format!("{full}{event}")).contains("more than 100000 events"));

    // A line that never ends: reading stops at the limit.
    let endless = std::io::BufReader::new(std::io::repeat(b'x'));
    assert!(matches!(file::read(endless), Err(ReadError::LongLine { line: 1 })));
}

/// Accepts a number of bytes, and then no more.
struct Small(Vec<u8>, usize);

impl std::io::Write for Small {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = self.1 - self.0.len();
        if room == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(room);
        self.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn each_line_is_flushed_before_the_next_event() {
    let path = std::env::temp_dir().join(format!("trace-{}.jsonl", std::process::id()));
    let output = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let mut writer = Writer::new(output, ["n0", "n1"]).unwrap();
    for (event, lines) in read(GOOD).unwrap().events().iter().zip(2..) {
        writer.event(event).unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        let expected: Vec<_> = GOOD.lines().take(lines).collect();
        assert_eq!(written, expected.join("\n") + "\n");
    }
    writer.lost("m2").unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), GOOD);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_file_is_written_no_further_than_it_is_read() {
    let mut written = Vec::new();
    let mut writer = Writer::new(&mut written, ["n0"]).unwrap();
    let longest = "x".repeat(MAX_LINE - r#"{"service":"n0","event":""}"#.len());
    writer.event(&Event::local(0).label(&longest)).unwrap();
    let refused = writer.event(&Event::local(0).label(longest + "x"));
    assert!(matches!(refused, Err(WriteError::LongLine(length)) if length == MAX_LINE + 1));
    for _ in 1..MAX_EVENTS {
        writer.event(&Event::local(0)).unwrap();
    }
    for _ in 0..2 {
        let refused = writer.event(&Event::local(0));
        assert!(matches!(refused, Err(WriteError::Full)));
    }
    let read = file::read(&written[..]).unwrap();
    assert_eq!(read.events().len(), MAX_EVENTS);

    let many = Writer::new(Vec::new(), (0..257).map(|node| node.to_string()));
    assert!(matches!(many, Err(WriteError::TooManyServices(257))));
    let twice = Writer::new(Vec::new(), ["a", "b", "a"]);
    assert!(matches!(twice, Err(WriteError::NamedTwice(name)) if name == "a"));
}

#[test]
fn nothing_is_written_after_a_failed_line() {
    let mut small = Small(Vec::new(), GOOD.lines().next().unwrap().len() + 10);
    let mut writer = Writer::new(&mut small, ["n0", "n1"]).unwrap();
    let first = writer.event(&Event::local(0));
    assert!(matches!(first, Err(WriteError::Io(_))), "{first:?}");
    let second = writer.event(&Event::local(0));
    assert!(matches!(second, Err(WriteError::Stopped)), "{second:?}");
}

#[test]
fn the_whole_lines_of_a_cut_file_are_read() {
    let header = GOOD.lines().next().unwrap().len();
    for length in header + 1..=GOOD.len() {
        let cut = &GOOD.as_bytes()[..length];
        let whole_lines = GOOD[..length].matches('\n').count();
        let is_whole = cut.ends_with(b"\n");
        let SoFar { trace, cut: line } = file::read_so_far(cut).unwrap();
        assert_eq!(line, (!is_whole).then_some(whole_lines + 1), "{length}");
        let end = GOOD[..length].rfind('\n').unwrap() + 1;
        assert_eq!(trace, read(&GOOD[..end]).unwrap());
        assert_eq!(file::read(cut).is_ok(), is_whole);
    }
    for length in 0..=header {
        let error = file::read_so_far(&GOOD.as_bytes()[..length]).unwrap_err();
        match length {
            0 => assert!(matches!(error, ReadError::Empty)),
            _ => assert!(matches!(error, ReadError::Cut { line: 1 })),
        }
    }
    // An invalid line before the cut is still an error, and so is a line that never ends.
    let bad = format!("{GOOD}hello\n{{");
    let error = file::read_so_far(bad.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::NoEvent { line: 7, .. }));
    let endless = format!("{GOOD}{}", "x".repeat(MAX_LINE + 1));
    let error = file::read_so_far(endless.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::LongLine { line: 7 }));
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(trace in any_trace()) {
        let mut written = Vec::new();
        match file::write(&trace, &mut written) {
            Ok(()) => prop_assert_eq!(file::read(&written[..]).expect("it was written"), trace),
            Err(WriteError::NamedTwice(name)) => {
                prop_assert!(trace.nodes().iter().filter(|node| **node == name).count() > 1);
            }
            Err(error) => prop_assert!(false, "{error}"),
        }
    }
}
