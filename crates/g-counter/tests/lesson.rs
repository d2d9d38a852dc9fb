//! The lesson's promises, and worlds of a reader's own.

use lesson_tests::Result;

lesson_tests::lesson!();

#[test]
fn a_seed_is_run_again_the_same_each_time() -> Result<()> {
    let run = || LESSON.run(["simulate", "--seed", "7"])?.expect_code(0);
    let first = run()?;
    assert!(
        first.stdout.starts_with("120 asked for, "),
        "{}",
        first.stdout
    );
    assert_eq!(first.stdout, run()?.stdout);
    Ok(())
}

#[test]
fn a_soak_says_how_many_worlds_ended_well() -> Result<()> {
    let soaked = LESSON
        .run(["soak", "--seeds", "20", "--from", "5"])?
        .expect_code(0)?;
    assert_eq!(soaked.stdout, "20 worlds, and all ended well\n");
    let beyond = ["soak", "--seeds", "2", "--from", "18446744073709551615"];
    let beyond = LESSON.run(beyond)?.expect_code(1)?;
    assert!(
        beyond
            .stderr
            .starts_with("error: there are no seeds beyond"),
        "{}",
        beyond.stderr
    );
    Ok(())
}

#[test]
fn a_schedule_of_two_replicas_is_drawn_and_one_that_cannot_be_is_refused() -> Result<()> {
    let drawn = LESSON.run(["draw", "a.aw.at.1x"])?.expect_code(0)?;
    assert!(drawn.stdout.contains("m1 lost"), "{}", drawn.stdout);
    let refused = LESSON.run(["draw", "a.1"])?.expect_code(1)?;
    let why = "action 2 of the schedule, `1`, cannot happen then";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
    Ok(())
}
