//! The lesson's promises, and drawings of a reader's own.

use lesson_tests::Result;

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
fn a_schedule_that_cannot_be_is_refused_in_one_line() -> Result<()> {
    for (code, why) in [
        ("ab.2", "action 2 of the schedule, `2`, cannot happen then"),
        (
            "ab.1.1",
            "action 3 of the schedule, `1`, cannot happen then",
        ),
        (
            "ab.!",
            "action 2 of the code says nothing that can happen here: `!`",
        ),
        ("", "action 1 of the code is empty"),
    ] {
        let refused = LESSON.run(["draw", code])?.expect_code(1)?;
        assert_eq!(refused.stdout, "");
        assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
        assert!(refused.stderr.contains(why), "{code}: {}", refused.stderr);
    }
    let long = vec!["a"; 20_000].join(".");
    let refused = LESSON.run(["draw", &long])?.expect_code(1)?;
    assert!(
        refused.stderr.contains("over the limit of 10000"),
        "{}",
        refused.stderr
    );
    Ok(())
}

#[test]
fn a_schedule_of_the_lock_is_drawn_and_one_that_cannot_be_is_refused() -> Result<()> {
    let drawn = LESSON.run(["lock", "a.1.2.a.3"])?.expect_code(0)?;
    for event in [
        "request 1",
        "ack 3",
        "holds the lock",
        "release 5",
        "gave it back",
    ] {
        assert!(drawn.stdout.contains(event), "{event}: {}", drawn.stdout);
    }
    let three = LESSON
        .run(["lock", "a.b.c.6", "--nodes", "3"])?
        .expect_code(0)?;
    assert!(three.stdout.contains("m5 under way"), "{}", three.stdout);
    for (code, why) in [
        ("a.a", "action 2 of the schedule, `a`, cannot happen then"),
        ("ax", "cannot happen then; what can: a b"),
        (
            "ab",
            "action 1 of the code says nothing that can happen here: `ab`",
        ),
    ] {
        let refused = LESSON.run(["lock", code])?.expect_code(1)?;
        assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
        assert!(refused.stderr.contains(why), "{code}: {}", refused.stderr);
    }
    LESSON.run(["lock", "a", "--nodes", "27"])?.expect_code(2)?;
    Ok(())
}
