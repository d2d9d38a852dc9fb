//! The lesson's promises.

mod at_work;

use lesson_tests::Result;

lesson_tests::lesson!();

#[test]
fn another_seed_is_named_and_draws_another_run() -> Result<()> {
    let run = |seed| -> Result<String> { Ok(LESSON.run(["--seed", seed])?.expect_code(0)?.stdout) };
    let (first, other) = (run("1")?, run("7")?);
    assert!(other.contains("virtual time, seed 7") && !other.contains("seed 1"), "{other}");
    // The messages that are lost, the waits, the outages and the phone.
    assert!(first != other);
    run("18446744073709551615")?;
    Ok(())
}

#[test]
fn arguments_that_make_no_sense_exit_2() -> Result<()> {
    for args in [vec!["--seed", "x"], vec!["--seed", "-1"], vec!["serve"]] {
        LESSON.run(args)?.expect_code(2)?;
    }
    Ok(())
}
