//! The course on a terminal, as a reader uses it: a lesson that asks, then `watch`, saves, a hint,
//! the end.

use std::path::Path;
use std::process::Command;

use crate::folder::Course;
use rexpect::session::{PtySession, spawn_command};

/// Milliseconds that a screen may take, a first build of the lesson included.
const SCREEN_TIMEOUT_MS: u64 = 120_000;

/// A course whose cargo runs the real lesson, and builds a judge that finds one word right.
fn course() -> Course {
    let real = Path::new(env!("CARGO_MANIFEST_DIR"));
    let real = real.ancestors().nth(2).expect("crates/course is in the root");
    let course = Course::new();
    let judge =
        "if [ \"$2\" = hint ]; then printf 'verdict - WRONG\\none word is right\\n' > \"$1\"
elif grep -q right lessons/06-echo/exercise.rs; then printf 'verdict - PASS\\necho PASS\\n' > \"$1\"
elif grep -q slow lessons/06-echo/exercise.rs; then sleep 1000
else printf 'verdict - WRONG\\necho WRONG\\n' > \"$1\"
fi
";
    crate::script::write(&course.path("judge"), judge);
    let cargo = format!(
        "if [ \"$1\" = run ]; then
  exec '{}' run --quiet --manifest-path '{}' --package echo -- --color=never
fi
if grep -q unlucky lessons/06-echo/exercise.rs; then exit 101; fi
echo '{{\"executable\":\"{}\"}}'
",
        env!("CARGO"),
        real.join("Cargo.toml").display(),
        course.path("judge").display(),
    );
    course.with_cargo(&cargo)
}

fn start(course: &Course, arguments: &[&str]) -> PtySession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
    command
        .args(arguments)
        .current_dir(course.root())
        .env("CARGO", course.path("cargo"))
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env_remove("CI")
        .env_remove("COLUMNS");
    spawn_command(command, Some(SCREEN_TIMEOUT_MS)).expect("there are terminals here")
}

#[test]
fn a_reader_starts_guesses_and_quits() {
    let course = course();
    let mut reader = start(&course, &[]);
    reader.exp_string("06  echo").unwrap();
    reader.exp_string("Enter runs echo, q Enter quits ").unwrap();
    reader.send_line("").unwrap();
    // Through the lesson's steps, to its first question. The whole prompt: with a line too many,
    // the question would have its answer before it is seen.
    let (prompt, question) = ("Enter goes on, q Enter quits ", " > ");
    while reader.exp_any(vec![until(prompt), until(question)]).unwrap().1 != question {
        reader.send_line("").unwrap();
    }
    reader.send_line("seven").unwrap();
    reader.exp_string(prompt).unwrap();
    reader.send_line("q").unwrap();
    reader.exp_eof().unwrap();
}

fn until(text: &str) -> rexpect::ReadUntil {
    rexpect::ReadUntil::String(text.to_owned())
}

#[test]
fn a_reader_watches_saves_asks_for_a_hint_and_quits() {
    let course = course();
    let mut reader = start(&course, &["watch", "echo"]);
    reader.exp_string("echo WRONG").unwrap();
    reader
        .exp_string("checked just now; save to check again, h Enter for a hint, q Enter to quit ")
        .unwrap();
    course.have(Some("still wrong"));
    reader.exp_string("Checking lessons/06-echo/exercise.rs").unwrap();
    reader.exp_string("echo WRONG").unwrap();
    reader.exp_string("q Enter to quit ").unwrap();
    reader.send_line("h").unwrap();
    reader.exp_string("one word is right").unwrap();
    reader.send_line("hm").unwrap();
    reader.exp_string("there are h, q").unwrap();

    // A build that fails ends the check and not the watch.
    course.have(Some("an unlucky one"));
    reader.exp_string("error: cannot build the exercise").unwrap();
    reader.exp_string("q Enter to quit ").unwrap();

    // A check that does not terminate ends at the next save.
    course.have(Some("a slow one"));
    reader.exp_string("Checking lessons/06-echo/exercise.rs").unwrap();
    course.have(Some("the right one"));
    reader.exp_string("echo PASS").unwrap();
    reader.exp_string("q Enter to quit ").unwrap();
    let noted = course.progress().unwrap();
    assert!(noted.starts_with("echo passed "), "{noted}");
    reader.send_line("q").unwrap();
    reader.exp_eof().unwrap();
}

#[test]
fn ctrl_c_ends_a_watch_and_what_it_runs() {
    let course = course();
    course.have(Some("a slow one"));
    let mut reader = start(&course, &["watch"]);
    reader.exp_string("Checking lessons/06-echo/exercise.rs").unwrap();
    reader.send_control('c').unwrap();
    reader.exp_eof().unwrap();
}

#[test]
fn a_solution_is_shown_after_a_yes_alone() {
    let course = course();
    for (reply, shown) in [("n", false), ("yes", true)] {
        let mut reader = start(&course, &["solution", "echo"]);
        reader.exp_string("Show a solution of echo? [y/N]  > ").unwrap();
        reader.send_line(reply).unwrap();
        let rest = reader.exp_eof().unwrap();
        assert_eq!(rest.contains("+pub fn read_frame"), shown, "{rest}");
    }
}
