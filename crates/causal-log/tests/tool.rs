//! The tool as a process: answers on stdout, reports on stderr, exit codes.

use std::fs::{self, File};
use std::path::Path;

use causal_log::services;
use lesson_tests::Result;
use lesson_tests::process::Finished;
use tempfile::TempDir;

use crate::LESSON;

/// A folder with these logs.
fn folder(logs: &[(&str, &[u8])]) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for (name, text) in logs {
        fs::write(folder.path().join(name), text)?;
    }
    Ok(folder)
}

/// A folder with the logs of the story.
fn story() -> Result<TempDir> {
    let logs = services::logs(&services::run()?)?;
    let named = services::SERVICES.iter().zip(&logs);
    let named: Vec<_> = named.map(|(name, log)| (*name, &**log)).collect();
    folder(&named)
}

/// Runs the tool in a folder.
fn run(folder: &Path, args: &str) -> Result<Finished> {
    let mut command = LESSON.command(args.split(' '));
    command.current_dir(folder);
    lesson_tests::process::run(command)
}

const A: &[u8] = br#"{"service":"a","lamport":1}
{"service":"a","lamport":4,"received":"m1"}
"#;
const B: &[u8] = br#"{ "lamport" : 2, "more": {"x":[1,2]}, "service":"b" }
{"service":"b","lamport":3,"sent":"m1"}"#;

#[test]
fn merge_prints_the_lines_as_they_are() -> Result<()> {
    let folder = folder(&[("a", A), ("b", B)])?;
    let merged = run(folder.path(), "merge a b")?.expect_code(0)?;
    let expected = r#"{"service":"a","lamport":1}
{ "lamport" : 2, "more": {"x":[1,2]}, "service":"b" }
{"service":"b","lamport":3,"sent":"m1"}
{"service":"a","lamport":4,"received":"m1"}
"#;
    assert_eq!((&*merged.stdout, &*merged.stderr), (expected, ""));
    let sorted = run(folder.path(), "merge --sorted a b")?.expect_code(0)?;
    assert_eq!((&*sorted.stdout, &*sorted.stderr), (expected, ""));
    Ok(())
}

