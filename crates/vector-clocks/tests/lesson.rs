//! The lesson's promises, and drawings of a reader's own.

mod at_work;
#[cfg(unix)]
mod sides;

use std::ffi::OsStr;
use std::fs::File;

use lesson_tests::Result;
use trace::Event;
use views::file::Writer;

lesson_tests::lesson!();

#[test]
fn a_schedule_of_the_readers_own_is_drawn_with_its_stamps() -> Result<()> {
    let drawn = LESSON.run(["draw", "a.ab.1"])?.expect_code(0)?;
    assert_eq!(
        drawn.stdout,
        "    a                         b\n    │                         │\n    \
         ● [1,0]                   │\n    │                         │\n    \
         ● [2,0] ─────────────────▶● [2,1]\n"
    );
    let refused = LESSON.run(["draw", "ab.2"])?.expect_code(1)?;
    assert!(refused.stderr.contains("action 2, `2`, is impossible there"), "{}", refused.stderr);
    Ok(())
}

#[test]
fn the_traces_of_several_nodes_are_drawn_together() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let [a, b] = ["a.jsonl", "b.jsonl"].map(|name| folder.path().join(name));
    let mut writer = Writer::new(File::create(&a)?, ["a", "b"])?;
    writer.event(&Event::send(0, 1, "m1").vector([1, 0]))?;
    let mut writer = Writer::new(File::create(&b)?, ["b", "a"])?;
    writer.event(&Event::receive(0, "m1").vector([1, 1]))?;
    let drawn = LESSON.run([OsStr::new("ladder"), b.as_ref(), a.as_ref()])?.expect_code(0)?;
    let expected = "    b                         a
    │                         │
    ● [1,1] ◀─────────────────● [0,1]
";
    assert_eq!((&*drawn.stdout, &*drawn.stderr), (expected, ""));
    Ok(())
}

#[test]
fn a_run_is_drawn_into_a_file() -> Result<()> {
    LESSON.draws(&vector_clocks::runs::short()?)?;
    LESSON.draws_each_view(&["draw", "a.ab.1"])?;
    let svg = LESSON.draw(&["draw", "a.ab.1"], "run.svg")?;
    assert!(svg.contains("<title>b: [2,1], receives m1</title>"), "{svg}");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("n0");
    let mut writer = Writer::new(File::create(&file)?, ["n0"])?;
    writer.event(&Event::local(0).label("alone"))?;
    let args = ["ladder".as_ref(), file.as_os_str()];
    let svg = LESSON.draw(&args, "run.svg")?;
    assert!(svg.contains("<title>n0: alone</title>"), "{svg}");
    Ok(())
}

#[test]
fn what_cannot_be_drawn_into_a_file_is_refused() -> Result<()> {
    let none: [&str; 0] = [];
    LESSON.refuses_to_draw(&none)?;
    LESSON.refuses_to_draw(&["draw", "a.ab.1"])?;
    LESSON.refuses_to_draw_before("node")?;
    Ok(())
}
