//! The course as a reader has it: its program in a folder of lessons, with a cargo that builds nothing.

#![cfg(unix)]

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use course::bounded::Bounds;
use course::check::{Checked, Checker, Outcome};

/// A course of two lessons: echo, which has an exercise, and packets, which has none.
struct Course(PathBuf);

impl Course {
    fn new() -> Course {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let course = Course(env::temp_dir().join(format!("a course {} {count}", process::id())));
        course.write("Cargo.toml", "[workspace]\n");
        course.write(
            "lessons/06-echo/README.md",
            "# 06 echo\n\n**What is one message?**\n\nTakes 20 minutes. Before it: basic Rust.\n",
        );
        course.write("lessons/06-echo/exercise.rs", "a solution");
        course.write("lessons/07-packets/README.md", "# 07 packets\n\n**No answer came. What happened?**\n\nTakes 25 minutes. Before it: echo.\n");
        course.with_cargo("echo told: \"$@\"\n")
    }

    /// One whose cargo is this script.
    fn with_cargo(self, script: &str) -> Course {
        self.script("cargo", script);
        self
    }

    /// One whose cargo builds this script as the exercise.
    fn with_exercise(self, script: &str) -> Course {
        self.script("exercise", script);
        let program = self.0.join("exercise");
        let message = format!(
            "{{\"reason\":\"compiler-artifact\",\"executable\":\"{}\"}}",
            program.display()
        );
        self.with_cargo(&format!("echo '{message}'\n"))
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        let folder = path.parent().expect("it is in the course's folder");
        fs::create_dir_all(folder).expect("a temporary folder can be made");
        fs::write(path, text).expect("a temporary file can be written");
    }

    fn script(&self, name: &str, script: &str) {
        self.write(name, &format!("#!/bin/sh\n{script}"));
        let executable = Permissions::from_mode(0o755);
        fs::set_permissions(self.0.join(name), executable).expect("it was written");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        command
            .args(arguments)
            .current_dir(&self.0)
            .env("CARGO", self.0.join("cargo"));
        command
            .env("LC_ALL", "C.UTF-8")
            .env_remove("COLUMNS")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments)
            .output()
            .expect("the course runs")
            .into()
    }

    fn exercise(&self) -> String {
        fs::read_to_string(self.0.join("lessons/06-echo/exercise.rs")).expect("it is there")
    }

    /// Has the exercise's file be this, or be gone.
    fn have(&self, file: Option<&str>) {
        match file {
            Some(text) => self.write("lessons/06-echo/exercise.rs", text),
            None => {
                fs::remove_file(self.0.join("lessons/06-echo/exercise.rs")).expect("it was there")
            }
        }
    }

    fn progress(&self) -> Option<String> {
        fs::read_to_string(self.0.join(".progress")).ok()
    }
}

impl Drop for Course {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("it was made");
    }
}

#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("it speaks UTF-8"),
            err: String::from_utf8(output.stderr).expect("it speaks UTF-8"),
        }
    }
}

/// What a judge does that has come to a verdict.
fn judge(says: &str, code: u8) -> String {
    format!("echo '{says}'\necho \"seal $COURSE_SEAL {code}\"\nexit {code}\n")
}

#[test]
fn without_a_command_it_shows_the_map_and_runs_the_next_lesson() {
    let ran = Course::new().run(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out
            .contains("     07  packets  No answer came. What happened?"),
        "{ran:?}"
    );
    assert!(ran.out.contains("told: run "), "{ran:?}");
    assert!(
        ran.out.contains("--package echo -- --color=auto\n"),
        "{ran:?}"
    );
    assert!(ran.out.contains("cargo run -- check echo"), "{ran:?}");
    assert!(!ran.out.contains('\x1b'), "{ran:?}");
}

#[test]
fn nothing_is_noted_off_a_terminal_but_by_check_and_done() {
    let course = Course::new();
    course.run(&[]);
    course.run(&["run", "packets"]);
    assert_eq!(course.progress(), None);
    assert_eq!(course.run(&["done", "packets"]).code, Some(0));
    assert_eq!(course.progress().unwrap(), "packets done\n");
    assert!(course.run(&["list"]).out.contains(" 25  ✓\n"));
}

