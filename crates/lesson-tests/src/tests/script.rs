//! `scripts/lib.bash`: whatever happens to either side, or to the script, the server ends and the
//! exit code reports it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::{self, Finished, Process};

use super::project::{Project, STAND_IN, ctrl_c_is_heard};

/// A lesson whose server and client are what the cases put in.
const PROGRAM: &str = "
forever() {
    while sleep 0.02; do :; done
}
case $1 in
serve)
    trap 'echo ended >&2; exit 0' TERM
    echo listening on 127.0.0.1:45678
    forever
    ;;
send)
    echo \"Echo: $4\"
    echo log >&2
    ;;
esac
";

const PAIR: &str = "
set -euo pipefail
. scripts/lib.bash
lesson knock
server serve
client send --to \"$addr\" 'a b'
";

const SHOWN: &str = "\
server $ cargo run -p knock -- serve --listen 127.0.0.1:0
server | listening on 127.0.0.1:45678
client $ cargo run -p knock -- send --to 127.0.0.1:45678 'a b'
client | Echo: a b
client | log
server | ended
";

/// Several servers at a time, and a client of the first.
const CLUSTER: &str = "
set -euo pipefail
. scripts/lib.bash
lesson knock
beside one serve
first=$addr
beside another serve --peer \"$first\" --name 'what is too long for the screen'
client send --to \"$first\" a
stop_servers
beside third serve
";

const CLUSTER_SHOWN: &str = "\
one    $ cargo run -p knock -- serve --listen 127.0.0.1:0
one    | listening on 127.0.0.1:45678
another $ cargo run -p knock -- serve --peer 127.0.0.1:45678 \\
another $   --name 'what is too long for the screen' --listen 127.0.0.1:0
another | listening on 127.0.0.1:45678
client $ cargo run -p knock -- send --to 127.0.0.1:45678 a
client | Echo: a
client | log
another | ended
one    | ended
third  $ cargo run -p knock -- serve --listen 127.0.0.1:0
third  | listening on 127.0.0.1:45678
third  | ended
";

fn project(test: &str, program: &str) -> Project {
    let project = Project::new(&format!("script-{test}"));
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = here.join("../../scripts/lib.bash");
    project.write("scripts/lib.bash", &fs::read_to_string(shared).unwrap());
    project.write("scripts/knock", PAIR);
    project.write("program.sh", program);
    project
}

fn pair(project: &Project) -> Command {
    let mut script = process::command("bash");
    script.arg("scripts/knock").current_dir(project.root());
    script.env("LESSON_BIN", STAND_IN);
    script
}

/// The pair, with `part` of its program changed.
fn changed(test: &str, part: &str, change: &str) -> Finished {
    assert!(PROGRAM.contains(part), "{test}: nothing to change");
    let ended = process::run(pair(&project(test, &PROGRAM.replacen(part, change, 1)))).unwrap();
    assert!(!ended.left_behind, "{test}: {ended:#?}");
    ended
}

#[test]
fn a_pair_shows_both_sides() {
    let project = project("both", PROGRAM);
    let ended = process::run(pair(&project)).unwrap();
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str(), ended.code), (SHOWN, "", Some(0)));
    project.lesson().script().unwrap();
}

fn cluster(test: &str, program: &str) -> Command {
    let project = project(test, program);
    project.write("scripts/knock", CLUSTER);
    pair(&project)
}

#[test]
fn several_servers_run_side_by_side_and_the_latest_ends_first() {
    let ended = process::run(cluster("cluster", PROGRAM)).unwrap();
    assert_eq!(
        (ended.stdout.as_str(), ended.stderr.as_str(), ended.code),
        (CLUSTER_SHOWN, "", Some(0))
    );
    assert!(!ended.left_behind);
}

#[test]
fn one_of_several_servers_that_does_not_listen_ends_the_others() {
    let program = PROGRAM.replace("serve)", "serve)\n    [ \"$2\" != --peer ] || exit 3");
    let ended = process::run(cluster("cluster-silent", &program)).unwrap();
    assert_eq!((ended.code, ended.left_behind), (Some(1), false), "{ended:#?}");
    assert!(ended.stderr.contains("error: another said ''"), "{ended:#?}");
    assert!(ended.stderr.contains("error: another exits with 3"), "{ended:#?}");
    assert!(ended.stdout.ends_with("one    | ended\n"), "{ended:#?}");
}

#[test]
fn one_of_several_servers_that_does_not_end_cleanly_is_an_error() {
    let unclean = "[ \"$2\" = --peer ] || exit 3; exit 0";
    let program = PROGRAM.replace("exit 0", unclean);
    let ended = process::run(cluster("cluster-unclean", &program)).unwrap();
    assert_eq!((ended.code, ended.left_behind), (Some(3), false), "{ended:#?}");
    assert!(ended.stderr.contains("error: one exits with 3"), "{ended:#?}");
}

#[test]
fn ctrl_c_ends_several_servers() {
    if !ctrl_c_is_heard() {
        return;
    }
    let program = PROGRAM.replace("echo log >&2", "forever");
    let mut script = Process::start_job(cluster("cluster-ctrl-c", &program)).unwrap();
    while !script.next_line().unwrap().starts_with("client $ ") {}
    script.interrupt().unwrap();
    let ended = script.finish().unwrap();
    assert_eq!((ended.code, ended.left_behind), (Some(130), false), "{ended:#?}");
    assert!(ended.stdout.ends_with("another | ended\none    | ended\n"), "{ended:#?}");
}

#[test]
fn the_script_that_the_manifest_names_is_the_one_that_runs() {
    let project = project("own-name", PROGRAM);
    let manifest = "crates/knock/Cargo.toml";
    let named = project.read(manifest) + "script = 'scripts/doors'\n";
    project.write(manifest, &named);
    assert!(project.lesson().script().is_err());
    project.write("scripts/doors", PAIR);
    project.remove("scripts/knock");
    project.lesson().script().unwrap();
}

#[test]
fn the_exit_code_is_the_failed_clients() {
    let ended = changed("client", "echo log >&2", "exit 7");
    assert_eq!(ended.code, Some(7));
    assert_eq!(ended.stdout, SHOWN.replace("client | log\n", ""));
}

#[test]
fn a_server_that_does_not_listen_is_an_error() {
    let ended =
        changed("silent", "echo listening on 127.0.0.1:45678\n    forever", "echo why >&2; exit 3");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("error: server said ''"), "{ended:#?}");
    assert!(ended.stdout.ends_with("server | why\n"), "{ended:#?}");
}

#[test]
fn a_server_that_does_not_end_cleanly_is_an_error() {
    let ended = changed("unclean", "exit 0", "exit 3");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("error: server exits with 3"), "{ended:#?}");
}

#[test]
fn ctrl_c_ends_both_sides() {
    if !ctrl_c_is_heard() {
        return;
    }
    let program = PROGRAM.replace("echo log >&2", "forever");
    let mut script = Process::start_job(pair(&project("ctrl-c", &program))).unwrap();
    while !script.next_line().unwrap().starts_with("client $ ") {}
    script.interrupt().unwrap();
    let ended = script.finish().unwrap();
    assert_eq!((ended.code, ended.left_behind), (Some(130), false), "{ended:#?}");
    assert!(ended.stdout.ends_with("server | ended\n"), "{ended:#?}");
}

#[test]
fn a_reader_that_goes_away_ends_both_sides() {
    let project = project("closed", PROGRAM);
    let ended = process::run_closing(pair(&project), 1).unwrap();
    assert_eq!((ended.stderr.as_str(), ended.left_behind), ("", false), "{ended:#?}");
}
