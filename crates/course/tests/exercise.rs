//! What is done with an exercise: check, hint, solution, reset.

use std::fs;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use course::bounded::Bounds;
use course::check::{Checked, Checker, Outcome};

use crate::folder::{Course, Ran, judge};

#[test]
fn a_pass_is_noted_and_an_edit_shows() {
    let course = Course::new().with_exercise(&judge("PASS it is", 0));
    let ran = course.run(&["check", "echo"]);
    assert_eq!((ran.code, &ran.out[..]), (Some(0), "PASS it is\n"));
    assert!(course.progress().unwrap().starts_with("echo passed "));
    assert!(course.run(&["list"]).out.contains(" 20  ✓\n"));
    course.write("lessons/06-echo/exercise.rs", "another");
    assert!(course.run(&["list"]).out.contains(" 20  ~\n"));
}

#[test]
fn a_check_that_does_not_pass_is_not_noted() {
    for code in [1, 3] {
        let course = Course::new().with_exercise(&judge("no pass", code));
        let ran = course.run(&["check", "echo"]);
        assert_eq!((ran.code, &ran.out[..]), (Some(code.into()), "no pass\n"));
        assert_eq!(course.progress(), None);
    }
}

#[test]
fn only_the_judges_own_word_is_a_pass() {
    for script in [
        "exit 0",
        "echo echo PASS; exit 0",
        "echo seal 123 0; exit 0",
        "echo \"seal $COURSE_SEAL\"; exit 0",
    ] {
        let course = Course::new().with_exercise(script);
        let ran = course.run(&["check", "echo"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(
            ran.out.contains("echo   WRONG   your code ended the whole program, with exit code 0"),
            "{ran:?}"
        );
        assert_eq!(course.progress(), None);
    }
}

#[test]
fn each_way_that_the_readers_code_ends_is_reported() {
    for (script, reason) in [
        (
            "echo \"thread 'main' has overflowed its stack\" >&2; kill -ABRT $$",
            "overflowed the stack",
        ),
        ("echo 'memory allocation of 99 bytes failed' >&2; kill -ABRT $$", "asked for more memory"),
        ("kill -SEGV $$", "ended by the system: signal: 11"),
        ("exit 42", "with exit code 42"),
    ] {
        let ran = Course::new().with_exercise(script).run(&["check", "echo"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let on_one_line = ran.out.replace("\n          ", " ");
        assert!(on_one_line.contains(reason), "{reason}: {ran:?}");
    }
}

#[test]
fn code_that_does_not_terminate_is_ended_and_its_output_shown() {
    let course = Course::new().with_exercise("echo here I am; sleep 1000");
    let lessons = course::lessons::read(course.root()).unwrap();
    let checker = Checker {
        root: course.root(),
        cargo: course.path("cargo").into(),
        bounds: Bounds { time: Duration::from_secs(2), ..Bounds::default() },
        interrupted: &AtomicBool::new(false),
        columns: 80,
        colour: false,
    };
    let Checked { outcome, screen } = checker.check(&lessons[0], &[]).unwrap();
    assert_eq!(outcome, Outcome::TimedOut);
    let screen = String::from_utf8(screen).unwrap();
    assert!(screen.starts_with("here I am\necho   TIMED OUT   no verdict after 2 s"), "{screen}");
}

#[test]
fn a_judge_gets_the_width_of_the_terminal() {
    let course = Course::new().with_exercise("echo \"$COLUMNS columns\"; exit 7");
    let narrow = course.command(&["check", "echo"]).env("COLUMNS", "40").output();
    let narrow = Ran::from(narrow.expect("the course runs"));
    assert!(narrow.out.starts_with("40 columns\n"), "{narrow:?}");
    assert!(narrow.out.lines().all(|line| line.chars().count() <= 40), "{narrow:?}");
    let wide = course.run(&["check", "echo"]);
    assert!(wide.out.starts_with("80 columns\n"), "{wide:?}");
}

#[test]
fn ctrl_c_ends_a_check_while_it_builds_and_while_it_runs() {
    // Either is a child of the course and presses Ctrl-C for the reader. The terminal's would reach
    // cargo as well.
    let course = Course::new().with_exercise("kill -INT $PPID; exec sleep 1000");
    let ran = course.run(&["check", "echo"]);
    assert_eq!(
        (ran.code, &ran.out[..]),
        (Some(130), "echo   INTERRUPTED   no verdict\n\n  file    lessons/06-echo/exercise.rs\n")
    );
    let course = course.with_cargo("kill -INT $PPID; kill -INT $$");
    let ran = course.run(&["check", "echo"]);
    assert_eq!(
        (ran.code, &ran.out[..]),
        (
            Some(130),
            "echo   INTERRUPTED   nothing was run\n\n  file    lessons/06-echo/exercise.rs\n"
        )
    );
}

#[test]
fn a_closed_pipe_does_not_change_the_exit_code_of_a_verdict() {
    let course = Course::new().with_exercise(&judge("WRONG", 1));
    let mut command = course.command(&["check", "echo"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn code_that_does_not_compile_exits_5_with_the_compilers_words() {
    let course = Course::new().with_cargo("echo 'error[E0308]: mismatched types' >&2; exit 101\n");
    let ran = course.run(&["check", "echo"]);
    assert_eq!(ran.code, Some(5));
    assert!(ran.out.starts_with("echo   DOES NOT COMPILE   "), "{ran:?}");
    assert_eq!(ran.err, "error[E0308]: mismatched types\n");
}

#[test]
fn a_file_that_is_gone_exits_5_and_says_how_to_get_it_back() {
    let course = Course::new();
    fs::remove_file(course.path("lessons/06-echo/exercise.rs")).unwrap();
    let ran = course.run(&["check", "echo"]);
    assert_eq!(ran.code, Some(5));
    assert!(ran.out.ends_with("  next    cargo run -- reset echo\n"), "{ran:?}");
    assert_eq!(course.run(&["reset", "echo"]).code, Some(0));
    assert_eq!(course.exercise(), checks::ExerciseInfo::find("echo").unwrap().stub);
}

#[test]
fn check_all_exits_with_the_code_of_the_first_that_fails() {
    let course = Course::new().with_exercise(&judge("PASS it is", 0));
    let ran = course.run(&["check", "--all"]);
    assert_eq!((ran.code, &ran.out[..]), (Some(0), "  06  echo            PASS\n"));
    assert!(course.progress().unwrap().starts_with("echo passed "));

    let course = Course::new().with_exercise(&judge("not yet", 3));
    course.write(
        "lessons/09-http-client/README.md",
        "# 09 http-client\n\n**Who asks?**\n\nTakes 25 minutes. Before it: echo.\n",
    );
    let ran = course.run(&["check", "--all"]);
    let expected = "  06  echo            NOT STARTED\n  09  http-client     DOES NOT COMPILE\n\n  \
                    next  cargo run -- check echo\n";
    assert_eq!((ran.code, &ran.out[..]), (Some(3), expected));
}

#[test]
fn a_program_gets_json() {
    let course = Course::new().with_exercise(&judge("a \"screen\"", 1));
    for arguments in [&["check", "echo", "--json"][..], &["check", "--all", "--json"]] {
        let ran = course.run(arguments);
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let expected = serde_json::json!({
            "lesson": "echo",
            "file": "lessons/06-echo/exercise.rs",
            "verdict": "WRONG",
            "exit_code": 1,
            "screen": "a \"screen\"\n",
        });
        assert_eq!(report, expected);
        assert_eq!(ran.out.lines().count(), 1);
        assert_eq!(ran.code, Some(1));
    }
}

#[test]
fn the_judge_picks_a_hint_and_a_level_needs_no_judge() {
    let course = Course::new().with_exercise(&judge("$1 of the judge", 1).replace('\'', "\""));
    let ran = course.run(&["hint", "echo"]);
    assert_eq!((ran.code, &ran.out[..]), (Some(0), "hint of the judge\n"));

    let course = Course::new().with_cargo("exit 101\n");
    let [_, concept, line] = checks::ExerciseInfo::find("echo").unwrap().hints;
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (level, hint) in [("2", concept), ("3", line)] {
        let ran = course.run(&["hint", "echo", level]);
        assert!(words(&ran.out).contains(&words(hint)), "{ran:?}");
        assert_eq!(ran.code, Some(0));
    }
    assert_eq!(course.run(&["hint", "echo", "4"]).code, Some(2));

    // What does not compile cannot be judged; the first hint is all there is to give.
    let ran = course.run(&["hint", "echo"]);
    assert!(ran.out.contains("echo   DOES NOT COMPILE   "), "{ran:?}");
    assert!(ran.out.contains("\necho   HINT   1 of 3\n"), "{ran:?}");
    assert_eq!(ran.code, Some(0));
}

#[test]
fn a_solution_is_shown_only_on_request() {
    let course = Course::new();
    let ran = course.run(&["solution", "echo"]);
    let expected = "error: it is shown only if you say so: cargo run -- solution echo --yes\n";
    assert_eq!((ran.code, &ran.out[..], &ran.err[..]), (Some(2), "", expected));

    let echo = checks::ExerciseInfo::find("echo").unwrap();
    let whole = echo.reference.split_once("\n\n").unwrap().1;
    for untouched in [None, Some(echo.stub)] {
        course.have(untouched);
        let ran = course.run(&["solution", "echo", "--yes"]);
        assert_eq!((ran.code, &ran.out[..]), (Some(0), whole));
    }
    course.have(Some(&echo.reference.replace("_ => return", "_ => panic!(); return")));
    let ran = course.run(&["solution", "echo", "--yes"]);
    assert!(ran.out.contains("\n-        _ => panic!(); return"), "{ran:?}");
    assert!(ran.out.contains("\n+        _ => return"), "{ran:?}");
    assert!(ran.out.lines().count() < 12, "{ran:?}");
    course.have(Some(echo.reference));
    let ran = course.run(&["solution", "echo", "--yes"]);
    assert_eq!(ran.out.trim(), "Your file is this solution.");
}

#[test]
fn a_reset_keeps_every_file_that_was_there() {
    let course = Course::new();
    let stub = checks::ExerciseInfo::find("echo").unwrap().stub;
    for (count, kept) in ["exercise.rs.old", "exercise.rs.old.2"].iter().enumerate() {
        let mine = format!("mine, {count}");
        course.have(Some(&mine));
        let ran = course.run(&["reset", if count == 0 { "echo" } else { "--all" }]);
        assert!(ran.out.ends_with(&format!(" {kept}.\n")), "{ran:?}");
        assert_eq!(course.exercise(), stub);
        let kept = course.path("lessons/06-echo").join(kept);
        assert_eq!(fs::read_to_string(kept).unwrap(), mine);
    }
    let ran = course.run(&["reset", "echo"]);
    assert_eq!(
        (ran.code, ran.out.trim()),
        (Some(0), "lessons/06-echo/exercise.rs is as you got it.")
    );
    let files = fs::read_dir(course.path("lessons/06-echo")).unwrap().count();
    assert_eq!(files, 4, "two old ones, the page, and the exercise");
}
