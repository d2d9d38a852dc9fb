//! A small program that keeps the contract passes, and each way to break it is named.

use std::time::Duration;

use crate::process::SHORT_MOMENT;
use crate::{Lesson, Result};

use super::project::{Project, ctrl_c_is_heard};

/// A lesson in POSIX shell that does all that a lesson must. The cases below change one part of it.
const PROGRAM: &str = r#"
about() {
    echo "About $1"
    echo
    echo "Usage: knock $1 [OPTIONS]$2"
    echo
    echo "  cargo run -p knock"
    echo "  cargo run -p knock -- serve --listen 127.0.0.1:8888"
    echo "  cargo run -p knock -- send --to 127.0.0.1:8888 hello"
    echo
    echo "Exit codes: 0 done, 2 wrong arguments"
    echo "Page: lessons/01-knock/README.md"
}
case "$*" in
'')
    width=${COLUMNS:-80}
    rule=─ about=≈
    if [ "$LC_ALL" = C ]; then rule=- about='~'; fi
    head -c "$width" /dev/zero | sed "s/./$rule/g"
    echo
    echo "127.0.0.1:$((40000 + $$ % 10000)) took $about $$ ms"
    ;;
--help) about ;;
'serve --listen 127.0.0.1:8888 --help') about serve ;;
'send --to 127.0.0.1:8888 hello --help') about send ' --to <ADDR>' ;;
'serve --listen 127.0.0.1:0')
    trap 'exit 0' INT TERM
    echo listening on 127.0.0.1:45678
    while sleep 0.02; do :; done
    ;;
'serve --listen 127.0.0.1:45678')
    echo 'error: cannot listen on 127.0.0.1:45678: the port is in use' >&2
    echo '       --listen 127.0.0.1:0 takes a free one' >&2
    exit 1
    ;;
*)
    echo 'error: unexpected argument' >&2
    exit 2
    ;;
esac
"#;

type Check = fn(&Lesson) -> Result<()>;

/// A lesson whose program is `script`.
fn lesson(test: &str, script: &str) -> Lesson {
    let project = Project::new(&format!("contract-{test}"));
    project.write("program.sh", script);
    project.lesson()
}

#[test]
fn a_program_that_keeps_the_contract_passes() -> Result<()> {
    let lesson = lesson("good", PROGRAM);
    lesson.contract_pipe()?;
    lesson.contract_narrow()?;
    lesson.contract_plain()?;
    lesson.help()?;
    lesson.wrong_flag()?;
    lesson.server_announces()?;
    if ctrl_c_is_heard() {
        lesson.server_ends_on_sigint()?;
    }
    lesson.server_ends_on_sigterm()?;
    lesson.server_names_the_taken_port()
}

/// Changes `part` of the program and expects `check` to complain in these words.
fn broken(test: &str, check: Check, part: &str, change: &str, complaint: &str) {
    assert!(PROGRAM.contains(part), "{test}: nothing to change");
    let error = check(&lesson(test, &PROGRAM.replacen(part, change, 1))).expect_err(test);
    let error = format!("{error:#}");
    assert!(error.contains(complaint), "{test}: {error}");
}

#[test]
fn a_run_that_breaks_the_contract_is_named() {
    let run = "\n    echo\n    echo \"127";
    let pipe = |test, change, complaint| {
        broken(test, Lesson::contract_pipe, run, &format!("\n    {change}{run}"), complaint);
    };
    pipe("coloured", r"printf '\033[1m'", "has an escape code");
    pipe("wide", "printf ─", "has 81 columns, more than 80");
    pipe("changing", "echo; echo $$", "two runs must print the same");
    pipe("failing", "exit 3", "must exit with 0, and exits with 3");
    pipe("noisy", "echo a >&2", "on standard output alone");
    pipe("binary", r"printf '\377'", "printed what is not UTF-8");
    broken("silent", Lesson::contract_pipe, "'')", "'') exit 0", "it prints nothing");
    broken(
        "stiff",
        Lesson::contract_narrow,
        "${COLUMNS:-80}",
        "41",
        "has 41 columns, more than 40",
    );
    let dumb = "if [ $TERM = dumb ]; then echo '\x1b'; fi; width";
    broken("clever", Lesson::contract_plain, "width", dumb, "has an escape code");
    broken(
        "unicode",
        Lesson::contract_plain,
        "about='~'",
        "about=≈",
        "but not this line: 127.0.0.1:4",
    );
}

