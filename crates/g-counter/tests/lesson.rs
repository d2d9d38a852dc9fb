//! The lesson's promises, and worlds of a reader's own.

mod at_work;
mod maelstrom;

use lesson_tests::Result;

lesson_tests::lesson!();

#[test]
fn a_seed_is_run_again_the_same_each_time() -> Result<()> {
    let run = || LESSON.run(["simulate", "--seed", "7"])?.expect_code(0);
    let first = run()?;
    assert!(first.stdout.starts_with("120 asked for, "), "{}", first.stdout);
    assert_eq!(first.stdout, run()?.stdout);
    Ok(())
}

#[test]
fn a_soak_prints_how_many_seeds_it_tried() -> Result<()> {
    let soaked = LESSON.run(["soak", "--seeds", "20", "--from", "5"])?.expect_code(0)?;
    assert_eq!(soaked.stdout, "20 seeds: the counter did not break\n");
    let beyond = ["soak", "--seeds", "2", "--from", "18446744073709551615"];
    let beyond = LESSON.run(beyond)?.expect_code(1)?;
    assert!(beyond.stderr.starts_with("error: there are no seeds beyond"), "{}", beyond.stderr);
    Ok(())
}

#[test]
fn a_schedule_is_drawn_and_an_impossible_one_is_refused() -> Result<()> {
    let drawn = LESSON.run(["draw", "a.aw.at.1x"])?.expect_code(0)?;
    assert!(drawn.stdout.contains("m1 lost"), "{}", drawn.stdout);
    let refused = LESSON.run(["draw", "a.1"])?.expect_code(1)?;
    let why = "action 2, `1`, is impossible there";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
    Ok(())
}

#[test]
fn a_run_is_drawn_into_a_file() -> Result<()> {
    LESSON.draws(&g_counter::runs::two_of_three()?.trace)?;
    LESSON.draws_each_view(&["draw", "a.aw.at.1x"])?;
    let drawn = g_counter::smallest::trace_of("a.aw.at.1x")?;
    assert_eq!(LESSON.draw(&["draw", "a.aw.at.1x"], "run.svg")?, views::svg(&drawn));
    Ok(())
}

#[test]
fn a_file_that_cannot_be_drawn_is_refused() -> Result<()> {
    let none: [&str; 0] = [];
    LESSON.refuses_to_draw(&none)?;
    LESSON.refuses_to_draw(&["draw", "a.aw.at.1x"])?;
    LESSON.refuses_to_draw_before("soak")?;
    Ok(())
}
