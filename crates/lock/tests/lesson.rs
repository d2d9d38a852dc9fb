//! The lesson's promises, and drawings of a reader's own.

mod at_work;
#[cfg(unix)]
mod sides;

use lesson_tests::Result;
use lock::holders;

lesson_tests::lesson!();

#[test]
fn a_schedule_is_drawn_and_an_impossible_one_refused() -> Result<()> {
    let drawn = LESSON.run(["draw", "a.1.2.a.3"])?.expect_code(0)?;
    for event in ["request 1", "ack 3", "holds the lock", "release 5"] {
        assert!(drawn.stdout.contains(event), "{event}: {}", drawn.stdout);
    }
    let three = LESSON.run(["draw", "a.b.c.6", "--nodes", "3"])?.expect_code(0)?;
    assert!(three.stdout.contains("m5 in flight"), "{}", three.stdout);
    for (schedule, why) in [
        ("a.a", "action 2, `a`, is impossible there"),
        ("ax", "is impossible there; possible: a b"),
        ("ab", "action 1 of the schedule is not an action: `ab`"),
    ] {
        let refused = LESSON.run(["draw", schedule])?.expect_code(1)?;
        assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
        assert!(refused.stderr.contains(why), "{schedule}: {}", refused.stderr);
        let hint =
            "\n       a asks, 1 delivers message 1, 1x loses it, 1c delivers and keeps a copy\n";
        assert!(refused.stderr.ends_with(hint), "{schedule}: {}", refused.stderr);
    }
    LESSON.run(["draw", "a", "--nodes", "27"])?.expect_code(2)?;
    Ok(())
}

/// The files of three processes, kept in a folder.
const THREE: [&str; 3] = ["tests/three/n0", "tests/three/n1", "tests/three/n2"];

#[test]
fn a_run_is_drawn_into_a_file() -> Result<()> {
    LESSON.draws(&holders::paused(true)?.trace)?;
    LESSON.draws_each_view(&["draw", "a.1.2.a.3"])?;
    let svg = LESSON.draw(&["draw", "a.1.2.a.3"], "run.svg")?;
    assert!(svg.contains("holds the lock"), "{svg}");
    let args = THREE.map(|file| format!("crates/lock/{file}"));
    let args: Vec<&str> = ["judge"].into_iter().chain(args.iter().map(String::as_str)).collect();
    let svg = LESSON.draw(&args, "run.svg")?;
    assert!(svg.contains("gives it back"), "{svg}");
    Ok(())
}

#[test]
fn what_cannot_be_drawn_into_a_file_is_refused() -> Result<()> {
    let none: [&str; 0] = [];
    LESSON.refuses_to_draw(&none)?;
    LESSON.refuses_to_draw(&["draw", "a"])?;
    LESSON.refuses_to_draw_before("node")
}