/// In one run, on this thread: that of `contract_pipe` has two, and waits for each.
#[test]
fn a_run_that_leaves_a_process_running_is_named() {
    SHORT_MOMENT.set(Some(Duration::from_secs(1)));
    let run = "\n    echo\n    echo \"127";
    let unruly = format!("\n    sleep 600 >/dev/null 2>&1 &{run}");
    broken("unruly", Lesson::contract_narrow, run, &unruly, "ends with all that it started");
}

#[test]
fn a_reader_that_goes_away_must_not_be_an_error() {
    let closed = |test, script| lesson(test, script).closed_stdout();
    let quiet = "trap '' PIPE; while echo line; do :; done 2>/dev/null";
    assert!(closed("quiet", quiet).is_ok());
    for (test, script, complaint) in [
        ("loud", "trap '' PIPE; while echo line; do :; done", "ends and reports nothing"),
        ("killed", "while echo line; do :; done", "exits with a signal"),
        (
            "failing-late",
            "trap '' PIPE; while echo line; do :; done 2>/dev/null; exit 1",
            "exits with 1",
        ),
    ] {
        let error = format!("{:#}", closed(test, script).expect_err(test));
        assert!(error.contains(complaint), "{test}: {error}");
    }
}

#[test]
fn help_that_breaks_the_contract_is_named() {
    let help = |test, part, change, complaint| broken(test, Lesson::help, part, change, complaint);
    help("no-codes", "Exit codes", "Codes", "must mention `Exit codes`");
    help("no-page", "Page: lessons", "Page:", "must mention `lessons/01-knock/README.md`");
    help("two-examples", "  cargo run -p knock\"", "\"", "must have 3 examples");
    help(
        "unknown",
        "knock -- serve --listen",
        "knock -- serve --bogus",
        "is refused: error: unexpected argument",
    );
    help("incomplete", "--to 127.0.0.1:8888 hello\"", "hello\"", "is refused");
    help("required", "[OPTIONS]$2", "[OPTIONS]$2 --name <NAME>", "lacks --name");
}

#[test]
fn a_wrong_flag_must_be_an_error() {
    let wrong = |test, change, complaint| {
        broken(
            test,
            Lesson::wrong_flag,
            "echo 'error: unexpected argument' >&2\n    exit 2",
            change,
            complaint,
        )
    };
    wrong("lenient", "exit 0", "must exit with 2, and exits with 0");
    wrong("mute", "exit 2", "an `error: …` on standard error");
    wrong("misplaced", "echo 'error: no'; exit 2", "an `error: …` on standard error");
}

#[test]
fn a_server_that_breaks_the_contract_is_named() {
    let ready = "echo listening on 127.0.0.1:45678";
    broken("not-ready", Lesson::server_announces, ready, "exit 1", "printed no further line");
    broken("other-line", Lesson::server_announces, ready, "echo ready", "this one printed `ready`");
    broken(
        "every-address",
        Lesson::server_announces,
        ready,
        "echo listening on 0.0.0.0:45678",
        "listens on 0.0.0.0",
    );
    broken(
        "chatty",
        Lesson::server_announces,
        "exit 0' INT",
        "echo bye; exit 0' INT",
        "standard output stays empty",
    );
    if ctrl_c_is_heard() {
        broken("sigint", Lesson::server_ends_on_sigint, "INT TERM", "TERM", "must exit with 0");
    }
    broken("sigterm", Lesson::server_ends_on_sigterm, "INT TERM", "INT", "must exit with 0");
    let taken = |test, part, change| {
        broken(
            test,
            Lesson::server_names_the_taken_port,
            part,
            change,
            "a server exits with 1 and one line",
        );
    };
    taken("code", "exit 1", "exit 2");
    taken("no-port", "on 127.0.0.1:45678: the", "there: the");
    taken("no-reason", "the port is in use", "no");
    taken("two-errors", "       --listen", "error: --listen");
}