#[test]
fn logs_out_of_order_are_sorted_and_that_is_reported() -> Result<()> {
    let swapped: Vec<_> = A.split_inclusive(|byte| *byte == b'\n').rev().collect();
    let folder = folder(&[("a", &swapped.concat()), ("b", B)])?;
    let merged = run(folder.path(), "merge b a")?.expect_code(0)?;
    assert_eq!(
        merged.stderr,
        "a:2: it belongs above the line before it; so all lines are held and sorted\n"
    );
    assert_eq!(merged.stdout.lines().next(), Some(r#"{"service":"a","lamport":1}"#));
    assert_eq!(merged.stdout.lines().count(), 4);
    let refused = run(folder.path(), "merge --sorted b a")?.expect_code(1)?;
    assert!(refused.stderr.starts_with("error: a:2: it belongs above"), "{}", refused.stderr);
    Ok(())
}

#[test]
fn standard_input_is_a_log_too_and_one_merge_feeds_another() -> Result<()> {
    let folder = folder(&[("a", A), ("b", B)])?;
    let mut command = LESSON.command(["merge", "-", "a"]);
    let b = File::open(folder.path().join("b"))?;
    command.current_dir(folder.path()).stdin(b);
    let merged = command.output()?;
    assert!(merged.status.success());
    let merged = String::from_utf8(merged.stdout)?;
    assert_eq!(merged.lines().count(), 4);
    let twice = run(folder.path(), "merge - -")?.expect_code(1)?;
    assert_eq!(twice.stderr, "error: standard input can be read only once\n");
    Ok(())
}

#[test]
fn the_file_beside_the_page_is_the_log_of_the_story() -> Result<()> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lessons/18-causal-log/order-7.jsonl");
    let collected = services::collected(&services::run()?)?;
    let is_refreshed = std::env::var_os("SNAPSHOTS").is_some_and(|what| what == "overwrite");
    if is_refreshed && fs::read(file).ok().as_ref() != Some(&collected) {
        // By rename: other tests read the file meanwhile, and find the old one or the new one.
        let new = format!("{file}.new");
        fs::write(&new, &collected)?;
        fs::rename(&new, file)?;
    }
    assert_eq!(fs::read_to_string(file)?, String::from_utf8(collected)?);
    Ok(())
}

#[test]
fn fields_go_by_the_names_of_the_log() -> Result<()> {
    let log = br#"{"app":{"name":"b"},"lc":2,"msg":"second"}
{"app":{"name":"a"},"lc":1,"msg":"first\u001b[31m"}
"#;
    let folder = folder(&[("log", log)])?;
    let args = "merge --pretty --field service=app.name --field lamport=lc --field event=msg log";
    let merged = run(folder.path(), args)?.expect_code(0)?;
    assert_eq!(
        merged.stdout,
        "                  1  a           first\\u{1b}[31m\n                  2  b           \
         second\n"
    );
    let wrong = run(folder.path(), "merge --field clock=lc log")?.expect_code(2)?;
    assert!(wrong.stderr.contains("there is no field `clock`"), "{}", wrong.stderr);
    Ok(())
}

#[test]
fn bad_lines_are_named_and_skipped_or_the_last() -> Result<()> {
    let log = b"{\"service\":\"a\",\"lamport\":1}\nnot \
                json\n{\"lamport\":2}\n\xff\n{\"service\":\"a\",\"lamport\":\"3\"}\n";
    let folder = folder(&[("log", log)])?;
    let merged = run(folder.path(), "merge log")?.expect_code(0)?;
    assert_eq!(merged.stdout, "{\"service\":\"a\",\"lamport\":1}\n");
    assert_eq!(
        merged.stderr,
        "log:2: expected ident, in column 2
log:3: it has no `service`
log:4: it is not UTF-8, from byte 1 on
log:5: invalid type: string \"3\", expected a whole number as `lamport`, in column 28
4 lines were skipped
"
    );
    for command in ["merge", "check"] {
        let strict = run(folder.path(), &format!("{command} --strict log"))?.expect_code(1)?;
        assert_eq!(strict.stderr, "error: log:2: expected ident, in column 2\n");
        assert_eq!(strict.stdout, "");
    }
    Ok(())
}

#[test]
fn a_binary_file_is_refused_and_few_of_its_lines_reported() -> Result<()> {
    let binary: Vec<u8> =
        (0..100_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let folder = folder(&[("binary", &binary)])?;
    let refused = run(folder.path(), "merge binary")?.expect_code(1)?;
    assert_eq!(refused.stdout, "");
    assert!(refused.stderr.ends_with("error: not one line is an event\n"), "{}", refused.stderr);
    assert!(refused.stderr.lines().count() <= 23, "{}", refused.stderr);
    let missing = run(folder.path(), "merge nothing")?.expect_code(1)?;
    assert!(missing.stderr.starts_with("error: cannot open nothing: "), "{}", missing.stderr);
    Ok(())
}

#[test]
fn a_long_line_is_skipped_and_reported() -> Result<()> {
    let long = [&vec![b'x'; 3 << 20], &b"\n{\"service\":\"a\",\"lamport\":1}\n"[..]].concat();
    let folder = folder(&[("long", &long)])?;
    let merged = run(folder.path(), "merge long")?.expect_code(0)?;
    assert_eq!(merged.stdout, "{\"service\":\"a\",\"lamport\":1}\n");
    assert_eq!(merged.stderr, "long:1: it is longer than 1048576 bytes\n1 line was skipped\n");
    Ok(())
}

#[test]
fn too_many_services_are_refused() -> Result<()> {
    let lines: String =
        (0..1_000).map(|number| format!("{{\"service\":\"s{number}\",\"lamport\":1}}\n")).collect();
    let folder = folder(&[("log", lines.as_bytes())])?;
    for command in ["draw log", "check log", "why s1:1 log"] {
        let refused = run(folder.path(), command)?.expect_code(1)?;
        assert_eq!(refused.stderr, "error: there are more than 256 services\n");
    }
    Ok(())
}

#[test]
fn why_prints_the_causal_past() -> Result<()> {
    let folder = story()?;
    let why = run(folder.path(), "why shop:6 shop payment stock")?.expect_code(0)?;
    assert_eq!(why.stdout.lines().count(), 11);
    assert!(!why.stdout.contains("disk") && !why.stdout.contains("waiting"), "{}", why.stdout);
    assert_eq!(why.stderr, "11 of 13 other lines can have caused shop:6, by their vectors\n");
    let by_line = run(folder.path(), "why shop:7 shop payment stock")?.expect_code(0)?;
    assert_eq!(by_line.stdout, why.stdout, "line 7 of the file, after the first line of the trace");
    let none = run(folder.path(), "why shop:99 shop")?.expect_code(1)?;
    assert!(none.stderr.starts_with("error: there is no event shop:99: "), "{}", none.stderr);
    Ok(())
}

#[test]
fn without_vectors_the_messages_say_it() -> Result<()> {
    let folder = story()?;
    let mut args = "why shop:6 --field vector=none shop payment stock".to_owned();
    let why = run(folder.path(), &args)?.expect_code(0)?;
    assert_eq!(
        why.stderr,
        "11 of 13 other lines can have caused shop:6, by messages, since not every line has a \
         vector\n"
    );
    args += " --field lamport=none";
    let without_stamps = run(folder.path(), &args)?.expect_code(0)?;
    assert_eq!(without_stamps.stdout, why.stdout);
    Ok(())
}

#[test]
fn without_vectors_and_messages_little_is_known() -> Result<()> {
    let folder = story()?;
    let ask = |question: &str| {
        let args = format!("{question} --field vector=none --field sent=none shop payment stock");
        run(folder.path(), &args)?.expect_code(0)
    };
    assert_eq!(
        ask("why shop:6")?.stderr,
        "5 of 13 other lines can have caused shop:6, by the order at each service alone: vectors \
         and messages are missing\n"
    );
    let unknown = "not known: it takes two vectors, or messages\n";
    assert_eq!(ask("compare payment:3 shop:6")?.stdout, unknown);
    assert_eq!(ask("compare shop:1 shop:6")?.stdout, "before\n");
    assert_eq!(ask("compare shop:6 shop:6")?.stdout, "same\n");
    Ok(())
}

#[test]
fn compare_says_how_two_stand_and_shows_the_messages() -> Result<()> {
    let folder = story()?;
    let compare = |pair: &str| -> Result<String> {
        let args = format!("compare {pair} shop payment stock");
        Ok(run(folder.path(), &args)?.expect_code(0)?.stdout)
    };
    assert_eq!(compare("shop:1 shop:6")?, "before\n", "no message is needed within a service");
    assert_eq!(compare("shop:6 shop:3")?, "after\n");
    assert_eq!(compare("shop:2 payment:1")?, "before\nshop:3 -> payment:1, m2\n");
    assert_eq!(compare("payment:3 shop:6")?, "before\npayment:3 -> shop:5, m4\n");
    assert_eq!(compare("stock:4 shop:6")?, "concurrent\n");
    assert_eq!(compare("stock:4 stock:4")?, "same\n");
    Ok(())
}

#[test]
fn check_finds_nothing_in_the_story() -> Result<()> {
    let folder = story()?;
    let checked = run(folder.path(), "check shop payment stock")?.expect_code(0)?;
    assert_eq!(checked.stdout, "");
    assert_eq!(checked.stderr, "14 events of 3 services: nothing is impossible\n");
    Ok(())
}

#[test]
fn check_reports_what_is_impossible_and_what_it_should_be() -> Result<()> {
    let cases: [(&str, &str); 11] = [
        (
            r#"{"service":"a","lamport":5,"sent":"m"}
{"service":"b","lamport":5,"received":"m"}"#,
            "log:2: b:1: its Lamport stamp is 5, not above that of its cause a:1: it should be 6 \
             or more\n",
        ),
        (
            r#"{"service":"a","lamport":5}
{"service":"a","lamport":5}"#,
            "log:2: a:2: its Lamport stamp is 5, not above that of its cause a:1: it should be 6 \
             or more\n",
        ),
        (
            r#"{"service":"a","vector":{"a":1}}
{"service":"a","vector":{"a":3}}"#,
            "log:2: a:2: its own entry is 3 after 1: it should be 2\n",
        ),
        (
            r#"{"service":"a","vector":{"a":4}}
{"service":"a","vector":{"a":3}}"#,
            "log:2: a:2: its own entry is 3 after 4: it should be 5\n",
        ),
        (r#"{"service":"a","vector":{}}"#, "log:1: a:1: its own entry is 0: it should be 1\n"),
        (
            r#"{"service":"a","vector":{"a":2},"sent":"m"}
{"service":"b","vector":{"a":1,"b":1},"received":"m"}"#,
            "log:2: b:1: its entry of a is 1, and its cause a:1 knows of more: the vector should \
             be {a:2, b:1}\n",
        ),
        (
            r#"{"service":"a","vector":{"a":1,"b":5},"sent":"m"}
{"service":"b","vector":{"a":1,"b":1},"received":"m"}"#,
            "log:2: b:1: its own entry is 1, and its cause a:1 knows of that many or more: it \
             should be 6 or more\n",
        ),
        (
            r#"{"service":"b","vector":{"b":1}}
{"service":"a","vector":{"a":1,"b":2},"sent":"m"}
{"service":"b","vector":{"a":1,"b":2},"received":"m"}"#,
            "log:3: b:2: its own entry is 2, and its cause a:1 knows of that many or more: it \
             should be 3 or more\nlog:3: b:2: a:1 has the same vector\n",
        ),
        (
            r#"{"service":"a","vector":{"a":1},"sent":"m"}
{"service":"b","vector":{"a":1,"b":1},"received":"m"}
{"service":"b","vector":{"a":2,"b":2}}"#,
            "log:3: b:2: its entry of a is 2, and no cause knows of that many: the vector should \
             be {a:1, b:2}\n",
        ),
        (
            r#"{"service":"a","vector":{"a":1}}
{"service":"b","vector":{"a":1,"b":0}}"#,
            "log:2: b:1: its own entry is 0: it should be 1\nlog:2: b:1: a:1 has the same vector\n",
        ),
        (
            r#"{"service":"a","received":"n"}
{"service":"a","sent":"m"}
{"service":"b","received":"m"}
{"service":"b","sent":"n"}
{"service":"b","sent":"m"}"#,
            "log:1: a:1: its message is received before it is sent, and it is its own cause
log:2: a:2: its message is received before it is sent, and it is its own cause
log:3: b:1: its message is received before it is sent, and it is its own cause
log:4: b:2: its message is received before it is sent, and it is its own cause
log:5: b:3: a:2 sends the same message\n",
        ),
    ];
    for (log, expected) in cases {
        let folder = folder(&[("log", log.as_bytes())])?;
        let checked = run(folder.path(), "check log")?.expect_code(1)?;
        assert_eq!(checked.stdout, expected, "{log}");
    }
    Ok(())
}

#[test]
fn draw_does_not_depend_on_the_order_of_the_lines() -> Result<()> {
    let log = br#"{"service":"b","received":"m"}
{"service":"a","sent":"m"}
{"service":"a","received":"from outside"}
"#;
    let folder = folder(&[("log", log)])?;
    let drawn = run(folder.path(), "draw log")?.expect_code(0)?;
    assert_eq!(
        drawn.stdout,
        "    a                         b
    │                         │
    ● ──▶ m1                  │
    │                         │
    ● ◀── m2 from outside     │
    │                         │
    │                   m1 ──▶●
"
    );
    let circle = br#"{"service":"a","received":"n"}
{"service":"a","sent":"n"}"#;
    fs::write(folder.path().join("circle"), circle)?;
    let refused = run(folder.path(), "draw circle")?.expect_code(1)?;
    assert!(refused.stderr.contains("received before it is sent"), "{}", refused.stderr);
    Ok(())
}

#[test]
fn draw_reports_a_contradiction_once() -> Result<()> {
    let log = br#"{"service":"a","sent":"m"}
{"service":"a","sent":"m"}"#;
    let folder = folder(&[("log", log)])?;
    let refused = run(folder.path(), "draw log")?.expect_code(1)?;
    assert_eq!(
        refused.stderr,
        "error: cannot draw these logs: a:2 is impossible: message m is sent a second time\n"
    );
    Ok(())
}

#[test]
fn a_byte_order_mark_costs_no_line() -> Result<()> {
    let marked = [b"\xef\xbb\xbf", A].concat();
    let folder = folder(&[("a", &marked)])?;
    let merged = run(folder.path(), "merge a")?.expect_code(0)?;
    assert_eq!(merged.stdout.as_bytes(), A);
    assert_eq!(merged.stderr, "");
    Ok(())
}

#[test]
fn what_the_order_does_not_need_costs_no_line() -> Result<()> {
    let values = [r#""noon""#, "-1", "1.5", "true", "null", "[1,[2]]", r#"{"a":{}}"#];
    let lines = values.map(|value| {
        format!("{{\"service\":\"a\",\"lamport\":1,\"time\":{value},\"event\":{value}}}\n")
    });
    let folder = folder(&[("log", lines.concat().as_bytes())])?;
    let merged = run(folder.path(), "merge log")?.expect_code(0)?;
    assert_eq!((&*merged.stdout, &*merged.stderr), (&*lines.concat(), ""));
    let pretty = run(folder.path(), "merge --pretty log")?.expect_code(0)?;
    // Behind the column of the service.
    let events = pretty.stdout.lines().map(|line| line.get(33..));
    let expected = ["noon", "-1", "1.5", "true"].map(Some);
    let expected: Vec<_> = expected.into_iter().chain([None; 3]).collect();
    assert_eq!(events.collect::<Vec<_>>(), expected);
    Ok(())
}

#[test]
fn a_field_has_one_name() -> Result<()> {
    let folder = folder(&[("a", A)])?;
    let args = "merge --field lamport=a --field lamport=b a";
    let refused = run(folder.path(), args)?.expect_code(1)?;
    assert_eq!(refused.stderr, "error: --field names lamport twice\n");
    Ok(())
}

#[test]
fn a_circle_of_messages_has_no_before() -> Result<()> {
    let circle = br#"{"service":"c","lamport":1,"sent":"m3"}
{"service":"a","lamport":1,"received":"m2"}
{"service":"a","lamport":2,"sent":"m1"}
{"service":"b","lamport":3,"received":"m1"}
{"service":"b","lamport":4,"sent":"m2"}
{"service":"d","lamport":5,"received":"m3"}
"#;
    let folder = folder(&[("log", circle)])?;
    for args in ["compare a:1 b:1 log", "compare b:1 a:1 log", "why b:1 log"] {
        let refused = run(folder.path(), args)?.expect_code(1)?;
        assert_eq!(refused.stdout, "", "{args}");
        assert_eq!(
            refused.stderr,
            "error: a:1 is received before it is sent, by a circle of messages; `check` names \
             them\n",
            "{args}"
        );
    }
    let apart = run(folder.path(), "compare c:1 d:1 log")?.expect_code(0)?;
    assert_eq!(apart.stdout, "before\nc:1 -> d:1, m3\n");
    Ok(())
}

#[test]
fn the_log_of_the_stamped_service_is_merged_and_asked() -> Result<()> {
    let [shop, payment] = crate::stamped::logs()?.map(|log| log.join("\n"));
    let folder = folder(&[("shop", shop.as_bytes()), ("payment", payment.as_bytes())])?;
    let merged = run(folder.path(), "merge --pretty payment shop")?.expect_code(0)?;
    assert_eq!(merged.stderr, "", "each log is in order");
    let events = merged.stdout.lines().map(|line| line.rsplit("  ").next().unwrap_or_default());
    let events: Vec<_> = events.collect();
    let expected = [
        "order 7 arrives",
        "charge 40, sends m1",
        "charge 40, receives m1",
        "refused, sends m2",
        "15 cards waiting",
        "refused, receives m2",
        "order 7 fails",
    ];
    assert_eq!(events, expected);
    let why = run(folder.path(), "why shop:4 payment shop")?.expect_code(0)?;
    assert_eq!(why.stderr, "5 of 6 other lines can have caused shop:4, by their vectors\n");
    run(folder.path(), "check payment shop")?.expect_code(0)?;
    Ok(())
}
