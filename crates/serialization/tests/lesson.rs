//! The lesson's promises, and its sides and victims as real processes.

mod at_work;

use std::path::Path;

use lesson_tests::Result;
use lesson_tests::process::{command, run, run_with_input};
use serialization::format::Format;
use serialization::victims::{self, Case, Ended};

lesson_tests::lesson!();

const PROGRAM: &str = env!("CARGO_BIN_EXE_serialization");

#[test]
fn what_is_written_is_read_in_every_format() -> Result<()> {
    for (format, bytes) in [
        ("json", r#"{"id":9,"text":"hi","urgent":true,"reply_to":7}"#),
        ("bincode", "\x09\0\0\0\x02\0\0\0\0\0\0\0hi\x01\x01\x07\0\0\0"),
        ("postcard", "\x09\x02hi\x01\x01\x07"),
    ] {
        let write = ["write", "--format", format, "--id", "9", "--urgent", "--reply-to", "7", "hi"];
        let written = LESSON.run(write)?.expect_code(0)?;
        assert_eq!((written.stdout.as_str(), written.stderr.as_str()), (bytes, ""));
        let read = LESSON.command(["read", "--format", format]);
        let read = run_with_input(read, bytes)?.expect_code(0)?;
        assert_eq!(read.stdout, "id 9\ntext hi\nurgent true\nreply_to 7\n");
    }
    let pretty = LESSON.run(["write", "--format", "pretty"])?.expect_code(0)?;
    assert_eq!(pretty.stdout.lines().count(), 6);
    Ok(())
}

#[test]
fn a_picture_of_a_long_message_fits_and_shows_what_is_in_it() -> Result<()> {
    let long = "a\u{1b}".repeat(40);
    let shown = LESSON.run(["show", "--id", "300", "--reply-to", "7", &long])?.expect_code(0)?;
    assert!(shown.stdout.lines().all(|line| line.chars().count() <= 80), "{}", shown.stdout);
    for wanted in ["2c 01 00 00", "ac 02", "08 ac 02", "20 07", "└4 reply_to┘"] {
        assert!(shown.stdout.contains(wanted), "{wanted}: {}", shown.stdout);
    }
    assert!(!shown.stdout.contains('\u{1b}'));
    Ok(())
}

#[test]
fn an_invalid_message_is_reported_in_one_line() -> Result<()> {
    for (format, bytes, complaint) in [
        ("json", "", "standard input is not a message in JSON: EOF while parsing a value"),
        ("json", r#"{"id":7}"#, "standard input is not a message in JSON: missing field `text`"),
        (
            "bincode",
            "\x07\0\0\0\x7f\0\0\0\0\0\0\x7f",
            "standard input is not a message in bincode: unexpected end of file",
        ),
        (
            "postcard",
            "\x07\x02",
            "standard input is not a message in postcard: Hit the end of buffer",
        ),
    ] {
        let read = LESSON.command(["read", "--format", format]);
        let failed = run_with_input(read, bytes)?.expect_code(1)?;
        let first = failed.stderr.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("error: {complaint}")), "{first}");
    }
    let long = " ".repeat(65_537);
    let failed = run_with_input(LESSON.command(["read"]), &long)?.expect_code(1)?;
    assert_eq!(failed.stderr, "error: a message has at most 65536 bytes\n");
    Ok(())
}

/// A peer's text cannot move the reader's cursor.
#[test]
fn control_characters_in_a_text_are_escaped() -> Result<()> {
    let json = r#"{"id":7,"text":"\u001b[2J\n","urgent":false}"#;
    let read = run_with_input(LESSON.command(["read"]), json)?.expect_code(0)?;
    assert!(read.stdout.contains(r"text \u{1b}[2J\n"), "{}", read.stdout);
    Ok(())
}

#[test]
fn bytes_in_another_format_are_read_without_an_error() -> Result<()> {
    let written = LESSON.run(["write", "--format", "bincode", "--urgent", "hi"])?.expect_code(0)?;
    let read = LESSON.command(["read", "--format", "postcard"]);
    let read = run_with_input(read, &written.stdout)?.expect_code(0)?;
    assert_eq!(read.stdout, "id 7\ntext \nurgent false\nreply_to none\n");
    Ok(())
}

#[test]
fn each_victim_ends_as_the_lesson_says() -> Result<()> {
    for death in victims::deaths(Path::new(PROGRAM))? {
        let ended =
            |words: &str| matches!(&death.ended, Ended::Refused(error) if error.contains(words));
        let is_killed = matches!(death.ended, Ended::Killed(_));
        let is_as_described = match death.case {
            Case::Deep(Format::Json) => ended("recursion limit exceeded"),
            Case::Deep(_) => is_killed && death.cause == Some("stack overflow"),
            Case::DeepCounted => ended("nested too deep"),
            Case::Claim62 => is_killed && death.cause == Some("no such memory"),
            Case::Claim63 => {
                death.ended == Ended::Panicked && death.cause == Some("capacity overflow")
            }
            Case::ClaimLimited => ended("size limit"),
        };
        assert!(is_as_described, "{death:?}");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_killed_victim_is_named_by_its_signal() -> Result<()> {
    let deaths = victims::deaths(Path::new(PROGRAM))?;
    let killed = deaths.iter().filter_map(|death| match &death.ended {
        Ended::Killed(how) => Some(how.as_str()),
        _ => None,
    });
    assert_eq!(killed.collect::<Vec<_>>(), ["signal 6, SIGABRT"; 3]);
    Ok(())
}

#[test]
fn no_case_but_the_known_ones() -> Result<()> {
    LESSON.run(["victim", "deep"])?.expect_code(2)?;
    LESSON.run(["victim"])?.expect_code(2)?;
    Ok(())
}

/// The lines of the page that pipe a message into Python, run as they stand there.
#[cfg(unix)]
#[test]
fn python_reads_what_the_page_says() -> Result<()> {
    let has_python = command("python3").arg("--version").output();
    if !has_python.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: there is no python3 here, so nothing has read the bytes but Rust");
        return Ok(());
    }
    let page =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons/11-serialization/README.md");
    let page = std::fs::read_to_string(page)?;
    let mut fences = page.split("```").filter(|fence| fence.contains("python3 -c "));
    let fence = fences.next().and_then(|fence| fence.strip_prefix("sh\n")).unwrap_or_default();
    let mut shell = command("sh");
    shell.args(["-c", &fence.replace("cargo run -q -p serialization --", PROGRAM)]);
    assert_eq!(run(shell)?.expect_code(0)?.stdout, "hi\nhi\n", "{fence}");
    Ok(())
}
