//! The lesson's promises, and drawings of a reader's own.

mod at_work;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::PathBuf;

use lesson_tests::Result;
use lesson_tests::process;
use tempfile::TempDir;
use trace::Event;
use views::file::Writer;

lesson_tests::lesson!();

#[test]
fn a_schedule_of_the_readers_own_is_drawn_with_its_stamps() -> Result<()> {
    let drawn = LESSON.run(["draw", "a.ab.1"])?.expect_code(0)?;
    assert_eq!(
        drawn.stdout,
        "    a                         b\n    │                         │\n    \
         ● 1                       │\n    │                         │\n    \
         ● 2 ─────────────────────▶● 3\n"
    );
    Ok(())
}

#[test]
fn an_impossible_schedule_is_refused_within_80_columns() -> Result<()> {
    for (schedule, why) in [
        ("ab.2", "action 2, `2`, is impossible there: message 2 is not sent yet"),
        ("ab.1.1", "action 3, `1`, is impossible there: message 1 is no longer in flight"),
        ("aa", "action 1, `aa`, is impossible there: a node does not send to itself"),
        ("a.abcdefghijklmnopqrstuvw", "is not an action: `abcdefghijklmnopqrst…`"),
        ("ab.!", "action 2 of the schedule is not an action: `!`"),
        ("", "action 1 of the schedule is empty"),
    ] {
        let refused = LESSON.run(["draw", schedule])?.expect_code(1)?;
        assert_eq!(refused.stdout, "");
        assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
        assert!(refused.stderr.contains(why), "{schedule}: {}", refused.stderr);
        let mut lines = refused.stderr.lines();
        assert!(lines.all(|line| line.chars().count() <= 80), "{}", refused.stderr);
    }
    let long = vec!["a"; 20_000].join(".");
    let refused = LESSON.run(["draw", &long])?.expect_code(1)?;
    assert!(refused.stderr.contains("over the limit of 10000"), "{}", refused.stderr);
    Ok(())
}

/// Two nodes' files, in a folder of this test alone.
fn written() -> Result<(TempDir, [PathBuf; 2])> {
    let folder = tempfile::tempdir()?;
    let files = ["n0.jsonl", "n1.jsonl"].map(|name| folder.path().join(name));
    for (node, file) in files.iter().enumerate() {
        let mut writer = Writer::new(File::create(file)?, ["n0", "n1"])?;
        let [sent, received] = [format!("m{node}"), format!("m{}", 1 - node)];
        writer.event(&Event::send(node, 1 - node, sent).lamport(1))?;
        writer.event(&Event::receive(node, received).lamport(2))?;
    }
    Ok((folder, files))
}

#[test]
fn the_traces_of_several_nodes_are_drawn_together() -> Result<()> {
    let (_folder, [n0, n1]) = written()?;
    let drawn = LESSON.run([OsStr::new("ladder"), n0.as_ref(), n1.as_ref()])?.expect_code(0)?;
    let expected = "    n0                        n1
    │                         │
    ● 1 ──▶ m1                │
    │                         │
    ● 2 ◀─────────────────────● 1
    │                         │
    │                   m1 ──▶● 2
";
    assert_eq!((&*drawn.stdout, &*drawn.stderr), (expected, ""));

    // One is cut: the rest is drawn, and the cut is reported.
    let text = fs::read_to_string(&n1)?;
    fs::write(&n1, &text[..text.len() - 3])?;
    let from_stdin = LESSON.command([OsStr::new("ladder"), "-".as_ref(), n1.as_ref()]);
    let cut = process::run_with_input(from_stdin, &fs::read_to_string(&n0)?)?.expect_code(0)?;
    assert!(cut.stdout.contains("m1 in flight"), "{}", cut.stdout);
    let report = "n1.jsonl: line 3 is cut, and left out: the file ends inside it\n";
    assert!(cut.stderr.ends_with(report), "{}", cut.stderr);
    Ok(())
}

#[test]
fn files_that_are_not_traces_of_one_run_are_refused() -> Result<()> {
    let (folder, [n0, n1]) = written()?;
    let bad = folder.path().join("bad");
    fs::write(&bad, "{\"trace\":1,\"services\":[\"n0\"]}\nhello\n")?;
    let missing = folder.path().join("missing");
    for (files, why) in [
        (vec![&n0, &missing], "missing: No such file"),
        (vec![&n0, &bad], "bad: line 2 is not an event: expected value"),
        (vec![&n0, &n1, &n0], "n0.jsonl: both have events of the service `n0`"),
    ] {
        let files = files.into_iter().map(|file| file.as_os_str());
        let refused =
            LESSON.run([OsStr::new("ladder")].into_iter().chain(files))?.expect_code(1)?;
        assert_eq!(refused.stdout, "");
        let error = &refused.stderr;
        assert!(error.starts_with("error: cannot draw these traces: "));
        assert!(error.contains(why) && error.lines().count() == 1, "{error}");
    }
    LESSON.run(["ladder"])?.expect_code(2)?;
    Ok(())
}

#[test]
fn a_run_is_drawn_into_a_file() -> Result<()> {
    let run = lamport::runs::two_nodes()?;
    LESSON.draws(&run)?;
    // It ends then, with the run on the screen as well, and the lesson does not start.
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("run.svg");
    let drawn = LESSON.run([OsStr::new("--draw"), file.as_ref()])?.expect_code(0)?;
    assert!(drawn.stdout.contains("● 6 V receive ◀"), "{}", drawn.stdout);
    assert_eq!(drawn.stdout.lines().count(), run.ladder(80).lines().count());
    LESSON.draws_each_view(&["draw", "a.ab.1"])?;
    let svg = LESSON.draw(&["draw", "a.ab.1"], "run.svg")?;
    assert!(svg.contains("<title>b: 3, receives m1</title>"), "{svg}");
    let (_folder, [n0, n1]) = written()?;
    let args = [OsStr::new("ladder"), n0.as_ref(), n1.as_ref()];
    let svg = LESSON.draw(&args, "run.svg")?;
    assert!(svg.contains("<title>n1: 2, receives m1</title>"), "{svg}");
    Ok(())
}

#[test]
fn what_cannot_be_drawn_into_a_file_is_refused() -> Result<()> {
    let none: [&str; 0] = [];
    LESSON.refuses_to_draw(&none)?;
    LESSON.refuses_to_draw(&["draw", "a.ab.1"])?;
    LESSON.refuses_to_draw_before("draw a")?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("n0.jsonl");
    std::fs::write(&file, "{\"trace\":1,\"services\":[\"n0\"]}\n")?;
    let (path, draw) = (file.as_os_str(), "--draw".as_ref());
    let own = LESSON.run(["ladder".as_ref(), path, draw, path])?.expect_code(2)?;
    assert!(own.stderr.starts_with("error: --draw would replace "), "{}", own.stderr);
    assert!(std::fs::read_to_string(&file)?.starts_with("{\"trace\""));
    Ok(())
}
