//! The lesson's promises, and drawings of a reader's own.

use lesson_tests::Result;

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
    assert!(
        refused.stderr.contains("`2`, cannot happen then"),
        "{}",
        refused.stderr
    );
    Ok(())
}
