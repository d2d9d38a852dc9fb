//! The lesson's promises, and its run drawn into files.

mod merge;
#[path = "../examples/stamped.rs"]
mod stamped;
mod tool;

use lesson_tests::Result;

lesson_tests::lesson!();

const ORDER: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../lessons/18-causal-log/order-7.jsonl");

#[test]
fn the_run_and_logs_are_drawn_into_files() -> Result<()> {
    let run = causal_log::services::observe()?.trace;
    let none: [&str; 0] = [];
    assert_eq!(LESSON.draw(&none, "run.svg")?, views::svg(&run));
    assert_eq!(LESSON.draw(&none, "run.shiviz")?, views::shiviz::log(&run));
    let page = LESSON.draw(&["draw", ORDER], "order.html")?;
    assert!(page.contains("<title>order</title>"), "{page}");
    assert!(page.contains("disk is 97 % full"), "{page}");
    let collected = LESSON.draw(&["draw", ORDER], "run.svg")?;
    assert_eq!(collected, views::svg(&run), "the file beside the page is drawn like the run");
    Ok(())
}

#[test]
fn what_cannot_be_drawn_into_a_file_is_refused() -> Result<()> {
    let none: [&str; 0] = [];
    LESSON.refuses_to_draw(&none)?;
    LESSON.refuses_to_draw(&["draw", ORDER])?;
    let before = LESSON.run(["--draw", "run.svg", "check"])?.expect_code(2)?;
    let why = "error: --draw stands after the command that draws\n";
    assert!(before.stderr.starts_with(why), "{}", before.stderr);
    Ok(())
}
