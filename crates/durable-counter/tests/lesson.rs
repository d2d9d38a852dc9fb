//! The lesson's promises, and those of its replica as a real process.

mod attacks;
mod client;
#[cfg(unix)]
mod cluster;
mod simulated;

use std::fs;

use durable_counter::recovery::{self, Reader};
use lesson_tests::Result;
use lesson_tests::process::command;
use narration::number;

lesson_tests::lesson!();

#[test]
fn a_replica_counts_and_remembers() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let serve = format!("serve --data {}", scratch.path().display());
    let (server, addr) = LESSON.serve(&serve)?;
    let to = addr.to_string();
    let says =
        |args: &[&str]| Ok::<_, lesson_tests::Error>(LESSON.run(args)?.expect_code(0)?.stdout);
    assert_eq!(says(&["add", "--to", &to, "5"])?, "5\n");
    let once = ["add", "--to", &to, "--client", "7", "--seq", "1", "2"];
    assert_eq!(says(&once)?, "7\n");
    assert_eq!(says(&once)?, "7\n", "retried, it is counted once");
    let status = says(&["status", "--to", &to])?;
    assert!(status.contains("0            7"), "{status}");
    #[cfg(unix)]
    server.kill()?;
    drop(server);
    let (_server, addr) = LESSON.serve(&serve)?;
    let to = addr.to_string();
    let once = ["add", "--to", &to, "--client", "7", "--seq", "1", "2"];
    assert_eq!(says(&once)?, "7\n", "also after a crash");
    assert_eq!(says(&["read", "--to", &to])?, "7\n");
    let other = ["add", "--to", &to, "--client", "7", "--seq", "1", "3"];
    let refused = LESSON.run(other)?.expect_code(1)?;
    let why = "error: not counted: add 1 of client 7 has counted 2 already: a new add needs the \
               next number\n";
    assert_eq!((&*refused.stdout, &*refused.stderr), ("", why));
    Ok(())
}

#[test]
fn an_add_without_a_replica_is_not_counted() -> Result<()> {
    let (server, addr) = LESSON.serve("serve --data {scratch}")?;
    drop(server);
    let to = addr.to_string();
    let failed = LESSON.run(["add", "--to", &to, "1"])?.expect_code(1)?;
    assert_eq!(failed.stdout, "");
    let why = "error: not counted: the request was not sent: cannot connect to";
    assert!(failed.stderr.starts_with(why), "{}", failed.stderr);
    Ok(())
}

#[test]
fn a_folder_has_one_owner_and_one_number() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let folder = scratch.path().display();
    let (server, _) = LESSON.serve(&format!("serve --data {folder}"))?;
    let serve = |args: &str| {
        let args = format!("serve --data {folder} --listen 127.0.0.1:0 {args}");
        LESSON.run(args.split_whitespace())?.expect_code(1)
    };
    let second = serve("")?;
    assert!(second.stderr.contains("is in use by another process"), "{}", second.stderr);
    drop(server);
    let other = serve("--id 1 --peer 127.0.0.1:9")?;
    assert!(other.stderr.contains("node 0 of the 1"), "{}", other.stderr);
    let unknown = serve("--id 1")?;
    assert!(unknown.stderr.contains("there is no node 1"), "{}", unknown.stderr);
    Ok(())
}

#[test]
fn a_trace_empties_no_log() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let folder = scratch.path().display();
    let (_server, addr) = LESSON.serve(&format!("serve --data {folder}/a"))?;
    LESSON.run(["add", "--to", &addr.to_string(), "5"])?.expect_code(0)?;
    let log = fs::read(scratch.path().join("a/log"))?;
    // Its own log, which is not there yet; and that of another replica, which is running.
    for trace in ["b/log", "a/log"] {
        let args = format!("serve --listen 127.0.0.1:0 --data {folder}/b --trace {folder}/{trace}");
        let refused = LESSON.run(args.split_whitespace())?.expect_code(1)?;
        let why = format!(
            "error: cannot write the trace to {folder}/{trace}: it is in the data folder of a \
             node\n"
        );
        assert!(refused.stderr.contains(&why), "{}", refused.stderr);
    }
    assert_eq!(fs::read(scratch.path().join("a/log"))?, log);
    Ok(())
}

