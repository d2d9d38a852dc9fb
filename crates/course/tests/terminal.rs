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
    command.args(arguments);
    start_command(course, command)
}

fn start_command(course: &Course, mut command: Command) -> PtySession {
    command
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
    // The next question may come without a pause.
    reader.exp_any(vec![until(prompt), until(question)]).unwrap();
    reader.send_line("q").unwrap();
    reader.exp_eof().unwrap();
}

fn until(text: &str) -> rexpect::ReadUntil {
    rexpect::ReadUntil::String(text.to_owned())
}

#[test]
fn a_reader_watches_saves_asks_for_a_hint_and_quits() {
    let course = course().with_http_client();
    let mut reader = start(&course, &["watch", "echo"]);
    reader.exp_string("echo WRONG").unwrap();
    let keys = "h 1 2 3 hints  l list  r reset  q quit  Enter checks   checked just now ";
    reader.exp_string(keys).unwrap();
    course.have(Some("still wrong"));
    reader.exp_string("Checking lessons/06-echo/exercise.rs").unwrap();
    reader.exp_string("echo WRONG").unwrap();
    reader.exp_string(keys).unwrap();
    press(&mut reader, "h");
    reader.exp_string("one word is right").unwrap();
    press(&mut reader, "l");
    reader.exp_string("0 of 3").unwrap();
    reader.exp_string(keys).unwrap();
    press(&mut reader, "\n");
    reader.exp_string("echo WRONG").unwrap();

    reader.exp_string(keys).unwrap();
    press(&mut reader, "r");
    reader.exp_string("y or n? ").unwrap();
    press(&mut reader, "n");
    reader.exp_string(keys).unwrap();
    assert_eq!(course.exercise(), "still wrong");
    press(&mut reader, "r");
    reader.exp_string("y or n? ").unwrap();
    press(&mut reader, "y");
    reader.exp_string("exercise.rs.old.").unwrap();
    reader.exp_string("echo WRONG").unwrap();
    reader.exp_string(keys).unwrap();
    assert_eq!(course.exercise(), crate::folder::STUB);

    // A build that fails ends the check and not the watch.
    course.have(Some("an unlucky one"));
    reader.exp_string("error: cannot build the exercise").unwrap();
    reader.exp_string(keys).unwrap();

    // A check that does not terminate ends at the next save.
    course.have(Some("a slow one"));
    reader.exp_string("Checking lessons/06-echo/exercise.rs").unwrap();
    course.have(Some("the right one"));
    reader.exp_string("echo PASS").unwrap();
    reader.exp_string("next    07 packets: lessons/07-packets/README.md").unwrap();
    reader.exp_string("write   lessons/09-http-client/exercise.rs: watched from now on").unwrap();
    reader.exp_string(keys).unwrap();
    let noted = course.progress().unwrap();
    assert!(noted.starts_with("echo passed "), "{noted}");
    press(&mut reader, "q");
    reader.exp_eof().unwrap();
}

/// Presses keys, without Enter.
fn press(reader: &mut PtySession, keys: &str) {
    reader.send(keys).expect("the terminal is there");
    reader.flush().expect("the terminal is there");
}

/// A shell with jobs that watches, and then prints what the terminal's flags are.
fn start_in_shell(course: &Course, after: &str) -> PtySession {
    let watch = "echo $$ > pid; exec \"$0\" watch echo";
    let script = format!("set -m; stty echo; sh -c '{watch}' \"$0\"; {after}");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_course")]);
    start_command(course, command)
}

#[test]
fn the_terminal_is_what_it_was_whatever_ends_a_watch() {
    for end in ["q", "\x03", "\x04", "TERM"] {
        let course = course();
        let mut reader = start_in_shell(&course, "stty -a");
        reader.exp_string("q quit").unwrap();
        match end {
            "TERM" => {
                let pid = std::fs::read_to_string(course.path("pid")).unwrap();
                let sent = Command::new("kill").arg(pid.trim()).status().unwrap();
                assert!(sent.success());
            }
            key => press(&mut reader, key),
        }
        let flags = reader.exp_eof().unwrap();
        assert_as_before(&flags);
    }
}

fn assert_as_before(flags: &str) {
    let flags: Vec<&str> = flags.split_whitespace().collect();
    for flag in ["icanon", "echo", "isig", "iexten"] {
        assert!(flags.contains(&flag), "{flag} is off: {flags:?}");
    }
}

#[test]
fn ctrl_z_stops_a_watch_and_fg_continues_it() {
    let course = course();
    let mut reader = start_in_shell(&course, "stty -a; echo stopped; fg; stty -a");
    reader.exp_string("q quit").unwrap();
    press(&mut reader, "\x1a");
    let flags = reader.exp_string("stopped\r\n").unwrap();
    assert_as_before(&flags);
    press(&mut reader, "h");
    reader.exp_string("one word is right").unwrap();
    press(&mut reader, "q");
    let flags = reader.exp_eof().unwrap();
    assert_as_before(&flags);
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
fn a_lesson_without_an_exercise_is_done_only_by_enter() {
    let course = course().with_cargo("exit 0\n");
    for (reply, noted) in [("q", None), ("", Some("packets done\n"))] {
        let mut reader = start(&course, &["run", "packets"]);
        reader.exp_string("Enter notes that packets is done, q Enter leaves it open ").unwrap();
        reader.send_line(reply).unwrap();
        reader.exp_eof().unwrap();
        // To leave it open is not an error.
        let status = format!("{:?}", reader.process().wait().unwrap());
        assert!(status.starts_with("Exited(") && status.ends_with(", 0)"), "{status}");
        assert_eq!(course.progress().as_deref(), noted);
    }
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