#[test]
fn a_lessons_arguments_and_exit_code_are_handed_on() {
    let course = Course::new().with_cargo("echo \"$@\"; exit 7\n");
    let ran = course.run(&["run", "6", "--", "serve", "--listen", "127.0.0.1:0"]);
    assert!(
        ran.out
            .ends_with("--package echo -- serve --listen 127.0.0.1:0\n"),
        "{ran:?}"
    );
    assert_eq!(ran.code, Some(7));
    assert_eq!(course.run(&["next"]).code, Some(7));
}

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
fn what_is_not_a_pass_is_not_noted() {
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
            ran.out
                .contains("echo   WRONG   your code ended the whole program, with exit code 0"),
            "{ran:?}"
        );
        assert_eq!(course.progress(), None);
    }
}

#[test]
fn however_the_readers_code_ends_it_is_told() {
    for (script, told) in [
        (
            "echo \"thread 'main' has overflowed its stack\" >&2; kill -ABRT $$",
            "overflowed the stack",
        ),
        (
            "echo 'memory allocation of 99 bytes failed' >&2; kill -ABRT $$",
            "asked for more memory",
        ),
        ("kill -SEGV $$", "ended by the system: signal: 11"),
        ("exit 42", "with exit code 42"),
    ] {
        let ran = Course::new().with_exercise(script).run(&["check", "echo"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let told_on_one_line = ran.out.replace("\n          ", " ");
        assert!(told_on_one_line.contains(told), "{told}: {ran:?}");
    }
}

#[test]
fn what_does_not_end_is_ended_and_told_with_what_it_printed() {
    let course = Course::new().with_exercise("echo here I am; sleep 1000");
    let lessons = course::lessons::read(&course.0).unwrap();
    let checker = Checker {
        root: &course.0,
        cargo: course.0.join("cargo").into(),
        bounds: Bounds {
            time: Duration::from_millis(200),
            ..Bounds::default()
        },
        interrupted: &AtomicBool::new(false),
        columns: 80,
        colour: false,
    };
    let Checked { outcome, screen } = checker.check(&lessons[0], &[]).unwrap();
    assert_eq!(outcome, Outcome::TimedOut);
    let screen = String::from_utf8(screen).unwrap();
    assert!(
        screen.starts_with("here I am\necho   TIMED OUT   no verdict after 0.2 s"),
        "{screen}"
    );
}

#[test]
fn a_judge_is_told_the_width_of_the_terminal() {
    let course = Course::new().with_exercise("echo \"$COLUMNS columns\"; exit 7");
    let narrow = course
        .command(&["check", "echo"])
        .env("COLUMNS", "40")
        .output();
    let narrow = Ran::from(narrow.expect("the course runs"));
    assert!(narrow.out.starts_with("40 columns\n"), "{narrow:?}");
    assert!(
        narrow.out.lines().all(|line| line.chars().count() <= 40),
        "{narrow:?}"
    );
    let wide = course.run(&["check", "echo"]);
    assert!(wide.out.starts_with("80 columns\n"), "{wide:?}");
}

#[test]
fn ctrl_c_ends_a_check_while_it_builds_and_while_it_runs() {
    // Either is a child of the course and presses Ctrl-C for the reader. The terminal's would reach cargo as well.
    let course = Course::new().with_exercise("kill -INT $PPID; exec sleep 1000");
    let ran = course.run(&["check", "echo"]);
    assert_eq!(
        (ran.code, &ran.out[..]),
        (
            Some(130),
            "echo   INTERRUPTED   no verdict\n\n  file    lessons/06-echo/exercise.rs\n"
        )
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
fn who_reads_only_the_beginning_of_a_verdict_still_gets_its_exit_code() {
    let course = Course::new().with_exercise(&judge("WRONG", 1));
    let mut command = course.command(&["check", "echo"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn what_does_not_compile_exits_5_with_the_compilers_words() {
    let course = Course::new().with_cargo("echo 'error[E0308]: mismatched types' >&2; exit 101\n");
    let ran = course.run(&["check", "echo"]);
    assert_eq!(ran.code, Some(5));
    assert!(ran.out.starts_with("echo   DOES NOT COMPILE   "), "{ran:?}");
    assert_eq!(ran.err, "error[E0308]: mismatched types\n");
}

#[test]
fn a_file_that_is_gone_exits_5_and_says_how_to_get_it_back() {
    let course = Course::new();
    fs::remove_file(course.0.join("lessons/06-echo/exercise.rs")).unwrap();
    let ran = course.run(&["check", "echo"]);
    assert_eq!(ran.code, Some(5));
    assert!(
        ran.out.ends_with("  next    cargo run -- reset echo\n"),
        "{ran:?}"
    );
    assert_eq!(course.run(&["reset", "echo"]).code, Some(0));
    assert_eq!(
        course.exercise(),
        checks::Listed::find("echo").unwrap().stub
    );
}

#[test]
fn all_are_checked_a_line_each_and_the_first_that_is_no_pass_is_the_exit_code() {
    let course = Course::new().with_exercise(&judge("PASS it is", 0));
    let ran = course.run(&["check", "--all"]);
    assert_eq!(
        (ran.code, &ran.out[..]),
        (Some(0), "  06  echo            PASS\n")
    );
    assert!(course.progress().unwrap().starts_with("echo passed "));

    let course = Course::new().with_exercise(&judge("not yet", 3));
    course.write(
        "lessons/09-http-client/README.md",
        "# 09 http-client\n\n**Who asks?**\n\nTakes 25 minutes. Before it: echo.\n",
    );
    let ran = course.run(&["check", "--all"]);
    let expected = "  06  echo            NOT STARTED\n  09  http-client     DOES NOT COMPILE\n\n  next  cargo run -- check echo\n";
    assert_eq!((ran.code, &ran.out[..]), (Some(3), expected));
}

#[test]
fn a_program_gets_json() {
    let course = Course::new().with_exercise(&judge("a \"screen\"", 1));
    for arguments in [
        &["check", "echo", "--json"][..],
        &["check", "--all", "--json"],
    ] {
        let ran = course.run(arguments);
        let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let expected = serde_json::json!({
            "lesson": "echo",
            "file": "lessons/06-echo/exercise.rs",
            "verdict": "WRONG",
            "exit_code": 1,
            "screen": "a \"screen\"\n",
        });
        assert_eq!(told, expected);
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
    let [_, concept, line] = checks::Listed::find("echo").unwrap().hints;
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
fn a_solution_is_shown_to_whoever_says_so() {
    let course = Course::new();
    let ran = course.run(&["solution", "echo"]);
    let expected = "error: it is shown only if you say so: cargo run -- solution echo --yes\n";
    assert_eq!(
        (ran.code, &ran.out[..], &ran.err[..]),
        (Some(2), "", expected)
    );

    let echo = checks::Listed::find("echo").unwrap();
    let whole = echo.reference.split_once("\n\n").unwrap().1;
    for untouched in [None, Some(echo.stub)] {
        course.have(untouched);
        let ran = course.run(&["solution", "echo", "--yes"]);
        assert_eq!((ran.code, &ran.out[..]), (Some(0), whole));
    }
    course.have(Some(
        &echo
            .reference
            .replace("_ => return", "_ => panic!(); return"),
    ));
    let ran = course.run(&["solution", "echo", "--yes"]);
    assert!(
        ran.out.contains("\n-        _ => panic!(); return"),
        "{ran:?}"
    );
    assert!(ran.out.contains("\n+        _ => return"), "{ran:?}");
    assert!(ran.out.lines().count() < 12, "{ran:?}");
    course.have(Some(echo.reference));
    let ran = course.run(&["solution", "echo", "--yes"]);
    assert_eq!(ran.out.trim(), "Your file is this solution.");
}

#[test]
fn a_reset_keeps_every_file_that_was_there() {
    let course = Course::new();
    let stub = checks::Listed::find("echo").unwrap().stub;
    for (count, kept) in ["exercise.rs.old", "exercise.rs.old.2"].iter().enumerate() {
        let mine = format!("mine, {count}");
        course.have(Some(&mine));
        let ran = course.run(&["reset", if count == 0 { "echo" } else { "--all" }]);
        assert!(ran.out.ends_with(&format!(" {kept}.\n")), "{ran:?}");
        assert_eq!(course.exercise(), stub);
        let kept = course.0.join("lessons/06-echo").join(kept);
        assert_eq!(fs::read_to_string(kept).unwrap(), mine);
    }
    let ran = course.run(&["reset", "echo"]);
    assert_eq!(
        (ran.code, ran.out.trim()),
        (Some(0), "lessons/06-echo/exercise.rs is as you got it.")
    );
    let files = fs::read_dir(course.0.join("lessons/06-echo"))
        .unwrap()
        .count();
    assert_eq!(files, 4, "two old ones, the page, and the exercise");
}

#[test]
fn a_case_is_replayed_by_its_code() {
    let course = Course::new().with_exercise(&judge("replayed: $1 $2", 1).replace('\'', "\""));
    let ran = course.run(&["replay", "echo:00.000000.end"]);
    assert_eq!(
        (ran.code, &ran.out[..]),
        (Some(1), "replayed: replay 00.000000.end\n")
    );
    assert_eq!(course.progress(), None);
}

#[test]
fn bad_arguments_exit_2_with_one_line() {
    let course = Course::new();
    for (arguments, error) in [
        (
            &["run", "ehco"][..],
            "there is no lesson \"ehco\"; did you mean echo?",
        ),
        (
            &["check", "packet"],
            "there is no lesson \"packet\"; did you mean packets?",
        ),
        (
            &["check", "packets"],
            "packets has no exercise; cargo run -- done packets notes that it is done",
        ),
        (
            &["done", "echo"],
            "echo has an exercise, and is done when cargo run -- check echo passes",
        ),
        (
            &["replay", "00.end"],
            "\"00.end\" is no code; one begins with its lesson, as in echo:end",
        ),
        (
            &["replay", "packets:end"],
            "packets has no exercise; cargo run -- done packets notes that it is done",
        ),
        (
            &["watch"],
            "watch needs a terminal; cargo run -- check echo checks once",
        ),
        (
            &["watch", "ehco"],
            "there is no lesson \"ehco\"; did you mean echo?",
        ),
        (
            &["replay", "echo:0.end"],
            "no case of echo has the code \"0.end\": \"0\" is not pairs of hex digits",
        ),
    ] {
        let ran = course.run(arguments);
        assert_eq!(ran.err, format!("error: {error}\n"));
        assert_eq!((ran.code, &ran.out[..]), (Some(2), ""));
    }
    assert_eq!(course.run(&["--nonsense"]).code, Some(2));
    assert_eq!(course.progress(), None);
}

#[test]
fn a_page_that_lacks_something_is_named() {
    let course = Course::new();
    course.write("lessons/08-retry/README.md", "# 08 retry\n");
    let ran = course.run(&["list"]);
    assert_eq!(ran.code, Some(1));
    let path = Path::new("lessons").join("08-retry").join("README.md");
    let expected = format!(
        "error: {} is no lesson's page: no line like `**The question?**`\n",
        path.display()
    );
    assert_eq!(ran.err, expected);
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let course = Course::new();
    let mut child = course
        .command(&["list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!((ran.code, &ran.err[..]), (Some(0), ""));
}

#[test]
fn it_is_found_from_inside_its_folders() {
    let course = Course::new();
    let inside = course.0.join("lessons/06-echo");
    let ran: Ran = course
        .command(&["list"])
        .current_dir(inside)
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains("What is one message?"), "{ran:?}");
}
