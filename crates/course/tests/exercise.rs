//! What is done with an exercise: check, hint, solution, reset.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use course::bounded::Bounds;
use course::check::{Checked, Checker, Outcome};

use serde_json::{Value, json};

use crate::folder::{Course, DRAWS, HINTS, REFERENCE, Ran, STUB, judge};

#[test]
fn a_pass_is_noted_and_an_edit_shows() {
    let course = Course::new().with_exercise(&judge("PASS", "PASS it is"));
    let ran = course.run(&["check", "echo"]);
    assert_eq!((ran.code, ran.out), (Some(0), format!("PASS it is\n{NEXT}")));
    assert!(course.progress().unwrap().starts_with("echo passed "));
    assert!(course.run(&["list"]).out.contains(" 20  ✓\n"));
    course.write("lessons/06-echo/exercise.rs", "another");
    assert!(course.run(&["list"]).out.contains(" 20  ~\n"));
}

/// The map, the commands without a name and what follows a pass.
#[test]
fn next_means_one_thing_everywhere() {
    let course = Course::new().with_exercise(&judge("PASS", "PASS it is")).with_http_client();
    let page = |course: &Course| {
        let map = course.run(&["list"]).out;
        map.split_once("  read    ").unwrap().1.split_whitespace().next().unwrap().to_owned()
    };
    let exercise = |course: &Course| {
        let ran = course.run(&["hint", "2"]);
        assert!(ran.out.contains("   HINT   2 of 3"), "{ran:?}");
        ran.err.trim().to_owned()
    };
    let (echo, http) = (
        "next: 06 echo, lessons/06-echo/exercise.rs",
        "next: 09 http-client, lessons/09-http-client/exercise.rs",
    );
    assert_eq!((&page(&course)[..], &exercise(&course)[..]), ("lessons/06-echo/README.md", echo));
    let ran = course.run(&["check"]);
    assert!(ran.out.ends_with("  next    07 packets: lessons/07-packets/README.md\n"), "{ran:?}");
    assert_eq!(ran.err.trim(), echo);
    // A lesson that passed stays done when its file is edited.
    course.have(Some("edited"));
    assert_eq!(page(&course), "lessons/07-packets/README.md");
    assert_eq!(exercise(&course), http);
    // And is open again when it is reset.
    assert_eq!(course.run(&["reset", "echo"]).code, Some(0));
    assert_eq!((&page(&course)[..], &exercise(&course)[..]), ("lessons/06-echo/README.md", echo));
    // So it is when the file is what a reader gets, however that came.
    course.have(Some("solved"));
    course.run(&["check"]);
    course.have(Some(STUB));
    assert_eq!((&page(&course)[..], &exercise(&course)[..]), ("lessons/06-echo/README.md", echo));

    course.run(&["skip", "06-09"]);
    let ran = course.run(&["check"]);
    let expected = "error: every exercise is done or skipped\n       name the one you mean; cargo \
                    run -- list shows them all\n";
    assert_eq!((ran.code, &ran.err[..]), (Some(2), expected));
    let ran = course.run(&["check", "6"]);
    assert!(ran.out.ends_with("  next    nothing: all lessons are done\n"), "{ran:?}");
}

#[test]
fn a_pass_stands_where_it_cannot_be_noted() {
    // The judge puts a folder in the way.
    let script = judge("PASS", "PASS it is") + "mkdir .progress\n";
    let ran = Course::new().with_exercise(&script).run(&["check", "echo"]);
    assert_eq!((ran.code, ran.out.lines().next()), (Some(0), Some("PASS it is")));
    assert!(ran.err.starts_with("error: the pass is not noted: cannot read "), "{}", ran.err);
}

#[test]
fn a_lone_number_is_a_level_up_to_3_and_a_lesson_above() {
    let course = Course::new();
    for (arguments, level) in
        [(&["hint", "3"][..], 3), (&["hint", "6", "2"], 2), (&["hint", "06", "1"], 1)]
    {
        let ran = course.run(arguments);
        assert!(ran.out.contains(&format!("echo   HINT   {level} of 3")), "{ran:?}");
    }
    assert!(course.run(&["hint", "6"]).err.contains("cargo does not say"), "it is judged");
    assert!(course.run(&["hint", "02"]).err.contains("no lesson \"02\""));
}