/// As a reader breaks one by hand.
#[test]
fn the_page_quotes_the_errors_of_an_unusable_log() -> Result<()> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lessons/21-durable-counter/README.md");
    let page = fs::read_to_string(page)?;
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let scratch = tempfile::tempdir()?;
    let folder = scratch.path().join("n0");
    let serve = |id: &str| {
        let data = folder.display();
        format!("serve --id {id} --peer 127.0.0.1:9 --peer 127.0.0.1:9 --data {data}")
    };
    let is_quoted = |id: &str| {
        let args = format!("{} --listen 127.0.0.1:0", serve(id));
        let refused = LESSON.run(args.split_whitespace())?.expect_code(1)?.stderr;
        let line = refused.lines().next().unwrap_or_default();
        let line = line.replace(&*scratch.path().to_string_lossy(), "data");
        let quoted = format!("`{line}`");
        assert!(page.contains(&quoted), "the page does not say {quoted}");
        Ok::<_, lesson_tests::Error>(())
    };
    let (server, addr) = LESSON.serve(&serve("0"))?;
    LESSON.run(["add", "--to", &addr.to_string(), "5"])?.expect_code(0)?;
    is_quoted("1")?;
    drop(server);
    is_quoted("1")?;
    let log = folder.join("log");
    let written = fs::read_to_string(&log)?;
    fs::write(&log, written.replace("\"entry\":5", "\"entry\":6"))?;
    is_quoted("0")
}

#[test]
fn the_page_says_what_the_second_reader_misses() -> Result<()> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lessons/21-durable-counter/README.md");
    let found = recovery::flip_everywhere(Reader::EndsAtFirstBad)?;
    let bits = 8 * recovery::written()?.len();
    let said = format!("{} of {} cases", number(found.missing), number(bits));
    assert!(fs::read_to_string(page)?.contains(&said), "{said}");
    Ok(())
}

#[test]
fn a_refusal_is_reported_without_useless_advice() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve --data {scratch}")?;
    let to = addr.to_string();
    let forgotten = ["add", "--to", &to, "--client", "9", "--seq", "2", "5"];
    let refused = LESSON.run(forgotten)?.expect_code(1)?;
    let why = "error: it may have been counted: client 9 is not remembered, and this is its \
               add 2\n";
    assert_eq!(refused.stderr, why);
    Ok(())
}

/// As `scripts/crash` does it.
#[cfg(unix)]
#[test]
fn kill_9_loses_nothing_and_counts_nothing_twice() -> Result<()> {
    let killed = LESSON.run(["crash", "--times", "60"])?.expect_code(0)?;
    assert!(killed.stdout.starts_with("60 kills, "), "{}", killed.stdout);
    Ok(())
}

#[test]
fn an_add_without_a_number_is_a_usage_error() -> Result<()> {
    for wrong in [&["--client", "7", "--seq", "0", "5"][..], &["--client", "7", "5"], &["-5"]] {
        let refused = LESSON.run(["add"].iter().chain(wrong))?.expect_code(2)?;
        assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
    }
    Ok(())
}

#[test]
fn a_run_is_drawn_into_a_file() -> Result<()> {
    let retried = durable_counter::twice::lost_answer(Some(durable_counter::twice::FIRST))?;
    LESSON.draws(&retried.trace)?;
    let none: [&str; 0] = [];
    LESSON.refuses_to_draw(&none)?;
    LESSON.refuses_to_draw_before("crash")?;
    Ok(())
}

#[test]
fn the_service_in_python_counts_once_and_remembers() -> Result<()> {
    let has_python = command("python3").arg("--version").output();
    if !has_python.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: there is no python3 here, so the page's Python has not run");
        return Ok(());
    }
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lessons/21-durable-counter/README.md");
    let page = fs::read_to_string(page)?;
    let service = page.split("```").find_map(|fence| fence.strip_prefix("python\n"));
    let service = service.expect("the page has it");
    let scratch = tempfile::tempdir()?;
    for (calls, says) in
        [("add(7, 1, 5), add(7, 1, 5)", "5 5"), ("add(7, 1, 5), add(8, 1, 2)", "5 7")]
    {
        let program = format!("{service}\nprint(*({calls}))\n");
        let ran = command("python3").args(["-c", &program]).current_dir(scratch.path()).output()?;
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(String::from_utf8_lossy(&ran.stdout).trim_end(), says, "{stderr}");
    }
    Ok(())
}
