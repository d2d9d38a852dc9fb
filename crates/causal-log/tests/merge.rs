//! The merge beside a plain sort, and what it holds.

use std::fmt::Write as _;

use causal_log::input::{BadLine, Complain, Input, InputError, Strict};
use causal_log::line::Fields;
use causal_log::merge::{Merge, MergeError};
use proptest::prelude::*;

#[derive(Default)]
struct Counted(u64);

impl Complain for Counted {
    fn bad(&mut self, _: BadLine) -> Result<(), BadLine> {
        self.0 += 1;
        Ok(())
    }
}

type Lines = Vec<(u64, usize)>;

/// A log, and of each line its stamp and service.
fn text(lines: &Lines, log: usize) -> String {
    let mut text = String::new();
    for (number, (stamp, service)) in lines.iter().enumerate() {
        // Keys, spaces and unknown fields, in an order of their own.
        let more = ["", " ", "\t"][number % 3];
        let _ = writeln!(
            text,
            "{more}{{\"x\": [{log}, {number}],\"lamport\":{stamp} \
             ,\"service\":\"s{service}\"}}{more}"
        );
    }
    text
}

fn run(texts: &[String], is_sorted: bool) -> Result<String, MergeError> {
    let inputs = texts.iter().enumerate();
    let inputs = inputs.map(|(number, text)| Input::new(number.to_string(), text.as_bytes()));
    let (fields, mut out) = (Fields::default(), Vec::new());
    let (mut strict, collected) = (Strict, &mut out);
    let merge = Merge::new(inputs.collect(), &fields, &mut strict);
    let print = |line: &causal_log::merge::Head, _| {
        collected.extend_from_slice(line.text());
        collected.push(b'\n');
        Ok(())
    };
    match is_sorted {
        true => merge.sorted(print)?,
        false => merge.sort(print)?,
    }
    Ok(String::from_utf8(out).expect("lines of text"))
}

/// A stable sort of all lines by stamp and service.
fn plain(logs: &[Lines], texts: &[String]) -> String {
    let mut all = Vec::new();
    for (lines, text) in logs.iter().zip(texts) {
        for ((stamp, service), line) in lines.iter().zip(text.lines()) {
            all.push((*stamp, format!("s{service}"), line));
        }
    }
    all.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    all.into_iter().map(|line| format!("{}\n", line.2)).collect()
}

fn logs() -> impl Strategy<Value = Vec<Lines>> {
    // Few stamps and services, so that many are equal.
    let line = (prop_oneof![0u64..6, any::<u64>()], 0usize..12);
    prop::collection::vec(prop::collection::vec(line, 0..12), 0..5)
}

proptest! {
    #[test]
    fn both_ways_give_what_a_plain_sort_does(mut logs in logs()) {
        let unsorted = logs.iter().enumerate().map(|(log, lines)| text(lines, log));
        let unsorted = Vec::from_iter(unsorted);
        prop_assert_eq!(run(&unsorted, false).unwrap(), plain(&logs, &unsorted));
        for lines in &mut logs {
            lines.sort_by_key(|(stamp, service)| (*stamp, format!("s{service}")));
        }
        let sorted: Vec<_> = logs.iter().enumerate().map(|(log, lines)| text(lines, log)).collect();
        prop_assert_eq!(run(&sorted, true).unwrap(), plain(&logs, &sorted));
    }

    #[test]
    fn disorder_is_found_exactly_where_there_is_some(logs in logs()) {
        let texts: Vec<_> = logs.iter().enumerate().map(|(log, lines)| text(lines, log)).collect();
        let is_sorted = logs.iter().all(|lines| {
            lines.is_sorted_by_key(|(stamp, service)| (*stamp, format!("s{service}")))
        });
        let fields = Fields::default();
        let inputs = texts.iter().map(|text| Input::new("x", text.as_bytes())).collect();
        let disorder = Merge::new(inputs, &fields, &mut Strict).disorder(|_| ()).unwrap();
        prop_assert_eq!(disorder.is_none(), is_sorted);
        let merged = run(&texts, true);
        prop_assert_eq!(merged.is_ok(), is_sorted);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let (fields, mut counted) = (Fields::default(), Counted::default());
        let inputs = vec![Input::new("x", &*bytes)];
        Merge::new(inputs, &fields, &mut counted).sort(|_, _| Ok(())).unwrap();
    }
}

#[test]
fn lines_with_vectors_alone_go_by_their_sums() {
    let log = r#"{"service":"a","vector":{"a":2,"b":1}}
{"service":"b","vector":{"b":1}}
"#;
    let merged = run(&[log.to_owned()], false).unwrap();
    assert_eq!(merged.lines().next(), log.lines().nth(1));
}

#[test]
fn a_line_without_a_place_in_the_order_is_bad() {
    let why = |text: &str| match run(&[text.to_owned()], false) {
        Err(MergeError::Input(InputError::Bad(line))) => line.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        why(r#"{"service":"a"}"#),
        "0:1: it has neither `lamport` nor `vector`, and so no place in the order"
    );
    assert_eq!(
        why("{\"service\":\"a\",\"lamport\":1}\n{\"service\":\"a\",\"vector\":{\"a\":2}}"),
        "0:2: it has no `lamport`, by which the lines are put in order since the first one has it"
    );
    assert_eq!(
        why(r#"{"service":"a","vector":{"a":18446744073709551615,"b":1}}"#),
        "0:1: the entries of its vector have no sum below 2^64"
    );
}

#[test]
fn equal_stamps_are_in_order_only_by_service() {
    let text = text(&vec![(1, 2), (1, 1)], 0);
    let refused = run(&[text], true).unwrap_err();
    assert!(matches!(refused, MergeError::OutOfOrder { line: 2, .. }), "{refused:?}");
}
