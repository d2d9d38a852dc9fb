//! The course as a reader has it: its program in a folder of lessons, with a cargo that builds
//! nothing.

use std::path::Path;
use std::process::Stdio;

use crate::folder::{Course, Ran, judge};

#[test]
fn without_a_command_it_shows_the_map_and_runs_the_next_lesson() {
    let ran = Course::new().run(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("\n  07  packets  No answer came. What happened?"), "{ran:?}");
    assert!(ran.out.contains("ran: run "), "{ran:?}");
    assert!(ran.out.contains("--package echo -- --color=auto\n"), "{ran:?}");
    assert!(ran.out.contains("cargo run -- check echo"), "{ran:?}");
    assert!(!ran.out.contains('\x1b'), "{ran:?}");
    // In a pipe the lesson has moved the map away.
    let (_, after) = ran.out.split_once("Go on with the page, ").expect("the lesson has run");
    assert!(after.contains("\n  07  packets "), "{ran:?}");
    assert!(after.ends_with("  check   cargo run -- check\n"), "{ran:?}");
}

#[test]
fn flags_stand_before_a_command_or_after_it() {
    let course = Course::new();
    for arguments in [&["list", "--color", "always"][..], &["--color=always", "list"]] {
        let ran = course.run(arguments);
        assert!(ran.out.starts_with("\x1b[1mFoundations of"), "{ran:?}");
    }
    // What follows a lesson is the lesson's own.
    let ran = course.run(&["--color=always", "run", "echo", "--color", "never", "--no-pause"]);
    assert!(ran.out.ends_with("--package echo -- --color never --no-pause\n"), "{ran:?}");
}

#[test]
fn a_skipped_lesson_shows_and_the_next_comes_after_it() {
    let course = Course::new().with_http_client();
    let ran = course.run(&["skip", "06-07", "echo"]);
    let expected = "Skipped: echo, packets. cargo run -- reset NAME opens one again.";
    assert_eq!((ran.code, ran.out.trim()), (Some(0), expected));
    assert_eq!(course.progress().unwrap(), "echo skipped\npackets skipped\n");
    let map = course.run(&["list"]).out;
    assert_eq!(map.matches(" skipped\n").count(), 2, "{map}");
    assert!(map.contains("2 of 3\n") && map.contains("lessons/09-http-client/README.md"), "{map}");

    course.run(&["done", "packets"]);
    let ran = course.run(&["skip", "packets"]);
    assert_eq!(ran.out.trim(), "All of these are done or skipped already.");
    for lesson in ["echo", "packets"] {
        assert_eq!(course.run(&["reset", lesson]).code, Some(0));
    }
    assert_eq!(course.progress().unwrap(), "");
    assert!(course.run(&["list"]).out.contains("0 of 3\n"));
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
    assert!(ran.out.ends_with("--package echo -- serve --listen 127.0.0.1:0\n"), "{ran:?}");
    assert_eq!(ran.code, Some(7));
    assert_eq!(course.run(&["next"]).code, Some(7));
}

#[test]
fn a_case_is_replayed_by_its_code() {
    let course =
        Course::new().with_exercise(&format!("echo \"$2 $3\"\n{}", judge("WRONG", "wrong")));
    let ran = course.run(&["replay", "echo:00.000000.end"]);
    assert_eq!((ran.code, &ran.out[..]), (Some(1), "replay 00.000000.end\nwrong\n"));
    assert_eq!(course.progress(), None);
}

#[test]
fn bad_arguments_exit_2_with_one_line() {
    let refused = "printf 'refused it is not one of the cases\n' > \"$1\"; exit 2";
    let course = Course::new().with_exercise(refused);
    let list = "cargo run -- list shows them all";
    let done = "cargo run -- done packets notes that it is done";
    for (arguments, error, next) in [
        (&["run", "ehco"][..], "there is no lesson \"ehco\"; did you mean echo?", list),
        (&["run", "nosuch"], "there is no lesson \"nosuch\"", list),
        (&["check", "packet"], "there is no lesson \"packet\"; did you mean packets?", list),
        (&["skip", "echo", "01-05"], "no lesson has a number in 01-05", list),
        (&["check", "packets"], "packets has no exercise", done),
        (
            &["done", "echo"],
            "echo has an exercise, and is done when that passes",
            "cargo run -- check echo",
        ),
        (
            &["replay", "00.end"],
            "\"00.end\" is not a replay string",
            "one begins with its lesson, as in echo:end",
        ),
        (&["replay", "packets:end"], "packets has no exercise", done),
        (&["watch"], "watch needs a terminal", "cargo run -- check echo checks once"),
        (&["watch", "ehco"], "there is no lesson \"ehco\"; did you mean echo?", list),
        (
            &["replay", "echo:0.end"],
            "no case of echo has the replay string \"0.end\": it is not one of the cases",
            "cargo run -- check echo prints that of the first failure",
        ),
    ] {
        let ran = course.run(arguments);
        assert_eq!(ran.err, format!("error: {error}\n       {next}\n"));
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
        "error: {} is not a lesson's page: no line like `**The question?**`\n",
        path.display()
    );
    assert_eq!(ran.err, expected);
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let course = Course::new();
    let mut child =
        course.command(&["list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!((ran.code, &ran.err[..]), (Some(0), ""));
}

#[test]
fn it_is_found_from_inside_its_folders() {
    let course = Course::new();
    let inside = course.path("lessons/06-echo");
    let ran: Ran = course.command(&["list"]).current_dir(inside).output().unwrap().into();
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains("What is one message?"), "{ran:?}");
}