#[test]
fn a_check_that_does_not_pass_is_not_noted() {
    for (word, code) in [("WRONG", 1), ("KEEPS STATE", 1), ("NOT STARTED", 3), ("TIMED OUT", 4)] {
        let course = Course::new().with_exercise(&judge(word, "no pass"));
        let ran = course.run(&["check", "echo"]);
        assert_eq!((ran.code, &ran.out[..]), (Some(code), "no pass\n"));
        assert_eq!(course.progress(), None);
    }
}

#[test]
fn only_the_judges_own_word_is_a_pass() {
    for script in [
        "exit 0",
        "rm \"$1\"; exit 0",
        "echo echo PASS; exit 0",
        "echo verdict - PASS; exit 0",
        "printf 'verdict - PA' > \"$1\"; exit 0",
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
            "printf \"\\nthread 'your code' has overflowed its stack\\n\" >&2
            echo 'fatal runtime error: stack overflow, aborting' >&2; kill -ABRT $$",
            "your code overflowed the stack",
        ),
        (
            "echo 'memory allocation of 99 bytes failed' >&2
            echo 'note: run with `RUST_BACKTRACE=1`' >&2; kill -ABRT $$",
            "your code asked for more memory than a check may take",
        ),
        ("kill -SEGV $$", "your code was ended by the system: signal: 11"),
        ("exit 42", "your code ended the whole program, with exit code 42"),
    ] {
        let script = format!("{DRAWS}printf '0\\n1\\n2\\n' > \"$1\"; printf words; {script}");
        let course = Course::new().with_exercise(&script);
        let ran = course.run(&["check", "echo"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let on_one_line = ran.out.replace("\n          ", " ");
        let head = format!("words\necho   WRONG   {reason}");
        assert!(on_one_line.starts_with(&head), "{reason}: {ran:?}");
        let tail = "\n\n  file    lessons/06-echo/exercise.rs\n\nthe case at 2\n";
        assert!(ran.out.ends_with(tail), "{ran:?}");
        assert_no_verdict_is_left(&course);
    }
}

#[test]
fn an_end_without_a_case_to_show_has_a_next_step() {
    let full = "echo 'error: cannot write the verdict: no room' >&2; exit 74";
    for script in [
        "exit 7".to_owned(),
        format!("if [ \"$2\" = draw ]; then {full}; fi; echo 3 > \"$1\"; exit 7"),
    ] {
        let ran = Course::new().with_exercise(&script).run(&["check", "echo"]);
        assert!(ran.out.ends_with("exercise.rs\n  next    cargo run -- hint echo\n"), "{ran:?}");
        assert_eq!((ran.code, &ran.err[..]), (Some(1), ""));
    }
}

fn assert_no_verdict_is_left(course: &Course) {
    let files = fs::read_dir(course.root()).expect("the folder is there");
    for file in files {
        let name = file.expect("the folder is there").file_name();
        assert!(!name.to_string_lossy().contains("verdict"), "{}", name.display());
    }
}

#[test]
fn a_verdict_stands_however_the_program_ends() {
    for end in ["kill -ABRT $$", "exit 7", "exit 74", "echo noise; sleep 1000 & exit 3"] {
        let course = Course::new().with_exercise(&(judge("PASS", "it is") + end));
        let ran = course.run(&["check", "echo"]);
        assert_eq!((ran.code, &ran.out[..]), (Some(0), &format!("it is\n{NEXT}")[..]), "{end}");
        assert_no_verdict_is_left(&course);
    }
}

/// What follows a pass of echo.
const NEXT: &str = "  next    07 packets: lessons/07-packets/README.md\n";

#[test]
fn a_verdict_stands_where_a_process_gets_away_with_the_output() {
    // A job of its own group, which outlives the program.
    let script = judge("PASS", "it is") + "bash -c 'set -m; sleep 1000 & echo $! > escaped'\n";
    let course = Course::new().with_exercise(&script);
    let ran = course.run(&["check", "echo"]);
    let escaped = fs::read_to_string(course.path("escaped")).unwrap();
    Command::new("kill").arg(escaped.trim()).status().unwrap();
    assert_eq!((ran.code, ran.out), (Some(0), format!("it is\n{NEXT}")));
}

#[test]
fn only_the_case_that_is_shown_prints() {
    for (report, printed) in [
        ("noise; printf 'verdict 2 WRONG", "at case @2\n"),
        ("noise; printf 'verdict 0 KEEPS STATE", "at case @0\n"),
        ("noise; printf 'verdict - WRONG", ""),
        ("noise; printf 'verdict 2 TIMED OUT", ""),
        ("; printf 'verdict 2 WRONG", ""),
    ] {
        let script = format!(
            "if [ \"$2\" = replay ]; then
              printf 'verdict 1 PASS\\nanother screen\\n' > \"$1\"
              printf \"at case $3\"
              exit
            fi
            printf '%s' {report}\\nscreen\\n' > \"$1\"\n"
        );
        let course = Course::new().with_exercise(&script);
        let ran = course.run(&["check", "echo"]);
        assert_eq!(ran.out, format!("{printed}screen\n"), "{report}");
        assert_no_verdict_is_left(&course);
    }
}

#[test]
fn a_flood_from_the_background_leaves_the_verdict_and_the_case() {
    let flood = "while :; do echo flood; done &\n";
    let verdict = "printf 'verdict 2 WRONG\\nscreen\\n' > \"$1\"\n";
    let course = Course::new().with_exercise(&format!("{flood}{verdict}"));
    let ran = course.run(&["check", "echo"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.ends_with("\nscreen\n"), "{ran:?}");
    assert!(ran.out.len() < 10_000, "{ran:?}");
}

/// Checks echo with little time, and with more until the screen has these words: the program
/// has begun then.
fn check_until(script: &str, words: &str) -> Checked {
    let course = Course::new().with_exercise(script);
    let lessons = course::lessons::read(course.root()).expect("they are there");
    let check = |doubled| {
        let time = Duration::from_millis(100) * 2_u32.pow(doubled);
        let checker = Checker {
            root: course.root(),
            cargo: course.path("cargo").into(),
            bounds: Bounds { time, ..Bounds::default() },
            interrupted: &AtomicBool::new(false),
            columns: 80,
            colour: false,
        };
        checker.check(&lessons[0], &[]).expect("cargo and the program run")
    };
    let mut checked = (0..10).map(check);
    let found = checked.find(|checked| String::from_utf8_lossy(&checked.screen).contains(words));
    found.expect("within a minute it has begun")
}

#[test]
fn code_that_does_not_terminate_is_ended_and_its_case_shown() {
    let script = format!("{DRAWS}echo here I am; printf '0\\n1\\n' > \"$1\"; sleep 1000");
    let Checked { outcome, screen } = check_until(&script, "the case at 1");
    assert_eq!(outcome, Outcome::TimedOut);
    let screen = String::from_utf8(screen).unwrap();
    let head = "here I am\necho   TIMED OUT   no verdict after ";
    assert!(screen.starts_with(head), "{screen}");
}

#[test]
fn a_verdict_stands_where_the_program_does_not_terminate() {
    let script = judge("NOT STARTED", "still to do") + "sleep 1000";
    let checked = check_until(&script, "still to do");
    assert_eq!(checked.outcome, Outcome::Judged(verdict::Verdict::NotStarted));
    assert_eq!(checked.screen, b"still to do\n");
}

#[test]
#[cfg(target_os = "linux")]
fn the_exercises_memory_is_limited_and_cargos_is_not() {
    let script = format!("ulimit -v\n{}", judge("PASS", "it is"));
    let course = Course::new().with_exercise(&script);
    let cargo = fs::read_to_string(course.path("cargo")).unwrap();
    let course = course.with_cargo(&format!("{cargo}\nulimit -v >&2\n")).with_http_client();
    let run = |arguments: &str| {
        let limited = format!("ulimit -S -v 4000000; exec \"$0\" {arguments}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &limited, env!("CARGO_BIN_EXE_course")]).current_dir(course.root());
        Ran::from(shell.env("CARGO", course.path("cargo")).output().unwrap())
    };
    let ran = run("replay echo:end");
    assert_eq!((&ran.out[..], &ran.err[..]), ("2097152\nit is\n", "4000000\n"));
    // Not after a program either.
    assert_eq!(run("check --all").err, "4000000\n4000000\n");
}

#[test]
fn a_verdict_that_cannot_be_written_is_an_error() {
    let words = "error: cannot write the verdict: no room";
    let script = format!("printf 'words{words}\\n' >&2; exit 74");
    let ran = Course::new().with_exercise(&script).run(&["check", "echo"]);
    assert_eq!((ran.code, &ran.out[..]), (Some(1), ""));
    let mut lines = ran.err.lines();
    assert_eq!(lines.next(), Some(words), "{ran:?}");
    assert!(
        lines.next().unwrap().starts_with("       make room, or the right to write, in /"),
        "{ran:?}"
    );

    // The reader's code may end with any exit code, and say anything.
    for script in ["exit 74", "echo 'error: cannot write the verdict: no room'; exit 3"] {
        let ran = Course::new().with_exercise(script).run(&["check", "echo"]);
        assert!(ran.out.contains("echo   WRONG   your code ended"), "{ran:?}");
    }
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
    let course = Course::new().with_exercise(&judge("WRONG", "wrong"));
    let mut command = course.command(&["check", "echo"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

/// An error of the compiler, at this place in this file.
fn error(code: &str, words: &str, file: &str) -> Value {
    let span = json!({ "file_name": file, "is_primary": true, "expansion": null });
    let spans = if file.is_empty() { vec![] } else { vec![span] };
    json!({ "reason": "compiler-message", "message": {
        "level": "error", "code": { "code": code }, "message": words, "spans": spans,
        "rendered": format!("error[{code}]: {words}\n"),
    }})
}

const READERS: &str = "crates/exercises/src/../../../lessons/06-echo/exercise.rs";
const PROGRAM: &str = "crates/exercises/src/echo.rs";

#[test]
fn code_that_does_not_compile_exits_5_with_the_compilers_words() {
    let mut in_macro = error("E0308", "wrong", "/rust/library/std/src/macros.rs");
    in_macro["message"]["spans"][0]["expansion"] = json!({ "span": { "file_name": READERS } });
    for error in [
        error("E0308", "wrong", READERS),
        in_macro,
        error("E0425", "cannot find value `x` in module `exercise`", READERS),
        error("E0603", "function `exercise::x` is private", PROGRAM),
        error("E0425", "cannot find value `x` in this scope", PROGRAM),
    ] {
        let note = json!({ "message": { "level": "failure-note", "rendered": "--explain\n" }});
        let course = Course::new().with_messages(&[error.clone(), note]);
        let ran = course.run(&["check", "echo"]);
        assert_eq!(ran.code, Some(5));
        let expected = "echo   DOES NOT COMPILE   the compiler's words are above\n\n  file    \
                        lessons/06-echo/exercise.rs\n";
        assert_eq!(ran.out, expected);
        let words = error["message"]["rendered"].as_str().unwrap();
        assert_eq!(ran.err, format!("{words}--explain\n"));
    }
}

#[test]
fn a_warning_is_shown_above_the_verdict() {
    let course = Course::new().with_exercise(&judge("PASS", "it is"));
    let warning = json!({ "message": { "level": "warning", "rendered": "warning: odd\n" }});
    let cargo = fs::read_to_string(course.path("cargo")).unwrap();
    course.write("warning", &warning.to_string());
    let course = course.with_cargo(&format!("cat warning; echo\n{cargo}"));
    let ran = course.run(&["check", "echo"]);
    assert_eq!((ran.out, &ran.err[..]), (format!("it is\n{NEXT}"), "warning: odd\n"));
}

#[test]
fn a_function_that_the_file_lacks_is_named_with_where_it_stands() {
    for (code, words) in [
        ("E0425", "cannot find function `read_record` in module `exercise`"),
        ("E0432", "unresolved import `exercise::read_record`"),
        ("E0433", "failed to resolve: could not find `read_record` in `exercise`"),
    ] {
        let note = json!({ "message": { "level": "failure-note", "rendered": "--explain\n" }});
        let mut error = error(code, words, PROGRAM);
        let similar = json!({ "file_name": READERS, "is_primary": false });
        error["message"]["spans"].as_array_mut().unwrap().push(similar);
        let ran = Course::new().with_messages(&[error, note]).run(&["check", "echo"]);
        let expected = "\
echo   DOES NOT COMPILE   the exercise calls what your file does not have

  file    lessons/06-echo/exercise.rs
  missing read_record: copy it, with its `use` line, from
          crates/checks/src/echo/stub.rs
  next    cargo run -- reset echo
          begins anew and keeps your file beside the new one
";
        assert_eq!((ran.code, &ran.out[..], &ran.err[..]), (Some(5), expected, ""));
    }
}

#[test]
fn a_build_that_fails_elsewhere_is_an_error_of_the_course() {
    for message in [
        error("", "failed to write x: No space left on device", ""),
        error("E0308", "mismatched types", "crates/checks/src/judge.rs"),
        json!({ "reason": "build-finished", "success": false }),
    ] {
        let mut warning = error("", "odd", READERS);
        warning["message"]["level"] = json!("warning");
        let course = Course::new().with_messages(&[warning, message.clone()]);
        let ran = course.run(&["check", "echo"]);
        assert_eq!((ran.code, &ran.out[..]), (Some(1), ""));
        let words = message["message"]["rendered"].as_str().unwrap_or_default();
        let expected = format!(
            "error[]: odd\n{words}error: could not compile `exercises`\nerror: cannot build the \
             exercise: cargo's words are above\n       the fault is not in your file; when it is \
             fixed: cargo run -- check echo\n"
        );
        assert_eq!(ran.err, expected);
    }
}

/// With the real cargo. Root may write whatever the permissions are, but no folder into a file.
#[test]
fn a_build_folder_that_cannot_be_written_is_no_fault_of_the_file() {
    let course = Course::new();
    let package = "[package]\nname = \"exercises\"\nedition = \"2024\"\n\n[[bin]]\nname = \
                   \"exercise-echo\"\npath = \"src/echo.rs\"\n";
    course.write("Cargo.toml", "[workspace]\nmembers = [\"crates/exercises\"]\nresolver = \"3\"\n");
    course.write("crates/exercises/Cargo.toml", package);
    let program =
        "#[path = \"../../../lessons/06-echo/exercise.rs\"]\nmod exercise;\n\nfn main() {}\n";
    course.write(PROGRAM, program);
    let check = |target: &str| {
        let mut command = course.command(&["check", "echo"]);
        command.env("CARGO", env!("CARGO")).env("CARGO_TARGET_DIR", course.path(target));
        Ran::from(command.output().expect("the course runs"))
    };
    for (file, target, code) in [
        ("", "Cargo.toml/target", 1),
        ("not Rust", "Cargo.toml/target", 1),
        ("not Rust", "target", 5),
    ] {
        course.have(Some(file));
        let ran = check(target);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        let says =
            |words: &str| assert!(ran.out.contains(words) || ran.err.contains(words), "{ran:?}");
        match code {
            1 => {
                says("error: cannot build the exercise: cargo's words are above\n");
                assert_eq!(ran.out, "");
            }
            _ => says("echo   DOES NOT COMPILE   "),
        }
    }
    // A file that cannot be read, since it is a folder.
    course.have(None);
    course.write("lessons/06-echo/exercise.rs/x", "");
    let ran = check("target");
    assert_eq!((ran.code, &ran.out[..]), (Some(1), ""));
    assert!(ran.err.starts_with("error: cannot read lessons/06-echo/exercise.rs: "), "{ran:?}");
}

#[test]
fn a_file_that_is_gone_exits_5_and_says_how_to_get_it_back() {
    let course = Course::new();
    fs::remove_file(course.path("lessons/06-echo/exercise.rs")).unwrap();
    let ran = course.run(&["check", "echo"]);
    assert_eq!(ran.code, Some(5));
    assert!(ran.out.ends_with("  next    cargo run -- reset echo\n"), "{ran:?}");
    assert_eq!(course.run(&["reset", "echo"]).code, Some(0));
    assert_eq!(course.exercise(), STUB);
}

#[test]
fn check_all_exits_with_the_code_of_the_first_that_fails() {
    let course = Course::new().with_exercise(&judge("PASS", "PASS it is"));
    let ran = course.run(&["check", "--all"]);
    assert_eq!((ran.code, &ran.out[..]), (Some(0), "  06  echo            PASS\n"));
    assert!(course.progress().unwrap().starts_with("echo passed "));

    let course = Course::new().with_exercise(&judge("NOT STARTED", "not yet"));
    let course = course.with_http_client();
    fs::remove_file(course.path("lessons/09-http-client/exercise.rs")).unwrap();
    let ran = course.run(&["check", "--all"]);
    let expected = "  06  echo            NOT STARTED\n  09  http-client     DOES NOT COMPILE\n\n  \
                    next  cargo run -- check echo\n";
    assert_eq!((ran.code, &ran.out[..]), (Some(3), expected));
}

#[test]
fn a_program_gets_json() {
    let course = Course::new().with_exercise(&judge("WRONG", "a \"screen\""));
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
    let script = "echo noise; printf 'verdict 2 WRONG\\n%s of the judge\\n' \"$2\" > \"$1\"";
    let ran = Course::new().with_exercise(script).run(&["hint", "echo"]);
    assert_eq!((ran.code, &ran.out[..]), (Some(0), "hint of the judge\n"));

    let course = Course::new().with_messages(&[error("E0308", "wrong", READERS)]);
    let hints: Vec<&str> = HINTS.split("\n\n").collect();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (level, hint) in [("2", hints[1]), ("3", hints[2])] {
        let ran = course.run(&["hint", "echo", level]);
        assert!(words(&ran.out).contains(&words(hint)), "{ran:?}");
        assert_eq!(ran.code, Some(0));
    }
    assert_eq!(course.run(&["hint", "echo", "4"]).code, Some(2));

    // What does not compile or ends the judge has no verdict; the first hint is all there is.
    let ended = Course::new().with_exercise("echo 3 > \"$1\"; exit 0");
    let ran = ended.run(&["hint", "echo"]);
    let expected = "lessons/06-echo/exercise.rs\n\necho   HINT   1 of 3\n";
    assert!(ran.out.contains(expected), "{ran:?}");
    let ran = course.run(&["hint", "echo"]);
    assert!(ran.out.contains("echo   DOES NOT COMPILE   "), "{ran:?}");
    assert!(ran.out.contains("\necho   HINT   1 of 3\n"), "{ran:?}");
    assert_eq!(ran.code, Some(0));
}

#[test]
fn a_solution_is_shown_only_on_request() {
    let course = Course::new();
    let ran = course.run(&["solution", "echo"]);
    let expected = "error: a solution is shown only if you say so\n       cargo run -- solution \
                    echo --yes\n";
    assert_eq!((ran.code, &ran.out[..], &ran.err[..]), (Some(2), "", expected));

    let whole = REFERENCE.split_once("\n\n").unwrap().1;
    for untouched in [None, Some(STUB)] {
        course.have(untouched);
        let ran = course.run(&["solution", "echo", "--yes"]);
        assert_eq!((ran.code, &ran.out[..]), (Some(0), whole));
    }
    course.have(Some(&REFERENCE.replace("_ => return", "_ => panic!(); return")));
    let ran = course.run(&["solution", "echo", "--yes"]);
    assert!(ran.out.contains("\n-        _ => panic!(); return"), "{ran:?}");
    assert!(ran.out.contains("\n+        _ => return"), "{ran:?}");
    assert!(ran.out.lines().count() < 12, "{ran:?}");
    course.have(Some(REFERENCE));
    let ran = course.run(&["solution", "echo", "--yes"]);
    assert_eq!(ran.out.trim(), "Your file is this solution.");
}

#[test]
fn a_reset_keeps_every_file_that_was_there() {
    let course = Course::new();
    for (count, kept) in ["exercise.rs.old", "exercise.rs.old.2"].iter().enumerate() {
        let mine = format!("mine, {count}");
        course.have(Some(&mine));
        let ran = course.run(&["reset", if count == 0 { "echo" } else { "--all" }]);
        assert!(ran.out.contains(&format!(" {kept}.\n")), "{ran:?}");
        assert_eq!(course.exercise(), STUB);
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
